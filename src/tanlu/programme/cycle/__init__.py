"""The programme cycle on the system of record: calls, applications, review, decisions, contracts, projects, acceptance.

In: who acts (`tanlu.records.Principal`) and plain arguments. Out: records, each change with its entry in the log. One module a
step, from ``calls`` to ``accepting``; ``lists`` reads. Each function is one change and checks right, state, deadline and four eyes inside
it. It must not know pages, forms or commands.
"""

from importlib.resources import files
from pathlib import Path

from tanlu.programme.cycle.tables.applications import (
    Application,
    ApplicationDraft,
    ApplicationMember,
    ApplicationPerson,
    ApplicationTarget,
    ApplicationTechnology,
    BudgetLine,
    EligibilityOutcome,
    SubmittedOnce,
)
from tanlu.programme.cycle.tables.calls import Call, CallFunder, CallTarget, CallTechnology
from tanlu.programme.cycle.tables.closing import Acceptance, IntegrityRecord, TransferRecord
from tanlu.programme.cycle.tables.decisions import DecisionBatch, DecisionItem, Notice, Objection, OwnerChoice
from tanlu.programme.cycle.tables.projects import (
    ChangeRequest,
    Contract,
    ContractKpi,
    KpiReport,
    LedgerPosting,
    Project,
    ProjectMilestone,
)
from tanlu.programme.cycle.tables.review import (
    Draw,
    DrawSecret,
    Expert,
    ExpertTie,
    Review,
    ReviewConflict,
    ReviewPanel,
    ReviewScore,
    ReviewTask,
)
from tanlu.programme.cycle.tables.running import DispatchMeeting, DispatchTask, ProjectSignal

ROOM = "tanlu.programme.cycle"
"""Name under which `tanlu.records.Records.open` takes the tables of this room."""
PERMISSIONS = Path(str(files("tanlu.programme.cycle") / "permissions.yaml"))
"""Table of rights of the room."""

__all__ = [
    "PERMISSIONS",
    "ROOM",
    "Acceptance",
    "Application",
    "ApplicationDraft",
    "ApplicationMember",
    "ApplicationPerson",
    "ApplicationTarget",
    "ApplicationTechnology",
    "BudgetLine",
    "Call",
    "CallFunder",
    "CallTarget",
    "CallTechnology",
    "ChangeRequest",
    "Contract",
    "ContractKpi",
    "DecisionBatch",
    "DecisionItem",
    "DispatchMeeting",
    "DispatchTask",
    "Draw",
    "DrawSecret",
    "EligibilityOutcome",
    "Expert",
    "ExpertTie",
    "IntegrityRecord",
    "KpiReport",
    "LedgerPosting",
    "Notice",
    "Objection",
    "OwnerChoice",
    "Project",
    "ProjectMilestone",
    "ProjectSignal",
    "Review",
    "ReviewConflict",
    "ReviewPanel",
    "ReviewScore",
    "ReviewTask",
    "SubmittedOnce",
    "TransferRecord",
]
