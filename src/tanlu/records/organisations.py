"""Organisations: who they are, what they were called when, what they belong to.

The parent of an organisation is what it is a part of (a faculty of its university, a subsidiary of its group), not the office that
supervises it: conflicts of interest follow this tree.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ForeignKey, String, literal, or_, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from tanlu.core.errors import Problem
from tanlu.core.uscc import code_problems
from tanlu.records.base import Base, Id, Line, Word, new_id
from tanlu.records.changes import Change
from tanlu.records.refusals import RefusedError

KINDS: Final = (
    "government",
    "enterprise",
    "university",
    "institute",
    "new_rd_institution",
    "hospital",
    "association",
    "other",
)
DEEPEST: Final = 32
"""Levels of the tree that are followed; a tree made by hand that runs in a circle ends here."""
_REGION: Final = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)*")


class Organisation(Base):
    """An organisation; names stand apart, because they change."""

    __tablename__ = "organisation"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    kind: Mapped[Word]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[Word] = mapped_column(index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    names: Mapped[list[OrganisationName]] = relationship(order_by="OrganisationName.valid_from", viewonly=True)

    def name(self, language: str, on: date | None = None) -> str:
        """Return the name on a day, the latest by default; Chinese where there is no English one."""
        fitting = [
            n for n in self.names if on is None or (n.valid_from <= on and (n.valid_to is None or on <= n.valid_to))
        ]
        if not fitting:
            return ""
        latest = fitting[-1]
        return latest.en if language == "en" and latest.en else latest.zh


class OrganisationName(Base):
    """A name of an organisation and the days on which it was its name."""

    __tablename__ = "organisation_name"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    zh: Mapped[Line] = mapped_column(index=True)
    en: Mapped[Line]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


def register_organisation(
    change: Change,
    *,
    zh: str,
    en: str = "",
    kind: str,
    region: str,
    uscc: str | None,
    valid_from: date,
    parent_id: str | None = None,
    regions: Collection[str] | None = None,
) -> Organisation:
    """Add an organisation.

    Parameters
    ----------
    uscc : str or None
        Unified social credit code; None for a body without one, such as a faculty or a partner abroad.
    region : str
        Region id, down to the prefecture.
    regions : collection of str, optional
        Known region ids; others are refused.

    Raises
    ------
    RefusedError
        With everything that is wrong: name, kind, region, code, a code that is registered, an unknown parent.
    """
    problems = code_problems(uscc) if uscc is not None else []
    if not zh.strip():
        problems.append(Problem("empty", "organisation", field="zh"))
    if kind not in KINDS:
        details = {"refers_to": "organisation.kind", "some": ", ".join(KINDS)}
        problems.append(Problem("unknown_choice", "organisation", field="kind", value=kind, details=details))
    if not _REGION.fullmatch(region) or (regions is not None and region not in regions):
        details = {"refers_to": "regions.csv", "some": ", ".join(sorted(regions or ())[:4]) or "province/prefecture"}
        problems.append(Problem("unknown_choice", "organisation", field="region", value=region, details=details))
    if uscc and not problems:
        problems += _taken(change.session, uscc)
    if parent_id is not None and change.session.get(Organisation, parent_id) is None:
        problems.append(Problem("no_record", "organisation", field="parent_id", value=parent_id))
    if problems:
        raise RefusedError(*problems)
    organisation = Organisation(
        id=new_id(), uscc=uscc, kind=kind, region=region, parent_id=parent_id, valid_from=valid_from
    )
    change.session.add(organisation)
    change.session.flush()
    name = OrganisationName(organisation_id=organisation.id, zh=zh.strip(), en=en.strip(), valid_from=valid_from)
    change.session.add(name)
    change.session.flush()
    return organisation


def rename_organisation(change: Change, organisation_id: str, *, zh: str, en: str = "", valid_from: date) -> None:
    """Give an organisation a new name from a day on; the earlier one ends the day before.

    Raises
    ------
    RefusedError
        If there is no such organisation, the name is empty, or the day is not after the start of the present name.
    """
    organisation = find_organisation(change.session, organisation_id)
    if not zh.strip():
        raise RefusedError(Problem("empty", "organisation", field="zh"))
    present = organisation.names[-1] if organisation.names else None
    if present is not None:
        if valid_from <= present.valid_from:
            details = {"first": present.valid_from.isoformat()}
            raise RefusedError(
                Problem("span_backward", "organisation", field="valid_from", value=str(valid_from), details=details)
            )
        present.valid_to = valid_from - timedelta(days=1)
    name = OrganisationName(organisation_id=organisation.id, zh=zh.strip(), en=en.strip(), valid_from=valid_from)
    change.session.add(name)
    change.session.flush()
    change.session.expire(organisation, ["names"])


def give_code(change: Change, organisation_id: str, uscc: str) -> None:
    """Give its unified social credit code to an organisation that was registered without one; a code is given once and for life.

    Raises
    ------
    RefusedError
        If there is no such organisation, it has a code, or the code is not well-formed or another's.
    """
    organisation = find_organisation(change.session, organisation_id)
    problems = code_problems(uscc)
    if organisation.uscc:
        problems.append(Problem("uscc_given", "organisation", field="uscc", value=organisation.uscc))
    problems += _taken(change.session, uscc) if not problems else []
    if problems:
        raise RefusedError(*problems)
    organisation.uscc = uscc


def _taken(session: Session, uscc: str) -> list[Problem]:
    """Return a problem if an organisation has the code."""
    twin = session.execute(select(Organisation.id).where(Organisation.uscc == uscc)).scalar_one_or_none()
    return [Problem("uscc_known", "organisation", field="uscc", value=uscc, details={"id": twin})] if twin else []


def move_organisation(change: Change, organisation_id: str, parent_id: str | None) -> None:
    """Put an organisation under another one, or under none.

    Raises
    ------
    RefusedError
        If there is no such organisation, or the tree would run in a circle.
    """
    organisation = find_organisation(change.session, organisation_id)
    if parent_id is not None:
        find_organisation(change.session, parent_id)
        if parent_id in units_of(change.session, organisation_id):
            raise RefusedError(Problem("tree_circle", "organisation", field="parent_id", value=parent_id))
    organisation.parent_id = parent_id


def find_organisation(session: Session, organisation_id: str) -> Organisation:
    """Return an organisation.

    Raises
    ------
    RefusedError
        If there is none.
    """
    found = session.get(Organisation, organisation_id)
    if found is None:
        raise RefusedError(Problem("no_record", "organisation", field="id", value=organisation_id))
    return found


def units_of(session: Session, *organisation_ids: str) -> set[str]:
    """Return the ids of organisations and of everything that is part of them, at any depth."""
    start = select(Organisation.id, literal(0).label("depth")).where(Organisation.id.in_(organisation_ids))
    tree = start.cte("units", recursive=True)
    below = select(Organisation.id, tree.c.depth + 1).where(Organisation.parent_id == tree.c.id, tree.c.depth < DEEPEST)
    return set(session.execute(select(tree.union(below).c.id)).scalars())


def ancestors(session: Session, organisation_id: str) -> list[str]:
    """Return the ids of an organisation and of what it is part of, nearest first."""
    start = select(Organisation.id, Organisation.parent_id, literal(0).label("depth")).where(
        Organisation.id == organisation_id
    )
    tree = start.cte("ancestors", recursive=True)
    above = select(Organisation.id, Organisation.parent_id, tree.c.depth + 1).where(
        Organisation.id == tree.c.parent_id, tree.c.depth < DEEPEST
    )
    whole = tree.union(above)
    found = session.execute(select(whole.c.id, whole.c.depth).order_by(whole.c.depth)).all()
    return list(dict.fromkeys(row.id for row in found))


def related(session: Session, a: str, b: str) -> str | None:
    """Return the nearest organisation that two organisations are both part of (each is part of itself), None if there is none."""
    of_a = set(ancestors(session, a))
    return next((shared for shared in ancestors(session, b) if shared in of_a), None)


def search_organisations(session: Session, words: str, limit: int = 20) -> list[Organisation]:
    """Return organisations whose code, or a present or former name, holds the words."""
    by_name = select(OrganisationName.organisation_id.label("id")).where(
        or_(
            OrganisationName.zh.contains(words, autoescape=True),
            OrganisationName.en.icontains(words, autoescape=True),
        )
    )
    by_code = select(Organisation.id.label("id")).where(Organisation.uscc == words)
    found = union_all(by_name, by_code).subquery()
    statement = (
        select(Organisation).where(Organisation.id.in_(select(found.c.id))).order_by(Organisation.id).limit(limit)
    )
    return list(session.execute(statement).scalars())
