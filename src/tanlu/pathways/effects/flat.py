"""The tables of the effects, flat for the compiled pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from tanlu.pathways.effects.reference import SUPPLY
from tanlu.pathways.noncarbon.agriculture import N2O_PER_N
from tanlu.pathways.noncarbon.declared import SETS
from tanlu.pathways.noncarbon.waste import CH4_PER_C
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints

if TYPE_CHECKING:
    from tanlu.pathways.effects.tables import EffectTables


NUMBERS: Final = (
    "coal_output", "coal_link", "mine", "leak", "caprolactam", "rice_effect", "feed_effect", "manure_effect", "per_synthetic",
    "per_organic", "landfill", "wastewater_nitrous", "biomass_heat", "gas_rate", "gas_factor", "coal_factor", "capture", "heat",
    "reserve", "asked", "gas_hours", "mining", "electrolysis", "reforming", "capture_electricity", "switchgear", "switchgear_retirement",
    "switchgear_leakage", "switchgear_recovered", "pumped_credit", "battery_credit",
)  # fmt: skip
"""Places of ``Flat.number``."""
(
    N_COAL, N_LINK, N_MINE, N_LEAK, N_CAPROLACTAM, N_RICE, N_FEED, N_MANURE, N_SYNTHETIC, N_ORGANIC, N_LANDFILL, N_WATER, N_BIOMASS,
    N_GAS_RATE, N_GAS_FACTOR, N_COAL_FACTOR, N_CAPTURE, N_HEAT, N_RESERVE, N_ASKED, N_GAS_HOURS, N_MINING, N_ELECTROLYSIS, N_REFORMING,
    N_CAPTURE_POWER, N_SWITCH, N_SWITCH_RETIREMENT, N_SWITCH_LEAKAGE, N_SWITCH_RECOVERED, N_PUMPED, N_BATTERY,
) = range(len(NUMBERS))  # fmt: skip
PATHS: Final = (
    "rice", "enteric", "manure_methane", "manure_nitrous", "synthetic", "organic", "waste_head", "past", "wastewater", "panels", "carbon",
    "productivity", "pumped",
)  # fmt: skip
"""Rows of ``Flat.path``; behind them the charge and the HFC share of each bank."""
(
    H_RICE, H_ENTERIC, H_MANURE_CH4, H_MANURE_N2O, H_SYNTHETIC, H_ORGANIC, H_WASTE, H_PAST, H_WATER, H_PANELS, H_CARBON, H_PRODUCTIVITY,
    H_PUMPED,
) = range(len(PATHS))  # fmt: skip
H_CHARGE: Final = len(PATHS)
H_HFC: Final = H_CHARGE + len(SETS["bank"])


class Flat(NamedTuple):
    """What does not change between runs, in few arrays: the time of the compiler grows with their number."""

    number: Floats  # by NUMBERS
    path: Floats  # by PATHS and banks, [., T]
    response: Floats  # [T, T]
    blend: Floats  # [bank, refrigerant]
    cooling: Floats  # [4, bank] start, retirement, leakage, filling
    scale: Floats  # [row]
    factor: Floats  # [T, place, fuel, substance]
    cost: Floats  # [A, T]
    asset: Floats  # [2, A] capital recovery, fixed operation
    life: Ints  # [3, A] life, oldest, owner
    equipment: Floats  # [3, I] cost, capital recovery, fixed operation
    kept: Ints  # [2, I] life, owner
    survival: Floats  # [2, T, S] of new equipment by age, of the base stock by year
    plant: Floats  # [3, plant] variable operation, jobs of building, of operation
    actor: Floats  # [2, actor] share that pays for carbon, jobs of investment
    fuel_price: Floats  # [T, fuel]
    tariff: Floats  # [T, actor]
    capturer: Ints  # [emitter]
    burner: Ints  # [place]
    supply: Ints
    sector: Floats  # [3, S] fossil fuel of the base year, ratio of electricity, weight for caprolactam


def flat_tables(tables: EffectTables) -> Flat:
    """Return the tables of the effects as few arrays, products of constants made beforehand."""
    n, c, q = tables.noncarbon, tables.costs, tables.parameters.tables
    numbers, paths = _numbers(tables), _paths(tables)
    return Flat(
        number=np.array([numbers[name] for name in NUMBERS]),
        path=np.concatenate([[paths[name] for name in PATHS], n.charge, n.hfc]),
        response=n.response,
        blend=n.blend,
        cooling=n.cooling,
        scale=n.scale,
        factor=tables.factor,
        cost=np.ascontiguousarray(c.cost.T),
        asset=np.array([c.recovery, c.fixed]),
        life=np.array([c.life, c.oldest, _place(c.owner)]),
        equipment=np.ascontiguousarray(c.equipment[[0, 2, 3]]),
        kept=np.array([c.equipment[1].astype(np.int64), _place(c.user)]),
        survival=np.array([q.survival, q.survival_base]),
        plant=np.array([c.variable, tables.build, tables.operate]),
        actor=np.array([c.covered, tables.equipment]),
        fuel_price=np.ascontiguousarray(c.fuel),
        tariff=np.ascontiguousarray(c.tariff),
        capturer=_place(c.capturer),
        burner=_place(c.burner),
        supply=np.array(SUPPLY, np.int64),
        sector=np.array([q.final[:, :4].sum(axis=1), q.ratio_electricity, tables.chemicals]),
    )


def _numbers(tables: EffectTables) -> dict[str, float]:
    number, c, q = tables.noncarbon.number, tables.costs, tables.parameters.tables
    air = number("soil.redeposited")
    direct = number("soil.direct") + number("soil.leached") * number("soil.leaching")
    return {
        "coal_output": number("coal.output"),
        "coal_link": number("coal.link"),
        "mine": number("mine.methane"),
        "leak": number("gas.leak"),
        "caprolactam": number("caprolactam.output") * number("caprolactam.factor"),
        "rice_effect": number("rice.effect"),
        "feed_effect": number("enteric.effect"),
        "manure_effect": number("manure.effect"),
        "per_synthetic": (direct + number("soil.volatilised.synthetic") * air) * N2O_PER_N,
        "per_organic": (direct + number("soil.volatilised.organic") * air) * N2O_PER_N,
        "landfill": number("landfill.methane") * CH4_PER_C * (1.0 - number("landfill.oxidised")),
        "wastewater_nitrous": number("wastewater.nitrogen") * number("wastewater.nitrous") * N2O_PER_N,
        "biomass_heat": tables.biomass_heat,
        "gas_rate": float(q.gas_rate),
        "gas_factor": float(q.gas_factor),
        "coal_factor": float(q.power_coal_factor),
        "capture": c.capture,
        "heat": c.heat,
        "reserve": c.reserve,
        "asked": (1.0 + c.margin) * c.peak,
        "gas_hours": c.gas_hours,
        "mining": tables.mining,
        "electrolysis": float(q.electrolysis_efficiency),
        "reforming": float(q.reforming_efficiency),
        "capture_electricity": float(q.capture_electricity),
        "switchgear": number("switchgear.bank") / 1000.0,
        "switchgear_retirement": number("switchgear.retirement"),
        "switchgear_leakage": number("switchgear.leakage"),
        "switchgear_recovered": number("switchgear.recovered"),
        "pumped_credit": c.storage_credits[0],
        "battery_credit": c.storage_credits[1],
    }


def _paths(tables: EffectTables) -> dict[str, Floats]:
    n, number = tables.noncarbon, tables.noncarbon.number
    return {
        "rice": n.rice_area @ n.rice_flux / 1000.0,
        "enteric": n.heads @ n.enteric,
        "manure_methane": n.heads @ n.manure_methane,
        "manure_nitrous": n.heads @ n.manure_nitrous,
        "synthetic": n.synthetic,
        "organic": n.organic,
        "waste_head": n.waste_head,
        "past": n.past,
        "wastewater": n.correction * (number("wastewater.load") * 0.365 * number("wastewater.capacity")),
        "panels": n.panels * number("electronics.factor"),
        "carbon": tables.costs.carbon,
        "productivity": tables.productivity,
        "pumped": tables.costs.pumped,
    }


def _place(one_hot: Floats) -> Ints:
    out: Ints = one_hot.argmax(axis=1).astype(np.int64)
    return out
