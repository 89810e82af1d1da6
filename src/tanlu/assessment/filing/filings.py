"""Filings of the prefectures: drafted, filed with evidence, verified or returned by a second person. Nothing that was filed is altered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.assessment.filing.official import measured_targets, years_of
from tanlu.assessment.filing.scheme import AssessmentScheme, SchemeIndicator
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.states import DRAFT, FILED, OPEN, state_known
from tanlu.assessment.filing.tables import PLACES, AssessmentFiling
from tanlu.assessment.filing.workflows import workflow
from tanlu.assessment.score_tree import Filing, FilingState
from tanlu.core.errors import Problem
from tanlu.core.province import province_folder
from tanlu.plan import load_plan
from tanlu.programme.registry.places import prefectures_of, province_of
from tanlu.records import (
    Change,
    ConflictError,
    Principal,
    Records,
    RefusedError,
    Stored,
    Target,
    WorkflowStep,
    add_evidence,
    advance,
    evidence_of,
    local_day,
    new_id,
)

FILE: Final = "filing.file"
LARGEST: Final = Decimal(10) ** 12
Proof = tuple[Stored, str]
"""A stored file and what the uploader called it."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a prefecture says of an indicator and a year, in the unit of the indicator."""

    region: str
    indicator: str
    year: int
    value: Decimal
    note: str = ""
    demonstration: bool = False


def draft(records: Records, principal: Principal, value: Value, evidence: Sequence[Proof] = ()) -> AssessmentFiling:
    """Begin a filing.

    Raises
    ------
    NotPermittedError
        If the person may not file for the prefecture.
    ConflictError
        If a draft or a filing to be verified is there already.
    RefusedError
        With everything that is wrong: prefecture, year, indicator, value.
    """
    subject = f"assessment:{value.region}:{value.indicator}:{value.year}"
    with records.database.change(principal.person_id, "filing.draft", subject) as change:
        return add_draft(records, principal, change, value, evidence)


def file_value(records: Records, principal: Principal, value: Value, evidence: Sequence[Proof]) -> AssessmentFiling:
    """Draft and file a value in one step; see `draft` and `submit`."""
    subject = f"assessment:{value.region}:{value.indicator}:{value.year}"
    with records.database.change(principal.person_id, FILE, subject) as change:
        filing = add_draft(records, principal, change, value, evidence)
        submit_draft(records, principal, change, filing)
        return filing


def revise(records: Records, principal: Principal, filing_id: str, value: Decimal, note: str = "") -> AssessmentFiling:
    """Change value and note of a draft."""
    with records.database.change(principal.person_id, "filing.revise", f"filing:{filing_id}") as change:
        filing = find_filing(change.session, filing_id)
        records.rights.require(principal, FILE, Target(region=filing.region))
        if filing.state != DRAFT:
            raise ConflictError(Problem("filing_not_draft", "filing", value=filing_id))
        problems = value_problems(value)
        if problems:
            raise RefusedError(*problems)
        filing.value, filing.note = value, note.strip()
        return filing


def attach(records: Records, principal: Principal, filing_id: str, evidence: Sequence[Proof]) -> None:
    """Add evidence to a draft."""
    with records.database.change(principal.person_id, "filing.attach", f"filing:{filing_id}") as change:
        filing = find_filing(change.session, filing_id)
        records.rights.require(principal, FILE, Target(region=filing.region))
        if filing.state != DRAFT:
            raise ConflictError(Problem("filing_not_draft", "filing", value=filing_id))
        for stored, label in evidence:
            add_evidence(change, stored, f"filing:{filing.id}", label)


def submit(records: Records, principal: Principal, filing_id: str) -> AssessmentFiling:
    """File a draft; it needs evidence."""
    with records.database.change(principal.person_id, FILE, f"filing:{filing_id}") as change:
        filing = find_filing(change.session, filing_id)
        submit_draft(records, principal, change, filing)
        return filing


def withdraw(records: Records, principal: Principal, filing_id: str) -> AssessmentFiling:
    """Withdraw a draft."""
    with records.database.change(principal.person_id, "filing.withdraw", f"filing:{filing_id}") as change:
        filing = find_filing(change.session, filing_id)
        _advance(records, principal, change, filing, "withdraw")
        return filing


def check_filing(
    records: Records, principal: Principal, filing_id: str, transition: str, *, reason: str = ""
) -> AssessmentFiling:
    """Verify or return a filing.

    Parameters
    ----------
    transition : {"verify", "return"}

    Raises
    ------
    NotPermittedError
        If the person may not, or filed it.
    ConflictError
        If it is not waiting for a check.
    RefusedError
        If it is returned without a reason.
    """
    with records.database.change(
        principal.person_id, f"filing.{transition}", f"filing:{filing_id}", reason=reason
    ) as change:
        return check_one(records, principal, change, filing_id, transition, reason)


def verify_filings(records: Records, principal: Principal, filing_ids: Sequence[str]) -> list[AssessmentFiling]:
    """Verify several filings, each with its own entry of the log: all of them, or none if one cannot be verified.

    Raises
    ------
    RefusedError
        As in `check_filing`, of the first that cannot.
    """
    done = []
    with records.database.batch() as batch:
        for key in dict.fromkeys(filing_ids):
            with batch.change(principal.person_id, "filing.verify", f"filing:{key}") as change:
                done.append(check_one(records, principal, change, key, "verify"))
    return done


def check_one(
    records: Records, principal: Principal, change: Change, filing_id: str, transition: str, reason: str = ""
) -> AssessmentFiling:
    """Verify or return a filing within a change; see `check_filing`."""
    filing = find_filing(change.session, filing_id)
    _advance(records, principal, change, filing, transition, reason)
    filing.checked_by, filing.checked_at = change.actor, change.at
    return filing


def find_filing(session: Session, filing_id: str) -> AssessmentFiling:
    """Return a filing.

    Raises
    ------
    RefusedError
        If there is none.
    """
    found = session.get(AssessmentFiling, filing_id)
    if found is None:
        raise RefusedError(Problem("no_record", "filing", field="id", value=filing_id))
    return found


def add_draft(
    records: Records, principal: Principal, change: Change, value: Value, evidence: Sequence[Proof] = ()
) -> AssessmentFiling:
    """Begin a filing within a change; see `draft`."""
    problems = _value_problems_of(records, value, local_day(change.at).year)
    if problems:
        raise RefusedError(*problems)
    records.rights.require(principal, FILE, Target(region=value.region))
    earlier = _of(change.session, value)
    waiting = next((f for f in earlier if f.state in OPEN), None)
    if waiting is not None:
        raise ConflictError(Problem("filing_open", "filing", value=value.indicator, details={"id": waiting.id}))
    filing = AssessmentFiling(
        id=new_id(),
        region=value.region,
        indicator=value.indicator,
        year=value.year,
        number=len(earlier) + 1,
        value=value.value,
        note=value.note.strip(),
        state=DRAFT,
        created_by=change.actor,
        created_at=change.at,
        demonstration=value.demonstration,
    )
    change.session.add(filing)
    change.session.flush()
    change.subject = f"filing:{filing.id}"
    for stored, label in evidence:
        add_evidence(change, stored, f"filing:{filing.id}", label)
    return filing


def submit_draft(records: Records, principal: Principal, change: Change, filing: AssessmentFiling) -> WorkflowStep:
    """File a draft within a change; see `submit`."""
    step = _advance(records, principal, change, filing, "file")
    filing.filed_by, filing.filed_at = change.actor, change.at
    return step


def _advance(
    records: Records,
    principal: Principal,
    change: Change,
    filing: AssessmentFiling,
    transition: str,
    reason: str = "",
) -> WorkflowStep:
    subject = f"filing:{filing.id}"
    return advance(
        change,
        workflow("filing"),
        filing,
        subject,
        transition,
        principal=principal,
        rights=records.rights,
        target=Target(region=filing.region),
        facts={"proofs": len(evidence_of(change.session, subject))},
        reason=reason,
    )


def _value_problems_of(records: Records, value: Value, this_year: int) -> list[Problem]:
    """Return what is wrong with a value: prefecture or province, indicator, year, size."""
    province = records.settings.province
    if value.region == province_of(province):
        return _statement_problems(province, value, this_year) + value_problems(value.value)
    scheme, cities = scheme_for(province, value.year), prefectures_of(province)
    problems = []
    if value.region not in cities:
        details = {"refers_to": "regions.csv", "some": ", ".join(cities[:4])}
        problems.append(Problem("unknown_choice", "filing", field="region", value=value.region, details=details))
    indicator = scheme.indicator(value.indicator)
    if indicator is None:
        details = {"refers_to": scheme.id, "some": ", ".join(i.id for i in scheme.indicators[:6])}
        problems.append(Problem("unknown_choice", "filing", field="indicator", value=value.indicator, details=details))
    elif indicator.value != FILED and value.value != 0:
        # what is counted elsewhere is filed only to say that there is nothing to count
        problems.append(Problem("filing_counted", "filing", field="value", value=str(value.value)))
    if value.year > this_year:
        problems.append(Problem("filing_future", "filing", field="year", value=str(value.year)))
    return problems + value_problems(value.value)


def _statement_problems(province: str, value: Value, this_year: int) -> list[Problem]:
    """Return what is wrong with a number that the province files for a target of the plan itself."""
    targets = {t.id: t for t in measured_targets(load_plan(province_folder(province)))}
    target = targets.get(value.indicator)
    if target is None:
        details = {"refers_to": "plan/targets.yaml", "some": ", ".join(targets)}
        return [Problem("unknown_choice", "filing", field="indicator", value=value.indicator, details=details)]
    if value.year > this_year:
        return [Problem("filing_future", "filing", field="year", value=str(value.year))]
    years = years_of(target, this_year)
    problems = []
    if value.year not in years:
        details = {"first": str(years.start), "last": str(years.stop - 1)}
        problems.append(Problem("filing_target_year", "filing", field="year", value=str(value.year), details=details))
    if value.value < -100:
        problems.append(
            Problem("below_minimum", "filing", field="value", value=str(value.value), details={"minimum": "-100"})
        )
    return problems


def value_problems(value: Decimal) -> list[Problem]:
    """Return what is wrong with a number: not finite, too large, more decimals than are kept."""
    if not value.is_finite():
        return [Problem("not_finite", "filing", field="value", value=str(value))]
    if abs(value) >= LARGEST:
        return [Problem("above_maximum", "filing", field="value", value=str(value), details={"maximum": "10^12"})]
    if value != round(value, PLACES):
        return [Problem("too_exact", "filing", field="value", value=str(value), details={"places": PLACES})]
    return []


def _of(session: Session, value: Value) -> list[AssessmentFiling]:
    statement = select(AssessmentFiling).where(
        AssessmentFiling.region == value.region,
        AssessmentFiling.indicator == value.indicator,
        AssessmentFiling.year == value.year,
    )
    return list(session.execute(statement.order_by(AssessmentFiling.number)).scalars())


def known_filings(session: Session, year: int, as_of: datetime) -> list[Filing]:
    """Return what had been filed for a year by a moment, one of each prefecture and indicator, in the form in which it is scored.

    The last filing that was not returned counts; where all were returned, the last of them says so. Drafts are not seen.
    """
    table = AssessmentFiling
    statement = (
        select(table.id, table.region, table.indicator, table.value, table.state, table.filed_at, table.checked_at)
        .where(table.year == year, table.filed_at.is_not(None), table.filed_at <= as_of)
        .order_by(table.region, table.indicator, table.number)
    )
    found = []
    for _, group in groupby(session.execute(statement), key=lambda row: (row.region, row.indicator)):
        states = [(f, state_known(f.state, f.checked_at, as_of)) for f in group]
        filing, state = ([pair for pair in states if pair[1] is not FilingState.REJECTED] or states)[-1]
        found.append(Filing(filing.region, filing.indicator, year, filing.value, state, filing.filed_at, filing.id))
    return found


def filed_indicators(scheme: AssessmentScheme) -> list[SchemeIndicator]:
    """Return the indicators whose value a prefecture files."""
    return [i for i in scheme.indicators if i.value == FILED]
