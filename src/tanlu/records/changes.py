"""A change: the rows it writes, its audit entry and its leaf of the log, in one transaction; and the guard that nothing else writes."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, event, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, object_session

from tanlu.core.errors import Problem
from tanlu.records.base import ROW_SALT_SIZE, Base, Root, Working
from tanlu.records.entries import ERASE, HEAD, Event, LogEntry, LogHead
from tanlu.records.log.receipts import SALT_SIZE, commitment
from tanlu.records.log.tree import Frontier, leaf_hash
from tanlu.records.refusals import RefusedError, WriteOutsideChangeError
from tanlu.records.seals import Key, seal, sealed_tables

_CHANGE: Final = "tanlu_change"
_WORKING: Final = "tanlu_working"
_ENTRIES, _HEADS = cast(Table, LogEntry.__table__), cast(Table, LogHead.__table__)
# on the way of every change: to make them anew costs more than to execute them
_HEAD: Final = select(_HEADS.c.size, _HEADS.c.frontier).where(_HEADS.c.id == HEAD).with_for_update()
_NEW_ENTRY: Final = insert(_ENTRIES)
_NEW_HEAD: Final = (
    update(_HEADS).where(_HEADS.c.id == HEAD).values(size=bindparam("grown"), frontier=bindparam("folded"))
)


class Change:
    """One change that is being made.

    Parameters
    ----------
    session : Session
        What it adds, alters or deletes is part of the change.
    actor, action, subject, reason, details
        See `tanlu.records.database.Database.change`; ``details`` may be filled while the change is made.
    at : datetime
        Time of the change (UTC); rows use this one.
    sequence : int
        Its place in the log.
    """

    def __init__(
        self, session: Session, sequence: int, at: datetime, actor: str, action: str, subject: str, reason: str
    ) -> None:
        self.session = session
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.reason = reason
        self.details: dict[str, Any] = {}
        self._touched: dict[Table, set[Key]] = {}

    def touch(self, table: Table, key: Key) -> None:
        """Note that a row is part of the change."""
        self._touched.setdefault(table, set()).add(key)

    def event(self) -> Event:
        """Write what is pending and return the event with the seals of all touched rows."""
        self.session.flush()
        seals = seal(self.session.connection(), self._touched)
        return Event(self.sequence, self.at, self.actor, self.action, self.subject, self.reason, self.details, seals)


class Batch:
    """Changes that are committed together; see `tanlu.records.database.Database.batch`."""

    def __init__(self, session: Session, frontier: Frontier, clock: Callable[[], datetime]) -> None:
        self.session = session
        self._frontier = frontier
        self._clock = clock
        self._entries: list[dict[str, Any]] = []
        self._broken = False

    @contextmanager
    def change(
        self, actor: str, action: str, subject: str, *, reason: str = "", details: Mapping[str, Any] | None = None
    ) -> Iterator[Change]:
        """Give a change of the batch; see `tanlu.records.database.Database.change`."""
        if _CHANGE in self.session.info:
            raise WriteOutsideChangeError("a change cannot be made within a change")
        if self._broken:
            raise WriteOutsideChangeError("a change of this batch has failed: nothing of it can be committed")
        check_entry(actor, action, subject)
        change = Change(self.session, self._frontier.size, self._clock(), actor, action, subject, reason)
        change.details.update(details or {})
        self.session.info[_CHANGE] = change
        # what a failed change has written already has no entry: whoever catches its error cannot commit the rest
        self._broken = True
        try:
            yield change
            self._append(change.event())
            self._broken = False
        finally:
            del self.session.info[_CHANGE]

    def _append(self, found: Event) -> None:
        salt, written = secrets.token_bytes(SALT_SIZE), found.canonical()
        committed = commitment(salt, written)
        self._entries.append(
            {
                "sequence": found.sequence,
                "at": found.at,
                "actor": found.actor,
                "action": found.action,
                "subject": found.subject,
                "event": written.decode(),
                "salt": salt,
                "commitment": committed,
            }
        )
        self._frontier.append(leaf_hash(committed))

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Let rows of `tanlu.records.base.Working` be written that belong to the batch and to no change of it."""
        self.session.info[_WORKING] = True
        try:
            yield
        finally:
            del self.session.info[_WORKING]

    def entries(self) -> dict[str, int]:
        """Return the last entry about each record so far."""
        return {str(entry["subject"]): int(entry["sequence"]) for entry in self._entries}

    def erase(self, sequences: Iterable[int], actor: str, reason: str) -> int:
        """Delete event and salt of entries, as an entry of its own that names them, and return the place of that entry.

        The leaves stay, and nobody can test a guess against them. Rows whose last seal stood in an erased entry are sealed anew.

        Raises
        ------
        RefusedError
            If there is no such entry, or it is one that tells of an erasure: without it, what it erased would look tampered with.
        """
        wanted = sorted(set(sequences))
        found = {
            entry.sequence: entry
            for entry in self.session.execute(select(LogEntry).where(LogEntry.sequence.in_(wanted))).scalars()
        }
        missing = [s for s in wanted if s not in found]
        if missing:
            raise RefusedError(Problem("no_entry", "log", value=", ".join(map(str, missing))))
        erasures = [s for s, entry in found.items() if entry.action == ERASE]
        if erasures:
            raise RefusedError(Problem("entry_is_erasure", "log", value=", ".join(map(str, erasures))))
        tables = {table.name: table for table in sealed_tables()}
        with self.change(actor, ERASE, "log", reason=reason, details={"entries": wanted}) as change:
            for entry in found.values():
                for name, key, digest in (entry.content() or {}).get("rows", []):
                    if digest is not None:
                        change.touch(tables[name], _key_of(tables[name], key))
            self.session.connection().execute(
                update(LogEntry).where(LogEntry.sequence.in_(wanted)).values(event=None, salt=None)
            )
        return change.sequence

    def finish(self) -> None:
        """Write the entries and the head of the log."""
        if self._broken:
            raise WriteOutsideChangeError("a change of this batch has failed: nothing of it can be committed")
        if not self._entries:
            return
        connection = self.session.connection()
        connection.execute(_NEW_ENTRY, self._entries)
        connection.execute(_NEW_HEAD, {"grown": self._frontier.size, "folded": self._frontier.to_bytes()})


def _key_of(table: Table, key: str) -> Key:
    columns = list(table.primary_key)
    parts = [key] if len(columns) == 1 else json.loads(key)
    return tuple(column.type.python_type(part) for column, part in zip(columns, parts, strict=True))


def check_entry(actor: str, action: str, subject: str) -> None:
    """Refuse an entry whose columns it would not fit; ``subject`` may come from a user."""
    given = {"actor": actor, "action": action, "subject": subject}
    problems = []
    for name, value in given.items():
        length = getattr(LogEntry.__table__.columns[name].type, "length", None)
        problems += _text_problems("log_entry", name, value, length)
    if problems:
        raise RefusedError(*problems)


def begin_writing(session: Session, clock: Callable[[], datetime]) -> Batch:
    """Lock the head of the log and return a batch that appends to it."""
    size, packed = session.connection().execute(_HEAD).one()
    return Batch(session, Frontier.from_bytes(size, packed), clock)


class GuardedSession(Session):
    """A session that refuses what is written outside a change."""


def let_work(session: GuardedSession) -> None:
    """Let a session write rows of `tanlu.records.base.Working`."""
    session.info[_WORKING] = True


def _refuse_statements(state: ORMExecuteState) -> None:
    """Refuse bulk statements on sealed rows: they pass by the seals."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, Working):
        raise WriteOutsideChangeError("rows that count are written one by one through a change, not by statements")
    if not (state.session.info.get(_WORKING) or _CHANGE in state.session.info):
        raise WriteOutsideChangeError("this session cannot write")


def _change_of(target: Root, session: Session | None) -> Change | None:
    if session is None:
        raise WriteOutsideChangeError(f"{type(target).__name__} is written without a session")
    change = cast(Change | None, session.info.get(_CHANGE))
    if isinstance(target, Base):
        if change is None:
            raise WriteOutsideChangeError(f"{type(target).__name__} is written outside a change")
        return change
    if isinstance(target, Working) and (change is not None or session.info.get(_WORKING)):
        return None
    raise WriteOutsideChangeError(f"{type(target).__name__} cannot be written here")


def _prepare_insert(mapper: Mapper[Any], connection: Connection, target: Root) -> None:
    _change_of(target, object_session(target))
    _check_texts(mapper, target)
    if isinstance(target, Base):
        target.row_salt = secrets.token_bytes(ROW_SALT_SIZE)


def _check_texts(mapper: Mapper[Any], target: Root) -> None:
    """Refuse text that SQLite would take and PostgreSQL would not: longer than its column, or with characters that are none."""
    problems = []
    for column in mapper.columns:
        value = getattr(target, column.key, None)
        if isinstance(value, str):
            length = getattr(column.type, "length", None)
            problems += _text_problems(mapper.local_table.description, column.key, value, length)
    if problems:
        raise RefusedError(*problems)


def _text_problems(table: str, field: str, value: str, length: int | None) -> list[Problem]:
    problems = []
    if length is not None and len(value) > length:
        details = {"longest": length, "length": len(value)}
        problems.append(Problem("too_long", table, field=field, value=value[:20], details=details))
    if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
        problems.append(Problem("not_characters", table, field=field, value=ascii(value[:20])))
    return problems


def _note_insert(mapper: Mapper[Any], connection: Connection, target: Root) -> None:
    change = _change_of(target, object_session(target))
    if change is not None:
        change.touch(cast(Table, mapper.local_table), tuple(mapper.primary_key_from_instance(target)))


def _prepare_update(mapper: Mapper[Any], connection: Connection, target: Root) -> None:
    session = object_session(target)
    if session is None or not session.is_modified(target, include_collections=False):
        return
    change = _change_of(target, session)
    _check_texts(mapper, target)
    if change is not None and isinstance(target, Base):
        target.row_salt = secrets.token_bytes(ROW_SALT_SIZE)
        change.touch(cast(Table, mapper.local_table), tuple(mapper.primary_key_from_instance(target)))


def _note_delete(mapper: Mapper[Any], connection: Connection, target: Root) -> None:
    change = _change_of(target, object_session(target))
    if change is not None:
        change.touch(cast(Table, mapper.local_table), tuple(mapper.primary_key_from_instance(target)))


event.listen(GuardedSession, "do_orm_execute", _refuse_statements)
event.listen(Root, "before_insert", _prepare_insert, propagate=True)
event.listen(Root, "after_insert", _note_insert, propagate=True)
event.listen(Root, "before_update", _prepare_update, propagate=True)
event.listen(Root, "before_delete", _note_delete, propagate=True)
