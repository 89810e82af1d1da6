"""Kaya identity and decoupling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tanlu.pathways import kaya, kaya_factors, tapio
from tanlu.pathways.analysis.tapio import State

series = arrays(float, (4, 5), elements=st.floats(0.1, 1e3))


@settings(max_examples=30)
@given(series, st.booleans())
def test_kaya_closes_with_what_stands_apart(values: np.ndarray, chained: bool) -> None:
    apart = {"process": np.linspace(3.0, 0.0, 5), "uptake": np.array([-4.0, 1.0, 0.0, 2.0, -9.0])}
    effects = kaya(*values, apart=apart, chained=chained)
    change = values[3, -1] - values[3, 0] - 3.0 - 5.0
    assert sum(effects.values()) == pytest.approx(change, abs=1e-12 * (1 + np.abs(values[3]).max() * 10))


@settings(max_examples=30)
@given(series)
def test_product_of_the_factors_is_the_co2(values: np.ndarray) -> None:
    assert kaya_factors(*values).prod(axis=0) == pytest.approx(values[3], rel=1e-12)


def test_kaya_by_hand() -> None:
    """C 100 → 121 with twice the GDP per head and constant people: L = 21/ln 1.21 = 110.1661; affluence L·ln 2 = 76.3613;
    energy 10 → 16 halves to 0.8 of its intensity: L·ln 0.8 = −24.5831; C/E 10 → 7.5625: L·ln 0.75625 = −30.7782."""
    effects = kaya([5, 5], [50, 100], [10, 16], [100, 121])
    assert effects["population"] == 0.0
    assert effects["gdp_per_head"] == pytest.approx(76.3613, abs=1e-3)
    assert effects["energy_intensity"] == pytest.approx(-24.5831, abs=1e-3)
    assert effects["carbon_intensity"] == pytest.approx(-30.7782, abs=1e-3)


def test_kaya_refuses_a_year_without_people() -> None:
    with pytest.raises(ValueError, match="population"):
        kaya([0, 1], [1, 1], [1, 1], [1, 1])


# change of emissions and of the driver [%]; states of Tapio 2005
STATES: list[tuple[float, float, State]] = [
    (-5, 10, "strong_decoupling"),
    (5, 10, "weak_decoupling"),
    (10, 10, "expansive_coupling"),
    (15, 10, "expansive_negative_decoupling"),
    (5, -10, "strong_negative_decoupling"),
    (-5, -10, "weak_negative_decoupling"),
    (-10, -10, "recessive_coupling"),
    (-15, -10, "recessive_decoupling"),
    (0, 10, "weak_decoupling"),
    (0, -10, "weak_negative_decoupling"),
    (8, 10, "expansive_coupling"),
    (12, 10, "expansive_coupling"),
    (-8, -10, "recessive_coupling"),
    (-12, -10, "recessive_coupling"),
    (7.99, 10, "weak_decoupling"),
    (12.01, 10, "expansive_negative_decoupling"),
]


@pytest.mark.parametrize(("change", "growth", "state"), STATES)
def test_states_of_decoupling(change: float, growth: float, state: State) -> None:
    found = tapio(100.0, 100.0 + change, 100.0, 100.0 + growth)
    assert found.state == state
    assert found.elasticity == pytest.approx(change / growth, abs=1e-9)


def test_no_growth_has_no_elasticity() -> None:
    found = tapio(100.0, 105.0, 50.0, 50.0)
    assert (found.elasticity, found.state) == (None, "undefined")
    assert tapio(100.0, 105.0, 50.0, 50.1, still=0.005).state == "undefined"


def test_decoupling_needs_emissions_in_the_first_year() -> None:
    with pytest.raises(ValueError, match="above zero"):
        tapio(0.0, 1.0, 1.0, 1.0)
