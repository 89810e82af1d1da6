"""One factor beside the values of the same quantity in other sets and years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, layered, names_axis, values
from tanlu.charts.format import capital
from tanlu.core.messages import translate
from tanlu.core.units import unit_label

MOST: Final = 24
"""Values that are drawn; the table has all."""


@dataclass(frozen=True, slots=True)
class FactorPoint:
    """A value of the quantity in the unit of the factor, with its 95 % interval where the source has one."""

    id: str
    name: str
    value: float
    low: float | None
    high: float | None
    own: bool


def factor_chart(factor_id: str, name: str, unit: str, points: Sequence[FactorPoint], language: str) -> Chart:
    """Return the values as dots with their intervals.

    Parameters
    ----------
    factor_id : str
        Id of the factor that is looked at.
    name : str
        Its name.
    unit : str
        Unit of all values.
    points : sequence of FactorPoint
        In the order in which they are drawn.
    language : {"zh", "en"}
    """
    label = unit_label(unit, language)
    named = label or capital(translate("charts.unit.ratio", language))
    columns = (
        Column("set", translate("charts.factor.set", language)),
        *(Column(key, translate(f"charts.factor.{key}", language), unit) for key in ("value", "low", "high")),
    )
    table = tuple((Cell(p.name), Cell(p.value), Cell(p.low), Cell(p.high)) for p in points)
    low, high = (f(p.value for p in points) if points else 0.0 for f in (min, max))
    summary = "charts.factor.summary" if low < high else "charts.factor.summary_one"
    said = {
        "name": name,
        "count": len(points),
        "low": f"{low:.6g}",
        "high": f"{high:.6g}",
        "unit": f" {label}" if label else "",
    }
    return Chart(
        "factor", language, translate("charts.factor.title", language, **said),
        translate("charts.factor.subtitle", language, unit=named),
        translate(summary, language, **said), _dots(points[:MOST], label, language), columns, table, (), "reported",
        parameters={"id": factor_id},
    )  # fmt: skip


def _dots(points: Sequence[FactorPoint], unit: str, language: str) -> Spec:
    this, other = (translate(f"charts.factor.{k}", language) for k in ("this", "other"))
    data = [
        {
            "order": n, "name": p.name, "value": p.value, "low": p.value if p.low is None else p.low,
            "high": p.value if p.high is None else p.high, "which": this if p.own else other,
        }
        for n, p in enumerate(points)
    ]  # fmt: skip
    y = {
        "field": "name", "type": "nominal", "sort": {"field": "order"},
        "axis": {**names_axis([p.name for p in points], 340), "grid": True},
    }  # fmt: skip
    scale = {"zero": False, "nice": True, "padding": 12}
    axis = {"title": None, "tickCount": 5, "format": "~g"}
    which = {"domain": [this, other]}
    legend = {"orient": "bottom", "columns": {"expr": "width < 480 ? 1 : 2"}}
    colour = {
        "field": "which",
        "type": "nominal",
        "scale": {**which, "range": [tokens.LINES[1], tokens.LINES[0]]},
        "legend": legend,
    }
    shape = {"field": "which", "type": "nominal", "scale": {**which, "range": ["diamond", "circle"]}, "legend": legend}
    tooltip = [
        {"field": "name", "title": " "},
        *(
            {"field": k, "format": ".6~g", "title": f"{translate(f'charts.factor.{k}', language)} {unit}"}
            for k in ("value", "low", "high")
        ),
    ]
    span = {"field": "low", "type": "quantitative", "scale": scale, "axis": axis}
    layers: list[Spec] = [
        {"mark": {"type": "rule", "strokeWidth": 2, "color": tokens.MUTED}, "encoding": {"y": y, "x": span, "x2": {"field": "high"}}},
        {
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
            "encoding": {"y": y, "x": {**span, "field": "value"}, "color": colour, "shape": shape, "tooltip": tooltip},
        },
    ]  # fmt: skip
    return layered(layers, height=max(110, 30 * len(data) + 40), data=values(data, "dots"))
