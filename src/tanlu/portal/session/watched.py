"""Which record an address of the API is about, by the name of the part of the address that holds its key."""

from __future__ import annotations

from typing import Final

from tanlu.assessment.filing import AssessmentFiling, AssessmentInvestment, ScoreRun
from tanlu.programme.cycle import (
    Application,
    Call,
    ChangeRequest,
    DecisionBatch,
    DispatchTask,
    Draw,
    Expert,
    KpiReport,
    Notice,
    Objection,
    Project,
    ProjectMilestone,
    ReviewTask,
)
from tanlu.programme.registry import RegistryEntry, RegistryVersion
from tanlu.records import ApiToken, Base, Organisation, Person, RoleAssignment, RulePackVersion

RECORDS: Final[dict[str, tuple[type[Base], str]]] = {
    "call_id": (Call, "call"),
    "application_id": (Application, "application"),
    "expert_id": (Expert, "expert"),
    "draw_id": (Draw, "draw"),
    "review_id": (ReviewTask, "review"),
    "batch_id": (DecisionBatch, "decision-batch"),
    "notice_id": (Notice, "notice"),
    "objection_id": (Objection, "objection"),
    "project_id": (Project, "project"),
    "milestone_id": (ProjectMilestone, "milestone"),
    "report_id": (KpiReport, "kpi-report"),
    "change_id": (ChangeRequest, "change-request"),
    "task_id": (DispatchTask, "task"),
    "entry_id": (RegistryEntry, "registry_entry"),
    "version_id": (RegistryVersion, "registry_version"),
    "filing_id": (AssessmentFiling, "filing"),
    "investment_id": (AssessmentInvestment, "investment"),
    "run_id": (ScoreRun, "score_run"),
    "person_id": (Person, "person"),
    "organisation_id": (Organisation, "organisation"),
    "role_id": (RoleAssignment, "role"),
    "token_id": (ApiToken, "token"),
    "rule_version_id": (RulePackVersion, "rule_pack"),
}
"""Part of an address → table and kind of subject in the log."""
