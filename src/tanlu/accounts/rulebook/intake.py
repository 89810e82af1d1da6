"""From rows to records: methods found, words and units checked, factors resolved; every problem is collected."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from tanlu.accounts.rulebook.activity import DEFAULT_UNCERTAINTY, Activity
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.method import Input, Method, methods
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.resolver import Match, Reason, Resolver
from tanlu.core.errors import Problem
from tanlu.core.library import Library
from tanlu.core.messages import LANGUAGES, catalogue
from tanlu.core.units import IncompatibleUnitsError, UnknownUnitError, conversion_factor

PERIOD: Final = re.compile(r"(19|20|21)\d\d(-(0[1-9]|1[0-2]))?")
CO2_PER_C: Final = 44 / 12
SLIPS: Final = (CO2_PER_C, 1000.0, 0.001, 10.0, 0.1, 100.0, 0.01)
"""Ratios by which a value outside its range is often wrong: CO2 for carbon, and powers of ten."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How records of one make are computed: the same method, inputs, units, words, area and periods.

    Parameters
    ----------
    method : Method
    alternative : int
        Position among the alternative units.
    columns : tuple of (row, input, period, scale)
        Which rows hold numbers, of which input and period, and the factor to the unit of the method.
    periods : tuple of str
        Periods of the results; the last one alone for methods that are not series.
    choices, matches, defaults : mapping
        Words, factors of the library and defaults of the rule, by input.
    """

    method: Method
    alternative: int
    columns: tuple[tuple[int, str, str, float], ...]
    periods: tuple[str, ...]
    choices: Mapping[str, str]
    matches: Mapping[str, Match]
    defaults: Mapping[str, float]


@dataclass(slots=True)
class Record:
    """The rows of one record, and its numbers in the units of the method in the order of ``plan.columns``."""

    name: str
    place: str
    plan: Plan
    rows: list[Activity]
    numbers: list[float]


@dataclass(slots=True)
class Taken:
    """Everything that was taken in."""

    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def take_in(activities: Sequence[Activity], method_set: MethodSet, library: Library) -> Taken:
    """Check rows and make records of them."""
    taken = Taken()
    intake = _Intake(taken, method_set, library, Resolver(library, method_set))
    for rows in _grouped(activities, method_set):
        intake.record(rows)
    taken.findings.extend(intake.substitutes())
    return taken


def _grouped(activities: Sequence[Activity], method_set: MethodSet) -> Iterable[list[Activity]]:
    """Return the rows of each record; a record of a method that is not a series is split by period."""
    series: dict[str, bool] = {}
    groups: dict[tuple[object, ...], list[Activity]] = {}
    for number, row in enumerate(activities):
        name = row.method
        if name not in series:
            found = method_set.find(name)
            series[name] = found is not None and found.is_series
        key = (row.record or number, row.place, name, "" if series[name] else row.period)
        if key in groups:
            groups[key].append(row)
        else:
            groups[key] = [row]
    return groups.values()


def _problem(code: str, row: Activity, field_name: str, value: str, **details: object) -> Problem:
    return Problem(code, row.file or "activities", row.row, field_name, value, details)


def _nearest(word: str, known: Iterable[str], count: int = 3) -> str:
    """Return the nearest known words, for the message; the first few if none is near."""
    words = list(known)
    found = difflib.get_close_matches(word, words, n=count, cutoff=0.4)
    return ", ".join(found or words[:6])


@cache
def _topics() -> dict[str, set[str]]:
    """Names of the inputs of all methods of a topic."""
    topics: dict[str, set[str]] = {}
    for m in methods().values():
        topics.setdefault(m.topic, set()).update(m.by_name)
    return topics


@cache
def _input_names() -> dict[str, tuple[str, ...]]:
    """Names of inputs as users may write them: Chinese or English name → ids; inputs of different methods may share a name."""
    words: dict[str, tuple[str, ...]] = {}
    for key, texts in catalogue().items():
        if key.startswith("input."):
            for text in {texts[lang] for lang in LANGUAGES}:
                words[text] = (*words.get(text, ()), key.removeprefix("input."))
    return words


def input_id(method: Method, text: str) -> str:
    """Return the id of an input that a user wrote as id, or by its Chinese or English name; other texts stay."""
    if text in method.by_name:
        return text
    named = _input_names().get(text, (text,))
    return next((name for name in named if name in method.by_name), named[0])


Substitute = tuple[str, str, str, tuple[Reason, ...]]
"""Method, input, factor and why it was taken."""


@dataclass(slots=True)
class _Draft:
    """A record while it is being checked."""

    name: str
    place: str
    method: Method
    given: dict[str, dict[str, int]] = field(default_factory=dict)
    periods: list[str] = field(default_factory=list)
    unused: list[int] = field(default_factory=list)
    alternative: int = 0
    columns: list[tuple[int, str, str, float]] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    defaults: dict[str, float] = field(default_factory=dict)
    substitutes: list[Substitute] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a make: its plan, what is listed of each record with the row of its value, and factors to confirm."""

    plan: Plan
    news: Sequence[tuple[Finding, int]]
    substitutes: Sequence[Substitute]


@dataclass(slots=True)
class _Intake:
    taken: Taken
    method_set: MethodSet
    library: Library
    resolver: Resolver
    _units: dict[tuple[str, tuple[str | None, ...]], tuple[float | None, ...]] = field(default_factory=dict)
    _words: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)
    _plans: dict[tuple[object, ...], _Known] = field(default_factory=dict)
    _shapes: dict[tuple[object, ...], tuple[_Draft, list[tuple[Finding, int]]]] = field(default_factory=dict)
    _substitutes: dict[Substitute, tuple[Finding, Match, list[int]]] = field(default_factory=dict)
    _choice_names: dict[str, frozenset[str]] = field(default_factory=dict)
    _strangers: set[str] = field(default_factory=set)
    _alone: set[str] = field(default_factory=set)

    def record(self, rows: list[Activity]) -> None:
        """Take in the rows of one record: as the ones of the same make before it or, if there is none or a number is odd, in full."""
        row = rows[0]
        method = self.method_set.find(row.method)
        if method is None:
            self._unknown_method(row)
            return
        if not row.record:
            self._once(row, method)
        shape = self._shape(rows, method)
        key = (shape, self.resolver.area(row.place), row.period)
        known = self._plans.get(key) or self._elsewhere(rows, shape, key)
        numbers = _plain_numbers(rows, known.plan) if known is not None else None
        if known is None or numbers is None:
            self._in_full(rows, method, shape, key)
            return
        name = row.record or row.id
        self._accept(Record(name, row.place, known.plan, rows, numbers), known.substitutes)
        for finding, at in known.news:
            news = finding._replace(record=name, place=row.place, period=row.period, value=rows[at].value)
            self.taken.findings.append(news)

    def _accept(self, record: Record, substitutes: Sequence[Substitute]) -> None:
        self.taken.records.append(record)
        for substitute in substitutes:
            self._substitutes[substitute][2][0] += 1

    def _once(self, row: Activity, method: Method) -> None:
        """List a row that stands alone and is the same as one before it: perhaps a file was given twice."""
        if row.id in self._alone:
            place = (row.place, row.period, method.id, input_id(method, row.input), row.value)
            self.taken.findings.append(Finding("repeated_row", "warning", row.id, *place))
        self._alone.add(row.id)

    def _elsewhere(self, rows: list[Activity], shape: tuple[object, ...], key: tuple[object, ...]) -> _Known | None:
        """Return the plan of a record of which another area or period has been checked: only its factors are looked up.

        None if there was none like it, or if a factor is missing.
        """
        if shape not in self._shapes:
            return None
        like, news = self._shapes[shape]
        before, period = len(self.taken.problems), rows[0].period
        draft = _Draft(rows[0].record or rows[0].id, rows[0].place, like.method, like.given, [period])
        draft.alternative, draft.choices = like.alternative, like.choices
        draft.columns = [(position, name, period, scale) for position, name, _, scale in like.columns]
        if PERIOD.fullmatch(period):
            self._known_place(draft)
            self._factors(draft, rows)
        if len(self.taken.problems) > before or not PERIOD.fullmatch(period):
            # the full check tells it with everything else
            del self.taken.problems[before:]
            return None
        self._plans[key] = _Known(_plan(draft), news, draft.substitutes)
        return self._plans[key]

    def _shape(self, rows: list[Activity], method: Method) -> tuple[object, ...]:
        """Return what decides how a record is read: method, inputs, units, words and, of a series, periods."""
        if method.id not in self._choice_names:
            words = {i.name for i in method.inputs if i.kind == "choice"}
            spelt = {text for text, names in _input_names().items() if not words.isdisjoint(names)}
            self._choice_names[method.id] = frozenset(words | spelt)
        choices = self._choice_names[method.id]
        series = method.is_series
        cells = ((r.input, r.unit, r.period if series else "", r.value if r.input in choices else "") for r in rows)
        return (method.id, *cells)

    def _in_full(
        self, rows: list[Activity], method: Method, shape: tuple[object, ...], key: tuple[object, ...]
    ) -> None:
        """Check everything about a record, and keep its plan for others of the same make."""
        before, found = len(self.taken.problems), len(self.taken.findings)
        draft = _Draft(rows[0].record or rows[0].id, rows[0].place, method, periods=sorted({r.period for r in rows}))
        for position, row in enumerate(rows):
            self._place(position, row, draft, rows)
        self._choices(draft, rows)
        numbers = self._numbers(draft, rows)
        for wanted in method.inputs:
            if wanted.kind == "activity" and wanted.name not in draft.given and wanted.default is None:
                self._missing(draft, rows, wanted, ", ".join(u for u in wanted.units if u))
        if len(self.taken.problems) == before:
            self._known_place(draft)
            self._factors(draft, rows)
        if method.is_series and len(self.taken.problems) == before:
            self._gaps(draft, rows)
            self._constants(draft, rows, numbers)
            numbers = _held(draft, numbers)
        if len(self.taken.problems) > before:
            return
        plan = _plan(draft)
        self._accept(Record(draft.name, draft.place, plan, rows, numbers), draft.substitutes)
        unused = iter(draft.unused)
        news = [(f, next(unused)) for f in self.taken.findings[found:] if f.code == "input_not_used"]
        if not _has_held_inputs(draft):
            self._plans.setdefault(key, _Known(plan, news, draft.substitutes))
            if not method.is_series:
                self._shapes.setdefault(shape, (draft, news))

    def _report(self, code: str, row: Activity, field_name: str, value: str, **details: object) -> None:
        self.taken.problems.append(_problem(code, row, field_name, value, **details))

    def _find(self, code: str, severity: str, draft: _Draft, name: str, value: str, **details: str) -> None:
        self.taken.findings.append(
            Finding(
                code, severity, draft.name, draft.place, draft.periods[-1], draft.method.id, name, value, tuple(details.items())
            )
        )  # fmt: skip

    def _unknown_method(self, row: Activity) -> None:
        if row.method in methods() or row.method in _topics():
            self._report("method_not_in_set", row, "method", row.method, set=self.method_set.id)
        else:
            self._report(
                "unknown_method", row, "method", row.method, some=", ".join(self.method_set.near(row.method)) or "–"
            )

    def _place(self, position: int, row: Activity, draft: _Draft, rows: list[Activity]) -> None:
        """Put a row into its record."""
        name = input_id(draft.method, row.input)
        if not row.place.strip("/ "):
            self._report("empty", row, "place", row.place)
        if not PERIOD.fullmatch(row.period):
            self._report("not_a_period", row, "period", row.period)
        if row.grade and row.grade not in DEFAULT_UNCERTAINTY:
            self._report("unknown_grade", row, "grade", row.grade)
        if row.uncertainty is not None and not 0 <= row.uncertainty < 1000:
            self._report("bad_uncertainty", row, "uncertainty", f"{row.uncertainty:g}")
        if name not in draft.method.by_name:
            if name in _topics().get(draft.method.topic, ()):
                draft.unused.append(position)
                self._find("input_not_used", "note", draft, name, row.value, set=self.method_set.id)
            else:
                some = _nearest(row.input, draft.method.by_name)
                self._report("unknown_input", row, "input", row.input, method=draft.method.id, some=some)
            return
        by_period = draft.given.setdefault(name, {})
        if row.period in by_period:
            self._report("duplicate", row, "input", row.input, first=rows[by_period[row.period]].row or 0)
            return
        by_period[row.period] = position

    def _choices(self, draft: _Draft, rows: list[Activity]) -> None:
        for wanted in draft.method.inputs:
            if wanted.kind != "choice":
                continue
            given = draft.given.get(wanted.name)
            if given is None:
                if wanted.word:
                    draft.choices[wanted.name] = wanted.word
                else:
                    self._missing(draft, rows, wanted, ", ".join(wanted.options[:8]))
                continue
            words = self._spellings(wanted.options)
            for position in given.values():
                row = rows[position]
                word = words.get(row.value.strip(), words.get(row.value.strip().lower()))
                if word is None:
                    self._report(
                        "unknown_word", row, "value", row.value, input=wanted.name, some=_nearest(row.value, words)
                    )
                elif draft.choices.setdefault(wanted.name, word) != word:
                    self._report("word_changes", row, "value", row.value, input=wanted.name, record=draft.name)

    def _missing(self, draft: _Draft, rows: list[Activity], wanted: Input, units: str) -> None:
        details = {"record": draft.name, "method": draft.method.id, "units": units}
        self._report("missing_input", rows[0], "input", wanted.name, **details)

    def _spellings(self, options: tuple[str, ...]) -> dict[str, str]:
        """Words as users may write them: the option itself, its Chinese and its English name."""
        if options not in self._words:
            spellings = {option: option for option in options}
            for option in options:
                for name in (self.library.label(option, language) for language in LANGUAGES):
                    spellings.setdefault(name, option)
                    spellings.setdefault(name.lower(), option)
            self._words[options] = spellings
        return self._words[options]

    def _scales(self, unit: str, units: tuple[str | None, ...]) -> tuple[float | None, ...]:
        """Return the factor to each alternative unit, None where it does not fit."""
        key = (unit, units)
        if key not in self._units:
            scales: list[float | None] = []
            for wanted in units:
                try:
                    scales.append(None if wanted is None else conversion_factor(unit or "1", wanted))
                except IncompatibleUnitsError:
                    scales.append(None)
            self._units[key] = tuple(scales)
        return self._units[key]

    def _numbers(self, draft: _Draft, rows: list[Activity]) -> list[float]:
        """Read numbers and bring them into the units of the method."""
        fitting: set[int] | None = None
        read: list[tuple[Input, int, str, float, tuple[float | None, ...]]] = []
        for name, by_period in draft.given.items():
            wanted = draft.method.by_name[name]
            for period, position in by_period.items() if wanted.kind != "choice" else ():
                row = rows[position]
                number = self._number(row)
                scales = self._unit(wanted, row)
                if number is None or scales is None:
                    continue
                read.append((wanted, position, period, number, scales))
                if len(wanted.units) > 1:
                    possible = {n for n, s in enumerate(scales) if s is not None}
                    fitting = possible if fitting is None else fitting & possible
                    if not fitting:
                        self._report("units_do_not_match", row, "unit", row.unit, record=draft.name)
                        return []
        draft.alternative = min(fitting) if fitting else 0
        numbers = []
        for wanted, position, period, number, scales in read:
            scale = scales[draft.alternative if len(scales) > 1 else 0]
            if scale is not None and not math.isfinite(number * scale):
                self._report("not_finite", rows[position], "value", rows[position].value)
            elif scale is not None:
                draft.columns.append((position, wanted.name, period, scale))
                numbers.append(number * scale)
                self._range(draft, wanted, rows[position], number * scale)
        return numbers

    def _unit(self, wanted: Input, row: Activity) -> tuple[float | None, ...] | None:
        """Return the factors from the unit of a row to the units of an input, None after reporting that none fits."""
        try:
            scales = self._scales(row.unit, wanted.units)
        except UnknownUnitError as error:
            some = ", ".join(error.suggestions) or ", ".join(u for u in wanted.units if u)
            self._report("unknown_unit", row, "unit", row.unit, suggestions=some)
            return None
        if any(s is not None for s in scales):
            return scales
        units = ", ".join(u for u in wanted.units if u) or "1"
        code = "co2_for_carbon" if " CO2/" in row.unit and any(u and " C/" in u for u in wanted.units) else "wrong_unit"
        self._report(code, row, "unit", row.unit, wanted=units)
        return None

    def _number(self, row: Activity) -> float | None:
        try:
            value = float(row.value)
        except ValueError:
            self._report("not_a_number", row, "value", row.value)
            return None
        if not math.isfinite(value):
            self._report("not_finite", row, "value", row.value)
            return None
        return value

    def _range(self, draft: _Draft, wanted: Input, row: Activity, value: float) -> None:
        """A value outside the plausible range is a problem if a common slip explains it, else it is listed."""
        low, high = _limits(wanted, draft.alternative)
        if low <= value <= high:
            return
        span = {"low": f"{low:g}", "high": f"{high:g}", "unit": wanted.units[0] or "1"}
        if value < 0 <= low:
            self._report("below_minimum", row, "value", row.value, minimum=f"{low:g}")
            return
        slips = [s for s in _slips(wanted) if low <= value / s <= high] if math.isfinite(high) else []
        if slips:
            code = "carbon_slip" if slips[0] == CO2_PER_C else "unit_slip"
            self._report(code, row, "value", row.value, ratio=f"{slips[0]:.4g}", **span)
        else:
            self._find("out_of_range", "warning", draft, wanted.name, row.value, **span)

    def _factors(self, draft: _Draft, rows: list[Activity]) -> None:
        """Find what the user did not give: factors of the library, defaults of the rule."""
        waiting: dict[str, list[Input]] = {}
        for wanted in draft.method.inputs:
            if wanted.kind == "choice" or wanted.name in draft.given:
                continue
            if len(wanted.units) > 1 and wanted.units[draft.alternative] is None:
                draft.defaults[wanted.name] = 1.0
            elif wanted.kind == "factor":
                waiting.setdefault(wanted.bundle or wanted.name, []).append(wanted)
            elif wanted.default is not None:
                draft.defaults[wanted.name] = wanted.default
        year = int(draft.periods[-1][:4])
        for inputs in waiting.values():
            found = self.resolver.find(inputs, draft.alternative, draft.choices, draft.place, year)
            if found is None:
                self._no_factor(draft, rows, inputs, year)
                continue
            for wanted, match in zip(inputs, found, strict=True):
                draft.matches[wanted.name] = match
                if match.is_fallback:
                    self._substitute(draft, wanted.name, match)

    def _no_factor(self, draft: _Draft, rows: list[Activity], inputs: Sequence[Input], year: int) -> None:
        """Use defaults of the rule, or say which factor is missing and why none serves."""
        lacking = self.resolver.lacking(inputs, draft.alternative, draft.choices, draft.place, year)
        for wanted in inputs:
            if wanted.default is not None:
                draft.defaults[wanted.name] = wanted.default
                continue
            if wanted not in lacking:
                # it is there; it comes along once the others of its bundle do
                continue
            others = self.resolver.related(wanted, draft.choices)
            subject = wanted.subject.format(**draft.choices)
            details: dict[str, object] = {"record": draft.name, "place": draft.place, "year": year}
            for language in LANGUAGES:
                details[f"subject_{language}"] = self.library.label(subject, language) or "–"
                details[f"name_{language}"] = _input_label(wanted.name, language)
            later = sorted(f.valid_from for f in others if f.valid_from and f.valid_from > year)
            if later:
                self._report("year_outside_factor", rows[0], "period", str(year), first=later[0], **details)
            else:
                unit = wanted.units[min(draft.alternative, len(wanted.units) - 1)] or "1"
                self._report(
                    "missing_factor", rows[0], "input", wanted.name, set=self.method_set.id, unit=unit, **details
                )

    def _constants(self, draft: _Draft, rows: list[Activity], numbers: list[float]) -> None:
        """An input of which a series method takes one value has the same one in all periods."""
        first: dict[str, float] = {}
        for (position, name, _, _), number in zip(draft.columns, numbers, strict=True):
            if draft.method.by_name[name].constant and first.setdefault(name, number) != number:
                row = rows[position]
                self._report("value_changes", row, "value", row.value, input=name, record=draft.name)

    def _known_place(self, draft: _Draft) -> None:
        """List a place of which the library does not know the province: it takes the factors of the country."""
        first = draft.place.partition("/")[0]
        if first not in self._strangers and not self.library.knows(draft.place):
            self._strangers.add(first)
            some = _nearest(first, self.library.areas)
            self._find("unknown_place", "review", draft, "place", first, some=some)

    def _substitute(self, draft: _Draft, name: str, match: Match) -> None:
        """Note a factor that a person should confirm; it is listed once with the number of records that take it."""
        key = (draft.method.id, name, match.factor.id, match.reasons)
        if key not in self._substitutes:
            period = draft.periods[-1]
            first = Finding(
                "fallback", "review", draft.name, draft.place, period, draft.method.id, name, match.factor.id
            )
            self._substitutes[key] = (first, match, [0])
        draft.substitutes.append(key)

    def substitutes(self) -> Iterator[Finding]:
        """Yield the factors to confirm."""
        for finding, match, (count,) in (s for s in self._substitutes.values() if s[2][0]):
            reasons = tuple((f"reasons_{lang}", _reasons(match, lang)) for lang in LANGUAGES)
            yield finding._replace(details=(("factor", match.factor.id), ("count", str(count)), *reasons))

    def _gaps(self, draft: _Draft, rows: list[Activity]) -> None:
        """A series has a value for every year between the first and the last; so has another input that is given in several years."""
        years = [int(p[:4]) for p in draft.periods]
        if years != list(range(years[0], years[0] + len(years))):
            self._report("gap_in_series", rows[0], "period", ", ".join(draft.periods), record=draft.name)
        for wanted in draft.method.inputs:
            given = draft.given.get(wanted.name, {})
            needed = wanted.default is None if wanted.series else wanted.kind != "choice" and len(given) > 1
            if needed and given and len(given) < len(draft.periods):
                lost = ", ".join(p for p in draft.periods if p not in given)
                self._report("gap_in_series", rows[0], wanted.name, lost, record=draft.name)


def _input_label(name: str, language: str) -> str:
    """Return what an input is called; one without an entry is called by its id."""
    return catalogue().get(f"input.{name}", {}).get(language, name)


def _limits(wanted: Input, alternative: int) -> tuple[float, float]:
    """Return the plausible range of an input, which is given for its first unit."""
    if alternative and len(wanted.units) > 1:
        return (0.0 if wanted.low is not None and wanted.low >= 0 else -math.inf), math.inf
    return (-math.inf if wanted.low is None else wanted.low), (math.inf if wanted.high is None else wanted.high)


def _slips(wanted: Input) -> tuple[float, ...]:
    """Return the ratios by which a value of an input is often wrong; CO2 is given for carbon only where carbon is asked."""
    if wanted.kind != "factor":
        return ()
    carbon = "carbon" in wanted.parameter or any(unit and " C/" in unit for unit in wanted.units)
    return SLIPS if carbon else SLIPS[1:]


def _plan(draft: _Draft) -> Plan:
    return Plan(
        draft.method, draft.alternative, tuple(draft.columns), tuple(draft.periods), draft.choices, draft.matches, draft.defaults
    )  # fmt: skip


def _has_held_inputs(draft: _Draft) -> bool:
    """Return whether an input that is no series is given in several periods: its numbers then decide the plan."""
    held = [i.name for i in draft.method.inputs if i.kind != "choice" and not i.series]
    return any(len(draft.given.get(name, ())) > 1 for name in held)


def _held(draft: _Draft, numbers: list[float]) -> list[float]:
    """Keep the number of an input that is no series once if it is the same in all periods, and return the numbers that are kept."""
    values: dict[str, set[float]] = {}
    for (_, name, _, _), number in zip(draft.columns, numbers, strict=True):
        values.setdefault(name, set()).add(number)
    kept: dict[tuple[str, str], int] = {}
    for n, (_, name, period, _) in enumerate(draft.columns):
        changes = draft.method.by_name[name].series or len(values[name]) > 1
        kept.setdefault((name, period if changes else ""), n)
    draft.columns = [draft.columns[n] for n in kept.values()]
    return [numbers[n] for n in kept.values()]


def _plain_numbers(rows: Sequence[Activity], plan: Plan) -> list[float] | None:
    """Return the numbers of a record in the units of the method, or None if anything about them needs a closer look."""
    for row in rows:
        if row.grade and row.grade not in DEFAULT_UNCERTAINTY:
            return None
        if row.uncertainty is not None and not 0 <= row.uncertainty < 1000:
            return None
    numbers = []
    for position, name, _, scale in plan.columns:
        try:
            value = float(rows[position].value) * scale
        except ValueError:
            return None
        low, high = _limits(plan.method.by_name[name], plan.alternative)
        # also false for what is not a number
        if not low <= value <= high or math.isinf(value):
            return None
        numbers.append(value)
    return numbers


def _reasons(match: Match, language: str) -> str:
    words: Mapping[str, Mapping[str, str]] = catalogue()
    joint = "、" if language == "zh" else ", "
    return joint.join(words[f"match.{r}"][language] for r in match.reasons)
