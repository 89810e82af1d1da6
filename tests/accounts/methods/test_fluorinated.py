"""Fluorinated gases: hand calculations, balances that close, blends, and electronics gas by gas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.electronics import AREA_GASES, GASES, OUT, electronics_by_area, electronics_by_gas
from tanlu.accounts.methods.fluorochemicals import (
    BLENDS,
    HFCS,
    hfc23_by_balance,
    hfc23_by_efficiency,
    hfc23_by_ratio,
    hfc_production_losses,
    sf6_production_losses,
)
from tanlu.accounts.methods.ozone_substitutes import refrigerant_losses
from tanlu.accounts.methods.sulphur_hexafluoride import (
    sf6_by_life_stage,
    sf6_of_filling,
    sf6_repair_and_retirement,
    sf6_user_balance,
)
from tanlu.core.gases import gwp_set
from tanlu.core.library import load_library

R410A = (0.5, 0.5, 0.0, 0.0, 0.0, 0.0)


def test_hfc23_by_ratio_by_hand() -> None:
    """10,000 t · 0.04 = 400 t; released for 5 % of the time: 20 t."""
    assert hfc23_by_ratio(10_000.0, 0.04, 1.0) == pytest.approx(400.0)
    assert hfc23_by_ratio(10_000.0, 0.04, 0.05) == pytest.approx(20.0)


def test_hfc23_by_efficiency_by_hand() -> None:
    """Carbon 96 %: 0.04 · 0.81 = 0.0324; fluorine 94 %: 0.06 · 0.54 = 0.0324; mean 0.0324; 1,000 t give 32.4 t."""
    assert hfc23_by_efficiency(1000.0, 0.96, 0.94, 1.0, 1.0, 0.81, 0.54, 1.0) == pytest.approx(32.4)
    assert hfc23_by_efficiency(1000.0, 1.0, 1.0, 1.0, 1.0, 0.81, 0.54, 1.0) == 0


def test_the_balance_factors_are_ratios_of_molar_masses() -> None:
    """HFC-23 is 70.01 g/mol with three F, HCFC-22 is 86.47 with two: 0.81 by carbon, 0.54 by fluorine."""
    factors = load_library().factors
    assert factors["ipcc-2006.balance_factor.hcfc22.carbon.hfc-23"].value == pytest.approx(70.01 / 86.47, abs=0.005)
    assert factors["ipcc-2006.balance_factor.hcfc22.fluorine.hfc-23"].value == pytest.approx(
        70.01 / 86.47 * 2 / 3, abs=0.005
    )


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.floats(0, 1e4))
def test_a_plant_that_destroys_all_that_it_does_not_sell_or_store_releases_nothing(
    sold: float, destroyed: float, stored: float
) -> None:
    made = sold + destroyed + stored
    assert hfc23_by_balance(made, sold, destroyed, 1.0, stored) == pytest.approx(0.0, abs=1e-8)


def test_hfc23_balance_by_hand() -> None:
    """2006 Guidelines, vol. 3, ch. 3, equations 3.34 to 3.38 (generated less kept back); the efficiency is given by the plant.

    300 made − 50 sold − 200 · 99.9 % − 10 stored = 40.2 t.
    """
    assert hfc23_by_balance(300.0, 50.0, 200.0, 0.999, 10.0) == pytest.approx(40.2)


def test_production_losses_by_hand() -> None:
    lost = hfc_production_losses(1000.0, 0.005, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    assert dict(zip(HFCS, lost, strict=True)) == pytest.approx({g: 5.0 if g == "HFC-134a" else 0.0 for g in HFCS})
    assert sf6_production_losses(1000.0, 0.08) == pytest.approx(80.0)


def test_refrigerants_by_hand() -> None:
    """R-410A: filled 100 · 1 % + bank 1,000 · 10 % + retired 50 · 80 % · (1 − 80 %) = 1 + 100 + 8 = 109 t, half of each gas."""
    lost = dict(zip(HFCS, refrigerant_losses(100.0, 1000.0, 50.0, 0.01, 0.1, 0.8, 0.8, *R410A), strict=True))
    assert lost["HFC-32"] == pytest.approx(54.5)
    assert sum(lost.values()) == pytest.approx(109.0)


@pytest.mark.parametrize(("blend", "gwp"), [("r_404a", 3922), ("r_407c", 1774), ("r_410a", 2088), ("r_507a", 3985)])
def test_blends_have_the_gwp_that_is_printed_for_them(blend: str, gwp: float) -> None:
    """GWP of the blends by AR4, as the US EPA prints them (emission factors hub, table 12)."""
    shares = {
        f.gas: f.value for f in load_library().factors.values() if f.parameter == "mass_share" and f.subject == blend
    }
    assert blend in BLENDS and sum(shares.values()) == pytest.approx(1.0)
    assert sum(share * gwp_set("AR4")[gas] for gas, share in shares.items()) == pytest.approx(gwp, abs=0.6)


def test_sf6_user_balance_by_hand() -> None:
    """Stock 120 → 80 kg, bought 60, returned 10, capacity 30 in and 50 out: 40 + 60 − 10 + 20 = 110 kg."""
    assert sf6_user_balance(120.0, 80.0, 60.0, 10.0, 30.0, 50.0) == pytest.approx(0.110)


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_gas_that_is_bought_and_filled_into_new_equipment_is_not_lost(stock: float, charge: float) -> None:
    assert sf6_user_balance(stock, stock, charge, 0.0, charge, 0.0) == 0


def test_sf6_by_life_stage_by_hand() -> None:
    """2006 Guidelines, vol. 3, ch. 8, equation 8.1; table 8.3, Europe: 8.5, 2.6 and 95 % are EFDB 214452 to 214454.

    Closed pressure: 1,000 · 8.5 % + 10,000 · 2.6 % + 200 · 95 % · (1 − 0.9) = 85 + 260 + 19 = 364 kg.
    """
    assert sf6_by_life_stage(1000.0, 10_000.0, 200.0, 0.085, 0.026, 0.95, 0.9) == pytest.approx(0.364)


def test_sf6_of_repair_and_filling_by_hand() -> None:
    """(100 − 90) + (40 − 38) + 3 = 15 kg. 1,000 fillings · 0.342 mol · 146.06 g = 49.95 kg."""
    assert sf6_repair_and_retirement(100.0, 90.0, 40.0, 38.0, 3.0) == pytest.approx(0.015)
    assert sf6_of_filling(1000.0, 0.342, 146.06) == pytest.approx(0.04995, abs=1e-5)


def test_electronics_by_area_by_hand() -> None:
    """Semiconductors, 10,000 m2 · 0.8 = 8,000 m2: CF4 7.2 t, C2F6 8 t, C3F8 0.4 t, HFC-23 0.32 t, NF3 0.32 t, SF6 1.6 t, C6F14 2.4 t."""
    got = electronics_by_area(10_000.0, 0.8, 0.9, 1.0, 0.05, 0.04, 0.04, 0.2, 0.3)
    assert dict(zip(AREA_GASES, got, strict=True)) == pytest.approx(
        {"CF4": 7.2, "C2F6": 8.0, "C3F8": 0.4, "HFC-23": 0.32, "NF3": 0.32, "SF6": 1.6, "C6F14": 2.4}
    )


def test_electronics_by_gas_by_hand() -> None:
    """C2F6 1,000 kg, heel 10 %: 900 kg. Unreacted 60 %, half of it treated at 90 %: 0.9 · 0.6 · 0.55 = 0.297 t.
    CF4 as by-product 20 %: 0.9 · 0.2 · (1 − 0.5 · 0.9) = 0.099 t."""
    got = dict(zip(OUT, electronics_by_gas("c2f6", 1000.0, 0.1, 0.6, 0.5, 0.9, 0.2, 0.0, 0.9, 0.9), strict=True))
    assert got == pytest.approx({g: {"C2F6": 0.297, "CF4": 0.099}.get(g, 0.0) for g in OUT})


def test_remote_plasma_counts_as_nf3_and_gases_can_be_an_array() -> None:
    words = np.array(list(GASES))
    got = dict(zip(OUT, electronics_by_gas(words, 100.0, 0.0, 1.0, 0.0, 0.9, 0.0, 0.0, 0.9, 0.9), strict=True))
    for gas, masses in got.items():
        assert masses == pytest.approx(np.array([0.1 if named == gas else 0.0 for named in GASES.values()]))
