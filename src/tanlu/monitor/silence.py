"""Silences of counters: what was counted meanwhile is exact, how it spread over the hours is told by like days.

The difference of the two readings around a silence is spread evenly first (operator *spread*). Its whole hours then share the same total as
the hours of like days did: days of the same kind (Monday to Friday, or weekend) among the 28 before the day on which it begins, means of
hours that were measured. The pieces of hours at both ends keep what they have. Where a silence is short or very long, where an hour was
measured on too few like days, or where the shape would ask more of an hour than the rating allows, the even spread stays.

The rule is an assumption (grade D): the shape is estimated, and marked so; the total is not touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR

SHORTEST: Final = 3
"""Whole hours from which on a silence has a shape."""
LONGEST: Final = 168
"""Whole hours up to which it has one: the four weeks before say little of what lies more than a week away."""
BEFORE: Final = 28
"""Days before a silence among which like days are looked for."""
LIKE_DAYS: Final = 3
"""Like days on which an hour of the day must have been measured."""
EVEN: Final = 1e-9
"""Relative difference up to which hours have the same amount."""
_WEEKEND: Final = 5


@dataclass(frozen=True)
class Silence:
    """Hours from ``start`` to before ``stop``, and their amounts by the shape of like days; without them the even spread stays."""

    start: int
    stop: int
    levels: np.ndarray | None


def civil_day(hour: np.ndarray) -> np.ndarray:
    """Return the number of the civil day of hours given by their first second."""
    return np.asarray((hour + CIVIL_OFFSET) // DAY)


def clock_of(hour: np.ndarray) -> np.ndarray:
    """Return the hour of the civil day, 0 to 23."""
    return np.asarray((hour + CIVIL_OFFSET) // HOUR % 24)


def is_weekend(day: np.ndarray) -> np.ndarray:
    """Return whether civil days, by number, are Saturdays or Sundays; day 0 was a Thursday."""
    return np.asarray((day + 3) % 7 >= _WEEKEND)


def silences_of(
    hour: np.ndarray, quantity: np.ndarray, even: np.ndarray, measured: np.ndarray, limit: float
) -> Iterator[Silence]:
    """Yield the silences of one counter.

    Parameters
    ----------
    hour : array of int64
        First seconds of consecutive hours in which the meter is valid, shape (n,).
    quantity : array of float64
        Amounts, shape (n,); read only where ``even`` or ``measured``.
    even, measured : array of bool
        Whether the whole amount of the hour is estimated, or none of it and nothing is missing; shape (n,).
    limit : float
        Largest amount that the rating allows an hour; 0 where it is not known.
    """
    day, clock = civil_day(hour), clock_of(hour)
    weekend = is_weekend(day)
    amount = np.where(even, quantity, np.nan)
    with np.errstate(invalid="ignore"):
        joined = (np.abs(np.diff(amount)) <= EVEN * np.abs(amount[1:])) & (np.diff(hour) == HOUR)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], joined, [False])).astype(np.int8)))
    for start, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        stop = last + 1
        if not SHORTEST <= stop - start <= LONGEST:
            continue
        here = slice(start, stop)
        like = measured & (day >= day[start] - BEFORE) & (day < day[start])
        means = _means(quantity, clock + 24 * weekend, like)[clock[here] + 24 * weekend[here]]
        yield Silence(start, stop, _levels(float(quantity[here].sum()), means, limit))


def _means(quantity: np.ndarray, place: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return the mean of each hour of workdays, then of weekends; nan where there are too few."""
    count = np.bincount(place[like], minlength=48)
    total = np.bincount(place[like], quantity[like], minlength=48)
    return np.asarray(np.divide(total, count, out=np.full(48, np.nan), where=count >= LIKE_DAYS))


def _levels(total: float, means: np.ndarray, limit: float) -> np.ndarray | None:
    whole = float(means.sum())
    if not np.isfinite(whole) or whole == 0.0 or (means * whole < 0).any():
        return None
    levels = total * means / whole
    return None if limit > 0 and float(np.abs(levels).max()) > limit else np.asarray(levels)
