"""A second implementation of the computation, one record and one number at a time, against `compute` over methods of every set.

Only the formulas are shared: units, alternatives, factors, defaults, rounding and weights of errors are written again, the slow way.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tanlu.accounts.rulebook.activity import DEFAULT_UNCERTAINTY, Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import Input, Method
from tanlu.accounts.rulebook.method_sets import MethodSet, method_sets
from tanlu.core.errors import DataError
from tanlu.core.factors import Factor
from tanlu.core.library import load_library
from tanlu.core.units import parse_unit

LIBRARY = load_library()
# a smaller seed is no simpler case
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SETS = [s.id for s in method_sets().values() if s.methods]
PLACES = ("hunan", "hunan/changsha/park", "guangdong/works", "cn", "nowhere/town")
YEARS = ("2005", "2012", "2019-07", "2021", "2023", "2031-12")
# other spellings of a unit: how much of the unit one of them is
SPELLINGS = {
    "t": {"kg": "0.001", "万吨": "10000", "10^4 t": "10000"},
    "GJ": {"TJ": "1000", "MJ": "0.001"},
    "1": {"%": "0.01"},
    "MWh": {"GWh": "1000", "万千瓦时": "10"},
    "ha": {"km2": "100"},
    "head": {"万头": "10000"},
}


@dataclass(frozen=True)
class Drawn:
    """A record: its method, and for each input that is given (text, unit, value in the unit of the method)."""

    method: Method
    place: str
    period: str
    words: dict[str, str]
    numbers: dict[str, tuple[str, str, Fraction]]

    def rows(self, name: str) -> list[Activity]:
        """Return the record as a user writes it."""
        grade, width = random.Random(name).choice([("A", None), ("B", 3.0), ("", None), ("C", 0.0)])
        given = [(i, word, "") for i, word in self.words.items()]
        given += [(i, text, unit) for i, (text, unit, _) in self.numbers.items()]
        at = (name, self.place, self.period, self.method.topic)
        return [Activity(*at, i, text, unit, "", grade, width) for i, text, unit in given]


def drawn(method: Method, draw: random.Random) -> Drawn:
    """Draw the data of a record: words, one of the alternative units, and some of the factors that need not be given."""
    words, numbers = {}, {}
    alternatives = [len(i.units) for i in method.inputs if len(i.units) > 1]
    alternative = draw.randrange(max(alternatives)) if alternatives else 0
    for wanted in method.inputs:
        if wanted.kind == "choice":
            if not wanted.word or draw.random() < 0.7:
                words[wanted.name] = draw.choice(wanted.options)
            continue
        unit = wanted.units[alternative if len(wanted.units) > 1 else 0]
        optional = wanted.kind == "factor" or wanted.default is not None
        known = wanted.kind == "activity" or (wanted.low is not None and wanted.high is not None)
        if unit is None or not known or (optional and draw.random() < 0.7):
            continue
        low = 0.0 if wanted.low is None else wanted.low
        high = max(low, 1e4) if wanted.high is None else wanted.high
        text = f"{draw.uniform(low + (high - low) * 0.01, high - (high - low) * 0.01):.5g}"
        spelt, times = draw.choice([(unit, "1"), *SPELLINGS.get(unit, {}).items()])
        numbers[wanted.name] = (text, spelt, Fraction(text) * Fraction(times))
        if times != "1":
            text = str(float(Fraction(text) / Fraction(times)))
            numbers[wanted.name] = (text, spelt, Fraction(text) * Fraction(times))
    return Drawn(method, draw.choice(PLACES), draw.choice(YEARS), words, numbers)


def chosen_alternative(record: Drawn) -> int:
    """Return the first position at which every given number has a unit of the kind that is asked."""
    several = [i for i in record.method.inputs if len(i.units) > 1 and i.name in record.numbers]
    count = max((len(i.units) for i in several), default=1)

    def fits(wanted: Input, position: int) -> bool:
        unit, given = wanted.units[position], record.numbers[wanted.name][1]
        return unit is not None and parse_unit(unit).dimension == parse_unit(given).dimension

    return next(n for n in range(count) if all(fits(i, n) for i in several))


def around(place: str) -> list[str]:
    """Return a place and what lies around it, nearest first."""
    parts = place.split("/")
    found = ["/".join(parts[: n + 1]) for n in reversed(range(len(parts)))]
    layer = list(LIBRARY.areas[parts[0]].wider if parts[0] in LIBRARY.areas else LIBRARY.areas["*"].wider)
    while layer:
        found += [area for area in layer if area not in found]
        layer = [wider for area in layer for wider in LIBRARY.areas[area].wider]
    return [*found, ""]


def best_factor(name: str, wanted: Input, subject: str, unit: str, place: str, year: int) -> Factor | None:
    """Return the factor of a set for a place and year, going through the whole library."""
    alias = LIBRARY.aliases
    called = alias.get((name, subject)) or ".".join(alias.get((name, p), p) for p in subject.split("."))
    asked = parse_unit(unit)
    for area in around(place):
        fitting = []
        for f in BY_PARAMETER.get((name, wanted.parameter), []):
            given = parse_unit(f.unit)
            same = (f.subject, f.gas, f.region) == (called, wanted.gas, area)
            if same and (given.dimension, given.substance) == (asked.dimension, asked.substance):
                fitting.append(f)
        begun = [f for f in fitting if f.valid_from is None or f.valid_from <= year]
        valid = [f for f in begun if f.valid_to is None or f.valid_to >= year]
        if valid:
            return valid[0]
        if begun:
            return max(begun, key=lambda f: f.valid_to or 0)
    return None


BY_PARAMETER: dict[tuple[str, str], list[Factor]] = {}
for _factor in LIBRARY.factors.values():
    BY_PARAMETER.setdefault((_factor.set, _factor.parameter), []).append(_factor)


@dataclass
class Reference:
    """What the second implementation gives: values of the outputs, ids of factors, standard uncertainty of each output."""

    values: list[float]
    factors: set[str]
    spreads: list[float]


def reference(record: Drawn, rules: MethodSet, rows: list[Activity]) -> Reference | None:
    """Compute one record, or return None where a factor is missing or a formula has no finite value."""
    method, alternative = record.method, chosen_alternative(record)
    words = {i.name: record.words.get(i.name, i.word) for i in method.inputs if i.kind == "choice"}
    exact = {name: value for name, (_, _, value) in record.numbers.items()}
    cause = dict.fromkeys(exact, ("", 0.0))
    for row in rows:
        half = row.uncertainty if row.uncertainty is not None else DEFAULT_UNCERTAINTY[row.grade or "D"]
        if row.input in exact and not method.by_name[row.input].exact:
            cause[row.input] = (row.id, half / 100 / 1.959963984540054)
    factors: dict[str, Factor] = {}
    open_inputs = [i for i in method.inputs if i.kind != "choice" and i.name not in exact]
    units = {i.name: i.units[alternative] if len(i.units) > 1 else i.units[0] for i in open_inputs}
    for wanted in open_inputs:
        if units[wanted.name] is None:
            exact[wanted.name] = Fraction(1)
        elif wanted.kind == "activity":
            assert wanted.default is not None
            exact[wanted.name] = Fraction(repr(wanted.default))
    asked = [i for i in open_inputs if i.name not in exact]
    for key in dict.fromkeys(i.bundle or i.name for i in asked):
        bundle = [i for i in asked if (i.bundle or i.name) == key]
        for name in (*rules.factor_sets, *rules.fallback):
            year = int(record.period[:4])
            found = [
                best_factor(name, i, i.subject.format(**words), units[i.name] or "1", record.place, year)
                for i in bundle
            ]
            if all(found):
                factors |= {i.name: f for i, f in zip(bundle, found, strict=True) if f}
                break
    for wanted in asked:
        if wanted.name in factors:
            f = factors[wanted.name]
            ratio = parse_unit(f.unit).factor / parse_unit(units[wanted.name] or "1").factor
            exact[wanted.name] = Fraction(repr(f.value)) * ratio
            if f.value and not wanted.exact:
                own = f.low is not None and f.high is not None
                wide = (f.high - f.low) / 2 / 1.959963984540054 / abs(f.value) if own else 0.15  # type: ignore[operator]
                whole = {"1": 1.0, "%": 100.0}
                is_share = wanted.units[0] in whole and f.unit in whole and wanted.high is not None
                if not own and is_share and wanted.high <= whole[str(wanted.units[0])] and f.value > 0:
                    # what is assumed of a share ends at the whole
                    wide = max(0.0, min(wide, (whole[f.unit] - f.value) / f.value / 1.959963984540054))
                cause[wanted.name] = (f.id, wide)
        elif wanted.default is None:
            return None
        else:
            exact[wanted.name] = Fraction(repr(wanted.default))
    return evaluated(method, words, exact, cause, {f.id for f in factors.values()})


def evaluated(
    method: Method,
    words: dict[str, str],
    exact: dict[str, Fraction],
    cause: dict[str, tuple[str, float]],
    used: set[str],
) -> Reference | None:
    """Apply the formula to one set of numbers, and once more for each number that is uncertain."""

    def at(numbers: dict[str, float]) -> list[float]:
        taken = {**{n: np.array(w) for n, w in words.items()}, **numbers}
        if method.is_series:
            taken = {n: np.array([v]) if n in numbers else v for n, v in taken.items()}
        found = method.function(**{n: taken[n] for n in method.arguments if n in taken})
        return [float(np.ravel(v)[0]) for v in (found if isinstance(found, tuple) else (found,))]

    numbers = {n: float(v) for n, v in exact.items()}
    with np.errstate(all="ignore"):
        plain = at(numbers)
        shares: list[dict[str, float]] = [{} for _ in plain]
        for name, (source, width) in cause.items():
            above, below = (at({**numbers, name: numbers[name] * (1 + s * 1e-4)}) for s in (1, -1))
            for share, a, b, value in zip(shares, above, below, plain, strict=True):
                share[source] = share.get(source, 0.0) + (width * (a - b) / 2e-4 / value if value else 0.0)
    if not all(map(math.isfinite, plain)):
        return None
    values = plain if method.rounding is None else rounded(method, words, exact)
    return Reference(values, used, [math.sqrt(sum(s * s for s in share.values())) for share in shares])


def rounded(method: Method, words: dict[str, str], exact: dict[str, Fraction]) -> list[float]:
    """Return the outputs of a rule that rounds, with fractions."""
    rule = method.rounding
    assert rule is not None

    def shorter(value: Fraction, places: int) -> Fraction:
        scaled = abs(value) * 10**places
        whole, rest = divmod(scaled, 1)
        up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and (rule.half == "up" or whole % 2 == 1))
        return Fraction(int(whole) + up, 10**places) * (1 if value >= 0 else -1)

    cells: dict[str, Any] = {n: np.array(w) for n, w in words.items()}
    for name, value in exact.items():
        cells[name] = np.array([shorter(value, rule.inputs[name]) if name in rule.inputs else value], dtype=object)
    found = method.function(**{n: cells[n] for n in method.arguments})
    flat = [np.ravel(v)[0] for v in (found if isinstance(found, tuple) else (found,))]
    return [float(v if rule.result is None else shorter(Fraction(v), rule.result)) for v in flat]


def records_of(rules: MethodSet, seed: int) -> Iterator[tuple[str, Drawn]]:
    """Draw a record of every topic of a set; a series has one year, and a record without a row is none."""
    draw = random.Random(seed)
    for topic, method in rules.methods.items():
        record = drawn(method, draw)
        if record.words or record.numbers:
            yield f"{topic}-{seed}", record


@pytest.mark.parametrize("name", SETS)
@settings(max_examples=4, deadline=None, phases=PHASES)
@given(seed=st.integers(0, 2**32))
def test_results_are_those_of_a_computation_by_hand(name: str, seed: int) -> None:
    rules = method_sets()[name]
    records = dict(records_of(rules, seed))
    rows = {key: record.rows(key) for key, record in records.items()}
    wanted = {key: reference(record, rules, rows[key]) for key, record in records.items()}
    possible = [key for key, found in wanted.items() if found is not None]
    assert len(possible) >= min(12, len(rules.methods) // 2)
    mixed = random.Random(seed).sample(possible, len(possible))
    results = compute([row for key in mixed for row in rows[key]], name)
    by_record: dict[str, list[Any]] = {}
    for result in results:
        by_record.setdefault(result.record, []).append(result)
    assert list(by_record) == mixed
    for key in mixed:
        found, expected = by_record[key], wanted[key]
        assert expected is not None
        outputs = records[key].method.outputs
        shown = [n for n, (o, v) in enumerate(zip(outputs, expected.values, strict=True)) if v or not o.optional] or [0]
        assert [r.gas for r in found] == [outputs[n].gas for n in shown], key
        assert [r.value for r in found] == pytest.approx([expected.values[n] for n in shown], rel=1e-12, abs=0), key
        named = {f for r in found for f in r.factors}
        assert named == expected.factors or (named < expected.factors and len(shown) < len(outputs)), key
        spreads = [math.sqrt(sum(e * e for _, e in r.errors)) for r in found]
        assert spreads == pytest.approx([expected.spreads[n] for n in shown], rel=1e-6, abs=1e-9), key
        assert {r.period for r in found} == {records[key].period} and {r.place for r in found} == {records[key].place}


@pytest.mark.parametrize("name", SETS)
def test_what_cannot_be_computed_by_hand_is_refused(name: str) -> None:
    rules = method_sets()[name]
    for key, record in records_of(rules, 7):
        rows = record.rows(key)
        if reference(record, rules, rows) is None:
            with pytest.raises(DataError) as caught:
                compute(rows, name)
            assert {p.code for p in caught.value.problems} <= {
                "missing_factor",
                "year_outside_factor",
                "no_finite_result",
            }


@settings(max_examples=5, deadline=None, phases=PHASES)
@given(seed=st.integers(0, 2**32), times=st.integers(2, 5))
def test_records_are_the_same_alone_and_among_others_of_their_make(seed: int, times: int) -> None:
    """The first of a make is checked in full, the others take its plan."""
    rules = method_sets()["cn-province-2011"]
    draw = random.Random(seed)
    records = {k: r for k, r in records_of(rules, seed) if reference(r, rules, r.rows(k)) is not None}
    rows = []
    for key in draw.sample(sorted(records), 12):
        for n in range(times):
            scaled = [r._replace(record=f"{key}-{n}") for r in records[key].rows(key)]
            numbers = records[key].numbers
            rows.append(
                [r._replace(value=repr(float(r.value) * (1 + n / 1000))) if r.input in numbers else r for r in scaled]
            )
    draw.shuffle(rows)
    together = {r.id: r for r in compute([row for record in rows for row in record], rules.id)}
    alone = {r.id: r for record in rows for r in compute(record, rules.id)}
    assert {k: (r.value, r.low, r.high, r.factors, r.grade) for k, r in together.items()} == {
        k: (r.value, r.low, r.high, r.factors, r.grade) for k, r in alone.items()
    }
