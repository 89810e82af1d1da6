"""From rows to records: methods found, words and units checked, factors resolved; every problem is collected."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from tanlu.accounts.activity import DEFAULT_UNCERTAINTY, Activity
from tanlu.accounts.findings import Finding
from tanlu.accounts.method import Input, Method, methods
from tanlu.accounts.method_sets import MethodSet
from tanlu.accounts.resolver import Match, Resolver
from tanlu.core.errors import Problem
from tanlu.core.library import Library
from tanlu.core.messages import LANGUAGES, catalogue
from tanlu.core.units import IncompatibleUnitsError, UnknownUnitError, conversion_factor

PERIOD: Final = re.compile(r"(19|20|21)\d\d(-(0[1-9]|1[0-2]))?")
CO2_PER_C: Final = 44 / 12
SLIPS: Final = (CO2_PER_C, 1000.0, 0.001, 10.0, 0.1, 100.0, 0.01)
"""Ratios by which a value outside its range is often wrong: CO2 for carbon, and powers of ten."""


@dataclass(slots=True)
class Record:
    """The data of one record, checked and in the units of its method.

    ``given`` holds the rows by input and period (the one period for methods that are not series), ``values`` the numbers in the unit
    of the method, ``scales`` the factor between the unit of the row and that of the method.
    """

    name: str
    place: str
    periods: list[str]
    method: Method
    given: dict[str, dict[str, Activity]]
    choices: dict[str, str] = field(default_factory=dict)
    alternative: int = 0
    values: dict[str, dict[str, float]] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    defaults: dict[str, float] = field(default_factory=dict)

    @property
    def first(self) -> Activity:
        """Some row of the record, to say where it stands."""
        return next(iter(next(iter(self.given.values())).values()))


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
        groups.setdefault(key, []).append(row)
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
def input_names() -> dict[str, str]:
    """Return the names of inputs as users may write them: id, Chinese and English name → id."""
    words: dict[str, str] = {}
    for key, texts in catalogue().items():
        if key.startswith("input."):
            name = key.removeprefix("input.")
            words |= {name: name, **{texts[lang]: name for lang in LANGUAGES}}
    return words


@dataclass(slots=True)
class _Intake:
    taken: Taken
    method_set: MethodSet
    library: Library
    resolver: Resolver
    _units: dict[tuple[str, tuple[str | None, ...]], tuple[float | None, ...]] = field(default_factory=dict)
    _words: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)

    def record(self, rows: list[Activity]) -> None:
        """Take in the rows of one record."""
        row = rows[0]
        method = self.method_set.find(row.method)
        if method is None:
            self._unknown_method(row)
            return
        before = len(self.taken.problems)
        record = Record(row.record or row.id, row.place, [], method, {})
        for r in rows:
            self._place(r, record)
        record.periods = sorted({r.period for r in rows})
        if not record.given:
            return
        self._choices(record)
        self._numbers(record)
        if len(self.taken.problems) == before:
            self._factors(record)
        if method.is_series and len(self.taken.problems) == before:
            self._gaps(record)
        if len(self.taken.problems) == before:
            self.taken.records.append(record)

    def _report(self, code: str, row: Activity, field_name: str, value: str, **details: object) -> None:
        self.taken.problems.append(_problem(code, row, field_name, value, **details))

    def _find(self, code: str, severity: str, record: Record, name: str, value: str, **details: str) -> None:
        period = record.periods[-1]
        self.taken.findings.append(
            Finding(
                code, severity, record.name, record.place, period, record.method.id, name, value, tuple(details.items())
            )
        )

    def _unknown_method(self, row: Activity) -> None:
        known = sorted(self.method_set.methods)
        if row.method in methods() or row.method in _topics():
            self._report("method_not_in_set", row, "method", row.method, set=self.method_set.id)
        else:
            self._report("unknown_method", row, "method", row.method, some=_nearest(row.method, known))

    def _place(self, row: Activity, record: Record) -> None:
        """Put a row into its record."""
        name = row.input if row.input in record.method.by_name else input_names().get(row.input, row.input)
        if not PERIOD.fullmatch(row.period):
            self._report("not_a_period", row, "period", row.period)
        if row.grade and row.grade not in DEFAULT_UNCERTAINTY:
            self._report("unknown_grade", row, "grade", row.grade)
        if row.uncertainty is not None and not 0 <= row.uncertainty < 1000:
            self._report("bad_uncertainty", row, "uncertainty", f"{row.uncertainty:g}")
        if name not in record.method.by_name:
            if name in _topics()[record.method.topic]:
                record.periods = record.periods or [row.period]
                self._find("input_not_used", "note", record, name, row.value, set=self.method_set.id)
            else:
                some = _nearest(row.input, record.method.by_name)
                self._report("unknown_input", row, "input", row.input, method=record.method.id, some=some)
            return
        by_period = record.given.setdefault(name, {})
        if row.period in by_period:
            first = by_period[row.period].row or 0
            self._report("duplicate", row, "input", row.input, first=first)
            return
        by_period[row.period] = row

    def _choices(self, record: Record) -> None:
        for wanted in record.method.inputs:
            if wanted.kind != "choice":
                continue
            given = record.given.get(wanted.name)
            if given is None:
                if wanted.word:
                    record.choices[wanted.name] = wanted.word
                else:
                    self._report(
                        "missing_input", record.first, "input", wanted.name, record=record.name,
                        method=record.method.id, units=", ".join(wanted.options[:8]),
                    )  # fmt: skip
                continue
            row = next(iter(given.values()))
            words = self._spellings(wanted.options)
            word = words.get(row.value.strip(), words.get(row.value.strip().lower()))
            if word is None:
                self._report(
                    "unknown_word", row, "value", row.value, input=wanted.name, some=_nearest(row.value, words)
                )
            else:
                record.choices[wanted.name] = word

    def _spellings(self, options: tuple[str, ...]) -> dict[str, str]:
        """Words as users may write them: the option itself, its Chinese and its English name."""
        if options not in self._words:
            spellings: dict[str, str] = {}
            for option in options:
                spellings[option] = option
                for language in LANGUAGES:
                    spellings.setdefault(self.library.label(option, language), option)
                    spellings.setdefault(self.library.label(option, language).lower(), option)
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

    def _numbers(self, record: Record) -> None:
        """Read numbers and bring them into the units of the method."""
        fitting: set[int] | None = None
        read: list[tuple[Input, Activity, float, tuple[float | None, ...]]] = []
        for name, by_period in record.given.items():
            wanted = record.method.by_name[name]
            if wanted.kind == "choice":
                continue
            for row in by_period.values():
                number = self._number(row)
                try:
                    scales = self._scales(row.unit, wanted.units)
                except UnknownUnitError as error:
                    some = ", ".join(error.suggestions) or ", ".join(u for u in wanted.units if u)
                    self._report("unknown_unit", row, "unit", row.unit, suggestions=some)
                    continue
                if number is None:
                    continue
                if not any(s is not None for s in scales):
                    self._wrong_unit(wanted, row)
                    continue
                read.append((wanted, row, number, scales))
                if len(wanted.units) > 1:
                    possible = {n for n, s in enumerate(scales) if s is not None}
                    fitting = possible if fitting is None else fitting & possible
                    if not fitting:
                        self._report("units_do_not_match", row, "unit", row.unit, record=record.name)
                        return
        record.alternative = min(fitting) if fitting else 0
        for wanted, row, number, scales in read:
            scale = scales[record.alternative if len(scales) > 1 else 0]
            if scale is not None:
                value = number * scale
                record.values.setdefault(wanted.name, {})[row.period] = value
                self._range(record, wanted, row, value)

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

    def _wrong_unit(self, wanted: Input, row: Activity) -> None:
        units = ", ".join(u for u in wanted.units if u) or "1"
        code = "co2_for_carbon" if " CO2/" in row.unit and any(u and " C/" in u for u in wanted.units) else "wrong_unit"
        self._report(code, row, "unit", row.unit, wanted=units)

    def _range(self, record: Record, wanted: Input, row: Activity, value: float) -> None:
        """A value far outside the plausible range is a problem if a common slip explains it, else it is listed."""
        if record.alternative or (wanted.low is None and wanted.high is None):
            return
        low, high = (
            wanted.low if wanted.low is not None else -math.inf,
            wanted.high if wanted.high is not None else math.inf,
        )
        if low <= value <= high:
            return
        span = {"low": f"{low:g}", "high": f"{high:g}", "unit": wanted.units[0] or "1"}
        if value < 0 <= low:
            self._report("below_minimum", row, "value", row.value, minimum=f"{low:g}")
            return
        slips = (
            [s for s in SLIPS if low <= value / s <= high] if wanted.kind == "factor" and math.isfinite(high) else []
        )
        if slips:
            code = "carbon_slip" if slips[0] == CO2_PER_C else "unit_slip"
            self._report(code, row, "value", row.value, ratio=f"{slips[0]:.4g}", **span)
        else:
            self._find("out_of_range", "warning", record, wanted.name, row.value, **span)

    def _factors(self, record: Record) -> None:
        """Find what the user did not give: factors of the library, defaults of the rule."""
        waiting: dict[str, list[Input]] = {}
        for wanted in record.method.inputs:
            if wanted.kind == "choice" or wanted.name in record.values:
                continue
            unit_is_one = len(wanted.units) > 1 and wanted.units[record.alternative] is None
            if unit_is_one:
                record.defaults[wanted.name] = 1.0
            elif wanted.kind == "factor":
                waiting.setdefault(wanted.bundle or wanted.name, []).append(wanted)
            elif wanted.default is not None:
                record.defaults[wanted.name] = wanted.default
            else:
                units = ", ".join(u for u in wanted.units if u)
                self._report(
                    "missing_input",
                    record.first,
                    "input",
                    wanted.name,
                    record=record.name,
                    method=record.method.id,
                    units=units,
                )
        year = int(record.periods[-1][:4])
        for inputs in waiting.values():
            found = self.resolver.find(inputs, record.alternative, record.choices, record.place, year)
            if found is None:
                self._no_factor(record, inputs, year)
                continue
            for wanted, match in zip(inputs, found, strict=True):
                record.matches[wanted.name] = match
                if match.is_fallback:
                    reasons = {lang: _reasons(match, lang) for lang in LANGUAGES}
                    self._find(
                        "fallback", "review", record, wanted.name, match.factor.id,
                        factor=match.factor.id, reasons_en=reasons["en"], reasons_zh=reasons["zh"],
                    )  # fmt: skip

    def _no_factor(self, record: Record, inputs: Sequence[Input], year: int) -> None:
        """Use defaults of the rule, or say which factor is missing and why none serves."""
        for wanted in inputs:
            if wanted.default is not None:
                record.defaults[wanted.name] = wanted.default
                continue
            others = self.resolver.later_only(wanted, record.choices)
            subject = wanted.subject.format(**record.choices)
            details = {"record": record.name, "subject": subject, "place": record.place, "year": year}
            later = sorted(f.valid_from for f in others if f.valid_from and f.valid_from > year)
            unit = next((u for u in wanted.units if u), "1")
            if later:
                self._report(
                    "year_outside_factor",
                    record.first,
                    "period",
                    str(year),
                    input=wanted.name,
                    first=later[0],
                    **details,
                )
            else:
                self._report(
                    "missing_factor", record.first, "input", wanted.name, set=self.method_set.id, unit=unit, **details
                )

    def _gaps(self, record: Record) -> None:
        """A series has a value for every year between the first and the last."""
        years = [int(p[:4]) for p in record.periods]
        if years != list(range(years[0], years[0] + len(years))):
            self._report("gap_in_series", record.first, "period", ", ".join(record.periods), record=record.name)


def _reasons(match: Match, language: str) -> str:
    words: Mapping[str, Mapping[str, str]] = catalogue()
    joint = "、" if language == "zh" else ", "
    return joint.join(words[f"match.{r}"][language] for r in match.reasons)
