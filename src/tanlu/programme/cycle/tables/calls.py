"""Calls: what is asked for, by whom, with whose money, and which targets a contract may not fall below."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Fen, Id, Line, Plain, Scaled, Word, new_id


class Call(Base):
    """A call for applications; its workflow is ``call``.

    ``gates`` are predicates on the facts of an application that this call adds to the rule pack of its kind; ``rubric`` is a list of
    ``{id, zh, en, weight, full, anchors}``, weights as text; ``line`` is ``strict`` or ``skip_to_smaller``.
    """

    __tablename__ = "programme_call"
    __table_args__ = (Index("ix_programme_call_state_deadline", "state", "deadline"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[Word] = mapped_column(unique=True)
    year: Mapped[int] = mapped_column(index=True)
    kind: Mapped[Word]
    state: Mapped[Word]
    region: Mapped[Word] = mapped_column(index=True)
    zh: Mapped[Line]
    en: Mapped[Line]
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    pot: Mapped[Decimal] = mapped_column(Fen())
    largest_grant: Mapped[Decimal] = mapped_column(Fen())
    deadline: Mapped[datetime]
    recommend_until: Mapped[datetime | None]
    line: Mapped[Word]
    threshold: Mapped[Decimal] = mapped_column(Scaled(2))
    panel_size: Mapped[int]
    stages: Mapped[int]
    first_stage_share: Mapped[Decimal] = mapped_column(Scaled(4))
    rubric: Mapped[list[dict[str, Any]]] = mapped_column(Plain())
    gates: Mapped[list[dict[str, Any]]] = mapped_column(Plain())
    created_by: Mapped[Word]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class CallFunder(Base):
    """Who pays which share of every project: ``province``, ``ministry``, or ``prefecture`` (that of the lead)."""

    __tablename__ = "programme_call_funder"

    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), primary_key=True)
    funder: Mapped[Word] = mapped_column(primary_key=True)
    share: Mapped[Decimal] = mapped_column(Scaled(4))


class CallTarget(Base):
    """A target of the call; a hard one is the least that a contract promises."""

    __tablename__ = "programme_call_target"

    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), primary_key=True)
    code: Mapped[Word] = mapped_column(primary_key=True)
    zh: Mapped[Line]
    en: Mapped[Line]
    unit: Mapped[Word]
    baseline: Mapped[Decimal] = mapped_column(Scaled(6))
    target: Mapped[Decimal] = mapped_column(Scaled(6))
    hard: Mapped[bool]


class CallTechnology(Base):
    """A technology of the plan that the call is about, and the action of the plan that it belongs to."""

    __tablename__ = "programme_call_technology"

    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), primary_key=True)
    technology: Mapped[Word] = mapped_column(primary_key=True, index=True)
    action: Mapped[Word]
