"""Entries that change no row, from many threads: those that wait together are one transaction and one flush of the disk.

Each is acknowledged only once it is on the disk, as with a change of its own. The one who came first writes for all who wait, then hands
over to the next.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final

from tanlu.records.changes import check_entry
from tanlu.records.log.canonical import canonical

if TYPE_CHECKING:
    from tanlu.records.database import Database

MOST: Final = 500
"""Entries of one transaction."""


@dataclass
class _Entry:
    """An entry that waits; ``leads`` once it falls to its thread to write."""

    actor: str
    action: str
    subject: str
    reason: str
    details: Mapping[str, Any]
    sequence: int = -1
    leads: bool = False
    error: BaseException | None = None
    ready: Event = field(default_factory=Event)


class Appender:
    """Appends entries to the log of a database; safe to share among threads.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._waiting: list[_Entry] = []
        self._written_now = False

    def append(self, actor: str, action: str, subject: str, reason: str, details: Mapping[str, Any]) -> int:
        """Append an entry and return its place; see `tanlu.records.database.Database.append`."""
        check_entry(actor, action, subject)
        # what has no canonical form is told to its caller alone, and does not fail those who wait with it
        canonical({"reason": reason, "details": dict(details)})
        mine = _Entry(actor, action, subject, reason, dict(details))
        with self._lock:
            self._waiting.append(mine)
            mine.leads = not self._written_now
            self._written_now = True
        if not mine.leads:
            mine.ready.wait()
        if mine.leads:
            self._write()
        if mine.error is not None:
            raise mine.error
        return mine.sequence

    def _write(self) -> None:
        """Write what waits, and let the first of those who came meanwhile write the rest."""
        with self._lock:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        written = False
        try:
            with self._database.batch() as batch:
                for entry in group:
                    with batch.change(
                        entry.actor, entry.action, entry.subject, reason=entry.reason, details=entry.details
                    ) as change:
                        entry.sequence = change.sequence
            written = True
        finally:
            # whatever went wrong, nobody waits for ever
            self._hand_over(group, None if written else sys.exc_info()[1])

    def _hand_over(self, group: list[_Entry], error: BaseException | None) -> None:
        with self._lock:
            self._written_now = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].ready.set()
        for entry in group:
            entry.error = error
            entry.ready.set()
