"""Fuel combustion: hand calculations, the limit of full oxidation, and what does not depend on the measure of the fuel."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.combustion import (
    biomass_combustion,
    combustion_co2,
    combustion_co2_by_factor,
    combustion_co2_measured,
    combustion_non_co2,
)
from tanlu.accounts.methods.fuels import BIOMASS_FUELS, FOSSIL_FUELS, SECTORS
from tanlu.accounts.rulebook.method import methods
from tanlu.core.library import load_library

amounts = st.floats(0.0, 1e9)


def test_co2_of_coal_by_hand() -> None:
    """1000 t · 23.204 GJ/t = 23,204 GJ; · 0.02618 = 607.48072 t C; · 0.93 = 564.9570696; · 44/12 = 2071.5092552 t."""
    assert combustion_co2(1000.0, 23.204, 0.02618, 0.93) == pytest.approx(2071.5092552)


def test_co2_of_gas_by_volume_by_hand() -> None:
    """10 · 10^4 Nm3 · 389.31 = 3893.1 GJ; · 0.0153 = 59.56443 t C; · 0.99 · 44/12 = 216.2188809 t."""
    assert combustion_co2(10.0, 389.31, 0.0153, 0.99) == pytest.approx(216.2188809)


def test_statutory_numbers_stay_exact() -> None:
    exact = combustion_co2(Fraction(1000), Fraction("23.204"), Fraction("0.02618"), Fraction("0.93"))
    assert exact == Fraction(1000) * Fraction("23.204") * Fraction("0.02618") * Fraction("0.93") * Fraction(44, 12)
    assert isinstance(exact, Fraction)


def test_co2_by_factor_by_hand() -> None:
    """2000 t · 43 GJ/t = 86 TJ; · 74,100 kg/TJ = 6,372,600 kg."""
    assert combustion_co2_by_factor(2000.0, 43.0, 74_100.0) == pytest.approx(6372.6)


def test_measured_carbon_by_hand() -> None:
    """300 t · 0.6 · 0.98 = 176.4 t C; · 44/12 = 646.8 t."""
    assert combustion_co2_measured(300.0, 0.6, 0.98) == pytest.approx(646.8)


def test_non_co2_by_hand() -> None:
    """500 t · 25.8 GJ/t = 12.9 TJ; · 300 kg CH4/TJ = 3.87 t; · 1.5 kg N2O/TJ = 0.01935 t."""
    ch4, n2o = combustion_non_co2(500.0, 25.8, 300.0, 1.5)
    assert (ch4, n2o) == (pytest.approx(3.87), pytest.approx(0.01935))


def test_biomass_by_hand() -> None:
    """100 t · 15.6 GJ/t = 1.56 TJ; · 112,000 = 174.72 t CO2; · 30 = 0.0468 t CH4; · 4 = 0.00624 t N2O."""
    found = biomass_combustion(100.0, 15.6, 112_000.0, 30.0, 4.0)
    assert found == (pytest.approx(174.72), pytest.approx(0.0468), pytest.approx(0.00624))


@given(amounts, st.floats(1.0, 80.0), st.floats(0.008, 0.055), st.floats(0.8, 1.0))
def test_no_more_carbon_leaves_than_came_in(amount: float, ncv: float, carbon: float, oxidised: float) -> None:
    """CO2 is linear in the fuel and never above full oxidation."""
    found = combustion_co2(amount, ncv, carbon, oxidised)
    assert combustion_co2(2 * amount, ncv, carbon, oxidised) == pytest.approx(2 * found)
    assert found <= amount * ncv * carbon * 44 / 12 * (1 + 1e-12)


@given(amounts, st.floats(1.0, 80.0))
def test_heat_and_mass_of_the_same_fuel_give_the_same(amount: float, ncv: float) -> None:
    assert combustion_co2(amount * ncv, 1.0, 0.02, 0.98) == pytest.approx(combustion_co2(amount, ncv, 0.02, 0.98))


def test_arrays_and_a_leading_axis_of_draws_broadcast() -> None:
    draws = np.array([[0.9], [1.0]])
    found = combustion_co2(np.array([1.0, 2.0, 3.0]), 20.0, 0.025, draws)
    assert np.asarray(found).shape == (2, 3)
    assert np.allclose(np.asarray(found)[1], np.array([1.0, 2.0, 3.0]) * 20.0 * 0.025 * 44 / 12)


def test_a_slip_between_carbon_and_co2_lies_outside_the_plausible_range() -> None:
    """A CO2 factor given as carbon is 44/12 too high; for coal, oil and gas it must not pass."""
    wanted = methods()["fuel-combustion-carbon"].by_name["carbon_content"]
    assert wanted.high is not None
    for carbon in (0.0153, 0.0172, 0.0189, 0.0202, 0.0211, 0.02618, 0.028):
        assert carbon < wanted.high < carbon * 44 / 12


def test_every_fuel_and_sector_has_a_name_in_both_languages() -> None:
    labels = load_library().labels
    missing = [w for w in (*FOSSIL_FUELS, *BIOMASS_FUELS, *SECTORS) if w not in labels]
    assert missing == []
