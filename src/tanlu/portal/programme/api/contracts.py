"""Contracts: drafted, promised, signed, started; and their formal changes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.portal.programme.api.projects import Judgement, Paid, ProjectRow, project_inside
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Amount, Body, Key, Name, Quantity, Row, Words, Yuan
from tanlu.programme.cycle import ChangeRequest, Contract
from tanlu.programme.cycle.acting import find
from tanlu.programme.cycle.changing import decide_change, request_change, withdraw_change
from tanlu.programme.cycle.contracting import MilestoneTerms, commit_share, draft_contract, sign, start
from tanlu.programme.cycle.ledger import kpis_of

router = records_api("programme")


class KpiRow(Row):
    """A target of a contract version."""

    code: str
    zh: str
    en: str
    unit: str
    baseline: Decimal
    target: Decimal
    hard: bool


class ContractRow(Row):
    """A version of a contract; amounts in yuan as text."""

    id: str
    project_id: str
    version: int
    grant: Amount
    start: date
    end: date
    budget: dict[str, str]
    shares: dict[str, str]
    reason: str
    drafted_at: datetime


class ContractDetail(ContractRow):
    """A version with its targets."""

    targets: list[KpiRow]


class MilestoneSent(Body):
    """A milestone of a draft; ``pays`` is the part of the grant that it releases [%]."""

    code: Key
    zh: Name
    en: Name = ""
    start: date
    due: date
    pays: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
    after: Annotated[str, Field(max_length=80)] = ""


class ContractSent(Body):
    """A draft: days, milestones, and where they differ from the application targets and budget [yuan]."""

    start: date
    end: date
    milestones: Annotated[list[MilestoneSent], Field(min_length=1, max_length=100)]
    targets: dict[str, Quantity] | None = None
    budget: dict[str, Yuan] | None = None


class Funder(Body):
    """``province``, ``ministry``, or the id of a prefecture."""

    funder: Key


class ChangeSent(Body):
    """What shall hold after the change, and why: chief {chief_id}, unit {lead_id}, kpi {targets}, budget {budget}, extension {end}."""

    kind: Literal["chief", "unit", "kpi", "budget", "extension"]
    content: dict[str, Any]
    reason: Words


class ChangeRow(Row):
    """A formal change of a contract."""

    id: str
    project_id: str
    kind: str
    state: str
    content: dict[str, Any]
    reason: str
    asked_by: str
    asked_at: datetime


@router.get("/programme/projects/{project_id}/contracts", **needs("project.read"), response_model=list[ContractDetail])
def contracts(project_id: str, records: Kept, who: Who) -> Any:
    """All versions of the contract with their targets, the newest first."""
    with records.database.read() as session:
        project_inside(session, records, who, project_id)
        statement = select(Contract).where(Contract.project_id == project_id).order_by(Contract.version.desc())
        return [_detail(session, contract) for contract in session.execute(statement).scalars()]


def _detail(session: Session, contract: Contract) -> dict[str, Any]:
    return ContractRow.model_validate(contract).model_dump() | {"targets": kpis_of(session, contract)}


@router.put("/programme/projects/{project_id}/contract", **needs("contract.draft"), response_model=ContractDetail)
def drafted(project_id: str, sent: ContractSent, records: Kept, who: Who) -> Any:
    """Draft the contract, or draft it anew before it is signed."""
    plan = [MilestoneTerms(m.code, m.zh, m.en, m.start, m.due, m.pays, m.after) for m in sent.milestones]
    made = draft_contract(records, who, project_id, sent.start, sent.end, plan, kpis=sent.targets, budget=sent.budget)
    with records.database.read() as session:
        return _detail(session, made)


@router.post("/programme/projects/{project_id}/shares", **needs("funds.commit"), response_model=Paid)
def promised(project_id: str, sent: Funder, records: Kept, who: Who) -> Any:
    """Promise what is missing of a funder's share."""
    return {"amount": commit_share(records, who, project_id, sent.funder)}


@router.post("/programme/projects/{project_id}/signature", **needs("contract.sign"), response_model=ProjectRow)
def signed(project_id: str, records: Kept, who: Who) -> Any:
    """Sign the contract as its lead."""
    return sign(records, who, project_id)


@router.post("/programme/projects/{project_id}/start", **needs("contract.approve"), response_model=ProjectRow)
def started(project_id: str, records: Kept, who: Who) -> Any:
    """Countersign and start a project, as another officer than the one who drafted the contract."""
    return start(records, who, project_id)


@router.get("/programme/projects/{project_id}/changes", **needs("project.read"), **paged(ChangeRow))
def changes(project_id: str, records: Kept, who: Who, asked: Paged) -> Any:
    """Formal changes of a project, the latest first."""
    with records.database.read() as session:
        project_inside(session, records, who, project_id)
        statement = select(ChangeRequest).where(ChangeRequest.project_id == project_id)
        rows = session.execute(statement.order_by(ChangeRequest.asked_at.desc(), ChangeRequest.id)).scalars()
        return asked.sliced(ChangeRow, list(rows))


@router.get("/programme/changes/{change_id}", **needs("project.read"), response_model=ChangeRow)
def one_change(change_id: str, records: Kept, who: Who) -> Any:
    """One formal change."""
    with records.database.read() as session:
        found = find(session, ChangeRequest, change_id)
        project_inside(session, records, who, found.project_id)
        return found


@router.post(
    "/programme/projects/{project_id}/changes", **needs("project.change"), response_model=ChangeRow, status_code=201
)
def asked(project_id: str, sent: ChangeSent, records: Kept, who: Who) -> Any:
    """Ask for a change."""
    return request_change(records, who, project_id, sent.kind, _exact(sent.content), sent.reason)


def _exact(content: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent with numbers as text: the record holds no floats."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(v) for key, v in value.items()}
        return repr(value) if isinstance(value, float) else value

    return {key: plain(value) for key, value in content.items()}


@router.post("/programme/changes/{change_id}/decision", **needs("change.decide"), response_model=ChangeRow)
def change_decided(change_id: str, sent: Judgement, records: Kept, who: Who) -> Any:
    """Approve a change, which adds a contract version, or reject it with a reason; never one's own."""
    return decide_change(records, who, change_id, approve=sent.accept, reason=sent.reason)


@router.post("/programme/changes/{change_id}/withdrawal", **needs("project.change"), response_model=ChangeRow)
def change_withdrawn(change_id: str, records: Kept, who: Who) -> Any:
    """Take a request back."""
    return withdraw_change(records, who, change_id)
