"""Public notices, objections and their answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.portal.programme.api.projects import ProjectRow
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import ANYBODY, SIGNED_IN, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Key, Row, Words
from tanlu.programme.cycle import Application, Call, Notice, Objection
from tanlu.programme.cycle.acting import application_target, call_target, find
from tanlu.programme.cycle.lists import notices
from tanlu.programme.cycle.notices import (
    answer_objection,
    close_notice,
    funded,
    publish_notice,
    raise_objection,
    term_of,
)
from tanlu.records import Records

router = records_api("programme")


class NoticeRow(Row):
    """A public notice; ``provisional`` are the years whose holidays nobody has published yet: with them the last day may become later."""

    id: str
    call_id: str
    zh: str
    en: str
    first: date
    last: date
    state: str
    provisional: list[int]


class NoticeDetail(NoticeRow):
    """A notice with the applications that it proposes to fund: number, titles, lead, amount [yuan]."""

    proposed: list[dict[str, Any]]


class ObjectionRow(Row):
    """An objection and its answer."""

    id: str
    notice_id: str
    application_id: str
    text: str
    raised_at: datetime
    state: str
    answer: str
    answered_at: datetime | None


class ObjectionSent(Body):
    """Against which application, and what is said."""

    application_id: Key
    text: Words


class Answer(Body):
    """The answer, and whether the objection is upheld; then the application is declined."""

    answer: Words
    upheld: bool


def _row(records: Records, session: Session, notice: Notice) -> dict[str, Any]:
    term = term_of(records, session, notice)
    told = {"last": term.last, "provisional": list(term.provisional)}
    return {n: getattr(notice, n) for n in NoticeRow.model_fields if n not in told} | told


@router.get("/programme/notices", **needs(ANYBODY), **paged(NoticeRow))
def list_notices(records: Kept, asked: Paged, state: str = "") -> Any:
    """Public notices."""
    with records.database.read() as session:
        found = notices(session, state=state, offset=asked.offset, limit=asked.limit)
        rows = [_row(records, session, notice) for notice in found.rows]
        return asked.answer(NoticeRow, rows, found.total)


@router.get("/programme/notices/{notice_id}", **needs(ANYBODY), response_model=NoticeDetail)
def one_notice(notice_id: str, records: Kept) -> Any:
    """One notice with what it proposes."""
    with records.database.read() as session:
        notice = find(session, Notice, notice_id)
        proposed = [
            {"application_id": a.id, "number": a.number, "zh": a.zh, "en": a.en, "lead_id": a.lead_id, "amount": str(item.amount)}
            for a, item in funded(session, notice.batch_id)
        ]  # fmt: skip
        return _row(records, session, notice) | {"proposed": proposed}


@router.post(
    "/programme/batches/{batch_id}/notice", **needs("notice.publish"), response_model=NoticeRow, status_code=201
)
def published(batch_id: str, records: Kept, who: Who) -> Any:
    """Give public notice of what an approved batch proposes."""
    made = publish_notice(records, who, batch_id)
    with records.database.read() as session:
        return _row(records, session, find(session, Notice, made.id))


@router.get("/programme/notices/{notice_id}/objections", **needs("notice.answer"), response_model=list[ObjectionRow])
def objections(notice_id: str, records: Kept, who: Who) -> Any:
    """Objections against a notice, for those who answer them."""
    with records.database.read() as session:
        notice = find(session, Notice, notice_id)
        records.rights.require(who, "notice.answer", call_target(find(session, Call, notice.call_id)))
        statement = (
            select(Objection).where(Objection.notice_id == notice_id).order_by(Objection.raised_at, Objection.id)
        )
        return list(session.execute(statement).scalars())


@router.post(
    "/programme/notices/{notice_id}/objections", **needs(SIGNED_IN), response_model=ObjectionRow, status_code=201
)
def objected(notice_id: str, sent: ObjectionSent, records: Kept, who: Who) -> Any:
    """Object to an application under notice, until the end of its last day."""
    return raise_objection(records, who, notice_id, sent.application_id, sent.text)


@router.get("/programme/objections/{objection_id}", **needs("notice.answer"), response_model=ObjectionRow)
def one_objection(objection_id: str, records: Kept, who: Who) -> Any:
    """One objection."""
    with records.database.read() as session:
        objection = find(session, Objection, objection_id)
        application = find(session, Application, objection.application_id)
        records.rights.require(who, "notice.answer", application_target(session, application))
        return objection


@router.post("/programme/objections/{objection_id}/answer", **needs("notice.answer"), response_model=ObjectionRow)
def answered(objection_id: str, sent: Answer, records: Kept, who: Who) -> Any:
    """Answer an objection, as another person than the one who raised it."""
    return answer_objection(records, who, objection_id, sent.answer, upheld=sent.upheld)


@router.post("/programme/notices/{notice_id}/end", **needs("notice.publish"), response_model=list[ProjectRow])
def ended(notice_id: str, records: Kept, who: Who) -> Any:
    """End a notice after its last day; what stands becomes a project."""
    return close_notice(records, who, notice_id)
