"""Tests of meters: registers turned back, main meters that see less than their sub-meters, electricity that does not fit the output."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.schema import DAY
from tanlu.monitor.suspicion.probability import LOWEST, Array, day_to_day, shift_p
from tanlu.monitor.suspicion.stack_tests import CROSS_SOURCE, ONE_SERIES, Verdicts

FALLS_A_MONTH: Final = 0.01
"""Falls of a register that honest meters have unexplained, per meter and 30 days; grade D: typing errors and repairs without a record."""
_MONTH: Final = 30.0
_LEAST_DAYS: Final = 7


def turned_back_test(falls: NDArray[np.int64], lost: Array, days: int) -> Verdicts:
    """Count falls of registers that neither roll-over, reset nor exchange explains.

    Parameters
    ----------
    falls : array of int, shape (n,)
        Falls of each meter.
    lost : array, shape (n, days)
        What they took from the register, by day, in the unit of the carrier.
    days : int

    Notes
    -----
    Poisson with a mean of `FALLS_A_MONTH`; one fall alone is no case.
    """
    from scipy import special

    mean = FALLS_A_MONTH * days / _MONTH
    p = np.where(falls > 0, np.clip(special.pdtrc(falls - 1.0, mean), LOWEST, 1), 1.0)
    n = len(falls)
    first = np.where(falls > 0, (lost > 0).argmax(axis=1), 0).astype(np.int64) * DAY
    return Verdicts(
        "turned_back",
        CROSS_SOURCE,
        p,
        falls.astype(float),
        np.zeros(n),
        np.ones(n),
        first,
        np.full(n, days * DAY),
        lost,
        DAY,
    )


def main_meter_tests(main: Array, subs: Array, error: Array) -> list[Verdicts]:
    """Hold main meters against the sums of their sub-meters: level against the classes, shift within the series.

    Parameters
    ----------
    main, subs : arrays, shape (n, days)
        Amounts by day, where all meters were read; nan elsewhere.
    error : array, shape (n,)
        Relative standard deviation of main less subs, from the classes.

    Notes
    -----
    Only a main meter that sees less than its sub-meters is unexpected: what no sub-meter sees makes it see more. A shift within what the
    classes allow is none, however sure it is.
    """
    from scipy import special

    n, days = main.shape
    both = np.isfinite(main) & np.isfinite(subs) & (main > 0) & (subs > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        daily = np.where(both, np.log(np.where(both, main, 1) / np.where(both, subs, 1)), np.nan)
        level = np.log(np.where(both, main, 0).sum(axis=1) / np.where(both, subs, 0).sum(axis=1))
    enough = both.sum(axis=1) >= _LEAST_DAYS
    p = np.where(enough, np.clip(special.ndtr(level / error), LOWEST, 1), np.nan)
    none, end, drawn = np.zeros(n, dtype=np.int64), np.full(n, days * DAY), np.exp(daily)
    low = np.exp(-2.576 * error)
    found = [Verdicts("main_level", CROSS_SOURCE, p, np.exp(level), low, np.full(n, np.nan), none, end, drawn, DAY)]
    p, day, size = shift_p(daily, day_to_day(daily, np.zeros(n, dtype=np.int64)))
    start = np.where(day < 0, 0, day * DAY).astype(np.int64)
    reach = np.where(np.isfinite(p), 2.576 * error, np.nan)
    p = np.where(np.abs(size) <= reach, 1.0, p)
    return [*found, Verdicts("main_shift", ONE_SERIES, p, np.expm1(size), -reach, reach, start, end, drawn, DAY)]
