"""The ledger of readings: append-only, by day, with the moment at which each reading became known.

One process writes at a time (a lock on the folder tells others, `tanlu.monitor.lending`); any number reads. What `append` returns is
durable; what the catalogue lists is true, and whatever a crash leaves beside it is removed when the ledger is opened again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.monitor import catalog as listing
from tanlu.monitor.appending import Intake
from tanlu.monitor.aside import Aside
from tanlu.monitor.batch import Batch, Receipt
from tanlu.monitor.catalog import Catalog, FactFile
from tanlu.monitor.flushing import Flusher
from tanlu.monitor.founding import clock_us, found_ledger
from tanlu.monitor.journal import Journal
from tanlu.monitor.lending import WAIT_S, WriterLock
from tanlu.monitor.reading_days import DayFiles, DayReader, DirtyKeys
from tanlu.monitor.recovery import remove_debris, sweep
from tanlu.monitor.registering import changed, write_registry
from tanlu.monitor.registry import Meter, Registry, Unit

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.core.regions import Region

FOLDER: Final = "ledger"
"""Name of the folder in a workspace."""
JOURNAL_BYTES: Final = 64 * 2**20
"""Size of the journal at which it is turned into files of readings."""


class Ledger:
    """A ledger; use `create` or `open`, and close it (or use it in a ``with`` block).

    Attributes
    ----------
    path : Path
        Its folder.
    catalog : Catalog
    aside : Aside
        Where refused rows are kept.
    notices : list of Notice
        What was found when it was opened.
    flushed_beside : bool
        Whether somebody else flushes the journal when it has grown large (`full`), so that who appends need not.
    """

    def __init__(self, path: Path, lock: WriterLock | None, clock: Callable[[], int]) -> None:
        self.path = path
        self.catalog = Catalog(path / "catalog.db")
        self.aside = Aside(path / "aside")
        self.notices: list[Notice] = []
        self.flushed_beside = False
        self._lock = lock
        self._clock = clock
        self._mutex = threading.RLock()
        self._registry: Registry | None = None
        self._registered = 0
        self._journal = Journal(path / "journal")
        self._intake = Intake(self.catalog, self._journal, self.aside, clock)
        self.reader = DayReader(path / "readings", self.catalog)
        self._flusher = Flusher(path, self.catalog, self.reader, self._journal, self._mutex)

    @classmethod
    def create(
        cls, path: Path, province: str, regions: Iterable[Region] | None = None, clock: Callable[[], int] = clock_us
    ) -> Self:
        """Make a ledger in a folder that is not there or empty, and open it for writing.

        Parameters
        ----------
        path : Path
            Folder of the ledger; what a creation that was cut off has left does not count.
        province : str
            Id of a province that ships with the package, or the path of its folder.
        regions : iterable of Region, optional
            Regions of the province; read from its folder where nothing is said.
        clock : callable, optional
            Returns the time [µs since 1970 UTC].

        Raises
        ------
        DataError
            If the folder holds something, or the province is not known.
        """
        found_ledger(path, province, regions, clock)
        return cls.open(path, clock=clock)

    @classmethod
    def open(
        cls, path: Path, *, read_only: bool = False, clock: Callable[[], int] = clock_us, wait: float = WAIT_S
    ) -> Self:
        """Open a ledger; a writer removes the debris of a crash and turns the journal into files of readings.

        Parameters
        ----------
        path : Path
            Folder of the ledger.
        read_only : bool
            Whether nothing is to be appended; such a ledger can be open beside a writer, and `settle` is still allowed.
        clock : callable, optional
            Returns the time [µs since 1970 UTC].
        wait : float
            How long to wait for a process that writes and lends the ledger [s].

        Raises
        ------
        DataError
            If there is no ledger, another process writes and does not lend it, or the catalogue is of a later version or damaged.
        """
        found = Catalog(path / "catalog.db").meta("format")
        if found != listing.FORMAT:
            details = {"known": listing.FORMAT}
            raise DataError([Problem("ledger_format", str(path), value=str(found), details=details)])
        if read_only:
            return cls(path, None, clock)
        lock = WriterLock.take(path, wait)
        if lock is None:
            raise DataError([Problem("ledger_locked", str(path), value=str(path))])
        ledger = cls(path, lock, clock)
        ledger._recover()
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the lock; what was appended is durable and is turned into files of readings at the next opening."""
        self._intake.close()
        self._journal.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def offer(self) -> None:
        """Say that this process lends the ledger when it is asked (`lend_if_asked`)."""
        self._require_writer()
        assert self._lock is not None
        self._lock.offer()

    def lend_if_asked(self) -> bool:
        """Let another process write if one asks, wait until it has ended, and go on from what it left; tell whether it was so.

        What the journal holds is durable: the other one turns it into files of readings when it opens the ledger.

        Raises
        ------
        DataError
            If the ledger cannot be read again; then this process cannot go on with it.
        """
        if self._lock is None or not self._lock.asked() or not self._flusher.lock.acquire(blocking=False):
            return False
        try:
            with self._mutex:
                self._journal.close()
                self._intake.close()
                registered = self.catalog.meta("registered")
                self._lock.lend()
                if self.catalog.meta("registered") != registered:
                    self._registry = None
                self._intake = Intake(self.catalog, self._journal, self.aside, self._clock)
                self._replay()
        finally:
            self._flusher.lock.release()
        return True

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Let the process that lends the ledger write for as long as the block lasts; nothing happens where none lends it.

        Raises
        ------
        DataError
            If the ledger cannot be had again, or not be read.
        """
        self._require_writer()
        assert self._lock is not None
        if not self._lock.borrowed:
            yield
            return
        with self._flusher.lock, self._mutex:
            self.close()
            yield
            self._lock = WriterLock.take(self.path, lent=False)
            if self._lock is None:
                raise DataError([Problem("ledger_locked", str(self.path), value=str(self.path))])
            self._intake = Intake(self.catalog, self._journal, self.aside, self._clock)
            self._recover()

    def now(self) -> int:
        """Return the time of the clock of the ledger [µs since 1970 UTC]."""
        return self._clock()

    @property
    def read_only(self) -> bool:
        """Whether nothing can be appended."""
        return self._lock is None

    @property
    def pending(self) -> int:
        """Number of readings that stand in the journal only."""
        return sum(map(len, self._intake.pending))

    @cached_property
    def province(self) -> str:
        """Id of the province, which never changes."""
        return self.catalog.province

    @property
    def registry(self) -> Registry:
        """The registry as it stands; read again when a writer has changed it."""
        registered = self.catalog.meta("registered") if self.read_only else 0
        if self._registry is None or registered != self._registered:
            self._registry, self._registered = self.catalog.registry(), registered
        return self._registry

    def register(self, units: Sequence[Unit], meters: Sequence[Meter]) -> Registry:
        """Add units and meters, or new versions of those that are known; what did not change is left as it is.

        They must have been checked (`tanlu.monitor.registry_tables`); numbers that they carry are ignored.
        """
        self._require_writer()
        with self._mutex:
            new_units, new_meters = self.changes(units, meters)
            if new_units or new_meters:
                now = self._intake.moment()
                write_registry(self.catalog, self.registry, new_units, new_meters, now)
                self._intake.last_known_at = now
                self._registry = None
        return self.registry

    def changes(self, units: Sequence[Unit], meters: Sequence[Meter]) -> tuple[list[Unit], list[Meter]]:
        """Return those units and meters that are new or differ from what is registered, whatever numbers they carry."""
        known = self.registry
        return changed(units, known.units), changed(meters, known.meters)

    def append(self, batch: Batch) -> Receipt:
        """Take a batch; it is durable when this returns (`append_many`)."""
        return self.append_many([batch])[0]

    def append_many(self, batches: Sequence[Batch]) -> list[Receipt]:
        """Take batches with one ``fsync``; they are durable when this returns.

        A batch that was taken before changes nothing. Readings that cannot be are refused by row with a reason and kept aside; two readings
        of one meter and stamp in a batch are both kept, and the later one counts.

        Returns
        -------
        list of Receipt
            One for each batch.

        Raises
        ------
        DataError
            If the disk is full or refuses, or a batch claims to be known later than now; then none of them was taken.
        """
        self._require_writer()
        with self._mutex:
            receipts = self._intake.take(batches, self.registry)
        if self.full and not self.flushed_beside:
            self.flush()
        return receipts

    @property
    def full(self) -> bool:
        """Whether the journal is so large that it should become files of readings."""
        return self._journal.size > JOURNAL_BYTES

    def flush(self) -> int:
        """Turn the journal into files of readings, one a day, and return the number of rows; other threads can append meanwhile.

        Raises
        ------
        DataError
            If the disk is full or refuses; the batches stay in the journal.
        """
        self._require_writer()
        with self._flusher.lock:
            return self._flusher.flush(self._intake)

    def compact(self, days: Iterable[int] | None = None) -> int:
        """Make one sorted file of what counts, and one of what counted earlier, of each day that has more; return the number of days.

        Parameters
        ----------
        days : iterable of int, optional
            Numbers of days; all where nothing is said.

        Raises
        ------
        DataError
            If the disk is full or refuses, or a file cannot be read; days that were done before stay done.
        """
        self._require_writer()
        with self._flusher.lock:
            self.flush()
            return self._flusher.compact(self.days() if days is None else sorted(set(days)))

    def days(self) -> list[int]:
        """Return the days of which there are files, by number."""
        with self.catalog.reading() as base:
            return listing.days_of(base)

    @contextmanager
    def exclusive(self) -> Iterator[Intake]:
        """Give the intake to one who takes a large batch past the journal; what is in the journal is flushed before."""
        self._require_writer()
        with self._flusher.lock, self._mutex:
            self.flush()
            yield self._intake

    @property
    def begins(self) -> int | None:
        """Moment at which the first batch was taken [µs since 1970 UTC]; None while there is none."""
        return self._intake.begins

    def day_files(self, day: int, known_at: int | None = None) -> DayFiles:
        """Return the files of a day and whether they can be read as they are (`DayFiles`); a writer flushes before.

        Parameters
        ----------
        day : int
        known_at : int, optional
            Moment [µs since 1970 UTC] whose knowledge is asked for; all where nothing is said.
        """
        if not self.read_only:
            self.flush()
        return self.reader.day_files(day, known_at, self._intake.begins)

    def readings(
        self, day_from: int, day_to: int, meters: Iterable[int] | None = None, known_at: int | None = None
    ) -> pa.Table:
        """Return the reading that counts of each meter and stamp, sorted by day, meter and stamp.

        Parameters
        ----------
        day_from, day_to : int
            First and last day, by number.
        meters : iterable of int, optional
            Numbers of meters; all where nothing is said.
        known_at : int, optional
            Moment [µs since 1970 UTC] whose knowledge is asked for; all that was acknowledged where nothing is said. Before the ledger
            began nothing was known to it: for such a moment the first version of each reading counts as known at its own stamp, so that the
            past can be asked about, and answers about moments since the beginning never change.

        Returns
        -------
        pyarrow.Table
            Columns of `tanlu.monitor.schema.readings_schema`.

        Raises
        ------
        DataError
            If a file cannot be read; it is named, and days without it can still be read.
        """
        import pyarrow as pa

        from tanlu.monitor.schema import readings_schema

        chosen = None if meters is None else np.unique(np.fromiter(meters, np.int32))
        with self._mutex:
            waiting = self._intake.waiting()
        begins = self._intake.begins
        with self.catalog.reading() as base:
            days = {file.day for file in listing.files_of(base, day_from, day_to)}
        days |= {day for day in waiting.days if day_from <= day <= day_to}
        tables = [self.reader.rows(day, chosen, known_at, begins, waiting).table() for day in sorted(days)]
        return pa.concat_tables(tables) if tables else readings_schema().empty_table()

    def dirty_keys(self, days: Iterable[int] | None = None) -> DirtyKeys:
        """Return the meters whose readings came or changed, by day, since they were settled; a writer flushes before."""
        if not self.read_only:
            self.flush()
        return self.reader.dirty(days)

    def settle(self, dirty: DirtyKeys | None, files: Sequence[FactFile]) -> int:
        """List fact files in the place of those of the same kind and day, and forget dirty keys, all in one transaction.

        Allowed to readers as well: the catalogue takes one change at a time. The files must be durable on disk.

        Parameters
        ----------
        dirty : DirtyKeys or None
            What was computed again, as `dirty_keys` returned it; what became dirty since then stays.
        files : sequence of FactFile
            Their names are relative to the folder of the ledger.

        Returns
        -------
        int
            Generation of the facts.
        """
        with self.catalog.writing() as base:
            return listing.settle(base, dirty.marks if dirty is not None else (), files)

    def _require_writer(self) -> None:
        if self.read_only:
            raise DataError([Problem("ledger_read_only", str(self.path), value=str(self.path))])

    def _recover(self) -> None:
        """Bring a ledger into order after its last writer, however that one ended."""
        self._replay()
        self.flush()
        self._journal.close()
        self._journal.drop(self._journal.segments())
        sweep(self.path, self.catalog)

    def _replay(self) -> None:
        remove_debris(self.path, self.catalog)
        self.notices += self._intake.replay(self.path / "aside")
