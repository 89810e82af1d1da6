"""Sunshine through a random sky, and what photovoltaic plants make of it.

The position of the sun, the clear sky and the cell temperature are computed by pvlib, an optional package.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
from scipy.special import ndtr

from tanlu.core.errors import DataError, Problem
from tanlu.energy.problem import Floats
from tanlu.energy.weather.noise import (
    DAYS_PER_YEAR,
    HOURS_PER_DAY,
    fit_months,
    from_months,
    monthly_means,
    noise,
    stream,
)

STANDARD_SUN: Final = 1000.0
"""Irradiance at which the capacity of a module is stated [W/m²]."""
STANDARD_CELL: Final = 25.0
"""Cell temperature at which the capacity of a module is stated [°C]."""
TIMEZONE: Final = 8.0
"""Local time ahead of UTC, without summer time [h]."""


@dataclass(frozen=True, slots=True)
class SkyClimate:
    """What the sky is like.

    Parameters
    ----------
    irradiation : (12, n) array
        Monthly mean of global horizontal irradiance [W/m²].
    memory, length : float
        Correlation of the clearness of a day with the next [1], and distance over which its likeness falls to 1/e [km].
    cloud_share, cloud_memory, cloud_length : float
        Share of the variance of passing clouds [1], their memory from hour to hour and their length.
    darkest, clearest : float
        Irradiance over that of a clear sky on the darkest and the clearest hours [1].
    aerosol : float
        Aerosol optical depth at 700 nm of the clear sky [1].
    water : float
        Precipitable water of the clear sky [cm].
    """

    irradiation: Floats
    memory: float
    length: float
    cloud_share: float
    cloud_memory: float
    cloud_length: float
    darkest: float
    clearest: float
    aerosol: float
    water: float


@dataclass(frozen=True, slots=True)
class PvPlant:
    """A photovoltaic plant.

    Parameters
    ----------
    tilt, azimuth : float
        Of the modules; azimuth 180 is south [degree].
    temperature_coefficient : float
        Change of power per kelvin of the cell [1/K].
    inverter_ratio : float
        Module capacity over inverter capacity [1]; output is stated over module capacity.
    albedo : float
        Reflection of the ground [1].
    """

    tilt: float
    azimuth: float
    temperature_coefficient: float
    inverter_ratio: float
    albedo: float


def require_pvlib() -> Any:
    """Return pvlib.

    Raises
    ------
    DataError
        If it is not installed.
    """
    try:
        import pvlib  # the package takes a second to import and is optional
    except ImportError as error:
        raise DataError([Problem("no_pvlib", "pvlib", value="pvlib")]) from error
    return pvlib


def mid_hours(year: int, timezone: float = TIMEZONE) -> Any:
    """Return the middle of each hour of a year as an index of times, in hours ahead of UTC; 29 February is left out (8760 h)."""
    pandas: Any = import_module("pandas")  # comes with pvlib; it has no types of its own
    zone = dt.timezone(dt.timedelta(hours=timezone))
    times = pandas.date_range(f"{year}-01-01 00:30", f"{year}-12-31 23:30", freq="h", tz=zone)
    return times[~((times.month == 2) & (times.day == 29))]


@dataclass(frozen=True, slots=True)
class Sun:
    """Position of the sun and the clear sky at one place over a year; arrays (8760,).

    Parameters
    ----------
    zenith, azimuth : array
        Apparent position [degree].
    clear : array
        Global horizontal irradiance of a clear sky [W/m²].
    extra : array
        Irradiance above the atmosphere, towards the sun [W/m²].
    """

    zenith: Floats
    azimuth: Floats
    clear: Floats
    extra: Floats


def sun(
    latitude: float,
    longitude: float,
    altitude: float,
    year: int,
    aerosol: float = 0.2,
    water: float = 3.0,
    timezone: float = TIMEZONE,
) -> Sun:
    """Compute the sun and the clear sky (simplified Solis model) at a place, for the middle of each hour.

    Parameters
    ----------
    latitude, longitude : float
        Place [degree].
    altitude : float
        Height above the sea [m].
    year : int
    aerosol, water : float
        Aerosol optical depth at 700 nm [1] and precipitable water [cm].
    timezone : float
        Local time ahead of UTC [h].

    References
    ----------
    Ineichen (2008), A broadband simplified version of the Solis clear sky model, Solar Energy 82, 758–762.
    """
    pvlib = require_pvlib()
    times = mid_hours(year, timezone)
    place = pvlib.solarposition.get_solarposition(times, latitude, longitude, altitude)
    pressure = pvlib.atmosphere.alt2pres(altitude)
    extra = pvlib.irradiance.get_extra_radiation(times)
    sky = pvlib.clearsky.simplified_solis(place["apparent_elevation"], aerosol, water, pressure, extra)
    return Sun(
        place["apparent_zenith"].to_numpy(float),
        place["azimuth"].to_numpy(float),
        np.maximum(sky["ghi"].to_numpy(float), 0.0),
        extra.to_numpy(float),
    )


def clearness_noise(climate: SkyClimate, apart: Floats, seed: int) -> Floats:
    """Return the noise behind the clearness of each day, (365, n): large values are clear days."""
    return noise(stream(seed, "sky"), DAYS_PER_YEAR, apart, climate.length, climate.memory)


def irradiance(climate: SkyClimate, clear: Floats, days: Floats, apart: Floats, seed: int, at: Sequence[int]) -> Floats:
    r"""Return global horizontal irradiance whose monthly means are those of the climate [W/m²], (8760, m).

    .. math:: G_t = G^{\text{clear}}_t \big(k_0 + (k_1 - k_0)\, \Phi(s_t)^{\gamma_t}\big), \qquad
              s_t = \sqrt{1 - w}\, z_d + \sqrt{w}\, c_t

    with the noise z of the day and c of passing clouds; the exponent γ changes smoothly over the year and is found so that the means hold.

    Parameters
    ----------
    climate : SkyClimate
    clear : (8760, m) array
        Irradiance of a clear sky at the places that are wanted [W/m²].
    days : (365, n) array
        From `clearness_noise`.
    apart : (n, n) array
        Distances [km].
    seed : int
    at : sequence of int
        Positions of the m places that are wanted.
    """
    hours = DAYS_PER_YEAR * HOURS_PER_DAY
    clouds = noise(stream(seed, "clouds"), hours, apart, climate.cloud_length, climate.cloud_memory)
    state = np.sqrt(1 - climate.cloud_share) * np.repeat(days, HOURS_PER_DAY, axis=0)
    rank = ndtr(state + np.sqrt(climate.cloud_share) * clouds)[:, at]
    span = climate.clearest - climate.darkest

    def sky(knots: Floats) -> Floats:
        result: Floats = clear * (climate.darkest + span * rank ** from_months(knots))
        return result

    target = climate.irradiation[:, at]
    knots = fit_months(lambda k: monthly_means(sky(k)), np.ones_like(target), target, power=-1.0, tolerance=1e-6)
    return sky(knots)


def pv_output(plant: PvPlant, place: Sun, global_horizontal: Floats, air: Floats, wind: Floats, year: int) -> Floats:
    r"""Return output over module capacity before losses [1], (8760,).

    Diffuse light by Erbs, light on the tilted module by Hay and Davies, cell temperature by Faiman, then

    .. math:: \frac{G_{\text{tilt}}}{1000} \big(1 + \gamma (T_{\text{cell}} - 25)\big)

    cut at the capacity of the inverter.

    Parameters
    ----------
    plant : PvPlant
    place : Sun
    global_horizontal : (8760,) array
        [W/m²]
    air : (8760,) array
        [°C]
    wind : (8760,) array
        Wind at 10 m [m/s].
    year : int

    References
    ----------
    Erbs, Klein, Duffie (1982), Solar Energy 28, 293–302; Hay, Davies (1980), Proc. First Canadian Solar Radiation Data Workshop;
    Faiman (2008), Progress in Photovoltaics 16, 307–315.
    """
    pvlib = require_pvlib()
    times = mid_hours(year)
    parts = pvlib.irradiance.erbs(global_horizontal, place.zenith, times)
    direct, diffuse = (np.nan_to_num(np.asarray(parts[key], float)) for key in ("dni", "dhi"))
    return module_output(plant, place, direct, global_horizontal, diffuse, air, wind)


def module_output(
    plant: PvPlant, place: Sun, direct: Floats, global_horizontal: Floats, diffuse: Floats, air: Floats, wind: Floats
) -> Floats:
    """Return output over module capacity before losses [1] from direct, global and diffuse irradiance [W/m²]; see `pv_output`."""
    pvlib = require_pvlib()
    tilted = pvlib.irradiance.get_total_irradiance(
        plant.tilt,
        plant.azimuth,
        place.zenith,
        place.azimuth,
        direct,
        global_horizontal,
        diffuse,
        dni_extra=place.extra,
        albedo=plant.albedo,
        model="haydavies",
    )["poa_global"]
    light = np.maximum(np.nan_to_num(np.asarray(tilted, float)), 0.0)
    cell = np.asarray(pvlib.temperature.faiman(light, air, wind), float)
    power = light / STANDARD_SUN * (1 + plant.temperature_coefficient * (cell - STANDARD_CELL))
    result: Floats = np.clip(power, 0.0, 1 / plant.inverter_ratio)
    return result


def scaled_to_hours(output: Floats, hours: float) -> tuple[Floats, float]:
    """Return a yearly profile scaled so that it sums to wanted full-load hours, and the factor (below 1: the losses).

    Parameters
    ----------
    output : (8760,) array
        Output over capacity.
    hours : float
        Wanted sum [h/a].
    """
    factor = hours / float(output.sum())
    return output * factor, factor
