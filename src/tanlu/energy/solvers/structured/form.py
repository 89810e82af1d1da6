"""A problem as the structured solver iterates on it: without fixed columns and open rows, scaled, in the order of elimination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.structured.order import Flags, Longs, Order, find_order
from tanlu.energy.solvers.structured.vectors import scale_pass

FIXED: Final = 1e-11
"""Bounds closer than this (relative to their size) fix a column."""
LOWER: Final = 1
UPPER: Final = 2
SCALINGS: Final = 4


@dataclass(frozen=True, eq=False)
class Form:
    """Minimise cost x subject to A x = s, with bounds on the columns x and the activities s of the rows, in scaled units.

    Parameters
    ----------
    matrix, rows : csc_array, csr_array
        A in the order of elimination, by columns and by rows.
    cost : (n,) array
    lower, upper : (n + m,) array
        Bounds of x, then of s; equal for an equation.
    kind : (n + m,) array of uint8
        `LOWER` and `UPPER` where there is a finite bound; 0 for free columns and equations.
    equation : (m,) bool array
    order : Order
    kept, rows_kept : arrays
        Columns and rows of the problem, in the order here.
    primal_size, dual_size : (m,) and (n + m,) arrays
        Sizes to which residuals of the rows and of the duals are relative, as in `tanlu.energy.solvers.check`.
    column_scale, row_scale, cost_scale, size_scale
        x = column_scale * size_scale * x here; and so on.
    point : (N,) array
        Values of the fixed columns of the problem.
    """

    matrix: sparse.csc_array
    rows: sparse.csr_array
    cost: Floats
    lower: Floats
    upper: Floats
    kind: Any
    equation: Flags
    order: Order
    primal_size: Floats
    dual_size: Floats
    kept: Longs
    rows_kept: Longs
    column_scale: Floats
    row_scale: Floats
    cost_scale: float
    size_scale: float
    point: Floats
    row_count: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.equation), len(self.cost)

    def primal(self, x: Floats) -> Floats:
        """Return values of the columns of the problem."""
        point = self.point.copy()
        point[self.kept] = x * self.column_scale * self.size_scale
        return point

    def dual(self, y: Floats) -> Floats:
        """Return duals of the rows of the problem."""
        dual = np.zeros(self.row_count)
        dual[self.rows_kept] = y * self.row_scale * self.cost_scale
        return dual


def contradiction(problem: LinearProblem) -> bool:
    """Return whether the bounds of a column or the sides of a row contradict each other."""
    return bool((problem.lower > problem.upper).any() or (problem.row_lower > problem.row_upper).any())


def make_form(problem: LinearProblem) -> Form:
    """Return a problem in the form of the solver."""
    lower, upper = problem.lower, problem.upper
    bounded = np.isfinite(lower) & np.isfinite(upper)
    fixed = np.where(bounded, upper, np.inf) - np.where(bounded, lower, 0.0) <= FIXED * np.maximum(
        1.0, np.where(bounded, lower, 0.0)
    )
    point = np.where(fixed, lower, 0.0)
    open_row = np.isinf(problem.row_lower) & np.isinf(problem.row_upper)
    matrix = problem.matrix
    shift = matrix @ point if fixed.any() else np.zeros(problem.shape[0])
    columns, rows = np.flatnonzero(~fixed), np.flatnonzero(~open_row)
    if fixed.any():
        matrix = matrix[:, columns]
    if open_row.any():
        matrix = matrix.tocsr()[rows].tocsc()
    if not matrix.data.all():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    bounded = np.isfinite(lower[columns]) | np.isfinite(upper[columns])
    order = find_order(
        matrix,
        bounded,
        problem.column_period[columns],
        problem.column_step[columns],
        problem.row_period[rows],
        problem.row_step[rows],
    )
    columns, rows = columns[order.columns], rows[order.rows]
    matrix = matrix[:, order.columns].tocsr()[order.rows]
    matrix.sort_indices()
    by_columns = matrix.tocsc()
    by_columns.sort_indices()
    return _scaled(problem, by_columns, order, columns, rows, shift, point)


def _scaled(
    problem: LinearProblem, matrix: sparse.csc_array, order: Order, columns: Longs, rows: Longs, shift: Floats,
    point: Floats,
) -> Form:  # fmt: skip
    """Return the form with coefficients near one, and costs and sides of moderate size."""
    m, n = matrix.shape
    column_scale, row_scale = np.ones(n), np.ones(m)
    for _ in range(SCALINGS):
        scale_pass(matrix.indptr, matrix.indices, matrix.data, column_scale, row_scale)
    column_scale, row_scale = _power(column_scale), _power(row_scale)
    data = matrix.data * np.repeat(column_scale, np.diff(matrix.indptr)) * row_scale[matrix.indices]
    matrix = sparse.csc_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)
    cost = problem.cost[columns] * column_scale
    cost_scale = _size(cost)
    low = np.concatenate([problem.lower[columns] / column_scale, (problem.row_lower[rows] - shift[rows]) * row_scale])
    high = np.concatenate([problem.upper[columns] / column_scale, (problem.row_upper[rows] - shift[rows]) * row_scale])
    sides = np.concatenate([low[n:], high[n:]])
    size_scale = _size(sides[np.isfinite(sides)])
    low, high = low / size_scale, high / size_scale
    equation = low[n:] == high[n:]
    kind = (np.isfinite(low) * LOWER + np.isfinite(high) * UPPER).astype(np.uint8)
    kind[n:][equation] = 0
    finite = np.where(np.isfinite(sides), np.abs(sides), 0.0)
    floor = min(1.0, float(finite.max(initial=0.0))) or 1.0
    primal_size = np.maximum(finite[:m], finite[m:]) / size_scale
    price = min(1.0, float(np.abs(problem.cost).max(initial=0.0))) or 1.0
    dual_size = (
        np.concatenate([np.maximum(np.abs(problem.cost[columns]), price) * column_scale, price / row_scale])
        / cost_scale
    )
    return Form(
        matrix=matrix, rows=matrix.tocsr(), cost=cost / cost_scale, lower=low, upper=high, kind=kind, equation=equation, order=order,
        primal_size=np.maximum(primal_size, floor * row_scale / size_scale), dual_size=dual_size,
        kept=columns, rows_kept=rows, column_scale=column_scale, row_scale=row_scale, cost_scale=cost_scale,
        size_scale=size_scale, point=point, row_count=problem.shape[0],
    )  # fmt: skip


def _power(scale: Floats) -> Floats:
    """Return the nearest powers of two, so that scaling rounds nothing."""
    return np.asarray(np.exp2(np.round(np.log2(scale))))


def _size(values: Floats) -> float:
    """Return a power of two of the size of the values that are not zero."""
    values = np.abs(values[values != 0])
    return float(2.0 ** np.round(np.log2(np.sqrt(np.mean(values**2))))) if len(values) else 1.0
