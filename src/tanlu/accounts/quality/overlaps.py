"""Quality control against double counting: methods for the same emissions, places inside each other, purchased energy of members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.messages import LANGUAGES, catalogue, translate
from tanlu.core.province import read_yaml

FILE: Final = "overlaps.yaml"
PURCHASED: Final = "memo.purchased"
"""Start of the categories of purchased electricity and heat."""


Alternatives = tuple[tuple[str, ...], ...]
"""Ways of accounting for the same emissions, each as the topics that may stand side by side."""


@cache
def overlaps() -> Mapping[str, Alternatives]:
    """Return lines of topics that account for the same emissions in different ways.

    Raises
    ------
    DataError
        If the file has problems.
    """
    folder = load_library().folder
    problems: list[Problem] = []
    data: dict[str, list[str | list[str]]] = read_yaml(folder / FILE, folder, problems) or {}
    if problems:
        raise DataError(problems)
    return {name: tuple((way,) if isinstance(way, str) else tuple(way) for way in ways) for name, ways in data.items()}


def alternative_methods(results: Results, lines: Mapping[str, Alternatives] | None = None) -> list[Finding]:
    """Tell of a category with results by alternative methods in one place and period: a product factor on top of a mass balance."""
    topics = {block.method.id: block.method.topic for block in results.blocks}
    found: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for r in results:
        found.setdefault((r.place, r.period, r.category, r.gas), {}).setdefault(
            topics.get(r.method, r.method), r.method
        )
    findings: list[Finding] = []
    known = overlaps() if lines is None else lines
    for (place, period, category, gas), used in found.items():
        for ways in known.values() if len(used) > 1 else ():
            taken = [sorted(used[t] for t in way if t in used) for way in ways]
            if sum(bool(t) for t in taken) > 1:
                methods = [m for way in taken for m in way]
                names = ((f"methods_{lang}", "; ".join(_name(m, lang) for m in methods)) for lang in LANGUAGES)
                details = (("category", category), ("gas", gas), *names)
                findings.append(
                    Finding("alternative_methods", "review", "", place, period, methods[0], "", "", details)
                )
    return findings


def nested_places(results: Results) -> list[Finding]:
    """Tell of a category that a place and a place inside it both have."""
    places: dict[tuple[str, str, str], set[str]] = {}
    for r in results:
        if not r.is_memo and r.place:
            places.setdefault((r.category, r.gas, r.period), set()).add(r.place)
    findings: list[Finding] = []
    for (category, gas, period), found in places.items():
        for place in sorted(found):
            inside = sorted(found & _outer(place))
            if inside:
                details = (("category", category), ("gas", gas), ("outer", inside[-1]))
                findings.append(Finding("nested_places", "review", "", place, period, "", "", "", details))
    return findings


def purchased_of_members(results: Results) -> list[Finding]:
    """Tell of purchased energy of several members of one area, which must not be added up above the enterprise."""
    members: dict[tuple[str, str], set[str]] = {}
    for r in results:
        if r.category.startswith(PURCHASED):
            for area in _outer(r.place):
                members.setdefault((area, r.period), set()).add(r.place)
    return [
        Finding("purchased_of_members", "note", "", area, period, "", "", str(len(places)))
        for (area, period), places in sorted(members.items())
        if len(places) > 1
    ]


def _name(method: str, language: str) -> str:
    """Return the name of a method and its id; of one that the catalogue does not know the id alone."""
    key = f"method.{method}.name"
    return f"{translate(key, language)} ({method})" if key in catalogue() else method


def _outer(place: str) -> set[str]:
    """Return the places in which a place lies, without itself."""
    parts: Iterable[str] = place.split("/")
    names = list(parts)
    return {"/".join(names[:n]) for n in range(1, len(names))}
