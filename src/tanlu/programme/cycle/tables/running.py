"""What happens to running projects: signals with their causes, dispatch meetings (工作调度) and their tasks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Id, Line, Scaled, Word, new_id


class ProjectSignal(Base):
    """A cause why a project is not green, from when to when; colours as in `tanlu.programme.tracking.Colour`."""

    __tablename__ = "programme_signal"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"), index=True)
    rule: Mapped[Word]
    subject: Mapped[Word]
    colour: Mapped[int]
    seen: Mapped[Decimal] = mapped_column(Scaled(4))
    limit: Mapped[Decimal] = mapped_column(Scaled(4))
    since: Mapped[date]
    until: Mapped[date | None]
    pack: Mapped[Word]
    version: Mapped[int]


class DispatchMeeting(Base):
    """A meeting about projects; what it decides are tasks."""

    __tablename__ = "programme_meeting"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[Word] = mapped_column(index=True)
    held_on: Mapped[date] = mapped_column(index=True)
    zh: Mapped[Line]
    en: Mapped[Line]
    chaired_by: Mapped[Word]
    recorded_by: Mapped[Word]
    recorded_at: Mapped[datetime]


class DispatchTask(Base):
    """A decision of a meeting: who does what by when; ``open``, ``reported``, ``closed`` (by somebody other than who did it)."""

    __tablename__ = "programme_task"
    __table_args__ = (
        Index("ix_programme_task_state_due", "state", "due"),
        Index("ix_programme_task_owner_state", "owner_id", "state"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("programme_meeting.id"), index=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("programme_project.id"), index=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    zh: Mapped[Line]
    en: Mapped[Line]
    due: Mapped[date]
    state: Mapped[Word]
    report: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[datetime | None]
    closed_by: Mapped[Word]
    closed_at: Mapped[datetime | None]
