"""Four eyes: nobody approves what they did themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.core.errors import Problem
from tanlu.records.base import Base, Id, Line, Word, new_id
from tanlu.records.refusals import NotPermittedError


class WorkflowStep(Base):
    """A transition that a record made: who, when, why."""

    __tablename__ = "workflow_step"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    workflow: Mapped[Word]
    subject: Mapped[Line] = mapped_column(index=True)
    number: Mapped[int]
    transition: Mapped[Word]
    from_state: Mapped[Word]
    to_state: Mapped[Word]
    actor: Mapped[Word]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


def require_other(actor: str, *authors: str) -> None:
    """Do nothing if a person is none of the authors.

    Raises
    ------
    NotPermittedError
        If the person is one of them.
    """
    if actor in authors:
        raise NotPermittedError(Problem("own_change", "", value=actor))


def steps_of(session: Session, workflow: str, subject: str) -> list[WorkflowStep]:
    """Return the transitions of a record, oldest first."""
    statement = select(WorkflowStep).where(WorkflowStep.workflow == workflow, WorkflowStep.subject == subject)
    return list(session.execute(statement.order_by(WorkflowStep.number)).scalars())


def require_second_person(
    session: Session, workflow: str, subject: str, transitions: Collection[str], actor: str
) -> None:
    """Do nothing if a person did none of the given transitions of a record, the last time that each was made.

    Raises
    ------
    NotPermittedError
        If the person did.
    """
    last = {step.transition: step.actor for step in steps_of(session, workflow, subject)}
    require_other(actor, *(last[t] for t in transitions if t in last))
