"""Public notices (公示) in working days, objections and their answers; what stands at the end becomes a project."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tanlu.core.messages import translate
from tanlu.programme.cycle.acting import application_target, begin, call_target, find, move, refuse
from tanlu.programme.cycle.deciding import FUND
from tanlu.programme.cycle.rulebook import limits
from tanlu.programme.cycle.tables.applications import Application
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.decisions import DecisionBatch, DecisionItem, Notice, Objection
from tanlu.programme.cycle.tables.projects import Project
from tanlu.records import (
    Change,
    Principal,
    Records,
    Target,
    Term,
    calendar_in,
    end_of_day,
    in_time,
    local_day,
    new_id,
    require_other,
)

PUBLIC = "public"
"""Actor of a visitor without login."""


def publish_notice(records: Records, principal: Principal, batch_id: str) -> Notice:
    """Give public notice of what an approved batch proposes; it runs for working days, that of publication not counted."""
    notice_id = new_id()
    with records.database.change(principal.person_id, "notice.publish", f"notice:{notice_id}") as change:
        session = change.session
        batch = find(session, DecisionBatch, batch_id)
        call = find(session, Call, batch.call_id)
        records.rights.require(principal, "notice.publish", call_target(call))
        if batch.state != "approved":
            raise refuse("batch_not_approved", "notice", "batch", batch.state)
        proposed = [a for a, _ in funded(session, batch_id) if a.state == "proposed"]
        if not proposed:
            raise refuse("nothing_to_notice", "notice", "batch", batch_id)
        first = local_day(change.at)
        term = _term(records, session, first)
        if term.provisional:
            change.details["provisional_years"] = list(term.provisional)
        notice = Notice(
            id=notice_id,
            call_id=call.id,
            batch_id=batch_id,
            zh=translate("programme.notice_title", "zh", call=call.zh),
            en=translate("programme.notice_title", "en", call=call.en or call.zh),
            first=first,
            last=term.last,
            state="open",
            published_by=principal.person_id,
            published_at=change.at,
        )
        session.add(notice)
        for application in proposed:
            target = application_target(session, application)
            move(change, records, principal, "application", application, "notice", target)
        if call.state == "decided":
            move(change, records, principal, "call", call, "notice", call_target(call))
    return notice


def raise_objection(
    records: Records, principal: Principal, notice_id: str, application_id: str, text: str
) -> Objection:
    """Object to an application under notice, until the end of its last day; anybody may, with or without login."""
    objection_id, actor = new_id(), principal.person_id or PUBLIC
    with records.database.change(actor, "notice.object", f"notice:{notice_id}") as change:
        session = change.session
        notice = find(session, Notice, notice_id)
        records.rights.require(principal, "notice.object", Target(published=True))
        last = term_of(records, session, notice).last
        if notice.state != "open" or not in_time(change.at, end_of_day(last)):
            raise refuse("deadline_passed", "notice", "last", last.isoformat())
        if application_id not in {a.id for a, _ in funded(session, notice.batch_id)}:
            raise refuse("no_record", "notice", "application", application_id)
        if not text.strip():
            raise refuse("empty", "notice", "text")
        objection = Objection(
            id=objection_id,
            notice_id=notice_id,
            application_id=application_id,
            text=text.strip(),
            raised_by=actor,
            raised_at=change.at,
            state="open",
            answer="",
            answered_by="",
        )
        session.add(objection)
    return objection


def answer_objection(
    records: Records, principal: Principal, objection_id: str, answer: str, *, upheld: bool
) -> Objection:
    """Answer an objection, as another person than the one who raised it; where it is upheld, the application is declined."""
    with records.database.change(principal.person_id, "notice.answer", f"objection:{objection_id}") as change:
        session = change.session
        objection = find(session, Objection, objection_id)
        application = find(session, Application, objection.application_id)
        target = application_target(session, application)
        records.rights.require(principal, "notice.answer", target)
        require_other(principal.person_id, objection.raised_by)
        if objection.state != "open":
            raise refuse("objection_answered", "notice", "objection", objection.state)
        if not answer.strip():
            raise refuse("reason_needed", "notice", "answer")
        objection.state = "upheld" if upheld else "rejected"
        objection.answer, objection.answered_by, objection.answered_at = answer.strip(), principal.person_id, change.at
        if upheld and application.state == "noticed":
            move(change, records, principal, "application", application, "decline", target, reason=answer)
    return objection


def close_notice(records: Records, principal: Principal, notice_id: str) -> list[Project]:
    """End a notice after its last day, when every objection is answered; what stands is approved and becomes a project.

    Raises
    ------
    RefusedError
        If the last day is not over or is provisional, or an objection is open.
    """
    with records.database.change(principal.person_id, "notice.close", f"notice:{notice_id}") as change:
        session = change.session
        notice = find(session, Notice, notice_id)
        call = find(session, Call, notice.call_id)
        records.rights.require(principal, "notice.publish", call_target(call))
        if notice.state != "open":
            raise refuse("notice_closed", "notice", "state", notice.state)
        term = term_of(records, session, notice)
        if in_time(change.at, end_of_day(term.last)):
            raise refuse("deadline_ahead", "notice", "last", term.last.isoformat())
        if term.provisional:
            raise refuse("notice_provisional", "notice", "last", term.last.isoformat(), year=str(term.provisional[0]))
        notice.last = term.last
        waiting = select(func.count()).where(Objection.notice_id == notice_id, Objection.state == "open")
        count = session.execute(waiting.select_from(Objection)).scalar_one()
        if count:
            raise refuse("objections_open", "notice", "objections", count)
        notice.state = "closed"
        projects = []
        for application, item in funded(session, notice.batch_id):
            if application.state == "noticed":
                target = application_target(session, application)
                move(change, records, principal, "application", application, "approve", target)
                projects.append(_project(change, call, application, item))
        _finish_call(change, records, principal, call)
    return projects


def _project(change: Change, call: Call, application: Application, item: DecisionItem) -> Project:
    session = change.session
    count = session.execute(select(func.count()).select_from(Project).where(Project.call_id == call.id)).scalar_one()
    project = Project(
        id=new_id(),
        number=f"{call.number}-P{count + 1:03d}",
        call_id=call.id,
        application_id=application.id,
        kind=call.kind,
        region=application.region,
        lead_id=application.lead_id,
        chief_id=application.pi_id,
        zh=application.zh,
        en=application.en,
        action=application.action,
        grant=item.amount,
        version=0,
        colour=0,
        stage=1,
    )
    begin(project, "project")
    session.add(project)
    session.flush()
    return project


def _finish_call(change: Change, records: Records, principal: Principal, call: Call) -> None:
    """Finish the call when no other notice of it is open and nothing proposed waits for one."""
    session = change.session
    session.flush()
    open_notice = select(Notice.id).where(Notice.call_id == call.id, Notice.state == "open")
    waiting = select(Application.id).where(Application.call_id == call.id, Application.state == "proposed")
    if call.state == "noticed" and not any(session.execute(s.limit(1)).first() for s in (open_notice, waiting)):
        move(change, records, principal, "call", call, "finish", call_target(call))


def funded(session: Session, batch_id: str) -> list[tuple[Application, DecisionItem]]:
    """Return the applications that a batch funds, by rank: what its notice is about."""
    statement = (
        select(Application, DecisionItem)
        .join(DecisionItem, DecisionItem.application_id == Application.id)
        .where(DecisionItem.batch_id == batch_id, DecisionItem.verdict == FUND)
        .order_by(DecisionItem.rank)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def term_of(records: Records, session: Session, notice: Notice) -> Term:
    """Return the last day of a notice by the calendar of today.

    A notice that leads into a year whose holidays were not published yet was begun with a provisional last day. As long as it is open the
    day is computed anew, and never becomes an earlier one: nobody loses days in which to object.
    """
    if notice.state != "open":
        return Term(notice.last)
    found = _term(records, session, notice.first)
    return Term(max(found.last, notice.last), found.provisional)


def _term(records: Records, session: Session, first: date) -> Term:
    return calendar_in(records.folder).term(first, limits(session, "notice", first).whole("workdays"))
