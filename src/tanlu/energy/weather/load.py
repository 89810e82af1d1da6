"""The shape of electricity and heat demand over a year: working days, holidays, seasons and the answer to temperature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.energy.problem import Floats, Indices
from tanlu.energy.weather.noise import (
    DAYS_PER_YEAR,
    fit_months,
    from_months,
    month_of_hour,
    monthly_means,
    smoothed,
)

WORKDAY: Final = 0
RESTDAY: Final = 1
HOLIDAY: Final = 2
DAYS_PER_WEEK: Final = 7
WORKDAYS_PER_WEEK: Final = 5


@dataclass(frozen=True, slots=True)
class Sector:
    """How one group of users behaves.

    Parameters
    ----------
    shape : (3, 24) array
        Load of each hour on a working day, a rest day and in the long holidays, relative to the mean of working days [1].
    cooling, heating : float
        How strongly it answers to temperature, relative to the other sectors [1].
    presence : (24,) array
        Share of the answer at each hour [1].
    """

    shape: Floats
    cooling: float
    heating: float
    presence: Floats


def day_types(first_weekday: int, holidays: Mapping[int, int]) -> Indices:
    """Return the type of every day of a year, (365,).

    Parameters
    ----------
    first_weekday : int
        Weekday of 1 January; Monday is 0.
    holidays : mapping
        Type of single days (0…364) that differs from their weekday: holidays, and weekends on which work is made up.
    """
    weekday = (first_weekday + np.arange(DAYS_PER_YEAR)) % DAYS_PER_WEEK
    types = np.where(weekday < WORKDAYS_PER_WEEK, WORKDAY, RESTDAY)
    for day, kind in holidays.items():
        types[day] = kind
    return types


def calendar_profile(shape: Floats, types: Indices) -> Floats:
    """Return an hourly year from the shapes of day types, (8760,).

    Parameters
    ----------
    shape : (k, 24) array
    types : (365,) int array
        Row of the shape for each day.
    """
    return np.asarray(shape[types].reshape(-1), float)


@dataclass(frozen=True, slots=True)
class LoadClimate:
    """How load answers to the weather and what is known of it.

    Parameters
    ----------
    months : (12,) array
        Mean load of each month over that of the year [1].
    peak : float
        Highest hour over the mean of the year, of all places together [1].
    heating_peak : float
        Highest hour from November to March over the mean of the year [1].
    cooling_base, heating_base : float
        Temperatures beyond which the load answers [°C].
    inertia : float
        Time constant with which buildings follow the air [h].
    """

    months: Floats
    peak: float
    heating_peak: float
    cooling_base: float
    heating_base: float
    inertia: float


def load_profiles(
    climate: LoadClimate, sectors: Mapping[str, Sector], shares: Floats, weight: Floats, types: Indices, air: Floats
) -> Floats:
    r"""Return hourly load over its mean at n places, (8760, n).

    .. math:: l_{t,i} = f_t \sum_s \sigma_{i,s}\, \big(b_{s,t} + p_{s,h} (\alpha\, c_s\, C_{t,i} + \beta\, h_s\, H_{t,i})\big)

    with the shares σ and shapes b of the sectors, presence p, and cooling and heating degrees C and H that follow the air slowly. A smooth
    factor f gives the load of all places the wanted months; α and β are found so that the highest hours of the year and of winter are met.

    Parameters
    ----------
    climate : LoadClimate
    sectors : mapping of Sector
    shares : (n, k) array
        Share of each sector in the base load of each place, in the order of the mapping; rows sum to 1.
    weight : (n,) array
        Annual load of each place, for the load of all together.
    types : (365,) int array
        From `day_types`.
    air : (8760, n) array
        Temperature [°C].
    """
    felt = smoothed(air, climate.inertia)
    cold = np.maximum(felt - climate.cooling_base, 0.0)
    warm = np.maximum(climate.heating_base - felt, 0.0)
    base, cooling, heating = np.zeros_like(air), np.zeros_like(air), np.zeros_like(air)
    for column, sector in enumerate(sectors.values()):
        share = shares[:, column]
        base += calendar_profile(sector.shape, types)[:, None] * share
        presence = np.tile(sector.presence, DAYS_PER_YEAR)[:, None] * share
        cooling += sector.cooling * presence * cold
        heating += sector.heating * presence * warm
    share_of_all = weight / weight.sum()
    winter = np.isin(month_of_hour(), (0, 1, 2, 10, 11))

    def profile(gains: Floats) -> Floats:
        raw = base + gains[0] * cooling + gains[1] * heating
        raw = raw / raw.mean(axis=0)
        total = raw @ share_of_all
        knots = fit_months(
            lambda k: monthly_means(total * from_months(k)), np.ones(12), climate.months, power=0.8, tolerance=1e-6
        )
        result: Floats = raw * from_months(knots)[:, None]
        return np.asarray(result / result.mean(axis=0), float)

    gains = np.array([0.04, 0.03])
    for _ in range(60):
        total = profile(gains) @ share_of_all
        error = np.array([climate.peak / total[~winter].max(), climate.heating_peak / total[winter].max()])
        if np.max(np.abs(error - 1)) < 1e-6:
            break
        gains = np.clip(gains * error**3, 1e-4, 1.0)
    return profile(gains)


def heat_profile(heating: Floats, hot_water: float) -> Floats:
    """Return the shape of the heat demand of buildings, of mean 1, (8760,).

    Parameters
    ----------
    heating : (8760,) array
        Heating degree-hours [K].
    hot_water : float
        Share of the year that does not depend on the weather: hot water [1].
    """
    result: Floats = hot_water + (1 - hot_water) * heating / heating.mean()
    return result
