"""What every step of the cycle does: find a record, move it through its workflow, and carry out a request once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.rulebook import workflow
from tanlu.programme.cycle.tables.applications import Application, SubmittedOnce
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.projects import Project
from tanlu.programme.cycle.tables.review import ReviewTask
from tanlu.records import Change, Principal, Records, RefusedError, Target, advance
from tanlu.records.base import Root
from tanlu.records.workflow import Stateful

Row = TypeVar("Row", bound=Root)
PUBLISHED = ("published", "closed", "reviewing", "decided", "noticed", "done")
"""States in which everybody may read a call."""


def refuse(code: str, file: str, field: str = "", value: object = "", **details: object) -> RefusedError:
    """Return a refusal with one problem."""
    return RefusedError(Problem(code, file, field=field, value=str(value), details=details))


def find(session: Session, kind: type[Row], key: object, *, file: str = "") -> Row:
    """Return a row by its key.

    Raises
    ------
    RefusedError
        If there is none.
    """
    found = session.get(kind, key)
    if found is None:
        raise refuse("no_record", file or kind.__tablename__.removeprefix("programme_"), "id", key)
    return found


def call_target(call: Call) -> Target:
    """Return what rights look at in a call."""
    return Target(region=call.region, organisation_id=call.owner_id, published=call.state in PUBLISHED)


def application_target(session: Session, application: Application, person_id: str = "") -> Target:
    """Return what rights look at in an application; for an expert, the task that the application is."""
    task = None
    if person_id:
        statement = select(ReviewTask.id).where(
            ReviewTask.application_id == application.id,
            ReviewTask.expert_id == person_id,
            ReviewTask.state.in_(("assigned", "done")),
        )
        task = session.execute(statement.limit(1)).scalar_one_or_none()
    return Target(
        region=application.region, organisation_id=application.lead_id, task_id=task, person_id=application.pi_id
    )


def project_target(project: Project) -> Target:
    """Return what rights look at in a project; once it runs, everybody may know of it."""
    return Target(
        region=project.region,
        organisation_id=project.lead_id,
        person_id=project.chief_id,
        published=project.state not in ("contracting", "signed"),
    )


def move(
    change: Change,
    records: Records,
    principal: Principal,
    name: str,
    record: Stateful,
    transition: str,
    target: Target,
    *,
    facts: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Move a record through a transition of a workflow of the cycle; see `tanlu.records.advance`."""
    subject = f"{name}:{getattr(record, 'id', '')}"
    graph = workflow(name)
    advance(
        change,
        graph,
        record,
        subject,
        transition,
        principal=principal,
        rights=records.rights,
        target=target,
        facts=facts,
        reason=reason,
    )


def begin(record: Any, name: str) -> None:
    """Put a fresh record into the first state of its workflow."""
    record.state = workflow(name).initial


def done_before(change: Change, principal: Principal, key: str) -> str | None:
    """Return the id that a request with this key has made, None if it is new; an empty key is always new."""
    if not key:
        return None
    statement = select(SubmittedOnce.subject).where(
        SubmittedOnce.person_id == principal.person_id, SubmittedOnce.key == key
    )
    return change.session.execute(statement).scalar_one_or_none()


def note_once(change: Change, principal: Principal, key: str, record_id: str) -> None:
    """Remember what a request has made."""
    if key:
        change.session.add(SubmittedOnce(person_id=principal.person_id, key=key, subject=record_id, at=change.at))


def require_texts(file: str, **texts: str) -> list[Problem]:
    """Return a problem for every text that is empty."""
    return [Problem("empty", file, field=name) for name, text in texts.items() if not text.strip()]
