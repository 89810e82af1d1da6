"""Chemicals: hand calculations, proportion, arrays, and the carbon that must not appear or vanish."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.adipic_acid import adipic_acid_n2o
from tanlu.accounts.methods.ammonia import ammonia_co2
from tanlu.accounts.methods.caprolactam import caprolactam_n2o
from tanlu.accounts.methods.carbide import carbide_coke_emissions, carbide_emissions, carbide_use_co2
from tanlu.accounts.methods.chemical_carbon_balance import carbon_balance_co2
from tanlu.accounts.methods.nitric_acid import nitric_acid_n2o
from tanlu.accounts.methods.petrochemicals import coal_chemical_co2, ethylene_emissions, petrochemical_emissions
from tanlu.accounts.methods.soda_ash import natural_soda_ash_co2, solvay_soda_ash_co2
from tanlu.accounts.methods.titanium_dioxide import titanium_dioxide_co2
from tanlu.core.library import load_library


def test_ammonia_by_hand() -> None:
    """1,000 t · 30.2 GJ/t = 30,200 GJ; · 0.0153 t C/GJ = 462.06 t C; · 44/12 = 1,694.22 t; less 700 t into urea."""
    assert ammonia_co2(1000.0, 30.2, 0.0153, 1.0, 0.0) == pytest.approx(1694.22)
    assert ammonia_co2(1000.0, 30.2, 0.0153, 1.0, 700.0) == pytest.approx(994.22)


def test_the_ammonia_factor_of_the_database_is_the_product_of_its_parts() -> None:
    """Table 3.1 prints 1.694 t CO2/t for conventional reforming of gas: 30.2 GJ/t · 15.3 kg C/GJ · 44/12."""
    factors = load_library().factors
    need = factors["ipcc-2006.fuel_requirement.ammonia.gas_conventional"].in_unit("GJ/t")
    carbon = factors["ipcc-2006.carbon_content.natural_gas"].in_unit("t C/GJ")
    printed = factors["ipcc-2006.emission_factor.ammonia.gas_conventional.co2"].in_unit("t CO2/t")
    assert ammonia_co2(1.0, need, carbon, 1.0, 0.0) == pytest.approx(printed, abs=0.0005)


def test_carbon_balance_by_hand() -> None:
    """100 t of methane (0.749) to methanol 180 t (0.375), soot 1 t (0.97): 74.9 − 67.5 − 0.97 = 6.43 t C = 23.5767 t CO2."""
    assert carbon_balance_co2(100.0, 0.749, 180.0, 0.375, 1.0, 0.97, 0.0) == pytest.approx(23.5767, abs=5e-5)


@given(st.floats(0, 1e6), st.floats(0, 1))
def test_a_process_that_keeps_all_carbon_releases_none(amount: float, carbon: float) -> None:
    assert carbon_balance_co2(amount, carbon, amount, carbon, 0.0, 0.0, 0.0) == 0.0


def test_products_in_records_of_their_own_give_the_same_sum() -> None:
    whole = carbon_balance_co2(100.0, 0.8, 60.0, 0.7, 0.0, 0.0, 0.0)
    parts = carbon_balance_co2(100.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0) + carbon_balance_co2(0, 0, 60.0, 0.7, 0, 0, 0)
    assert whole == pytest.approx(parts)


def test_nitric_acid_by_hand() -> None:
    """20,000 t · 7 kg/t = 140 t; destroyed 80 % of the 90 % of the time: · (1 − 0.72) = 39.2 t."""
    assert nitric_acid_n2o(20_000.0, 7.0, 0.0, 0.0) == pytest.approx(140.0)
    assert nitric_acid_n2o(20_000.0, 7.0, 0.8, 0.9) == pytest.approx(39.2)


def test_adipic_acid_by_hand() -> None:
    """10,000 t · 300 kg/t = 3,000 t; thermal destruction 98.5 % · 97 %: left 1 − 0.95545 = 0.04455, 133.65 t."""
    assert adipic_acid_n2o(10_000.0, 300.0, 0.985, 0.97) == pytest.approx(133.65)
    assert adipic_acid_n2o(10_000.0, 300.0, 0.0, 0.0) == pytest.approx(3000.0)


def test_caprolactam_by_hand() -> None:
    """2006 Guidelines, vol. 3, ch. 3, equation 3.9; 9 kg/t is table 3.5 (EFDB 213999): 200,000 t · 9 kg/t = 1,800 t."""
    assert caprolactam_n2o(200_000.0, 9.0, 0.0, 0.0) == pytest.approx(1800.0)


@given(st.floats(0, 1e6), st.floats(0, 1), st.floats(0, 1))
def test_abatement_never_adds_and_never_turns_negative(acid: float, destroyed: float, used: float) -> None:
    open_vent = nitric_acid_n2o(acid, 9.0, 0.0, 0.0)
    assert 0 <= nitric_acid_n2o(acid, 9.0, destroyed, used) <= open_vent
    assert nitric_acid_n2o(acid, 9.0, 1.0, 1.0) == 0


def test_carbide_by_hand() -> None:
    """Silicon carbide: 1,000 t · 2.62 = 2,620 t CO2 and · 11.6 kg = 11.6 t CH4; petroleum coke for CaC2: 500 t · 1.7 = 850 t."""
    assert carbide_emissions(1000.0, 2.62, 11.6) == pytest.approx((2620.0, 11.6))
    assert carbide_coke_emissions(500.0, 1.7, 0.0) == pytest.approx((850.0, 0.0))
    assert carbide_use_co2(10.0, 1.1) == pytest.approx(11.0)


def test_factors_of_silicon_carbide_keep_the_carbon_of_the_coke() -> None:
    """35 % of the carbon stays in the carbide: what leaves is 65 % of it; a coke factor of 2.3 is 0.65 · 0.97 · 44/12."""
    library = load_library().factors
    printed = library["ipcc-2006.emission_factor.petroleum_coke_in_silicon_carbide.co2"].value
    assert printed == pytest.approx(0.65 * 0.97 * 44 / 12, abs=0.05)


def test_soda_ash_by_hand() -> None:
    """2006 Guidelines, vol. 3, ch. 3: equation 3.14 (0.097 is its factor) and the balance of section 3.8.2.1, purities given.

    Trona 1,000 t · 0.097 = 97 t. Solvay: 1,400 t limestone · 0.95 · 0.44 = 585.2, coke 100 t · 0.85 · 44/12 = 311.667,
    bound 1,000 · 0.99 · 44/106 = 410.943; released 485.923.
    """
    assert natural_soda_ash_co2(1000.0, 0.097) == pytest.approx(97.0)
    released, bound = solvay_soda_ash_co2(1400.0, 0.95, 100.0, 0.85, 1000.0, 0.99)
    assert bound == pytest.approx(410.943, abs=5e-4)
    assert released == pytest.approx(485.923, abs=1e-3)


def test_the_factor_of_trona_is_its_stoichiometry() -> None:
    """2 (Na2CO3·NaHCO3·2H2O) → 3 Na2CO3 + 5 H2O + CO2: 44 of 2 · 226, per soda ash 44 of 3 · 106."""
    factors = load_library().factors
    assert factors["ipcc-2006.emission_factor.trona_used.co2"].value == pytest.approx(44 / 452, abs=5e-4)
    assert factors["ipcc-2006.emission_factor.natural_soda_ash.co2"].value == pytest.approx(44 / 318, abs=5e-4)


def test_titanium_dioxide_and_coal_chemicals_by_hand() -> None:
    """2006 Guidelines, vol. 3, ch. 3, equation 3.12, and E = PP · EF of the coal chemicals.

    1.34 t/t is table 3.9 (chloride route); 3.92 t/t is ammonia from coal in the Chinese literature of the EFDB.
    """
    assert titanium_dioxide_co2(50_000.0, 1.34) == pytest.approx(67_000.0)
    assert coal_chemical_co2(1000.0, 3.92) == pytest.approx(3920.0)


def test_petrochemicals_by_hand() -> None:
    """Methanol 1,000 t · 0.67 = 670 t CO2, · 2.3 kg = 2.3 t CH4. Ethylene in Asia 1,000 t · 1.73 · 1.3 = 2,249 t, · 3 kg = 3 t."""
    assert petrochemical_emissions(1000.0, 0.67, 2.3) == pytest.approx((670.0, 2.3))
    assert ethylene_emissions(1000.0, 1.73, 1.3, 3.0) == pytest.approx((2249.0, 3.0))


def test_methods_take_arrays_with_an_axis_of_draws() -> None:
    acid, factor = np.array([100.0, 200.0]), np.array([[5.0], [7.0], [9.0]])
    assert nitric_acid_n2o(acid, factor, 0.0, 0.0) == pytest.approx(np.array([[0.5, 1.0], [0.7, 1.4], [0.9, 1.8]]))
    assert np.shape(ammonia_co2(acid, factor, 0.0153, 1.0, 0.0)) == (3, 2)
    assert ammonia_co2(2 * acid, 30.2, 0.0153, 1.0, 0.0) == pytest.approx(2 * ammonia_co2(acid, 30.2, 0.0153, 1.0, 0.0))
