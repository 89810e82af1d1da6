"""Bounds of columns that follow from the rows."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np
from scipy import sparse

from tanlu.energy.problem import Floats, LinearProblem

SLACK: Final = 1e-12
"""Share by which an implied bound is widened, so that rounding of sums cannot cut off a feasible point."""


def implied_bounds(problem: LinearProblem, rounds: int = 2) -> tuple[Floats, Floats]:
    """Return bounds of the columns that every feasible point keeps.

    In a row the other columns leave room for one column only between the row's sides and their own least and largest sums; that room is
    a bound (activity bounds of Brearley, Mitra and Williams 1975, https://doi.org/10.1007/BF01580428).

    Parameters
    ----------
    problem : LinearProblem
    rounds : int
        Passes over all rows; a bound that a pass finds helps the next one.

    Returns
    -------
    lower, upper : (n,) array
        Never wider than those of the problem.
    """
    lower, upper = problem.lower.copy(), problem.upper.copy()
    matrix = problem.matrix.tocoo()
    for _ in range(rounds):
        open_before = np.isinf(lower).sum() + np.isinf(upper).sum()
        _tighten(matrix, problem.row_lower, problem.row_upper, lower, upper)
        if np.isinf(lower).sum() + np.isinf(upper).sum() == open_before:
            break
    return lower, upper


def _tighten(matrix: sparse.coo_array, row_lower: Floats, row_upper: Floats, lower: Floats, upper: Floats) -> None:
    """Tighten bounds in place with one pass over all rows."""
    rows, columns, values = matrix.row, matrix.col, matrix.data
    positive = values > 0
    with np.errstate(invalid="ignore"):
        at_lower, at_upper = values * lower[columns], values * upper[columns]
    least, most = np.where(positive, at_lower, at_upper), np.where(positive, at_upper, at_lower)
    others_least = _sum_of_others(least, rows, len(row_lower))
    others_most = -_sum_of_others(-most, rows, len(row_lower))
    room_above, room_below = row_upper[rows] - others_least, row_lower[rows] - others_most
    high = np.where(positive, room_above, room_below) / values
    low = np.where(positive, room_below, room_above) / values
    np.minimum.at(upper, columns, high)
    np.maximum.at(lower, columns, low)


def _sum_of_others(terms: Floats, rows: np.ndarray[tuple[int], np.dtype[np.int32]], count: int) -> Floats:
    """Return for every entry a little less than the sum of the other terms of its row; −∞ when one of them is."""
    open_ = terms == -inf
    finite = np.where(open_, 0.0, terms)
    sums = np.bincount(rows, finite, count)
    size = np.bincount(rows, np.abs(finite), count)
    number_open = np.bincount(rows, open_, count)
    others = sums[rows] - finite - SLACK * size[rows]
    return np.where(number_open[rows] - open_ > 0, -inf, others)
