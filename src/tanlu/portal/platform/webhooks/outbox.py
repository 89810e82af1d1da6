"""What is registered, what waits to be sent, and what came of each attempt: one SQLite file of the workspace.

A message is written before it is sent and crossed out after a receiver has acknowledged it, so that a stop at any moment loses none; a
receiver may get one twice, with the same id. Several processes may send: who takes a message out holds it for a while.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.portal.platform.webhooks.signature import new_secret
from tanlu.records.place import KEYS, VAULT_KEY
from tanlu.records.vault import Vault

FILE: Final = "webhooks.db"
DELAYS: Final = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds before each attempt. Source: Standard Webhooks 1.0, "Deliverability and reliability" (at once, 5 s, 5 min, 30 min, 2, 5, 10, 14,
20, 24 h)."""
HELD: Final = 60.0
"""Seconds for which a message that is being sent belongs to one process."""
KEPT_DAYS: Final = 90
MOST_HOOKS: Final = 50
KINDS: Final = ("monitor.alert", "target.danger", "test")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS hook (
  id TEXT PRIMARY KEY, url TEXT NOT NULL, kinds TEXT NOT NULL, label TEXT NOT NULL, secret BLOB NOT NULL, created_at REAL NOT NULL,
  created_by TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (
  id TEXT PRIMARY KEY, event TEXT UNIQUE, kind TEXT NOT NULL, created_at REAL NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
  message TEXT NOT NULL REFERENCES message(id), hook TEXT NOT NULL REFERENCES hook(id), state TEXT NOT NULL, attempts INTEGER NOT NULL,
  due_at REAL NOT NULL, held_until REAL NOT NULL, PRIMARY KEY (message, hook));
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due_at);
CREATE TABLE IF NOT EXISTS attempt (
  id INTEGER PRIMARY KEY, message TEXT NOT NULL, hook TEXT NOT NULL, at REAL NOT NULL, status INTEGER, ms REAL NOT NULL,
  error TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS attempt_hook ON attempt (hook, id);
CREATE TABLE IF NOT EXISTS noted (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Hook:
    """A receiver. ``state`` is active, or gone (it answered 410, or was removed)."""

    id: str
    url: str
    kinds: tuple[str, ...]
    label: str
    created_at: float
    created_by: str
    state: str


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is to be sent to a receiver, held by this process."""

    message: str
    hook: Hook
    secret: str
    body: bytes
    attempts: int


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One attempt; ``state`` is that of the delivery: waiting, sent or failed."""

    at: float
    message: str
    kind: str
    status: int | None
    ms: float
    error: str
    state: str
    attempts: int


class Outbox:
    """The outbox of a workspace.

    Parameters
    ----------
    folder : Path
        Workspace; the file is made when the first receiver is registered.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / FILE

    @property
    def exists(self) -> bool:
        """Whether a receiver was ever registered."""
        return self.path.is_file()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.row_factory = sqlite3.Row
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        # the connection itself, as a context, commits at the end or rolls back
        with self._open() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def _vault(self) -> Vault:
        return Vault.open(self.folder / KEYS / VAULT_KEY)

    def register(self, url: str, kinds: Sequence[str], label: str, who: str, now: float) -> tuple[Hook, str]:
        """Register a receiver; return it with its secret, which is shown this once.

        Raises
        ------
        DataError
            If a kind is unknown, or there are too many receivers.
        """
        wrong = [k for k in kinds if k not in KINDS]
        if wrong or not kinds:
            details = {"refers_to": "kinds", "some": ", ".join(KINDS)}
            raise DataError(
                Problem("unknown_choice", "webhook", field="kinds", value=k[:40], details=details)
                for k in wrong or [""]
            )
        if len(self.hooks()) >= MOST_HOOKS:
            raise DataError([Problem("webhook_many", "webhook", value=str(MOST_HOOKS), details={"most": MOST_HOOKS})])
        hook = Hook(f"hook_{secrets.token_hex(8)}", url, tuple(dict.fromkeys(kinds)), label, now, who, "active")
        secret = new_secret()
        with self._open() as connection:
            connection.executescript(_SCHEMA)
        self.path.chmod(0o600)
        sealed = self._vault().encrypt(secret.encode(), f"webhook:{hook.id}")
        with self._writing() as connection:
            row = (hook.id, url, json.dumps(hook.kinds), label, sealed, now, who, hook.state)
            connection.execute("INSERT INTO hook VALUES (?,?,?,?,?,?,?,?)", row)
        return hook, secret

    def hooks(self, *, all: bool = False) -> list[Hook]:
        """Return the active receivers, or all that ever were."""
        if not self.exists:
            return []
        with self._open() as connection:
            rows = connection.execute("SELECT * FROM hook ORDER BY created_at, id").fetchall()
        return [_hook(r) for r in rows if all or r["state"] == "active"]

    def find(self, hook_id: str) -> Hook:
        """Return an active receiver.

        Raises
        ------
        DataError
            If there is none of that id.
        """
        found = next((h for h in self.hooks() if h.id == hook_id), None)
        if found is None:
            raise DataError([Problem("no_record", "webhook", field="id", value=hook_id[:60])])
        return found

    def remove(self, hook_id: str) -> None:
        """Send nothing more to a receiver; its log stays.

        Raises
        ------
        DataError
            If there is none of that id.
        """
        self.find(hook_id)
        with self._writing() as connection:
            _close(connection, hook_id)

    def tell(self, kind: str, event: str, content: Mapping[str, Any], now: float, *, only: str = "") -> str:
        """Put a message into the outbox for all receivers of its kind; return its id, empty if the event is known already.

        Parameters
        ----------
        event : str
            What happened, so that it is told once.
        only : str
            Id of the one receiver that gets it, for a test.
        """
        message = f"msg_{secrets.token_hex(12)}"
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        with self._writing() as connection:
            made = connection.execute(
                "INSERT INTO message VALUES (?,?,?,?,?) ON CONFLICT (event) DO NOTHING",
                (message, event, kind, now, body),
            ).rowcount
            if not made:
                return ""
            for row in connection.execute("SELECT * FROM hook WHERE state = 'active'").fetchall():
                hook = _hook(row)
                if hook.id == only or (not only and kind in hook.kinds):
                    values = (message, hook.id, "waiting", 0, now + DELAYS[0], 0.0)
                    connection.execute("INSERT INTO delivery VALUES (?,?,?,?,?,?)", values)
        return message

    def note(self, values: Mapping[str, str]) -> None:
        """Remember what was seen."""
        with self._writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO noted VALUES (?,?)", list(values.items()))

    def noted(self, prefix: str = "") -> dict[str, str]:
        """Return what was remembered under names that begin like this."""
        with self._open() as connection:
            rows = connection.execute("SELECT name, value FROM noted").fetchall()
        return {r["name"]: r["value"] for r in rows if r["name"].startswith(prefix)}

    def take(self, now: float, most: int = 20) -> list[Due]:
        """Return messages that are due, and hold them for this process."""
        vault = self._vault()
        with self._writing() as connection:
            rows = connection.execute(
                "SELECT delivery.message, delivery.attempts, message.body, hook.* FROM delivery"
                " JOIN message ON message.id = delivery.message JOIN hook ON hook.id = delivery.hook"
                " WHERE delivery.state = 'waiting' AND due_at <= ? AND held_until <= ?"
                " ORDER BY due_at, message.created_at LIMIT ?",
                (now, now, most),
            ).fetchall()
            held = [(now + HELD, r["message"], r["id"]) for r in rows]
            connection.executemany("UPDATE delivery SET held_until = ? WHERE message = ? AND hook = ?", held)
        return [
            Due(
                r["message"],
                _hook(r),
                vault.decrypt(r["secret"], f"webhook:{r['id']}").decode(),
                r["body"],
                r["attempts"],
            )
            for r in rows
        ]

    def settle(
        self, due: Due, now: float, *, status: int | None, ms: float, error: str, wait: float | None = None
    ) -> str:
        """Write down an attempt and return the state of the delivery: sent, waiting for the next attempt, or failed after the last."""
        attempts = due.attempts + 1
        went_well = status is not None and 200 <= status < 300
        state = "sent" if went_well else "failed" if attempts >= len(DELAYS) or status == 410 else "waiting"
        later = now + max(wait or 0.0, DELAYS[min(attempts, len(DELAYS) - 1)])
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO attempt (message, hook, at, status, ms, error) VALUES (?,?,?,?,?,?)",
                (due.message, due.hook.id, now, status, ms, error),
            )
            connection.execute(
                "UPDATE delivery SET state = CASE state WHEN 'waiting' THEN ? ELSE state END, attempts = ?, due_at = ?, held_until = 0"
                " WHERE message = ? AND hook = ?",
                (state, attempts, later, due.message, due.hook.id),
            )
            if status == 410:
                # gone: the receiver wants no more (Standard Webhooks)
                _close(connection, due.hook.id)
        return state

    def attempts(self, hook_id: str, most: int = 200, language: str = "en") -> list[AttemptRecord]:
        """Return the last attempts for a receiver, the youngest first; what went wrong is told in a language."""
        if not self.exists:
            return []
        with self._open() as connection:
            rows = connection.execute(
                "SELECT attempt.*, delivery.state, delivery.attempts, message.kind FROM attempt"
                " JOIN delivery ON delivery.message = attempt.message AND delivery.hook = attempt.hook"
                " JOIN message ON message.id = attempt.message WHERE attempt.hook = ? ORDER BY attempt.id DESC LIMIT ?",
                (hook_id, most),
            ).fetchall()
        names = ("at", "message", "kind", "status", "ms", "error", "state", "attempts")
        return [AttemptRecord(**{n: r[n] for n in names} | {"error": _error_text(r["error"], language)}) for r in rows]

    def waiting(self) -> int:
        """Return how many messages wait."""
        if not self.exists:
            return 0
        with self._open() as connection:
            return int(connection.execute("SELECT count(*) FROM delivery WHERE state = 'waiting'").fetchone()[0])

    def tidy(self, now: float) -> None:
        """Forget the content of messages that were settled long ago; that the event was told stays."""
        old = now - KEPT_DAYS * 86_400
        with self._writing() as connection:
            connection.execute(
                "UPDATE message SET body = x'' WHERE created_at < ? AND id NOT IN (SELECT message FROM delivery WHERE state = 'waiting')",
                (old,),
            )
            connection.execute("DELETE FROM attempt WHERE at < ?", (old,))


def stored_error(problem: Problem) -> str:
    """Return what went wrong with an attempt as it is written down, in no language yet."""
    return json.dumps({"code": problem.code, "value": problem.value, "details": dict(problem.details)})


def _error_text(stored: str, language: str) -> str:
    """Return what went wrong with an attempt; an answer of the receiver is the same in every language."""
    if not stored.startswith("{"):
        return stored
    said = json.loads(stored)
    problem = Problem(str(said["code"]), "webhook", value=str(said["value"]), details=said["details"])
    return str(problem.as_record(language)["problem"])


def _close(connection: sqlite3.Connection, hook_id: str) -> None:
    connection.execute("UPDATE hook SET state = 'gone' WHERE id = ?", (hook_id,))
    connection.execute("UPDATE delivery SET state = 'failed' WHERE hook = ? AND state = 'waiting'", (hook_id,))


def _hook(row: sqlite3.Row) -> Hook:
    names: Iterable[str] = ("id", "url", "label", "created_at", "created_by", "state")
    values = {n: row[n] for n in names}
    return Hook(**values, kinds=tuple(json.loads(row["kinds"])))
