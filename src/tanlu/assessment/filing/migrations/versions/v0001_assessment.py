"""The tables of the assessment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _filing()
    _investment()
    _score_run()


def _text(name: str, length: int, *, empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=empty)


def _moment(name: str, *, empty: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=empty)


def _filing() -> None:
    op.create_table(
        "assessment_filing",
        _text("id", 32),
        _text("region", 80),
        _text("indicator", 80),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        _text("note", 400),
        _text("state", 80),
        _text("created_by", 80),
        _moment("created_at"),
        _text("filed_by", 80, empty=True),
        _moment("filed_at", empty=True),
        _text("checked_by", 80, empty=True),
        _moment("checked_at", empty=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_filing")),
        sa.UniqueConstraint(
            "region", "indicator", "year", "number", name=op.f("uq_assessment_filing_region_indicator_year_number")
        ),
        sa.CheckConstraint("checked_by IS NULL OR checked_by <> filed_by", name=op.f("ck_assessment_filing_four_eyes")),
    )
    for column in ("region", "year", "state"):
        op.create_index(op.f(f"ix_assessment_filing_{column}"), "assessment_filing", [column])


def _investment() -> None:
    op.create_table(
        "assessment_investment",
        _text("id", 32),
        _text("region", 80),
        _text("contract", 400),
        sa.Column("year", sa.Integer(), nullable=False),
        _text("payer", 18),
        _text("payer_kind", 80),
        _text("kind", 80),
        _text("account", 80),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("technology", 80),
        _text("claim", 64, empty=True),
        _text("note", 400),
        _text("state", 80),
        _text("filed_by", 80),
        _moment("filed_at"),
        _text("checked_by", 80, empty=True),
        _moment("checked_at", empty=True),
        _text("revoked_by", 80, empty=True),
        _moment("revoked_at", empty=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_investment")),
        sa.UniqueConstraint("claim", name=op.f("uq_assessment_investment_claim")),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> filed_by", name=op.f("ck_assessment_investment_four_eyes")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_assessment_investment_positive")),
    )
    for column in ("region", "year", "payer", "state"):
        op.create_index(op.f(f"ix_assessment_investment_{column}"), "assessment_investment", [column])


def _score_run() -> None:
    op.create_table(
        "assessment_score_run",
        _text("id", 32),
        sa.Column("year", sa.Integer(), nullable=False),
        _moment("as_of"),
        _text("scheme_id", 80),
        _text("scheme_version", 80),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        _text("sha256", 64),
        _text("program", 80),
        _text("state", 80),
        _text("made_by", 80),
        _moment("made_at"),
        _text("published_by", 80, empty=True),
        _moment("published_at", empty=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_score_run")),
        sa.UniqueConstraint("sha256", name=op.f("uq_assessment_score_run_sha256")),
        sa.CheckConstraint(
            "published_by IS NULL OR published_by <> made_by", name=op.f("ck_assessment_score_run_four_eyes")
        ),
    )
    op.create_index(op.f("ix_assessment_score_run_year"), "assessment_score_run", ["year"])
