"""From rows to results: units, words, factors, series, rounding, errors, ids."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts.rulebook import METHODS, calculated, library, made_factor, row, rules, told

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.intake import take_in
from tanlu.accounts.rulebook.method import Method, Output, activity, factor
from tanlu.accounts.uncertainty.monte_carlo import monte_carlo
from tanlu.core.errors import DataError
from tanlu.core.inventory import Z95
from tanlu.core.messages import catalogue

COAL = [row("a", "burning", "fuel", "coal"), row("a", "burning", "fuel_amount", 1000, "t")]
GAS = [row("g", "burning", "fuel", "gas"), row("g", "burning", "fuel_amount", 10, "10^4 Nm3")]


def test_coal_by_hand() -> None:
    """1000 t · 20 GJ/t · 0.025 t C/GJ · 0.95 · 44/12 = 1741.67 t."""
    (result,) = calculated(COAL).results
    assert result.value == pytest.approx(1000 * 20 * 0.025 * 0.95 * 44 / 12)
    assert (result.category, result.gas, result.unit, result.period, result.place) == (
        "1.A.1",
        "CO2",
        "t",
        "2020",
        "first/city",
    )
    assert result.factors == ("own.heating_value.coal", "own.carbon.coal", "own.oxidised.coal")


def test_a_value_of_the_user_comes_before_the_library() -> None:
    (result,) = calculated([*COAL, row("a", "burning", "carbon", 26, "kg C/GJ")]).results
    assert result.value == pytest.approx(1000 * 20 * 0.026 * 0.95 * 44 / 12)
    assert "own.carbon.coal" not in result.factors


@pytest.mark.parametrize(("amount", "unit"), [("1000", "t"), ("0.1", "万吨"), ("1", "kt"), ("1e6", "kg")])
def test_the_unit_of_the_row_does_not_matter(amount: str, unit: str) -> None:
    (result,) = calculated([COAL[0], row("a", "burning", "fuel_amount", amount, unit)]).results
    assert result.value == pytest.approx(calculated(COAL).results[0].value)


def test_energy_needs_no_heating_value() -> None:
    (result,) = calculated([COAL[0], row("a", "burning", "fuel_amount", 1, "TJ")]).results
    assert result.value == pytest.approx(1000 * 0.025 * 0.95 * 44 / 12)


@pytest.mark.parametrize("word", ["coal", "Coal", "COAL", "煤"])
def test_words_are_understood_in_both_languages(word: str) -> None:
    assert calculated([row("a", "burning", "fuel", word), COAL[1]]).results[0].value > 0


def test_factors_of_a_fuel_come_from_one_set_and_another_set_is_listed() -> None:
    """The own set has heating value and carbon of gas but no oxidation factor: all three come from the other one."""
    results = calculated(GAS)
    assert results.results[0].value == pytest.approx(10 * 389.31 * 0.015 * 0.99 * 44 / 12)
    assert {f.id for f in results.factors.values()} == {
        "other.heating_value.gas",
        "other.carbon.gas",
        "other.oxidised.gas",
    }
    assert {m.reasons for _, _, m in results.fallbacks} == {("other_set",)}
    assert [f.code for f in results.findings] == [*["fallback"] * 3, "assumed_factor_error"]


def test_records_are_independent_of_their_order_and_company() -> None:
    both, turned = calculated(COAL + GAS), calculated(GAS + COAL)
    assert {r.id: r.value for r in both} == {r.id: r.value for r in turned}
    assert [r.record for r in both] == ["a", "g"] and [r.record for r in turned] == ["g", "a"]


def test_many_records_of_one_make_are_like_each_alone() -> None:
    rows = [r._replace(record=f"n{n}", value=str(100 + n) if r.unit else r.value) for n in range(5) for r in COAL]
    together = {r.record: (r.value, r.low, r.high, r.id) for r in calculated(rows)}
    for n in range(5):
        (alone,) = calculated([r for r in rows if r.record == f"n{n}"]).results
        assert together[f"n{n}"] == (alone.value, alone.low, alone.high, alone.id)


def test_a_bad_row_among_many_of_its_make_is_told() -> None:
    rows = [r._replace(record=f"n{n}", row=10 * n + i) for n in range(3) for i, r in enumerate(COAL)]
    rows[3] = rows[3]._replace(value="12,5")
    rows[5] = rows[5]._replace(value="-3")
    assert told(rows) == [("not_a_number", 11, "value", "12,5"), ("below_minimum", 21, "value", "-3")]


def test_a_method_with_two_gases_gives_two_results() -> None:
    results = calculated([row("r", "road", "distance", 1, "10^4 km")])
    assert [(r.gas, r.value) for r in results] == [("CH4", pytest.approx(2e-5)), ("N2O", pytest.approx(1e-5))]


def test_a_series_takes_all_years_of_the_record_at_once() -> None:
    rows = [row("w", "decay", "waste", v, "t", period=str(2000 + n)) for n, v in enumerate((10, 20, 30))]
    results = calculated(rows)
    assert [(r.period, r.value) for r in results] == [
        ("2000", pytest.approx(1)),
        ("2001", pytest.approx(3)),
        ("2002", pytest.approx(6)),
    ]


def test_a_gap_in_a_series_is_told() -> None:
    rows = [row("w", "decay", "waste", 1, "t", period=p) for p in ("2000", "2002")]
    assert [code for code, *_ in told(rows)] == ["gap_in_series"]


def test_a_rule_that_rounds_is_exact_at_the_half() -> None:
    """2.675 t is 2.68 to two decimals, although its float lies below; 2.68 · 20.0 · 0.025 · 44/12 = 4.9133… → 4.91."""
    rows = [
        row("q", "rounding", "fuel_amount", "2.675", "t"), row("q", "rounding", "heating_value", "19.95", "GJ/t"),
        row("q", "rounding", "carbon", "0.025", "t C/GJ"),
    ]  # fmt: skip
    assert calculated(rows).results[0].value == 4.91
    assert calculated([rows[0]._replace(value="2.674"), *rows[1:]]).results[0].value == 4.9  # 2.67: 4.895


def test_totals_by_gas_and_in_co2_equivalent() -> None:
    """AR5: CH4 28, N2O 265."""
    totals = calculated([*COAL, row("r", "road", "distance", 1e9, "km")]).totals("AR5")
    assert totals["CO2e"] == pytest.approx(totals["CO2"] + 28 * 2 + 265 * 1)


def test_the_interval_follows_the_errors_of_data_and_factors() -> None:
    """Amount ±5 %, heating value ±10 %; carbon 15 % standard; 5 of 95 % of the oxidised share are left to the whole."""
    (result,) = calculated(COAL).results
    errors = dict(result.errors)
    assert errors["factor:own.heating_value.coal"] == pytest.approx(0.1 / Z95, rel=1e-4)
    amount = next(e for cause, e in errors.items() if cause.startswith("activity:"))
    assert amount == pytest.approx(0.05 / Z95, rel=1e-4)
    assert sum(e * e for e in errors.values()) == pytest.approx(
        (0.05 / Z95) ** 2 + (0.1 / Z95) ** 2 + 0.15**2 + (0.05 / 0.95 / Z95) ** 2, rel=1e-3
    )
    assert result.low < result.value < result.high


def test_a_shared_factor_makes_the_total_wider_than_independent_ones() -> None:
    rows = [r._replace(record=f"n{n}") for n in range(100) for r in COAL]
    results = calculated(rows)
    value, low, high = results.total("AR5")
    one = calculated(COAL).total("AR5")
    relative, alone = (high - low) / value, (one[2] - one[1]) / one[0]
    assert alone / 10 < relative < alone
    # 100 independent amounts of ±5 % add almost nothing to the shared factors
    assert relative == pytest.approx(
        2 * Z95 * math.sqrt((0.1 / Z95) ** 2 + 0.15**2 + (0.05 / 0.95 / Z95) ** 2), rel=0.05
    )


@given(st.floats(1e-3, 1e6), st.floats(0.1, 10))
def test_twice_the_activity_is_twice_the_result(amount: float, times: float) -> None:
    one, many = (
        calculated([COAL[0], row("a", "burning", "fuel_amount", repr(a), "t")]).results[0]
        for a in (amount, amount * times)
    )
    assert many.value == pytest.approx(one.value * times, rel=1e-9)


def test_the_id_names_the_content() -> None:
    first = calculated(COAL).results[0]
    assert calculated(COAL).results[0].id == first.id
    assert calculated([COAL[0], COAL[1]._replace(value="1000.0")]).results[0].id != first.id
    moved = [r._replace(file="b.csv", row=99) for r in COAL]
    assert calculated(moved).results[0].id == first.id


def test_a_factor_of_another_content_gives_another_id_though_the_value_stays() -> None:
    shelf = library(dataclasses.replace(library().factors["own.carbon.coal"], locator="Table 2"))
    assert calculated(COAL, shelf).results[0].value == calculated(COAL).results[0].value
    assert calculated(COAL, shelf).results[0].id != calculated(COAL).results[0].id


def test_an_older_result_is_not_changed_by_a_new_factor() -> None:
    before = calculated(COAL).results[0]
    after = calculated(COAL, library(made_factor("own", "carbon", "coal", 0.027, "t C/GJ"))).results[0]
    assert before.value == pytest.approx(1741.6667, rel=1e-6) and after.value > before.value


def test_rows_without_record_stand_alone() -> None:
    rows = [row("", "road", "distance", d, "km") for d in (1, 2)]
    assert [r.value for r in calculated(rows) if r.gas == "CH4"] == [pytest.approx(2e-9), pytest.approx(4e-9)]


def test_one_record_in_two_years_is_two_results() -> None:
    rows = [r._replace(period=p) for p in ("2020", "2021-03") for r in COAL]
    assert [r.period for r in calculated(rows)] == ["2020", "2021-03"]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([COAL[0], row("a", "burning", "fuel_amount", 1, "km", row=3)], ("wrong_unit", 3, "unit", "km")),
        ([COAL[0], row("a", "burning", "fuel_amount", 1, "tonnen", row=3)], ("unknown_unit", 3, "unit", "tonnen")),
        ([row("a", "burning", "fuel", "cole", row=2), COAL[1]], ("unknown_word", 2, "value", "cole")),
        ([*COAL, row("a", "burning", "carbon", 0.0917, "t C/GJ", row=4)], ("carbon_slip", 4, "value", "0.0917")),
        ([*COAL, row("a", "burning", "carbon", 0.25, "t C/GJ", row=4)], ("unit_slip", 4, "value", "0.25")),
        ([*COAL, row("a", "burning", "carbon", 0.0917, "t CO2/GJ", row=4)], ("co2_for_carbon", 4, "unit", "t CO2/GJ")),
        ([*COAL, row("a", "burning", "carbn", 0.02, "t C/GJ", row=4)], ("unknown_input", 4, "input", "carbn")),
        ([row("a", "burnin", "fuel", "coal", row=2)], ("unknown_method", 2, "method", "burnin")),
        ([COAL[0]._replace(row=2)], ("missing_input", 2, "input", "fuel_amount")),
        ([*COAL, row("a", "burning", "fuel_amount", 2, "t", row=4)], ("duplicate", 4, "input", "fuel_amount")),
        ([COAL[0], COAL[1]._replace(row=3, grade="E")], ("unknown_grade", 3, "grade", "E")),
        ([r._replace(period="20", row=2) for r in COAL[:1]] + [COAL[1]._replace(period="20")], ("not_a_period", 2, "period", "20")),
        (
            [*GAS, row("g", "burning", "heating_value", 50, "GJ/t", row=5)],
            ("units_do_not_match", 5, "unit", "GJ/t"),
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_row(rows: list[Activity], problem: tuple[Any, ...]) -> None:
    assert problem in told(rows)
    with pytest.raises(DataError):
        calculated(rows)


def test_problems_of_all_records_are_told_together() -> None:
    rows = [COAL[0], row("a", "burning", "fuel_amount", "x", "t", row=3), row("b", "burning", "fuel", "cole", row=4)]
    assert [code for code, *_ in told(rows)] == ["not_a_number", "unknown_word", "missing_input"]


def test_an_odd_value_that_no_slip_explains_is_listed_and_counted() -> None:
    results = calculated([*COAL, row("a", "burning", "oxidised", 0.7, "1")])
    assert (results.findings[0].code, results.findings[0].severity, results.findings[0].value) == (
        "out_of_range",
        "warning",
        "0.7",
    )
    assert "0.7" in results.findings[0].text("zh") and "0.8–1" in results.findings[0].text("en")


def test_a_missing_factor_names_subject_place_and_year() -> None:
    shelf = library()
    lost = {k: f for k, f in shelf.factors.items() if f.subject != "gas"}
    assert ("missing_factor", 7, "input", "heating_value") in told(
        [g._replace(row=7) for g in GAS], dataclasses.replace(shelf, factors=lost)
    )


def test_a_division_by_zero_is_a_problem_and_nothing_is_computed() -> None:
    def ratio(fuel_amount: Any, heating_value: Any) -> Any:
        return fuel_amount / heating_value

    method = dataclasses.replace(
        METHODS["rounding"], function=ratio, inputs=METHODS["rounding"].inputs[:2], rounding=None
    )
    rows = [row("q", "rounding", "fuel_amount", 1, "t"), row("q", "rounding", "heating_value", 0, "GJ/t")]
    with pytest.raises(DataError) as caught:
        calculated(rows, book=rules({"rounding": method}))
    assert [p.code for p in caught.value.problems] == ["no_finite_result"]


def test_enterprises_count_the_power_that_they_buy_and_inventories_list_it_apart() -> None:
    """3,500 MWh at the factor 0.4976 of the province in 2023: 1,741.6 t."""
    from tanlu.accounts.rulebook.computation import compute

    power = [
        Activity("p", "hunan/works", "2023", "electricity-location-based", "electricity", "3500", "MWh", grade="A"),
    ]
    enterprise, inventory = compute(power, "cn-enterprise"), compute(power, "cn-province-2011")
    assert enterprise.totals()["CO2e"] == pytest.approx(1741.6) and enterprise.totals(memo=True)["CO2e"] == 0
    assert inventory.totals()["CO2e"] == 0 and inventory.totals(memo=True)["CO2e"] == pytest.approx(1741.6)


def test_a_province_is_known_by_its_name_and_a_stranger_is_listed_once() -> None:
    """1 GWh at the factor 0.4976 of the province in 2023, whichever way the province is spelt."""
    from tanlu.accounts.rulebook.computation import compute

    rows = [
        Activity(f"p{n}", place, "2023", "electricity-location-based", "electricity", "100", "万度", grade="A")
        for n, place in enumerate(("hunan/works", "湖南/works", "湖南省/长沙", "Hunan", "Atlantis/a", "Atlantis/b"))
    ]
    results = compute(rows, "cn-enterprise")
    assert [r.value for r in results][:4] == [pytest.approx(497.6)] * 4
    assert results.results[4].factors != results.results[0].factors
    assert [(f.code, f.value) for f in results.findings if f.code == "unknown_place"] == [("unknown_place", "Atlantis")]


def test_a_method_is_known_by_its_name_in_both_languages() -> None:
    from tanlu.accounts.rulebook.method_sets import method_sets

    rules = method_sets()["ipcc-2006"]
    for name in ("lime-production", *catalogue()["method.lime-production.name"].values()):
        assert rules.find(name) is rules.methods["lime-production"]
    assert rules.near("水泥熟料")[0] == "cement-clinker" and rules.near("xyz") == []


def test_of_a_bundle_only_what_lacks_is_asked_for_in_the_unit_of_the_record() -> None:
    """Carbon and oxidation of gas are in the other set, its heat by volume is not."""
    shelf = library()
    lost = {k: f for k, f in shelf.factors.items() if not k.endswith("heating_value.gas")}
    problems = take_in([g._replace(row=7) for g in GAS], rules(), dataclasses.replace(shelf, factors=lost)).problems
    assert [(p.code, p.value, p.details["unit"]) for p in problems] == [
        ("missing_factor", "heating_value", "GJ/10^4 Nm3")
    ]


def test_a_substitute_that_many_records_take_is_listed_once_with_their_number() -> None:
    rows = [g._replace(record=f"g{n}") for n in range(5) for g in GAS]
    found = [f for f in calculated(rows).findings if f.code == "fallback"]
    assert [(f.record, f.input, dict(f.details)["count"]) for f in found] == [
        ("g0", name, "5") for name in ("heating_value", "carbon", "oxidised")
    ]
    assert "5" in found[0].text("zh")


def test_a_gas_that_is_not_used_is_left_out_but_not_the_whole_record() -> None:
    def gases(amount: Any, first: Any, second: Any) -> Any:
        return amount * first, amount * second

    inputs = (activity("amount", "t"), factor("first", "1", default=0.0), factor("second", "1", default=0.0))
    outputs = (Output("CH4", "2.E", optional=True), Output("N2O", "2.E", optional=True))
    method = Method("gases", "gases", ("book",), gases, inputs, outputs, "E", "1", "source")
    book = rules({"gases": method})
    rows = [
        row("a", "gases", "amount", 2, "t"),
        row("a", "gases", "second", 0.5, "1"),
        row("b", "gases", "amount", 1, "t"),
    ]
    results = calculated(rows, book=book)
    assert [(r.record, r.gas, r.value) for r in results] == [("a", "N2O", 1.0), ("b", "CH4", 0.0)]
    assert monte_carlo(results, draws=128, gwp="AR5").total.value == pytest.approx(265.0)


def test_a_result_names_the_factors_that_enter_it_and_no_others() -> None:
    shelf = library(made_factor("own", "ch4", "", 3e-9, "t/km"), made_factor("own", "n2o", "", 2e-9, "t/km"))
    found = calculated([row("r", "road", "distance", 1, "km")], shelf)
    assert [(r.gas, r.factors) for r in found] == [("CH4", ("own.ch4",)), ("N2O", ("own.n2o",))]


def test_a_difference_keeps_its_width_though_it_is_small() -> None:
    """100 ± 5 less 99 ± 5 is 1 ± 7.1, which may be negative."""

    def left(amount: Any, taken: Any) -> Any:
        return amount - taken

    method = Method(
        "left", "left", ("book",), left, (activity("amount", "t"), activity("taken", "t")), (Output("CH4", "2.E", signed=True),),
        "E", "1", "source",
    )  # fmt: skip
    rows = [row("a", "left", "amount", 100, "t"), row("a", "left", "taken", 99, "t")]
    (result,) = calculated(rows, book=rules({"left": method})).results
    half = math.hypot(5, 4.95)
    assert (result.low, result.high) == (pytest.approx(1 - half, rel=1e-3), pytest.approx(1 + half, rel=1e-3))
