"""Scores of cities, by hand and by invariants: caps, floors, what is not filed, what was known on a date."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.assessment.score_tree import (
    Filing,
    FilingState,
    PathKind,
    RequiredPath,
    Scheme,
    ScoredIndicator,
    frozen,
    rounded,
    score_cities,
    what_if,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
D = Decimal
RISING = RequiredPath(PathKind.LINEAR, 2020, D(100), 2030, D(200))
FALLING = RequiredPath(PathKind.LINEAR, 2020, D(50), 2030, D(40))
SCHEME = Scheme(
    "demonstration",
    "1",
    (
        ScoredIndicator("invested", "A09", D(3), RISING, floor=D("0.6")),
        ScoredIndicator("intensity", "A02", D(1), FALLING),
    ),
    (("excellent", D(90)), ("good", D(75)), ("fair", D(0))),
    "good",
)


def filed(city: str, indicator: str, value: str, at: datetime = NOW, state: str = "verified") -> Filing:
    return Filing(city, indicator, 2025, D(value), FilingState(state), at)


def test_progress_is_the_way_made_of_the_way_required() -> None:
    """2025 requires 150 and 45; 140 is 0.8 of the way, 46 is 0.8: 100·(3·0.8 + 0.8)/4 = 80."""
    (city,) = score_cities(SCHEME, [filed("a", "invested", "140"), filed("a", "intensity", "46")], ["a"], 2025, NOW)
    assert (city.score, city.grade, city.rank) == (80, "good", 1)
    assert city.by_action == {"A09": 80, "A02": 80}


def test_progress_beyond_the_cap_does_not_count_and_going_back_is_zero() -> None:
    """250 would be three times the way, 1.2 counts; 55 goes the wrong way: 100·(3·1.2 + 0)/4 = 90."""
    (city,) = score_cities(SCHEME, [filed("a", "invested", "250"), filed("a", "intensity", "55")], ["a"], 2025, NOW)
    assert city.score == 90


def test_a_key_indicator_below_its_floor_caps_the_grade_only() -> None:
    key = replace(SCHEME.indicators[1], floor=D("0.9"))
    scheme = replace(SCHEME, indicators=(SCHEME.indicators[0], key))
    (city,) = score_cities(scheme, [filed("a", "invested", "160"), filed("a", "intensity", "46")], ["a"], 2025, NOW)
    assert (city.score, city.grade, city.below_floor) == (110, "good", ("intensity",))


@pytest.mark.parametrize("state", [None, "filed", "rejected"])
def test_what_is_not_filed_or_not_verified_is_not_zero_and_blocks_the_rank(state: str | None) -> None:
    filings = [filed("a", "invested", "150"), filed("b", "invested", "110"), filed("b", "intensity", "50")]
    if state:
        filings.append(filed("a", "intensity", "45", state=state))
    first, last = score_cities(SCHEME, filings, ["a", "b"], 2025, NOW)
    assert (first.city, first.rank, first.score) == ("b", 1, 15)
    assert (last.city, last.rank, last.score, last.provisional, last.missing) == ("a", None, None, 100, ("intensity",))


def test_equal_scores_share_a_rank() -> None:
    filings = [filed(c, i, v) for c in "ab" for i, v in (("invested", "150"), ("intensity", "45"))]
    filings += [filed("c", "invested", "100"), filed("c", "intensity", "50")]
    assert [(s.city, s.rank) for s in score_cities(SCHEME, filings, ["c", "b", "a"], 2025, NOW)] == [
        ("a", 1),
        ("b", 1),
        ("c", 3),
    ]


def test_an_exempt_city_is_scored_by_the_rest() -> None:
    scheme = replace(SCHEME, indicators=(SCHEME.indicators[0], replace(SCHEME.indicators[1], exempt=frozenset({"a"}))))
    (city,) = score_cities(scheme, [filed("a", "invested", "150")], ["a"], 2025, NOW)
    assert (city.score, city.missing) == (100, ())


def test_what_was_recorded_later_is_not_seen() -> None:
    early = [filed("a", "invested", "140"), filed("a", "intensity", "46")]
    late = [*early, filed("a", "invested", "150", NOW + timedelta(days=1))]
    assert frozen(SCHEME, score_cities(SCHEME, late, ["a"], 2025, NOW), 2025, NOW) == frozen(
        SCHEME, score_cities(SCHEME, early, ["a"], 2025, NOW), 2025, NOW
    )
    (city,) = score_cities(SCHEME, late, ["a"], 2025, NOW + timedelta(days=2))
    assert city.score == 95


def test_a_geometric_path_multiplies_and_a_table_says() -> None:
    """100 → 400 in ten years is 200 after five; the target holds from the due year on."""
    path = RequiredPath(PathKind.GEOMETRIC, 2020, D(100), 2030, D(400))
    assert float(path.required(2025)) == pytest.approx(200, abs=1e-9)
    table = RequiredPath(PathKind.TABLE, 2020, D(0), 2022, D(9), {2021: D(1), 2022: D(9)})
    assert [table.required(y) for y in (2021, 2022, 2035)] == [1, 9, 9]


@pytest.mark.parametrize(
    "path",
    [
        lambda: RequiredPath(PathKind.LINEAR, 2020, D(1), 2020, D(2)),
        lambda: RequiredPath(PathKind.LINEAR, 2020, D(1), 2030, D(1)),
        lambda: RequiredPath(PathKind.GEOMETRIC, 2020, D(-1), 2030, D(1)),
        lambda: RequiredPath(PathKind.TABLE, 2020, D(0), 2030, D(1), {2025: D(1)}),
        lambda: RISING.required(2020),
    ],
)
def test_paths_along_which_nothing_can_be_measured_are_refused(path: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"path|table|base year"):
        path()


def test_a_frozen_run_can_be_reckoned_again_from_its_fractions() -> None:
    scores = score_cities(SCHEME, [filed("a", "invested", "133"), filed("a", "intensity", "47")], ["a"], 2025, NOW)
    record = json.loads(frozen(SCHEME, scores, 2025, NOW)[0])
    (city,) = record["cities"]
    progress = {i["id"]: Fraction(i["progress"]) for i in city["indicators"]}
    assert progress == {"invested": Fraction(33, 50), "intensity": Fraction(3, 5)}
    assert Fraction(city["exact"]) == 100 * (3 * progress["invested"] + progress["intensity"]) / 4
    assert city["score"] == "64.50"


def test_a_what_if_changes_only_what_was_supposed() -> None:
    filings = [filed("a", "invested", "140"), filed("a", "intensity", "46")]
    supposed = what_if(filings, {("a", "invested"): D(150)}, 2025, NOW)
    (city,) = score_cities(SCHEME, supposed, ["a"], 2025, NOW)
    assert city.score == 95
    assert filings[0].value == 140


@given(st.lists(st.integers(0, 400), min_size=4, max_size=4), st.integers(1, 60))
def test_a_better_value_never_lowers_a_score_and_no_score_passes_the_cap(values: list[int], more: int) -> None:
    filings = [filed("a", "invested", str(values[0])), filed("a", "intensity", str(values[1] % 90))]
    better = [replace(filings[0], value=filings[0].value + more), replace(filings[1], value=filings[1].value - more)]
    (before,) = score_cities(SCHEME, filings, ["a"], 2025, NOW)
    (after,) = score_cities(SCHEME, better, ["a"], 2025, NOW)
    assert 0 <= (before.score or 0) <= (after.score or 0) <= 120


@given(st.fractions(-1000, 1000))
def test_rounding_is_half_away_from_zero(value: Fraction) -> None:
    shown = Fraction(rounded(value) or "0")
    assert abs(shown - value) <= Fraction(1, 200)
    assert abs(shown) >= abs(value) or abs(shown - value) < Fraction(1, 200)


FILED = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["invested", "intensity"]),
        st.integers(0, 300),
        st.sampled_from(["filed", "verified", "rejected"]),
    ),
    max_size=8,
    unique_by=lambda x: (x[0], x[1]),
)


@given(FILED, st.randoms(use_true_random=False))
def test_what_is_missing_is_never_zero_and_the_order_of_the_rows_changes_no_byte(
    drawn: list[tuple[str, str, int, str]], chosen: Random
) -> None:
    """A city has a score and a rank exactly when every indicator was verified; the same rows in another order give the same bytes."""
    filings = [filed(city, indicator, str(value), state=state) for city, indicator, value, state in drawn]
    scores = score_cities(SCHEME, filings, "abc", 2025, NOW)
    verified = {(f.city, f.indicator) for f in filings if f.state is FilingState.VERIFIED}
    for city in scores:
        complete = all((city.city, i.id) in verified for i in SCHEME.indicators)
        assert (city.score is not None) is (city.rank is not None) is (not city.missing) is complete
    shuffled = list(filings)
    chosen.shuffle(shuffled)
    again = score_cities(SCHEME, shuffled, "cab", 2025, NOW)
    assert frozen(SCHEME, again, 2025, NOW) == frozen(SCHEME, scores, 2025, NOW)
