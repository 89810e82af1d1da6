"""Scenarios beside each other, and the two readings of energy intensity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tanlu.charts.base import (
    Cell,
    Chart,
    Column,
    Spec,
    amount_axis,
    dashed,
    hover,
    layered,
    values,
    with_sources,
    year_axis,
)
from tanlu.charts.emissions import TOTAL, UNIT, scenario_name
from tanlu.charts.format import scale, show
from tanlu.charts.results import Results
from tanlu.core.messages import translate

MOST: Final = 6
"""Lines that a reader can still tell apart."""


def default_scenarios(results: Results) -> tuple[str, ...]:
    """Return the reference, the other worlds at middle growth, then low and high growth of the reference world."""
    names = results.scenarios
    world = results.reference.partition("-")[0]
    middle = sorted((n for n in names if n.endswith("-mid")), key=lambda n: n != results.reference)
    chosen = middle + [n for n in (f"{world}-low", f"{world}-high") if n in names]
    return tuple(dict.fromkeys(chosen or names))[:MOST]


def _lines(series: dict[str, dict[int, tuple[float, str]]], language: str) -> list[Spec]:
    factor, _ = scale(UNIT, language)
    names = {name: scenario_name(name, language) for name in series}
    years = sorted({year for own in series.values() for year in own})
    data = [
        {"year": year, "scenario": names[name], "value": value * factor}
        for name, own in series.items()
        for year, (value, _) in own.items()
    ]
    wide = [
        {"year": year, **{name: own[year][0] * factor for name, own in series.items() if year in own}} for year in years
    ]
    legend = {
        "orient": "bottom", "columns": {"expr": "width < 480 ? 1 : 3"}, "symbolType": "stroke", "symbolSize": 500,
        "symbolStrokeWidth": 2.5, "labelLimit": 240,
    }  # fmt: skip
    encoding: dict[str, Any] = {
        "x": year_axis(min(years, default=2005), max(years, default=2060)),
        "y": {"field": "value", **amount_axis(), "scale": {"zero": True}},
        **dashed(list(names.values()), legend, "scenario"),
    }
    lines: Spec = {"data": values(data, "lines"), "mark": {"type": "line", "strokeWidth": 2.5}, "encoding": encoding}
    return [lines, hover(wide, names, language)]


def scenarios_chart(results: Results, language: str, scenarios: Sequence[str] = ()) -> Chart:
    """Return the median total of up to six scenarios as lines, each known by colour and dash.

    Raises
    ------
    KeyError
        If a scenario is not in the run.
    """
    chosen = tuple(dict.fromkeys(scenarios))[:MOST] or default_scenarios(results)
    unknown = [name for name in chosen if name not in results.scenarios]
    if unknown:
        raise KeyError(f"unknown scenario {unknown[0]!r}")
    series = {name: {r.year: (r.p50, r.id) for r in results.fan_of(name, TOTAL)} for name in chosen}
    years = sorted({y for own in series.values() for y in own})
    ends = {name: own[years[-1]][0] for name, own in series.items() if years and years[-1] in own}
    low, high = (min(ends, key=lambda n: ends[n]), max(ends, key=lambda n: ends[n])) if ends else ("", "")
    ids = tuple([own[y][1] for own in series.values() for y in years if y in (2030, years[-1]) and y in own])
    columns = (
        Column("year", translate("charts.column.year", language)),
        *(Column(n, scenario_name(n, language), UNIT) for n in series),
    )
    rows = tuple((Cell(str(y)), *(Cell(*own[y]) if y in own else Cell(None) for own in series.values())) for y in years)
    summary = "" if not ends else translate(
        "charts.scenarios.summary", language, low_name=scenario_name(low, language), low=show(ends[low], UNIT, language),
        high_name=scenario_name(high, language), high=show(ends[high], UNIT, language),
    )  # fmt: skip
    spread = show(ends[high] - ends[low], UNIT, language) if ends else "—"
    return Chart(
        "scenarios", language, translate("charts.scenarios.title", language, range=spread),
        translate("charts.scenarios.subtitle", language, unit=scale(UNIT, language)[1]), summary,
        layered(_lines(series, language), height=340), columns, rows, ids, "modelled", with_sources(results, ids),
        parameters={"scenario": ",".join(scenarios)} if scenarios else {},
    )  # fmt: skip


def _intensity_rows(results: Results) -> list[tuple[Cell, Cell, Cell, Cell]]:
    """Return year, official, physical and required cumulative change for years in which there is something to compare."""
    by = {(r.basis, r.year): r for r in results.intensity}
    rows = []
    for year in sorted({r.year for r in results.intensity}):
        official, physical = by.get(("official", year)), by.get(("physical", year))
        pair = [r for r in (official, physical) if r is not None]
        required = next((r.required_percent for r in pair if r.required_percent is not None), None)
        if required is None and all(r.cumulative_percent is None for r in pair):
            continue
        cells = (Cell(None) if r is None else Cell(r.cumulative_percent, r.id) for r in (official, physical))
        rows.append((Cell(str(year)), *cells, Cell(required)))
    return [(a, b, c, d) for a, b, c, d in rows]


def intensity_chart(results: Results, language: str) -> Chart:
    """Return the cumulative change of energy intensity by the official rule and from physical energy, and what is required."""
    keys = ("official", "physical", "required")
    names = {k: translate(f"charts.column.{k}", language) for k in keys}
    table = _intensity_rows(results)
    measured = [row for row in table if row[1].value is not None or row[2].value is not None]
    last = (measured or table or [(Cell("—"), Cell(None), Cell(None), Cell(None))])[-1]
    none = translate("charts.intensity.unmeasured", language)
    gap = " " if language == "zh" else ""
    shown = [gap + show(c.value, "%", language).text + "%" if isinstance(c.value, float) else none for c in last[1:]]
    words = {"year": last[0].value, **dict(zip(keys, shown, strict=True))}
    data = [
        {"year": row[0].value, "basis": names[k], "value": cell.value}
        for row in table
        for k, cell in zip(keys, row[1:], strict=True)
        if cell.value is not None
    ]
    columns = (
        Column("year", translate("charts.column.year", language)),
        *(Column(k, names[k], "%") for k in keys),
    )
    ids = tuple(cell.id for row in table for cell in row if cell.id)
    return Chart(
        "intensity",
        language,
        translate("charts.intensity.title", language, **words),
        translate("charts.intensity.subtitle", language),
        translate("charts.intensity.summary", language, **words),
        layered([_intensity_lines(data, list(names.values()))], height=300),
        columns,
        tuple(table),
        ids,
        "estimated",
        with_sources(results, ids),
    )


def _intensity_lines(data: list[dict[str, Any]], names: list[str]) -> Spec:
    drawn = {row["basis"] for row in data}
    # a basis without a figure keeps its colour, but the legend does not promise a line
    legend = {
        "orient": "bottom", "symbolType": "stroke", "symbolSize": 500, "values": [name for name in names if name in drawn],
    }  # fmt: skip
    tooltip = [{"field": "year"}, {"field": "basis"}, {"field": "value", "format": ".1f", "title": "%"}]
    return {
        "data": values(data, "intensity"),
        "mark": {"type": "line", "point": {"size": 50}, "strokeWidth": 2.5},
        "encoding": {
            "x": {"field": "year", "type": "ordinal", "axis": {"title": None, "labelAngle": 0, "grid": False}},
            "y": {"field": "value", "type": "quantitative", "axis": {"title": None}},
            **dashed(names, legend, "basis"),
            "tooltip": tooltip,
        },
    }
