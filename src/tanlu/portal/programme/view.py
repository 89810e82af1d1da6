"""What pages of the programme share: their workflows, who may see which rows, names, and where a person goes next."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, true
from sqlalchemy.orm import Session

from tanlu.charts.format import subscript
from tanlu.core.errors import Problem
from tanlu.portal.plan.records import plan_of
from tanlu.portal.records.view import log_lines, people_names, unit_names
from tanlu.portal.session.desks import Ask
from tanlu.programme.cycle import Application, Call, Project
from tanlu.programme.cycle.acting import PUBLISHED
from tanlu.programme.cycle.calls import TargetTerms
from tanlu.programme.cycle.counting import keys_of
from tanlu.programme.cycle.eligibility import is_floor
from tanlu.programme.cycle.rulebook import workflow
from tanlu.programme.cycle.tables.calls import CallTarget
from tanlu.records import Columns, Organisation, OrganisationName, Person, RefusedError, history, local_day

PER_PAGE: Final = 100
MOST_NUMBERS: Final = 5_000
"""Rows that a statement asks for by number."""
WORKFLOWS: Final = ("call", "application", "project", "decision-batch", "change-request")


def state_name(ask: Ask, kind: str, state: str) -> str:
    """Return what a state of a workflow is called."""
    found = workflow(kind).states.get(state)
    return state if found is None else (found.en if ask.language == "en" else found.zh)


def step_name(ask: Ask, kind: str, transition: str) -> str:
    """Return what a transition of a workflow is called."""
    found = workflow(kind).transitions.get(transition)
    return transition if found is None else (found.en if ask.language == "en" else found.zh)


def plain(value: Decimal) -> str:
    """Return a stored decimal as it is read: no zeros at the end, thousands apart."""
    return f"{value.normalize():,f}"


def bound(target: CallTarget | TargetTerms) -> str:
    """Return the value of a target with the side on which it is reached."""
    return f"{'≥' if is_floor(target) else '≤'} {plain(target.target)}"


def calls_seen(ask: Ask) -> ColumnElement[bool]:
    """Return which calls a person may read, as a condition."""
    table = Call.__table__.c
    columns = Columns(region=table.region, organisation_id=table.owner_id, published=table.state.in_(PUBLISHED))
    return ask.records.rights.condition(ask.principal, "call.read", columns)


def applications_seen(ask: Ask) -> ColumnElement[bool]:
    """Return which applications a person may read, as a condition."""
    table = Application.__table__.c
    columns = Columns(region=table.region, organisation_id=table.lead_id, person_id=table.pi_id)
    return ask.records.rights.condition(ask.principal, "application.read", columns)


def projects_seen(ask: Ask) -> ColumnElement[bool]:
    """Return which projects a person may read, as a condition; the public those that run or ran."""
    table = Project.__table__.c
    columns = Columns(
        region=table.region, organisation_id=table.lead_id, person_id=table.chief_id,
        published=table.state.not_in(("contracting", "signed")),
    )  # fmt: skip
    return ask.records.rights.condition(ask.principal, "project.read", columns)


def page_number(ask: Ask) -> int:
    """Return the number of the page that is asked for, at least 1."""
    asked = ask.query("page")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1


def asked_year(ask: Ask) -> int:
    """Return the year that is asked for, the last complete one by default."""
    asked = ask.query("year")
    return int(asked) if asked.isdecimal() and len(asked) == 4 else local_day(ask.records.database.clock()).year - 1


def rows_of(
    session: Session, ask: Ask, table: Any, condition: ColumnElement[bool], order: Any, *, all_rows: bool = False
) -> tuple[list[Any], dict[str, int]]:
    """Return a page of rows and its place: ``count``, ``page``, ``pages``."""
    count = session.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
    place = _place(ask, count)
    statement = select(table).where(condition).order_by(*order)
    if not all_rows:
        statement = statement.offset((place["page"] - 1) * PER_PAGE).limit(PER_PAGE)
    return list(session.execute(statement).scalars()), place


def rows_by_number(
    session: Session, ask: Ask, columns: Sequence[Any], number: Any, condition: Callable[[], ColumnElement[bool]], about: Hashable,
    *, all_rows: bool = False,
) -> tuple[list[Any], dict[str, int]]:  # fmt: skip
    """Return a page of a long list, the highest number first, and its place as `rows_of` does.

    Which numbers the list has is read anew only when the log has grown; rows of some columns cost less than records.

    Parameters
    ----------
    columns : sequence
        What is read of each row.
    number : column
    condition : callable
        Gives the rows that somebody may see and asks for.
    about : hashable
        What the list is, but for who asks.
    """
    keys = keys_of(session, lambda: select(number).where(condition()).order_by(number.desc()), (about, ask.principal))
    place = _place(ask, len(keys))
    first = (place["page"] - 1) * PER_PAGE
    shown = keys if all_rows else keys[first : first + PER_PAGE]
    statement, found = _numbered(tuple(columns), number), list[Any]()
    for start in range(0, len(shown), MOST_NUMBERS):
        found += session.connection().execute(statement, {"numbers": shown[start : start + MOST_NUMBERS]})
    return found, place


@cache
def _numbered(columns: tuple[Any, ...], number: Any) -> Select[Any]:
    """Return the statement that reads rows by their numbers; made once, as that takes as long as reading them."""
    return select(*columns).where(number.in_(bindparam("numbers", expanding=True))).order_by(number.desc())


def _place(ask: Ask, count: int) -> dict[str, int]:
    pages = max(1, -(-count // PER_PAGE))
    return {"count": count, "page": min(page_number(ask), pages), "pages": pages}


def matching(table: Any, words: str) -> ColumnElement[bool]:
    """Return the rows whose number or name holds some words, as a condition."""
    if not words:
        return true()
    return or_(
        table.number.contains(words, autoescape=True), table.zh.contains(words, autoescape=True),
        table.en.icontains(words, autoescape=True),
    )  # fmt: skip


def technologies(ask: Ask) -> dict[str, str]:
    """Return the technologies of the plan: id → name."""
    found = plan_of(ask.records.settings.province).technologies_by_id
    return {key: subscript(technology.name(ask.language)) for key, technology in found.items()}


def log_of(session: Session, ask: Ask, subject: str) -> dict[str, Any]:
    """Return the entries of a record and the names of who made them, for those who may see the log or whose record it is."""
    lines = log_lines(history(session, subject))
    return {"entries": lines, "people": people_names(session, {line.actor for line in lines}, ask.language)}


def names(session: Session, ask: Ask, units: set[str], people: set[str] | None = None) -> dict[str, str]:
    """Return names of units and people by id."""
    return unit_names(session, units, ask.language) | people_names(session, people or set(), ask.language)


def party_named(session: Session, text: str) -> str:
    """Return the id of the person or unit with a name, or the text itself if it is an id.

    Raises
    ------
    RefusedError
        If several have the name.
    """
    if session.get(Person, text) is not None or session.get(Organisation, text) is not None:
        return text
    people = select(Person.id).where((Person.zh == text) | (Person.en == text))
    units = select(OrganisationName.organisation_id).where(
        (OrganisationName.zh == text) | (OrganisationName.en == text)
    )
    found = set(session.execute(people).scalars()) | set(session.execute(units).scalars())
    if len(found) > 1:
        details = {"refers_to": text, "some": ", ".join(sorted(found)[:6])}
        raise RefusedError(Problem("unknown_choice", "form", field="name", value=text[:40], details=details))
    return found.pop() if found else text
