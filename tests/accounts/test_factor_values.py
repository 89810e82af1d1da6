"""Dated factors: held outside their years, interpolated between them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.rulebook.factor_values import dated_value
from tanlu.core.factors import Factor
from tanlu.core.provenance import Grade


def ratio(value: float, first: int | None = None, last: int | None = None) -> Factor:
    name = f"set.ratio.{first}-{last}"
    return Factor(name, "set", "ratio", "x", "", value, "t/t", None, None, first, last, "s", "", Grade.D, "", "")


def test_one_factor_without_dates_holds_in_every_year() -> None:
    only = ratio(0.6)
    assert dated_value([only], 1990, "t/t") == (0.6, [only])
    assert dated_value([replace(only, value=60, unit="%")], 1990, "1")[0] == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("year", "expected", "count"),
    [
        (2005, 0.5, 1),
        (2010, 0.5, 1),
        (2011, 0.52, 2),
        (2015, 0.6, 1),
        (2016, 0.6, 1),
        (2018, 0.7, 2),
        (2020, 0.8, 1),
        (2030, 0.8, 1),
    ],
)
def test_three_dated_factors_by_hand(year: int, expected: float, count: int) -> None:
    """0.5 up to 2010, 0.6 in 2015 and 2016, 0.8 from 2020: 2011 is a fifth, 2018 half of the way; the order given does not matter."""
    factors = [ratio(0.8, 2020), ratio(0.5, None, 2010), ratio(0.6, 2015, 2016)]
    value, used = dated_value(factors, year, "t/t")
    assert value == pytest.approx(expected) and len(used) == count


@pytest.mark.parametrize(("year", "expected"), [(2000, 0.6), (2030, 0.8)])
def test_outside_of_closed_dates_the_nearest_factor_is_held(year: int, expected: float) -> None:
    assert dated_value([ratio(0.6, 2015, 2016), ratio(0.8, 2020, 2021)], year, "t/t")[0] == expected


@given(st.integers(1990, 2060))
def test_a_value_lies_between_those_of_its_factors(year: int) -> None:
    value, used = dated_value([ratio(0.5, None, 2010), ratio(0.8, 2020)], year, "t/t")
    assert min(f.value for f in used) <= value <= max(f.value for f in used)
