"""Lists and counts of the registries, as a person may see them and as known at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.registries import PEOPLE, Entry, Kind, RegistryCount, flow, stock
from tanlu.programme.registry.reporting import READ, versions_of
from tanlu.programme.registry.tables import RegistryEntry, RegistryTeam, RegistryVersion
from tanlu.programme.registry.versions import VERIFIED, entries_of
from tanlu.records import (
    Columns,
    OrganisationName,
    Person,
    Principal,
    RefusedError,
    Rights,
    Target,
    local_day,
)

PAGE: Final = 50
LONGEST_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries a list shows; empty fields do not limit it."""

    kind: str = ""
    state: str = ""
    region: str = ""
    words: str = ""
    demonstration: bool | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: an entry by its newest version; names in both languages, dates as they stand."""

    id: str
    version_id: str
    version: int
    kind: str
    subject: str
    zh: str
    en: str
    organisation_id: str | None
    host_zh: str
    host_en: str
    region: str
    event: str
    state: str
    valid_from: date
    valid_to: date | None
    first: bool
    reported_by: str
    reported_at: datetime
    checked_by: str | None
    checked_at: datetime | None
    note: str
    demonstration: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, and how many lines the whole list has."""

    items: tuple[Item, ...]
    total: int
    offset: int


def list_entries(
    session: Session,
    rights: Rights,
    principal: Principal,
    chosen: Filter | None = None,
    *,
    offset: int = 0,
    limit: int = PAGE,
) -> Page:
    """Return a page of the entries that a person may see, newest report first."""
    condition = and_(_visible(rights, principal), *_conditions(chosen or Filter()))
    join = and_(RegistryVersion.entry_id == RegistryEntry.id, RegistryVersion.number == RegistryEntry.latest)
    total = session.execute(
        select(func.count()).select_from(RegistryEntry).join(RegistryVersion, join).where(condition)
    ).scalar_one()
    statement = (
        select(RegistryEntry, RegistryVersion)
        .join(RegistryVersion, join)
        .where(condition)
        .order_by(RegistryVersion.reported_at.desc(), RegistryVersion.id.desc())
        .offset(max(offset, 0))
        .limit(min(max(limit, 1), LONGEST_PAGE))
    )
    pairs = [(row[0], row[1]) for row in session.execute(statement)]
    return Page(tuple(_items(session, pairs)), total, offset)


def all_entries(
    session: Session, rights: Rights, principal: Principal, chosen: Filter | None = None
) -> tuple[Item, ...]:
    """Return every entry that a person may see, newest report first, for an export."""
    first = list_entries(session, rights, principal, chosen, limit=LONGEST_PAGE)
    items = list(first.items)
    while len(items) < first.total:
        more = list_entries(session, rights, principal, chosen, offset=len(items), limit=LONGEST_PAGE).items
        if not more:
            break
        items += more
    return tuple(items)


def kind_counts(session: Session, as_of: datetime, kind: str = "") -> dict[Kind, RegistryCount]:
    """Return the stock of each registry, or of one, at the day of a moment as known then."""
    kinds = [k for k in Kind if kind in ("", k.value)]
    if not kinds:
        details = {"refers_to": "registry.kind", "some": ", ".join(k.value for k in Kind)}
        raise RefusedError(Problem("unknown_choice", "registry", field="kind", value=kind, details=details))
    entries = known_entries(session, as_of, kinds)
    return {k: stock([e for e in entries if e.kind is k], [k], local_day(as_of), as_of) for k in kinds}


def entry_history(session: Session, rights: Rights, principal: Principal, entry_id: str) -> tuple[Item, ...]:
    """Return every version of an entry, oldest report first.

    Raises
    ------
    NotPermittedError
        If the person may not see it.
    RefusedError
        If there is no such entry.
    """
    entry = session.get(RegistryEntry, entry_id)
    if entry is None:
        raise RefusedError(Problem("no_record", "registry", field="id", value=entry_id))
    versions = versions_of(session, entry_id)
    last = versions[-1]
    published = last.state == VERIFIED and entry.kind not in PEOPLE
    target = Target(region=last.region, organisation_id=entry.organisation_id, published=published)
    rights.require(principal, READ, target)
    return tuple(_items(session, [(entry, version) for version in versions]))


def _visible(rights: Rights, principal: Principal) -> ColumnElement[bool]:
    people = sorted(kind.value for kind in PEOPLE)
    published = and_(RegistryVersion.state == VERIFIED, RegistryEntry.kind.not_in(people))
    columns = Columns(
        region=RegistryVersion.__table__.c.region,
        organisation_id=RegistryEntry.__table__.c.organisation_id,
        published=published,
    )
    return rights.condition(principal, READ, columns)


def _conditions(chosen: Filter) -> Iterable[ColumnElement[bool]]:
    if chosen.kind:
        yield RegistryEntry.kind == chosen.kind
    if chosen.state:
        yield RegistryVersion.state == chosen.state
    if chosen.region:
        below = RegistryVersion.region.startswith(f"{chosen.region}/", autoescape=True)
        yield or_(RegistryVersion.region == chosen.region, below)
    if chosen.demonstration is not None:
        yield RegistryEntry.demonstration.is_(chosen.demonstration)
    if chosen.words.strip():
        words = chosen.words.strip()
        named = (
            select(OrganisationName.organisation_id).where(_holds(OrganisationName, words)),
            select(Person.id).where(_holds(Person, words)),
            select(RegistryTeam.id).where(_holds(RegistryTeam, words)),
        )
        yield or_(*(RegistryEntry.subject.in_(statement) for statement in named))


def _holds(table: type[OrganisationName | Person | RegistryTeam], words: str) -> ColumnElement[bool]:
    return or_(table.zh.contains(words, autoescape=True), table.en.icontains(words, autoescape=True))


def _items(session: Session, pairs: Sequence[tuple[RegistryEntry, RegistryVersion]]) -> Iterable[Item]:
    names = names_of(
        session, {e.subject for e, _ in pairs} | {e.organisation_id for e, _ in pairs if e.organisation_id}
    )
    for entry, version in pairs:
        zh, en = names.get(entry.subject, ("", ""))
        host_zh, host_en = names.get(entry.organisation_id or "", ("", ""))
        yield Item(
            entry.id, version.id, version.number, entry.kind, entry.subject, zh, en, entry.organisation_id, host_zh, host_en,
            version.region, version.event, version.state, version.valid_from, version.valid_to, version.first,
            version.reported_by, version.reported_at, version.checked_by, version.checked_at, version.note,
            entry.demonstration,
        )  # fmt: skip


def names_of(session: Session, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return Chinese and English names of units, people and teams by id; each stands in for the other where it is missing."""
    wanted = sorted(ids)
    found: dict[str, tuple[str, str]] = {}
    for start in range(0, len(wanted), LONGEST_PAGE):
        part = wanted[start : start + LONGEST_PAGE]
        named = select(OrganisationName.organisation_id, OrganisationName.zh, OrganisationName.en)
        named = named.where(OrganisationName.organisation_id.in_(part)).order_by(OrganisationName.valid_from)
        # the latest name comes last and stays
        found |= {unit: (zh, en or zh) for unit, zh, en in session.execute(named)}
        people = session.execute(select(Person).where(Person.id.in_(part))).scalars()
        found |= {person.id: (person.name("zh"), person.name("en")) for person in people}
        teams = session.execute(select(RegistryTeam).where(RegistryTeam.id.in_(part))).scalars()
        found |= {team.id: (team.zh, team.en or team.zh) for team in teams}
    return found


def known_entries(session: Session, as_of: datetime, kinds: Sequence[Kind] = tuple(Kind)) -> list[Entry]:
    """Return what stood in the registries at a moment, as known then, in the form in which it is counted."""
    version = RegistryVersion
    statement = (
        select(
            RegistryEntry.id.label("entry"), RegistryEntry.kind, RegistryEntry.subject, version.number, version.event,
            version.replaces, version.region, version.valid_from, version.valid_to, version.first, version.leader_id,
            version.state, version.reported_by, version.reported_at, version.checked_by, version.checked_at,
        )
        .join(version, version.entry_id == RegistryEntry.id)
        .where(RegistryEntry.kind.in_([kind.value for kind in kinds]), version.reported_at <= as_of)
        .order_by(RegistryEntry.id, version.number)
    )  # fmt: skip
    found: list[Entry] = []
    for key, group in groupby(session.execute(statement), key=lambda row: str(row.entry)):
        versions = list(group)
        found += entries_of(key, Kind(versions[0].kind), versions[0].subject, versions, as_of)
    return found


def count_flow(session: Session, kinds: Sequence[Kind], start: date, end: date, as_of: datetime) -> RegistryCount:
    """Return how many were first recognised between two days, both included, as known at a moment (新增)."""
    return flow(known_entries(session, as_of, kinds), kinds, start, end, as_of)


def count_stock(session: Session, kinds: Sequence[Kind], on: date, as_of: datetime) -> RegistryCount:
    """Return how many stood in the registries on a day, as known at a moment (在册)."""
    return stock(known_entries(session, as_of, kinds), kinds, on, as_of)


def holds_demonstration(session: Session, as_of: datetime) -> bool:
    """Tell whether entries of a demonstration were among those that had been reported by a moment."""
    statement = select(RegistryEntry.id).where(RegistryEntry.demonstration.is_(True), RegistryEntry.created_at <= as_of)
    return session.execute(statement.limit(1)).first() is not None
