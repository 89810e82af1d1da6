"""The last day that counts as read, and the days of a month up to it."""

from __future__ import annotations

import calendar
import datetime
from typing import TYPE_CHECKING, Final

from tanlu.monitor.schema import day_name, day_number

if TYPE_CHECKING:
    from tanlu.monitor.ledger import Ledger

_LOOKED_AT: Final = 31
"""Latest days with readings that say what is usual."""


def last_read_day(ledger: Ledger, first: int = 0, last: int = 10**6) -> int | None:
    """Return the last day with at least half the readings of a usual day; None where there are no readings.

    Clocks that run ahead put single stamps into the day after, which therefore does not count.

    Parameters
    ----------
    ledger : Ledger
    first, last : int
        Days to look at, by number.
    """
    query = "SELECT day, sum(rows) FROM files WHERE day BETWEEN ? AND ? GROUP BY day ORDER BY day DESC LIMIT ?"
    with ledger.catalog.reading() as base:
        rows = base.execute(query, (first, last, _LOOKED_AT)).fetchall()
    usual = sorted(count for _, count in rows)[len(rows) // 2] if rows else 0
    return next((int(day) for day, count in rows if 2 * count >= usual), None)


def days_of_month(ledger: Ledger, month: str) -> tuple[int, int] | None:
    """Return first and last day of a month by number, of the last one with readings where none is named; None without any readings.

    Of a month that is not over the last day is the last one that counts as read.

    Raises
    ------
    ValueError
        If the text is no month.
    """
    if not month:
        newest = last_read_day(ledger)
        if newest is None:
            return None
        month = day_name(newest)[:7]
    start = datetime.date.fromisoformat(f"{month}-01")
    first = day_number(start.isoformat())
    end = first + calendar.monthrange(start.year, start.month)[1] - 1
    return first, last_read_day(ledger, first, end) or end
