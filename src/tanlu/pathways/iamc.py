"""The scenarios as IAMC wide tables: history is the inventory, the years after it the central run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tanlu.pathways.baseline import Baseline
from tanlu.pathways.dimensions import (
    BRANCHES,
    CARRIER_VARIABLE,
    CARRIERS,
    DEMAND,
    EMITTERS,
    FINAL_ENERGY_VARIABLE,
    FIRST_YEAR,
    GENERATOR_VARIABLE,
    GENERATORS,
    LAST_YEAR,
    SECTOR,
    SECTOR_VARIABLE,
    SECTORS,
)  # fmt: skip
from tanlu.pathways.parameters import Floats
from tanlu.pathways.scenarios import ENERGY, NET, PROCESS, TOTAL, WITH_IMPORTS, Scenario, ScenarioSet, imported_co2
from tanlu.pathways.tables import CAPACITIES

if TYPE_CHECKING:
    from tanlu.pathways.effects import Effects

CO2 = "Mt CO2/yr"
PLACES = 6
"""Decimals of numbers in tables."""
_INDUSTRY = "Energy|Demand|Industry|"
INDUSTRY = tuple(s for s in DEMAND if SECTOR[s].variable.startswith(_INDUSTRY))
TRANSPORT = tuple(s for s in DEMAND if SECTOR[s].variable.startswith("Energy|Demand|Transportation|"))
BUILDINGS = tuple(
    s for s in DEMAND if SECTOR[s].variable.startswith(("Energy|Demand|Residential", "Energy|Demand|Commercial"))
)
CAPTURE_VARIABLE = {
    "Energy|Supply|Electricity": ("power",),
    **{
        f"Industry|{name}": BRANCHES[s]
        for s, name in (("steel", "Steel"), ("cement", "Non-Metallic Minerals"), ("chemicals", "Chemicals"))
    },
}
"""Capture by emitters that have a lever for it in most provinces; ``Other`` is the rest."""

Series = tuple[str, str, Floats]
"""Variable, unit and values from the first inventory year to 2060; NaN where a year is not known."""


def iamc_rows(
    scenarios: ScenarioSet, region: str, model: str, effects: Mapping[str, Effects | None] | None = None
) -> list[list[str]]:
    """Return the IAMC wide table, header first, every cell as text.

    Parameters
    ----------
    scenarios : ScenarioSet
    region, model : str
        For the columns Region (``China|…``) and Model.
    effects : mapping, optional
        Other gases, costs, jobs and air pollutants by name of the scenario, see `tanlu.pathways.effects.iamc`.

    Returns
    -------
    list of list of str
        Columns Model, Scenario, Region, Variable, Unit, 2005, …, 2060. Numbers are rounded to six decimals; a year that is not known is an
        empty cell, never a zero.
    """
    from tanlu.pathways.effects.iamc import effect_variables

    years = list(range(FIRST_YEAR, LAST_YEAR + 1))
    out = [["Model", "Scenario", "Region", "Variable", "Unit", *map(str, years)]]
    for scenario in scenarios:
        known = {int(y): i for i, y in enumerate(scenario.years)}
        found = effects.get(scenario.name) if effects else None
        more = () if found is None else effect_variables(found, len(scenario.years))
        for variable, unit, values in (*variables(scenario, scenarios.baseline), *more):
            cells = [_cell(float(values[known[y]])) if y in known else "" for y in years]
            out.append([model, scenario.name, region, variable, unit, *cells])
    return out


def _cell(value: float) -> str:
    return "" if np.isnan(value) else repr(round(value, PLACES) + 0.0)


def variables(scenario: Scenario, baseline: Baseline) -> Iterator[Series]:
    """Yield every variable of a scenario."""
    yield from _drivers(scenario, baseline)
    yield from _emissions(scenario, baseline)
    yield from _final_energy(scenario, baseline)
    yield from _electricity(scenario, baseline)


def _known(values: dict[int, float], years: tuple[int, ...]) -> Floats:
    return np.array([values.get(y, np.nan) for y in years[:-1]])


def _unknown(baseline: Baseline) -> Floats:
    return np.full(len(baseline.years) - 1, np.nan)


def _drivers(scenario: Scenario, baseline: Baseline) -> Iterator[Series]:
    run, years = scenario.central, baseline.years
    price = f"billion CNY_{baseline.base_year}/yr"
    yield "Population", "million", np.concatenate([_known(baseline.population, years), run.indicator("population")[0]])
    yield "GDP|MER", price, np.concatenate([_known(baseline.gdp_real, years), run.indicator("gdp")[0]])
    yield (
        "Primary Energy|Coal Equivalent",
        "Mtce/yr",
        np.concatenate([_unknown(baseline), run.indicator("primary_energy")[0]]),
    )
    share = 100.0 * run.indicator("nonfossil_share")[0]
    yield "Share|Primary Energy|Non-Fossil", "%", np.concatenate([_unknown(baseline), share])


def _emissions(scenario: Scenario, baseline: Baseline) -> Iterator[Series]:
    run = scenario.central
    gross = run.energy[0] + run.process[0]
    kept = 1.0 - np.divide(run.captured[0], gross, out=np.zeros_like(gross), where=gross != 0)
    energy = np.concatenate([baseline.energy[:-1], run.energy[0] * kept])
    process = np.concatenate([baseline.process[:-1], run.process[0] * kept])
    captured = np.concatenate([np.zeros_like(baseline.energy[:-1]), run.captured[0]])
    total = (energy + process).sum(axis=1)
    yield TOTAL, CO2, total
    yield ENERGY, CO2, energy.sum(axis=1)
    yield PROCESS, CO2, process.sum(axis=1)
    place = {e: i for i, e in enumerate(EMITTERS)}

    def add(array: Floats, members: tuple[str, ...]) -> Floats:
        out: Floats = array[:, [place[m] for m in members]].sum(axis=1)
        return out

    tree = _tree({sector: SECTOR_VARIABLE[sector] for sector in SECTORS})
    tree["Energy|Demand|Residential and Commercial"] = BUILDINGS
    for name, members in tree.items():
        if name != "Energy":
            yield f"Emissions|CO2|{name}", CO2, add(energy, members)
    for name, members in _tree({s: SECTOR_VARIABLE[s].removeprefix(_INDUSTRY) for s in INDUSTRY}).items():
        places = [place[s] for s in members]
        if baseline.process[:, places].any():
            values = add(process, members)
            values[: len(baseline.years)][~baseline.known_process[:, places].any(axis=1)] = np.nan
            yield f"{PROCESS}|{name}", CO2, values
    if baseline.known_process[:, place["waste"]].any():
        yield "Emissions|CO2|Waste", CO2, process[:, place["waste"]]
    yield "Carbon Sequestration|CCS", CO2, captured.sum(axis=1)
    for name, members in CAPTURE_VARIABLE.items():
        yield f"Carbon Sequestration|CCS|{name}", CO2, add(captured, members)
    named = {s for members in CAPTURE_VARIABLE.values() for s in members}
    rest = tuple(s for s in EMITTERS if s not in named)
    yield "Carbon Sequestration|CCS|Other", CO2, add(captured, rest)
    imports = np.concatenate([_known(baseline.imports_co2, baseline.years), imported_co2(baseline, run)[0]])
    yield "Emissions|CO2|Imported Electricity", CO2, imports
    yield WITH_IMPORTS, CO2, total + imports
    land = np.concatenate([-_known(baseline.land, baseline.years), run.indicator("sink")[0]])
    yield "Carbon Sequestration|Land Use", CO2, land
    yield NET, CO2, total - land


def _final_energy(scenario: Scenario, baseline: Baseline) -> Iterator[Series]:
    past, future = baseline.final_history[:-1], scenario.central.final[0]
    base = ~np.isnan(baseline.final_history[-1])

    def series(sectors: tuple[str, ...], carriers: tuple[str, ...]) -> Floats:
        """Sum over sectors and carriers; a past year counts only if it has every cell that the base year has."""
        cells = np.ix_(range(len(past)), [DEMAND.index(s) for s in sectors], [CARRIERS.index(c) for c in carriers])
        wanted = base[np.ix_(*[list(x.ravel()) for x in cells[1:]])]
        block = past[cells]
        complete = (~np.isnan(block) | ~wanted).all(axis=(1, 2)) & wanted.any()
        history = np.where(complete, np.nansum(block, axis=(1, 2)), np.nan)
        ahead = future[
            np.ix_(range(len(future)), [DEMAND.index(s) for s in sectors], [CARRIERS.index(c) for c in carriers])
        ]
        return np.concatenate([history, ahead.sum(axis=(1, 2))])

    groups = {"": DEMAND, "|Industry": INDUSTRY, "|Transportation": TRANSPORT, "|Residential and Commercial": BUILDINGS}
    for name, members in groups.items():
        yield f"Final Energy{name}", "PJ/yr", series(members, CARRIERS)
        for carrier in CARRIERS:
            values = series(members, (carrier,))
            # dust of rounding, which compiled code and numpy leave in different places, is no use of a carrier
            if np.round(np.nan_to_num(values), PLACES).any():
                yield f"Final Energy{name}|{CARRIER_VARIABLE[carrier]}", "PJ/yr", values
    for name, members in _tree(FINAL_ENERGY_VARIABLE).items():
        if f"|{name}" not in groups:
            yield f"Final Energy|{name}", "PJ/yr", series(members, CARRIERS)
            yield f"Final Energy|{name}|Electricity", "PJ/yr", series(members, ("electricity",))


def _tree(leaves: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the members of every node of the tree of these variables, parents before their children."""
    out: dict[str, tuple[str, ...]] = {}
    for sector, variable in leaves.items():
        parts = variable.split("|")
        for depth in range(1, len(parts) + 1):
            name = "|".join(parts[:depth])
            out[name] = (*out.get(name, ()), sector)
    return out


def _electricity(scenario: Scenario, baseline: Baseline) -> Iterator[Series]:
    run, years = scenario.central, baseline.years
    generation = run.generation[0]
    empty = _unknown(baseline)

    def of(*sources: str) -> Floats:
        out: Floats = generation[:, [GENERATORS.index(s) for s in sources]].sum(axis=1)
        return out

    yield "Secondary Energy|Electricity", "TWh/yr", np.concatenate([empty, of(*GENERATOR_VARIABLE)])
    thermal = np.concatenate([_known(baseline.thermal, years), of("coal", "gas", "biomass")])
    yield "Secondary Energy|Electricity|Thermal", "TWh/yr", thermal
    for source, name in GENERATOR_VARIABLE.items():
        past = _known(baseline.hydro, years) if source == "hydro" else empty
        yield f"Secondary Energy|Electricity|{name}", "TWh/yr", np.concatenate([past, of(source)])
    demand = run.indicator("electricity_demand")[0]
    yield "Electricity Consumption", "TWh/yr", np.concatenate([_known(baseline.electricity, years), demand])
    yield "Trade|Secondary Energy|Electricity|Volume", "TWh/yr", np.concatenate([empty, -of("imports")])
    yield "Secondary Energy|Electricity|Curtailment", "TWh/yr", np.concatenate([empty, run.indicator("curtailed")[0]])
    yield "Secondary Energy|Hydrogen", "PJ/yr", np.concatenate([empty, run.indicator("hydrogen")[0]])
    for i, name in enumerate(CAPACITIES):
        past = _known(baseline.capacity[name], years) if name in baseline.capacity else empty
        variable = {"storage": "Electricity Storage", "imports": "Transmission Import"}.get(
            name, f"Electricity|{name.title()}"
        )
        yield f"Capacity|{variable}", "GW", np.concatenate([past, run.capacity[0, :, i]])
