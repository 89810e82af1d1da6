"""Projects: contract versions with frozen targets, milestones, the ledger, and formal changes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Fen, Id, Line, Plain, Scaled, Word, new_id


class Project(Base):
    """A funded project; its workflow is ``project``. ``action`` is the action of the plan of its first technology."""

    __tablename__ = "programme_project"
    __table_args__ = (
        Index("ix_programme_project_state_number", "state", "number"),
        Index("ix_programme_project_region_number", "region", "number"),
        Index("ix_programme_project_action_number", "action", "number"),
        Index("ix_programme_project_colour_number", "colour", "number"),
        Index("ix_programme_project_call_number", "call_id", "number"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[Word] = mapped_column(unique=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"))
    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), unique=True)
    state: Mapped[Word]
    kind: Mapped[Word]
    region: Mapped[Word]
    lead_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    chief_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    zh: Mapped[Line]
    en: Mapped[Line]
    action: Mapped[Word]
    start: Mapped[date | None]
    end: Mapped[date | None]
    grant: Mapped[Decimal] = mapped_column(Fen())
    version: Mapped[int]
    colour: Mapped[int]
    stage: Mapped[int]
    last_report: Mapped[date | None]


class Contract(Base):
    """A version of a contract; versions are added, never altered. ``shares`` is what each funder pays, as text."""

    __tablename__ = "programme_contract"
    __table_args__ = (UniqueConstraint("project_id", "version"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"), index=True)
    version: Mapped[int]
    grant: Mapped[Decimal] = mapped_column(Fen())
    start: Mapped[date]
    end: Mapped[date]
    budget: Mapped[dict[str, str]] = mapped_column(Plain())
    shares: Mapped[dict[str, str]] = mapped_column(Plain())
    reason: Mapped[str] = mapped_column(Text)
    drafted_by: Mapped[Word]
    drafted_at: Mapped[datetime]


class ContractKpi(Base):
    """A target of a contract version, frozen with it."""

    __tablename__ = "programme_contract_kpi"

    contract_id: Mapped[str] = mapped_column(ForeignKey("programme_contract.id"), primary_key=True)
    code: Mapped[Word] = mapped_column(primary_key=True)
    zh: Mapped[Line]
    en: Mapped[Line]
    unit: Mapped[Word]
    baseline: Mapped[Decimal] = mapped_column(Scaled(6))
    target: Mapped[Decimal] = mapped_column(Scaled(6))
    hard: Mapped[bool]


class ProjectMilestone(Base):
    """A milestone: ``first_due`` is the baseline of the plan; ``after`` is the code of the one that it waits for."""

    __tablename__ = "programme_milestone"
    __table_args__ = (
        UniqueConstraint("project_id", "code"),
        Index("ix_programme_milestone_state_due", "state", "due"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"))
    code: Mapped[Word]
    zh: Mapped[Line]
    en: Mapped[Line]
    start: Mapped[date]
    due: Mapped[date]
    first_due: Mapped[date]
    after: Mapped[Word]
    pays: Mapped[Decimal] = mapped_column(Scaled(2))
    state: Mapped[Word]
    submitted_by: Mapped[Word]
    submitted_at: Mapped[datetime | None]
    accepted_by: Mapped[Word]
    accepted_at: Mapped[datetime | None]


class KpiReport(Base):
    """A value of a target that the project reported; verified by a second person, or found to be falsified."""

    __tablename__ = "programme_kpi_report"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"), index=True)
    code: Mapped[Word]
    value: Mapped[Decimal] = mapped_column(Scaled(6))
    reported_by: Mapped[Word]
    reported_at: Mapped[datetime]
    verdict: Mapped[Word]
    checked_by: Mapped[Word]
    checked_at: Mapped[datetime | None]


class LedgerPosting(Base):
    """A posting of the double-entry ledger of a project: an amount moves from an account to another."""

    __tablename__ = "programme_posting"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"))
    number: Mapped[int]
    day: Mapped[date]
    source: Mapped[Word]
    target: Mapped[Word]
    amount: Mapped[Decimal] = mapped_column(Fen())
    reference: Mapped[Line]
    posted_by: Mapped[Word]


class ChangeRequest(Base):
    """A formal change of a contract; its workflow is ``change-request``. ``content`` is what shall hold after it."""

    __tablename__ = "programme_change_request"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"), index=True)
    kind: Mapped[Word]
    state: Mapped[Word] = mapped_column(index=True)
    content: Mapped[dict[str, Any]] = mapped_column(Plain())
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[Word]
    asked_at: Mapped[datetime]
