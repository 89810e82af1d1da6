"""Lists of filings, investment entries and score runs as a person may see them, and who has filed what by when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from tanlu.assessment.filing.investments import state_at
from tanlu.assessment.filing.scheme import AssessmentScheme
from tanlu.assessment.filing.scoring import scored_filings
from tanlu.assessment.filing.tables import AssessmentFiling, AssessmentInvestment, ScoreRun
from tanlu.assessment.score_tree import FilingState, rounded
from tanlu.records import Columns, Principal, Rights, Target

LONGEST_PAGE: Final = 500
STATE_NAMES: Final = {FilingState.FILED: "filed", FilingState.VERIFIED: "verified", FilingState.REJECTED: "returned"}


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
    found = []
    for city in cities:
        states = {
            i.id: STATE_NAMES[known[city, i.id]] if (city, i.id) in known else "not_filed" for i in scheme.indicators
        }
        missing = tuple(key for key, state in states.items() if state in {"not_filed", "returned"})
        found.append(CityStatus(city, states, missing, scheme.due(year), bool(missing) and today > scheme.due(year)))
    return found


@dataclass(frozen=True, slots=True)
class DeskLine:
    """An indicator on the desk of a prefecture: what is required of the year, what stands there, and what it needs.

    Parameters
    ----------
    source : str
        ``filed``, ``registry`` or ``investment``.
    required, value : str
        Decimals in ``unit``; the value is empty while there is none.
    state : str
        ``not_filed``, ``draft``, ``filed``, ``verified`` or ``returned``.
    filing_id : str
        Newest filing, empty if there is none; a draft of it can be revised.
    """

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


def city_desk(
    session: Session,
    rights: Rights,
    principal: Principal,
    scheme: AssessmentScheme,
    city: str,
    year: int,
    as_of: datetime,
) -> list[DeskLine]:
    """Return what a prefecture has to file for a year, with its drafts, in the order of the scheme.

    Raises
    ------
    NotPermittedError
        If the person may not read its filings.
    """
    rights.require(principal, "filing.read", Target(region=city))
    scored = {f.indicator: f for f in scored_filings(session, scheme, year, as_of) if f.city == city}
    statement = (
        select(AssessmentFiling)
        .where(AssessmentFiling.region == city, AssessmentFiling.year == year, AssessmentFiling.state != "withdrawn")
        .order_by(AssessmentFiling.number)
    )
    # the newest of each indicator stays
    newest = {filing.indicator: filing for filing in session.execute(statement).scalars()}
    found = []
    for indicator in scheme.indicators:
        filing, counted = newest.get(indicator.id), scored.get(indicator.id)
        value, state = ("", "not_filed") if counted is None else (f"{counted.value:f}", STATE_NAMES[counted.state])
        if filing is not None and filing.state == "draft":
            value, state = f"{filing.value:f}", "draft"
        path = indicator.scored().city_paths.get(city, indicator.path)
        found.append(
            DeskLine(
                indicator.id,
                indicator.action,
                indicator.name.zh,
                indicator.name.en,
                indicator.unit,
                indicator.value,
                rounded(path.required(year), 4) or "",
                value,
                state,
                filing.id if filing else "",
                filing.note if filing else "",
                indicator.evidence.zh,
                indicator.evidence.en,
                indicator.grade,
                indicator.floor is not None,
                scheme.due(year),
            )
        )
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
    statement = select(table).where(*conditions).order_by(table.created_at.desc(), table.id)
    rows = session.execute(_part(statement, offset, limit)).scalars()
    items = tuple(_item(f, f.indicator, f.value) for f in rows)
    return FilingPage(items, _count(session, table.id, conditions), offset)


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
    statement = select(table).where(*conditions).order_by(table.filed_at.desc(), table.id)
    rows = session.execute(_part(statement, offset, limit)).scalars()
    items = tuple(_item(e, e.contract, e.amount) for e in rows)
    return FilingPage(items, _count(session, table.id, conditions), offset)


def _part(statement: Select[Any], offset: int, limit: int) -> Select[Any]:
    return statement.offset(max(offset, 0)).limit(min(max(limit, 1), LONGEST_PAGE))


def _item(row: AssessmentFiling | AssessmentInvestment, what: str, value: Decimal) -> FilingItem:
    return FilingItem(
        row.id, row.region, row.year, what, f"{value:f}", row.state, row.filed_by, row.filed_at, row.checked_by, row.checked_at,
        row.note, row.demonstration,
    )  # fmt: skip


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
