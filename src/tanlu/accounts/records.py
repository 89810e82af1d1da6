"""What an inventory is made of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tanlu.core.gases import GwpSet
from tanlu.core.provenance import Grade

Z95: Final = 1.959963984540054
"""Quantile of the standard normal distribution for a two-sided 95 % interval."""

SECTORS: Final = (
    "power", "energy_industry", "steel", "cement", "nonferrous", "chemicals", "other_industry",
    "transport", "residential", "services", "agriculture", "land", "waste",
)  # fmt: skip
"""Sectors of the results. ``cement`` is all non-metallic minerals; ``other_industry`` includes construction."""


class Status(StrEnum):
    """How a number came about, or the IPCC notation key in its place."""

    CALCULATED = "calculated"
    """From activity data of the same year."""
    ESTIMATED = "estimated"
    """By a driver method between or after the years with activity data."""
    NE = "NE"
    """Not estimated: the source exists, no figure could be made."""
    IE = "IE"
    """Included elsewhere; the note says where."""
    NO = "NO"
    """Not occurring."""
    MEMO = "memo"
    """Outside the total: purchased electricity, biogenic CO2."""


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """One gas of one category in one year.

    Parameters
    ----------
    value : float or None
        Mass of the gas [kt], removals negative; None with a notation key.
    errors : mapping
        Relative standard uncertainty of the value by cause. A cause shared by several rows (a factor, a balance) is one random
        number, so that totals are not narrower than they are.
    facts, factors : tuple of str
        Ids of what the number was made from.
    note_zh, note_en : str
        Why there is no figure, or what a reader must know.
    """

    region: str
    year: int
    category: str
    gas: str
    sector: str
    value: float | None
    status: Status
    grade: Grade
    method: str
    errors: Mapping[str, float] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    note_zh: str = ""
    note_en: str = ""

    @property
    def id(self) -> str:
        """Identifier, the same in every run on the same data."""
        return f"inventory:{self.region}:{self.year}:{self.category}:{self.gas}"

    @property
    def half_width(self) -> float | None:
        """Half of the 95 % interval [kt]."""
        if self.value is None:
            return None
        return Z95 * abs(self.value) * math.sqrt(sum(e * e for e in self.errors.values()))

    @property
    def low(self) -> float | None:
        """Lower end of the 95 % interval [kt]."""
        return None if self.value is None or self.half_width is None else self.value - self.half_width

    @property
    def high(self) -> float | None:
        """Upper end of the 95 % interval [kt]."""
        return None if self.value is None or self.half_width is None else self.value + self.half_width


@dataclass(frozen=True, slots=True)
class EnergyUse:
    """Energy of one fuel used in one sector and year, and the CO2 from burning it.

    ``fuel`` is coal, coke, coke_oven_gas, oil, natural_gas, electricity, heat or other; ``energy`` in PJ (calorific);
    ``co2`` in kt, None for electricity, heat and other (no direct fossil CO2).
    """

    year: int
    sector: str
    category: str
    fuel: str
    energy: float
    co2: float | None
    status: Status
    grade: Grade
    errors: Mapping[str, float] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Identifier, the same in every run on the same data."""
        return f"energy:{self.year}:{self.sector}:{self.category}:{self.fuel}"


@dataclass(frozen=True)
class Inventory:
    """A set of results with notation keys, over the years of one region."""

    region: str
    years: tuple[int, ...]
    rows: tuple[InventoryRow, ...]
    energy: tuple[EnergyUse, ...]

    def total(
        self, year: int, gwp: GwpSet, *, where: Callable[[InventoryRow], bool] = lambda row: row.sector != "land"
    ) -> tuple[float, float, float]:
        """Return the total and its 95 % interval (value, low, high) [kt CO2e] of a year.

        Parameters
        ----------
        year : int
        gwp : GwpSet
        where : callable
            Which rows count; memo rows and notation keys never do. The default leaves land out.

        Notes
        -----
        IPCC 2006 vol. 1 ch. 3, eq. 3.2 for independent causes; a cause that several rows share is added linearly before squaring.
        """
        rows = [
            r for r in self.rows if r.year == year and r.value is not None and r.status is not Status.MEMO and where(r)
        ]
        return combine((r.value * gwp[r.gas], r.errors) for r in rows if r.value is not None)


def combine(parts: Iterable[tuple[float, Mapping[str, float]]]) -> tuple[float, float, float]:
    """Return the sum of values with shared causes of error, and its 95 % interval (value, low, high)."""
    value, by_cause = 0.0, dict[str, float]()
    for part, errors in parts:
        value += part
        for cause, relative in errors.items():
            by_cause[cause] = by_cause.get(cause, 0.0) + part * relative
    half = Z95 * math.sqrt(sum(e * e for e in by_cause.values()))
    return value, value - half, value + half
