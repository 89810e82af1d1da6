"""Filling the hours that direct meters did not measure; counters need none, their total is exact.

Stacks (`MAXIMUM`) follow the tiers of HJ 75-2017, table on missing data: by the share of valid hours in the quarter and the length of the
gap, the largest hour of the last 180, 720 or 2160 valid hours before it. Below 75 % the standard gives no value; the widest tier is taken,
so that an estimate is never lower than the rule. Other intervals and rates (`NEIGHBOURS`) take the mean of the valid hours around a gap of
up to 24 hours, the mean of the last 720 valid hours up to five days, and nothing beyond: a source that is silent so long may have stopped.

Hours before the first and after the last valid hour of a meter stay missing: the one has no history, the other no end yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.monitor.meter_table import MAXIMUM, NEIGHBOURS
from tanlu.monitor.schema import CIVIL_OFFSET, HOUR

SHORT: Final = 24
"""Hours up to which a gap is short."""
LONG: Final = 120
"""Hours up to which the gap of an interval meter is filled (five days)."""
GOOD, FAIR = 0.90, 0.75
"""Shares of valid hours in the quarter that part the tiers of HJ 75-2017."""
TIERS: Final = (180, 720, 2160)
"""Valid hours before the gap among which the largest is taken."""


@dataclass(frozen=True)
class Gap:
    """Hours from ``start`` to before ``stop`` that are filled at ``level`` each."""

    start: int
    stop: int
    level: float


def quarter_of(hour: np.ndarray) -> np.ndarray:
    """Return the number of the civil quarter of hours given by their first second."""
    months = ((hour + CIVIL_OFFSET) // HOUR).astype("datetime64[h]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(months // 3)


def gaps_of(hour: np.ndarray, quantity: np.ndarray, valid: np.ndarray, rule: int) -> list[Gap]:
    """Return what the gaps of one meter are filled with.

    Parameters
    ----------
    hour : array of int64
        First seconds of consecutive hours in which the meter is valid, shape (n,).
    quantity : array of float64
        Amounts, shape (n,); read only where ``valid``.
    valid : array of bool
        Whether the hour was measured, shape (n,).
    rule : int
        `MAXIMUM` or `NEIGHBOURS`.
    """
    known = np.flatnonzero(valid)
    if len(known) < 2 or rule not in (MAXIMUM, NEIGHBOURS):
        return []
    first, last = int(known[0]), int(known[-1])
    inside = ~valid[first : last + 1]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    amounts = quantity[known]
    quarters = quarter_of(hour[first : last + 1])
    found = []
    for start, stop in zip(edges[::2] + first, edges[1::2] + first, strict=True):
        before = int(np.searchsorted(known, start))
        if rule == MAXIMUM:
            same = quarters == quarters[start - first]
            share = 1.0 - float(inside[same].mean())
            level: float | None = _largest(amounts[:before], share, int(stop - start))
        else:
            level = _around(amounts, before, int(stop - start))
        if level is not None:
            found.append(Gap(int(start), int(stop), level))
    return found


def _largest(before: np.ndarray, share: float, length: int) -> float:
    tier = TIERS[2] if share < GOOD else TIERS[0] if length <= SHORT else TIERS[1]
    return float(before[-tier:].max())


def _around(amounts: np.ndarray, before: int, length: int) -> float | None:
    if length <= SHORT:
        return float((amounts[before - 1] + amounts[before]) / 2)
    if length <= LONG:
        return float(amounts[max(before - TIERS[1], 0) : before].mean())
    return None
