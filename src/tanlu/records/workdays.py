"""Working days in China: a calendar table of holidays and make-up workdays, and the arithmetic of notices and terms on it.

A day is a working day if the table says so, or if it is Monday to Friday and the table is silent. A year without a notice of the State
Council in the table is refused, never guessed; only `Calendar.term` looks ahead, and says so. Source of the rows: the yearly
国务院办公厅关于部分节假日安排的通知, named in each row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import Column, read_table

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
TABLE: Final = "workdays.csv"
COLUMNS: Final = (
    Column("first", note="first day"),
    Column("last", note="last day, the same for one day"),
    Column("kind", "choice", choices=("holiday", "workday")),
    Column("zh", note="name"),
    Column("en", note="name"),
    Column("source", note="number of the notice"),
    Column("url", required=False),
)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """The last day of a term, and the years in it whose holidays nobody has published yet; with such years the day is provisional."""

    last: date
    provisional: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which the table differs from Monday to Friday.

    Parameters
    ----------
    years : frozenset of int
        Years for which there is a notice.
    special : mapping
        Day → whether it is worked.
    names : mapping
        Day → (zh, en, source).
    """

    years: frozenset[int]
    special: dict[date, bool]
    names: dict[date, tuple[str, str, str]] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Tell whether a day is worked.

        Raises
        ------
        DataError
            If the table has no notice for the year.
        """
        if day.year not in self.years:
            known = f"{min(self.years)}–{max(self.years)}" if self.years else "-"
            raise DataError([Problem("no_calendar", TABLE, value=str(day.year), details={"known": known})])
        return self.special.get(day, day.weekday() < 5)

    def add(self, day: date, count: int) -> date:
        """Return the working day that is ``count`` working days after a day (before it, if negative); the day itself never counts.

        ``add(day, 0)`` is the day if it is worked, otherwise the next working day.

        Raises
        ------
        DataError
            If the way leads into a year without a notice.
        """
        step = -_DAY if count < 0 else _DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        while not self.is_workday(day):
            day += step
        return day

    def term(self, day: date, count: int) -> Term:
        """Return the last day of a term of working days after a day, provisional where it leads behind the last year with a notice.

        In such a year Monday to Friday are taken as worked: the term is told without being refused, and is to be computed again once the
        notice of the year is there. Years before the table, or missing within it, are refused as in `add`.

        Raises
        ------
        DataError
            If a day lies in such a year.
        ValueError
            If the count is negative.
        """
        if count < 0:
            raise ValueError("a term runs forward")
        ahead: set[int] = set()

        def worked(at: date) -> bool:
            if self.years and at.year > max(self.years) and at not in self.special:
                ahead.add(at.year)
                return at.weekday() < 5
            return self.is_workday(at)

        left = count
        while left:
            day += _DAY
            left -= worked(day)
        while not worked(day):
            day += _DAY
        return Term(day, tuple(sorted(ahead)))

    def between(self, first: date, last: date) -> int:
        """Return how many working days lie after ``first`` up to and with ``last``; the negative of the way back.

        Raises
        ------
        DataError
            If a day between lies in a year without a notice.
        """
        if last < first:
            return -self.between(last, first)
        return sum(self.is_workday(first + _DAY * i) for i in range(1, (last - first).days + 1))


def read_calendar(path: Path) -> Calendar:
    """Read a calendar table.

    Raises
    ------
    DataError
        With every fault of the file: no date, a span that runs backward, a day that stands twice with different meaning.
    """
    table = read_table(path, COLUMNS)
    problems = list(table.problems)
    special: dict[date, bool] = {}
    names: dict[date, tuple[str, str, str]] = {}
    years: set[int] = set()
    for row, line in zip(table.rows, table.lines, strict=True):
        span: list[date] = []
        for name in ("first", "last"):
            try:
                span.append(date.fromisoformat(str(row[name])))
            except ValueError:
                problems.append(Problem("not_a_date", table.file, line, name, str(row[name])))
        if len(span) < 2:
            continue
        first, last = span
        if last < first:
            problems.append(Problem("span_backward", table.file, line, "last", str(last), {"first": str(first)}))
        worked = row["kind"] == "workday"
        for day in (first + _DAY * i for i in range((last - first).days + 1)):
            if special.setdefault(day, worked) != worked:
                problems.append(Problem("day_twice", table.file, line, "first", str(day)))
            names[day] = (str(row["zh"]), str(row["en"]), str(row["source"]))
        # a holiday around New Year begins in the year before, whose own notice need not be here
        years.add(last.year)
    if problems:
        raise DataError(problems)
    return Calendar(frozenset(years), special, names)


@cache
def calendar() -> Calendar:
    """Return the calendar that ships with the package."""
    return read_calendar(Path(str(files("tanlu.records") / "data" / TABLE)))


def calendar_in(folder: Path) -> Calendar:
    """Return the calendar of a workspace: that of the package, and the years of its own ``workdays.csv`` if it has one.

    Raises
    ------
    DataError
        With every fault of the file, and with what it says otherwise than the calendar of the package.
    """
    path = folder / TABLE
    if not path.is_file():
        return calendar()
    shipped, own = calendar(), read_calendar(path)
    problems = [
        Problem("day_twice", str(path), field="first", value=str(day))
        for day, worked in own.special.items()
        if shipped.special.get(day, worked) != worked
    ]
    if problems:
        raise DataError(problems)
    return Calendar(shipped.years | own.years, {**shipped.special, **own.special}, {**shipped.names, **own.names})


def is_workday(day: date) -> bool:
    """Tell whether a day is worked in China; see `Calendar.is_workday`."""
    return calendar().is_workday(day)


def add_workdays(day: date, count: int) -> date:
    """Return the working day ``count`` working days after a day; see `Calendar.add`."""
    return calendar().add(day, count)


def workdays_between(first: date, last: date) -> int:
    """Return how many working days lie after ``first`` up to and with ``last``; see `Calendar.between`."""
    return calendar().between(first, last)


def local_day(moment: datetime) -> date:
    """Return the day in Asia/Shanghai of a moment.

    Raises
    ------
    ValueError
        If the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """Return the last second of a day in Asia/Shanghai, as UTC: a deadline "on a day" is inclusive to the second."""
    return datetime.combine(day, time(23, 59, 59), SHANGHAI).astimezone(UTC)


def in_time(moment: datetime, deadline: datetime) -> bool:
    """Tell whether a moment keeps a deadline that is inclusive to the second: 17:00:00.9 keeps 17:00:00, 17:00:01 does not."""
    return moment.replace(microsecond=0) <= deadline.replace(microsecond=0)
