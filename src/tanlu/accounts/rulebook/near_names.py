"""Names near to one that is not known, shown with what they are called in each language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from typing import Final

from tanlu.accounts.rulebook.input_names import input_label
from tanlu.accounts.rulebook.method import Method
from tanlu.core.messages import LANGUAGES, catalogue
from tanlu.core.punctuation import PUNCTUATION
from tanlu.core.units import UnknownUnitError, parse_unit

NEAR: Final = 0.4
"""Share of a name that must be the same for it to be near."""

GLUED: Final = re.compile(r"(?<![A-Za-z])([kMG]?[tg])(?=(?:CO2|CH4|N2O|SF6|C|N)\b)")
"""A mass that stands without a space before its substance."""


def method_label(method: Method, language: str) -> str:
    """Return the name of a method, its id where the catalogue has none."""
    texts = catalogue().get(f"method.{method.id}.name")
    return texts[language] if texts else method.id


def near_inputs(text: str, method: Method, count: int = 3, most: int = 6) -> list[str]:
    """Return the inputs of a method nearest to a text by id or label, the nearest first; the first few if none is near.

    Parameters
    ----------
    text : str
        What was written, in either language.
    method : Method
    count : int
        Near names that are returned at most.
    most : int
        Names that are returned if none is near.
    """
    text = text.strip().lower()
    ranked = []
    for position, name in enumerate(method.by_name):
        spelt = (name, *(input_label(name, language).lower() for language in LANGUAGES))
        likeness = max(SequenceMatcher(None, text, s).ratio() + (text in s) for s in spelt)
        if text and likeness >= NEAR:
            ranked.append((-likeness, position, name))
    return [name for *_, name in sorted(ranked)[:count]] or list(method.by_name)[:most]


def named(names: Iterable[str], label: Callable[[str, str], str], key: str = "some") -> dict[str, str]:
    """Return the details of a problem that list names with their labels: ``some_zh`` and ``some_en``.

    Parameters
    ----------
    names : iterable of str
        What is written in a file.
    label : callable
        Gives the label of a name in a language; a label that is the name itself is left out.
    key : str
        What the message calls the list.
    """
    kept, listed = list(names), {}
    for language in LANGUAGES:
        joint = PUNCTUATION[language]
        told = ((name, label(name, language)) for name in kept)
        listed[f"{key}_{language}"] = (
            joint.listing.join(n if t == n else n + joint.bracketed(t) for n, t in told) or "–"
        )
    return listed


def spaced_unit(text: str) -> str:
    """Return a unit with a space between mass and substance (tCO2/t is t CO2/t), nothing if that is no unit either."""
    spaced = GLUED.sub(r"\1 ", text.strip())
    try:
        parse_unit(spaced)
    except UnknownUnitError:
        return ""
    return spaced
