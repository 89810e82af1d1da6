"""Forms of applications that are filled in step by step, as in the wizard, and handed in later."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from tanlu.portal.programme.api.applications import ApplicationRow, rules_seen
from tanlu.portal.programme.api.calls import RuleSeen
from tanlu.portal.programme.drafting import add_files, faults_of, hand_in, require_open
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import MOST_FILES, Body, Key, Row, proofs
from tanlu.programme.cycle import Application, ApplicationDraft
from tanlu.programme.cycle.acting import find
from tanlu.programme.cycle.applying import begin_draft, drafts_of, find_draft, save_step
from tanlu.records import Principal, Records

router = records_api("programme")
Step = Literal["basics", "team", "technologies", "targets", "budget", "declarations"]


class DraftRow(Row):
    """A form that was begun; ``application_id`` once it was handed in."""

    id: str
    call_id: str
    organisation_id: str
    version: int
    saved_at: datetime
    application_id: str | None


class DraftDetail(DraftRow):
    """A form with its steps, what is wrong with it, and what the rules would say of it now."""

    steps: dict[str, dict[str, Any]]
    problems: list[dict[str, Any]]
    rules: list[RuleSeen]


class DraftSent(Body):
    """The call, and the unit that applies."""

    call_id: Key
    organisation_id: Key


class StepSent(Body):
    """What a step says, and the version of the form that the sender saw."""

    content: dict[str, Any]
    version: int


class FilesSent(Body):
    """Uploads that belong to a form, and the version of it that the sender saw."""

    evidence: Annotated[list[str], Field(min_length=1, max_length=MOST_FILES)]
    version: int


@router.get("/programme/drafts", **needs("application.write"), **paged(DraftRow))
def own_drafts(records: Kept, who: Who, asked: Paged) -> Any:
    """One's own forms that were not handed in, the last saved first."""
    return asked.sliced(DraftRow, drafts_of(records, who))


@router.post("/programme/drafts", **needs("application.write"), response_model=DraftDetail, status_code=201)
def begun(sent: DraftSent, records: Kept, who: Who) -> Any:
    """Begin a form."""
    return _detail(records, who, begin_draft(records, who, sent.call_id, sent.organisation_id))


@router.get("/programme/drafts/{draft_id}", **needs("application.write"), response_model=DraftDetail)
def one_draft(draft_id: str, records: Kept, who: Who) -> Any:
    """One form of a unit for which one acts."""
    return _detail(records, who, find_draft(records, who, draft_id))


@router.put("/programme/drafts/{draft_id}/steps/{step}", **needs("application.write"), response_model=DraftDetail)
def saved(draft_id: str, step: Step, sent: StepSent, records: Kept, who: Who) -> Any:
    """Save a step; faults in it are told and keep nothing from being saved."""
    return _detail(records, who, save_step(records, who, draft_id, step, sent.content, sent.version))


@router.post("/programme/drafts/{draft_id}/files", **needs("application.write"), response_model=DraftDetail)
def attached(draft_id: str, sent: FilesSent, records: Kept, who: Who) -> Any:
    """Add files to a form."""
    draft = find_draft(records, who, draft_id)
    require_open(draft)
    return _detail(records, who, add_files(records, who, draft, proofs(records, who, sent.evidence), sent.version))


@router.post(
    "/programme/drafts/{draft_id}/submission",
    **needs("application.write"),
    response_model=ApplicationRow,
    status_code=201,
)
def handed_in(draft_id: str, records: Kept, who: Who) -> Any:
    """Hand in a form; handed in before, it is the same application."""
    draft = find_draft(records, who, draft_id)
    if draft.application_id is not None:
        with records.database.read() as session:
            return find(session, Application, draft.application_id)
    return hand_in(records, who, draft)


def _detail(records: Records, who: Principal, draft: ApplicationDraft) -> dict[str, Any]:
    problems, outcomes = faults_of(records, who, draft)
    return DraftRow.model_validate(draft).model_dump() | {
        "steps": draft.steps, "problems": [p.as_record("en") for p in problems],
        "rules": rules_seen(outcomes),
    }  # fmt: skip
