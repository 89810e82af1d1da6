"""Hourly facts written down once more, reading by reading in exact fractions: the second implementation of the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tanlu.monitor.registry import Meter
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, MeterKind, Quality

Reading = tuple[int, int, int]
"""Stamp, value, quality."""


@dataclass
class Hour:
    """Facts of a meter and hour."""

    quantity: Fraction | None = None
    estimated: Fraction = Fraction(0)
    good: int = 0
    guessed: int = 0
    missing: int = 0


def limit(meter: Meter) -> int:
    """Largest plausible whole number an hour (register, rate) or a step (interval); 0 without."""
    if meter.rating is None:
        return 0
    whole = 1.3 * meter.rating / abs(meter.factor)
    return int(whole * meter.step / HOUR if meter.kind is MeterKind.INTERVAL else whole)


def usable(meter: Meter, reading: Reading) -> bool:
    ts, value, quality = reading
    direct = meter.kind is not MeterKind.REGISTER
    if quality > 2 and not (quality == Quality.STOPPED and direct):
        return False
    if ts > meter.valid_to or ts < meter.valid_from or (direct and ts == meter.valid_from):
        return False
    if direct:
        return quality == Quality.STOPPED or not limit(meter) or abs(value) <= limit(meter)
    return value >= 0 and (meter.roll is None or value < meter.roll * 10**meter.decimals)


def counted(meter: Meter, before: int, value: int, seconds: int) -> tuple[int, bool] | None:
    most, roll = limit(meter), round((meter.roll or 0) * 10**meter.decimals)
    if value >= before:
        return None if most and (value - before) * HOUR > most * seconds else (value - before, False)
    through = value - before + roll
    if roll and ((most and through * HOUR <= most * seconds) or (not most and through * 10 <= roll)):
        return through, False
    return (value, True) if most and value * HOUR <= most * seconds else None


def hours_of_meter(meter: Meter, readings: Iterable[Reading], days: Iterable[int]) -> dict[int, Hour]:
    """Return the facts of a meter by first second of the hour."""
    found = {
        start: Hour() for day in days for start in range(day * DAY - CIVIL_OFFSET, (day + 1) * DAY - CIVIL_OFFSET, HOUR)
    }
    found = {h: f for h, f in found.items() if meter.valid_from < h + HOUR and meter.valid_to > h}
    direct, last = meter.kind is not MeterKind.REGISTER, None
    scale = Fraction(meter.factor) * (Fraction(meter.step, HOUR) if meter.kind is MeterKind.RATE else 1)
    for reading in sorted(r for r in readings if usable(meter, r)):
        ts, value, quality = reading
        doubt, start, whole, amount = quality == 2, None, meter.step, None
        if direct:
            start = max(ts - meter.step, last[0]) if last else ts - meter.step
            amount = 0 if quality == Quality.STOPPED else value
        elif last is not None:
            start, whole = last[0], ts - last[0]
            told = counted(meter, last[1], value, whole)
            across = start // HOUR != (ts - 1) // HOUR
            if told is not None:
                amount = told[0]
                doubt = doubt or told[1] or last[2] == 2 or (2 * whole > 3 * meter.step and across)
        if start is not None and amount is not None:
            for h in range(start // HOUR * HOUR, ts, HOUR):
                if h in found:
                    lo, hi = max(start, h), min(ts, h + HOUR)
                    part, slots = amount * scale * Fraction(hi - lo, whole), hi // meter.step - lo // meter.step
                    f = found[h]
                    f.quantity = (f.quantity or Fraction(0)) + part
                    f.estimated += part if doubt else 0
                    f.good, f.guessed = f.good + (0 if doubt else slots), f.guessed + (slots if doubt else 0)
        last = reading
    for h, f in found.items():
        expected = min(meter.valid_to, h + HOUR) // meter.step - max(meter.valid_from, h) // meter.step
        seen = f.good + f.guessed
        f.missing = max(expected - seen, 0)
        if direct and f.quantity is not None and f.missing and 4 * seen >= 3 * expected:
            more = f.quantity * f.missing / seen
            f.quantity, f.estimated = f.quantity + more, f.estimated + more
            f.guessed, f.missing = f.guessed + f.missing, 0
    return found


def all_hours(
    meters: Iterable[Meter], readings: Mapping[str, Iterable[Reading]], days: Iterable[int]
) -> dict[tuple[int, int], Hour]:
    """Return the facts of meters by number and first second of the hour."""
    days = list(days)
    return {(m.number, h): f for m in meters for h, f in hours_of_meter(m, readings.get(m.id, ()), days).items()}
