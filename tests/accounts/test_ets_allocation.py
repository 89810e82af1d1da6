"""Allocation under the plans of the national ETS: numbers worked out by hand, both sides of the load thresholds, relief, bad input."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts.ets.allocation import (
    IndustrialUnit,
    PowerUnit,
    allocate,
    balance_value,
    gap_relief,
    load_correction,
    plans,
)
from tanlu.core.errors import DataError
from tanlu.core.library import load_library
from tanlu.core.messages import catalogue

LARGE = PowerUnit("1", "bituminous_coal", 600, 2_450_000, generation=3_000_000, heat=1_000_000, load="0.70")
GAS = PowerUnit("g", "natural_gas", 390, 400_000, generation=1_000_000, heat=100_000)


def codes(caught: pytest.ExceptionInfo[DataError]) -> set[str]:
    return {p.code for p in caught.value.problems}


def test_a_coal_unit_of_2023_above_the_load_threshold() -> None:
    # 3,000,000 MWh × 0.7950 = 2,385,000; 1,000,000 GJ × 0.1038 = 103,800
    found = allocate("cn-ets-power-2023", [LARGE], 2023)
    assert found.allocation == 2_488_800
    assert found.gap == -38_800
    assert found.units[0].unit_class == "conventional_coal_above_300mw"


def test_the_same_unit_at_60_percent_load() -> None:
    # F = 0.60: 1.015^(16 − 12) = 1.015^4 = 1.061363550625
    # 2,385,000 × 1.061363550625 = 2,531,352.068…, with heat 2,635,152.068…
    found = allocate("cn-ets-power-2023", [replace(LARGE, load="0.60")], 2023)
    assert found.allocation == 2_635_152
    jump = next(s for s in found.all_steps if s.key == "threshold_jump")
    # at 65 %: 1.015^3 − 1 = 0.045678375; × 2,385,000 = 108,942.92…
    assert jump.value == Decimal("108942.924375")


def test_2024_uses_its_own_benchmarks() -> None:
    # 3,000,000 × 0.7910 + 1,000,000 × 0.1033 = 2,373,000 + 103,300
    assert allocate("cn-ets-power-2023", [LARGE], 2024).allocation == 2_476_300


@pytest.mark.parametrize(
    ("unit", "subject"),
    [
        (replace(LARGE, capacity=400), "conventional_coal_above_300mw"),
        (replace(LARGE, capacity="399.9"), "conventional_coal_up_to_300mw"),
        (replace(LARGE, capacity=600, technology="fluidised_bed"), "unconventional_coal"),
        (replace(LARGE, fuel="coal_gangue"), "unconventional_coal"),
        (GAS, "gas_unit"),
    ],
)
def test_unit_classes(unit: PowerUnit, subject: str) -> None:
    assert unit.unit_class == subject


def test_an_unconventional_unit_has_no_load_correction() -> None:
    # 3,000,000 × 0.8285 + 103,800
    found = allocate("cn-ets-power-2023", [replace(LARGE, fuel="coal_slime", load=None)], 2023)
    assert found.allocation == 2_485_500 + 103_800


@pytest.mark.parametrize(
    ("plan", "load", "value"),
    [
        ("cn-ets-power-2023", "0.65", "1"),
        ("cn-ets-power-2023", "0.649999999", "1.0456783753"),  # 1.015^(3 + 2e-8) ≈ 1.045678375 × (1 + 2e-8 × ln 1.015)
        ("cn-ets-power-2023", "0.50", "1.0934432639"),  # 1.015^6
        ("cn-ets-power-2021", "0.85", "1"),
        ("cn-ets-power-2021", "0.82", "1.0042"),  # 1 + 0.0014 × 3
        ("cn-ets-power-2021", "0.77", "1.0118"),  # 1.007 + 0.0016 × 3
        ("cn-ets-power-2021", "0.70", "1.030225"),  # 1.015^2
    ],
)
def test_load_correction_by_hand(plan: str, load: str, value: str) -> None:
    rules = plans()[plan]
    found = load_correction(rules, Decimal(load), rules.years[-1]).value
    assert abs(found - Decimal(value)) < Decimal("3e-10")


@pytest.mark.parametrize("load", [0.20, 0.30, 0.40, 0.4999])
def test_draft_load_correction_against_floats(load: float) -> None:
    rules, percent = plans()["cn-ets-power-2025-draft"], 100 * load
    hand = 7.254 - 0.633 * (1 - math.exp(-percent / 29.822)) - 5.643 * (1 - math.exp(-percent / 6.871))
    found = load_correction(rules, Decimal(repr(load)), 2025)
    assert abs(float(found.value) - hand) <= 0.5e-6 + 1e-12
    assert -found.value.as_tuple().exponent == 6  # type: ignore[operator]


def test_both_sides_of_the_thresholds() -> None:
    final = load_correction(plans()["cn-ets-power-2023"], Decimal("0.65"), 2023)
    assert (final.below, final.above, final.jump) == (Decimal("1.045678375"), 1, Decimal("0.045678375"))
    draft = load_correction(plans()["cn-ets-power-2025-draft"], Decimal("0.5"), 2026)
    assert round(float(draft.jump), 3) == 0.1
    # the tiers until 2022 meet at their ends
    assert load_correction(plans()["cn-ets-power-2019"], Decimal("0.85"), 2019).jump == 0


def test_older_plans_correct_for_cooling_and_heat() -> None:
    unit = PowerUnit(
        "1", "lignite", 300, 900_000, supply=1_000_000, heat=500_000, heat_ratio="0.2", load="0.9", cooling="air"
    )
    # 1,000,000 × 0.8729 × 1.05 × (1 − 0.22 × 0.2) × 1 + 500,000 × 0.1105
    # = 872,900 × 1.05 × 0.956 = 876,217.02; + 55,250
    assert allocate("cn-ets-power-2021", [unit], 2022).allocation == 931_467
    # 2019–2020: 979,000 × 1.05 × 0.956 = 982,720.2; + 500,000 × 0.126; a unit with heat has no load correction
    assert allocate("cn-ets-power-2019", [replace(unit, load=None)], 2020).allocation == 1_045_720


def test_a_gas_unit_is_not_short() -> None:
    # 1,000,000 × 0.3305 + 100,000 × 0.0536 = 335,860 below 400,000
    found = allocate("cn-ets-power-2023", [GAS], 2023)
    assert (found.allocation, found.units[0].initial, found.units[0].relief) == (400_000, 335_860, 64_140)
    assert allocate("cn-ets-power-2023", [replace(GAS, emissions=300_000)], 2023).allocation == 335_860


def test_the_gap_of_a_company_is_capped_at_a_fifth() -> None:
    # allowances 2,488,800; emissions 4,000,000: at least 3,200,000
    found = allocate("cn-ets-power-2023", [replace(LARGE, emissions=4_000_000)], 2023)
    assert found.allocation == 3_200_000
    assert found.gap_share == Decimal("0.2")
    # just inside the cap nothing is added: 2,488,800 / 0.8 = 3,111,000
    assert allocate("cn-ets-power-2023", [replace(LARGE, emissions=3_111_000)], 2023).allocation == 2_488_800


def test_the_draft_cuts_every_part_to_whole_tonnes() -> None:
    unit = PowerUnit("1", "anthracite", 300, 1, generation="1.9", heat="19.9", load=1)
    # 1.9 × 0.8017 = 1.52 → 1; 19.9 × 0.1027 = 2.04 → 2
    found = allocate("cn-ets-power-2025-draft", [unit], 2025)
    assert found.allocation == 3
    assert found.plan.status == "draft"


def test_pre_allocation_is_a_share_of_last_year() -> None:
    units = [replace(LARGE, previous_emissions=2_400_001), replace(LARGE, id="2", previous_emissions=101)]
    # 0.7 × 2,400,001 = 1,680,000.7 and 70.7, each cut
    assert allocate("cn-ets-power-2023", units, 2023).pre_allocation == 1_680_000 + 70
    assert allocate("cn-ets-power-2025-draft", units, 2025).pre_allocation == 1_200_000 + 50
    assert allocate("cn-ets-power-2023", [LARGE], 2023).pre_allocation is None


def test_special_cases_get_their_verified_emissions() -> None:
    unit = PowerUnit("1", "refinery_gas", 50, 123_456, special="self_produced_only")
    assert allocate("cn-ets-power-2025-draft", [unit], 2026).allocation == 123_456
    with pytest.raises(DataError) as caught:
        allocate("cn-ets-power-2023", [unit], 2023)
    assert codes(caught) == {"ets_unknown_special"}


STEEL = IndustrialUnit(
    "s", "steel", 10_000_000, 5_000_000, "1.5", process_emissions=7_000_000, previous_emissions=9_999_999
)


def test_steel_gets_more_when_it_is_better_than_the_sector() -> None:
    # I = 7/5 = 1.4; X = 0.1/1.5 = 1/15; α = 0.15/15 = 0.01; A = 10,000,000 × 1.01
    found = allocate("cn-ets-industry-2026-draft", [STEEL])
    assert found.allocation == 10_100_000
    assert found.pre_allocation == 4_999_999
    assert allocate("cn-ets-industry-2024", [STEEL], 2025).allocation == 10_100_000
    assert allocate("cn-ets-industry-2024", [STEEL], 2025).pre_allocation == 6_999_999


def test_2024_is_verified_emissions_without_pre_allocation() -> None:
    found = allocate("cn-ets-industry-2024", [replace(STEEL, balance_value=None)], 2024)
    assert (found.allocation, found.pre_allocation) == (10_000_000, None)


@pytest.mark.parametrize(
    ("intensity", "allocation"),
    [(0.80, 1_030_000), (0.801, 1_029_850), (1.0, 1_000_000), (1.199, 970_150), (1.20, 970_000), (2.0, 970_000)],
)
def test_the_coefficient_is_bounded(intensity: float, allocation: int) -> None:
    # BP = 1: X = 1 − I; α = 0.15 X inside ±20 %, ±0.03 outside; a line of 1,000,000 t
    line = IndustrialUnit("c", "cement", 1_000_000, Decimal(1_000_000) / Decimal(repr(intensity)), 1)
    assert abs(allocate("cn-ets-industry-2026-draft", [line]).allocation - allocation) <= 1


@given(st.lists(st.tuples(st.integers(1_000, 10**7), st.decimals("0.5", "2.0", places=3)), min_size=2, max_size=12))
def test_at_the_balance_value_allowances_equal_emissions(lines: list[tuple[int, Decimal]]) -> None:
    balance = balance_value(lines, "0.15", "0.03", "0.20")
    granted = Decimal(0)
    for emissions, intensity in lines:
        deviation = (balance - intensity) / balance
        alpha = max(min(deviation, Decimal("0.2")), Decimal("-0.2")) * Decimal("0.15")
        granted += emissions * alpha
    assert abs(granted) <= Decimal("1e-12") * sum(e for e, _ in lines)


@given(st.decimals(0, 10**7, places=2), st.decimals(1, 10**7, places=2))
def test_relief_leaves_a_gap_of_at_most_a_fifth(initial: Decimal, emissions: Decimal) -> None:
    relief = gap_relief(initial, emissions, Decimal("0.2"))
    assert relief >= 0
    assert emissions - initial - relief <= Decimal("0.2") * emissions
    assert relief == 0 or initial + relief == Decimal("0.8") * emissions


@given(st.integers(0, 5_000_000), st.integers(0, 5_000_000), st.sampled_from([2023, 2024]))
def test_more_output_never_means_fewer_allowances(first: int, more: int, year: int) -> None:
    small = allocate("cn-ets-power-2023", [replace(LARGE, generation=first, emissions=0)], year)
    large = allocate("cn-ets-power-2023", [replace(LARGE, generation=first + more, emissions=0)], year)
    assert large.allocation >= small.allocation


def test_every_problem_of_every_unit_is_told() -> None:
    units = [
        replace(LARGE, load="65"),
        replace(LARGE, id="2", load=None),
        replace(LARGE, id="2", generation=None, emissions=-1),
        PowerUnit("4", "wood", 30, 1, generation=1),
        replace(LARGE, id="5", emissions="n/a"),
        replace(LARGE, id="6", cooling="none"),
    ]
    with pytest.raises(DataError) as caught:
        allocate("cn-ets-power-2023", units, 2023)
    assert codes(caught) == {
        "ets_not_a_fraction", "ets_missing_datum", "ets_double_unit", "below_minimum", "ets_unknown_fuel", "not_a_number",
        "unknown_choice",
    }  # fmt: skip
    assert all(p.text("zh") and p.text("en") for p in caught.value.problems)


@pytest.mark.parametrize(
    ("plan", "year", "units", "code"),
    [
        ("cn-ets-power-2099", 2023, [LARGE], "ets_unknown_plan"),
        ("cn-ets-power-2023", None, [LARGE], "ets_year_outside_plan"),
        ("cn-ets-power-2023", 2025, [LARGE], "ets_year_outside_plan"),
        ("cn-ets-power-2023", 2023, [], "ets_wrong_units"),
        ("cn-ets-power-2023", 2023, [STEEL], "ets_wrong_units"),
        ("cn-ets-industry-2024", 2024, [LARGE], "ets_wrong_units"),
        ("cn-ets-industry-2026-draft", None, [replace(STEEL, process_emissions=None)], "ets_missing_datum"),
        ("cn-ets-industry-2026-draft", None, [replace(STEEL, balance_value=None)], "ets_missing_datum"),
        ("cn-ets-industry-2026-draft", None, [replace(STEEL, output=0)], "ets_missing_datum"),
    ],
)
def test_plans_years_and_units_that_do_not_fit(plan: str, year: int | None, units: list[PowerUnit], code: str) -> None:
    with pytest.raises(DataError) as caught:
        allocate(plan, units, year)
    assert codes(caught) == {code}


def test_every_number_has_a_factor_and_every_factor_a_source() -> None:
    library = load_library()
    for plan in plans().values():
        unit = LARGE if plan.sector == "power" else STEEL
        if plan.output == "supplied":
            unit = replace(LARGE, supply=1, heat_ratio=0, cooling="air")
        for year in plan.years:
            found = allocate(plan, [unit], year)  # type: ignore[list-item]
            assert found.factors or year in plan.verified_years
            assert all(f in library.factors for f in found.factors)
            assert all(s in library.sources for s in found.sources)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_records_can_be_printed(language: str) -> None:
    record = allocate("cn-ets-power-2025-draft", [LARGE], 2025).as_record(language)
    assert record["status"] == "draft" and record["limits"]
    assert all(s["label"] for s in record["steps"])


def test_every_special_case_and_status_has_a_text() -> None:
    words = catalogue()
    for plan in plans().values():
        assert f"ets.status.{plan.status}" in words
        assert all(f"ets.special.{s}" in words for s in plan.special)
