"""Requests of programs: carried out once for each key, and only on the state of a record that the program has seen.

Both are decided in the transaction of the change that a request makes, after the lock of all writers: of two requests that arrive at once
one comes second and sees what the first has done. The key is written by the change itself, so that a crash leaves both or neither.
Source of key and refusals: IETF draft-ietf-httpapi-idempotency-key-header-06; of versions: RFC 9110, 13.1.1 (If-Match).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import BigInteger, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.core.errors import Problem
from tanlu.records.base import Base, Id, Line, Word, Working, new_id
from tanlu.records.entries import LogEntry
from tanlu.records.evidence import Stored
from tanlu.records.refusals import ConflictError, NotPermittedError, RefusedError

KEPT: Final = timedelta(hours=24)
"""How long a key, and a file that no record has taken up, are remembered."""


class ApiRequest(Working):
    """A request that was carried out: who sent it, with which key, a digest of what was sent, and what was answered."""

    __tablename__ = "api_request"

    person_id: Mapped[Word] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    answer: Mapped[str | None] = mapped_column(Text)


class Upload(Working):
    """A file that a program sent and has not yet given to a record as evidence; only who sent it may do so."""

    __tablename__ = "upload"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[Word]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[Word]
    label: Mapped[Line]
    at: Mapped[datetime] = mapped_column(index=True)


class RepeatedRequestError(ConflictError):
    """A request with this key was carried out before; ``status`` and ``answer`` are what was said, None while that is not known."""

    def __init__(self, key: str, status: int | None, answer: str | None) -> None:
        super().__init__(Problem("request_done", "request", field="idempotency-key", value=key))
        self.status, self.answer = status, answer


@dataclass(frozen=True, slots=True)
class Watched:
    """The record that a request is about: its table, its key, and the subject of its entries in the log."""

    table: type[Base]
    key: str
    subject: str


@dataclass
class Attendance:
    """What a request asks of the first change that it makes.

    Parameters
    ----------
    person_id, key, digest : str
        Who asks, the key that makes it happen once (empty: no key), and the digest of what was sent.
    watched : Watched or None
        Record whose version counts.
    expected : str
        Version that the program has seen; empty if it does not say.
    made : bool
        Whether a change has begun.
    version : str
        Version of the record after the change.
    """

    person_id: str
    key: str = ""
    digest: str = ""
    watched: Watched | None = None
    expected: str = ""
    made: bool = field(default=False, init=False)
    version: str = field(default="", init=False)

    def begin(self, session: Session, at: datetime) -> None:
        """Check version and key before anything is written, and note the key.

        Raises
        ------
        RepeatedRequestError
            If the same request was carried out before.
        ConflictError
            If the record is in another version than expected.
        RefusedError
            If the key belongs to another request.
        """
        self.made = True
        if self.key:
            earlier = session.get(ApiRequest, (self.person_id, self.key))
            if earlier is not None and at - earlier.at < KEPT:
                if earlier.digest != self.digest:
                    raise RefusedError(Problem("request_key", "request", field="idempotency-key", value=self.key))
                raise RepeatedRequestError(self.key, earlier.status, earlier.answer)
            if earlier is not None:
                session.delete(earlier)
                session.flush()
            session.add(ApiRequest(person_id=self.person_id, key=self.key, digest=self.digest, at=at))
            session.flush()
        if self.expected and self.watched is not None:
            found = version_of(session, self.watched)
            if found is not None and found != self.expected:
                details = {"version": found}
                raise ConflictError(
                    Problem("record_moved", "request", field="if-match", value=self.expected, details=details)
                )

    def end(self, session: Session, entries: Mapping[str, int]) -> None:
        """Note the version of the record that the change leaves; ``entries`` are the last ones of the change by subject."""
        if self.watched is not None:
            session.flush()
            self.version = version_of(session, self.watched, entries) or ""


_ATTENDANCE: ContextVar[Attendance | None] = ContextVar("tanlu_attendance", default=None)


@contextmanager
def attended(attendance: Attendance) -> Iterator[None]:
    """Let the first change that is made in the block, also in threads that it starts, be attended."""
    token = _ATTENDANCE.set(attendance)
    try:
        yield
    finally:
        _ATTENDANCE.reset(token)


def attendance() -> Attendance | None:
    """Return what the request that is under way asks, None if there is none or a change was made already."""
    found = _ATTENDANCE.get()
    return None if found is None or found.made else found


def version_of(session: Session, watched: Watched, entries: Mapping[str, int] | None = None) -> str | None:
    """Return the version of a record, None if there is no such record.

    It follows from the salt of the row, which is fresh at every change, and the last entry about the record.
    """
    row = session.get(watched.table, watched.key)
    if row is None:
        return None
    last = (entries or {}).get(watched.subject)
    if last is None:
        statement = select(func.max(LogEntry.sequence)).where(LogEntry.subject == watched.subject)
        last = session.execute(statement).scalar_one_or_none()
    return sha256(b"version" + row.row_salt + str(last).encode()).hexdigest()[:24]


def keep_answer(session: Session, attendance: Attendance, status: int, answer: str | None) -> None:
    """Keep what was answered, so that the same request is answered alike; forget what is old.

    Parameters
    ----------
    answer : str or None
        None where it held a secret: then a repeated request is only told that it was carried out.
    """
    found = session.get(ApiRequest, (attendance.person_id, attendance.key))
    if found is None:
        return
    found.status, found.answer = status, answer
    session.execute(delete(ApiRequest).where(ApiRequest.at < found.at - KEPT))


def keep_upload(session: Session, person_id: str, stored: Stored, label: str, at: datetime) -> Upload:
    """Note that a person has sent a file; forget those that were never taken up."""
    session.execute(delete(Upload).where(Upload.at < at - KEPT))
    upload = Upload(
        id=new_id(), person_id=person_id, sha256=stored.sha256, size=stored.size, media_type=stored.media_type, label=label[:400], at=at
    )  # fmt: skip
    session.add(upload)
    return upload


def uploads_of(session: Session, person_id: str, ids: list[str]) -> list[tuple[Stored, str]]:
    """Return files that a person has sent, with their names.

    Raises
    ------
    RefusedError
        With every id that there is not.
    NotPermittedError
        If somebody else sent one of them.
    """
    found = {i: session.get(Upload, i) for i in dict.fromkeys(ids)}
    missing = [i for i, upload in found.items() if upload is None]
    if missing:
        raise RefusedError(*(Problem("no_record", "upload", field="evidence", value=i[:40]) for i in missing))
    uploads = [upload for upload in found.values() if upload is not None]
    foreign = [upload.id for upload in uploads if upload.person_id != person_id]
    if foreign:
        raise NotPermittedError(*(Problem("not_permitted", "upload", field="evidence", value=i) for i in foreign))
    return [(Stored(u.sha256, u.size, u.media_type), u.label) for u in uploads]
