"""This inventory beside a reference inventory over the years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, layered, values, with_sources, year_axis
from tanlu.charts.format import capital, digits, scale, show, subscript
from tanlu.charts.records import ReconciliationRecord
from tanlu.charts.results import Results
from tanlu.core.messages import catalogue, translate

WHOLE: Final = "total:"
"""Start of the item that is drawn where none is chosen: dimension, colon, name."""


def items_of(results: Results) -> list[str]:
    """Return the items that are compared, the total first."""
    found = dict.fromkeys(f"{r.dimension}:{r.item}" for r in results.reconciliation)
    return sorted(found, key=lambda i: (not i.startswith(WHOLE), not i.startswith("sector:"), i))


def item_name(item: str, language: str) -> str:
    """Return the name of an item, which another room defines."""
    dimension, _, name = item.partition(":")
    for key in (f"{dimension}.{name}", f"sector.{name}", f"fuel.{name}", f"total.{name}"):
        entry = catalogue().get(key)
        if entry:
            return capital(subscript(entry[language]))
    return dimension_name(dimension, language) if item.startswith(WHOLE) else name


def dimension_name(dimension: str, language: str) -> str:
    """Return the name of a dimension."""
    entry = catalogue().get(f"charts.dimension.{dimension}")
    return entry[language] if entry else dimension


def reconciliation_chart(results: Results, language: str, item: str = "") -> Chart:
    """Return one item in both inventories as lines.

    Parameters
    ----------
    results : Results
    language : {"zh", "en"}
    item : str
        ``dimension:name``; the total by default.
    """
    chosen = item or next(iter(items_of(results)), "")
    rows = sorted((r for r in results.reconciliation if f"{r.dimension}:{r.item}" == chosen), key=lambda r: r.year)
    series = ("tanlu", "reference")
    names = {s: translate(f"charts.reconciliation.{s}", language) for s in series}
    columns = (
        Column("year", translate("charts.column.year", language)),
        *(Column(s, names[s], "kt") for s in series),
        Column("difference", translate("charts.reconciliation.difference", language), "kt"),
    )
    table = tuple((Cell(str(r.year)), Cell(r.tanlu, r.id), Cell(r.reference), Cell(r.difference, r.id)) for r in rows)
    title, summary = _words(rows, item_name(chosen, language), language)
    _, unit = scale("kt", language)
    ids = tuple(r.id for r in rows)
    return Chart(
        "reconciliation", language, title, translate("charts.reconciliation.subtitle", language, unit=unit), summary,
        _lines(rows, names, language), columns, table, ids, "estimated", with_sources(results, ids),
        parameters={"item": chosen} if item else {},
    )  # fmt: skip


def _words(rows: Sequence[ReconciliationRecord], item: str, language: str) -> tuple[str, str]:
    apart = [r for r in rows if r.reference and r.difference is not None]
    if not apart:
        empty = translate("charts.reconciliation.title_empty", language, item=item)
        return empty, empty
    last = apart[-1]
    percents = [abs(100 * (r.difference or 0.0) / (r.reference or 1.0)) for r in apart]
    more = "more" if (last.difference or 0.0) >= 0 else "less"
    title = translate(
        f"charts.reconciliation.title_{more}", language, item=item, year=last.year, percent=digits(percents[-1])
    )
    summary = translate(
        "charts.reconciliation.summary", language, item=item, first=apart[0].year, last=last.year,
        own=show(last.tanlu, "kt", language), reference=show(last.reference, "kt", language), most=digits(max(percents)),
    )  # fmt: skip
    return title, summary


def _lines(rows: Sequence[ReconciliationRecord], names: dict[str, str], language: str) -> Spec:
    factor, unit = scale("kt", language)
    data = [
        {"year": r.year, "series": names[s], "value": round(v * factor, 4)}
        for r in rows
        for s in names
        if (v := getattr(r, s)) is not None
    ]
    domain = list(names.values())
    legend = {"orient": "bottom", "labelLimit": 300, "columns": {"expr": "width < 480 ? 1 : 2"}}
    years = sorted({r.year for r in rows}) or [0, 1]

    def channel(values_of: Sequence[object]) -> Spec:
        return {
            "field": "series", "type": "nominal", "scale": {"domain": domain, "range": list(values_of)}, "legend": legend,
        }  # fmt: skip

    colour, dash = channel(tokens.LINES[:2]), channel([list(d) for d in tokens.DASHES[:2]])
    x = year_axis(years[0], years[-1])
    y = {"field": "value", "type": "quantitative", "scale": {"zero": True}, "axis": {"title": None, "format": ",~f"}}
    tooltip = [
        {"field": "series", "title": " "},
        {"field": "year", "format": "d"},
        {"field": "value", "format": ",.2f", "title": unit},
    ]
    line = {"x": x, "y": y, "color": colour, "strokeDash": dash}
    dots = {"x": x, "y": y, "color": colour, "shape": channel(["circle", "square"]), "tooltip": tooltip}
    layers: list[Spec] = [
        {"mark": {"type": "line", "strokeWidth": 2.5}, "encoding": line},
        {"mark": {"type": "point", "filled": True, "size": 45}, "encoding": dots},
    ]
    return layered(layers, height=300, data=values(data, "lines"))
