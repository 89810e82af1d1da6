"""Charts of the energy of a building or plant: hours of all days, the typical day, and days against their baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, dashed, layered, values
from tanlu.charts.monitor import amount_text
from tanlu.core.messages import translate

Hourly = Sequence[float | None]
_HOUR_AXIS: Final = {"title": None, "grid": False, "labelExpr": "datum.value + ':00'"}


def heat_chart(
    days: Sequence[str], hours: Hourly, estimated: Sequence[bool], what: str, unit: str, language: str, given: Mapping[str, str]
) -> Chart:  # fmt: skip
    """Return the use of every hour, days beside each other; an hour that is not known stays empty.

    Parameters
    ----------
    days : sequence of str
        Dates.
    hours : sequence, 24 a day
    estimated : sequence of bool, 24 a day
    what, unit : str
        As shown.
    language : str
    given : mapping
        Parameters of the address.
    """
    yes = translate("charts.monitor.yes", language)
    rows: list[dict[str, Any]] = [
        {"day": days[i // 24], "hour": i % 24, "value": value, "estimated": yes if estimated[i] else ""}
        for i, value in enumerate(hours)
        if value is not None
    ]  # fmt: skip
    rect: Spec = {
        "mark": {"type": "rect"},
        "encoding": {
            "x": {"field": "day", "type": "ordinal", "scale": {"domain": list(days), "paddingInner": 0},
                  "axis": {"title": None, "labelAngle": 0, "labelOverlap": True, "labelExpr": "slice(datum.value, 5)", "ticks": False}},
            "y": {"field": "hour", "type": "ordinal", "scale": {"domain": list(range(24)), "paddingInner": 0},
                  "axis": {**_HOUR_AXIS, "values": [0, 6, 12, 18]}},
            "color": {"field": "value", "type": "quantitative",
                      "scale": {"type": "quantize", "range": list(tokens.RAMP), "domain": list(_ends(hours)), "zero": False},
                      "legend": {"orient": "top", "direction": "horizontal", "format": ",~f", "symbolType": "square",
                                 "gradientLength": 290}},
            "tooltip": [
                {"field": "day", "title": translate("charts.monitor.column.day", language)},
                {"field": "hour", "title": translate("charts.monitor.energy.hour", language)},
                {"field": "value", "type": "quantitative", "format": ",.1f", "title": unit},
                {"field": "estimated", "title": translate("charts.monitor.column.is_estimated", language)},
            ],
        },
    }  # fmt: skip
    known = [(v, i) for i, v in enumerate(hours) if v is not None]
    top = max(known, default=(0.0, 0))
    text: dict[str, object] = {
        "what": what, "unit": unit, "top": number(top[0]), "day": days[top[1] // 24], "hour": f"{top[1] % 24}:00",
        "gaps": len(hours) - len(known), "estimated": sum(estimated), "count": len(hours),
    }  # fmt: skip
    columns = (
        Column("day", translate("charts.monitor.column.day", language)),
        *(Column(f"h{h:02d}", f"{h}:00", unit) for h in range(24)),
        Column("estimated", translate("charts.monitor.energy.estimated_hours", language)),
    )
    table = tuple(
        (
            Cell(day),
            *(Cell(v) for v in hours[24 * n : 24 * n + 24]),
            Cell(str(sum(estimated[24 * n : 24 * n + 24]))),
        )
        for n, day in enumerate(days)
    )
    return Chart(
        "monitor-energy-heat", language, *_words("heat", language, text), layered([rect], height=300, data=values(rows, "hours")), columns,
        table if known else (), (), "estimated" if any(estimated) else "measured", parameters=dict(given),
    )  # fmt: skip


def _ends(hours: Hourly) -> tuple[float, float]:
    """Return ends of the colours: multiples of a round step that hold the values, so that a plant that never rests is no single colour."""
    known = [v for v in hours if v is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    count = len(tokens.RAMP)
    raw = max(high - low, abs(high) * 1e-3, 1e-6) / count
    power = 10.0 ** math.floor(math.log10(raw))
    for step in (m * power for m in (1, 2, 2.5, 5, 10, 20)):
        start = math.floor(low / step) * step
        if start + count * step >= high:
            return start, start + count * step
    raise AssertionError((low, high))


def typical_chart(
    workday: Hourly, rest_day: Hourly, what: str, unit: str, language: str, given: Mapping[str, str]
) -> Chart:
    """Return the mean of each hour of workdays and of rest days.

    Parameters
    ----------
    workday, rest_day : sequence of 24
        None where no day of the kind is known.
    what, unit, language, given
        As in `heat_chart`.
    """
    names = {k: translate(f"charts.monitor.energy.{k}", language) for k in ("workday", "rest_day")}
    series = {"workday": workday, "rest_day": rest_day}
    rows = [
        {"hour": h, "kind": names[kind], "value": v} for kind, hours in series.items() for h, v in enumerate(hours) if v is not None
    ]  # fmt: skip
    line: Spec = {
        "mark": {"type": "line", "interpolate": "monotone", "strokeWidth": 2.2},
        "encoding": {
            "x": {"field": "hour", "type": "quantitative", "scale": {"domain": [0, 23], "nice": False},
                  "axis": {**_HOUR_AXIS, "values": [0, 6, 12, 18]}},
            "y": {"field": "value", "type": "quantitative", "scale": {"zero": True}, "axis": {"title": None, "format": ",~f"}},
            **dashed(list(names.values()), {"orient": "top", "symbolType": "stroke"}, "kind"),
        },
    }  # fmt: skip
    dots: Spec = {
        "mark": {"type": "point", "opacity": 0, "size": 80, "aria": False},
        "encoding": {
            "x": {"field": "hour", "type": "quantitative"}, "y": {"field": "value", "type": "quantitative"},
            "tooltip": [
                {"field": "kind", "title": translate("charts.monitor.energy.kind", language)},
                {"field": "hour", "title": translate("charts.monitor.energy.hour", language)},
                {"field": "value", "type": "quantitative", "format": ",.1f", "title": unit},
            ],
        },
    }  # fmt: skip
    work, rest = ([v for v in s if v is not None] for s in series.values())
    means = [sum(s) / len(s) if s else None for s in (work, rest)]
    ratio = "–" if means[0] in (None, 0.0) or means[1] is None else f"{100 * means[1] / means[0]:.0f}"
    text: dict[str, object] = {
        "what": what, "unit": unit, "ratio": ratio, "top": number(max(work, default=0.0)), "low": number(min(work, default=0.0)),
    }  # fmt: skip
    columns = (
        Column("hour", translate("charts.monitor.energy.hour", language)),
        *(Column(k, n, unit) for k, n in names.items()),
    )
    table = tuple((Cell(f"{h}:00"), Cell(workday[h]), Cell(rest_day[h])) for h in range(24))
    return Chart(
        "monitor-energy-typical", language, *_words("typical", language, text),
        layered([line, dots], height=260, data=values(rows, "load")), columns,
        table if rows else (), (), "calculated", parameters=dict(given),
    )  # fmt: skip


def baseline_chart(
    days: Sequence[str], use: Hourly, expected: Hourly, told: Mapping[str, object], what: str, unit: str, language: str,
    given: Mapping[str, str],
) -> Chart:  # fmt: skip
    """Return the use of days as bars and their baseline as a line.

    Parameters
    ----------
    days : sequence of str
    use, expected : sequence of as many
        None where not known.
    told : mapping
        ``is_less`` whether less was used; ``saved`` (without sign), ``low``, ``high`` as text, ``driver`` in words, ``first`` and ``last``
        day of the baseline.
    what, unit, language, given
        As in `heat_chart`.
    """
    names = {k: translate(f"charts.monitor.energy.{k}", language) for k in ("use", "expected")}
    rows = [{"day": d, "use": u, "expected": e} for d, u, e in zip(days, use, expected, strict=True)]
    x = {
        "field": "day", "type": "ordinal", "scale": {"domain": list(days)},
        "axis": {"title": None, "labelAngle": 0, "labelOverlap": True, "labelExpr": "slice(datum.value, 5)", "ticks": False},
    }  # fmt: skip
    y = {"type": "quantitative", "axis": {"title": None, "format": ",~f"}}
    colour = {
        "type": "nominal",
        "scale": {"domain": list(names.values()), "range": [tokens.RAMP[2], tokens.INK]},
        "legend": {"orient": "top"},
    }
    tip = [
        {"field": "day", "title": translate("charts.monitor.column.day", language)},
        *({"field": k, "type": "quantitative", "format": ",.1f", "title": f"{names[k]} {unit}"} for k in names),
    ]
    bars: Spec = {
        "mark": {"type": "bar"},
        "encoding": {"x": x, "y": {"field": "use", **y}, "color": {"datum": names["use"], **colour}, "tooltip": tip},
    }
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 2.2, "point": {"size": 26}, "invalid": "break-paths-show-domains"},
        "encoding": {"x": x, "y": {"field": "expected", **y}, "color": {"datum": names["expected"], **colour}},
    }
    columns = (
        Column("day", translate("charts.monitor.column.day", language)),
        *(Column(k, names[k], unit) for k in names),
        Column("saved", translate("charts.monitor.energy.saved", language), unit),
    )
    table = tuple(
        (Cell(d), Cell(u), Cell(e), Cell(None if u is None or e is None else e - u))
        for d, u, e in zip(days, use, expected, strict=True)
    )
    text = {**told, "what": what, "unit": unit}
    return Chart(
        "monitor-energy-baseline", language, *_words("baseline" if told["is_less"] else "above", language, text),
        layered([bars, line], height=260, data=values(rows, "days")), columns, table, (), "modelled",
        note=translate("charts.monitor.energy.baseline.note", language), parameters=dict(given),
    )  # fmt: skip


def number(value: float) -> str:
    """Return a number for a sentence."""
    return amount_text(value)


def _words(key: str, language: str, text: Mapping[str, object]) -> tuple[str, str, str]:
    title, subtitle, summary = (
        translate(f"charts.monitor.energy.{key}.{part}", language, **text) for part in ("title", "subtitle", "summary")
    )
    return title, subtitle, summary
