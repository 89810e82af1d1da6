"""Sums by place: areas hold their members, purchased power of members stays out, nothing is counted twice."""

from __future__ import annotations

import pytest

from tanlu.accounts.inventories.roll_up import Key, nested_problems, outer_places, roll_up
from tanlu.accounts.rulebook.result import Result
from tanlu.core.errors import DataError
from tanlu.core.gases import gwp_set


def result(
    place: str, value: float, *, period: str = "2020", category: str = "1.A.2", gas: str = "CO2", method: str = "m",
    errors: tuple[tuple[str, float], ...] = (),
) -> Result:  # fmt: skip
    name = f"{place}:{period}:{category}:{gas}:{value}"
    return Result(name, place, period, category, gas, value, "t", value, value, method, (), (), "A", errors, name)


def test_outer_places_are_named_nearest_first() -> None:
    assert outer_places("a/b/c") == ["a/b/c", "a/b", "a"]
    assert outer_places("") == []


def test_every_level_holds_the_levels_below() -> None:
    found = roll_up(
        [result("p/c/works/boiler", 1), result("p/c/works/kiln", 2), result("p/c/other", 4), result("p/d", 8)]
    )
    sums = {k.place: s.value for k, s in found.sums.items()}
    assert sums == {
        "p/c/works/boiler": 1,
        "p/c/works/kiln": 2,
        "p/c/works": 3,
        "p/c/other": 4,
        "p/c": 7,
        "p/d": 8,
        "p": 15,
    }


def test_months_and_gases_are_added_by_year_and_gas() -> None:
    found = roll_up([
        result("p/c/w", 1, period="2020-01"), result("p/c/w", 2, period="2020-02"), result("p/c/w", 4, gas="CH4"),
        result("p/c/w", 8, period="2021"),
    ])  # fmt: skip
    assert {(k.year, k.gas): s.value for k, s in found.sums.items() if k.place == "p"} == {
        (2020, "CO2"): 3, (2020, "CH4"): 4, (2021, "CO2"): 8,
    }  # fmt: skip
    assert found.total("p", 2020, gwp_set("AR5"))[0] == 3 + 4 * 28


def test_purchased_power_is_added_within_an_enterprise_and_not_above() -> None:
    memo = "memo.purchased_electricity"
    results = [
        result("p/c/works/line1", 10, category=memo), result("p/c/works/line2", 20, category=memo),
        result("p/c/works", 5), result("p", 100, category=memo, method="imports"),
    ]  # fmt: skip
    found = roll_up(results)
    assert {k.place: s.value for k, s in found.memo.items()} == {
        "p/c/works/line1": 10, "p/c/works/line2": 20, "p/c/works": 30, "p": 100,
    }  # fmt: skip
    members = {k.place: len(ids) for k, ids in found.members.items()}
    assert members == {"p/c": 2, "p": 2}
    assert found.total("p", 2020, gwp_set("AR5"))[0] == 5


def test_a_park_is_an_area_when_it_is_named() -> None:
    results = [result("p/c/park/works", 10, category="memo.purchased_electricity")]
    key = Key("p/c/park", 2020, "memo.purchased_electricity", "CO2")
    assert roll_up(results).memo[key].value == 10
    named = roll_up(results, areas={"p/c/park"})
    assert key not in named.memo and named.members[key] == (results[0].id,)


def test_shared_causes_add_up_before_they_are_squared() -> None:
    """Two results of 100 t with one cause of 10 % have 20 t together, with two causes √200 = 14.1 t."""
    shared = roll_up([result("p/c/a", 100, errors=(("x", 0.1),)), result("p/c/b", 100, errors=(("x", 0.1),))])
    apart = roll_up([result("p/c/a", 100, errors=(("x", 0.1),)), result("p/c/b", 100, errors=(("y", 0.1),))])
    for found, spread in ((shared, 20), (apart, 200**0.5)):
        (value, low, high) = found.total("p", 2020, gwp_set("AR5"))
        assert value == 200 and (high - low) / 2 == pytest.approx(1.959964 * spread, rel=1e-6)


@pytest.mark.parametrize(
    ("outer", "inner"), [("2020", "2020"), ("2020", "2020-03"), ("2020-03", "2020"), ("2020-03", "2020-03")]
)
def test_a_place_and_a_place_inside_it_are_refused(outer: str, inner: str) -> None:
    with pytest.raises(DataError) as caught:
        roll_up([result("p/c", 1, period=outer), result("p/c/w", 1, period=inner)])
    (problem,) = caught.value.problems
    assert problem.code == "nested_records" and problem.details["inner"] == "p/c/w"
    assert problem.text("zh") and problem.text("en")


@pytest.mark.parametrize(
    "other",
    [
        result("p/c/w", 1, category="2.A.1"), result("p/c/w", 1, gas="CH4"), result("p/c/w", 1, method="n"),
        result("p/c/w", 1, period="2021"), result("p/d", 1), result("p/cc/w", 1),
    ],
    ids=lambda r: r.id,
)  # fmt: skip
def test_what_does_not_overlap_is_added(other: Result) -> None:
    assert nested_problems([result("p/c", 1), other]) == []


def test_all_double_counts_are_told_together() -> None:
    results = [result("p", 1), result("p/c", 1), result("p/c/w", 1), result("p/c/w", 1, category="2.A.1")]
    assert len(nested_problems(results)) == 2


def test_a_rule_that_counts_bought_power_counts_it_for_enterprises_alone() -> None:
    """5 t of fuel and 30 t of bought power: 35 t for the works, 5 t for the prefecture."""
    memo = "memo.purchased_electricity"
    results = [
        result("p/c/works/line1", 10, category=memo),
        result("p/c/works/line2", 20, category=memo),
        result("p/c/works", 5),
    ]
    found = roll_up(results, counts=(memo,))
    totals = {
        place: found.total(place, 2020, gwp_set("AR5"))[0] for place in ("p/c/works/line1", "p/c/works", "p/c", "p")
    }
    assert totals == {"p/c/works/line1": 10, "p/c/works": 35, "p/c": 5, "p": 5}
