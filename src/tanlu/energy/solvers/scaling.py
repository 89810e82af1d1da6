"""Scaling of a problem by powers of two, which changes no digit of any number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.answer import RawAnswer, Status

PASSES: Final = 4
"""Passes over rows and columns; more change the factors by less than two."""


@dataclass(frozen=True, eq=False)
class Scaling:
    r"""Factors with :math:`A' = R A S`, :math:`x = S x'`, :math:`c' = k S c`, :math:`y = R y' / k`.

    Parameters
    ----------
    row : (m,) array
        R, powers of two.
    column : (n,) array
        S, powers of two; 1 for whole-number columns.
    cost : float
        k, a power of two.
    """

    row: Floats
    column: Floats
    cost: float

    def apply(self, problem: LinearProblem) -> LinearProblem:
        """Return the scaled problem, without offset."""
        matrix = problem.matrix
        data = matrix.data * self.row[matrix.indices] * np.repeat(self.column, np.diff(matrix.indptr))
        return replace(
            problem,
            cost=self.costs(problem.cost),
            matrix=sparse.csc_array((data, matrix.indices, matrix.indptr), shape=matrix.shape),
            row_lower=problem.row_lower * self.row,
            row_upper=problem.row_upper * self.row,
            lower=problem.lower / self.column,
            upper=problem.upper / self.column,
            offset=0.0,
        )

    def costs(self, cost: Floats) -> Floats:
        """Return scaled costs of all columns."""
        scaled: Floats = cost * self.column * self.cost
        return scaled

    def undo(self, answer: RawAnswer, offset: float) -> RawAnswer:
        """Return an answer to the scaled problem in the units of the original one.

        Parameters
        ----------
        answer : RawAnswer
        offset : float
            Offset of the original problem [million CNY].
        """
        direction = self.column if answer.status is Status.UNBOUNDED else self.row
        return replace(
            answer,
            primal=answer.primal * self.column if answer.primal.size else answer.primal,
            dual=answer.dual * self.row / self.cost if answer.dual.size else answer.dual,
            ray=answer.ray * direction if answer.ray.size else answer.ray,
            lower_bound=answer.lower_bound / self.cost + offset,
        )


def equilibrate(problem: LinearProblem) -> Scaling:
    """Return factors that bring the entries of rows and columns near one.

    Geometric: each row, then each column, is divided by the root of its least times its largest magnitude (Fulkerson and Wolfe
    1962, https://doi.org/10.1137/1004032). A common factor of all columns brings sides and bounds near one, so that kW of a park stand as
    far from a solver's absolute tolerances as GW of a province; another one does so for the costs.
    """
    rows, columns = problem.shape
    matrix = problem.matrix
    logs = np.log2(np.abs(matrix.data), where=matrix.data != 0, out=np.zeros(matrix.nnz))
    row_of, column_of = matrix.indices, np.repeat(np.arange(columns), np.diff(matrix.indptr))
    row, column = np.zeros(rows), np.zeros(columns)
    whole = np.zeros(columns, bool) if problem.integer is None else problem.integer
    for _ in range(PASSES):
        row = -_middle(logs + column[column_of], row_of, rows)
        column = np.where(whole, 0.0, -_middle(logs + row[row_of], column_of, columns))
    row, column = np.round(row), np.round(column)
    if not whole.any():
        size = _size(problem, row, column)
        row, column = row - size, column + size
    costs = np.log2(np.abs(problem.cost[problem.cost != 0])) + column[problem.cost != 0]
    cost = -np.round(np.median(costs)) if costs.size else 0.0
    return Scaling(row=np.exp2(row), column=np.exp2(column), cost=float(np.exp2(cost)))


def _middle(logs: Floats, group: NDArray[np.integer], count: int) -> Floats:
    """Return the middle between the least and the largest logarithm of each group, 0 of an empty one."""
    least, largest = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(least, group, logs)
    np.maximum.at(largest, group, logs)
    filled = np.isfinite(least)
    return np.where(filled, 0.5 * (np.where(filled, least, 0.0) + np.where(filled, largest, 0.0)), 0.0)


def _size(problem: LinearProblem, row: Floats, column: Floats) -> float:
    """Return the rounded median binary logarithm of scaled sides and bounds that are neither zero nor infinite."""
    logs = []
    for values, shift in (
        (problem.row_lower, row),
        (problem.row_upper, row),
        (problem.lower, -column),
        (problem.upper, -column),
    ):
        used = np.isfinite(values) & (values != 0)
        logs.append(np.log2(np.abs(values[used])) + shift[used])
    together = np.concatenate(logs)
    return float(np.round(np.median(together))) if together.size else 0.0
