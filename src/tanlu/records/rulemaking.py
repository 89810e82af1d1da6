"""New versions of rule packs: drafted by one person, compared with the document and approved by another.

A pack that ships says ``unverified`` where nobody has read its text in the document. A version that says ``verified`` is approved only with
a note of what it was compared with; the approver is neither who drafted nor who submitted it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import Problem
from tanlu.records.changes import Change
from tanlu.records.database import Database
from tanlu.records.four_eyes import require_other
from tanlu.records.refusals import ConflictError, RefusedError
from tanlu.records.roles import Principal, Rights, Target, load_rights
from tanlu.records.rules import RulePackVersion, draft_pack, pack_from
from tanlu.records.workflow import Workflow, advance, load_workflow

MOVES: Final = ("submit", "return", "approve", "withdraw")


@cache
def rule_workflow() -> Workflow:
    """Return the states and transitions of a version of a rule pack."""
    return load_workflow(Path(str(files("tanlu.records") / "data" / "workflows" / "rule-pack.yaml")), load_rights())


def draft_rules(database: Database, rights: Rights, principal: Principal, content: dict[str, Any]) -> RulePackVersion:
    """Store a new version of a pack as a draft.

    Raises
    ------
    NotPermittedError
        If the person may not edit rules.
    DataError
        With every fault of the pack.
    """
    with database.change(principal.person_id, "rules.draft", f"rule_pack:{str(content.get('id', ''))[:80]}") as change:
        rights.require(principal, "rules.edit", Target())
        version = draft_pack(change, content)
        change.subject = f"rule_pack:{version.id}"
        change.details |= {"pack": version.pack, "version": version.version}
    return version


def revise_rules(
    database: Database, rights: Rights, principal: Principal, version_id: str, content: dict[str, Any]
) -> RulePackVersion:
    """Write a draft anew; its pack stays the same.

    Raises
    ------
    ConflictError
        If it is no draft any more.
    DataError
        With every fault of the pack.
    """
    with database.change(principal.person_id, "rules.revise", f"rule_pack:{version_id}") as change:
        rights.require(principal, "rules.edit", Target())
        found = _find(change, version_id)
        if found.state != "draft":
            raise ConflictError(Problem("rules_fixed", "rules", field="state", value=found.state))
        pack = pack_from(content, found.pack, found.version)
        if pack.id != found.pack:
            details = {"refers_to": "id", "some": found.pack}
            raise RefusedError(Problem("unknown_choice", "rules", field="id", value=pack.id, details=details))
        found.domain, found.status, found.content = pack.domain, pack.status, pack.content()
        found.valid_from, found.valid_to, found.created_by = pack.valid_from, pack.valid_to, principal.person_id
    return found


def move_rules(
    database: Database, rights: Rights, principal: Principal, version_id: str, transition: str, *, reason: str = ""
) -> RulePackVersion:
    """Submit, return, approve or withdraw a version.

    Raises
    ------
    NotPermittedError
        If the person may not, or approves what they drafted or submitted.
    ConflictError
        If it is in another state.
    RefusedError
        If a reason is missing; for a version that says ``verified``: what it was compared with.
    """
    if transition not in MOVES:
        details = {"refers_to": "rule-pack", "some": ", ".join(MOVES)}
        raise RefusedError(
            Problem("unknown_choice", "rules", field="transition", value=transition[:40], details=details)
        )
    subject = f"rule_pack:{version_id}"
    with database.change(principal.person_id, f"rules.{transition}", subject, reason=reason) as change:
        found = _find(change, version_id)
        if transition == "approve":
            require_other(principal.person_id, found.created_by)
            if found.status == "verified" and not reason.strip():
                raise RefusedError(Problem("rules_compared", "rules", field="reason", value=found.pack))
        graph = rule_workflow()
        advance(
            change, graph, found, subject, transition, principal=principal, rights=rights, target=Target(), reason=reason
        )  # fmt: skip
        if transition == "approve":
            found.approved_at = change.at
        change.details |= {"pack": found.pack, "version": found.version, "status": found.status}
    return found


def _find(change: Change, version_id: str) -> RulePackVersion:
    found = change.session.get(RulePackVersion, version_id)
    if found is None:
        raise RefusedError(Problem("no_record", "rules", field="id", value=version_id[:40]))
    return found
