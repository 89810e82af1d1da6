"""A year of synthetic weather and demand: from the tables of a system folder to its hourly profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from scipy.special import ndtr

from tanlu.energy.problem import Floats
from tanlu.energy.weather.air import degree_hours, heat_pump_cop, temperature
from tanlu.energy.weather.load import calendar_profile, day_types, heat_profile, load_profiles
from tanlu.energy.weather.noise import distances
from tanlu.energy.weather.river import rain, river_flow, run_of_river
from tanlu.energy.weather.settings import SECTORS, WeatherYear, read_weather_year
from tanlu.energy.weather.sun import clearness_noise, irradiance, pv_output, require_pvlib, scaled_to_hours, sun
from tanlu.energy.weather.wind import weibull_speed, wind_capacity_factor

DECIMALS: Final = 4
PROFILES: Final = "profiles"
Group = dict[str, Floats]


def weather(year: WeatherYear) -> tuple[Floats, Floats, Floats]:
    """Return noise behind the clearness of each day (365, n), and air temperature (8760, n) [°C] with the distances (n, n) [km]."""
    apart = distances(year.latitude, year.longitude)
    days = clearness_noise(year.sky, apart, year.seed)
    air = temperature(year.air, apart, ndtr(days), year.seed)
    return days, air, apart


def pv_profiles(year: WeatherYear, only: Sequence[str] | None = None) -> tuple[Group, Floats]:
    """Return output over capacity of photovoltaic plants, and the factors of losses that meet the full-load hours, (n,).

    Parameters
    ----------
    year : WeatherYear
    only : sequence of str, optional
        Places; all where not given.

    Raises
    ------
    DataError
        If pvlib is not installed.
    """
    require_pvlib()
    days, air, apart = weather(year)
    at = _positions(year, only)
    places = [
        sun(year.latitude[j], year.longitude[j], year.altitude[j], year.year, year.sky.aerosol, year.sky.water)
        for j in at
    ]
    clear = np.stack([p.clear for p in places], axis=1)
    light = irradiance(year.sky, clear, days, apart, year.seed, at)
    breeze = np.full(len(light), year.scalars["plant_wind"])
    result, factors = {}, []
    for column, (j, place) in enumerate(zip(at, places, strict=True)):
        raw = pv_output(year.plant, place, light[:, column], air[:, j], breeze, year.year)
        result[f"{year.sites[j]}.pv"], factor = scaled_to_hours(raw, float(year.pv_hours[j]))
        factors.append(factor)
    return result, np.array(factors)


def wind_profiles(year: WeatherYear, only: Sequence[str] | None = None) -> Group:
    """Return output over capacity of wind farms at some places, or at all."""
    at = _positions(year, only)
    speed = weibull_speed(year.wind, year.latitude, year.longitude, year.seed)[:, at]
    output = wind_capacity_factor(year.farm, speed, year.wind_months[:, at])
    return {f"{year.sites[j]}.wind": output[:, column] for column, j in enumerate(at)}


def _positions(year: WeatherYear, only: Sequence[str] | None) -> list[int]:
    return [year.sites.index(site) for site in (year.sites if only is None else only)]


def river_profiles(year: WeatherYear) -> tuple[Group, Group]:
    """Return the inflow of each basin over its mean, and output over capacity of run-of-river plants in each."""
    days, _, apart = weather(year)
    flow = river_flow(year.river, rain(year.river, apart, days, year.seed), year.basin_sites, year.basin_size)
    output = run_of_river(flow, year.hydro_months)
    inflow = {f"inflow_{name}": flow[:, j] for j, name in enumerate(year.basins)}
    return inflow, {f"run_of_river_{name}": output[:, j] for j, name in enumerate(year.basins)}


def demand_profiles(year: WeatherYear) -> tuple[Group, Group]:
    """Return load over its mean at each place, and what belongs to all: heat, electricity of heat pumps
    for a unit of heat, and the shapes that only follow the calendar."""
    _, air, _ = weather(year)
    types = day_types(year.first_weekday, year.holidays)
    load = load_profiles(year.load, year.sectors, year.sector_shares, year.load_share, types, air)
    outside = air @ (year.load_share / year.load_share.sum())
    heating = degree_hours(outside, year.scalars["heat.base"], "heating")
    common = {
        "heat": heat_profile(heating, year.scalars["heat.hot_water"]),
        "heat_pump_use": 1 / heat_pump_cop(outside, year.scalars["heat.supply"]),
    }
    own = {*SECTORS, *(f"{s}.presence" for s in SECTORS)}
    common |= {name: calendar_profile(shape, types) for name, shape in year.shapes.items() if name not in own}
    return {f"{site}.load": load[:, j] for j, site in enumerate(year.sites)}, common


def make_profiles(folder: Path) -> dict[str, Group]:
    """Return all profiles of a system folder by file and column; the same seed and versions give the same numbers.

    Parameters
    ----------
    folder : Path
        Folder of an energy system with ``nodes.csv`` and a folder ``weather``.

    Raises
    ------
    DataError
        If a table is wrong or pvlib is not installed.
    """
    year = read_weather_year(folder)
    inflow, hydro = river_profiles(year)
    load, common = demand_profiles(year)
    return {
        "pv": pv_profiles(year)[0],
        "wind": wind_profiles(year),
        "hydro": hydro,
        "inflow": inflow,
        "load": load,
        "common": common,
    }


def profile_text(group: Mapping[str, Floats]) -> str:
    """Return a profile file as text: hour and columns, four decimals without trailing zeros."""
    columns = [np.round(series, DECIMALS) for series in group.values()]
    lines = [",".join(("hour", *group))]
    lines += [
        f"{hour}," + ",".join(f"{value:.4g}" if value >= 1000 else _short(value) for value in row)
        for hour, row in enumerate(zip(*columns, strict=True))
    ]
    return "\n".join(lines) + "\n"


def _short(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".") or "0"


def write_profiles(folder: Path) -> list[Path]:
    """Make the profiles of a system folder and write them into its folder ``profiles``; returns the files."""
    target = folder / PROFILES
    groups = make_profiles(folder)
    target.mkdir(exist_ok=True)
    files = []
    for name, group in groups.items():
        file = target / f"{name}.csv"
        file.write_text(profile_text(group), encoding="utf-8")
        files.append(file)
    return files
