"""Effects as IAMC variables, named as in the template of the IAM Consortium (common-definitions) where it has a name for them.

Only what the model computes has a row: air pollutants are those of burning fuels, jobs those of `JOB_GROUPS`, costs those of energy use and
supply. Years of the inventory before the run are not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tanlu.pathways.coeffects.declared import JOB_GROUPS, POLLUTANTS
from tanlu.pathways.costs.declared import ACTORS
from tanlu.pathways.effects.run import Effects
from tanlu.pathways.noncarbon.declared import ROWS
from tanlu.pathways.parameters import Floats

PARTS: Final = {
    "coal_mines": "Energy|Supply|Solids", "gas_systems": "Energy|Supply|Gases", "power": "Energy|Supply|Electricity",
    "fuel_use": "Energy|Demand", "caprolactam": "Industrial Processes", "rice": "AFOLU|Agriculture|Rice",
    "enteric": "AFOLU|Agriculture|Livestock|Enteric Fermentation", "manure": "AFOLU|Agriculture|Livestock|Manure Management",
    "soils": "AFOLU|Agriculture|Managed Soils", "landfill": "Waste|Solid Waste", "wastewater": "Waste|Wastewater",
}  # fmt: skip
"""Place of a source of CH4 or N2O below the gas; fluorinated gases have none."""
AIR: Final = {"SO2": ("Sulfur", "Mt SO2/yr"), "NOx": ("NOx", "Mt NO2/yr"), "PM2.5": ("PM2.5", "Mt PM2.5/yr")}
_ACTORS: Final = {
    "power": "Electricity", "industry": "Industry", "households": "Residential", "public": "Commercial",
    "transport": "Transportation", "agriculture": "AFOLU",
}  # fmt: skip

_FAMILY: Final = {"Total Energy System Cost": "costs", "Investment": "costs", "Employment": "jobs"}


def family(variable: str) -> str:
    """Return what a variable of `effect_variables` is of: ``gases``, ``costs``, ``jobs`` or ``pollutants``."""
    first, _, rest = variable.partition("|")
    if first in _FAMILY:
        return _FAMILY[first]
    return "pollutants" if rest.partition("|")[0] in {name for name, _ in AIR.values()} else "gases"


def effect_variables(effects: Effects, years: int) -> Iterator[tuple[str, str, Floats]]:
    """Yield variable, unit and values [years] of the first run; the last years are those of the run, NaN before.

    Parameters
    ----------
    effects : Effects
    years : int
        Years of the whole series, from the first of the inventory.
    """
    past = np.full(years - len(effects.years), np.nan)

    def whole(values: Floats) -> Floats:
        return np.concatenate([past, values])

    yield from ((name, unit, whole(values)) for name, unit, values in _gases(effects))
    for p, pollutant in enumerate(POLLUTANTS):
        name, unit = AIR[pollutant]
        air = effects.pollutants[0, :, :, p] / 1e3
        yield f"Emissions|{name}|Energy", unit, whole(air.sum(axis=1))
        yield f"Emissions|{name}|Energy|Supply|Electricity", unit, whole(air[:, -1])
        yield f"Emissions|{name}|Energy|Demand", unit, whole(air[:, :-1].sum(axis=1))
    money = f"billion CNY_{effects.price_year}/yr"
    yield "Total Energy System Cost", money, whole(effects.costs.total[0])
    for a, actor in enumerate(ACTORS):
        name = _ACTORS.get(actor, actor.replace("_", " ").title())
        yield f"Total Energy System Cost|{name}", money, whole(effects.costs.yearly[0, :, a])
    yield "Investment|Energy", money, whole(effects.costs.component("investment")[0].sum(axis=1))
    jobs = effects.jobs[0]
    yield "Employment|Energy", "thousand", whole(jobs.sum(axis=1))
    for j, group in enumerate(JOB_GROUPS):
        yield f"Employment|Energy|{group.replace('_', ' ').title()}", "thousand", whole(jobs[:, j])


def _gases(effects: Effects) -> Iterator[tuple[str, str, Floats]]:
    masses = effects.masses[0]
    for gas in dict.fromkeys(row.gas for row in ROWS):
        members = [i for i, row in enumerate(ROWS) if row.gas == gas]
        label = gas.replace("-", "")
        name = f"Emissions|HFC|{label}" if gas.startswith("HFC") else f"Emissions|{label}"
        factor, unit = (1e-3, "Mt CH4/yr") if gas == "CH4" else (1.0, f"kt {label}/yr")
        yield name, unit, factor * masses[:, members].sum(axis=1)
        for place in dict.fromkeys(PARTS[ROWS[i].id] for i in members if ROWS[i].id in PARTS):
            own = [i for i in members if PARTS.get(ROWS[i].id) == place]
            yield f"{name}|{place}", unit, factor * masses[:, own].sum(axis=1)
