"""Lists of filings, investment entries and score runs as a person may see them, and who has filed what by when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from tanlu.assessment.filing.investments import state_at
from tanlu.assessment.filing.scheme import AssessmentScheme
from tanlu.assessment.filing.scoring import scored_filings
from tanlu.assessment.filing.tables import AssessmentFiling, AssessmentInvestment, ScoreRun
from tanlu.assessment.score_tree import FilingState
from tanlu.records import Columns, Principal, Rights

LONGEST_PAGE = 500


@dataclass(frozen=True, slots=True)
class CityStatus:
    """What a prefecture has filed for a year: the state of each indicator, and the day by which the rest is due."""

    city: str
    states: dict[str, str]
    missing: tuple[str, ...]
    due: date
    overdue: bool


def filing_status(
    session: Session, scheme: AssessmentScheme, cities: list[str], year: int, as_of: datetime, today: date
) -> list[CityStatus]:
    """Return what each prefecture has filed for a year, as known at a moment; what is a draft is not filed."""
    known = {(f.city, f.indicator): f.state for f in scored_filings(session, scheme, year, as_of)}
    names = {FilingState.FILED: "filed", FilingState.VERIFIED: "verified", FilingState.REJECTED: "returned"}
    found = []
    for city in cities:
        states = {i.id: names[known[city, i.id]] if (city, i.id) in known else "not_filed" for i in scheme.indicators}
        missing = tuple(key for key, state in states.items() if state in {"not_filed", "returned"})
        found.append(CityStatus(city, states, missing, scheme.due(year), bool(missing) and today > scheme.due(year)))
    return found


@dataclass(frozen=True, slots=True)
class FilingItem:
    """A line of a list of filings or investment entries."""

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


@dataclass(frozen=True, slots=True)
class FilingPage:
    """A page of a list, and how many lines the whole list has."""

    items: tuple[FilingItem, ...]
    total: int
    offset: int


def list_filings(
    session: Session,
    rights: Rights,
    principal: Principal,
    *,
    year: int | None = None,
    region: str = "",
    state: str = "",
    indicator: str = "",
    offset: int = 0,
    limit: int = 50,
) -> FilingPage:
    """Return a page of the filings that a person may see, newest first."""
    table = AssessmentFiling
    visible = rights.condition(principal, "filing.read", Columns(region=table.__table__.c.region))
    given = ((table.year, year), (table.region, region), (table.state, state), (table.indicator, indicator))
    conditions = [visible, *(column == value for column, value in given if value)]
    total = _count(session, table.id, conditions)
    statement = select(table).where(*conditions).order_by(table.created_at.desc(), table.id)
    rows = session.execute(statement.offset(max(offset, 0)).limit(min(max(limit, 1), LONGEST_PAGE))).scalars()
    items = tuple(
        FilingItem(
            f.id, f.region, f.year, f.indicator, f"{f.value:f}", f.state, f.filed_by, f.filed_at, f.checked_by, f.checked_at, f.note,
            f.demonstration,
        )
        for f in rows
    )  # fmt: skip
    return FilingPage(items, total, offset)


def list_payments(
    session: Session,
    rights: Rights,
    principal: Principal,
    *,
    year: int | None = None,
    region: str = "",
    state: str = "",
    payer: str = "",
    offset: int = 0,
    limit: int = 50,
) -> FilingPage:
    """Return a page of the investment entries that a person may see, newest first; ``what`` is the contract, the value in yuan."""
    table = AssessmentInvestment
    visible = rights.condition(principal, "investment.read", Columns(region=table.__table__.c.region))
    given = ((table.year, year), (table.region, region), (table.state, state), (table.payer, payer))
    conditions = [visible, *(column == value for column, value in given if value)]
    total = _count(session, table.id, conditions)
    statement = select(table).where(*conditions).order_by(table.filed_at.desc(), table.id)
    rows = session.execute(statement.offset(max(offset, 0)).limit(min(max(limit, 1), LONGEST_PAGE))).scalars()
    items = tuple(
        FilingItem(
            e.id, e.region, e.year, e.contract, f"{e.amount:f}", e.state, e.filed_by, e.filed_at, e.checked_by, e.checked_at, e.note,
            e.demonstration,
        )
        for e in rows
    )  # fmt: skip
    return FilingPage(items, total, offset)


def list_runs(session: Session, rights: Rights, principal: Principal, *, year: int | None = None) -> list[ScoreRun]:
    """Return the score runs that a person may see, newest first; the public sees those that were published."""
    published = Columns(published=ScoreRun.state == "published")
    statement = select(ScoreRun).where(rights.condition(principal, "score.read", published))
    if year is not None:
        statement = statement.where(ScoreRun.year == year)
    return list(session.execute(statement.order_by(ScoreRun.made_at.desc(), ScoreRun.id)).scalars())


def investment_totals(session: Session, year: int, as_of: datetime) -> dict[str, tuple[int, Decimal]]:
    """Return entries and yuan of a year by state, as known at a moment."""
    counts: dict[str, int] = defaultdict(int)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    statement = select(AssessmentInvestment).where(
        AssessmentInvestment.year == year, AssessmentInvestment.filed_at <= as_of
    )
    for entry in session.execute(statement).scalars():
        state = state_at(entry, as_of).value
        counts[state] += 1
        amounts[state] += entry.amount
    return {state: (counts[state], amounts[state]) for state in sorted(counts)}


def _count(session: Session, column: Any, conditions: list[ColumnElement[bool]]) -> int:
    return int(session.execute(select(func.count(column)).where(*conditions)).scalar_one())
