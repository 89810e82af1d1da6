"""Emission factors and parameters: dated, sourced, graded, content-hashed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal

from tanlu.core.hashing import hash_json
from tanlu.core.provenance import Grade
from tanlu.core.units import conversion_factor

Evidence = Literal[
    "", "primary_text", "official_database", "published_library", "transcription", "recalled", "assumption"
]
EVIDENCE: Final = (
    "primary_text",
    "official_database",
    "published_library",
    "transcription",
    "recalled",
    "assumption",
)
"""How a value was read, strongest first: text of the document; export of an official database; published package; somebody's copy;
memory; assumption."""


@dataclass(frozen=True)
class Factor:
    """An emission factor or parameter with its interval, validity and source.

    Parameters
    ----------
    id : str
        ``set.parameter.subject``.
    set : str
        Factor set that it belongs to; a set is used whole.
    low, high : float or None
        95 % interval in the unit of the value.
    valid_from, valid_to : int or None
        First and last year of use; None when open.
    region : str
        Area in which it holds (`tanlu.core.library.Area`); empty when the source names none.
    evidence : str
        How the value was read, see `EVIDENCE`.
    status : str
        Empty when in use, ``draft`` or ``superseded``.
    """

    id: str
    set: str
    parameter: str
    subject: str
    gas: str
    value: float
    unit: str
    low: float | None
    high: float | None
    valid_from: int | None
    valid_to: int | None
    source: str
    locator: str
    grade: Grade
    note_zh: str
    note_en: str
    region: str = ""
    evidence: str = ""
    status: str = ""

    def in_unit(self, unit: str) -> float:
        """Return the value in another unit; raises `IncompatibleUnitsError` if it measures something else."""
        return self.value * conversion_factor(self.unit, unit)

    @property
    def decimal(self) -> Decimal:
        """Value as the decimal number that was printed, for rules that round."""
        return Decimal(repr(self.value))

    @cached_property
    def hash(self) -> str:
        """SHA-256 over everything that the factor says."""
        return hash_json({**asdict(self), "grade": self.grade.value})

    def holds_in(self, year: int) -> bool:
        """Return whether a year lies in the validity of the factor."""
        return (self.valid_from or year) <= year <= (self.valid_to or year)
