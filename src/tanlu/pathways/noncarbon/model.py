"""From a run to masses of methane, nitrous oxide and fluorinated gases: drivers times factors, one source after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.assumptions import Assumptions
from tanlu.pathways.noncarbon.agriculture import head_emissions, rice_methane, soil_nitrous_oxide
from tanlu.pathways.noncarbon.declared import CONTROL_NAMES, GASES, ROWS, SETS
from tanlu.pathways.noncarbon.fluorinated import bank_response, gas_bank
from tanlu.pathways.noncarbon.fugitive import coal_mine_methane, gas_leakage
from tanlu.pathways.noncarbon.waste import (
    landfill_methane,
    landfill_response,
    wastewater_methane,
    wastewater_nitrous_oxide,
)

Floats = NDArray[np.float64]

__all__ = ["GASES", "ROWS", "Drivers", "NonCarbonTables", "noncarbon_masses", "noncarbon_tables"]

_ROW = {(row.id, row.gas): i for i, row in enumerate(ROWS)}
_CONTROL = {name: i for i, name in enumerate(CONTROL_NAMES)}


class Drivers(NamedTuple):
    """What a run says about the activities behind other gases, each [n, T]; fuel_use is [n, T, 2] kt CH4 and N2O, power likewise."""

    coal_use: Floats  # base year = 1
    gas: Floats  # PJ
    population: Floats  # 10^6
    electricity: Floats  # TWh
    chemicals: Floats  # base year = 1
    power: Floats
    fuel_use: Floats


class NonCarbonTables(NamedTuple):
    """What does not change between runs. T years; areas, heads and nitrogen are paths of the province."""

    number: Callable[[str], float]
    rice_area: Floats  # [T, season]
    rice_flux: Floats  # [season]
    heads: Floats  # [T, animal]
    enteric: Floats  # [animal]
    manure_methane: Floats
    manure_nitrous: Floats
    synthetic: Floats  # [T]
    organic: Floats
    waste_head: Floats
    past: Floats
    response: Floats  # [T, T]
    correction: Floats
    charge: Floats  # [bank, T] kg/person
    hfc: Floats  # [bank, T]
    blend: Floats  # [bank, refrigerant]
    bank: tuple[tuple[Floats, Floats], ...]
    cooling: Floats  # [4, bank] start, retirement, leakage, filling
    switchgear: tuple[Floats, Floats]
    panels: Floats  # [T]
    scale: Floats  # [row] base year of the inventory over that of the model


def noncarbon_tables(assumed: Assumptions, years: NDArray[np.int64]) -> NonCarbonTables:
    """Return the tables of the years of a run; the scale is 1 until a base year is met (`NonCarbonTables._replace`)."""
    count = len(years)
    carbon = assumed.array("waste.composition") * assumed.array("waste.carbon")
    first = min(p.year for p in assumed.values["waste.landfilled", ""] if p.year is not None)
    history = assumed.path("waste.landfilled", list(range(first, int(years[0]) + 1)))
    past, response = landfill_response(history, carbon, assumed.array("waste.decay"), count)
    retirement = assumed.array("cooling.retirement")
    numbers = {name: points[0].value for (name, index), points in assumed.values.items() if not index}
    parts = ("start", "retirement", "leakage", "filling")
    return NonCarbonTables(
        number=numbers.__getitem__,
        rice_area=assumed.paths("rice.area", years).T.copy(),
        rice_flux=assumed.array("rice.flux"),
        heads=assumed.paths("heads", years).T.copy(),
        enteric=assumed.array("enteric.factor"),
        manure_methane=assumed.array("manure.methane"),
        manure_nitrous=assumed.array("manure.nitrous"),
        synthetic=assumed.path("nitrogen.synthetic", years),
        organic=assumed.path("nitrogen.organic", years),
        waste_head=assumed.path("waste.head", years),
        past=past,
        response=response,
        correction=assumed.path("wastewater.correction", years),
        charge=assumed.paths("cooling.charge", years),
        hfc=assumed.paths("cooling.hfc", years),
        blend=assumed.array("cooling.blend"),
        bank=tuple(bank_response(float(r), count) for r in retirement),
        cooling=np.array([assumed.array(f"cooling.{part}") for part in parts]),
        switchgear=bank_response(assumed.scalar("switchgear.retirement"), count),
        panels=assumed.path("electronics.area", years),
        scale=np.ones(len(ROWS)),
    )


def noncarbon_masses(drivers: Drivers, tables: NonCarbonTables, controls: Floats) -> Floats:
    """Return masses of other gases, [n, T, row] kt, by `ROWS`.

    Parameters
    ----------
    drivers : Drivers
    tables : NonCarbonTables
    controls : [n, control, T]
        Own controls after the levers, by `CONTROL_NAMES`.
    """
    number, n = tables.number, max(len(drivers.population), len(controls))
    out = np.empty((n, drivers.population.shape[1], len(ROWS)))

    def put(source: str, gas: str, mass: Floats) -> None:
        out[:, :, _ROW[source, gas]] = mass

    def k(name: str) -> Floats:
        path: Floats = controls[:, _CONTROL[name]]
        return path

    link = number("coal.link")
    coal = number("coal.output") * (1.0 - link + link * drivers.coal_use)
    put("coal_mines", "CH4", coal_mine_methane(coal, number("mine.methane"), k("mine.used")))
    put("gas_systems", "CH4", gas_leakage(drivers.gas, number("gas.leak"), k("gas.avoided")))
    for i, gas in enumerate(("CH4", "N2O")):
        put("power", gas, drivers.power[..., i])
        put("fuel_use", gas, drivers.fuel_use[..., i])
    caprolactam = number("caprolactam.output") * number("caprolactam.factor")
    put("caprolactam", "N2O", caprolactam * drivers.chemicals * (1.0 - k("caprolactam.abated")))
    _farms(tables, k, put)
    _waste(drivers, tables, k, put)
    _fluorinated(drivers, tables, k, put)
    return out * tables.scale


Put = Callable[[str, str, Floats], None]
Control = Callable[[str], Floats]


def _farms(tables: NonCarbonTables, k: Control, put: Put) -> None:
    number = tables.number
    put("rice", "CH4", rice_methane(tables.rice_area, tables.rice_flux, k("rice.managed"), number("rice.effect")))
    feed, treated = (k("enteric.managed"), number("enteric.effect")), (k("manure.managed"), number("manure.effect"))
    put("enteric", "CH4", head_emissions(tables.heads, tables.enteric, *feed))
    put("manure", "CH4", head_emissions(tables.heads, tables.manure_methane, *treated))
    put("manure", "N2O", head_emissions(tables.heads, tables.manure_nitrous, *treated))
    soils = soil_nitrous_oxide(
        tables.synthetic * (1.0 - k("nitrogen.saved")),
        tables.organic,
        number("soil.direct"),
        (number("soil.volatilised.synthetic"), number("soil.volatilised.organic")),
        number("soil.redeposited"),
        number("soil.leached"),
        number("soil.leaching"),
    )
    put("soils", "N2O", soils)


def _waste(drivers: Drivers, tables: NonCarbonTables, k: Control, put: Put) -> None:
    number = tables.number
    landfilled = drivers.population * tables.waste_head * k("landfill.share")
    fractions = (number("landfill.methane"), k("landfill.recovered"), number("landfill.oxidised"))
    put("landfill", "CH4", landfill_methane(landfilled, tables.past, tables.response, *fractions))
    load, capacity = number("wastewater.load"), number("wastewater.capacity")
    methane = wastewater_methane(drivers.population, load, capacity, tables.correction, k("wastewater.recovered"))
    put("wastewater", "CH4", methane)
    nitrogen, share = number("wastewater.nitrogen"), number("wastewater.nitrous")
    put("wastewater", "N2O", wastewater_nitrous_oxide(drivers.population, nitrogen, share))


def _fluorinated(drivers: Drivers, tables: NonCarbonTables, k: Control, put: Put) -> None:
    number = tables.number
    gases: Floats | float = 0.0
    for b, response in enumerate(tables.bank):
        equipment = drivers.population * tables.charge[b]
        start, retirement, leakage, filling = (float(x) for x in tables.cooling[:, b])
        share = tables.hfc[b] * (1.0 - k("cooling.low_gwp"))
        held = start * equipment[:, :1]
        bank = gas_bank(equipment, share, held, response, retirement, leakage, filling, k("cooling.recovered"))
        gases = gases + bank.emitted[..., None] * tables.blend[b]
    for g, gas in enumerate(SETS["refrigerant"]):
        put("cooling", gas, np.asarray(gases)[..., g])
    equipment = drivers.electricity * (number("switchgear.bank") / 1000.0)
    bank = gas_bank(
        equipment,
        1.0 - k("switchgear.free"),
        equipment[:, :1],
        tables.switchgear,
        number("switchgear.retirement"),
        number("switchgear.leakage"),
        0.0,
        number("switchgear.recovered"),
    )
    put("switchgear", "SF6", bank.emitted)
    put("electronics", "CF4", tables.panels * number("electronics.factor") * (1.0 - k("electronics.abated")))
