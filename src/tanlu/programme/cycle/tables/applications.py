"""Applications: the consortium, its people and money, what it works on, and what the formal check saw."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Fen, Id, Line, Plain, Scaled, Word, Working, new_id


class ApplicationDraft(Working):
    """A form that is being filled in, saved step by step; ``version`` grows with each saving."""

    __tablename__ = "programme_application_draft"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    steps: Mapped[dict[str, Any]] = mapped_column(Plain())
    version: Mapped[int]
    saved_at: Mapped[datetime]
    application_id: Mapped[str | None] = mapped_column(ForeignKey("programme_application.id"))


class Application(Base):
    """An application; its workflow is ``application``. ``action`` is the action of the plan that its
    first technology belongs to, ``facts`` are the answers that predicates look at."""

    __tablename__ = "programme_application"
    __table_args__ = (
        Index("ix_programme_application_call_state", "call_id", "state", "number"),
        Index("ix_programme_application_region_number", "region", "number"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[Word] = mapped_column(unique=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"))
    state: Mapped[Word] = mapped_column(index=True)
    lead_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[Word]
    pi_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    zh: Mapped[Line]
    en: Mapped[Line]
    summary: Mapped[str] = mapped_column(Text)
    asked: Mapped[Decimal] = mapped_column(Fen())
    months: Mapped[int]
    action: Mapped[Word]
    facts: Mapped[dict[str, Any]] = mapped_column(Plain())
    excluded: Mapped[list[str]] = mapped_column(Plain())
    created_by: Mapped[Word]
    submitted_at: Mapped[datetime]


class ApplicationMember(Base):
    """An organisation of the consortium, the lead among them."""

    __tablename__ = "programme_application_member"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    lead: Mapped[bool]


class ApplicationPerson(Base):
    """A person of the team, the principal investigator among them."""

    __tablename__ = "programme_application_person"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)


class BudgetLine(Base):
    """A line of the budget: what it is for, what of it the grant and what the consortium itself pays."""

    __tablename__ = "programme_budget_line"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    code: Mapped[Word] = mapped_column(primary_key=True)
    grant: Mapped[Decimal] = mapped_column(Fen())
    own: Mapped[Decimal] = mapped_column(Fen())


class ApplicationTechnology(Base):
    """A technology of the plan that is worked on, and its readiness (IEA scale) before and after."""

    __tablename__ = "programme_application_technology"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    technology: Mapped[Word] = mapped_column(primary_key=True, index=True)
    trl_start: Mapped[Decimal] = mapped_column(Scaled(1))
    trl_end: Mapped[Decimal] = mapped_column(Scaled(1))


class ApplicationTarget(Base):
    """What the consortium promises for a target of the call."""

    __tablename__ = "programme_application_target"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    code: Mapped[Word] = mapped_column(primary_key=True)
    promised: Mapped[Decimal] = mapped_column(Scaled(6))


class EligibilityOutcome(Base):
    """What a predicate said of an application, with the value seen; a person decides what needs one."""

    __tablename__ = "programme_eligibility_outcome"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    pack: Mapped[Word] = mapped_column(primary_key=True)
    code: Mapped[Word] = mapped_column(primary_key=True)
    result: Mapped[Word]
    seen: Mapped[Line]
    unit: Mapped[Word]
    zh: Mapped[Line]
    en: Mapped[Line]
    source: Mapped[Line]
    version: Mapped[int]
    status: Mapped[Word]
    decided: Mapped[Word | None]
    decided_by: Mapped[Word | None]
    reason: Mapped[str] = mapped_column(Text, default="")


class SubmittedOnce(Base):
    """A request that was carried out: the same key from the same person gives the same record again."""

    __tablename__ = "programme_submitted_once"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[Word]
    key: Mapped[Word]
    subject: Mapped[Line]
    at: Mapped[datetime]
