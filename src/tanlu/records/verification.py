"""Verification: is the record still what was recorded?

Everything is computed again: each leaf from event and salt, the root from the leaves, the tiles from the leaves, the digest of each row
from the row, the hash of each evidence file from the file. A fault names the first record that is wrong. It needs no private key, and so
works on a copy of the folder; without a database it checks the published log alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, inspect, select
from sqlalchemy.exc import MultipleResultsFound, NoResultFound

from tanlu.core.collector import collector_paused
from tanlu.core.messages import translate
from tanlu.records.database import Database, head_of
from tanlu.records.entries import ERASE, LogEntry
from tanlu.records.evidence import EvidenceFile, EvidenceStore
from tanlu.records.log.notes import Checkpoint, NoteError, VerifierKey, open_checkpoint, require_quorum
from tanlu.records.log.tiles import CHECKPOINT, TileError, Tiles
from tanlu.records.log.tree import leaf_hash, root_of
from tanlu.records.seals import key_text, read_rows, row_digest, sealed_tables

MOST_FAULTS: Final = 100
CHUNK: Final = 5_000
LARGEST_GAP: Final = 1_000_000
"""Missing entries that are walked through; a place beyond is not one of this log."""
UNREADABLE: Final = (ValueError, TypeError, AttributeError, OverflowError)
"""What reading a value raises that no program of ours has written; SQLite keeps any value in any column."""
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was recorded.

    Parameters
    ----------
    kind : str
        ``entry_changed``, ``row_missing`` and so on; the catalogue holds ``records.fault.<kind>``.
    record : str
        Which record: ``entry 12``, ``organisation 1f…``, ``tile/0/000``.
    detail : str
    """

    kind: str
    record: str
    detail: str = ""

    def text(self, language: str) -> str:
        """Return the fault as one line."""
        return f"{self.record}: " + translate(f"records.fault.{self.kind}", language, detail=self.detail)


@dataclass(slots=True)
class Report:
    """What verification found.

    Parameters
    ----------
    entries : int
        Entries in the database, or in the published log without one.
    root : str
        Root of the entries in hexadecimal.
    checkpoint : int or None
        Size of the last checkpoint.
    rows, files : int
        Rows and evidence files that were checked.
    erased : int
        Entries whose content was erased by an entry that says so.
    cosigned_by : list of str
        Witnesses of the last checkpoint.
    faults : list of Fault
        At most `MOST_FAULTS`.
    """

    entries: int = 0
    root: str = ""
    checkpoint: int | None = None
    rows: int = 0
    files: int = 0
    erased: int = 0
    cosigned_by: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was changed."""
        return not self.faults

    def add(self, kind: str, record: str, detail: str = "") -> None:
        """Note a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(kind, record, detail))

    def as_record(self, language: str) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "sound": self.sound,
            "entries": self.entries,
            "root": self.root,
            "checkpoint": self.checkpoint,
            "uncovered": self.entries - (self.checkpoint or 0),
            "rows": self.rows,
            "files": self.files,
            "erased": self.erased,
            "cosigned_by": self.cosigned_by,
            "first_bad_record": self.faults[0].record if self.faults else None,
            "faults": [
                {"kind": f.kind, "record": f.record, "detail": f.detail, "text": f.text(language)} for f in self.faults
            ],
        }


def _silent(step: str, count: int) -> None:
    """Stand for a progress bar."""


def verify(
    log: Path,
    key: VerifierKey | None,
    database: Database | None = None,
    evidence: EvidenceStore | None = None,
    witnesses: Sequence[VerifierKey] = (),
    quorum: int = 0,
    progress: Progress = _silent,
) -> Report:
    """Check log, database and evidence against each other.

    Parameters
    ----------
    log : Path
        Folder of the published log.
    key : VerifierKey or None
        Key of the log, from somebody that is trusted; None if nothing was published yet.
    database, evidence : optional
        What is not given is not checked.
    witnesses, quorum
        How many of whom must have cosigned the checkpoint.
    progress : callable
        Told the step and how much of it is done.
    """
    report = Report()
    published = _check_published(log, key, witnesses, quorum, report)
    if database is None:
        report.entries = len(published)
        report.root = root_of([leaf_hash(c) for c in published]).hex()
        return report
    with database.connection() as connection:
        commitments, seals = _check_entries(connection, report, progress)
        _compare(commitments, published, report)
        _check_rows(connection, seals, report, progress)
        if evidence is not None:
            _check_files(connection, evidence, report, progress)
    return report


def _check_published(
    log: Path, key: VerifierKey | None, witnesses: Sequence[VerifierKey], quorum: int, report: Report
) -> list[bytes]:
    """Check checkpoint and tiles, and return the commitments that they cover."""
    path = log / CHECKPOINT
    if not path.is_file():
        if key is not None and (log / "tile").is_dir():
            report.add("checkpoint_missing", CHECKPOINT)
        return []
    checkpoint: Checkpoint
    try:
        written = path.read_text(encoding="utf-8")
        if key is None:
            raise NoteError("no verifier key")
        checkpoint, note = open_checkpoint(written, key)
        report.cosigned_by = require_quorum(note, witnesses, quorum)
    except (NoteError, UnicodeDecodeError) as error:
        report.add("checkpoint_wrong", CHECKPOINT, str(error))
        return []
    report.checkpoint = checkpoint.size
    tiles = Tiles(log)
    try:
        published = tiles.check(checkpoint.size)
    except TileError as error:
        report.add("tile_wrong", error.tile, error.reason)
        return []
    if tiles.root(checkpoint.size) != checkpoint.root:
        report.add("root_differs", CHECKPOINT, checkpoint.root.hex())
    return published


Seals = dict[tuple[str, str], tuple[str | None, int]]


def _check_entries(connection: Connection, report: Report, progress: Progress) -> tuple[list[bytes], Seals]:
    """Compute every leaf again; return the commitments, and the last seal of every row with its entry."""
    trail = _Trail(report)
    with collector_paused():
        for rows in _chunks(connection, trail):
            trail.take(rows)
            progress("entries", len(trail.commitments))
    for sequence in sorted(trail.emptied - trail.named):
        report.add("entry_emptied", f"entry {sequence}")
    report.erased = len(trail.emptied & trail.named)
    report.entries = len(trail.commitments)
    root = root_of([leaf_hash(c) for c in trail.commitments])
    report.root = root.hex()
    try:
        head = head_of(connection)
        same = (head.size, head.root()) == (len(trail.commitments), root)
        told = f"{head.size} {head.root().hex()}"
    except (NoResultFound, MultipleResultsFound, *UNREADABLE) as error:
        same, told = False, type(error).__name__
    if not same:
        report.add("head_differs", "log_head", told)
    return trail.commitments, trail.seals


def _chunks(connection: Connection, trail: _Trail) -> Iterator[list[Any]]:
    """Yield the entries in order; where a value cannot even be read, one by one, so that the entry is named."""
    table = LogEntry.__table__
    statement = select(table).order_by(LogEntry.sequence)
    try:
        for rows in connection.execute(statement.execution_options(yield_per=CHUNK)).partitions(CHUNK):
            yield [tuple(row) for row in rows]
        return
    except UNREADABLE:
        pass
    after = select(LogEntry.sequence).where(LogEntry.sequence >= len(trail.commitments)).order_by(LogEntry.sequence)
    for sequence in connection.execute(after).scalars().all():
        try:
            row = tuple(connection.execute(statement.where(LogEntry.sequence == sequence)).one())
        except UNREADABLE:
            row = (sequence, None, "", "", "", "", b"", bytes(32))
        yield [row]


class _Trail:
    """What is gathered on the way through the entries."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.commitments: list[bytes] = []
        self.seals: Seals = {}
        self.emptied: set[int] = set()
        self.named: set[int] = set()

    def take(self, rows: list[Any]) -> None:
        """Check entries that follow those before: (sequence, at, actor, action, subject, event, salt, commitment)."""
        kept = []
        for row in rows:
            sequence, event, salt, committed = row[0], row[5], row[6], row[7]
            if not len(self.commitments) <= sequence <= len(self.commitments) + LARGEST_GAP:
                self.report.add("entry_misplaced", f"entry {sequence}")
                continue
            while len(self.commitments) < sequence:
                self.report.add("entry_missing", f"entry {len(self.commitments)}")
                self.commitments.append(bytes(32))
            self.commitments.append(committed if isinstance(committed, bytes) else bytes(32))
            if event is None or salt is None:
                self.emptied.add(sequence)
            elif _fits(event, salt, committed):
                kept.append(row)
            else:
                self.report.add("entry_changed", f"entry {sequence}")
        for row, event in zip(kept, _decoded([row[5] for row in kept]), strict=True):
            self._compare(row, event)

    def _compare(self, row: Any, event: Any) -> None:
        """Compare the columns of an entry with its content, and note the seals."""
        sequence, at, *told = row[:5]
        try:
            same = told == [event["actor"], event["action"], event["subject"]] and sequence == event["sequence"]
            if not same or at != datetime.fromisoformat(event["at"]):
                self.report.add("entry_columns", f"entry {sequence}")
            if event["action"] == ERASE:
                # an entry erases what was there before it, never what comes after
                self.named.update(entry for entry in event["details"]["entries"] if entry < sequence)
            for table, key, digest in event["rows"]:
                self.seals[table, key] = (digest, sequence)
        except (TypeError, KeyError, ValueError):
            # whoever wrote this entry was not this program
            self.report.add("entry_changed", f"entry {sequence}")


def _fits(event: Any, salt: Any, committed: Any) -> bool:
    # SQLite keeps values of any kind in any column
    try:
        return bool(sha256(salt + event.encode()).digest() == committed)
    except (TypeError, AttributeError, UnicodeEncodeError):
        return False


def _decoded(events: list[str]) -> list[Any]:
    """Return events as data, all at once where that gives as many as there are; what is no JSON gives None."""
    try:
        found = json.loads(f"[{','.join(events)}]")
        if len(found) == len(events):
            return list(found)
    except ValueError:
        pass
    return [_one(event) for event in events]


def _one(event: str) -> Any:
    try:
        return json.loads(event)
    except ValueError:
        return None


def _compare(commitments: list[bytes], published: list[bytes], report: Report) -> None:
    """Compare the database with what was published."""
    if len(commitments) < len(published):
        report.add("entry_missing", f"entry {len(commitments)}", f"checkpoint {len(published)}")
    for sequence, (ours, theirs) in enumerate(zip(commitments, published, strict=False)):
        if ours != theirs:
            report.add("leaf_differs", f"entry {sequence}")


def _check_rows(connection: Connection, seals: Seals, report: Report, progress: Progress) -> None:
    """Compare every row with its last seal."""
    left = dict(seals)
    known = {table.name for table in sealed_tables()}
    present = set(inspect(connection).get_table_names())
    for name in sorted({name for name, _ in left} & present - known):
        report.add("table_unknown", name)
        left = {seal: told for seal, told in left.items() if seal[0] != name}
    for table in (t for t in sealed_tables() if t.name in present):
        progress(table.name, report.rows)
        for key, found in _row_digests(connection, table):
            report.rows += 1
            digest, sequence = left.pop((table.name, key), (None, -1))
            if digest is None:
                report.add("row_unlogged", f"{table.name} {key}", "" if sequence < 0 else f"entry {sequence}")
            elif found != digest:
                report.add("row_changed", f"{table.name} {key}", f"entry {sequence}")
    for (name, key), (digest, sequence) in left.items():
        if digest is not None:
            report.add("row_missing", f"{name} {key}", f"entry {sequence}")


def _row_digests(connection: Connection, table: Table) -> Iterator[tuple[str, str | None]]:
    """Yield key and digest of every row; None for a row with a value that cannot even be read."""
    keys = list(table.primary_key)
    try:
        rows = connection.execute(select(table)).all()
    except UNREADABLE:
        for key in connection.execute(select(*keys)).all():
            name = key_text(key)
            try:
                (row,) = read_rows(connection, table, [tuple(key)])
                yield name, _digest(table, row)
            except UNREADABLE:
                yield name, None
        return
    for row in rows:
        yield key_text(row._mapping[column.name] for column in keys), _digest(table, row)


def _digest(table: Table, row: Row[Any]) -> str | None:
    try:
        return row_digest(table, row._mapping)
    except (TypeError, ValueError, AttributeError):
        return None


def _check_files(connection: Connection, evidence: EvidenceStore, report: Report, progress: Progress) -> None:
    """Compute the hash of every evidence file again."""
    for digest, size in connection.execute(
        select(EvidenceFile.sha256, EvidenceFile.size).order_by(EvidenceFile.sha256)
    ):
        report.files += 1
        progress("evidence", report.files)
        fault = evidence.fault(digest, size)
        if fault is not None:
            report.add(f"file_{fault}", f"evidence {digest}")
