"""Evaluation of checked records: arrays by method, exact fractions where the rule rounds, errors by cause."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.activity import Activity
from tanlu.accounts.exact import exact_outputs
from tanlu.accounts.factor_values import relative_error
from tanlu.accounts.intake import Record, Taken
from tanlu.accounts.method import Input, Method, Output
from tanlu.accounts.method_sets import MethodSet
from tanlu.accounts.result import Block, Result, Results
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.inventory import interval
from tanlu.core.units import conversion_factor, parse_unit

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
    batches: dict[tuple[str, int, int], list[int]] = {}
    for number, record in enumerate(taken.records):
        length = len(record.periods) if record.method.is_series else 0
        batches.setdefault((record.method.id, record.alternative, length), []).append(number)
    run = _Run(taken.records)
    for numbers in batches.values():
        run.batch(numbers)
    if run.problems:
        raise DataError(run.problems)
    return run.finish(method_set, taken)


@dataclass(slots=True)
class _Run:
    """What a computation gathers."""

    records: list[Record]
    problems: list[Problem] = field(default_factory=list)
    causes: dict[str, int] = field(default_factory=dict)
    cause_errors: list[float] = field(default_factory=list)
    ids: dict[int, str] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    factors: dict[str, Factor] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    keys: list[tuple[int, int, int]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def cause(self, name: str, error: float) -> int:
        """Return the index of a cause of error, −1 for what is exact."""
        if not error:
            return -1
        number = self.causes.setdefault(name, len(self.causes))
        if number == len(self.cause_errors):
            self.cause_errors.append(error)
        return number

    def activity_id(self, row: Activity) -> str:
        """Return the id of a datum, hashed once."""
        key = id(row)
        if key not in self.ids:
            self.ids[key] = row.id
            self.activities[self.ids[key]] = row
        return self.ids[key]

    def batch(self, numbers: list[int]) -> None:
        """Evaluate the records with these numbers, which share method, unit alternative and length."""
        records = [self.records[n] for n in numbers]
        method = records[0].method
        values: dict[str, Any] = {}
        causes: dict[str, Causes] = {}
        for wanted in method.inputs:
            if wanted.kind != "choice":
                values[wanted.name], causes[wanted.name] = self._input(records, wanted)
            elif wanted.name in method.arguments:
                words = np.array([r.choices[wanted.name] for r in records])
                values[wanted.name] = words[:, None] if method.is_series else words
        shape = (len(records), len(records[0].periods)) if method.is_series else (len(records),)
        with np.errstate(divide="ignore", invalid="ignore"):
            plain = [np.broadcast_to(np.asarray(o, dtype=float), shape) for o in method.evaluate(values)]
            weighed = _weigh(method, values, causes, np.array(self.cause_errors), plain)
        outputs = plain
        if method.rounding is not None:
            exact = {**values, **{i.name: _fractions(records, i) for i in method.inputs if i.kind != "choice"}}
            outputs = [np.broadcast_to(o, shape) for o in exact_outputs(method, exact, method.rounding)]
        self._check(records, outputs)
        rows = tuple(self._results(numbers, method, at, o, weighed[at]) for at, o in enumerate(outputs))
        self.blocks.append(Block(method, values, causes, rows))

    def _input(self, records: list[Record], wanted: Input) -> tuple[Floats, Causes]:
        """Return the values of an input and the causes of their errors."""
        series = records[0].method.is_series
        numbers: list[float] = []
        causes: list[int] = []
        for record in records:
            for period in record.periods if series and _varies(records, wanted) else (None,):
                value, cause = self._value(record, wanted, period)
                numbers.append(value)
                causes.append(cause)
        shape = (len(records), -1) if series else (len(records),)
        return np.array(numbers).reshape(shape), np.array(causes, dtype=np.int64).reshape(shape)

    def _value(self, record: Record, wanted: Input, period: str | None) -> tuple[float, int]:
        """Return the value of an input in a period, and the cause of its error."""
        given = record.values.get(wanted.name)
        if given is not None:
            if period is None or (period not in given and not wanted.series):
                period = next(iter(given))
            row = record.given[wanted.name].get(period)
            if row is None:
                return 0.0, -1
            return given[period], self.cause(self.activity_id(row), 0.0 if wanted.exact else row.relative_error)
        match = record.matches.get(wanted.name)
        if match is None:
            return record.defaults[wanted.name], -1
        factor = self.factors.setdefault(match.factor.id, match.factor)
        error = relative_error(factor) if factor.value and not wanted.exact else 0.0
        value = factor.value * conversion_factor(factor.unit, _unit(record, wanted))
        return value, self.cause(f"factor:{factor.id}", error)

    def _check(self, records: list[Record], outputs: Sequence[Floats]) -> None:
        """Every record has a finite value."""
        for output in outputs:
            bad = ~np.isfinite(output).reshape(len(records), -1).all(axis=1)
            for record in (records[n] for n in np.flatnonzero(bad)):
                row = record.first
                details = {"method": record.method.id}
                self.problems.append(
                    Problem("no_finite_result", row.file or "activities", row.row, "value", record.name, details)
                )

    def _results(self, numbers: list[int], method: Method, at: int, output: Floats, weighed: Weighed) -> Causes:
        """Make the results of one output of a batch and return their positions."""
        declared, names = method.outputs[at], list(self.causes)
        width = output.shape[1] if output.ndim > 1 else 1
        flat = output.ravel().tolist()
        pairs = [(e.ravel().tolist(), c.ravel().tolist()) for e, c in weighed]
        positions = np.arange(len(self.results), len(self.results) + len(flat), dtype=np.int64)
        for n, number in enumerate(numbers):
            record = self.records[number]
            data = tuple(self.activity_id(r) for r in chain.from_iterable(d.values() for d in record.given.values()))
            used = tuple(dict.fromkeys(m.factor.id for m in record.matches.values()))
            grades = [self.activities[d].grade or "D" for d in data]
            grade = max(grades + [m.factor.grade.value for m in record.matches.values()])
            category = _category(declared, record)
            for step in range(width):
                here = n * width + step
                period = record.periods[step if method.is_series else -1]
                errors: dict[str, float] = {}
                for sizes, causes in pairs:
                    if causes[here] >= 0 and sizes[here]:
                        name = names[causes[here]]
                        errors[name] = errors.get(name, 0.0) + sizes[here]
                value = flat[here]
                low, high = interval(value, math.sqrt(sum(e * e for e in errors.values())))
                said = (
                    method.hash,
                    record.name,
                    record.place,
                    period,
                    category,
                    declared.gas,
                    repr(value),
                    *data,
                    *used,
                )
                name = "result:" + hashlib.blake2b("\x1f".join(said).encode(), digest_size=10).hexdigest()
                self.keys.append((number, step, at))
                self.results.append(
                    Result(
                        record.name, record.place, period, category, declared.gas, value, declared.unit, low, high,
                        method.id, used, data, grade, tuple(errors.items()), name,
                    )
                )  # fmt: skip
        return positions.reshape(output.shape)

    def finish(self, method_set: MethodSet, taken: Taken) -> Results:
        """Return everything, results in the order of the records."""
        order = sorted(range(len(self.keys)), key=self.keys.__getitem__)
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        blocks = tuple(Block(b.method, b.values, b.causes, tuple(place[r] for r in b.rows)) for b in self.blocks)
        matches = {(r.name, name): m for r in self.records for name, m in r.matches.items()}
        return Results(
            method_set, tuple(self.results[n] for n in order), tuple(taken.findings), self.activities, self.factors, matches,
            tuple(self.causes), np.array(self.cause_errors), blocks,
        )  # fmt: skip


def _varies(records: list[Record], wanted: Input) -> bool:
    """Return whether an input of a series method has values of several periods."""
    return wanted.series or any(len(r.values.get(wanted.name, ())) > 1 for r in records)


def _unit(record: Record, wanted: Input) -> str:
    return wanted.units[min(record.alternative, len(wanted.units) - 1)] or "1"


def _category(declared: Output, record: Record) -> str:
    return declared.categories[record.choices[declared.by]] if declared.by else declared.category


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
        columns = range(cause.shape[1]) if cause.ndim > 1 and cause.shape[1] > 1 else (slice(None),)
        for column in columns:
            shift = np.zeros_like(values[name])
            shift[..., column] = STEP * values[name][..., column]
            above = method.evaluate({**values, name: values[name] + shift})
            below = method.evaluate({**values, name: values[name] - shift})
            for at, output in enumerate(outputs):
                slope = (np.asarray(above[at]) - np.asarray(below[at])) / (2 * STEP)
                relative = np.divide(slope, output, out=np.zeros(output.shape), where=output != 0)
                spread = error if isinstance(column, slice) else error[:, column : column + 1]
                index = cause if isinstance(column, slice) else cause[:, column : column + 1]
                found[at].append((relative * spread, np.broadcast_to(index, output.shape)))
    return found


def _fractions(records: list[Record], wanted: Input) -> NDArray[Any]:
    """Return the values of an input as exact fractions of the decimals that were printed."""
    exact: list[Fraction] = []
    for record in records:
        unit = _unit(record, wanted)
        if wanted.name in record.values:
            row = next(iter(record.given[wanted.name].values()))
            exact.append(Fraction(Decimal(row.value)) * _ratio(row.unit or "1", unit))
        elif wanted.name in record.matches:
            factor = record.matches[wanted.name].factor
            exact.append(Fraction(factor.decimal) * _ratio(factor.unit, unit))
        else:
            exact.append(Fraction(Decimal(repr(record.defaults[wanted.name]))))
    column = np.empty(len(exact), dtype=object)
    column[:] = exact
    return column


def _ratio(source: str, target: str) -> Fraction:
    return parse_unit(source).factor / parse_unit(target).factor
