"""The catalogue of a ledger: SQLite in write-ahead mode. What it lists is true; any other file in the folder is debris.

Every change is one transaction; connections are opened where they are needed, so that a catalogue can be used by several threads.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from tanlu.core.collector import collector_paused
from tanlu.core.errors import DataError, Problem
from tanlu.monitor.registry import Meter, Registry, Unit
from tanlu.monitor.schema import MeterKind, UnitKind

Record = TypeVar("Record")
FORMAT: Final = 1
UNFINISHED: Final = "catalog.db.new"
"""Name of a catalogue that is being made."""
_WAIT_S: Final = 30.0
_TABLES: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE names (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE units (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE meters (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE unit_versions (number INTEGER, recorded_at INTEGER, row TEXT NOT NULL, PRIMARY KEY (number, recorded_at)) WITHOUT ROWID;
CREATE TABLE meter_versions (number INTEGER, recorded_at INTEGER, row TEXT NOT NULL, PRIMARY KEY (number, recorded_at)) WITHOUT ROWID;
CREATE TABLE batches (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, source TEXT NOT NULL, id TEXT NOT NULL,
    recorded_at INTEGER NOT NULL, known_at INTEGER NOT NULL, rows INTEGER NOT NULL, accepted INTEGER NOT NULL);
CREATE TABLE refused (batch INTEGER, reason TEXT, rows INTEGER NOT NULL, PRIMARY KEY (batch, reason)) WITHOUT ROWID;
CREATE TABLE files (name TEXT PRIMARY KEY, day INTEGER NOT NULL, role TEXT NOT NULL, rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, known_from INTEGER NOT NULL, known_to INTEGER NOT NULL, last_ts INTEGER NOT NULL,
    meter_from INTEGER NOT NULL, meter_to INTEGER NOT NULL,
    batch_from INTEGER NOT NULL, batch_to INTEGER NOT NULL, plain INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX files_by_day ON files (day);
CREATE TABLE gone (name TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dirty (mark INTEGER PRIMARY KEY AUTOINCREMENT, day INTEGER NOT NULL, meters BLOB NOT NULL);
CREATE INDEX dirty_by_day ON dirty (day);
CREATE TABLE fact_files (kind TEXT, day INTEGER, name TEXT NOT NULL UNIQUE, generation INTEGER NOT NULL, rows INTEGER NOT NULL,
    sha256 TEXT NOT NULL, PRIMARY KEY (kind, day)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of readings of one day.

    ``role`` is ``current`` (after compaction: what counts), ``history`` (what counted earlier) or ``arrival`` (as it came). ``plain``
    says that no key stands in it twice. ``known_from`` and ``known_to`` [µs] span the moments of its rows, ``meter_from`` and
    ``meter_to`` the numbers of its meters, ``batch_from`` and ``batch_to`` those of its batches; ``last_ts`` is the latest stamp.
    """

    name: str
    day: int
    role: str
    rows: int
    bytes: int
    sha256: str
    known_from: int
    known_to: int
    last_ts: int
    meter_from: int
    meter_to: int
    batch_from: int
    batch_to: int
    plain: bool


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as the catalogue keeps it; moments in µs since 1970 UTC."""

    number: int
    hash: bytes
    source: str
    id: str
    recorded_at: int
    known_at: int
    rows: int
    accepted: int


_BATCH_FIELDS: Final = attrgetter(*BatchRow.__slots__)


@dataclass(frozen=True, slots=True)
class FactFile:
    """A file of facts of one day: kind (name of its table), day, path relative to the ledger, rows, SHA-256, and its generation."""

    kind: str
    day: int
    name: str
    rows: int
    sha256: str
    generation: int = 0


class Catalog:
    """The catalogue of one ledger.

    Parameters
    ----------
    path : Path
        File of the database.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path, province: str, units: Iterable[Unit], now: int) -> Catalog:
        """Make a catalogue with the regions of a province as its first units."""
        fresh = path.with_name(UNFINISHED)
        for left in path.parent.glob(f"{UNFINISHED}*"):
            left.unlink()
        with closing(sqlite3.connect(fresh, isolation_level=None)) as base:
            base.executescript("BEGIN;" + _TABLES)
            base.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [("format", FORMAT), ("created", now), ("last_known_at", 0), ("next_file", 1), ("generation", 0)],
            )
            base.execute("INSERT INTO names VALUES ('province', ?)", (province,))
            _write_units(base, units, now)
            base.execute("COMMIT")
            base.execute("PRAGMA journal_mode=WAL")
        fresh.replace(path)
        return cls(path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection with one consistent view.

        Raises
        ------
        DataError
            If the catalogue is missing or damaged.
        """
        if not self.path.is_file():
            raise DataError([Problem("ledger_missing", str(self.path.parent), value=str(self.path.parent))])
        try:
            with closing(sqlite3.connect(self.path, isolation_level=None, timeout=_WAIT_S)) as base:
                base.execute("PRAGMA synchronous=FULL")
                base.execute("BEGIN")
                yield base
                if base.in_transaction:
                    base.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise self._refused(error) from None
        except sqlite3.DatabaseError as error:
            raise DataError([Problem("ledger_catalog_damaged", str(self.path), value=str(error))]) from None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection in a transaction that is durable when the block ends without an error, and undone otherwise."""
        with self.reading() as base:
            base.execute("ROLLBACK")
            base.execute("BEGIN IMMEDIATE")
            yield base
            base.execute("COMMIT")

    def _refused(self, error: sqlite3.OperationalError) -> DataError:
        full = getattr(error, "sqlite_errorcode", 0) in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
        code = "ledger_disk" if full else "ledger_catalog_busy"
        return DataError([Problem(code, str(self.path), value=str(error))])

    def allocate(self, count: int) -> int:
        """Reserve numbers for file names and return the first; a crash may leave a gap, never a name that is used twice."""
        with self.writing() as base:
            first = get(base, "next_file")
            put(base, "next_file", first + count)
        return first

    def meta(self, key: str) -> int:
        """Return a number of the catalogue: format, created, registered, last_known_at, next_file, generation."""
        with self.reading() as base:
            return get(base, key)

    @property
    def province(self) -> str:
        """Id of the province."""
        with self.reading() as base:
            return str(base.execute("SELECT value FROM names WHERE key = 'province'").fetchone()[0])

    def registry(self, known_at: int | None = None) -> Registry:
        """Return the registry as it was recorded at a moment [µs]; the latest where nothing is said."""
        latest = 2**62 if known_at is None else known_at
        query = (
            "SELECT t.number, t.id, v.row FROM {0}s t JOIN {0}_versions v ON v.number = t.number WHERE v.recorded_at ="
            " (SELECT max(recorded_at) FROM {0}_versions w WHERE w.number = t.number AND w.recorded_at <= ?) ORDER BY t.number"
        )
        with self.reading() as base, collector_paused():
            units = _records(base.execute(query.format("unit"), (latest,)), _unit)
            meters = _records(base.execute(query.format("meter"), (latest,)), _meter)
        return Registry(units, meters)

    def files(self, day_from: int, day_to: int) -> list[DataFile]:
        """Return the files of readings of days from first to last, by day and name."""
        with self.reading() as base:
            return files_of(base, day_from, day_to)

    def totals(self) -> dict[str, int]:
        """Return the numbers of batches, rows, files, bytes and dirty meter-days."""
        with self.reading() as base:
            (batches,) = base.execute("SELECT count(*) FROM batches").fetchone()
            rows, files, size = base.execute(
                "SELECT coalesce(sum(rows), 0), count(*), coalesce(sum(bytes), 0) FROM files"
            ).fetchone()
            (dirty,) = base.execute("SELECT coalesce(sum(length(meters)) / 4, 0) FROM dirty").fetchone()
        return {"batches": batches, "rows": rows, "files": files, "bytes": size, "dirty": dirty}

    def batch(self, digest: bytes) -> BatchRow | None:
        """Return the batch of a hash."""
        with self.reading() as base:
            row = base.execute("SELECT * FROM batches WHERE hash = ?", (digest,)).fetchone()
        return None if row is None else BatchRow(*row)

    def refused(self, number: int) -> dict[str, int]:
        """Return the number of refused rows of a batch by reason."""
        with self.reading() as base:
            return dict(base.execute("SELECT reason, rows FROM refused WHERE batch = ?", (number,)))

    def batches(self) -> list[BatchRow]:
        """Return all batches in the order of their numbers."""
        with self.reading() as base:
            return [BatchRow(*row) for row in base.execute("SELECT * FROM batches ORDER BY number")]

    def fact_files(self, kind: str, day_from: int, day_to: int) -> list[FactFile]:
        """Return the fact files of a kind that count, by day."""
        query = (
            "SELECT kind, day, name, rows, sha256, generation FROM fact_files"
            " WHERE kind = ? AND day BETWEEN ? AND ? ORDER BY day"
        )
        with self.reading() as base:
            return [FactFile(*row) for row in base.execute(query, (kind, day_from, day_to))]


def get(base: sqlite3.Connection, key: str) -> int:
    """Return a number of the catalogue; 0 where it was never set."""
    row = base.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return 0 if row is None else int(row[0])


def put(base: sqlite3.Connection, key: str, value: int) -> None:
    """Set a number of the catalogue."""
    base.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def files_of(base: sqlite3.Connection, day_from: int, day_to: int) -> list[DataFile]:
    """Return the files of readings of days from first to last, by day and name."""
    query = "SELECT * FROM files WHERE day BETWEEN ? AND ? ORDER BY day, name"
    return [_data_file(*row) for row in base.execute(query, (day_from, day_to))]


def _data_file(*cells: Any) -> DataFile:
    file = DataFile(*cells)
    # SQLite has no truth values
    return replace(file, plain=bool(file.plain))


def days_of(base: sqlite3.Connection) -> list[int]:
    """Return the days of which there are files of readings, by number."""
    return [day for (day,) in base.execute("SELECT DISTINCT day FROM files ORDER BY day")]


def add_files(base: sqlite3.Connection, files: Iterable[DataFile]) -> None:
    """List files; they must be durable on disk already."""
    rows = [tuple(getattr(f, name) for name in DataFile.__slots__) for f in files]
    base.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def drop_files(base: sqlite3.Connection, files: Iterable[DataFile]) -> None:
    """Take files off the list; they stay on disk for a while for those who are reading them."""
    names, since = [f.name for f in files], int(time.time())
    base.executemany("DELETE FROM files WHERE name = ?", [(name,) for name in names])
    base.executemany("INSERT INTO gone VALUES (?, ?)", [(name, since) for name in names])


def add_batches(base: sqlite3.Connection, batches: Iterable[tuple[BatchRow, Iterable[tuple[str, int]]]]) -> None:
    """List batches with what was refused of each."""
    told = list(batches)
    base.executemany("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_BATCH_FIELDS, (b for b, _ in told)))
    refused = ((batch.number, reason, rows) for batch, reasons in told for reason, rows in reasons)
    base.executemany("INSERT INTO refused VALUES (?, ?, ?)", refused)


def add_dirty(base: sqlite3.Connection, day: int, meters: np.ndarray) -> None:
    """Remember that readings of meters (numbers, ascending) of a day came or changed."""
    if len(meters):
        blob = distinct(meters).astype("<i4").tobytes()
        base.execute("INSERT INTO dirty (day, meters) VALUES (?, ?)", (day, blob))


def distinct(ascending: np.ndarray) -> np.ndarray:
    """Return the distinct numbers of an ascending array."""
    return ascending[np.concatenate(([True], ascending[1:] != ascending[:-1]))]


def write_registry(base: sqlite3.Connection, units: Sequence[Unit], meters: Sequence[Meter], now: int) -> None:
    """Write units and meters as versions recorded now; those without a number get the next one."""
    _write_units(base, units, now)
    _write(base, "meter", [(m.id, _row(m)) for m in meters], now)
    put(base, "registered", now)


def _write_units(base: sqlite3.Connection, units: Iterable[Unit], now: int) -> None:
    _write(base, "unit", [(u.id, _row(u)) for u in units], now)


def _write(base: sqlite3.Connection, table: str, rows: Sequence[tuple[str, str]], now: int) -> None:
    base.executemany(f"INSERT OR IGNORE INTO {table}s (id) VALUES (?)", [(name,) for name, _ in rows])
    base.executemany(
        f"INSERT INTO {table}_versions SELECT number, ?, ? FROM {table}s WHERE id = ?",
        [(now, row, name) for name, row in rows],
    )


def _row(record: Unit | Meter) -> str:
    """Return all fields but id and number; later versions of the program only add fields at the end."""
    cells = [getattr(record, name) for name in type(record).__slots__[2:]]
    return json.dumps([v.isoformat() if isinstance(v, date) else v for v in cells], ensure_ascii=False)


def _records(rows: Iterable[tuple[int, str, str]], record: Callable[[int, str, list[Any]], Record]) -> list[Record]:
    """Return the records of (number, id, row); all rows are parsed as one text, which costs much less."""
    found = list(rows)
    cells = json.loads(f"[{','.join(row for _, _, row in found)}]")
    return [record(number, name, own) for (number, name, _), own in zip(found, cells, strict=True)]


def _unit(number: int, name: str, cells: list[Any]) -> Unit:
    kind, *rest = cells
    return Unit(name, number, UnitKind(kind), *rest)


_CALIBRATED: Final = list(Meter.__slots__).index("calibrated_on") - 2


def _meter(number: int, name: str, cells: list[Any]) -> Meter:
    cells[2] = MeterKind(cells[2])
    day = cells[_CALIBRATED]
    cells[_CALIBRATED] = None if day is None else date.fromisoformat(day)
    return Meter(name, number, *cells)


def settle(base: sqlite3.Connection, marks: Iterable[int], files: Sequence[FactFile]) -> int:
    """List fact files in the place of those of the same kind and day, forget dirty marks, and return the new generation."""
    generation = get(base, "generation") + 1
    put(base, "generation", generation)
    base.executemany("DELETE FROM dirty WHERE mark = ?", [(mark,) for mark in marks])
    base.executemany(
        "INSERT OR REPLACE INTO fact_files VALUES (?, ?, ?, ?, ?, ?)",
        [(f.kind, f.day, f.name, generation, f.rows, f.sha256) for f in files],
    )
    return generation
