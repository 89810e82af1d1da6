"""Emissions of one prefecture by category, with their intervals."""

from __future__ import annotations

from typing import Any, Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, layered, values, with_sources
from tanlu.charts.format import capital, scale, show, subscript
from tanlu.charts.inventory import category_name
from tanlu.charts.records import PrefectureInventoryRecord
from tanlu.charts.results import Results
from tanlu.core.gases import gwp_set
from tanlu.core.messages import translate

UNIT: Final = "kt CO2e"
BARS: Final = 12
"""Categories that one picture shows; the table has all."""


def prefecture_chart(results: Results, language: str, region: str) -> Chart:
    """Return the largest categories of a prefecture in the last year of its inventory [kt CO2e], GWP set of the run.

    Parameters
    ----------
    results : Results
    language : {"zh", "en"}
    region : str
        Id of the prefecture.
    """
    own = [r for r in results.prefectures_inventory if r.region == region and r.value is not None]
    last = max((r.year for r in own), default=0)
    lines = sorted(
        (_line(r, results.manifest.gwp, language) for r in own if r.year == last), key=lambda line: -abs(line["co2e"])
    )
    shown = lines[:BARS]
    whole = sum(line["co2e"] for line in lines)
    name = next((r.name(language) for r in results.prefectures if r.region == region), region)
    amount = str(show(whole, UNIT, language)) if lines else "—"
    largest = shown[0]["name"] if shown else "—"
    words = {"name": name, "year": last, "total": amount, "largest": largest, "count": len(lines)}
    columns = (
        Column("category", translate("charts.column.category", language)),
        Column("value", translate("charts.column.value", language), UNIT),
        Column("low", translate("charts.column.low", language), UNIT),
        Column("high", translate("charts.column.high", language), UNIT),
    )
    rows = tuple(
        (Cell(line["name"]), Cell(line["co2e"], line["id"]), Cell(line["bottom"]), Cell(line["top"])) for line in lines
    )
    ids = tuple(line["id"] for line in lines)
    return Chart(
        "prefecture", language, translate("charts.prefecture.title" if lines else "charts.prefecture.none", language, **words),
        translate("charts.prefecture.subtitle", language, unit=scale(UNIT, language)[1], year=last),
        translate("charts.prefecture.summary", language, **words), _spec(shown, language), columns, rows, ids, "estimated",
        with_sources(results, ids), translate("charts.prefecture.note", language), {"region": region},
    )  # fmt: skip


def _line(r: PrefectureInventoryRecord, gwp: str, language: str) -> dict[str, Any]:
    factor = gwp_set(gwp).values.get(r.gas, 0.0)
    value = (r.value or 0.0) * factor
    low, high = ((value if bound is None else bound * factor) for bound in (r.low, r.high))
    name = f"{r.category} {capital(subscript(category_name(r.category, language)))} {subscript(r.gas)}"
    return {"name": name, "co2e": value, "bottom": low, "top": high, "id": r.id}


def _spec(lines: list[dict[str, Any]], language: str) -> Spec:
    factor, _ = scale(UNIT, language)
    data = [{"name": line["name"], **{k: line[k] * factor for k in ("co2e", "bottom", "top")}} for line in lines]
    y = {
        "field": "name", "type": "nominal", "sort": [row["name"] for row in data],
        "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 340},
    }  # fmt: skip
    axis = {"title": None, "format": ",~f", "tickCount": 6}
    bar: Spec = {
        "mark": {"type": "bar", "color": tokens.ACCENT, "cornerRadiusEnd": 3, "height": {"band": 0.6}},
        "encoding": {"y": y, "x": {"field": "co2e", "type": "quantitative", "axis": axis}},
    }
    whisker: Spec = {
        "mark": {"type": "rule", "color": tokens.INK, "strokeWidth": 1.5},
        "encoding": {"y": y, "x": {"field": "bottom", "type": "quantitative"}, "x2": {"field": "top"}},
    }
    return {**layered([bar, whisker], height=max(60, 30 * len(data))), "data": values(data, "categories")}
