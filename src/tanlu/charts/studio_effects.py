"""What a setting brings by action, and what it costs by who bears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.format import capital
from tanlu.charts.studio import CO2, Picture, View, broken_height, stack_picture
from tanlu.core.provenance import Grade
from tanlu.pathways.costs import ACTORS, average_abatement_cost, incremental_cost
from tanlu.pathways.noncarbon.declared import ROWS
from tanlu.pathways.parameters import Floats
from tanlu.pathways.wedges import Wedges

MONEY: Final = "10^8 CNY"
CO2E: Final = "kt CO2e"
_GAS_GROUPS: Final = {
    "coal_mines": "coal_mines", "gas_systems": "energy", "power": "energy", "fuel_use": "energy", "rice": "rice", "enteric": "livestock",
    "manure": "livestock", "soils": "soils", "landfill": "waste", "wastewater": "waste", "cooling": "cooling",
}  # fmt: skip
"""Sources of other gases in the groups of the chart; the rest is industry."""
_ACTIONS: Final = (*tokens.SECTOR_FILLS.values(), tokens.LAND_FILL, tokens.STATUS["bad"])
_TINY: Final = 0.05


def wedges_picture(view: View, found: Wedges, names: Mapping[str, str]) -> Picture:
    """Return what each action takes off the emissions of the world of departure, above what is left.

    Parameters
    ----------
    view : View
    found : Wedges
        From the frozen world to the setting, in the growth case and with the schedules of the setting.
    names : mapping
        Of the actions.
    """
    values = found.total()
    order = sorted(range(len(found.groups)), key=lambda g: found.groups[g], reverse=True)
    labels = {g: f"{found.groups[g]} {names.get(found.groups[g], '')}".strip() for g in order}
    series = {view.say("charts.studio.wedges.left"): found.end["scope1"], **{labels[g]: values[g] for g in order}}
    fills = [tokens.LINE, *(_ACTIONS[(len(order) - 1 - i) % len(_ACTIONS)] for i in range(len(order)))]
    saved, at = found.start["scope1"] - found.end["scope1"], view.at(2030)
    most = int(np.argmax(values[:, -1]))
    words = {
        "last": view.years[-1], "total": view.shown(float(saved[-1]), CO2), "mid": view.shown(float(saved[at]), CO2), "year": 2030,
        "first": found.groups[most], "name": names.get(found.groups[most], ""),
        "share": f"{100 * values[most, -1] / saved[-1]:.0f}" if abs(saved[-1]) > _TINY else "—", "runs": found.runs,
    }  # fmt: skip
    said = {
        "title": view.say("charts.studio.wedges.title", **words), "summary": view.say("charts.studio.wedges.summary", **words),
        "quantity": view.say("charts.studio.emissions.quantity"),
    }  # fmt: skip
    return stack_picture(
        view, "wedges", found.years.tolist(), series, CO2, said, fills=fills, step=50.0,
        height=430 + broken_height(list(series)), status="modelled",
    )  # fmt: skip


@dataclass(frozen=True)
class Money:
    """Yearly cost of a setting and of the reference, 10^9 CNY of the price year, and CO2 with imports [Mt] of both."""

    yearly: Floats
    """[T, actor]"""
    reference: Floats
    """[T] of all actors"""
    co2: tuple[Floats, Floats]
    rate: float
    price_year: int
    grade: Grade


def costs_picture(view: View, money: Money) -> Picture:
    """Return the yearly cost of energy use and supply by who bears it; investment counts as annuities."""
    series = {capital(view.say(f"effects.actor.{actor}")): 10.0 * money.yearly[:, a] for a, actor in enumerate(ACTORS)}
    total = money.yearly.sum(axis=1)
    more = float(incremental_cost(total, money.reference, money.rate))
    tonne = float(average_abatement_cost(total, money.reference, money.co2[0], money.co2[1], money.rate)) * 1e3
    words = {
        "more": view.shown(10.0 * abs(more), MONEY), "tonne": _per_tonne(view, tonne),
        "rate": f"{100 * money.rate:.0f}", "price_year": money.price_year, "grade": money.grade.value, "last": view.years[-1],
        "end": view.shown(10.0 * float(total[-1]), MONEY), "year": 2030, "mid": view.shown(10.0 * float(total[view.at(2030)]), MONEY),
    }  # fmt: skip
    key = "same" if abs(more) < _TINY else "more" if more > 0 else "less"
    said = {
        "title": view.say(f"charts.studio.costs.{key}", **words), "summary": view.say("charts.studio.costs.summary", **words),
        "quantity": view.say("charts.studio.costs.quantity", **words),
    }  # fmt: skip
    return stack_picture(
        view, "costs", view.run.years.tolist(), series, MONEY, said, fills=tuple(tokens.SECTOR_FILLS.values()), step=1000.0,
        status="modelled",
    )  # fmt: skip


def gases_picture(view: View, found: Floats, reference: Floats, gwp: str, grades: Mapping[str, Grade]) -> Picture:
    """Return other gases as CO2-equivalents by source, those with the most of the base year lowest.

    Parameters
    ----------
    view : View
    found, reference : [T, row] Mt CO2e
        Of the setting and of the reference, by `tanlu.pathways.noncarbon.declared.ROWS`.
    gwp : str
        Set of warming potentials.
    grades : mapping
        Grade by source and gas.
    """
    members: dict[str, list[int]] = {}
    for i, row in enumerate(ROWS):
        members.setdefault(_GAS_GROUPS.get(row.id, "others"), []).append(i)
    order = sorted(members, key=lambda g: -float(found[0, members[g]].sum()))
    series = {capital(view.say(f"charts.studio.gases.{g}")): 1e3 * found[:, members[g]].sum(axis=1) for g in order}
    total, base = found.sum(axis=1), reference.sum(axis=1)
    less = float(base[-1] - total[-1])
    words = {
        "gwp": gwp, "last": view.years[-1], "base": view.base_year, "before": view.shown(1e3 * float(total[0]), CO2E),
        "after": view.shown(1e3 * float(total[-1]), CO2E), "less": view.shown(1e3 * abs(less), CO2E),
        "grade": Grade.worst([grades[f"{row.id}:{row.gas}"] for row in ROWS]).value,
    }  # fmt: skip
    key = "same" if abs(less) < _TINY else "less" if less > 0 else "more"
    said = {
        "title": view.say(f"charts.studio.gases.{key}", **words), "summary": view.say("charts.studio.gases.summary", **words),
        "quantity": view.say("charts.studio.gases.quantity", **words),
    }  # fmt: skip
    return stack_picture(
        view, "gases", view.run.years.tolist(), series, CO2E, said, fills=tuple(tokens.SECTOR_FILLS.values()), step=5000.0,
        status="modelled",
    )  # fmt: skip


def _per_tonne(view: View, cost: float) -> str:
    """Return what a tonne costs [CNY], in words; it has no cost where nothing is avoided."""
    if np.isnan(cost):
        return view.say("charts.studio.costs.no_tonne")
    return view.say("charts.studio.costs.tonne", value=f"{cost:,.0f}".replace("-", "−"))
