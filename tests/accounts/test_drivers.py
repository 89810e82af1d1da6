"""Years without data: anchors are met, intervals are widest far from them, units do not matter."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.province.drivers import ELASTICITY_RANGE, bridge_error, estimated_elasticity, fill

YEARS = list(range(2005, 2025))
POSITIVE = st.floats(0.01, 1e5)
ANCHORS = st.dictionaries(st.sampled_from(YEARS), POSITIVE, min_size=1, max_size=6)
DRIVERS = st.fixed_dictionaries(dict.fromkeys(YEARS, POSITIVE))
ELASTICITY = st.floats(-0.5, 1.0)


def test_a_driver_between_two_anchors_by_hand() -> None:
    """Activity 100 and 300 around a driver 10, 30, 20 with elasticity 1: ratios 10 and 15, in the middle √150 = 12.247; × 30."""
    filled = fill({2010: 100.0, 2012: 300.0}, {2010: 10.0, 2011: 30.0, 2012: 20.0}, [2011], 1.0, 0.04)
    assert filled[2011].value == pytest.approx(30 * math.sqrt(150))
    # Brownian bridge one year from both ends: 0.04 · √(1·1/2)
    assert filled[2011].error == pytest.approx(0.04 * math.sqrt(0.5)) and not filled[2011].known


def test_the_elasticity_acts_between_anchors_too() -> None:
    """Equal anchors around a driver that is four times as high: with elasticity 0.5 the activity is twice as high."""
    assert fill({2010: 100.0, 2012: 100.0}, {2010: 1.0, 2011: 4.0, 2012: 1.0}, [2011], 0.5, 0.0)[
        2011
    ].value == pytest.approx(200)


def test_a_driver_after_the_last_anchor_by_hand() -> None:
    """The driver grows fourfold; with elasticity 0.5 the activity doubles. Four years on the error is 0.03 · √4."""
    filled = fill({2010: 50.0}, {2010: 1.0, 2014: 4.0}, [2014], 0.5, 0.03)
    assert filled[2014].value == pytest.approx(100) and filled[2014].error == pytest.approx(0.06)


def test_surrogate_splicing_of_the_guidelines() -> None:
    """IPCC 2006 vol. 1 ch. 5, eq. 5.2 with one anchor and elasticity 1: y0 = yt · s0 / st = 200 · 90 / 60."""
    assert fill({2010: 200.0}, {2010: 60.0, 2011: 90.0}, [2011], 1.0, 0.0)[2011].value == pytest.approx(300)


@given(ANCHORS, DRIVERS, ELASTICITY, st.floats(0.001, 0.3))
def test_anchors_are_met_exactly_and_all_is_positive(
    known: dict[int, float], driver: dict[int, float], elasticity: float, volatility: float
) -> None:
    filled = fill(known, driver, YEARS, elasticity, volatility)
    assert sorted(filled) == [y for y in YEARS if y >= min(known)]
    for year, entry in filled.items():
        assert entry.value > 0
        assert (entry.known, entry.error == 0) == ((True, True) if year in known else (False, False))
        if year in known:
            assert entry.value == known[year]


@given(ANCHORS, DRIVERS, ELASTICITY, st.floats(0.01, 1000))
def test_the_unit_of_the_driver_does_not_matter(
    known: dict[int, float], driver: dict[int, float], elasticity: float, scale: float
) -> None:
    one = fill(known, driver, YEARS, elasticity, 0.05)
    other = fill(known, {y: v * scale for y, v in driver.items()}, YEARS, elasticity, 0.05)
    for year in one:
        assert other[year].value == pytest.approx(one[year].value, rel=1e-9)
        assert other[year].error == one[year].error


@given(ANCHORS, DRIVERS, ELASTICITY, st.floats(0.01, 1000))
def test_the_unit_of_the_activity_scales_the_result(
    known: dict[int, float], driver: dict[int, float], elasticity: float, scale: float
) -> None:
    one = fill(known, driver, YEARS, elasticity, 0.05)
    other = fill({y: v * scale for y, v in known.items()}, driver, YEARS, elasticity, 0.05)
    assert all(other[y].value == pytest.approx(one[y].value * scale, rel=1e-9) for y in one)


@given(st.integers(2, 18), st.floats(0.001, 0.5))
def test_the_error_between_anchors_is_zero_at_them_and_largest_in_the_middle(gap: int, volatility: float) -> None:
    errors = [bridge_error(2005 + i, [2005, 2005 + gap], volatility) for i in range(gap + 1)]
    assert errors[0] == errors[-1] == 0
    assert errors == pytest.approx(errors[::-1])
    middle = errors[: gap // 2 + 1]
    assert middle == sorted(middle) and max(errors) == pytest.approx(errors[gap // 2])
    # at most half of what it would be without the second anchor, at the middle: √(g/4) = √g / 2
    assert max(errors) <= volatility * math.sqrt(gap) / 2 + 1e-12


@given(st.floats(0.001, 0.5))
def test_the_error_widens_with_every_year_after_the_last_anchor(volatility: float) -> None:
    errors = [bridge_error(y, [2010, 2014], volatility) for y in range(2014, 2025)]
    assert all(a < b for a, b in itertools.pairwise(errors))
    assert errors[4] == pytest.approx(2 * volatility)


def test_nothing_known_says_nothing_and_years_before_are_left_out() -> None:
    assert fill({}, {2010: 1.0}, YEARS, 1.0, 0.1) == {}
    assert min(fill({2012: 1.0}, {}, YEARS, 1.0, 0.1)) == 2012


def test_zero_anchors_are_met_and_joined_by_a_straight_line() -> None:
    filled = fill({2010: 0.0, 2014: 8.0, 2015: 0.0}, dict.fromkeys(YEARS, 5.0), YEARS, 1.0, 0.1)
    assert [filled[y].value for y in range(2010, 2018)] == pytest.approx([0, 2, 4, 6, 8, 0, 0, 0])


def test_a_driver_that_ends_is_held_and_one_with_a_hole_is_left_out() -> None:
    held = fill({2010: 10.0}, {2010: 1.0, 2012: 2.0}, [2012, 2016], 1.0, 0.1)
    assert held[2012].value == held[2016].value == pytest.approx(20)
    assert held[2012].error < held[2016].error
    hole = fill({2010: 10.0, 2012: 40.0}, {2010: 1.0, 2012: 2.0}, [2011], 1.0, 0.1)
    assert hole[2011].value == pytest.approx(20), "geometric mean of the anchors"


def test_elasticity_by_hand_and_within_its_bounds() -> None:
    """The driver grows by e, the activity by √e: 0.5."""
    e = math.e
    assert estimated_elasticity({2005: 1.0, 2014: math.sqrt(e)}, {2005: 2.0, 2014: 2 * e}, 9.0) == pytest.approx(0.5)
    low, high = ELASTICITY_RANGE
    assert estimated_elasticity({2005: 1.0, 2014: 100.0}, {2005: 1.0, 2014: 2.0}, 9.0) == high
    assert estimated_elasticity({2005: 100.0, 2014: 1.0}, {2005: 1.0, 2014: 2.0}, 9.0) == low


def test_elasticity_falls_back_where_it_cannot_be_told() -> None:
    assert estimated_elasticity({2005: 1.0, 2014: 2.0}, {2005: 1.0, 2014: 1.05}, 0.4) == 0.4
    assert estimated_elasticity({2005: 1.0}, {2005: 1.0, 2014: 2.0}, 0.4) == 0.4
    assert estimated_elasticity({2005: 0.0, 2014: 2.0}, {2005: 1.0, 2014: 2.0}, 0.4) == 0.4
