"""The day of a site: what supplies it hour by hour, what is switched, and when electricity is dear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, layered, values
from tanlu.charts.energy_base import colour, column, legend, said, unit_name, words
from tanlu.charts.energy_series import OTHER_FILL, UNSERVED_FILL
from tanlu.core.lineage import Node
from tanlu.core.messages import translate

if TYPE_CHECKING:
    from tanlu.energy.site import Schedule

HOURS: Final = 24
SUPPLY: Final = {
    "purchase": "#9E8299", "pv": "#FFD76E", "wind": "#75D0FF", "hydro": "#2E41AA", "thermal": "#1B1E3E", "chp": "#DC890C",
    "battery_discharge": "#8B3684", "vehicles_back": "#119C60", "flexible_less": "#8C8EF2", "electricity_unserved": UNSERVED_FILL,
}  # fmt: skip
USE: Final = {
    "sale": "#FFD76E", "battery_charge": "#8B3684", "vehicles": "#119C60", "flexible_more": "#8C8EF2", "heat_pump_use": "#DC890C",
    "chiller_use": "#75D0FF",
}  # fmt: skip
BATTERY: Final = ("battery_discharge", "battery_charge")
NEED: Final = "electricity_need"
_KW: Final = 1e3
_DEAR: Final = "#DC890C"
_CHEAP: Final = "#2B6CA8"


def device_name(series: str, language: str) -> str:
    """Return the name of a series of a site."""
    return translate(f"charts.energy.site.{series}", language)


def site_chart(day: Schedule, name: str, language: str, parameters: dict[str, str]) -> Chart:
    """Return the scheduled day: supply upwards, use beside the need downwards, the need as a line, dear and cheap hours shaded.

    Parameters
    ----------
    day : Schedule
    name : str
        Name of the site.
    language : {"zh", "en"}
    parameters : dict
        What was entered, for the address of the chart.
    """
    found = {s: np.asarray(day.scheduled[s]) * _KW for s in (*SUPPLY, *USE, NEED)}
    shown = [s for s in (*SUPPLY, *USE) if found[s].max(initial=0.0) > _KW * 1e-5]
    before = np.asarray(day.unscheduled["purchase"]) * _KW
    saved = float(day.costs_unscheduled.total - day.costs.total)
    best = day.indicators.peak * _KW
    plain = day.indicators_unscheduled.peak * _KW
    whole = float(day.costs_unscheduled.total)
    fields = {
        "name": name, "saved": said(saved, "CNY", language), "share": f"{100 * saved / whole if whole else 0.0:.1f}",
        "peak": said(best, "kW", language), "before": said(plain, "kW", language), "day": day.day.isoformat(),
        "unit": unit_name("kW", language), "cost": said(float(day.costs.total - day.costs.demand), "CNY", language),
        "demand": said(float(day.costs.demand), "CNY", language),
    }  # fmt: skip
    columns = (
        column("hour", language), Column("price", translate("charts.energy.site.price", language), "CNY/MWh"),
        Column(NEED, device_name(NEED, language), "kW"), *(Column(s, device_name(s, language), "kW") for s in shown),
        Column("purchase_unscheduled", translate("charts.energy.site.purchase_unscheduled", language), "kW"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(f"{h:02d}:00"), Cell(float(day.prices[h])), Cell(float(found[NEED][h])), *(Cell(float(found[s][h])) for s in shown),
            Cell(float(before[h])),
        )
        for h in range(HOURS)
    )  # fmt: skip
    spec = _spec(day, found, shown, before, language)
    key = "site_nothing" if saved <= 0.005 else "site_steady" if fields["peak"] == fields["before"] else "site"
    return Chart(
        "energy-site",
        language,
        *words(key, language, **fields),
        spec,
        columns,
        rows,
        (),
        "modelled",
        _sources(day),
        parameters=parameters,
    )


def _sources(day: Schedule) -> tuple[Node, ...]:
    grades: dict[str, str] = {}
    for n in day.site.numbers:
        grades[n.source] = max(grades.get(n.source, ""), n.grade)
    return tuple(
        Node(f"source:{s}", "source", s, s, grade=g)
        for s, g in sorted(grades.items(), key=lambda pair: (pair[1], pair[0]))
    )


def _spec(day: Schedule, found: dict[str, Any], shown: list[str], before: Any, language: str) -> Spec:
    fills = {**SUPPLY, **USE}
    names = {s: device_name(s, language) for s in shown}
    # both ways of the battery have one colour, so they have one entry of the legend
    both = all(s in names for s in BATTERY)
    of = {s: device_name("battery", language) if both and s in BATTERY else name for s, name in names.items()}
    entries = list(dict.fromkeys(of.values()))
    bars = [
        {
            "h": h,
            "e": h + 1,
            "name": names[s],
            "of": of[s],
            "rank": i,
            "value": float(found[s][h]) * (1 if s in SUPPLY else -1),
        }
        for i, s in enumerate(shown)
        for h in range(HOURS)
        if found[s][h] > 1e-6
    ]
    middle = float(np.mean(day.prices))
    prices = [
        {"h": h, "e": h + 1, "fill": _DEAR if p > middle * 1.001 else _CHEAP if p < middle * 0.999 else tokens.CARD}
        for h, p in enumerate(day.prices.tolist())
    ]
    lines = [
        {"h": h, "need": float(found[NEED][min(h, HOURS - 1)]), "before": float(before[min(h, HOURS - 1)])}
        for h in range(HOURS + 1)
    ]
    ticks = {"values": [0, 3, 6, 9, 12, 15, 18, 21, 24], "labelExpr": "datum.value + ':00'", "labelOverlap": True}
    x: Spec = {
        "field": "h", "type": "quantitative", "scale": {"domain": [0, HOURS], "nice": False},
        "axis": {"title": None, "grid": False, **ticks},
    }  # fmt: skip
    y: Spec = {"type": "quantitative", "axis": {"title": None, "format": ",~f"}}
    # filled by the mark: a colour channel would lend its faintness to the legend of the bars
    shades = [
        {
            "data": values([p for p in prices if p["fill"] == fill], f"prices-{number}"),
            "mark": {"type": "rect", "opacity": 0.13, "color": fill}, "encoding": {"x": x, "x2": {"field": "e"}},
        }
        for number, fill in enumerate((_DEAR, _CHEAP))
        if any(p["fill"] == fill for p in prices)
    ]  # fmt: skip
    stack = {
        "data": values(bars, "series"),
        "mark": {"type": "bar", "stroke": tokens.CARD, "strokeWidth": 0.5},
        "encoding": {
            "x": {**x, "bin": "binned"}, "x2": {"field": "e"}, "y": {**y, "field": "value", "stack": "zero"}, "order": {"field": "rank"},
            "color": {**colour(entries, [fills.get(next(s for s in shown if of[s] == e), OTHER_FILL) for e in entries],
                               legend=legend(7, entries, symbolOpacity=1)), "field": "of"},
            "tooltip": [{"field": "h", "title": translate("charts.energy.column.hour", language)}, {"field": "name", "title": " "},
                        {"field": "value", "format": ",.0f", "title": unit_name("kW", language)}],
        },
    }  # fmt: skip
    step: Spec = {"type": "line", "interpolate": "step-after"}
    need = {
        "data": values(lines, "lines"), "mark": {**step, "color": tokens.INK, "strokeWidth": 2},
        "encoding": {"x": x, "y": {**y, "field": "need"}},
    }  # fmt: skip
    rule = {
        "data": values(lines, "before"), "mark": {**step, "color": tokens.STATUS["bad"], "strokeWidth": 1.6, "strokeDash": [5, 3]},
        "encoding": {"x": x, "y": {**y, "field": "before"}},
    }  # fmt: skip
    return layered([*shades, stack, need, rule], height=340)
