"""The pathway model compiled with numba: the same equations as `tanlu.pathways.reference`, one draw at a time in blocks of draws.

Every draw is computed alone and written to its own rows, so the result does not depend on the number of threads. Numbers may differ from
the reference in the last digits (order of sums), never more; a test holds them equal to 1e-9.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeVar, cast

import numpy as np
from numba import njit, prange

from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, FIRST
from tanlu.pathways.parameters import CONTROL_ROWS, DRAWS
from tanlu.pathways.tables import Floats, Program, Tables

F = TypeVar("F", bound=Callable[..., object])

S: Final = len(DEMAND)
C: Final = len(CARRIERS)
REFINING: Final = DEMAND.index("refining")
POWER: Final = EMITTERS.index("power")
HEAT_SUPPLY: Final = EMITTERS.index("heat")
WASTE: Final = EMITTERS.index("waste")
BLOCK: Final = 64

_FIRST = {name: CONTROL_ROWS[name, sector] for name, sector in CONTROL_ROWS if sector in ("", DEMAND[0])}
EFFICIENCY_FUEL: Final = _FIRST["efficiency.fuel"]
EFFICIENCY_ELECTRICITY: Final = _FIRST["efficiency.electricity"]
ACTIVITY: Final = _FIRST["activity.scale"]
SHIFT: Final = _FIRST["shift.electricity"]
CAPTURE: Final = _FIRST["capture"]
PROCESS: Final = _FIRST["process.factor"]
CAPACITY: Final = _FIRST["capacity.wind"]
IMPORTS_FACTOR: Final = _FIRST["imports.factor"]
COAL_RATE: Final = _FIRST["coal.rate"]
COFIRING: Final = _FIRST["coal.cofiring"]
GAS_GENERATION: Final = _FIRST["gas.generation"]
LOSSES: Final = _FIRST["grid.losses"]
HEAT_CLEAN: Final = _FIRST["heat.clean"]
GREEN: Final = _FIRST["hydrogen.green"]
CAPTURE_POWER: Final = _FIRST["capture.power"]
SINK: Final = _FIRST["sink.addition"]

WEATHER: Final = len(DRAWS)
"""First of the columns of a draw that hold the hydro output of each year over its mean."""

GDP, POPULATION, NEEDED, HYDROGEN, FOSSIL, BIOMASS, HEAT, REFORMING = range(8)
"""Places of the scratch vector that the steps of a year hand on."""


def compiled(function: F) -> F:
    """Compile a function and keep the machine code on disk."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy")(function))


@compiled
def _clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


@compiled
def _controls(q: Tables, p: Program, levers: Floats, out: Floats) -> None:
    out[:] = q.controls
    for m in range(len(p.lever)):
        value, default, row, op = levers[p.lever[m]], p.default[m], p.row[m], p.op[m]
        if value == default and op < 2:
            continue
        for t in range(out.shape[1]):
            s = p.schedule[m, t]
            if op == 0:
                out[row, t] += (value - default) * s
            elif op == 1:
                out[row, t] *= (1.0 + (value - 1.0) * s) / (1.0 + (default - 1.0) * s)
            elif s > 0:
                out[row, t] = min(out[row, t], value)


@compiled
def _services(q: Tables, k: Floats, u: Floats, t: int, s: int, growth: float, people: float, state: Floats) -> float:
    """Advance one sector: income effects, intensities, stock and shares; return power use over that of the base year."""
    if t > 0:
        state[0, s] += _clip(q.elasticity_fuel[t, s] * u[2], -1.0, 2.0) * growth
        state[1, s] += _clip(q.elasticity_electricity[t, s] * u[3], -1.0, 2.0) * growth
        state[2, s] = max(q.floor[s], state[2, s] * (1.0 - k[EFFICIENCY_FUEL + s, t] * u[4]))
        state[3, s] = max(q.floor[s], state[3, s] * (1.0 - k[EFFICIENCY_ELECTRICITY + s, t] * u[4]))
    level = max(0.05, 1.0 + (q.maturity_level[s] - 1.0) * u[5])
    maturity = level + (1.0 - level) * q.maturity_decay[t, s]
    common = people * maturity * q.urban[t, s] * k[ACTIVITY + s, t]
    fuel: float = common * math.exp(state[0, s])
    survivors = min((1.0 - q.retirement[s]) * state[4, s], fuel)
    for j in range(4):
        wanted = _clip(k[SHIFT + j * S + s, t], 0.0, 1.0)
        if j == 0:
            wanted = min(wanted, q.electric_limit[t, s] / fuel)
        if t > 0:
            kept = state[5 + j, s] * survivors
            wanted = _clip(wanted, kept / fuel, (kept + fuel - survivors) / fuel)
        state[5 + j, s] = wanted
    state[4, s] = fuel
    power: float = common * math.exp(state[1, s]) * state[3, s]
    return power


@compiled
def _carriers(q: Tables, s: int, scale: float, power: float, state: Floats, final: Floats) -> float:
    """Fill the final energy of one sector; return the biomass that replaces coal and oil."""
    electric, hydrogen, gas, biomass = state[5, s], state[6, s], state[7, s], state[8, s]
    total = (q.final[s, 0] + q.final[s, 1] + q.final[s, 2] + q.final[s, 3]) * scale
    left = scale * (1.0 - electric) * (1.0 - hydrogen)
    coal, oil = q.final[s, 0] * left, q.final[s, 3] * left
    grown: float = (coal * (1.0 - gas) + oil) * biomass
    final[s, 0] = coal * (1.0 - gas) * (1.0 - biomass)
    final[s, 1] = q.final[s, 1] * left
    final[s, 2] = q.final[s, 2] * left + coal * gas * q.ratio_gas[s]
    final[s, 3] = oil * (1.0 - biomass)
    final[s, 4] = q.final[s, 4] * power + total * electric * q.ratio_electricity[s]
    final[s, 5] = q.final[s, 5] * scale
    final[s, 6] = q.final[s, 6] * scale + total * (1.0 - electric) * hydrogen * q.ratio_hydrogen[s]
    final[s, 7] = q.final[s, 7] * scale + grown
    return grown


@compiled
def _follow(q: Tables, final: Floats, energy: Floats, grown: Floats) -> None:
    """Let mining and refining follow the use of their fuels by the other sectors."""
    for s in range(S):
        whole, now = 0.0, 0.0
        for f in range(4):
            if q.follows[s, f] > 0.0:
                for other in range(S):
                    supplies = q.follows[other, 0] + q.follows[other, 1] + q.follows[other, 2] + q.follows[other, 3]
                    if supplies == 0.0:
                        now += final[other, f]
                        whole += q.final[other, f]
        if whole > 0.0:
            follow = 1.0 + q.supply_link * (now / whole - 1.0)
            for c in range(C):
                final[s, c] *= follow
            energy[s] *= follow
            grown[s] *= follow


@compiled
def _demand(
    q: Tables,
    k: Floats,
    u: Floats,
    t: int,
    state: Floats,
    box: Floats,
    final: Floats,
    grown: Floats,
    energy: Floats,
    process: Floats,
    activity: Floats,
) -> None:
    """Advance one year of the demand sectors; ``state`` is [9, S]: income ×2, intensity ×2, stock, shares ×4."""
    growth = 0.0
    if t > 0:
        income = box[GDP] / box[POPULATION]
        box[GDP] *= 1.0 + q.gdp_growth[t] + u[0]
        box[POPULATION] *= 1.0 + q.population_growth[t] + u[1]
        growth = math.log(box[GDP] / box[POPULATION] / income)
    people = box[POPULATION] / q.population
    for s in range(S):
        power = _services(q, k, u, t, s, growth, people, state)
        clinker = 1.0 + q.process_fuel[s] * (k[PROCESS + s, t] - 1.0)
        scale = state[4, s] * state[2, s] * clinker
        grown[s] = _carriers(q, s, scale, power, state, final)
        activity[s] = state[4, s]
        energy[s] = q.residual[s] * scale
        stays = 1.0 - q.process_shifted[s] * (1.0 - (1.0 - state[5, s]) * (1.0 - state[6, s]))
        process[s] = q.process[s] * state[4, s] * k[PROCESS + s, t] * stays * u[7]
    _follow(q, final, energy, grown)
    box[BIOMASS] = grown.sum()


@compiled
def _balance(
    q: Tables,
    k: Floats,
    u: Floats,
    t: int,
    box: Floats,
    final: Floats,
    energy: Floats,
    process: Floats,
    captured: Floats,
) -> None:
    """CO2 of the demand sectors and the electricity that is needed."""
    electricity, hydrogen, fossil, heat = 0.0, 0.0, 0.0, 0.0
    for s in range(S):
        for f in range(4):
            energy[s] += final[s, f] * q.factor[s, f]
            fossil += final[s, f]
        energy[s] *= u[6]
        electricity += final[s, 4]
        heat += final[s, 5]
        hydrogen += final[s, 6]
    green = _clip(k[GREEN, t], 0.0, 1.0)
    reforming = hydrogen * (1.0 - green) / q.reforming_efficiency
    energy[REFINING] += reforming * q.gas_factor * u[6]
    stored = 0.0
    for s in range(S):
        captured[s] = _clip(k[CAPTURE + s, t], 0.0, 0.95) * (energy[s] + process[s])
        stored += captured[s]
    box[NEEDED] = (
        electricity / 3.6 + hydrogen * green / q.electrolysis_efficiency / 3.6 + stored * q.capture_electricity
    )
    box[HYDROGEN], box[FOSSIL], box[HEAT], box[REFORMING] = hydrogen, fossil, heat, reforming


@compiled
def _dispatch(
    q: Tables,
    k: Floats,
    u: Floats,
    t: int,
    gross: float,
    first_imports: float,
    capacity: Floats,
    running: Floats,
    out: Floats,
) -> float:
    """Fill generation [8] by the share rule and return what is curtailed [TWh]; ``running`` is the mean capacity of the year."""
    if t == 0:
        hydro, wind, solar, biomass, nuclear = (
            q.generation[2],
            q.generation[3],
            q.generation[4],
            q.generation[5],
            q.generation[6],
        )
        contract = q.generation[7]
    else:
        wind = running[0] * q.hours[0] / 1000.0 * u[11]
        solar = running[1] * q.hours[1] / 1000.0 * u[11]
        hydro = running[2] * q.hours[2] / 1000.0 * u[10] * u[WEATHER + t]
        biomass = running[3] * q.hours[3] / 1000.0
        nuclear = running[4] * q.hours[4] / 1000.0
        contract = max(0.0, q.generation[7] + (capacity[6] - first_imports) * q.hours_imports / 1000.0) * u[9]
        contract = min(contract, capacity[6] * q.hours_imports_maximum / 1000.0)
    potential = wind + solar
    free = q.curtailment_free + q.curtailment_storage * capacity[5] / (gross / 8.76)
    excess = potential / gross - free
    taken = potential
    if excess > 0.0:
        taken = gross * (free + (1.0 - math.exp(-q.curtailment_slope * excess)) / q.curtailment_slope)
    firm, room = hydro + biomass + nuclear, gross * (1.0 - q.thermal_minimum)
    keep = min(1.0, room / max(firm, 1e-12))
    firm *= keep
    taken = min(taken, max(0.0, room - firm))
    share = taken / max(potential, 1e-12)
    imports = min(contract, max(0.0, room - firm - taken))
    thermal = gross - firm - taken - imports
    gas = min(q.generation[1] * k[GAS_GENERATION, t], thermal * q.gas_share_maximum)
    out[0], out[1], out[2], out[3] = thermal - gas, gas, hydro * keep, wind * share
    out[4], out[5], out[6], out[7] = solar * share, biomass * keep, nuclear * keep, imports
    lost: float = potential - taken
    return lost


@compiled
def _build(q: Tables, k: Floats, t: int, capacity: Floats, running: Floats) -> None:
    """Move the capacities to the end of the year; fill their means over it."""
    for i in range(7):
        wanted = k[CAPACITY + i, t]
        if t > 0:
            wanted = _clip(wanted, capacity[i] * (1.0 - q.decline), capacity[i] + q.build[i])
        running[i] = (capacity[i] + wanted) / 2.0
        capacity[i] = wanted


@compiled
def _supply(
    q: Tables,
    k: Floats,
    u: Floats,
    t: int,
    first: Floats,
    box: Floats,
    capacity: Floats,
    running: Floats,
    generation: Floats,
    energy: Floats,
    process: Floats,
    captured: Floats,
    indicators: Floats,
) -> None:
    """Electricity, heat, imports, sink and primary energy of one year; the rows of power, heat and waste."""
    _build(q, k, t, capacity, running)
    losses = _clip(q.losses + k[LOSSES, t], -0.1, 0.3)
    gross = box[NEEDED] / (1.0 - losses) + max(0.0, capacity[5] - first[5]) * q.storage_losses
    curtailed = _dispatch(q, k, u, t, gross, first[6], capacity, running, generation)
    capacity[7] = max(q.coal_capacity, generation[0] * 1000.0 / q.hours_thermal_maximum)
    run = generation[0] / q.generation[0]
    capture = _clip(k[CAPTURE_POWER, t], 0.0, 0.95)
    coal = q.power_coal * run * k[COAL_RATE, t] * (1.0 + q.capture_penalty * capture)
    cofired = coal * _clip(k[COFIRING, t], 0.0, 0.95)
    coal -= cofired
    clean_heat = box[HEAT] * _clip(k[HEAT_CLEAN, t], 0.0, 1.0)
    heat = (box[HEAT] - clean_heat) * q.heat_fuel
    gas = generation[1] * q.gas_rate
    coal_co2 = coal * q.power_coal_factor * u[6]
    energy[POWER] = coal_co2 + (gas * q.gas_factor + q.power_other * run) * u[6]
    energy[HEAT_SUPPLY], energy[WASTE] = heat * q.power_coal_factor * u[6], 0.0
    process[POWER], process[HEAT_SUPPLY] = q.power_process * run * u[7], 0.0
    process[WASTE] = q.waste * box[POPULATION] / q.population * u[7]
    captured[POWER], captured[HEAT_SUPPLY], captured[WASTE] = coal_co2 * capture, 0.0, 0.0
    factor = max(0.0, k[IMPORTS_FACTOR, t] * u[8])
    clean_import = _clip(1.0 - factor / q.imports_fossil, 0.0, 1.0)
    clean = 0.0
    for g in range(2, 7):
        clean += generation[g]
    without_fossil = (box[BIOMASS] + cofired + clean_heat) / 29.3076
    clean = (clean + generation[7] * clean_import) * q.primary_equivalent + without_fossil
    fossil = (box[FOSSIL] + box[REFORMING] + coal + heat + gas) / 29.3076
    primary = fossil + clean + generation[7] * (1.0 - clean_import) * q.primary_equivalent
    uptake = q.sink * (q.sink_level + (1.0 - q.sink_level) * q.sink_decay[t]) + k[SINK, t]
    indicators[0], indicators[1], indicators[2] = box[GDP], box[POPULATION], gross
    indicators[3], indicators[4], indicators[5] = generation[7] * factor, uptake * u[12], curtailed
    indicators[6], indicators[7], indicators[8] = box[HYDROGEN], primary, clean / primary


@compiled
def _one(
    q: Tables,
    p: Program,
    levers: Floats,
    u: Floats,
    k: Floats,
    work: Floats,
    final: Floats,
    i: int,
    energy: Floats,
    process: Floats,
    captured: Floats,
    generation: Floats,
    capacity: Floats,
    indicators: Floats,
    activity: Floats,
    detail: Floats,
) -> None:
    """Run draw ``i`` over all years; ``work`` is [9, S] scratch and ``final`` [S, carrier]."""
    _controls(q, p, levers, k)
    work[:] = 0.0
    work[2:5] = 1.0
    grown = np.empty(S)
    box, hold, first, running = np.zeros(8), np.zeros(8), np.empty(7), np.empty(7)
    box[GDP], box[POPULATION] = q.gdp, q.population
    for c in range(7):
        hold[c] = k[CAPACITY + c, 0]
        first[c] = hold[c]
    for t in range(k.shape[1]):
        e, pr, ca = energy[i, t], process[i, t], captured[i, t]
        ed, pd, cd = e[FIRST : FIRST + S], pr[FIRST : FIRST + S], ca[FIRST : FIRST + S]
        _demand(q, k, u, t, work, box, final, grown, ed, pd, activity[i, t])
        _balance(q, k, u, t, box, final, ed, pd, cd)
        _supply(q, k, u, t, first, box, hold, running, generation[i, t], e, pr, ca, indicators[i, t])
        capacity[i, t] = hold
        if len(detail):
            detail[i, t] = final


def _blocks(
    q: Tables,
    p: Program,
    levers: Floats,
    draws: Floats,
    energy: Floats,
    process: Floats,
    captured: Floats,
    generation: Floats,
    capacity: Floats,
    indicators: Floats,
    activity: Floats,
    detail: Floats,
) -> None:
    n = len(levers)
    for b in prange((n + BLOCK - 1) // BLOCK):
        k = np.empty(q.controls.shape)
        work, final = np.empty((9, S)), np.empty((S, C))
        for i in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            _one(
                q,
                p,
                levers[i],
                draws[i],
                k,
                work,
                final,
                i,
                energy,
                process,
                captured,
                generation,
                capacity,
                indicators,
                activity,
                detail,
            )


serial = cast(Callable[..., None], njit(cache=True, nogil=True, error_model="numpy")(_blocks))
"""All draws in one thread."""
parallel = cast(Callable[..., None], njit(cache=True, nogil=True, error_model="numpy", parallel=True)(_blocks))
"""Blocks of draws on all threads of numba."""
