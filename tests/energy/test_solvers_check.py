"""The independent check: weak duality from any duals, proofs, residuals in exact units, scaling that loses no digit."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.energy.linear_problems import DAKOTA, DORIAN, WYNDOR, any_problem, linear, problem_with_point

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.answer import RawAnswer, Status
from tanlu.energy.solvers.check import dual_bound, is_infeasible, is_unbounded_direction, residuals
from tanlu.energy.solvers.contract import solve
from tanlu.energy.solvers.scaling import equilibrate
from tanlu.energy.solvers.tightening import implied_bounds


@given(problem_with_point(), st.integers(0, 2**32 - 1), st.floats(0, 10))
@settings(max_examples=150, deadline=None)
def test_any_duals_give_a_bound_that_no_feasible_point_beats(
    made: tuple[LinearProblem, Floats], seed: int, size: float
) -> None:
    problem, point = made
    dual = size * np.random.default_rng(seed).standard_normal(problem.shape[0])
    cost = problem.objective(point)
    assert dual_bound(problem, dual) <= cost + 1e-9 * (1 + abs(cost) + size)


@given(any_problem(), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1e-12, 1e-8, 1e-4]))
@settings(max_examples=40, deadline=None)
def test_the_bound_of_disturbed_duals_is_safe(problem: LinearProblem, seed: int, noise: float) -> None:
    """The duals of an optimum with noise, as an interior point leaves it: still a bound."""
    found = solve(problem, "highs-simplex")
    if found.status is not Status.OPTIMAL:
        return
    dual = found.dual + noise * np.random.default_rng(seed).standard_normal(problem.shape[0])
    size = max(abs(found.objective), float(np.abs(problem.cost) @ np.abs(found.primal)), 1e-3)
    assert dual_bound(problem, dual) <= found.objective + 1e-9 * size
    if noise == 0.0:
        assert dual_bound(problem, found.dual) == pytest.approx(found.objective, abs=1e-8 * size)


def test_noise_on_a_column_without_a_bound_is_met_by_the_bound_that_the_rows_give() -> None:
    """Wyndor: the first row bounds x1 by 4, so a reduced cost of −1e-6 costs 4e-6 at most; Dorian: no row bounds x, the duals move."""
    assert dual_bound(WYNDOR, np.array([0, -1.5, -1 + 1e-6 / 3])) == pytest.approx(-36, abs=2e-5)
    moved = dual_bound(DORIAN, np.array([5 + 1e-7, 7.5]))
    assert 320 - 1e-4 <= moved <= 320


def test_duals_that_give_no_bound_say_so() -> None:
    unbounded = linear(-1, [[1, -1]], -inf, 1)
    assert dual_bound(unbounded, np.array([-0.5])) == -inf
    assert dual_bound(WYNDOR, np.array([np.nan, 0, 0])) == -inf
    assert dual_bound(WYNDOR, np.zeros(2)) == -inf


def test_a_bound_counts_the_offset() -> None:
    assert dual_bound(replace(WYNDOR, offset=100.0), np.array([0, -1.5, -1])) == pytest.approx(64)


@given(problem_with_point())
@settings(max_examples=100, deadline=None)
def test_bounds_that_follow_from_rows_cut_off_no_feasible_point(made: tuple[LinearProblem, Floats]) -> None:
    problem, point = made
    lower, upper = implied_bounds(problem, rounds=3)
    near = 1e-9 * (1 + np.abs(point))
    assert (lower <= point + near).all() and (point - near <= upper).all()
    assert (lower >= problem.lower).all() and (upper <= problem.upper).all()


def test_bounds_that_follow_from_rows_are_those_of_the_hand() -> None:
    """x + 2 y ≤ 6 and x, y ≥ 0: x ≤ 6, y ≤ 3; then −z + y = 0 gives z ≤ 3."""
    problem = linear(0, [[1, 2, 0], [0, 1, -1]], [-inf, 0], [6, 0], [0, 0, -inf])
    lower, upper = implied_bounds(problem)
    assert upper == pytest.approx([6, 3, 3]) and lower == pytest.approx([0, 0, 0])


def test_residuals_are_those_of_the_hand() -> None:
    """Wyndor at (3, 6.5), duals (0, −1, −1): rows over by 1 and 4, third 22 of 18; cost −41.5 against −24 − 18 and x1, x2 reduced 0, −1."""
    found = residuals(WYNDOR, np.array([3.0, 6.5]), np.array([0.0, -1.0, -1.0]))
    assert found.row == pytest.approx(3 * 3 + 2 * 6.5 - 18) and found.bound == 0
    assert found.dual == pytest.approx(1)
    assert found.gap == pytest.approx(abs(-3 * 3 - 5 * 6.5 - (-12 - 18)))
    assert residuals(WYNDOR, np.array([-0.5, 0.0]), np.zeros(3)).bound == 0.5
    assert (
        residuals(replace(WYNDOR, integer=np.array([True, False])), np.array([0.75, 0.5]), np.zeros(3)).integrality
        == 0.25
    )


def test_a_small_system_is_judged_as_strictly_as_a_large_one() -> None:
    """The same shortfall relative to the load, in GW and in kW."""
    large, small = linear(1, [[1]], 2, inf), linear(1, [[1]], 2e-6, inf)
    at = [residuals(p, np.array([x]), np.array([1.0])).relative_row for p, x in ((large, 1.999), (small, 1.999e-6))]
    assert at[0] == pytest.approx(5e-4) and at[1] == pytest.approx(5e-4)


def test_proofs_are_checked() -> None:
    contradiction = linear(1, [[1, 1], [1, 1]], [5, -inf], [inf, 3])
    assert is_infeasible(contradiction, np.array([1.0, -1.0]))
    assert not is_infeasible(contradiction, np.array([-1.0, 1.0])) and not is_infeasible(contradiction, np.zeros(2))
    assert not is_infeasible(WYNDOR, np.array([1.0, -1.0, 2.0]))
    assert is_infeasible(linear(1, [[0.0, 0.0]], 1, 1), np.empty(0)), "a row without entries that asks for something"
    falling = linear(-1, [[1, -1]], -inf, 1)
    assert is_unbounded_direction(falling, np.array([2.0, 2.0]), 1e-7)
    assert not is_unbounded_direction(falling, np.array([2.0, 1.0]), 1e-7), "leaves the row"
    assert not is_unbounded_direction(falling, np.array([-1.0, -1.0]), 1e-7), "leaves the bounds"
    assert not is_unbounded_direction(replace(falling, cost=np.ones(2)), np.array([1.0, 1.0]), 1e-7), "costs rise"


@given(any_problem(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_scaling_by_powers_of_two_comes_back_to_the_last_digit(problem: LinearProblem, seed: int) -> None:
    numbers = np.random.default_rng(seed)
    scaling = equilibrate(problem)
    scaled = scaling.apply(problem)
    for factors in (scaling.row, scaling.column, np.array([scaling.cost])):
        assert (np.frexp(factors)[0] == 0.5).all()
    primal, dual = numbers.standard_normal(problem.shape[1]), numbers.standard_normal(problem.shape[0])
    back = scaling.undo(RawAnswer(Status.OPTIMAL, primal / scaling.column, dual * scaling.cost / scaling.row), 0.0)
    assert (back.primal == primal).all() and (back.dual == dual).all()
    assert np.array_equal(scaled.row_lower / scaling.row, problem.row_lower)
    assert np.array_equal(scaled.upper * scaling.column, problem.upper)
    assert float(scaled.cost @ (primal / scaling.column)) / scaling.cost == pytest.approx(float(problem.cost @ primal))


def test_scaling_brings_entries_of_kw_and_gw_near_one() -> None:
    factors = 10.0 ** np.array([-6, 3, 0])
    wild = linear(DAKOTA.cost * factors, DAKOTA.matrix.toarray() * factors * np.array([[1e-5], [1], [1e4]]), -inf, 1)
    entries = np.abs(equilibrate(wild).apply(wild).matrix.data)
    assert entries.max() / entries.min() < 32


def test_whole_numbers_are_not_scaled() -> None:
    problem = linear(1, [[1, -1e-3], [0, 50]], 0, 10, 0, 10, [False, True])
    assert equilibrate(problem).column[1] == 1.0
