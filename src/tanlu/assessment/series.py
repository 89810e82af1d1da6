"""What the room takes in: measured values by year and forecasts of models, each with the ids of what it was made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tanlu.core.inventory import interval
from tanlu.core.provenance import Fact, Grade
from tanlu.core.units import conversion_factor


@dataclass(frozen=True, slots=True)
class Measured:
    """A value of one year.

    Parameters
    ----------
    year : int
    value : float
        In ``unit``.
    unit : str
    ids : tuple of str
        Lineage ids of what it is or was made from.
    grade : Grade
    errors : mapping
        Relative standard uncertainty by cause; a cause shared with another year cancels in their ratio. Empty means not known.
    low, high : float or None
        95 % interval in ``unit`` where it does not follow from ``errors``.
    """

    year: int
    value: float
    unit: str
    ids: tuple[str, ...] = ()
    grade: Grade = Grade.C
    errors: Mapping[str, float] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """95 % interval in ``unit``; None if the uncertainty is not known."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        return interval(self.value, math.hypot(*self.errors.values())) if self.errors else None

    def converted(self, unit: str) -> Measured:
        """Return the value in another unit; raises `IncompatibleUnitsError` if it measures something else."""
        return self.scaled(conversion_factor(self.unit, unit), unit)

    def scaled(self, factor: float, unit: str) -> Measured:
        """Return the value times a factor, which may be negative, in the unit that results."""
        scaled = replace(self, value=self.value * factor, unit=unit)
        if self.low is None or self.high is None:
            return scaled
        low, high = sorted((self.low * factor, self.high * factor))
        return replace(scaled, low=low, high=high)


Series = Mapping[int, Measured]
"""Measured values by year."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What a model says about a target.

    Parameters
    ----------
    probability : float or None
        That the target is met, 0–1; None where the model gives a value but nothing to compare it with.
    stderr : float or None
        Standard error of the probability.
    value : float or None
        Central forecast of the indicator in ``unit``, for example the median peak year.
    unit : str
    as_of : int or None
        Last year of data that the forecast starts from.
    ids : tuple of str
        Lineage ids, for example ``peak:current-mid``.
    """

    probability: float | None
    stderr: float | None
    value: float | None = None
    unit: str = ""
    as_of: int | None = None
    ids: tuple[str, ...] = ()


def from_facts(facts: Mapping[int, Fact]) -> dict[int, Measured]:
    """Return the facts of a variable (see `Province.series`) as measured values by year."""
    return {year: Measured(year, f.value, f.unit, (f.id,), f.grade) for year, f in facts.items()}
