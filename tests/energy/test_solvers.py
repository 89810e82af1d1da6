"""Solvers behind the contract: known optima of textbooks, claims that are checked, and answers that do not count."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from scipy import sparse

from tanlu.energy.problem import BORDER, Block, Floats, LinearProblem
from tanlu.energy.solvers.answer import Status
from tanlu.energy.solvers.contract import solve

LINEAR = ("clarabel", "highs-simplex", "highs-ipm", "piqp")


def linear(cost, matrix, row_lower, row_upper, lower=0.0, upper=inf, integer=None) -> LinearProblem:
    """Return a problem without structure from anything that can be made an array; a number is every entry."""
    matrix = sparse.csc_array(np.atleast_2d(np.asarray(matrix, float)))
    rows, columns = matrix.shape

    def vector(values: object, size: int) -> Floats:
        return np.broadcast_to(np.asarray(values, float), (size,)).copy()

    return LinearProblem(
        cost=vector(cost, columns),
        matrix=matrix,
        row_lower=vector(row_lower, rows),
        row_upper=vector(row_upper, rows),
        lower=vector(lower, columns),
        upper=vector(upper, columns),
        columns=(Block("x", 0, (columns,), ("place",), "GW"),),
        rows=(Block("row", 0, (rows,), ("place",), "GW"),),
        column_period=np.full(columns, BORDER, np.int32),
        column_step=np.full(columns, BORDER, np.int32),
        row_period=np.full(rows, BORDER, np.int32),
        row_step=np.full(rows, BORDER, np.int32),
        integer=None if integer is None else np.asarray(integer, bool),
    )


WYNDOR = linear([-3, -5], [[1, 0], [0, 2], [3, 2]], -inf, [4, 12, 18])
"""Wyndor Glass: Hillier and Lieberman, Introduction to Operations Research, section 3.1; x = (2, 6), Z = 36, shadow prices (0, 3/2, 1)."""


@pytest.mark.parametrize("solver", LINEAR)
def test_wyndor_glass_has_the_plan_and_the_shadow_prices_of_the_textbook(solver: str) -> None:
    found = solve(WYNDOR, solver)
    assert found.status is Status.OPTIMAL and found.solver == solver and found.replaced == ()
    assert found.primal == pytest.approx([2, 6], abs=1e-5)
    assert found.objective == pytest.approx(-36, abs=1e-5)
    assert found.dual == pytest.approx([0, -1.5, -1], abs=1e-5)
    assert found.lower_bound == pytest.approx(-36, abs=1e-4) and found.lower_bound <= -36 + 1e-9
