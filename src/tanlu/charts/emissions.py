"""Emissions from the first inventory year to the horizon: by sector with the peak, and the fan of the total."""

from __future__ import annotations

from typing import Any, Final

from tanlu.charts import tokens
from tanlu.charts.base import (
    ROOM,
    Cell,
    Chart,
    Column,
    Spec,
    amount_axis,
    halo,
    hover,
    layered,
    values,
    with_sources,
    year_axis,
)
from tanlu.charts.format import percent, scale, show
from tanlu.charts.records import FanRecord, PeakRecord
from tanlu.charts.results import Results
from tanlu.charts.sectors import GROUPS, SECTOR_VARIABLES
from tanlu.core.messages import translate

TOTAL: Final = "Emissions|CO2"
UNIT: Final = "Mt CO2/yr"
LATE: Final = 25
"""Years before the end of a picture in which what is said of a peak stands to the left of it."""
HALF_LABEL: Final = 122
"""Half of what the label of a peak takes [px]; on a phone it stands inside the picture, off the numbers of the axis."""
_LABEL_SHARE: Final = 0.05
"""Smallest height of a level strip inside a band, as a share of the axis, in which its name is written: letters on paper too."""
_LABEL_YEARS: Final = 4
"""Half of the width of that strip [years]."""
_LABEL_CLEAR: Final = 6
"""Years between the middle of a name and the base year, whose line and the lines of the fan would cross it."""


def scenario_name(scenario: str, language: str) -> str:
    """Return the name of a scenario, made from its world and growth case."""
    world, _, growth = scenario.partition("-")
    return translate(
        "charts.scenario", language,
        world=translate(f"charts.world.{world}", language), growth=translate(f"charts.growth.{growth}", language),
    )  # fmt: skip


def peak_finding(peak: PeakRecord | None, scenario: str, last: int, language: str) -> str:
    """Return when and how high a scenario peaks as a headline; a maximum up to the last inventory year is not told as a forecast."""
    name = scenario_name(scenario, language)
    if peak is None or peak.peak_year is None:
        return translate("charts.peak.none", language, scenario=name)
    level = str(show(peak.level, peak.unit, language))
    kind = "past" if peak.peak_year <= last else peak.test
    return translate(f"charts.peak.{kind}", language, scenario=name, year=peak.peak_year, level=level)


def peak_label(peak: PeakRecord, language: str) -> str:
    """Return year, interval and probability of a peak for the mark in the picture."""
    return translate(
        "charts.peak.label", language, year=peak.peak_year, low=peak.peak_year_low, high=peak.peak_year_high,
        probability=percent(peak.probability),
    )  # fmt: skip


def peak_sentence(peak: PeakRecord | None, scenario: str, last: int, language: str) -> str:
    """Return the peak with interval, level and probability as a sentence."""
    name = scenario_name(scenario, language)
    probability = "—" if peak is None else percent(peak.probability, peak.stderr)
    if peak is None or peak.peak_year is None:
        return translate("charts.peak.sentence_none", language, scenario=name, probability=probability)
    return translate(
        "charts.peak.sentence_past" if peak.peak_year <= last else "charts.peak.sentence",
        language,
        scenario=name,
        year=peak.peak_year,
        low=peak.peak_year_low,
        high=peak.peak_year_high,
        level=str(show(peak.level, peak.unit, language)),
        probability=probability,
        test=translate(f"charts.test.{peak.test}", language),
    )


def group_series(results: Results, scenario: str) -> dict[str, dict[int, float]]:
    """Return emissions by chart group and year [Mt CO2], groups in stacking order; a group without a series is left out."""
    found: dict[str, dict[int, float]] = {}
    for group, sectors in GROUPS.items():
        for sector in sectors:
            parts = (results.pathway(scenario, variable) for variable in SECTOR_VARIABLES[sector])
            for year, value in (item for part in parts if part for item in part.values.items()):
                series = found.setdefault(group, {})
                series[year] = series.get(year, 0.0) + value
    return found


def _group_name(group: str, language: str) -> str:
    return translate(f"charts.group.{group}", language)


def _band_labels(
    series: dict[str, dict[int, float]], top: float, factor: float, language: str, base: int
) -> list[dict[str, Any]]:
    """Return a name for every band that is thick enough, where a level strip in it is widest, clear of the line of the base year."""
    years = sorted(next(iter(series.values()), {}))
    if len(years) < 4 * _LABEL_YEARS:
        return []
    placed, below = [], dict.fromkeys(years, 0.0)
    for group, own in series.items():
        above = {y: below[y] + own.get(y, 0.0) for y in years}
        rooms = []
        for position in range(_LABEL_YEARS, len(years) // 2):
            if years[position] > base - _LABEL_CLEAR:
                break
            window = years[position - _LABEL_YEARS : position + _LABEL_YEARS + 1]
            floor, ceiling = max(below[y] for y in window), min(above[y] for y in window)
            rooms.append((ceiling - floor, years[position], (floor + ceiling) / 2))
        room, year, middle = max(rooms, default=(0.0, base, 0.0))
        if room * factor >= _LABEL_SHARE * top:
            fill = tokens.SECTOR_FILLS[group]
            named = {"name": _group_name(group, language), "fill": fill, "ink": tokens.LIGHT.on(fill)}
            placed.append({"year": year, "at": middle * factor, **named})
        below = above
    return placed


def _base_line(year: int, language: str) -> list[Spec]:
    data = {"values": [{"year": year, "label": translate("charts.base_year", language, year=year)}]}
    x = {"field": "year", "type": "quantitative"}
    rule: Spec = {
        "data": data,
        "mark": {"type": "rule", "strokeDash": [4, 4], "color": tokens.MUTED},
        "encoding": {"x": x},
    }
    text = {"align": "right", "dx": -6, "baseline": "top", "fontSize": 12, "color": tokens.MUTED}
    return [rule, *halo(text, {"x": x, "y": {"value": 2}, "text": {"field": "label"}}, data=data)]


def _peak_mark(peak: PeakRecord | None, fan: tuple[FanRecord, ...], factor: float, language: str) -> list[Spec]:
    """Return the mark of the peak, the interval of its year, and a label above everything that is drawn near it."""
    if peak is None or peak.peak_year is None or peak.level is None:
        return []
    near = [r.p95 for r in fan if peak.peak_year - 4 <= r.year <= peak.peak_year + 18]
    row = {
        "above": max([peak.level, *near]) * factor,
        "year": peak.peak_year, "low": peak.peak_year_low or peak.peak_year, "high": peak.peak_year_high or peak.peak_year,
        "level": peak.level * factor, "label": peak_label(peak, language),
    }  # fmt: skip
    data, y = {"values": [row]}, {"field": "level", "type": "quantitative"}
    span: Spec = {
        "data": data, "mark": {"type": "rule", "strokeWidth": 2, "color": tokens.INK},
        "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}, "y": y},
    }  # fmt: skip
    x = {"field": "year", "type": "quantitative"}
    point: Spec = {
        "data": data, "mark": {"type": "point", "filled": True, "size": 90, "color": tokens.INK, "stroke": tokens.CARD, "opacity": 1},
        "encoding": {"x": x, "y": y},
    }  # fmt: skip
    above = {"field": "above", "type": "quantitative"}
    stem: Spec = {
        "data": data, "mark": {"type": "rule", "color": tokens.INK, "strokeWidth": 1, "y2Offset": -4},
        "encoding": {"x": x, "y": y, "y2": {"field": "above"}},
    }  # fmt: skip
    at = f"scale('x', {peak.peak_year})"
    place: dict[str, Any] = {
        "align": {"expr": "width < 480 ? 'center' : 'left'"},
        "dx": {"expr": f"width < 480 ? clamp({at}, {HALF_LABEL}, width - {HALF_LABEL}) - {at} : -8"},
    }
    if fan and peak.peak_year > max(r.year for r in fan) - LATE:
        place = {"align": "right", "dx": {"expr": "width < 480 ? 26 : 8"}}
    text = {"dy": -12, "fontSize": 13, "fontWeight": 600, **place}
    return [stem, span, point, *halo(text, {"x": x, "y": above, "text": {"field": "label"}}, data=data)]


def _stack(
    series: dict[str, dict[int, float]], factor: float, language: str, base: int, top: float, unit: str
) -> list[Spec]:
    first, last = min(y for own in series.values() for y in own), max(y for own in series.values() for y in own)
    rows = [
        {"year": year, "group": _group_name(group, language), "value": round(value * factor, 3), "order": order}
        for order, (group, own) in enumerate(series.items()) for year, value in sorted(own.items())
    ]  # fmt: skip
    names = [_group_name(group, language) for group in series]
    colour = {
        "field": "group", "type": "nominal",
        "scale": {"domain": names, "range": [tokens.SECTOR_FILLS[g] for g in series]},
        "legend": {"orient": "bottom", "columns": {"expr": f"{ROOM} < 480 ? 2 : {ROOM} < 960 ? 4 : 8"}},
    }  # fmt: skip
    area: Spec = {
        "data": values(rows, "sectors"),
        "mark": {"type": "area", "stroke": tokens.CARD, "strokeWidth": 1},
        "encoding": {
            "x": year_axis(first, last),
            "y": {"field": "value", "stack": "zero", **amount_axis(), "scale": {"domain": [0, top], "nice": False}},
            "color": colour, "order": {"field": "order"},
        },
    }  # fmt: skip
    labels = _band_labels(series, top, factor, language, base)
    text: Spec = {
        "data": {"values": labels}, "mark": {"type": "text", "fontSize": 12, "aria": False, "opacity": {"expr": "width < 480 ? 0 : 1"}},
        "encoding": {
            "x": {"field": "year", "type": "quantitative"}, "y": {"field": "at", "type": "quantitative"},
            "text": {"field": "name"}, "color": {"field": "ink", "type": "nominal", "scale": None},
        },
    }  # fmt: skip
    return [area, text]


def _stack_hover(series: dict[str, dict[int, float]], fan: tuple[FanRecord, ...], factor: float, language: str) -> Spec:
    middle = {r.year: r.p50 * factor for r in fan}
    rows = [
        {"year": year, "p50": middle.get(year), **{g: own.get(year, 0.0) * factor for g, own in series.items()}}
        for year in sorted({y for own in series.values() for y in own})
    ]
    names = {g: _group_name(g, language) for g in reversed(series)}
    return hover(rows, {"p50": translate("charts.column.p50", language), **names}, language)


def _fan_lines(fan: tuple[FanRecord, ...], after: int, factor: float) -> list[Spec]:
    rows = [
        {"year": r.year, "p05": r.p05 * factor, "p50": r.p50 * factor, "p95": r.p95 * factor}
        for r in fan
        if r.year >= after
    ]
    x = {"field": "year", "type": "quantitative"}
    layers: list[Spec] = []
    for key, mark in (
        ("p05", {"strokeDash": [4, 3], "strokeWidth": 1.5}), ("p95", {"strokeDash": [4, 3], "strokeWidth": 1.5}),
        ("p50", {"strokeWidth": 2.5}),
    ):  # fmt: skip
        encoding = {"x": x, "y": {"field": key, "type": "quantitative"}}
        pale = {"type": "line", "color": tokens.CARD, "strokeWidth": 5, "opacity": 0.85, "aria": False}
        layers += [
            {"data": values(rows, f"fan_{key}_halo"), "mark": pale, "encoding": encoding},
            {
                "data": values(rows, f"fan_{key}"),
                "mark": {"type": "line", "color": tokens.ACCENT_DARK, **mark},
                "encoding": encoding,
            },
        ]
    return layers


def _ids(results: Results, fan: tuple[FanRecord, ...], scenario: str, base: int) -> tuple[str, ...]:
    own = [r.id for r in fan if r.year in (base, 2030, 2060)]
    sectors = [s.id for s in results.sectors if s.year == base]
    peak = results.peak(scenario)
    return (*own, *sectors, *([peak.id] if peak else []))


def sectors_chart(results: Results, language: str, scenario: str | None = None) -> Chart:
    """Return emissions by sector as a stacked area, with median and 5-95 % range of the total, base year and peak.

    Parameters
    ----------
    results : Results
    language : {"zh", "en"}
    scenario : str, optional
        The reference scenario by default.
    """
    name = scenario or results.reference
    factor, unit = scale(UNIT, language)
    series, fan, peak = group_series(results, name), results.fan_of(name, TOTAL), results.peak(name)
    years = sorted({y for own in series.values() for y in own})
    base = results.years[-1]
    height = max([sum(own.get(y, 0.0) for own in series.values()) for y in years] + [r.p95 for r in fan] or [1.0])
    top = 1.18 * height * factor
    layers = [
        *_stack(series, factor, language, base, top, unit), *_fan_lines(fan, base, factor),
        *_base_line(base, language), *_peak_mark(peak, fan, factor, language), _stack_hover(series, fan, factor, language),
    ]  # fmt: skip
    ids = _ids(results, fan, name, base)
    columns, rows = _table(results, series, fan, language)
    spec = layered(layers, height=420, encoding={"y": {"axis": {"title": None}}})
    return Chart(
        "emissions", language, peak_finding(peak, name, base, language),
        translate("charts.emissions.subtitle", language, unit=unit, scenario=scenario_name(name, language)),
        peak_sentence(peak, name, base, language), spec, columns, rows, ids,
        "mixed", with_sources(results, ids), parameters={"scenario": name},
    )  # fmt: skip


def _table(
    results: Results, series: dict[str, dict[int, float]], fan: tuple[FanRecord, ...], language: str
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    names = ("p50", "p05", "p25", "p75", "p95")
    columns = (
        Column("year", translate("charts.column.year", language)),
        *(Column(n, translate(f"charts.column.{n}", language), UNIT) for n in names),
        *(Column(g, _group_name(g, language), UNIT) for g in series),
    )
    rows = []
    for r in fan:
        cells = [Cell(getattr(r, n), r.id if n == "p50" else "") for n in names]
        rows.append((Cell(str(r.year)), *cells, *(Cell(own.get(r.year)) for own in series.values())))
    return columns, tuple(rows)


def fan_chart(results: Results, language: str, scenario: str | None = None, variable: str = TOTAL) -> Chart:
    """Return the total with its 5-95 % and 25-75 % bands and median, the inventory before it, base year and peak."""
    name = scenario or results.reference
    factor, unit = scale(UNIT, language)
    fan, base = results.fan_of(name, variable), results.years[-1]
    peak = results.peak(name) if variable == TOTAL else None
    rows = [{"year": r.year, **{q: getattr(r, q) * factor for q in ("p05", "p25", "p50", "p75", "p95")}} for r in fan]
    lowest, highest = min([0.0, *(r["p05"] for r in rows)]), max([1.0, *(r["p95"] for r in rows)])
    x = year_axis(fan[0].year if fan else base, fan[-1].year if fan else base)
    layers: list[Spec] = []
    for low, high, opacity in (("p05", "p95", tokens.BAND_OUTER), ("p25", "p75", tokens.BAND_INNER)):
        y = {"field": low, **amount_axis(), "scale": {"domain": [lowest * 1.1, highest * 1.18], "nice": False}}
        mark = {"type": "area", "color": tokens.ACCENT, "opacity": opacity}
        layers.append(
            {"data": values(rows, f"band_{low}"), "mark": mark, "encoding": {"x": x, "y": y, "y2": {"field": high}}}
        )
    quantiles = {q: translate(f"charts.column.{q}", language) for q in ("p95", "p75", "p50", "p25", "p05")}
    layers.append({
        "data": values(rows, "median"), "mark": {"type": "line", "color": tokens.ACCENT_DARK, "strokeWidth": 2.5},
        "encoding": {"x": x, "y": {"field": "p50", "type": "quantitative"}},
    })  # fmt: skip
    layers += [*_base_line(base, language), *_peak_mark(peak, fan, factor, language), hover(rows, quantiles, language)]
    ids = _ids(results, fan, name, base)
    columns, cells = _table(results, {}, fan, language)
    scenario_label, ends = scenario_name(name, language), _ends(fan, language)
    return Chart(
        "fan",
        language,
        translate("charts.fan.title", language, scenario=scenario_label, **ends),
        translate("charts.fan.subtitle", language, scenario=scenario_label, unit=unit),
        translate("charts.fan.summary", language, **ends),
        layered(layers, height=320),
        columns,
        cells,
        ids,
        "modelled",
        with_sources(results, ids),
        parameters={"scenario": name},
    )


def _ends(fan: tuple[FanRecord, ...], language: str) -> dict[str, str]:
    """Return median and range in 2030 and at the horizon as text."""
    texts: dict[str, str] = {}
    for key, row in (("mid", next((r for r in fan if r.year == 2030), None)), ("end", fan[-1] if fan else None)):
        texts[f"{key}_year"] = "—" if row is None else str(row.year)
        for quantile in ("p05", "p50", "p95"):
            texts[f"{key}_{quantile}"] = "—" if row is None else str(show(getattr(row, quantile), row.unit, language))
    return texts
