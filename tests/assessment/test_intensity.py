"""Energy per GDP by the official rule and by the physical number."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts import EnergyUse, InventoryRow, Status
from tanlu.assessment import (
    INTENSITY_COLUMNS,
    Deduction,
    IntensityRule,
    IntensityYear,
    Measured,
    carbon_intensity,
    cumulative_series,
    emissions,
    energy_intensity,
    load_rule,
    total_energy_use,
)
from tanlu.assessment.intensity import gdp_index, growth_identity, ratio_error
from tanlu.core.errors import DataError
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.plan import Plan, Target, load_plan

HUNAN = Path(__file__).parents[2] / "src" / "tanlu" / "provinces" / "hunan"
GROWTH = {2016: 8.0, 2017: 8.0, 2018: 7.8, 2019: 7.6, 2020: 3.8, 2021: 7.7, 2022: 4.498787, 2023: 4.6, 2024: 4.8}
PUBLISHED = {2016: -5.34, 2017: -5.24, 2020: -1.98}
ENERGY_GROWTH = {2016: 2.17, 2017: 2.32, 2020: 1.7}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(HUNAN)


@pytest.fixture(scope="module")
def target(plan: Plan) -> Target:
    return plan.targets_by_id["TG02"]


def series(
    values: dict[int, float], unit: str, name: str = "x", errors: dict[str, float] | None = None
) -> dict[int, Measured]:
    return {y: Measured(y, v, unit, (f"fact:{name}:{y}",), Grade.A, errors or {}) for y, v in values.items()}


def rule(*deductions: str, unusable: dict[int, str] | None = None) -> IntensityRule:
    made = tuple(Deduction(d, d, d, ("total", "intensity"), 2021, None, "s", "") for d in deductions)
    return IntensityRule("TG02", "TG03", 2020, made, (), {}, unusable or {})


def rows(
    target: Target, used: IntensityRule, basis: str, **given: dict[int, float] | dict[str, dict[int, Measured]] | dict[int, Measured]
) -> dict[int, IntensityYear]:  # fmt: skip
    inputs: dict[str, object] = {
        "gdp_growth": series(GROWTH, "%/yr", "gdp"), "published": {}, "energy_growth": {}, "totals": {}, "deductions": {}, "physical": {},
    }  # fmt: skip
    found = energy_intensity(target, used, **{**inputs, **given})  # type: ignore[arg-type]
    return {r.year: r for r in found if r.basis == basis}


@pytest.mark.parametrize("year", [2016, 2017, 2020])
def test_growth_identity_reproduces_the_published_change(year: int) -> None:
    """(1 + energy growth) / (1 + GDP growth) - 1 against the communiques, within 0.15 points (growth is printed to one or two digits)."""
    assert growth_identity(ENERGY_GROWTH[year], GROWTH[year]) == pytest.approx(PUBLISHED[year], abs=0.15)


def test_identity_by_hand() -> None:
    """1.0217 / 1.08 = 0.946019; 1.0232 / 1.08 = 0.947407; 1.017 / 1.038 = 0.979769."""
    found = [growth_identity(ENERGY_GROWTH[y], GROWTH[y]) for y in (2016, 2017, 2020)]
    assert found == pytest.approx([-5.398, -5.259, -2.023], abs=1e-3)


def test_gdp_index_chains_both_ways_and_stops_at_a_gap() -> None:
    """2021: 1.077; 2022: 1.077 x 1.04498787 = 1.125452; 2019: 1 / 1.038 = 0.963391."""
    index = gdp_index(GROWTH, 2020)
    assert index[2021] == pytest.approx(1.077)
    assert index[2022] == pytest.approx(1.125452, abs=1e-6)
    assert index[2019] == pytest.approx(0.963391, abs=1e-6)
    assert min(index) == 2015 and max(index) == 2024
    assert gdp_index({2021: 5.0, 2023: 5.0}, 2020).keys() == {2020, 2021}


@given(st.dictionaries(st.integers(2001, 2030), st.floats(-10, 15), min_size=1), st.integers(2001, 2030))
def test_gdp_index_returns_the_growth_it_was_made_from(growth: dict[int, float], base: int) -> None:
    index = gdp_index(growth, base)
    for year in index.keys() & {y + 1 for y in index}:
        assert 100 * (index[year] / index[year - 1] - 1) == pytest.approx(growth[year], abs=1e-9)


def test_published_years_stand_as_published_and_missing_years_say_what_they_need(target: Target) -> None:
    found = rows(
        target, rule(), "official", published=series(PUBLISHED, "%/yr"), energy_growth=series(ENERGY_GROWTH, "%/yr")
    )
    assert {y: r.change for y, r in found.items() if r.change is not None} == PUBLISHED
    assert {found[y].note for y in PUBLISHED} == {"published"} and found[2016].status == "history"
    assert (found[2018].change, found[2018].status, found[2018].note) == (None, "not_measured", "not_published")
    for year in range(2021, 2026):
        assert (found[year].cumulative, found[year].status, found[year].note) == (
            None,
            "not_measured",
            "needs_total_and_deductions",
        )
        assert found[year].grade is None and not found[year].parents
    assert found[2025].required == pytest.approx(-14)
    for language in ("zh", "en"):
        assert translate(f"assessment.intensity.{found[2025].note}", language)


def test_the_identity_fills_an_unpublished_year_before_the_base_only(target: Target) -> None:
    growth = series({2019: 2.0, 2021: 2.0}, "%/yr")
    found = rows(target, rule(), "official", energy_growth=growth)
    assert found[2019].note == "identity" and found[2019].change == pytest.approx(100 * (1.02 / 1.076 - 1))
    assert found[2021].change is None


def test_published_changes_after_the_base_year_are_chained(target: Target) -> None:
    """0.97 x 0.96 = 0.9312; the path asks for 0.86 ** 0.4 - 1 = -5.854 %."""
    found = rows(target, rule("feedstock"), "official", published=series({2021: -3.0, 2022: -4.0, 2024: -3.0}, "%/yr"))
    assert found[2022].cumulative == pytest.approx(-6.88)
    assert found[2022].status == "on_track" and found[2022].parents == ("fact:x:2022", "fact:x:2021")
    assert found[2024].change == -3.0 and found[2024].cumulative is None and found[2024].status == "not_measured"


def test_deductions_are_taken_from_both_years_and_gdp_stays(target: Target) -> None:
    """Net 150 -> 153 Mtce over GDP x 1.077: 1.02 / 1.077 - 1 = -5.293 %; without deduction 1.03 / 1.077 - 1 = -4.364 %."""
    totals = series({2020: 160.0, 2021: 164.8}, "Mtce")
    cut = {"feedstock": series({2020: 10.0, 2021: 11.8}, "Mtce")}
    net = rows(target, rule("feedstock"), "official", totals=totals, deductions=cut)[2021]
    assert net.cumulative == pytest.approx(-5.2925, abs=1e-3) and net.note == "rule"
    gross = rows(target, rule(), "official", totals=totals)[2021]
    assert gross.cumulative == pytest.approx(-4.3640, abs=1e-3)


def test_a_deduction_in_another_unit_is_converted(target: Target) -> None:
    totals = series({2020: 160.0, 2021: 164.8}, "Mtce")
    cut = {"feedstock": series({2020: 1000.0, 2021: 1180.0}, "10^4 tce")}
    assert rows(target, rule("feedstock"), "official", totals=totals, deductions=cut)[2021].cumulative == pytest.approx(
        -5.2925, abs=1e-3
    )


def test_an_unknown_deduction_leaves_the_official_number_unmeasured(target: Target) -> None:
    totals = series({2020: 160.0, 2021: 164.8}, "Mtce")
    cut = {"feedstock": series({2021: 11.8}, "Mtce")}
    found = rows(target, rule("feedstock"), "official", totals=totals, deductions=cut)[2021]
    assert (found.cumulative, found.status, found.note) == (None, "not_measured", "needs_total_and_deductions")


def test_a_forecast_or_another_vintage_never_enters_the_official_number(target: Target) -> None:
    totals = series({2020: 160.0, 2021: 164.8}, "Mtce")
    assert rows(target, rule(unusable={2021: "forecast"}), "official", totals=totals)[2021].cumulative is None


def test_totals_of_two_years_with_a_gap_are_compared_directly(target: Target) -> None:
    """GDP 2020-2024: 1.077 x 1.04498787 x 1.046 x 1.048 = 1.233728; 172 / 164 / 1.233728 = 0.850085."""
    found = rows(target, rule(), "official", totals=series({2020: 164.0, 2024: 172.0}, "Mtce"))[2024]
    assert found.change is None and found.cumulative == pytest.approx(-14.9915, abs=2e-3) and found.status == "on_track"
    assert {"fact:x:2020", "fact:x:2024", "fact:gdp:2021", "fact:gdp:2024"} <= set(found.parents)


def test_physical_number_by_hand(target: Target) -> None:
    """4500 / 4300 / 1.077 = 0.971694."""
    found = rows(target, rule(), "physical", physical=series({2019: 4200.0, 2020: 4300.0, 2021: 4500.0}, "PJ"))
    assert found[2021].cumulative == pytest.approx(-2.8306, abs=1e-3) == found[2021].change
    assert found[2021].status == "at_risk" and found[2021].note == "physical_estimate"
    assert 2020 not in found


def test_physical_and_official_stand_side_by_side_and_do_not_mix(target: Target) -> None:
    found = energy_intensity(
        target, rule("feedstock"), gdp_growth=series(GROWTH, "%/yr"), published=series(PUBLISHED, "%/yr"), energy_growth={},
        totals={}, deductions={}, physical=series({2015: 3700.0, 2016: 3800.0, 2020: 4300.0, 2021: 4500.0}, "PJ"),
    )  # fmt: skip
    assert {r.basis for r in found if r.year == 2016} == {"official", "physical"}
    assert next(r for r in found if r.year == 2021 and r.basis == "official").cumulative is None
    assert len({r.id for r in found}) == len(found)
    assert tuple(found[0].as_row()) == INTENSITY_COLUMNS


def test_interval_of_the_physical_number_leaves_out_shared_causes(target: Target) -> None:
    """Balance 5 % in both years cancels; driver 3 % and 4 %: sqrt(0.04² - 0.03²) = 0.026458, times 1.96 = 5.186 % in logarithms."""
    start = Measured(2020, 4300.0, "PJ", errors={"balance:a": 0.05, "driver:gdp": 0.03})
    later = Measured(2021, 4500.0, "PJ", errors={"balance:a": 0.05, "driver:gdp": 0.04})
    assert ratio_error(later, start) == pytest.approx(0.0264575)
    found = rows(target, rule(), "physical", physical={2020: start, 2021: later})[2021]
    assert found.low == pytest.approx(100 * (0.971694 / 1.053229 - 1), abs=0.01)
    assert found.high == pytest.approx(100 * (0.971694 * 1.053229 - 1), abs=0.01)
    assert found.note == "physical_within_error" and found.status == "at_risk"
    assert cumulative_series([found], "physical")[2021].bounds == (found.low, found.high)


def test_without_a_base_year_value_there_is_no_cumulative_change(target: Target) -> None:
    found = rows(target, rule(), "physical", physical=series({2021: 4500.0, 2022: 4600.0}, "PJ"))
    assert [(r.cumulative, r.status) for r in found.values()] == [(None, "not_measured")] * 2


def test_a_target_without_number_is_refused(target: Target) -> None:
    with pytest.raises(ValueError, match="no required change"):
        rows(replace(target, value=None), rule(), "official")


def test_carbon_intensity_has_no_requirement_where_the_nation_assigns_it(plan: Plan) -> None:
    """330 / 320 / 1.077 = 0.957521."""
    co2 = series({2020: 320e3, 2021: 330e3}, "kt")
    (found,) = carbon_intensity(plan.targets_by_id["TG03"], 2020, gdp_growth=series(GROWTH, "%/yr"), co2=co2)
    assert found.cumulative == pytest.approx(-4.2479, abs=1e-3)
    assert (found.required, found.status, found.id) == (None, "no_number", "intensity:carbon:2021")


def use(sector: str, fuel: str, energy: float, **errors: float) -> EnergyUse:
    return EnergyUse(
        2020,
        sector,
        "1.A",
        fuel,
        energy,
        None,
        Status.ESTIMATED,
        Grade.C,
        {k.replace("_", ":"): v for k, v in errors.items()},
    )


def test_total_energy_use_counts_no_energy_twice() -> None:
    """1000 + 200 PJ burnt; 100 TWh used, 60 TWh of it from thermal plants: 40 x 3.6 = 144 PJ more. Error: 5 % of 1000 over 1344."""
    uses = [
        use("power", "coal", 1000.0, balance_power=0.05, factor_coal=0.04), use("steel", "coke", 200.0), use("steel", "electricity", 90.0),
        use("steel", "heat", 10.0),
    ]  # fmt: skip
    found = total_energy_use(uses, series({2020: 100_000.0, 2021: 1.0}, "GWh"), series({2020: 60_000.0}, "GWh"))
    assert found.keys() == {2020}
    assert found[2020].value == pytest.approx(1344.0) and found[2020].unit == "PJ"
    assert found[2020].errors == pytest.approx({"balance:power": 50 / 1344})
    assert found[2020].grade is Grade.C and len(found[2020].ids) == 4


def test_emissions_add_shared_causes_linearly() -> None:
    """Two rows of 60 and 40 kt share a factor of 5 %: together 5 %, not 3.6 %."""
    first = InventoryRow("r", 2020, "a", "CO2", "steel", 60.0, Status.CALCULATED, Grade.B, "m", {"factor:coal": 0.05})
    made = [first, replace(first, category="b", value=40.0)]
    empty = replace(made[0], value=None, status=Status.NE)
    found = emissions([*made, empty], {2020: "total:r:2020:co2"})
    assert found[2020].value == 100.0 and found[2020].errors == pytest.approx({"factor:coal": 0.05})
    assert found[2020].ids == ("total:r:2020:co2",)


def test_the_shipped_rule_holds_the_deductions_in_force_at_the_deadline(plan: Plan) -> None:
    found = load_rule(HUNAN, plan)
    assert [d.id for d in found.deductions] == ["feedstock", "non_fossil", "listed_projects"]
    assert [d.id for d in found.superseded] == ["added_renewables"] and found.superseded[0].counts_in == ("total",)
    assert found.unusable_totals[2025] == "forecast" and found.target == "TG02"


def test_every_fault_of_the_rule_is_told(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "assessment").mkdir()
    text = (HUNAN / "assessment" / "energy_intensity.yaml").read_text(encoding="utf-8")
    broken = (
        text.replace("target: TG02", "target: TG99")
        .replace("reason: forecast", "reason: guess")
        .replace("counts_in: [total]", "counts_in: [sum]")
    )
    (tmp_path / "assessment" / "energy_intensity.yaml").write_text(
        broken.replace("carbon_base_year: 2020", "carbon_base_year: then"), encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        load_rule(tmp_path, plan)
    first = {(p.code, p.value, p.row) for p in caught.value.problems}
    assert {(c, v) for c, v, _ in first} == {("not_a_number", "then"), ("unknown_choice", "guess")}
    assert all(row for *_, row in first)
    (tmp_path / "assessment" / "energy_intensity.yaml").write_text(
        broken.replace("reason: guess", "reason: forecast"), encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        load_rule(tmp_path, plan)
    assert {(p.code, p.value) for p in caught.value.problems} == {("unknown_choice", "TG99"), ("unknown_choice", "sum")}
