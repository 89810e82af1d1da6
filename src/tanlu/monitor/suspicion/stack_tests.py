"""Tests of stacks: does the gas fit fuel and output, and do the values look measured?

Each test is a pure function of series of many stacks; honest peers, or what chance allows, say what is expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.schema import DAY, HOUR
from tanlu.monitor.suspicion.probability import LOWEST, Array, against_peers, day_to_day, longest_run_p, shift_p

CROSS_SOURCE: Final = 2.0
"""Weight of a test that holds independent quantities against each other."""
ONE_SERIES: Final = 1.0
_LEVEL_FLOOR: Final = 0.025
"""Least spread of the logarithm of CO2 over fuel or output between honest plants; grade D: flow and CO2 of class 5 and 2.5 %."""
_SPREAD_FLOOR: Final = 0.12
"""Least spread of the logarithm of a standard deviation between honest plants; grade D: 1/√(2 n) with n of about 35 independent hours."""
_CORRELATION_FLOOR: Final = 0.08
_LEAST_LEVELS: Final = 20
"""Values that a last digit is counted over at least, per digit."""


@dataclass(frozen=True)
class StackSeries:
    """Series of stacks over some days.

    Parameters
    ----------
    group : array of int, shape (n,)
        Peers share a number: one trade and the same fuels.
    fraction, oxygen, flow : arrays, shape (n, slots)
        CO2 [%], O2 [%], flow [Nm3/h] as reported; nan where there is no valid reading or the furnace stands.
    fuel, output : arrays, shape (n, hours)
        CO2 that the fuel meters stand for [kg], and output in its own unit, by hour; nan where unknown or none.
    digits : int
        Digits after the point with which fractions are reported.
    step : int
        Slot [s]; divides an hour.
    """

    group: NDArray[np.int64]
    fraction: Array
    oxygen: Array
    flow: Array
    fuel: Array
    output: Array
    digits: int
    step: int

    @property
    def slots(self) -> int:
        """Slots of a day."""
        return DAY // self.step

    @property
    def days(self) -> int:
        """Days of the series."""
        return int(self.fraction.shape[1] // self.slots)

    def hourly_mass(self) -> Array:
        """Return the CO2 by hour [kg], from fraction and flow; nan where a slot of the hour is not known. Shape (n, hours)."""
        density = 44.0095 / 22.414
        mass = density * self.fraction / 100 * self.flow
        return np.asarray(mass.reshape(len(mass), -1, 3600 // self.step).mean(axis=2))


@dataclass(frozen=True)
class Verdicts:
    """What a test says of each subject.

    Parameters
    ----------
    test : str
        Name; ``suspicion.test.<name>`` in the catalogue of messages says it in words.
    weight : float
        In the combination.
    p, value, low, high : arrays, shape (n,)
        p-value, statistic, and the interval expected of honest ones.
    start, end : arrays, shape (n,)
        Seconds from the begin of the period that it is about.
    series : array, shape (n, k)
        What can be drawn as evidence.
    series_step : int
        Seconds between its values.
    """

    test: str
    weight: float
    p: Array
    value: Array
    low: Array
    high: Array
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    series: Array
    series_step: int


def all_stack_tests(series: StackSeries) -> list[Verdicts]:
    """Return the verdicts of all tests, cross-source ones first."""
    mass = series.hourly_mass()
    found: list[Verdicts] = []
    for name, other in (("fuel", series.fuel), ("output", series.output)):
        if np.isfinite(other).any():
            found += balance_tests(series.group, mass, other, name)
    return [
        *found,
        oxygen_test(series),
        run_test(series),
        digit_test(series),
        clip_test(series),
        copy_test(series),
    ]


def balance_tests(group: NDArray[np.int64], mass: Array, other: Array, name: str) -> list[Verdicts]:
    """Hold a quantity against an independent one: level and spread of their ratio against peers, shift within the series.

    Parameters
    ----------
    group : array of int, shape (n,)
    mass, other : arrays, shape (n, hours)
        CO2 of the stack [kg] and CO2 of the fuel or output; or electricity and output.
    name : str
        ``fuel``, ``output`` or ``electricity``: first part of the names of the tests.
    """
    both = np.isfinite(mass) & np.isfinite(other) & (other > 0) & (mass > 0)
    m, o = np.where(both, mass, 0.0), np.where(both, other, 0.0)
    n, hours = mass.shape
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.log(m.sum(axis=1) / o.sum(axis=1))
        by_day = [a.reshape(n, -1, 24).sum(axis=2) for a in (m, o)]
        whole = both.reshape(n, -1, 24).sum(axis=2) >= 12
        daily = np.where(whole, np.log(by_day[0] / by_day[1]), np.nan)
        inner = _inner(both)
        hourly = np.where(inner, np.log(mass / other), np.nan)
        enough = both.sum(axis=1) >= 24
        spread = np.where(inner.sum(axis=1) >= hours // 2, np.log(_spread(hourly)), np.nan)
    level = np.where(enough, level, np.nan)
    none, end, drawn = np.zeros(n, dtype=np.int64), np.full(n, hours * HOUR), np.exp(daily)
    p, _, low, high = against_peers(level, group, floor=_LEVEL_FLOOR)
    found = [
        Verdicts(f"{name}_level", CROSS_SOURCE, p, np.exp(level), np.exp(low), np.exp(high), none, end, drawn, DAY)
    ]
    p, day, size = shift_p(daily, day_to_day(daily, group))
    from_day = np.where(day < 0, 0, day * DAY).astype(np.int64)
    chance = _around(size, p, daily)
    found.append(Verdicts(f"{name}_shift", CROSS_SOURCE, p, np.expm1(size), *chance, from_day, end, drawn, DAY))
    p, _, low, high = against_peers(spread, group, floor=_SPREAD_FLOOR)
    return [
        *found,
        Verdicts(f"{name}_spread", ONE_SERIES, p, np.exp(spread), np.exp(low), np.exp(high), none, end, drawn, DAY),
    ]


def _inner(both: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the hours whose neighbours are known too: in the hour in which a furnace starts or stops a ratio means nothing."""
    inner = both.copy()
    inner[:, 1:] &= both[:, :-1]
    inner[:, :-1] &= both[:, 1:]
    return inner


def _spread(hourly: Array) -> Array:
    """Return the standard deviation of each row around its mean, of what is known."""
    known = np.isfinite(hourly)
    count = known.sum(axis=1)
    filled = np.where(known, hourly, 0.0)
    mean = filled.sum(axis=1) / count
    return np.asarray(np.sqrt(np.where(known, (hourly - mean[:, None]) ** 2, 0.0).sum(axis=1) / count))


def _around(size: Array, p: Array, daily: Array) -> tuple[Array, Array]:
    """Return the shifts that chance alone gives, from the noise between neighbouring days."""
    with np.errstate(invalid="ignore"):
        step = np.diff(daily, axis=1)
    known = np.isfinite(step)
    noise = np.sqrt(np.where(known, step**2, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1) / 2)
    reach = 3.5 * noise * np.sqrt(4 / np.maximum(daily.shape[1], 1))
    reach = np.where(np.isfinite(p) & np.isfinite(size), reach, np.nan)
    return np.expm1(-reach), np.expm1(reach)


def oxygen_test(series: StackSeries) -> Verdicts:
    """Correlate CO2 with O2: what burns takes oxygen, so the two run against each other; spliced or typed values do not."""
    both = np.isfinite(series.fraction) & np.isfinite(series.oxygen)
    count = both.sum(axis=1)
    a, b = (np.where(both, s, 0.0) for s in (series.fraction, series.oxygen))
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(both, a - (a.sum(axis=1) / count)[:, None], 0.0)
        b = np.where(both, b - (b.sum(axis=1) / count)[:, None], 0.0)
        r = (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    z = np.where(count >= 48, np.arctanh(np.clip(r, -0.9999, 0.9999)), np.nan)
    p, _, low, high = against_peers(z, series.group, floor=_CORRELATION_FLOOR, side=1)
    return _whole(series, "oxygen", p, r, np.tanh(low), np.tanh(high))


def run_test(series: StackSeries) -> Verdicts:
    """Look for the longest stretch in which the CO2 fraction repeats itself; the chance of a repetition is that of peers."""
    same = np.isfinite(series.fraction[:, 1:]) & (series.fraction[:, 1:] == series.fraction[:, :-1])
    length, last = _longest(same)
    trials = np.isfinite(series.fraction).sum(axis=1).astype(float)
    chance = _peer_chance(same.sum(axis=1) / np.maximum(trials, 1), series.group, floor=0.03)
    p = np.where(trials >= 48, longest_run_p(length, trials, chance), np.nan)
    usual = np.log(0.01 / np.maximum(trials * (1 - chance), 1e-9)) / np.log(chance)
    return Verdicts(
        "run", ONE_SERIES, p, length + 1, np.ones_like(usual), np.ceil(usual) + 1,
        (last - length.astype(np.int64)).clip(0) * series.step, (last + 1) * series.step, series.fraction, series.step,
    )  # fmt: skip


def digit_test(series: StackSeries) -> Verdicts:
    """Count last digits of the CO2 fraction every two hours: measured ones are about equally frequent.

    Pearson's χ² with nine degrees of freedom, divided by its ratio to the expected median among peers where that is above 1.
    """
    from scipy import special

    every = max(7200 // series.step, 1)
    values = series.fraction[:, ::every]
    known = np.isfinite(values)
    digit = np.where(known, np.rint(np.where(known, values, 0) * 10**series.digits).astype(np.int64) % 10, -1)
    counts = np.stack([(digit == d).sum(axis=1) for d in range(10)], axis=1).astype(float)
    total = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        chi2 = ((counts - total[:, None] / 10) ** 2).sum(axis=1) / (total / 10)
    chi2 = np.where(total >= 10 * _LEAST_LEVELS, chi2, np.nan)
    inflation = np.ones(len(chi2))
    for group in np.unique(series.group):
        where = (series.group == group) & np.isfinite(chi2)
        if where.sum():
            inflation[where] = max(1.0, float(np.median(chi2[where])) / float(special.chdtri(9, 0.5)))
    p = np.clip(special.chdtrc(9, chi2 / inflation), LOWEST, 1)
    return _whole(series, "digit", p, chi2, np.zeros_like(chi2), special.chdtri(9, 0.01) * inflation)


def clip_test(series: StackSeries) -> Verdicts:
    """Count how often the highest CO2 fraction is reached: honest peaks stand alone."""
    known = np.where(np.isfinite(series.fraction), series.fraction, -np.inf)
    top = known.max(axis=1)
    times = (known == top[:, None]).sum(axis=1).astype(float)
    usable = np.isfinite(top) & (np.isfinite(series.fraction).sum(axis=1) >= 48)
    chance = np.full(len(times), 0.5)
    for group in np.unique(series.group):
        where = np.flatnonzero((series.group == group) & usable)
        if len(where):
            # of peers, the tenth with most repeated peaks is left out
            kept = np.sort(times[where])[: max(1, int(0.9 * len(where)))]
            chance[where] = np.clip(1 - 1 / kept.mean(), 0.3, 0.95)
    p = np.where(usable, np.clip(chance ** (times - 1), LOWEST, 1), np.nan)
    return _whole(series, "clip", p, times, np.ones_like(times), 1 + np.ceil(np.log(0.01) / np.log(chance)))


def copy_test(series: StackSeries, longest: int = 14) -> Verdicts:
    """Look for stretches that equal those of whole days before, in CO2, O2 and flow at once."""
    n, slots = series.fraction.shape
    best, last = np.zeros(n), np.zeros(n, dtype=np.int64)
    lags = range(1, min(longest, series.days - 1) + 1)
    for lag in lags:
        back = lag * series.slots
        same = np.ones((n, slots - back), dtype=bool)
        for values in (series.fraction, series.oxygen, series.flow):
            same &= values[:, back:] == values[:, :-back]
        # a stretch that stands still equals itself: the test of runs sees it
        same[:, 1:] &= series.flow[:, back + 1 :] != series.flow[:, back:-1]
        length, end = _longest(same)
        better = length > best
        best, last = np.where(better, length, best), np.where(better, end + back, last)
    trials = np.full(n, float(max(len(lags), 1) * slots))
    p = np.where(best > 0, longest_run_p(best, trials, np.full(n, 0.01)), 1.0)
    return Verdicts(
        "copy", ONE_SERIES, p, best, np.zeros(n), np.full(n, 4.0), (last - best.astype(np.int64)).clip(0) * series.step,
        last * series.step, series.fraction, series.step,
    )  # fmt: skip


def _longest(same: NDArray[np.bool_]) -> tuple[Array, NDArray[np.int64]]:
    """Return the length of the longest stretch of True in each row, and the place after its end."""
    n, width = same.shape
    if not width:
        return np.zeros(n), np.zeros(n, dtype=np.int64)
    place = np.arange(1, width + 1)
    broken = np.maximum.accumulate(np.where(same, 0, place), axis=1)
    length = np.where(same, place - broken, 0)
    at = length.argmax(axis=1)
    return length[np.arange(n), at].astype(float), (at + 1).astype(np.int64)


def _peer_chance(share: Array, group: NDArray[np.int64], floor: float) -> Array:
    """Return the share of repetitions that nine of ten peers stay below, at least a floor, at most 0.9."""
    chance = np.full(len(share), floor)
    for number in np.unique(group):
        where = group == number
        chance[where] = float(np.quantile(share[where], 0.9)) if where.sum() > 1 else floor
    return np.asarray(np.clip(chance, floor, 0.9))


def _whole(series: StackSeries, test: str, p: Array, value: Array, low: Array, high: Array) -> Verdicts:
    n, slots = series.fraction.shape
    none, end = np.zeros(n, dtype=np.int64), np.full(n, slots * series.step)
    return Verdicts(test, ONE_SERIES, p, value, low, high, none, end, series.fraction, series.step)
