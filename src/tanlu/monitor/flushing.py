"""From the journal to files of readings: one file a day, listed with its batches and what they touch in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tanlu.monitor import catalog as listing
from tanlu.monitor.compaction import crowded, split_days
from tanlu.monitor.recovery import remove_unlisted

if TYPE_CHECKING:
    from pathlib import Path

    from tanlu.monitor.appending import Intake
    from tanlu.monitor.catalog import Catalog, DataFile
    from tanlu.monitor.reading_days import DayReader
    from tanlu.monitor.readings_files import Rows


def write_pending(path: Path, catalog: Catalog, reader: DayReader, intake: Intake) -> tuple[int, list[int]]:
    """Write what waits in the journal into files of readings; return the number of rows, and the days that have too many files.

    Raises
    ------
    DataError
        If the disk is full or refuses; then nothing is listed, and the batches still wait.
    """
    rows = intake.rows()
    parts = list(split_days(rows))
    number = catalog.allocate(len(parts))
    files: list[DataFile] = []
    done = False
    try:
        for i, (day, part) in enumerate(parts):
            files.append(reader.write(f"a{number + i:010d}", day, "arrival", part))
        _list(catalog, intake, files, parts)
        done = True
    finally:
        if not done:
            # a full disk that is tried again and again must not fill with debris
            remove_unlisted(path, catalog, [f.name for f in files])
    return len(rows), [day for day, _ in parts if crowded(catalog.files(day, day))]


def _list(catalog: Catalog, intake: Intake, files: Sequence[DataFile], parts: Sequence[tuple[int, Rows]]) -> None:
    with catalog.writing() as base:
        listing.add_files(base, files)
        for day, part in parts:
            listing.add_dirty(base, day, part.meter)
        for entry in intake.pending:
            listing.add_batch(base, intake.batch_row(entry), entry.refused)
        listing.put(base, "last_known_at", intake.last_known_at)
