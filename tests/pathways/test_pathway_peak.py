"""The peak test and the chance of a peak."""

from __future__ import annotations

import numpy as np
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.pathways import mann_kendall, peak_test, sen_slope
from tanlu.pathways.peak import peak_chance, serial_factor

values = st.lists(st.integers(-50, 50).map(float), min_size=4, max_size=40)


@given(values)
def test_mann_kendall_and_sen_agree_with_pymannkendall(series: list[float]) -> None:
    array = np.array(series)
    if len(set(series)) == 1:
        assert mann_kendall(array) == (0.0, 1.0)
        return
    oracle = pymannkendall.original_test(array)
    z, p = mann_kendall(array)
    assert z == pytest.approx(oracle.z, abs=1e-12)
    assert p == pytest.approx(oracle.p, abs=1e-9)
    assert sen_slope(array) == pytest.approx(oracle.slope, abs=1e-12)


@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt")
@pytest.mark.parametrize("memory", [-0.7, 0.0, 0.6, 0.95])
@pytest.mark.parametrize("count", [8, 12, 29])
def test_serial_correlation_agrees_with_pymannkendall(count: int, memory: float) -> None:
    """Even numbers of pairs: with an odd one the pair of the median slope is tied exactly, which the package leaves to rounding."""
    rng = np.random.default_rng([count, int(100 * memory + 100)])
    array = np.zeros(count)
    for t in range(1, count):
        array[t] = memory * array[t - 1] + rng.standard_normal()
    array -= 0.1 * np.arange(count)
    oracle = pymannkendall.hamed_rao_modification_test(array)
    plain = pymannkendall.original_test(array)
    assert serial_factor(array) == pytest.approx(oracle.var_s / plain.var_s, abs=1e-9)
    if serial_factor(array) > 0:
        assert mann_kendall(array, serial_factor(array))[1] == pytest.approx(oracle.p, abs=1e-9)


def test_a_series_with_memory_is_less_certain_than_one_that_alternates() -> None:
    """Twenty years fall by one a year, under one slow wave and under a quick one: neighbours that are alike count for fewer."""
    t = np.arange(20.0)
    assert serial_factor(8 * np.sin(2 * np.pi * t / 20) - t) > 1.0
    assert serial_factor(8 * np.array([1, -1] * 10) - t) < 1.0


def test_short_or_straight_series_need_no_correction() -> None:
    assert serial_factor(np.array([3.0, 1.0])) == 1.0
    assert serial_factor(np.arange(8.0)) == 1.0


def years(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return np.arange(2010, 2010 + count)


def test_last_value_is_never_a_peak() -> None:
    assert peak_test(years(8), np.arange(8.0)).status == "none"


def test_four_years_after_the_maximum_do_not_confirm() -> None:
    test = peak_test(years(7), np.array([1, 2, 9, 8, 7, 6, 5.0]))
    assert (test.year, test.status, test.p) == (2012, "plateau", None)


def test_five_falling_years_confirm() -> None:
    """S = -10, variance 5·4·15/18 = 16.67, z = -9/4.08 = -2.205, p = 0.0275."""
    test = peak_test(years(8), np.array([1, 2, 9, 8, 7, 6, 5, 4.0]))
    assert test.status == "confirmed"
    assert test.p == pytest.approx(0.0275, abs=1e-4)
    assert test.slope == -1.0


def test_a_maximum_followed_by_noise_is_a_plateau() -> None:
    test = peak_test(years(10), np.array([90, 100, 98, 99.5, 97, 99, 98, 99.6, 97.5, 99.0]))
    assert test.status == "plateau"


def test_plateau_is_the_span_within_one_percent() -> None:
    test = peak_test(years(9), np.array([90, 99.2, 100, 99.5, 98, 99.9, 90, 80, 70.0]))
    assert test.plateau == (2011, 2013)


def test_chance_counts_draws_that_peak_in_time() -> None:
    """Two of four draws peak by 2012; the draw that still rises at the end has no peak."""
    paths = np.array([[1, 2, 1, 1, 1], [3, 2, 1, 1, 1], [1, 1, 1, 4, 1], [1, 2, 3, 4, 5.0]])
    chance = peak_chance(years(5), paths, 2012, 2)
    assert chance.probability == 0.5
    assert chance.stderr == pytest.approx(0.5)
    assert chance.stderr_bound == pytest.approx(0.25)


def test_draws_must_divide_into_scrambles() -> None:
    with pytest.raises(ValueError, match="scrambles"):
        peak_chance(years(3), np.ones((5, 3)), 2011, 2)
