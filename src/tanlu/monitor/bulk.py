"""Taking many readings at once – a whole file – as one batch, straight into files of readings, compared with what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor import catalog as listing
from tanlu.monitor.catalog import BatchRow, DataFile
from tanlu.monitor.compaction import crowded
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.readings_files import Rows, ordered, read_rows
from tanlu.monitor.recovery import Staging, remove_unlisted
from tanlu.monitor.spill import GROUP_BITS, Spill

if TYPE_CHECKING:
    from numpy.typing import NDArray

AT_STAMP: Final = -1
"""Stands for a moment of knowledge that is the stamp of the reading itself."""
REWRITE: Final = 8
"""A day is written anew when at least one of this many of its rows is new."""


@dataclass(slots=True)
class Change:
    """What a batch changes on a day."""

    day: int
    accepted: int = 0
    duplicates: int = 0
    changed: int = 0
    repeated: int = 0
    files: list[DataFile] = field(default_factory=list)
    replaced: list[DataFile] = field(default_factory=list)
    meters: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    known_to: int = 0


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What became of a batch.

    Parameters
    ----------
    batch : int
        Its number; 0 where nothing of it was new.
    accepted : int
        Readings that were taken: new ones and corrections.
    changed : int
        Those of them that say something else than what was known.
    duplicates : int
        Readings that say what was known already; they are not kept again.
    repeated : int
        Readings whose meter and stamp came before in the same batch with another value; the last one counts.
    days : tuple of int
        Days whose readings changed, by number.
    """

    batch: int
    accepted: int
    changed: int
    duplicates: int
    repeated: int
    days: tuple[int, ...]


class Bulk:
    """One large batch; readings are added block by block and taken all together by `commit`, or not at all.

    Parameters
    ----------
    ledger : Ledger
        Open for writing.
    source : str
    digest : bytes
        Hash of the batch, 16 bytes.
    name : str
        Id of the batch.
    known_at : int or None
        Moment [µs] at which the readings became known; `AT_STAMP` for each at its own stamp; now where nothing is said.
    """

    def __init__(self, ledger: Ledger, source: str, digest: bytes, name: str = "", known_at: int | None = None) -> None:
        self._ledger = ledger
        self._source, self._name, self.known_at = source, name, known_at
        self.digest = digest
        self._spill = Spill(Staging(ledger.path))
        self.rows = 0

    def add(self, columns: tuple[NDArray[Any], ...], known_at: NDArray[np.int64] | None = None) -> None:
        """Add checked readings: meter, ts, value, quality; and their own moments of knowledge [µs], −1 where they have none.

        Raises
        ------
        DataError
            If the disk is full or refuses.
        """
        if known_at is None:
            known_at = np.full(len(columns[0]), -1, np.int64)
        self.rows += len(known_at)
        self._spill.add((*columns, known_at))

    def discard(self) -> None:
        """Forget what was added."""
        self._spill.clear()

    def commit(
        self,
        refused: Mapping[str, int] | None = None,
        *,
        dry: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> BulkReport:
        """Compare with what is known, write what is new, and list it in one transaction.

        Parameters
        ----------
        refused : mapping, optional
            Number of refused rows by reason.
        dry : bool
            Whether only to tell what would change.
        progress : callable, optional
            Told the number of days done and of all days.

        Raises
        ------
        DataError
            If the disk is full or refuses, or a file that is needed cannot be read; then nothing was taken.
        """
        refused = refused or {}
        changes: list[Change] = []
        with self._ledger.exclusive() as intake:
            number, moment = intake.next_number, intake.moment()
            done = False
            try:
                self._spill.finish()
                days = self._spill.days()
                for place, day in enumerate(days):
                    changes.append(self._day(day, number, moment, dry))
                    if progress is not None:
                        progress(place + 1, len(days))
                touched = [c for c in changes if c.accepted]
                if touched and not dry:
                    last = max(moment, *(c.known_to for c in touched))
                    intake.taken(number, last)
                    self._list(touched, number, moment, last, refused)
                done = True
            finally:
                if not done:
                    # an interruption may come when they are listed already
                    remove_unlisted(self._ledger.path, self._ledger.catalog, [f.name for c in changes for f in c.files])
                self._spill.clear()
        total = {
            name: sum(getattr(c, name) for c in changes) for name in ("accepted", "changed", "duplicates", "repeated")
        }
        days_changed = tuple(c.day for c in touched)
        return BulkReport(number if touched and not dry else 0, days=days_changed, **total)

    def _list(self, changes: list[Change], number: int, moment: int, last: int, refused: Mapping[str, int]) -> None:
        known_at = moment if self.known_at is None or self.known_at == AT_STAMP else self.known_at
        accepted = sum(c.accepted for c in changes)
        rows = self.rows + sum(refused.values())
        with self._ledger.catalog.writing() as base:
            for change in changes:
                listing.drop_files(base, change.replaced)
                listing.add_files(base, change.files)
                listing.add_dirty(base, change.day, change.meters)
            batch = BatchRow(number, self.digest, self._source, self._name, moment, known_at, rows, accepted)
            listing.add_batches(base, [(batch, refused.items())])
            listing.put(base, "last_known_at", last)

    def _day(self, day: int, number: int, moment: int, dry: bool) -> Change:
        """Compare the readings of a day with what is known of it, group by group of meters, and write what is new."""
        reader = self._ledger.reader
        files = reader.catalog.files(day, day)
        change = Change(day)
        whole = self._spill.count(day) * REWRITE >= sum(f.rows for f in files) or crowded(files)
        names = ("c", "current"), ("h", "history"), ("a", "arrival")
        first = 0 if dry else reader.catalog.allocate(1)
        current, history, arrival = (reader.writer(f"{letter}{first:010d}", day, role) for letter, role in names)
        meters = []
        try:
            for group in self._groups(day, files if whole else []):
                rows = self._merged(day, group, files, number, moment, change)
                new = rows.batch == number
                if new.any():
                    meters.append(listing.distinct(rows.meter[new]))
                    change.known_to = max(change.known_to, int(rows.known_at[new].max()))
                if dry:
                    continue
                if whole:
                    rows, last = ordered(rows, day)
                    current.add(rows if last.all() else rows.take(last))
                    history.add(rows.take(~last))
                else:
                    arrival.add(rows if new.all() else rows.take(new))
            if change.accepted and not dry:
                change.meters = np.concatenate(meters)
                change.replaced = files if whole else []
                change.files = [f for w in (current, history, arrival) if (f := w.close()) is not None]
        finally:
            if not change.files:
                for writer in (current, history, arrival):
                    writer.abandon()
        return change

    def _groups(self, day: int, rewritten: list[DataFile]) -> list[tuple[int, tuple[int, int]] | None]:
        """Return the groups of meters of a day as (group, first number and the one after the last), or None for all meters at once."""
        groups = self._spill.groups(day)
        if groups is None:
            return [None]
        for file in rewritten:
            groups = groups | set(range(file.meter_from >> GROUP_BITS, (file.meter_to >> GROUP_BITS) + 1))
        return [(g, (g << GROUP_BITS, (g + 1) << GROUP_BITS)) for g in sorted(groups)]

    def _merged(
        self,
        day: int,
        group: tuple[int, tuple[int, int]] | None,
        files: list[DataFile],
        number: int,
        moment: int,
        change: Change,
    ) -> Rows:
        """Return what is known and what is new of a day, sorted, and count the change."""
        taken = self._spill.take(day, None if group is None else group[0])
        fresh, single = _in_order(Rows.join([self._rows(columns, number, moment) for columns in taken]), day)
        folder = self._ledger.reader.folder
        known = [read_rows(folder, f, group=None if group is None else group[1]) for f in files]
        if single and not any(len(rows) for rows in known):
            change.accepted += len(fresh)
            return fresh
        rows, _ = ordered(Rows.join([*known, fresh]), day)
        return rows.take(_compared(rows, day, number, change))

    def _rows(self, columns: tuple[NDArray[Any], ...], number: int, moment: int) -> Rows:
        meter, ts, value, quality, own = columns
        known_at = own
        if (own < 0).any():
            general: int | NDArray[np.int64] = self.known_at or moment
            if self.known_at == AT_STAMP:
                # a stamp may be a little ahead of the clock
                general = np.minimum(ts * 1_000_000, moment)
            known_at = np.where(own < 0, general, own)
        return Rows(meter, ts, value, quality, known_at, np.full(len(meter), number, np.int32))


def _in_order(rows: Rows, day: int) -> tuple[Rows, bool]:
    """Sort rows of one batch and let those of one key be known one microsecond after another, so that the last one counts.

    Returns
    -------
    rows : Rows
    single : bool
        Whether no key stands in it twice.
    """
    rows, last = ordered(rows, day)
    if last.all():
        return rows, True
    keys = rows.keys(day)
    same = np.concatenate(([False], (keys[1:] == keys[:-1]) & (rows.known_at[1:] == rows.known_at[:-1])))
    place = np.arange(len(rows))
    rank = place - np.maximum.accumulate(np.where(same, 0, place))
    return replace(rows, known_at=rows.known_at + rank), False


def _compared(rows: Rows, day: int, number: int, change: Change) -> NDArray[np.bool_]:
    """Count what a batch changes, and return which rows to keep: all but those of the batch that say what was said before."""
    keys = rows.keys(day)
    new = rows.batch == number
    follows = np.concatenate(([False], keys[1:] == keys[:-1]))
    says_same = np.zeros(len(rows), bool)
    says_same[1:] = (rows.value[1:] == rows.value[:-1]) & (rows.quality[1:] == rows.quality[:-1])
    echo = new & follows & says_same
    after_own = np.concatenate(([False], new[:-1]))
    other = new & follows & ~says_same
    change.accepted += int(np.count_nonzero(new & ~echo))
    change.duplicates += int(np.count_nonzero(echo))
    change.changed += int(np.count_nonzero(other & ~after_own))
    change.repeated += int(np.count_nonzero(other & after_own))
    return np.asarray(~echo)
