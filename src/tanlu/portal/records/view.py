"""What pages of records share: names of people and regions, and what rights look at in the record that an entry of the log is about."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.programme.cycle import Application, Call, Project
from tanlu.programme.cycle.acting import application_target, call_target, project_target
from tanlu.records import LogEntry, OrganisationName, Person, Target


@cache
def _region_rows(folder: Path) -> tuple[tuple[str, str, str], ...]:
    with (folder / "regions.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple((row["id"], row["zh"], row["en"]) for row in csv.DictReader(file))


def regions(folder: Path, language: str) -> list[tuple[str, str]]:
    """Return the regions of a province with their names, the province first."""
    return [(key, en if language == "en" else zh) for key, zh, en in _region_rows(folder)]


def people_names(session: Session, ids: Collection[str], language: str) -> dict[str, str]:
    """Return names of people by id; who was erased has none."""
    statement = select(Person.id, Person.zh, Person.en).where(Person.id.in_(sorted(ids)), Person.erased.is_(False))
    return {key: (en or zh) if language == "en" else (zh or en) for key, zh, en in session.execute(statement)}


def unit_names(session: Session, ids: Collection[str], language: str) -> dict[str, str]:
    """Return names of organisations by id."""
    # rows instead of records: a list page has a hundred organisations
    statement = select(OrganisationName.organisation_id, OrganisationName.zh, OrganisationName.en)
    statement = statement.where(OrganisationName.organisation_id.in_(sorted(ids))).order_by(OrganisationName.valid_from)
    return {key: (en or zh) if language == "en" else zh for key, zh, en in session.execute(statement)}


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry of the log as it is shown; the reason is empty where the entry was erased."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str


def log_lines(entries: Iterable[LogEntry]) -> list[LogLine]:
    """Return entries as they are shown."""
    return [
        LogLine(e.sequence, e.at, e.actor, e.action, e.subject, str((e.content() or {}).get("reason", "")))
        for e in entries
    ]


def target_of(session: Session, subject: str) -> Target:
    """Return what rights look at in the record of an entry; nothing in a record of another kind, so that only ``all`` reaches it."""
    kind, _, key = subject.partition(":")
    if kind == "call" and (call := session.get(Call, key)):
        return call_target(call)
    if kind == "application" and (application := session.get(Application, key)):
        return application_target(session, application)
    if kind == "project" and (project := session.get(Project, key)):
        return project_target(project)
    return Target()
