"""What surrounds a site at every hour: weather and days off of its place in the province's energy system, or measured by itself."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from tanlu.core.errors import DataError
from tanlu.energy.checks.wording import figure
from tanlu.energy.problem import Floats
from tanlu.energy.reading.profiles import read_profile_file
from tanlu.energy.reading.report import Report
from tanlu.energy.timegrid import HOURS_PER_YEAR
from tanlu.energy.weather.load import WORKDAY, day_types
from tanlu.energy.weather.profiles import PROFILES, weather
from tanlu.energy.weather.settings import WeatherYear, read_weather_year

OWN: Final = ("electricity", "heat", "cooling", "pv", "wind", "inflow", "temperature")
"""Columns of a site's own profiles: needs [MW], output over capacity [1], inflow over its mean [1], temperature [°C]."""
_SHARES: Final = ("pv", "wind")


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Weather and calendar of a place.

    Parameters
    ----------
    folder : Path
        Folder of the province's energy system.
    node : str
        Place of it.
    year : int
        Calendar year.
    temperature : (8760,) array
        Outside [°C].
    restday : (365,) tuple of bool
        Which days are off.
    """

    folder: Path
    node: str
    year: int
    temperature: Floats
    restday: tuple[bool, ...]

    @classmethod
    def read(cls, report: Report, folder: Path, node: str, year: Any = None) -> Surroundings | None:
        """Return the surroundings of a node; None after telling what is wrong.

        In the weather's own year holidays count; in another year only weekends do.
        """
        try:
            made, air = _weather(folder)
        except DataError as error:
            report.problems.extend(error.problems)
            return None
        if node not in made.sites:
            report.unknown("node", node, made.sites, ("node",))
            return None
        year = made.year if year is None else year
        if not isinstance(year, int) or not 2000 <= year <= 2100:
            report.entry("not_a_year", ("year",), year, first=2000, last=2100)
            return None
        same = year == made.year
        first = made.first_weekday if same else datetime.date(year, 1, 1).weekday()
        types = day_types(first, made.holidays if same else {})
        return cls(folder, node, year, air[:, made.sites.index(node)], tuple((types != WORKDAY).tolist()))

    def profiles(self, devices: Iterable[str]) -> dict[str, Floats]:
        """Return temperature, and the profiles of sun, wind and inflow that devices need, as far as the province has them."""
        result = {"temperature": self.temperature}
        for name in devices:
            file, column = (name, f"{self.node}.{name}") if name in _SHARES else ("inflow", "")
            if name in _SHARES or name == "hydro":
                found = _column(self.folder / PROFILES / f"{file}.csv", column)
                if found is not None:
                    result["inflow" if name == "hydro" else name] = found
        return result


@cache
def _weather(folder: Path) -> tuple[WeatherYear, Floats]:
    """Return the synthetic year of a province and the temperatures of all its places, (8760, n)."""
    year = read_weather_year(folder)
    return year, weather(year)[1]


@cache
def _column(path: Path, name: str) -> Floats | None:
    """Return a column of a profile file, of the mean of all where no name is given; None where there is none."""
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as text:
        header = next(csv.reader([text.readline()]))
        if name and name not in header:
            return None
        columns = (header.index(name),) if name else tuple(range(1, len(header)))
        return np.asarray(np.loadtxt(text, delimiter=",", usecols=columns, ndmin=2).mean(axis=1), float)


def own_profiles(report: Report, written: Any) -> dict[str, Floats]:
    """Return the profiles of a site's own file; empty where it has none or after telling what is wrong."""
    if written is None:
        return {}
    path = report.folder / str(written)
    if not path.is_file():
        report.entry("site_no_profiles", ("profiles",), written)
        return {}
    found = read_profile_file(report, path, path.name, HOURS_PER_YEAR)
    for name in list(found):
        if name not in OWN:
            report.unknown_cell("profile", name, OWN, path.name, 1, name)
        elif name != "temperature":
            _check(report, path.name, name, found[name])
    return found


def _check(report: Report, file: str, name: str, values: Floats) -> None:
    """Tell of values below zero, and of shares above one."""
    top = 1.0 if name in _SHARES else np.inf
    wrong = np.flatnonzero((values < 0) | (values > top))
    if len(wrong):
        hour = int(wrong[0])
        report.cell(
            "site_profile_range", file, hour + 2, name, figure(values[hour]), high=figure(top), count=len(wrong)
        )
