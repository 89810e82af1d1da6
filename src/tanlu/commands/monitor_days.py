"""What the commands that judge readings share: the days and the region asked for."""

from __future__ import annotations

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


def days_of_month(ledger: Ledger, month: str) -> tuple[int, int]:
    """Return first and last day of a month by number; of the last month with readings where none is given.

    Raises
    ------
    DataError
        If the text is no month, or there are no readings at all.
    """
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor.last_day import days_of_month as days

    try:
        found = days(ledger, month)
    except ValueError:
        raise DataError([Problem("monitor_month", "--month", field="month", value=month)]) from None
    if found is None:
        raise DataError([Problem("monitor_no_days", str(ledger.path))])
    return found


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
