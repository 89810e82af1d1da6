"""Primary aluminium: anodes, paste and anode effects by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.aluminium import (
    aluminium_co2,
    anode_co2,
    anode_effect_pfc,
    overvoltage_pfc,
    paste_co2,
    slope_pfc,
)
from tanlu.core.units import conversion_factor


def test_anodes_by_hand() -> None:
    assert aluminium_co2(100_000, 1.6) == pytest.approx(160_000)
    # 100,000 t · 0.42 · 0.976 · 44/12
    assert anode_co2(100_000, 0.42, 0.02, 0.004) == pytest.approx(150_304)


def test_pure_carbon_anodes_of_one_third_give_stoichiometric_co2() -> None:
    """4 Al + 3 C: 36 t of carbon and 132 t of CO2 for 107.93 t of aluminium."""
    assert anode_co2(107.93, 36 / 107.93, 0.0, 0.0) == pytest.approx(132)


def test_paste_by_hand() -> None:
    # per tonne: 0.5 − 0.004 − 0.24·0.5·(0.006+0.002+0.033) − 0.76·0.5·(0.019+0.002) − 0.01
    per_tonne = 0.5 - 0.004 - 0.00492 - 0.00798 - 0.01
    found = paste_co2(1_000, 0.5, 4.0, 0.24, 0.006, 0.002, 0.033, 0.019, 0.002, 0.01)
    assert found == pytest.approx(1_000 * per_tonne * 44 / 12)


def test_paste_without_losses_is_an_anode_without_ash() -> None:
    assert paste_co2(1_000, 0.5, 0, 0.24, 0, 0, 0, 0, 0, 0) == pytest.approx(anode_co2(1_000, 0.5, 0, 0))


def test_anode_effects_by_hand() -> None:
    """E = P · EF / 1000: Provincial Guidelines 2011 (aluminium production), industry guideline of 2013 (anode effects).

    0.02 and 0.0011 kg/t are given here; those of each rule are checked in `test_process_rules`.
    """
    cf4, c2f6 = anode_effect_pfc(100_000, 0.02, 0.0011)
    assert (cf4, c2f6) == (pytest.approx(2.0), pytest.approx(0.11))


def test_slope_by_hand() -> None:
    # 100,000 t · 0.25 min · 0.143 kg/t/min = 3,575 kg; 12.1 % of it
    cf4, c2f6 = slope_pfc(100_000, 0.25, 0.143, 0.121)
    assert (cf4, c2f6) == (pytest.approx(3.575), pytest.approx(0.432575))


def test_slope_of_the_reporting_service_of_the_uk() -> None:
    """Case of PfcEmissionsCalculationServiceTest (github.com/UKGovernmentBEIS/pmrv): 1 t, ten effects of ten minutes, slope 1, ratio 10."""
    assert slope_pfc(1, 10 * 10, 1, 10) == (pytest.approx(0.10000), pytest.approx(1.00000))


def test_overvoltage_by_hand() -> None:
    # 1,000 t · 1.16 · 5 mV / 95
    cf4, c2f6 = overvoltage_pfc(1_000, 5, 95, 1.16, 0.121)
    assert (cf4, c2f6) == (pytest.approx(0.0610526, abs=1e-7), pytest.approx(0.00738737, abs=1e-8))


@given(st.floats(0.0, 1e7), st.floats(0.0, 20.0), st.floats(0.0, 0.4))
def test_the_second_gas_is_a_share_of_the_first(aluminium: float, minutes: float, ratio: float) -> None:
    cf4, c2f6 = slope_pfc(aluminium, minutes, 0.143, ratio)
    assert c2f6 == pytest.approx(cf4 * ratio)


def test_cells_without_anode_effects_give_none() -> None:
    assert slope_pfc(100_000, 0.0, 0.143, 0.121) == (0.0, 0.0)


def test_arrays_broadcast() -> None:
    cf4, c2f6 = slope_pfc(np.array([1000.0, 2000.0]), np.array([[1.0], [2.0], [3.0]]), 0.1, 0.5)
    assert np.shape(cf4) == np.shape(c2f6) == (3, 2)
    np.testing.assert_allclose(cf4[2], [0.3, 0.6])


def test_minutes_and_millivolts_are_units() -> None:
    assert conversion_factor("h", "min") == pytest.approx(60)
    assert conversion_factor("kg CF4/t/min", "g CF4/t/min") == pytest.approx(1000)
    assert conversion_factor("mV", "mV") == 1
