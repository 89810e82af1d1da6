"""What pages of records share: names of people and regions, and what rights look at in the record that an entry of the log is about."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from tanlu.core.messages import catalogue
from tanlu.programme.cycle import Application, Call, Project
from tanlu.programme.cycle.acting import application_target, call_target, project_target
from tanlu.records import LogEntry, OrganisationName, Person, Remembered, Target

MOST_NAMES: Final = 20_000
"""Names of a kind that are remembered; when there are more, it begins anew."""
_NAMES: Final = Remembered[dict[str, tuple[str, str]]](8)
_IDS: Final[BindParameter[list[str]]] = bindparam("ids", expanding=True)
_PEOPLE: Final = select(Person.id, Person.zh, Person.en).where(Person.id.in_(_IDS), Person.erased.is_(False))
_UNITS: Final = (
    select(OrganisationName.organisation_id, OrganisationName.zh, OrganisationName.en)
    .where(OrganisationName.organisation_id.in_(_IDS))
    .order_by(OrganisationName.valid_from)
)


@cache
def _region_rows(folder: Path) -> tuple[tuple[str, str, str], ...]:
    with (folder / "regions.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple((row["id"], row["zh"], row["en"]) for row in csv.DictReader(file))


def regions(folder: Path, language: str) -> list[tuple[str, str]]:
    """Return the regions of a province with their names, the province first."""
    return [(key, en if language == "en" else zh) for key, zh, en in _region_rows(folder)]


def people_names(session: Session, ids: Collection[str], language: str) -> dict[str, str]:
    """Return names of people by id; who was erased has none."""
    found = _names(session, "people", _PEOPLE, ids)
    return {key: (en or zh) if language == "en" else (zh or en) for key, (zh, en) in found.items()}


def unit_names(session: Session, ids: Collection[str], language: str) -> dict[str, str]:
    """Return names of organisations by id."""
    found = _names(session, "units", _UNITS, ids)
    return {key: (en or zh) if language == "en" else zh for key, (zh, en) in found.items()}


def _names(
    session: Session, kind: str, statement: Select[str, str, str], ids: Collection[str]
) -> dict[str, tuple[str, str]]:
    """Return names by id, Chinese and English; those that a page has shown since the log grew are not read again."""
    known = _NAMES.get(session, kind, dict)
    # another request may empty it meanwhile, so each key is looked up once
    found = {key: name for key in ids if (name := known.get(key)) is not None}
    missing = [key for key in ids if key not in found]
    if missing:
        rows = {key: (zh, en) for key, zh, en in session.connection().execute(statement, {"ids": missing})}
        if len(known) > MOST_NAMES:
            known.clear()
        known.update(rows)
        found.update(rows)
    return found


@dataclass(frozen=True, slots=True)
class LogLine:
    """An entry of the log as it is shown; the reason is empty where the entry was erased."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str

    def words(self, language: str) -> str:
        """Return what was done in words; empty for an action of an older or a newer version, whose code speaks for itself."""
        found = catalogue().get(f"log.action.{self.action}")
        return found[language] if found else ""


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
