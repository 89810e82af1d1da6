"""Reports: what a unit, a prefecture or the province says of an entry. Each is one change; nothing is altered, versions are added.

Whoever reports does not verify (`tanlu.programme.registry.checking`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.registries import PEOPLE, Kind
from tanlu.programme.registry.places import regions_of
from tanlu.programme.registry.tables import RegistryEntry, RegistryTeam, RegistryVersion
from tanlu.programme.registry.versions import (
    ANNULLED,
    CORRECTED,
    LAPSED,
    MOVED,
    RECOGNISED,
    RENEWED,
    REPORTED,
    prefecture_of,
    standing,
)
from tanlu.records import (
    Change,
    ConflictError,
    Organisation,
    Person,
    Principal,
    Records,
    RefusedError,
    Stored,
    Target,
    add_evidence,
    local_day,
    new_id,
)

READ: Final = "registry.read"
REPORT: Final = "registry.report"
Proof = tuple[Stored, str]
"""A stored file and what the uploader called it."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """A recognition as it is reported.

    Parameters
    ----------
    kind : Kind
    subject : str
        Id of the unit, the person or the team, as the kind says.
    region : str
        Prefecture at that time; the province for what belongs to none.
    valid_from, valid_to : date
        First and last day; no last day when it does not lapse.
    organisation_id : str, optional
        Unit that hosts a person; taken from the subject otherwise.
    first : bool
        Whether the subject was never recognised as this kind before, here or elsewhere.
    facts : mapping
        What rules look at; plain data without floats.
    """

    kind: Kind
    subject: str
    region: str
    valid_from: date
    valid_to: date | None = None
    organisation_id: str | None = None
    first: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    demonstration: bool = False


def report(
    records: Records, principal: Principal, recognition: Recognition, evidence: Sequence[Proof] = ()
) -> RegistryVersion:
    """Report a recognition.

    Raises
    ------
    NotPermittedError
        If the person may not report for the region or the unit.
    ConflictError
        If the subject is registered as this kind already; a renewal is reported as one.
    RefusedError
        With everything that is wrong: region, days, subject.
    """
    subject = f"registry_subject:{recognition.kind.value}:{recognition.subject}"
    with records.database.change(principal.person_id, REPORT, subject) as change:
        return add_recognition(records, principal, change, recognition, evidence)


def renew(
    records: Records,
    principal: Principal,
    entry_id: str,
    *,
    valid_from: date,
    valid_to: date | None,
    evidence: Sequence[Proof] = (),
    note: str = "",
) -> RegistryVersion:
    """Report that a recognition was renewed, also after it had lapsed; a renewal never adds to a flow."""
    with records.database.change(principal.person_id, "registry.renew", f"registry_entry:{entry_id}") as change:
        entry, last = _standing_entry(change.session, entry_id, change)
        if valid_from <= last.valid_from:
            raise RefusedError(_backward("valid_from", valid_from, last.valid_from))
        changes = {"event": RENEWED, "valid_from": valid_from, "valid_to": valid_to, "first": False, "note": note}
        return _follow(records, principal, change, entry, last, changes, evidence)


def move(
    records: Records,
    principal: Principal,
    entry_id: str,
    *,
    region: str,
    valid_from: date,
    evidence: Sequence[Proof] = (),
    note: str = "",
) -> RegistryVersion:
    """Report that a subject moved; the stock follows it, the flow stays where it was first recognised.

    Needs the right for the region that it leaves.
    """
    with records.database.change(principal.person_id, "registry.move", f"registry_entry:{entry_id}") as change:
        entry, last = _standing_entry(change.session, entry_id, change)
        records.rights.require(principal, REPORT, _target(entry, last.region))
        if valid_from <= last.valid_from:
            raise RefusedError(_backward("valid_from", valid_from, last.valid_from))
        changes = {"event": MOVED, "region": region, "valid_from": valid_from, "first": False, "note": note}
        return _follow(records, principal, change, entry, last, changes, evidence, right=False)


def lapse(
    records: Records,
    principal: Principal,
    entry_id: str,
    *,
    last_day: date,
    evidence: Sequence[Proof] = (),
    note: str = "",
) -> RegistryVersion:
    """Report that a recognition ended; the stock falls, the flow stays."""
    with records.database.change(principal.person_id, "registry.lapse", f"registry_entry:{entry_id}") as change:
        entry, last = _standing_entry(change.session, entry_id, change)
        changes = {"event": LAPSED, "valid_to": last_day, "replaces": last.number, "note": note}
        return _follow(records, principal, change, entry, last, changes, evidence)


def correct(
    records: Records,
    principal: Principal,
    entry_id: str,
    changes: Mapping[str, Any],
    *,
    reason: str,
    evidence: Sequence[Proof] = (),
) -> RegistryVersion:
    """Correct the newest version of an entry; ``changes`` may hold region, valid_from, valid_to, first and facts.

    Raises
    ------
    RefusedError
        If the reason is missing, or a field cannot be corrected.
    """
    allowed = {"region", "valid_from", "valid_to", "first", "facts"}
    problems = [
        Problem("unknown_key", "registry", field=key, details={"allowed": ", ".join(sorted(allowed))})
        for key in sorted(changes.keys() - allowed)
    ]
    if not reason.strip():
        problems.append(Problem("reason_needed", "registry", field="reason"))
    if problems:
        raise RefusedError(*problems)
    subject = f"registry_entry:{entry_id}"
    with records.database.change(principal.person_id, "registry.correct", subject, reason=reason) as change:
        entry, last = _standing_entry(change.session, entry_id, change)
        merged = {**changes, "event": CORRECTED, "replaces": last.number, "note": reason.strip()}
        return _follow(records, principal, change, entry, last, merged, evidence)


def annul(
    records: Records, principal: Principal, entry_id: str, *, reason: str, evidence: Sequence[Proof] = ()
) -> RegistryVersion:
    """Report that an entry should never have been made; it counts until a second person has verified that."""
    if not reason.strip():
        raise RefusedError(Problem("reason_needed", "registry", field="reason"))
    subject = f"registry_entry:{entry_id}"
    with records.database.change(principal.person_id, "registry.annul", subject, reason=reason) as change:
        entry, last = _standing_entry(change.session, entry_id, change)
        changes = {"event": ANNULLED, "note": reason.strip()}
        return _follow(records, principal, change, entry, last, changes, evidence)


def add_team(
    records: Records, principal: Principal, *, zh: str, en: str = "", organisation_id: str, leader_id: str | None = None
) -> RegistryTeam:
    """Register a team, so that it can be reported."""
    with records.database.change(principal.person_id, "registry.team", f"organisation:{organisation_id}") as change:
        return make_team(records, principal, change, zh=zh, en=en, organisation_id=organisation_id, leader_id=leader_id)


def make_team(
    records: Records,
    principal: Principal,
    change: Change,
    *,
    zh: str,
    en: str = "",
    organisation_id: str,
    leader_id: str | None = None,
) -> RegistryTeam:
    """Register a team within a change; see `add_team`."""
    host = change.session.get(Organisation, organisation_id)
    problems = [] if zh.strip() else [Problem("empty", "team", field="zh")]
    if host is None:
        problems.append(Problem("no_record", "team", field="organisation_id", value=organisation_id))
    if leader_id is not None and change.session.get(Person, leader_id) is None:
        problems.append(Problem("no_record", "team", field="leader_id", value=leader_id))
    if problems or host is None:
        raise RefusedError(*problems)
    records.rights.require(principal, REPORT, Target(region=host.region, organisation_id=host.id))
    team = RegistryTeam(id=new_id(), zh=zh.strip(), en=en.strip(), organisation_id=host.id, leader_id=leader_id)
    change.session.add(team)
    change.session.flush()
    return team


def add_recognition(
    records: Records,
    principal: Principal,
    change: Change,
    recognition: Recognition,
    evidence: Sequence[Proof] = (),
) -> RegistryVersion:
    """Report a recognition within a change; see `report`."""
    session = change.session
    host, leader = _subject(session, recognition)
    problems = _day_problems(recognition.valid_from, recognition.valid_to, change)
    problems += _region_problems(records, recognition.region)
    if problems:
        raise RefusedError(*problems)
    statement = select(RegistryEntry).where(
        RegistryEntry.kind == recognition.kind.value, RegistryEntry.subject == recognition.subject
    )
    entry = session.execute(statement).scalar_one_or_none()
    if entry is None:
        entry = RegistryEntry(
            id=new_id(),
            kind=recognition.kind.value,
            subject=recognition.subject,
            organisation_id=host,
            latest=0,
            demonstration=recognition.demonstration,
            created_at=change.at,
        )
        session.add(entry)
        session.flush()
    elif standing(versions_of(session, entry.id), change.at):
        raise ConflictError(Problem("registry_known", "registry", value=recognition.subject, details={"id": entry.id}))
    records.rights.require(principal, REPORT, _target(entry, recognition.region))
    fields = {
        "event": RECOGNISED,
        "replaces": None,
        "region": recognition.region,
        "valid_from": recognition.valid_from,
        "valid_to": recognition.valid_to,
        "first": recognition.first,
        "leader_id": leader,
        "facts": dict(recognition.facts),
        "note": recognition.note,
    }
    return _add(change, entry, fields, evidence)


def versions_of(session: Session, entry_id: str) -> list[RegistryVersion]:
    """Return all versions of an entry, oldest report first."""
    statement = select(RegistryVersion).where(RegistryVersion.entry_id == entry_id).order_by(RegistryVersion.number)
    return list(session.execute(statement).scalars())


def _subject(session: Session, recognition: Recognition) -> tuple[str | None, str | None]:
    """Return the unit that hosts a subject, and the leader if it is a team.

    Raises
    ------
    RefusedError
        If there is no such subject.
    """
    host, leader = recognition.organisation_id, None
    found: object
    if recognition.kind in PEOPLE:
        found = session.get(Person, recognition.subject)
    elif recognition.kind is Kind.TEAM:
        team = session.get(RegistryTeam, recognition.subject)
        found = team
        if team is not None:
            host, leader = team.organisation_id, team.leader_id
    else:
        found = session.get(Organisation, recognition.subject)
        host = recognition.subject
    problems = []
    if found is None:
        problems.append(Problem("no_record", "registry", field="subject", value=recognition.subject))
    elif host is not None and session.get(Organisation, host) is None:
        problems.append(Problem("no_record", "registry", field="organisation_id", value=host))
    if problems:
        raise RefusedError(*problems)
    return host, leader


def _standing_entry(session: Session, entry_id: str, change: Change) -> tuple[RegistryEntry, RegistryVersion]:
    entry = session.get(RegistryEntry, entry_id)
    if entry is None:
        raise RefusedError(Problem("no_record", "registry", field="id", value=entry_id))
    versions = versions_of(session, entry_id)
    if any(v.event == ANNULLED and v.state == REPORTED for v in versions):
        raise ConflictError(Problem("registry_annulling", "registry", value=entry_id))
    left = standing(versions, change.at)
    if not left:
        raise ConflictError(Problem("registry_gone", "registry", value=entry_id))
    return entry, left[-1]


def _follow(
    records: Records,
    principal: Principal,
    change: Change,
    entry: RegistryEntry,
    last: RegistryVersion,
    changes: Mapping[str, Any],
    evidence: Sequence[Proof],
    *,
    right: bool = True,
) -> RegistryVersion:
    """Add a version that says the same as the last one but for what changes."""
    kept = ("region", "valid_from", "valid_to", "first", "leader_id", "facts")
    fields = {"replaces": None, "note": "", **{name: getattr(last, name) for name in kept}, **changes}
    if right:
        records.rights.require(principal, REPORT, _target(entry, fields["region"]))
    if fields["event"] == CORRECTED:
        records.rights.require(principal, REPORT, _target(entry, last.region))
    problems = _day_problems(fields["valid_from"], fields["valid_to"], change)
    problems += _region_problems(records, fields["region"])
    if problems:
        raise RefusedError(*problems)
    return _add(change, entry, fields, evidence)


def _add(change: Change, entry: RegistryEntry, fields: Mapping[str, Any], evidence: Sequence[Proof]) -> RegistryVersion:
    # all that is told of an entry stands under its id, also what made it
    change.subject = f"registry_entry:{entry.id}"
    entry.latest += 1
    version = RegistryVersion(
        id=new_id(),
        entry_id=entry.id,
        number=entry.latest,
        state=REPORTED,
        reported_by=change.actor,
        reported_at=change.at,
        **fields,
    )
    change.session.add(version)
    change.session.flush()
    for stored, label in evidence:
        add_evidence(change, stored, f"registry_version:{version.id}", label)
    change.details.update({"entry": entry.id, "version": version.number, "event": version.event})
    return version


def _target(entry: RegistryEntry, region: str) -> Target:
    return Target(region=region, organisation_id=entry.organisation_id)


def _region_problems(records: Records, region: str) -> list[Problem]:
    known = regions_of(records.settings.province)
    if region in known or prefecture_of(region) in known:
        return []
    details = {"refers_to": "regions.csv", "some": ", ".join(list(known)[:4])}
    return [Problem("unknown_choice", "registry", field="region", value=region, details=details)]


def _day_problems(valid_from: date, valid_to: date | None, change: Change) -> list[Problem]:
    problems = []
    if valid_to is not None and valid_to < valid_from:
        problems.append(_backward("valid_to", valid_to, valid_from))
    if valid_from > local_day(change.at):
        problems.append(Problem("registry_future", "registry", field="valid_from", value=valid_from.isoformat()))
    return problems


def _backward(field: str, value: date, first: date) -> Problem:
    return Problem("span_backward", "registry", field=field, value=str(value), details={"first": first.isoformat()})
