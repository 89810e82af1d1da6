"""Experts are assigned by optimisation: against enumeration, under every limit, with reasons where nothing fits."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tanlu.programme.assignment import Aim, Assignment, AssignmentProblem, InfeasibleAssignmentError, assign


@st.composite
def problems(draw: st.DrawFn, rows: int = 4, columns: int = 5) -> AssignmentProblem:
    """Small problems, feasible or not, with and without units and smallest loads."""
    n, m = draw(st.integers(1, rows)), draw(st.integers(2, columns))
    cells = st.lists(st.integers(0, 20), min_size=n * m, max_size=n * m)
    scores = np.array(draw(cells)).reshape(n, m)
    allowed = np.array(draw(st.lists(st.sampled_from([True, True, True, False]), min_size=n * m, max_size=n * m)))
    most = np.array(draw(st.lists(st.integers(0, 4), min_size=m, max_size=m)))
    least = np.minimum(most, draw(st.integers(0, 1)))
    units = np.array(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))) if draw(st.booleans()) else None
    return AssignmentProblem(scores, allowed.reshape(n, m), draw(st.integers(1, 2)), most, least, units)


def enumerated(problem: AssignmentProblem) -> list[tuple[int, int]]:
    """Return (total, worst) of every assignment that meets the limits."""
    n, m = problem.scores.shape
    panels = []
    for row in range(n):
        free = [c for c in range(m) if problem.allowed[row, c]]
        panels.append(
            [
                p
                for p in combinations(free, problem.size)
                if problem.units is None or len({problem.units[c] for c in p}) == problem.size
            ]
        )
    found = []
    for choice in product(*panels):
        loads = np.bincount([c for p in choice for c in p], minlength=m)
        if (loads <= problem.most).all() and (loads >= problem.floor).all():
            sums = [int(problem.scores[row, list(p)].sum()) for row, p in enumerate(choice)]
            found.append((sum(sums), min(sums)))
    return found


def assert_meets_limits(problem: AssignmentProblem, found: Assignment) -> None:
    for row, panel in enumerate(found.panels):
        assert len(set(panel)) == problem.size
        assert problem.allowed[row, list(panel)].all()
        if problem.units is not None:
            assert len(set(problem.units[list(panel)])) == problem.size
    loads = np.bincount([c for p in found.panels for c in p], minlength=problem.scores.shape[1])
    assert loads.tolist() == list(found.loads)
    assert (loads <= problem.most).all()
    assert (loads >= problem.floor).all()


@settings(max_examples=120, deadline=None)
@given(problems(), st.sampled_from(Aim))
def test_the_best_of_all_assignments_is_found_or_none_exists(problem: AssignmentProblem, aim: Aim) -> None:
    every = enumerated(problem)
    if not every:
        with pytest.raises(InfeasibleAssignmentError) as refusal:
            assign(problem, aim)
        assert refusal.value.shortages
        return
    found = assign(problem, aim)
    assert_meets_limits(problem, found)
    assert found.optimal
    if aim is Aim.TOTAL:
        assert found.total == found.bound == max(total for total, _ in every)
    else:
        worst = max(w for _, w in every)
        assert found.worst == found.bound == worst


def fit(rng: np.random.Generator, proposals: int, experts: int) -> NDArray[np.int64]:
    """Return cosine similarities × 1000 of random topics."""
    a, b = rng.random((proposals, 8)), rng.random((experts, 8))
    return np.rint(1000 * (a @ b.T) / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))).astype(np.int64)


def test_pairs_left_out_at_first_are_priced_in_until_none_could_improve_the_answer() -> None:
    """The same optimum as scipy's programme over all pairs at once."""
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse import hstack, identity, kron

    rng = np.random.default_rng(5)
    scores, n, m, size = fit(rng, 40, 60), 40, 60, 3
    scores[:, :4] += 400
    allowed, most = rng.random((n, m)) > 0.2, np.full(m, 3)
    rows = kron(identity(n), np.ones((1, m)))
    columns = hstack([identity(m)] * n)
    peer = milp(
        -scores.ravel(),
        constraints=[LinearConstraint(rows, size, size), LinearConstraint(columns, 0, most)],
        bounds=(0, allowed.ravel().astype(float)),
        integrality=np.ones(n * m),
    )
    assert assign(AssignmentProblem(scores, allowed, size, most)).total == round(-peer.fun)


def test_a_panel_takes_one_expert_of_a_unit() -> None:
    """By hand: 9 + 8 would be best, but both are of one unit."""
    problem = AssignmentProblem(
        np.array([[9, 8, 1]]), np.ones((1, 3), bool), 2, np.ones(3, np.int64), units=np.array([0, 0, 1])
    )
    assert assign(problem).panels == ((0, 2),)


def test_too_little_capacity_is_told_with_both_numbers() -> None:
    problem = AssignmentProblem(np.ones((3, 2), np.int64), np.ones((3, 2), bool), 2, np.array([2, 2]))
    with pytest.raises(InfeasibleAssignmentError) as refusal:
        assign(problem)
    (shortage,) = refusal.value.shortages
    assert (shortage.reason, shortage.needed, shortage.available) == ("capacity", 6, 4)


def test_a_proposal_with_too_few_experts_is_named() -> None:
    allowed = np.array([[True, True, True], [True, False, False]])
    problem = AssignmentProblem(np.ones((2, 3), np.int64), allowed, 2, np.full(3, 2))
    with pytest.raises(InfeasibleAssignmentError) as refusal:
        assign(problem)
    (shortage,) = refusal.value.shortages
    assert (shortage.reason, shortage.proposals, shortage.available) == ("proposal", (1,), 1)


def test_proposals_that_want_the_same_experts_are_named_together() -> None:
    """Rows 0 and 1 can only be judged by columns 0 and 1, who take one each; row 2 has column 2 and 3 to itself."""
    allowed = np.array([[True, True, False, False], [True, True, False, False], [False, False, True, True]])
    problem = AssignmentProblem(np.ones((3, 4), np.int64), allowed, 2, np.array([1, 1, 2, 2]))
    with pytest.raises(InfeasibleAssignmentError) as refusal:
        assign(problem)
    (shortage,) = refusal.value.shortages
    assert (shortage.reason, shortage.proposals, shortage.experts) == ("group", (0, 1), (0, 1))
    assert (shortage.needed, shortage.available) == (4, 2)


def test_smallest_loads_that_cannot_all_be_met_are_told() -> None:
    problem = AssignmentProblem(
        np.ones((1, 3), np.int64), np.ones((1, 3), bool), 1, np.full(3, 2), np.ones(3, np.int64)
    )
    with pytest.raises(InfeasibleAssignmentError) as refusal:
        assign(problem)
    (shortage,) = refusal.value.shortages
    assert (shortage.reason, shortage.needed, shortage.available) == ("least", 3, 1)


def test_shapes_that_do_not_agree_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(experts,\)"):
        AssignmentProblem(np.ones((2, 3), np.int64), np.ones((2, 3), bool), 1, np.ones(2, np.int64))
