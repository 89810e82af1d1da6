"""Counted targets are forecast with the spread between years, by hand and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import stdtr

from tanlu.assessment.count_forecast import Outlook, forecast_count, student_cdf

FIRMS = {2022: 60.0, 2023: 120.0, 2024: 150.0, 2025: 140.0}


def test_new_firms_are_forecast_with_the_spread_between_years() -> None:
    """By hand: 470 so far, mean 117.5, s² = 4875/3 = 1625; 5 years to come: 1057.5 expected, 530/5 = 106 needed a year.

    With a known rate z = 57.5 / (√1625·√5) = 0.6379, Φ = 0.738; a Poisson count would say Φ(57.5/√587.5) = 0.991.
    """
    found = forecast_count(FIRMS, 1000, 2030)
    assert (found.count, found.mean, found.needed, found.expected) == (470, 117.5, 106, 1057.5)
    assert found.spread == pytest.approx(math.sqrt(1625))
    assert found.probability_at_rate == pytest.approx(0.738, abs=5e-4)
    assert found.outlook is Outlook.UNCERTAIN
    assert found.rate_wanted == pytest.approx(106 + 0.8416212336 * math.sqrt(1625 / 5))


def test_the_predictive_probability_is_that_of_a_simulated_posterior() -> None:
    """Second method: σ² = 3·s²/χ²(3), mean = N(m, σ²/4), the five years N(mean, σ²) each; 400,000 draws, standard error 0.0008."""
    rng = np.random.default_rng(11)
    draws = 400_000
    sigma = np.sqrt(3 * 1625 / rng.chisquare(3, draws))
    mean = rng.normal(117.5, sigma / 2)
    reached = rng.normal(5 * mean, sigma * math.sqrt(5)) >= 530
    assert forecast_count(FIRMS, 1000, 2030).probability == pytest.approx(reached.mean(), abs=0.004)


def test_under_three_years_nothing_is_said_but_what_is_needed() -> None:
    found = forecast_count({2024: 3.0, 2025: 4.0}, 40, 2030)
    assert (found.outlook, found.probability, found.needed) == (Outlook.INSUFFICIENT, None, 6.6)


def test_no_year_at_all_is_insufficient() -> None:
    assert forecast_count({}, 10, 2030).outlook is Outlook.INSUFFICIENT


def test_a_reached_target_is_reached_and_a_past_one_missed() -> None:
    assert forecast_count(FIRMS, 470, 2030).outlook is Outlook.REACHED
    assert forecast_count(FIRMS, 471, 2025).outlook is Outlook.MISSED


def test_additions_that_never_differ_are_certain_either_way() -> None:
    steady = {2023: 10.0, 2024: 10.0, 2025: 10.0}
    assert forecast_count(steady, 80, 2030).probability == 1
    assert forecast_count(steady, 81, 2030).probability == 0


def test_a_gap_between_years_is_refused_rather_than_taken_for_zero() -> None:
    with pytest.raises(ValueError, match="gap"):
        forecast_count({2022: 1.0, 2024: 2.0}, 10, 2030)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 30, 31])
def test_students_distribution_is_that_of_a_library(freedom: int) -> None:
    for t in (-40.0, -2.5, -0.1, 0.0, 0.7, 3.0, 250.0):
        assert student_cdf(t, freedom) == pytest.approx(float(stdtr(freedom, t)), abs=1e-14)
