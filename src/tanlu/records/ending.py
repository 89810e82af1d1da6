"""Ending what was given: roles and logins, never one's own."""

from __future__ import annotations

from datetime import timedelta

from tanlu.core.errors import Problem
from tanlu.records.changes import Change
from tanlu.records.login import Credential
from tanlu.records.refusals import RefusedError
from tanlu.records.roles import RoleAssignment
from tanlu.records.workdays import local_day


def end_role(change: Change, role_id: str) -> RoleAssignment:
    """End a role with yesterday, so that it does not count any more today.

    Raises
    ------
    RefusedError
        If there is no such role, or it is that of the person who ends it.
    """
    found = change.session.get(RoleAssignment, role_id)
    if found is None:
        raise RefusedError(Problem("no_record", "role", field="id", value=role_id[:40]))
    if found.person_id == change.actor:
        raise RefusedError(Problem("own_change", "role", field="person_id", value=role_id))
    found.valid_to = local_day(change.at) - timedelta(days=1)
    return found


def disable_login(change: Change, person_id: str, *, disabled: bool) -> Credential:
    """Close a login, or open it again; the sessions of the person are ended by the caller.

    Raises
    ------
    RefusedError
        If the person has no login, or it is that of the person who closes it.
    """
    found = change.session.get(Credential, person_id)
    if found is None:
        raise RefusedError(Problem("no_record", "person", field="id", value=person_id[:40]))
    if person_id == change.actor:
        raise RefusedError(Problem("own_change", "login", field="person_id", value=person_id))
    found.disabled = disabled
    return found
