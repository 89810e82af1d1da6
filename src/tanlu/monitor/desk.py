"""What officers decide about cases and alerts, and what was published: appended to the catalogue of the ledger, never changed.

An item is made once; what happens to it afterwards are events. Its state follows from its events. The database itself refuses to change
or remove either.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.errors import DataError, Problem

if TYPE_CHECKING:
    from tanlu.monitor.catalog import Catalog

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS desk_items (kind TEXT, id TEXT, at INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS desk_events (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL,
    person TEXT NOT NULL, action TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS desk_events_of ON desk_events (kind, id);
"""
_GUARDED: Final = ("desk_items", "desk_events")


@dataclass(frozen=True, slots=True)
class Event:
    """What somebody did with an item.

    Parameters
    ----------
    at : int
        Moment [µs since 1970 UTC].
    person : str
        Who.
    action : str
    reason : str
        Code of the reason; may be empty.
    note : str
        In their words.
    """

    at: int
    person: str
    action: str
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Item:
    """An item with all that happened to it, oldest first."""

    kind: str
    id: str
    at: int
    record: Mapping[str, Any]
    events: tuple[Event, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Workflow:
    """States of a kind of item and the actions that lead from one to another.

    Parameters
    ----------
    first : str
        State of a fresh item.
    steps : mapping
        State that follows, by (state, action).
    reasons : mapping
        Reasons of which an action must give one.
    """

    first: str
    steps: Mapping[tuple[str, str], str]
    reasons: Mapping[str, frozenset[str]]

    def state(self, item: Item) -> str:
        """Return the state of an item."""
        state = self.first
        for event in item.events:
            state = self.steps.get((state, event.action), state)
        return state


class Desk:
    """Items and events of one kind.

    Parameters
    ----------
    catalog : Catalog
        Of the ledger.
    kind : str
    workflow : Workflow
    """

    def __init__(self, catalog: Catalog, kind: str, workflow: Workflow) -> None:
        self.catalog, self.kind, self.workflow = catalog, kind, workflow

    def add(self, records: Mapping[str, Mapping[str, Any]], at: int | None = None) -> list[str]:
        """Make items that are not there yet, in one transaction; return the ids of those that were made.

        Parameters
        ----------
        records : mapping
            Plain data by id.
        at : int, optional
            Moment [µs]; now where nothing is said.
        """
        moment = now_us() if at is None else at
        made = []
        with self.catalog.writing() as base:
            _prepare(base)
            for name, record in records.items():
                text = json.dumps(record, ensure_ascii=False, sort_keys=True)
                row = (self.kind, name, moment, text)
                if base.execute("INSERT OR IGNORE INTO desk_items VALUES (?, ?, ?, ?)", row).rowcount:
                    made.append(name)
        return made

    def act(
        self, name: str, action: str, person: str, *, reason: str = "", note: str = "", at: int | None = None
    ) -> Item:
        """Append an event to an item and return the item.

        Raises
        ------
        DataError
            If there is no such item, the action is not possible in its state, nobody is named, or a reason is missing or unknown. Nothing
            is written then.
        """
        moment = now_us() if at is None else at
        with self.catalog.writing() as base:
            _prepare(base)
            found = _items(base, self.kind, name)
            self._check(found[0] if found else None, name, action, person, reason)
            row = (self.kind, name, moment, person.strip(), action, reason, note)
            base.execute(
                "INSERT INTO desk_events (kind, id, at, person, action, reason, note) VALUES (?, ?, ?, ?, ?, ?, ?)", row
            )
            return _items(base, self.kind, name)[0]

    def _check(self, item: Item | None, name: str, action: str, person: str, reason: str) -> None:
        problems = []
        if item is None:
            problems.append(Problem("desk_unknown", self.kind, field="id", value=name))
        else:
            state = self.workflow.state(item)
            if (state, action) not in self.workflow.steps:
                possible = sorted(a for s, a in self.workflow.steps if s == state)
                details = {"state": state, "possible": ", ".join(possible) or "–"}
                problems.append(Problem("desk_step", self.kind, field="action", value=action, details=details))
        if not person.strip():
            problems.append(Problem("desk_nobody", self.kind, field="by"))
        wanted = self.workflow.reasons.get(action)
        if wanted is not None and reason not in wanted:
            details = {"known": ", ".join(sorted(wanted))}
            problems.append(Problem("desk_reason", self.kind, field="reason", value=reason, details=details))
        if problems:
            raise DataError(problems)

    def items(self, name: str | None = None) -> list[Item]:
        """Return all items, or the one of an id, oldest first; none where nothing was ever made."""
        with self.catalog.reading() as base:
            if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'desk_items'").fetchone():
                return []
            return _items(base, self.kind, name)

    def state(self, item: Item) -> str:
        """Return the state of an item."""
        return self.workflow.state(item)


def now_us() -> int:
    """Return the time of the machine [µs since 1970 UTC]."""
    return int(datetime.now(UTC).timestamp() * 1e6)


def _prepare(base: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        if statement.strip():
            base.execute(statement)
    for table in _GUARDED:
        for change in ("UPDATE", "DELETE"):
            base.execute(
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _items(base: sqlite3.Connection, kind: str, name: str | None) -> list[Item]:
    which, values = ("AND id = ?", (kind, name)) if name is not None else ("", (kind,))
    events: dict[str, list[Event]] = {}
    query = f"SELECT id, at, person, action, reason, note FROM desk_events WHERE kind = ? {which} ORDER BY number"
    for item, *cells in base.execute(query, values):
        events.setdefault(item, []).append(Event(*cells))
    query = f"SELECT id, at, record FROM desk_items WHERE kind = ? {which} ORDER BY at, id"
    return [
        Item(kind, item, at, json.loads(record), tuple(events.get(item, ())))
        for item, at, record in base.execute(query, values)
    ]
