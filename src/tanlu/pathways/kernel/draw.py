"""One draw over all years, and all draws in turn.

Every draw is computed alone and written to its own rows, and threads share one machine code: the result does not depend on their number.
Numbers may differ from the reference in the last digits (order of sums), never more; a test holds them equal to 1e-9.
"""

from __future__ import annotations

import math

from tanlu.pathways.dimensions import FIRST
from tanlu.pathways.kernel.controls import controls, strengths
from tanlu.pathways.kernel.demand import balance, carbon, final_energy, follow_use
from tanlu.pathways.kernel.places import (
    CAPACITY,
    FINAL,
    GDP,
    GONE,
    LEVEL,
    MATURITY,
    NEED,
    NEW_FUEL,
    NEW_POWER,
    OPEN,
    PLANT_GDP,
    PLANT_LINK,
    PLANT_POPULATION,
    POPULATION,
    ROW,
    SALES,
    START_FUEL,
    START_POWER,
    STOCK,
    C,
    E,
    R,
    S,
    compiled,
    entrance,
)
from tanlu.pathways.kernel.stock import (
    improve,
    lay_down,
    needs,
    needs_power,
    services,
    survivors,
    turn_over,
    turn_over_power,
    units_need,
)
from tanlu.pathways.kernel.supply import supply
from tanlu.pathways.tables import Floats, Ints


@compiled
def drivers(gdp: float, population: float, u: Floats, box: Floats) -> float:
    """Advance GDP and population by their growth; return the growth of income per head."""
    income = box[GDP] / box[POPULATION]
    box[GDP] *= 1.0 + gdp + u[0]
    box[POPULATION] *= 1.0 + population + u[1]
    growth: float = math.log(box[GDP] / box[POPULATION] / income)
    return growth


@compiled
def emitted(energy: Floats, process: Floats, captured: Floats, out: Floats) -> None:
    """Fill CO2 of energy and of processes after capture, summed over the emitters; capture takes the same share of both."""
    burnt, made = 0.0, 0.0
    for x in range(len(energy)):
        if captured[x] != 0.0:
            kept = 1.0 - captured[x] / (energy[x] + process[x])
            burnt += energy[x] * kept
            made += process[x] * kept
        else:
            burnt += energy[x]
            made += process[x]
    out[0], out[1] = burnt, made


@entrance
def simulate(
    fixed: Floats, yearly: Floats, plant: Floats, follows: Floats, growths: Floats, base: Floats, lever: Ints, row: Ints, op: Ints,
    plain: int, default: Floats, weight: Floats, columns: Ints, ages: Floats, levers: Floats, draws: Floats, energy: Floats, process:
    Floats, captured: Floats, generation: Floats, capacity: Floats, indicators: Floats, activity: Floats, total: Floats, detail: Floats,
    stocks: Floats, bought: Floats, early: Floats, intensity: Floats, autonomous: Floats, moves: Floats, steer: Floats, work: Floats,
    store: Floats, left: Floats, ahead: Floats, efficiency: Floats, asked: Floats, served: Floats, flows: Floats, boxes: Floats,
) -> None:  # fmt: skip
    """Run all draws over all years, one after the other; the lock of the interpreter is not held.

    The arrays up to ``ages`` are tables, those from ``moves`` scratch. Where detail is asked for, the efficiency of equipment is followed
    a second time, as if it had gone on as before the base year. The loop over the years is not a function of its own: the compiler
    would go through all of it twice, which takes it a third longer.
    """
    for i in range(len(levers)):
        u = draws[i]
        strengths(lever, default, levers[i], moves)
        follow = 2 if i < len(detail) else 1
        work[:OPEN], left[:], efficiency[:], boxes[:] = 1.0, 0.0, 1.0, 0.0
        for s in range(S):
            work[LEVEL + s] = max(0.05, 1.0 + (fixed[MATURITY + s] - 1.0) * u[5])
            for k in range(2):
                efficiency[k, NEW_FUEL + s], efficiency[k, NEW_POWER + s] = (
                    fixed[START_FUEL + s],
                    fixed[START_POWER + s],
                )
        box, hold, first, running = boxes[0], boxes[1], boxes[2], boxes[3]
        box[GDP], box[POPULATION] = plant[PLANT_GDP], plant[PLANT_POPULATION]
        e, pr, ca, made, told = flows[0, :E], flows[1, :E], flows[2, :E], flows[3, :8], flows[4, :9]
        ed, pd, cd = e[FIRST : FIRST + S], pr[FIRST : FIRST + S], ca[FIRST : FIRST + S]
        now = steer[0]
        for k in range(len(now)):
            steer[1, k] = base[0, k]
        for t in range(len(base)):
            controls(base, row, op, plain, default, weight, moves, t, now)
            if t == 0:
                for c in range(7):
                    hold[c] = first[c] = now[CAPACITY + c]
            growth = drivers(growths[t, 0], growths[t, 1], u, box) if t > 0 else 0.0
            services(fixed, yearly, now, u, t, growth, box[POPULATION] / plant[PLANT_POPULATION], work)
            if t > 0:
                for k in range(follow):
                    improve(fixed, steer[k], u[4], efficiency[k])
                    survivors(t, columns, ages, store[k], ahead[k], left[k])
            turn_over(yearly, t, now, work, left[0])
            turn_over_power(work, left[0])
            for k in range(follow):
                lay_down(columns, efficiency[k], work, store[k, t * ROW : (t + 1) * ROW])
            needs(fixed, efficiency[0], t, work, left[0], asked[0])
            needs_power(fixed, efficiency[0], t, work, left[0], served[0])
            if follow > 1:
                needs(fixed, efficiency[1], t, work, left[1], asked[1])
                needs_power(fixed, efficiency[1], t, work, left[1], served[1])
            final_energy(fixed, work, asked[0], served[0])
            follow_use(follows, plant[PLANT_LINK], fixed, work)
            carbon(fixed, now, u, work, ed, pd)
            balance(plant, now, u, work, box, ed, pd, cd)
            supply(plant, growths[t, 2], now, u, t, first, box, hold, running, made, e, pr, ca, told)
            emitted(e, pr, ca, total[i, t])
            for x in range(9):
                indicators[i, t, x] = told[x]
            if i < len(energy):
                for x in range(E):
                    energy[i, t, x], process[i, t, x], captured[i, t, x] = e[x], pr[x], ca[x]
                for x in range(8):
                    generation[i, t, x], capacity[i, t, x] = made[x], hold[x]
                for s in range(S):
                    activity[i, t, s] = work[NEED + s]
            if i < len(detail):
                for s in range(S):
                    for c in range(C):
                        detail[i, t, s, c] = work[FINAL + c * S + s]
                    for r in range(R):
                        j = r * S + s
                        stocks[i, t, s, r], bought[i, t, s, r] = work[STOCK + j], work[SALES + j]
                        early[i, t, s, r] = work[GONE + s] * left[0, j]
                units_need(
                    efficiency[0], work, asked[0], asked[1], served[0], served[1], intensity[i, t], autonomous[i, t]
                )
