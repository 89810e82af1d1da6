"""Predicates: one condition of a rule, tested on facts, with the value that was seen.

Tests are a closed set, so that a rule is data and never a program. Numbers are compared exactly (`decimal.Decimal`). A fact that is missing
or cannot be read is for a person to decide: it is neither passed nor failed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

Result = Literal["pass", "fail", "needs_person"]
Facts = Mapping[str, object]


class UnreadableError(ValueError):
    """A fact is missing or of another kind than the test needs.

    Parameters
    ----------
    field : str
        Name of the fact.
    """

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Test:
    """A test that predicates may name.

    Parameters
    ----------
    needs : tuple of str
        Parameters that must be given.
    fields : tuple of str
        Those of the parameters that name facts.
    holds : callable
        Takes parameters and facts; returns whether the test holds, and the value seen as text.
    """

    needs: tuple[str, ...]
    fields: tuple[str, ...]
    holds: Callable[[Mapping[str, Any], Facts], tuple[bool, str]]


def number(facts: Facts, name: str) -> Decimal:
    """Return a fact as a number.

    Raises
    ------
    UnreadableError
        If it is missing or no finite number.
    """
    value = facts.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | float):
        raise UnreadableError(name)
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise UnreadableError(name) from None
    if not found.is_finite():
        raise UnreadableError(name)
    return found


def day(facts: Facts, name: str) -> date:
    """Return a fact as a date.

    Raises
    ------
    UnreadableError
        If it is missing or no date.
    """
    value = facts.get(name)
    try:
        return (
            date.fromisoformat(str(value)) if not isinstance(value, date) else date(value.year, value.month, value.day)
        )
    except ValueError:
        raise UnreadableError(name) from None


def present(facts: Facts, name: str) -> object:
    """Return a fact.

    Raises
    ------
    UnreadableError
        If it is missing or empty.
    """
    value = facts.get(name)
    if value is None or value == "":
        raise UnreadableError(name)
    return value


def truth(facts: Facts, name: str) -> bool:
    """Return a fact that is yes or no.

    Raises
    ------
    UnreadableError
        If it is anything else: an empty box is not a no.
    """
    value = facts.get(name)
    if not isinstance(value, bool):
        raise UnreadableError(name)
    return value


def _compared(holds: Callable[[Decimal, Decimal], bool]) -> Test:
    def test(p: Mapping[str, Any], facts: Facts) -> tuple[bool, str]:
        seen = number(facts, p["field"])
        return holds(seen, Decimal(str(p["value"]))), f"{seen:f}"

    return Test(("field", "value"), ("field",), test)


def _dated(holds: Callable[[date, date], bool]) -> Test:
    def test(p: Mapping[str, Any], facts: Facts) -> tuple[bool, str]:
        seen = day(facts, p["field"])
        return holds(seen, date.fromisoformat(str(p["value"]))), seen.isoformat()

    return Test(("field", "value"), ("field",), test)


def _boolean(wanted: bool) -> Test:
    def test(p: Mapping[str, Any], facts: Facts) -> tuple[bool, str]:
        seen = truth(facts, p["field"])
        return seen is wanted, "yes" if seen else "no"

    return Test(("field",), ("field",), test)


def _chosen(inside: bool) -> Test:
    def test(p: Mapping[str, Any], facts: Facts) -> tuple[bool, str]:
        seen = str(present(facts, p["field"]))
        return (seen in {str(v) for v in p["values"]}) is inside, seen

    return Test(("field", "values"), ("field",), test)


def _ratio(p: Mapping[str, Any], facts: Facts) -> Decimal:
    whole = number(facts, p["denominator"])
    if whole <= 0:
        raise UnreadableError(p["denominator"])
    return number(facts, p["numerator"]) / whole


def _ratio_at_least(p: Mapping[str, Any], facts: Facts) -> tuple[bool, str]:
    ratio = _ratio(p, facts)
    return ratio >= Decimal(str(p["value"])), f"{ratio:.6f}"


def _ratio_tiers(p: Mapping[str, Any], facts: Facts) -> tuple[bool, str]:
    """Compare a ratio with the threshold of the first tier whose ``up_to`` the fact ``by`` does not exceed."""
    ratio, size = _ratio(p, facts), number(facts, p["by"])
    for tier in p["tiers"]:
        if "up_to" not in tier or size <= Decimal(str(tier["up_to"])):
            return ratio >= Decimal(str(tier["value"])), f"{ratio:.6f} ({p['by']} {size:f}, ≥ {tier['value']})"
    raise UnreadableError(p["by"])


def step_sum(steps: Sequence[Mapping[str, Any]], base: Decimal) -> Decimal:
    """Return the sum over the parts of a base of each part times its share; ``up_to`` ends a part, the last one is open."""
    total, start = Decimal(0), Decimal(0)
    for step in steps:
        end = min(base, Decimal(str(step["up_to"]))) if "up_to" in step else base
        total += max(Decimal(0), end - start) * Decimal(str(step["value"]))
        start = max(start, end)
    return total


def _at_most_in_steps(p: Mapping[str, Any], facts: Facts) -> tuple[bool, str]:
    seen, limit = number(facts, p["field"]), step_sum(p["steps"], number(facts, p["base"]))
    return seen <= limit, f"{seen:f} (≤ {limit:f})"


def _for_a_person(p: Mapping[str, Any], facts: Facts) -> tuple[bool, str]:
    raise UnreadableError(str(p.get("field", "")))


TESTS: Final[dict[str, Test]] = {
    "at_least": _compared(lambda seen, limit: seen >= limit),
    "above": _compared(lambda seen, limit: seen > limit),
    "at_most": _compared(lambda seen, limit: seen <= limit),
    "below": _compared(lambda seen, limit: seen < limit),
    "one_of": _chosen(True),
    "none_of": _chosen(False),
    "is_true": _boolean(True),
    "is_false": _boolean(False),
    "not_before": _dated(lambda seen, limit: seen >= limit),
    "not_after": _dated(lambda seen, limit: seen <= limit),
    "ratio_at_least": Test(("numerator", "denominator", "value"), ("numerator", "denominator"), _ratio_at_least),
    "ratio_tiers": Test(("numerator", "denominator", "by", "tiers"), ("numerator", "denominator", "by"), _ratio_tiers),
    "at_most_in_steps": Test(("field", "base", "steps"), ("field", "base"), _at_most_in_steps),
    "person": Test((), (), _for_a_person),
}
"""Tests by name; ``person`` is always for a person to decide."""


def evaluate(test: str, parameters: Mapping[str, Any], facts: Facts) -> tuple[Result, str, str]:
    """Return the result of a test, the value that was seen, and the fact that a person must look at (if any)."""
    try:
        holds, seen = TESTS[test].holds(parameters, facts)
    except UnreadableError as error:
        value = facts.get(error.field)
        return "needs_person", "" if value is None else str(value), error.field
    return ("pass" if holds else "fail"), seen, ""


def parameter_fault(name: str, parameters: Mapping[str, Any]) -> str:
    """Return why the limits of a test cannot be used, empty if they can: they are tried once when a rule is loaded."""
    test = TESTS[name]
    if set(test.needs) - parameters.keys():
        return ""
    sample = "2026-01-01" if name in {"not_before", "not_after"} else True if name in {"is_true", "is_false"} else "1"
    try:
        test.holds(parameters, {str(parameters[field]): sample for field in test.fields})
    except UnreadableError:
        return ""
    except (ArithmeticError, ValueError, TypeError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return ""
