"""Small problems for tests of solvers: made from arrays, taken from textbooks, and drawn at random."""

from __future__ import annotations

from math import inf

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

from tanlu.energy.problem import BORDER, Block, Floats, LinearProblem


def linear(
    cost: object,
    matrix: object,
    row_lower: object,
    row_upper: object,
    lower: object = 0.0,
    upper: object = inf,
    integer: object = None,
) -> LinearProblem:
    """Return a problem without structure from anything that can be made an array; one number stands for every entry."""
    dense = np.atleast_2d(np.asarray(matrix, float))
    rows, columns = dense.shape

    def vector(values: object, size: int) -> Floats:
        return np.broadcast_to(np.asarray(values, float), (size,)).copy()

    return LinearProblem(
        cost=vector(cost, columns),
        matrix=sparse.csc_array(dense),
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


def transport(supply: list[float], demand: list[float], cost: list[list[float]]) -> LinearProblem:
    """Return the problem of least-cost transport; the rows are the plants, then the places of demand."""
    plants, places = len(supply), len(demand)
    matrix = np.vstack([np.kron(np.eye(plants), np.ones(places)), np.tile(np.eye(places), plants)])
    sides = [*(-inf for _ in supply), *demand], [*supply, *(inf for _ in demand)]
    return linear(np.ravel(cost), matrix, *sides)


@st.composite
def any_problem(draw: st.DrawFn) -> LinearProblem:
    """Draw a problem of whole coefficients: feasible, infeasible, unbounded, degenerate, with fixed and free columns."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    unit = 10.0 ** draw(st.integers(-3, 3))
    matrix = numbers.integers(-3, 4, (rows, columns)) * (numbers.random((rows, columns)) < 0.6)
    side = numbers.integers(-5, 6, rows)
    width = numbers.choice([0, 1, 4], rows)
    row_lower = np.where(numbers.random(rows) < 0.3, -inf, side)
    row_upper = np.where(numbers.random(rows) < 0.3, inf, side + width)
    least = numbers.integers(-2, 2, columns)
    lower = np.where(numbers.random(columns) < 0.3, -inf, least)
    upper = np.where(numbers.random(columns) < 0.5, inf, least + numbers.choice([0, 3, 5], columns))
    cost = numbers.integers(-4, 6, columns)
    return linear(cost, matrix, row_lower * unit, row_upper * unit, lower * unit, upper * unit)


@st.composite
def problem_with_point(draw: st.DrawFn) -> tuple[LinearProblem, Floats]:
    """Draw a problem together with a point that keeps all its rows and bounds exactly."""
    rows, columns = draw(st.integers(1, 8)), draw(st.integers(1, 10))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    point = numbers.integers(-4, 5, columns).astype(float)
    matrix = numbers.integers(-3, 4, (rows, columns)) * (numbers.random((rows, columns)) < 0.5)
    activity = matrix @ point
    row_lower = np.where(numbers.random(rows) < 0.4, -inf, activity - numbers.choice([0, 2], rows))
    row_upper = np.where(numbers.random(rows) < 0.4, inf, activity + numbers.choice([0, 2], rows))
    lower = np.where(numbers.random(columns) < 0.4, -inf, point - numbers.choice([0, 3], columns))
    upper = np.where(numbers.random(columns) < 0.4, inf, point + numbers.choice([0, 3], columns))
    return linear(numbers.integers(-4, 6, columns), matrix, row_lower, row_upper, lower, upper), point


WYNDOR = linear([-3, -5], [[1, 0], [0, 2], [3, 2]], -inf, [4, 12, 18])
"""Wyndor Glass: F. S. Hillier and G. J. Lieberman, Introduction to Operations Research, chapter 3."""
REDDY_MIKKS = linear([-5, -4], [[6, 4], [1, 2], [-1, 1], [0, 1]], -inf, [24, 6, 1, 2])
"""Reddy Mikks: H. A. Taha, Operations Research: An Introduction, chapter 2."""
DAKOTA = linear([-60, -30, -20], [[8, 6, 1], [4, 2, 1.5], [2, 1.5, 0.5]], -inf, [48, 20, 8], upper=[inf, 5, inf])
"""Dakota Furniture: W. L. Winston, Operations Research: Applications and Algorithms, chapter 4; the market of tables is a bound."""
DORIAN = linear([50, 100], [[7, 2], [2, 12]], [28, 24], inf)
"""Dorian Auto: Winston, chapter 3."""
POWERCO = transport([35, 50, 40], [45, 20, 30, 30], [[8, 6, 10, 9], [9, 12, 13, 7], [14, 9, 16, 5]])
"""Powerco: three power plants and four cities (million kWh, dollars per million kWh): Winston, chapter 7."""
BEALE = linear([-0.75, 150, -0.02, 6], [[0.25, -60, -0.04, 9], [0.5, -90, -0.02, 3]], -inf, 0, upper=[inf, inf, 1, inf])
"""The example on which the simplex method can cycle: E. M. L. Beale, Naval Research Logistics Quarterly 2 (1955) 269-275."""
TELFA = linear([-8, -5], [[1, 1], [9, 5]], -inf, [6, 45], integer=[True, True])
"""Telfa tables and chairs in whole numbers: Winston, chapter 9."""
