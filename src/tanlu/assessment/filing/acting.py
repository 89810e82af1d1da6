"""Who acts when a command is given on the machine of the records: a person by id or login name, with the roles of the day."""

from __future__ import annotations

from sqlalchemy import or_, select

from tanlu.core.errors import Problem
from tanlu.records import Credential, Person, Principal, Records, RefusedError, load_principal, local_day


def principal_of(records: Records, who: str) -> Principal:
    """Return a person with the roles of today.

    Parameters
    ----------
    who : str
        Id or login name.

    Raises
    ------
    RefusedError
        If there is no such person.
    """
    statement = (
        select(Person.id)
        .outerjoin(Credential, Credential.person_id == Person.id)
        .where(or_(Person.id == who, Credential.login == who))
    )
    with records.database.read() as session:
        found = session.execute(statement).scalars().first()
        if found is None or not who:
            raise RefusedError(Problem("no_person_named", "", field="--by", value=who))
        return load_principal(session, found, local_day(records.database.clock()))
