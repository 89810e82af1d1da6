"""Investment in new technology: payments filed once, verified by another, summed by technology of the plan."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy.orm import Session

from tanlu.assessment.filing import AssessmentInvestment
from tanlu.assessment.filing.importing import import_investments
from tanlu.assessment.filing.investments import Payment, by_technology, check_payment, file_payment
from tanlu.assessment.filing.lists import investment_totals, list_payments
from tanlu.assessment.investment import PayerKind, SpendingKind
from tanlu.core.errors import Problem
from tanlu.portal.programme.api.assessment import FilingItemRow
from tanlu.portal.programme.api.tables import Imported, ImportSent, imported, uploaded_table
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import (
    Amount,
    Body,
    Evidence,
    Key,
    Name,
    Reason,
    Row,
    Year,
    YearAsked,
    Yuan,
    proofs,
)
from tanlu.records import Principal, Records, RefusedError, Target

router = records_api("assessment")


class InvestmentRow(Row):
    """A payment under a contract, in a year, by a payer [yuan]."""

    id: str
    region: str
    contract: str
    year: int
    payer: str
    payer_kind: str
    kind: str
    account: str
    amount: Amount
    technology: str
    note: str
    state: str
    filed_at: datetime
    checked_at: datetime | None
    revoked_at: datetime | None


class PaymentSent(Body):
    """A payment; the payer by its unified social credit code, the account by its id in the scheme."""

    region: Key
    contract: Annotated[str, Field(min_length=1, max_length=400)]
    year: Year
    payer: Annotated[str, Field(min_length=1, max_length=18)]
    payer_kind: PayerKind
    kind: SpendingKind
    account: Key
    amount: Yuan
    technology: Annotated[str, Field(max_length=80)] = ""
    note: Name = ""
    evidence: Evidence = Field(default_factory=list)


class PaymentStep(Reason):
    """A check of a payment; returning and revoking need a reason."""

    transition: Literal["verify", "return", "revoke"]


@router.get("/assessment/investments", **needs("investment.read"), **paged(FilingItemRow))
def investments(
    records: Kept, who: Who, asked: Paged, year: YearAsked | None = None, region: str = "", state: str = "", payer: str = ""
) -> Any:  # fmt: skip
    """Payments that one may read, the newest first."""
    with records.database.read() as session:
        found = list_payments(
            session, records.rights, who, year=year, region=region, state=state, payer=payer, offset=asked.offset, limit=asked.limit
        )  # fmt: skip
    return asked.answer(FilingItemRow, found.items, found.total)


@router.get("/assessment/investment-totals", **needs("investment.read"))
def totals(records: Kept, who: Who, year: Year) -> dict[str, Any]:
    """Payments of the whole province in a year by state, and what was verified by technology of the plan [yuan]."""
    records.rights.require(who, "investment.read", Target(region=records.settings.province))
    now = records.database.clock()
    with records.database.read() as session:
        states, technologies = investment_totals(session, year, now), by_technology(session, year, now)
    return {
        "states": {state: {"entries": n, "yuan": str(amount)} for state, (n, amount) in states.items()},
        "verified_by_technology": {key: str(amount) for key, amount in technologies.items()},
    }


@router.get("/assessment/investments/{investment_id}", **needs("investment.read"), response_model=InvestmentRow)
def one_investment(investment_id: str, records: Kept, who: Who) -> Any:
    """One payment."""
    with records.database.read() as session:
        return _readable(session, records, who, investment_id)


def _readable(session: Session, records: Records, who: Principal, investment_id: str) -> AssessmentInvestment:
    found = session.get(AssessmentInvestment, investment_id)
    if found is None:
        raise RefusedError(Problem("no_record", "investment", field="id", value=investment_id[:40]))
    records.rights.require(who, "investment.read", Target(region=found.region))
    return found


@router.post("/assessment/investments", **needs("investment.file"), response_model=InvestmentRow, status_code=201)
def filed(sent: PaymentSent, records: Kept, who: Who) -> Any:
    """File a payment; the same contract, year and payer can be claimed once."""
    payment = Payment(
        sent.region, sent.contract, sent.year, sent.payer, sent.payer_kind, sent.kind, sent.account, sent.amount, sent.technology, sent.note
    )  # fmt: skip
    return file_payment(records, who, payment, proofs(records, who, sent.evidence))


@router.post(
    "/assessment/investments/{investment_id}/steps", **needs("investment.verify"), response_model=InvestmentRow
)
def checked(investment_id: str, sent: PaymentStep, records: Kept, who: Who) -> Any:
    """Verify a payment that somebody else filed, return it, or revoke it once it was verified."""
    return check_payment(records, who, investment_id, sent.transition, reason=sent.reason)


@router.post("/assessment/investments/import", **needs("investment.file"), response_model=Imported)
def import_table(sent: ImportSent, records: Kept, who: Who) -> Any:
    """File every payment of a table, all rows or none; by default only tried."""
    with uploaded_table(records, who, sent.upload) as path:
        return imported(import_investments(records, who, path, dry_run=sent.dry_run))
