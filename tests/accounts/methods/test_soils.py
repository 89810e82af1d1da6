"""Managed soils, straw burning, lime and urea: hand calculations, sums, and the factors that compute finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.lime_urea import liming_co2, urea_co2
from tanlu.accounts.methods.soils import (
    crop_residue_n2o,
    residue_from_line,
    returned_nitrogen,
    soil_n2o_direct,
    soil_n2o_direct_by_zone,
    soil_n2o_indirect,
    soil_n2o_indirect_cn,
)
from tanlu.accounts.methods.straw_burning import straw_burning_by_area, straw_burning_by_mass
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute

TO_N2O = 44 / 28


def computed(topic: str, method_set: str, place: str = "cn", **inputs: tuple[float | str, str]) -> dict[str, float]:
    """Return the results [t] of a record by gas."""
    rows = [
        Activity("a/0", place, "2020", topic, name, str(value), unit, "test", "A", 0.0)
        for name, (value, unit) in inputs.items()
    ]
    return {r.gas: r.value * {"t": 1.0, "kg": 1e-3}[r.unit] for r in compute(rows, method_set)}


def test_direct_emissions_by_hand() -> None:
    """1000 · 1 % + (300 + 150 + 50) · 1 % + 200 · 0.3 % + 100 · 2 % + 40 · 1 % + 10 ha · 8 kg = 18.08 t N."""
    found = soil_n2o_direct(
        0.01, 0.01, 0.003, 0.02, 0.01, 8.0, synthetic_n=1000.0, organic_n=300.0, residue_n=150.0, mineralised_n=50.0,
        rice_n=200.0, grazing_n=100.0, grazing_other_n=40.0, organic_soil_area=10.0,
    )  # fmt: skip
    assert found == pytest.approx(18.08 * TO_N2O)


def test_indirect_emissions_by_hand() -> None:
    """Volatilised 1000 · 10 % + (300 + 140) · 20 % = 188 · 1 % = 1.88; leached 1640 · 30 % = 492 · 0.75 % = 3.69 t N."""
    found = soil_n2o_indirect(
        0.1, 0.2, 0.3, 0.01, 0.0075, synthetic_n=1000.0, organic_n=300.0, residue_n=150.0, mineralised_n=50.0,
        grazing_n=100.0, grazing_other_n=40.0,
    )  # fmt: skip
    assert found == pytest.approx((1.88 + 3.69) * TO_N2O)


def test_the_chinese_equations_by_hand() -> None:
    """Provincial Guidelines 2011, ch. 3, cropland: direct emissions by zone (IV: 1.09 %), deposition 1 %, leaching 0.75 %.

    The shares of 20, 10 and 20 % that leave are the rule's; all are recalled (grade C).
    1500 t N · 1.09 % = 16.35 t N; 400 · 20 % + 1500 · 10 % = 230 · 1 % and 300 · 0.75 % = 4.55 t N.
    """
    assert soil_n2o_direct_by_zone(0.0109, 1000.0, 300.0, 200.0) == pytest.approx(16.35 * TO_N2O)
    assert soil_n2o_indirect_cn(0.2, 0.1, 0.2, 0.01, 0.0075, 1000.0, 300.0, 200.0, excreted_n=400.0) == pytest.approx(
        4.55 * TO_N2O
    )


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_nitrogen_adds_up(one: float, two: float) -> None:
    both = soil_n2o_direct(0.01, 0.01, synthetic_n=one + two)
    assert both == pytest.approx(
        soil_n2o_direct(0.01, 0.01, synthetic_n=one) + soil_n2o_direct(0.01, 0.01, synthetic_n=two)
    )


def test_no_nitrogen_no_emission_and_arrays_broadcast() -> None:
    assert soil_n2o_direct(0.01, 0.01) == 0.0 and soil_n2o_indirect(0.1, 0.2, 0.3, 0.01, 0.0075) == 0.0
    found = soil_n2o_direct(np.array([0.01, 0.02]), 0.01, synthetic_n=np.array([[100.0], [200.0], [300.0]]))
    assert np.asarray(found).shape == (3, 2) and np.asarray(found)[2, 1] == pytest.approx(6 * TO_N2O)


def test_crop_residues_by_hand() -> None:
    """5 t · 0.89 = 4.45 t d.m.; residue 4.45 t · 0.6 % N, 30 % removed: 18.69 kg; roots 8.9 · 0.23 · 0.9 %: 18.423 kg N a ha."""
    nitrogen = returned_nitrogen(100.0, 4.45, 4.45, 0.006, 0.23, 0.009, removed_share=0.3)
    assert nitrogen == pytest.approx(3.7113)
    found = crop_residue_n2o(100.0, 5.0, 0.89, 1.0, 0.006, 0.23, 0.009, 0.01, removed_share=0.3)
    assert found == pytest.approx(3.7113 * 0.01 * TO_N2O)
    assert residue_from_line(5.0, 1.09, 0.88) == pytest.approx(6.33)


def test_all_residues_burnt_leave_the_roots() -> None:
    burnt = returned_nitrogen(1.0, 4.0, 4.0, 0.006, 0.2, 0.009, burnt_share=1.0, combustion_factor=1.0)
    assert burnt == pytest.approx(8 * 0.2 * 0.009)
    # Renewal concerns the roots: 4 · 0.006 of straw stay, of (4 + 4) · 0.2 · 0.009 of roots the renewed part.
    assert returned_nitrogen(1.0, 4.0, 4.0, 0.006, 0.2, 0.009, renewed_share=0.0) == pytest.approx(0.024)
    assert returned_nitrogen(1.0, 4.0, 4.0, 0.006, 0.2, 0.009, renewed_share=0.25) == pytest.approx(0.024 + 0.0144 / 4)


def test_burning_by_hand() -> None:
    """2006 Guidelines, vol. 4, ch. 2, equation 2.27, table 2.5 (EFDB 415131 and 415136): 2.7 g CH4 and 0.07 g N2O a kg.

    By area: 100 ha · 5.5 t · 0.8 = 440 t burnt. By output: 1,000 t · 1.1 · 0.1 · 0.85 (dry) · 0.8; table 2.6 has 0.8 of rice.
    """
    methane, nitrous = straw_burning_by_area(100.0, 5.5, 0.8, 2.7, 0.07)
    assert (methane, nitrous) == (pytest.approx(1.188), pytest.approx(0.0308))
    assert straw_burning_by_mass(1000.0, 1.1, 0.1, 0.8, 2.7, 0.07)[0] == pytest.approx(110 * 0.85 * 0.8 * 2.7e-3)


def test_lime_and_urea_by_hand() -> None:
    """100 t limestone · 0.12 + 50 t dolomite · 0.13 = 18.5 t C; 30 t urea · 0.20 = 6 t C = 22 t CO2."""
    assert liming_co2(0.12, 0.13, 100.0, 50.0) == pytest.approx(18.5 * 44 / 12)
    assert urea_co2(30.0, 0.20) == pytest.approx(22.0)
    found = computed("urea-application", "cn-province-2011", urea=(30, "t"))
    assert found["CO2"] == pytest.approx(22.0)
    assert computed("liming", "ipcc-2019", limestone=(100, "t"))["CO2"] == pytest.approx(44.0)


def test_hunan_lies_in_the_fourth_zone() -> None:
    found = computed("soil-nitrous-oxide-direct", "cn-province-2011", "hunan", synthetic_n=(1000, "t N"))
    assert found["N2O"] == pytest.approx(10.9 * TO_N2O)


def test_the_refinement_tells_wet_from_dry_climates() -> None:
    wet = computed("soil-nitrous-oxide-direct", "ipcc-2019", synthetic_n=(1000, "t N"), climate=("wet_climate", ""))
    dry = computed("soil-nitrous-oxide-direct", "ipcc-2019", synthetic_n=(1000, "t N"), climate=("dry_climate", ""))
    assert wet["N2O"] == pytest.approx(16 * TO_N2O) and dry["N2O"] == pytest.approx(5 * TO_N2O)


def test_the_library_knows_how_crops_burn() -> None:
    """100 ha · 5.5 t/ha burnt (table 2.4 gives MB · Cf) · 2.7 and 0.07 g/kg; a load of one's own takes a share that burns."""
    found = computed("straw-burning", "ipcc-2006", crop=("rice", ""), burnt_area=(100, "ha"))
    assert found["CH4"] == pytest.approx(1.485) and found["N2O"] == pytest.approx(0.0385)
    own = computed(
        "straw-burning", "ipcc-2006", crop=("rice", ""), burnt_area=(100, "ha"), fuel_load=(5.5, "t/ha"),
        combustion_factor=(0.8, "1"),
    )  # fmt: skip
    assert own["CH4"] == pytest.approx(1.188) and own["N2O"] == pytest.approx(0.0308)
    maize = computed(
        "crop-residue-nitrous-oxide", "ipcc-2019", crop=("maize", ""), area=(100, "ha"), fresh_yield=(6, "t/ha")
    )
    assert maize["N2O"] > 0


@pytest.mark.parametrize(
    ("method_set", "water", "share"),
    [
        ("ipcc-2006", "flooded_rice", 0.003),
        ("ipcc-2006", "flooded_rice.drained", 0.003),
        ("ipcc-2019", "flooded_rice", 0.004),
        ("ipcc-2019", "flooded_rice.continuous_flooding", 0.003),
        ("ipcc-2019", "flooded_rice.drained", 0.005),
    ],
)
def test_flooded_rice_has_its_own_factor(method_set: str, water: str, share: float) -> None:
    found = computed("soil-nitrous-oxide-direct", method_set, rice_n=(1000, "t N"), rice_water=(water, ""))
    assert found["N2O"] == pytest.approx(1000 * share * TO_N2O)
