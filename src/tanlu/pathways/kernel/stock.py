"""Services, stocks by vintage, and what their vintages need together (eq. 2 to 6)."""

from __future__ import annotations

from tanlu.pathways.kernel.arithmetic import clip, exp
from tanlu.pathways.kernel.places import (
    ACTIVITY,
    AGAIN,
    AGE,
    BLOCK,
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
    GONE,
    INCOME_FUEL,
    INCOME_POWER,
    KEPT,
    KEPT_POWER,
    LEFT_BASE,
    LEVEL,
    LIMIT,
    NEED,
    NEED_BASE,
    NEEDED_BY,
    NEW_FUEL,
    NEW_POWER,
    OPEN,
    PARTS,
    PLACE,
    PLACES,
    PROCESS,
    RETRO_FUEL,
    RETRO_POWER,
    RETROFIT,
    ROOM,
    ROW,
    SALES,
    SERVICE,
    SHIFT,
    SOLD_FUEL,
    SOLD_POWER,
    STOCK,
    TINY,
    UNIT,
    UNITS_POWER,
    R,
    S,
    compiled,
)
from tanlu.pathways.tables import Floats, Ints


@compiled
def services(
    fixed: Floats, yearly: Floats, now: Floats, u: Floats, t: int, growth: float, people: float, work: Floats
) -> None:
    """Advance income effects; fill the services of fuel and power over those of the base year, and what clinker adds to fuel."""
    n, year = len(work) // PARTS, yearly[t]
    if t > 0:
        fuel, power = u[2], u[3]
        for s in range(n):
            work[NEED + s] = clip(year[ELASTICITY_FUEL + s] * fuel, -1.0, 2.0) * growth
            work[SERVICE + s] = clip(year[ELASTICITY_POWER + s] * power, -1.0, 2.0) * growth
        for j in range(2 * n):
            work[INCOME_FUEL + j] *= exp(work[NEED + j])
    for s in range(n):
        level = work[LEVEL + s]
        maturity = level + (1.0 - level) * year[DECAY + s]
        common = people * maturity * now[ACTIVITY + s]
        work[NEED + s] = common * year[DRIVE_FUEL + s] * work[INCOME_FUEL + s]
        work[SERVICE + s] = common * year[DRIVE_POWER + s] * work[INCOME_POWER + s]
        work[CLINKER + s] = 1.0 + fixed[FOLLOWS_PROCESS + s] * (now[PROCESS + s] - 1.0)


@compiled
def improve(fixed: Floats, now: Floats, ease: float, efficiency: Floats) -> None:
    """Improve new equipment and retrofit what is in service; fill what the vintage of the year needs over what retrofits have left."""
    n = len(efficiency) // 6
    for s in range(n):
        fall, floor, retrofit = now[EFFICIENCY_FUEL + s] * ease, fixed[FLOOR + s], fixed[RETROFIT + s]
        new = max(floor, efficiency[NEW_FUEL + s] * (1.0 - fall))
        left = efficiency[RETRO_FUEL + s] * (1.0 - retrofit * fall)
        efficiency[NEW_FUEL + s], efficiency[RETRO_FUEL + s], efficiency[SOLD_FUEL + s] = new, left, new / left
    for s in range(n):
        fall, floor, retrofit = now[EFFICIENCY_ELECTRICITY + s] * ease, fixed[FLOOR + s], fixed[RETROFIT + s]
        new = max(floor, efficiency[NEW_POWER + s] * (1.0 - fall))
        left = efficiency[RETRO_POWER + s] * (1.0 - retrofit * fall)
        efficiency[NEW_POWER + s], efficiency[RETRO_POWER + s], efficiency[SOLD_POWER + s] = new, left, new / left


@compiled
def look_ahead(t: int, n: int, ages: Floats, store: Floats, ahead: Floats) -> None:
    """Fill what is left of the vintages 0 … t − 1 in year ``t`` and the three after it, [year · ROW], four vintages at a time.

    Each vintage is read once for four years, which takes half of the time of reading it in each of them. The compiler takes four places at
    once only where the inner loop has no constant length, steps between rows are constants, and few arrays meet.
    """
    for year in range(BLOCK):
        age = ages[(t + year) * AGE : (t + year + 1) * AGE]
        units, needed = ahead[year * ROW : year * ROW + n], ahead[year * ROW + NEEDED_BY : year * ROW + NEEDED_BY + n]
        for j in range(n):
            units[j], needed[j] = store[j] * age[LEFT_BASE + j], store[j] * age[NEED_BASE + j]
    v = 1
    while v < t:
        # views, since a place that might be negative costs a comparison for each number
        four, seven = store[v * ROW : (v + BLOCK) * ROW], ages[(t - v - 3) * AGE : (t - v + BLOCK) * AGE]
        for j in range(n):
            w0, w1, w2, w3 = seven[j], seven[AGE + j], seven[2 * AGE + j], seven[3 * AGE + j]
            w4, w5, w6 = seven[4 * AGE + j], seven[5 * AGE + j], seven[6 * AGE + j]
            a, b, c, d = four[j], four[ROW + j], four[2 * ROW + j], four[3 * ROW + j]
            ahead[j] += a * w3 + b * w2 + c * w1 + d * w0
            ahead[ROW + j] += a * w4 + b * w3 + c * w2 + d * w1
            ahead[2 * ROW + j] += a * w5 + b * w4 + c * w3 + d * w2
            ahead[3 * ROW + j] += a * w6 + b * w5 + c * w4 + d * w3
            k = NEEDED_BY + j
            a, b, c, d = four[k], four[ROW + k], four[2 * ROW + k], four[3 * ROW + k]
            ahead[k] += a * w3 + b * w2 + c * w1 + d * w0
            ahead[ROW + k] += a * w4 + b * w3 + c * w2 + d * w1
            ahead[2 * ROW + k] += a * w5 + b * w4 + c * w3 + d * w2
            ahead[3 * ROW + k] += a * w6 + b * w5 + c * w4 + d * w3
        v += BLOCK


@compiled
def survivors(t: int, columns: Ints, ages: Floats, store: Floats, ahead: Floats, out: Floats) -> None:
    """Fill what is left of all vintages before year ``t`` and what it needs, early retirement not taken off.

    A row of the ``store`` [vintage · ROW] holds the units of the equipment of each column, and in its second half what they need; ``out``
    [ROW] has all equipment, that which runs on power last in both halves.
    """
    n, lag = len(columns), (t - 1) % BLOCK
    if lag == 0:
        look_ahead(t, n, ages, store, ahead)
    sums = ahead[lag * ROW : (lag + 1) * ROW]
    for v in range(t - lag, t):
        row, age = store[v * ROW : (v + 1) * ROW], ages[(t - v) * AGE : (t - v + 1) * AGE]
        for j in range(n):
            sums[j] += row[j] * age[j]
            sums[NEEDED_BY + j] += row[NEEDED_BY + j] * age[j]
    spread_out(columns, sums, out)


@compiled
def spread_out(columns: Ints, row: Floats, out: Floats) -> None:
    """Fill the row of all equipment from that of the columns: fossil, on power, others."""
    n = len(row) // PLACES
    for s in range(n):
        out[s], out[UNITS_POWER + s] = row[s], row[S + s]
        out[NEEDED_BY + s], out[NEEDED_BY + UNITS_POWER + s] = row[NEEDED_BY + s], row[NEEDED_BY + S + s]
    for j in range(2 * S, len(columns)):
        at = columns[j] & PLACE
        out[at], out[NEEDED_BY + at] = row[j], row[NEEDED_BY + j]


@compiled
def turn_over(yearly: Floats, t: int, now: Floats, work: Floats, left: Floats) -> None:
    """Advance the stock [technology · S] from what is left of older vintages, ``left``: early retirement and sales.

    Early retirement takes the same share of every older vintage, so it is one factor a sector, ``work[KEPT]``.
    """
    n = len(work) // PARTS
    for s in range(n):
        before, need = work[KEPT + s], work[NEED + s]
        total = before * (left[s] + left[1 * S + s] + left[2 * S + s] + left[3 * S + s] + left[4 * S + s])
        kept = min(1.0, need / max(total, TINY))
        work[KEPT + s] = before * kept
        work[ROOM + s] = max(0.0, need - kept * total)
        work[OPEN + s] = need
        work[GONE + s] = before - before * kept
        for r in range(R):
            work[STOCK + r * S + s] = before * kept * left[r * S + s]
    for r in range(1, R):
        for s in range(n):
            share = clip(now[SHIFT + (r - 1) * S + s], 0.0, 1.0)
            wanted = work[OPEN + s] * share
            if r == 1:
                wanted = min(wanted, yearly[t, LIMIT + s])
            bought = clip(wanted - work[STOCK + r * S + s], 0.0, work[ROOM + s])
            work[OPEN + s] *= 1.0 - share
            work[ROOM + s] -= bought
            work[SALES + r * S + s] = bought
    for s in range(n):
        work[SALES + s], work[AGAIN + s] = work[ROOM + s], 1.0 / work[KEPT + s]
        for r in range(R):
            work[STOCK + r * S + s] += work[SALES + r * S + s]


@compiled
def needs(fixed: Floats, efficiency: Floats, t: int, work: Floats, left: Floats, need: Floats) -> None:
    """Fill what the stock needs, [technology · S], from what its survivors need and what is sold."""
    n = len(work) // PARTS
    for s in range(n):
        old = efficiency[RETRO_FUEL + s] * work[KEPT + s]
        new = efficiency[NEW_FUEL + s] if t > 0 else 1.0
        for r in range(R):
            j = r * S + s
            need[j] = max(fixed[FLOOR + s] * work[STOCK + j], old * left[NEEDED_BY + j] + new * work[SALES + j])


@compiled
def turn_over_power(work: Floats, left: Floats) -> None:
    """Advance what serves with electricity in the same way: early retirement and sales, which come into ``work[ROOM]``."""
    n = len(work) // PARTS
    for s in range(n):
        before, service = work[KEPT_POWER + s], work[SERVICE + s]
        kept = before * min(1.0, service / max(before * left[UNITS_POWER + s], TINY))
        work[KEPT_POWER + s], work[ROOM + s] = kept, max(0.0, service - kept * left[UNITS_POWER + s])


@compiled
def needs_power(fixed: Floats, efficiency: Floats, t: int, work: Floats, left: Floats, need: Floats) -> None:
    """Fill what it needs, [S]."""
    n = len(work) // PARTS
    for s in range(n):
        new = efficiency[NEW_POWER + s] if t > 0 else 1.0
        served = (
            efficiency[RETRO_POWER + s] * work[KEPT_POWER + s] * left[NEEDED_BY + UNITS_POWER + s]
            + new * work[ROOM + s]
        )
        need[s] = max(fixed[FLOOR + s] * work[SERVICE + s], served)


@compiled
def lay_down(columns: Ints, efficiency: Floats, work: Floats, row: Floats) -> None:
    """Fill the vintage of a year: what is sold in each column, and what that needs, both over what retirement and retrofits have left.

    Retirement and retrofits of later years are factors of all older vintages, so that these need not be touched again.
    """
    n = len(work) // PARTS
    for s in range(n):
        units, units_power = work[SALES + s] * work[AGAIN + s], work[ROOM + s] / work[KEPT_POWER + s]
        row[s], row[S + s] = units, units_power
        row[NEEDED_BY + s] = units * efficiency[SOLD_FUEL + s]
        row[NEEDED_BY + S + s] = units_power * efficiency[SOLD_POWER + s]
    for j in range(2 * S, len(columns)):
        at = columns[j] & PLACE
        s = at % S
        units = work[SALES + at] * work[AGAIN + s]
        row[j], row[NEEDED_BY + j] = units, units * efficiency[SOLD_FUEL + s]


@compiled
def units_need(
    efficiency: Floats, work: Floats, need: Floats, usual: Floats, power: Floats, usual_power: Floats, out: Floats, autonomous: Floats
) -> None:  # fmt: skip
    """Fill what a unit in service needs, [S, technology + 1] with power services last, and had efficiency gone on as before, [S, 2]."""
    for s in range(len(out)):
        total, units, service = 0.0, 0.0, work[SERVICE + s]
        for r in range(R):
            held = work[STOCK + r * S + s]
            out[s, r] = need[r * S + s] / held if held > UNIT else efficiency[NEW_FUEL + s]
            total += usual[r * S + s]
            units += held
        out[s, R] = power[s] / service if service > UNIT else efficiency[NEW_POWER + s]
        autonomous[s, 0], autonomous[s, 1] = total / units, usual_power[s] / service
