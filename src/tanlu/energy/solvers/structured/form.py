"""A problem as the structured solver iterates on it: without fixed columns and open rows, scaled, in the order of elimination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.structured.order import Flags, Longs, Order, find_order
from tanlu.energy.solvers.structured.presolve import Reduced, duals_of_bounds, reduce
from tanlu.energy.solvers.structured.vectors import scale_pass

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
    left : Reduced
        What of the problem this is.
    problem : LinearProblem
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
    left: Reduced
    problem: LinearProblem

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.equation), len(self.cost)

    def primal(self, x: Floats) -> Floats:
        """Return values of the columns of the problem."""
        point = self.left.point.copy()
        point[self.kept] = x * self.column_scale * self.size_scale
        return point

    def dual(self, y: Floats) -> Floats:
        """Return duals of the rows of the problem."""
        return self._rows(y, self.problem.cost)

    def ray(self, y: Floats) -> Floats:
        """Return multipliers of the rows of the problem that may prove that it has no point: duals where nothing costs anything."""
        return self._rows(y, np.zeros_like(self.problem.cost))

    def _rows(self, y: Floats, cost: Floats) -> Floats:
        """Return duals of the rows of the problem, those that became bounds included."""
        dual = np.zeros(self.problem.shape[0])
        dual[self.rows_kept] = y * self.row_scale * self.cost_scale
        duals_of_bounds(self.problem, cost, self.left.rounds, dual)
        return dual


def contradiction(problem: LinearProblem) -> bool:
    """Return whether the bounds of a column or the sides of a row contradict each other."""
    return bool((problem.lower > problem.upper).any() or (problem.row_lower > problem.row_upper).any())


def make_form(problem: LinearProblem) -> Form:
    """Return a problem in the form of the solver."""
    left = reduce(problem)
    columns, rows, matrix = left.columns, left.rows, problem.matrix
    if len(columns) < problem.shape[1]:
        matrix = matrix[:, columns]
    if len(rows) < problem.shape[0]:
        matrix = matrix.tocsr()[rows].tocsc()
    if not matrix.data.all():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    bounded = np.isfinite(left.lower[columns]) | np.isfinite(left.upper[columns])
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
    return _scaled(problem, by_columns, order, columns, rows, left)


def _scaled(
    problem: LinearProblem, matrix: sparse.csc_array, order: Order, columns: Longs, rows: Longs, left: Reduced
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
    low = np.concatenate([left.lower[columns] / column_scale, (problem.row_lower[rows] - left.shift[rows]) * row_scale])
    high = np.concatenate(
        [left.upper[columns] / column_scale, (problem.row_upper[rows] - left.shift[rows]) * row_scale]
    )
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
        size_scale=size_scale, left=left, problem=problem,
    )  # fmt: skip


def _power(scale: Floats) -> Floats:
    """Return the nearest powers of two, so that scaling rounds nothing."""
    return np.asarray(np.exp2(np.round(np.log2(scale))))


def _size(values: Floats) -> float:
    """Return a power of two of the size of the values that are not zero."""
    values = np.abs(values[values != 0])
    return float(2.0 ** np.round(np.log2(np.sqrt(np.mean(values**2))))) if len(values) else 1.0
