"""The tables of the registries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _team()
    _entry()
    _version()


def _team() -> None:
    op.create_table(
        "registry_team",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("leader_id", sa.String(length=32), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_team")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_registry_team_organisation_id")
        ),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_registry_team_leader_id")),
    )
    op.create_index(op.f("ix_registry_team_zh"), "registry_team", ["zh"])
    op.create_index(op.f("ix_registry_team_organisation_id"), "registry_team", ["organisation_id"])


def _entry() -> None:
    op.create_table(
        "registry_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=True),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_entry")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_registry_entry_kind_subject")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_registry_entry_organisation_id")
        ),
    )
    op.create_index(op.f("ix_registry_entry_subject"), "registry_entry", ["subject"])
    op.create_index(op.f("ix_registry_entry_organisation_id"), "registry_entry", ["organisation_id"])


def _version() -> None:
    op.create_table(
        "registry_version",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("entry_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("leader_id", sa.String(length=32), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("reported_by", sa.String(length=80), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.String(length=80), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_version")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_registry_version_entry_id_number")),
        sa.CheckConstraint(
            "checked_by IS NULL OR checked_by <> reported_by", name=op.f("ck_registry_version_four_eyes")
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_registry_version_span")),
        sa.ForeignKeyConstraint(["entry_id"], ["registry_entry.id"], name=op.f("fk_registry_version_entry_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_registry_version_leader_id")),
    )
    op.create_index(op.f("ix_registry_version_entry_id"), "registry_version", ["entry_id"])
    op.create_index(op.f("ix_registry_version_region"), "registry_version", ["region"])
    op.create_index(op.f("ix_registry_version_state"), "registry_version", ["state"])
    op.create_index(op.f("ix_registry_version_reported_at_id"), "registry_version", ["reported_at", "id"])
