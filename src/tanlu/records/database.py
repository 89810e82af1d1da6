"""The database: SQLite by default, PostgreSQL by URL, and one way to write.

`Database.change` is the only way to write a row of `tanlu.records.base.Base`: the rows, the audit entry and the leaf of the log are one
transaction. It locks the head of the log first, on both databases, so that writers come one after the other: a guard that was true when it
was read is still true when the change is written, and the sequence has no gaps.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from tanlu.core.errors import Problem
from tanlu.records.appending import Appender
from tanlu.records.changes import Batch, Change, GuardedSession, begin_writing, let_work
from tanlu.records.entries import HEAD, LogEntry, LogHead
from tanlu.records.log.tree import Frontier
from tanlu.records.refusals import ConflictError, RefusedError, WriteOutsideChangeError
from tanlu.records.requests import attendance
from tanlu.records.schema import outdated, upgrade
from tanlu.records.steady_clock import SteadyClock
from tanlu.records.turns import Turns

ROOMS: Final = ("tanlu.records",)
BUSY_SECONDS: Final = 30
_WAIT_SECONDS: Final = 0.02
SYNCHRONOUS: Final = "FULL"
"""SQLite waits for the disk at every commit, so that a loss of power loses no acknowledged change."""
_WRITES: Final = "tanlu_writes"
_UPGRADE_LOCK: Final = 0x74616E6C75
"""Advisory lock of PostgreSQL ("tanlu") while the schema is made."""


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


class Database:
    """An open database; safe to share among threads.

    Parameters
    ----------
    engine : Engine
        Use `open`.
    clock : callable
        Source of the time of entries.
    """

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = now) -> None:
        self._engine = engine
        options: dict[str, Any] = {_WRITES: True}
        if _is_postgresql(engine):
            # each statement sees what was committed before it, so that what follows the lock sees the last writer's rows
            options["isolation_level"] = "READ COMMITTED"
        self._writer = engine.execution_options(**options)
        seen = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if _is_postgresql(engine) else {}
        self._reader = engine.execution_options(**seen)
        self.clock = clock
        self._writers: set[int] = set()
        self._turns = Turns()
        self._appender = Appender(self)

    @classmethod
    def open(
        cls, url: str, *, rooms: Sequence[str] = ROOMS, origin: str = "", clock: Callable[[], datetime] = now
    ) -> Database:
        """Open a database, making or upgrading its schema.

        Parameters
        ----------
        url : str
            ``sqlite:////path/records.db`` or ``postgresql+psycopg://user@host/name``.
        rooms : sequence of str
            Packages with mapped classes and migrations, lowest floor first.
        origin : str
            Name of the log of a new database.
        clock : callable
            Source of the time; that of the machine is not followed back behind the last entry of the log.

        Raises
        ------
        NewerSchemaError
            If the schema is newer than the program.
        RefusedError
            If the URL is of another kind, or the database cannot be reached.
        """
        for room in rooms:
            import_module(room)
        engine = _engine(url)
        try:
            with engine.connect():
                pass
        except DBAPIError as error:
            engine.dispose()
            raise RefusedError(_unreachable(engine.url, error)) from None
        database = cls(engine, clock)
        try:
            database._prepare(rooms, origin)
            if clock is now:
                database.clock = SteadyClock(now, database.last_time())
        except (RefusedError, DBAPIError):
            engine.dispose()
            raise
        return database

    @classmethod
    def open_copy(cls, path: Path, *, rooms: Sequence[str] = ROOMS) -> Database:
        """Open a SQLite file for reading only; see `open_as_it_is`."""
        return cls.open_as_it_is(f"sqlite:///file:{path.absolute()}?mode=ro&uri=true", rooms=rooms)

    @classmethod
    def open_as_it_is(cls, url: str, *, rooms: Sequence[str] = ROOMS) -> Database:
        """Open a database without upgrading it, for verification.

        Raises
        ------
        NewerSchemaError
            If the schema is newer than the program.
        RefusedError
            If it is older (its tables are not those of the program), or cannot be reached.
        """
        for room in rooms:
            import_module(room)
        engine = _engine(url)
        try:
            with engine.connect() as connection:
                older = outdated(connection, rooms)
        except DBAPIError as error:
            engine.dispose()
            raise RefusedError(_unreachable(engine.url, error)) from None
        if older:
            engine.dispose()
            raise RefusedError(Problem("schema_older", str(engine.url.database), value=", ".join(older)))
        return cls(engine)

    def _prepare(self, rooms: Sequence[str], origin: str) -> None:
        with self._engine.connect() as connection:
            if not outdated(connection, rooms):
                return
        with self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            # another process may have done it meanwhile
            for room in outdated(connection, rooms):
                upgrade(connection, room)
            if connection.execute(select(LogHead.size)).scalar_one_or_none() is None:
                first = {"id": HEAD, "origin": origin, "size": 0, "frontier": b""}
                connection.execute(insert(LogHead).values(first))

    @property
    def url(self) -> URL:
        """Address of the database."""
        return self._engine.url

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the database and cannot write."""
        with GuardedSession(self._reader, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def working(self) -> Iterator[Session]:
        """Give a session that may write rows of `Working` only; it commits at the end of the block."""
        with (
            self._alone(),
            self._errors(),
            GuardedSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            let_work(session)
            yield session

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Give a transaction for several changes, each with its entry: all are committed at the end of the block, or none.

        Raises
        ------
        ConflictError
            If the database stays busy, or another change makes this one impossible; see also `tanlu.records.requests.Attendance.begin`.
        """
        with (
            self._alone(),
            self._errors(),
            GuardedSession(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            batch = begin_writing(session, self.clock)
            request = attendance()
            if request is not None:
                with batch.beside():
                    request.begin(session, self.clock())
            yield batch
            if request is not None:
                request.end(session, batch.entries())
            batch.finish()

    @contextmanager
    def change(
        self, actor: str, action: str, subject: str, *, reason: str = "", details: Mapping[str, Any] | None = None
    ) -> Iterator[Change]:
        """Give a change: what its session writes, the audit entry and the leaf of the log are one transaction.

        Parameters
        ----------
        actor : str
            Id of the person, or ``system``.
        action : str
            ``room.verb``, for example ``evidence.add``.
        subject : str
            ``kind:id`` of the record.
        reason : str
            Why; no names of people.
        details : mapping, optional
            Plain data of the entry; no personal data, no floats.

        Raises
        ------
        ConflictError
            If the database stays busy, or another change makes this one impossible.
        """
        with self.batch() as batch, batch.change(actor, action, subject, reason=reason, details=details) as change:
            yield change

    def append(
        self, actor: str, action: str, subject: str, *, reason: str = "", details: Mapping[str, Any] | None = None
    ) -> int:
        """Append an entry that changes no row, and return its place in the log once it is on the disk.

        Entries of several threads that wait together are written in one transaction; if it cannot be committed, each of them is told.

        Raises
        ------
        ConflictError
            If the database stays busy.
        WriteOutsideChangeError
            If it is called within a change.
        """
        if threading.get_ident() in self._writers:
            raise WriteOutsideChangeError("an entry is appended within a change; use its details or Database.batch")
        if attendance() is not None:
            # what a request asks of its change belongs to this entry alone
            with self.change(actor, action, subject, reason=reason, details=details) as change:
                return change.sequence
        return self._appender.append(actor, action, subject, reason, details or {})

    def size(self) -> int:
        """Return how many entries the log has."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(LogHead.size)).scalar_one())

    def last_time(self) -> datetime | None:
        """Return the time of the last entry of the log, None if it has none."""
        statement = select(LogEntry.at).order_by(LogEntry.sequence.desc()).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def origin(self) -> str:
        """Return the name of the log."""
        with self._engine.connect() as connection:
            return str(connection.execute(select(LogHead.origin)).scalar_one())

    def frontier(self) -> Frontier:
        """Return size and frontier of the log."""
        with self._engine.connect() as connection:
            return head_of(connection)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give a connection for reading whole tables; what is written through it is never committed."""
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if self.dialect == "postgresql" else {}
        with self._engine.connect().execution_options(**options) as connection:
            yield connection
            connection.rollback()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Refuse a second transaction that writes within one of the same thread: it would wait for itself."""
        thread = threading.get_ident()
        if thread in self._writers:
            raise WriteOutsideChangeError("a change is made within another one; use Database.batch for several")
        self._writers.add(thread)
        taken = False
        try:
            taken = self._turns.take(BUSY_SECONDS)
            if not taken:
                raise _busy(self.url)
            yield
        finally:
            # the block may end in another thread than it began in
            self._writers.discard(thread)
            if taken:
                self._turns.give()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what the database says about other writers into a `ConflictError`."""
        try:
            yield
        except DBAPIError as error:
            raise _as_refusal(error, self.url) from error


def _is_postgresql(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def head_of(connection: Connection) -> Frontier:
    """Return size and frontier of the log, as the transaction of a connection sees them."""
    size, packed = connection.execute(select(LogHead.size, LogHead.frontier)).one()
    return Frontier.from_bytes(size, packed)


def _as_refusal(error: DBAPIError, url: URL) -> Exception:
    state = getattr(error.orig, "sqlstate", None) or ""
    message = str(error.orig)
    busy = "database is locked" in message or state in {"40001", "40P01", "55P03"}
    if busy:
        return _busy(url)
    if state == "23505" or "UNIQUE constraint failed" in message or "PRIMARY KEY" in message:
        return ConflictError(Problem("records_twice", str(url.database), value=message.splitlines()[0]))
    return error


def _busy(url: URL) -> ConflictError:
    return ConflictError(Problem("records_busy", str(url.database), details={"seconds": BUSY_SECONDS}))


def _unreachable(url: URL, error: DBAPIError) -> Problem:
    return Problem("no_database", url.render_as_string(), details={"reason": str(error.orig).strip().splitlines()[0]})


def _engine(address: str) -> Engine:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        raise RefusedError(Problem("database_url", "", value=address)) from None
    if backend not in {"sqlite", "postgresql"}:
        raise RefusedError(Problem("database_url", "", value=url.render_as_string()))
    try:
        engine = create_engine(url, pool_pre_ping=backend == "postgresql")
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise RefusedError(Problem("no_driver", "", value=url.drivername, details={"reason": str(error)})) from None
    if backend == "postgresql":
        event.listen(engine, "connect", _set_up_postgresql)
    else:
        event.listen(engine, "connect", _set_up_copy if url.query.get("mode") == "ro" else _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    # SQLAlchemy begins transactions itself (below), so that reading takes part in them and writing takes its lock at once
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    _write_ahead(connection)
    for pragma in (
        "foreign_keys=ON",
        f"synchronous={SYNCHRONOUS}",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a file to its write-ahead log; SQLite does not wait for other connections here, whatever ``busy_timeout`` says."""
    last = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > last:
                raise
        sleep(_WAIT_SECONDS)


def _set_up_postgresql(connection: Any, record: ConnectionPoolEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    connection.commit()


def _set_up_copy(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
