"""People: a name, affiliations over time, and contact data that can be deleted.

Entries of the log name people by id only. Identity-card numbers are not stored.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import ForeignKey, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.core.errors import Problem
from tanlu.records.base import Base, Id, Line, Word, new_id
from tanlu.records.changes import Change
from tanlu.records.organisations import find_organisation
from tanlu.records.refusals import RefusedError

CONTACT_KINDS: Final = ("email", "phone", "address")


class Person(Base):
    """A person; the name is empty once the person's data were erased."""

    __tablename__ = "person"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    zh: Mapped[Line]
    en: Mapped[Line]
    erased: Mapped[bool] = mapped_column(default=False)

    def name(self, language: str) -> str:
        """Return the name in a language, in the other one where it has none."""
        return (self.en or self.zh) if language == "en" else (self.zh or self.en)


class Contact(Base):
    """A way to reach a person."""

    __tablename__ = "contact"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[Word]
    value: Mapped[Line]


class Affiliation(Base):
    """A person's place in an organisation, and from when to when."""

    __tablename__ = "affiliation"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    position: Mapped[Line] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


def register_person(change: Change, *, zh: str = "", en: str = "") -> Person:
    """Add a person.

    Raises
    ------
    RefusedError
        If both names are empty.
    """
    if not (zh.strip() or en.strip()):
        raise RefusedError(Problem("empty", "person", field="zh"))
    person = Person(id=new_id(), zh=zh.strip(), en=en.strip())
    change.session.add(person)
    change.session.flush()
    return person


def find_person(session: Session, person_id: str) -> Person:
    """Return a person.

    Raises
    ------
    RefusedError
        If there is none.
    """
    found = session.get(Person, person_id)
    if found is None:
        raise RefusedError(Problem("no_record", "person", field="id", value=person_id))
    return found


def add_contact(change: Change, person_id: str, kind: str, value: str) -> Contact:
    """Add a way to reach a person.

    Raises
    ------
    RefusedError
        If the kind is unknown or the value is empty.
    """
    find_person(change.session, person_id)
    if kind not in CONTACT_KINDS:
        details = {"refers_to": "contact.kind", "some": ", ".join(CONTACT_KINDS)}
        raise RefusedError(Problem("unknown_choice", "contact", field="kind", value=kind, details=details))
    if not value.strip():
        raise RefusedError(Problem("empty", "contact", field="value"))
    contact = Contact(person_id=person_id, kind=kind, value=value.strip())
    change.session.add(contact)
    return contact


def contacts_of(session: Session, person_id: str, kind: str) -> list[str]:
    """Return the addresses of a kind of a person."""
    statement = select(Contact.value).where(Contact.person_id == person_id, Contact.kind == kind).order_by(Contact.id)
    return list(session.execute(statement).scalars())


def affiliate(
    change: Change,
    person_id: str,
    organisation_id: str,
    *,
    valid_from: date,
    valid_to: date | None = None,
    position: str = "",
) -> Affiliation:
    """Note that a person belongs to an organisation from a day on.

    Raises
    ------
    RefusedError
        If there is no such person or organisation, or the end is before the start.
    """
    find_person(change.session, person_id)
    find_organisation(change.session, organisation_id)
    if valid_to is not None and valid_to < valid_from:
        details = {"first": valid_from.isoformat()}
        raise RefusedError(
            Problem("span_backward", "affiliation", field="valid_to", value=str(valid_to), details=details)
        )
    found = Affiliation(
        person_id=person_id,
        organisation_id=organisation_id,
        position=position,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    change.session.add(found)
    return found


def organisations_of(session: Session, person_id: str, first: date, last: date | None = None) -> set[str]:
    """Return the ids of the organisations that a person belonged to on a day, or at any time between two days."""
    statement = select(Affiliation.organisation_id).where(
        Affiliation.person_id == person_id,
        Affiliation.valid_from <= (last or first),
        or_(Affiliation.valid_to.is_(None), Affiliation.valid_to >= first),
    )
    return set(session.execute(statement).scalars())


def forget_person(change: Change, person_id: str) -> None:
    """Delete names and contact data of a person; the record stays under its id, so that counts stay right.

    Raises
    ------
    RefusedError
        If there is no such person.
    """
    person = find_person(change.session, person_id)
    person.zh = person.en = ""
    person.erased = True
    for contact in change.session.execute(select(Contact).where(Contact.person_id == person_id)).scalars():
        change.session.delete(contact)
