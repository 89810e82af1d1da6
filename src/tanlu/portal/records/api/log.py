"""The log: its entries, what was done to a record, receipts, checkpoints, and what the verifier says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi.responses import PlainTextResponse
from pydantic import AwareDatetime
from sqlalchemy import func, select

from tanlu.core.errors import Problem
from tanlu.portal.api import Lang
from tanlu.portal.records.view import target_of
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import ANYBODY, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Row
from tanlu.records import LogEntry, RefusedError, Target, verify

router = records_api("records")
MOST_VERIFIED = 500_000
"""Entries of a log that are verified while a program waits; longer ones are for the command."""
NEVER = 1 << 62


class EntryRow(Row):
    """An entry: who did what to which record, when and why; the reason is empty where the entry was erased."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str


class CheckpointRow(Row):
    """A signed checkpoint: size of the log and the root of its tree in hexadecimal."""

    origin: str
    size: int
    root: str
    note: str


def _row(entry: LogEntry) -> dict[str, Any]:
    own = {name: getattr(entry, name) for name in ("sequence", "at", "actor", "action", "subject")}
    return own | {"reason": str((entry.content() or {}).get("reason", ""))}


@router.get("/records/log", **needs("log.read"), **paged(EntryRow))
def entries(
    records: Kept, who: Who, asked: Paged, subject: str = "", actor: str = "", action: str = "", since: AwareDatetime | None = None,
    until: AwareDatetime | None = None
) -> Any:  # fmt: skip
    """Entries, the newest first: of a record, a person, an action, a time."""
    records.rights.require(who, "log.read", Target())
    where = [
        column == value
        for column, value in ((LogEntry.subject, subject), (LogEntry.actor, actor), (LogEntry.action, action))
        if value
    ]
    where += [LogEntry.at >= since] if since else []
    where += [LogEntry.at < until] if until else []
    with records.database.read() as session:
        total = session.execute(select(func.count()).select_from(LogEntry).where(*where)).scalar_one()
        statement = select(LogEntry).where(*where).order_by(LogEntry.sequence.desc())
        rows = session.execute(statement.offset(asked.offset).limit(asked.limit)).scalars()
        return asked.answer(EntryRow, [_row(e) for e in rows], total)


@router.get("/records/log/{sequence}/receipt", **needs("log.receipt"), response_class=PlainTextResponse)
def receipt(sequence: int, records: Kept, who: Who) -> PlainTextResponse:
    """The receipt of an entry (C2SP tlog-proof), for those who made it or may see the record that it is about."""
    with records.database.read() as session:
        found = session.get(LogEntry, sequence) if 0 <= sequence < NEVER else None
        if found is None:
            raise RefusedError(Problem("no_record", "log", field="id", value=str(sequence)[:20]))
        if found.actor != who.person_id:
            records.rights.require(who, "log.receipt", target_of(session, found.subject))
    return PlainTextResponse(records.log.receipt(sequence))


@router.get("/records/checkpoint", **needs(ANYBODY), response_class=PlainTextResponse)
def checkpoint(records: Kept) -> PlainTextResponse:
    """The last signed checkpoint (C2SP), for everybody: who keeps it can prove later that the log was not rewritten."""
    written = records.log.checkpoint_text()
    if written is None:
        raise RefusedError(Problem("no_record", "log", field="checkpoint"))
    return PlainTextResponse(written)


@router.post("/records/checkpoint", **needs("log.checkpoint"), response_model=CheckpointRow)
def published(records: Kept, who: Who) -> Any:
    """Write the tiles and sign a checkpoint."""
    records.rights.require(who, "log.checkpoint", Target())
    made = records.log.publish()
    return {
        "origin": made.origin,
        "size": made.size,
        "root": made.root.hex(),
        "note": records.log.checkpoint_text() or "",
    }


@router.get("/records/verification", **needs("log.read"))
def verification(records: Kept, who: Who, lang: Lang = "zh") -> dict[str, Any]:
    """What the verifier says of log, rows and evidence."""
    records.rights.require(who, "log.read", Target())
    if records.database.size() > MOST_VERIFIED:
        raise RefusedError(Problem("log_long", "log", value=str(records.database.size())))
    settings = records.settings
    report = verify(
        records.log.folder, records.log.key.verifier, records.database, records.evidence, settings.witnesses, settings.quorum
    )  # fmt: skip
    return report.as_record(lang)
