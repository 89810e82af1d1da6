"""Experts, their ties and conflicts; draws, assignments, panels and reviews."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Id, Line, Plain, Scaled, Word, Working, new_id


class Expert(Base):
    """An expert of the pool: what the person knows (ids of actions and technologies of the plan), and how much may be asked."""

    __tablename__ = "programme_expert"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    region: Mapped[Word] = mapped_column(index=True)
    knows: Mapped[list[str]] = mapped_column(Plain())
    most_reviews: Mapped[int]
    most_rounds_year: Mapped[int]
    active: Mapped[bool]


class ExpertTie(Base):
    """What binds an expert to a person or an organisation: ``kin``, ``adviser``, ``cowork``, ``interest``."""

    __tablename__ = "programme_expert_tie"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("programme_expert.person_id"), index=True)
    kind: Mapped[Word]
    other: Mapped[Word]
    last: Mapped[date | None]


class ReviewConflict(Base):
    """A conflict between an application and an expert that somebody declared, pinned or decided.

    ``source`` is ``expert``, ``officer`` or ``computed``; ``holds`` False lifts a hint that a person looked at.
    """

    __tablename__ = "programme_review_conflict"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    expert_id: Mapped[str] = mapped_column(ForeignKey("programme_expert.person_id"), primary_key=True, index=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    source: Mapped[Word]
    pinned: Mapped[bool]
    holds: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[Word]
    at: Mapped[datetime]


class DrawSecret(Working):
    """The seed of a draw until it is revealed; when it is lost, another draw is committed to."""

    __tablename__ = "programme_draw_secret"

    draw_id: Mapped[Id] = mapped_column(primary_key=True)
    seed: Mapped[Word]


class Draw(Base):
    """A draw: hash of seed and pool before, seed after. A further one of the same call needs a reason and another officer."""

    __tablename__ = "programme_draw"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), index=True)
    number: Mapped[int]
    seed_hash: Mapped[Word]
    pool_hash: Mapped[Word]
    pool: Mapped[list[str]] = mapped_column(Plain())
    committed_by: Mapped[Word]
    committed_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    seed: Mapped[Word | None]
    revealed_at: Mapped[datetime | None]
    voided: Mapped[bool]
    result: Mapped[dict[str, Any] | None] = mapped_column(Plain())


class ReviewPanel(Base):
    """A panel: experts who judge the same applications together."""

    __tablename__ = "programme_review_panel"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), index=True)
    name: Mapped[Line]
    created_by: Mapped[Word]


class ReviewTask(Base):
    """An application in the hands of an expert: ``assigned``, ``declined``, ``done`` or ``withdrawn``; its id is the task of the rights."""

    __tablename__ = "programme_review_task"
    __table_args__ = (
        Index("ix_programme_review_task_expert_state", "expert_id", "state"),
        Index("ix_programme_review_task_application", "application_id"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), index=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"))
    expert_id: Mapped[str] = mapped_column(ForeignKey("programme_expert.person_id"))
    draw_id: Mapped[str | None] = mapped_column(ForeignKey("programme_draw.id"))
    panel_id: Mapped[str | None] = mapped_column(ForeignKey("programme_review_panel.id"))
    extra: Mapped[bool]
    state: Mapped[Word]
    assigned_by: Mapped[Word]
    assigned_at: Mapped[datetime]
    due: Mapped[date]


class Review(Base):
    """What an expert found: marks by item of the rubric, the weighted total, and an opinion."""

    __tablename__ = "programme_review"

    task_id: Mapped[str] = mapped_column(ForeignKey("programme_review_task.id"), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), index=True)
    marks: Mapped[dict[str, int]] = mapped_column(Plain())
    total: Mapped[Decimal] = mapped_column(Scaled(4))
    opinion: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ReviewScore(Base):
    """The score of an application when the review of its call was closed; ``z`` by panel, ``exact`` as a fraction."""

    __tablename__ = "programme_review_score"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    reviews: Mapped[int]
    score: Mapped[Decimal] = mapped_column(Scaled(4))
    exact: Mapped[Word]
    tie: Mapped[Word]
    z: Mapped[Decimal] = mapped_column(Scaled(4))
    spread: Mapped[Decimal] = mapped_column(Scaled(4))
    rank: Mapped[int]
    pack: Mapped[Word]
    version: Mapped[int]
    at: Mapped[datetime]
