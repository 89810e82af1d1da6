"""Purchased electricity and heat: hand calculations, certificates, and heat above the base temperature."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.purchased_energy import (
    BASE_TEMPERATURE,
    electricity_by_location,
    electricity_by_market,
    purchased_heat_co2,
    purchased_hot_water_co2,
    purchased_steam_co2,
)


def test_electricity_by_location_by_hand() -> None:
    """(1200 − 200) MWh · 0.4976 = 497.6 t."""
    assert electricity_by_location(1200.0, 200.0, 0.4976) == pytest.approx(497.6)


def test_electricity_by_market_by_hand() -> None:
    """(1000 − 400) MWh · 0.6096 = 365.76 t."""
    assert electricity_by_market(1000.0, 400.0, 0.6096) == pytest.approx(365.76)


def test_certificates_for_everything_leave_nothing_by_market_only() -> None:
    assert electricity_by_market(1000.0, 1000.0, 0.6096) == 0.0
    assert electricity_by_location(1000.0, 0.0, 0.5306) == pytest.approx(530.6)


def test_heat_by_hand() -> None:
    """(5000 − 1000) GJ · 0.11 = 440 t."""
    assert purchased_heat_co2(5000.0, 1000.0, 0.11) == pytest.approx(440.0)


def test_steam_by_hand() -> None:
    """1000 t · (2783.74 − 83.74) kJ/kg = 2,700 GJ; · 0.11 = 297 t."""
    assert purchased_steam_co2(1000.0, 2783.74, 83.74, 0.11) == pytest.approx(297.0)


def test_hot_water_by_hand() -> None:
    """1000 t · 50 K · 4.1868 kJ/kg = 209.34 GJ; · 0.11 = 23.0274 t."""
    assert purchased_hot_water_co2(1000.0, 70.0, 4.1868, 0.11) == pytest.approx(23.0274)


def test_steam_stays_exact_in_fractions() -> None:
    exact = purchased_steam_co2(Fraction(10), Fraction("2783.74"), Fraction("83.74"), Fraction("0.11"))
    assert exact == Fraction("2.97")


def test_water_at_the_base_temperature_has_no_heat() -> None:
    assert purchased_hot_water_co2(1000.0, float(BASE_TEMPERATURE), 4.1868, 0.11) == 0.0


@given(st.floats(0.0, 1e7), st.floats(0.0, 1.0), st.floats(0.1, 1.2))
def test_the_market_total_falls_in_proportion_to_the_certified_share(power: float, share: float, factor: float) -> None:
    found = electricity_by_market(power, power * share, factor)
    assert found == pytest.approx(power * factor * (1 - share), rel=1e-9, abs=1e-6)


def test_hours_of_a_year_and_draws_broadcast() -> None:
    found = electricity_by_location(np.array([1.0, 2.0]), 0.0, np.array([[0.5], [0.6], [0.7]]))
    assert np.asarray(found) == pytest.approx(np.array([[0.5, 1.0], [0.6, 1.2], [0.7, 1.4]]))
