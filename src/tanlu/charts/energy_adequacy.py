"""Whether there is enough: the weeks in which sun, wind and rivers leave most to others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, amount_axis, halo, layered, values
from tanlu.charts.energy_base import Study, column, date, factor, said, unit_name, words
from tanlu.core.messages import translate

_NAMED: Final = 3
_ROOM: Final = 7
"""Weeks between two names."""


def stress_chart(study: Study, language: str, period: int) -> Chart:
    """Return the residual load of the weeks of a period, its peak and its mean; the weeks of most stress are named."""
    rows = sorted((r for r in study.results.stress if r.period == period), key=lambda r: r.week)
    ranked = sorted(rows, key=lambda r: -r.residual_peak_MW)
    own = next((r for r in study.results.adequacy if r.period == period), None)
    unit = factor("MW", language)
    worst = _apart([r.week for r in ranked])
    data = [
        {
            "week": r.week, "peak": r.residual_peak_MW * unit, "mean": r.residual_mean_MW * unit, "short": r.unserved_MWh > 0.5,
            "name": date((r.week - 1) * 7, language) if r.week in worst else "", "from": date((r.week - 1) * 7, language),
        }
        for r in rows
    ]  # fmt: skip
    x = {
        "field": "week", "type": "quantitative", "scale": {"domain": [0, 54], "nice": False},
        "axis": {"title": None, "grid": False, "values": [1, 9, 18, 27, 36, 45, 53], "format": "d"},
    }  # fmt: skip
    peak_name, mean_name = (
        translate(f"charts.energy.column.{k}", language) for k in ("residual_peak", "residual_mean")
    )
    tip = [
        {"field": "from", "title": " "}, {"field": "peak", "format": ",.1f", "title": peak_name},
        {"field": "mean", "format": ",.1f", "title": mean_name},
    ]  # fmt: skip
    stem = {
        "mark": {"type": "rule", "strokeWidth": 3, "color": tokens.LIGHT.underline},
        "encoding": {"x": x, "y": {"field": "mean", **amount_axis()}, "y2": {"field": "peak"}, "tooltip": tip},
    }
    peak = {
        "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
        "encoding": {
            "x": x, "y": {"field": "peak", **amount_axis()}, "tooltip": tip,
            "color": {"condition": {"test": "datum.short || datum.name", "value": tokens.STATUS["bad"]}, "value": tokens.ACCENT},
            "shape": {"condition": {"test": "datum.short", "value": "triangle-up"}, "value": "circle"},
        },
    }  # fmt: skip
    mean = {
        "mark": {"type": "tick", "orient": "horizontal", "thickness": 2, "color": tokens.MUTED, "size": 8},
        "encoding": {"x": x, "y": {"field": "mean", **amount_axis()}},
    }
    names = halo(
        {"dy": -12, "fontSize": 12},
        {"x": x, "y": {"field": "peak", "type": "quantitative"}, "text": {"field": "name"}},
        transform=[{"filter": "datum.name"}],
    )
    columns = (
        column("week", language), column("residual_peak", language, "MW"), column("residual_mean", language, "MW"),
        column("unserved", language, "MWh"),
    )  # fmt: skip
    table = tuple(
        (Cell(_week(r.week, language)), Cell(r.residual_peak_MW), Cell(r.residual_mean_MW), Cell(r.unserved_MWh))
        for r in ranked
    )
    if not rows or own is None:
        said_words = words("stress_none", language, year=period)
    else:
        fields = {
            "year": period, "when": date((ranked[0].week - 1) * 7, language), "peak": said(ranked[0].residual_peak_MW, "MW", language),
            "unit": unit_name("MW", language), "load": said(own.peak_MW, "MW", language),
            "short": said(own.unserved_MWh, "MWh", language), "hours": f"{own.unserved_hours:,.0f}", "count": len(rows),
        }  # fmt: skip
        said_words = words("stress_short" if own.unserved_hours >= 1 else "stress", language, **fields)
    spec = layered([stem, mean, peak, *names], height=300, data=values(data, "weeks"))
    return Chart(
        "energy-stress", language, *said_words, spec, columns, table, (), "modelled", study.sources,
        translate("charts.energy.stress.note", language), {"period": str(period)},
    )  # fmt: skip


def _apart(weeks: Sequence[int]) -> set[int]:
    """Return the first weeks of a ranking that are far enough from each other for their names."""
    found: list[int] = []
    for week in weeks:
        if len(found) < _NAMED and all(abs(week - other) >= _ROOM for other in found):
            found.append(week)
    return set(found)


def _week(week: int, language: str) -> str:
    start = (week - 1) * 7
    return translate(
        "charts.energy.week", language, week=week, start=date(start, language), end=date(start + 6, language)
    )
