"""Studies beside each other, and a study beside the pathway model of its run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tanlu.charts.base import LEGEND_ROW, Cell, Chart, Column, Spec, amount_axis, dashed, layered, values
from tanlu.charts.energy_base import (
    SEPARATOR,
    Study,
    colour,
    column,
    factor,
    legend,
    listed_legend,
    numbers,
    said,
    unit_name,
    words,
)
from tanlu.charts.energy_plan import capacity_sums, emission_sums
from tanlu.charts.energy_results import CARRIER
from tanlu.charts.energy_series import FILLS, LOAD
from tanlu.charts.results import Results
from tanlu.core.messages import translate

DEMAND: Final = "Electricity Consumption"
POWER: Final = "Emissions|CO2|Energy|Supply|Electricity"
_COMPARED: Final = {"demand": ("demand", "electricity"), "emissions": ("emissions", "power")}
"""Quantity and item of the comparison that a run makes."""
_LABEL_LINE: Final = 12
"""Height of a line of a label [px]: the middle of its first line stands at the bar, that of three a line higher."""
_TWH: Final = 1e6
_MT: Final = 1e6


@dataclass(frozen=True)
class Compared:
    """A study with the name under which it stands in a comparison."""

    run: str
    label: str
    study: Study


def told_apart(fills: Mapping[str, str], bands: Sequence[str]) -> dict[str, str]:
    """Return fills by band of which no two are the same: studies with other technologies give one fill to different bands."""
    told: dict[str, str] = {}
    for band in bands:
        free = (f for f in FILLS if f not in told.values() and f not in fills.values())
        told[band] = fills[band] if fills[band] not in told.values() else next(free, fills[band])
    return told


def compare_chart(found: Sequence[Compared], language: str, period: int) -> Chart:
    """Return the capacities of several studies in a period, one bar a study."""
    sums = {c.run: {b: own.get(period, 0.0) for b, own in capacity_sums(c.study).items()} for c in found}
    bands = [
        b for b in dict.fromkeys(b for own in sums.values() for b in own) if any(own.get(b) for own in sums.values())
    ]
    fills = told_apart(
        {b: c.study.bands.fills[b] for c in reversed(found) for b in bands if b in c.study.bands.fills}, bands
    )
    name = {b: next(c.study.name(b, language) for c in found if b in sums[c.run]) for b in bands}
    unit = factor("MW", language)
    data = [
        {"run": c.label, "order": n, "name": name[b], "rank": i, "value": sums[c.run].get(b, 0.0) * unit}
        for n, c in enumerate(found)
        for i, b in enumerate(bands)
    ]
    y = {
        "field": "run", "type": "nominal", "sort": {"field": "order", "op": "min"},
        "axis": {
            "title": None, "labelExpr": "split(datum.label, regexp(' · |, |，'))", "labelLimit": 170, "labelOffset": -_LABEL_LINE,
            "domain": False, "ticks": False,
        },
    }  # fmt: skip
    bars = {
        "mark": {"type": "bar", **SEPARATOR},
        "encoding": {
            "y": y, "x": {"field": "value", **amount_axis()}, "order": {"field": "rank"},
            "color": colour([name[b] for b in bands], [fills[b] for b in bands], legend=listed_legend()),
            "tooltip": [
                {"field": "run", "title": " "}, {"field": "name", "title": "\u00a0"},
                {"field": "value", "format": ",.1f", "title": unit_name("MW", language)},
            ],
        },
    }  # fmt: skip
    totals = {c.run: sum(sums[c.run].values()) for c in found}
    most, least = (f(found, key=lambda c: totals[c.run]) for f in (max, min))
    said_words = words(
        "compare" if len(found) > 1 else "compare_one", language, year=period, most=most.label, least=least.label, count=len(found),
        high=said(totals[most.run], "MW", language), low=said(totals[least.run], "MW", language), unit=unit_name("MW", language),
    )  # fmt: skip
    height = 56 * len(found) + 50 + LEGEND_ROW * len(bands)
    spec = layered([bars], height=height, listed=len(bands), data=values(data, "runs"))
    columns = (column("run", language), *(Column(b, name[b], "MW") for b in bands), column("total", language, "MW"))
    rows = tuple((Cell(c.label), *numbers(sums[c.run].get(b, 0.0) for b in bands), Cell(totals[c.run])) for c in found)
    return Chart(
        "energy-compare", language, *said_words, spec, columns,
        rows, (), "modelled", found[0].study.sources, parameters={"runs": ",".join(c.run for c in found), "period": str(period)},
    )  # fmt: skip


def link_series(study: Study, results: Results, quantity: str) -> dict[str, dict[int, float]]:
    """Return demand [TWh] or emissions of electricity [Mt] of the pathway model and of the energy system."""
    pathway = results.pathway(results.reference, DEMAND if quantity == "demand" else POWER)
    own: dict[int, float] = dict.fromkeys(study.results.periods, 0.0)
    compared = {
        r.period: r.system
        for r in study.results.comparison
        if (r.quantity, r.item) == _COMPARED[quantity] and r.system is not None
    }
    if compared:
        own = compared
    elif quantity == "demand":
        for r in study.results.balance:
            if r.carrier == CARRIER and r.technology == LOAD and r.energy < 0:
                own[r.period] = own.get(r.period, 0.0) - r.energy / _TWH
    else:
        electric = set(study.bands.of)
        for e in study.results.emissions:
            if e.technology in electric:
                own[e.period] = own.get(e.period, 0.0) + e.emission_t / _MT
    return {"pathway": {} if pathway is None else dict(pathway.values), "system": own}


def link_chart(study: Study, results: Results, language: str, quantity: str = "demand") -> Chart | None:
    """Return the pathway model beside the energy system in one quantity, or None where the pathway has it not."""
    series = link_series(study, results, quantity)
    periods = study.results.periods
    series["pathway"] = {y: v for y, v in series["pathway"].items() if periods[0] <= y <= periods[-1]}
    if not series["pathway"]:
        return None
    unit = "MWh" if quantity == "demand" else "t"
    scaled = factor(unit, language) * 1e6
    names = {k: translate(f"charts.energy.link.{k}", language) for k in series}
    data = [{"year": y, "series": names[k], "value": v * scaled} for k, own in series.items() for y, v in own.items()]
    line: Spec = {
        "mark": {"type": "line", "strokeWidth": 2.2},
        "encoding": {
            "x": {
                "field": "year", "type": "quantitative",
                "scale": {"domain": [periods[0] - 0.7, periods[-1] + 0.7], "nice": False, "zero": False},
                "axis": {"format": "d", "title": None, "grid": False, "values": list(periods), "labelOverlap": True, "labelSeparation": 6},
            },
            "y": {"field": "value", **amount_axis()}, **dashed(list(names.values()), legend(2, symbolType="stroke"), "series"),
            "tooltip": [
                {"field": "year", "format": "d", "title": translate("charts.energy.column.period", language)},
                {"field": "series", "title": " "}, {"field": "value", "format": ",.1f", "title": unit_name(unit, language)},
            ],
        },
    }  # fmt: skip
    dots = {
        "transform": [{"filter": {"field": "series", "equal": names["system"]}}],
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
        "encoding": {key: line["encoding"][key] for key in ("x", "y", "color", "tooltip")},
    }
    last = periods[-1]
    common = [p for p in periods if p in series["pathway"] and p in series["system"]]
    far = max(common, key=lambda p: abs(series["system"][p] - series["pathway"][p]), default=last)
    base = series["pathway"].get(far) or 1.0
    said_words = words(
        f"link_{quantity}", language, year=far, unit=unit_name(unit, language),
        apart=f"{100 * abs(series['system'][far] - base) / abs(base):.0f}",
        pathway=said(base * 1e6, unit, language), system=said(series["system"].get(far, base) * 1e6, unit, language),
    )  # fmt: skip
    columns = (column("period", language), *(Column(k, names[k], unit) for k in series))
    rows = tuple(
        (Cell(str(p)), *(Cell(None if p not in own else own[p] * 1e6) for own in series.values())) for p in periods
    )
    ids = tuple(f"pathway:{results.reference}:{DEMAND if quantity == 'demand' else POWER}:{p}" for p in common)
    return Chart(
        f"energy-link-{quantity}", language, *said_words, layered([line, dots], height=280, data=values(data, "series")), columns, rows,
        tuple(i for i in ids if i in results.lineage.nodes), "modelled", study.sources,
    )  # fmt: skip


def compared_figures(found: Sequence[Compared], period: int) -> list[dict[str, Any]]:
    """Return the headline figures of each study in a period, for the table of a comparison."""
    rows = []
    for c in found:
        study = c.study.results
        lost = [r for r in study.curtailment if r.period == period]
        could = sum(r.available_MWh for r in lost)
        price = next((r.price_CNY_t for r in study.carbon_price if r.period == period), None)
        own = next((r for r in study.adequacy if r.period == period), None)
        rows.append(
            {
                "run": c.run, "label": c.label, "study": c.study,
                "cost": study.summary.get("upper") or study.summary["objective"],
                "gap": study.summary.get("gap"), "capacity": sum(own_.get(period, 0.0) for own_ in capacity_sums(c.study).values()),
                "emissions": emission_sums(c.study).get(period), "carbon_price": price,
                "curtailed": sum(r.curtailed_MWh for r in lost) / could if could else None,
                "unserved": None if own is None else own.unserved_MWh, "peak": None if own is None else own.peak_MW,
                "assumptions": c.study.grades["D"],
            }
        )  # fmt: skip
    return rows
