"""Waste: hand calculations; landfills that give all their carbon and no more; pathways; factors against a second reading."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.biological_treatment import biological_treatment_emissions
from tanlu.accounts.methods.incineration import incineration_co2_cn, incineration_emissions, open_burning_emissions
from tanlu.accounts.methods.landfill import CLIMATES, decomposed_carbon, landfill_balance_ch4, landfill_decay_ch4
from tanlu.accounts.methods.wastewater import (
    domestic_wastewater_ch4,
    domestic_wastewater_ch4_cn,
    industrial_wastewater_ch4,
    industrial_wastewater_ch4_cn,
    wastewater_n2o,
    wastewater_n2o_2019,
    wastewater_n2o_measured,
)
from tanlu.core.library import load_library


def test_landfill_balance_by_hand() -> None:
    """100,000 t · 1 · 0.15 · 0.5 · 0.5 · 16/12 = 5,000 t; less 1,000 recovered, · 0.9 = 3,600 t."""
    assert landfill_balance_ch4(100_000.0, 0.15, 0.5, 1.0, 0.5, 0.0, 0.0) == pytest.approx(5000.0)
    assert landfill_balance_ch4(100_000.0, 0.15, 0.5, 1.0, 0.5, 0.1, 1000.0) == pytest.approx(3600.0)


def test_one_deposit_decays_by_the_half_each_half_life() -> None:
    """k = ln 2: of 100 t C nothing in the first year, then 50, 25, 12.5 t."""
    gone = decomposed_carbon(np.array([100.0, 0.0, 0.0, 0.0]), math.log(2), 6.0, 0.0)
    assert gone == pytest.approx(np.array([0.0, 50.0, 25.0, 12.5]))


def test_without_delay_the_reaction_takes_half_of_the_first_year() -> None:
    """Delay 0: the deposit of the middle of the year has half a year: 100 · (1 − e^(−k/2)); then e^(−k/2) · (1 − e^(−k))."""
    k = 0.2
    gone = decomposed_carbon(np.array([100.0, 0.0]), k, 0.0, 0.0)
    first = 100 * (1 - math.exp(-k / 2))
    assert gone == pytest.approx(np.array([first, (100 - first) * (1 - math.exp(-k))]))


def test_carbon_at_the_start_decays_in_the_first_year() -> None:
    gone = decomposed_carbon(np.array([0.0, 0.0]), math.log(2), 6.0, 80.0)
    assert gone == pytest.approx(np.array([40.0, 20.0]))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12), st.floats(0.05, 0.7), st.floats(0, 6))
def test_a_landfill_gives_all_the_carbon_of_its_waste_and_no_more(tonnes: list[float], k: float, delay: float) -> None:
    years = np.array([*tonnes, *[0.0] * 400])
    assert decomposed_carbon(years, k, delay, 0.0).sum() == pytest.approx(sum(tonnes), rel=1e-6, abs=1e-6)


def test_decay_equals_the_closed_form_of_each_deposit() -> None:
    """With reaction from the next year, a deposit of year x gives D · (e^(−k(t−x−1)) − e^(−k(t−x))) in year t."""
    deposits, k = np.array([10.0, 20.0, 5.0, 0.0, 40.0]), 0.185
    gone = decomposed_carbon(deposits, k, 6.0, 0.0)
    expected = [
        sum(d * (math.exp(-k * (t - x - 1)) - math.exp(-k * (t - x))) for x, d in enumerate(deposits) if x < t)
        for t in range(len(deposits))
    ]
    assert gone == pytest.approx(np.array(expected))


def test_landfill_decay_takes_records_and_draws_at_once() -> None:
    """Two records of three years, and three draws of k: each equals the record alone."""
    waste = np.array([[1000.0, 1000.0, 1000.0], [0.0, 500.0, 0.0]])
    k = np.array([0.1, 0.2, 0.3])[:, None, None]
    together = landfill_decay_ch4(waste, 0.15, 0.5, 1.0, 0.5, 0.0, k, 6.0, 0.0, 0.0)
    assert np.shape(together) == (3, 2, 3)
    for draw in range(3):
        for record in range(2):
            alone = landfill_decay_ch4(waste[record], 0.15, 0.5, 1.0, 0.5, 0.0, k[draw, 0, 0], 6.0, 0.0, 0.0)
            assert np.asarray(together)[draw, record] == pytest.approx(alone)


def test_recovery_and_oxidation_take_off_in_that_order() -> None:
    """Year 2 of 1,000 t: 75 t C · (1 − e^(−0.1)) · 0.5 · 4/3 = 4.7581 t; less 1 t recovered, · 0.9 = 3.3823 t."""
    waste, recovered = np.array([1000.0, 0.0]), np.array([0.0, 1.0])
    got = np.asarray(landfill_decay_ch4(waste, 0.15, 0.5, 1.0, 0.5, 0.1, 0.1, 6.0, 0.0, recovered))
    assert got[1] == pytest.approx(3.3823, abs=5e-5)


def test_steady_disposal_ends_in_the_mass_balance() -> None:
    """After long constant disposal a year gives the methane of a year's waste."""
    steady = np.asarray(landfill_decay_ch4(np.full(400, 1000.0), 0.15, 0.5, 1.0, 0.5, 0.0, 0.185, 6.0, 0.0, 0.0))
    assert steady[-1] == pytest.approx(landfill_balance_ch4(1000.0, 0.15, 0.5, 1.0, 0.5, 0.0, 0.0))


@pytest.mark.parametrize("climate", CLIMATES)
@pytest.mark.parametrize("component", ["food_waste", "paper_waste", "wood_waste", "garden_waste", "textile_waste"])
def test_decay_rates_of_two_readings_of_the_table_agree(component: str, climate: str) -> None:
    """Table 3.3 as two programs have it, and the half-life that the database gives for the same row, rounded to years."""
    factors = load_library().factors
    one = factors[f"ipcc-2006.decay_rate.{component}.{climate}"]
    other = factors[f"ipcc-2019.decay_rate.{component}.{climate}"]
    assert (one.value, one.low, one.high) == (other.value, other.low, other.high)
    group = {"food_waste": "food_sludge_waste", "wood_waste": "wood_straw_waste", "garden_waste": "garden_waste"}
    half = factors[f"ipcc-2006.half_life.{group.get(component, 'paper_textile_waste')}.{climate}"]
    assert half.value == pytest.approx(math.log(2) / one.value, abs=0.6)


def test_incineration_by_hand() -> None:
    """Plastics 1,000 t · 1 · 0.75 · 1 · 1 · 44/12 = 2,750 t CO2; 0.2 g/t CH4 = 0.0002 t; 50 g/t N2O = 0.05 t."""
    assert incineration_emissions(1000.0, 1.0, 0.75, 1.0, 1.0, 0.2, 50.0) == pytest.approx((2750.0, 0.0002, 0.05))
    assert incineration_emissions(1000.0, 0.4, 0.38, 0.0, 1.0, 0.2, 50.0)[0] == 0


def test_open_burning_by_hand() -> None:
    """Textiles 100 t · 0.8 · 0.5 · 0.2 · 0.58 · 44/12 = 17.0133 t; CH4 6,500 g/t wet = 0.65 t; N2O 150 g/t of 80 t dry = 0.012 t."""
    assert open_burning_emissions(100.0, 0.8, 0.5, 0.2, 0.58, 6500.0, 150.0) == pytest.approx(
        (17.013333, 0.65, 0.012), rel=1e-6
    )


def test_incineration_of_the_provincial_guidelines_by_hand() -> None:
    """10,000 t · 0.20 · 0.39 · 0.95 · 44/12 = 2,717 t; with the carbon and fossil share of 2025, 0.40 each, 5,573.33 t."""
    assert incineration_co2_cn(10_000.0, 0.20, 0.39, 0.95) == pytest.approx(2717.0)
    assert incineration_co2_cn(10_000.0, 0.40, 0.40, 0.95) == pytest.approx(5573.33, abs=0.01)


def test_biological_treatment_by_hand() -> None:
    """Compost 1,000 t wet · 4 g/kg = 4 t CH4, · 0.24 g/kg = 0.24 t N2O."""
    assert biological_treatment_emissions(1000.0, 4.0, 0.24, 0.0) == pytest.approx((4.0, 0.24))


def test_dry_factors_of_compost_are_those_of_wet_waste_with_60_percent_water() -> None:
    """Note of table 4.1: 0.4 t of dry matter per tonne."""
    factors = load_library().factors
    for gas, name in (("ch4", "ch4_factor"), ("n2o", "n2o_factor")):
        wet, dry = (factors[f"ipcc-2006.{name}.composting.{basis}.{gas}"].value for basis in ("wet", "dry"))
        assert 0.4 * dry == pytest.approx(wet)


def test_domestic_wastewater_by_hand() -> None:
    """1,000,000 people · 50 % · 40 g/d · 365 d = 7,300 t BOD; · 0.6 · 0.5 = 2,190 t; with 300 t BOD in sludge 2,100 t."""
    assert domestic_wastewater_ch4(1e6, 0.5, 40.0, 1.0, 0.6, 0.5, 0.0, 0.0) == pytest.approx(2190.0)
    assert domestic_wastewater_ch4(1e6, 0.5, 40.0, 1.0, 0.6, 0.5, 300.0, 0.0) == pytest.approx(2100.0)
    assert domestic_wastewater_ch4(1e6, 0.5, 40.0, 1.25, 0.6, 0.5, 0.0, 0.0) == pytest.approx(2737.5)


def test_domestic_wastewater_of_the_provincial_guidelines_by_hand() -> None:
    """Provincial Guidelines 2011, domestic wastewater: 10,000 t COD · 0.47 · 0.6 · 0.1 = 282 t.

    BOD/COD 0.47 is recalled and doubtful (grade C), B0 0.6 is EFDB 614961, MCF 0.1 is that of water bodies.
    """
    assert domestic_wastewater_ch4_cn(10_000.0, 0.47, 0.6, 0.1, 0.0) == pytest.approx(282.0)


def test_industrial_wastewater_by_hand() -> None:
    """Pulp 1,000 t · 162 m3/t · 9 kg/m3 = 1,458 t COD; · 0.25 · 0.8 = 291.6 t. By flow: 100,000 m3 · (5 − 1) kg/m3 = 400 t; 80 t."""
    assert industrial_wastewater_ch4(1000.0, 162.0, 9.0, 0.25, 0.8, 0.0, 0.0) == pytest.approx(291.6)
    assert industrial_wastewater_ch4_cn(100_000.0, 5.0, 1.0, 0.25, 0.8, 0.0, 0.0) == pytest.approx(80.0)
    assert industrial_wastewater_ch4_cn(100_000.0, 5.0, 1.0, 0.25, 0.8, 100.0, 10.0) == pytest.approx(50.0)


def test_wastewater_n2o_by_hand() -> None:
    """1,000,000 people · 30 kg · 0.16 · 1.1 · 1.25 = 6,600 t N; · 0.005 · 44/28 = 51.857 t.
    Plants for half of them: 500,000 · 1.25 · 3.2 g = 2 t."""
    assert wastewater_n2o(1e6, 30.0, 0.16, 1.1, 1.25, 0.0, 0.005, 0.0, 3.2) == pytest.approx(51.857, abs=5e-4)
    assert wastewater_n2o(1e6, 30.0, 0.16, 1.1, 1.25, 0.0, 0.005, 0.5, 3.2) == pytest.approx(53.857, abs=5e-4)


def test_wastewater_n2o_of_2019_by_hand() -> None:
    """1,000,000 people · 30 kg · 0.16 · 1.1 · 1.08 · 1.25 = 7,128 t N; · (0.016 + 0.2 · 0.005) · 44/28 = 190.42 t."""
    assert wastewater_n2o_2019(1e6, 1.0, 30.0, 0.16, 1.1, 1.08, 1.25, 0.016, 0.8, 0.005) == pytest.approx(
        190.42, abs=0.005
    )
    assert wastewater_n2o_measured(7128.0, 1425.6, 0.016, 0.005) == pytest.approx(190.42, abs=0.005)


def test_methods_are_proportional_and_take_arrays() -> None:
    people = np.array([1e5, 2e5])
    one = domestic_wastewater_ch4(people, 1.0, 40.0, 1.0, 0.6, np.array([[0.1], [0.5]]), 0.0, 0.0)
    assert np.shape(one) == (2, 2)
    assert np.asarray(one)[:, 1] == pytest.approx(2 * np.asarray(one)[:, 0])


def test_draws_of_the_initial_carbon_alone_decay_one_by_one() -> None:
    draws = np.array([[[100.0]], [[200.0]]])
    gone = decomposed_carbon(np.zeros((1, 2)), np.array([[math.log(2)]]), np.array([[6.0]]), draws)
    # half of what is left goes each year
    assert gone == pytest.approx(np.array([[[50.0, 25.0]], [[100.0, 50.0]]]))
