"""The registries: entries with every version, reports and their check by another, counts as known at a moment, import with a dry run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.portal.programme.api.tables import Imported, ImportSent, imported, uploaded_table
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import ANYBODY, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import (
    Body,
    Evidence,
    Key,
    Name,
    Reason,
    Row,
    Words,
    proofs,
)
from tanlu.programme.registries import Kind
from tanlu.programme.registry.checking import check
from tanlu.programme.registry.importing import import_entries
from tanlu.programme.registry.reading import Filter, count_flow, entry_history, kind_counts, list_entries
from tanlu.programme.registry.reporting import Recognition, add_team, annul, correct, lapse, move, renew, report
from tanlu.programme.registry.tables import RegistryEntry, RegistryVersion
from tanlu.records import RefusedError

router = records_api("registry")


class EntryRow(Row):
    """An entry by one of its versions."""

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


class VersionRow(Row):
    """A version of an entry as it was reported and checked."""

    id: str
    entry_id: str
    number: int
    event: str
    replaces: int | None
    region: str
    valid_from: date
    valid_to: date | None
    first: bool
    state: str
    note: str


class Proposed(Body):
    """A recognition: who is recognised as what, where, from when to when."""

    kind: Kind
    subject: Key
    region: Key
    valid_from: date
    valid_to: date | None = None
    organisation_id: str | None = None
    first: bool = True
    facts: dict[str, str | int | bool | None] = Field(default_factory=dict)
    note: Name = ""
    evidence: Evidence = Field(default_factory=list)


class Event(Body):
    """What happened to an entry: renewed, moved (region), lapsed (valid_to is the last day), or it should not have been made (reason)."""

    event: Literal["renew", "move", "lapse", "annul"]
    valid_from: date | None = None
    valid_to: date | None = None
    region: Annotated[str, Field(max_length=80)] = ""
    note: Name = ""
    evidence: Evidence = Field(default_factory=list)


class Correction(Body):
    """Fields of the newest version that are put right, and why."""

    region: Key | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    first: bool | None = None
    facts: dict[str, str | int | bool | None] | None = None
    reason: Words
    evidence: Evidence = Field(default_factory=list)


class Check(Reason):
    """Whether a report is verified or returned; returning needs a reason."""

    transition: Literal["verify", "return"]


class TeamSent(Body):
    """A team, so that it can be reported."""

    zh: Name
    en: Name = ""
    organisation_id: Key
    leader_id: str | None = None


class TeamRow(Row):
    """A team."""

    id: str
    zh: str
    en: str
    organisation_id: str
    leader_id: str | None


@router.get("/registry/entries", **needs(ANYBODY), **paged(EntryRow))
def entries(
    records: Kept, who: Who, asked: Paged, kind: str = "", state: str = "", region: str = "", q: str = ""
) -> Any:  # fmt: skip
    """Entries that one may read, newest report first."""
    wanted = Filter(kind=kind, state=state, region=region, words=q)
    with records.database.read() as session:
        found = list_entries(session, records.rights, who, wanted, offset=asked.offset, limit=asked.limit)
    return asked.answer(EntryRow, found.items, found.total)


@router.get("/registry/entries/{entry_id}", **needs(ANYBODY), response_model=list[EntryRow])
def history(entry_id: str, records: Kept, who: Who) -> Any:
    """Every version of an entry, oldest report first."""
    with records.database.read() as session:
        return list(entry_history(session, records.rights, who, entry_id))


@router.get("/registry/counts", **needs(ANYBODY))
def counts(records: Kept, kind: str = "", as_of: AwareDatetime | None = None) -> dict[str, Any]:
    """Stock of each registry: reported and verified, by prefecture, with what belongs to none; now, or as known at a moment."""
    with records.database.read() as session:
        found = kind_counts(session, as_of or records.database.clock(), kind)
    return {k.value: _count(c) for k, c in found.items()}


@router.get("/registry/flows", **needs(ANYBODY))
def flows(records: Kept, kind: Kind, start: date, end: date, as_of: AwareDatetime | None = None) -> dict[str, Any]:
    """How many were first recognised between two days, as known now or at a moment."""
    with records.database.read() as session:
        return _count(count_flow(session, [kind], start, end, as_of or records.database.clock()))


def _count(found: Any) -> dict[str, Any]:
    parts = [{"region": p.prefecture, "reported": p.reported, "verified": p.verified} for p in found.parts]
    return {"reported": found.province.reported, "verified": found.province.verified, "parts": parts}


@router.post("/registry/entries", **needs("registry.report"), response_model=VersionRow, status_code=201)
def proposed(sent: Proposed, records: Kept, who: Who) -> Any:
    """Report a recognition; it counts as verified once another has checked it."""
    recognition = Recognition(
        sent.kind, sent.subject, sent.region, sent.valid_from, sent.valid_to, sent.organisation_id, sent.first, sent.facts, sent.note
    )  # fmt: skip
    return report(records, who, recognition, proofs(records, who, sent.evidence))


@router.post(
    "/registry/entries/{entry_id}/events", **needs("registry.report"), response_model=VersionRow, status_code=201
)
def happened(entry_id: str, sent: Event, records: Kept, who: Who) -> Any:
    """Report that an entry was renewed, moved, lapsed, or should not have been made."""
    files = proofs(records, who, sent.evidence)
    if sent.event == "annul":
        return annul(records, who, entry_id, reason=sent.note, evidence=files)
    if sent.event == "lapse":
        last = _given("valid_to", sent.valid_to)
        return lapse(records, who, entry_id, last_day=last, evidence=files, note=sent.note)
    first = _given("valid_from", sent.valid_from)
    if sent.event == "move":
        return move(records, who, entry_id, region=sent.region, valid_from=first, evidence=files, note=sent.note)
    return renew(records, who, entry_id, valid_from=first, valid_to=sent.valid_to, evidence=files, note=sent.note)


def _given(field: str, day: date | None) -> date:
    if day is None:
        raise RefusedError(Problem("empty", "registry", field=field))
    return day


@router.post(
    "/registry/entries/{entry_id}/correction", **needs("registry.report"), response_model=VersionRow, status_code=201
)
def corrected(entry_id: str, sent: Correction, records: Kept, who: Who) -> Any:
    """Put the newest version of an entry right; only the fields that are sent."""
    given = sent.model_dump(exclude_unset=True, exclude={"reason", "evidence"})
    return correct(records, who, entry_id, given, reason=sent.reason, evidence=proofs(records, who, sent.evidence))


@router.get("/registry/versions/{version_id}", **needs("registry.read"), response_model=VersionRow)
def one_version(version_id: str, records: Kept, who: Who) -> Any:
    """One version of an entry."""
    with records.database.read() as session:
        version = _version(session, version_id)
        entry = session.get_one(RegistryEntry, version.entry_id)
        entry_history(session, records.rights, who, entry.id)
        return version


def _version(session: Session, version_id: str) -> RegistryVersion:
    found = session.get(RegistryVersion, version_id)
    if found is None:
        raise RefusedError(Problem("no_record", "registry", field="id", value=version_id[:40]))
    return found


@router.post("/registry/versions/{version_id}/check", **needs("registry.verify"), response_model=VersionRow)
def checked(version_id: str, sent: Check, records: Kept, who: Who) -> Any:
    """Verify a report of somebody else, or return it with a reason."""
    return check(records, who, version_id, sent.transition, reason=sent.reason)


@router.post("/registry/teams", **needs("registry.report"), response_model=TeamRow, status_code=201)
def team(sent: TeamSent, records: Kept, who: Who) -> Any:
    """Register a team."""
    return add_team(
        records, who, zh=sent.zh, en=sent.en, organisation_id=sent.organisation_id, leader_id=sent.leader_id
    )


@router.post("/registry/import", **needs("registry.import"), response_model=Imported)
def import_table(sent: ImportSent, records: Kept, who: Who) -> Any:
    """Report every recognition of a table, all rows or none; by default only tried."""
    with uploaded_table(records, who, sent.upload) as path:
        return imported(import_entries(records, who, path, dry_run=sent.dry_run))
