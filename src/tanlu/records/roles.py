"""Roles and rights: who may do what to which rows. What the table does not allow is denied.

The table of rights is data (``permissions.yaml`` of a room): for each action, the roles that may do it and how far their right reaches:

- ``all``: every row;
- ``region``: rows of the region of the role, and of the regions below it;
- ``unit``: rows of the organisation of the role, and of what is part of it;
- ``task``: rows of the tasks that were given to the person;
- ``own``: rows of the person;
- ``published``: rows that are published.

The same right is a predicate on one record (`Rights.allows`) and a condition of a query (`Rights.condition`); a test holds them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, ForeignKey, String, false, or_, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from tanlu.core.errors import DataError, Problem
from tanlu.core.province import read_yaml
from tanlu.records.base import Base, Id, Word, new_id
from tanlu.records.changes import Change
from tanlu.records.organisations import find_organisation, units_of
from tanlu.records.people import find_person
from tanlu.records.refusals import NotPermittedError, RefusedError

PUBLIC: Final = "public"
SCOPE_OF_ROLE: Final = {
    "admin": "",
    "province_officer": "region",
    "prefecture_officer": "region",
    "unit": "unit",
    "expert": "",
    "broker": "",
    "auditor": "",
    PUBLIC: "",
}
"""What a role is given for: a region, an organisation, or nothing. Everyone has the role ``public``."""
REACHES: Final = ("all", "region", "unit", "task", "own", "published")


class RoleAssignment(Base):
    """A role that a person has from a day to a day."""

    __tablename__ = "role_assignment"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[Word]
    region: Mapped[str | None] = mapped_column(String(80), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


@dataclass(frozen=True, slots=True)
class Grant:
    """A role with what it was given for: a region, or the ids of the units of an organisation."""

    role: str
    region: str | None = None
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    Parameters
    ----------
    person_id : str
        Empty for a visitor without login.
    grants : tuple of Grant
        Roles of the day.
    tasks : frozenset of str
        Ids of the tasks given to the person (reviews, site visits); the room that gives tasks fills them in.
    actions : frozenset of str or None
        Actions to which an API token is limited; None without limit.
    """

    person_id: str = ""
    grants: tuple[Grant, ...] = (Grant(PUBLIC),)
    tasks: frozenset[str] = frozenset()
    actions: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a right looks at in one record; None or False where the record has no such thing."""

    region: str | None = None
    organisation_id: str | None = None
    task_id: str | None = None
    person_id: str | None = None
    published: bool = False


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a query in which a right looks for what `Target` holds."""

    region: ColumnElement[Any] | None = None
    organisation_id: ColumnElement[Any] | None = None
    task_id: ColumnElement[Any] | None = None
    person_id: ColumnElement[Any] | None = None
    published: ColumnElement[bool] | None = None


@dataclass(frozen=True)
class Rights:
    """The table of rights: action → role → reaches."""

    table: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def reaches(self, principal: Principal, action: str) -> list[tuple[Grant, str]]:
        """Return the grants of a person that allow an action, each with its reach."""
        if principal.actions is not None and action not in principal.actions:
            return []
        row = self.table.get(action, {})
        return [(grant, reach) for grant in principal.grants for reach in row.get(grant.role, ())]

    def allows(self, principal: Principal, action: str, target: Target | None = None) -> bool:
        """Tell whether a person may do an action to a record.

        Without a target: whether the person may do it to any record at all (whether a page or a button is shown).
        """
        reaches = self.reaches(principal, action)
        if target is None:
            return bool(reaches)
        return any(_reaches_record(principal, grant, reach, target) for grant, reach in reaches)

    def require(self, principal: Principal, action: str, target: Target | None = None) -> None:
        """Do nothing if a person may do an action.

        Raises
        ------
        NotPermittedError
            If not.
        """
        if not self.allows(principal, action, target):
            raise self.denial(principal, action)

    def denial(self, principal: Principal, action: str) -> NotPermittedError:
        """Return why a person may not do an action: no role of theirs allows it, or the token with which they ask leaves it out."""
        by_token = principal.actions is not None and action not in principal.actions
        code = "token_lacks" if by_token and self.allows(replace(principal, actions=None), action) else "not_permitted"
        return NotPermittedError(Problem(code, "", field=action, value=principal.person_id or PUBLIC))

    def condition(self, principal: Principal, action: str, columns: Columns) -> ColumnElement[bool]:
        """Return the rows that a person may do an action to, as a condition for ``where``."""
        found = [_reaches_rows(principal, grant, reach, columns) for grant, reach in self.reaches(principal, action)]
        return or_(false(), *found)


def _reaches_record(principal: Principal, grant: Grant, reach: str, target: Target) -> bool:
    match reach:
        case "all":
            return True
        case "region":
            inside = target.region is not None and grant.region is not None
            return inside and f"{target.region}/".startswith(f"{grant.region}/")
        case "unit":
            return target.organisation_id in grant.units
        case "task":
            return target.task_id in principal.tasks
        case "own":
            return bool(principal.person_id) and target.person_id == principal.person_id
        case _:
            return reach == "published" and target.published


def _reaches_rows(principal: Principal, grant: Grant, reach: str, columns: Columns) -> ColumnElement[bool]:
    match reach:
        case "all":
            return true()
        case "region" if columns.region is not None and grant.region is not None:
            below = columns.region.startswith(f"{grant.region}/", autoescape=True)
            return or_(columns.region == grant.region, below)
        case "unit" if columns.organisation_id is not None:
            return columns.organisation_id.in_(sorted(grant.units))
        case "task" if columns.task_id is not None:
            return columns.task_id.in_(sorted(principal.tasks))
        case "own" if columns.person_id is not None and principal.person_id:
            return columns.person_id == principal.person_id
        case "published" if columns.published is not None:
            return columns.published
        case _:
            return false()


def load_rights(permissions: Iterable[Path] = ()) -> Rights:
    """Read the table of rights of this room, and those of further rooms.

    Raises
    ------
    DataError
        With every unknown role or reach, and every action that stands in two tables.
    """
    chosen = (Path(str(files("tanlu.records") / "data" / "permissions.yaml")), *permissions)
    problems: list[Problem] = []
    table: dict[str, dict[str, tuple[str, ...]]] = {}
    for path in chosen:
        content = read_yaml(path, path.parent, problems) or {}
        for action, row in content.items():
            if action in table:
                problems.append(Problem("double_key", path.name, field=action, details={"first": "-"}))
            table[action] = _read_row(path.name, action, row, problems)
    if problems:
        raise DataError(problems)
    return Rights(table)


def _read_row(file: str, action: str, row: object, problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    if not isinstance(row, dict):
        problems.append(Problem("not_key_values", file, field=action, value=str(row)))
        return found
    for role, written in row.items():
        reaches = tuple(written) if isinstance(written, list) else (str(written),)
        if role not in SCOPE_OF_ROLE:
            details = {"refers_to": "roles", "some": ", ".join(SCOPE_OF_ROLE)}
            problems.append(Problem("unknown_choice", file, field=action, value=str(role), details=details))
        for reach in reaches:
            if reach not in REACHES:
                details = {"refers_to": "reaches", "some": ", ".join(REACHES)}
                problems.append(Problem("unknown_choice", file, field=f"{action}.{role}", value=reach, details=details))
        found[role] = reaches
    return found


def grant_role(
    change: Change,
    person_id: str,
    role: str,
    *,
    valid_from: date,
    valid_to: date | None = None,
    region: str | None = None,
    organisation_id: str | None = None,
) -> RoleAssignment:
    """Give a person a role; nobody gives one to themselves.

    Raises
    ------
    RefusedError
        If the role is unknown, lacks its region or organisation, or is one's own.
    """
    find_person(change.session, person_id)
    problems = []
    if role not in SCOPE_OF_ROLE or role == PUBLIC:
        details = {"refers_to": "roles", "some": ", ".join(r for r in SCOPE_OF_ROLE if r != PUBLIC)}
        problems.append(Problem("unknown_choice", "role", field="role", value=role, details=details))
    needed = SCOPE_OF_ROLE.get(role, "")
    if needed == "region" and not region:
        problems.append(Problem("empty", "role", field="region"))
    if needed == "unit" and not organisation_id:
        problems.append(Problem("empty", "role", field="organisation_id"))
    if change.actor == person_id:
        problems.append(Problem("own_change", "role", field="person_id", value=person_id))
    if problems:
        raise RefusedError(*problems)
    if organisation_id is not None:
        find_organisation(change.session, organisation_id)
    found = RoleAssignment(
        person_id=person_id,
        role=role,
        region=region,
        organisation_id=organisation_id,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    change.session.add(found)
    return found


def load_principal(
    session: Session, person_id: str, on: date, *, tasks: Iterable[str] = (), actions: Iterable[str] | None = None
) -> Principal:
    """Return who a person is on a day: the roles that are valid, units expanded through the organisation tree."""
    statement = select(RoleAssignment).where(
        RoleAssignment.person_id == person_id,
        RoleAssignment.valid_from <= on,
        or_(RoleAssignment.valid_to.is_(None), RoleAssignment.valid_to >= on),
    )
    grants = [Grant(PUBLIC)]
    for found in session.execute(statement.order_by(RoleAssignment.id)).scalars():
        units = units_of(session, found.organisation_id) if found.organisation_id else set[str]()
        grants.append(Grant(found.role, found.region, frozenset(units)))
    limited = None if actions is None else frozenset(actions)
    return Principal(person_id, tuple(grants), frozenset(tasks), limited)
