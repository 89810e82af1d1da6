"""The audit trail as tables: one row an entry of the log, and the head of the log, which also orders all writers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Integer, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.records.base import Line, Root, Word
from tanlu.records.log.canonical import canonical

HEAD: Final = 1
ERASE: Final = "log.erase"
TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


class LogEntry(Root):
    """An entry: who did what to which record, when and why, and the seals of the rows that it touched.

    ``event`` is the canonical JSON that the leaf commits to; the other columns repeat parts of it for searching. ``salt`` and ``event``
    are empty in an entry that was erased; the leaf stays.
    """

    __tablename__ = "log_entry"

    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    actor: Mapped[Word] = mapped_column(index=True)
    action: Mapped[Word] = mapped_column(index=True)
    subject: Mapped[Line] = mapped_column(index=True)
    event: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    commitment: Mapped[bytes] = mapped_column(LargeBinary(32))

    def content(self) -> dict[str, Any] | None:
        """Return the event as data, None if it was erased."""
        return None if self.event is None else dict(json.loads(self.event))


class LogHead(Root):
    """The one row with the size of the log and the frontier of its tree; who changes anything locks it first."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[bytes] = mapped_column(LargeBinary)


def history(session: Session, subject: str) -> list[LogEntry]:
    """Return the entries about a record, oldest first."""
    statement = select(LogEntry).where(LogEntry.subject == subject).order_by(LogEntry.sequence)
    return list(session.execute(statement).scalars())


@dataclass(frozen=True, slots=True)
class Event:
    """What an entry records.

    Parameters
    ----------
    sequence : int
        Place in the log, from 0 without gaps.
    at : datetime
        When it was recorded (UTC).
    actor : str
        Id of the person, or ``system``.
    action : str
        What was done, ``room.verb``.
    subject : str
        Record that it was done to, ``kind:id``.
    reason : str
        Why; no names of people.
    details : mapping
        Plain data; no personal data.
    seals : list
        ``[table, key, digest or None]`` of every touched row.
    """

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    details: dict[str, Any]
    seals: list[list[str | None]]

    def canonical(self) -> bytes:
        """Return the event as canonical JSON."""
        return canonical(
            {
                "action": self.action,
                "actor": self.actor,
                "at": self.at.astimezone(UTC).strftime(TIME_FORMAT),
                "details": self.details,
                "reason": self.reason,
                "rows": self.seals,
                "sequence": self.sequence,
                "subject": self.subject,
            }
        )
