"""Enteric fermentation and manure: hand calculations, the energy equations, and what compute finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.methods.enteric import (
    enteric_by_energy,
    enteric_by_head,
    enteric_cattle,
    enteric_sheep,
    gross_energy_cattle,
    gross_energy_sheep,
    growth_ratio,
    maintenance_ratio,
    total_gross_energy,
)
from tanlu.accounts.methods.manure import (
    manure_methane_by_head,
    manure_methane_by_system,
    manure_n2o_by_head,
    manure_n2o_by_system,
    nitrogen_excreted,
)
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute


def computed(topic: str, method_set: str, place: str = "cn", **inputs: tuple[float | str, str]) -> dict[str, float]:
    """Return the results [t] of a record by category."""
    rows = [
        Activity("a/0", place, "2020", topic, name, str(value), unit, "test", "A", 0.0)
        for name, (value, unit) in inputs.items()
    ]
    return {r.category: r.value * {"t": 1.0, "kg": 1e-3}[r.unit] for r in compute(rows, method_set)}


def test_heads_times_factor() -> None:
    """Heads times a factor: 2006 Guidelines, vol. 4, ch. 10, equations 10.19 and 10.22; GB/T 32151.22-2024, C.10, for N2O.

    10,000 head · 68, 9 and 1.7 kg (invented; the library has table C.10 of the standard and the Provincial Guidelines 2011, grade C).
    """
    assert enteric_by_head(1e4, 68.0) == pytest.approx(680.0)
    assert manure_methane_by_head(1e4, 9.0) == pytest.approx(90.0)
    assert manure_n2o_by_head(1e4, 1.7) == pytest.approx(17.0)


def test_gross_energy_to_methane_by_hand() -> None:
    """250 MJ · 6.5 % · 365 / 55.65 = 106.58 kg a head."""
    assert enteric_by_energy(1000.0, 250.0, 6.5) == pytest.approx(106.58, abs=0.01)


def test_the_energy_ratios_by_hand() -> None:
    """DE 60 %: REM = 1.123 − 0.24552 + 0.040536 − 0.423333 = 0.494683; REG = 1.164 − 0.3096 + 0.047088 − 0.623333."""
    assert maintenance_ratio(60.0) == pytest.approx(0.494683, abs=1e-6)
    assert growth_ratio(60.0) == pytest.approx(0.278155, abs=1e-6)
    assert total_gross_energy(50.0, 10.0, 60.0) == pytest.approx((50 / 0.494683 + 10 / 0.278155) / 0.6, rel=1e-5)


def test_a_cow_by_hand() -> None:
    """500 kg: 0.386 · 105.74 = 40.81 MJ; pasture 17 % 6.94; milk 10 · 3.07 = 30.7; pregnant 0.8 · 0.1 = 3.27; DE 65 %."""
    maintenance = 0.386 * 500**0.75
    assert maintenance == pytest.approx(40.815, abs=1e-3)
    upkeep = maintenance * (1 + 0.17 + 0.08) + 10 * (1.47 + 0.4 * 4.0)
    by_hand = upkeep / maintenance_ratio(65.0) / 0.65
    assert gross_energy_cattle(
        500.0, 65.0, 0.386, activity_coefficient=0.17, milk=10.0, milk_fat=4.0, pregnant_share=0.8
    ) == pytest.approx(by_hand)


def test_a_growing_bull_by_hand() -> None:
    """300 kg of 600, C 1.2, 0.8 kg/d: 22.02 · (300/720)^0.75 · 0.8^1.097 = 8.94 MJ; two hours of work add 20 %."""
    growth = 22.02 * (300 / 720) ** 0.75 * 0.8**1.097
    assert growth == pytest.approx(8.9402, abs=1e-4)
    upkeep = 0.322 * 300**0.75 * 1.2
    assert gross_energy_cattle(
        300.0, 60.0, 0.322, work_hours=2.0, weight_gain=0.8, mature_weight=600.0, growth_coefficient=1.2
    ) == pytest.approx(total_gross_energy(upkeep, growth, 60.0))


def test_a_lamb_by_hand() -> None:
    """From 15 to 35 kg: 20 · (2.1 + 0.5 · 0.45 · 50) / 365 = 0.7315 MJ; wool 3 kg · 24 / 365 = 0.1973; walking 0.0107 · 25."""
    growth = 20 * (2.1 + 0.5 * 0.45 * 50) / 365
    assert growth == pytest.approx(0.7315, abs=1e-4)
    upkeep = 0.236 * 25**0.75 + 0.0107 * 25
    assert gross_energy_sheep(
        25.0, 60.0, 0.236, activity_energy=0.0107, weaning_weight=15.0, final_weight=35.0, growth_a=2.1,
        growth_b=0.45, wool=3.0,
    ) == pytest.approx(total_gross_energy(upkeep, growth + 3 * 24 / 365, 60.0))  # fmt: skip


def test_an_animal_at_rest_needs_maintenance_alone() -> None:
    assert gross_energy_cattle(400.0, 60.0, 0.322) == pytest.approx(0.322 * 400**0.75 / maintenance_ratio(60.0) / 0.6)
    assert gross_energy_sheep(40.0, 60.0, 0.217) == pytest.approx(0.217 * 40**0.75 / maintenance_ratio(60.0) / 0.6)
    assert enteric_cattle(10.0, 400.0, 60.0, 0.322, 6.5) == pytest.approx(
        enteric_by_energy(10.0, gross_energy_cattle(400.0, 60.0, 0.322), 6.5)
    )
    assert enteric_sheep(10.0, 40.0, 60.0, 0.217, 6.5) == pytest.approx(
        enteric_by_energy(10.0, gross_energy_sheep(40.0, 60.0, 0.217), 6.5)
    )


@given(st.floats(100.0, 900.0), st.floats(45.0, 80.0), st.floats(0.0, 40.0))
def test_better_feed_needs_less_of_it_and_milk_needs_more(weight: float, digestibility: float, milk: float) -> None:
    here = gross_energy_cattle(weight, digestibility, 0.386, milk=milk)
    assert gross_energy_cattle(weight, digestibility + 1, 0.386, milk=milk) < here
    assert gross_energy_cattle(weight, digestibility, 0.386, milk=milk + 1) > here


def test_manure_methane_by_hand() -> None:
    """100 head · 0.5 kg · 365 = 18.25 t VS; · 0.29 m3 · 0.67 kg · 25 % · half = 0.4433 t."""
    assert manure_methane_by_system(100.0, 0.5, 0.29, 25.0, system_share=0.5) == pytest.approx(
        18.25 * 0.29 * 0.67 * 0.25 / 2
    )


def test_manure_nitrous_oxide_by_hand() -> None:
    """1000 head · 60 kg · 40 % = 24 t N: direct 0.5 % = 0.12 t N; 30 % volatilise: 7.2 · 1 % = 0.072; 2 % leach: 0.0036."""
    direct, indirect = manure_n2o_by_system(
        1000.0, 60.0, 0.005, 0.3, 0.01, 0.0075, system_share=0.4, system_leached_share=0.02
    )
    assert direct == pytest.approx(0.12 * 44 / 28)
    assert indirect == pytest.approx((0.072 + 0.0036) * 44 / 28)


def test_the_shares_of_the_systems_add_up_and_arrays_broadcast() -> None:
    shares = np.array([0.5, 0.3, 0.2])
    parts = np.asarray(manure_methane_by_system(100.0, 0.5, 0.29, 25.0, system_share=shares))
    assert parts.sum() == pytest.approx(float(manure_methane_by_system(100.0, 0.5, 0.29, 25.0)))
    assert np.asarray(enteric_by_energy(np.ones((2, 1)), np.full(3, 100.0), 6.5)).shape == (2, 3)


def test_nitrogen_excreted_by_hand() -> None:
    """0.47 kg per 1000 kg and day, 350 kg: 0.47 · 0.35 · 365 = 60.04 kg a year."""
    assert nitrogen_excreted(0.47, 350.0) == pytest.approx(60.0425)


def test_what_the_library_knows_of_dairy_cows() -> None:
    assert computed("enteric-fermentation", "ipcc-2006", heads=(1000, "head"), animal=("dairy_cattle", ""))[
        "3.A.1"
    ] == pytest.approx(68.0)
    zone = computed("manure-methane", "cn-province-2011", "hunan", heads=(1000, "head"), animal=("pig", ""))
    assert zone["3.A.2"] == pytest.approx(5.85)


@pytest.mark.parametrize(
    ("animal", "factor"),
    [
        ("dairy_cattle", 78),
        ("dairy_cattle.high_productivity", 96),
        ("other_cattle", 54),
        ("other_cattle.low_productivity", 56),
    ],
)
def test_cattle_of_asia_take_the_factors_of_the_refinement(animal: str, factor: float) -> None:
    """2019 Refinement, vol. 4, table 10.11, Asia; the factors of 2006 were 68 and 47."""
    found = computed("enteric-fermentation", "ipcc-2019", heads=(1000, "head"), animal=(animal, ""))
    assert found["3.A.1"] == pytest.approx(factor)


def test_ten_thousand_head_may_be_given_in_the_chinese_unit() -> None:
    one = computed("enteric-fermentation", "ipcc-2006", heads=(2.5, "万头"), animal=("goat", ""))
    assert one["3.A.1"] == pytest.approx(125.0)


def test_the_refinement_has_manure_by_productivity_and_climate() -> None:
    """Pigs of Asia, 4.3 · 69 / 1000 = 0.2967 kg VS, B0 0.45; lagoon 73 % in the warm temperate moist climate, 80 % in the tropics."""
    pigs = {"heads": (1000, "head"), "animal": ("pig.high_productivity", ""), "system": ("lagoon", "")}
    warm = computed("manure-methane-by-system", "ipcc-2019", **pigs)
    hot = computed("manure-methane-by-system", "ipcc-2019", temperature=("tropical_moist", ""), **pigs)
    assert warm["3.A.2"] == pytest.approx(0.2967 * 365 * 0.45 * 0.67 * 0.73)
    assert hot["3.A.2"] == pytest.approx(warm["3.A.2"] * 80 / 73)


def test_nitrogen_lost_from_manure_is_of_the_group_of_animals_or_of_all() -> None:
    """Pigs, 13.6 kg N: solid storage loses 45 % to the air and 2 % to water; GB/T has 20 % for all systems."""
    pigs = {"heads": (1000, "head"), "animal": ("pig.high_productivity", ""), "system": ("solid_storage", "")}
    found = computed("manure-nitrous-oxide-by-system", "ipcc-2019", loss_group=("pig", ""), **pigs)
    assert found["3.C.6"] == pytest.approx(13.6 * (0.45 * 0.01 + 0.02 * 0.011) * 44 / 28)
    chinese = computed(
        "manure-nitrous-oxide-by-system", "cn-enterprise", heads=(1000, "head"), animal=("pig", ""),
        system=("solid_storage", ""), system_leached_share=(0, "kg N/kg N"),
    )  # fmt: skip
    assert chinese["3.A.2"] == pytest.approx(11 * 0.005 * 44 / 28)
    assert chinese["3.C.6"] == pytest.approx(11 * 0.2 * 0.01 * 44 / 28)
