"""Random series with memory in time and likeness in space, and the fit of a series to monthly means.

Every series of the synthetic weather starts from Gaussian noise made here, so that one seed gives one year.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.signal import lfilter

from tanlu.energy.problem import Floats, Indices

DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
HOURS_PER_DAY: Final = 24
DAYS_PER_YEAR: Final = 365
EARTH_RADIUS: Final = 6371.0
"""Mean radius of the Earth [km]."""


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random stream of one process: adding a process does not change what the others draw."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *name.encode("ascii")])))


def distances(latitude: Floats, longitude: Floats) -> Floats:
    r"""Return great-circle distances between places [km], (n, n), by the haversine formula.

    .. math:: d = 2R \arcsin\sqrt{\sin^2(\Delta\varphi/2) + \cos\varphi_1\cos\varphi_2\sin^2(\Delta\lambda/2)}

    Parameters
    ----------
    latitude, longitude : (n,) array
        Places [degree].
    """
    phi, lam = np.radians(latitude), np.radians(longitude)
    half = (
        np.sin((phi[:, None] - phi) / 2) ** 2
        + np.cos(phi[:, None]) * np.cos(phi) * np.sin((lam[:, None] - lam) / 2) ** 2
    )
    result: Floats = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return result


def noise(generator: np.random.Generator, steps: int, apart: Floats, length: float, memory: float) -> Floats:
    r"""Return stationary Gaussian noise of mean 0 and variance 1 at n places, (steps, n).

    .. math:: x_t = \varphi x_{t-1} + \sqrt{1 - \varphi^2}\, \varepsilon_t, \qquad
              \operatorname{corr}(\varepsilon_{t,i}, \varepsilon_{t,j}) = e^{-d_{ij}/L}

    Parameters
    ----------
    generator : numpy.random.Generator
    steps : int
    apart : (n, n) array
        Distances [km].
    length : float
        Distance L over which likeness falls to 1/e [km].
    memory : float
        Correlation φ of one step with the next [1].
    """
    factor = np.linalg.cholesky(np.exp(-apart / length) + 1e-12 * np.eye(len(apart)))
    shocks = generator.standard_normal((steps, len(apart))) @ factor.T
    shocks[1:] *= np.sqrt(1 - memory**2)
    result: Floats = lfilter([1.0], [1.0, -memory], shocks, axis=0)
    return result


def month_of_hour() -> Indices:
    """Return the month (0…11) of every hour of a year of 365 days, (8760,)."""
    return np.repeat(np.arange(12), np.asarray(DAYS) * HOURS_PER_DAY)


def monthly_means(series: Floats) -> Floats:
    """Return the means over months of an hourly year, (12,) or (12, n)."""
    starts = np.concatenate([[0], np.cumsum(DAYS)[:-1]]) * HOURS_PER_DAY
    sums: Floats = np.add.reduceat(series, starts, axis=0)
    hours = np.asarray(DAYS, float) * HOURS_PER_DAY
    result: Floats = sums / (hours if series.ndim == 1 else hours[:, None])
    return result


def from_months(knots: Floats) -> Floats:
    """Return an hourly year that goes straight from the middle of each month to that of the next, and from December to January.

    Parameters
    ----------
    knots : (12,) or (12, n) array

    Returns
    -------
    (8760,) or (8760, n) array
    """
    days = np.asarray(DAYS, float)
    middles = (np.cumsum(days) - days / 2) * HOURS_PER_DAY
    hours = np.arange(DAYS_PER_YEAR * HOURS_PER_DAY) + 0.5
    length = float(DAYS_PER_YEAR * HOURS_PER_DAY)
    table = knots[:, None] if knots.ndim == 1 else knots
    columns = [np.interp(hours, middles, table[:, j], period=length) for j in range(table.shape[1])]
    return columns[0] if knots.ndim == 1 else np.stack(columns, axis=1)


def fit_months(
    evaluate: Callable[[Floats], Floats], start: Floats, target: Floats, power: float = 1.0, tolerance: float = 1e-7
) -> Floats:
    r"""Find the twelve values, one a month, with which a series has the wanted monthly means.

    Repeats :math:`x_m \leftarrow x_m (\text{target}_m / \text{mean}_m)^{\text{power}}`.

    Parameters
    ----------
    evaluate : callable
        From the values (12,) or (12, n) to the monthly means of the series, in the same shape.
    start : array
        Positive values to begin with.
    target : array
        Wanted means.
    power : float
        Positive where the means grow with the values, negative where they fall.
    tolerance : float
        Largest relative difference of a mean.

    Returns
    -------
    array
        The values; the closest ones found where the target cannot be reached.
    """
    values = np.array(start, float)
    for _ in range(500):
        ratio = target / np.maximum(evaluate(values), 1e-12)
        if np.max(np.abs(ratio - 1)) < tolerance:
            break
        values = values * np.clip(ratio, 0.5, 2.0) ** power
    return values


def smoothed(series: Floats, hours: float) -> Floats:
    """Return a series in which each hour keeps a part of the hour before (an exponential mean); it begins at its own mean.

    Parameters
    ----------
    series : (T,) or (T, n) array
    hours : float
        Time constant [h].
    """
    keep = float(np.exp(-1 / hours))
    before = keep * series.mean(axis=0, keepdims=True)
    result: Floats = lfilter([1 - keep], [1.0, -keep], series, axis=0, zi=before)[0]
    return result
