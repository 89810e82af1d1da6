"""p-values: against peers, of the longest run, of a shift at an unknown moment; their combination; the false discovery rate."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAST_PEERS: Final = 8
"""Peers below which nothing is compared with them."""
HIGHEST: Final = 0.99
"""p-values above count as this one: those of counts reach 1, which the combination would take for an infinite sign of honesty."""
LOWEST: Final = 1e-300
_UNKNOWN_CORRELATION: Final = 0.5
_MAD_TO_SD: Final = 1.4826
_MAD_EFFICIENCY: Final = 0.37
"""Efficiency of the median absolute deviation for normal errors (Huber and Ronchetti 2009, Robust Statistics, section 1.2)."""


def centre_and_scale(values: Array, floor: float) -> tuple[float, float]:
    """Return median and standard deviation (from the median absolute deviation, at least ``floor``) of what is known of the values."""
    known = values[np.isfinite(values)]
    middle = float(np.median(known))
    return middle, max(_MAD_TO_SD * float(np.median(np.abs(known - middle))), floor)


def against_peers(
    values: Array, groups: NDArray[np.int64], *, floor: float, side: int = 0
) -> tuple[Array, Array, Array, Array]:
    """Compare each value with those of its group.

    Parameters
    ----------
    values : array, shape (n,)
        Statistics on a scale on which honest peers are about normal; nan where there is none.
    groups : array of int, shape (n,)
    floor : float
        Least standard deviation between honest peers, from the classes of the instruments.
    side : {-1, 0, 1}
        Whether too low, either, or too high is unexpected.

    Returns
    -------
    p, z, low, high : arrays, shape (n,)
        p-value (nan where there are fewer than `LEAST_PEERS` values), deviation in standard deviations, and the interval that
        holds 99 of 100 honest peers.

    Notes
    -----
    Centre and scale are median and MAD, which a minority of tampered peers hardly moves. The reference is Student's t with 0.37 (n − 1)
    degrees of freedom, what n values tell of a scale through the MAD; the centre adds π/(2n) to the variance.
    """
    from scipy import special

    p, z, low, high = (np.full(len(values), np.nan) for _ in range(4))
    for group in np.unique(groups):
        where = np.flatnonzero((groups == group) & np.isfinite(values))
        if len(where) < LEAST_PEERS:
            continue
        middle, scale = centre_and_scale(values[where], floor)
        wide = scale * np.sqrt(1 + np.pi / 2 / len(where))
        freedom = max(_MAD_EFFICIENCY * (len(where) - 1), 3.0)
        z[where] = (values[where] - middle) / wide
        tail = special.stdtr(freedom, -np.abs(z[where]))
        p[where] = 2 * tail if side == 0 else np.where(np.sign(z[where]) == side, tail, 1 - tail)
        reach = float(special.stdtrit(freedom, 0.995)) * wide
        low[where], high[where] = middle - reach, middle + reach
    return np.where(np.isnan(p), np.nan, np.clip(p, LOWEST, 1)), z, low, high


def longest_run_p(length: Array, trials: Array, chance: Array) -> Array:
    """Return the chance that the longest run of successes in independent trials is at least ``length``.

    Poisson approximation of the number of runs, ``1 − exp(−λ)`` with ``λ = chance^length ((trials − length)(1 − chance) + 1)`` (Arratia,
    Goldstein and Gordon 1990, Statistical Science 5:403, example of head runs).
    """
    expected = np.exp(length * np.log(chance)) * (np.maximum(trials - length, 0) * (1 - chance) + 1)
    return np.clip(-np.expm1(-expected), LOWEST, 1)


def day_to_day(daily: Array, groups: NDArray[np.int64]) -> Array:
    """Return the correlation from day to day that is usual in the group of each row, not below 0.

    The median over peers of the first autocorrelation, corrected for its bias ``−(1 + 3ρ)/n`` (Kendall 1954, Biometrika 41:403). A
    shift within one series raises its own autocorrelation, but not that of its peers. Groups that are too small take the median over all
    rows; where these are too few as well, 0.5 is assumed (grade D).
    """
    known = np.isfinite(daily)
    count = known.sum(axis=1)
    filled = np.where(known, daily, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = np.where(known, daily - (filled.sum(axis=1) / count)[:, None], 0.0)
        rho = (centred[:, 1:] * centred[:, :-1]).sum(axis=1) / (centred**2).sum(axis=1)
        rho = (count * rho + 1) / (count - 3)
    usable = (count >= 8) & np.isfinite(rho)
    every = float(np.clip(np.median(rho[usable]), 0.0, 0.9)) if usable.sum() >= LEAST_PEERS else _UNKNOWN_CORRELATION
    found = np.full(len(daily), every)
    for group in np.unique(groups):
        mine = rho[(groups == group) & usable]
        if len(mine) >= LEAST_PEERS:
            found[groups == group] = float(np.clip(np.median(mine), 0.0, 0.9))
    return found


def shift_p(daily: Array, correlation: Array, least: int = 4) -> tuple[Array, Array, Array]:
    """Test for a shift of the level at an unknown day.

    Parameters
    ----------
    daily : array, shape (n, days)
        Daily values, nan where unknown; about normal when honest.
    correlation : array, shape (n,)
        Correlation of honest values from day to day.
    least : int
        Known days on each side of the shift.

    Returns
    -------
    p, day, size : arrays, shape (n,)
        p-value (nan where too few days are known), first day after the shift, and shift of the mean.

    Notes
    -----
    Largest two-sample t over all days; the p-value is the Bonferroni bound over the days tried (Worsley 1979, J. Am. Stat. Assoc. 74:365).
    Days that resemble each other tell less: the variance of a mean grows by (1 + ρ)/(1 − ρ), and the degrees of freedom fall by it.
    """
    from scipy import special

    known = np.isfinite(daily)
    filled = np.where(known, daily, 0.0)
    count, total, square = (np.cumsum(a, axis=1) for a in (known.astype(float), filled, filled**2))
    n, s, q = count[:, -1:], total[:, -1:], square[:, -1:]
    left, right = count[:, :-1], n - count[:, :-1]
    fit = (left >= least) & (right >= least)
    # a day without data repeats the split before it
    fit &= known[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        jump = (s - total[:, :-1]) / right - total[:, :-1] / left
        inside = square[:, :-1] - total[:, :-1] ** 2 / left + (q - square[:, :-1]) - (s - total[:, :-1]) ** 2 / right
        # rounding may leave a variance of nothing below nothing
        spread = np.sqrt(np.maximum(inside, 1e-18) / (n - 2) * (1 / left + 1 / right))
        t = np.where(fit, np.abs(jump) / spread, -1.0)
    grown = (1 + correlation) / (1 - correlation)
    best = t.argmax(axis=1) if t.shape[1] else np.zeros(len(daily), dtype=int)
    rows = np.arange(len(daily))
    highest, tried = t[rows, best], fit.sum(axis=1)
    freedom = np.maximum(n[:, 0] / grown - 2, 1.0)
    p = np.minimum(tried * 2 * special.stdtr(freedom, -np.maximum(highest, 0) / np.sqrt(grown)), 1.0)
    usable = highest >= 0
    return (
        np.where(usable, np.clip(p, LOWEST, 1), np.nan),
        np.where(usable, best + 1, -1).astype(float),
        np.where(usable, jump[rows, best], np.nan),
    )


def cauchy_combination(p: Array, weights: Array) -> Array:
    """Combine the p-values of each row, whatever their dependence.

    Parameters
    ----------
    p : array, shape (n, tests)
        nan where a test says nothing.
    weights : array, shape (tests,)

    Returns
    -------
    array, shape (n,)
        Combined p-value; nan where no test says anything.

    Notes
    -----
    ``T = Σ w tan((½ − p) π) / Σ w`` is about standard Cauchy in its tail under arbitrary dependence (Liu and Xie 2020, J. Am.
    Stat. Assoc. 115:393, equation 3).
    """
    known = np.isfinite(p)
    clipped = np.clip(np.where(known, p, 0.5), LOWEST, HIGHEST)
    # tan((½ − p)π) is 1/(πp) for small p, where the first form has lost its digits
    terms = np.where(clipped < 1e-15, 1 / (np.pi * clipped), np.tan((0.5 - clipped) * np.pi))
    share = np.where(known, weights[None, :], 0.0)
    total = share.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = (share * terms).sum(axis=1) / total
        combined = np.where(t > 1e15, 1 / (np.pi * t), 0.5 - np.arctan(t) / np.pi)
    return np.where(total > 0, np.clip(combined, LOWEST, 1), np.nan)


def false_discovery_rate(p: Array) -> Array:
    """Return the least false discovery rate at which each hypothesis is rejected.

    The step-up procedure of Benjamini and Hochberg (1995, J. R. Stat. Soc. B 57:289); nan stays nan and does not count.
    """
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    rank = np.arange(1, len(order) + 1)
    adjusted = np.minimum.accumulate((p[order] * len(order) / rank)[::-1])[::-1]
    found = np.full(len(p), np.nan)
    found[order] = np.minimum(adjusted, 1.0)
    return found
