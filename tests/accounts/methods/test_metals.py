"""Iron and steel, ferroalloys, lead, zinc, magnesium: hand calculations and balances."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.ferroalloys import ferroalloy_balance_co2, ferroalloy_ch4, ferroalloy_co2
from tanlu.accounts.methods.iron_steel import (
    steel_carbon_flow_co2,
    steel_material_flow_co2,
    steel_process_co2,
    steel_product_ch4,
    steel_product_co2,
)
from tanlu.accounts.methods.lead import lead_co2
from tanlu.accounts.methods.magnesium import cover_gas_sf6, magnesium_co2, magnesium_sf6
from tanlu.accounts.methods.zinc import reductant_co2, zinc_co2
from tanlu.accounts.rulebook.method import methods

MASSES = st.floats(0.0, 1e7)


def test_products_by_hand() -> None:
    assert steel_product_co2(1_000_000, 1.46) == pytest.approx(1_460_000)
    # 0.07 kg/t
    assert steel_product_ch4(2_000_000, 0.07) == pytest.approx(140)


def test_a_blast_furnace_by_hand() -> None:
    """What goes in as coke and coal and does not leave as pig iron or gas is CO2."""
    charged = np.array([400.0, 150.0, 0.0, 0.0])
    leaving = np.array([0.0, 0.0, 1000.0, 500.0])
    carbon = np.array([0.83, 0.67, 0.04, 0.17])
    # (332 + 100.5 − 40 − 85) · 44/12 = 307.5 · 44/12
    assert np.sum(steel_carbon_flow_co2(charged, leaving, carbon)) == pytest.approx(1127.5)


@given(MASSES, st.floats(0.0, 1.0))
def test_what_leaves_as_it_came_gives_nothing(mass: float, carbon: float) -> None:
    assert steel_carbon_flow_co2(mass, mass, carbon) == 0.0
    assert steel_material_flow_co2(mass, mass, 44 / 12 * carbon) == 0.0


def test_provincial_steel_by_hand() -> None:
    """Provincial Guidelines 2011, iron and steel production; 0.430, 0.474, 4.1 % and 0.248 % are its factors, recalled (grade C)."""
    # 1,000 t of limestone and 500 t of dolomite; 10,000 t of iron at 4.1 % lose carbon to 9,500 t of steel at 0.248 %
    found = steel_process_co2(1_000, 0.430, 500, 0.474, 10_000, 0.041, 9_500, 0.00248)
    assert found == pytest.approx(430 + 237 + (410 - 23.56) * 44 / 12)


def test_a_steel_works_by_hand() -> None:
    # 10,000 t of limestone, 200 t of electrodes; 50,000 t of steel sold
    flows = steel_material_flow_co2(
        np.array([10_000, 200, 0]), np.array([0, 0, 50_000]), np.array([0.440, 3.663, 0.037])
    )
    assert np.sum(flows) == pytest.approx(4_400 + 732.6 - 1_850)


def test_the_trading_rule_is_evaluated_in_fractions() -> None:
    rule = methods()["steel-material-flow-ets"]
    values = {
        "input_mass": np.array([Fraction("10.01")], dtype=object),
        "output_mass": np.array([Fraction(0)], dtype=object),
        "material_factor": np.array([Fraction("0.440")], dtype=object),
    }
    assert rule.evaluate(values)[0][0] == Fraction("4.4044")


def test_ferroalloys_by_hand() -> None:
    assert ferroalloy_co2(10_000, 1.3) == pytest.approx(13_000)
    assert ferroalloy_ch4(10_000, 1.2) == pytest.approx(12)


def test_a_ferromanganese_furnace_by_hand() -> None:
    # 500 t of coke, 2,000 t of ore with 1 % of carbon, 100 t of limestone; 1,000 t of alloy with 7 %, 50 t of dust with 20 %
    found = ferroalloy_balance_co2(500, 3.3, 2_000, 0.01, 100, 0.12, 1_000, 0.07, 50, 0.2)
    assert found == pytest.approx(1_650 + (20 + 12 - 70 - 10) * 44 / 12)


def test_lead_and_zinc_by_hand() -> None:
    """2006 Guidelines, vol. 3, ch. 4, equations 4.32 and 4.33, and the tier 2 of sections 4.6.2 and 4.7.2: M · C · 44/12.

    0.52 and 1.72 t/t are tables 4.21 and 4.24; 83 % of carbon in coke is table 4.3.
    """
    assert lead_co2(100_000, 0.52) == pytest.approx(52_000)
    assert zinc_co2(100_000, 1.72) == pytest.approx(172_000)
    # 1,000 t of coke at 83 %
    assert reductant_co2(1_000, 0.83) == pytest.approx(3_043.333, abs=0.001)


def test_magnesium_by_hand() -> None:
    """2006 Guidelines, vol. 3, ch. 4, equations 4.28 and 4.31; Provincial Guidelines 2011, magnesium production, for SF6.

    5.13 t/t is table 4.19 (dolomite); 0.490 kg/t of primary magnesium is recalled (grade C).
    """
    assert magnesium_co2(1_000, 5.13) == pytest.approx(5_130)
    assert magnesium_sf6(1_000, 0.490) == pytest.approx(0.49)
    assert cover_gas_sf6(0.25) == 0.25


def test_dolomite_gives_more_per_magnesium_than_its_formula_and_less_than_twice() -> None:
    """CaMg(CO3)2 holds two CO2 a magnesium; the factor of the IPCC allows for the magnesium that is lost."""
    by_formula = 2 * 44.009 / 24.305
    assert by_formula < magnesium_co2(1, 5.13) < 2 * by_formula


@given(MASSES, st.floats(0.0, 5.0))
def test_products_are_linear(mass: float, per_tonne: float) -> None:
    for function in (steel_product_co2, ferroalloy_co2, lead_co2, zinc_co2, magnesium_co2):
        assert function(2 * mass, per_tonne) == pytest.approx(2 * function(mass, per_tonne))


def test_arrays_broadcast() -> None:
    found = steel_carbon_flow_co2(np.array([12.0, 24.0]), 0.0, np.array([[1.0], [0.5]]))
    np.testing.assert_allclose(found, [[44.0, 88.0], [22.0, 44.0]])
