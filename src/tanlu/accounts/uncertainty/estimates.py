"""Errors of categories by cause: what Approach 1, key categories and the choice of the next measurement start from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from tanlu.core.gases import GwpSet
from tanlu.core.inventory import Z95

Key = tuple[str, ...]
"""Values of the fields of `Result` by which results are added up."""
CauseKind = Literal["activity", "factor"]
BY_CATEGORY: Final = ("category", "gas")
FACTOR_CAUSE: Final = "factor:"
"""Start of the name of a cause that is a factor of the library."""


class Estimate(Protocol):
    """What the analysis of uncertainty needs of one number: `Result` has it, and so has a row of an inventory."""

    @property
    def record(self) -> str:
        """Record that it belongs to."""

    @property
    def place(self) -> str:
        """Path of slugs."""

    @property
    def period(self) -> str:
        """Year or month."""

    @property
    def category(self) -> str:
        """IPCC category."""

    @property
    def gas(self) -> str:
        """Gas, or ``CO2e``."""

    @property
    def value(self) -> float:
        """Mass of the gas [t], removals negative."""

    @property
    def errors(self) -> tuple[tuple[str, float], ...]:
        """Relative standard uncertainty by cause."""

    @property
    def is_memo(self) -> bool:
        """Whether it stands outside the total."""


class Estimates(Protocol):
    """Numbers that are added up: `Results`, or the rows of an inventory."""

    def __iter__(self) -> Iterator[Estimate]:
        """Iterate over the numbers."""

    def gwp(self, name: str = ...) -> GwpSet:
        """Return a GWP set by name; ``rule`` is the one that the rulebook fixes."""

    @property
    def counted_memo(self) -> frozenset[str]:
        """Memo categories that the rule adds to the total."""

    @property
    def factor_causes(self) -> frozenset[str]:
        """Causes that are factors although their name does not say so."""

    @property
    def relative_errors(self) -> Mapping[str, float]:
        """Relative standard uncertainty of each cause itself."""


@dataclass(slots=True)
class Line:
    """The sum of some results in CO2-equivalent, with its errors.

    Parameters
    ----------
    key : tuple of str
    value : float
        Sum [t CO2e], removals negative.
    by_cause : dict
        Standard uncertainty of the sum through each cause [t CO2e]; the sign tells causes that work in opposite directions.
    apart : dict
        Variance of the sum by kind of cause if every result had causes of its own [(t CO2e)²] (IPCC 2006 vol. 1 ch. 3, eq. 3.1–3.2).
    """

    key: Key
    value: float = 0.0
    by_cause: dict[str, float] = field(default_factory=dict)
    apart: dict[CauseKind, float] = field(default_factory=lambda: {"activity": 0.0, "factor": 0.0})

    def spread(self, kinds: Mapping[str, CauseKind], kind: CauseKind, correlated: bool = True) -> float:
        """Return the standard uncertainty through the causes of one kind [t CO2e]."""
        if not correlated:
            return math.sqrt(self.apart[kind])
        return math.sqrt(sum(e * e for cause, e in self.by_cause.items() if kinds[cause] == kind))

    def half_width(self, correlated: bool = True) -> float:
        """Return half of the 95 % interval as a share of the sum [%]; 0 for a sum of zero."""
        squares = (e * e for e in self.by_cause.values()) if correlated else self.apart.values()
        return percent(math.sqrt(sum(squares)), self.value)


def percent(spread: float, value: float) -> float:
    """Return half of the 95 % interval [%] of a value with a standard uncertainty in the same unit; 0 for a value of zero."""
    return 100 * Z95 * spread / abs(value) if value else 0.0


def cause_kinds(*several: Estimates) -> dict[str, CauseKind]:
    """Return whether each cause of error is activity data or a factor; a factor that the user measured is a factor."""
    kinds: dict[str, CauseKind] = {}
    for each in several:
        for r in each:
            for cause, _ in r.errors:
                kinds.setdefault(cause, "factor" if cause.startswith(FACTOR_CAUSE) else "activity")
        kinds |= dict.fromkeys(each.factor_causes, "factor")
    return kinds


def in_scope(results: Estimates, period: str = "", *, memo: bool = False) -> list[Estimate]:
    """Return the results of a period (all with an empty one; a year takes in its months): those in the total, or the others alone."""
    counted = results.counted_memo
    return [r for r in results if (r.is_memo and r.category not in counted) == memo and r.period.startswith(period)]


def sum_lines(
    results: Estimates,
    *,
    gwp: str = "rule",
    period: str = "",
    by: Sequence[str] = BY_CATEGORY,
    kinds: Mapping[str, CauseKind] | None = None,
    memo: bool = False,
) -> dict[Key, Line]:
    """Return the results added up, with their errors by cause.

    Parameters
    ----------
    results : Estimates
    gwp : str
        GWP set of the sums; ``rule`` is the one that the method set fixes.
    period : str
        Year or month; empty for all.
    by : sequence of str
        Fields of `Result`.
    kinds : mapping, optional
        From `cause_kinds`, when it is known already.
    memo : bool
        Whether the memo items are wanted instead of the total.

    Notes
    -----
    A cause that several results share is one random number: its parts add up linearly, different causes in squares.
    """
    weights = results.gwp(gwp)
    known = cause_kinds(results) if kinds is None else kinds
    lines: dict[Key, Line] = {}
    for r in in_scope(results, period, memo=memo):
        key = tuple(str(getattr(r, name)) for name in by)
        line = lines.setdefault(key, Line(key))
        value = r.value * (1.0 if r.gas == "CO2e" else weights[r.gas])
        line.value += value
        for cause, relative in r.errors:
            line.by_cause[cause] = line.by_cause.get(cause, 0.0) + value * relative
            line.apart[known[cause]] += (value * relative) ** 2
    return lines


def add_causes(lines: Iterable[Line]) -> dict[str, float]:
    """Return the standard uncertainty of the sum of lines through each cause [t CO2e]."""
    total: dict[str, float] = {}
    for line in lines:
        for cause, error in line.by_cause.items():
            total[cause] = total.get(cause, 0.0) + error
    return total
