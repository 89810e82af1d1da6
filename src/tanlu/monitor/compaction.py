"""Compaction: one sorted file of what counts for each day, and one of what counted earlier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor import catalog as listing
from tanlu.monitor.catalog import DataFile
from tanlu.monitor.readings_files import Rows, ordered, read_rows
from tanlu.monitor.recovery import remove_unlisted
from tanlu.monitor.schema import day_of
from tanlu.monitor.spill import GROUP_BITS, IN_MEMORY

if TYPE_CHECKING:
    from tanlu.monitor.reading_days import DayReader

CROWD: Final = 16
"""Files of arrivals of a day from which on it is compacted without being asked."""


def crowded(files: Sequence[DataFile]) -> bool:
    """Tell whether a day has so many files that reading it has become slow."""
    return sum(f.role == "arrival" for f in files) >= CROWD


def is_plain(files: Sequence[DataFile]) -> bool:
    """Tell whether what counts of a day stands in files with meters of their own in which no key stands twice."""
    live = live_files(files)
    apart = all(a.meter_to < b.meter_from for a, b in pairwise(live))
    return bool(live) and apart and all(f.plain for f in live)


def live_files(files: Sequence[DataFile]) -> list[DataFile]:
    """Return the files in which what counts stands, in the order of their meters."""
    return sorted((f for f in files if f.role != "history"), key=lambda f: (f.meter_from, f.name))


def split_days(rows: Rows) -> Iterator[tuple[int, Rows]]:
    """Yield (day, sorted rows of that day), by day."""
    days = np.asarray(day_of(rows.ts))
    for day in _distinct(days):
        which = days == day
        part, _ = ordered(rows if which.all() else rows.take(which), day)
        yield day, part


def _distinct(days: np.ndarray) -> list[int]:
    """Return the days that occur, ascending."""
    if not len(days):
        return []
    first, last = int(days.min()), int(days.max())
    if last - first > len(days):
        return [int(day) for day in np.unique(days)]
    # few days and many rows: counting is quicker than sorting
    return (np.flatnonzero(np.bincount(days - first)) + first).tolist()


def compact_day(reader: DayReader, day: int) -> bool:
    """Compact a day and return whether there was something to do.

    Raises
    ------
    DataError
        If a file cannot be read, or the disk is full or refuses; then the day is as it was.
    """
    files = reader.catalog.files(day, day)
    if not files or is_plain(files):
        return False
    number = reader.catalog.allocate(1)
    current = reader.writer(f"c{number:010d}", day, "current")
    history = reader.writer(f"h{number:010d}", day, "history")
    fresh: list[DataFile] = []
    done = False
    try:
        for group in _groups(files):
            rows, last = ordered(Rows.join([read_rows(reader.folder, f, group=group) for f in files]), day)
            current.add(rows if last.all() else rows.take(last))
            history.add(rows.take(~last))
        fresh = [f for w in (current, history) if (f := w.close()) is not None]
        with reader.catalog.writing() as base:
            listing.drop_files(base, files)
            listing.add_files(base, fresh)
        done = True
    finally:
        if not done:
            if not fresh:
                current.abandon()
                history.abandon()
            remove_unlisted(reader.folder.parent, reader.catalog, [f.name for f in fresh])
    return True


def _groups(files: Sequence[DataFile]) -> list[tuple[int, int] | None]:
    """Return groups of meters that fit into memory, as first number and the one after the last; None for all meters at once."""
    if sum(f.rows for f in files) <= IN_MEMORY:
        return [None]
    first, last = min(f.meter_from for f in files), max(f.meter_to for f in files)
    return [
        (group << GROUP_BITS, (group + 1) << GROUP_BITS)
        for group in range(first >> GROUP_BITS, (last >> GROUP_BITS) + 1)
    ]
