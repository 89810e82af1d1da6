"""Method sets: which methods and which factor sets belong to a rulebook that users choose by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, Literal

from tanlu.accounts.rulebook.method import Method, methods
from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.messages import catalogue
from tanlu.core.province import check_keys, read_yaml

FILE: Final = "sets.yaml"
NEAR: Final = 0.4
"""Likeness of two names from which one is offered for the other."""
Status = Literal["in_force", "superseded", "draft", "incomplete"]
LISTS: Final = ("factor_sets", "fallback", "counts")
OPTIONAL: Final = ("counts", "limits_zh", "limits_en")
REQUIRED: Final = ("zh", "en", "scope", "status", "gwp", "factor_sets", "fallback")


@dataclass(frozen=True)
class MethodSet:
    """A rulebook.

    Parameters
    ----------
    id, zh, en : str
    scope : {"inventory", "enterprise", "ets"}
    status : {"in_force", "superseded", "draft", "incomplete"}
        An incomplete set is shown and refuses to compute.
    gwp : str
        GWP set that the rule fixes.
    factor_sets : tuple of str
        Factor sets of the rule, the preferred one first.
    fallback : tuple of str
        Factor sets that are used only where the rule's own have nothing, and then listed for review.
    counts : tuple of str
        Memo categories that the rule adds to the total: enterprises answer for the power and heat that they buy.
    limits_zh, limits_en : str
        What a user must know before trusting it.
    """

    id: str
    zh: str
    en: str
    scope: str
    status: Status
    gwp: str
    factor_sets: tuple[str, ...]
    fallback: tuple[str, ...]
    counts: tuple[str, ...] = ()
    limits_zh: str = ""
    limits_en: str = ""

    def name(self, language: str) -> str:
        """Return the title in the given language."""
        return self.zh if language == "zh" else self.en

    @cached_property
    def methods(self) -> Mapping[str, Method]:
        """Methods of the set by topic."""
        found: dict[str, Method] = {}
        for candidate in methods().values():
            if self.id in candidate.sets:
                other = found.setdefault(candidate.topic, candidate)
                if other is not candidate:
                    raise ValueError(f"{self.id}: {other.id} and {candidate.id} both account for {candidate.topic}")
        return found

    def find(self, name: str) -> Method | None:
        """Return the method of a topic, or of that id or name in either language, if the set has it."""
        return self.methods.get(name) or self._by_name.get(name.strip().lower())

    def near(self, name: str, count: int = 3) -> list[str]:
        """Return the topics whose own name or whose method's name in either language is nearest to a text, the nearest first."""
        words, text = catalogue(), name.strip().lower()
        best: list[tuple[float, str]] = []
        for topic, m in self.methods.items():
            spelt = (topic, m.id, *words.get(f"method.{m.id}.name", {}).values())
            ratios = (SequenceMatcher(None, text, s.lower()).ratio() + (text in s.lower()) for s in spelt)
            best.append((-max(ratios), topic))
        return [topic for score, topic in sorted(best)[:count] if score < -NEAR]

    @cached_property
    def _by_name(self) -> dict[str, Method]:
        """Methods by id and by name in small letters; a name that two of them share is none."""
        words = catalogue()
        names: dict[str, list[Method]] = {}
        for m in self.methods.values():
            spelt = {text.lower() for text in words.get(f"method.{m.id}.name", {}).values()}
            for name in {m.id, *spelt}:
                names.setdefault(name, []).append(m)
        return {name: found[0] for name, found in names.items() if len(found) == 1}


def _read(folder: Path) -> dict[str, MethodSet]:
    problems: list[Problem] = []
    data: dict[str, dict[str, Any]] = read_yaml(folder / FILE, folder, problems) or {}
    for entry in data.values():
        check_keys(entry, (*REQUIRED, *OPTIONAL), REQUIRED, FILE, problems)
    if problems:
        raise DataError(problems)
    return {name: MethodSet(name, **{**e, **{k: tuple(e.get(k, ())) for k in LISTS}}) for name, e in data.items()}


@cache
def method_sets() -> Mapping[str, MethodSet]:
    """Return all method sets by name.

    Raises
    ------
    DataError
        If the file of the sets has problems.
    """
    return _read(load_library().folder)
