"""Evaluation of checked records: arrays by method, exact fractions where the rule rounds, errors by cause."""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.rulebook.activity import DEFAULT_UNCERTAINTY, Activity
from tanlu.accounts.rulebook.exact import exact_outputs
from tanlu.accounts.rulebook.factor_values import FACTOR_ERROR, relative_error
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.intake import Plan, Record, Taken
from tanlu.accounts.rulebook.method import Input, Method
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.result import Block, Result, Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.inventory import Z95, interval
from tanlu.core.units import conversion_factor, parse_unit

NOWHERE: Final = -1
"""Position of a result that is left out."""
WHOLES: Final[dict[str | None, float]] = {"1": 1.0, "%": 100.0}
"""The whole of a share, by unit."""
STEP: Final = 1e-4
"""Relative step of the central difference that weighs an input."""
Floats = NDArray[np.float64]
Causes = NDArray[np.int64]
Weighed = list[tuple[Floats, Causes]]
"""For each input: relative error of the result through it, and the cause; arrays in the shape of the result."""


def evaluate(taken: Taken, method_set: MethodSet) -> Results:
    """Return the results of checked records, in their order.

    Raises
    ------
    DataError
        If a formula has no finite value for a record, for example by a division by zero.
    """
    batches: dict[tuple[object, ...], list[int]] = {}
    makes: dict[int, tuple[object, ...]] = {}
    for number, record in enumerate(taken.records):
        plan = record.plan
        if id(plan) not in makes:
            makes[id(plan)] = _make(plan)
        batches.setdefault(makes[id(plan)], []).append(number)
    run = _Run(taken.records)
    for numbers in batches.values():
        run.batch(numbers)
    if run.problems:
        raise DataError(run.problems)
    return run.finish(method_set, taken)


def _make(plan: Plan) -> tuple[object, ...]:
    """Return what records that are evaluated together have in common; the period of one that is no series does not enter the formula."""
    return (
        plan.method.id,
        plan.alternative,
        plan.periods if plan.method.is_series else (),
        tuple((position, name, period if plan.method.is_series else "") for position, name, period, _ in plan.columns),
        tuple(plan.choices.items()),
        # what is neither given nor found is a default
        tuple((name, m.factor.id) for name, m in plan.matches.items()),
    )


@dataclass(slots=True)
class _Run:
    """What a computation gathers."""

    records: list[Record]
    problems: list[Problem] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    cause_errors: array[float] = field(default_factory=lambda: array("d"))
    shared: dict[str, int] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    factors: dict[str, Factor] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    keys: list[tuple[int, int, int]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def batch(self, numbers: list[int]) -> None:
        """Evaluate the records with these numbers, whose plans differ at most in the period."""
        records = [self.records[n] for n in numbers]
        plan, method = records[0].plan, records[0].plan.method
        ids = [[row.id for row in record.rows] for record in records]
        for record, data in zip(records, ids, strict=True):
            self.activities.update(zip(data, record.rows, strict=True))
        values, causes = self._inputs(records, ids, plan)
        shape = (len(records), len(plan.periods)) if method.is_series else (len(records),)
        with np.errstate(all="ignore"):
            plain = [np.broadcast_to(np.asarray(o, dtype=float), shape) for o in method.evaluate(values)]
            weighed = _weigh(method, values, causes, np.array(self.cause_errors), plain)
        if not self._check(records, plain):
            return
        outputs = plain
        if method.rounding is not None:
            exact = {**values, **{i.name: _fractions(records, plan, i) for i in method.inputs if i.kind != "choice"}}
            outputs = [np.broadcast_to(o, shape) for o in exact_outputs(method, exact, method.rounding)]
        if not self._check(records, outputs):
            return
        rows = tuple(self._results(numbers, ids, at, o, weighed[at]) for at, o in enumerate(outputs))
        self.blocks.append(Block(method, values, causes, rows))

    def _inputs(
        self, records: list[Record], ids: list[list[str]], plan: Plan
    ) -> tuple[dict[str, Any], dict[str, Causes]]:
        """Return the values of all inputs and the causes of their errors."""
        method, count = plan.method, len(records)
        values: dict[str, Any] = {}
        causes: dict[str, Causes] = {}
        matrix = np.array([r.numbers for r in records], dtype=float).reshape(count, len(plan.columns))
        given: dict[str, dict[str, tuple[Floats, Causes]]] = {}
        for n, (position, name, period, _) in enumerate(plan.columns):
            exact = method.by_name[name].exact
            index = np.full(count, -1, dtype=np.int64) if exact else self._own_causes(records, ids, position)
            given.setdefault(name, {})[period] = (matrix[:, n], index)
        for wanted in method.inputs:
            if wanted.kind == "choice":
                if wanted.name in method.arguments:
                    words = np.full(count, plan.choices[wanted.name])
                    values[wanted.name] = words[:, None] if method.is_series else words
            elif wanted.name in given:
                values[wanted.name], causes[wanted.name] = _columns(given[wanted.name], wanted, plan, count)
            else:
                value, cause = self._from_library(wanted, plan)
                shape = (count, 1) if method.is_series else (count,)
                values[wanted.name] = np.full(shape, value)
                causes[wanted.name] = np.full(shape, cause, dtype=np.int64)
        return values, causes

    def _own_causes(self, records: list[Record], ids: list[list[str]], position: int) -> Causes:
        """Return the causes of error of one row of each record, every row its own."""
        errors = np.array([r.rows[position].relative_error for r in records])
        start = len(self.names)
        self.names.extend(data[position] for data in ids)
        self.cause_errors.extend(errors.tolist())
        return np.where(errors > 0, np.arange(start, start + len(records)), -1)

    def _from_library(self, wanted: Input, plan: Plan) -> tuple[float, int]:
        """Return the value of an input that the user did not give, and the cause of its error."""
        match = plan.matches.get(wanted.name)
        if match is None:
            return plan.defaults[wanted.name], -1
        factor = self.factors.setdefault(match.factor.id, match.factor)
        value = factor.value * conversion_factor(factor.unit, _unit(plan, wanted))
        error = relative_error(factor, _whole(wanted, factor)) if factor.value and not wanted.exact else 0.0
        if not error:
            return value, -1
        name = f"factor:{factor.id}"
        if name not in self.shared:
            self.shared[name] = len(self.names)
            self.names.append(name)
            self.cause_errors.append(error)
        return value, self.shared[name]

    def _check(self, records: list[Record], outputs: Sequence[Floats]) -> bool:
        """Report records without a finite value, and return whether there are none."""
        finite = np.all([np.isfinite(o).reshape(len(records), -1).all(axis=1) for o in outputs], axis=0)
        for record in (records[n] for n in np.flatnonzero(~finite)):
            row = record.rows[0]
            details = {"method": record.plan.method.id}
            self.problems.append(
                Problem("no_finite_result", row.file or "activities", row.row, "value", record.name, details)
            )
        return bool(finite.all())

    def _results(self, numbers: list[int], ids: list[list[str]], at: int, output: Floats, weighed: Weighed) -> Causes:
        """Make the results of one output of a batch and return their positions."""
        plan = self.records[numbers[0]].plan
        method, declared, series = plan.method, plan.method.outputs[at], plan.method.is_series
        width = output.shape[1] if series else 1
        category = declared.categories[plan.choices[declared.by]] if declared.by else declared.category
        entering = [m.factor for name, m in plan.matches.items() if name in method.feeds[at]]
        used = tuple(dict.fromkeys(f.id for f in entering))
        worst = max((f.grade.value for f in entering), default="A")
        measured = {position for position, *_ in plan.columns}
        flat, names = output.ravel().tolist(), self.names
        pairs = [(e.ravel().tolist(), c.ravel().tolist()) for e, c in weighed]
        start = "\x1f".join((method.hash, category, declared.gas, *(self.factors[f].hash for f in used)))
        first = len(self.results)
        for n, number in enumerate(numbers):
            record, data = self.records[number], tuple(ids[n])
            # a word is no measurement: without a grade it is no worse than the numbers
            grade = max(worst, *(row.grade or ("D" if p in measured else "A") for p, row in enumerate(record.rows)))
            content = sorted(data)
            for step in range(width):
                here = n * width + step
                errors = _by_cause(pairs, here, names)
                value = flat[here]
                low, high = interval(value, math.sqrt(sum(e * e for e in errors.values())), declared.signed)
                period = plan.periods[step] if series else record.rows[0].period
                said = "\x1f".join((start, record.name, record.place, period, repr(value), *content))
                name = "result:" + hashlib.blake2b(said.encode(), digest_size=10).hexdigest()
                self.keys.append((number, step, at))
                self.results.append(
                    Result(
                        record.name, record.place, period, category, declared.gas, value, declared.unit, low, high,
                        method.id, used, data, grade, tuple(errors.items()), name,
                    )
                )  # fmt: skip
        return np.arange(first, first + len(flat), dtype=np.int64).reshape(output.shape)

    def finish(self, method_set: MethodSet, taken: Taken) -> Results:
        """Return everything, results in the order of the records."""
        order = sorted(self._shown(), key=self.keys.__getitem__)
        place = np.full(len(self.keys), NOWHERE, dtype=np.int64)
        place[order] = np.arange(len(order))
        blocks = tuple(Block(b.method, b.values, b.causes, tuple(place[r] for r in b.rows)) for b in self.blocks)
        matches = {
            (r.name, r.place, r.plan.method.id, period): r.plan.matches
            for r in self.records
            for period in (r.plan.periods if r.plan.method.is_series else (r.rows[0].period,))
        }
        return Results(
            method_set, tuple(self.results[n] for n in order), (*taken.findings, *self._assumed()), self.activities, self.factors, matches,
            tuple(self.names), np.array(self.cause_errors), blocks,
        )  # fmt: skip

    def _shown(self) -> list[int]:
        """Return the results that are shown: without gases of which a record uses none, but something of every record."""
        idle = [
            self.records[record].plan.method.outputs[at].optional and self.results[n].value == 0
            for n, (record, _, at) in enumerate(self.keys)
        ]
        busy = {(record, step) for (record, step, _), is_idle in zip(self.keys, idle, strict=True) if not is_idle}
        return [
            n
            for n, (record, step, at) in enumerate(self.keys)
            if not idle[n] or (at == 0 and (record, step) not in busy)
        ]

    def _assumed(self) -> list[Finding]:
        """List what has no interval of its own, and so the one that is assumed."""
        factors = sorted(
            n.removeprefix("factor:") for n in self.shared if _has_none(self.factors[n.removeprefix("factor:")])
        )
        causing = set(self.names)
        data = sum(a.uncertainty is None and name in causing for name, a in self.activities.items())
        found = []
        if factors:
            half = f"{100 * Z95 * FACTOR_ERROR:.0f}"
            said = (("count", str(len(factors))), ("half", half), ("some", ", ".join(factors[:5])))
            found.append(Finding("assumed_factor_error", "note", "", "", "", "", "", str(len(factors)), said))
        if data:
            widths = ", ".join(f"{g} {w:g} %" for g, w in DEFAULT_UNCERTAINTY.items())
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


def _by_cause(pairs: Sequence[tuple[list[float], list[int]]], here: int, names: list[str]) -> dict[str, float]:
    """Return the relative errors of one result by cause."""
    errors: dict[str, float] = {}
    for sizes, causes in pairs:
        size = sizes[here]
        if size:
            name = names[causes[here]]
            errors[name] = errors[name] + size if name in errors else size
    return errors


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
    return wanted.units[min(plan.alternative, len(wanted.units) - 1)] or "1"


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


def _fractions(records: list[Record], plan: Plan, wanted: Input) -> NDArray[Any]:
    """Return the values of an input as exact fractions of the decimals that were printed."""
    unit = _unit(plan, wanted)
    column = np.empty(len(records), dtype=object)
    position = next((p for p, name, _, _ in plan.columns if name == wanted.name), None)
    if position is not None:
        column[:] = [_fraction(r.rows[position].value) * _ratio(r.rows[position].unit or "1", unit) for r in records]
    elif wanted.name in plan.matches:
        factor = plan.matches[wanted.name].factor
        column[:] = [Fraction(factor.decimal) * _ratio(factor.unit, unit)] * len(records)
    else:
        column[:] = [Fraction(Decimal(repr(plan.defaults[wanted.name])))] * len(records)
    return column


def _fraction(text: str) -> Fraction:
    """Return a number as it was printed; what is too small for a float is zero, as 1e-99999999 would fill the memory."""
    return Fraction(Decimal(text)) if float(text) else Fraction(0)


def _ratio(source: str, target: str) -> Fraction:
    return parse_unit(source).factor / parse_unit(target).factor
