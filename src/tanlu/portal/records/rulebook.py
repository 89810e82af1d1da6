"""The rule packs of all rooms: which there are, and which is in force on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.rulebook import shipped
from tanlu.programme.registry.judging import registry_packs
from tanlu.records import Principal, Records, RefusedError, RulePack, Target, local_day, pack_on


@cache
def known_packs() -> dict[str, list[RulePack]]:
    """Return the packs that ship, by id."""
    found = {**registry_packs(), **shipped()}
    return dict(sorted(found.items()))


def in_force(session: Session, records: Records, on: date | None = None) -> list[RulePack]:
    """Return the packs in force on a day, today by default, by id."""
    day = on or local_day(records.database.clock())
    found = []
    for pack_id in known_packs():
        try:
            found.append(pack_on(session, known_packs(), pack_id, day))
        except RefusedError:
            # a pack may begin later
            continue
    return found


def require_known(records: Records, principal: Principal, content: Mapping[str, Any]) -> None:
    """Refuse a pack that no part of the program looks at.

    Raises
    ------
    NotPermittedError
        If the person may not edit rules.
    RefusedError
        If there is no such pack.
    """
    records.rights.require(principal, "rules.edit", Target())
    if content.get("id") not in known_packs():
        details = {"refers_to": "rules", "some": ", ".join(known_packs())}
        raise RefusedError(
            Problem("unknown_choice", "rules", field="id", value=str(content.get("id"))[:40], details=details)
        )
