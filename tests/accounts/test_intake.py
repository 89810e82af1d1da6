"""From rows to records: what a record says of itself does not depend on the records before it, and odd rows are told."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from tests.accounts.rulebook import METHODS, calculated, declared, library, made_factor, row, rules, told

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.input_names import input_id
from tanlu.accounts.rulebook.intake import take_in
from tanlu.accounts.rulebook.method import Input, Output, Rounding, activity, choice, factor, methods
from tanlu.accounts.rulebook.method_sets import method_sets
from tanlu.accounts.rulebook.plausible import slip
from tanlu.accounts.rulebook.resolver import Resolver
from tanlu.core.errors import DataError
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.core.units import UnknownUnitError, parse_unit

COAL = [row("a", "burning", "fuel", "coal"), row("a", "burning", "fuel_amount", 1000, "t")]
WASTE = [row("w", "decay", "waste", 10, "t", period=str(year)) for year in (2000, 2001, 2002)]


def product(power: Any, grid: Any) -> Any:
    return power * grid


def grid_method(name: str, unit: str, gas: str = "") -> Any:
    inputs = (activity("power", "MWh"), factor("grid", unit, subject="power", gas=gas))
    return declared(name, product, inputs, Output("CO2", "1.A.1"))


def test_the_id_of_a_result_does_not_depend_on_the_order_of_rows() -> None:
    assert calculated(COAL).results[0].id == calculated(COAL[::-1]).results[0].id


def test_the_id_of_a_datum_is_the_same_for_5_and_for_5_0_percent() -> None:
    assert COAL[1]._replace(uncertainty=5).id == COAL[1]._replace(uncertainty=5.0).id
    assert COAL[1]._replace(uncertainty=None).id != COAL[1]._replace(uncertainty=0.0).id


def test_a_record_in_two_years_and_two_places_keeps_why_each_factor_was_taken() -> None:
    made = [
        made_factor("own", "grid", "power", value, "t CO2/MWh", region=region, year=year, last=year)
        for value, region, year in ((0.5, "first", 2020), (0.6, "first", 2021), (0.7, "second", 2020))
    ]
    rows = [
        row("e", "grid", "power", 1, "MWh", period="2020"), row("e", "grid", "power", 1, "MWh", period="2021"),
        row("e", "grid", "power", 1, "MWh", place="second"),
    ]  # fmt: skip
    results = calculated(rows, library(*made), rules({"grid": grid_method("grid", "t CO2/MWh")}))
    matches = [results.match(r, "grid") for r in results]
    assert [m and m.factor.value for m in matches] == [0.5, 0.6, 0.7] == [r.value for r in results]
    assert results.match(results.results[0], "power") is None


def test_a_factor_for_review_is_named_once_a_record() -> None:
    results = calculated([r._replace(value="gas") if r.input == "fuel" else r._replace(unit="10^4 Nm3") for r in COAL])
    named = [(record, name) for record, name, _ in results.fallbacks]
    assert named == [("a", "heating_value"), ("a", "carbon"), ("a", "oxidised")]


def test_methods_that_ask_for_one_factor_in_two_units_or_for_two_gases_do_not_mix() -> None:
    """0.5 t/MWh is 500 kg/MWh; the factor of methane has another gas."""
    shelf = library(
        made_factor("own", "grid", "power", 0.5, "t CO2/MWh"),
        dataclasses.replace(made_factor("own", "grid", "power", 0.1, "t CH4/MWh"), gas="CH4", id="own.grid.power.ch4"),
    )
    makes = (grid_method("t", "t CO2/MWh"), grid_method("kg", "kg CO2/MWh"), grid_method("ch4", "t CH4/MWh", "CH4"))
    rows = [row(m.id, m.id, "power", 1, "MWh") for m in makes]
    assert [r.value for r in calculated(rows, shelf, rules({m.id: m for m in makes}))] == [0.5, 500.0, 0.1]


def test_a_value_that_is_not_used_is_listed_with_its_own_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tanlu.accounts.rulebook.intake._topics", lambda: {"burning": {"ash"}})
    rows = [r._replace(record=n) for n in "pq" for r in (*COAL, row("", "burning", "ash", ord(n), "t"))]
    found = [(f.record, f.code, f.input, f.value) for f in calculated(rows).findings if f.record]
    assert found == [("p", "input_not_used", "ash", "112"), ("q", "input_not_used", "ash", "113")]


def test_a_factor_given_for_some_years_of_a_series_only_is_a_gap_and_not_zero() -> None:
    rates = [row("w", "decay", "rate", 0.2, "1", period=p, row=n) for n, p in enumerate(("2000", "2002"))]
    assert told([*WASTE, *rates]) == [("gap_in_series", None, "rate", "2001")]


def test_a_factor_that_is_the_same_in_all_years_of_a_series_counts_once() -> None:
    """Cumulated 10, 20, 30 t; one error of the rate for all years."""
    alone = calculated([*WASTE, row("w", "decay", "rate", 0.2, "1", period="2000")])
    every = calculated([*WASTE, *(row("w", "decay", "rate", 0.2, "1", period=w.period) for w in WASTE)])
    assert [r.value for r in every] == [r.value for r in alone] == [pytest.approx(v) for v in (2, 4, 6)]
    assert [(r.low, r.high) for r in every] == [(r.low, r.high) for r in alone]


def test_a_factor_that_changes_in_a_series_is_taken_by_year_also_after_a_record_where_it_does_not() -> None:
    rates = [row("w", "decay", "rate", v, "1", period=w.period) for v, w in zip((0.1, 0.2, 0.3), WASTE, strict=True)]
    steady = [r._replace(record="s", value="0.1") for r in rates]
    rows = [*(w._replace(record="s") for w in WASTE), *steady, *WASTE, *rates]
    results = calculated(rows).results
    assert "".join(r.record for r in results) == "ssswww"
    assert [r.value for r in results] == [pytest.approx(value) for value in (1, 2, 3, 1, 4, 9)]


@pytest.mark.parametrize("place", ["", " ", "/"])
def test_a_row_without_place_is_told(place: str) -> None:
    assert ("empty", 7, "place", place) in told([r._replace(place=place, row=7) for r in COAL])


def test_the_same_row_twice_is_listed() -> None:
    rows = [
        row("", "road", "distance", 1, "km"),
        row("", "road", "distance", 2, "km"),
        row("", "road", "distance", 1, "km"),
    ]
    assert [(f.code, f.severity, f.value) for f in calculated(rows).findings] == [("repeated_row", "warning", "1")]
    assert "1" in calculated(rows).findings[0].text("zh")


def test_a_row_that_stands_twice_has_results_of_its_own_each_time() -> None:
    rows = [row("", "road", "distance", 1, "km")] * 3
    results = calculated(rows)
    name = rows[0].id
    assert list(dict.fromkeys(r.record for r in results)) == [name, f"{name}#2", f"{name}#3"]
    assert len(results.by_id) == len(results) == 6
    assert [f.record for f in results.findings if f.code == "repeated_row"] == [f"{name}#2", f"{name}#3"]
    assert {r.activities for r in results} == {(name,)}


def test_a_slip_of_carbon_is_only_named_where_carbon_is_asked() -> None:
    """200 GJ/t is above 60: 3.67 times a plausible value, but no heating value is one of CO2."""
    assert told([*COAL, row("a", "burning", "heating_value", 200, "GJ/t")])[0][0] == "unit_slip"
    assert told([*COAL, row("a", "burning", "carbon", 0.09, "t C/GJ")])[0][0] == "carbon_slip"


WIDE = factor("made", "t/t", low=1.0, high=80.0)
NARROW = factor("made", "t/t", low=20.0, high=50.0)
OPEN = factor("made", "t/t", low=0.0, high=10.0)


@pytest.mark.parametrize(
    ("wanted", "value", "ratio"),
    [
        # every ten-fold of a value between 20 and 50 lies beyond the range
        (NARROW, 300, 10), (NARROW, 3, 0.1), (NARROW, 150, None), (NARROW, 51, None), (NARROW, 0.03, 0.001),
        # 90 may well be true; 293 is the 29.3 MJ/kg of coal with a point too far, and 20,908 is in kJ
        (WIDE, 90, None), (WIDE, 293, 10), (WIDE, 20_908, 1000), (WIDE, 0.9, None), (WIDE, 0.02, 0.01),
        (OPEN, 15, None), (OPEN, 40, 10),
    ],
)  # fmt: skip
def test_a_slip_explains_a_value_that_is_far_outside_or_whose_range_is_narrow(
    wanted: Input, value: float, ratio: float | None
) -> None:
    assert slip(wanted, 0, value) == ratio


def test_only_a_share_of_the_whole_cannot_be_more() -> None:
    """1.2 of a share is refused, 1.2 of what is at most 1 by experience is listed, and 98 is a share in percent."""
    inputs = [(activity("power", "MWh"), factor("grid", "1", low=low, high=1.0)) for low in (0.0, 0.1)]
    makes = [declared("sold", product, given, Output("CO2", "1")) for given in inputs]
    rows = [row("a", "sold", "power", 1, "MWh"), row("a", "sold", "grid", 1.2, "1")]
    codes = [[p.code for p in take_in(rows, rules({"sold": m}), library()).problems] for m in makes]
    assert codes == [["above_whole"], []]
    percent = [rows[0], rows[1]._replace(value="98")]
    found = take_in(percent, rules({"sold": makes[0]}), library()).problems
    assert [(p.code, p.details["ratio"]) for p in found] == [("unit_slip", "100")]


@pytest.mark.parametrize(
    ("wanted", "value", "code"),
    [
        # 65 % of lime in clinker, given as a plain number; 0.75 may well be true
        (activity("lime", "1", low=0.55, high=0.72), "65", "unit_slip"),
        (activity("lime", "1", low=0.55, high=0.72), "0.75", None),
        (activity("removed", "1", high=1.0), "30", "unit_slip"), (activity("removed", "1", high=1.0), "1.2", "above_whole"),
        # an amount may be a hundred times as large as usual
        (activity("clinker", "t", high=5e6), "5e8", None),
    ],
)  # fmt: skip
def test_a_share_among_the_amounts_is_not_taken_in_percent(wanted: Input, value: str, code: str | None) -> None:
    makes = declared("made", product, (activity("power", "MWh"), wanted), Output("CO2", "1"))
    given = [
        row("a", "made", "power", 1, "MWh"),
        row("a", "made", wanted.name, 1, str(wanted.units[0]))._replace(value=value),
    ]
    found = take_in(given, rules({"made": makes}), library()).problems
    assert [p.code for p in found] == ([code] if code else [])


@pytest.mark.parametrize(("value", "unit"), [("1e308", "Mt"), ("1e309", "t"), ("-inf", "t"), ("nan", "t")])
def test_a_number_that_is_not_finite_in_the_unit_of_the_method_is_told(value: str, unit: str) -> None:
    first = [r._replace(record="b") for r in COAL]
    assert told([*first, COAL[0], COAL[1]._replace(value=value, unit=unit, row=9)]) == [
        ("not_finite", 9, "value", value)
    ]


@pytest.mark.filterwarnings("error")
def test_a_result_too_large_for_a_number_is_a_problem_without_a_warning() -> None:
    with pytest.raises(DataError) as caught:
        calculated([COAL[0], COAL[1]._replace(value="1e307")])
    assert [p.code for p in caught.value.problems] == ["no_finite_result"]


def two_ratios(fuel_amount: Any, heating_value: Any) -> tuple[Any, Any]:
    return fuel_amount / heating_value, fuel_amount / heating_value


@pytest.mark.parametrize("heat", ["0", "0.04"])
def test_only_the_record_that_divides_by_zero_is_told_and_once_also_where_the_rule_rounds(heat: str) -> None:
    """0.04 is 0.0 to one decimal."""
    method = declared(
        "rounding", two_ratios, METHODS["rounding"].inputs[:2], Output("CO2", "1"), Output("CH4", "1"),
        rounding=Rounding({"heating_value": 1}, 2),
    )  # fmt: skip
    rows = [
        row(name, "rounding", *given)
        for name, value in (("p", "20"), ("q", heat), ("r", "20"))
        for given in (("fuel_amount", 1, "t"), ("heating_value", value, "GJ/t"))
    ]
    with pytest.raises(DataError) as caught:
        calculated(rows, book=rules({"rounding": method}))
    assert [(p.code, p.value) for p in caught.value.problems] == [("no_finite_result", "q")]


def test_a_number_too_small_for_a_float_is_zero_where_the_rule_rounds() -> None:
    rows = [row("q", "rounding", "fuel_amount", "1e-99999999", "t"), row("q", "rounding", "heating_value", 20, "GJ/t")]
    assert [r.value for r in calculated(rows)] == [0.0]


@pytest.mark.parametrize("unit", ["10^999999999 t", "10^100 t"])
def test_an_absurd_power_of_ten_is_no_unit(unit: str) -> None:
    with pytest.raises(UnknownUnitError):
        parse_unit(unit)


def test_a_word_without_a_grade_does_not_worsen_the_result() -> None:
    grades = [("", "A", "A"), ("", "C", "C"), ("B", "A", "B"), ("", "", "D")]
    for word, number, worst in grades:
        assert calculated([COAL[0]._replace(grade=word), COAL[1]._replace(grade=number)]).results[0].grade == worst


def test_of_overlapping_factors_the_later_one_in_use_is_taken_in_any_order() -> None:
    made = [
        made_factor("own", "carbon", "coal", 0.020, "t C/GJ", year=2010),
        made_factor("own", "carbon", "coal", 0.021, "t C/GJ", year=2015),
        made_factor("own", "carbon", "coal", 0.022, "t C/GJ", year=2018, status="draft"),
    ]
    for order in (made, made[::-1], [made[2], made[0], made[1]]):
        assert calculated(COAL, library(*order)).results[0].factors[1] == "own.carbon.coal.2015"


def test_a_name_that_inputs_of_different_methods_share_means_the_one_of_the_method() -> None:
    for method in methods().values():
        for name in method.by_name:
            for language in ("zh", "en"):
                found = input_id(method, translate(f"input.{name}", language))
                assert found == name, (method.id, name, language)


def test_records_of_several_periods_are_evaluated_together() -> None:
    """Ten years and one make are one array; each result keeps its period, and what its year decides."""
    made = made_factor("own", "carbon", "coal", 0.02, "t C/GJ", year=2025)
    rows = [r._replace(record=str(year), period=str(year)) for year in range(2020, 2030) for r in COAL]
    results = calculated(rows, library(made))
    assert [len(b.rows[0]) for b in results.blocks] == [5, 5]
    assert [r.period for r in results] == [str(year) for year in range(2020, 2030)]
    assert [
        math.isclose(r.value, 1000 * 20 * (0.025 if int(r.period) < 2025 else 0.02) * 0.95 * 44 / 12) for r in results
    ] == [True] * 10


def test_the_place_of_a_factor_is_found_for_every_depth_of_a_place() -> None:
    shelf = library(
        made_factor("own", "x", "y", 1, "1", region="first"), made_factor("own", "x", "z", 1, "1", region="first/city")
    )
    resolver = Resolver(shelf, rules())
    assert [resolver.area(p) for p in ("first/city/park", "first/town", "unknown/town")] == [
        "first/city",
        "first",
        "unknown",
    ]


def test_rows_of_a_record_in_two_methods_do_not_meet() -> None:
    rows: list[Activity] = [*COAL, row("a", "road", "distance", 1, "km")]
    assert [r.method for r in calculated(rows)] == ["burning", "road", "road"]


def test_a_word_that_only_decides_the_category_keeps_records_apart() -> None:
    output = Output("CO2", by="kind", categories={"a": "1.A", "b": "1.B"})
    method = declared(
        "sorted", lambda distance: distance, (choice("kind", "a", "b"), activity("distance", "km")), output
    )
    rows = [row(k, "sorted", *given) for k in "ab" for given in (("kind", k), ("distance", 1, "km"))]
    assert [r.category for r in calculated(rows, book=rules({"sorted": method}))] == ["1.A", "1.B"]


def test_alternative_units_of_a_rule_that_rounds_are_each_taken_in_their_own() -> None:
    """2 · 3 + 2 = 8, both given in full; the second term shows a unit that is taken for another."""
    inputs = (activity("fuel_amount", "t", "10^4 Nm3"), factor("heating_value", "GJ/t", "GJ/10^4 Nm3"))
    method = declared(
        "both", lambda fuel_amount, heating_value: fuel_amount * heating_value + fuel_amount, inputs, Output("CO2", "1"),
        rounding=Rounding({}, 2),
    )  # fmt: skip
    units = {"solid": ("t", "GJ/t"), "gas": ("10^4 Nm3", "GJ/10^4 Nm3")}
    rows = [
        row(name, "both", *given)
        for name, (amount, heat) in units.items()
        for given in (("fuel_amount", 2, amount), ("heating_value", 3, heat))
    ]
    assert [r.value for r in calculated(rows, book=rules({"both": method}))] == [8.0, 8.0]


def test_a_year_without_a_figure_takes_the_value_of_the_rule() -> None:
    inputs = (activity("waste", "t", series=True), activity("share", "1", default=0.5, series=True))
    method = declared("decay", lambda waste, share: waste * share, inputs, Output("CH4", "4.A"))
    rows = [*WASTE, row("w", "decay", "share", 1, "1", period="2001")]
    assert [r.value for r in calculated(rows, book=rules({"decay": method}))] == [5.0, 10.0, 5.0]


def burnt_otherwise(fuel_amount: Any, heating_value: Any, carbon: Any, oxidised: Any) -> Any:
    return 44 / 12 * fuel_amount * heating_value * carbon * oxidised


def test_the_id_of_a_result_names_place_grade_and_method() -> None:
    first = calculated(COAL).results[0].id
    assert calculated([r._replace(place="first/town") for r in COAL]).results[0].id != first
    assert calculated([r._replace(grade="B") for r in COAL]).results[0].id != first
    for other in (
        {"clause": "2"},
        {"version": "2"},
        {"rounding": Rounding({}, 20)},
        {"function": burnt_otherwise},
    ):
        changed = dataclasses.replace(METHODS["burning"], **other)
        assert changed.hash != METHODS["burning"].hash, other
        if "rounding" not in other:
            assert calculated(COAL, book=rules({"burning": changed})).results[0].id != first, other


def test_the_worst_grade_of_data_and_factors_is_that_of_the_result() -> None:
    worse = dataclasses.replace(made_factor("own", "carbon", "coal", 0.025, "t C/GJ"), grade=Grade.C)
    assert calculated(COAL, library(worse)).results[0].grade == "C"


def test_blocks_point_to_their_results() -> None:
    gas = [row("g", "burning", "fuel", "gas"), row("g", "burning", "fuel_amount", 10, "10^4 Nm3")]
    rows = [*COAL, *gas, *(r._replace(record="b") for r in COAL), *WASTE]
    results = calculated(rows)
    assert [r.record for r in results] == ["a", "g", "b", "w", "w", "w"], "in the order of the records"
    amounts = {"a": 1000.0, "b": 1000.0, "g": 10.0}
    for block in results.blocks[:2]:
        for amount, position in zip(block.values["fuel_amount"], block.rows[0], strict=True):
            assert amounts[results.results[position].record] == amount
    assert [results.results[n].period for n in results.blocks[2].rows[0].ravel()] == ["2000", "2001", "2002"]


def test_a_change_may_be_negative_and_outside_its_range_is_listed() -> None:
    inputs = (activity("stock", "t", low=-10.0, high=10.0), activity("loss", "t"))
    method = declared("change", lambda stock, loss: -stock - loss, inputs, Output("CO2", "3.B"))
    book = rules({"change": method})
    rows = [row("a", "change", "stock", -20, "t"), row("a", "change", "loss", 1, "t")]
    results = calculated(rows, book=book)
    assert [r.value for r in results] == [19.0] and [f.code for f in results.findings] == ["out_of_range"]
    removal = calculated([rows[0]._replace(value="5"), rows[1]], book=book).results[0]
    assert removal.value == -6.0 and removal.low < -6.0 < removal.high < 0


@pytest.mark.parametrize("width", [-1.0, 1000.0, math.nan])
def test_an_uncertainty_that_is_none_is_told_in_the_first_and_in_later_records(width: float) -> None:
    bad = [r._replace(record="b", row=5) for r in COAL]
    bad[1] = bad[1]._replace(uncertainty=width)
    for rows in (bad, [*COAL, *bad]):
        assert told(rows) == [("bad_uncertainty", 5, "uncertainty", f"{width:g}")]


def test_a_grade_that_is_none_is_told_in_later_records_too() -> None:
    bad = [COAL[0]._replace(record="b"), COAL[1]._replace(record="b", grade="E", row=5)]
    assert told([*COAL, *bad]) == [("unknown_grade", 5, "grade", "E")]


def test_a_year_before_every_factor_is_told_with_the_first_year() -> None:
    made = made_factor("own", "grid", "power", 0.5, "t CO2/MWh", year=2015)
    book = rules({"grid": grid_method("grid", "t CO2/MWh")})
    with pytest.raises(DataError) as caught:
        calculated([row("e", "grid", "power", 1, "MWh", period="2014-12")], library(made), book)
    (problem,) = caught.value.problems
    assert (problem.code, problem.value, problem.details["first"]) == ("year_outside_factor", "2014", 2015)


def test_a_series_takes_the_factors_of_its_last_year() -> None:
    inputs = (activity("waste", "t", series=True), factor("rate", "1"))
    method = declared("decay", lambda waste, rate: waste * rate, inputs, Output("CH4", "4.A"))
    shelf = library(*(made_factor("own", "rate", "", v, "1", year=y, last=y) for v, y in ((0.1, 2000), (0.3, 2002))))
    assert [r.value for r in calculated(WASTE, shelf, rules({"decay": method}))] == [3.0, 3.0, 3.0]


def test_what_stands_outside_the_total_is_added_up_alone() -> None:
    inputs = (activity("distance", "km"),)
    method = declared(
        "memo", lambda distance: (distance, 10 * distance), inputs, Output("CO2", "1.A"), Output("CO2", "memo.biomass")
    )
    results = calculated([row("a", "memo", "distance", 2, "km")], book=rules({"memo": method}))
    assert results.totals("AR5") == {"CO2": 2.0, "CO2e": 2.0}
    assert results.totals("AR5", memo=True) == {"CO2": 20.0, "CO2e": 20.0}
    assert results.total("AR5")[0] == 2.0


def test_given_factors_of_sets_that_the_rule_does_not_name_are_listed() -> None:
    rows = [Activity("a", "hunan", "2022", "electricity-location-based", "electricity", "100", "MWh")]
    plain = compute(rows, "cn-province-2011")
    [used] = plain.factors.values()
    stray = [dataclasses.replace(used, id=f"mine.{n}", set="mine") for n in "ab"]
    results = compute(rows, "cn-province-2011", factors=[used, *stray])
    [finding] = [f for f in results.findings if f.code == "factors_not_of_rule"]
    assert (finding.severity, finding.value, results.totals()) == ("warning", "mine", plain.totals())
    assert finding.text("en").startswith("2 given factors were not taken") and used.set in finding.text("zh")
    assert "factors_not_of_rule" not in {f.code for f in plain.findings}


def test_a_factor_that_is_given_with_the_data_comes_before_the_library() -> None:
    rows = [Activity("a", "cn", "2020", "lime-production", "lime_output", "100", "t")]
    wanted = method_sets()["ipcc-2006"].methods["lime-production"]
    rows = [r._replace(input=next(i.name for i in wanted.inputs if i.kind == "activity")) for r in rows]
    rows += [
        rows[0]._replace(input=i.name, value=i.options[0], unit="")
        for i in wanted.inputs
        if i.kind == "choice" and not i.word
    ]
    before = compute(rows, "ipcc-2006")
    own = [dataclasses.replace(f, value=f.value * 2, low=None, high=None) for f in before.factors.values()][:1]
    after = compute(rows, "ipcc-2006", factors=own)
    assert after.results[0].value == pytest.approx(2 * before.results[0].value)


def test_of_alternatives_that_fit_the_first_is_taken_unless_another_input_decides() -> None:
    """Mass with carbon per heat, or mass with carbon per mass: 2 t · 20 GJ/t · 0.025 t C/GJ = 1 t C; 2 t · 0.6 t C/t = 1.2 t C."""
    inputs = (
        activity("fuel_amount", "t", "10^4 Nm3", "t"),
        factor("heating_value", "GJ/t", "GJ/10^4 Nm3", None, subject="coal"),
        factor("carbon", "t C/GJ", "t C/GJ", "t C/t", subject="coal"),
    )
    method = declared(
        "carbon",
        lambda fuel_amount, heating_value, carbon: fuel_amount * heating_value * carbon,
        inputs,
        Output("CO2", "1"),
    )
    rows = [row(name, "carbon", "fuel_amount", 2, "t") for name in "pq"]
    rows.append(row("q", "carbon", "carbon", 0.6, "t C/t"))
    assert [r.value for r in calculated(rows, book=rules({"carbon": method}))] == [1.0, 1.2]


def test_the_plausible_range_holds_for_the_first_unit_only() -> None:
    """Gas has 389 GJ/10^4 Nm3, far above the 60 GJ/t of solid fuels; below zero it is wrong in every unit."""
    gas = [row("g", "burning", "fuel", "gas"), row("g", "burning", "fuel_amount", 10, "10^4 Nm3")]
    heat = row("g", "burning", "heating_value", 389.31, "GJ/10^4 Nm3", row=5)
    assert [f.code for f in calculated([*gas, heat]).findings if f.input == "heating_value"] == []
    assert told([*gas, heat._replace(value="-1")]) == [("below_minimum", 5, "value", "-1")]


def test_a_decay_rate_that_changes_within_a_landfill_is_told() -> None:
    from tanlu.accounts.rulebook.computation import compute

    def given(name: str, value: object, unit: str, period: str = "2000", number: int = 1) -> Activity:
        return Activity("site", "cn", period, "landfill", name, str(value), unit, grade="A", row=number)

    words = {"waste_component": "food_waste", "climate_zone": "boreal_temperate_wet"}
    rows = [given(name, word, "") for name, word in words.items()]
    rows += [given("waste_landfilled", 10, "t", str(2000 + n)) for n in range(3)]
    rates = [given("decay_rate", rate, "1/yr", str(2000 + n), 20 + n) for n, rate in enumerate((0.1, 0.1, 0.2))]
    with pytest.raises(DataError) as caught:
        compute([*rows, *rates], "ipcc-2006")
    assert [(p.code, p.row, p.value) for p in caught.value.problems if p.code == "value_changes"] == [
        ("value_changes", 22, "0.2")
    ]
