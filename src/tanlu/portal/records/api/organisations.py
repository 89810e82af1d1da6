"""Organisations: their tree, their names over time."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Key, Name, Row
from tanlu.programme.registry.places import regions_of
from tanlu.records import (
    Columns,
    Organisation,
    OrganisationName,
    Target,
    find_organisation,
    give_code,
    move_organisation,
    register_organisation,
    rename_organisation,
)

router = records_api("records")


class OrganisationRow(Row):
    """An organisation by its latest name; ``uscc`` is the unified social credit code."""

    id: str
    uscc: str | None
    kind: str
    parent_id: str | None
    region: str
    zh: str
    en: str
    valid_from: date
    valid_to: date | None


class NameRow(Row):
    """A name and the days on which it was the name."""

    zh: str
    en: str
    valid_from: date
    valid_to: date | None


class OrganisationDetail(OrganisationRow):
    """An organisation with all its names."""

    names: list[NameRow]


class OrganisationSent(Body):
    """An organisation."""

    zh: Name
    en: Name = ""
    kind: Key
    region: Key
    uscc: Annotated[str, Field(max_length=18)] | None = None
    valid_from: date
    parent_id: Key | None = None


class NameSent(Body):
    """A new name from a day on."""

    zh: Name
    en: Name = ""
    valid_from: date


class CodeSent(Body):
    """The unified social credit code (GB 32100-2015)."""

    uscc: Annotated[str, Field(max_length=18)]


class ParentSent(Body):
    """The organisation that it belongs to; none for none."""

    parent_id: Key | None


def _row(found: Organisation) -> dict[str, Any]:
    own = {n: getattr(found, n) for n in OrganisationRow.model_fields if n not in ("zh", "en")}
    return own | {"zh": found.name("zh"), "en": found.name("en")}


def _detail(session: Session, organisation_id: str) -> dict[str, Any]:
    found = find_organisation(session, organisation_id)
    return _row(found) | {"names": list(found.names)}


@router.get("/records/organisations", **needs("organisation.read"), **paged(OrganisationRow))
def organisations(
    records: Kept, who: Who, asked: Paged, q: str = "", region: str = "", kind: str = "", uscc: str = ""
) -> Any:  # fmt: skip
    """Organisations that one may see, by region."""
    table = Organisation.__table__.c
    where = [records.rights.condition(who, "organisation.read", Columns(region=table.region, organisation_id=table.id))]
    where += [
        column == value for column, value in ((table.region, region), (table.kind, kind), (table.uscc, uscc)) if value
    ]
    if q.strip():
        name = OrganisationName
        words = name.zh.contains(q.strip(), autoescape=True) | name.en.icontains(q.strip(), autoescape=True)
        where.append(table.id.in_(select(name.organisation_id).where(words)))
    with records.database.read() as session:
        total = session.execute(select(func.count()).select_from(Organisation).where(*where)).scalar_one()
        statement = select(Organisation).where(*where).order_by(Organisation.region, Organisation.id)
        rows = session.execute(
            statement.options(selectinload(Organisation.names)).offset(asked.offset).limit(asked.limit)
        ).scalars()
        return asked.answer(OrganisationRow, [_row(o) for o in rows], total)


@router.get("/records/organisations/{organisation_id}", **needs("organisation.read"), response_model=OrganisationDetail)
def one_organisation(organisation_id: str, records: Kept, who: Who) -> Any:
    """One organisation with all its names."""
    with records.database.read() as session:
        found = find_organisation(session, organisation_id)
        target = Target(region=found.region, organisation_id=found.id)
        records.rights.require(who, "organisation.read", target)
        return _detail(session, organisation_id)


@router.post(
    "/records/organisations", **needs("organisation.register"), response_model=OrganisationDetail, status_code=201
)
def registered(sent: OrganisationSent, records: Kept, who: Who) -> Any:
    """Register an organisation in a region of one's own."""
    with records.database.change(who.person_id, "organisation.register", "organisation:new") as change:
        records.rights.require(who, "organisation.register", Target(region=sent.region))
        made = register_organisation(
            change, zh=sent.zh, en=sent.en, kind=sent.kind, region=sent.region, uscc=sent.uscc or None, valid_from=sent.valid_from,
            parent_id=sent.parent_id, regions=set(regions_of(records.settings.province)),
        )  # fmt: skip
        change.subject = f"organisation:{made.id}"
    with records.database.read() as session:
        return _detail(session, made.id)


@router.post(
    "/records/organisations/{organisation_id}/names", **needs("organisation.change"), response_model=OrganisationDetail
)
def renamed(organisation_id: str, sent: NameSent, records: Kept, who: Who) -> Any:
    """Give an organisation a new name from a day on."""
    with records.database.change(who.person_id, "organisation.rename", f"organisation:{organisation_id}") as change:
        found = find_organisation(change.session, organisation_id)
        records.rights.require(who, "organisation.change", Target(region=found.region, organisation_id=found.id))
        rename_organisation(change, organisation_id, zh=sent.zh, en=sent.en, valid_from=sent.valid_from)
    with records.database.read() as session:
        return _detail(session, organisation_id)


@router.put(
    "/records/organisations/{organisation_id}/code", **needs("organisation.change"), response_model=OrganisationDetail
)
def given_code(organisation_id: str, sent: CodeSent, records: Kept, who: Who) -> Any:
    """Give its code to an organisation that was registered without one."""
    with records.database.change(who.person_id, "organisation.code", f"organisation:{organisation_id}") as change:
        found = find_organisation(change.session, organisation_id)
        records.rights.require(who, "organisation.change", Target(region=found.region, organisation_id=found.id))
        give_code(change, organisation_id, sent.uscc)
    with records.database.read() as session:
        return _detail(session, organisation_id)


@router.put(
    "/records/organisations/{organisation_id}/parent", **needs("organisation.change"), response_model=OrganisationDetail
)
def moved(organisation_id: str, sent: ParentSent, records: Kept, who: Who) -> Any:
    """Put an organisation under another one, or under none; both in a region of one's own."""
    with records.database.change(who.person_id, "organisation.move", f"organisation:{organisation_id}") as change:
        for key in (organisation_id, sent.parent_id):
            if key is not None:
                found = find_organisation(change.session, key)
                target = Target(region=found.region, organisation_id=found.id)
                records.rights.require(who, "organisation.change", target)
        move_organisation(change, organisation_id, sent.parent_id)
    with records.database.read() as session:
        return _detail(session, organisation_id)
