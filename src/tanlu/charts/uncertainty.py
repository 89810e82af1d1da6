"""Which categories the uncertainty of the total comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, layered, names_axis, values, with_sources
from tanlu.charts.format import capital, digits, spaced, subscript
from tanlu.charts.inventory import category_name
from tanlu.charts.records import UncertaintyRecord
from tanlu.charts.results import Results
from tanlu.core.messages import translate

TOTAL: Final = "total"
MOST: Final = 12
"""Bars that are drawn; the table has all categories."""
SCOPES: Final = ("without_land", "with_land")


def uncertainty_rows(results: Results, scope: str) -> tuple[list[UncertaintyRecord], UncertaintyRecord | None]:
    """Return the categories of a scope in the order of the file, and its total."""
    rows = [r for r in results.uncertainty if r.scope == scope]
    return [r for r in rows if r.category != TOTAL], next((r for r in rows if r.category == TOTAL), None)


def variance_shares(rows: Sequence[UncertaintyRecord]) -> dict[str, float]:
    """Return the share of each row in the sum of the variances of the rows [%], by id."""
    whole = sum(r.variance for r in rows)
    return {r.id: 100 * r.variance / whole if whole else 0.0 for r in rows}


def row_name(category: str, gas: str, language: str) -> str:
    """Return code, name and gas of a row; the total has no code."""
    if category == TOTAL:
        return translate("charts.uncertainty.total", language)
    return spaced(f"{category} {capital(subscript(category_name(category, language)))} {subscript(gas)}")


def uncertainty_chart(results: Results, language: str, scope: str = "without_land") -> Chart:
    """Return the largest contributions to the variance of the total as bars.

    Parameters
    ----------
    results : Results
    language : {"zh", "en"}
    scope : {"without_land", "with_land"}
    """
    rows, total = uncertainty_rows(results, scope)
    shares = variance_shares(rows)
    ordered = sorted(rows, key=lambda r: (-shares[r.id], r.category, r.gas))
    columns = (
        Column("category", translate("charts.uncertainty.category", language)),
        Column("share", translate("charts.uncertainty.share", language), "%"),
        Column("combined", translate("charts.uncertainty.combined", language), "%"),
        Column("current", translate("charts.uncertainty.current", language), "kt CO2e"),
    )
    table = tuple(
        (Cell(row_name(r.category, r.gas, language)), Cell(shares[r.id], r.id), Cell(r.combined, r.id), Cell(r.current, r.id))
        for r in ordered
    )  # fmt: skip
    first = row_name(ordered[0].category, ordered[0].gas, language) if ordered else "—"
    share = digits(shares[ordered[0].id]) if ordered else "—"
    title = translate("charts.uncertainty.title", language, category=first, share=share)
    said = {"scope": translate(f"charts.uncertainty.{scope}", language)}
    subtitle = translate("charts.uncertainty.subtitle", language, **said)
    width = "—" if total is None else digits(total.combined)
    summary = translate("charts.uncertainty.summary", language, category=first, share=share, total=width, **said)
    ids = tuple(r.id for r in rows) if total is None else (total.id,)
    return Chart(
        "uncertainty", language, title, subtitle, summary, _bars(ordered[:MOST], shares, language), columns, table, ids, "estimated",
        with_sources(results, ids), parameters={"scope": scope},
    )  # fmt: skip


def _bars(rows: Sequence[UncertaintyRecord], shares: dict[str, float], language: str) -> Spec:
    data = [
        {
            "name": row_name(r.category, r.gas, language), "share": round(shares[r.id], 4), "label": f"{digits(shares[r.id])}%",
            "combined": round(r.combined, 2),
        }
        for r in rows
    ]  # fmt: skip
    y = {
        "field": "name", "type": "nominal", "sort": [d["name"] for d in data],
        "axis": names_axis([str(d["name"]) for d in data], 330),
    }  # fmt: skip
    top = max((float(str(d["share"])) for d in data), default=1.0)
    x = {
        "field": "share", "type": "quantitative", "scale": {"domain": [0, top * 1.4]},
        "axis": {"title": None, "format": ",~f", "tickCount": 5},
    }  # fmt: skip
    tooltip = [
        {"field": "name", "title": translate("charts.uncertainty.category", language)},
        {"field": "share", "format": ",.1f", "title": translate("charts.uncertainty.share", language)},
        {"field": "combined", "format": ",.1f", "title": translate("charts.uncertainty.combined", language)},
    ]
    layers: list[Spec] = [
        {"mark": {"type": "bar", "color": tokens.ACCENT, "height": {"band": 0.7}}, "encoding": {"y": y, "x": x, "tooltip": tooltip}},
        {"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": {"y": y, "x": x, "text": {"field": "label"}}},
    ]  # fmt: skip
    return layered(layers, height=max(120, 30 * len(data) + 30), data=values(data, "bars"))
