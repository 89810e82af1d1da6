"""From the journal to files of readings: one file a day, listed with its batches and what they touch in one transaction.

Batches are taken while files are written: the journal begins another segment, and only to list what was written the takers wait.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tanlu.monitor import catalog as listing
from tanlu.monitor.appending import Intake, rows_of
from tanlu.monitor.compaction import compact_day, crowded, split_days
from tanlu.monitor.recovery import remove_unlisted, sweep

if TYPE_CHECKING:
    from pathlib import Path

    from tanlu.monitor.catalog import Catalog, DataFile
    from tanlu.monitor.journal import Entry, Journal
    from tanlu.monitor.reading_days import DayReader
    from tanlu.monitor.readings_files import Rows


class Flusher:
    """Writes and compacts the files of readings of a ledger.

    Parameters
    ----------
    path : Path
        Folder of the ledger.
    catalog, reader, journal
        Parts of the ledger.
    taking : RLock
        Held by whoever takes batches.

    Attributes
    ----------
    lock : RLock
        Held while files change; who needs both takes it before ``taking``.
    """

    def __init__(
        self, path: Path, catalog: Catalog, reader: DayReader, journal: Journal, taking: threading.RLock
    ) -> None:
        self._path, self._catalog, self._reader, self._journal, self._taking = path, catalog, reader, journal, taking
        self.lock = threading.RLock()

    def flush(self, intake: Intake) -> int:
        """Write what waits in the journal into files of readings, and return the number of rows.

        Raises
        ------
        DataError
            If the disk is full or refuses; then nothing is listed, and the batches still wait.
        """
        with self.lock:
            with self._taking:
                entries = list(intake.pending)
                if not entries:
                    return 0
                segments = self._journal.segments()
                self._journal.close()
            parts = list(split_days(rows_of(entries)))
            number = self._catalog.allocate(len(parts))
            files: list[DataFile] = []
            done = False
            try:
                for i, (day, part) in enumerate(parts):
                    files.append(self._reader.write(f"a{number + i:010d}", day, "arrival", part))
                with self._taking:
                    self._list(intake, entries, files, parts)
                    intake.forget(entries)
                done = True
            finally:
                if not done:
                    # a full disk that is tried again and again must not fill with debris
                    remove_unlisted(self._path, self._catalog, [f.name for f in files])
            self._journal.drop(segments)
            self._compact(day for day, _ in parts if crowded(self._catalog.files(day, day)))
        return sum(len(part) for _, part in parts)

    def compact(self, days: Iterable[int]) -> int:
        """Make one sorted file of what counts, and one of what counted earlier, of each day that has more; return the number of days."""
        with self.lock:
            done = self._compact(days)
            sweep(self._path, self._catalog)
        return done

    def _compact(self, days: Iterable[int]) -> int:
        return sum(compact_day(self._reader, day) for day in days)

    def _list(
        self, intake: Intake, entries: Sequence[Entry], files: Sequence[DataFile], parts: Sequence[tuple[int, Rows]]
    ) -> None:
        with self._catalog.writing() as base:
            listing.add_files(base, files)
            for day, part in parts:
                listing.add_dirty(base, day, part.meter)
            listing.add_batches(base, ((intake.batch_row(entry), entry.refused) for entry in entries))
            listing.put(base, "last_known_at", intake.last_known_at)
