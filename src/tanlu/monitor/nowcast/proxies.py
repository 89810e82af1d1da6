"""What moves with the emissions of a sector: series of monthly statistics, degree days, or nothing; read from the province folder."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.core.errors import DataError, Problem
from tanlu.core.schema import TableSchema
from tanlu.core.tables import Column, read_table

if TYPE_CHECKING:
    from tanlu.core.province import Province

Array = NDArray[np.float64]
FOLDER: Final = "monitor"
KINDS: Final = ("series", "degree_days", "constant")
HEATING_BASE: Final = 18.0
"""Base of heating degree days [°C]: HDD18 as in Chinese building codes."""
PROXIES: Final = TableSchema(
    "monitor/proxies.csv",
    "What moves with the emissions of a sector that no meter sees",
    (
        Column("sector", note="sector of the inventory"),
        Column("kind", "choice", choices=KINDS, note="series of statistics, degree days, or constant"),
        Column("variable", required=False, note="of a series: variable of monthly.csv"),
        Column("elasticity", "number", required=False, minimum=0, maximum=3, note="per cent of emissions for one per cent of the series"),
        Column("weather_share", "number", required=False, minimum=0, maximum=1, note="of degree days: share of the year that follows them"),
        Column("month_error", "number", minimum=0, maximum=2, note="relative standard error of a month"),
        Column("day_error", "number", minimum=0, maximum=2, note="relative standard error of a day"),
        Column("source", note="id in a sources.csv"),
        Column("grade", "grade", note="A official, B peer-reviewed, C other, D assumption"),
        Column("note_zh", required=False, note="note, in Chinese"),
        Column("note_en", required=False, note="the same in English"),
    ),
    ("sector",),
)  # fmt: skip
MONTHLY: Final = TableSchema(
    "monitor/monthly.csv",
    "Monthly statistics, with the day on which they were published",
    (
        Column("variable", note="as in statistics.csv"),
        Column("month", note="YYYY-MM, last month of the figure"),
        Column("months", "integer", minimum=1, maximum=12, note="months that the figure covers"),
        Column("value", "number", minimum=0, note="sum of the months"),
        Column("unit", "unit", note="unit"),
        Column("published", note="day of publication, YYYY-MM-DD; where it is not known the 18th of the month after"),
        Column("source", note="id in a sources.csv"),
        Column("grade", "grade", note="A official, B peer-reviewed, C other, D assumption"),
        Column("note_zh", required=False, note="note, in Chinese"),
        Column("note_en", required=False, note="the same in English"),
    ),
    ("variable", "month", "published"),
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """How the unmetered emissions of a sector move; fields as in the table."""

    sector: str
    kind: str
    variable: str
    elasticity: float
    weather_share: float
    month_error: float
    day_error: float
    source: str
    grade: str
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Statistic:
    """A monthly figure: sum of ``months`` months that end with ``month`` (YYYY-MM), published on a day."""

    variable: str
    month: str
    months: int
    value: float
    unit: str
    published: datetime.date
    source: str


@dataclass(frozen=True)
class ProxyData:
    """Proxies by sector, statistics as published, and mean temperatures of typical months [°C]."""

    proxies: Mapping[str, Proxy]
    statistics: tuple[Statistic, ...]
    temperature: Mapping[int, float]


def read_proxies(province: Province, more: Iterable[Statistic] = ()) -> ProxyData:
    """Read the proxies and monthly statistics of a province folder.

    Parameters
    ----------
    province : Province
    more : iterable of Statistic
        Statistics that arrived since.

    Raises
    ------
    DataError
        With every problem of both tables.
    """
    from tanlu.monitor.fleet.surroundings import typical_months

    root = province.folder
    tables = [read_table(root / s.file, s.columns, key=s.key, root=root) for s in (PROXIES, MONTHLY)]
    problems = [p for t in tables for p in t.problems]
    statistics, found = _statistics(tables[1].rows, tables[1].lines, MONTHLY.file)
    problems += found
    known = {s.variable for s in statistics}
    for row, line in zip(tables[0].rows, tables[0].lines, strict=True):
        if row["kind"] == "series" and row["variable"] not in known:
            details = {"refers_to": MONTHLY.file, "some": ", ".join(sorted(known)[:4])}
            value = str(row["variable"] or "")
            problems.append(Problem("unknown_choice", PROXIES.file, line, "variable", value, details))
    if problems:
        raise DataError(problems)
    proxies = {str(row["sector"]): _proxy(row) for row in tables[0].rows}
    return ProxyData(proxies, (*statistics, *more), typical_months(root).get("temperature", {}))


def read_statistics(path: Path) -> list[Statistic]:
    """Read a file of monthly statistics with the columns of ``monitor/monthly.csv``.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    table = read_table(path, MONTHLY.columns, key=MONTHLY.key, root=path.parent)
    found, problems = _statistics(table.rows, table.lines, path.name)
    if table.problems or problems:
        raise DataError([*table.problems, *problems])
    return found


def _proxy(row: dict[str, Any]) -> Proxy:
    one = row["elasticity"]
    return Proxy(
        row["sector"], row["kind"], row["variable"] or "", 1.0 if one is None else one, row["weather_share"] or 0.0,
        row["month_error"], row["day_error"], row["source"], row["grade"].value, row["note_zh"] or "", row["note_en"] or "",
    )  # fmt: skip


def _statistics(rows: list[dict[str, Any]], lines: list[int], file: str) -> tuple[list[Statistic], list[Problem]]:
    found, problems = [], []
    for row, line in zip(rows, lines, strict=True):
        try:
            month_days(row["month"])
            published = datetime.date.fromisoformat(row["published"])
        except ValueError:
            problems.append(Problem("nowcast_date", file, line, "month", f"{row['month']}, {row['published']}"))
            continue
        found.append(
            Statistic(row["variable"], row["month"], row["months"], row["value"], row["unit"], published, row["source"])
        )
    return found, problems


def month_days(month: str) -> int:
    """Return the days of a month written YYYY-MM.

    Raises
    ------
    ValueError
        If it is none.
    """
    first = datetime.date.fromisoformat(f"{month}-01")
    return calendar.monthrange(first.year, first.month)[1]


def months_before(month: str, count: int) -> str:
    """Return the month some months before another, YYYY-MM."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def monthly_means(statistics: Iterable[Statistic], variable: str, known_on: datetime.date) -> dict[str, float]:
    """Return the daily mean of each month of a series, from what had been published.

    A figure of several months gives each of them the same daily mean; the last publication counts.
    """
    latest: dict[str, Statistic] = {}
    for s in sorted(statistics, key=lambda s: s.published):
        if s.variable == variable and s.published <= known_on:
            latest[s.month] = s
    means: dict[str, float] = {}
    for s in sorted(latest.values(), key=lambda s: (s.months, s.month), reverse=True):
        covered = [months_before(s.month, n) for n in range(s.months)]
        mean = s.value / sum(month_days(m) for m in covered)
        means.update(dict.fromkeys(covered, mean))
    return means


@dataclass(frozen=True)
class Index:
    """Emissions of a sector relative to its mean day in the base year, day by day, and their relative standard errors.

    ``extrapolated`` counts the months since the last published one, 0 where the month itself was published.
    """

    values: Array
    month_error: float
    day_error: float
    extrapolated: NDArray[np.int64]


def index_of(data: ProxyData, sector: str, days: list[datetime.date], base_year: int, known_on: datetime.date) -> Index:
    """Return how a sector moves, 1 on the mean day of the base year.

    Parameters
    ----------
    data : ProxyData
    sector : str
        Sectors without a proxy are constant, with errors of 0.2 and 0.4 (grade D).
    days : list of date
    base_year : int
        Year of the inventory.
    known_on : date
        Only statistics published until then count.

    Notes
    -----
    Of a series, ``(x / mean of x in the base year) ^ elasticity``. A month not yet published is the same month of the year before times the
    growth of the last three published months over theirs. Of degree days, ``(1 − s) + s · HDD(month) / mean HDD``.
    """
    proxy = data.proxies.get(sector)
    none = np.zeros(len(days), dtype=np.int64)
    if proxy is None:
        return Index(np.ones(len(days)), 0.2, 0.4, none)
    months = sorted({f"{d:%Y-%m}" for d in days})
    base = [f"{base_year}-{m:02d}" for m in range(1, 13)]
    if proxy.kind == "series":
        known = monthly_means(data.statistics, proxy.variable, known_on)
        levels = {m: _level(known, m) for m in {*months, *base}}
        power = proxy.elasticity
        shape = {m: (levels[m][0] ** power, levels[m][1]) for m in levels}
    elif proxy.kind == "degree_days" and data.temperature:
        cold = {m: max(HEATING_BASE - data.temperature[int(m[5:])], 0.0) for m in {*months, *base}}
        mean = sum(cold[m] * month_days(m) for m in base) / sum(month_days(m) for m in base)
        share = proxy.weather_share if mean > 0 else 0.0
        shape = {m: ((1 - share) + (share * cold[m] / mean if share else 0.0), 0) for m in cold}
    else:
        shape = dict.fromkeys({*months, *base}, (1.0, 0))
    norm = sum(shape[m][0] * month_days(m) for m in base) / sum(month_days(m) for m in base)
    values = np.array([shape[f"{d:%Y-%m}"][0] / norm for d in days])
    ahead = np.array([shape[f"{d:%Y-%m}"][1] for d in days], dtype=np.int64)
    return Index(values, proxy.month_error, proxy.day_error, ahead)


def _level(known: Mapping[str, float], month: str) -> tuple[float, int]:
    """Return the level of a month and how many months it lies after the last published one.

    Raises
    ------
    DataError
        If nothing had been published yet.
    """
    if month in known:
        return known[month], 0
    if not known:
        raise DataError([Problem("nowcast_no_statistics", MONTHLY.file, value=month)])
    last = max(known)
    recent = [months_before(last, n) for n in range(3)]
    pairs = [(known[m], known[months_before(m, 12)]) for m in recent if m in known and months_before(m, 12) in known]
    growth = sum(a for a, _ in pairs) / sum(b for _, b in pairs) if pairs else 1.0
    ahead = max((int(month[:4]) - int(last[:4])) * 12 + int(month[5:]) - int(last[5:]), 1)
    for years in range(1, 6):
        before = months_before(month, 12 * years)
        if before in known:
            return known[before] * growth**years, ahead
    return known[last], ahead
