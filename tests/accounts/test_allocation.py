"""Errors of dividing a total among categories."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.province.allocation import CAUSE, held_total
from tanlu.accounts.province.records import EnergyUse, Status
from tanlu.core.inventory import combine
from tanlu.core.provenance import Grade


def use(category: str, co2: float | None, own: float, **others: float) -> EnergyUse:
    errors = {**others, **({f"{CAUSE}{category}": own} if own else {})}
    return EnergyUse(2020, "steel", category, "coal", 1.0, co2, Status.ESTIMATED, Grade.D, errors)


def test_what_one_category_gains_the_other_loses() -> None:
    """By hand: A = 0.2 · 30 = 6 of X = 40. The first gets 0.2 − 6/40 = 0.05, the second −0.15; 30 · 0.05 = 10 · 0.15."""
    first, second = held_total([use("a", 30.0, 0.2), use("b", 10.0, 1e-300)])
    assert first.errors[f"{CAUSE}a"] == pytest.approx(0.05)
    assert second.errors[f"{CAUSE}a"] == pytest.approx(-0.15)


@given(st.lists(st.tuples(st.floats(0.1, 100), st.floats(0.01, 0.6)), min_size=2, max_size=8))
def test_the_error_of_the_total_is_that_without_allocation(parts: list[tuple[float, float]]) -> None:
    uses = [use(str(i), co2, own, driver=0.1) for i, (co2, own) in enumerate(parts)]
    total, low, high = combine((u.co2 or 0.0, u.errors) for u in held_total(uses))
    plain = combine((u.co2 or 0.0, {"driver": 0.1}) for u in uses)
    assert (total, low, high) == pytest.approx(plain)


def test_a_category_alone_and_years_with_data_have_no_such_error() -> None:
    (alone,) = held_total([use("a", 30.0, 0.2, driver=0.1)])
    assert alone.errors == {"driver": 0.1}
    known, estimated, other = held_total([use("a", 30.0, 0.0), use("b", 10.0, 0.3), use("c", 10.0, 0.3)])
    assert known.errors == {}
    assert math.hypot(*estimated.errors.values()) == pytest.approx(math.hypot(0.15, 0.15))
    assert sum(other.errors.values()) == pytest.approx(0.0)
