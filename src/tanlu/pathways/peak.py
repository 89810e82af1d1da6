"""Has a series peaked, when, and how sure is that?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.tabular import Tabular

Floats = NDArray[np.float64]
Status = Literal["confirmed", "plateau", "none"]

YEARS_AFTER: Final = 5
SIGNIFICANCE: Final = 0.05
PLATEAU: Final = 0.01
Z_TWO_SIDED: Final = 1.959963984540054
"""Quantile of the standard normal distribution at 97.5 %."""


def mann_kendall(values: Floats, variance_factor: float = 1.0) -> tuple[float, float]:
    """Return (z, p) of the Mann–Kendall test for a trend, two-sided.

    Parameters
    ----------
    values : [n]
        Series in order of time, at least two values.
    variance_factor : float
        Factor on the variance, above zero: that of serial correlation from `serial_factor`, or 1 without it.

    Raises
    ------
    ValueError
        If there are fewer than two values.

    Notes
    -----
    Mann 1945, Kendall 1975: S = Σ sign(x_j - x_i), variance n(n-1)(2n+5)/18 less the correction for ties, continuity correction of 1.
    """
    n = len(values)
    if n < 2:
        raise ValueError("a trend needs at least two values")
    s = float(np.sign(values[None, :] - values[:, None])[np.triu_indices(n, 1)].sum())
    ties = np.unique(values, return_counts=True)[1].astype(float)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18.0
    if s == 0 or variance <= 0:
        return 0.0, 1.0
    z = (s - math.copysign(1.0, s)) / math.sqrt(variance * variance_factor)
    return z, math.erfc(abs(z) / math.sqrt(2.0))


def serial_factor(values: Floats) -> float:
    """Return the factor on the variance of the Mann–Kendall statistic that serial correlation asks for [1].

    Parameters
    ----------
    values : [n]
        Series in order of time; with fewer than three values nothing can be said, and the factor is 1.

    Notes
    -----
    Hamed & Rao 1998, Journal of Hydrology 204:182: 1 + 2/(n(n-1)(n-2)) Σ_i (n-i)(n-i-1)(n-i-2) ρ_i, with the autocorrelations ρ_i of the
    ranks of the series less its Sen trend, as far as they are significant at 5 % (|ρ| > 1.96/√n). Below 1 where values alternate.
    """
    n = len(values)
    if n < 3:
        return 1.0
    scale = float(np.abs(values).max()) or 1.0
    # ties must not hang on the last digit of the trend
    detrended = np.round((values - sen_slope(values) * np.arange(n)) / scale, 12)
    _, inverse, counts = np.unique(detrended, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    centred = ranks - ranks.mean()
    total = float(centred @ centred)
    if total == 0.0:
        return 1.0
    lags = np.arange(1, n)
    rho = np.array([float(centred[:-i] @ centred[i:]) for i in lags]) / total
    rho[np.abs(rho) <= Z_TWO_SIDED / math.sqrt(n)] = 0.0
    weights = (n - lags) * (n - lags - 1.0) * (n - lags - 2.0)
    return float(1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * (weights * rho).sum())


def sen_slope(values: Floats) -> float:
    """Return the median of the slopes between all pairs of values [unit/yr] (Sen 1968)."""
    i, j = np.triu_indices(len(values), 1)
    return float(np.median((values[j] - values[i]) / (j - i)))


@dataclass(frozen=True, slots=True)
class PeakTest(Tabular):
    """Result of the test on one series.

    ``status`` is ``confirmed`` (at least five years after the maximum, falling with p < 0.05), ``plateau`` (the maximum is behind, the fall
    after it is short or not significant) or ``none`` (the maximum is the last value). ``plateau`` is the span of years around the maximum
    within 1 % of it. ``p`` holds the correction for serial correlation; ``p`` and ``slope`` are None where too few years follow.
    """

    year: int
    level: float
    status: Status
    plateau: tuple[int, int]
    p: float | None
    slope: float | None


def peak_test(years: NDArray[np.int64], values: Floats) -> PeakTest:
    """Test a yearly series for a peak.

    Parameters
    ----------
    years, values : [n]
        Consecutive years and values.
    """
    top = int(np.argmax(values))
    first = last = top
    near = values >= values[top] * (1.0 - PLATEAU)
    while first > 0 and near[first - 1]:
        first -= 1
    while last < len(values) - 1 and near[last + 1]:
        last += 1
    after = values[top + 1 :]
    p, slope, status = None, None, "none"
    if len(after) >= 1:
        status = "plateau"
    if len(after) >= YEARS_AFTER:
        # a correction that would make the trend more certain rests on too few years to be used
        factor = max(1.0, serial_factor(after))
        p, slope = mann_kendall(after, factor)[1], sen_slope(after)
        if p < SIGNIFICANCE and slope < 0:
            status = "confirmed"
    return PeakTest(int(years[top]), float(values[top]), status, (int(years[first]), int(years[last])), p, slope)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class PeakChance(Tabular):
    """Probability of a peak by a year, and the spread of year and level over draws.

    ``stderr`` is the standard error over independent scrambles; ``stderr_bound`` is √(p(1-p)/n), which independent draws would have.
    Years and levels are the 5 and 95 % points, ``year_middle`` the median year.
    """

    probability: float
    stderr: float
    stderr_bound: float
    year_low: int
    year_middle: int
    year_high: int
    level_low: float
    level_high: float


def peak_chance(years: NDArray[np.int64], paths: Floats, deadline: int, replicates: int) -> PeakChance:
    """Return the chance that the maximum lies in or before a year.

    Parameters
    ----------
    years : [T]
    paths : [n, T]
        Draws, the independent scrambles one after the other, all of the same size.
    deadline : int
    replicates : int
        Number of independent scrambles.

    Raises
    ------
    ValueError
        If the draws do not divide into the replicates.
    """
    if len(paths) % replicates:
        raise ValueError(f"{len(paths)} draws do not divide into {replicates} scrambles")
    top = paths.argmax(axis=1)
    peak = years[top]
    reached = (peak <= deadline) & (top < len(years) - 1)
    shares = reached.reshape(replicates, -1).mean(axis=1)
    p = float(shares.mean())
    spread = (
        float(shares.std(ddof=1) / math.sqrt(replicates)) if replicates > 1 else math.sqrt(p * (1 - p) / len(paths))
    )
    if p in (0.0, 1.0):
        # draws that all agree do not make certainty: Laplace's rule of succession
        rule = (p * len(paths) + 1) / (len(paths) + 2)
        spread = math.sqrt(rule * (1 - rule) / len(paths))
    low, middle, high = np.quantile(peak, [0.05, 0.5, 0.95], method="inverted_cdf")
    level_low, level_high = np.quantile(paths.max(axis=1), [0.05, 0.95])
    bound = math.sqrt(p * (1.0 - p) / len(paths))
    return PeakChance(p, spread, bound, int(low), int(middle), int(high), float(level_low), float(level_high))
