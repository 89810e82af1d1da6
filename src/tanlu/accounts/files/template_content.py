"""What a template says about a method: names, units, plausible ranges, default factors with source, and an example."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tanlu.accounts.files.template_layout import EXAMPLE, units_of
from tanlu.accounts.rulebook.method import Input, Method
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.resolver import Match, Resolver
from tanlu.core.library import Library
from tanlu.core.messages import catalogue, translate
from tanlu.core.punctuation import PUNCTUATION

PLACE_OF_EXAMPLE = "province/city/enterprise"
"""Shows how a place is written."""
AMOUNT_OF_EXAMPLE = 1000.0


def method_text(method: Method, part: str, language: str) -> str:
    """Return name, rule or limits of a method; the id or nothing where the catalogue has none."""
    texts = catalogue().get(f"method.{method.id}.{part}")
    return texts[language] if texts else (method.id if part == "name" else "")


def input_label(name: str, language: str) -> str:
    """Return the name of an input."""
    texts = catalogue().get(f"input.{name}")
    return texts[language] if texts else name


@dataclass(frozen=True)
class MethodContent:
    """A method as a template shows it.

    Parameters
    ----------
    method : Method
    method_set : MethodSet
    library : Library
    year : int
        Of the example, and of the default factors that are shown.
    place : str
        For which default factors are shown; empty for a place that is not in the library.
    """

    method: Method
    method_set: MethodSet
    library: Library
    year: int
    place: str = ""

    @cached_property
    def choices(self) -> Mapping[str, str]:
        """Words of the example."""
        return {i.name: i.word or i.options[0] for i in self.method.inputs if i.kind == "choice"}

    @cached_property
    def defaults(self) -> Mapping[str, Match]:
        """Factors that the library has for the example, by input."""
        resolver, bundles = Resolver(self.library, self.method_set), dict[str, list[Input]]()
        for wanted in self.method.inputs:
            if wanted.kind == "factor":
                bundles.setdefault(wanted.bundle or wanted.name, []).append(wanted)
        found: dict[str, Match] = {}
        for inputs in bundles.values():
            matches = resolver.find(inputs, 0, self.choices, self.place, self.year)
            found |= {i.name: m for i, m in zip(inputs, matches or (), strict=bool(matches))}
        return found

    def example(self, wanted: Input) -> str:
        """Return the example of an input; empty where the library or the rule has a value."""
        if wanted.kind == "choice":
            return self.choices[wanted.name]
        if (wanted.default is not None or wanted.name in self.defaults) and wanted.name != self._shown_amount:
            return ""
        return f"{_plausible(wanted):g}"

    @cached_property
    def _shown_amount(self) -> str:
        """The amount that an example shows although it may be left empty; none where others must be given."""
        amounts = [i for i in self.method.inputs if i.kind == "activity"]
        return "" if not amounts or any(i.default is None for i in amounts) else amounts[0].name

    def example_row(self) -> dict[str, str]:
        """Return the leading cells of the example row."""
        return {"record": EXAMPLE, "place": self.place or PLACE_OF_EXAMPLE, "period": str(self.year)}

    def option_label(self, option: str, language: str) -> str:
        """Return the name of the word of a choice."""
        return self.library.label(option, language)

    def remark(self, wanted: Input, language: str) -> str:
        """Return what a user should know of an input: range, default, factor of the library with its source."""
        lines = [f"{input_label(wanted.name, language)} [{', '.join(units_of(wanted))}]"]
        if wanted.kind == "choice":
            lines = [input_label(wanted.name, language)]
        if wanted.low is not None or wanted.high is not None:
            low, high = ("–∞" if wanted.low is None else f"{wanted.low:g}"), _shown(wanted.high)
            unit = "" if units_of(wanted)[0] == "1" else units_of(wanted)[0]
            lines.append(translate("template.range", language, low=low, high=high, unit=unit).rstrip())
        if wanted.default is not None:
            lines.append(translate("template.default", language, value=f"{wanted.default:g}"))
        match = self.defaults.get(wanted.name)
        if match is not None:
            lines.append(self._factor(match, wanted, language))
        elif wanted.kind == "factor" and wanted.default is None:
            lines.append(translate("template.no_factor", language))
        return "\n".join(lines)

    def _factor(self, match: Match, wanted: Input, language: str) -> str:
        factor = match.factor
        source = self.library.sources[factor.source]
        title = source.title_zh if language == "zh" else source.title_en
        # a table as a whole has no place inside it
        origin = PUNCTUATION[language].comma.join(filter(None, [title, factor.locator]))
        said = {"value": f"{factor.value:g}", "unit": factor.unit, "grade": factor.grade.value, "origin": origin}
        text = translate("template.factor", language, **said)
        if wanted.choices_in_subject:
            words = PUNCTUATION[language].listing.join(
                self.option_label(self.choices[c], language) for c in wanted.choices_in_subject
            )
            text += translate("template.for_choice", language, words=words)
        return text


def _shown(bound: float | None) -> str:
    return "∞" if bound is None else f"{bound:g}"


def _plausible(wanted: Input) -> float:
    """Return a number within the plausible range."""
    low, high = wanted.low or 0.0, math.inf if wanted.high is None else wanted.high
    if low <= AMOUNT_OF_EXAMPLE <= high:
        return AMOUNT_OF_EXAMPLE
    middle = (low + high) / 2 if math.isfinite(high) else 2 * low
    rounded = float(f"{middle:.2g}")
    return rounded if low <= rounded <= high else middle
