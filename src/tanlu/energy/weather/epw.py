"""Reading EnergyPlus weather files (EPW), so that a system can run on a user's own weather."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import decode
from tanlu.energy.problem import Floats
from tanlu.energy.weather.sun import PvPlant, module_output, sun
from tanlu.energy.weather.wind import WindFarm, hub_speed

HEADER_LINES: Final = 8
HOURS: Final = 8760
TYPICAL_YEAR: Final = 2025
"""Year of the sun for a file whose months come from different years."""
HEIGHT: Final = 10.0
"""Height of the wind in the file [m]."""
COLUMNS: Final = {
    "air": (6, -70.0, 70.0, 99.9),
    "humidity": (8, 0.0, 110.0, 999.0),
    "pressure": (9, 31_000.0, 120_000.0, 999_999.0),
    "global_horizontal": (13, 0.0, 1500.0, 9999.0),
    "direct_normal": (14, 0.0, 1500.0, 9999.0),
    "diffuse_horizontal": (15, 0.0, 1500.0, 9999.0),
    "wind": (21, 0.0, 40.0, 999.0),
}
"""Field of the row, lowest and highest value, and the number that stands for a missing value."""


@dataclass(frozen=True, slots=True)
class StationYear:
    """A year of hourly weather at one station; arrays (8760,), hour i lasting from i to i + 1 o'clock local time.

    Parameters
    ----------
    place : str
    latitude, longitude : float
        [degree]
    timezone : float
        Hours ahead of UTC [h].
    altitude : float
        [m]
    air : array
        Dry-bulb temperature [°C].
    humidity : array
        Relative humidity [%].
    pressure : array
        [Pa]
    global_horizontal, direct_normal, diffuse_horizontal : array
        Irradiance [W/m²].
    wind : array
        Wind at 10 m [m/s].
    """

    place: str
    latitude: float
    longitude: float
    timezone: float
    altitude: float
    air: Floats
    humidity: Floats
    pressure: Floats
    global_horizontal: Floats
    direct_normal: Floats
    diffuse_horizontal: Floats
    wind: Floats

    def pv(self, plant: PvPlant, losses: float = 0.14) -> Floats:
        """Return output over module capacity of a photovoltaic plant at the station (8760,).

        Parameters
        ----------
        plant : PvPlant
        losses : float
            Share lost in cables, inverters, dirt and standstill [1]; 0.14 is the default of PVWatts.

        Raises
        ------
        DataError
            If pvlib is not installed.
        """
        place = sun(self.latitude, self.longitude, self.altitude, TYPICAL_YEAR, timezone=self.timezone)
        raw = module_output(
            plant, place, self.direct_normal, self.global_horizontal, self.diffuse_horizontal, self.air, self.wind
        )
        return raw * (1 - losses)

    def wind_power(self, farm: WindFarm, shear: float = 0.2) -> Floats:
        """Return output over capacity of a wind farm in the wind of the station (8760,).

        A station in a town or a valley says little of a ridge: compare the full-load hours with those of real farms.

        Parameters
        ----------
        farm : WindFarm
        shear : float
            Exponent of the power law between 10 m and the hub [1].
        """
        return farm.output(hub_speed(self.wind, HEIGHT, farm.hub, shear))


def read_epw(path: Path) -> StationYear:
    """Read an EPW file of 8,760 hours; 29 February of a leap year is not accepted.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        With every fault: no header, wrong number of hours, missing or impossible values, each with its line.

    References
    ----------
    EnergyPlus, Auxiliary Programs, "EnergyPlus Weather File (EPW) Data Dictionary". Row h of a day is the hour that ends at h.
    """
    if not path.is_file():
        raise DataError([Problem("missing_file", path.name)])
    text, problems, _ = decode(path.read_bytes(), path.name)
    if problems:
        raise DataError(problems)
    rows = list(csv.reader(text.splitlines()))
    header = _header(rows[0] if rows else [], path.name, problems)
    body = rows[HEADER_LINES:]
    while body and not any(body[-1]):
        body.pop()
    if len(body) != HOURS:
        problems.append(Problem("not_a_year_of_hours", path.name, value=str(len(body)), details={"wanted": HOURS}))
    columns = {name: _column(body, name, path.name, problems) for name in COLUMNS}
    if problems or header is None:
        raise DataError(problems)
    place, latitude, longitude, timezone, altitude = header
    return StationYear(place, latitude, longitude, timezone, altitude, **columns)


def _header(row: list[str], file: str, problems: list[Problem]) -> tuple[str, float, float, float, float] | None:
    """Return place, latitude, longitude, time zone and altitude of the first line."""
    if len(row) < 10 or row[0].strip() != "LOCATION":
        problems.append(Problem("not_epw", file, 1, value=",".join(row)[:40]))
        return None
    try:
        latitude, longitude, timezone, altitude = (float(cell) for cell in row[6:10])
    except ValueError:
        problems.append(Problem("not_epw", file, 1, value=",".join(row[6:10])))
        return None
    return row[1], latitude, longitude, timezone, altitude


def _column(body: list[list[str]], name: str, file: str, problems: list[Problem]) -> Floats:
    """Return one field of all rows; each missing or impossible value becomes a problem."""
    field, low, high, missing = COLUMNS[name]
    values = np.full(len(body), np.nan)
    for number, row in enumerate(body):
        line, cell = number + HEADER_LINES + 1, row[field].strip() if len(row) > field else ""
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if math.isnan(value) or value == missing:
            problems.append(Problem("epw_missing", file, line, name, cell))
        elif not low <= value <= high:
            problems.append(Problem("epw_outside", file, line, name, cell, {"low": low, "high": high}))
        else:
            values[number] = value
    return values
