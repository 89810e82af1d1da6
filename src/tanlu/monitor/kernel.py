"""Readings to hourly facts, compiled: the operators of `tanlu.monitor.operators` in one pass over readings in time order.

The kernel keeps the last usable reading of each meter and never sorts. It must give what the SQL gives; tests hold both equal to 1e-12. The
rules are told there. Readings of a meter come in ascending stamps; meters may come in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from numba import njit

from tanlu.monitor.schema import HOUR, USABLE, Quality

F = TypeVar("F", bound=Callable[..., Any])
ESTIMATED: Final = int(Quality.ESTIMATED)
STOPPED: Final = int(Quality.STOPPED)
compiled = cast(Callable[[F], F], njit(cache=True, nogil=True))


@compiled
def _usable(kind: Any, most: Any, roll: Any, valid_from: Any, valid_to: Any, t: Any, v: Any, q: Any) -> Any:
    if q > USABLE and not (q == STOPPED and kind == 1):
        return False
    if t > valid_to or t < valid_from or (t == valid_from and kind == 1):
        return False
    if kind == 0:
        return v >= 0 and (roll == 0 or v < roll)
    return q == STOPPED or most == 0 or -most <= v <= most


@compiled
def _counted(v: Any, before: Any, seconds: Any, most: Any, roll: Any) -> Any:
    """Return (amount, estimated) of a register between two readings; an amount below zero says that it is lost."""
    risen = v - before
    if risen >= 0:
        return (risen if most == 0 or risen * HOUR <= most * seconds else -1), 0
    if roll > 0:
        through = risen + roll
        if (most > 0 and through * HOUR <= most * seconds) or (most == 0 and through * 10 <= roll):
            return through, 0
    if most > 0 and v * HOUR <= most * seconds:
        return v, 1
    return -1, 0


@compiled
def accumulate(
    row: Any, meters: Any, ts: Any, value: Any, quality: Any,
    position: Any, kind: Any, scale: Any, roll: Any, most: Any, step: Any, valid_from: Any, valid_to: Any,
    last_ts: Any, last_value: Any, last_doubt: Any,
    day_start: Any, first: Any, days: Any, sums: Any, slots: Any,
    spill_place: Any, spill_sums: Any, spilt: Any,
) -> Any:  # fmt: skip
    """Take readings from a row on; returns (rows taken, spilt parts, rows out of order).

    ``sums`` (days, meters, 24, 2) collects quantity and its estimated part, ``slots`` (days, meters, 24, 3) seconds covered, good and
    estimated slots. Day number ``first + i`` stands at ``(first + i) % days``; ``day_start`` is the first second of day ``first``. Parts of
    earlier days are spilt: ``spill_place`` (n, 5) meter position, hour, seconds, good, estimated slots; ``spill_sums`` (n, 2). It stops
    before a reading for which they may not suffice. Parts of later days are left out.
    """
    disorder = 0
    known = len(position)
    room = len(spill_place)
    # what is rare stops the inner loops, so that what is frequent stays in registers
    full = False
    while row < len(meters) and not full:
        number = meters[row]
        m = position[number] if 0 <= number < known else -1
        if m < 0:
            row += 1
            continue
        k, factor, limit, turn, width = kind[m], scale[m], most[m], roll[m], step[m]
        begins, ends = valid_from[m], valid_to[m]
        before, value_before, doubt_before = last_ts[m], last_value[m], last_doubt[m]
        cell_hour, at, h, told, told_slot = -1, -1, 0, -1, 0
        while row < len(meters) and meters[row] == number:
            t, v, q = ts[row], value[row], quality[row]
            if not _usable(k, limit, turn, begins, ends, t, v, q):
                row += 1
                continue
            doubt = 1 if q == ESTIMATED else 0
            if before >= 0 and t <= before:
                disorder += 1
                row += 1
                continue
            amount, start, whole, unsure = 0, t, width, doubt
            if k == 1:
                amount = 0 if q == STOPPED else v
                start = t - whole
                if before > start:
                    start = before
            elif before >= 0:
                start, whole = before, t - before
                amount, reset = _counted(v, value_before, whole, limit, turn)
                silent = whole * 2 > width * 3 and start - start % HOUR != t - 1 - (t - 1) % HOUR
                if reset == 1 or silent or doubt_before == 1:
                    unsure = 1
            if start < t and (k == 1 or amount >= 0):
                hour = cell_hour if cell_hour <= start < cell_hour + HOUR else start - start % HOUR
                if hour < day_start and spilt + (day_start - hour) // HOUR >= room:
                    full = True
                    break
                total = amount * factor
                # stamps are below 2^53 and quotients far from rounding: as exact as whole-number division, and faster
                slot = told_slot if told == start else int(start / width)
                while hour < t:
                    lo, hi = max(start, hour), min(t, hour + HOUR)
                    part = total if hi - lo == whole else total * (hi - lo) / whole
                    told, told_slot = hi, int(hi / width)
                    n, slot = told_slot - slot, told_slot
                    if hour < day_start:
                        spill_place[spilt, 0] = m
                        spill_place[spilt, 1] = hour
                        spill_place[spilt, 2] = hi - lo
                        spill_place[spilt, 3] = 0 if unsure else n
                        spill_place[spilt, 4] = n if unsure else 0
                        spill_sums[spilt, 0] = part
                        spill_sums[spilt, 1] = part if unsure else 0.0
                        spilt += 1
                    else:
                        if hour != cell_hour:
                            cell_hour = hour
                            h = (hour - day_start) // HOUR
                            day = h // 24
                            at, h = ((first + day) % days, h % 24) if day < days else (-1, 0)
                        if at >= 0:
                            sums[at, m, h, 0] += part
                            slots[at, m, h, 0] += hi - lo
                            if unsure:
                                sums[at, m, h, 1] += part
                                slots[at, m, h, 2] += n
                            else:
                                slots[at, m, h, 1] += n
                    hour += HOUR
            before, value_before, doubt_before = t, v, doubt
            row += 1
        last_ts[m], last_value[m], last_doubt[m] = before, value_before, doubt_before
    return row, spilt, disorder


@compiled
def finish(
    sums: Any, slots: Any, day_start: Any, meter: Any, step: Any, fill: Any, valid_from: Any, valid_to: Any,
    out_meter: Any, out_hour: Any, quantity: Any, known: Any, estimated: Any, n_good: Any, n_estimated: Any, n_missing: Any,
    group: Any, group_sums: Any, group_slots: Any,
) -> Any:  # fmt: skip
    """Write the facts of one day, meter by meter, and their sums by group; returns the number of rows.

    ``group_sums`` (2, groups, 24) and ``group_slots`` (4: meters known, good, estimated, missing; groups, 24) start at zero; a group below
    zero counts nowhere.
    """
    n = 0
    day_end = day_start + 24 * HOUR
    for m in range(len(meter)):
        width, begins, ends, g = step[m], valid_from[m], valid_to[m], group[m]
        # hours begin at whole multiples of such a step: each holds as many slots
        even = HOUR // width if HOUR % width == 0 and begins <= day_start and ends >= day_end else 0
        for h in range(24):
            hour = day_start + h * HOUR
            if begins >= hour + HOUR or ends <= hour:
                continue
            expected = even if even > 0 else min(ends, hour + HOUR) // width - max(begins, hour) // width
            has = slots[m, h, 0] > 0
            good, guessed = slots[m, h, 1], slots[m, h, 2]
            amount, unsure = sums[m, h, 0], sums[m, h, 1]
            missing = max(expected - good - guessed, 0)
            seen = good + guessed
            if has and fill[m] > 0 and missing > 0 and seen * 4 >= expected * 3:
                more = amount * missing / seen
                amount, unsure = amount + more, unsure + more
                guessed, missing = guessed + missing, 0
            out_meter[n], out_hour[n] = meter[m], hour
            quantity[n], known[n], estimated[n] = amount, has, unsure
            n_good[n], n_estimated[n], n_missing[n] = good, guessed, missing
            n += 1
            if g >= 0:
                group_sums[0, g, h] += amount
                group_sums[1, g, h] += unsure
                group_slots[0, g, h] += 1 if has else 0
                group_slots[1, g, h] += good
                group_slots[2, g, h] += guessed
                group_slots[3, g, h] += missing
    return n
