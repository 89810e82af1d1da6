"""Forest biomass, other trees, dead matter, soil carbon: hand calculations, balances, signs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.dead_organic_matter import dead_matter_change, dead_matter_of_conversion
from tanlu.accounts.methods.forest_biomass import (
    biomass_change_by_bcef,
    biomass_change_by_line,
    biomass_change_by_rate,
    biomass_change_by_volume,
    biomass_gain_loss,
    biomass_of_conversion,
    carbon_to_co2,
)
from tanlu.accounts.methods.other_trees import scattered_tree_change, stand_biomass_change
from tanlu.accounts.methods.soil_carbon import mineral_soil_change, organic_soil_loss
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute

VOLUMES = st.floats(0.0, 1e9)


def computed(topic: str, method_set: str, place: str = "cn", **inputs: tuple[float | str, str]) -> tuple[str, float]:
    """Return the category and the value [t] of the one result of a record."""
    rows = [
        Activity("a/0", place, "2020", topic, name, str(value), unit, "test", "A", 0.0)
        for name, (value, unit) in inputs.items()
    ]
    (result,) = compute(rows, method_set)
    return result.category, result.value * {"t": 1.0, "kg": 1e-3}[result.unit]


def test_a_gain_of_carbon_is_a_removal() -> None:
    assert carbon_to_co2(12.0) == -44.0


def test_stock_change_by_hand() -> None:
    """0.5 Mm3 in 5 years: 0.1 Mm3 · 0.307 t · 1.634 · 1.246 · 0.52 = 32,502 t C = 119,174 t CO2."""
    found = biomass_change_by_volume(1e6, 1.5e6, 5.0, 0.307, 1.634, 0.246, 0.52)
    assert found == pytest.approx(-1e5 * 0.307 * 1.634 * 1.246 * 0.52 * 44 / 12)
    assert found == pytest.approx(-119_174, abs=2)
    assert biomass_change_by_bcef(1e6, 1.5e6, 5.0, 0.307 * 1.634, 0.246, 0.52) == pytest.approx(found)


def test_the_line_by_hand() -> None:
    """Fang et al. 2001, B = a + b · V, Chinese fir (EFDB 521375: 0.3999 and 22.541); half carbon is given here.

    (0.3999 · (6 − 5) Mm3 + 22.541 · (0.11 − 0.10) Mha) = 625,310 t in 5 years; half is carbon: 62,531 t C.
    """
    found = biomass_change_by_line(5e6, 6e6, 1e5, 1.1e5, 5.0, 0.3999, 22.541, 0.5)
    assert found == pytest.approx(-62_531 * 44 / 12)


def test_gain_and_loss_by_hand() -> None:
    """1000 ha · 5 · 1.25 = 6250 t; cut 500 m3 · 0.8 · 1.25 = 500, branches 100 · 0.5 = 50, fire 10 ha · 80 · 1.25 · 0.6 = 600."""
    found = biomass_gain_loss(
        1000.0, 5.0, 0.25, 0.47, harvest=400.0, fuelwood=100.0, fuelwood_parts=100.0, removal_expansion=0.8,
        disturbed_area=10.0, standing_biomass=80.0, disturbed_share=0.6,
    )  # fmt: skip
    assert found == pytest.approx(-(6250 - 500 - 50 - 600) * 0.47 * 44 / 12)


def test_the_rates_of_growth_and_consumption_by_hand() -> None:
    """Provincial Guidelines 2011, ch. 5, living trees: (9 + 1) Mm3 · (6 − 4) % = 0.2 Mm3 · 0.45 · 1.8 · 0.5 = 81,000 t C.

    Rates, density and expansion are invented; carbon 0.5 is the rule's, recalled (grade C).
    """
    found = biomass_change_by_rate(6.0, 4.0, 0.45, 1.8, 0.5, stand_volume=9e6, scattered_volume=1e6)
    assert found == pytest.approx(-81_000 * 44 / 12)
    assert biomass_change_by_rate(4.0, 4.0, 0.45, 1.8, 0.5, stand_volume=9e6) == 0.0


def test_clearing_emits_what_stood_there() -> None:
    """100 ha · (150 − 10) t · 0.47 = 6580 t C."""
    assert biomass_of_conversion(100.0, 150.0, 0.47, 10.0) == pytest.approx(6580 * 44 / 12)


@given(VOLUMES, VOLUMES, st.floats(1.0, 20.0))
def test_going_back_undoes_the_change(start: float, end: float, years: float) -> None:
    there = biomass_change_by_volume(start, end, years, 0.4, 1.5, 0.25, 0.5)
    assert biomass_change_by_volume(end, start, years, 0.4, 1.5, 0.25, 0.5) == pytest.approx(-there)


@given(VOLUMES, VOLUMES, VOLUMES)
def test_two_periods_of_a_survey_make_one(first: float, second: float, third: float) -> None:
    """Carbon gained in both periods is the carbon gained over their sum."""
    parts = 5 * (
        biomass_change_by_bcef(first, second, 5.0, 0.6, 0.25, 0.5)
        + biomass_change_by_bcef(second, third, 5.0, 0.6, 0.25, 0.5)
    )
    assert parts == pytest.approx(10 * biomass_change_by_bcef(first, third, 10.0, 0.6, 0.25, 0.5), rel=1e-9, abs=1e-3)


@given(st.floats(1.0, 1e6), st.floats(0.5, 20.0), st.floats(0.05, 0.6))
def test_felling_the_whole_growth_leaves_nothing(area: float, growth: float, roots: float) -> None:
    harvest = area * growth / 0.8
    rest = biomass_gain_loss(area, growth, roots, 0.47, harvest=harvest, removal_expansion=0.8)
    assert rest == pytest.approx(0.0, abs=1e-6 * area * growth)


def test_bamboo_and_scattered_trees_by_hand() -> None:
    """1000 ha more in 5 years: 200 · 80 t · 0.5 = 8000 t C; 10,000 trees grow from 50 to 60 kg: 100 t in 5 years, half carbon."""
    assert stand_biomass_change(1e5, 1.01e5, 5.0, 80.0, 0.5) == pytest.approx(-8000 * 44 / 12)
    assert scattered_tree_change(1e4, 1e4, 50.0, 60.0, 5.0, 0.5) == pytest.approx(-10 * 44 / 12)


def test_dead_matter_by_hand() -> None:
    """2006 Guidelines, vol. 4, ch. 2, equations 2.19 and 2.23, stocks invented (those of table 2.2 are in the library).

    1000 ha · (24 − 20) t / 5 yr = 800 t C; new forest 1000 ha · 13 t / 20 yr = 650 t C; cleared at once 13,000 t C.
    """
    assert dead_matter_change(1000.0, 20.0, 24.0, 5.0) == pytest.approx(-800 * 44 / 12)
    both = dead_matter_of_conversion(np.array(["to_forest", "from_forest"]), 1000.0, np.array([20.0, 1.0]), 13.0, 0.0)
    assert np.asarray(both) == pytest.approx([-650 * 44 / 12, 13_000 * 44 / 12])


def test_soil_carbon_by_hand() -> None:
    """1000 ha · 88 t · (0.69 · 1.15 · 1.0 − 0.69 · 1.0 · 0.92) / 20 = 698.28 t C gained."""
    found = mineral_soil_change(1000.0, 88.0, 0.69, 1.0, 0.92, 0.69, 1.15, 1.0)
    assert found == pytest.approx(-1000 * 88 * 0.69 * (1.15 - 0.92) / 20 * 44 / 12)
    assert organic_soil_loss(10.0, 10.0) == pytest.approx(100 * 44 / 12)


@given(st.floats(10.0, 150.0), st.floats(0.4, 1.4), st.floats(0.4, 1.4), st.floats(5.0, 60.0))
def test_over_the_years_of_dependence_the_whole_difference_moves(
    ref: float, old: float, new: float, years: float
) -> None:
    yearly = mineral_soil_change(1.0, ref, old, 1.0, 1.0, new, 1.0, 1.0, years)
    assert yearly * years == pytest.approx(-(new - old) * ref * 44 / 12, abs=1e-9)


def test_arrays_broadcast() -> None:
    found = biomass_change_by_volume(
        np.zeros(3), np.array([1.0, 2.0, 3.0]), np.array([[1.0], [2.0]]), 0.4, 1.5, 0.25, 0.5
    )
    assert np.asarray(found).shape == (2, 3)


def test_compute_puts_land_where_it_belongs() -> None:
    cleared = {"converted_area": (10, "ha"), "biomass_before": (100, "t/ha")}
    category, value = computed("forest-conversion", "ipcc-2006", new_land=("to_settlement", ""), **cleared)
    assert category == "3.B.5.b" and value == pytest.approx(10 * 100 * 0.47 * 44 / 12, rel=0.1)
    drained = computed(
        "soil-carbon-organic", "ipcc-2006", land=("cropland_remaining", ""),
        drained_soil=("cropland_warm_temperate", ""), area=(10, "ha"),
    )  # fmt: skip
    assert drained == ("3.B.2.a", pytest.approx(10 * 10 * 44 / 12))


def test_compute_finds_the_factors_of_chinese_fir() -> None:
    """1 Mm3 · 2 % · 0.307 · 1.634 · 0.5 = 5016 t C; the line: 0.3999 · 0.5 Mm3 + 22.541 · 0.01 Mha in 5 years."""
    category, value = computed(
        "forest-biomass-growth-rate", "cn-province-2011", "hunan", stem=("chinese_fir", ""), stand_volume=(1e6, "m3"),
        growth_rate=(6, "%"), consumption_rate=(4, "%"),
    )  # fmt: skip
    assert category == "3.B.1.a" and value == pytest.approx(-1e6 * 0.02 * 0.307 * 1.634 * 0.5 * 44 / 12)
    _, by_line = computed(
        "forest-biomass-line", "cn-province-2011", "hunan", forest_group=("chinese_fir", ""), stock_start=(1e6, "m3"),
        stock_end=(1.5e6, "m3"), survey_years=(5, "yr"), area_start=(1e5, "ha"), area_end=(1.1e5, "ha"),
        carbon_fraction=(0.5, "t C/t"),
    )  # fmt: skip
    assert by_line == pytest.approx(-(0.3999 * 5e5 + 22.541 * 1e4) / 5 * 0.5 * 44 / 12)


def test_ipcc_default_factors_of_conversion_are_found() -> None:
    new = {"converted_area": (100, "ha"), "transition_years": (20, "yr"), "litter": ("broadleaf_deciduous", "")}
    category, value = computed(
        "dead-organic-matter-conversion", "ipcc-2006", direction=("to_forest", ""), dead_wood_stock=(0, "t C/ha"), **new
    )
    assert category == "3.B.1.b" and value == pytest.approx(-100 * 2.8 / 20 * 44 / 12)
    category, value = computed(
        "soil-carbon-mineral", "ipcc-2006", land=("to_cropland", ""), soil=("high_activity_clay", ""), area=(1000, "ha"),
        use_before=("native", ""), use_after=("annual_crop", ""), management_after=("full_tillage", ""),
    )  # fmt: skip
    assert category == "3.B.2.b" and value == pytest.approx(1000 * 88 * (1 - 0.69) / 20 * 44 / 12)
