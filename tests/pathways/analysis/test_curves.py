"""Learning, diffusion and survival curves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.pathways import (
    bass,
    bass_peak,
    bass_rate,
    learning_rate_of,
    logistic,
    weibull_scale,
    weibull_survivors,
    wright_cost,
)

TIMES = np.linspace(0.0, 40.0, 4001)


def test_cost_falls_by_the_learning_rate_with_each_doubling() -> None:
    assert wright_cost(100.0, [1.0, 2.0, 4.0, 8.0], 1.0, 0.2) == pytest.approx(np.array([100, 80, 64, 51.2]), rel=1e-12)


def test_cost_stays_above_its_floor() -> None:
    assert wright_cost(100.0, [2.0, 1e9], 1.0, 0.2, floor=70.0).tolist() == [80.0, 70.0]


@settings(max_examples=30)
@given(st.floats(-0.2, 0.6), st.floats(1.1, 1e4))
def test_learning_rate_is_found_again(rate: float, growth: float) -> None:
    cost = float(wright_cost(500.0, 3.0 * growth, 3.0, rate))
    assert learning_rate_of(500.0, cost, 3.0, 3.0 * growth) == pytest.approx(rate, abs=1e-9)


def test_what_is_not_yet_built_has_no_experience_curve() -> None:
    with pytest.raises(ValueError, match="outside"):
        wright_cost(100.0, 1.0, 0.0, 0.2)
    with pytest.raises(ValueError, match="below 1"):
        wright_cost(100.0, 2.0, 1.0, 1.0)


# coefficients of Bass 1969, as rounded in the literature: room air conditioners, clothes dryers, record players, steam irons
BASS = [(0.010, 0.42), (0.017, 0.36), (0.025, 0.65), (0.029, 0.33)]


@pytest.mark.parametrize(("p", "q"), BASS)
def test_bass_solves_its_equation(p: float, q: float) -> None:
    """dF/dt = (p + qF)(1 − F), here by central differences."""
    share, step = bass(TIMES, p, q), TIMES[1] - TIMES[0]
    slope = (share[2:] - share[:-2]) / (2 * step)
    assert np.allclose(slope, (p + q * share[1:-1]) * (1 - share[1:-1]), rtol=0, atol=1e-5)
    assert share[0] == 0.0


@pytest.mark.parametrize(("p", "q"), BASS)
def test_most_adopt_when_bass_says(p: float, q: float) -> None:
    """Bass 1969: t* = ln(q/p)/(p + q), S* = m(p + q)²/(4q); and S = pm + (q − p)Y − (q/m)Y²."""
    when, most = bass_peak(p, q, 1000.0)
    rate, total = bass_rate(TIMES, p, q, 1000.0), bass(TIMES, p, q, 1000.0)
    assert when == pytest.approx(TIMES[rate.argmax()], abs=1e-2)
    assert most == pytest.approx(rate.max(), rel=1e-5)
    assert np.allclose(rate, p * 1000 + (q - p) * total - q / 1000 * total**2, rtol=1e-9)


def test_innovators_alone_adopt_at_once() -> None:
    """q = 0 is exponential: F = 1 − e^(−pt)."""
    assert bass_peak(0.1, 0.05) == (0.0, 0.1)
    assert float(bass(5.0, 0.1, 0.0)) == pytest.approx(1 - math.exp(-0.5), rel=1e-14)
    assert float(bass(-1.0, 0.1, 0.3)) == 0.0 and float(bass_rate(-1.0, 0.1, 0.3)) == 0.0
    with pytest.raises(ValueError, match="innovation"):
        bass(1.0, 0.0, 0.3)


def test_logistic_takes_its_time_from_ten_to_ninety_percent() -> None:
    shares = logistic([2030.0, 2040.0, 2050.0], 2040.0, 20.0, ceiling=0.8)
    assert shares == pytest.approx(np.array([0.08, 0.40, 0.72]), rel=1e-12)
    assert logistic([2030.0, 2050.0], 2040.0, -20.0) == pytest.approx(np.array([0.9, 0.1]), rel=1e-12)
    assert logistic([-1e6, 1e6], 0.0, 1.0).tolist() == [0.0, 1.0]
    with pytest.raises(ValueError, match="step"):
        logistic(0.0, 0.0, 0.0)


def test_weibull_survivors() -> None:
    """At the scale 1/e are left whatever the shape; shape 1 is a constant rate; what is not built has not retired."""
    assert weibull_survivors(20.0, 20.0, [1.0, 2.5, 6.0]) == pytest.approx(np.full(3, math.exp(-1)), rel=1e-14)
    assert weibull_survivors([0.0, 5.0, 10.0], 10.0, 1.0) == pytest.approx(np.exp([0.0, -0.5, -1.0]), rel=1e-14)
    assert float(weibull_survivors(-3.0, 20.0, 2.0)) == 1.0
    with pytest.raises(ValueError, match="above zero"):
        weibull_survivors(1.0, 0.0, 2.0)


@settings(max_examples=30)
@given(st.floats(1.0, 60.0), st.floats(0.8, 8.0))
def test_mean_life_is_the_area_under_the_survivors(mean: float, shape: float) -> None:
    ages = np.linspace(0.0, 20.0 * mean, 4001)
    survivors = weibull_survivors(ages, weibull_scale(mean, shape), shape)
    assert np.trapezoid(survivors, ages) == pytest.approx(mean, rel=1e-3)
