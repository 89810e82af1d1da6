"""Units and people that an applicant names in words: found while they type, and read back to ids when the step is saved.

The search goes over everybody who is registered, so that a hit does not tell who is an expert, and tells nothing but name and unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import Response
from fastapi.responses import JSONResponse
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.portal.programme.view import names
from tanlu.portal.session.desks import Ask, Desk
from tanlu.programme.registry.places import regions_of
from tanlu.records import Affiliation, Organisation, OrganisationName, Person, RefusedError

SHORTEST: Final = 2
"""Characters from which on it is looked for."""
MOST: Final = 8
APART: Final = " · "
"""Stands between a name and what tells it from others of the same name."""


def naming_desks() -> list[Desk]:
    """Return the search of the form."""
    return [Desk("/programme/apply/find", find_named, right="application.write")]


def find_named(ask: Ask) -> Response:
    """Names that begin or go on as what was typed, as JSON; none for less than `SHORTEST` characters."""
    words = " ".join(ask.query("q").split())
    if len(words) < SHORTEST:
        return JSONResponse([])
    with ask.records.database.read() as session:
        if ask.query("kind") == "person":
            found = _people(session, ask, _holds(Person.zh, Person.en, words), MOST)
        else:
            found = _units(session, ask, _unit_named(_holds(OrganisationName.zh, OrganisationName.en, words)), MOST)
    return JSONResponse(list(found.values()), headers={"cache-control": "no-store"})


def labels_of(session: Session, ask: Ask, units: set[str], people: set[str]) -> dict[str, str]:
    """Return how units and people are called in the fields of the form, by id."""
    return _units(session, ask, Organisation.id.in_(sorted(units))) | _people(
        session, ask, Person.id.in_(sorted(people))
    )


def read_named(ask: Ask, team: Mapping[str, Any]) -> dict[str, Any]:
    """Return a team with ids in place of the partners and experts that were named in words.

    Raises
    ------
    RefusedError
        With every name that nobody has, and every name that several have.
    """
    problems: list[Problem] = []
    with ask.records.database.read() as session:
        partners = [_one(session, ask, text, "partners", _unit, problems) for text in team["partners"]]
        excluded = [_one(session, ask, text, "excluded", _person, problems) for text in team["excluded"]]
    if problems:
        raise RefusedError(*problems)
    return {**team, "partners": list(dict.fromkeys(partners)), "excluded": list(dict.fromkeys(excluded))}


def _one(
    session: Session, ask: Ask, text: str, field: str, find: Callable[[Session, Ask, str], dict[str, str]], problems: list[Problem]
) -> str:  # fmt: skip
    found = find(session, ask, text)
    if len(found) == 1:
        return next(iter(found))
    if found:
        details = {"some": "; ".join(list(found.values())[:4])}
        problems.append(Problem("named_several", "application", field=field, value=text[:80], details=details))
    else:
        problems.append(Problem("named_none", "application", field=field, value=text[:80]))
    return ""


def _unit(session: Session, ask: Ask, text: str) -> dict[str, str]:
    """Return the units that a text can mean: by id or credit code, by a label of this page, or by their whole name."""
    name, _, mark = text.partition(APART)
    exact = or_(Organisation.id == text, Organisation.uscc == text.upper())
    found = _units(session, ask, exact) or _units(
        session, ask, _unit_named(_is(OrganisationName.zh, OrganisationName.en, name))
    )
    labelled = {key: label for key, label in found.items() if label == text}
    return labelled or ({} if mark else found)


def _person(session: Session, ask: Ask, text: str) -> dict[str, str]:
    name, _, mark = text.partition(APART)
    found = _people(session, ask, Person.id == text) or _people(session, ask, _is(Person.zh, Person.en, name))
    labelled = {key: label for key, label in found.items() if label == text}
    return labelled or ({} if mark else found)


def _holds(zh: Any, en: Any, words: str) -> Any:
    return or_(zh.contains(words, autoescape=True), en.icontains(words, autoescape=True))


def _is(zh: Any, en: Any, name: str) -> Any:
    return or_(zh == name, func.lower(en) == name.lower())


def _unit_named(condition: Any) -> Any:
    return Organisation.id.in_(select(OrganisationName.organisation_id).where(condition))


def _units(session: Session, ask: Ask, condition: Any, most: int = MOST) -> dict[str, str]:
    """Return units by id with their labels: name, and credit code or region."""
    regions = regions_of(ask.records.settings.province)
    statement = (
        select(Organisation).where(condition, Organisation.valid_to.is_(None)).order_by(Organisation.id).limit(most)
    )
    found = {}
    for unit in session.execute(statement).scalars():
        region = regions.get(unit.region)
        mark = unit.uscc or (region.name(ask.language) if region else unit.region)
        found[unit.id] = f"{unit.name(ask.language)}{APART}{mark}"
    return found


def _people(session: Session, ask: Ask, condition: Any, most: int = MOST) -> dict[str, str]:
    """Return people by id with their labels: name and unit."""
    statement = select(Person).where(condition, Person.erased.is_(False)).order_by(Person.id).limit(most)
    people = {person.id: person for person in session.execute(statement).scalars()}
    held = select(Affiliation.person_id, Affiliation.organisation_id).where(
        Affiliation.person_id.in_(sorted(people)), Affiliation.valid_to.is_(None)
    )
    units = {row.person_id: row.organisation_id for row in session.execute(held)}
    known = names(session, ask, set(units.values()))
    return {
        key: APART.join(filter(None, (p.name(ask.language), known.get(units.get(key, ""), ""))))
        for key, p in people.items()
    }
