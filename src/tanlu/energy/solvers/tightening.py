"""Bounds of columns that follow from the rows."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tanlu.energy.problem import Floats, Indices, LinearProblem

SLACK: Final = 1e-12
"""Share by which an implied bound is widened, so that rounding of sums cannot cut off a feasible point."""


def implied_bounds(
    problem: LinearProblem,
    rounds: int = 8,
    most: float = inf,
    wanted: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None,
) -> tuple[Floats, Floats]:
    """Return bounds of the columns that every feasible point keeps, or every one that costs no more than a given sum.

    In a row the other columns leave room for one column only between the row's sides and their own least and largest sums; that room is
    a bound (activity bounds of Brearley, Mitra and Williams 1975, https://doi.org/10.1007/BF01580428).

    Parameters
    ----------
    problem : LinearProblem
    rounds : int
        Passes over all rows at most; a bound that a pass finds helps the next one, and a pass that closes no open bound is the last.
    most : float
        Points that cost more than this, without the offset, need not keep the bounds [million CNY].
    wanted : two (n,) bool arrays, optional
        Lower and upper bounds that are asked for: once they are known the passes end.

    Returns
    -------
    lower, upper : (n,) array
        Never wider than those of the problem.
    """
    lower, upper = problem.lower.copy(), problem.upper.copy()
    matrix, row_lower, row_upper = problem.matrix, problem.row_lower, problem.row_upper
    if most < inf:
        matrix = sparse.vstack([matrix, sparse.csc_array(problem.cost[None, :])], format="csc")
        row_lower, row_upper = np.append(row_lower, -inf), np.append(row_upper, most)
    if (matrix.data == 0).any():
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    entries = _Entries.of(matrix)
    for _ in range(rounds):
        open_before = np.isinf(lower).sum() + np.isinf(upper).sum()
        entries.tighten(row_lower, row_upper, lower, upper)
        if np.isinf(lower).sum() + np.isinf(upper).sum() == open_before:
            break
        if wanted is not None and not (np.isinf(lower[wanted[0]]).any() or np.isinf(upper[wanted[1]]).any()):
            break
    return lower, upper


@dataclass(frozen=True, eq=False)
class _Entries:
    """The entries of a matrix by column, prepared for passes over all of them."""

    rows: Indices
    columns: NDArray[np.integer]
    values: Floats
    positive: NDArray[np.bool_]
    filled: NDArray[np.integer]
    starts: NDArray[np.integer]
    count: int

    @classmethod
    def of(cls, matrix: sparse.csc_array) -> _Entries:
        """Return the entries of a matrix."""
        sizes = np.diff(matrix.indptr)
        columns = np.repeat(np.arange(matrix.shape[1]), sizes)
        filled = np.flatnonzero(sizes)
        starts, positive = matrix.indptr[filled], matrix.data > 0
        return cls(matrix.indices, columns, matrix.data, positive, filled, starts, matrix.shape[0])

    def tighten(self, row_lower: Floats, row_upper: Floats, lower: Floats, upper: Floats) -> None:
        """Tighten bounds in place with one pass over all rows."""
        if not len(self.values):
            return
        at_lower, at_upper = self.values * lower[self.columns], self.values * upper[self.columns]
        least, largest = np.minimum(at_lower, at_upper), np.maximum(at_lower, at_upper)
        room_above = row_upper[self.rows] - self._sum_of_others(least)
        room_below = row_lower[self.rows] + self._sum_of_others(-largest)
        high = np.where(self.positive, room_above, room_below) / self.values
        low = np.where(self.positive, room_below, room_above) / self.values
        filled = self.filled
        upper[filled] = np.minimum(upper[filled], np.minimum.reduceat(high, self.starts))
        lower[filled] = np.maximum(lower[filled], np.maximum.reduceat(low, self.starts))

    def _sum_of_others(self, terms: Floats) -> Floats:
        """Return for every entry a little less than the sum of the other terms of its row; −∞ when one of them is."""
        open_ = np.isinf(terms)
        finite = np.where(open_, 0.0, terms)
        sums = np.bincount(self.rows, finite, self.count)
        size = np.bincount(self.rows, np.abs(finite), self.count)
        number_open = np.bincount(self.rows, open_, self.count)
        others = sums[self.rows] - finite - SLACK * size[self.rows]
        return np.where(number_open[self.rows] - open_ > 0, -inf, others)
