"""Shapley value: games whose values are known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tanlu.pathways import coalitions, shapley


def test_coalitions_are_numbered_by_bits() -> None:
    assert coalitions(2).tolist() == [[False, False], [True, False], [False, True], [True, True]]


def test_airport_game() -> None:
    """Littlechild & Owen 1973: runways of cost 8, 11, 13, 18; each part is shared by those who need it: 2, 3, 4, 9."""
    costs = np.array([8.0, 11.0, 13.0, 18.0])
    values = (coalitions(4) * costs).max(axis=1)
    assert shapley(values) == pytest.approx(np.array([2.0, 3.0, 4.0, 9.0]), abs=1e-12)


def test_glove_game() -> None:
    """One right and two left gloves, a pair is worth 1: 2/3 to the right one, 1/6 to each left one."""
    who = coalitions(3)
    values = (who[:, 0] & (who[:, 1] | who[:, 2])).astype(float)
    assert shapley(values) == pytest.approx(np.array([2 / 3, 1 / 6, 1 / 6]), abs=1e-15)


def test_majority_of_unequal_votes() -> None:
    """Shapley & Shubik 1954: votes 2, 1, 1 with a majority of 3 give 2/3, 1/6, 1/6."""
    values = (coalitions(3) @ np.array([2, 1, 1]) >= 3).astype(float)
    assert shapley(values) == pytest.approx(np.array([2 / 3, 1 / 6, 1 / 6]), abs=1e-15)


@settings(max_examples=30)
@given(arrays(float, (16, 2), elements=st.floats(-100, 100)))
def test_value_is_the_mean_over_all_orders_and_adds_up(values: np.ndarray) -> None:
    expected = np.zeros((4, 2))
    for order in itertools.permutations(range(4)):
        so_far = 0
        for player in order:
            expected[player] += (values[so_far | 1 << player] - values[so_far]) / 24
            so_far |= 1 << player
    found = shapley(values)
    assert found == pytest.approx(expected, abs=1e-10)
    assert found.sum(axis=0) == pytest.approx(values[-1] - values[0], abs=1e-10)


def test_independent_measures_get_exactly_their_own_effect() -> None:
    effects = np.array([3.0, -1.0, 0.0, 7.5, 2.0])
    assert shapley(coalitions(5) @ effects) == pytest.approx(effects, abs=1e-12)


def test_numbers_that_are_no_game_are_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        shapley(np.zeros(6))
    with pytest.raises(ValueError, match="exactly"):
        coalitions(40)
