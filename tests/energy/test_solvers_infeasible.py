"""Why there is no solution: the least set that contradicts itself, and how much is short where."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from tests.energy.linear_problems import TELFA, WYNDOR, any_problem, linear

from tanlu.energy.problem import LinearProblem
from tanlu.energy.solvers.answer import Status
from tanlu.energy.solvers.contract import solve
from tanlu.energy.solvers.infeasible import Conflict, irreducible_rows, shortfall

PARK = linear(
    [1, 2, 0, 0],
    [[1, 1, -1, 0], [0, 0, 1, 1], [0.8, 0, 0, 0], [0, 1, 0, 0]],
    [4, 2, -inf, -inf],
    [4, 2, 1.6, 9],
    0,
    [5, 1, 3, 3],
)
"""Two places with 4 GW and 2 GW: coal of 5 GW under a cap of 1.6 kt/h at 0.8 kt/GWh, gas of 1 GW; a line; shedding at the other place.

Coal can give 2 and gas 1, so that 1 GW is missing at the first place, whatever the line does.
"""


def parts(conflict: Conflict) -> list[tuple[str, int]]:
    """Return every side and bound of a conflict."""
    names = ("row_lower", "row_upper", "lower", "upper")
    return [(name, int(i)) for name in names for i in getattr(conflict, name)]


def without(problem: LinearProblem, conflict: Conflict, part: tuple[str, int]) -> LinearProblem:
    """Return the problem of a conflict with one side or bound opened."""
    alone = conflict.of(problem)
    name, place = part
    getattr(alone, name)[place] = -inf if name.endswith("lower") else inf
    return alone


def test_the_conflict_names_the_cap_the_balance_and_the_bounds_that_make_it() -> None:
    conflict = irreducible_rows(PARK)
    assert conflict is not None and conflict.irreducible
    assert set(parts(conflict)) == {("row_lower", 0), ("row_upper", 2), ("upper", 1), ("lower", 2)}
    assert list(conflict.rows) == [0, 2] and list(conflict.columns) == [1, 2]


def test_the_shortfall_says_where_and_how_much() -> None:
    missing = shortfall(PARK, np.array([0, 1], np.int32))
    assert missing.below == pytest.approx([1, 0], abs=1e-5) and missing.above == pytest.approx([0, 0], abs=1e-5)
    assert missing.total == pytest.approx(1, abs=1e-5)


def test_weights_decide_what_gives_way() -> None:
    """1 GW less at the first place, or 0.8 kt/h more than the cap."""
    rows = np.array([0, 2], np.int32)
    cap = shortfall(PARK, rows, np.array([10.0, 1.0]))
    assert cap.above == pytest.approx([0, 0.8], abs=1e-5) and cap.below == pytest.approx([0, 0], abs=1e-5)
    load = shortfall(PARK, rows, np.array([0.1, 1.0]))
    assert load.below == pytest.approx([1, 0], abs=1e-4) and load.total == pytest.approx(0.1, abs=1e-4)


def test_a_contradiction_that_elastic_rows_cannot_mend_stays_infeasible() -> None:
    missing = shortfall(PARK, np.array([1], np.int32))
    assert missing.solution.status is Status.INFEASIBLE and missing.total == inf


def test_a_problem_with_a_solution_has_no_conflict() -> None:
    assert irreducible_rows(WYNDOR) is None and irreducible_rows(TELFA) is None
    assert shortfall(WYNDOR, np.arange(3, dtype=np.int32)).total == pytest.approx(0, abs=1e-6)


def test_crossed_sides_and_bounds_are_the_conflict() -> None:
    crossed = irreducible_rows(linear(0, [[1, 1]], -inf, inf, [2, 0], [1, 1]))
    assert crossed is not None and parts(crossed) == [("lower", 0), ("upper", 0)]
    row = irreducible_rows(linear(0, [[1, 1]], 3, 2))
    assert row is not None and parts(row) == [("row_lower", 0), ("row_upper", 0)]


@given(any_problem())
@settings(max_examples=40, deadline=None)
def test_without_any_one_part_of_a_conflict_the_rest_can_be_kept(problem: LinearProblem) -> None:
    conflict = irreducible_rows(problem)
    if conflict is None or (problem.lower > problem.upper).any():
        return
    assert solve(conflict.of(problem), "highs-simplex").status is Status.INFEASIBLE
    assert conflict.irreducible
    for part in parts(conflict):
        assert solve(without(problem, conflict, part), "highs-simplex").status is Status.OPTIMAL, part
