"""Filling the years without activity data: a driver, its elasticity, and an interval that widens with the distance.

Between two known years the ratio of activity to driver is interpolated; after the last one the activity follows the driver with an
elasticity. This is the *surrogate data* splicing of IPCC 2006 vol. 1 ch. 5, section 5.3.3.2, eq. 5.2, written in logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ELASTICITY_RANGE: Final = (-0.5, 1.0)
"""Bounds of an estimated elasticity: activity neither falls faster than half as fast as its driver grows, nor outgrows it."""
LEAST_DRIVER_CHANGE: Final = 0.10
"""Least logarithmic change of a driver between first and last known year for an elasticity to be estimated."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Activity of one year.

    ``error`` is the relative standard uncertainty that the filling adds: 0 in a year with data.
    """

    value: float
    known: bool
    error: float


def bridge_error(year: int, known: list[int], volatility: float) -> float:
    """Return the relative standard uncertainty of a filled year.

    Parameters
    ----------
    year : int
    known : list of int
        Years with data, sorted.
    volatility : float
        Standard deviation of the yearly change of the logarithm of activity over driver [1/√yr].

    Notes
    -----
    The logarithm of the ratio is taken as a random walk: after the last known year its standard deviation is ``v·√d``; between two
    known years it is a Brownian bridge, ``v·√(d1·d2/(d1+d2))``.
    """
    before = [k for k in known if k <= year]
    after = [k for k in known if k >= year]
    if before and after:
        d1, d2 = year - before[-1], after[0] - year
        return volatility * math.sqrt(d1 * d2 / (d1 + d2)) if d1 + d2 else 0.0
    distance = year - before[-1] if before else after[0] - year
    return volatility * math.sqrt(distance)


def estimated_elasticity(known: Mapping[int, float], driver: Mapping[int, float], fallback: float) -> float:
    """Return the elasticity of activity to driver between the first and the last known year, within `ELASTICITY_RANGE`.

    Returns ``fallback`` where the driver moved too little to tell, or where fewer than two known years are positive.
    """
    years = sorted(y for y, value in known.items() if value > 0 and driver.get(y, 0.0) > 0)
    if len(years) < 2:
        return fallback
    first, last = years[0], years[-1]
    change = math.log(driver[last] / driver[first])
    if abs(change) < LEAST_DRIVER_CHANGE:
        return fallback
    low, high = ELASTICITY_RANGE
    return min(max(math.log(known[last] / known[first]) / change, low), high)


def _between(
    year: int, a: int, b: int, known: Mapping[int, float], driver: Mapping[int, float], elasticity: float
) -> float:
    weight = (year - a) / (b - a)
    if known[a] <= 0 or known[b] <= 0:
        return known[a] + weight * (known[b] - known[a])
    if any(driver.get(y, 0.0) <= 0 for y in (a, year, b)):
        elasticity = 0.0
    scale = {y: elasticity * math.log(driver[y]) if elasticity else 0.0 for y in (a, year, b)}
    ratio = (1 - weight) * (math.log(known[a]) - scale[a]) + weight * (math.log(known[b]) - scale[b])
    return math.exp(ratio + scale[year])


def fill(
    known: Mapping[int, float], driver: Mapping[int, float], years: list[int], elasticity: float, volatility: float
) -> dict[int, Filled]:
    """Fill a series of activity data over all years.

    Parameters
    ----------
    known : mapping of int to float
        Activity by year with data, not negative, in any unit.
    driver : mapping of int to float
        Driver by year, positive, in any unit. Years without driver are interpolated without it; after the last known year the driver
        stays at its last value.
    years : list of int
        Years wanted.
    elasticity : float
        Relative change of activity per relative change of the driver.
    volatility : float
        See `bridge_error`.

    Returns
    -------
    dict of int to Filled
        Empty if nothing is known. Years before the first known year are left out: nothing is said about them.
    """
    if not known:
        return {}
    anchors = sorted(known)
    result: dict[int, Filled] = {}
    for year in years:
        if year < anchors[0]:
            continue
        if year in known:
            result[year] = Filled(known[year], True, 0.0)
        elif year < anchors[-1]:
            a, b = max(k for k in anchors if k < year), min(k for k in anchors if k > year)
            value = _between(year, a, b, known, driver, elasticity)
            result[year] = Filled(value, False, bridge_error(year, anchors, volatility))
        else:
            last = anchors[-1]
            now, then = _held(driver, year), _held(driver, last)
            value = known[last] * ((now / then) ** elasticity if now > 0 and then > 0 else 1.0)
            result[year] = Filled(value, False, bridge_error(year, anchors, volatility))
    return result


def _held(driver: Mapping[int, float], year: int) -> float:
    """Return the driver of a year, or of the nearest earlier year; 0 if there is none."""
    earlier = [y for y in driver if y <= year]
    return driver[max(earlier)] if earlier else 0.0
