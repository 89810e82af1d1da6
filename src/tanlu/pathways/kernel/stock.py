"""Services, stocks by vintage, and what their vintages need together (eq. 2 to 6)."""

from __future__ import annotations

from tanlu.pathways.kernel.arithmetic import clip, exp
from tanlu.pathways.kernel.places import (
    ACTIVITY,
    CLINKER,
    DECAY,
    DRIVE_FUEL,
    DRIVE_POWER,
    EFFICIENCY_ELECTRICITY,
    EFFICIENCY_FUEL,
    ELASTICITY_FUEL,
    ELASTICITY_POWER,
    FLOOR,
    FOLLOWS_PROCESS,
    INCOME_FUEL,
    INCOME_POWER,
    KEPT,
    KEPT_POWER,
    LEFT_BASE,
    LEFT_POWER,
    LEFT_POWER_BASE,
    LEVEL,
    LIMIT,
    NEED,
    NEED_BASE,
    NEED_POWER_BASE,
    NEEDED_BY,
    NEW_FUEL,
    NEW_POWER,
    OPEN,
    PROCESS,
    RETRO_FUEL,
    RETRO_POWER,
    RETROFIT,
    ROOM,
    SERVICE,
    SHIFT,
    SOLD_FUEL,
    SOLD_POWER,
    TINY,
    UNIT,
    UNITS_POWER,
    R,
    S,
    compiled,
)
from tanlu.pathways.tables import Floats


@compiled
def services(
    fixed: Floats, yearly: Floats, now: Floats, u: Floats, t: int, growth: float, people: float, work: Floats
) -> None:
    """Advance income effects; fill the services of fuel and power over those of the base year, and what clinker adds to fuel."""
    n = len(work) // 12
    if t > 0:
        fuel, power = u[2], u[3]
        for s in range(n):
            work[INCOME_FUEL + s] *= exp(clip(yearly[t, ELASTICITY_FUEL + s] * fuel, -1.0, 2.0) * growth)
        for s in range(n):
            work[INCOME_POWER + s] *= exp(clip(yearly[t, ELASTICITY_POWER + s] * power, -1.0, 2.0) * growth)
    for s in range(n):
        level = work[LEVEL + s]
        maturity = level + (1.0 - level) * yearly[t, DECAY + s]
        common = people * maturity * now[ACTIVITY + s]
        work[NEED + s] = common * yearly[t, DRIVE_FUEL + s] * work[INCOME_FUEL + s]
        work[SERVICE + s] = common * yearly[t, DRIVE_POWER + s] * work[INCOME_POWER + s]
        work[CLINKER + s] = 1.0 + fixed[FOLLOWS_PROCESS + s] * (now[PROCESS + s] - 1.0)


@compiled
def improve(fixed: Floats, now: Floats, ease: float, efficiency: Floats, row: Floats) -> None:
    """Improve new equipment and retrofit what is in service; fill what the vintage of the year needs into its row of the store."""
    n = len(row) // 8
    for s in range(n):
        fall, floor, retrofit = now[EFFICIENCY_FUEL + s] * ease, fixed[FLOOR + s], fixed[RETROFIT + s]
        new = max(floor, efficiency[NEW_FUEL + s] * (1.0 - fall))
        left = efficiency[RETRO_FUEL + s] * (1.0 - retrofit * fall)
        efficiency[NEW_FUEL + s], efficiency[RETRO_FUEL + s], row[SOLD_FUEL + s] = new, left, new / left
    for s in range(n):
        fall, floor, retrofit = now[EFFICIENCY_ELECTRICITY + s] * ease, fixed[FLOOR + s], fixed[RETROFIT + s]
        new = max(floor, efficiency[NEW_POWER + s] * (1.0 - fall))
        left = efficiency[RETRO_POWER + s] * (1.0 - retrofit * fall)
        efficiency[NEW_POWER + s], efficiency[RETRO_POWER + s], row[SOLD_POWER + s] = new, left, new / left


@compiled
def survivors(t: int, ages: Floats, store: Floats, out: Floats) -> None:
    """Fill what is left of all vintages before year ``t`` and what it needs, early retirement not taken off.

    A row of the ``store`` [vintage, 8 S] holds the units of every technology, those that serve with electricity, and what a unit of either
    needs; ``out`` holds what is left by technology, with electricity last, and then what it needs. Four vintages at a time and all
    technologies in one pass: the compiler then takes four sectors at once. It does so only where the inner loop has no constant length,
    places are constants, and few arrays meet.
    """
    n = len(out) // 12
    for s in range(n):
        for r in range(R):
            held = store[0, r * S + s]
            out[r * S + s], out[NEEDED_BY + r * S + s] = held * ages[t, LEFT_BASE + s], held * ages[t, NEED_BASE + s]
        held = store[0, UNITS_POWER + s]
        out[UNITS_POWER + s] = held * ages[t, LEFT_POWER_BASE + s]
        out[NEEDED_BY + UNITS_POWER + s] = held * ages[t, NEED_POWER_BASE + s]
    v = 1
    while v + 3 < t:
        for s in range(n):
            w, x, y, z = ages[t - v, s], ages[t - v - 1, s], ages[t - v - 2, s], ages[t - v - 3, s]
            e, f, g, h = (
                w * store[v, SOLD_FUEL + s],
                x * store[v + 1, SOLD_FUEL + s],
                y * store[v + 2, SOLD_FUEL + s],
                z * store[v + 3, SOLD_FUEL + s],
            )
            for r in range(R):
                a, b, c, d = (
                    store[v, r * S + s],
                    store[v + 1, r * S + s],
                    store[v + 2, r * S + s],
                    store[v + 3, r * S + s],
                )
                out[r * S + s] += a * w + b * x + c * y + d * z
                out[NEEDED_BY + r * S + s] += a * e + b * f + c * g + d * h
        for s in range(n):
            a = store[v, UNITS_POWER + s] * ages[t - v, LEFT_POWER + s]
            b = store[v + 1, UNITS_POWER + s] * ages[t - v - 1, LEFT_POWER + s]
            c = store[v + 2, UNITS_POWER + s] * ages[t - v - 2, LEFT_POWER + s]
            d = store[v + 3, UNITS_POWER + s] * ages[t - v - 3, LEFT_POWER + s]
            out[UNITS_POWER + s] += a + b + c + d
            need = a * store[v, SOLD_POWER + s] + b * store[v + 1, SOLD_POWER + s]
            out[NEEDED_BY + UNITS_POWER + s] += (
                need + c * store[v + 2, SOLD_POWER + s] + d * store[v + 3, SOLD_POWER + s]
            )
        v += 4
    while v < t:
        for s in range(n):
            for r in range(R):
                a = store[v, r * S + s] * ages[t - v, s]
                out[r * S + s] += a
                out[NEEDED_BY + r * S + s] += a * store[v, SOLD_FUEL + s]
            a = store[v, UNITS_POWER + s] * ages[t - v, LEFT_POWER + s]
            out[UNITS_POWER + s] += a
            out[NEEDED_BY + UNITS_POWER + s] += a * store[v, SOLD_POWER + s]
        v += 1


@compiled
def turn_over(
    yearly: Floats,
    t: int,
    now: Floats,
    work: Floats,
    left: Floats,
    stock: Floats,
    sales: Floats,
    retired: Floats,
    row: Floats,
) -> None:
    """Advance the stock [technology · S] from what is left of older vintages, ``left``: early retirement and sales.

    Early retirement takes the same share of every older vintage, so it is one factor a sector, ``work[KEPT]``; a vintage is stored over the
    factor of its year.
    """
    n = len(work) // 12
    for s in range(n):
        before, need = work[KEPT + s], work[NEED + s]
        total = before * (left[s] + left[1 * S + s] + left[2 * S + s] + left[3 * S + s] + left[4 * S + s])
        kept = min(1.0, need / max(total, TINY))
        work[KEPT + s] = before * kept
        work[ROOM + s] = max(0.0, need - kept * total)
        work[OPEN + s] = need
        for r in range(R):
            retired[r * S + s] = (1.0 - kept) * before * left[r * S + s]
            stock[r * S + s] = before * kept * left[r * S + s]
    for r in range(1, R):
        for s in range(n):
            share = clip(now[SHIFT + (r - 1) * S + s], 0.0, 1.0)
            wanted = work[OPEN + s] * share
            if r == 1:
                wanted = min(wanted, yearly[t, LIMIT + s])
            bought = clip(wanted - stock[r * S + s], 0.0, work[ROOM + s])
            work[OPEN + s] *= 1.0 - share
            work[ROOM + s] -= bought
            sales[r * S + s] = bought
    for s in range(n):
        sales[s] = work[ROOM + s]
        again = 1.0 / work[KEPT + s]
        for r in range(R):
            stock[r * S + s] += sales[r * S + s]
            row[r * S + s] = sales[r * S + s] * again


@compiled
def needs(
    fixed: Floats, efficiency: Floats, t: int, work: Floats, left: Floats, stock: Floats, sales: Floats, need: Floats
) -> None:
    """Fill what the stock needs, [technology · S], from what its survivors need and what is sold."""
    n = len(work) // 12
    for s in range(n):
        old = efficiency[RETRO_FUEL + s] * work[KEPT + s]
        new = efficiency[NEW_FUEL + s] if t > 0 else 1.0
        for r in range(R):
            j = r * S + s
            need[j] = max(fixed[FLOOR + s] * stock[j], old * left[NEEDED_BY + j] + new * sales[j])


@compiled
def turn_over_power(work: Floats, left: Floats, row: Floats) -> None:
    """Advance what serves with electricity in the same way: early retirement and sales, which come into ``work[ROOM]``."""
    n = len(work) // 12
    for s in range(n):
        before, service = work[KEPT_POWER + s], work[SERVICE + s]
        kept = before * min(1.0, service / max(before * left[UNITS_POWER + s], TINY))
        bought = max(0.0, service - kept * left[UNITS_POWER + s])
        work[KEPT_POWER + s], work[ROOM + s], row[UNITS_POWER + s] = kept, bought, bought / kept


@compiled
def needs_power(fixed: Floats, efficiency: Floats, t: int, work: Floats, left: Floats, need: Floats) -> None:
    """Fill what it needs, [S]."""
    n = len(work) // 12
    for s in range(n):
        new = efficiency[NEW_POWER + s] if t > 0 else 1.0
        served = (
            efficiency[RETRO_POWER + s] * work[KEPT_POWER + s] * left[NEEDED_BY + UNITS_POWER + s]
            + new * work[ROOM + s]
        )
        need[s] = max(fixed[FLOOR + s] * work[SERVICE + s], served)


@compiled
def units_need(
    efficiency: Floats, work: Floats, stock: Floats, need: Floats, power: Floats, usual: Floats, usual_power: Floats, out: Floats,
    autonomous: Floats,
) -> None:  # fmt: skip
    """Fill what a unit in service needs, [S, technology + 1] with power services last, and had efficiency gone on as before, [S, 2]."""
    for s in range(len(out)):
        total, units, service = 0.0, 0.0, work[SERVICE + s]
        for r in range(R):
            held = stock[r * S + s]
            out[s, r] = need[r * S + s] / held if held > UNIT else efficiency[NEW_FUEL + s]
            total += usual[r * S + s]
            units += held
        out[s, R] = power[s] / service if service > UNIT else efficiency[NEW_POWER + s]
        autonomous[s, 0], autonomous[s, 1] = total / units, usual_power[s] / service
