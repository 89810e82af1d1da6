"""Wind speed at hub height, and what wind farms make of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from tanlu.energy.problem import Floats
from tanlu.energy.weather.noise import (
    DAYS_PER_YEAR,
    HOURS_PER_DAY,
    distances,
    fit_months,
    from_months,
    monthly_means,
    noise,
    stream,
)

SMOOTHING: Final = np.linspace(-2.0, 2.0, 9)
"""Deviations of the wind at single turbines from that of the farm, in standard deviations."""


@dataclass(frozen=True, slots=True)
class WindFarm:
    """The machines of a farm.

    Parameters
    ----------
    cut_in, rated, cut_out : float
        Speeds at which a turbine starts, reaches its capacity and stops [m/s].
    hub : float
        Height of the hub [m].
    spread : float
        Standard deviation of the speed between turbines of a farm [m/s].
    losses : float
        Share lost to wakes, standstill and cables [1].
    """

    cut_in: float
    rated: float
    cut_out: float
    hub: float
    spread: float
    losses: float

    def output(self, speed: Floats) -> Floats:
        r"""Return output over capacity [1].

        One turbine gives :math:`(v^3 - v_i^3)/(v_r^3 - v_i^3)` between cut-in and rated speed and 1 up to cut-out; a farm is the mean
        over a normal spread of the speed, less the losses.

        Parameters
        ----------
        speed : array
            Wind at the hub [m/s].
        """
        weights = np.exp(-(SMOOTHING**2) / 2)
        total = np.zeros(np.shape(speed))
        for deviation, weight in zip(SMOOTHING, weights / weights.sum(), strict=True):
            v = np.maximum(speed + deviation * self.spread, 0.0)
            rising = (v**3 - self.cut_in**3) / (self.rated**3 - self.cut_in**3)
            total += weight * np.where(v < self.cut_out, np.clip(rising, 0.0, 1.0), 0.0)
        return total * (1 - self.losses)


@dataclass(frozen=True, slots=True)
class WindClimate:
    """What the wind is like.

    Parameters
    ----------
    shape : float
        Shape k of the Weibull distribution [1].
    memory, length : float
        Correlation of an hour with the next [1], and distance over which likeness falls to 1/e [km], of weather systems.
    gust_share, gust_memory, gust_length : float
        Share of the variance of local wind [1], its memory and its length.
    diurnal : float
        Half the difference between the windiest and the calmest hour of a mean day, relative [1].
    peak_hour : float
        Hour at which the mean day is windiest [h].
    """

    shape: float
    memory: float
    length: float
    gust_share: float
    gust_memory: float
    gust_length: float
    diurnal: float
    peak_hour: float


def hub_speed(speed: Floats, height: float, hub: float, shear: float) -> Floats:
    r"""Return the wind at the hub from that at another height by the power law, :math:`v (h/h_0)^\alpha` [m/s].

    Parameters
    ----------
    speed : array
        Measured wind [m/s].
    height, hub : float
        Height of the measurement and of the hub [m].
    shear : float
        Exponent α [1]: 0.14 over open land, 0.2 to 0.3 over hills and towns.
    """
    result: Floats = np.asarray(speed, float) * (hub / height) ** shear
    return result


def weibull_speed(climate: WindClimate, latitude: Floats, longitude: Floats, seed: int) -> Floats:
    r"""Return hourly wind of mean 1 at n places, (8760, n): a Gaussian process given a Weibull distribution.

    .. math:: v = \lambda (-\ln(1 - \Phi(z)))^{1/k}, \qquad \lambda = 1/\Gamma(1 + 1/k)
    """
    apart = distances(latitude, longitude)
    hours = DAYS_PER_YEAR * HOURS_PER_DAY
    systems = noise(stream(seed, "wind"), hours, apart, climate.length, climate.memory)
    local = noise(stream(seed, "gusts"), hours, apart, climate.gust_length, climate.gust_memory)
    z = math.sqrt(1 - climate.gust_share) * systems + math.sqrt(climate.gust_share) * local
    speed = (-np.log(np.maximum(1 - ndtr(z), 1e-12))) ** (1 / climate.shape) / math.gamma(1 + 1 / climate.shape)
    hour = np.arange(hours) % HOURS_PER_DAY + 0.5
    day = 1 + climate.diurnal * np.cos(2 * np.pi * (hour - climate.peak_hour) / HOURS_PER_DAY)
    result: Floats = speed * day[:, None]
    return result


def wind_capacity_factor(farm: WindFarm, speed: Floats, months: Floats) -> Floats:
    """Return hourly output over capacity whose monthly means are those wanted, (8760, n).

    Parameters
    ----------
    farm : WindFarm
    speed : (8760, n) array
        Wind of any mean; it is multiplied by a factor that changes smoothly over the year.
    months : (12, n) array
        Wanted monthly means of output over capacity [1].
    """

    def evaluate(knots: Floats) -> Floats:
        return monthly_means(farm.output(speed * from_months(knots)))

    knots = fit_months(evaluate, np.full(months.shape, 5.5), months, power=0.4, tolerance=1e-6)
    return farm.output(speed * from_months(knots))
