"""Rain and the flow of rivers: what runs into reservoirs and through run-of-river plants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from tanlu.energy.problem import Floats
from tanlu.energy.weather.noise import (
    DAYS_PER_YEAR,
    HOURS_PER_DAY,
    fit_months,
    from_months,
    month_of_hour,
    monthly_means,
    noise,
    smoothed,
    stream,
)

QUICK: Final = 0.6
"""Share of the rain that runs off quickly; the rest passes through the ground."""


@dataclass(frozen=True, slots=True)
class RiverClimate:
    """How it rains and how rivers answer.

    Parameters
    ----------
    runoff : (12,) array
        Monthly mean flow over that of the year [1].
    wet_share : float
        Share of days with rain [1].
    cloud_link : float
        Correlation of rain with cloudiness [1].
    quick, slow : float
        Time constants of surface and ground water [h].
    length : float
        Distance over which the likeness of rain falls to 1/e [km].
    """

    runoff: Floats
    wet_share: float
    cloud_link: float
    quick: float
    slow: float
    length: float


def rain(climate: RiverClimate, apart: Floats, clearness: Floats, seed: int) -> Floats:
    r"""Return daily rain at n places, in units of its own, (365, n).

    Rain falls on the share w of days with the largest :math:`r = -\rho z + \sqrt{1 - \rho^2}\,\varepsilon`, where z is the noise behind
    the clearness of the sky: its amount is :math:`-\ln((1 - \Phi(r))/w)`, exponentially distributed.
    """
    own = noise(stream(seed, "rain"), DAYS_PER_YEAR, apart, climate.length, 0.3)
    r = -climate.cloud_link * clearness + np.sqrt(1 - climate.cloud_link**2) * own
    exceedance = np.maximum(1 - ndtr(r), 1e-9)
    result: Floats = np.where(exceedance < climate.wet_share, -np.log(exceedance / climate.wet_share), 0.0)
    return result


def river_flow(climate: RiverClimate, daily_rain: Floats, basins: Floats, size: Floats) -> Floats:
    r"""Return hourly flow of rivers over their yearly mean, (8760, m).

    Rain passes two linear reservoirs, of quick and of slow time constant, both longer in larger basins (by the square root of `size`);
    the result is brought to the monthly means of the climate by a smooth factor.

    Parameters
    ----------
    climate : RiverClimate
    daily_rain : (365, n) array
    basins : (m, n) array
        Share of each place in each basin; rows sum to 1.
    size : (m,) array
        Size of each basin relative to the one for which the time constants hold [1].
    """
    hourly = np.repeat(daily_rain @ basins.T, HOURS_PER_DAY, axis=0)
    hourly = hourly * from_months(climate.runoff)[:, None]
    flow = np.stack(
        [
            QUICK * smoothed(smoothed(hourly[:, j], climate.quick * root), climate.quick * root / 2)
            + (1 - QUICK) * smoothed(hourly[:, j], climate.slow * root)
            for j, root in enumerate(np.sqrt(size))
        ],
        axis=1,
    )
    target = np.repeat((climate.runoff / yearly(climate.runoff))[:, None], flow.shape[1], axis=1)
    knots = fit_months(lambda k: monthly_means(flow * from_months(k)), np.ones_like(target), target, power=0.8)
    result: Floats = flow * from_months(knots)
    return np.asarray(result / result.mean(axis=0), float)


def yearly(months: Floats) -> float:
    """Return the mean of a year from the means of its months."""
    return float(from_calendar(months).mean())


def from_calendar(months: Floats) -> Floats:
    """Return an hourly year that holds the value of each month throughout it, (8760,)."""
    return np.asarray(months[month_of_hour()], float)


def run_of_river(flow: Floats, months: Floats) -> Floats:
    r"""Return output over capacity of run-of-river plants, :math:`\min(1, k_t q_t)`, with wanted monthly means, (8760, m).

    Parameters
    ----------
    flow : (8760, m) array
        Flow over its mean.
    months : (12,) array
        Wanted monthly means of output over capacity [1].
    """
    target = np.repeat(months[:, None], flow.shape[1], axis=1)

    def evaluate(knots: Floats) -> Floats:
        return monthly_means(np.minimum(1.0, flow * from_months(knots)))

    knots = fit_months(evaluate, target, target, power=0.8, tolerance=1e-6)
    result: Floats = np.minimum(1.0, flow * from_months(knots))
    return result
