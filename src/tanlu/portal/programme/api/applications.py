"""Applications: handed in, recommended, checked, withdrawn; short list and site visit; what each rule said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.portal.programme.api.calls import RuleSeen
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Amount, Body, Evidence, Reason, Row, Words, proofs
from tanlu.programme.cycle import (
    Application,
    ApplicationMember,
    ApplicationPerson,
    ApplicationTarget,
    ApplicationTechnology,
    BudgetLine,
)
from tanlu.programme.cycle.acting import application_target, find
from tanlu.programme.cycle.applying import check_beforehand, submit, withdraw
from tanlu.programme.cycle.deciding import note_visit, shortlist
from tanlu.programme.cycle.formal import check_formally, not_recommend, outcomes, recommend
from tanlu.programme.cycle.forms import form_from
from tanlu.programme.cycle.lists import ApplicationFilter, applications
from tanlu.records import Outcome, Principal, Records

router = records_api("programme")


class ApplicationRow(Row):
    """An application."""

    id: str
    number: str
    call_id: str
    state: str
    lead_id: str
    region: str
    pi_id: str
    zh: str
    en: str
    asked: Amount
    months: int
    submitted_at: datetime


class ApplicationDetail(ApplicationRow):
    """An application with all that was handed in; experts whom the applicant excludes are shown to officers only."""

    summary: str
    action: str
    units: list[str]
    people: list[str]
    budget: dict[str, tuple[Amount, Amount]]
    technologies: dict[str, tuple[Decimal, Decimal]]
    targets: dict[str, Decimal]
    facts: dict[str, Any]
    excluded: list[str] | None


class OutcomeRow(RuleSeen):
    """What a rule said of an application when it was handed in, and what a person decided."""

    decided: str | None


class Submission(Body):
    """The steps of a form as in the wizard, and a key: the same key hands it in once."""

    steps: dict[str, dict[str, Any]]
    key: Annotated[str, Field(min_length=8, max_length=60)]
    evidence: Evidence = Field(default_factory=list)


class Steps(Body):
    """The steps of a form as in the wizard."""

    steps: dict[str, dict[str, Any]]


class Checked(Body):
    """What is wrong with a form, and what the rules would say of it now."""

    problems: list[dict[str, Any]]
    rules: list[RuleSeen]


class Recommendation(Reason):
    """Whether the bureau of the prefecture recommends; a refusal needs a reason."""

    recommended: bool = True


class Decisions(Reason):
    """Decisions of a person on rules that need one: code → (``pass`` or ``fail``, reason)."""

    decisions: dict[str, tuple[Literal["pass", "fail"], Words]] = Field(default_factory=dict)


class Finding(Body):
    """What a site visit found."""

    finding: Words


def rules_seen(found: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Return what rules said as plain data."""
    return [
        {
            "pack": o.pack, "version": o.version, "status": o.status, "code": o.predicate.code, "result": o.result, "seen": o.seen,
            "zh": o.predicate.zh, "en": o.predicate.en, "source": o.predicate.source,
        }
        for o in found
    ]  # fmt: skip


def readable_application(session: Session, records: Records, who: Principal, application_id: str) -> Application:
    """Return an application that the person may read; who may read none learns nothing of which there are."""
    records.rights.require(who, "application.read")
    application = find(session, Application, application_id)
    records.rights.require(who, "application.read", application_target(session, application, who.person_id))
    return application


@router.get("/programme/applications", **needs("application.read"), **paged(ApplicationRow))
def list_applications(
    records: Kept, who: Who, asked: Paged, call: str = "", state: str = "", region: str = "", q: str = ""
) -> Any:  # fmt: skip
    """Applications that one may read."""
    wanted = ApplicationFilter(call_id=call, state=state, region=region, words=q)
    with records.database.read() as session:
        found = applications(session, records.rights, who, wanted, offset=asked.offset, limit=asked.limit)
        return asked.answer(ApplicationRow, found.rows, found.total)


@router.get("/programme/applications/{application_id}", **needs("application.read"), response_model=ApplicationDetail)
def one_application(application_id: str, records: Kept, who: Who) -> Any:
    """One application."""
    with records.database.read() as session:
        application = readable_application(session, records, who, application_id)

        def parts(table: Any) -> list[Any]:
            return list(session.execute(select(table).where(table.application_id == application_id)).scalars())

        officer = records.rights.allows(who, "review.read", application_target(session, application))
        return ApplicationRow.model_validate(application).model_dump() | {
            "summary": application.summary, "action": application.action, "facts": application.facts,
            "units": sorted((m.organisation_id for m in parts(ApplicationMember)), key=lambda u: (u != application.lead_id, u)),
            "people": sorted((p.person_id for p in parts(ApplicationPerson)), key=lambda p: (p != application.pi_id, p)),
            "budget": {b.code: (b.grant, b.own) for b in parts(BudgetLine)},
            "technologies": {t.technology: (t.trl_start, t.trl_end) for t in parts(ApplicationTechnology)},
            "targets": {t.code: t.promised for t in parts(ApplicationTarget)},
            "excluded": application.excluded if officer else None,
        }  # fmt: skip


@router.get(
    "/programme/applications/{application_id}/eligibility",
    **needs("application.read"),
    response_model=list[OutcomeRow],
)
def eligibility(application_id: str, records: Kept, who: Who) -> Any:
    """What each rule said, with the value seen."""
    with records.database.read() as session:
        readable_application(session, records, who, application_id)
        return outcomes(session, application_id)


@router.post(
    "/programme/calls/{call_id}/applications",
    **needs("application.write"),
    response_model=ApplicationRow,
    status_code=201,
)
def hand_in(call_id: str, sent: Submission, records: Kept, who: Who) -> Any:
    """Hand an application in; the same key hands it in once. The moment of the change counts, not that of the request."""
    files = proofs(records, who, sent.evidence)
    return submit(records, who, call_id, form_from(sent.steps), key=sent.key, files=files)


@router.post("/programme/calls/{call_id}/application-check", **needs("application.write"), response_model=Checked)
def check_form(call_id: str, sent: Steps, records: Kept, who: Who) -> Any:
    """Tell what is wrong with a form and what the rules would say; nothing is written."""
    problems, found = check_beforehand(records, who, call_id, form_from(sent.steps))
    return {"problems": [p.as_record("en") for p in problems], "rules": rules_seen(found)}


@router.post(
    "/programme/applications/{application_id}/recommendation",
    **needs("application.recommend"),
    response_model=ApplicationRow,
)
def recommended(application_id: str, sent: Recommendation, records: Kept, who: Who) -> Any:
    """Recommend an application as the bureau of its prefecture, or decline to."""
    if sent.recommended:
        return recommend(records, who, application_id, reason=sent.reason)
    return not_recommend(records, who, application_id, sent.reason)


@router.post(
    "/programme/applications/{application_id}/formal-check",
    **needs("application.formal"),
    response_model=ApplicationRow,
)
def checked(application_id: str, sent: Decisions, records: Kept, who: Who) -> Any:
    """Finish the formal check."""
    return check_formally(records, who, application_id, sent.decisions, reason=sent.reason)


@router.post(
    "/programme/applications/{application_id}/withdrawal",
    **needs("application.write"),
    response_model=ApplicationRow,
)
def withdrawn(application_id: str, sent: Reason, records: Kept, who: Who) -> Any:
    """Take an application back."""
    return withdraw(records, who, application_id, sent.reason)


@router.post(
    "/programme/applications/{application_id}/shortlist", **needs("decision.edit"), response_model=ApplicationRow
)
def shortlisted(application_id: str, records: Kept, who: Who) -> Any:
    """Put a scored application on the short list."""
    return shortlist(records, who, application_id)


@router.post("/programme/applications/{application_id}/visit", **needs("decision.edit"), response_model=ApplicationRow)
def visited(application_id: str, sent: Finding, records: Kept, who: Who) -> Any:
    """Note the site visit of an application on the short list."""
    return note_visit(records, who, application_id, sent.finding)
