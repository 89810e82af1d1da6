"""From rows to records: methods found, words and units checked, factors resolved; every problem is collected."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.rulebook.activity import DEFAULT_UNCERTAINTY, Activity
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.input_names import input_id, input_label
from tanlu.accounts.rulebook.method import Input, Method, methods
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.near_names import method_label, named, near_inputs, spaced_unit
from tanlu.accounts.rulebook.plan import Found, Plan, Reading, Substitute
from tanlu.accounts.rulebook.plausible import CO2_PER_C, is_share, limits, slip
from tanlu.accounts.rulebook.records import Records, gather_records
from tanlu.accounts.rulebook.resolver import Match, Resolver
from tanlu.core.errors import Problem
from tanlu.core.library import Library
from tanlu.core.messages import LANGUAGES, catalogue
from tanlu.core.punctuation import PUNCTUATION
from tanlu.core.units import IncompatibleUnitsError, UnknownUnitError, conversion_factor

PERIOD: Final = re.compile(r"(19|20|21)\d\d(-(0[1-9]|1[0-2]))?")


Make = tuple[int, str, str]
"""What records with the same plan have in common: shape, area and period."""


@dataclass(slots=True)
class Taken:
    """Everything that was taken in.

    Parameters
    ----------
    records : Records
    plans : list of Plan or None
        How each record is computed; None if it has a problem.
    numbers : NDArray
        Numbers of the records in the units of their methods: those of a record start where its rows do, in the order of the columns of
        its plan.
    problems : list of Problem
    findings : list of Finding
    """

    records: Records
    plans: list[Plan | None]
    numbers: NDArray[np.float64]
    problems: list[Problem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def take_in(activities: Sequence[Activity], method_set: MethodSet, library: Library) -> Taken:
    """Check rows and make records of them."""
    records = gather_records(activities, method_set)
    resolver = Resolver(library, method_set)
    area_of = {place: resolver.area(place) for place in set(records.places)}
    keys = list(zip(records.shapes, [area_of[p] for p in records.places], records.periods, strict=True))
    taken = Taken(records, [None] * len(keys), np.zeros(len(activities)))
    intake = _Intake(taken, method_set, library, resolver, keys, _faulty_rows(activities), bytearray(len(keys)))
    intake.all()
    taken.findings.extend(intake.substitutes())
    return taken


def _faulty_rows(activities: Sequence[Activity]) -> NDArray[np.bool_] | None:
    """Return which rows have a grade or an uncertainty that is none, or None if there are no such rows."""
    pairs = [(a.grade, a.uncertainty) for a in activities]
    faulty = {pair for pair in set(pairs) if _is_faulty(*pair)}
    return np.array([pair in faulty for pair in pairs]) if faulty else None


def _is_faulty(grade: str, uncertainty: float | None) -> bool:
    return (bool(grade) and grade not in DEFAULT_UNCERTAINTY) or (
        uncertainty is not None and not 0 <= uncertainty < 1000
    )


def _problem(code: str, row: Activity, field_name: str, value: str, **details: object) -> Problem:
    return Problem(code, row.file or "activities", row.row, field_name, value, details)


def _called(wanted: Input) -> dict[str, object]:
    """Return what an input is called in each language."""
    return {f"input_{language}": input_label(wanted.name, language) for language in LANGUAGES}


def _nearest(word: str, known: Iterable[str], count: int = 3) -> str:
    """Return the nearest known words, for the message; the first few if none is near."""
    words = list(known)
    found = difflib.get_close_matches(word, words, n=count, cutoff=0.4)
    return ", ".join(found or words[:6])


def _misfit(wanted: Input, unit: str) -> str:
    """Return what is meant by a unit of CO2 where carbon or a calorific value is wanted; nothing for other units."""
    if " CO2/" not in unit:
        return ""
    if wanted.name == "net_calorific_value":
        return "co2_for_energy"
    return "co2_for_carbon" if any(u and " C/" in u for u in wanted.units) else ""


@cache
def _topics() -> dict[str, set[str]]:
    """Names of the inputs of all methods of a topic."""
    topics: dict[str, set[str]] = {}
    for m in methods().values():
        topics.setdefault(m.topic, set()).update(m.by_name)
    return topics


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

    def reading(self, news: Sequence[tuple[Finding, int]]) -> Reading:
        """Return how records like it are read."""
        given = frozenset(self.given)
        return Reading(self.method, self.alternative, tuple(self.columns), self.choices, given, news)


@dataclass(slots=True)
class _Intake:
    taken: Taken
    method_set: MethodSet
    library: Library
    resolver: Resolver
    keys: Sequence[Make]
    faulty: NDArray[np.bool_] | None
    plain: bytearray
    """Whether the numbers of a record need no closer look."""
    _units: dict[tuple[str, tuple[str | None, ...]], tuple[float | None, ...]] = field(default_factory=dict)
    _words: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)
    _readings: dict[int, Reading] = field(default_factory=dict)
    _plans: dict[Make, Plan] = field(default_factory=dict)
    _found: dict[tuple[object, ...], Found] = field(default_factory=dict)
    _substitutes: dict[Substitute, tuple[Finding, Match]] = field(default_factory=dict)
    _strangers: set[str] = field(default_factory=set)

    def all(self) -> None:
        """Take in all records: as the ones of the same make before it or, if there is none or a number is odd, in full."""
        repeats, plans = self.taken.records.repeats, self.taken.plans
        for number, key in enumerate(self.keys):
            if number in repeats:
                self._repeated(number)
            plan = self._plans.get(key) or self._elsewhere(number, key)
            if plan is None or not self.plain[number]:
                self._in_full(number, key)
                continue
            plans[number] = plan
            plan.found.times += 1
            if plan.reading.news:
                self._again(number, plan.reading.news)

    def _again(self, number: int, news: Sequence[tuple[Finding, int]]) -> None:
        """List what is listed of every record of a shape."""
        records = self.taken.records
        rows = records.rows(number)
        said = (records.names[number], records.places[number], records.periods[number])
        for f, at in news:
            self.taken.findings.append(Finding(f.code, f.severity, *said, f.method, f.input, rows[at].value, f.details))

    def _repeated(self, number: int) -> None:
        """List a row that stands alone and is the same as one before it: perhaps a file was given twice."""
        records, (row,) = self.taken.records, self.taken.records.rows(number)
        method = records.methods[number]
        if method is not None:
            said = (row.place, row.period, method.id, input_id(method, row.input), row.value)
            self.taken.findings.append(Finding("repeated_row", "warning", records.names[number], *said))

    def _elsewhere(self, number: int, key: Make) -> Plan | None:
        """Return the plan of a record of which another area or period has been checked: only its factors are looked up.

        None if there was none like it, or if a factor is missing.
        """
        shape, area, period = key
        reading = self._readings.get(shape)
        if reading is None or reading.method.is_series or not PERIOD.fullmatch(period):
            return None
        records, before = self.taken.records, len(self.taken.problems)
        found = self._found.get((reading.need, area, period[:4]))
        if found is None or area.partition("/")[0] not in self.library.areas:
            draft = _Draft(records.names[number], records.places[number], reading.method, periods=[period])
            self._known_place(draft)
            draft.given = {name: {} for name in reading.given}
            draft.alternative, draft.choices = reading.alternative, dict(reading.choices)
            found = self._factors(draft, records.rows(number), reading)
            if len(self.taken.problems) > before:
                # the full check tells it with everything else
                del self.taken.problems[before:]
                return None
        self._plans[key] = Plan(reading, (period,), found)
        return self._plans[key]

    def _read_alike(self, shape: int, reading: Reading) -> None:
        """Read the numbers of all records of a shape, and mark those about which nothing needs a closer look."""
        records = self.taken.records
        numbers = np.array(records.alike[shape])
        grid, starts = records.grid(numbers), records.starts[numbers]
        plain = np.ones(len(numbers), dtype=bool) if self.faulty is None else ~self.faulty[grid].any(axis=1)
        for n, (position, name, _, scale) in enumerate(reading.columns):
            with np.errstate(all="ignore"):
                values = _floats([records.values[row] for row in grid[:, position].tolist()]) * scale
            low, high = limits(reading.method.by_name[name], reading.alternative)
            # also false for what is not a number
            plain &= (low <= values) & (values <= high) & np.isfinite(values)
            self.taken.numbers[starts + n] = values
        for number in numbers[plain].tolist():
            self.plain[number] = True

    def _in_full(self, number: int, key: Make) -> None:
        """Check everything about a record, and keep its plan for others of the same make."""
        records = self.taken.records
        rows, method = records.rows(number), records.methods[number]
        if method is None:
            self._unknown_method(rows[0])
            return
        before, listed = len(self.taken.problems), len(self.taken.findings)
        draft = _Draft(records.names[number], rows[0].place, method, periods=sorted({r.period for r in rows}))
        for position, row in enumerate(rows):
            self._place(position, row, draft, rows)
        self._choices(draft, rows)
        numbers = self._numbers(draft, rows)
        for wanted in method.inputs:
            if wanted.kind == "activity" and wanted.name not in draft.given and wanted.default is None:
                self._missing(draft, rows, wanted, {"units": ", ".join(u for u in wanted.units if u)})
        if len(self.taken.problems) > before:
            return
        news = self._news(draft, listed)
        self._known_place(draft)
        found = self._factors(draft, rows, draft.reading(news))
        if method.is_series:
            self._gaps(draft, rows)
            self._constants(draft, rows, numbers)
            numbers = _held(draft, numbers)
        if len(self.taken.problems) > before:
            return
        reading = draft.reading(news)
        found.times += 1
        plan = self.taken.plans[number] = Plan(self._readings.get(key[0], reading), tuple(draft.periods), found)
        if not _has_held_inputs(draft):
            self._plans.setdefault(key, plan)
            if key[0] not in self._readings:
                self._readings[key[0]] = reading
                self._read_alike(key[0], reading)
        self.taken.numbers[records.starts[number] : records.starts[number] + len(numbers)] = numbers

    def _news(self, draft: _Draft, listed: int) -> list[tuple[Finding, int]]:
        """Return what is listed of every record like a draft."""
        unused = iter(draft.unused)
        return [(f, next(unused)) for f in self.taken.findings[listed:] if f.code == "input_not_used"]

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
            near, among = self.method_set.near(row.method), self.method_set.methods
            self._report(
                "unknown_method", row, "method", row.method, **named(near, lambda t, x: method_label(among[t], x))
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
                some = named(near_inputs(row.input, draft.method), input_label)
                self._report("unknown_input", row, "input", row.input, method=draft.method.id, **some)
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
                    self._missing(draft, rows, wanted, named(wanted.options[:8], self.library.label, "units"))
                continue
            words = self._spellings(wanted.options)
            for position in given.values():
                row = rows[position]
                word = words.get(row.value.strip(), words.get(row.value.strip().lower()))
                if word is None:
                    some = _nearest(row.value, words)
                    self._report("unknown_word", row, "value", row.value, some=some, **_called(wanted))
                elif draft.choices.setdefault(wanted.name, word) != word:
                    self._report("word_changes", row, "value", row.value, record=draft.name, **_called(wanted))

    def _missing(self, draft: _Draft, rows: list[Activity], wanted: Input, units: dict[str, str]) -> None:
        details = {"record": draft.name, "method": draft.method.id, **units, **_called(wanted)}
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
        units = ", ".join(u for u in wanted.units if u) or "1"
        try:
            scales = self._scales(row.unit, wanted.units)
        except UnknownUnitError as error:
            spaced = spaced_unit(row.unit)
            misfit = _misfit(wanted, spaced or row.unit)
            if misfit:
                self._report(misfit, row, "unit", row.unit, wanted=units)
            else:
                self._report(
                    "unknown_unit", row, "unit", row.unit, suggestions=spaced or ", ".join(error.suggestions) or units
                )
            return None
        if any(s is not None for s in scales):
            return scales
        self._report(_misfit(wanted, row.unit) or "wrong_unit", row, "unit", row.unit, wanted=units)
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
        """A value outside the plausible range is a problem if it cannot be or a common slip explains it, else it is listed."""
        low, high = limits(wanted, draft.alternative)
        if low <= value <= high:
            return
        unit = wanted.units[0]
        # behind a number that is a plain one stands no unit
        span = {"range": f"{low:g}–{high:g}" + (f" {unit}" if unit and unit != "1" else "")}
        if value < 0 <= low:
            self._report("below_minimum", row, "value", row.value, minimum=f"{low:g}")
            return
        ratio = slip(wanted, draft.alternative, value)
        if ratio is not None:
            code = "carbon_slip" if ratio == CO2_PER_C else "unit_slip"
            self._report(code, row, "value", row.value, ratio=f"{ratio:.4g}", **span)
        elif is_share(wanted) and value > high:
            self._report("above_whole", row, "value", row.value, maximum=f"{high:g}", **_called(wanted))
        else:
            self._find("out_of_range", "warning", draft, wanted.name, row.value, **span)

    def _factors(self, draft: _Draft, rows: list[Activity], reading: Reading) -> Found:
        """Find what the user did not give: factors of the library, defaults of the rule; it is the same within an area and a year."""
        year = int(draft.periods[-1][:4])
        key = (reading.need, self.resolver.area(draft.place), draft.periods[-1][:4])
        if key in self._found:
            return self._found[key]
        before = len(self.taken.problems)
        matches: dict[str, Match] = {}
        waiting, defaults = _waiting(draft)
        for inputs in waiting:
            found = self.resolver.find(inputs, draft.alternative, draft.choices, draft.place, year)
            if found is None:
                defaults |= self._no_factor(draft, rows, inputs, year)
                continue
            matches |= {wanted.name: match for wanted, match in zip(inputs, found, strict=True)}
        substitutes = tuple(self._substitute(draft, n, m) for n, m in matches.items() if m.is_fallback)
        answer = Found(matches, defaults, substitutes)
        if len(self.taken.problems) == before:
            self._found[key] = answer
        return answer

    def _no_factor(self, draft: _Draft, rows: list[Activity], inputs: Sequence[Input], year: int) -> dict[str, float]:
        """Return defaults of the rule, and say which factor is missing and why none serves."""
        defaults: dict[str, float] = {}
        lacking = self.resolver.lacking(inputs, draft.alternative, draft.choices, draft.place, year)
        for wanted in inputs:
            if wanted.default is not None:
                defaults[wanted.name] = wanted.default
                continue
            if wanted not in lacking:
                # it is there; it comes along once the others of its bundle do
                continue
            others = self.resolver.related(wanted, draft.choices)
            subject = wanted.subject.format(**draft.choices)
            details: dict[str, object] = {"record": draft.name, "place": draft.place, "year": year}
            for language in LANGUAGES:
                details[f"subject_{language}"] = self.library.label(subject, language) or "–"
                details[f"name_{language}"] = input_label(wanted.name, language)
            later = sorted(f.valid_from for f in others if f.valid_from and f.valid_from > year)
            if later:
                self._report("year_outside_factor", rows[0], "period", str(year), first=later[0], **details)
            else:
                unit = wanted.units[min(draft.alternative, len(wanted.units) - 1)] or "1"
                self._report(
                    "missing_factor", rows[0], "input", wanted.name, set=self.method_set.id, unit=unit, **details
                )
        return defaults

    def _constants(self, draft: _Draft, rows: list[Activity], numbers: list[float]) -> None:
        """An input of which a series method takes one value has the same one in all periods."""
        first: dict[str, float] = {}
        for (position, name, _, _), number in zip(draft.columns, numbers, strict=True):
            if draft.method.by_name[name].constant and first.setdefault(name, number) != number:
                row = rows[position]
                called = _called(draft.method.by_name[name])
                self._report("value_changes", row, "value", row.value, record=draft.name, **called)

    def _known_place(self, draft: _Draft) -> None:
        """List a place of which the library does not know the province: it takes the factors of the country."""
        first = draft.place.partition("/")[0]
        if first not in self._strangers and not self.library.knows(draft.place):
            self._strangers.add(first)
            some = _nearest(first, self.library.areas)
            self._find("unknown_place", "review", draft, "place", first, some=some)

    def _substitute(self, draft: _Draft, name: str, match: Match) -> Substitute:
        """Note a factor that a person should confirm; it is listed once with the number of records that take it."""
        key = (draft.method.id, name, match.factor.id, match.reasons)
        if key not in self._substitutes:
            said = (draft.name, draft.place, draft.periods[-1], draft.method.id, name, match.factor.id)
            self._substitutes[key] = (Finding("fallback", "review", *said), match)
        return key

    def substitutes(self) -> Iterator[Finding]:
        """Yield the factors to confirm."""
        times = dict.fromkeys(self._substitutes, 0)
        for found in self._found.values():
            for substitute in found.substitutes:
                times[substitute] += found.times
        for key, (finding, match) in self._substitutes.items():
            reasons = tuple((f"reasons_{lang}", _reasons(match, lang)) for lang in LANGUAGES)
            if times[key]:
                yield finding._replace(details=(("factor", match.factor.id), ("count", str(times[key])), *reasons))

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


def _waiting(draft: _Draft) -> tuple[Iterable[list[Input]], dict[str, float]]:
    """Return the bundles of factors that the library has to give, and the defaults of the rule for other inputs."""
    waiting: dict[str, list[Input]] = {}
    defaults: dict[str, float] = {}
    for wanted in draft.method.inputs:
        if wanted.kind == "choice" or wanted.name in draft.given:
            continue
        if len(wanted.units) > 1 and wanted.units[draft.alternative] is None:
            defaults[wanted.name] = 1.0
        elif wanted.kind == "factor":
            waiting.setdefault(wanted.bundle or wanted.name, []).append(wanted)
        elif wanted.default is not None:
            defaults[wanted.name] = wanted.default
    return waiting.values(), defaults


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


def _floats(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return numbers as they are written; what is none is NaN."""
    try:
        return np.array(list(map(float, texts)))
    except ValueError:
        return np.array([_float(text) for text in texts])


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _reasons(match: Match, language: str) -> str:
    words: Mapping[str, Mapping[str, str]] = catalogue()
    joint = PUNCTUATION[language].listing
    return joint.join(words[f"match.{r}"][language] for r in match.reasons)
