"""Where a number comes from: sources, grades and facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """Quality of a number by the kind of its source."""

    A = "A"
    """Official: a statistical office, a ministry, a rule in force, an IPCC guideline."""
    B = "B"
    """Peer-reviewed, an official database export, or an official figure read in a copy."""
    C = "C"
    """Other: trackers, press, transcriptions, one-step derivations."""
    D = "D"
    """Assumption of this project; shown as such wherever it is used."""

    @classmethod
    def worst(cls, grades: list[Grade]) -> Grade:
        """Return the weakest of the grades, which is the grade of what was made from them.

        Raises
        ------
        ValueError
            If the list is empty.
        """
        return max(grades, key=lambda g: g.value)


@dataclass(frozen=True, slots=True)
class Source:
    """A document, table or web page in which a number was read."""

    id: str
    title: str
    publisher: str
    url: str
    grade: Grade
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One sourced number: what, where, when, how much, in which unit, and by whom.

    Facts are appended, never changed. ``recorded`` is the ISO date on which the fact was taken into the folder.
    """

    variable: str
    region: str
    year: int
    value: float
    unit: str
    source: str
    grade: Grade
    recorded: str
    note: str = ""

    @property
    def id(self) -> str:
        """Identifier of the fact, unique within a province folder."""
        return f"fact:{self.region}:{self.variable}:{self.year}"
