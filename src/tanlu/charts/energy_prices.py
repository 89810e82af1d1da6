"""What an hour of electricity costs at the margin: sorted over the year, and by day and hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from tanlu.charts.base import Cell, Chart, Column, Spec, dashed, layered, values
from tanlu.charts.energy_base import LongChart, Study, column, factor, legend, month_of, said, unit_name, words
from tanlu.charts.energy_results import Floats
from tanlu.core.messages import translate

UNIT: Final = "CNY/MWh"
_POINTS: Final = 240
_DEAR: Final = 0.97
"""Quantile from which on a price has the last colour of the heat map."""
_FLAT: Final = 0.05
"""Difference between hours of the day, over their mean, that is not worth a headline."""
_FREE: Final = 1.0
"""A price below it is as good as none [CNY/MWh]."""
HEAT: Final = ("#1F4FA3", "#4A86C5", "#9CC4E6", "#F3EFE4", "#F2B66D", "#CF6A1B", "#8F3409")
"""Cheap is blue, dear is brown; light in the middle and darker to both ends, so that it can be told without colour too;
the same on dark pages, so that none may be a colour of the theme, which changes there."""
_MOST_LINES: Final = 6


def price_of(study: Study, period: int, node: str = "") -> Floats:
    """Return the price at a node by hour, or the mean of all nodes [CNY/MWh]."""
    prices = study.results.prices(period)
    return prices.of(node) if node else np.asarray(prices.values.mean(axis=0))


def priced_nodes(study: Study) -> tuple[str, ...]:
    """Return the nodes with a price."""
    periods = study.results.hourly_periods
    return study.results.prices(periods[-1]).names if periods else ()


def duration_chart(study: Study, language: str, node: str = "") -> Chart:
    """Return the hours of each period in the order of their price, the dearest first."""
    periods = study.results.hourly_periods[-_MOST_LINES:]
    series = {p: np.sort(price_of(study, p, node))[::-1] for p in periods}
    place = study.node(node, language) if node else translate("charts.energy.prices.mean", language)
    unit = factor(UNIT, language)
    data: list[dict[str, Any]] = []
    most = max((float(np.quantile(s, 0.995)) for s in series.values()), default=0.0)
    for period, own in series.items():
        for i in _thinned(len(own)):
            data.append(
                {
                    "year": str(period),
                    "share": 100 * i / max(len(own) - 1, 1),
                    "value": round(min(float(own[i]), most * 1.1) * unit, 4),
                }
            )
    shown = {
        "type": "quantitative",
        "axis": {"title": None, "format": ".0f", "labelExpr": "datum.label + '%'", "grid": False},
    }
    form = ",.2f" if language == "zh" else ",.0f"
    line = {
        "mark": {"type": "line", "strokeWidth": 2.2},
        "encoding": {
            "x": {"field": "share", "scale": {"nice": False}, **shown},
            "y": {"field": "value", "type": "quantitative", "axis": {"title": None, "format": form}},
            **dashed([str(p) for p in periods], legend(6, symbolType="stroke"), "year"),
        },
    }  # fmt: skip
    columns = (column("quantile", language, "%"), *(Column(str(p), str(p), UNIT) for p in periods))
    quantiles = (0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100)
    rows = tuple(
        (
            Cell(f"{q}%"),
            *(Cell(float(series[p][min(round(q / 100 * (len(series[p]) - 1)), len(series[p]) - 1)])) for p in periods),
        )
        for q in quantiles
    )
    last, first = series[periods[-1]], series[periods[0]]
    cheap = float((last <= 1.0).mean())
    title, subtitle, summary = words(
        "duration" if len(periods) > 1 else "duration_one", language, place=place, last=periods[-1], first=periods[0],
        cheap=f"{100 * cheap:.0f}", mean=said(float(last.mean()), UNIT, language), mean_first=said(float(first.mean()), UNIT, language),
        top=said(float(last[int(0.01 * len(last))]), UNIT, language), unit=unit_name(UNIT, language),
        most=said(most * 1.1, UNIT, language),
    )  # fmt: skip
    return Chart(
        "energy-duration", language, title, subtitle, summary, layered([line], height=320, data=values(data, "prices")), columns, rows, (),
        "modelled", study.sources, parameters={"node": node} if node else {},
    )  # fmt: skip


def _thinned(count: int) -> list[int]:
    """Return positions along a sorted series, dense at the dear end, where the curve is steep."""
    steps = np.unique(np.round((np.linspace(0, 1, _POINTS) ** 1.8) * (count - 1)).astype(int))
    return [int(i) for i in steps]


def heat_chart(study: Study, language: str, period: int, node: str = "") -> Chart:
    """Return the price of every hour: days across, hours of the day down."""
    prices = price_of(study, period, node)
    days = len(prices) // 24
    table = prices[: days * 24].reshape(days, 24)
    place = study.node(node, language) if node else translate("charts.energy.prices.mean", language)
    by_hour = table.mean(axis=0)
    dear, cheap = int(by_hour.argmax()), int(by_hour.argmin())
    months = np.array([month_of(d) for d in range(days)])
    means = {m: float(table[months == m].mean()) for m in sorted(set(months.tolist()))}
    month = max(means, key=lambda m: means[m])
    flat = float(by_hour.max() - by_hour.min()) < _FLAT * max(float(by_hour.mean()), _FREE)
    title, subtitle, summary = words(
        "heat_flat" if flat else "heat", language, year=period, place=place, dear=f"{dear:02d}", cheap=f"{cheap:02d}",
        unit=unit_name(UNIT, language), high=said(float(by_hour[dear]), UNIT, language), low=said(float(by_hour[cheap]), UNIT, language),
        month=translate(f"charts.energy.month_name.{month}", language), mean=said(float(prices.mean()), UNIT, language),
    )  # fmt: skip
    columns = (
        column("month", language),
        *(Column(f"h{h:02d}", translate("charts.energy.hour_of_day", language, hour=h), UNIT) for h in range(24)),
    )
    rows = tuple(
        (
            Cell(translate(f"charts.energy.month.{m}", language)),
            *(Cell(float(v)) for v in table[months == m].mean(axis=0)),
        )
        for m in means
    )
    return LongChart(
        "energy-heat", language, title, subtitle, summary, _heat(table, language), columns, rows, (), "modelled", study.sources,
        translate("charts.energy.heat.note", language), {"period": str(period)} | ({"node": node} if node else {}),
        full=lambda: _hours(prices, node or "mean", place),
    )  # fmt: skip


def _hours(prices: Floats, key: str, place: str) -> tuple[tuple[Column, ...], Iterable[Sequence[float | str]]]:
    return (Column("hour", ""), Column(key, place, UNIT)), ([str(h), float(v)] for h, v in enumerate(prices))


def _heat(table: Floats, language: str) -> Spec:
    """Return one mark for each run of hours of a colour, so that a year is a few thousand marks and not 8,760."""
    unit = factor(UNIT, language)
    levels = _bounds(table)
    steps = np.searchsorted(levels, table, side="right")
    form = ".2f" if language == "zh" else ",.0f"
    said_bounds = [format(v * unit, form) for v in levels]
    names = [translate("charts.energy.heat.free", language)]
    names += [f"{a} – {b}" for a, b in zip(["0", *said_bounds[1:]], said_bounds[1:], strict=False)]
    names.append(f"≥ {said_bounds[-1]}")
    data = [
        {"d": a, "e": b, "h": h, "g": h + 1, "k": names[step]} for h in range(24) for a, b, step in _runs(steps[:, h])
    ]
    days = len(table)
    labels = ",".join(f"'{translate(f'charts.energy.month.{m}', language)}'" for m in range(1, 13))
    starts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    few = f"[{labels}][indexof([{','.join(map(str, starts))}], datum.value)]"
    x = {
        "field": "d", "type": "quantitative", "scale": {"domain": [0, days], "nice": False},
        "axis": {
            "title": None, "grid": False, "values": [s for s in starts if s < days], "labelExpr": few, "labelAlign": "left",
            "labelOverlap": True,
        },
    }  # fmt: skip
    y = {
        "field": "h",
        "type": "quantitative",
        "scale": {"domain": [24, 0], "nice": False},
        "axis": {"title": None, "grid": False, "values": [0, 6, 12, 18, 24], "labelExpr": "datum.value + ':00'"},
    }
    rect = {
        "mark": {"type": "rect", "strokeWidth": 0},
        "encoding": {
            "x": x, "x2": {"field": "e"}, "y": y, "y2": {"field": "g"},
            "color": {
                "field": "k", "type": "nominal", "scale": {"domain": names, "range": list(HEAT)}, "legend": legend(7),
            },
        },
    }  # fmt: skip
    return layered([rect], height=300, data=values(data, "hours"))


def _bounds(table: Floats) -> Floats:
    """Return the bounds between the colours: as good as nothing, then equal steps of whole tens up to what is rare [CNY/MWh]."""
    top = max(float(np.quantile(table, _DEAR)), 50.0)
    step = max(round(top / (len(HEAT) - 2), -1), 10.0)
    return np.array([_FREE, *(step * i for i in range(1, len(HEAT) - 1))])


def _runs(steps: Any) -> list[tuple[int, int, int]]:
    """Return first, end and step of each run of equal steps."""
    edges = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(steps)]
    return [(a, b, int(steps[a])) for a, b in pairwise(edges)]


def period_means(study: Study) -> dict[str, dict[int, float]]:
    """Return the mean price of every node and period [CNY/MWh]."""
    found: dict[str, dict[int, float]] = {}
    for period in study.results.hourly_periods:
        prices = study.results.prices(period)
        for name, mean in zip(prices.names, prices.values.mean(axis=1).tolist(), strict=True):
            found.setdefault(name, {})[period] = mean
    return found
