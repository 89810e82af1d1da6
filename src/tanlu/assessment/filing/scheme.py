"""The scheme of the assessment: indicators, required paths, weights, caps, floors and grades.

A scheme is plain data. A frozen score run keeps the whole of it, so that the run can be computed anew after the folder has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from tanlu.assessment.investment import PayerKind, SpendingKind
from tanlu.assessment.score_tree import PathKind, RequiredPath, Scheme, ScoredIndicator
from tanlu.plan.records import Text
from tanlu.programme.registries import Kind
from tanlu.records.log.canonical import canonical

WHOLE_PLAN: Final = "plan"
"""Branch of indicators that belong to no single action."""
VALUES: Final = ("filed", "registry", "investment")
CAP: Final = "1.2"


@dataclass(frozen=True, slots=True)
class Account:
    """What counts as an investment: kinds of spending and of payers, and the definition in words."""

    id: str
    text: Text
    kinds: frozenset[SpendingKind]
    payers: frozenset[PayerKind]


@dataclass(frozen=True, slots=True)
class SchemeIndicator:
    """A leaf of the tree with what a reader must know of it.

    Parameters
    ----------
    action : str
        Id of the action, or `WHOLE_PLAN`.
    value : str
        Where its value comes from, one of `VALUES`.
    kinds, start
        Registries that are counted, and from which day on.
    target : str
        Target of the plan that it serves, empty if none.
    shares : mapping of str to Decimal
        Share of each prefecture in what is required of the province [%]; empty when each must do the same.
    """

    id: str
    action: str
    name: Text
    unit: str
    value: str
    account: str
    kinds: tuple[Kind, ...]
    start: date | None
    weight: Decimal
    cap: Decimal
    floor: Decimal | None
    target: str
    evidence: Text
    path: RequiredPath
    shares: Mapping[str, Decimal]
    grade: str
    note: Text

    def scored(self) -> ScoredIndicator:
        """Return the indicator as `tanlu.assessment.score_tree` scores it."""
        paths = {city: _share(self.path, share) for city, share in self.shares.items()}
        return ScoredIndicator(self.id, self.action, self.weight, self.path, self.cap, self.floor, True, paths)


@dataclass(frozen=True, slots=True)
class AssessmentScheme:
    """A scheme; ``content`` is the plain data that it was made from."""

    id: str
    version: str
    name: Text
    status: str
    source: str
    grade: str
    note: Text
    first_year: int
    last_year: int
    filing_due: str
    grades: tuple[tuple[str, Text, Decimal], ...]
    capped_grade: str
    accounts: Mapping[str, Account]
    indicators: tuple[SchemeIndicator, ...]
    content: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """Digest of the canonical JSON of the content."""
        return sha256(canonical(self.content)).hexdigest()

    def indicator(self, key: str) -> SchemeIndicator | None:
        """Return the indicator with an id, None if there is none."""
        return next((i for i in self.indicators if i.id == key), None)

    def due(self, year: int) -> date:
        """Return the day by which a year is to be filed."""
        return date.fromisoformat(f"{year + 1}-{self.filing_due}")

    def scored(self) -> Scheme:
        """Return the scheme as `tanlu.assessment.score_tree` takes it."""
        grades = tuple((key, limit) for key, _, limit in self.grades)
        return Scheme(self.id, self.version, tuple(i.scored() for i in self.indicators), grades, self.capped_grade)


def _share(path: RequiredPath, share: Decimal) -> RequiredPath:
    """Return the part of a path that a prefecture must do."""
    part = share / 100
    return RequiredPath(path.kind, path.base_year, path.baseline * part, path.due, path.target * part)


def path_from(written: Mapping[str, Any]) -> RequiredPath:
    """Return a path of plain data.

    Raises
    ------
    ValueError
        If nothing could be measured along it.
    """
    return RequiredPath(
        PathKind(written["kind"]),
        int(written["base_year"]),
        Decimal(written["baseline"]),
        int(written["due"]),
        Decimal(written["target"]),
    )


def _text(written: Mapping[str, str]) -> Text:
    return Text(written["zh"], written["en"])


def scheme_from(content: Mapping[str, Any]) -> AssessmentScheme:
    """Return the scheme of plain data, as `tanlu.assessment.filing.scheme_file.read_scheme` made it or as a score run keeps it."""
    accounts = [
        Account(a["id"], _text(a), frozenset(map(SpendingKind, a["kinds"])), frozenset(map(PayerKind, a["payers"])))
        for a in content["accounts"]
    ]
    return AssessmentScheme(
        content["id"],
        content["version"],
        _text(content),
        content["status"],
        content["source"],
        content["grade"],
        _text(content["note"]),
        content["first_year"],
        content["last_year"],
        content["filing_due"],
        tuple((g["id"], _text(g), Decimal(g["from"])) for g in content["grades"]),
        content["capped_grade"],
        {a.id: a for a in accounts},
        tuple(_indicator(i) for i in content["indicators"]),
        content,
    )


def _indicator(item: Mapping[str, Any]) -> SchemeIndicator:
    registry = item["registry"] or {}
    return SchemeIndicator(
        item["id"],
        item["action"],
        _text(item),
        item["unit"],
        item["value"],
        item["account"],
        tuple(map(Kind, registry.get("kinds", ()))),
        date.fromisoformat(registry["from"]) if registry else None,
        Decimal(item["weight"]),
        Decimal(item["cap"] or CAP),
        None if item["floor"] is None else Decimal(item["floor"]),
        item["target"],
        _text(item["evidence"]),
        path_from(item["path"]),
        {city: Decimal(share) for city, share in item["shares"].items()},
        item["grade"],
        _text(item["note"]),
    )
