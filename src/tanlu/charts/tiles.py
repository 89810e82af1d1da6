"""Prefectures on a schematic grid of tiles, which is not a map and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, layered, values, with_sources
from tanlu.charts.format import scale, show
from tanlu.charts.records import PrefectureRecord
from tanlu.charts.results import Results
from tanlu.core.messages import catalogue, translate


def indicators(results: Results) -> tuple[str, ...]:
    """Return the indicators of the prefectures, those with the most figures first."""
    counts: dict[str, int] = {}
    for r in results.prefectures:
        counts[r.indicator] = counts.get(r.indicator, 0) + (r.value is not None)
    return tuple(sorted(counts, key=lambda i: -counts[i]))


def indicator_name(indicator: str, language: str) -> str:
    """Return the name of an indicator; a variable without a name in the catalogue is shown by its own name."""
    entry = catalogue().get(f"charts.indicator.{indicator}")
    return entry[language] if entry else indicator


def latest(results: Results, indicator: str) -> tuple[PrefectureRecord, ...]:
    """Return one record a prefecture: that of the last year with a figure, or a record without one."""
    best: dict[str, PrefectureRecord] = {}
    for r in results.prefectures:
        if r.indicator != indicator:
            continue
        known = best.get(r.region)
        if known is None or (r.value is not None, r.year or 0) > (known.value is not None, known.year or 0):
            best[r.region] = r
    return tuple(best.values())


def _step(value: float, low: float, high: float) -> int:
    steps = len(tokens.RAMP)
    return min(steps - 1, int((value - low) / (high - low) * steps)) if high > low else steps // 2


def _tile(r: PrefectureRecord, low: float, high: float, language: str) -> dict[str, Any]:
    step = None if r.value is None else _step(r.value, low, high)
    short = r.name(language)
    for ending in ("土家族苗族自治州", "市"):
        short = short.removesuffix(ending)
    return {
        "x": r.tile_x, "y": r.tile_y, "name": short, "full": r.name(language), "year": r.year,
        "value": translate("charts.tiles.no_data", language) if r.value is None else show(r.value, r.unit, language).text,
        "fill": tokens.BLANK if step is None else tokens.RAMP[step],
        "ink": tokens.CARD if step is not None and step >= tokens.RAMP_FLIP else tokens.INK,
    }  # fmt: skip


def tiles_spec(records: Sequence[PrefectureRecord], language: str) -> Spec:
    """Return the tiles of prefectures, the darkest the highest, each with its name and figure."""
    known = [r.value for r in records if r.value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    tiles = [_tile(r, low, high, language) for r in records]
    ordinal: dict[str, Any] = {"type": "ordinal", "axis": None, "scale": {"paddingInner": 0.05}}
    place = {"x": {"field": "x", **ordinal}, "y": {"field": "y", **ordinal}}
    rect = {
        "mark": {"type": "rect", "cornerRadius": 6},
        "encoding": {
            **place, "color": {"field": "fill", "type": "nominal", "scale": None},
            "tooltip": [
                {"field": "full", "title": translate("charts.column.region", language)},
                {"field": "value", "title": scale(records[0].unit, language)[1] if records else ""},
            ],
        },
    }  # fmt: skip
    ink = {"field": "ink", "type": "nominal", "scale": None}
    texts = []
    for key, dy, size, weight in (("name", -9, 13, 600), ("value", 10, 12, 400)):
        mark = {"type": "text", "dy": dy, "fontSize": size, "fontWeight": weight}
        texts.append({"mark": mark, "encoding": {**place, "text": {"field": key}, "color": ink}})
    lines = [r.tile_y for r in records] or [0]
    return {
        **layered([rect, *texts], height=64 * (1 + max(lines) - min(lines))),
        "data": values(tiles, "tiles"),
    }


def tiles_chart(results: Results, language: str, indicator: str | None = None) -> Chart:
    """Return an indicator of all prefectures on the tile grid.

    Parameters
    ----------
    results : Results
    language : {"zh", "en"}
    indicator : str, optional
        By default the one with the most figures.
    """
    available = indicators(results)
    name = indicator or (available[0] if available else "")
    records = _whole_grid(results, latest(results, name))
    with_value = sorted((r for r in records if r.value is not None), key=lambda r: -(r.value or 0.0))
    ids = tuple(r.id for r in records if r.id)
    title, subtitle, summary = _words(records, with_value, name, language)
    columns = tuple(
        Column(k, translate(f"charts.column.{k}", language)) for k in ("region", "value", "unit", "year", "grade")
    )
    ordered = [*with_value, *(r for r in records if r.value is None)]
    rows = tuple(_row(r, language) for r in ordered)
    return Chart(
        "prefectures", language, title, subtitle, summary, tiles_spec(records, language), columns, rows, ids, "reported",
        with_sources(results, ids), translate("charts.tiles.note", language), {"indicator": name},
    )  # fmt: skip


def _whole_grid(results: Results, records: tuple[PrefectureRecord, ...]) -> tuple[PrefectureRecord, ...]:
    """Return the records with one without a value for each prefecture of the run that the indicator leaves out."""
    told = {r.region for r in records}
    others = {r.region: r for r in results.prefectures if r.region not in told}
    blank = (replace(r, year=None, value=None, unit=records[0].unit, grade=None, id="") for r in others.values())
    return (*records, *blank) if records else ()


def _row(r: PrefectureRecord, language: str) -> tuple[Cell, ...]:
    year, grade = "" if r.year is None else str(r.year), r.grade.value if r.grade else ""
    return (Cell(r.name(language)), Cell(r.value, r.id, r.unit), Cell(r.unit), Cell(year), Cell(grade))


def _words(
    records: tuple[PrefectureRecord, ...], ranked: list[PrefectureRecord], indicator: str, language: str
) -> tuple[str, str, str]:
    name = indicator_name(indicator, language)
    if not ranked:
        none = translate("charts.tiles.title_none", language, indicator=name)
        return none, translate("charts.tiles.note", language), none
    first, last = ranked[0], ranked[-1]
    years = sorted({r.year for r in ranked if r.year is not None})
    span = "—" if not years else str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"
    fields = {"first": first.name(language), "last": last.name(language)}
    summary = translate(
        "charts.tiles.summary", language, count=len(ranked), all=len(records), **fields,
        high=show(first.value, first.unit, language), low=show(last.value, last.unit, language),
    )  # fmt: skip
    subtitle = translate("charts.tiles.subtitle", language, year=span, unit=scale(first.unit, language)[1])
    return translate("charts.tiles.title", language, indicator=name, **fields), subtitle, summary
