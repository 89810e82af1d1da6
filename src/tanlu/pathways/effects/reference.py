"""The effects of a run in plain numpy, put together from the functions of each topic: what the compiled pass must reproduce."""

from __future__ import annotations

from typing import Final

import numpy as np

from tanlu.pathways.coeffects.combustion import combustion_emissions
from tanlu.pathways.coeffects.declared import FUELS, JOB_GROUPS, POLLUTANTS
from tanlu.pathways.coeffects.jobs import direct_jobs
from tanlu.pathways.costs.declared import PLANTS
from tanlu.pathways.costs.model import ACTOR, Equipment, Needs, costs_of
from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, GENERATORS, TECHNOLOGIES
from tanlu.pathways.effects.tables import EffectTables
from tanlu.pathways.noncarbon.model import Drivers, noncarbon_masses
from tanlu.pathways.parameters import Floats
from tanlu.pathways.power_fit import firm_storage, firm_thermal
from tanlu.pathways.tables import CAPACITIES, Result

PJ_PER_TWH: Final = 3.6
SUPPLY: Final = [EMITTERS.index(e) for e in ("power", "heat") if e in EMITTERS]
"""Emitters that burn fuel to make power and heat."""
_BURNT: Final = [CARRIERS.index(f) for f in FUELS]
_GENERATION: Final = [GENERATORS.index(p) if p in GENERATORS else -1 for p in PLANTS]
_ELECTRICITY, _HEAT = CARRIERS.index("electricity"), CARRIERS.index("heat")


def follow(tables: EffectTables, engine: Floats, own: Floats, result: Result) -> tuple[Floats, ...]:
    """Return masses, pollutants, costs, transfers, jobs and capacities built of a run, in the shapes of `Effects`.

    Parameters
    ----------
    tables : EffectTables
    engine, own : [n or 1, control, T]
        Controls of the engine that the effects need, and those of other gases.
    result : Result
    """
    fuel = _fuel(result, tables, engine)
    burnt = combustion_emissions(fuel, tables.factor)
    masses = noncarbon_masses(_drivers(result, tables, fuel, burnt), tables.noncarbon, own)
    costs, added, equipment = costs_of(_needs(result, tables, engine, fuel), tables.costs)
    jobs = _jobs(result, tables, added, equipment, fuel)
    return masses, burnt[..., : len(POLLUTANTS)], costs.values, costs.transfers, jobs, added[..., : len(PLANTS)]


def follow_costs(tables: EffectTables, engine: Floats, result: Result) -> Floats:
    """Return the costs of a run alone, in the shape of `Costs.values`; arguments as in `follow`."""
    return costs_of(_needs(result, tables, engine, _fuel(result, tables, engine)), tables.costs)[0].values


def _fuel(result: Result, tables: EffectTables, engine: Floats) -> Floats:
    """Fuel burnt by place, [n, T, P, fuel] PJ: of the supply, solid fuel and gas from its CO2 and its output."""
    q = tables.parameters.tables
    out = np.empty((*result.final.shape[:2], len(DEMAND) + 1, len(FUELS)))
    out[:, :, :-1] = result.final[..., _BURNT]
    gas = result.generation[..., GENERATORS.index("gas")] * q.gas_rate
    co2 = result.energy[..., SUPPLY].sum(axis=-1)
    solid = np.maximum(co2 - gas * q.gas_factor, 0.0) / q.power_coal_factor
    cofired = np.clip(engine[:, -1], 0.0, 0.95)
    biomass = result.generation[..., GENERATORS.index("biomass")] * tables.biomass_heat
    out[:, :, -1, 0], out[:, :, -1, 1], out[:, :, -1, 2], out[:, :, -1, 3] = solid, 0.0, gas, 0.0
    out[:, :, -1, 4] = biomass + solid * cofired / (1.0 - cofired)
    return out


def _drivers(result: Result, tables: EffectTables, fuel: Floats, burnt: Floats) -> Drivers:
    # without a sector that it follows, caprolactam stays as in the base year
    chemicals = result.activity @ tables.chemicals + (1.0 - tables.chemicals.sum())
    return Drivers(
        coal_use=_coal_use(fuel),
        gas=fuel[..., FUELS.index("gas")].sum(axis=-1),
        population=result.indicator("population"),
        electricity=result.indicator("electricity_demand"),
        chemicals=chemicals,
        power=burnt[..., -1, len(POLLUTANTS) :],
        fuel_use=burnt[..., :-1, len(POLLUTANTS) :].sum(axis=-2),
    )


def _coal_use(fuel: Floats) -> Floats:
    """Coal and coke used in the province over that of the base year, [n, T]; 1 where none was used."""
    coal = fuel[..., 0].sum(axis=-1) + fuel[..., 1].sum(axis=-1)
    base = coal[:, :1]
    out: Floats = np.divide(coal, base, out=np.ones_like(coal), where=base > 0)
    return out


def _assets(result: Result, tables: EffectTables, engine: Floats) -> Floats:
    q, sectors = tables.parameters.tables, len(DEMAND)
    n, years = result.final.shape[:2]
    plants, emitters = len(PLANTS), len(EMITTERS)
    out = np.empty((n, years, tables.costs.cost.shape[1]))
    out[:, :, : plants - 1] = result.capacity
    coal, output = result.capacity[..., CAPACITIES.index("coal")], result.generation[..., 0]
    kept = coal[:, :1] * np.maximum(tables.costs.reserve, output / output[:, :1])
    gas = result.generation[..., 1] * (1000.0 / tables.costs.gas_hours)
    firm = firm_thermal(
        result.indicator("electricity_demand"),
        {name: result.capacity[..., i] for i, name in enumerate(CAPACITIES[:-1])},
        tables.costs.peak,
        tables.costs.margin,
        firm_storage(
            result.capacity[..., CAPACITIES.index("storage")], tables.costs.pumped, tables.costs.storage_credits
        ),
    )
    # plants that are not needed for their output may still be needed for the highest load
    out[:, :, PLANTS.index("coal")] = np.maximum(np.minimum(coal, kept), firm - gas)
    out[:, :, plants - 1] = gas
    out[:, :, plants] = result.indicator("electricity_demand")
    out[:, :, plants + 1] = result.indicator("hydrogen") * engine[:, -2]
    out[:, :, plants + 2 : plants + 2 + emitters] = result.captured
    saved = plants + 2 + emitters
    fossil = q.final[:, :4].sum(axis=1)
    used = result.stock * result.intensity[..., :-1]
    electric = used[..., TECHNOLOGIES.index("electricity")] * fossil
    power = np.maximum(result.final[..., _ELECTRICITY] - electric * q.ratio_electricity, 0.0)
    fuel_saved = fossil * np.maximum(result.stock.sum(axis=-1) * result.autonomous[..., 0] - used.sum(axis=-1), 0.0)
    power_saved = power * np.maximum(result.autonomous[..., 1] / result.intensity[..., -1] - 1.0, 0.0)
    out[:, :, saved : saved + sectors] = fuel_saved + power_saved
    demand = engine[:, :sectors].swapaxes(1, 2)
    # what serves an avoided need (trains for cars, longer life of goods) is taken to cost as much equipment as it saves
    out[:, :, saved + sectors :] = result.activity * fossil * np.maximum(1.0 / demand - 1.0, 0.0)
    return out


def _equipment(result: Result, tables: EffectTables) -> Equipment:
    """Equipment of users in the fuel of the base year; the survivors of a sector are those of each of its technologies."""
    q = tables.parameters.tables
    fossil = q.final[:, :4].sum(axis=1)[:, None]
    flows = ((part * fossil).reshape(*part.shape[:2], -1) for part in (result.sales, result.retired, result.stock))
    survivors = (np.repeat(part, len(TECHNOLOGIES), axis=1) for part in (q.survival, q.survival_base))
    return Equipment(*flows, *survivors)


def _needs(result: Result, tables: EffectTables, engine: Floats, fuel: Floats) -> Needs:
    q, industry = tables.parameters.tables, ACTOR["industry"]
    hydrogen, green = result.indicator("hydrogen"), engine[:, -2]
    generation = result.generation[..., _GENERATION]
    generation[..., PLANTS.index("storage")] = 0.0
    electricity = (result.final[..., _ELECTRICITY] / PJ_PER_TWH) @ tables.owner
    electrolysis = hydrogen * green / (q.electrolysis_efficiency * PJ_PER_TWH)
    electricity[..., industry] += electrolysis + result.captured.sum(axis=-1) * q.capture_electricity
    return Needs(
        assets=_assets(result, tables, engine),
        equipment=_equipment(result, tables),
        generation=generation,
        fuel=fuel,
        reformed=hydrogen * (1.0 - green) / q.reforming_efficiency,
        captured=result.captured,
        electricity=electricity,
        heat=result.final[..., _HEAT] @ tables.owner,
        emitted=result.emissions @ tables.costs.capturer,
    )


def _jobs(result: Result, tables: EffectTables, added: Floats, equipment: Floats, fuel: Floats) -> Floats:
    plants = len(PLANTS)
    out = np.empty((*added.shape[:2], len(JOB_GROUPS)))
    out[..., 0] = direct_jobs(added[..., :plants], tables.build, tables.productivity).sum(axis=-1)
    in_service = np.concatenate(
        [result.capacity, result.generation[..., 1:2] * (1000.0 / tables.costs.gas_hours)], axis=-1
    )
    out[..., 1] = direct_jobs(in_service, tables.operate, tables.productivity).sum(axis=-1)
    out[..., 2] = direct_jobs(equipment, tables.equipment, tables.productivity).sum(axis=-1)
    number = tables.noncarbon.number
    mined = number("coal.output") * (1.0 + number("coal.link") * (_coal_use(fuel) - 1.0))
    out[..., 3] = mined * tables.mining / tables.productivity
    return out
