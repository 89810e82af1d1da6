"""The right to erasure: what names a person goes, what counts stays."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from tanlu.records.database import Database
from tanlu.records.login import forget_login
from tanlu.records.people import forget_person
from tanlu.records.roles import RoleAssignment
from tanlu.records.workdays import local_day


def erase_person(database: Database, person_id: str, actor: str, reason: str, entries: Sequence[int] = ()) -> None:
    """Erase a person's names, contacts and login, end the roles, and delete the content of entries that tell about the person.

    The rows that held the data get fresh salts or go, so that the digests in the log can no longer be tested against guesses.

    Parameters
    ----------
    entries : sequence of int
        Entries whose reason or details tell about the person, found by a person who read them.

    Raises
    ------
    RefusedError
        If there is no such person or entry.
    """
    with database.batch() as batch:
        with batch.change(actor, "person.erase", f"person:{person_id}", reason=reason) as change:
            forget_person(change, person_id)
            forget_login(change, person_id)
            today = local_day(change.at)
            statement = select(RoleAssignment).where(RoleAssignment.person_id == person_id)
            for role in change.session.execute(statement).scalars():
                if role.valid_to is None or role.valid_to > today:
                    role.valid_to = today
        if entries:
            batch.erase(entries, actor, reason)
