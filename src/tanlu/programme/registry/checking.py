"""The check of a report by a second person: verified with its proof, or returned with a reason."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from tanlu.core.errors import Problem
from tanlu.programme.registry.reporting import versions_of
from tanlu.programme.registry.tables import RegistryEntry, RegistryVersion
from tanlu.programme.registry.versions import ANNULLED, LAPSED, MOVED, REPORTED, RETURNED
from tanlu.records import (
    Change,
    ConflictError,
    Principal,
    Records,
    RefusedError,
    Rights,
    Target,
    Workflow,
    advance,
    evidence_of,
    load_rights,
    load_workflow,
    require_other,
)

FOLDER = Path(str(files("tanlu.programme.registry")))
PERMISSIONS = FOLDER / "permissions.yaml"
SAID_ENOUGH = frozenset({MOVED, LAPSED, ANNULLED})
"""Events for which a written note may stand in place of a file."""


@cache
def registry_workflow() -> Workflow:
    """Return the states and transitions of a report."""
    rights: Rights = load_rights([PERMISSIONS])
    return load_workflow(FOLDER / "data" / "workflows" / "registry-version.yaml", rights)


def check(
    records: Records, principal: Principal, version_id: str, transition: str, *, reason: str = ""
) -> RegistryVersion:
    """Verify or return a report.

    Parameters
    ----------
    transition : {"verify", "return"}

    Raises
    ------
    NotPermittedError
        If the person may not, or reported it.
    ConflictError
        If it was checked already, or later versions rest on it.
    RefusedError
        If there is no evidence (for a move, a lapse or an annulment: no note either), or no reason for returning.
    """
    subject = f"registry_version:{version_id}"
    with records.database.change(principal.person_id, f"registry.{transition}", subject, reason=reason) as change:
        return check_version(records, principal, change, version_id, transition, reason=reason)


def check_version(
    records: Records, principal: Principal, change: Change, version_id: str, transition: str, *, reason: str = ""
) -> RegistryVersion:
    """Verify or return a report within a change; see `check`."""
    subject = f"registry_version:{version_id}"
    version = change.session.get(RegistryVersion, version_id)
    if version is None:
        raise RefusedError(Problem("no_record", "registry", field="id", value=version_id))
    entry = change.session.get_one(RegistryEntry, version.entry_id)
    change.subject = f"registry_entry:{entry.id}"
    change.details.update({"version": version.number})
    require_other(change.actor, version.reported_by)
    later = [v for v in versions_of(change.session, entry.id) if v.number > version.number and v.state != RETURNED]
    if transition == "return" and version.state == REPORTED and later:
        details = {"later": later[-1].number}
        raise ConflictError(Problem("registry_superseded", "registry", value=str(version.number), details=details))
    said = version.event in SAID_ENOUGH and bool(version.note.strip())
    proofs = len(evidence_of(change.session, subject)) + said
    advance(
        change,
        registry_workflow(),
        version,
        subject,
        transition,
        principal=principal,
        rights=records.rights,
        target=Target(region=version.region, organisation_id=entry.organisation_id),
        facts={"proofs": proofs},
        reason=reason,
    )
    version.checked_by, version.checked_at = change.actor, change.at
    return version
