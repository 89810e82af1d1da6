"""The pathway model compiled with numba: the same equations as `tanlu.pathways.reference`, one draw at a time in blocks of draws.

Every draw is computed alone and written to its own rows, so the result does not depend on the number of threads. Numbers may differ from
the reference in the last digits (order of sums), never more; a test holds them equal to 1e-9.

Inner loops run over the sectors, which lie side by side in all scratch arrays, so that the processor works on four of them at once. For the
same reason the yearly income effect is a polynomial and not a call of the library.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numpy as np
from numba import njit, prange

from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, FIRST, TECHNOLOGIES
from tanlu.pathways.parameters import CONTROL_ROWS, DRAWS
from tanlu.pathways.tables import Floats, Ints, Program, Tables

F = TypeVar("F", bound=Callable[..., object])

S: Final = len(DEMAND)
C: Final = len(CARRIERS)
R: Final = len(TECHNOLOGIES)
E: Final = len(EMITTERS)
REFINING: Final = DEMAND.index("refining")
POWER: Final = EMITTERS.index("power")
HEAT_SUPPLY: Final = EMITTERS.index("heat")
WASTE: Final = EMITTERS.index("waste")
BLOCK: Final = 64
TINY: Final = 1e-300

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
INCOME_FUEL, INCOME_POWER, INTENSITY_FUEL, INTENSITY_POWER, LEVEL, KEPT, OPEN, NEED, SCALE, USE, ROOM, GROWN = range(
    0, 12 * S, S
)
"""First places of the parts of the scratch vector of the sectors; the first six parts are handed from year to year."""
(
    FLOOR,
    RATIO_ELECTRICITY,
    RATIO_HYDROGEN,
    RATIO_GAS,
    SHIFTED,
    FOLLOWS_PROCESS,
    RESIDUAL,
    OUTPUT,
    MATURITY,
    USER,
    FUEL,
) = range(0, 11 * S, S)
FACTOR: Final = FUEL + C * S
"""First places of the constants of the sectors; ``USER`` is 0 for who mines and refines; ``FUEL`` and ``FACTOR`` have a part a carrier."""
ELASTICITY_FUEL, ELASTICITY_POWER, DECAY, PEOPLE, LIMIT = range(0, 5 * S, S)
"""First places of what the sectors have for each year."""
(
    PLANT_CAPTURE_ELECTRICITY,
    PLANT_CAPTURE_PENALTY,
    PLANT_COAL_CAPACITY,
    PLANT_CURTAILMENT_FREE,
    PLANT_CURTAILMENT_SLOPE,
    PLANT_CURTAILMENT_STORAGE,
    PLANT_DECLINE,
    PLANT_ELECTROLYSIS_EFFICIENCY,
    PLANT_GAS_FACTOR,
    PLANT_GAS_RATE,
    PLANT_GAS_SHARE_MAXIMUM,
    PLANT_HEAT_FUEL,
    PLANT_HOURS_IMPORTS,
    PLANT_HOURS_IMPORTS_MAXIMUM,
    PLANT_HOURS_THERMAL_MAXIMUM,
    PLANT_IMPORTS_FOSSIL,
    PLANT_LOSSES,
    PLANT_POPULATION,
    PLANT_POWER_COAL,
    PLANT_POWER_COAL_FACTOR,
    PLANT_POWER_OTHER,
    PLANT_POWER_PROCESS,
    PLANT_PRIMARY_EQUIVALENT,
    PLANT_REFORMING_EFFICIENCY,
    PLANT_SINK,
    PLANT_SINK_LEVEL,
    PLANT_STORAGE_LOSSES,
    PLANT_THERMAL_MINIMUM,
    PLANT_WASTE,
    HOURS,
) = range(30)
BUILD: Final = HOURS + 5
OUTPUT_BASE: Final = BUILD + 7
"""Places of the numbers of power, heat, imports and land in one vector: hours, limits of building and base output have several."""


RELAXED: Final = {"nnan", "nsz", "arcp", "contract", "reassoc"}
"""Freedom of the compiler: no number of the model is NaN, and sums may be taken in any order that is the same for every draw."""


_COMPILED: Final[list[Any]] = []


def compiled(function: F) -> F:
    """Compile a function and keep the machine code on disk."""
    dispatcher = njit(cache=True, nogil=True, error_model="numpy", fastmath=RELAXED)(function)
    _COMPILED.append(dispatcher)
    return cast(F, dispatcher)


LAYOUT: Final = zlib.crc32(
    repr((EMITTERS, DEMAND, CARRIERS, TECHNOLOGIES, sorted(CONTROL_ROWS.items()), len(DRAWS))).encode()
)
"""Fingerprint of the sets and places that are constants of the machine code."""


@compiled
def _layout() -> int:
    """Return the fingerprint with which the machine code was made."""
    return LAYOUT


@compiled
def _clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


@compiled
def _exp(x: float) -> float:
    """Return e^x to 1e-11 for |x| < 1.5: the series of a quarter of x to the tenth power, squared twice."""
    y = 0.25 * x
    p = 1.0 + y / 10.0
    p = 1.0 + y / 9.0 * p
    p = 1.0 + y / 8.0 * p
    p = 1.0 + y / 7.0 * p
    p = 1.0 + y / 6.0 * p
    p = 1.0 + y / 5.0 * p
    p = 1.0 + y / 4.0 * p
    p = 1.0 + y / 3.0 * p
    p = 1.0 + y / 2.0 * p
    p = 1.0 + y * p
    p *= p
    out: float = p * p
    return out


@compiled
def _moved(p: Program, levers: Floats, moves: Floats, rows: Ints) -> None:
    """Fill what each entry of the program does in this draw: ``moves`` [M, 3] value, default and step, ``rows`` [M] or −1 for nothing."""
    for m in range(len(p.lever)):
        value, default = levers[p.lever[m]], p.default[m]
        moves[m, 0], moves[m, 1], moves[m, 2] = value, default, value - default
        rows[m] = -1 if value == default and p.op[m] < 2 else p.row[m]


@compiled
def _controls(base: Floats, op: Ints, schedule: Floats, moves: Floats, rows: Ints, t: int, now: Floats) -> None:
    """Fill the controls of a year from those of the reference ``base`` [T, K] and the strengths of the entries ``schedule`` [T, M]."""
    for k in range(len(now)):
        now[k] = base[t, k]
    for m in range(len(rows)):
        row, s = rows[m], schedule[t, m]
        if row >= 0 and s != 0.0:
            if op[m] == 0:
                now[row] += moves[m, 2] * s
            elif op[m] == 1:
                now[row] *= (1.0 + (moves[m, 0] - 1.0) * s) / (1.0 + (moves[m, 1] - 1.0) * s)
            elif s > 0:
                now[row] = min(now[row], moves[m, 0])


@compiled
def _services(
    fixed: Floats, yearly: Floats, now: Floats, u: Floats, t: int, growth: float, people: float, work: Floats
) -> None:
    """Advance income effects and intensities; fill the services of fuel and the use of power over that of the base year."""
    n = len(work) // 12
    if t > 0:
        fuel, power, ease = u[2], u[3], u[4]
        for s in range(n):
            work[INCOME_FUEL + s] *= _exp(_clip(yearly[t, ELASTICITY_FUEL + s] * fuel, -1.0, 2.0) * growth)
        for s in range(n):
            work[INCOME_POWER + s] *= _exp(_clip(yearly[t, ELASTICITY_POWER + s] * power, -1.0, 2.0) * growth)
        for s in range(n):
            fall = work[INTENSITY_FUEL + s] * (1.0 - now[EFFICIENCY_FUEL + s] * ease)
            work[INTENSITY_FUEL + s] = max(fixed[FLOOR + s], fall)
        for s in range(n):
            fall = work[INTENSITY_POWER + s] * (1.0 - now[EFFICIENCY_ELECTRICITY + s] * ease)
            work[INTENSITY_POWER + s] = max(fixed[FLOOR + s], fall)
    for s in range(n):
        level = work[LEVEL + s]
        maturity = level + (1.0 - level) * yearly[t, DECAY + s]
        common = people * maturity * yearly[t, PEOPLE + s] * now[ACTIVITY + s]
        work[NEED + s] = common * work[INCOME_FUEL + s]
        work[USE + s] = common * work[INCOME_POWER + s] * work[INTENSITY_POWER + s]
        clinker = 1.0 + fixed[FOLLOWS_PROCESS + s] * (now[PROCESS + s] - 1.0)
        work[SCALE + s] = work[NEED + s] * work[INTENSITY_FUEL + s] * clinker


@compiled
def _survivors(t: int, survival: Floats, old: Floats, vintages: Floats, left: Floats) -> None:
    """Fill what is left of all vintages before year ``t`` and before early retirement, [technology · S]; four vintages at a time."""
    n = len(left)
    for j in range(n):
        left[j] = vintages[0, j] * old[t, j]
    v = 1
    while v + 3 < t:
        for j in range(n):
            first = vintages[v, j] * survival[t - v, j] + vintages[v + 1, j] * survival[t - v - 1, j]
            left[j] += first + vintages[v + 2, j] * survival[t - v - 2, j] + vintages[v + 3, j] * survival[t - v - 3, j]
        v += 4
    while v < t:
        for j in range(n):
            left[j] += vintages[v, j] * survival[t - v, j]
        v += 1


@compiled
def _stock(
    yearly: Floats, t: int, now: Floats, work: Floats, stock: Floats, sales: Floats, retired: Floats, vintages: Floats
) -> None:
    """Advance the stock [technology, S], which holds what is left of older vintages: early retirement and sales.

    Early retirement takes the same share of every older vintage, so it is one factor a sector, ``work[KEPT]``; a vintage is stored over the
    factor of its year.
    """
    n = len(work) // 12
    for s in range(n):
        before, need = work[KEPT + s], work[NEED + s]
        total = before * (stock[s] + stock[1 * S + s] + stock[2 * S + s] + stock[3 * S + s] + stock[4 * S + s])
        kept = min(1.0, need / max(total, TINY))
        work[KEPT + s] = before * kept
        work[ROOM + s] = max(0.0, need - kept * total)
        work[OPEN + s] = need
        for r in range(R):
            retired[r * S + s] = (1.0 - kept) * before * stock[r * S + s]
            stock[r * S + s] *= before * kept
    for r in range(1, R):
        for s in range(n):
            share = _clip(now[SHIFT + (r - 1) * S + s], 0.0, 1.0)
            wanted = work[OPEN + s] * share
            if r == 1:
                wanted = min(wanted, yearly[t, LIMIT + s])
            sold = _clip(wanted - stock[r * S + s], 0.0, work[ROOM + s])
            work[OPEN + s] *= 1.0 - share
            work[ROOM + s] -= sold
            sales[r * S + s] = sold
    for s in range(n):
        sales[s] = work[ROOM + s]
        again = 1.0 / work[KEPT + s]
        for r in range(R):
            stock[r * S + s] += sales[r * S + s]
            vintages[t, r * S + s] = sales[r * S + s] * again


@compiled
def _final(fixed: Floats, work: Floats, stock: Floats, final: Floats) -> None:
    """Fill final energy [carrier, S] and the biomass that replaces coal and oil."""
    n = len(work) // 12
    for s in range(n):
        scale, whole = work[SCALE + s], 1.0 / work[NEED + s]
        electric, hydrogen, gas, biomass = (
            stock[1 * S + s] * whole,
            stock[2 * S + s] * whole,
            stock[3 * S + s] * whole,
            stock[4 * S + s] * whole,
        )
        rest = 1.0 - electric - hydrogen
        coal, oil = fixed[FUEL + s] * scale * (rest - gas), fixed[FUEL + 3 * S + s] * scale * rest
        share = min(1.0, biomass / max(rest - gas, TINY))
        total = (fixed[FUEL + s] + fixed[FUEL + 1 * S + s] + fixed[FUEL + 2 * S + s] + fixed[FUEL + 3 * S + s]) * scale
        grown = (coal + oil) * share
        final[s] = coal * (1.0 - share)
        final[1 * S + s] = fixed[FUEL + 1 * S + s] * scale * rest
        final[2 * S + s] = fixed[FUEL + 2 * S + s] * scale * rest + fixed[FUEL + s] * scale * gas * fixed[RATIO_GAS + s]
        final[3 * S + s] = oil * (1.0 - share)
        final[4 * S + s] = fixed[FUEL + 4 * S + s] * work[USE + s] + total * electric * fixed[RATIO_ELECTRICITY + s]
        final[5 * S + s] = fixed[FUEL + 5 * S + s] * scale
        final[6 * S + s] = fixed[FUEL + 6 * S + s] * scale + total * hydrogen * fixed[RATIO_HYDROGEN + s]
        final[7 * S + s] = fixed[FUEL + 7 * S + s] * scale + grown
        work[GROWN + s] = grown


@compiled
def _follow(follows: Floats, link: float, fixed: Floats, work: Floats, final: Floats) -> None:
    """Let mining and refining follow the use of their fuels by the other sectors; ``follows`` is [S, fossil]."""
    n = len(work) // 12
    coal, coke, gas, oil = 0.0, 0.0, 0.0, 0.0
    base_coal, base_coke, base_gas, base_oil = 0.0, 0.0, 0.0, 0.0
    for s in range(n):
        user = fixed[USER + s]
        coal, base_coal = coal + user * final[s], base_coal + user * fixed[FUEL + s]
        coke, base_coke = coke + user * final[1 * S + s], base_coke + user * fixed[FUEL + 1 * S + s]
        gas, base_gas = gas + user * final[2 * S + s], base_gas + user * fixed[FUEL + 2 * S + s]
        oil, base_oil = oil + user * final[3 * S + s], base_oil + user * fixed[FUEL + 3 * S + s]
    for s in range(n):
        if fixed[USER + s] == 0.0:
            a, b, c, d = follows[s, 0], follows[s, 1], follows[s, 2], follows[s, 3]
            whole = a * base_coal + b * base_coke + c * base_gas + d * base_oil
            if whole > 0.0:
                follow = 1.0 + link * ((a * coal + b * coke + c * gas + d * oil) / whole - 1.0)
                for carrier in range(C):
                    final[carrier * S + s] *= follow
                work[SCALE + s] *= follow
                work[GROWN + s] *= follow


@compiled
def _carbon(
    fixed: Floats,
    now: Floats,
    u: Floats,
    work: Floats,
    stock: Floats,
    final: Floats,
    energy: Floats,
    process: Floats,
) -> None:
    """CO2 of the demand sectors before reforming and capture."""
    n = len(work) // 12
    for s in range(n):
        burnt = final[s] * fixed[FACTOR + s] + final[1 * S + s] * fixed[FACTOR + 1 * S + s]
        burnt += final[2 * S + s] * fixed[FACTOR + 2 * S + s] + final[3 * S + s] * fixed[FACTOR + 3 * S + s]
        energy[s] = (burnt + fixed[RESIDUAL + s] * work[SCALE + s]) * u[6]
    for s in range(n):
        stays = work[NEED + s] - fixed[SHIFTED + s] * (stock[1 * S + s] + stock[2 * S + s])
        process[s] = fixed[OUTPUT + s] * now[PROCESS + s] * stays * u[7]


@compiled
def _balance(
    plant: Floats,
    now: Floats,
    u: Floats,
    work: Floats,
    final: Floats,
    box: Floats,
    energy: Floats,
    process: Floats,
    captured: Floats,
) -> None:
    """Sums over the demand sectors, reforming, capture, and the electricity that is needed."""
    n = len(work) // 12
    electricity, hydrogen, fossil, heat, grown = 0.0, 0.0, 0.0, 0.0, 0.0
    for s in range(n):
        fossil += final[s] + final[1 * S + s] + final[2 * S + s] + final[3 * S + s]
        electricity += final[4 * S + s]
        heat += final[5 * S + s]
        hydrogen += final[6 * S + s]
        grown += work[GROWN + s]
    green = _clip(now[GREEN], 0.0, 1.0)
    reforming = hydrogen * (1.0 - green) / plant[PLANT_REFORMING_EFFICIENCY]
    energy[REFINING] += reforming * plant[PLANT_GAS_FACTOR] * u[6]
    stored = 0.0
    for s in range(n):
        captured[s] = _clip(now[CAPTURE + s], 0.0, 0.95) * (energy[s] + process[s])
        stored += captured[s]
    box[NEEDED] = (
        electricity / 3.6
        + hydrogen * green / plant[PLANT_ELECTROLYSIS_EFFICIENCY] / 3.6
        + stored * plant[PLANT_CAPTURE_ELECTRICITY]
    )
    box[HYDROGEN], box[FOSSIL], box[HEAT], box[REFORMING], box[BIOMASS] = hydrogen, fossil, heat, reforming, grown


@compiled
def _drivers(gdp: float, population: float, u: Floats, box: Floats) -> float:
    """Advance GDP and population by their growth; return the growth of income per head."""
    income = box[GDP] / box[POPULATION]
    box[GDP] *= 1.0 + gdp + u[0]
    box[POPULATION] *= 1.0 + population + u[1]
    growth: float = math.log(box[GDP] / box[POPULATION] / income)
    return growth


@compiled
def _dispatch(
    plant: Floats,
    now: Floats,
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
            plant[OUTPUT_BASE + 2],
            plant[OUTPUT_BASE + 3],
            plant[OUTPUT_BASE + 4],
            plant[OUTPUT_BASE + 5],
            plant[OUTPUT_BASE + 6],
        )
        contract = plant[OUTPUT_BASE + 7]
    else:
        wind = running[0] * plant[HOURS] / 1000.0 * u[11]
        solar = running[1] * plant[HOURS + 1] / 1000.0 * u[11]
        hydro = running[2] * plant[HOURS + 2] / 1000.0 * u[10] * u[WEATHER + t]
        biomass = running[3] * plant[HOURS + 3] / 1000.0
        nuclear = running[4] * plant[HOURS + 4] / 1000.0
        contract = (
            max(0.0, plant[OUTPUT_BASE + 7] + (capacity[6] - first_imports) * plant[PLANT_HOURS_IMPORTS] / 1000.0)
            * u[9]
        )
        contract = min(contract, capacity[6] * plant[PLANT_HOURS_IMPORTS_MAXIMUM] / 1000.0)
    potential = wind + solar
    free = plant[PLANT_CURTAILMENT_FREE] + plant[PLANT_CURTAILMENT_STORAGE] * capacity[5] / (gross / 8.76)
    excess = potential / gross - free
    taken = potential
    if excess > 0.0:
        taken = gross * (
            free + (1.0 - math.exp(-plant[PLANT_CURTAILMENT_SLOPE] * excess)) / plant[PLANT_CURTAILMENT_SLOPE]
        )
    firm, room = hydro + biomass + nuclear, gross * (1.0 - plant[PLANT_THERMAL_MINIMUM])
    keep = min(1.0, room / max(firm, 1e-12))
    firm *= keep
    taken = min(taken, max(0.0, room - firm))
    share = taken / max(potential, 1e-12)
    imports = min(contract, max(0.0, room - firm - taken))
    thermal = gross - firm - taken - imports
    gas = min(plant[OUTPUT_BASE + 1] * now[GAS_GENERATION], thermal * plant[PLANT_GAS_SHARE_MAXIMUM])
    out[0], out[1], out[2], out[3] = thermal - gas, gas, hydro * keep, wind * share
    out[4], out[5], out[6], out[7] = solar * share, biomass * keep, nuclear * keep, imports
    lost: float = potential - taken
    return lost


@compiled
def _build(plant: Floats, now: Floats, t: int, capacity: Floats, running: Floats) -> None:
    """Move the capacities to the end of the year; fill their means over it."""
    for i in range(7):
        wanted = now[CAPACITY + i]
        if t > 0:
            wanted = _clip(wanted, capacity[i] * (1.0 - plant[PLANT_DECLINE]), capacity[i] + plant[BUILD + i])
        running[i] = (capacity[i] + wanted) / 2.0
        capacity[i] = wanted


@compiled
def _supply(
    plant: Floats,
    decay: float,
    now: Floats,
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
    _build(plant, now, t, capacity, running)
    losses = _clip(plant[PLANT_LOSSES] + now[LOSSES], -0.1, 0.3)
    gross = box[NEEDED] / (1.0 - losses) + max(0.0, capacity[5] - first[5]) * plant[PLANT_STORAGE_LOSSES]
    curtailed = _dispatch(plant, now, u, t, gross, first[6], capacity, running, generation)
    capacity[7] = max(plant[PLANT_COAL_CAPACITY], generation[0] * 1000.0 / plant[PLANT_HOURS_THERMAL_MAXIMUM])
    run = generation[0] / plant[OUTPUT_BASE]
    capture = _clip(now[CAPTURE_POWER], 0.0, 0.95)
    coal = plant[PLANT_POWER_COAL] * run * now[COAL_RATE] * (1.0 + plant[PLANT_CAPTURE_PENALTY] * capture)
    cofired = coal * _clip(now[COFIRING], 0.0, 0.95)
    coal -= cofired
    clean_heat = box[HEAT] * _clip(now[HEAT_CLEAN], 0.0, 1.0)
    heat = (box[HEAT] - clean_heat) * plant[PLANT_HEAT_FUEL]
    gas = generation[1] * plant[PLANT_GAS_RATE]
    coal_co2 = coal * plant[PLANT_POWER_COAL_FACTOR] * u[6]
    energy[POWER] = coal_co2 + (gas * plant[PLANT_GAS_FACTOR] + plant[PLANT_POWER_OTHER] * run) * u[6]
    energy[HEAT_SUPPLY], energy[WASTE] = heat * plant[PLANT_POWER_COAL_FACTOR] * u[6], 0.0
    process[POWER], process[HEAT_SUPPLY] = plant[PLANT_POWER_PROCESS] * run * u[7], 0.0
    process[WASTE] = plant[PLANT_WASTE] * box[POPULATION] / plant[PLANT_POPULATION] * u[7]
    captured[POWER], captured[HEAT_SUPPLY], captured[WASTE] = coal_co2 * capture, 0.0, 0.0
    factor = max(0.0, now[IMPORTS_FACTOR] * u[8])
    clean_import = _clip(1.0 - factor / plant[PLANT_IMPORTS_FOSSIL], 0.0, 1.0)
    clean = 0.0
    for g in range(2, 7):
        clean += generation[g]
    without_fossil = (box[BIOMASS] + cofired + clean_heat) / 29.3076
    clean = (clean + generation[7] * clean_import) * plant[PLANT_PRIMARY_EQUIVALENT] + without_fossil
    fossil = (box[FOSSIL] + box[REFORMING] + coal + heat + gas) / 29.3076
    primary = fossil + clean + generation[7] * (1.0 - clean_import) * plant[PLANT_PRIMARY_EQUIVALENT]
    uptake = plant[PLANT_SINK] * (plant[PLANT_SINK_LEVEL] + (1.0 - plant[PLANT_SINK_LEVEL]) * decay) + now[SINK]
    indicators[0], indicators[1], indicators[2] = box[GDP], box[POPULATION], gross
    indicators[3], indicators[4], indicators[5] = generation[7] * factor, uptake * u[12], curtailed
    indicators[6], indicators[7], indicators[8] = box[HYDROGEN], primary, clean / primary


@compiled
def _constants(q: Tables) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the tables as the loops read them: [part · S], [T, part · S], and the survival of new and base stock [T, technology · S]."""
    years = q.controls.shape[1]
    fixed, yearly = np.empty(FACTOR + 4 * S), np.empty((years, 5 * S))
    new, old = np.empty((years, R * S)), np.empty((years, R * S))
    for s in range(S):
        fixed[FLOOR + s], fixed[RATIO_ELECTRICITY + s], fixed[RATIO_HYDROGEN + s] = (
            q.floor[s],
            q.ratio_electricity[s],
            q.ratio_hydrogen[s],
        )
        fixed[RATIO_GAS + s], fixed[SHIFTED + s], fixed[FOLLOWS_PROCESS + s] = (
            q.ratio_gas[s],
            q.process_shifted[s],
            q.process_fuel[s],
        )
        fixed[RESIDUAL + s], fixed[OUTPUT + s], fixed[MATURITY + s] = q.residual[s], q.process[s], q.maturity_level[s]
        supplies = q.follows[s, 0] + q.follows[s, 1] + q.follows[s, 2] + q.follows[s, 3]
        fixed[USER + s] = 0.0 if supplies > 0.0 else 1.0
        for c in range(C):
            fixed[FUEL + c * S + s] = q.final[s, c]
        for f in range(4):
            fixed[FACTOR + f * S + s] = q.factor[s, f]
        for t in range(years):
            yearly[t, ELASTICITY_FUEL + s], yearly[t, ELASTICITY_POWER + s] = (
                q.elasticity_fuel[t, s],
                q.elasticity_electricity[t, s],
            )
            yearly[t, DECAY + s], yearly[t, PEOPLE + s], yearly[t, LIMIT + s] = (
                q.maturity_decay[t, s],
                q.urban[t, s],
                q.electric_limit[t, s],
            )
            for r in range(R):
                new[t, r * S + s], old[t, r * S + s] = q.survival[t, s], q.survival_base[t, s]
    return fixed, yearly, new, old


@compiled
def _plant(q: Tables) -> Floats:
    """Return the numbers of power, heat, imports and land."""
    plant = np.empty(OUTPUT_BASE + 8)
    plant[PLANT_CAPTURE_ELECTRICITY] = q.capture_electricity
    plant[PLANT_CAPTURE_PENALTY] = q.capture_penalty
    plant[PLANT_COAL_CAPACITY] = q.coal_capacity
    plant[PLANT_CURTAILMENT_FREE] = q.curtailment_free
    plant[PLANT_CURTAILMENT_SLOPE] = q.curtailment_slope
    plant[PLANT_CURTAILMENT_STORAGE] = q.curtailment_storage
    plant[PLANT_DECLINE] = q.decline
    plant[PLANT_ELECTROLYSIS_EFFICIENCY] = q.electrolysis_efficiency
    plant[PLANT_GAS_FACTOR] = q.gas_factor
    plant[PLANT_GAS_RATE] = q.gas_rate
    plant[PLANT_GAS_SHARE_MAXIMUM] = q.gas_share_maximum
    plant[PLANT_HEAT_FUEL] = q.heat_fuel
    plant[PLANT_HOURS_IMPORTS] = q.hours_imports
    plant[PLANT_HOURS_IMPORTS_MAXIMUM] = q.hours_imports_maximum
    plant[PLANT_HOURS_THERMAL_MAXIMUM] = q.hours_thermal_maximum
    plant[PLANT_IMPORTS_FOSSIL] = q.imports_fossil
    plant[PLANT_LOSSES] = q.losses
    plant[PLANT_POPULATION] = q.population
    plant[PLANT_POWER_COAL] = q.power_coal
    plant[PLANT_POWER_COAL_FACTOR] = q.power_coal_factor
    plant[PLANT_POWER_OTHER] = q.power_other
    plant[PLANT_POWER_PROCESS] = q.power_process
    plant[PLANT_PRIMARY_EQUIVALENT] = q.primary_equivalent
    plant[PLANT_REFORMING_EFFICIENCY] = q.reforming_efficiency
    plant[PLANT_SINK] = q.sink
    plant[PLANT_SINK_LEVEL] = q.sink_level
    plant[PLANT_STORAGE_LOSSES] = q.storage_losses
    plant[PLANT_THERMAL_MINIMUM] = q.thermal_minimum
    plant[PLANT_WASTE] = q.waste
    plant[HOURS:BUILD], plant[BUILD:OUTPUT_BASE], plant[OUTPUT_BASE:] = q.hours, q.build, q.generation
    return plant


@compiled
def _one(
    q: Tables,
    p: Program,
    levers: Floats,
    u: Floats,
    base: Floats,
    schedule: Floats,
    fixed: Floats,
    yearly: Floats,
    new: Floats,
    old: Floats,
    plant: Floats,
    moves: Floats,
    rows: Ints,
    now: Floats,
    work: Floats,
    vintages: Floats,
    routes: Floats,
    final: Floats,
    flows: Floats,
    i: int,
    energy: Floats,
    process: Floats,
    captured: Floats,
    generation: Floats,
    capacity: Floats,
    indicators: Floats,
    activity: Floats,
    detail: Floats,
    stocks: Floats,
    sold: Floats,
    early: Floats,
) -> None:
    """Run draw ``i`` over all years; the arrays from ``base`` to ``plant`` are tables, those from ``moves`` to ``flows`` scratch."""
    _moved(p, levers, moves, rows)
    work[:NEED] = 1.0
    for s in range(S):
        work[LEVEL + s] = max(0.05, 1.0 + (fixed[MATURITY + s] - 1.0) * u[5])
    box, hold, first, running = np.zeros(8), np.zeros(8), np.empty(7), np.empty(7)
    box[GDP], box[POPULATION] = q.gdp, q.population
    e, pr, ca, made, told = flows[0, :E], flows[1, :E], flows[2, :E], flows[3, :8], flows[4, :9]
    ed, pd, cd = e[FIRST : FIRST + S], pr[FIRST : FIRST + S], ca[FIRST : FIRST + S]
    stock, sales, retired = routes[0], routes[1], routes[2]
    stock[:] = 0.0
    op, follows, link = p.op, q.follows, q.supply_link
    gdp, population, decay, people = q.gdp_growth, q.population_growth, q.sink_decay, q.population
    for t in range(len(base)):
        _controls(base, op, schedule, moves, rows, t, now)
        if t == 0:
            for c in range(7):
                hold[c] = first[c] = now[CAPACITY + c]
        growth = _drivers(gdp[t], population[t], u, box) if t > 0 else 0.0
        _services(fixed, yearly, now, u, t, growth, box[POPULATION] / people, work)
        if t > 0:
            _survivors(t, new, old, vintages, stock)
        _stock(yearly, t, now, work, stock, sales, retired, vintages)
        _final(fixed, work, stock, final)
        _follow(follows, link, fixed, work, final)
        _carbon(fixed, now, u, work, stock, final, ed, pd)
        _balance(plant, now, u, work, final, box, ed, pd, cd)
        _supply(plant, decay[t], now, u, t, first, box, hold, running, made, e, pr, ca, told)
        for x in range(E):
            energy[i, t, x], process[i, t, x], captured[i, t, x] = e[x], pr[x], ca[x]
        for x in range(8):
            generation[i, t, x], capacity[i, t, x] = made[x], hold[x]
        for x in range(9):
            indicators[i, t, x] = told[x]
        for s in range(S):
            activity[i, t, s] = work[NEED + s]
        if len(detail):
            for s in range(S):
                for c in range(C):
                    detail[i, t, s, c] = final[c * S + s]
                for r in range(R):
                    j = r * S + s
                    stocks[i, t, s, r], sold[i, t, s, r], early[i, t, s, r] = stock[j], sales[j], retired[j]


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
    stocks: Floats,
    sold: Floats,
    early: Floats,
) -> None:
    n, years = len(levers), q.controls.shape[1]
    fixed, yearly, new, old = _constants(q)
    plant = _plant(q)
    base, schedule = np.ascontiguousarray(q.controls.T), np.ascontiguousarray(p.schedule.T)
    for b in prange((n + BLOCK - 1) // BLOCK):
        moves, rows, now = np.empty((len(p.lever), 3)), np.empty(len(p.lever), np.int64), np.empty(len(q.controls))
        work, vintages = np.empty(12 * S), np.empty((years, R * S))
        routes, final, flows = np.empty((3, R * S)), np.empty(C * S), np.empty((5, E))
        for i in range(b * BLOCK, min(n, (b + 1) * BLOCK)):
            _one(
                q, p, levers[i], draws[i], base, schedule, fixed, yearly, new, old, plant, moves, rows, now, work, vintages, routes, final,
                flows, i, energy, process, captured, generation, capacity, indicators, activity, detail, stocks, sold, early,
            )  # fmt: skip


serial = cast(Callable[..., None], njit(cache=True, nogil=True, error_model="numpy")(_blocks))
"""All draws in one thread."""
parallel = cast(Callable[..., None], njit(cache=True, nogil=True, error_model="numpy", parallel=True)(_blocks))
"""Blocks of draws on all threads of numba."""

# numba looks at the age of this file alone, and would take machine code made with other sets for its own
if _layout() != LAYOUT:
    for dispatcher in (*_COMPILED, serial, parallel):
        dispatcher._cache.flush()
