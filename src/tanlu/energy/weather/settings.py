"""The tables from which a year of synthetic weather is made: reading and checking them.

A folder ``weather`` beside ``nodes.csv`` holds ``parameters.csv``, ``monthly.csv``, ``sites.csv``, ``basins.csv``, ``shapes.csv`` and
``calendar.csv``; each number has a unit, a source and a grade.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import Column, Table, read_table
from tanlu.energy.problem import Floats
from tanlu.energy.weather.air import AirClimate
from tanlu.energy.weather.load import HOLIDAY, RESTDAY, WORKDAY, LoadClimate, Sector
from tanlu.energy.weather.noise import HOURS_PER_DAY
from tanlu.energy.weather.river import RiverClimate
from tanlu.energy.weather.sun import PvPlant, SkyClimate
from tanlu.energy.weather.wind import WindClimate, WindFarm

FOLDER: Final = "weather"
MONTHS: Final = 12
DAY_KINDS: Final = {"workday": WORKDAY, "restday": RESTDAY, "holiday": HOLIDAY}
SECTORS: Final = ("residential", "services", "industry")
_ORIGIN: Final = (
    Column("source"),
    Column("grade", "grade"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)
_NODES: Final = (
    Column("id"),
    Column("region", required=False),
    Column("zh"),
    Column("en"),
    Column("latitude", "number", False, -90, 90),
    Column("longitude", "number", False, -180, 180),
)
_PARAMETERS: Final = (Column("name"), Column("value", "number"), Column("unit"), *_ORIGIN)
_MONTHLY: Final = (
    Column("variable"),
    Column("month", "integer", minimum=1, maximum=MONTHS),
    Column("value", "number"),
    Column("unit"),
    *_ORIGIN,
)
_SITES: Final = (
    Column("site"),
    Column("altitude", "number", minimum=0, maximum=5000, note="of the plants [m]"),
    Column("irradiation", "number", minimum=500, maximum=2600, note="on a horizontal surface [kWh/m²/a]"),
    Column("pv_hours", "number", minimum=300, maximum=2500, note="full-load hours of photovoltaic plants [h/a]"),
    Column("wind_hours", "number", minimum=300, maximum=6000, note="full-load hours of wind farms [h/a]"),
    Column("warmer", "number", minimum=-30, maximum=30, note="mean temperature above that of monthly.csv [K]"),
    Column("load", "number", minimum=0, note="share of the load of all places [1]"),
    *(Column(s, "number", minimum=0, maximum=1, note="share in the base load of the place [1]") for s in SECTORS),
    *_ORIGIN,
)
_BASINS: Final = (
    Column("basin"),
    Column("site"),
    Column("share", "number", minimum=0, maximum=1, note="of the basin that lies there [1]"),
    Column("size", "number", minimum=0.01, maximum=100, note="of the basin, relative to the time constants [1]"),
    *_ORIGIN,
)
_SHAPES: Final = (
    Column("shape"),
    Column("day", "choice", choices=sorted(DAY_KINDS), refers_to="workday, restday, holiday"),
    *(Column(f"h{h:02d}", "number", minimum=0) for h in range(HOURS_PER_DAY)),
    *_ORIGIN,
)
_CALENDAR: Final = (
    Column("date", note="day of the year of parameters.csv, ISO"),
    Column("day", "choice", choices=sorted(DAY_KINDS), refers_to="workday, restday, holiday"),
    *_ORIGIN,
)
TABLES: Final[Mapping[str, tuple[tuple[Column, ...], tuple[str, ...]]]] = {
    "parameters": (_PARAMETERS, ("name",)),
    "monthly": (_MONTHLY, ("variable", "month")),
    "sites": (_SITES, ("site",)),
    "basins": (_BASINS, ("basin", "site")),
    "shapes": (_SHAPES, ("shape", "day")),
    "calendar": (_CALENDAR, ("date",)),
}


@dataclass(frozen=True, slots=True)
class WeatherYear:
    """Everything from which a year of synthetic weather and demand is made.

    Parameters
    ----------
    sites : tuple of str
        Places, as columns of the profiles are named: the nodes that have a row in ``sites.csv``; n of them.
    latitude, longitude, altitude : (n,) array
    year, seed : int
        Calendar year of 365 days, and seed of all random numbers.
    sky, air, wind, river, load : climates
    plant, farm : machines
    pv_hours : (n,) array
        Full-load hours of photovoltaic plants [h/a].
    wind_months : (12, n) array
        Monthly means of output over capacity of wind farms [1].
    hydro_months : (12,) array
        Monthly means of output over capacity of run-of-river plants [1].
    basins : tuple of str
        Names of the river basins; m of them.
    basin_sites : (m, n) array
        Share of each place in each basin.
    basin_size : (m,) array
    sectors : mapping of Sector
    sector_shares : (n, 3) array
    load_share : (n,) array
    shapes : mapping of (3, 24) array
        Shapes of day types by name.
    holidays : mapping of int to int
        Day types of single days.
    first_weekday : int
        Weekday of 1 January; Monday is 0.
    scalars : mapping of float
        Further parameters by name.
    """

    sites: tuple[str, ...]
    latitude: Floats
    longitude: Floats
    altitude: Floats
    year: int
    seed: int
    sky: SkyClimate
    air: AirClimate
    wind: WindClimate
    river: RiverClimate
    load: LoadClimate
    plant: PvPlant
    farm: WindFarm
    pv_hours: Floats
    wind_months: Floats
    hydro_months: Floats
    basins: tuple[str, ...]
    basin_sites: Floats
    basin_size: Floats
    sectors: Mapping[str, Sector]
    sector_shares: Floats
    load_share: Floats
    shapes: Mapping[str, Floats]
    holidays: Mapping[int, int]
    first_weekday: int
    scalars: Mapping[str, float]


class _Scalars:
    """The parameters by name; a missing one becomes a problem, and the reading goes on."""

    def __init__(self, table: Table, problems: list[Problem]) -> None:
        self.values = {str(row["name"]): float(row["value"]) for row in _rows(table)}
        self.file, self.problems = table.file, problems

    def __call__(self, name: str) -> float:
        if name not in self.values:
            self.problems.append(Problem("missing_series", self.file, field="name", value=name))
        return self.values.get(name, 1.0)

    def group(self, kind: type, prefix: str, **more: Any) -> Any:
        """Make a dataclass whose numbers stand under ``prefix.field``, apart from those given."""
        names = [f for f in kind.__dataclass_fields__ if f not in more]  # type: ignore[attr-defined]
        return kind(**more, **{n: self(f"{prefix}.{n}") for n in names})


def _rows(table: Table) -> list[dict[str, Any]]:
    return list(table.rows)


def _months(table: Table, problems: list[Problem]) -> dict[str, Floats]:
    """Return the twelve values of each variable."""
    found: dict[str, dict[int, float]] = {}
    for row in _rows(table):
        found.setdefault(str(row["variable"]), {})[int(row["month"])] = float(row["value"])
    for name in (
        "irradiation",
        "temperature",
        "temperature_deviation",
        "temperature_swing",
        "wind",
        "hydro",
        "runoff",
        "load",
    ):
        if len(found.get(name, {})) != MONTHS:
            problems.append(Problem("missing_series", table.file, field="variable", value=name))
            found[name] = dict.fromkeys(range(1, MONTHS + 1), 1.0)
    return {name: np.array([values[m] for m in sorted(values)]) for name, values in found.items()}


def _shapes(table: Table, problems: list[Problem]) -> dict[str, Floats]:
    """Return the hours of the three kinds of day of each shape; a kind that is not given is as a rest day, a rest day as a working day."""
    found: dict[str, dict[int, Floats]] = {}
    for row in _rows(table):
        hours = np.array([float(row[f"h{h:02d}"]) for h in range(HOURS_PER_DAY)])
        found.setdefault(str(row["shape"]), {})[DAY_KINDS[str(row["day"])]] = hours
    for name in (*SECTORS, *(f"{s}.presence" for s in SECTORS)):
        if WORKDAY not in found.get(name, {}):
            problems.append(Problem("missing_series", table.file, field="shape", value=name))
            found[name] = {WORKDAY: np.ones(HOURS_PER_DAY)}
    result = {}
    for name, days in found.items():
        rest = days.get(RESTDAY, days[WORKDAY])
        result[name] = np.stack([days[WORKDAY], rest, days.get(HOLIDAY, rest)])
    return result


def _holidays(table: Table, year: int, problems: list[Problem]) -> dict[int, int]:
    """Return the type of each day that is listed, by its number in the year."""
    result = {}
    for row, line in zip(_rows(table), table.lines, strict=True):
        try:
            day = datetime.date.fromisoformat(str(row["date"]))
        except ValueError:
            day = datetime.date(year + 1, 1, 1)
        if day.year != year:
            problems.append(Problem("not_in_year", table.file, line, "date", str(row["date"]), {"year": year}))
            continue
        result[day.timetuple().tm_yday - 1] = DAY_KINDS[str(row["day"])]
    return result


def _basins(table: Table, sites: tuple[str, ...], problems: list[Problem]) -> tuple[tuple[str, ...], Floats, Floats]:
    """Return names, shares of places, and sizes of the river basins."""
    names = tuple(dict.fromkeys(str(row["basin"]) for row in _rows(table)))
    shares, size = np.zeros((len(names), len(sites))), np.ones(len(names))
    for row, line in zip(_rows(table), table.lines, strict=True):
        if row["site"] not in sites:
            problems.append(
                Problem("unknown_choice", table.file, line, "site", str(row["site"]), {"refers_to": "nodes.csv"})
            )
            continue
        basin = names.index(str(row["basin"]))
        shares[basin, sites.index(str(row["site"]))] = float(row["share"])
        size[basin] = float(row["size"])
    for name, total in zip(names, shares.sum(axis=1), strict=True):
        if abs(total - 1) > 1e-6:
            problems.append(
                Problem("shares_not_one", table.file, field="share", value=name, details={"total": f"{total:g}"})
            )
    return names, shares, size


def read_weather_year(folder: Path) -> WeatherYear:
    """Read the tables of a system folder from which its weather is made.

    Parameters
    ----------
    folder : Path
        Folder of an energy system with ``nodes.csv`` and a folder ``weather``.

    Raises
    ------
    DataError
        With everything that is missing or wrong.
    """
    problems: list[Problem] = []
    nodes = read_table(folder / "nodes.csv", _NODES, key=("id",), root=folder)
    tables = {
        name: read_table(folder / FOLDER / f"{name}.csv", columns, key=key, root=folder)
        for name, (columns, key) in TABLES.items()
    }
    for table in (nodes, *tables.values()):
        problems.extend(table.problems)
    if problems:
        raise DataError(problems)
    places = {str(row["id"]): row for row in _rows(nodes)}
    by_site = {str(row["site"]): row for row in _rows(tables["sites"])}
    for site, line in zip(by_site, tables["sites"].lines, strict=True):
        if places.get(site, {}).get("latitude") is None or places[site].get("longitude") is None:
            details = {"refers_to": "nodes.csv (latitude, longitude)"}
            problems.append(Problem("unknown_choice", tables["sites"].file, line, "site", site, details))
    if problems:
        raise DataError(problems)
    result = _assemble(places, by_site, tables, problems)
    if problems:
        raise DataError(problems)
    return result


def _assemble(
    places: Mapping[str, Any], by_site: Mapping[str, Any], tables: Mapping[str, Table], problems: list[Problem]
) -> WeatherYear:
    """Put the numbers of the tables together; problems are appended."""
    sites = tuple(by_site)

    def column(name: str) -> Floats:
        return np.array([float(by_site[s][name]) for s in sites])

    scalar = _Scalars(tables["parameters"], problems)
    months, shapes = _months(tables["monthly"], problems), _shapes(tables["shapes"], problems)
    year = int(scalar("year"))
    basins, basin_sites, basin_size = _basins(tables["basins"], sites, problems)
    hours = column("wind_hours")
    days = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], float)
    mean = {k: v / ((v * days).sum() / days.sum()) for k, v in months.items()}
    sun = mean["irradiation"][:, None] * (column("irradiation") * 1e3 / 8760.0)[None, :]
    return WeatherYear(
        sites=sites,
        latitude=np.array([float(places[s]["latitude"]) for s in sites]),
        longitude=np.array([float(places[s]["longitude"]) for s in sites]),
        altitude=column("altitude"),
        year=year,
        seed=int(scalar("seed")),
        sky=scalar.group(SkyClimate, "sky", irradiation=sun),
        air=scalar.group(
            AirClimate,
            "air",
            mean=months["temperature"][:, None] + column("warmer")[None, :],
            deviation=months["temperature_deviation"],
            swing=months["temperature_swing"],
        ),
        wind=scalar.group(WindClimate, "wind"),
        river=scalar.group(RiverClimate, "river", runoff=mean["runoff"]),
        load=scalar.group(LoadClimate, "load", months=mean["load"]),
        plant=scalar.group(PvPlant, "plant"),
        farm=scalar.group(WindFarm, "farm"),
        pv_hours=column("pv_hours"),
        wind_months=mean["wind"][:, None] * (hours / 8760.0)[None, :],
        hydro_months=mean["hydro"] * scalar("hydro.hours") / 8760.0,
        basins=basins,
        basin_sites=basin_sites,
        basin_size=basin_size,
        sectors={
            s: Sector(shapes[s], scalar(f"{s}.cooling"), scalar(f"{s}.heating"), shapes[f"{s}.presence"][WORKDAY])
            for s in SECTORS
        },
        sector_shares=np.stack([column(s) for s in SECTORS], axis=1),
        load_share=column("load"),
        shapes=shapes,
        holidays=_holidays(tables["calendar"], year, problems),
        first_weekday=datetime.date(max(year, 1), 1, 1).weekday(),
        scalars=scalar.values,
    )
