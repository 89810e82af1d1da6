"""Projects as they run: milestones, reported targets, payments and the ledger, signals, steering."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import ANYBODY, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import (
    Amount,
    Body,
    Evidence,
    Name,
    Quantity,
    Reason,
    Row,
    Words,
    Yuan,
    proofs,
)
from tanlu.programme.cycle import KpiReport, LedgerPosting, Project, ProjectMilestone, ProjectSignal
from tanlu.programme.cycle.acting import find, project_target
from tanlu.programme.cycle.ledger import milestones_of
from tanlu.programme.cycle.lists import ProjectFilter, board, projects
from tanlu.programme.cycle.running import (
    check_report,
    decide_milestone,
    pay,
    report_spending,
    report_targets,
    steer,
    submit_milestone,
)
from tanlu.records import Principal, Records, Target, local_day

router = records_api("programme")


class ProjectRow(Row):
    """A project; ``colour`` is the signal: 0 green, 1 amber, 2 red."""

    id: str
    number: str
    call_id: str
    state: str
    kind: str
    region: str
    lead_id: str
    zh: str
    en: str
    action: str
    start: date | None
    end: date | None
    grant: Amount
    colour: int


LISTED = tuple(getattr(Project, name) for name in ProjectRow.model_fields)


class MilestoneRow(Row):
    """A milestone; ``first_due`` is the baseline, ``pays`` the part of the grant that it releases [%]."""

    id: str
    project_id: str
    code: str
    zh: str
    en: str
    start: date
    due: date
    first_due: date
    after: str
    pays: Decimal
    state: str
    submitted_at: datetime | None
    accepted_at: datetime | None


class ReportRow(Row):
    """A value of a target that the project reported, and what was found about it."""

    id: str
    project_id: str
    code: str
    value: Decimal
    reported_at: datetime
    verdict: str
    checked_at: datetime | None


class PostingRow(Row):
    """A posting of the ledger: an amount [yuan] moves from an account to another."""

    number: int
    day: date
    source: str
    target: str
    amount: Amount
    reference: str


class SignalRow(Row):
    """A cause why a project is not green, from when to when."""

    rule: str
    subject: str
    colour: int
    seen: Decimal
    limit: Decimal
    since: date
    until: date | None


class Handed(Body):
    """Files that prove it."""

    evidence: Evidence = Field(default_factory=list)


class Judgement(Reason):
    """Whether it is accepted; returning needs a reason."""

    accept: bool


class Reported(Handed):
    """Where targets of the contract stand: code → value."""

    values: dict[str, Quantity]


class Verdict(Reason):
    """What was found about a reported value."""

    verdict: Literal["verified", "rejected", "falsified"]


class Spending(Body):
    """Money spent [yuan] and the voucher that it rests on."""

    amount: Annotated[Yuan, Field(gt=0)]
    reference: Name


class Paid(Row):
    """What was paid [yuan]."""

    amount: Amount


class Steer(Body):
    """A transition of a running project, and why."""

    transition: Literal["suspend", "resume", "terminate", "revoke"]
    reason: Words


def project_inside(session: Session, records: Records, who: Principal, project_id: str) -> Project:
    """Return a project whose papers and money a person may read; the public may not, though it may read of the project."""
    project = find(session, Project, project_id)
    told = project_target(project)
    records.rights.require(who, "project.read", Target(told.region, told.organisation_id, person_id=told.person_id))
    return project


@router.get("/programme/projects", **needs(ANYBODY), **paged(ProjectRow))
def list_projects(
    records: Kept, who: Who, asked: Paged, state: str = "", region: str = "", action: str = "", call: str = "", kind: str = "",
    lead: str = "", colour: Annotated[int | None, Field(ge=0, le=2)] = None, q: str = "",
) -> Any:  # fmt: skip
    """Projects that one may read; the public those that run or ran."""
    wanted = ProjectFilter(state, region, action, call, kind, colour, lead, q)
    with records.database.read() as session:
        found = projects(session, records.rights, who, wanted, offset=asked.offset, limit=asked.limit, only=LISTED)
        return asked.answer(ProjectRow, found.rows, found.total)


@router.get("/programme/board", **needs("dispatch.read"))
def officers_board(records: Kept, who: Who, region: str) -> dict[str, Any]:
    """Counts and sums of a region: states, colours, money, what is overdue and open."""
    records.rights.require(who, "dispatch.read", Target(region=region))
    with records.database.read() as session:
        return board(session, region, local_day(records.database.clock())).as_record()


@router.get("/programme/projects/{project_id}", **needs(ANYBODY), response_model=ProjectRow)
def one_project(project_id: str, records: Kept, who: Who) -> Any:
    """One project."""
    with records.database.read() as session:
        project = find(session, Project, project_id)
        records.rights.require(who, "project.read", project_target(project))
        return project


@router.get("/programme/projects/{project_id}/milestones", **needs("project.read"), response_model=list[MilestoneRow])
def milestones(project_id: str, records: Kept, who: Who) -> Any:
    """The milestones of a project by due date."""
    with records.database.read() as session:
        project_inside(session, records, who, project_id)
        return milestones_of(session, project_id)


@router.get("/programme/milestones/{milestone_id}", **needs("project.read"), response_model=MilestoneRow)
def one_milestone(milestone_id: str, records: Kept, who: Who) -> Any:
    """One milestone."""
    with records.database.read() as session:
        milestone = find(session, ProjectMilestone, milestone_id)
        project_inside(session, records, who, milestone.project_id)
        return milestone


@router.post("/programme/milestones/{milestone_id}/submission", **needs("project.report"), response_model=MilestoneRow)
def handed_in(milestone_id: str, sent: Handed, records: Kept, who: Who) -> Any:
    """Hand in a milestone with its evidence."""
    return submit_milestone(records, who, milestone_id, proofs(records, who, sent.evidence))


@router.post("/programme/milestones/{milestone_id}/decision", **needs("project.steer"), response_model=MilestoneRow)
def milestone_decided(milestone_id: str, sent: Judgement, records: Kept, who: Who) -> Any:
    """Accept a milestone, or return it with a reason."""
    return decide_milestone(records, who, milestone_id, accept=sent.accept, reason=sent.reason)


@router.get("/programme/projects/{project_id}/reports", **needs("project.read"), **paged(ReportRow))
def reports(project_id: str, records: Kept, who: Who, asked: Paged) -> Any:
    """Values that the project reported, the latest first."""
    with records.database.read() as session:
        project_inside(session, records, who, project_id)
        statement = select(KpiReport).where(KpiReport.project_id == project_id)
        rows = session.execute(statement.order_by(KpiReport.reported_at.desc(), KpiReport.id)).scalars()
        return asked.sliced(ReportRow, list(rows))


@router.post(
    "/programme/projects/{project_id}/reports",
    **needs("project.report"),
    response_model=list[ReportRow],
    status_code=201,
)
def reported(project_id: str, sent: Reported, records: Kept, who: Who) -> Any:
    """Report where the targets of the contract stand."""
    return report_targets(records, who, project_id, sent.values, proofs(records, who, sent.evidence))


@router.post("/programme/reports/{report_id}/verdict", **needs("project.verify"), response_model=ReportRow)
def report_checked(report_id: str, sent: Verdict, records: Kept, who: Who) -> Any:
    """Check a reported value, never one's own."""
    return check_report(records, who, report_id, sent.verdict, reason=sent.reason)


@router.get("/programme/projects/{project_id}/postings", **needs("project.read"), **paged(PostingRow))
def postings(project_id: str, records: Kept, who: Who, asked: Paged) -> Any:
    """The ledger of a project, oldest posting first."""
    with records.database.read() as session:
        project_inside(session, records, who, project_id)
        statement = select(LedgerPosting).where(LedgerPosting.project_id == project_id)
        rows = session.execute(statement.order_by(LedgerPosting.number)).scalars()
        return asked.sliced(PostingRow, list(rows))


@router.post("/programme/projects/{project_id}/payment", **needs("funds.pay"), response_model=Paid)
def paid(project_id: str, records: Kept, who: Who) -> Any:
    """Pay what accepted milestones have released."""
    return {"amount": pay(records, who, project_id)}


@router.post("/programme/projects/{project_id}/spending", **needs("funds.spend"), response_model=Paid, status_code=201)
def spent(project_id: str, sent: Spending, records: Kept, who: Who) -> Any:
    """Report money spent."""
    report_spending(records, who, project_id, sent.amount, sent.reference)
    return {"amount": sent.amount}


@router.get("/programme/projects/{project_id}/signals", **needs("project.read"), response_model=list[SignalRow])
def signals(project_id: str, records: Kept, who: Who) -> Any:
    """Causes why a project is, or was, not green."""
    with records.database.read() as session:
        project_inside(session, records, who, project_id)
        statement = select(ProjectSignal).where(ProjectSignal.project_id == project_id)
        return list(session.execute(statement.order_by(ProjectSignal.since, ProjectSignal.id)).scalars())


@router.post("/programme/projects/{project_id}/steps", **needs("project.steer"), response_model=ProjectRow)
def steered(project_id: str, sent: Steer, records: Kept, who: Who) -> Any:
    """Suspend, resume, terminate or revoke a project."""
    return steer(records, who, project_id, sent.transition, sent.reason)
