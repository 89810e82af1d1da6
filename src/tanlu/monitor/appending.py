"""Taking batches: check, number, stamp with the moment of knowledge, and write to the journal with one synchronisation."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.monitor.aside import Aside
from tanlu.monitor.batch import Batch, Receipt, hash_of
from tanlu.monitor.catalog import BatchRow, Catalog, get
from tanlu.monitor.checking import ACCEPTED, REASONS, Checked, check, columns_of, repeats
from tanlu.monitor.compaction import split_days
from tanlu.monitor.journal import Entry, Journal
from tanlu.monitor.reading_days import Waiting
from tanlu.monitor.readings_files import Rows
from tanlu.monitor.registry import Registry

ASIDE_ROWS: Final = 1000
"""Refused rows of one batch that are kept aside; the receipt counts all."""


class Intake:
    """The batches of a ledger between their acknowledgement and the files of readings.

    Parameters
    ----------
    catalog, journal, aside
        Parts of the ledger.
    clock : callable
        Returns the time [µs since 1970 UTC].
    """

    def __init__(self, catalog: Catalog, journal: Journal, aside: Aside, clock: Callable[[], int]) -> None:
        self._catalog = catalog
        self._journal = journal
        self._aside = aside
        self._clock = clock
        self.pending: list[Entry] = []
        """Batches that are in the journal only."""
        self._by_hash: dict[bytes, Entry] = {}
        self._lookup: sqlite3.Connection | None = None
        self._begins: int | None = None
        with catalog.reading() as base:
            self.last_known_at = get(base, "last_known_at")
            self._number = int(base.execute("SELECT coalesce(max(number), 0) FROM batches").fetchone()[0])

    def moment(self) -> int:
        """Return the moment of what becomes known now [µs]: the clock, or just after the last one if the clock was put back."""
        return max(self._clock(), self.last_known_at + 1)

    @property
    def begins(self) -> int | None:
        """Moment at which the ledger took its first batch [µs]; None while it is empty."""
        if self._begins is None:
            with self._catalog.reading() as base:
                self._begins = base.execute("SELECT min(recorded_at) FROM batches").fetchone()[0]
            if self._begins is None and self.pending:
                self._begins = self.pending[0].recorded_at
        return self._begins

    @property
    def next_number(self) -> int:
        """Number of the next batch."""
        return self._number + 1

    def taken(self, number: int, last_known_at: int) -> None:
        """Note that a batch was taken without the journal."""
        self._number, self.last_known_at = number, last_known_at

    def take(self, batches: Sequence[Batch], registry: Registry) -> list[Receipt]:
        """Take batches; see `tanlu.monitor.ledger.Ledger.append_many`."""
        now = self._clock()
        problems = [
            Problem("known_at_future", b.source, field="known_at", value=str(b.known_at))
            for b in batches
            if b.known_at is not None and b.known_at > now
        ]
        if problems:
            raise DataError(problems)
        limits = registry.columns()
        fresh: dict[bytes, Entry] = {}
        receipts, asides = [], []
        number, last = self._number, self.last_known_at
        for batch in batches:
            checked = check(columns_of(batch, registry), limits, now // 1_000_000)
            columns, refused = checked.accepted(), checked.refused()
            digest = hash_of(batch.source, batch.id, batch.known_at, columns)
            before = fresh.get(digest) or self._find(digest)
            if before is None and len(columns[0]):
                number += 1
                counts = repeats(columns[0], columns[1])
                recorded = max(now, last + 1)
                known_at = recorded if batch.known_at is None else batch.known_at
                last = max(recorded, known_at + int(counts.max(initial=0)))
                before = fresh[digest] = Entry(
                    number, digest, batch.source, batch.id, recorded, known_at, len(checked.verdict),
                    tuple(refused.items()), int(np.count_nonzero(counts)), columns,
                )  # fmt: skip
                receipts.append(_receipt(before, duplicate=False))
            elif before is None:
                receipts.append(Receipt(0, digest.hex(), max(now, last + 1), len(checked.verdict), 0, refused))
            else:
                receipts.append(_receipt(before, duplicate=True))
                continue
            if refused:
                asides.append((batch, checked))
        for batch, checked in asides:
            self._aside.put(_refused_rows(batch, checked, now))
        if fresh:
            self._journal.append(list(fresh.values()))
            self._number, self.last_known_at = number, last
            self.pending += fresh.values()
            self._by_hash |= fresh
        return receipts

    def _find(self, digest: bytes) -> Entry | None:
        """Return a batch that was taken before, with its columns left empty where it is in files already."""
        if digest in self._by_hash:
            return self._by_hash[digest]
        if self._lookup is None:
            # one connection for all questions: opening one costs more than asking
            self._lookup = sqlite3.connect(self._catalog.path, isolation_level=None, check_same_thread=False)
        row = self._lookup.execute("SELECT * FROM batches WHERE hash = ?", (digest,)).fetchone()
        return None if row is None else _listed(BatchRow(*row))

    def replay(self, aside: Path) -> list[Notice]:
        """Take over what an earlier writer left in the journal; damage in it is told and the segment kept aside."""
        notices = []
        listed = self._number
        for segment in self._journal.read():
            for entry in segment.entries:
                # a segment may outlive the transaction that listed its batches
                if entry.number > listed and entry.hash not in self._by_hash:
                    self.pending.append(entry)
                    self._by_hash[entry.hash] = entry
            if segment.damaged:
                shutil.copy2(segment.path, aside / segment.path.name)
                size = sum(length for _, length in segment.damaged)
                details = {"bytes": size, "offset": segment.damaged[0][0], "copy": f"aside/{segment.path.name}"}
                notices.append(Notice("ledger_journal_damaged", segment.path.name, details))
        for entry in self.pending:
            self._number = max(self._number, entry.number)
            spread = int(repeats(*entry.columns[:2]).max(initial=0)) if entry.repeated else 0
            self.last_known_at = max(self.last_known_at, entry.recorded_at, entry.known_at + spread)
        return notices

    def rows(self) -> Rows:
        """Return the rows of all pending batches."""
        return Rows.join([entry_rows(entry) for entry in self.pending])

    def waiting(self) -> Waiting:
        """Return the rows of pending batches by day; of a reader, those that stand in the journal of the writer."""
        entries = self.pending or [e for s in self._journal.read() for e in s.entries]
        return Waiting(dict(split_days(Rows.join([entry_rows(e) for e in entries]))) if entries else {})

    @staticmethod
    def batch_row(entry: Entry) -> BatchRow:
        """Return what the catalogue lists of a batch."""
        return BatchRow(
            entry.number, entry.hash, entry.source, entry.id, entry.recorded_at, entry.known_at, entry.rows, len(entry)
        )

    def forget(self) -> None:
        """Leave the pending batches to the catalogue, which lists them."""
        self.pending = []
        self._by_hash = {}

    def close(self) -> None:
        """Close the connection of look-ups."""
        if self._lookup is not None:
            self._lookup.close()
            self._lookup = None


def entry_rows(entry: Entry) -> Rows:
    """Return the rows of a batch with their moments of knowledge and its number."""
    meter, ts, value, quality = entry.columns
    known_at = np.full(len(entry), entry.known_at, np.int64)
    if entry.repeated:
        known_at += repeats(meter, ts)
    return Rows(meter, ts, value, quality, known_at, np.full(len(entry), entry.number, np.int32))


def _receipt(entry: Entry, *, duplicate: bool) -> Receipt:
    accepted = len(entry) or entry.rows
    return Receipt(
        entry.number, entry.hash.hex(), entry.known_at, entry.rows, accepted, dict(entry.refused), entry.repeated,
        duplicate,
    )  # fmt: skip


def _listed(row: BatchRow) -> Entry:
    empty = tuple(np.empty(0, kind) for kind in (np.int32, np.int64, np.int64, np.int8))
    return Entry(
        row.number, row.hash, row.source, row.id, row.recorded_at, row.known_at, row.accepted, (), 0, empty
    )  # fmt: skip


def _refused_rows(batch: Batch, checked: Checked, now: int) -> list[dict[str, object]]:
    """Return the refused rows of a batch as they are kept aside."""
    places = np.flatnonzero(checked.verdict != ACCEPTED)[:ASIDE_ROWS]
    _, ts, value, quality = checked.columns
    return [
        {
            "at": now,
            "source": batch.source,
            "id": batch.id,
            "reason": REASONS[checked.verdict[i]],
            "meter": str(batch.meter[i]),
            "ts": int(ts[i]),
            "value": int(value[i]),
            "quality": int(quality[i]),
        }
        for i in places.tolist()
    ]
