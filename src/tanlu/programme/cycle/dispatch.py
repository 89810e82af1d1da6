"""Dispatch meetings (工作调度): what they decide are tasks with owner and due date, led to their closure by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import find, refuse, require_texts
from tanlu.programme.cycle.tables.projects import Project
from tanlu.programme.cycle.tables.running import DispatchMeeting, DispatchTask
from tanlu.records import (
    ConflictError,
    Person,
    Principal,
    Records,
    RefusedError,
    Stored,
    Target,
    add_evidence,
    new_id,
    require_other,
)


@dataclass(frozen=True, slots=True)
class TaskTerms:
    """A decision of a meeting: who does what by when, about which project."""

    owner_id: str
    zh: str
    en: str
    due: date
    project_id: str | None = None


def record_meeting(
    records: Records, principal: Principal, region: str, held_on: date, zh: str, en: str, tasks: Sequence[TaskTerms]
) -> DispatchMeeting:
    """Record a meeting with what it decided; one that decided nothing is not recorded.

    Raises
    ------
    RefusedError
        With everything that is missing or unknown.
    """
    meeting_id = new_id()
    with records.database.change(principal.person_id, "dispatch.record", f"meeting:{meeting_id}") as change:
        session = change.session
        records.rights.require(principal, "dispatch.record", Target(region=region))
        problems = require_texts("meeting", zh=zh)
        if not tasks:
            problems.append(Problem("empty", "meeting", field="tasks"))
        for n, task in enumerate(tasks, 1):
            problems += require_texts(f"meeting tasks[{n}]", zh=task.zh)
            if session.get(Person, task.owner_id) is None:
                problems.append(Problem("no_record", "meeting", field=f"tasks[{n}].owner", value=task.owner_id))
            if task.project_id is not None and session.get(Project, task.project_id) is None:
                problems.append(Problem("no_record", "meeting", field=f"tasks[{n}].project", value=task.project_id))
            if task.due < held_on:
                details = {"first": held_on.isoformat()}
                problems.append(
                    Problem("span_backward", "meeting", field=f"tasks[{n}].due", value=str(task.due), details=details)
                )
        if problems:
            raise RefusedError(*problems)
        meeting = DispatchMeeting(
            id=meeting_id,
            region=region,
            held_on=held_on,
            zh=zh.strip(),
            en=en.strip(),
            chaired_by=principal.person_id,
            recorded_by=principal.person_id,
            recorded_at=change.at,
        )
        session.add(meeting)
        session.flush()
        for task in tasks:
            session.add(
                DispatchTask(
                    id=new_id(), meeting_id=meeting_id, project_id=task.project_id, owner_id=task.owner_id, zh=task.zh.strip(),
                    en=task.en.strip(), due=task.due, state="open", report="", closed_by="",
                )
            )  # fmt: skip
    return meeting


def report_task(
    records: Records, principal: Principal, task_id: str, report: str, files: Sequence[tuple[Stored, str]] = ()
) -> DispatchTask:
    """Report one's task as done."""
    with records.database.change(principal.person_id, "dispatch.report", f"task:{task_id}") as change:
        task = find(change.session, DispatchTask, task_id)
        records.rights.require(principal, "dispatch.report", Target(person_id=task.owner_id))
        _require_state(task, "open")
        if not report.strip():
            raise refuse("empty", "task", "report")
        for stored, label in files:
            add_evidence(change, stored, f"task:{task_id}", label)
        task.state, task.report, task.reported_at = "reported", report.strip(), change.at
    return task


def close_task(
    records: Records, principal: Principal, task_id: str, *, done: bool = True, reason: str = ""
) -> DispatchTask:
    """Close a reported task, or give it back with a reason; never one's own."""
    action = "dispatch.close" if done else "dispatch.return"
    with records.database.change(principal.person_id, action, f"task:{task_id}", reason=reason) as change:
        task = find(change.session, DispatchTask, task_id)
        meeting = find(change.session, DispatchMeeting, task.meeting_id)
        records.rights.require(principal, "dispatch.record", Target(region=meeting.region))
        require_other(principal.person_id, task.owner_id)
        _require_state(task, "reported")
        if not done and not reason.strip():
            raise refuse("reason_needed", "task", "reason")
        task.state = "closed" if done else "open"
        if done:
            task.closed_by, task.closed_at = principal.person_id, change.at
    return task


def _require_state(task: DispatchTask, state: str) -> None:
    if task.state != state:
        raise ConflictError(Problem("task_moved", "task", field="state", value=task.state))
