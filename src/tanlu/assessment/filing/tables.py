"""The tables of the assessment: what cities filed, what was invested, and the score runs that were frozen."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Fen, Id, Line, Plain, Scaled, Word, new_id

PLACES = 6
"""Decimal places of a filed value."""


class AssessmentFiling(Base):
    """A value that a prefecture filed for an indicator and a year; a later one has the next number.

    The value may change in a draft only. Its unit is that of the indicator in the scheme of the year.
    """

    __tablename__ = "assessment_filing"
    __table_args__ = (
        UniqueConstraint("region", "indicator", "year", "number"),
        CheckConstraint("checked_by IS NULL OR checked_by <> filed_by", name="four_eyes"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[Word] = mapped_column(index=True)
    indicator: Mapped[Word]
    year: Mapped[int] = mapped_column(index=True)
    number: Mapped[int]
    value: Mapped[Decimal] = mapped_column(Scaled(PLACES))
    note: Mapped[Line] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(index=True)
    created_by: Mapped[Word]
    created_at: Mapped[datetime]
    filed_by: Mapped[str | None] = mapped_column(String(80))
    filed_at: Mapped[datetime | None]
    checked_by: Mapped[str | None] = mapped_column(String(80))
    checked_at: Mapped[datetime | None]
    demonstration: Mapped[bool] = mapped_column(default=False)


class AssessmentInvestment(Base):
    """A payment for new technology and its application; the same money can be claimed once.

    Parameters
    ----------
    payer : str
        Unified social credit code.
    account : str
        Id of the definition in the scheme under which it counts.
    technology : str
        Id of the technology of the plan, empty where it serves none of them alone.
    claim : str or None
        Digest of contract, year and payer, unique; None once the entry was returned or revoked, so that the money can be claimed rightly.
    revoked_by, revoked_at
        Who found later that a verified entry was wrong, and when.
    """

    __tablename__ = "assessment_investment"
    __table_args__ = (
        CheckConstraint("checked_by IS NULL OR checked_by <> filed_by", name="four_eyes"),
        CheckConstraint("amount > 0", name="positive"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[Word] = mapped_column(index=True)
    contract: Mapped[Line]
    year: Mapped[int] = mapped_column(index=True)
    payer: Mapped[str] = mapped_column(String(18), index=True)
    payer_kind: Mapped[Word]
    kind: Mapped[Word]
    account: Mapped[Word]
    amount: Mapped[Decimal] = mapped_column(Fen())
    technology: Mapped[Word] = mapped_column(default="")
    claim: Mapped[str | None] = mapped_column(String(64), unique=True)
    note: Mapped[Line] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(index=True)
    filed_by: Mapped[Word]
    filed_at: Mapped[datetime]
    checked_by: Mapped[str | None] = mapped_column(String(80))
    checked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(80))
    revoked_at: Mapped[datetime | None]
    demonstration: Mapped[bool] = mapped_column(default=False)


class ScoreRun(Base):
    """A frozen score run: its canonical bytes, and all that is needed to compute them anew.

    Parameters
    ----------
    as_of : datetime
        Filings, investments and registry entries known by then were scored.
    scheme : dict
        The whole scheme as it was.
    result : str
        Canonical JSON; ``sha256`` is its digest.
    """

    __tablename__ = "assessment_score_run"
    __table_args__ = (CheckConstraint("published_by IS NULL OR published_by <> made_by", name="four_eyes"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    year: Mapped[int] = mapped_column(index=True)
    as_of: Mapped[datetime]
    scheme_id: Mapped[Word]
    scheme_version: Mapped[Word]
    scheme: Mapped[dict[str, Any]] = mapped_column(Plain())
    result: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    program: Mapped[Word]
    state: Mapped[Word]
    made_by: Mapped[Word]
    made_at: Mapped[datetime]
    published_by: Mapped[str | None] = mapped_column(String(80))
    published_at: Mapped[datetime | None]
    demonstration: Mapped[bool] = mapped_column(default=False)
