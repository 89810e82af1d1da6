"""Rules of data quality as data, and what a rule finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

SEVERITIES: Final = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    id : str
        Also the name of its function and of its messages ``quality.found.<id>``.
    zh, en, action_zh, action_en : str
        Name, and what is to be done.
    severity : {"high", "medium", "low"}
    source, grade : str
    parameters : mapping
        Numbers of the function.
    version : str
        Of the whole set of rules.
    """

    id: str
    zh: str
    en: str
    action_zh: str
    action_en: str
    severity: str
    source: str
    grade: str
    parameters: Mapping[str, Any]
    version: str

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.en

    def action(self, language: str) -> str:
        """Return what is to be done, in a language."""
        return self.action_zh if language == "zh" else self.action_en


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules, points of the score by severity, the factor set of the heat of fuels, and titles of sources."""

    version: str
    rules: Mapping[str, Rule]
    points: Mapping[str, float]
    calorific_set: str
    sources: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found.

    Parameters
    ----------
    rule : str
    unit : str
        Id of the enterprise or other unit.
    meter : str
        Id; empty where the finding is about several.
    start, end : int
        The spell [s UTC].
    seen, limit : float
        Value and limit in the terms of the rule.
    details : mapping
        Further values of the message.
    """

    rule: str
    unit: str
    meter: str
    start: int
    end: int
    seen: float
    limit: float
    details: Mapping[str, object]

    def text(self, language: str) -> str:
        """Return the finding as one sentence."""
        from tanlu.core.messages import in_language, translate
        from tanlu.monitor.wording import in_sentence

        values = {"seen": self.seen, "limit": self.limit, **in_language(self.details, language)}
        return translate(f"quality.found.{self.rule}", language, **in_sentence(values))


@cache
def load_rules() -> RuleSet:
    """Return the rules of the package."""
    raw = yaml.safe_load((files("tanlu.monitor.quality") / "rules.yaml").read_text(encoding="utf-8"))
    version = str(raw["version"])
    rules = {name: Rule(id=name, version=version, **row) for name, row in raw["rules"].items()}
    return RuleSet(version, rules, raw["points"], raw["calorific_set"], raw["sources"])
