"""Taking files of readings into the ledger: one file is one batch, all of it or nothing; the same file again changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from tanlu.core.errors import Notice
from tanlu.monitor.bulk import AT_STAMP, Bulk, BulkReport
from tanlu.monitor.checking import ACCEPTED, REASONS
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.reading_tables import Block, ReadingsFile
from tanlu.monitor.reading_values import BLANK, Numbers, Reader

SHOWN: Final = 5
"""Refused rows of each reason that are told."""
ASIDE_ROWS: Final = 100_000
"""Refused rows of one file that are kept aside; all are counted."""
_READ: Final = 0.7
"""Share of the work that is reading, for the progress bar."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was refused: line of the file, reason (``refused.<reason>``), and its cells as they stand there."""

    line: int
    reason: str
    text: str


@dataclass(slots=True)
class IngestReport:
    """What became of a file.

    Parameters
    ----------
    file : str
    rows : int
        Rows read.
    batch : int
        Number of its batch; 0 where nothing was new.
    accepted, changed, duplicates, repeated : int
        As in `tanlu.monitor.bulk.BulkReport`.
    refused : dict
        Number of refused rows by reason.
    shown : list of RefusedRow
        The first refused rows of each reason.
    days : tuple of int
        Days whose readings changed, by number.
    known : bool
        Whether this very file had been taken before.
    at_stamp : bool
        Whether readings without a moment of their own count as known at their stamps.
    notices : list of Notice
    """

    file: str
    rows: int = 0
    batch: int = 0
    accepted: int = 0
    changed: int = 0
    duplicates: int = 0
    repeated: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    shown: list[RefusedRow] = field(default_factory=list)
    days: tuple[int, ...] = ()
    known: bool = False
    at_stamp: bool = False
    notices: list[Notice] = field(default_factory=list)


def default_known_at(ledger: Ledger) -> int | None:
    """Return when readings of files count as known where the user says nothing.

    Into an empty ledger each counts as known at its own stamp: no answer was given yet that could change, and the past can be asked about.
    Later ones count from now on, so that answers that were given stay.
    """
    return AT_STAMP if ledger.begins is None else None


def ingest_file(
    ledger: Ledger,
    path: Path,
    *,
    known_at: int | None = None,
    stated: bool = False,
    dry: bool = False,
    progress: Callable[[float], None] | None = None,
) -> IngestReport:
    """Take a file of readings.

    Parameters
    ----------
    ledger : Ledger
        Open for writing.
    path : Path
        CSV, Excel or Parquet file in long form.
    known_at : int or None
        Moment [µs since 1970 UTC] at which the readings became known; `AT_STAMP` for each at its own stamp; now where nothing is said.
        A column ``known_at`` of the file goes before it.
    stated : bool
        Whether the user has stated that moment: then the same file with another moment is another batch.
    dry : bool
        Whether only to tell what would happen.
    progress : callable, optional
        Told the share of the work that is done.

    Raises
    ------
    DataError
        If the file is no table of readings, or the ledger cannot be written; then nothing was taken.
    """
    file, report = ReadingsFile(path), IngestReport(path.name)
    report.notices = file.notices
    empty = ledger.begins is None
    stated_at = str(known_at) if stated else ""
    digest = _digest(ledger, file, stated_at, report)
    if report.known:
        return report
    reader = Reader(ledger.registry, ledger.now() // 1_000_000)
    bulk = Bulk(ledger, path.name, digest, known_at=known_at)
    asides = _Asides(path.name, ledger.now())
    wanted = False
    try:
        # reading takes longest; one that receives readings goes on meanwhile, and another may take the same file
        with ledger.given_back():
            _read(file, reader, bulk, asides, report, progress)
        if empty and not stated and ledger.begins is not None:
            # another one began the ledger meanwhile: answers may have been given
            bulk.known_at = None
        report.at_stamp = bulk.known_at == AT_STAMP
        bulk.digest = _digest(ledger, file, stated_at, report)
        wanted = not report.known
    finally:
        if not wanted:
            bulk.discard()
    if not wanted:
        return report
    report.refused, report.shown = asides.counts, asides.shown
    if not dry:
        ledger.aside.put(asides.records)

    def days_done(done: int, of: int) -> None:
        if progress is not None:
            progress(_READ + (1 - _READ) * done / of)

    _fill(report, bulk.commit(report.refused, dry=dry, progress=days_done))
    return report


def _read(
    file: ReadingsFile,
    reader: Reader,
    bulk: Bulk,
    asides: _Asides,
    report: IngestReport,
    progress: Callable[[float], None] | None,
) -> None:
    """Read a file into a batch, and count its rows and what was refused of them."""
    for block in file.blocks():
        numbers = reader.numbers(block)
        asides.look(block, numbers)
        taken = numbers.verdict == ACCEPTED
        chosen = numbers.columns if taken.all() else tuple(c[taken] for c in numbers.columns)
        bulk.add(chosen, numbers.known_at if numbers.known_at is None or taken.all() else numbers.known_at[taken])
        report.rows += int(np.count_nonzero(numbers.verdict != BLANK))
        report.rows += sum(1 for _, text in block.skipped if text.strip())
        if progress is not None:
            progress(_READ * block.done)


def _fill(report: IngestReport, done: BulkReport) -> None:
    for name in BulkReport.__slots__:
        setattr(report, name, getattr(done, name))


def _digest(ledger: Ledger, file: ReadingsFile, stated: str, report: IngestReport) -> bytes:
    """Return the hash of the batch, and note if the file was taken before as a whole.

    A file of which rows were refused is read again: a meter may have been registered since. Rows that were taken are told as duplicates.
    """
    content = file.digest() + stated.encode()
    for attempt in range(1_000_000):
        digest = hashlib.blake2b(content + attempt.to_bytes(4, "big"), digest_size=16).digest()
        batch = ledger.catalog.batch(digest)
        if batch is None:
            break
        if not ledger.catalog.refused(batch.number):
            report.known, report.rows, report.duplicates = True, batch.rows, batch.rows
            break
    return digest


class _Asides:
    """Counts refused rows, and keeps the first of them in words."""

    def __init__(self, source: str, now: int) -> None:
        self._source, self._now = source, now
        self.counts: dict[str, int] = {}
        self.shown: list[RefusedRow] = []
        self.records: list[dict[str, object]] = []

    def look(self, block: Block, numbers: Numbers) -> None:
        """Take note of what was refused of a block."""
        gaps = np.array([place for place, _ in block.skipped], np.int64)
        for place, text in block.skipped:
            if text.strip():
                self._note(block.line + place, "wrong_width", text.strip())
        places = np.flatnonzero(numbers.verdict >= 0)
        for code, count in enumerate(np.bincount(numbers.verdict[places], minlength=len(REASONS)).tolist()):
            if count:
                self.counts[REASONS[code]] = self.counts.get(REASONS[code], 0) + count
        room = max(ASIDE_ROWS - len(self.records), 0)
        for at in places[:room].tolist():
            line = block.line + at
            # lines that are no rows of the table stand between
            for gap in gaps:
                line += bool(block.line + gap <= line)
            self._keep(line, REASONS[numbers.verdict[at]], _cells(block, at))

    def _note(self, line: int, reason: str, text: str) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + 1
        if len(self.records) < ASIDE_ROWS:
            self._keep(line, reason, text)

    def _keep(self, line: int, reason: str, text: str) -> None:
        self.records.append({"at": self._now, "source": self._source, "line": line, "reason": reason, "text": text})
        if sum(row.reason == reason for row in self.shown) < SHOWN:
            self.shown.append(RefusedRow(line, reason, text))


def _cells(block: Block, at: int) -> str:
    cells: list[Any] = [column[at].as_py() for column in block.columns.values()]
    return ", ".join("" if cell is None else str(cell) for cell in cells)
