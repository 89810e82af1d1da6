"""What the commands that judge readings share: the days and the region asked for."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tanlu.monitor.factors import FactorBook
    from tanlu.monitor.ledger import Ledger

Region = Annotated[
    str, typer.Option("--region", help="地区或单位的编号；默认全省。Id of a region or unit; the province.")
]
Month = Annotated[
    str, typer.Option("--month", help="月份 YYYY-MM；默认最近有数据的月份。Month; the last one with readings.")
]
_EPOCH = datetime.date(1970, 1, 1)


def day_number(day: datetime.date) -> int:
    """Return the number of a civil day."""
    return (day - _EPOCH).days


def days_of_month(ledger: Ledger, month: str) -> tuple[int, int]:
    """Return first and last day of a month by number; of the last month with readings where none is given.

    Of a month that is not over the last day is the last one with at least half the readings of its ordinary day.

    Raises
    ------
    DataError
        If the text is no month, or there are no readings at all.
    """
    from tanlu.core.errors import DataError, Problem

    if not month:
        days = ledger.days()
        if not days:
            raise DataError([Problem("monitor_no_days", str(ledger.path))])
        # clocks that run ahead put single stamps into the day after
        month = f"{_EPOCH + datetime.timedelta(days=days[-1] - 1):%Y-%m}"
    try:
        start = datetime.date.fromisoformat(f"{month}-01")
    except ValueError:
        raise DataError([Problem("monitor_month", "--month", field="month", value=month)]) from None
    first = day_number(start)
    last = first + calendar.monthrange(start.year, start.month)[1] - 1
    return first, _last_read_day(ledger, first, last)


def _last_read_day(ledger: Ledger, first: int, last: int) -> int:
    """Return the last day with readings as on other days; the last day of all where there are none.

    Single stamps of clocks that run ahead lie in the day after.
    """
    rows: dict[int, int] = {}
    for file in ledger.catalog.files(first, last):
        rows[file.day] = rows.get(file.day, 0) + file.rows
    usual = sorted(rows.values())[len(rows) // 2] if rows else 0
    return max((day for day, count in rows.items() if count >= usual / 2), default=last)


def known_region(ledger: Ledger, region: str) -> str:
    """Return a region or unit that the ledger knows; the province where none is given.

    Raises
    ------
    DataError
        If there is no such unit.
    """
    from tanlu.core.errors import DataError, Problem

    chosen = region or ledger.province
    if chosen not in ledger.registry.units:
        some = ", ".join(sorted(ledger.registry.units)[:5])
        details = {"refers_to": "units", "some": some}
        raise DataError([Problem("unknown_choice", "--region", field="region", value=chosen, details=details)])
    return chosen


def book_of(ledger: Ledger) -> FactorBook:
    """Return the factors of the province of a ledger, with its own ones."""
    from tanlu.monitor.factors import FILE, factor_book

    return factor_book(ledger.province, ledger.path / FILE)


@contextmanager
def progress_of(key: str, language: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how many of all days are done, on standard error."""
    from rich.console import Console
    from rich.progress import Progress

    from tanlu.core.messages import translate

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(translate(key, language), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
