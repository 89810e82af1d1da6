"""Effects as columns of a long table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tanlu.pathways.coeffects.declared import JOB_GROUPS, POLLUTANTS
from tanlu.pathways.costs.declared import ACTORS, COMPONENTS, PLANTS, TRANSFERS
from tanlu.pathways.dimensions import DEMAND
from tanlu.pathways.noncarbon.declared import ROWS
from tanlu.pathways.parameters import Floats

if TYPE_CHECKING:
    from tanlu.pathways.effects.run import Effects

Series = tuple[str, str, str, str, str, Floats]
"""Group, item, part, unit, grade and values [n, T]."""


def series(effects: Effects, gwp: str) -> Iterator[Series]:
    """Yield every series of the effects."""
    equivalent = effects.co2e(gwp)
    for i, row in enumerate(ROWS):
        grade = effects.grades[f"{row.id}:{row.gas}"].value
        yield "gases", row.id, row.gas, f"kt {row.gas}", grade, effects.masses[..., i]
        yield "co2e", row.id, row.gas, f"Mt CO2e ({gwp})", grade, equivalent[..., i]
    money, grade = f"10^9 CNY ({effects.price_year})", effects.grades["costs"].value
    for a, actor in enumerate(ACTORS):
        for c, component in enumerate(COMPONENTS):
            yield "costs", actor, component, money, grade, effects.costs.values[:, :, a, c]
    for k, transfer in enumerate(TRANSFERS):
        for a, payer in enumerate((*ACTORS, "government")):
            yield "transfers", payer, transfer, money, grade, effects.costs.transfers[:, :, k, a]
    grade = effects.grades["pollutants"].value
    for p, place in enumerate((*DEMAND, "power")):
        for s, pollutant in enumerate(POLLUTANTS):
            yield "pollutants", place, pollutant, "kt", grade, effects.pollutants[:, :, p, s]
    grade = effects.grades["jobs"].value
    for j, group in enumerate(JOB_GROUPS):
        yield "jobs", group, "direct", "10^3 jobs", grade, effects.jobs[..., j]
    for p, plant in enumerate(PLANTS):
        yield "built", plant, "capacity", "GW", effects.grades["costs"].value, effects.built[..., p]


def columns(effects: Effects, gwp: str) -> dict[str, list[object] | Floats]:
    """Return the columns draw, year, group, item, part, value, unit and grade."""
    found = list(series(effects, gwp))
    n, years = effects.masses.shape[:2]
    size = n * years

    def repeat(place: int) -> list[object]:
        return [text for part in found for text in [part[place]] * size]

    return {
        "draw": np.tile(np.repeat(np.arange(n), years), len(found)),
        "year": np.tile(effects.years, n * len(found)),
        "group": repeat(0),
        "item": repeat(1),
        "part": repeat(2),
        "value": np.concatenate([np.broadcast_to(part[5], (n, years)).ravel() for part in found]),
        "unit": repeat(3),
        "grade": repeat(4),
    }
