"""Scores, ranking and the funding line, by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.programme.review import (
    Item,
    Line,
    Ranked,
    Rubric,
    Verdict,
    funding_line,
    needs_third_review,
    ranking,
    trimmed_mean,
    z_scores,
)

RUBRIC = Rubric((Item("novelty", Fraction(2, 5)), Item("team", Fraction(3, 5), full=20)))


def test_a_total_weighs_each_item_by_its_full_marks() -> None:
    """0.4 · 80 + 0.6 · 15/20 · 100 = 32 + 45."""
    assert RUBRIC.total({"novelty": 80, "team": 15}) == 77


@pytest.mark.parametrize("marks", [{"novelty": 80}, {"novelty": 80, "team": 21}, {"novelty": -1, "team": 3}])
def test_marks_that_do_not_fit_the_rubric_are_refused(marks: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"marks|outside"):
        RUBRIC.total(marks)


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        Rubric((Item("novelty", Fraction(1, 2)),))


def test_one_high_and_one_low_are_left_out_of_five_but_not_of_four() -> None:
    """(70 + 75 + 80) / 3 = 75; (60 + 70 + 80 + 100) / 4 = 77.5."""
    assert trimmed_mean([Fraction(n) for n in (60, 70, 75, 80, 100)]) == 75
    assert trimmed_mean([Fraction(n) for n in (60, 70, 80, 100)]) == Fraction(155, 2)


@given(st.lists(st.integers(0, 100).map(Fraction), min_size=1, max_size=9))
def test_a_trimmed_mean_lies_between_the_lowest_and_the_highest(totals: list[Fraction]) -> None:
    assert min(totals) <= trimmed_mean(totals) <= max(totals)
    assert trimmed_mean(totals) == trimmed_mean(sorted(totals))


def test_reviews_that_lie_apart_by_more_than_the_limit_ask_for_a_third() -> None:
    assert needs_third_review([Fraction(60), Fraction(81)], Fraction(20))
    assert not needs_third_review([Fraction(60), Fraction(80)], Fraction(20))


def test_z_scores_stand_for_the_place_in_the_own_panel() -> None:
    """60, 70, 80: mean 70, population standard deviation √(200/3) = 8.165; a panel of equals gives 0."""
    found = z_scores({"a": {"p": Fraction(60), "q": Fraction(70), "r": Fraction(80)}, "b": {"s": Fraction(90)}})
    assert found["p"] == pytest.approx(-10 / 8.16496580927726)
    assert (found["q"], found["s"]) == (0, 0)


def ranked(name: str, score: int, asked: str, tie: int = 0) -> Ranked:
    return Ranked(name, Fraction(score), Fraction(tie), Decimal(asked))


def test_ties_are_decided_by_the_named_sub_score_then_by_id() -> None:
    proposals = [ranked("c", 80, "1"), ranked("a", 80, "1"), ranked("b", 80, "1", tie=5)]
    assert [p.id for p in ranking(proposals)] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("line", "verdicts"),
    [
        (Line.STRICT, [Verdict.FUNDED, Verdict.WAITING, Verdict.WAITING, Verdict.BELOW]),
        (Line.SKIP, [Verdict.FUNDED, Verdict.WAITING, Verdict.FUNDED, Verdict.BELOW]),
    ],
)
def test_the_line_is_strict_or_skips_to_smaller_ones(line: Line, verdicts: list[Verdict]) -> None:
    proposals = [ranked("a", 90, "600000"), ranked("b", 80, "500000"), ranked("c", 70, "400000"), ranked("d", 50, "1")]
    assert [v for _, v in funding_line(proposals, Decimal(1_000_000), Fraction(60), line)] == verdicts
