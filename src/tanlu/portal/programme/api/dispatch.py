"""Dispatch meetings and their tasks, led to closure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select

from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import SIGNED_IN, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import (
    Body,
    Evidence,
    Key,
    Name,
    Reason,
    Row,
    Words,
    proofs,
)
from tanlu.programme.cycle import DispatchMeeting, DispatchTask
from tanlu.programme.cycle.acting import find
from tanlu.programme.cycle.dispatch import TaskTerms, close_task, record_meeting, report_task
from tanlu.programme.cycle.lists import tasks
from tanlu.records import Columns, Target, local_day

router = records_api("programme")


class MeetingRow(Row):
    """A meeting."""

    id: str
    region: str
    held_on: date
    zh: str
    en: str
    recorded_at: datetime


class TaskRow(Row):
    """A decision of a meeting: who does what by when."""

    id: str
    meeting_id: str
    project_id: str | None
    owner_id: str
    zh: str
    en: str
    due: date
    state: str
    report: str
    reported_at: datetime | None
    closed_at: datetime | None


class MeetingDetail(MeetingRow):
    """A meeting with its tasks."""

    tasks: list[TaskRow]


class TaskSent(Body):
    """A task of a meeting."""

    owner_id: Key
    zh: Name
    en: Name = ""
    due: date
    project_id: str | None = None


class MeetingSent(Body):
    """A meeting with what it decided; one that decided nothing is not recorded."""

    region: Key
    held_on: date
    zh: Name
    en: Name = ""
    tasks: Annotated[list[TaskSent], Field(max_length=200)]


class TaskReport(Body):
    """What was done."""

    report: Words
    evidence: Evidence = Field(default_factory=list)


class Closing(Reason):
    """Whether the task is done; giving it back needs a reason."""

    done: bool = True


@router.get("/programme/meetings", **needs("dispatch.read"), **paged(MeetingRow))
def meetings(records: Kept, who: Who, asked: Paged) -> Any:
    """Meetings that one may read, the latest first."""
    visible = records.rights.condition(who, "dispatch.read", Columns(region=DispatchMeeting.__table__.c.region))
    statement = select(DispatchMeeting).where(visible).order_by(DispatchMeeting.held_on.desc(), DispatchMeeting.id)
    with records.database.read() as session:
        return asked.sliced(MeetingRow, list(session.execute(statement).scalars()))


@router.post("/programme/meetings", **needs("dispatch.record"), response_model=MeetingDetail, status_code=201)
def recorded(sent: MeetingSent, records: Kept, who: Who) -> Any:
    """Record a meeting with its tasks."""
    terms = [TaskTerms(t.owner_id, t.zh, t.en, t.due, t.project_id) for t in sent.tasks]
    made = record_meeting(records, who, sent.region, sent.held_on, sent.zh, sent.en, terms)
    with records.database.read() as session:
        statement = (
            select(DispatchTask).where(DispatchTask.meeting_id == made.id).order_by(DispatchTask.due, DispatchTask.id)
        )
        return MeetingRow.model_validate(made).model_dump() | {"tasks": list(session.execute(statement).scalars())}


@router.get("/programme/tasks", **needs(SIGNED_IN), **paged(TaskRow))
def list_tasks(records: Kept, who: Who, asked: Paged, overdue: bool = False, state: str = "") -> Any:
    """Tasks that one may read or has to do, the earliest due first."""
    on = local_day(records.database.clock()) if overdue else None
    with records.database.read() as session:
        found = tasks(session, records.rights, who, overdue_on=on, state=state, offset=asked.offset, limit=asked.limit)
        return asked.answer(TaskRow, [task for task, _ in found.rows], found.total)


@router.get("/programme/tasks/{task_id}", **needs(SIGNED_IN), response_model=TaskRow)
def one_task(task_id: str, records: Kept, who: Who) -> Any:
    """One task, for its owner and for those who may read its meeting."""
    with records.database.read() as session:
        task = find(session, DispatchTask, task_id)
        meeting = find(session, DispatchMeeting, task.meeting_id)
        if task.owner_id != who.person_id:
            records.rights.require(who, "dispatch.read", Target(region=meeting.region, person_id=task.owner_id))
        return task


@router.post("/programme/tasks/{task_id}/report", **needs("dispatch.report"), response_model=TaskRow)
def task_reported(task_id: str, sent: TaskReport, records: Kept, who: Who) -> Any:
    """Report one's task as done."""
    return report_task(records, who, task_id, sent.report, proofs(records, who, sent.evidence))


@router.post("/programme/tasks/{task_id}/closing", **needs("dispatch.record"), response_model=TaskRow)
def task_closed(task_id: str, sent: Closing, records: Kept, who: Who) -> Any:
    """Close a reported task, or give it back with a reason; never one's own."""
    return close_task(records, who, task_id, done=sent.done, reason=sent.reason)
