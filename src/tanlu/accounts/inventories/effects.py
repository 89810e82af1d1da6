"""Why a value changed: its difference taken apart into activity data, factors and method, so that the parts add up.

Inputs of the value before are replaced by those of the value after, one kind at a time, through the function of the method itself:
first the activity data, then the factors, then the method.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tanlu.accounts.inventories.compared_sides import Evaluation, Side, Term
from tanlu.accounts.rulebook.activity import Activity
from tanlu.core.library import load_library
from tanlu.core.units import IncompatibleUnitsError, UnknownUnitError, conversion_factor

NOISE: Final = 1e-9
"""Part of the larger value below which a rest is rounding of the machine."""


class Change(NamedTuple):
    """Something that is not the same on both sides.

    Parameters
    ----------
    kind : str
        activity, factor, method, method_version, added, removed, notation, or status.
    record : str
    name : str
        Input, factor, method or category; for a run the label in Chinese, with that in English in ``name_en``.
    before, after : str
        Empty where it is not there.
    """

    kind: str
    record: str
    name: str
    before: str
    after: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Effects:
    """Parts of a difference [t]: they add up to it. ``rest`` cannot be given to one cause, or is the rounding of a rule."""

    activity: float = 0.0
    factor: float = 0.0
    method: float = 0.0
    structure: float = 0.0
    rest: float = 0.0

    def __add__(self, other: Effects) -> Effects:
        """Return the sum of two sets of effects."""
        return Effects(
            self.activity + other.activity, self.factor + other.factor, self.method + other.method,
            self.structure + other.structure, self.rest + other.rest,
        )  # fmt: skip

    def times(self, weight: float) -> Effects:
        """Return the effects multiplied by a weight."""
        return Effects(
            self.activity * weight, self.factor * weight, self.method * weight, self.structure * weight, self.rest * weight
        )  # fmt: skip

    @property
    def total(self) -> float:
        """Sum of the parts."""
        return self.activity + self.factor + self.method + self.structure + self.rest


def term_changes(before: Term, after: Term, old: Side, new: Side) -> list[Change]:
    """Return what is different behind two values of the same record."""
    changes: list[Change] = []
    if before.method != after.method:
        changes.append(Change("method", after.record, after.method, before.method, after.method))
    else:
        hashes = old.methods.get(before.method, ""), new.methods.get(after.method, "")
        if all(hashes) and hashes[0] != hashes[1]:
            changes.append(Change("method_version", after.record, after.method, hashes[0][:12], hashes[1][:12]))
    if before.leaves and after.leaves and before.record != after.record:
        changes.append(Change("status", "", "", before.record, after.record))
    changes += _activity_changes(before, after, old, new) + _factor_changes(before, after, old, new)
    return changes + _leaf_changes(before, after)


def data_of(term: Term, side: Side) -> dict[tuple[str, str], Activity]:
    """Return the data of a value: of its period, or of all periods where the method takes them at once."""
    rows = [side.activities[i] for i in term.activities if i in side.activities]
    whole = term.evaluation is not None and term.evaluation.method.is_series
    return {(row.input, row.period): row for row in rows if whole or row.period == term.period}


def _said(row: Activity | None, unit: str = "") -> str:
    """Return a datum with its unit, or in another unit if it has one and a number that converts."""
    if row is None:
        return ""
    if unit and row.unit and unit != row.unit:
        # a word, or another quantity, is told as it was given
        with suppress(ValueError, IncompatibleUnitsError, UnknownUnitError):
            return f"{float(row.value) * conversion_factor(row.unit, unit):.10g} {unit}"
    return f"{row.value} {row.unit}".strip()


def _activity_changes(before: Term, after: Term, old: Side, new: Side) -> list[Change]:
    first, second = data_of(before, old), data_of(after, new)
    changes = []
    for key in sorted(first.keys() | second.keys()):
        one, other = first.get(key), second.get(key)
        if _said(one) != _said(other):
            # one unit for one quantity: that of the later side
            said = _said(one, other.unit if other else ""), _said(other)
            kind = "factor" if _is_factor(key[0], before, after) else "activity"
            changes.append(Change(kind, after.record, " ".join(key), *said))
    return changes


def _is_factor(name: str, *terms: Term) -> bool:
    """Return whether an input that a user gave is a factor of the method."""
    for term in terms:
        wanted = term.evaluation.method.by_name.get(name) if term.evaluation else None
        if wanted is not None:
            return wanted.kind == "factor"
    return False


def _factor_changes(before: Term, after: Term, old: Side, new: Side) -> list[Change]:
    """Return factors with another value, and factors that took the place of another of the same parameter."""
    first = {n: old.factors[n] for n in before.factors if n in old.factors}
    second = {n: new.factors[n] for n in after.factors if n in new.factors}
    pairs: list[tuple[str, str]] = [(n, n) for n in first if n in second and first[n] != second[n]]
    gone, come = (
        {_parameter(n): n for n in side if n not in other} for side, other in ((first, second), (second, first))
    )
    pairs += [(gone.get(p, ""), come.get(p, "")) for p in sorted(gone.keys() | come.keys())]
    taken = {n for pair in pairs for n in pair}
    # two of one parameter, such as the wet and the dry value: each for itself
    pairs += [(n, "") for n in first if n not in second and n not in taken]
    pairs += [("", n) for n in second if n not in first and n not in taken]
    changes = []
    for one, other in sorted(pairs, key=lambda p: p[0] or p[1]):
        name = " → ".join(dict.fromkeys(n for n in (one, other) if n))
        values = first.get(one), second.get(other)
        changes.append(Change("factor", after.record, name, *(_factor_said(v, values[1]) for v in values)))
    return changes


def _parameter(name: str) -> str:
    """Return the parameter of a factor: of the library, or the second part of its id."""
    known = load_library().factors.get(name)
    return known.parameter if known else [*name.split("."), name][1]


def _factor_said(factor: tuple[float, str] | None, later: tuple[float, str] | None) -> str:
    """Return a factor with its unit, in the unit of the later side where it converts."""
    if factor is None:
        return ""
    value, unit = factor
    if later is not None and later[1] != unit:
        # another quantity is told as it was
        with suppress(IncompatibleUnitsError, UnknownUnitError):
            value, unit = value * conversion_factor(unit, later[1]), later[1]
    return f"{value:.10g} {unit}" if unit != "1" else f"{value:.10g}"


def _leaf_changes(before: Term, after: Term) -> list[Change]:
    """Return facts, factors and assumptions of a run that are not the same."""
    changes = []
    for name in sorted(before.leaves.keys() | after.leaves.keys()):
        first, second = before.leaves.get(name), after.leaves.get(name)
        if first == second or (first and second and first[3] == second[3]):
            continue
        kind, zh, en, _ = second or first or ("", "", "", "")
        old, new = (leaf[3] if leaf else "" for leaf in (first, second))
        changes.append(Change("activity" if kind == "fact" else "factor", "", zh, old, new, en))
    return changes


def term_effects(before: Term, after: Term, old: Side, new: Side, changes: list[Change]) -> Effects:
    """Return the parts of the difference of two values of the same record.

    Notes
    -----
    ``activity = f₀(a₁, e₀) − f₀(a₀, e₀)``, ``factor = f₀(a₁, e₁) − f₀(a₁, e₀)``, ``method = v₁ − f₀(a₁, e₁)``. Inputs that only the new
    method has belong to the method. Where a value cannot be computed again, a difference with one kind of change is that kind's, else
    the rest.
    """
    difference = after.value - before.value
    first, second = before.evaluation, after.evaluation
    steps = None
    if first is not None and second is not None and _units_fit(before, after, old, new):
        steps = _substitute(first, second)
    if steps is None:
        return _one_kind(difference, changes)
    start, moved, all_moved = steps
    activity, factor = moved - start, all_moved - moved
    remainder = difference - activity - factor
    if first is not None and second is not None and first.method.hash != second.method.hash:
        return Effects(activity, factor, remainder)
    if abs(remainder) <= NOISE * max(abs(before.value), abs(after.value)):
        return _absorbed(activity, factor, remainder)
    return Effects(activity, factor, rest=remainder)


def _absorbed(activity: float, factor: float, noise: float) -> Effects:
    """Give the last digits to the larger effect, so that the parts add up."""
    return Effects(activity + noise, factor) if abs(activity) >= abs(factor) else Effects(activity, factor + noise)


def _one_kind(difference: float, changes: list[Change]) -> Effects:
    kinds = {"method" if c.kind == "method_version" else c.kind for c in changes} - {"status"}
    if kinds == {"activity"}:
        return Effects(activity=difference)
    if kinds == {"factor"}:
        return Effects(factor=difference)
    if kinds == {"method"}:
        return Effects(method=difference)
    return Effects(rest=difference)


def _units_fit(before: Term, after: Term, old: Side, new: Side) -> bool:
    """Return whether amounts of both sides are measured alike, so that one may stand for the other."""
    first, second = data_of(before, old), data_of(after, new)
    units = {name: row.unit for (name, _), row in first.items()}
    for (name, _), row in second.items():
        if name in units and units[name] != row.unit:
            try:
                conversion_factor(units[name] or "1", row.unit or "1")
            except (IncompatibleUnitsError, UnknownUnitError):
                return False
    return True


def _substitute(first: Evaluation, second: Evaluation) -> tuple[float, float, float] | None:
    """Return the value before, with the activity data after, and with the factors after as well; None if they do not go together."""
    shared = _shared(first, second)
    kinds = {name: first.method.by_name[name].kind for name in shared}
    amounts: dict[str, Any] = {n: second.values[n] for n in shared if kinds[n] != "factor"}
    factors: dict[str, Any] = {n: second.values[n] for n in shared if kinds[n] == "factor"}
    later = Evaluation(first.method, first.values, first.output, second.step)
    try:
        start = first.value(first.values)
        moved = later.value({**first.values, **amounts})
        all_moved = later.value({**first.values, **amounts, **factors})
    except (ValueError, IndexError):
        return None
    return (start, moved, all_moved) if all(map(math.isfinite, (start, moved, all_moved))) else None


def _shared(first: Evaluation, second: Evaluation) -> list[str]:
    """Return the inputs that mean the same in both methods."""
    theirs: Mapping[str, Any] = second.method.by_name
    return [
        name for name, own in first.method.by_name.items()
        if name in first.values and name in second.values and theirs[name].kind == own.kind and theirs[name].units == own.units
    ]  # fmt: skip
