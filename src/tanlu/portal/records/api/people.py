"""People and their roles."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import SIGNED_IN, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Key, Name, Row
from tanlu.records import (
    Affiliation,
    Person,
    Principal,
    Records,
    RefusedError,
    RoleAssignment,
    Target,
    add_contact,
    affiliate,
    find_organisation,
    grant_role,
    local_day,
    register_person,
    units_of,
)
from tanlu.records.ending import end_role

router = records_api("records")


class PersonRow(Row):
    """A person; names are empty where they were erased."""

    id: str
    zh: str
    en: str
    erased: bool


class AffiliationRow(Row):
    """A unit of a person and the days."""

    organisation_id: str
    position: str
    valid_from: date
    valid_to: date | None


class PersonDetail(PersonRow):
    """A person with units."""

    affiliations: list[AffiliationRow]


class PersonSent(Body):
    """A person; with a unit the person belongs to it from today."""

    zh: Name = ""
    en: Name = ""
    organisation_id: str | None = None
    email: Annotated[str, Field(max_length=400)] = ""


class RoleRow(Row):
    """A role of a person, with what it was given for."""

    id: str
    person_id: str
    role: str
    region: str | None
    organisation_id: str | None
    valid_from: date
    valid_to: date | None


class RoleSent(Body):
    """A role: officers need a region, people of units an organisation."""

    person_id: Key
    role: Literal["admin", "province_officer", "prefecture_officer", "unit", "expert", "broker", "auditor"]
    region: Key | None = None
    organisation_id: Key | None = None
    valid_from: date
    valid_to: date | None = None


class Me(Row):
    """Who asks, with which roles, and what the session or the token may do."""

    person_id: str
    roles: list[dict[str, Any]]
    actions: list[str]


@router.get("/records/me", **needs(SIGNED_IN), response_model=Me)
def me(records: Kept, who: Who) -> Any:
    """Who asks, and what they may do."""
    roles = [{"role": g.role, "region": g.region, "units": sorted(g.units)} for g in who.grants if g.role != "public"]
    actions = sorted(a for a in records.rights.table if records.rights.allows(who, a))
    return {"person_id": who.person_id, "roles": roles, "actions": actions}


def _visible(session: Session, records: Records, who: Principal) -> ColumnElement[bool]:
    """Return the people whom somebody may see: everybody, those of one's units, or oneself."""
    found: list[ColumnElement[bool]] = [Person.id == who.person_id]
    for grant, reach in records.rights.reaches(who, "person.read"):
        if reach == "all":
            return Person.erased.is_(False)
        if reach == "unit":
            units = units_of(session, *grant.units) if grant.units else set[str]()
            found.append(
                Person.id.in_(select(Affiliation.person_id).where(Affiliation.organisation_id.in_(sorted(units))))
            )
    return or_(*found) & Person.erased.is_(False)


@router.get("/records/people", **needs("person.read"), **paged(PersonRow))
def people(records: Kept, who: Who, asked: Paged, q: str = "") -> Any:
    """People whom one may see, by name."""
    with records.database.read() as session:
        condition = _visible(session, records, who)
        if q.strip():
            words = q.strip()
            condition &= or_(Person.zh.contains(words, autoescape=True), Person.en.icontains(words, autoescape=True))
        total = session.execute(select(func.count()).select_from(Person).where(condition)).scalar_one()
        statement = (
            select(Person).where(condition).order_by(Person.zh, Person.id).offset(asked.offset).limit(asked.limit)
        )
        return asked.answer(PersonRow, session.execute(statement).scalars(), total)


@router.get("/records/people/{person_id}", **needs("person.read"), response_model=PersonDetail)
def one_person(person_id: str, records: Kept, who: Who) -> Any:
    """One person with units."""
    with records.database.read() as session:
        condition = _visible(session, records, who) & (Person.id == person_id)
        found = session.execute(select(Person).where(condition)).scalar_one_or_none()
        if found is None:
            raise RefusedError(Problem("no_record", "person", field="id", value=person_id[:40]))
        statement = select(Affiliation).where(Affiliation.person_id == person_id).order_by(Affiliation.valid_from)
        rows = [AffiliationRow.model_validate(a) for a in session.execute(statement).scalars()]
        return PersonRow.model_validate(found).model_dump() | {"affiliations": rows}


@router.post("/records/people", **needs("person.register"), response_model=PersonRow, status_code=201)
def registered(sent: PersonSent, records: Kept, who: Who) -> Any:
    """Register a person; people of a unit and of a prefecture for their own units only."""
    with records.database.change(who.person_id, "person.register", "person:new") as change:
        unit = find_organisation(change.session, sent.organisation_id) if sent.organisation_id else None
        target = Target() if unit is None else Target(region=unit.region, organisation_id=unit.id)
        records.rights.require(who, "person.register", target)
        person = register_person(change, zh=sent.zh, en=sent.en)
        if unit is not None:
            affiliate(change, person.id, unit.id, valid_from=local_day(change.at))
        if sent.email:
            add_contact(change, person.id, "email", sent.email)
        change.subject = f"person:{person.id}"
    return person


@router.get("/records/roles", **needs("role.read"), **paged(RoleRow))
def roles(records: Kept, who: Who, asked: Paged, person: str = "", role: str = "") -> Any:
    """Roles, also those that have ended."""
    statement = select(RoleAssignment)
    statement = statement.where(RoleAssignment.person_id == person) if person else statement
    statement = statement.where(RoleAssignment.role == role) if role else statement
    with records.database.read() as session:
        count = statement.with_only_columns(func.count(), maintain_column_froms=True)
        total = session.execute(count).scalar_one()
        rows = session.execute(statement.order_by(RoleAssignment.id).offset(asked.offset).limit(asked.limit)).scalars()
        return asked.answer(RoleRow, rows, total)


@router.post("/records/roles", **needs("role.grant"), response_model=RoleRow, status_code=201)
def granted(sent: RoleSent, records: Kept, who: Who) -> Any:
    """Give a person a role; nobody gives one to themselves."""
    with records.database.change(who.person_id, "role.grant", f"person:{sent.person_id}") as change:
        records.rights.require(who, "role.grant", Target())
        found = grant_role(
            change, sent.person_id, sent.role, valid_from=sent.valid_from, valid_to=sent.valid_to, region=sent.region,
            organisation_id=sent.organisation_id,
        )  # fmt: skip
        change.session.flush()
    return found


@router.post("/records/roles/{role_id}/end", **needs("role.grant"), response_model=RoleRow)
def ended(role_id: str, records: Kept, who: Who) -> Any:
    """End a role at once; nobody ends their own."""
    with records.database.change(who.person_id, "role.end", f"role:{role_id}") as change:
        records.rights.require(who, "role.grant", Target())
        return end_role(change, role_id)
