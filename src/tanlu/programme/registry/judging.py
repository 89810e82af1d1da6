"""What the rules say of a report, for whoever checks it: each condition with the value seen. A person decides, not the rule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.registries import Kind
from tanlu.programme.registry.reporting import READ
from tanlu.programme.registry.tables import RegistryEntry, RegistryVersion
from tanlu.records import (
    Outcome,
    Principal,
    RefusedError,
    Rights,
    RulePack,
    Target,
    judge,
    pack_on,
    read_packs,
)

PACK_OF_KIND: Final[Mapping[Kind, str]] = {
    Kind.LEADING_TALENT: "registry-talent",
    Kind.YOUNG_TALENT: "registry-young-talent",
    Kind.GREEN_FIRM: "high-tech-enterprise",
}
"""Rule pack by kind; the other kinds have none yet."""


@cache
def registry_packs() -> dict[str, list[RulePack]]:
    """Return the rule packs that ship with this room and the one below."""
    return read_packs(Path(str(files("tanlu.programme.registry") / "data" / "rules")))


def outcomes_of(session: Session, rights: Rights, principal: Principal, version_id: str) -> list[Outcome]:
    """Return what the rules in force at the recognition, as known when it was reported, say of its facts; empty if the kind has none.

    Raises
    ------
    NotPermittedError
        If the person may not see the entry.
    RefusedError
        If there is no such report, or no rule pack in force on that day.
    """
    version = session.get(RegistryVersion, version_id)
    if version is None:
        raise RefusedError(Problem("no_record", "registry", field="id", value=version_id))
    entry = session.get_one(RegistryEntry, version.entry_id)
    rights.require(principal, READ, Target(region=version.region, organisation_id=entry.organisation_id))
    pack_id = PACK_OF_KIND.get(Kind(entry.kind))
    if pack_id is None:
        return []
    pack = pack_on(session, registry_packs(), pack_id, version.valid_from, version.reported_at)
    return judge(pack, version.facts)
