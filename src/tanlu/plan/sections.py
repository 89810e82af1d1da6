"""Sections of a plan document in the language of the reader.

Plan data name a section as ``Title, L3``, ``I(3) Goals, L29`` or ``Box 1, L53``: part and number where there are some, heading, line of the
text. Several sections are joined by ``; ``.
"""

from __future__ import annotations

import re
from typing import Final

from tanlu.core.messages import catalogue, translate

_PLACE: Final = re.compile(
    r"(?:(?P<part>I{1,3}|IV|V|VI)\((?P<sub>\d+)\) )?(?P<name>[A-Z][a-z]+(?: [a-z]+)*)(?: (?P<number>\d+))?, L(?P<line>\d+)"
)
_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
_DIGITS: Final = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """Return a number from 1 to 99 in Chinese numerals.

    Raises
    ------
    ValueError
        If the number is out of range.
    """
    if not 1 <= number <= 99:
        raise ValueError(f"{number} is not from 1 to 99")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def section_text(source: str, language: str) -> str:
    """Return the sections that plan data name, for a reader; a section in another notation is returned as it stands."""
    return translate("plan.section.joint", language).join(_place(place, language) for place in source.split("; "))


def _place(place: str, language: str) -> str:
    found = _PLACE.fullmatch(place)
    key = "plan.section." + found["name"].lower().replace(" ", "_") if found else ""
    if not found or key not in catalogue():
        return place
    number, part = int(found["sub"] or found["number"] or 0), found["part"] or ""
    count = str(number)
    if language == "zh":
        count, part = numeral(number) if 1 <= number <= 99 else count, numeral(_ROMAN[part]) if part else ""
    heading = translate(key, language, number=number, count=count, part=part)
    return translate("plan.section.line", language, heading=heading, line=found["line"])
