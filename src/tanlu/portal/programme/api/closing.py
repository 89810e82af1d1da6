"""How projects end: acceptance, integrity records, and transfer records for those who take results over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select

from tanlu.portal.programme.api.projects import Handed, ProjectRow, project_inside
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Amount, Body, Reason, Row, Words, proofs
from tanlu.programme.cycle import Acceptance, IntegrityRecord, Project, TransferRecord
from tanlu.programme.cycle.accepting import approve_result, ask_acceptance, propose_result, return_result
from tanlu.programme.cycle.acting import find
from tanlu.records import Columns

router = records_api("programme")


class AcceptanceRow(Row):
    """The result of a project with the targets that it rests on; amounts in yuan."""

    project_id: str
    result: str
    falsified: bool
    excusable: bool
    missed: list[str]
    kpis: list[dict[str, Any]]
    left: Amount
    recovered: Amount
    opinion: str
    proposed_at: datetime
    approved_at: datetime | None


class IntegrityRow(Row):
    """A breach of integrity and the days on which its person or organisation may not apply."""

    id: str
    project_id: str
    person_id: str | None
    organisation_id: str | None
    cause: str
    first: date
    last: date
    pack: str
    version: int


class TransferRow(Row):
    """What an accepted project hands on."""

    project_id: str
    holder_id: str
    region: str
    zh: str
    en: str
    technologies: list[dict[str, str]]
    results: list[dict[str, str]]
    result: str
    at: datetime


class Opinion(Body):
    """What is said of the result; ``excusable`` where a panel found that targets were missed for a cause outside the project."""

    opinion: Words
    excusable: bool = False


@router.get("/programme/projects/{project_id}/acceptance", **needs("project.read"), response_model=AcceptanceRow)
def acceptance(project_id: str, records: Kept, who: Who) -> Any:
    """The result of a project, also while it is only proposed."""
    with records.database.read() as session:
        project_inside(session, records, who, project_id)
        return find(session, Acceptance, project_id)


@router.post("/programme/projects/{project_id}/acceptance", **needs("acceptance.ask"), response_model=ProjectRow)
def asked(project_id: str, sent: Handed, records: Kept, who: Who) -> Any:
    """Ask for acceptance, with the final report as evidence."""
    return ask_acceptance(records, who, project_id, proofs(records, who, sent.evidence))


@router.post(
    "/programme/projects/{project_id}/acceptance/proposal", **needs("acceptance.propose"), response_model=AcceptanceRow
)
def proposed(project_id: str, sent: Opinion, records: Kept, who: Who) -> Any:
    """Propose the result that follows from the targets."""
    return propose_result(records, who, project_id, sent.opinion, excusable=sent.excusable)


@router.post(
    "/programme/projects/{project_id}/acceptance/return", **needs("acceptance.approve"), response_model=ProjectRow
)
def returned(project_id: str, sent: Reason, records: Kept, who: Who) -> Any:
    """Return a proposed result with a reason."""
    return return_result(records, who, project_id, sent.reason)


@router.post(
    "/programme/projects/{project_id}/acceptance/approval", **needs("acceptance.approve"), response_model=AcceptanceRow
)
def approved(project_id: str, records: Kept, who: Who) -> Any:
    """Approve the proposed result, as another officer than the one who proposed it."""
    return approve_result(records, who, project_id)


@router.get("/programme/integrity", **needs("integrity.read"), **paged(IntegrityRow))
def integrity(records: Kept, who: Who, asked: Paged, on: date | None = None) -> Any:
    """Integrity records that one may read, the latest first; with ``on`` those in force on that day."""
    table = Project.__table__.c
    visible = records.rights.condition(
        who, "integrity.read", Columns(region=table.region, organisation_id=table.lead_id)
    )
    statement = select(IntegrityRecord).join(Project, Project.id == IntegrityRecord.project_id).where(visible)
    if on is not None:
        statement = statement.where(IntegrityRecord.first <= on, IntegrityRecord.last >= on)
    with records.database.read() as session:
        rows = session.execute(statement.order_by(IntegrityRecord.first.desc(), IntegrityRecord.id)).scalars()
        return asked.sliced(IntegrityRow, list(rows))


@router.get("/programme/transfers", **needs("transfer.read"), response_model=list[TransferRow])
def transferred(
    records: Kept, who: Who, after: str = "", limit: Annotated[int, Field(ge=1, le=500)] = 200
) -> Any:  # fmt: skip
    """Transfer records by id of their project; ``after`` is the last one of the page before."""
    table = TransferRecord.__table__.c
    visible = records.rights.condition(
        who, "transfer.read", Columns(region=table.region, organisation_id=table.holder_id)
    )
    statement = select(TransferRecord).where(visible, TransferRecord.project_id > after)
    with records.database.read() as session:
        return list(session.execute(statement.order_by(TransferRecord.project_id).limit(limit)).scalars())
