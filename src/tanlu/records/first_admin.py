"""The first administrator: who gives everyone else their roles."""

from __future__ import annotations

from sqlalchemy import select

from tanlu.core.errors import Problem
from tanlu.records.database import Database
from tanlu.records.login import set_password
from tanlu.records.passwords import random_password
from tanlu.records.people import register_person
from tanlu.records.refusals import RefusedError
from tanlu.records.roles import RoleAssignment, grant_role
from tanlu.records.workdays import local_day


def make_first_admin(database: Database, login: str) -> str:
    """Make an administrator and return the password, which must be changed at the first login.

    Raises
    ------
    RefusedError
        If there is an administrator already.
    """
    password = random_password()
    with database.change("system", "role.first_admin", "role:admin") as change:
        statement = select(RoleAssignment.id).where(RoleAssignment.role == "admin")
        if change.session.execute(statement).first():
            raise RefusedError(Problem("admin_known", "records", field="admin", value=login))
        person = register_person(change, zh=login)
        set_password(change, person.id, login, password, must_change=True)
        grant_role(change, person.id, "admin", valid_from=local_day(change.at))
    return password
