"""The rules of the cycle: workflows and rule packs that ship with it, and the limits that packs of the database may replace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.records import (
    Predicate,
    RefusedError,
    RulePack,
    Workflow,
    load_rights,
    load_workflow,
    pack_on,
    read_packs,
)

DATA = Path(str(files("tanlu.programme.cycle") / "data"))


@cache
def workflow(name: str) -> Workflow:
    """Return a workflow of the cycle: ``call``, ``application``, ``decision-batch``, ``project``, ``change-request``."""
    return load_workflow(DATA / "workflows" / f"{name}.yaml", load_rights([DATA.parent / "permissions.yaml"]))


@cache
def shipped() -> dict[str, list[RulePack]]:
    """Return the packs that ship with the cycle and with the system of record."""
    return read_packs(DATA / "rules")


def pack(session: Session, name: str, day: date) -> RulePack:
    """Return a pack in force on a day; see `tanlu.records.pack_on`."""
    return pack_on(session, shipped(), name, day)


@dataclass(frozen=True)
class Limits:
    """The limits of a pack by the code of their predicate."""

    pack: RulePack

    def predicate(self, code: str) -> Predicate:
        """Return a predicate.

        Raises
        ------
        RefusedError
            If an edited pack lacks it.
        """
        for found in self.pack.predicates:
            if found.code == code:
                return found
        raise RefusedError(Problem("no_limit", self.pack.id, field=code, value=str(self.pack.version)))

    def number(self, code: str) -> Decimal:
        """Return the value that a predicate compares with."""
        return Decimal(str(self.predicate(code).parameters["value"]))

    def whole(self, code: str) -> int:
        """Return the value as a whole number."""
        return int(self.number(code))

    def steps(self, code: str) -> list[dict[str, Any]]:
        """Return the steps of a predicate."""
        return list(self.predicate(code).parameters["steps"])


def limits(session: Session, name: str, day: date) -> Limits:
    """Return the limits of a pack in force on a day."""
    return Limits(pack(session, name, day))
