"""What a measurement brings, calculated by hand."""

from __future__ import annotations

import math

import pytest
from tests.accounts.hand_made import Source, make

from tanlu.accounts.uncertainty.measure_next import Effort, by_effort, efforts, measure_next
from tanlu.core.inventory import Z95

SURVEY = Effort("survey", "调查", "survey", "factor", "whole", 5.0, 2)
PLANT = Effort("plant", "实测", "plant", "factor", "record", 0.0, 3)
METER = Effort("meter", "计量", "meter", "activity", "whole", 1.0, 1)
# three sources of 100, two with one factor of ±10 %, one with a factor of ±12 %; one datum of ±9 %
RESULTS = make([
    Source("1.A.1", 100.0, 1.0, "a1", "factor:coal", 0, 10),
    Source("1.A.2", 100.0, 1.0, "a2", "factor:coal", 0, 10),
    Source("2.A.1", 100.0, 1.0, "a3", "factor:lime", 9, 12),
])  # fmt: skip
# half-widths in t: coal 20, lime 12, datum 9; together √(400 + 144 + 81) = 25


def test_a_survey_of_a_shared_factor_serves_all_its_users() -> None:
    """Coal from ±10 to ±5 %: 20 → 10, √(100 + 144 + 81) = √325; lime from 12 to 5: √(400 + 25 + 81) = √506."""
    coal, lime = measure_next(RESULTS, choices=[SURVEY])
    assert (coal.cause, coal.users, lime.cause, lime.users) == ("factor:coal", 2, "factor:lime", 1)
    assert coal.width == pytest.approx(2 * 25)
    assert coal.new_width == pytest.approx(2 * math.sqrt(325))
    assert lime.new_width == pytest.approx(2 * math.sqrt(506))
    assert coal.reduction == pytest.approx(100 * (1 - math.sqrt(325) / 25))
    assert coal.half_width == pytest.approx(10)


def test_a_plant_measures_for_itself_alone() -> None:
    """One of the two users exact: 20 → 10, the same for either; lime exact: √(400 + 81)."""
    found = measure_next(RESULTS, choices=[PLANT])
    assert [(p.cause, p.record) for p in found] == [("factor:coal", "r0"), ("factor:coal", "r1"), ("factor:lime", "r2")]
    assert [p.new_width for p in found] == pytest.approx([2 * math.sqrt(v) for v in (325, 325, 481)])


def test_only_the_kind_that_the_effort_improves_and_only_if_it_does() -> None:
    (datum,) = measure_next(RESULTS, choices=[METER])
    assert datum.cause == "a3"
    assert datum.new_width == pytest.approx(2 * math.sqrt(400 + 144 + 1))
    assert measure_next(RESULTS, choices=[Effort("worse", "差", "worse", "factor", "whole", 12.0, 1)]) == ()


def test_the_best_of_each_effort_least_effort_first() -> None:
    found = measure_next(RESULTS, choices=[METER, SURVEY, PLANT], top=1)
    assert [p.effort.id for p in found] == ["meter", "survey", "plant"]
    assert {name: p.cause for name, p in by_effort(found).items()} == {
        "meter": "a3", "survey": "factor:coal", "plant": "factor:coal",
    }  # fmt: skip


def test_opposite_signs_of_a_shared_factor_may_make_a_measurement_useless() -> None:
    """100 and −100 with one factor cancel: measuring it at one of the two makes the sum less certain, and is not proposed."""
    net = make([
        Source("1.A.1", 100.0, 1.0, "a", "factor:one", 0, 10), Source("3.B.1", -90.0, 1.0, "b", "factor:one", 0, 10),
        Source("2.A.1", 100.0, 1.0, "c", "factor:two", 0, 5),
    ])  # fmt: skip
    assert [p.cause for p in measure_next(net, choices=[PLANT])] == ["factor:two"]


def test_shipped_efforts_are_assumptions_named_in_both_languages() -> None:
    found = efforts()
    assert {e.of for e in found} == {"activity", "factor"}
    assert [e.rank for e in found] == sorted(e.rank for e in found)
    assert all(e.name("zh") != e.name("en") and 0 < e.half_width < 100 for e in found)
    assert all(p.grade == "D" for p in measure_next(RESULTS))


def test_the_width_is_that_of_the_total() -> None:
    low, high = RESULTS.total()[1:]
    assert measure_next(RESULTS, choices=[SURVEY])[0].width == pytest.approx(high - low)
    assert high - low == pytest.approx(2 * Z95 * math.sqrt(sum((x / Z95) ** 2 for x in (20, 12, 9))))
