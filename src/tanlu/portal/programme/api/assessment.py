"""The assessment: the scheme, filings with evidence and their check by another, what is missing, and the numeric targets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from tanlu.assessment.filing import AssessmentFiling
from tanlu.assessment.filing.filings import (
    Value,
    attach,
    check_filing,
    draft,
    file_value,
    find_filing,
    revise,
    submit,
    verify_filings,
    withdraw,
)
from tanlu.assessment.filing.importing import import_filings
from tanlu.assessment.filing.lists import city_desk, filing_status, list_filings
from tanlu.assessment.filing.plain import target_as_data
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.scoring import Physical, read_scoreboard
from tanlu.assessment.filing.targets import numeric_targets
from tanlu.portal.api import Lang
from tanlu.portal.plan.records import plan_of
from tanlu.portal.programme.api.tables import Imported, ImportSent, imported, uploaded_table
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import ANYBODY, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import (
    Body,
    Evidence,
    Key,
    Name,
    Quantity,
    Reason,
    Row,
    Year,
    YearAsked,
    proofs,
)
from tanlu.programme.registry.places import prefectures_of
from tanlu.records import Principal, Records, Target, local_day
from tanlu.workspace import Workspace

router = records_api("assessment")


class FilingItemRow(Row):
    """A line of a list of filings or investments; ``what`` is the indicator or the contract."""

    id: str
    region: str
    year: int
    what: str
    value: str
    state: str
    filed_by: str | None
    filed_at: datetime | None
    checked_by: str | None
    checked_at: datetime | None
    note: str
    demonstration: bool


class FilingRow(Row):
    """A filing."""

    id: str
    region: str
    indicator: str
    year: int
    number: int
    value: Decimal
    note: str
    state: str
    filed_at: datetime | None
    checked_at: datetime | None


class FilingSent(Body):
    """A value of a prefecture; filed at once, or kept as a draft."""

    region: Key
    indicator: Key
    year: Year
    value: Quantity
    note: Name = ""
    draft: bool = False
    evidence: Evidence = Field(default_factory=list)


class Several(Body):
    """Ids of filings."""

    filings: Annotated[list[Key], Field(min_length=1, max_length=500)]


class Revision(Body):
    """Value and note of a draft."""

    value: Quantity
    note: Name = ""


class Attached(Body):
    """Further files that prove a draft."""

    evidence: Evidence


class FilingStep(Reason):
    """A step of a filing; returning needs a reason."""

    transition: Literal["file", "withdraw", "verify", "return"]


class StatusRow(Row):
    """What a prefecture has filed for a year."""

    city: str
    states: dict[str, str]
    missing: list[str]
    due: date
    overdue: bool


class DeskRow(Row):
    """An indicator on the desk of a prefecture: what is required, what stands there, what it needs."""

    indicator: str
    action: str
    zh: str
    en: str
    unit: str
    source: str
    required: str
    value: str
    state: str
    filing_id: str
    note: str
    evidence_zh: str
    evidence_en: str
    grade: str
    key: bool
    due: date


def scoreboard_of(records: Records) -> Physical | None:
    """Return the scoreboard of the newest run of the main job, None before the first."""
    workspace = Workspace.open(records.folder)
    return read_scoreboard(workspace.latest()) if workspace.runs() else None


def _readable(session: Session, records: Records, who: Principal, filing_id: str) -> AssessmentFiling:
    filing = find_filing(session, filing_id)
    records.rights.require(who, "filing.read", Target(region=filing.region))
    return filing


@router.get("/assessment/targets", **needs(ANYBODY))
def targets(records: Kept, lang: Lang = "zh") -> list[dict[str, Any]]:
    """The numeric targets of the plan: reported, verified, forecast."""
    physical = scoreboard_of(records)
    with records.database.read() as session:
        province = records.settings.province
        found = numeric_targets(session, province, records.database.clock(), physical, plan_of(province))
    return [target_as_data(t, lang) for t in found]


@router.get("/assessment/scheme", **needs(ANYBODY))
def scheme(records: Kept, year: Year) -> dict[str, Any]:
    """The scheme of a year: indicators, weights, targets, account definitions, with source and status."""
    found = scheme_for(records.settings.province, year)
    return {"id": found.id, "version": found.version, "sha256": found.sha256, "content": dict(found.content)}


@router.get("/assessment/filings", **needs("filing.read"), **paged(FilingItemRow))
def filings(
    records: Kept, who: Who, asked: Paged, year: YearAsked | None = None, region: str = "", state: str = "", indicator: str = ""
) -> Any:  # fmt: skip
    """Filings that one may read, the newest first."""
    with records.database.read() as session:
        found = list_filings(
            session, records.rights, who, year=year, region=region, state=state, indicator=indicator, offset=asked.offset, limit=asked.limit
        )  # fmt: skip
    return asked.answer(FilingItemRow, found.items, found.total)


@router.get("/assessment/filings/{filing_id}", **needs("filing.read"), response_model=FilingRow)
def one_filing(filing_id: str, records: Kept, who: Who) -> Any:
    """One filing."""
    with records.database.read() as session:
        return _readable(session, records, who, filing_id)


@router.post("/assessment/filings", **needs("filing.file"), response_model=FilingRow, status_code=201)
def filed(sent: FilingSent, records: Kept, who: Who) -> Any:
    """File a value with its evidence, or begin a draft."""
    value = Value(sent.region, sent.indicator, sent.year, sent.value, sent.note)
    files = proofs(records, who, sent.evidence)
    return draft(records, who, value, files) if sent.draft else file_value(records, who, value, files)


@router.put("/assessment/filings/{filing_id}", **needs("filing.file"), response_model=FilingRow)
def revised(filing_id: str, sent: Revision, records: Kept, who: Who) -> Any:
    """Change value and note of a draft."""
    return revise(records, who, filing_id, sent.value, sent.note)


@router.post("/assessment/filings/{filing_id}/evidence", **needs("filing.file"), response_model=FilingRow)
def attached(filing_id: str, sent: Attached, records: Kept, who: Who) -> Any:
    """Add evidence to a draft."""
    attach(records, who, filing_id, proofs(records, who, sent.evidence))
    with records.database.read() as session:
        return find_filing(session, filing_id)


@router.post("/assessment/filings/{filing_id}/steps", **needs("filing.file", "filing.verify"), response_model=FilingRow)
def step_of_filing(filing_id: str, sent: FilingStep, records: Kept, who: Who) -> Any:
    """File or withdraw a draft; verify a filing of somebody else, or return it."""
    if sent.transition == "file":
        return submit(records, who, filing_id)
    if sent.transition == "withdraw":
        return withdraw(records, who, filing_id)
    return check_filing(records, who, filing_id, sent.transition, reason=sent.reason)


@router.post("/assessment/filings/verification", **needs("filing.verify"), response_model=list[FilingRow])
def verified(sent: Several, records: Kept, who: Who) -> Any:
    """Verify filings of others, all of them or none."""
    return verify_filings(records, who, sent.filings)


@router.post("/assessment/filings/import", **needs("filing.file"), response_model=Imported)
def import_table(sent: ImportSent, records: Kept, who: Who) -> Any:
    """File every value of a table, all rows or none; by default only tried."""
    with uploaded_table(records, who, sent.upload) as path:
        return imported(import_filings(records, who, path, dry_run=sent.dry_run))


@router.get("/assessment/status", **needs("filing.read"), response_model=list[StatusRow])
def status(records: Kept, who: Who, year: Year) -> Any:
    """What each prefecture that one may read has filed for a year, and what is missing."""
    now, province = records.database.clock(), records.settings.province
    cities = [c for c in prefectures_of(province) if records.rights.allows(who, "filing.read", Target(region=c))]
    with records.database.read() as session:
        return filing_status(session, scheme_for(province, year), cities, year, now, local_day(now))


@router.get("/assessment/desk", **needs("filing.read"), response_model=list[DeskRow])
def desk(records: Kept, who: Who, year: Year, region: str) -> Any:
    """What a prefecture has to file for a year, with its drafts."""
    with records.database.read() as session:
        found = scheme_for(records.settings.province, year)
        return city_desk(session, records.rights, who, found, region, year, records.database.clock())
