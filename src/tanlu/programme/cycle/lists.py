"""Reading for list pages: what a person may see, filtered, sorted by number and paged; names come in one query a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from tanlu.programme.cycle.acting import PUBLISHED
from tanlu.programme.cycle.counting import keys_of
from tanlu.programme.cycle.tables.applications import Application, ApplicationTechnology
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.decisions import DecisionBatch, Notice, Objection
from tanlu.programme.cycle.tables.projects import ChangeRequest, LedgerPosting, Project, ProjectMilestone
from tanlu.programme.cycle.tables.review import ReviewTask
from tanlu.programme.cycle.tables.running import DispatchMeeting, DispatchTask
from tanlu.programme.money import Account
from tanlu.records import Columns, OrganisationName, Person, Principal, Rights

Row = TypeVar("Row")
PAGE = 50
UNPUBLISHED = ("contracting", "signed")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A page of a list.

    Parameters
    ----------
    rows : list
    total : int
        Rows of the whole list.
    """

    rows: list[Row]
    total: int


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """What a list of projects is limited to; empty means all. ``words`` are looked for in number and title."""

    state: str = ""
    region: str = ""
    action: str = ""
    call_id: str = ""
    kind: str = ""
    colour: int | None = None
    lead_id: str = ""
    words: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions of the query."""
        found: list[ColumnElement[bool]] = [
            column == value
            for column, value in (
                (Project.state, self.state),
                (Project.action, self.action),
                (Project.call_id, self.call_id),
                (Project.kind, self.kind),
                (Project.lead_id, self.lead_id),
            )
            if value
        ]
        if self.region:
            found.append(_within(Project.region, self.region))
        if self.colour is not None:
            found.append(Project.colour == self.colour)
        if self.words:
            found.append(_holds(self.words, Project.number, Project.zh, Project.en))
        return found


@dataclass(frozen=True, slots=True)
class ApplicationFilter:
    """What a list of applications is limited to."""

    call_id: str = ""
    state: str = ""
    region: str = ""
    lead_id: str = ""
    words: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions of the query."""
        found: list[ColumnElement[bool]] = [
            column == value
            for column, value in (
                (Application.call_id, self.call_id),
                (Application.state, self.state),
                (Application.lead_id, self.lead_id),
            )
            if value
        ]
        if self.region:
            found.append(_within(Application.region, self.region))
        if self.words:
            found.append(_holds(self.words, Application.number, Application.zh, Application.en))
        return found


def _within(column: Any, region: str) -> ColumnElement[bool]:
    """Return the rows of a region and of those below it; how text is ordered differs among databases, how it begins does not."""
    return or_(column == region, column.startswith(f"{region}/", autoescape=True))


def _holds(words: str, *columns: Any) -> ColumnElement[bool]:
    return or_(*(column.icontains(words, autoescape=True) for column in columns))


def _columns(**columns: Any) -> Columns:
    """Return columns for rights; a mapped attribute stands for its column."""
    return Columns(**columns)


def projects(
    session: Session,
    rights: Rights,
    principal: Principal,
    wanted: ProjectFilter | None = None,
    *,
    offset: int = 0,
    limit: int = PAGE,
    only: Sequence[Any] = (),
) -> Page[Any]:
    """Return projects that a person may read, by number; rows of ``only`` some columns cost less than records."""
    chosen = wanted or ProjectFilter()

    def numbers() -> Select[str]:
        columns = _columns(
            region=Project.region,
            organisation_id=Project.lead_id,
            person_id=Project.chief_id,
            published=Project.state.not_in(UNPUBLISHED),
        )
        where = [rights.condition(principal, "project.read", columns), *chosen.conditions()]
        return select(Project.number).where(*where).order_by(Project.number)

    keys = keys_of(session, numbers, ("projects", principal, chosen))
    asked = {"numbers": keys[offset : offset + limit]}
    if not only:
        return Page(list(session.execute(_numbered(Project), asked).scalars()), len(keys))
    return Page(list(session.connection().execute(_numbered(*only), asked)), len(keys))


@cache
def _numbered(*columns: Any) -> Select[Any]:
    """Return the statement that reads projects by their numbers; made once, as that takes as long as reading them."""
    numbers: BindParameter[Sequence[str]] = bindparam("numbers", expanding=True)
    return select(*columns).where(Project.number.in_(numbers)).order_by(Project.number)


def applications(
    session: Session,
    rights: Rights,
    principal: Principal,
    wanted: ApplicationFilter | None = None,
    *,
    offset: int = 0,
    limit: int = PAGE,
) -> Page[Application]:
    """Return applications that a person may read, by number; experts see those of their tasks."""
    columns = _columns(region=Application.region, organisation_id=Application.lead_id, person_id=Application.pi_id)
    allowed = rights.condition(principal, "application.read", columns)
    if principal.tasks and any(reach == "task" for _, reach in rights.reaches(principal, "application.read")):
        own = select(ReviewTask.application_id).where(
            ReviewTask.id.in_(sorted(principal.tasks)), ReviewTask.expert_id == principal.person_id
        )
        allowed = or_(allowed, Application.id.in_(own))
    where = [allowed, *(wanted or ApplicationFilter()).conditions()]
    return _page(session, select(Application).where(*where), Application.number, offset, limit)


def calls(
    session: Session,
    rights: Rights,
    principal: Principal,
    *,
    state: str = "",
    year: int = 0,
    offset: int = 0,
    limit: int = PAGE,
) -> Page[Call]:
    """Return calls that a person may read, by number."""
    columns = _columns(region=Call.region, organisation_id=Call.owner_id, published=Call.state.in_(PUBLISHED))
    where = [rights.condition(principal, "call.read", columns)]
    where += [Call.state == state] if state else []
    where += [Call.year == year] if year else []
    return _page(session, select(Call).where(*where), Call.number, offset, limit)


def reviews_due(session: Session, principal: Principal) -> list[tuple[ReviewTask, Application]]:
    """Return the tasks of an expert with their applications, the earliest due first; those that were handed in last."""
    statement = (
        select(ReviewTask, Application)
        .join(Application, Application.id == ReviewTask.application_id)
        .where(ReviewTask.expert_id == principal.person_id, ReviewTask.state.in_(("assigned", "done")))
        .order_by(ReviewTask.state, ReviewTask.due, Application.number)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def notices(session: Session, *, state: str = "", offset: int = 0, limit: int = PAGE) -> Page[Notice]:
    """Return public notices, the latest first; everybody may read them."""
    statement = select(Notice).where(*([Notice.state == state] if state else []))
    return _page(session, statement, (Notice.first.desc(), Notice.id), offset, limit)


def tasks(
    session: Session,
    rights: Rights,
    principal: Principal,
    *,
    overdue_on: date | None = None,
    state: str = "",
    offset: int = 0,
    limit: int = PAGE,
) -> Page[tuple[DispatchTask, DispatchMeeting]]:
    """Return tasks of dispatch meetings, the earliest due first."""
    columns = _columns(region=DispatchMeeting.region, person_id=DispatchTask.owner_id)
    where = [or_(rights.condition(principal, "dispatch.read", columns), DispatchTask.owner_id == principal.person_id)]
    if overdue_on is not None:
        where += [DispatchTask.due < overdue_on, DispatchTask.state != "closed"]
    where += [DispatchTask.state == state] if state else []
    joined = DispatchMeeting.id == DispatchTask.meeting_id
    statement = select(DispatchTask, DispatchMeeting).join(DispatchMeeting, joined).where(*where)
    count = select(func.count()).select_from(DispatchTask).join(DispatchMeeting, joined).where(*where)
    total = session.execute(count).scalar_one()
    ordered = statement.order_by(DispatchTask.due, DispatchTask.id).limit(limit).offset(offset)
    return Page([(row[0], row[1]) for row in session.execute(ordered)], total)


def _page(session: Session, statement: Select[Any], order: Any, offset: int, limit: int) -> Page[Any]:
    by = order if isinstance(order, tuple) else (order,)
    count = statement.with_only_columns(func.count(), maintain_column_froms=True)
    rows = session.execute(statement.order_by(*by).limit(limit).offset(offset))
    return Page(list(rows.scalars()), session.execute(count).scalar_one())


def organisation_names(session: Session, ids: Iterable[str], language: str) -> dict[str, str]:
    """Return present names of organisations."""
    statement = select(OrganisationName.organisation_id, OrganisationName.zh, OrganisationName.en)
    statement = statement.where(OrganisationName.organisation_id.in_(set(ids))).order_by(OrganisationName.valid_from)
    return {key: (en or zh) if language == "en" else zh for key, zh, en in session.execute(statement)}


def person_names(session: Session, ids: Iterable[str], language: str) -> dict[str, str]:
    """Return names of people."""
    statement = select(Person.id, Person.zh, Person.en).where(Person.id.in_(set(ids)))
    return {key: (en or zh) if language == "en" else (zh or en) for key, zh, en in session.execute(statement)}


def technologies(session: Session, application_ids: Sequence[str]) -> dict[str, list[ApplicationTechnology]]:
    """Return the technologies of applications."""
    found: dict[str, list[ApplicationTechnology]] = {a: [] for a in application_ids}
    statement = select(ApplicationTechnology).where(ApplicationTechnology.application_id.in_(list(found)))
    for row in session.execute(statement.order_by(ApplicationTechnology.technology)).scalars():
        found[row.application_id].append(row)
    return found


@dataclass(frozen=True)
class Board:
    """Counts and sums for the desk of an officer.

    Parameters
    ----------
    calls, applications, projects : dict
        State → count.
    colours : dict
        Colour of running projects → count.
    granted, paid, spent, returned : Decimal
        Money of all projects [yuan].
    overdue_milestones, overdue_tasks, open_objections, open_changes, open_batches : int
    """

    calls: dict[str, int]
    applications: dict[str, int]
    projects: dict[str, int]
    colours: dict[int, int]
    granted: Decimal
    paid: Decimal
    spent: Decimal
    returned: Decimal
    overdue_milestones: int
    overdue_tasks: int
    open_objections: int
    open_changes: int
    open_batches: int

    def as_record(self) -> dict[str, Any]:
        """Return the board as plain data, money as text."""
        return {
            name: f"{value:.2f}" if isinstance(value, Decimal) else value
            for name, value in ((n, getattr(self, n)) for n in self.__dataclass_fields__)
        }


def board(session: Session, region: str, on: date) -> Board:
    """Return the board of a region and of those below it, on a day."""
    mine = _within(Project.region, region)
    moved = _moved(session, mine)
    late = (
        select(func.count())
        .select_from(ProjectMilestone)
        .join(Project, Project.id == ProjectMilestone.project_id)
        .where(mine, Project.state == "running", ProjectMilestone.state == "open", ProjectMilestone.due < on)
    )
    task = (
        select(func.count())
        .select_from(DispatchTask)
        .join(DispatchMeeting, DispatchMeeting.id == DispatchTask.meeting_id)
        .where(_within(DispatchMeeting.region, region), DispatchTask.state != "closed", DispatchTask.due < on)
    )
    objection = (
        select(func.count())
        .select_from(Objection)
        .join(Application, Application.id == Objection.application_id)
        .where(Objection.state == "open", _within(Application.region, region))
    )
    request = (
        select(func.count())
        .select_from(ChangeRequest)
        .join(Project, Project.id == ChangeRequest.project_id)
        .where(ChangeRequest.state == "requested", mine)
    )
    batch = (
        select(func.count())
        .select_from(DecisionBatch)
        .join(Call, Call.id == DecisionBatch.call_id)
        .where(DecisionBatch.state.in_(("open", "locked")), _within(Call.region, region))
    )
    running = select(Project.colour, func.count()).where(mine, Project.state == "running").group_by(Project.colour)
    return Board(
        _states(session, Call.state, _within(Call.region, region)),
        _states(session, Application.state, _within(Application.region, region)),
        _states(session, Project.state, mine),
        {row[0]: row[1] for row in session.execute(running)},
        moved[Account.COMMITTED],
        moved[Account.HELD],
        moved[Account.SPENT],
        moved[Account.RETURNED],
        *(session.execute(s).scalar_one() for s in (late, task, objection, request, batch)),
    )


def _states(session: Session, column: Any, where: ColumnElement[bool]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(select(column, func.count()).where(where).group_by(column))}


def _moved(session: Session, where: ColumnElement[bool]) -> dict[str, Decimal]:
    """Return what moved into each account, corrections and releases taken off [yuan]."""
    statement = (
        select(LedgerPosting.source, LedgerPosting.target, func.sum(LedgerPosting.amount))
        .join(Project, Project.id == LedgerPosting.project_id)
        .where(where)
        .group_by(LedgerPosting.source, LedgerPosting.target)
    )
    found = dict.fromkeys((Account.COMMITTED, Account.HELD, Account.SPENT, Account.RETURNED), Decimal(0))
    for source, target, amount in session.execute(statement):
        if target in found and not (source == Account.SPENT and target == Account.HELD):
            found[Account(target)] += amount
        if target.startswith("funder:"):
            found[Account.COMMITTED] -= amount
        if source == Account.SPENT:
            found[Account.SPENT] -= amount
    return {str(k): v for k, v in found.items()}
