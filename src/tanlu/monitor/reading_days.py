"""Reading a day of the ledger as it is known, or as it was known at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.catalog import Catalog, DataFile
from tanlu.monitor.compaction import is_plain, live_files
from tanlu.monitor.readings_files import Rows, RowsWriter, ordered, read_rows, unreadable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class DayFiles:
    """The files of a day.

    Parameters
    ----------
    day : int
    paths : tuple of Path
        Files to read, in the order of their meters.
    plain : bool
        Whether their rows, one file after the other, are exactly what counts: sorted by meter and stamp, no key twice. Otherwise
        read the day with `Ledger.readings`, which merges.
    rows : int
        Rows in them.
    """

    day: int
    paths: tuple[Path, ...]
    plain: bool
    rows: int


@dataclass(frozen=True, slots=True)
class DirtyKeys:
    """Meters (numbers, sorted) by day whose readings came or changed; ``marks`` is what `Ledger.settle` forgets."""

    days: Mapping[int, NDArray[np.int32]]
    marks: tuple[int, ...]

    def __len__(self) -> int:
        return sum(len(meters) for meters in self.days.values())


@dataclass(frozen=True, slots=True)
class Waiting:
    """Acknowledged readings that are not in files yet, by day."""

    days: Mapping[int, Rows]


class DayReader:
    """Reads and writes the files of readings of a ledger.

    Parameters
    ----------
    folder : Path
        Folder of the readings.
    catalog : Catalog
    """

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.folder = folder
        self.catalog = catalog

    def writer(self, name: str, day: int, role: str) -> RowsWriter:
        """Return a writer of a file of a day."""
        return RowsWriter(self.folder, name, day, role)

    def write(self, name: str, day: int, role: str, rows: Rows) -> DataFile:
        """Write sorted rows of a day durably, at least one; the catalogue does not list them yet."""
        writer = self.writer(name, day, role)
        writer.add(rows)
        file = writer.close()
        assert file is not None, "a file without rows"
        return file

    def day_files(self, day: int, known_at: int | None, begins: int | None) -> DayFiles:
        """Return the files of a day and whether they can be read as they are."""
        files = self.catalog.files(day, day)
        live = live_files(files)
        plain = not live or is_plain(files)
        first = plain and len(live) == len(files)
        if known_at is not None and any(not _known_whole(f, known_at, begins, first) for f in files):
            live, plain = files, False
        return DayFiles(day, tuple(self.folder / f.name for f in live), plain, sum(f.rows for f in live))

    def rows(
        self, day: int, meters: NDArray[np.int32] | None, known_at: int | None, begins: int | None, waiting: Waiting
    ) -> Rows:
        """Return what counts of a day, sorted by meter and stamp.

        Raises
        ------
        DataError
            If a file cannot be read.
        """
        more = waiting.days.get(day)
        if more is not None and meters is not None:
            more = more.take(np.isin(more.meter, meters))
        for _ in range(_TRIES):
            files = self.catalog.files(day, day)
            needed = live_files(files) if known_at is None else files
            try:
                parts = [read_rows(self.folder, f, meters) for f in needed]
            except FileNotFoundError:
                # replaced since the catalogue was read
                continue
            if more is None and known_at is None and is_plain(files):
                return Rows.join(parts)
            return as_known(Rows.join([*parts, *([] if more is None else [more])]), day, known_at, begins)
        missing = [f for f in needed if not (self.folder / f.name).is_file()] or needed
        raise unreadable(self.folder / missing[0].name, None)

    def dirty(self, days: Iterable[int] | None) -> DirtyKeys:
        """Return the dirty keys of some days, or of all."""
        wanted = None if days is None else set(days)
        found: dict[int, list[NDArray[np.int32]]] = {}
        marks = []
        with self.catalog.reading() as base:
            for mark, day, meters in base.execute("SELECT mark, day, meters FROM dirty ORDER BY day, mark"):
                if wanted is None or day in wanted:
                    marks.append(mark)
                    found.setdefault(day, []).append(np.frombuffer(meters, "<i4"))
        return DirtyKeys({day: np.unique(np.concatenate(parts)) for day, parts in found.items()}, tuple(marks))


def as_known(rows: Rows, day: int, known_at: int | None, begins: int | None) -> Rows:
    """Return the row of each key that counts at a moment.

    Parameters
    ----------
    rows : Rows
        All rows of the day, in any order.
    known_at : int or None
        Moment [µs]; None for all knowledge.
    begins : int or None
        Moment [µs] at which the ledger took its first batch. Before it the first version of a key counts as known at its stamp.
    """
    rows, last = ordered(rows, day)
    if known_at is None:
        return rows if last.all() else rows.take(last)
    known = rows.known_at <= known_at
    if begins is not None and known_at < begins:
        first = np.concatenate((np.ones(min(len(rows), 1), bool), last[:-1]))
        known |= first & (rows.ts * 1_000_000 <= known_at)
    rows = rows.take(known)
    _, last = ordered(rows, day)
    return rows if last.all() else rows.take(last)


def _known_whole(file: DataFile, known_at: int, begins: int | None, first: bool) -> bool:
    """Tell whether all rows of a file were known at a moment; ``first`` says that they are the only versions of their keys."""
    if file.known_to <= known_at:
        return True
    before = begins is not None and known_at < begins
    return before and first and file.last_ts * 1_000_000 <= known_at
