"""What is built by when, what it costs, and what it emits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from tanlu.charts import tokens
from tanlu.charts.base import LEGEND_ROW, Cell, Chart, Spec, amount_axis, halo, layered, values
from tanlu.charts.energy_base import (
    SEPARATOR,
    Study,
    band_columns,
    colour,
    column,
    factor,
    listed_legend,
    numbers,
    period_axis,
    said,
    unit_name,
    words,
)
from tanlu.core.messages import catalogue, translate

View = Literal["capacity", "built"]
VIEWS: Final[tuple[View, ...]] = ("capacity", "built")
COST_KINDS: Final = ("capital", "fixed", "operation", "co2", "unserved", "standing")
COST_FILLS: Final = tokens.COST_FILLS
_AT_CAP: Final = 0.999
"""Share of a limit from which on it is used up."""
_MOST_COSTS: Final = 12
_LABEL: Final = 170
"""Room for the name of a technology beside its bar [px]; one that depends on the width would cut names in half of a page."""
_NOTHING: Final = 1e-7
"""Share of the cost that is the tolerance of a solver."""


def capacity_sums(study: Study, view: View = "capacity", node: str = "") -> dict[str, dict[int, float]]:
    """Return capacity that supplies electricity, or what of it is built, by band and period [MW]."""
    sums: dict[str, dict[int, float]] = {b: dict.fromkeys(study.results.periods, 0.0) for b in study.bands.supply}
    for row in study.results.capacities:
        band = study.bands.of.get(row.technology)
        if band is None or row.kind != "power" or (node and row.node != node):
            continue
        amount = row.capacity if view == "capacity" else row.built or 0.0
        sums[band][row.period] = sums[band].get(row.period, 0.0) + amount
    return {b: own for b, own in sums.items() if any(v > 0 for v in own.values())}


def capacities_chart(study: Study, language: str, view: View = "capacity") -> Chart:
    """Return the capacities of all periods, stacked by technology.

    Parameters
    ----------
    study : Study
    language : {"zh", "en"}
    view : {"capacity", "built"}
        What stands in a period, or what is built since the period before.
    """
    sums = capacity_sums(study, view)
    periods = study.results.periods
    totals = {p: sum(own[p] for own in sums.values()) for p in periods}
    names = {b: study.name(b, language) for b in sums}
    unit = factor("MW", language)
    data = [
        {"period": str(p), "name": names[b], "rank": i, "value": own[p] * unit}
        for i, (b, own) in enumerate(sums.items())
        for p in periods
        if own[p] > 0
    ]
    shown = list(sums)
    bars = {
        "data": values(data, "bands"),
        "mark": {"type": "bar", **SEPARATOR},
        "encoding": {
            "x": period_axis(), "y": {"field": "value", **amount_axis()}, "order": {"field": "rank"},
            "color": colour([names[b] for b in shown], [study.bands.fills[b] for b in shown]),
            "tooltip": [
                {"field": "period", "title": translate("charts.energy.column.period", language)},
                {"field": "name", "title": " "},
                {"field": "value", "format": ",.1f", "title": unit_name("MW", language)},
            ],
        },
    }  # fmt: skip
    title, subtitle, summary = _capacity_words(study, sums, totals, view, language)
    columns = (column("period", language), *band_columns(study, shown, "MW", language), column("total", language, "MW"))
    rows = tuple((Cell(str(p)), *numbers(sums[b][p] for b in shown), Cell(totals[p])) for p in periods)
    return Chart(
        "energy-capacities", language, title, subtitle, summary, layered([bars, *_totals(totals, unit)], height=380), columns, rows, (),
        "modelled", study.sources, parameters={} if view == "capacity" else {"view": view},
    )  # fmt: skip


def _totals(totals: Mapping[int, float], unit: float) -> list[Spec]:
    """Return the sum of a bar above it."""
    data = [{"period": str(p), "value": v * unit, "text": f"{v * unit:,.0f}"} for p, v in totals.items()]
    encoding = {
        "x": period_axis(), "y": {"field": "value", "type": "quantitative"}, "text": {"field": "text"},
    }  # fmt: skip
    return halo({"dy": -9, "fontSize": 12, "fontWeight": 600}, encoding, data=values(data, "totals"))


def _capacity_words(
    study: Study, sums: Mapping[str, Mapping[int, float]], totals: Mapping[int, float], view: View, language: str
) -> tuple[str, str, str]:
    periods = study.results.periods
    first, last = periods[0], periods[-1]
    if not sums:
        return words("capacities_none", language)
    most = max(sums, key=lambda b: sums[b][last] if view == "capacity" else sum(sums[b].values()))
    grown = max(sums, key=lambda b: sums[b][last] - sums[b][first])
    fields: dict[str, Any] = {
        "first": first, "last": last, "unit": unit_name("MW", language), "most": study.within(most, language),
        "share": f"{100 * sums[most][last] / (totals[last] or 1):.0f}", "total": said(totals[last], "MW", language),
        "before": said(totals[first], "MW", language), "grown": study.within(grown, language),
        "low": said(sums[grown][first], "MW", language), "high": said(sums[grown][last], "MW", language),
        "sum": said(sum(sums[most].values()), "MW", language), "all": said(sum(totals.values()), "MW", language),
    }  # fmt: skip
    if view == "built":
        return words("built", language, **fields)
    return words(
        "capacities" if first != last and grown == most else "capacities_single" if first == last else "capacities_two",
        language,
        **fields,
    )


def costs_chart(study: Study, language: str) -> Chart:
    """Return the discounted cost by technology, stacked by kind of cost."""
    sums: dict[str, dict[str, float]] = {}
    for row in study.results.costs:
        own = sums.setdefault(row.technology or "standing", {})
        own[row.kind] = own.get(row.kind, 0.0) + row.cost_MCNY
    order = sorted(sums, key=lambda t: -sum(sums[t].values()))
    kept, rest = order[:_MOST_COSTS], order[_MOST_COSTS:]
    if rest:
        merged: dict[str, float] = {}
        for technology in rest:
            for kind, amount in sums[technology].items():
                merged[kind] = merged.get(kind, 0.0) + amount
        sums["other"] = merged
        kept = [*kept, "other"]
    total = sum(row.cost_MCNY for row in study.results.costs)
    by_kind: dict[str, float] = {}
    for row in study.results.costs:
        by_kind[row.kind] = by_kind.get(row.kind, 0.0) + abs(row.cost_MCNY)
    there = {k for k, amount in by_kind.items() if amount > _NOTHING * abs(total)}
    kinds = [*(k for k in COST_KINDS if k in there), *sorted(there.difference(COST_KINDS))]
    title, subtitle, summary = _cost_words(study, sums, kept, total, language)
    columns = (
        column("technology", language),
        *(
            column(f"cost_{k}", language, "MCNY") if k in COST_KINDS else column("cost_operation", language, "MCNY")
            for k in kinds
        ),
        column("total", language, "MCNY"),
    )
    rows = tuple(
        (Cell(study.name(t, language)), *numbers(sums[t].get(k, 0.0) for k in kinds), Cell(sum(sums[t].values())))
        for t in [*order[:_MOST_COSTS], *rest]
    )
    bars, height = _cost_bars(study, sums, kept, kinds, language), 26 * len(kept) + 50 + LEGEND_ROW * len(kinds)
    spec = layered([bars], height=height, listed=len(kinds))
    return Chart("energy-costs", language, title, subtitle, summary, spec, columns, rows, (), "modelled", study.sources)


def kind_name(kind: str, language: str) -> str:
    """Return the name of a kind of cost."""
    entry = catalogue().get(f"charts.energy.column.cost_{kind}")
    return entry[language] if entry else kind


def _cost_bars(
    study: Study, sums: Mapping[str, Mapping[str, float]], kept: list[str], kinds: list[str], language: str
) -> Spec:
    unit = factor("MCNY", language)
    names = {k: kind_name(k, language) for k in kinds}
    data = [
        {"name": study.name(t, language), "order": i, "kind": names[k], "rank": kinds.index(k), "value": amount * unit}
        for i, t in enumerate(kept)
        for k, amount in sums[t].items()
        if k in names
    ]
    fills = [dict(zip(COST_KINDS, COST_FILLS, strict=True)).get(k, COST_FILLS[-1]) for k in kinds]
    y = {
        "field": "name", "type": "nominal", "sort": {"field": "order", "op": "min"},
        "axis": {"title": None, "labelLimit": _LABEL, "domain": False, "ticks": False},
    }  # fmt: skip
    return {
        "data": values(data, "costs"),
        "mark": {"type": "bar", **SEPARATOR},
        "encoding": {
            "y": y, "x": {"field": "value", **amount_axis()}, "order": {"field": "rank"},
            "color": {
                "field": "kind", "type": "nominal", "scale": {"domain": list(names.values()), "range": fills},
                "legend": listed_legend(),
            },
            "tooltip": [
                {"field": "name", "title": " "}, {"field": "kind", "title": "\u00a0"},
                {"field": "value", "format": ",.1f", "title": unit_name("MCNY", language)},
            ],
        },
    }  # fmt: skip


def _cost_words(
    study: Study, sums: Mapping[str, Mapping[str, float]], kept: list[str], total: float, language: str
) -> tuple[str, str, str]:
    if not kept or not total:
        return words("costs_none", language, unit=unit_name("MCNY", language), year=study.results.summary["price_year"])
    first, second = kept[0], kept[min(1, len(kept) - 1)]
    shares = {t: f"{100 * sum(sums[t].values()) / total:.0f}" for t in (first, second)}
    by_kind: dict[str, float] = {}
    for own in sums.values():
        for kind, amount in own.items():
            by_kind[kind] = by_kind.get(kind, 0.0) + amount
    kind = max(by_kind, key=lambda k: by_kind[k])
    rate = study.results.summary["discount_rate"]
    return words(
        "costs", language, first=study.within(first, language), share=shares[first], second=study.within(second, language),
        share_second=shares[second], total=said(total, "MCNY", language), unit=unit_name("MCNY", language),
        year=study.results.summary["price_year"], rate=f"{100 * float(rate):g}", kind=kind_name(kind, language).lower(),
    )  # fmt: skip


def emission_sums(study: Study) -> dict[int, float]:
    """Return the CO2 of every period [t], what is removed taken off."""
    sums = dict.fromkeys(study.results.periods, 0.0)
    for row in study.results.emissions:
        sums[row.period] = sums.get(row.period, 0.0) + row.emission_t
    return sums


def emissions_chart(study: Study, language: str) -> Chart:
    """Return CO2 by period with its limit, where the study has one, and what the last tonne costs."""
    sums, unit = emission_sums(study), factor("t", language)
    prices = {r.period: r for r in study.results.carbon_price}
    data = []
    for period, amount in sums.items():
        price = prices[period].price_CNY_t if period in prices else None
        cap = prices[period].cap_t if period in prices else None
        data.append(
            {
                "period": str(period), "value": amount * unit, "cap": None if cap is None else cap * unit, "top": max(amount, 0.0) * unit,
                "price": "" if not price else translate("charts.energy.emissions.mark", language, price=f"{price:,.0f}"),
            }
        )  # fmt: skip
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "color": tokens.MUTED, "width": {"band": 0.55}},
            "encoding": {
                "x": period_axis(), "y": {"field": "value", **amount_axis()},
                "tooltip": [
                    {"field": "period", "title": translate("charts.energy.column.period", language)},
                    {"field": "value", "format": ",.1f", "title": unit_name("t", language)},
                    {"field": "price", "title": translate("charts.energy.column.carbon_price", language)},
                ],
            },
        },
    ]  # fmt: skip
    if any(d["cap"] is not None for d in data):
        tick = {
            "type": "tick",
            "color": tokens.STATUS["bad"],
            "thickness": 3,
            "width": {"band": 0.9},
            "orient": "horizontal",
        }
        layers.append(
            {
                "mark": tick, "transform": [{"filter": "isValid(datum.cap)"}],
                "encoding": {"x": period_axis(), "y": {"field": "cap", "type": "quantitative"}},
            }
        )  # fmt: skip
    top = {"x": period_axis(), "y": {"field": "top", "type": "quantitative"}, "text": {"field": "price"}}
    layers += halo({"dy": -10, "fontSize": 12, "color": tokens.INK}, top)
    title, subtitle, summary = _emission_words(study, sums, language)
    columns = (
        column("period", language), column("emissions", language, "t"), column("cap", language, "t"),
        column("carbon_price", language, "CNY/t"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(str(p)), Cell(v), Cell(prices[p].cap_t if p in prices else None),
            Cell(prices[p].price_CNY_t if p in prices else None),
        )
        for p, v in sums.items()
    )  # fmt: skip
    spec = layered(layers, height=300, data=values(data, "emissions"))
    return Chart(
        "energy-emissions", language, title, subtitle, summary, spec, columns, rows, (), "modelled", study.sources
    )


def _emission_words(study: Study, sums: Mapping[int, float], language: str) -> tuple[str, str, str]:
    periods = study.results.periods
    first, last = periods[0], periods[-1]
    prices = {r.period: r.price_CNY_t for r in study.results.carbon_price if r.price_CNY_t}
    capped = any(r.cap_t is not None for r in study.results.carbon_price)
    fields: dict[str, Any] = {
        "first": first, "last": last, "before": said(sums[first], "t", language), "after": said(sums[last], "t", language),
        "unit": unit_name("t", language) + (translate("charts.energy.emissions.cap", language) if capped else ""),
    }  # fmt: skip
    if not prices:
        caps = {r.period: r.cap_t for r in study.results.carbon_price if r.cap_t is not None}
        full = [p for p, cap in caps.items() if sums.get(p, 0.0) >= _AT_CAP * cap]
        if full:
            return words("emissions_full", language, **fields, year=full[-1])
        return words("emissions_free", language, **fields)
    dear = max(prices, key=lambda p: prices[p] or 0.0)
    return words("emissions", language, **fields, year=dear, price=f"{prices[dear]:,.0f}")
