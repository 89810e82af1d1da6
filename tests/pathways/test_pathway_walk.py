"""The unexplained change from year to year."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.pathways.peak import peak_chance
from tanlu.pathways.walk import common_error, last_data_year, random_walk, walk_steps

# Data in the first and the third year: a bridge between them, then growth with the distance.
DRIVER = np.array([0.0, 0.02, 0.0, 0.03, 0.05])


def test_the_walk_starts_in_the_last_year_with_data() -> None:
    assert last_data_year(DRIVER) == 2
    assert last_data_year(np.zeros(4)) == 3


def test_steps_make_the_variance_of_the_driver_error_and_go_on_ahead() -> None:
    """By hand: 0.03 into the fourth year, √(0.05² − 0.03²) = 0.04 into the fifth and all later ones."""
    assert walk_steps(DRIVER, 2) == pytest.approx([0, 0, 0, 0.03, 0.04, 0.04, 0.04])


def test_common_part_and_walk_add_up_to_the_whole_error() -> None:
    whole = np.array([0.04, 0.05, 0.04, 0.05, 0.06])
    shared = common_error(whole, DRIVER)
    assert shared[:3] == pytest.approx(whole[:3])
    assert shared[3:] ** 2 + DRIVER[3:] ** 2 == pytest.approx(whole[3:] ** 2)


def test_the_walk_has_mean_one_and_the_variance_of_its_steps() -> None:
    """Moments of the lognormal distribution: E = 1, Var = exp(σ²) − 1; tolerances are five standard errors of 40,000 draws."""
    steps = np.full(10, 0.03)
    paths = random_walk(steps, np.random.default_rng(1).standard_normal((40_000, 10)))
    sigma = 0.03 * np.sqrt(10)
    assert paths[:, -1].mean() == pytest.approx(1.0, abs=5 * sigma / 200)
    assert paths[:, -1].std() == pytest.approx(np.sqrt(np.expm1(sigma**2)), rel=0.05)


@given(st.lists(st.floats(0, 0.2), min_size=2, max_size=20), st.integers(0, 30))
def test_there_is_one_step_a_year_and_none_is_negative(errors: list[float], ahead: int) -> None:
    steps = walk_steps(np.array(errors), ahead)
    assert len(steps) == len(errors) + ahead
    assert (steps >= 0).all() and np.isfinite(steps).all()


def test_draws_that_all_agree_are_not_told_as_certain() -> None:
    """Laplace's rule of succession with 16 of 16 draws: p = 17/18, √(p(1 − p)/16) = 0.0573."""
    years = np.arange(2020, 2030)
    falling = np.repeat(np.linspace(10.0, 1.0, 10)[None], 16, axis=0)
    chance = peak_chance(years, falling, 2025, 8)
    assert chance.probability == 1.0
    assert chance.stderr == pytest.approx(0.0573, abs=1e-4)
