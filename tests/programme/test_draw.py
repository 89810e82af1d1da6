"""Draws can be repeated from what was committed, and no pair meets more often than its cap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.programme.test_assignment import assert_meets_limits, problems

from tanlu.programme.assignment import AssignmentProblem, InfeasibleAssignmentError
from tanlu.programme.draw import Uniform, assign_at_random, commit, draw_names, verify

SEED = "lot-2026-spring-0001"


def test_a_revealed_seed_and_pool_are_checked_against_what_was_published() -> None:
    published = commit(SEED, ["b", "a"])
    assert verify(published, SEED, ["a", "b"])
    assert not verify(published, SEED + "x", ["a", "b"])
    assert not verify(published, SEED, ["a", "b", "c"])


def test_a_seed_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        commit("2026", ["a"])


def test_uniform_numbers_are_the_hash_of_seed_and_counter() -> None:
    """sha256("abc" + eight zero bytes), first 53 bits, computed with coreutils' sha256sum."""
    assert Uniform("abc").next() == int("4b5c6fd314d0d83d", 16) // 2**11 / 2**53


def test_a_draw_does_not_depend_on_the_order_of_the_pool() -> None:
    assert draw_names(SEED, ["c", "a", "b", "d"], 2) == draw_names(SEED, ["d", "b", "a", "c"], 2)
    with pytest.raises(ValueError, match="pool of 1"):
        draw_names(SEED, ["a"], 2)


def test_every_pair_of_names_is_drawn_about_equally_often() -> None:
    """600 draws of 2 of 4: each of the 6 sets is expected 100 times, standard deviation 9.1; five of them are allowed."""
    counts: dict[frozenset[str], int] = {}
    for number in range(600):
        names = frozenset(draw_names(f"{SEED}-{number}", "abcd", 2))
        counts[names] = counts.get(names, 0) + 1
    assert len(counts) == 6
    assert all(abs(n - 100) < 46 for n in counts.values())


@settings(max_examples=80, deadline=None)
@given(problems(), st.sampled_from([0.34, 0.5, 0.75, 1.0]), st.integers(0, 10**6))
def test_drawn_panels_meet_every_limit_and_probabilities_meet_the_cap(
    problem: AssignmentProblem, cap: float, number: int
) -> None:
    try:
        drawn, chances = assign_at_random(problem, cap, f"{SEED}-{number}")
    except InfeasibleAssignmentError:
        return
    assert_meets_limits(problem, drawn)
    assert max(chances.values()) <= cap + 1e-9
    rows = {pair[0] for pair in chances}
    for row in rows:
        assert sum(p for pair, p in chances.items() if pair[0] == row) == pytest.approx(problem.size)


def test_pairs_meet_with_the_probability_that_is_told() -> None:
    """Two experts for each of three proposals, cap ½: every frequency in 400 draws lies within five standard deviations."""
    rng = np.random.default_rng(2)
    problem = AssignmentProblem(
        rng.integers(0, 100, (3, 6)), np.ones((3, 6), bool), 2, np.full(6, 2), units=np.array([0, 0, 1, 1, 2, 3])
    )
    _, chances = assign_at_random(problem, 0.5, SEED)
    met = dict.fromkeys(chances, 0)
    for number in range(400):
        drawn, _ = assign_at_random(problem, 0.5, f"{SEED}-{number}")
        for row, panel in enumerate(drawn.panels):
            for column in panel:
                met[row, column] += 1
    for pair, chance in chances.items():
        assert abs(met[pair] - 400 * chance) <= 5 * np.sqrt(400 * chance * (1 - chance)) + 1e-9


def test_a_cap_that_needs_more_candidates_than_there_are_is_refused_with_the_number() -> None:
    problem = AssignmentProblem(np.ones((1, 3), np.int64), np.ones((1, 3), bool), 2, np.ones(3, np.int64))
    with pytest.raises(InfeasibleAssignmentError) as refusal:
        assign_at_random(problem, 0.5, SEED)
    assert [(s.reason, s.needed, s.available) for s in refusal.value.shortages] == [("cap", 4, 3)]
    with pytest.raises(ValueError, match="cap"):
        assign_at_random(problem, 0.0, SEED)
