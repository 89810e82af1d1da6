"""Mineral and metal processes through the rulebooks: factors found, sets compared, statutory decimals."""

from __future__ import annotations

import itertools

import pytest

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import Method, methods
from tanlu.accounts.rulebook.method_sets import method_sets
from tanlu.accounts.rulebook.resolver import Resolver
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError
from tanlu.core.library import load_library

MODULES = {
    "cement", "lime", "glass", "carbonates", "iron_steel", "ferroalloys", "aluminium", "lead", "zinc", "magnesium",
}  # fmt: skip
OURS = [m for m in methods().values() if m.function.__module__.rpartition(".")[2] in MODULES]
WITHOUT_DEFAULT = {
    # the table of the 2006 Guidelines has seven carbonates, those of the industry guidelines are not IPCC values
    *(
        (rule, "carbonate_factor", word)
        for rule in ("ipcc-2006", "ipcc-2019")
        for word in ("sodium_bicarbonate", "potassium_carbonate", "lithium_carbonate", "barium_carbonate", "strontium_carbonate")
    ),
    # measured in the works
    ("ipcc-2006", "anode_consumption", ""),
    ("ipcc-2019", "anode_consumption", ""),
    # table 4.2 of 2006 has no factor for them
    ("ipcc-2006", "steel_ch4_factor", "pig_iron"),
    ("ipcc-2006", "steel_ch4_factor", "dri"),
}  # fmt: skip


def given(method: str, record: str = "1", **inputs: object) -> list[Activity]:
    """Return the rows of a record: numbers with a unit, or words."""
    rows = []
    for name, datum in inputs.items():
        value, unit = datum if isinstance(datum, tuple) else (datum, "")
        rows.append(Activity(record, "hunan", "2020", method, name, str(value), str(unit), "test", "A", 0.0))
    return rows


def total(results: Results, gas: str = "CO2") -> float:
    return sum(r.value for r in results if r.gas == gas)


def missing(method: Method) -> set[tuple[str, str, str]]:
    """Return (set, factor, word) for which a method has neither a factor nor a default."""
    found = set()
    choices = [i for i in method.inputs if i.kind == "choice"]
    for name in method.sets:
        resolver = Resolver(load_library(), method_sets()[name])
        for words in itertools.product(*(c.options for c in choices)):
            chosen = dict(zip((c.name for c in choices), words, strict=True))
            for wanted in method.inputs:
                if wanted.kind == "factor" and wanted.default is None:
                    word = next((chosen[c] for c in wanted.choices_in_subject), "")
                    if resolver.find([wanted], 0, chosen, "hunan", 2020) is None:
                        found.add((name, wanted.name, word))
    return found


@pytest.mark.parametrize("method", OURS, ids=[m.id for m in OURS])
def test_every_word_has_its_factor_unless_no_table_prints_one(method: Method) -> None:
    assert missing(method) <= WITHOUT_DEFAULT


def test_what_is_said_to_be_without_default_is() -> None:
    assert set().union(*(missing(m) for m in OURS)) == WITHOUT_DEFAULT


@pytest.mark.parametrize("method", OURS, ids=[m.id for m in OURS])
def test_defaults_lie_in_their_plausible_range(method: Method) -> None:
    choices = [i for i in method.inputs if i.kind == "choice"]
    checked = 0
    for name in method.sets:
        resolver = Resolver(load_library(), method_sets()[name])
        for words in itertools.product(*(c.options for c in choices)):
            chosen = dict(zip((c.name for c in choices), words, strict=True))
            for wanted in method.inputs:
                if wanted.kind != "factor":
                    continue
                for match in resolver.find([wanted], 0, chosen, "hunan", 2020) or ():
                    value = match.factor.in_unit(wanted.units[0] or "1")
                    assert (wanted.low is None or wanted.low <= value) and (wanted.high is None or value <= wanted.high)
                    checked += 1
    assert checked or not any(i.kind == "factor" for i in method.inputs)


def test_the_same_file_by_two_rulebooks() -> None:
    rows = [
        *given("cement-clinker", "cement", clinker=(100, "万吨")),
        *given("lime-production", "lime", lime=(10, "万吨")),
    ]
    # 1,000,000 t · 0.785 · 0.65 · 1.02 and 100,000 t · 0.75
    assert total(compute(rows, "ipcc-2006")) == pytest.approx(520_455 + 75_000)
    # 1,000,000 t · 0.538 and 100,000 t · 0.683
    assert total(compute(rows, "cn-province-2011")) == pytest.approx(538_000 + 68_300)


def test_a_cement_works_of_the_national_market() -> None:
    rows = [
        *given("cement-clinker", "kiln", clinker=(1_000_000, "t")),
        *given("cement-clinker", "white", clinker=(1_000, "t"), clinker_type="white_clinker"),
        *given(
            "cement-raw-material-deduction", "slag", replacing_material="carbide_slag", replacing_amount=(10_000, "t")
        ),
    ]
    assert total(compute(rows, "cn-ets-2024")) == pytest.approx(535_000 + 550 - 4_800)


def test_the_steel_rule_rounds_to_two_decimals_half_up() -> None:
    rows = given("steel-material-flow", charge_material="limestone", input_mass=("10.005", "t"))
    # 10.005 becomes 10.01; 10.01 · 0.440 = 4.4044 becomes 4.40
    assert total(compute(rows, "cn-ets-2024")) == 4.40
    assert total(compute(rows, "cn-enterprise")) == pytest.approx(10.005 * 0.440)


def test_enterprise_and_market_differ_where_their_tables_do() -> None:
    rows = given("steel-material-flow", charge_material="dolomite", input_mass=(1_000, "t"))
    assert total(compute(rows, "cn-enterprise")) == pytest.approx(471)
    assert total(compute(rows, "cn-ets-2024")) == pytest.approx(476)


def test_the_refinement_has_its_own_product_factors() -> None:
    rows = given("steel-products", steel_product="bof_steel", steel_product_mass=(1_000, "t"))
    assert total(compute(rows, "ipcc-2006")) == pytest.approx(1_460)
    assert total(compute(rows, "ipcc-2019")) == pytest.approx(1_580)


def test_an_unknown_process_takes_the_default_of_the_table() -> None:
    assert total(compute(given("lead-production", lead=(1_000, "t")), "ipcc-2006")) == pytest.approx(520)
    assert total(compute(given("zinc-production", zinc=(1_000, "t")), "ipcc-2006")) == pytest.approx(1_720)


def test_point_fed_cells_take_the_factors_of_each_rule() -> None:
    """100,000 t · kg/t / 1000, the factor from the library.

    0.4 of centre-worked cells: EFDB 214135 (2006 Guidelines, vol. 3, ch. 4); 0.0888: Provincial Guidelines 2011, aluminium
    production, recalled (grade C); 0.034: industry guideline of 2013, read in program code (grade C).
    """
    rows = given("aluminium-pfc", aluminium=(100_000, "t"), cell_technology="pfpb")
    for rule, cf4 in (("ipcc-2006", 40), ("cn-province-2011", 8.88), ("cn-enterprise", 3.4)):
        assert total(compute(rows, rule), "CF4") == pytest.approx(cf4)


def test_coke_is_found_under_the_name_that_the_set_gives_it() -> None:
    rows = given("smelting-reductant", smelted_metal="zinc", carbon_material="coke", reductant_mass=(1_000, "t"))
    (result,) = compute(rows, "ipcc-2006")
    assert (result.category, result.value) == ("2.C.6", pytest.approx(1_000 * 0.83 * 44 / 12))


def test_an_efficiency_given_as_a_share_is_the_same() -> None:
    common = {"aluminium": (1_000, "t"), "anode_effect_overvoltage": (5, "mV"), "cell_technology": "cwpb"}
    in_percent = compute(given("aluminium-pfc-overvoltage", current_efficiency=(95, "%"), **common), "ipcc-2006")
    as_share = compute(given("aluminium-pfc-overvoltage", current_efficiency=("0.95", "1"), **common), "ipcc-2006")
    assert total(as_share, "CF4") == pytest.approx(total(in_percent, "CF4"))


def test_a_factor_given_as_carbon_dioxide_where_carbon_is_asked_is_refused() -> None:
    rows = given(
        "steel-carbon-flow", carbon_material="coke", input_mass=(1_000, "t"), material_carbon=("3.04", "t C/t")
    )
    with pytest.raises(DataError):
        compute(rows, "ipcc-2006")
