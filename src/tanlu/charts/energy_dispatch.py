"""How the system runs: the year by day, and a window of it by hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.base import Cell, Chart, Column, Spec, layered, values
from tanlu.charts.energy_base import (
    DAY_MS,
    YEAR_START,
    LongChart,
    Study,
    column,
    date,
    factor,
    legend,
    month_of,
    said,
    time_axis,
    unit_name,
    words,
)
from tanlu.charts.energy_results import EnergyResults, Floats, Hourly
from tanlu.charts.energy_series import LOAD, OTHER, OTHER_USE, quantity_name, supply_by_band, use_by_band
from tanlu.core.messages import translate

HOURS: Final = 24
WINDOWS: Final = (1, 3, 7, 14, 28)
"""Days that the hourly picture can show."""
_USE: Final = "use:"
_SMOOTH: Final = 60
"""Days from which on a picture shows means of days."""


def _series(study: Study, hourly: Hourly) -> tuple[dict[str, Floats], Floats]:
    """Return supply by band and use by band (negative, key with a prefix) in the order of stacking, and the load [MW]."""
    supply, use = supply_by_band(hourly, study.bands.of), use_by_band(hourly, study.bands.uses)
    found = {b: supply[b] for b in (*study.bands.supply, "unserved") if b in supply}
    found |= {b: v for b, v in supply.items() if b not in found}
    found |= {_USE + b: -use[b] for b in study.bands.uses if b in use}
    return found, -hourly.of(LOAD)


def _label(study: Study, key: str, language: str) -> str:
    if not key.startswith(_USE):
        return study.name(key, language)
    name = study.name(key.removeprefix(_USE), language)
    return name if key == _USE + OTHER_USE else translate("charts.energy.dispatch.use", language, technology=name)


def day_means(values_: Floats) -> Floats:
    """Return the mean of each day; hours of a last day that is not whole are left out."""
    days = max(len(values_) // HOURS, 1)
    return np.asarray(values_[: days * HOURS].reshape(days, -1).mean(axis=1))


def year_chart(study: Study, language: str, period: int, window: tuple[int, int] | None = None) -> Chart:
    """Return means of days over the year.

    Parameters
    ----------
    study : Study
    language : {"zh", "en"}
    period : int
        One whose hours are in the study.
    window : tuple of int, optional
        First day (from 0) and number of days of the part that is marked.
    """
    hourly = study.results.dispatch(period)
    series, load = _series(study, hourly)
    means = {k: day_means(v) for k, v in series.items()}
    days = len(day_means(load))
    times = [YEAR_START + d * DAY_MS + DAY_MS // 2 for d in range(days)]
    marked = []
    if window is not None:
        first, length = window
        marked = [{"t": YEAR_START + first * DAY_MS, "t2": YEAR_START + (first + length) * DAY_MS}]
    labels = [date(d, language) for d in range(days)]
    spec = _stack(study, means, day_means(load), times, labels, days, marked, language)
    title, subtitle, summary = _year_words(study, series, load, period, language)
    columns, rows = _months(study, series, load, language)
    return LongChart(
        "energy-year", language, title, subtitle, summary, spec, columns, rows, (), "modelled", study.sources,
        translate("charts.energy.year.note", language),
        {"period": str(period)} | ({} if window is None else {"day": str(window[0] + 1), "days": str(window[1])}),
        full=lambda: _all_hours(study.results, hourly, 0, hourly.hours, language),
    )  # fmt: skip


def window_chart(study: Study, language: str, period: int, first: int, days: int) -> Chart:
    """Return the hours of some days.

    Parameters
    ----------
    first : int
        First day, counted from 0.
    days : int
        How many.
    """
    hourly = study.results.dispatch(period)
    span = slice(first * HOURS, min((first + days) * HOURS, hourly.hours))
    part = Hourly(hourly.names, hourly.values[:, span])
    series, load = _series(study, part)
    hours = range(span.start, span.stop)
    times = [YEAR_START + h * DAY_MS // HOURS for h in hours]
    labels = [_hour(h, language) for h in hours]
    spec = _stack(study, series, load, times, labels, days, [], language)
    title, subtitle, summary = _window_words(study, series, load, period, first, days, language)
    keys = list(series)
    columns = (
        column("hour", language), *(Column(k, _label(study, k, language), "MW") for k in keys), column("load", language, "MW"),
    )  # fmt: skip
    rows = tuple(
        (Cell(labels[i]), *(Cell(float(series[k][i])) for k in keys), Cell(float(load[i]))) for i in range(len(labels))
    )
    return LongChart(
        "energy-window", language, title, subtitle, summary, spec, columns, rows, (), "modelled", study.sources,
        parameters={"period": str(period), "day": str(first + 1), "days": str(days)},
        full=lambda: _all_hours(study.results, hourly, span.start, span.stop, language),
    )  # fmt: skip


def _hour(hour: int, language: str) -> str:
    return translate(
        "charts.energy.date.hour", language, date=date(hour // HOURS, language), hour=f"{hour % HOURS:02d}"
    )


def _all_hours(
    results: EnergyResults, hourly: Hourly, start: int, stop: int, language: str
) -> tuple[tuple[Column, ...], Iterable[Sequence[float | str]]]:
    columns = (column("hour", language), *(Column(n, quantity_name(results, n, language), "MW") for n in hourly.names))
    rows = ([str(h), *hourly.values[:, h].tolist()] for h in range(start, stop))
    return columns, rows


def _stack(
    study: Study, series: Mapping[str, Floats], load: Floats, times: Sequence[int], labels: Sequence[str], days: int,
    marked: list[dict[str, int]], language: str,
) -> Spec:  # fmt: skip
    """Return bands of supply upwards, bands of use downwards, and the load as a line."""
    unit = factor("MW", language)
    keys = {k: f"s{i:02d}" for i, k in enumerate(series)}
    scaled = {short: np.round(series[k] * unit, 3).tolist() for k, short in keys.items()}
    load_name = translate("charts.energy.column.load", language)
    data: list[dict[str, Any]] = [
        {"t": t, "d": labels[i], "load": round(float(load[i]) * unit, 3), **{s: v[i] for s, v in scaled.items()}}
        for i, t in enumerate(times)
    ]
    step = (times[1] - times[0]) if len(times) > 1 else DAY_MS // HOURS
    whole = days > _SMOOTH
    if not whole:
        # the last hour is as wide as the others
        data.append({**data[-1], "t": times[-1] + step})
    names = {short: _label(study, k, language) for k, short in keys.items()}
    fills = [study.bands.fills.get(k.removeprefix(_USE), study.bands.fills[OTHER]) for k in keys]
    half = step // 2 if whole else 0
    ends = [{"t": times[0] - half}, {"t": times[-1] + step - half}]
    x = time_axis(language, days)
    shown = [s for k, s in keys.items() if not k.startswith(_USE)]
    # what a store takes has the colour of what it gives, and no entry of its own
    legend_keys = [s for k, s in keys.items() if not k.startswith(_USE) or k.removeprefix(_USE) not in keys]
    scale_ = {"domain": list(keys.values()), "range": fills}
    lookup = ", ".join(f"{short}: {_js(name)}" for short, name in names.items())
    channel = {
        "field": "key", "type": "nominal", "scale": scale_,
        "legend": legend(names=[names[s] for s in legend_keys], values=legend_keys, labelExpr=f"({{{lookup}}})[datum.label]"),
    }  # fmt: skip
    # means of days stand in the middle of the day: the axis has whole days
    layers: list[Spec] = [
        {"data": values(ends, "ends"), "mark": {"type": "rule", "opacity": 0, "aria": False}, "encoding": {"x": x}}
    ]
    if marked:
        layers.append(
            {
                "data": values(marked, "window"),
                "mark": {"type": "rect", "color": tokens.FOCUS, "opacity": 0.22},
                "encoding": {"x": {**x, "field": "t"}, "x2": {"field": "t2"}},
            }
        )
    mark = {"type": "area", "line": False, "interpolate": "monotone" if whole else "step-after", "opacity": 1}
    for fold in (shown, [s for s in keys.values() if s not in shown]):
        if fold:
            y = {"field": "value", "type": "quantitative", "stack": "zero", "axis": {"title": None, "format": ",~f"}}
            layers.append(
                {
                    "transform": [{"fold": fold, "as": ["key", "value"]}],
                    "mark": mark,
                    "encoding": {"x": x, "y": y, "color": channel, "order": {"field": "key", "sort": "ascending"}},
                }
            )
    line = {"type": "line", "color": tokens.INK, "strokeWidth": 2, "interpolate": mark["interpolate"]}
    layers.append({"mark": line, "encoding": {"x": x, "y": {"field": "load", "type": "quantitative"}}})
    if marked:
        edge = {"type": "rule", "color": tokens.FOCUS, "strokeWidth": 2}
        both = [{"t": m[k]} for m in marked for k in ("t", "t2")]
        layers.append({"data": values(both, "edges"), "mark": edge, "encoding": {"x": x}})
    tips = [{"field": "d", "title": " "}, {"field": "load", "format": ",.1f", "title": load_name}]
    tips += [{"field": s, "format": ",.1f", "title": names[s]} for s in reversed(keys.values())]
    rule = {"type": "rule", "opacity": 0, "strokeWidth": {"expr": f"max(3, width / {len(times)})"}, "aria": False}
    layers.append({"mark": rule, "encoding": {"x": x, "tooltip": tips}})
    return layered(layers, height=360, data=values(data, "hours"))


def _js(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _shares(series: Mapping[str, Floats]) -> dict[str, float]:
    supply = {k: float(v.sum()) for k, v in series.items() if not k.startswith(_USE)}
    total = sum(supply.values()) or 1.0
    return {k: v / total for k, v in sorted(supply.items(), key=lambda pair: -pair[1])}


def _year_words(
    study: Study, series: Mapping[str, Floats], load: Floats, period: int, language: str
) -> tuple[str, str, str]:
    shares = _shares(
        {k: v for k, v in series.items() if k not in (OTHER, "unserved")} | {OTHER: series.get(OTHER, np.zeros(1))}
    )
    named = [b for b in shares if b != OTHER] or [OTHER]
    first, second = named[0], named[min(1, len(named) - 1)]
    peak = int(np.argmax(load))
    total = float(sum(v.sum() for k, v in series.items() if not k.startswith(_USE)))
    return words(
        "year", language, year=period, first=study.within(first, language), second=study.within(second, language),
        share=f"{100 * shares[first]:.0f}", share_second=f"{100 * shares[second]:.0f}", unit=unit_name("MW", language),
        peak=said(float(load[peak]), "MW", language), when=_hour(peak, language), total=said(total, "MWh", language),
    )  # fmt: skip


def _window_words(
    study: Study, series: Mapping[str, Floats], load: Floats, period: int, first: int, days: int, language: str
) -> tuple[str, str, str]:
    peak = int(np.argmax(load))
    at = {k: float(v[peak]) for k, v in series.items() if not k.startswith(_USE) and k != OTHER}
    most = max(at, key=lambda k: at[k]) if at else OTHER
    shares = _shares(series)
    top = next((k for k in shares if k != OTHER), OTHER)
    fields = {
        "year": period, "from": date(first, language), "to": date(first + days - 1, language), "unit": unit_name("MW", language),
        "peak": said(float(load[peak]), "MW", language), "when": _hour(first * HOURS + peak, language),
        "most": study.within(most, language), "amount": said(at.get(most, 0.0), "MW", language),
        "low": said(float(load.min()), "MW", language), "top": study.within(top, language), "share": f"{100 * shares.get(top, 0.0):.0f}",
    }  # fmt: skip
    return words("window" if days > 1 else "window_day", language, **fields)


def _months(
    study: Study, series: Mapping[str, Floats], load: Floats, language: str
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    """Return energy by month."""
    months = np.repeat([month_of(day) for day in range(-(-len(load) // HOURS))], HOURS)[: len(load)]
    columns = (
        column("month", language), *(Column(k, _label(study, k, language), "MWh") for k in series), column("load", language, "MWh"),
    )  # fmt: skip
    rows = []
    for month in sorted(set(months.tolist())):
        keep = months == month
        name = translate(f"charts.energy.month.{month}", language)
        rows.append((Cell(name), *(Cell(float(v[keep].sum())) for v in series.values()), Cell(float(load[keep].sum()))))
    return columns, tuple(rows)
