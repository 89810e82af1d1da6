"""Investment entries: each payment under a contract, in a year, by a payer, is claimed once and verified by a second person."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.assessment.filing.filings import Proof
from tanlu.assessment.filing.scheme import AssessmentScheme
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.states import RETURNED, VERIFIED, state_known
from tanlu.assessment.filing.tables import AssessmentInvestment
from tanlu.assessment.filing.workflows import workflow
from tanlu.assessment.investment import InvestmentEntry, PayerKind, SpendingKind
from tanlu.assessment.score_tree import FilingState
from tanlu.core.errors import Problem
from tanlu.programme.registry.places import prefectures_of
from tanlu.records import (
    Change,
    ConflictError,
    Principal,
    Records,
    RefusedError,
    Target,
    add_evidence,
    advance,
    code_problems,
    evidence_of,
    local_day,
    new_id,
    require_other,
)
from tanlu.records.log.canonical import canonical

FILE: Final = "investment.file"
REVOKED: Final = "revoked"
LARGEST: Final = Decimal(10) ** 13


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it is filed.

    Parameters
    ----------
    region : str
        Prefecture in which it counts.
    contract : str
        Number of the contract.
    payer : str
        Unified social credit code.
    account : str
        Id of the definition in the scheme.
    amount : Decimal
        Yuan.
    technology : str
        Technology of the plan, empty if none alone.
    """

    region: str
    contract: str
    year: int
    payer: str
    payer_kind: PayerKind
    kind: SpendingKind
    account: str
    amount: Decimal
    technology: str = ""
    note: str = ""
    demonstration: bool = False

    @property
    def claim(self) -> str:
        """Digest of what can be claimed once: contract, year and payer, however their letters and widths are written."""
        contract = "".join(unicodedata.normalize("NFKC", self.contract).casefold().split())
        return sha256(canonical([contract, self.year, self.payer.strip().upper()])).hexdigest()


def file_payment(
    records: Records, principal: Principal, payment: Payment, evidence: Sequence[Proof] = ()
) -> AssessmentInvestment:
    """File a payment.

    Raises
    ------
    NotPermittedError
        If the person may not file for the prefecture.
    ConflictError
        If the same contract, year and payer stand in another entry.
    RefusedError
        With everything that is wrong.
    """
    subject = f"investment_claim:{payment.claim}"
    with records.database.change(principal.person_id, FILE, subject) as change:
        return add_payment(records, principal, change, payment, evidence)


def add_payment(
    records: Records, principal: Principal, change: Change, payment: Payment, evidence: Sequence[Proof] = ()
) -> AssessmentInvestment:
    """File a payment within a change; see `file_payment`."""
    scheme = scheme_for(records.settings.province, payment.year)
    problems = payment_problems(records, scheme, payment, local_day(change.at).year)
    if problems:
        raise RefusedError(*problems)
    records.rights.require(principal, FILE, Target(region=payment.region))
    twin = claimed(change.session, payment.claim)
    if twin is not None:
        raise ConflictError(_twice(payment, twin))
    entry = AssessmentInvestment(
        id=new_id(),
        region=payment.region,
        contract=payment.contract.strip(),
        year=payment.year,
        payer=payment.payer.strip().upper(),
        payer_kind=payment.payer_kind.value,
        kind=payment.kind.value,
        account=payment.account,
        amount=payment.amount,
        technology=payment.technology,
        claim=payment.claim,
        note=payment.note.strip(),
        state="filed",
        filed_by=change.actor,
        filed_at=change.at,
        demonstration=payment.demonstration,
    )
    change.session.add(entry)
    change.session.flush()
    change.subject = f"investment:{entry.id}"
    for stored, label in evidence:
        add_evidence(change, stored, f"investment:{entry.id}", label)
    return entry


def check_payment(
    records: Records, principal: Principal, entry_id: str, transition: str, *, reason: str = ""
) -> AssessmentInvestment:
    """Verify, return or (once verified) revoke an entry; what no longer stands gives its claim free for whom it belongs to.

    Parameters
    ----------
    transition : {"verify", "return", "revoke"}

    Raises
    ------
    NotPermittedError
        If the person may not, or filed it.
    ConflictError
        If it is in another state.
    RefusedError
        If there is no evidence for verifying it, or no reason for the others.
    """
    subject = f"investment:{entry_id}"
    with records.database.change(principal.person_id, f"investment.{transition}", subject, reason=reason) as change:
        return check_entry(records, principal, change, entry_id, transition, reason)


def check_entry(
    records: Records, principal: Principal, change: Change, entry_id: str, transition: str, reason: str = ""
) -> AssessmentInvestment:
    """Verify, return or revoke an entry within a change; see `check_payment`."""
    subject = f"investment:{entry_id}"
    entry = change.session.get(AssessmentInvestment, entry_id)
    if entry is None:
        raise RefusedError(Problem("no_record", "investment", field="id", value=entry_id))
    require_other(change.actor, entry.filed_by)
    advance(
        change,
        workflow("investment"),
        entry,
        subject,
        transition,
        principal=principal,
        rights=records.rights,
        target=Target(region=entry.region),
        facts={"proofs": len(evidence_of(change.session, subject))},
        reason=reason,
    )
    if entry.state == REVOKED:
        entry.revoked_by, entry.revoked_at = change.actor, change.at
    else:
        entry.checked_by, entry.checked_at = change.actor, change.at
    if entry.state in (RETURNED, REVOKED):
        entry.claim = None
    return entry


def claimed(session: Session, claim: str) -> AssessmentInvestment | None:
    """Return the entry that claims the same money, None if there is none."""
    statement = select(AssessmentInvestment).where(AssessmentInvestment.claim == claim)
    return session.execute(statement).scalar_one_or_none()


def _twice(payment: Payment, twin: AssessmentInvestment) -> Problem:
    details = {"region": twin.region, "id": twin.id, "year": payment.year, "payer": payment.payer}
    return Problem("investment_twice", "investment", field="contract", value=payment.contract, details=details)


def payment_problems(records: Records, scheme: AssessmentScheme, payment: Payment, this_year: int) -> list[Problem]:
    """Return what is wrong with a payment."""
    cities = prefectures_of(records.settings.province)
    problems = code_problems(payment.payer.strip().upper(), "investment", None, "payer")
    if payment.region not in cities:
        details = {"refers_to": "regions.csv", "some": ", ".join(cities[:4])}
        problems.append(Problem("unknown_choice", "investment", field="region", value=payment.region, details=details))
    if not payment.contract.strip():
        problems.append(Problem("empty", "investment", field="contract"))
    if payment.year > this_year:
        problems.append(Problem("filing_future", "investment", field="year", value=str(payment.year)))
    account = scheme.accounts.get(payment.account)
    if account is None:
        details = {"refers_to": scheme.id, "some": ", ".join(scheme.accounts) or "-"}
        problems.append(
            Problem("unknown_choice", "investment", field="account", value=payment.account, details=details)
        )
    else:
        if payment.kind not in account.kinds:
            problems.append(_outside("kind", payment.kind, account.id))
        if payment.payer_kind not in account.payers:
            problems.append(_outside("payer_kind", payment.payer_kind, account.id))
    if not payment.amount.is_finite() or not 0 < payment.amount < LARGEST:
        problems.append(Problem("amount_range", "investment", field="amount", value=str(payment.amount)))
    elif payment.amount != round(payment.amount, 2):
        value = str(payment.amount)
        problems.append(Problem("too_exact", "investment", field="amount", value=value, details={"places": 2}))
    return problems


def _outside(field: str, value: str, account: str) -> Problem:
    return Problem("outside_account", "investment", field=field, value=value, details={"account": account})


def state_at(entry: AssessmentInvestment, as_of: datetime) -> FilingState:
    """Return the state of an entry as it was known at a moment."""
    if entry.revoked_at is None:
        return state_known(entry.state, entry.checked_at, as_of)
    return FilingState.REJECTED if entry.revoked_at <= as_of else state_known(VERIFIED, entry.checked_at, as_of)


def known_investments(session: Session, year: int, as_of: datetime, account: str = "") -> list[InvestmentEntry]:
    """Return the entries of a year as known at a moment, in the form in which they are summed; what was returned by then is left out."""
    statement = select(AssessmentInvestment).where(
        AssessmentInvestment.year == year, AssessmentInvestment.filed_at <= as_of
    )
    if account:
        statement = statement.where(AssessmentInvestment.account == account)
    found = []
    for entry in session.execute(statement.order_by(AssessmentInvestment.id)).scalars():
        state = state_at(entry, as_of)
        if state is FilingState.REJECTED:
            continue
        found.append(
            InvestmentEntry(
                entry.id,
                entry.region,
                entry.contract,
                entry.year,
                entry.payer,
                PayerKind(entry.payer_kind),
                SpendingKind(entry.kind),
                entry.amount,
                state is FilingState.VERIFIED,
            )
        )
    return found


def by_technology(session: Session, year: int, as_of: datetime) -> dict[str, Decimal]:
    """Return verified investment of a year by technology of the plan [yuan]; the empty id holds what serves none alone."""
    statement = select(AssessmentInvestment).where(
        AssessmentInvestment.year == year, AssessmentInvestment.filed_at <= as_of
    )
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for entry in session.execute(statement).scalars():
        if state_at(entry, as_of) is FilingState.VERIFIED:
            sums[entry.technology] += entry.amount
    return dict(sorted(sums.items()))
