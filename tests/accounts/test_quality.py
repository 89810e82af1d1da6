"""Quality control: each check finds what it is for, and nothing where all is well."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.accounts.hand_made import Source, make, product_method
from tests.accounts.rulebook import calculated, library, made_factor, row

from tanlu.accounts.quality.control import check_factors, quality_control
from tanlu.accounts.quality.factors import Shelf, check_sets
from tanlu.accounts.quality.overlaps import alternative_methods, nested_places, overlaps, purchased_of_members
from tanlu.accounts.quality.results import (
    jumps,
    members_against_whole,
    parts_against_totals,
    peer_intensity,
    reference_against_sectors,
)
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.method import methods
from tanlu.accounts.rulebook.result import Results
from tanlu.core.factors import Factor
from tanlu.core.library import Library, load_library
from tanlu.core.messages import LANGUAGES
from tanlu.core.provenance import Grade


def codes(findings: object) -> list[str]:
    return [f.code for f in findings]  # type: ignore[attr-defined]


def series(*values: float, start: int = 2010, category: str = "1.A.1") -> Results:
    return make([Source(category, v, 1.0, f"a{n}", "f", period=str(start + n)) for n, v in enumerate(values)])


def published(parameter: str, subject: str, value: float, unit: str, gas: str = "", factor_set: str = "own") -> Factor:
    return replace(made_factor(factor_set, parameter, subject, value, unit), gas=gas)


def user_factor(parameter: str, subject: str, value: float, unit: str, gas: str = "") -> Factor:
    return replace(published(parameter, subject, value, unit, gas, "mine"), grade=Grade.C)


# ---- factors ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [29.7, 30.2, 36.0, 37.5, 42.5])
def test_heat_of_ammonia_filed_as_emission_is_caught(value: float) -> None:
    """EFDB 213981–213985 hold the fuel requirement (GJ/t, EFDB 213974–213979) as t CO2 per t of ammonia."""
    taken = user_factor("emission_factor", "ammonia.some_process", value, "t CO2/t", "CO2")
    (found,) = check_factors([taken], load_library())
    assert (found.code, found.severity) == ("other_quantity", "warning")
    assert "ipcc-2006.fuel_requirement.ammonia" in found.text("en")


def test_a_plausible_ammonia_factor_passes() -> None:
    assert (
        check_factors(
            [user_factor("emission_factor", "ammonia.gas_conventional", 1.7, "t CO2/t", "CO2")], load_library()
        )
        == ()
    )


@pytest.mark.parametrize(
    ("value", "code"), [(0.2585, "factor_slip"), (0.0948, "carbon_ratio"), (25.85, "factor_slip"), (0.0262, "")]
)
def test_carbon_content_on_a_wrong_scale_is_caught(value: float, code: str) -> None:
    """Bituminous coal has about 0.0258 t C/GJ: ten times (heading 10⁻² for 10⁻³), as CO2 (0.0948), kilograms as tonnes."""
    taken = user_factor("carbon_content", "bituminous_coal", value, "t C/GJ")
    assert codes(check_factors([taken], load_library())) == ([code] if code else [])


def test_the_unit_of_the_library_does_not_matter() -> None:
    """25.8 kg C/GJ is 0.0258 t C/GJ."""
    assert check_factors([user_factor("carbon_content", "bituminous_coal", 25.8, "kg C/GJ")], load_library()) == ()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("cn-ets-steel-2024.carbon_content.lng", "0.0153"),
        ("cn-ets-steel-2024.carbon_content.coke_oven_gas", "0.01358"),
        ("cn-enterprise-2013.net_calorific_value.bituminous_coal", "19.57"),
    ],
)
def test_factor_sets_that_differ_are_told(name: str, other: str) -> None:
    """LNG 0.0172 against 0.0153, coke-oven gas 0.0121 against 0.01358 t C/GJ; heat of bituminous coal 23.2 against 19.57 GJ/t."""
    shelf = Shelf(load_library())
    factor = shelf.library.factors[name]
    (found,) = check_sets([factor], shelf)
    assert found.code == "sets_differ" and found.severity == "note"
    assert other in found.text("en") and name in found.text("zh")


def test_sets_of_other_regions_and_years_are_no_contradiction() -> None:
    here = made_factor("a", "grid", "electricity", 0.5, "t CO2/MWh", region="first", year=2020, last=2020)
    shelf = Shelf(
        library(
            here,
            made_factor("b", "grid", "electricity", 0.9, "t CO2/MWh", region="second", year=2020, last=2020),
            made_factor("c", "grid", "electricity", 0.9, "t CO2/MWh", region="first", year=2022, last=2022),
        )
    )
    assert check_sets([here], shelf) == []


def test_a_factor_outside_the_published_range_is_told() -> None:
    """The library has 20 (18–22) GJ/t."""
    shelf = library()
    assert codes(check_factors([user_factor("heating_value", "coal", 27.0, "GJ/t")], shelf)) == ["published_range"]
    assert check_factors([user_factor("heating_value", "coal", 21.9, "GJ/t")], shelf) == ()


def test_factors_of_the_library_itself_pass() -> None:
    shelf = library()
    assert check_factors(shelf.factors.values(), shelf) == ()


def test_a_finding_names_parameter_and_subject_in_the_language_of_the_reader() -> None:
    (found,) = check_factors([user_factor("heating_value", "coal", 27.0, "GJ/t")], library())
    assert found.text("zh").startswith("煤 的 heating_value 为 27.0 GJ/t")
    assert "heating_value of Coal is 27.0 GJ/t" in found.text("en") and found.input == "heating_value"


def test_peers_are_found_under_the_name_of_each_set() -> None:
    """A set calls coal ``hard_coal``."""
    shelf = library(published("ash", "hard_coal", 0.2, "1"), aliases={("own", "coal"): "hard_coal"})
    assert codes(check_factors([user_factor("ash", "coal", 2.0, "1")], shelf)) == ["factor_slip"]


def test_peers_that_disagree_say_nothing_about_a_slip() -> None:
    """Field values of rice range over a factor of ten."""
    shelf = library(
        published("rice", "paddy", 100.0, "kg/ha"), published("rice", "paddy", 1000.0, "kg/ha", factor_set="other")
    )
    assert check_factors([user_factor("rice", "paddy", 5500.0, "kg/ha")], shelf) == ()


def coal_record(heat: float) -> Results:
    rows = [
        row("r1", "burning", "fuel", "煤"),
        row("r1", "burning", "fuel_amount", 10, "t"),
        row("r1", "burning", "heating_value", heat, "GJ/t"),
        row("r1", "burning", "carbon", 0.025, "t C/GJ"),
        row("r1", "burning", "oxidised", 0.95, "1"),
    ]
    return calculated(rows)


def test_a_measured_factor_of_a_record_is_held_against_the_library() -> None:
    """The choice is written in Chinese; 30 GJ/t is inside what the method lets pass and outside the published 18–22."""
    (found,) = [f for f in quality_control(coal_record(30.0), library=library()) if f.code == "published_range"]
    assert (found.record, found.input, found.value) == ("r1", "heating_value", "30.0")
    assert not [f for f in quality_control(coal_record(21.0), library=library()) if f.code == "published_range"]


# ---- series and sums -------------------------------------------------------------------------------------------------------------


def test_a_jump_is_told_once_in_each_direction() -> None:
    """Growth of about 2 % a year with a scatter of 1 %; one year ten times too high."""
    values = [100.0, 102.5, 103.8, 106.5, 1090.0, 110.7, 112.4, 115.3]
    found = jumps([series(*values)])
    assert [(f.code, f.period) for f in found] == [("jump", "2014"), ("jump", "2015")]
    values[4] = 109.0
    assert jumps([series(*values)]) == []


def test_a_jump_is_seen_between_computations_of_single_years() -> None:
    years = [series(v, start=2010 + n) for n, v in enumerate([100.0, 101.0, 103.0, 104.0, 106.0, 300.0, 309.0])]
    assert [f.period for f in jumps(years)] == ["2015"]
    assert codes(quality_control(years[0], others=years[1:], library=library())) == ["jump"]


def test_too_few_years_say_nothing() -> None:
    assert jumps([series(100.0, 101.0, 500.0, 502.0)]) == []


def test_parts_are_held_against_totals() -> None:
    parts = make(
        [
            Source("1.A.1", 60.0, 1.0, "a", "f"),
            Source("1.A.2", 40.0, 1.0, "b", "f"),
            Source("4.A", 1.0, 1.0, "c", "f", gas="CH4"),
        ]
    )
    assert parts_against_totals(parts, {("1.A", "CO2", "2020"): 100.4, ("", "CO2e", "2020"): 128.0}) == []
    found = parts_against_totals(parts, {("1.A", "CO2", "2020"): 101.0, ("", "CO2e", "2020"): 200.0})
    assert codes(found) == ["sum_of_parts", "sum_of_parts"]
    assert "-72" in found[1].text("en") and "128" in found[1].text("en")


def test_the_category_1_a_1_does_not_hold_1_a_10() -> None:
    parts = make([Source("1.A.1", 60.0, 1.0, "a", "f"), Source("1.A.10", 40.0, 1.0, "b", "f")])
    assert parts_against_totals(parts, {("1.A.1", "CO2", "2020"): 60.0}) == []


@pytest.mark.parametrize(("reference", "count"), [(104.9, 0), (95.1, 0), (105.2, 1), (94.8, 1)])
def test_reference_and_sectoral_approach_may_differ_by_five_per_cent(reference: float, count: int) -> None:
    sectors = [
        Source("1.A.1", 70.0, 1.0, "a", "f"),
        Source("1.A.2", 30.0, 1.0, "b", "f"),
        Source("2.A.1", 900.0, 1.0, "c", "f"),
    ]
    assert len(reference_against_sectors(make(sectors), {"2020": reference})) == count
    both = make([*sectors, Source("memo.reference_approach", reference, 1.0, "d", "f")])
    assert len(reference_against_sectors(both)) == count


def test_the_memo_category_of_the_reference_approach_is_that_of_its_method() -> None:
    assert [o.category for o in methods()["reference-approach"].outputs] == ["memo.reference_approach"]


def test_members_are_held_against_the_whole() -> None:
    whole = make([Source("2.A.1", 100.0, 1.0, "a", "f"), Source("2.A.2", 50.0, 1.0, "b", "f")])
    members = make(
        [
            Source("2.A.1", 60.0, 1.0, "c", "f"),
            Source("2.A.1", 45.0, 1.0, "d", "f"),
            Source("2.A.2", 20.0, 1.0, "e", "f"),
        ]
    )
    found = members_against_whole(whole, members)
    assert [(f.code, f.severity) for f in found] == [("members_exceed", "warning"), ("members_cover", "note")]
    assert dict(found[1].details)["share"] == "40.0"


def test_bought_power_is_in_the_total_of_an_enterprise_and_not_in_the_sum_of_members() -> None:
    plant = make([Source("1.A.1", 5.0, 1.0, "a", "f"), Source("memo.bought", 2.0, 1.0, "b", "f")])
    plant = replace(plant, method_set=replace(plant.method_set, counts=("memo.bought",)))
    assert parts_against_totals(plant, {("", "CO2", "2020"): 7.0, ("", "CO2e", "2020"): 7.0}) == []
    assert [dict(f.details)["category"] for f in members_against_whole(plant, plant)] == ["1.A.1"]


def test_an_intensity_outside_the_fence_of_its_peers_is_told() -> None:
    """Nine plants at 0.50–0.54, one at 0.9: quartiles near 0.51 and 0.53, fence at about 0.48–0.56."""
    rates = [0.50, 0.51, 0.52, 0.53, 0.54, 0.50, 0.52, 0.53, 0.51, 0.90]
    plants = make([Source("2.A.1", 1000.0 + n, r, f"a{n}", "f") for n, r in enumerate(rates)])
    (found,) = peer_intensity(plants)
    assert (found.code, found.record, found.input, found.value) == ("peer_intensity", "r9", "amount", "0.9")
    assert peer_intensity(make([Source("2.A.1", 1.0 + n, r, f"a{n}", "f") for n, r in enumerate(rates[:-1])])) == []


def test_few_peers_and_other_kinds_say_nothing() -> None:
    few = [Source("2.A.1", 1.0, r, "a", "f") for r in (0.5, 0.5, 0.5, 0.9)]
    assert peer_intensity(make(few)) == []
    assert peer_intensity(make([Source(f"2.A.{n}", 1.0, r, "a", "f") for n, r in enumerate([0.5] * 9 + [0.9])])) == []


# ---- double counting -------------------------------------------------------------------------------------------------------------


def together(*parts: tuple[str, Results]) -> Results:
    """Put results of several methods into one."""
    blocks = [replace(r.blocks[0], method=replace(r.blocks[0].method, id=name, topic=name)) for name, r in parts]
    rows = [x._replace(method=name, id=f"{name}:{x.id}") for name, r in parts for x in r]
    return replace(parts[0][1], results=tuple(rows), blocks=tuple(blocks))


def test_a_product_factor_on_top_of_a_mass_balance_is_told() -> None:
    steel = make([Source("2.C.1", 10.0, 1.0, "a", "f", place="p/mill")])
    elsewhere = make([Source("2.C.1", 10.0, 1.0, "b", "f", place="p/other")])
    (found,) = alternative_methods(together(("steel-products", steel), ("steel-carbon-flow", steel)))
    assert (found.code, found.place) == ("alternative_methods", "p/mill")
    assert all(
        name in found.text(language) for name in ("steel-carbon-flow", "steel-products") for language in LANGUAGES
    )
    assert alternative_methods(together(("steel-products", steel), ("steel-carbon-flow", elsewhere))) == []
    assert alternative_methods(together(("steel-products", steel), ("cement-clinker", steel))) == []


def test_methods_that_may_stand_side_by_side_are_no_overlap() -> None:
    """A carbon balance next to its own material flow, and the same methods for different categories."""
    steel, other = (make([Source(c, 10.0, 1.0, "a", "f", place="p")]) for c in ("2.C.1", "2.C.2"))
    lines = {"steel": (("product", "process"), ("balance",))}
    assert alternative_methods(together(("product", steel), ("process", steel)), lines) == []
    assert alternative_methods(together(("product", steel), ("balance", other)), lines) == []
    assert codes(alternative_methods(together(("process", steel), ("balance", steel)), lines)) == [
        "alternative_methods"
    ]


def test_overlaps_name_topics_that_exist_and_share_a_category() -> None:
    categories: dict[str, set[tuple[str, str]]] = {}
    for m in methods().values():
        for o in m.outputs:
            named = {o.category} if o.category else set(o.categories.values())
            categories.setdefault(m.topic, set()).update((c, o.gas) for c in named)
    for line, ways in overlaps().items():
        assert len(ways) > 1, line
        for number, way in enumerate(ways):
            rest = {t for other in ways[:number] + ways[number + 1 :] for t in other}
            for topic in way:
                assert any(categories[topic] & categories[t] for t in rest), f"{line}: {topic}"


def test_a_place_and_a_place_inside_it_are_told() -> None:
    nested = make([Source("2.A.1", 9.0, 1.0, "a", "f", place="p"), Source("2.A.1", 5.0, 1.0, "b", "f", place="p/city")])
    (found,) = nested_places(nested)
    assert (found.place, dict(found.details)["outer"]) == ("p/city", "p")
    apart = make(
        [Source("2.A.1", 9.0, 1.0, "a", "f", place="p/town"), Source("2.A.1", 5.0, 1.0, "b", "f", place="p/city")]
    )
    assert nested_places(apart) == []


def test_purchased_energy_of_members_is_not_added_up() -> None:
    bought = "memo.purchased_electricity"
    park = make(
        [Source(bought, 9.0, 1.0, "a", "f", place="p/park/one"), Source(bought, 9.0, 1.0, "b", "f", place="p/park/two")]
    )
    assert [(f.place, f.value) for f in purchased_of_members(park)] == [("p", "2"), ("p/park", "2")]
    assert purchased_of_members(make([Source(bought, 9.0, 1.0, "a", "f", place="p/park/one")])) == []


# ---- the log ---------------------------------------------------------------------------------------------------------------------


def test_the_log_has_warnings_first_and_a_text_in_both_languages() -> None:
    results = make([
        Source("2.A.1", 100.0, 1.0, "a", "f", place="p"), Source("2.A.1", 50.0, 1.0, "b", "f", place="p/city"),
        Source("memo.purchased_heat", 5.0, 1.0, "c", "f", place="p/one"), Source("memo.purchased_heat", 5.0, 1.0, "d", "f", place="p/two"),
        Source("1.A.1", 100.0, 1.0, "e", "f", place="p"),
    ])  # fmt: skip
    log = quality_control(
        results, totals={("", "CO2", "2020"): 1.0}, reference={"2020": 200.0},
        members=make([Source("1.A.1", 300.0, 1.0, "x", "f"), Source("2.A.1", 3.0, 1.0, "y", "f")]), library=library(),
    )  # fmt: skip
    assert set(codes(log)) == {
        "sum_of_parts", "reference_gap", "members_exceed", "members_cover", "nested_places", "purchased_of_members",
    }  # fmt: skip
    severities = [f.severity for f in log]
    assert severities == sorted(severities, key=["warning", "review", "note"].index)
    for finding in log:
        assert all(finding.text(language) for language in LANGUAGES)
        assert set(finding.as_row()) >= {"severity", "code", "message_zh", "message_en"}


def test_findings_of_the_computation_stay_in_the_log() -> None:
    fallback = Finding("input_not_used", "note", "r", "p", "2020", "product", "x", "1", (("set", "hand"),))
    results = replace(make([Source("1.A.1", 1.0, 1.0, "a", "f")], product_method()), findings=(fallback,))
    assert quality_control(results, library=library()) == (fallback,)


def test_an_empty_library_is_no_obstacle() -> None:
    empty = Library(library().folder, {}, {}, {}, {}, {})
    assert quality_control(make([Source("1.A.1", 1.0, 1.0, "a", "f")]), library=empty) == ()
