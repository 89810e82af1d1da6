"""Pictures of a central run: emissions by group, one group opened, power by source, final energy by carrier."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from tanlu.charts import tokens
from tanlu.charts.studio import (
    CARRIER_ORDER,
    CO2,
    FILLS,
    Picture,
    View,
    emitter_groups,
    member_name,
    member_name_of_group,
    stack_picture,
)
from tanlu.core.units import unit_label
from tanlu.pathways.dimensions import CARRIERS, EMITTERS, GENERATORS

POWER_ORDER: Final = ("nuclear", "hydro", "biomass", "imports", "coal", "solar", "wind", "gas")
"""From the bottom, as `CARRIER_ORDER`."""
MOST_BANDS: Final = len(FILLS)


def emissions_picture(view: View) -> Picture:
    """Return CO2 by group of sectors from the first inventory year to the horizon, with total, net and peak."""
    groups = emitter_groups()
    series = {member_name_of_group(g, view.language): view.emitters[:, list(m)].sum(axis=1) for g, m in groups.items()}
    land = [-view.baseline.land.get(y, math.nan) for y in view.baseline.years[:-1]]
    net = view.total - np.concatenate([land, view.run.indicator("sink")[0]])
    top = int(np.argmax(view.total))
    words = {
        "scenario": view.scenario, "year": view.years[top], "level": view.shown(float(view.total[top]), CO2),
        "last": view.years[-1], "end": view.shown(float(view.total[-1]), CO2), "net": view.shown(float(net[-1]), CO2),
    }  # fmt: skip
    past = "past" if view.years[top] <= view.base_year else "peak"
    said = {
        "title": view.say(f"charts.studio.emissions.{past}", **words),
        "summary": view.say("charts.studio.emissions.summary", **words), "quantity": view.say("charts.studio.emissions.quantity"),
    }  # fmt: skip
    return stack_picture(
        view, "emissions", view.years, series, CO2, said, fills=[tokens.SECTOR_FILLS[g] for g in groups], step=50.0, height=380,
        lines={view.say("charts.studio.net"): net}, mark=True,
    )  # fmt: skip


def sector_picture(view: View, group: str) -> Picture:
    """Return the emitters inside one group of sectors; the smallest are put together where there are more than colours."""
    members = emitter_groups()[group]
    past = (view.baseline.energy + view.baseline.process).sum(axis=0)
    # the order of the inventory, which no lever changes
    kept = sorted(members, key=lambda i: -float(past[i]))
    own, rest = kept[:MOST_BANDS], kept[MOST_BANDS:]
    if rest:
        own, rest = own[:-1], [own[-1], *rest]
    series = {_emitter_name(i, view.language): view.emitters[:, i] for i in own}
    if rest:
        series[view.say("charts.studio.others")] = view.emitters[:, rest].sum(axis=1)
    total = view.emitters[:, list(members)].sum(axis=1)
    name, first = member_name_of_group(group, view.language), total[view.years.index(view.base_year)]
    change = f"{100 * (total[-1] / first - 1):+.0f}".replace("-", "−") if first > 0 else "—"
    words = {
        "group": name, "base": view.base_year, "last": view.years[-1], "change": change, "before": view.shown(float(first), CO2),
        "after": view.shown(float(total[-1]), CO2),
    }  # fmt: skip
    said = {
        "title": view.say("charts.studio.sector.title", **words), "summary": view.say("charts.studio.sector.summary", **words),
        "quantity": view.say("charts.studio.emissions.quantity"),
    }  # fmt: skip
    return stack_picture(
        view, "sector", view.years, series, CO2, said, fills=FILLS, step=20.0, height=300, parameters={"group": group}
    )


def _emitter_name(place: int, language: str) -> str:
    return member_name(EMITTERS[place], language)


def power_picture(view: View) -> Picture:
    """Return generation by source and imports of the run."""
    generation = view.run.generation[0]
    order = [g for g in POWER_ORDER if g in GENERATORS] + [g for g in GENERATORS if g not in POWER_ORDER]
    series = {member_name(g, view.language): generation[:, GENERATORS.index(g)] for g in order}
    green = generation[:, [GENERATORS.index(g) for g in ("wind", "solar")]].sum(axis=1) / generation.sum(axis=1)
    coal = generation[:, GENERATORS.index("coal")] / generation.sum(axis=1)
    at = view.at(2030)
    words = {
        "green": f"{100 * green[at]:.0f}", "green_last": f"{100 * green[-1]:.0f}", "coal": f"{100 * coal[at]:.0f}",
        "coal_last": f"{100 * coal[-1]:.0f}", "year": 2030, "last": view.years[-1],
        "total": view.shown(10 * float(generation.sum(axis=1)[-1]), "10^8 kWh"),
    }  # fmt: skip
    said = {
        "title": view.say("charts.studio.power.title", **words), "summary": view.say("charts.studio.power.summary", **words),
        "quantity": view.say("charts.studio.power.quantity"),
    }  # fmt: skip
    series = {name: 10.0 * own for name, own in series.items()}
    return stack_picture(
        view, "power", view.run.years.tolist(), series, "10^8 kWh", said,
        fills=[FILLS[POWER_ORDER.index(g) % len(FILLS)] if g in POWER_ORDER else tokens.MUTED for g in order], step=500.0,
        status="modelled",
    )  # fmt: skip


def final_picture(view: View) -> Picture:
    """Return final energy by carrier of the run."""
    final = view.run.final[0].sum(axis=1)
    order = [c for c in CARRIER_ORDER if c in CARRIERS] + [c for c in CARRIERS if c not in CARRIER_ORDER]
    series = {member_name(c, view.language): final[:, CARRIERS.index(c)] for c in order}
    whole = final.sum(axis=1)
    share = final[:, CARRIERS.index("electricity")] / whole
    words = {
        "base": view.base_year, "share": f"{100 * share[0]:.0f}", "year": 2030, "share_mid": f"{100 * share[view.at(2030)]:.0f}",
        "last": view.years[-1], "share_last": f"{100 * share[-1]:.0f}", "total": f"{whole[-1]:,.0f}",
        "unit": unit_label("PJ", view.language),
    }  # fmt: skip
    said = {
        "title": view.say("charts.studio.final.title", **words), "summary": view.say("charts.studio.final.summary", **words),
        "quantity": view.say("charts.studio.final.quantity"),
    }  # fmt: skip
    return stack_picture(
        view, "final", view.run.years.tolist(), series, "PJ/yr", said,
        fills=[FILLS[CARRIER_ORDER.index(c) % len(FILLS)] if c in CARRIER_ORDER else tokens.MUTED for c in order], step=500.0,
        status="modelled",
    )  # fmt: skip
