"""Rule packs: what is in force, their versions, and new ones that one person drafts and another approves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.portal.records.rulebook import in_force, known_packs, require_known
from tanlu.portal.session.records_api import ANYBODY, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Reason, Row
from tanlu.records import RefusedError, RulePackVersion, local_day, pack_on
from tanlu.records.rulemaking import draft_rules, move_rules, revise_rules

router = records_api("records")


class PackRow(Row):
    """A rule pack in force; version 0 is the file that ships."""

    id: str
    domain: str
    zh: str
    en: str
    source: str
    url: str
    status: str
    version: int
    valid_from: date
    valid_to: date | None


class VersionRow(Row):
    """A version of a rule pack in the database."""

    id: str
    pack: str
    version: int
    status: str
    state: str
    valid_from: date
    valid_to: date | None
    created_by: str
    created_at: datetime
    approved_at: datetime | None


class VersionDetail(VersionRow):
    """A version with its content."""

    content: dict[str, Any]


class RulesSent(Body):
    """The whole pack as in its file: id, domain, zh, en, source, url, status, valid_from, valid_to, predicates."""

    content: dict[str, Any]


class RulesStep(Reason):
    """A step of a version; approving one that says ``verified`` needs what it was compared with."""

    transition: Literal["submit", "return", "approve", "withdraw"]


@router.get("/records/rules", **needs(ANYBODY), response_model=list[PackRow])
def packs(records: Kept, on: date | None = None) -> Any:
    """Every rule pack in force on a day, today by default."""
    with records.database.read() as session:
        return in_force(session, records, on)


@router.get("/records/rules/{pack}", **needs(ANYBODY))
def one_pack(pack: str, records: Kept, on: date | None = None) -> dict[str, Any]:
    """A rule pack in force with its predicates and their sources."""
    if pack not in known_packs():
        raise RefusedError(Problem("no_record", "rules", field="id", value=pack[:40]))
    with records.database.read() as session:
        found = pack_on(session, known_packs(), pack, on or local_day(records.database.clock()))
    return found.content() | {"version": found.version}


@router.get(
    "/records/rules/{pack}/versions",
    **needs("rules.edit", "rules.approve", "log.read"),
    response_model=list[VersionRow],
)
def versions(pack: str, records: Kept, who: Who) -> Any:
    """All versions of a pack in the database, the newest first."""
    with records.database.read() as session:
        statement = select(RulePackVersion).where(RulePackVersion.pack == pack)
        return list(session.execute(statement.order_by(RulePackVersion.version.desc())).scalars())


@router.get(
    "/records/rule-versions/{rule_version_id}",
    **needs("rules.edit", "rules.approve", "log.read"),
    response_model=VersionDetail,
)
def one_version(rule_version_id: str, records: Kept, who: Who) -> Any:
    """One version with its content."""
    with records.database.read() as session:
        return _find(session, rule_version_id)


def _find(session: Session, version_id: str) -> RulePackVersion:
    found = session.get(RulePackVersion, version_id)
    if found is None:
        raise RefusedError(Problem("no_record", "rules", field="id", value=version_id[:40]))
    return found


@router.post("/records/rules", **needs("rules.edit"), response_model=VersionRow, status_code=201)
def drafted(sent: RulesSent, records: Kept, who: Who) -> Any:
    """Draft a new version of a pack."""
    require_known(records, who, sent.content)
    return draft_rules(records.database, records.rights, who, sent.content)


@router.put("/records/rule-versions/{rule_version_id}", **needs("rules.edit"), response_model=VersionRow)
def revised(rule_version_id: str, sent: RulesSent, records: Kept, who: Who) -> Any:
    """Write a draft anew."""
    return revise_rules(records.database, records.rights, who, rule_version_id, sent.content)


@router.post(
    "/records/rule-versions/{rule_version_id}/steps", **needs("rules.edit", "rules.approve"), response_model=VersionRow
)
def moved(rule_version_id: str, sent: RulesStep, records: Kept, who: Who) -> Any:
    """Submit, return, approve (as another person) or withdraw a version."""
    return move_rules(records.database, records.rights, who, rule_version_id, sent.transition, reason=sent.reason)
