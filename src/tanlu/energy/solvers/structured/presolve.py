"""What a problem loses before it is iterated on: fixed columns, open rows, rows of one column, which are bounds of it, and empty rows.

Rows of one column and their duals: Andersen and Andersen (1995, https://doi.org/10.1007/BF01586000), sections 3.1 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.structured.order import Flags, Longs

FIXED: Final = 1e-11
"""Bounds closer than this (relative to their size) fix a column; what a row without columns may miss its sides by."""
ROUNDS: Final = 8
"""Rounds of turning rows into bounds; each may fix columns and leave further rows with one."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """Rows that a round turned into bounds of columns.

    Parameters
    ----------
    columns : (k,) array
        Columns whose bound a row gives.
    rows, values : (k,) arrays
        That row, and the coefficient of the column in it.
    lower : (k,) bool array
        Whether it is the lower bound, not the upper one.
    """

    columns: Longs
    rows: Longs
    values: Floats
    lower: Flags


@dataclass(frozen=True, eq=False)
class Reduced:
    """What is left of a problem.

    Parameters
    ----------
    lower, upper : (N,) arrays
        Bounds of all columns, those that rows give included.
    point : (N,) array
        Values of the fixed columns, zero for others.
    shift : (M,) array
        What the fixed columns contribute to the rows.
    columns, rows : arrays
        What is neither fixed nor open nor a bound.
    rounds : tuple of Bounds
        In the order in which they were found.
    """

    lower: Floats
    upper: Floats
    point: Floats
    shift: Floats
    columns: Longs
    rows: Longs
    rounds: tuple[Bounds, ...]


def reduce(problem: LinearProblem) -> Reduced:
    """Return what is left of a problem without its fixed columns, open rows and rows of one column.

    A technology that is not to be had in a period has capacity zero there; its limits then hold its use at zero, and between two bounds
    that touch there is no interior.
    """
    matrix = problem.matrix
    entry_column = np.repeat(np.arange(problem.shape[1]), np.diff(matrix.indptr))
    filled = matrix.data != 0
    lower, upper = problem.lower.copy(), problem.upper.copy()
    left = ~(np.isinf(problem.row_lower) & np.isinf(problem.row_upper))
    rounds: list[Bounds] = []
    while True:
        fixed = _fixed(lower, upper)
        point = np.where(fixed, lower, 0.0)
        shift = matrix @ point if fixed.any() else np.zeros(problem.shape[0])
        if len(rounds) == ROUNDS:
            break
        open_ = filled & ~fixed[entry_column]
        count = np.bincount(matrix.indices[open_], minlength=problem.shape[0])
        single = np.flatnonzero(open_ & (left & (count == 1))[matrix.indices])
        if not len(single):
            break
        columns, rows, values = entry_column[single], matrix.indices[single].astype(np.int64), matrix.data[single]
        found = _tighten(problem, columns, rows, values, shift, lower, upper, left)
        rounds.append(found)
        if left[rows].all():
            break
    # rows without columns hold or contradict; only the latter are left, for the solver to find out
    empty = np.bincount(matrix.indices[filled & ~fixed[entry_column]], minlength=problem.shape[0]) == 0
    near = FIXED * np.maximum(1.0, np.abs(shift))
    left &= ~(empty & (problem.row_lower - near <= shift) & (shift <= problem.row_upper + near))
    return Reduced(lower, upper, point, shift, np.flatnonzero(~fixed), np.flatnonzero(left), tuple(rounds))


def _fixed(lower: Floats, upper: Floats) -> Flags:
    """Return which columns have no room between their bounds."""
    bounded = np.isfinite(lower) & np.isfinite(upper)
    low, high = np.where(bounded, lower, 0.0), np.where(bounded, upper, np.inf)
    fixed: Flags = high - low <= FIXED * np.maximum(1.0, np.abs(low))
    return fixed


def _tighten(
    problem: LinearProblem,
    columns: Longs,
    rows: Longs,
    values: Floats,
    shift: Floats,
    lower: Floats,
    upper: Floats,
    left: Flags,
) -> Bounds:
    """Tighten bounds by rows of one column in place and take these rows out; those that contradict a bound stay."""
    one, other = (problem.row_lower[rows] - shift[rows]) / values, (problem.row_upper[rows] - shift[rows]) / values
    low, high = np.where(values > 0, one, other), np.where(values > 0, other, one)
    new_lower, new_upper = lower.copy(), upper.copy()
    np.maximum.at(new_lower, columns, low)
    np.minimum.at(new_upper, columns, high)
    kept = new_lower[columns] <= new_upper[columns]
    columns, rows, values, low, high = columns[kept], rows[kept], values[kept], low[kept], high[kept]
    below = np.flatnonzero((low == new_lower[columns]) & (low > lower[columns]))
    above = np.flatnonzero((high == new_upper[columns]) & (high < upper[columns]))
    lower[columns], upper[columns] = new_lower[columns], new_upper[columns]
    left[rows] = False
    # of rows that give the same bound one bears the dual
    below = below[np.unique(columns[below], return_index=True)[1]]
    above = above[np.unique(columns[above], return_index=True)[1]]
    both = np.concatenate([below, above])
    return Bounds(columns[both], rows[both], values[both], np.arange(len(both)) < len(below))


def duals_of_bounds(problem: LinearProblem, cost: Floats, rounds: tuple[Bounds, ...], dual: Floats) -> None:
    """Give rows that became bounds their duals under given costs, in place: what is left of the reduced cost of their column."""
    for bounds in reversed(rounds):
        part = problem.matrix[:, bounds.columns]
        rest = cost[bounds.columns] - part.T @ dual
        pulls = np.where(bounds.lower, rest > 0, rest < 0)
        dual[bounds.rows[pulls]] = (rest / bounds.values)[pulls]
