"""Statutory rounding: ties, signs, and exactness on decimal text."""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.rulebook.rounding import as_fraction, round_down, round_half_even, round_half_up


@pytest.mark.parametrize(
    ("value", "places", "up", "even", "down"),
    [
        ("2.675", 2, "2.68", "2.68", "2.67"),
        ("2.665", 2, "2.67", "2.66", "2.66"),
        ("-2.665", 2, "-2.67", "-2.66", "-2.67"),
        ("0.5", 0, "1", "0", "0"),
        ("1.5", 0, "2", "2", "1"),
        ("1.4999999999999999999999", 0, "1", "1", "1"),
        ("1.05", 1, "1.1", "1.0", "1.0"),
        ("3", 2, "3.00", "3.00", "3.00"),
    ],
)
def test_ties(value: str, places: int, up: str, even: str, down: str) -> None:
    assert str(round_half_up(value, places)) == up
    assert str(round_half_even(value, places)) == even
    assert str(round_down(value, places)) == down


@pytest.mark.parametrize(("value", "kept"), [("1.050", "1.0"), ("0.350", "0.4"), ("12.1498", "12.1")])
def test_examples_of_gb_t_8170(value: str, kept: str) -> None:
    """GB/T 8170-2008, clause 3.2: examples of the rule of five."""
    assert str(round_half_even(value, 1)) == kept


def test_a_float_counts_as_it_is_written() -> None:
    # 2.675 in binary is 2.67499999…, which an ordinary round() sees
    assert round(2.675, 2) == 2.67
    assert round_half_up(2.675, 2) == Decimal("2.68")
    assert as_fraction(0.1) == Fraction(1, 10)


def test_fractions_without_a_decimal_end() -> None:
    assert str(round_half_up(Fraction(11, 3), 5)) == "3.66667"
    assert str(round_half_up(Fraction(1, 6), 0)) == "0"


@given(st.decimals(-1_000_000, 1_000_000, places=6), st.integers(0, 5))
def test_same_as_the_decimal_module(value: Decimal, places: int) -> None:
    step = Decimal(1).scaleb(-places)
    assert round_half_up(value, places) == value.quantize(step, ROUND_HALF_UP)
    assert round_half_even(value, places) == value.quantize(step, ROUND_HALF_EVEN)
    assert round_down(value, places) == value.quantize(step, ROUND_FLOOR)


@pytest.mark.parametrize("bad", ["n/a", "", "nan", "inf", float("nan"), float("inf"), "1e999999999", "1e-999999999"])
def test_what_is_no_usable_number_is_refused(bad: str | float) -> None:
    with pytest.raises(ValueError):
        round_half_up(bad)
