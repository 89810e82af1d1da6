"""Evaluation of checked records: arrays by method, exact fractions where the rule rounds, errors by cause."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from itertools import repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.rulebook.activity import DEFAULT_UNCERTAINTY, Activity, relative_error
from tanlu.accounts.rulebook.exact import exact_outputs
from tanlu.accounts.rulebook.factor_values import FACTOR_ERROR
from tanlu.accounts.rulebook.factor_values import relative_error as factor_error
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.intake import Taken
from tanlu.accounts.rulebook.intervals import intervals
from tanlu.accounts.rulebook.method import Input, Method
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.plan import Plan, RecordMatches
from tanlu.accounts.rulebook.plausible import WHOLES
from tanlu.accounts.rulebook.records import Positions, Records
from tanlu.accounts.rulebook.result import Block, Result, Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.inventory import Z95
from tanlu.core.units import conversion_factor, parse_unit

NOWHERE: Final = -1
"""Position of a result that is left out."""
GRADES: Final = "ABCD"
WORST: Final = len(GRADES) - 1
STEP: Final = 1e-4
"""Relative step of the central difference that weighs an input."""
Floats = NDArray[np.float64]
Causes = NDArray[np.int64]
Weighed = list[tuple[Floats, Causes]]
"""For each input: relative error of the result through it, and the cause; arrays in the shape of the result."""
Keys = tuple[Positions, Positions, Positions, NDArray[np.bool_]]
"""Of the results of one output of a batch: numbers of the records, steps of the series, output, and whether they may be left out."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that are evaluated together: the plan of the first, their numbers, and the positions of their rows (records, rows)."""

    plan: Plan
    numbers: Positions
    grid: Positions


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where the results of a batch come from, one entry a result: record and step, names, data, and the worst grade of the rows."""

    records: Positions
    steps: Positions
    names: list[str]
    places: list[str]
    periods: list[str]
    data: list[tuple[str, ...]]
    content: list[str]
    grades: NDArray[np.int64]

    def over(self, periods: Sequence[str]) -> Lineage:
        """Return the same with an entry for each period of a series."""
        count, width = len(self.names), len(periods)
        each = [n for n in range(count) for _ in periods]
        names, places = ([column[n] for n in each] for column in (self.names, self.places))
        return Lineage(
            np.repeat(self.records, width), np.tile(np.arange(width), count), names, places, list(periods) * count,
            [self.data[n] for n in each], [self.content[n] for n in each], np.repeat(self.grades, width),
        )  # fmt: skip


def evaluate(taken: Taken, method_set: MethodSet) -> Results:
    """Return the results of checked records, in their order.

    Raises
    ------
    DataError
        If a formula has no finite value for a record, for example by a division by zero.
    """
    batches: dict[tuple[object, ...], list[int]] = {}
    makes: dict[int, tuple[object, ...]] = {}
    for number, plan in enumerate(taken.plans):
        if plan is None:
            continue
        if id(plan) not in makes:
            makes[id(plan)] = _make(plan)
        batches.setdefault(makes[id(plan)], []).append(number)
    run = _Run(taken, np.array(taken.records.ids, dtype=object), *_row_columns(taken.records.activities))
    for numbers in batches.values():
        run.batch(np.array(numbers))
    if run.problems:
        raise DataError(run.problems)
    return run.finish(method_set)


def _make(plan: Plan) -> tuple[object, ...]:
    """Return what records that are evaluated together have in common."""
    return plan.reading.make, plan.periods if plan.method.is_series else (), plan.found.ids


def _row_columns(rows: Sequence[Activity]) -> tuple[Floats, NDArray[np.int64]]:
    """Return the relative error and the grade of each row, a row without a grade as −1."""
    pairs = [(a.grade, a.uncertainty) for a in rows]
    errors = {pair: relative_error(*pair) for pair in set(pairs)}
    grades = {grade: GRADES.find(grade) if grade else -1 for grade, _ in errors}
    return np.array([errors[p] for p in pairs]), np.array([grades[g] for g, _ in pairs], dtype=np.int64)


@dataclass(slots=True)
class _Run:
    """What a computation gathers."""

    taken: Taken
    ids: NDArray[Any]
    row_errors: Floats
    row_grades: NDArray[np.int64]
    problems: list[Problem] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    cause_errors: array[float] = field(default_factory=lambda: array("d"))
    shared: dict[str, int] = field(default_factory=dict)
    factors: dict[str, Factor] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    keys: list[Keys] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def batch(self, numbers: Positions) -> None:
        """Evaluate the records with these numbers, whose plans differ at most in the period."""
        plan = self.taken.plans[numbers[0]]
        assert plan is not None
        method = plan.method
        batch = Batch(plan, numbers, self.taken.records.grid(numbers))
        values, causes = self._inputs(batch)
        shape = (len(numbers), len(plan.periods)) if method.is_series else (len(numbers),)
        with np.errstate(all="ignore"):
            plain = [np.broadcast_to(np.asarray(o, dtype=float), shape) for o in method.evaluate(values)]
            weighed = _weigh(method, values, causes, np.array(self.cause_errors), plain)
        if not self._check(batch, plain):
            return
        outputs = plain
        if method.rounding is not None:
            numeric = (i for i in method.inputs if i.kind != "choice")
            exact = {**values, **{i.name: _fractions(self.taken.records, batch, i) for i in numeric}}
            outputs = [np.broadcast_to(o, shape) for o in exact_outputs(method, exact, method.rounding)]
        if not self._check(batch, outputs):
            return
        lineage = self._lineage(batch)
        rows = tuple(self._results(batch, lineage, at, o, weighed[at]) for at, o in enumerate(outputs))
        self.blocks.append(Block(method, values, causes, rows))

    def _inputs(self, batch: Batch) -> tuple[dict[str, Any], dict[str, Causes]]:
        """Return the values of all inputs and the causes of their errors."""
        plan, count = batch.plan, len(batch.numbers)
        method = plan.method
        values: dict[str, Any] = {}
        causes: dict[str, Causes] = {}
        starts = self.taken.records.starts[batch.numbers]
        given: dict[str, dict[str, tuple[Floats, Causes]]] = {}
        for n, (position, name, period, _) in enumerate(plan.reading.columns):
            exact = method.by_name[name].exact
            index = np.full(count, -1, dtype=np.int64) if exact else self._own_causes(batch.grid[:, position])
            given.setdefault(name, {})[period] = (self.taken.numbers[starts + n], index)
        for wanted in method.inputs:
            if wanted.kind == "choice":
                if wanted.name in method.arguments:
                    words = np.full(count, plan.reading.choices[wanted.name])
                    values[wanted.name] = words[:, None] if method.is_series else words
            elif wanted.name in given:
                values[wanted.name], causes[wanted.name] = _columns(given[wanted.name], wanted, plan, count)
            else:
                value, cause = self._from_library(wanted, plan)
                shape = (count, 1) if method.is_series else (count,)
                values[wanted.name] = np.full(shape, value)
                causes[wanted.name] = np.full(shape, cause, dtype=np.int64)
        return values, causes

    def _own_causes(self, rows: Positions) -> Causes:
        """Return the causes of error of one row of each record, every row its own."""
        errors, start = self.row_errors[rows], len(self.names)
        self.names.extend(self.ids[rows].tolist())
        self.cause_errors.frombytes(errors.tobytes())
        return np.where(errors > 0, np.arange(start, start + len(rows)), -1)

    def _from_library(self, wanted: Input, plan: Plan) -> tuple[float, int]:
        """Return the value of an input that the user did not give, and the cause of its error."""
        match = plan.matches.get(wanted.name)
        if match is None:
            return plan.found.defaults[wanted.name], -1
        factor = self.factors.setdefault(match.factor.id, match.factor)
        value = factor.value * conversion_factor(factor.unit, _unit(plan, wanted))
        error = factor_error(factor, _whole(wanted, factor)) if factor.value and not wanted.exact else 0.0
        if not error:
            return value, -1
        name = f"factor:{factor.id}"
        if name not in self.shared:
            self.shared[name] = len(self.names)
            self.names.append(name)
            self.cause_errors.append(error)
        return value, self.shared[name]

    def _check(self, batch: Batch, outputs: Sequence[Floats]) -> bool:
        """Report records without a finite value, and return whether there are none."""
        count, records = len(batch.numbers), self.taken.records
        finite = np.all([np.isfinite(o).reshape(count, -1).all(axis=1) for o in outputs], axis=0)
        details = {"method": batch.plan.method.id}
        for number in batch.numbers[~finite].tolist():
            row, name = records.rows(number)[0], records.names[number]
            self.problems.append(Problem("no_finite_result", row.file or "activities", row.row, "value", name, details))
        return bool(finite.all())

    def _lineage(self, batch: Batch) -> Lineage:
        """Return what the results of a batch have in common, whatever the output."""
        records, plan = self.taken.records, batch.plan
        count = len(batch.numbers)
        which = batch.numbers.tolist()
        measured = np.isin(np.arange(batch.grid.shape[1]), [position for position, *_ in plan.reading.columns])
        # a word is no measurement: without a grade it is no worse than the numbers
        grades = np.where(self.row_grades[batch.grid] < 0, np.where(measured, WORST, 0), self.row_grades[batch.grid])
        data = list(map(tuple, self.ids[batch.grid].tolist()))
        names, places = [records.names[n] for n in which], [records.places[n] for n in which]
        periods = [records.periods[n] for n in which]
        content = ["\x1f".join(sorted(d)) for d in data]
        lineage = Lineage(
            np.array(which), np.zeros(count, dtype=np.int64), names, places, periods, data, content, grades.max(axis=1)
        )
        return lineage.over(plan.periods) if plan.method.is_series else lineage

    def _results(self, batch: Batch, lineage: Lineage, at: int, output: Floats, weighed: Weighed) -> Causes:
        """Make the results of one output of a batch and return their positions."""
        plan, first = batch.plan, len(self.results)
        method, declared, choices = plan.method, plan.method.outputs[at], plan.reading.choices
        category = declared.categories[choices[declared.by]] if declared.by else declared.category
        entering = [m.factor for name, m in plan.matches.items() if name in method.feeds[at]]
        used = tuple(dict.fromkeys(f.id for f in entering))
        worst = max((GRADES.index(f.grade.value) for f in entering), default=0)
        values = output.ravel().tolist()
        merged = _merged(weighed)
        low, high = intervals(output.ravel(), _together(merged, output.size), declared.signed)
        start = "\x1f".join((method.hash, category, declared.gas, *(self.factors[f].hash for f in used)))
        names, places, periods = lineage.names, lineage.places, lineage.periods
        texts = map("\x1f".join, zip(repeat(start), names, places, periods, map(repr, values), lineage.content))
        columns = (
            names, places, periods, repeat(category), repeat(declared.gas), values, repeat(declared.unit), low, high, repeat(method.id),
            repeat(used), lineage.data, [GRADES[max(worst, g)] for g in lineage.grades.tolist()], _errors(merged, self.names, len(values)),
            ["result:" + blake2b(text.encode(), digest_size=10).hexdigest() for text in texts],
        )  # fmt: skip
        self.results.extend(map(Result._make, zip(*columns, strict=False)))
        idle = output.ravel() == 0 if declared.optional else np.zeros(output.size, dtype=bool)
        self.keys.append((lineage.records, lineage.steps, np.full(output.size, at), idle))
        return np.arange(first, len(self.results), dtype=np.int64).reshape(output.shape)

    def finish(self, method_set: MethodSet) -> Results:
        """Return everything, results in the order of the records."""
        records, taken = self.taken.records, self.taken
        order = _order(self.keys)
        place = np.full(len(self.results), NOWHERE, dtype=np.int64)
        place[order] = np.arange(len(order))
        blocks = tuple(Block(b.method, b.values, b.causes, tuple(place[r] for r in b.rows)) for b in self.blocks)
        activities = dict(zip(records.ids, records.activities, strict=True))
        return Results(
            method_set, tuple([self.results[n] for n in order.tolist()]), (*taken.findings, *self._assumed(activities)), activities,
            self.factors, RecordMatches(records.names, records.places, records.periods, taken.plans), tuple(self.names),
            np.array(self.cause_errors), blocks,
        )  # fmt: skip

    def _assumed(self, activities: Mapping[str, Activity]) -> list[Finding]:
        """List what has no interval of its own, and so the one that is assumed."""
        factors = sorted(
            n.removeprefix("factor:") for n in self.shared if _has_none(self.factors[n.removeprefix("factor:")])
        )
        causing = set(self.names)
        data = sum(a.uncertainty is None and name in causing for name, a in activities.items())
        found = []
        if factors:
            half = f"{100 * Z95 * FACTOR_ERROR:.0f}"
            said = (
                ("count", str(len(factors))),
                ("half", half),
                ("some", ", ".join(factors[:5]) + (", …" if len(factors) > 5 else "")),
            )
            found.append(Finding("assumed_factor_error", "note", "", "", "", "", "", str(len(factors)), said))
        if data:
            widths = ", ".join(f"{g} {w:g}%" for g, w in DEFAULT_UNCERTAINTY.items())
            details = (("count", str(data)), ("widths", widths))
            found.append(Finding("assumed_data_error", "note", "", "", "", "", "", str(data), details))
        return found


def _has_none(factor: Factor) -> bool:
    return factor.low is None or factor.high is None


def _whole(wanted: Input, factor: Factor) -> float | None:
    """Return the whole of a share in the unit of a factor: the input says that it is at most one."""
    if wanted.high is None or wanted.units[0] not in WHOLES or wanted.high > WHOLES[wanted.units[0]]:
        return None
    return WHOLES.get(factor.unit)


def _order(keys: Sequence[Keys]) -> Positions:
    """Return the positions of the results in the order of the records.

    Left out are gases of which a record uses none, but something is shown of every record.
    """
    if not keys:
        return np.zeros(0, dtype=np.int64)
    records, steps, outputs, idle = (np.concatenate(column) for column in zip(*keys, strict=True))
    order = np.lexsort((outputs, steps, records))
    if not idle.any():
        return np.asarray(order)
    step = records * (steps.max() + 1) + steps
    shown = ~idle | ((outputs == 0) & ~np.isin(step, step[~idle]))
    return np.asarray(order[shown[order]])


def _merged(weighed: Weighed) -> Weighed:
    """Return errors and causes as columns, those that one cause brings through several inputs added up."""
    found: Weighed = []
    for error, cause in weighed:
        sizes, causes = error.ravel(), cause.ravel()
        for n, (before, same) in enumerate(found):
            # an own row enters once, and what records share is the same for all of a batch
            if same[0] == causes[0] and np.array_equal(same, causes):
                found[n] = (before + sizes, same)
                break
        else:
            found.append((sizes, causes))
    return found


def _together(merged: Weighed, count: int) -> Floats:
    """Return the relative error of each result from all causes."""
    squares = np.zeros(count)
    for sizes, _ in merged:
        squares += sizes * sizes
    return np.sqrt(squares)


def _errors(merged: Weighed, names: Sequence[str], count: int) -> list[tuple[tuple[str, float], ...]]:
    """Return the relative errors of each result by cause."""
    if not merged:
        return [()] * count
    pairs = [zip([names[c] for c in causes.tolist()], sizes.tolist(), strict=True) for sizes, causes in merged]
    rows = list(zip(*pairs, strict=True))
    if all(sizes.all() for sizes, _ in merged):
        return rows
    return [tuple([pair for pair in row if pair[1]]) for row in rows]


def _columns(
    given: Mapping[str, tuple[Floats, Causes]], wanted: Input, plan: Plan, count: int
) -> tuple[Floats, Causes]:
    """Return the values of an input that the user gave, by record or, for series methods, by record and period."""
    if not plan.method.is_series:
        return next(iter(given.values()))
    if not wanted.series and len(given) == 1:
        values, index = next(iter(given.values()))
        return values[:, None], index[:, None]
    nothing = (np.full(count, wanted.default or 0.0), np.full(count, -1, dtype=np.int64))
    by_period = [given.get(period, nothing) for period in plan.periods]
    return np.stack([v for v, _ in by_period], axis=1), np.stack([c for _, c in by_period], axis=1)


def _unit(plan: Plan, wanted: Input) -> str:
    return wanted.units[min(plan.reading.alternative, len(wanted.units) - 1)] or "1"


def _weigh(
    method: Method, values: dict[str, Any], causes: dict[str, Causes], errors: Floats, outputs: Sequence[Floats]
) -> list[Weighed]:
    """Return for each output the relative error through each input.

    Notes
    -----
    First-order propagation (IPCC 2006 vol. 1 ch. 3, sec. 3.2.3.1) with the derivative as a central difference. Each period of a series
    is moved on its own.
    """
    found: list[Weighed] = [[] for _ in outputs]
    for name, cause in causes.items():
        if not (cause >= 0).any():
            continue
        error = np.where(cause >= 0, errors[cause], 0.0)
        slopes = _slopes(method, values, name, [o.shape for o in outputs])
        for at, output in enumerate(outputs):
            for column, slope in enumerate(slopes[at]):
                relative = np.divide(slope, output, out=np.zeros(output.shape), where=output != 0)
                own = (slice(None), slice(column, column + 1)) if cause.ndim > 1 else slice(None)
                found[at].append((relative * error[own], np.broadcast_to(cause[own], output.shape)))
    return found


def _slopes(method: Method, values: dict[str, Any], name: str, shapes: Sequence[tuple[int, ...]]) -> list[Floats]:
    """Return for each output how it changes with each period of an input, along a leading axis; with the whole input if it is no series."""
    given = values[name]
    width = given.shape[1] if given.ndim > 1 else 1
    # all periods are moved in one call, each in its own layer
    shift = STEP * given * np.eye(width)[:, None, :] if width > 1 else STEP * given
    above, below = (method.evaluate({**values, name: moved}) for moved in (given + shift, given - shift))
    changes = [(np.asarray(a) - np.asarray(b)) / (2 * STEP) for a, b in zip(above, below, strict=True)]
    return [np.broadcast_to(change, (width, *shape)) for change, shape in zip(changes, shapes, strict=True)]


def _fractions(records: Records, batch: Batch, wanted: Input) -> NDArray[Any]:
    """Return the values of an input as exact fractions of the decimals that were printed."""
    plan, count = batch.plan, len(batch.numbers)
    unit = _unit(plan, wanted)
    column = np.empty(count, dtype=object)
    position = next((p for p, name, _, _ in plan.reading.columns if name == wanted.name), None)
    if position is not None:
        rows = [records.activities[n] for n in batch.grid[:, position].tolist()]
        column[:] = [_fraction(r.value) * _ratio(r.unit or "1", unit) for r in rows]
    elif wanted.name in plan.matches:
        factor = plan.matches[wanted.name].factor
        column[:] = [Fraction(factor.decimal) * _ratio(factor.unit, unit)] * count
    else:
        column[:] = [Fraction(Decimal(repr(plan.found.defaults[wanted.name])))] * count
    return column


def _fraction(text: str) -> Fraction:
    """Return a number as it was printed; what is too small for a float is zero, as 1e-99999999 would fill the memory."""
    return Fraction(Decimal(text)) if float(text) else Fraction(0)


def _ratio(source: str, target: str) -> Fraction:
    return parse_unit(source).factor / parse_unit(target).factor
