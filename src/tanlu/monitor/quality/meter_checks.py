"""Checks of single meters: completeness, validity, rating, standing still, clock, repeats, registers, calibration.

A check takes the period, the scan of its readings and the rule, and yields findings.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.carriers import carriers, carriers_by_number
from tanlu.monitor.period import HOURS_A_DAY, Period, Scan
from tanlu.monitor.quality.rules import Finding, Rule
from tanlu.monitor.registry import KIND_CODES
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, MeterKind

_BLOCK = 2048
_LONGEST_STEP = DAY
"""Meters that are read less often are forms, not instruments."""


def is_instrument(period: Period) -> NDArray[np.bool_]:
    """Return which meters send readings every day."""
    return np.asarray((period.columns["step"] > 0) & (period.columns["step"] <= _LONGEST_STEP) & (period.expected > 0))


def finding(
    period: Period, rule: Rule, row: int, seen: float, limit: float, start: int | None = None, end: int | None = None, **details: object
) -> Finding:  # fmt: skip
    """Make the finding of a meter; the whole period where no spell is given."""
    meter = period.registry.meters_by_number[int(period.meters[row])]
    unit = period.registry.account_of(meter.unit)
    return Finding(
        rule.id, unit.id, meter.id,
        period.begin if start is None else int(start), period.end if end is None else int(end),
        float(seen), float(limit), details,
    )  # fmt: skip


def completeness(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Readings received over readings due, by meter."""
    least = rule.parameters["least"]
    due = period.expected
    share = scan.readings / np.maximum(due, 1)
    for row in np.flatnonzero(is_instrument(period) & (due >= 1) & (share < least)).tolist():
        yield finding(
            period, rule, row, share[row] * 100, least * 100, received=int(scan.readings[row]), due=round(due[row])
        )


def stack_hours(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Valid hours (45 min), days (20 h) and months (25 d; 23 in February) of stacks.

    Hours in which the source is declared stopped do not count as lost. The rule of the month applies to whole months only.
    """
    p = rule.parameters
    emission = {c.number for c in carriers().values() if c.kind == "emission"}
    stacks = np.flatnonzero(np.isin(period.columns["carrier"], list(emission)) & is_instrument(period))
    step = period.columns["step"]
    begin = datetime.date.fromordinal(datetime.date(1970, 1, 1).toordinal() + period.first)
    after = datetime.date.fromordinal(datetime.date(1970, 1, 1).toordinal() + period.last + 1)
    whole = begin.day == 1 and after.day == 1
    for row in stacks.tolist():
        minutes = period.good[row].astype(float) * step[row] / 60
        valid = (minutes >= p["minutes"]) | scan.stopped[row]
        by_day = valid.reshape(-1, HOURS_A_DAY).sum(axis=1)
        good_days = int((by_day >= p["hours"]).sum())
        needed = min(p["february"] if begin.month == 2 else p["days"], period.days) if whole else period.days - 1
        if good_days < needed:
            yield finding(period, rule, row, good_days, needed, hours=int((~valid).sum()))


def above_rating(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Amounts of an hour above 1.3 times the rating."""
    limit = rule.parameters["times"] * period.columns["rating"]
    with np.errstate(invalid="ignore"):
        above = np.abs(period.quantity) > limit[:, None]
    for row in np.flatnonzero(above.any(axis=1)).tolist():
        hours = np.flatnonzero(above[row])
        start = period.begin + int(hours[0]) * HOUR
        yield finding(
            period, rule, row, float(np.nanmax(np.abs(period.quantity[row]))), limit[row], start,
            period.begin + (int(hours[-1]) + 1) * HOUR, hours=len(hours), unit=_unit_of(period, row),
        )  # fmt: skip


def _unit_of(period: Period, row: int) -> str:
    return carriers_by_number()[int(period.columns["carrier"][row])].unit


def stuck(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Meters that stand still for many hours while their parent, children or furnace move.

    Moving is an amount above a fifth of the mean of the companion's hours. A register or interval meter stands where its hours are
    zero, a rate where the hours repeat each other.
    """
    hours, moving = int(rule.parameters["hours"]), rule.parameters["moving"]
    for row in _still_rows(period, hours):
        still = _still(period, slice(row, row + 1))[0]
        other = _companion(period, row)
        if other is None:
            continue
        with np.errstate(invalid="ignore"):
            moves = other > moving * np.nanmean(other)
        length, end = _longest((still & moves)[None, :])
        if length[0] >= hours:
            last = period.begin + int(end[0]) * HOUR
            yield finding(period, rule, row, length[0], hours, last - int(length[0]) * HOUR, last)


def _still(period: Period, rows: slice) -> NDArray[np.bool_]:
    """Return the hours in which meters stand."""
    q = period.quantity[rows]
    rate = period.columns["kind"][rows] == KIND_CODES[MeterKind.RATE]
    still = q == 0
    still[rate, 1:] = (q[rate, 1:] == q[rate, :-1]) & (q[rate, 1:] != 0)
    still[rate, 0] = False
    return np.asarray(still)


def _still_rows(period: Period, hours: int) -> list[int]:
    """Return the meters that stand for some hours, a block of them at a time to spare memory."""
    found: list[int] = []
    for first in range(0, len(period.meters), _BLOCK):
        long = _longest(_still(period, slice(first, first + _BLOCK)))[0] >= hours
        found += (first + np.flatnonzero(long)).tolist()
    return found


def _companion(period: Period, row: int) -> NDArray[Any] | None:
    """Return the hours of what moves with a meter: its parent, else its children, else the fuel of its furnace; None without any."""
    c = period.columns
    parent = int(c["parent"][row])
    if parent >= 0:
        return period.quantity[period.row[parent]] if parent in period.row else None
    children = np.flatnonzero(c["parent"] == period.meters[row])
    if not len(children):
        children = np.flatnonzero((c["owner"] == c["owner"][row]) & _is_kind(period, "fuel"))
        children = children[children != row]
    return np.nansum(period.quantity[children], axis=0) if len(children) else None


def _is_kind(period: Period, kind: str) -> NDArray[np.bool_]:
    numbers = [c.number for c in carriers().values() if c.kind == kind]
    return np.isin(period.columns["carrier"], numbers)


def _longest(flags: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return length and end of the longest stretch of True in each row."""
    place = np.arange(1, flags.shape[1] + 1, dtype=np.int32)
    broken = np.maximum.accumulate(np.where(flags, 0, place), axis=1)
    length = np.where(flags, place - broken, 0)
    end = length.argmax(axis=1)
    return length[np.arange(len(flags)), end], end + 1


def clock(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Stamps away from the grid by more than a minute, or often."""
    p = rule.parameters
    share = scan.off_grid / np.maximum(scan.readings, 1)
    for row in np.flatnonzero(is_instrument(period) & ((scan.offset > p["seconds"]) | (share > p["share"]))).tolist():
        yield finding(period, rule, row, int(scan.offset[row]), p["seconds"], share=share[row] * 100)


def repeated(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Readings of which another one of the same stamp is known."""
    most = rule.parameters["share"]
    share = scan.repeated / np.maximum(scan.readings, 1)
    for row in np.flatnonzero(share > most).tolist():
        yield finding(period, rule, row, share[row] * 100, most * 100, count=int(scan.repeated[row]))


def fallen_registers(period: Period, scan: Scan) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Sort the falls of registers into those turned back, and those that began again at zero; roll-overs are neither.

    A roll-over would have counted an amount that the rating allows since the reading before (an hour at least); a reset leaves the
    register below such an amount. What is left fell to a value that neither explains.

    Returns
    -------
    turned, reset, rolled : arrays of int64
        Places in ``scan.drops``.
    """
    d, c = scan.drops, period.columns
    row = d["meter"]
    scale = np.abs(c["factor"][row])
    rating = np.where(np.isfinite(c["rating"][row]), c["rating"][row], np.inf)
    hours = np.maximum(c["step"][row] / HOUR, 1.0)
    # a day without readings may stand before the fall
    allowed = 1.3 * rating * (hours + 24) / np.maximum(scale, 1e-300)
    roll = c["roll"][row]
    passed = roll - d["before"] + d["after"]
    rolled = (roll > 0) & (passed >= 0) & (passed <= allowed)
    reset = ~rolled & (d["after"] <= allowed) & (d["before"] > 2 * allowed)
    small = ~rolled & ~reset
    return np.flatnonzero(small), np.flatnonzero(reset), np.flatnonzero(rolled)


def register_fell(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Registers that fell without a roll-over, a reset or an exchange; one finding a meter."""
    turned, _, _ = fallen_registers(period, scan)
    d = scan.drops
    for row in np.unique(d["meter"][turned]).tolist():
        mine = turned[d["meter"][turned] == row]
        lost = (d["before"][mine] - d["after"][mine]) * abs(float(period.columns["factor"][row]))
        yield finding(
            period, rule, int(row), lost.sum(), 0.0, int(d["ts"][mine[0]]), int(d["ts"][mine[-1]]), times=len(mine),
            unit=_unit_of(period, int(row)),
        )  # fmt: skip


def register_reset(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Registers that began again at zero."""
    _, reset, _ = fallen_registers(period, scan)
    for place in reset:
        row, ts = int(scan.drops["meter"][place]), int(scan.drops["ts"][place])
        shown = float(scan.drops["before"][place]) / 10 ** int(period.columns["decimals"][row])
        yield finding(period, rule, row, shown, 0.0, ts, ts)


def calibration(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Meters whose calibration had expired at the end of the period."""
    end = datetime.datetime.fromtimestamp(period.end - 1 + CIVIL_OFFSET, datetime.UTC).date()
    for row, number in enumerate(period.meters):
        meter = period.registry.meters_by_number[int(number)]
        if meter.calibrated_on is None or meter.calibration_months is None or not period.expected[row]:
            continue
        due = _months_later(meter.calibrated_on, meter.calibration_months)
        if due < end:
            yield finding(period, rule, row, (end - due).days, 0.0, due=due.isoformat())


def _months_later(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, 28))


def estimated(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Meters of which much is estimated."""
    most = rule.parameters["most"]
    guessed = period.estimated.sum(axis=1, dtype=np.int64)
    total = guessed + period.good.sum(axis=1, dtype=np.int64) + period.missing.sum(axis=1, dtype=np.int64)
    share = guessed / np.maximum(total, 1)
    for row in np.flatnonzero((share > most) & is_instrument(period)).tolist():
        yield finding(period, rule, row, share[row] * 100, most * 100)
