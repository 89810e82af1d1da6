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
from tanlu.monitor.checking import ACCEPTED, REASONS, Found, check_each, columns_of, repeats
from tanlu.monitor.compaction import split_days
from tanlu.monitor.journal import Entry, Journal
from tanlu.monitor.reading_days import Waiting
from tanlu.monitor.readings_files import Rows
from tanlu.monitor.registry import Registry

ASIDE_ROWS: Final = 1000
"""Refused rows of one batch that are kept aside; the receipt counts all."""
_ASKED: Final = 500
"""Hashes that are looked up at once."""


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
        parts = [columns_of(batch, registry) for batch in batches]
        checks = check_each(parts, registry.columns(), now // 1_000_000)
        digests = [
            hash_of(batch.source, batch.id, batch.known_at, found.columns)
            for batch, found in zip(batches, checks, strict=True)
        ]
        before = self._known(digests)
        fresh: dict[bytes, Entry] = {}
        receipts = []
        number, last = self._number, self.last_known_at
        for batch, found, digest in zip(batches, checks, digests, strict=True):
            known = before.get(digest)
            if known is None and digest in fresh:
                known = _receipt(fresh[digest], duplicate=True)
            if known is None and not len(found.columns[0]):
                known = Receipt(0, digest.hex(), max(now, last + 1), found.rows, 0, found.refused)
            if known is None:
                number += 1
                recorded = max(now, last + 1)
                known_at = recorded if batch.known_at is None else batch.known_at
                last = max(recorded, known_at + found.most_repeated)
                # copies: the sender may use its arrays again; those of several batches were joined before
                columns = tuple(c.copy() for c in found.columns) if len(batches) == 1 else found.columns
                entry = Entry(
                    number, digest, batch.source, batch.id, recorded, known_at, found.rows, tuple(found.refused.items()),
                    found.repeated, columns,
                )  # fmt: skip
                fresh[digest] = entry
                known = _receipt(entry, duplicate=False)
            receipts.append(known)
        for batch, found, receipt in zip(batches, checks, receipts, strict=True):
            if found.refused and not receipt.duplicate:
                self._aside.put(_refused_rows(batch, found, now))
        if fresh:
            self._journal.append(list(fresh.values()))
            self._number, self.last_known_at = number, last
            self.pending += fresh.values()
            self._by_hash |= fresh
        return receipts

    def _known(self, digests: Sequence[bytes]) -> dict[bytes, Receipt]:
        """Return the receipts of those batches that were taken before."""
        found = {d: _receipt(self._by_hash[d], duplicate=True) for d in digests if d in self._by_hash}
        if self._lookup is None:
            # one connection for all questions: opening one costs more than asking
            self._lookup = sqlite3.connect(self._catalog.path, isolation_level=None, check_same_thread=False)
        asked = [d for d in digests if d not in found]
        for at in range(0, len(asked), _ASKED):
            some = asked[at : at + _ASKED]
            query = f"SELECT * FROM batches WHERE hash IN ({','.join('?' * len(some))})"
            for row in self._lookup.execute(query, some):
                batch = BatchRow(*row)
                found[batch.hash] = Receipt(
                    batch.number, batch.hash.hex(), batch.known_at, batch.rows, batch.accepted, duplicate=True
                )
        return found

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

    def waiting(self) -> Waiting:
        """Return the rows of pending batches by day; of a reader, those that stand in the journal of the writer."""
        entries = self.pending or [e for s in self._journal.read() for e in s.entries]
        return Waiting(dict(split_days(rows_of(entries))) if entries else {})

    @staticmethod
    def batch_row(entry: Entry) -> BatchRow:
        """Return what the catalogue lists of a batch."""
        return BatchRow(
            entry.number, entry.hash, entry.source, entry.id, entry.recorded_at, entry.known_at, entry.rows, len(entry)
        )

    def forget(self, entries: Sequence[Entry]) -> None:
        """Leave the first of the pending batches to the catalogue, which lists them."""
        self.pending = self.pending[len(entries) :]
        self._by_hash = {entry.hash: entry for entry in self.pending}

    def close(self) -> None:
        """Close the connection of look-ups."""
        if self._lookup is not None:
            self._lookup.close()
            self._lookup = None


def rows_of(entries: Sequence[Entry]) -> Rows:
    """Return the rows of batches with their moments of knowledge and the numbers of the batches."""
    if not entries:
        return Rows.join([])
    meter, ts, value, quality = (np.concatenate(columns) for columns in zip(*(e.columns for e in entries), strict=True))
    lengths = [len(entry) for entry in entries]
    known_at = np.repeat(np.array([entry.known_at for entry in entries], np.int64), lengths)
    number = np.repeat(np.array([entry.number for entry in entries], np.int32), lengths)
    for entry, end in zip(entries, np.cumsum(lengths).tolist(), strict=True):
        if entry.repeated:
            known_at[end - len(entry) : end] += repeats(*entry.columns[:2])
    return Rows(meter, ts, value, quality, known_at, number)


def _receipt(entry: Entry, *, duplicate: bool) -> Receipt:
    return Receipt(
        entry.number, entry.hash.hex(), entry.known_at, entry.rows, len(entry), dict(entry.refused), entry.repeated,
        duplicate,
    )  # fmt: skip


def _refused_rows(batch: Batch, found: Found, now: int) -> list[dict[str, object]]:
    """Return the refused rows of a batch as they are kept aside."""
    places = np.flatnonzero(found.verdict != ACCEPTED)[:ASIDE_ROWS]
    qualities = np.zeros(found.rows, np.int8) if batch.quality is None else batch.quality
    return [
        {
            "at": now,
            "source": batch.source,
            "id": batch.id,
            "reason": REASONS[found.verdict[i]],
            "meter": str(batch.meter[i]),
            "ts": int(batch.ts[i]),
            "value": int(batch.value[i]),
            "quality": int(qualities[i]),
        }
        for i in places.tolist()
    ]
