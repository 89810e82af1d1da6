"""Decisions in locked batches, public notices and the objections raised against them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Fen, Id, Line, Word, new_id


class DecisionBatch(Base):
    """Decisions on a call, or on some of its applications; its workflow is ``decision-batch``. ``digest`` is that of the locked items."""

    __tablename__ = "programme_decision_batch"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), index=True)
    state: Mapped[Word]
    created_by: Mapped[Word]
    created_at: Mapped[datetime]
    digest: Mapped[Word]


class DecisionItem(Base):
    """What becomes of an application: ``fund``, ``wait`` or ``decline``, and with how much money."""

    __tablename__ = "programme_decision_item"

    batch_id: Mapped[str] = mapped_column(ForeignKey("programme_decision_batch.id"), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True, index=True)
    rank: Mapped[int]
    verdict: Mapped[Word]
    amount: Mapped[Decimal] = mapped_column(Fen())
    reason: Mapped[str] = mapped_column(Text)


class OwnerChoice(Base):
    """What the owner of a challenge chose among the applications that the experts let pass, best first."""

    __tablename__ = "programme_owner_choice"

    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), index=True)
    rank: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    chosen_by: Mapped[Word]
    at: Mapped[datetime]


class Notice(Base):
    """A public notice (公示), open from the day of publication to the last of its working days."""

    __tablename__ = "programme_notice"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("programme_call.id"), index=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("programme_decision_batch.id"), index=True)
    zh: Mapped[Line]
    en: Mapped[Line]
    first: Mapped[date]
    last: Mapped[date]
    state: Mapped[Word] = mapped_column(index=True)
    published_by: Mapped[Word]
    published_at: Mapped[datetime]


class Objection(Base):
    """An objection against an application under notice: ``open``, ``upheld`` or ``rejected``."""

    __tablename__ = "programme_objection"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    notice_id: Mapped[str] = mapped_column(ForeignKey("programme_notice.id"), index=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("programme_application.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[Word]
    raised_at: Mapped[datetime]
    state: Mapped[Word]
    answer: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[Word]
    answered_at: Mapped[datetime | None]
