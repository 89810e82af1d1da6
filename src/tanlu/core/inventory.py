"""What an inventory row is: shared by the rooms that make rows and the rooms that read them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tanlu.core.provenance import Grade

Z95: Final = 1.959963984540054
"""Quantile of the standard normal distribution for a two-sided 95 % interval."""
NORMAL_UP_TO: Final = 0.30
"""Relative half-width of a 95 % interval up to which it is taken as symmetric."""


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
    signed : bool
        Whether the true value may have the other sign, as that of a difference may; its interval is then symmetric at any width.
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
    signed: bool = False

    @property
    def id(self) -> str:
        """Identifier, the same in every run on the same data."""
        return f"inventory:{self.region}:{self.year}:{self.category}:{self.gas}"

    @property
    def relative_error(self) -> float:
        """Relative standard uncertainty of the value, all causes together."""
        return math.sqrt(sum(e * e for e in self.errors.values()))

    @property
    def low(self) -> float | None:
        """Lower end of the 95 % interval [kt]."""
        return None if self.value is None else interval(self.value, self.relative_error, self.signed)[0]

    @property
    def high(self) -> float | None:
        """Upper end of the 95 % interval [kt]."""
        return None if self.value is None else interval(self.value, self.relative_error, self.signed)[1]


def interval(value: float, relative_error: float, signed: bool = False) -> tuple[float, float]:
    """Return the 95 % interval of a value with a relative standard uncertainty, the value being the mean.

    Notes
    -----
    Normal up to a half-width of 30 %, lognormal beyond it, so that an emission cannot be negative
    (the habit of IPCC 2006 vol. 1 ch. 3). The sign of the value is kept, except with ``signed``: then normal at any width.
    """
    if signed or Z95 * relative_error <= NORMAL_UP_TO:
        half = Z95 * abs(value) * relative_error
        return value - half, value + half
    sigma = math.sqrt(math.log1p(relative_error**2))
    inner, outer = (value * math.exp(sign * Z95 * sigma - sigma**2 / 2) for sign in (-1, 1))
    return (inner, outer) if value >= 0 else (outer, inner)


def combine(parts: Iterable[tuple[float, Mapping[str, float]]], signed: bool = False) -> tuple[float, float, float]:
    """Return the sum of values with shared causes of error, and its 95 % interval (value, low, high)."""
    value, by_cause = 0.0, dict[str, float]()
    for part, errors in parts:
        value += part
        for cause, relative in errors.items():
            by_cause[cause] = by_cause.get(cause, 0.0) + part * relative
    spread = math.sqrt(sum(e * e for e in by_cause.values()))
    low, high = interval(value, spread / abs(value), signed) if value else (-Z95 * spread, Z95 * spread)
    return value, low, high
