"""Where a number comes from: sources, grades and facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tanlu.core.messages import catalogue

_CITED: Final = re.compile(r"\b(Tables?|tables?|Equations?|equations?|eq|Section|section|Annex|vol|ch|p)\b\.?\s*")


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
    """A document, table or web page in which a number was read, named in both languages."""

    id: str
    title_zh: str
    title_en: str
    publisher_zh: str
    publisher_en: str
    url: str
    grade: Grade
    note_zh: str = ""
    note_en: str = ""

    def title(self, language: str) -> str:
        """Return the title in the given language."""
        return self.title_zh if language == "zh" else self.title_en

    def publisher(self, language: str) -> str:
        """Return who issued it in the given language, empty if unknown."""
        return self.publisher_zh if language == "zh" else self.publisher_en

    def note(self, language: str) -> str:
        """Return the note in the given language, empty if there is none."""
        return self.note_zh if language == "zh" else self.note_en


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
    note_zh: str = ""
    note_en: str = ""

    @property
    def id(self) -> str:
        """Identifier of the fact, unique within a province folder."""
        return f"fact:{self.region}:{self.variable}:{self.year}"


def cite(locator: str, language: str) -> str:
    """Return a citation as a reader of the language expects it: ``vol. 2, Table 2.2`` is 卷2，表2.2; numbers and codes stay."""

    def word(found: re.Match[str]) -> str:
        entry = catalogue().get(f"cite.{found.group(1).lower().removesuffix('s')}")
        return entry[language] if entry else found.group()

    if language == "en":
        return locator
    cited = _CITED.sub(word, locator)
    # marks between Chinese words are Chinese; a locator without such a word is a code or a path
    return cited if cited == locator else cited.replace(", ", "，").replace("; ", "；").replace(" and ", "和")
