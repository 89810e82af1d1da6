"""The tables of the programme cycle."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _draw_secret()
    _meeting()
    _submitted_once()
    _call()
    _expert()
    _application()
    _call_funder()
    _call_target()
    _call_technology()
    _decision_batch()
    _draw()
    _expert_tie()
    _review_panel()
    _application_draft()
    _application_member()
    _application_person()
    _application_target()
    _application_technology()
    _budget_line()
    _decision_item()
    _eligibility_outcome()
    _notice()
    _owner_choice()
    _project()
    _review_conflict()
    _review_score()
    _review_task()
    _acceptance()
    _change_request()
    _contract()
    _integrity_record()
    _kpi_report()
    _milestone()
    _objection()
    _posting()
    _review()
    _signal()
    _task()
    _transfer_record()
    _contract_kpi()


def _draw_secret() -> None:
    op.create_table(
        "programme_draw_secret",
        sa.Column("draw_id", sa.String(length=32), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("draw_id", name=op.f("pk_programme_draw_secret")),
    )


def _meeting() -> None:
    op.create_table(
        "programme_meeting",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("chaired_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_meeting")),
    )
    op.create_index(op.f("ix_programme_meeting_held_on"), "programme_meeting", ["held_on"], unique=False)
    op.create_index(op.f("ix_programme_meeting_region"), "programme_meeting", ["region"], unique=False)


def _submitted_once() -> None:
    op.create_table(
        "programme_submitted_once",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_submitted_once")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_programme_submitted_once_person_id_key")),
    )


def _call() -> None:
    op.create_table(
        "programme_call",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.String(length=32), nullable=True),
        sa.Column("pot", sa.BigInteger(), nullable=False),
        sa.Column("largest_grant", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recommend_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("panel_size", sa.Integer(), nullable=False),
        sa.Column("stages", sa.Integer(), nullable=False),
        sa.Column("first_stage_share", sa.BigInteger(), nullable=False),
        sa.Column("rubric", sa.Text(), nullable=False),
        sa.Column("gates", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_programme_call_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_call")),
        sa.UniqueConstraint("number", name=op.f("uq_programme_call_number")),
    )
    op.create_index(op.f("ix_programme_call_owner_id"), "programme_call", ["owner_id"], unique=False)
    op.create_index(op.f("ix_programme_call_region"), "programme_call", ["region"], unique=False)
    op.create_index("ix_programme_call_state_deadline", "programme_call", ["state", "deadline"], unique=False)
    op.create_index(op.f("ix_programme_call_year"), "programme_call", ["year"], unique=False)


def _expert() -> None:
    op.create_table(
        "programme_expert",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("knows", sa.Text(), nullable=False),
        sa.Column("most_reviews", sa.Integer(), nullable=False),
        sa.Column("most_rounds_year", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_programme_expert_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_programme_expert")),
    )
    op.create_index(op.f("ix_programme_expert_region"), "programme_expert", ["region"], unique=False)


def _application() -> None:
    op.create_table(
        "programme_application",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("pi_id", sa.String(length=32), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("excluded", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_application_call_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["organisation.id"], name=op.f("fk_programme_application_lead_id")),
        sa.ForeignKeyConstraint(["pi_id"], ["person.id"], name=op.f("fk_programme_application_pi_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_application")),
        sa.UniqueConstraint("number", name=op.f("uq_programme_application_number")),
    )
    op.create_index(
        "ix_programme_application_call_state", "programme_application", ["call_id", "state", "number"], unique=False
    )
    op.create_index(op.f("ix_programme_application_lead_id"), "programme_application", ["lead_id"], unique=False)
    op.create_index(op.f("ix_programme_application_pi_id"), "programme_application", ["pi_id"], unique=False)
    op.create_index(
        "ix_programme_application_region_number", "programme_application", ["region", "number"], unique=False
    )
    op.create_index(op.f("ix_programme_application_state"), "programme_application", ["state"], unique=False)


def _call_funder() -> None:
    op.create_table(
        "programme_call_funder",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("funder", sa.String(length=80), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_call_funder_call_id")),
        sa.PrimaryKeyConstraint("call_id", "funder", name=op.f("pk_programme_call_funder")),
    )


def _call_target() -> None:
    op.create_table(
        "programme_call_target",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("baseline", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_call_target_call_id")),
        sa.PrimaryKeyConstraint("call_id", "code", name=op.f("pk_programme_call_target")),
    )


def _call_technology() -> None:
    op.create_table(
        "programme_call_technology",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("technology", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_call_technology_call_id")),
        sa.PrimaryKeyConstraint("call_id", "technology", name=op.f("pk_programme_call_technology")),
    )
    op.create_index(
        op.f("ix_programme_call_technology_technology"), "programme_call_technology", ["technology"], unique=False
    )


def _decision_batch() -> None:
    op.create_table(
        "programme_decision_batch",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_decision_batch_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_decision_batch")),
    )
    op.create_index(op.f("ix_programme_decision_batch_call_id"), "programme_decision_batch", ["call_id"], unique=False)


def _draw() -> None:
    op.create_table(
        "programme_draw",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seed_hash", sa.String(length=80), nullable=False),
        sa.Column("pool_hash", sa.String(length=80), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("committed_by", sa.String(length=80), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided", sa.Boolean(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_draw_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_draw")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_programme_draw_call_id_number")),
    )
    op.create_index(op.f("ix_programme_draw_call_id"), "programme_draw", ["call_id"], unique=False)


def _expert_tie() -> None:
    op.create_table(
        "programme_expert_tie",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("other", sa.String(length=80), nullable=False),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["programme_expert.person_id"], name=op.f("fk_programme_expert_tie_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_expert_tie")),
    )
    op.create_index(op.f("ix_programme_expert_tie_person_id"), "programme_expert_tie", ["person_id"], unique=False)


def _review_panel() -> None:
    op.create_table(
        "programme_review_panel",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_review_panel_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_review_panel")),
    )
    op.create_index(op.f("ix_programme_review_panel_call_id"), "programme_review_panel", ["call_id"], unique=False)


def _application_draft() -> None:
    op.create_table(
        "programme_application_draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_application_draft_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["programme_call.id"], name=op.f("fk_programme_application_draft_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_programme_application_draft_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_programme_application_draft_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_application_draft")),
    )
    op.create_index(
        op.f("ix_programme_application_draft_call_id"), "programme_application_draft", ["call_id"], unique=False
    )
    op.create_index(
        op.f("ix_programme_application_draft_organisation_id"),
        "programme_application_draft",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_programme_application_draft_person_id"), "programme_application_draft", ["person_id"], unique=False
    )


def _application_member() -> None:
    op.create_table(
        "programme_application_member",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.String(length=32), nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["programme_application.id"],
            name=op.f("fk_programme_application_member_application_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_programme_application_member_organisation_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "organisation_id", name=op.f("pk_programme_application_member")),
    )
    op.create_index(
        op.f("ix_programme_application_member_organisation_id"),
        "programme_application_member",
        ["organisation_id"],
        unique=False,
    )


def _application_person() -> None:
    op.create_table(
        "programme_application_person",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["programme_application.id"],
            name=op.f("fk_programme_application_person_application_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_programme_application_person_person_id")),
        sa.PrimaryKeyConstraint("application_id", "person_id", name=op.f("pk_programme_application_person")),
    )
    op.create_index(
        op.f("ix_programme_application_person_person_id"), "programme_application_person", ["person_id"], unique=False
    )


def _application_target() -> None:
    op.create_table(
        "programme_application_target",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("promised", sa.BigInteger(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["programme_application.id"],
            name=op.f("fk_programme_application_target_application_id"),
        ),
        sa.PrimaryKeyConstraint("application_id", "code", name=op.f("pk_programme_application_target")),
    )


def _application_technology() -> None:
    op.create_table(
        "programme_application_technology",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("technology", sa.String(length=80), nullable=False),
        sa.Column("trl_start", sa.BigInteger(), nullable=False),
        sa.Column("trl_end", sa.BigInteger(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["programme_application.id"],
            name=op.f("fk_programme_application_technology_application_id"),
        ),
        sa.PrimaryKeyConstraint("application_id", "technology", name=op.f("pk_programme_application_technology")),
    )
    op.create_index(
        op.f("ix_programme_application_technology_technology"),
        "programme_application_technology",
        ["technology"],
        unique=False,
    )


def _budget_line() -> None:
    op.create_table(
        "programme_budget_line",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("grant", sa.BigInteger(), nullable=False),
        sa.Column("own", sa.BigInteger(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_budget_line_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "code", name=op.f("pk_programme_budget_line")),
    )


def _decision_item() -> None:
    op.create_table(
        "programme_decision_item",
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_decision_item_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["programme_decision_batch.id"], name=op.f("fk_programme_decision_item_batch_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", "application_id", name=op.f("pk_programme_decision_item")),
    )
    op.create_index(
        op.f("ix_programme_decision_item_application_id"), "programme_decision_item", ["application_id"], unique=False
    )


def _eligibility_outcome() -> None:
    op.create_table(
        "programme_eligibility_outcome",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("pack", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("result", sa.String(length=80), nullable=False),
        sa.Column("seen", sa.String(length=400), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("decided", sa.String(length=80), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["programme_application.id"],
            name=op.f("fk_programme_eligibility_outcome_application_id"),
        ),
        sa.PrimaryKeyConstraint("application_id", "pack", "code", name=op.f("pk_programme_eligibility_outcome")),
    )


def _notice() -> None:
    op.create_table(
        "programme_notice",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("published_by", sa.String(length=80), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["programme_decision_batch.id"], name=op.f("fk_programme_notice_batch_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_notice_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_notice")),
    )
    op.create_index(op.f("ix_programme_notice_batch_id"), "programme_notice", ["batch_id"], unique=False)
    op.create_index(op.f("ix_programme_notice_call_id"), "programme_notice", ["call_id"], unique=False)
    op.create_index(op.f("ix_programme_notice_state"), "programme_notice", ["state"], unique=False)


def _owner_choice() -> None:
    op.create_table(
        "programme_owner_choice",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("chosen_by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_owner_choice_application_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_owner_choice_call_id")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_programme_owner_choice")),
    )
    op.create_index(op.f("ix_programme_owner_choice_call_id"), "programme_owner_choice", ["call_id"], unique=False)


def _project() -> None:
    op.create_table(
        "programme_project",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("lead_id", sa.String(length=32), nullable=False),
        sa.Column("chief_id", sa.String(length=32), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("grant", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("colour", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("last_report", sa.Date(), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_project_application_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_project_call_id")),
        sa.ForeignKeyConstraint(["chief_id"], ["person.id"], name=op.f("fk_programme_project_chief_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["organisation.id"], name=op.f("fk_programme_project_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_project")),
        sa.UniqueConstraint("application_id", name=op.f("uq_programme_project_application_id")),
        sa.UniqueConstraint("number", name=op.f("uq_programme_project_number")),
    )
    op.create_index("ix_programme_project_action_number", "programme_project", ["action", "number"], unique=False)
    op.create_index("ix_programme_project_call_number", "programme_project", ["call_id", "number"], unique=False)
    op.create_index(op.f("ix_programme_project_chief_id"), "programme_project", ["chief_id"], unique=False)
    op.create_index("ix_programme_project_colour_number", "programme_project", ["colour", "number"], unique=False)
    op.create_index(op.f("ix_programme_project_lead_id"), "programme_project", ["lead_id"], unique=False)
    op.create_index("ix_programme_project_region_number", "programme_project", ["region", "number"], unique=False)
    op.create_index("ix_programme_project_state_number", "programme_project", ["state", "number"], unique=False)


def _review_conflict() -> None:
    op.create_table(
        "programme_review_conflict",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_review_conflict_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["programme_expert.person_id"], name=op.f("fk_programme_review_conflict_expert_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "expert_id", "kind", name=op.f("pk_programme_review_conflict")),
    )
    op.create_index(
        op.f("ix_programme_review_conflict_expert_id"), "programme_review_conflict", ["expert_id"], unique=False
    )


def _review_score() -> None:
    op.create_table(
        "programme_review_score",
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("exact", sa.String(length=80), nullable=False),
        sa.Column("tie", sa.String(length=80), nullable=False),
        sa.Column("z", sa.BigInteger(), nullable=False),
        sa.Column("spread", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_review_score_application_id")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_programme_review_score")),
    )


def _review_task() -> None:
    op.create_table(
        "programme_review_task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("expert_id", sa.String(length=32), nullable=False),
        sa.Column("draw_id", sa.String(length=32), nullable=True),
        sa.Column("panel_id", sa.String(length=32), nullable=True),
        sa.Column("extra", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("assigned_by", sa.String(length=80), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_review_task_application_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["programme_call.id"], name=op.f("fk_programme_review_task_call_id")),
        sa.ForeignKeyConstraint(["draw_id"], ["programme_draw.id"], name=op.f("fk_programme_review_task_draw_id")),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["programme_expert.person_id"], name=op.f("fk_programme_review_task_expert_id")
        ),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["programme_review_panel.id"], name=op.f("fk_programme_review_task_panel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_review_task")),
    )
    op.create_index("ix_programme_review_task_application", "programme_review_task", ["application_id"], unique=False)
    op.create_index(op.f("ix_programme_review_task_call_id"), "programme_review_task", ["call_id"], unique=False)
    op.create_index(
        "ix_programme_review_task_expert_state", "programme_review_task", ["expert_id", "state"], unique=False
    )


def _acceptance() -> None:
    op.create_table(
        "programme_acceptance",
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("result", sa.String(length=80), nullable=False),
        sa.Column("falsified", sa.Boolean(), nullable=False),
        sa.Column("excusable", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Text(), nullable=False),
        sa.Column("kpis", sa.Text(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("recovered", sa.BigInteger(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["programme_project.id"], name=op.f("fk_programme_acceptance_project_id")
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_programme_acceptance")),
    )


def _change_request() -> None:
    op.create_table(
        "programme_change_request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["programme_project.id"], name=op.f("fk_programme_change_request_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_change_request")),
    )
    op.create_index(
        op.f("ix_programme_change_request_project_id"), "programme_change_request", ["project_id"], unique=False
    )
    op.create_index(op.f("ix_programme_change_request_state"), "programme_change_request", ["state"], unique=False)


def _contract() -> None:
    op.create_table(
        "programme_contract",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grant", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("budget", sa.Text(), nullable=False),
        sa.Column("shares", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.String(length=80), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["programme_project.id"], name=op.f("fk_programme_contract_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_contract")),
        sa.UniqueConstraint("project_id", "version", name=op.f("uq_programme_contract_project_id_version")),
    )
    op.create_index(op.f("ix_programme_contract_project_id"), "programme_contract", ["project_id"], unique=False)


def _integrity_record() -> None:
    op.create_table(
        "programme_integrity_record",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("organisation_id", sa.String(length=32), nullable=True),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("pack", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.String(length=80), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_programme_integrity_record_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_programme_integrity_record_person_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["programme_project.id"], name=op.f("fk_programme_integrity_record_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_integrity_record")),
    )
    op.create_index(
        op.f("ix_programme_integrity_record_organisation_id"),
        "programme_integrity_record",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_programme_integrity_record_person_id"), "programme_integrity_record", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_programme_integrity_record_project_id"), "programme_integrity_record", ["project_id"], unique=False
    )


def _kpi_report() -> None:
    op.create_table(
        "programme_kpi_report",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("reported_by", sa.String(length=80), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=80), nullable=False),
        sa.Column("checked_by", sa.String(length=80), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["programme_project.id"], name=op.f("fk_programme_kpi_report_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_kpi_report")),
    )
    op.create_index(op.f("ix_programme_kpi_report_project_id"), "programme_kpi_report", ["project_id"], unique=False)


def _milestone() -> None:
    op.create_table(
        "programme_milestone",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("first_due", sa.Date(), nullable=False),
        sa.Column("after", sa.String(length=80), nullable=False),
        sa.Column("pays", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("submitted_by", sa.String(length=80), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.String(length=80), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["programme_project.id"], name=op.f("fk_programme_milestone_project_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_milestone")),
        sa.UniqueConstraint("project_id", "code", name=op.f("uq_programme_milestone_project_id_code")),
    )
    op.create_index("ix_programme_milestone_state_due", "programme_milestone", ["state", "due"], unique=False)


def _objection() -> None:
    op.create_table(
        "programme_objection",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("notice_id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_by", sa.String(length=80), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=80), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_objection_application_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["programme_notice.id"], name=op.f("fk_programme_objection_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_objection")),
    )
    op.create_index(
        op.f("ix_programme_objection_application_id"), "programme_objection", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_programme_objection_notice_id"), "programme_objection", ["notice_id"], unique=False)


def _posting() -> None:
    op.create_table(
        "programme_posting",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=400), nullable=False),
        sa.Column("posted_by", sa.String(length=80), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["programme_project.id"], name=op.f("fk_programme_posting_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_posting")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_programme_posting_project_id_number")),
    )


def _review() -> None:
    op.create_table(
        "programme_review",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["programme_application.id"], name=op.f("fk_programme_review_application_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["programme_review_task.id"], name=op.f("fk_programme_review_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_programme_review")),
    )
    op.create_index(op.f("ix_programme_review_application_id"), "programme_review", ["application_id"], unique=False)


def _signal() -> None:
    op.create_table(
        "programme_signal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("colour", sa.Integer(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("pack", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["programme_project.id"], name=op.f("fk_programme_signal_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_signal")),
    )
    op.create_index(op.f("ix_programme_signal_project_id"), "programme_signal", ["project_id"], unique=False)


def _task() -> None:
    op.create_table(
        "programme_task",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=True),
        sa.Column("owner_id", sa.String(length=32), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=80), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["programme_meeting.id"], name=op.f("fk_programme_task_meeting_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_programme_task_owner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["programme_project.id"], name=op.f("fk_programme_task_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_task")),
    )
    op.create_index(op.f("ix_programme_task_meeting_id"), "programme_task", ["meeting_id"], unique=False)
    op.create_index("ix_programme_task_owner_state", "programme_task", ["owner_id", "state"], unique=False)
    op.create_index(op.f("ix_programme_task_project_id"), "programme_task", ["project_id"], unique=False)
    op.create_index("ix_programme_task_state_due", "programme_task", ["state", "due"], unique=False)


def _transfer_record() -> None:
    op.create_table(
        "programme_transfer_record",
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("holder_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("technologies", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("result", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["organisation.id"], name=op.f("fk_programme_transfer_record_holder_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["programme_project.id"], name=op.f("fk_programme_transfer_record_project_id")
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_programme_transfer_record")),
    )
    op.create_index(
        op.f("ix_programme_transfer_record_holder_id"), "programme_transfer_record", ["holder_id"], unique=False
    )
    op.create_index(op.f("ix_programme_transfer_record_region"), "programme_transfer_record", ["region"], unique=False)


def _contract_kpi() -> None:
    op.create_table(
        "programme_contract_kpi",
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("zh", sa.String(length=400), nullable=False),
        sa.Column("en", sa.String(length=400), nullable=False),
        sa.Column("unit", sa.String(length=80), nullable=False),
        sa.Column("baseline", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        sa.Column("row_salt", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["programme_contract.id"], name=op.f("fk_programme_contract_kpi_contract_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "code", name=op.f("pk_programme_contract_kpi")),
    )


def downgrade() -> None:
    """Refuse: what the log holds is not taken back."""
    raise NotImplementedError("the system of record is not downgraded; open a backup")
