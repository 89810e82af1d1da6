"""Results: gas masses with interval, method, factors and activity data; frozen, and recomputable bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.method import Method
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.resolver import Match
from tanlu.core.factors import Factor
from tanlu.core.gases import GwpSet, gwp_set
from tanlu.core.inventory import combine

COLUMNS: Final = (
    "record", "place", "period", "category", "gas", "value", "unit", "low", "high", "method", "factors", "id",
)  # fmt: skip
"""Columns of ``results.csv``."""
MEMO: Final = "memo."
"""Start of categories outside the total."""


class Result(NamedTuple):
    """One gas of one category, place and period.

    Parameters
    ----------
    value, low, high : float
        Mass of the gas [t], removals negative, and its 95 % interval.
    method : str
        Id of the method.
    factors, activities : tuple of str
        Ids of what it was made from.
    grade : str
        Worst grade of those.
    errors : tuple of (cause, relative standard uncertainty)
        A cause that results share (a factor) is one random number.
    id : str
        Content hash over method, factors, data and value.
    """

    record: str
    place: str
    period: str
    category: str
    gas: str
    value: float
    unit: str
    low: float
    high: float
    method: str
    factors: tuple[str, ...]
    activities: tuple[str, ...]
    grade: str
    errors: tuple[tuple[str, float], ...]
    id: str

    @property
    def is_memo(self) -> bool:
        """Whether it stands outside the total."""
        return self.category.startswith(MEMO)


@dataclass(frozen=True, slots=True)
class Block:
    """Records that one method evaluates at once; draws of Monte Carlo go through it again.

    Parameters
    ----------
    method : Method
    values : mapping
        Arrays by input: shape (records,) or, for series methods, (records, periods) and (records, 1).
    causes : mapping
        Index of the cause of error of each value, −1 where it is exact; same shapes.
    rows : tuple of NDArray
        For each output the positions of its values among the results, shape (records,) or (records, periods).
    """

    method: Method
    values: Mapping[str, NDArray[np.float64]]
    causes: Mapping[str, NDArray[np.int64]]
    rows: tuple[NDArray[np.int64], ...]


@dataclass(frozen=True)
class Results:
    """Everything that one computation gave.

    Parameters
    ----------
    method_set : MethodSet
    results : tuple of Result
    findings : tuple of Finding
    activities : mapping
        Data by id.
    factors : mapping
        Factors that were used, by id.
    matches : mapping
        Why each factor was taken: by (record, place, method, period), then by input. A record may stand in several years.
    causes : tuple of str
        Causes of error.
    cause_errors : NDArray
        Relative standard uncertainty of each cause.
    blocks : tuple of Block
    """

    method_set: MethodSet
    results: tuple[Result, ...]
    findings: tuple[Finding, ...]
    activities: Mapping[str, Activity]
    factors: Mapping[str, Factor]
    matches: Mapping[tuple[str, str, str, str], Mapping[str, Match]]
    causes: tuple[str, ...] = ()
    cause_errors: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    blocks: tuple[Block, ...] = ()

    def __iter__(self) -> Iterator[Result]:
        """Iterate over the results."""
        return iter(self.results)

    def __len__(self) -> int:
        """Return the number of results."""
        return len(self.results)

    @cached_property
    def by_id(self) -> dict[str, Result]:
        """Results by id."""
        return {r.id: r for r in self.results}

    @property
    def counted_memo(self) -> frozenset[str]:
        """Memo categories that the rule adds to the total."""
        return frozenset(self.method_set.counts)

    @cached_property
    def factor_causes(self) -> frozenset[str]:
        """Causes of error that enter a method as a factor, among them factors that the user measured."""
        found: set[str] = set()
        for block in self.blocks:
            for name, causes in block.causes.items():
                if block.method.by_name[name].kind == "factor":
                    found.update(self.causes[n] for n in np.unique(causes[causes >= 0]).tolist())
        return frozenset(found)

    @cached_property
    def relative_errors(self) -> dict[str, float]:
        """Relative standard uncertainty of each cause of error."""
        return dict(zip(self.causes, self.cause_errors.tolist(), strict=True))

    @property
    def fallbacks(self) -> list[tuple[str, str, Match]]:
        """Matches that a person should confirm: (record, input, match), each once."""
        found: dict[tuple[str, ...], tuple[str, str, Match]] = {}
        for (record, place, method, _), matches in self.matches.items():
            for name, m in matches.items():
                if m.is_fallback:
                    found[record, place, method, name, m.factor.id] = (record, name, m)
        return list(found.values())

    def match(self, result: Result, name: str) -> Match | None:
        """Return why the factor of an input of a result was taken, or None if it did not come from the library."""
        return self.matches.get((result.record, result.place, result.method, result.period), {}).get(name)

    def gwp(self, name: str = "rule") -> GwpSet:
        """Return a GWP set by name; ``rule`` is the one that the method set fixes."""
        return gwp_set(self.method_set.gwp if name == "rule" else name)

    def in_total(self, result: Result) -> bool:
        """Return whether a result counts: a memo item only where the rule adds it, as enterprises add bought power and heat."""
        return not result.is_memo or result.category in self.method_set.counts

    def totals(self, gwp: str = "rule", *, memo: bool = False) -> dict[str, float]:
        """Return the mass of each gas [t] and their sum ``CO2e`` [t CO2e], memo items left out or alone.

        Raises
        ------
        KeyError
            If the GWP set fixes no value for a gas that occurs.
        """
        masses: dict[str, float] = {}
        for r in self.results:
            if self.in_total(r) != memo:
                masses[r.gas] = masses.get(r.gas, 0.0) + r.value
        weights = self.gwp(gwp)
        return {**masses, "CO2e": sum(m * weights[g] if g != "CO2e" else m for g, m in masses.items())}

    def total(self, gwp: str = "rule", rows: Sequence[Result] | None = None) -> tuple[float, float, float]:
        """Return the sum in CO2-equivalent and its 95 % interval (value, low, high) [t CO2e]; causes shared by results add up first."""
        weights = self.gwp(gwp)
        chosen = [r for r in self.results if self.in_total(r)] if rows is None else rows
        return combine((r.value * (weights[r.gas] if r.gas != "CO2e" else 1.0), dict(r.errors)) for r in chosen)
