"""Cement: hand calculations, trade in clinker, dust, deductions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.cement import (
    carbonates_co2,
    cement_production_co2,
    clinker_by_type_co2,
    clinker_co2,
    clinker_oxides_co2,
    clinker_without_slag_co2,
    raw_material_deduction,
)

SHARES = st.floats(0.0, 1.0)
AMOUNTS = st.floats(0.0, 1e8)


def test_cement_by_hand() -> None:
    # 1,000,000 t of cement hold 750,000 t of clinker; 50,000 came in, 20,000 went out: 720,000 t · 0.52
    assert cement_production_co2(1_000_000, 0.75, 50_000, 20_000, 0.52) == pytest.approx(374_400)


@given(AMOUNTS, AMOUNTS)
def test_clinker_that_passes_through_changes_nothing(cement: float, traded: float) -> None:
    without = cement_production_co2(cement, 0.75, 0.0, 0.0, 0.52)
    assert cement_production_co2(cement, 0.75, traded, traded, 0.52) == pytest.approx(without, abs=1e-6)


def test_clinker_by_hand() -> None:
    # 100,000 t · 0.785 · (0.66 − 0.02) = 50,240 t, and 2 % of dust
    assert clinker_co2(100_000, 0.66, 0.02, 0.785, 1.02) == pytest.approx(51_244.8)


def test_lime_that_came_without_carbonate_gives_no_co2() -> None:
    assert clinker_co2(100_000, 0.65, 0.65, 0.785, 1.02) == 0.0


def test_clinker_of_carbide_slag_is_left_out() -> None:
    """Provincial Guidelines 2011, cement production: (500,000 − 100,000) t · 0.538; the factor is recalled (grade C)."""
    assert clinker_without_slag_co2(500_000, 100_000, 0.538) == pytest.approx(215_200)


def test_oxides_by_hand() -> None:
    # (100,000 + 500) t · (0.64 · 44/56 + 0.02 · 44/40) = 100,500 · (0.502857 + 0.022) and 150,000 t of meal · 0.1 % · 44/12
    found = clinker_oxides_co2(100_000, 400, 100, 0.65, 0.01, 0.022, 0.002, 150_000, 0.001)
    assert found == pytest.approx(100_500 * (0.64 * 44 / 56 + 0.022) + 550)


def test_oxides_agree_with_the_ipcc_where_only_lime_counts() -> None:
    """44/56 is 0.7857, the IPCC prints 0.785 (44.01/56.08)."""
    assert clinker_oxides_co2(1000, 0, 0, 0.65, 0, 0, 0, 0, 0) == pytest.approx(
        clinker_co2(1000, 0.65, 0, 0.785, 1), rel=1e-3
    )


def test_replacing_material_takes_off_what_its_lime_would_have_given() -> None:
    clinker = clinker_by_type_co2(1_000_000, 0.535)
    assert clinker + raw_material_deduction(100_000, 0.480) == pytest.approx(535_000 - 48_000)


def test_carbonates_by_hand() -> None:
    # 10,000 t of calcite all calcined; 200 t of dust, half calcite, 40 % of it calcined: 60 t stay; 1,000 t of shale with 2 % of carbon
    found = carbonates_co2(10_000, 1.0, 0.43971, 200, 0.5, 0.4, 1_000, 0.02)
    assert found == pytest.approx((10_000 - 60) * 0.43971 + 20 * 44 / 12)


@given(AMOUNTS, SHARES, SHARES, SHARES)
def test_dust_never_adds(mass: float, dust: float, share: float, calcined: float) -> None:
    whole = carbonates_co2(mass, 1.0, 0.43971, 0.0, 0.0, 1.0, 0.0, 0.0)
    assert carbonates_co2(mass, 1.0, 0.43971, dust * mass, share, calcined, 0.0, 0.0) <= whole + 1e-9


def test_arrays_with_a_leading_axis_of_draws_broadcast() -> None:
    clinker = np.array([1000.0, 2000.0])
    lime = np.array([[0.64], [0.65], [0.66]])
    found = clinker_co2(clinker, lime, 0.0, 0.785, 1.0)
    assert np.shape(found) == (3, 2)
    np.testing.assert_allclose(found, np.outer(lime, clinker) * 0.785)
