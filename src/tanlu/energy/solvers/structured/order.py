"""The order of elimination: which columns and rows of a problem have no neighbours in time, which form a chain, which connect all of it.

A column with a period and a step is *timed*, every other column stands in the *border*, unless it touches border rows only. A row with one
timed column is a *limit* (``x - a capacity <= 0``): it is eliminated together with its column. A row of step t with timed columns of its
period at t and t - 1 only stands in the *block* of its step; blocks of a period form a chain. Every other row stands in the border. Border
columns and rows that touch one period belong to it, the rest is common to all periods.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tanlu.energy.solvers.structured.lists import couplings, entries_by_row, fold_periods

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

COMMON = -1
"""Period of a border column or row that several periods share."""
_NONE = -2
"""No period seen so far."""


@dataclass(frozen=True, eq=False)
class Order:
    """Columns and rows of a matrix in the order of elimination.

    Parameters
    ----------
    columns : (n,) array
        Indices of the columns: first those that are eliminated on their own, by block, then the border.
    rows : (m,) array
        Indices of the rows: limits in the order of their columns, rows of blocks, border rows.
    stars : int
        Number of columns that are eliminated on their own.
    limits : int
        Number of limits.
    chained : int
        Number of rows in blocks.
    star_period : (stars,) array
        Period (0 ... P - 1) of the columns that are eliminated on their own, −1 for those without time.
    limit_start : (stars + 1,) array
        Limits of a column.
    block_start : (T + 1,) array
        First row of a block, counted from the first row in a block; blocks stand in the order of elimination. Rows that are joined to the
        block eliminated next stand last in their block.
    chain_start : (P + 1,) array
        First block of each period.
    ahead : (P,) array
        Blocks of a period that are eliminated forwards; the rest but one is eliminated backwards, and the last of the period joins both.
    after, before : (chained,) bool array
        Rows of a block that columns join to the block of the next step, of the step before.
    border_period : (k,) array
        Period (0 ... P - 1) of the border columns, then of the border rows, or `COMMON`.
    """

    columns: Longs
    rows: Longs
    stars: int
    limits: int
    chained: int
    star_period: Longs
    limit_start: Longs
    block_start: Longs
    chain_start: Longs
    ahead: Longs
    after: Flags
    before: Flags
    border_period: Longs

    @property
    def border_columns(self) -> int:
        """Number of border columns."""
        return len(self.columns) - self.stars


def find_order(
    matrix: sparse.csc_array, bounded: Flags, column_period: Ints, column_step: Ints, row_period: Ints, row_step: Ints
) -> Order:
    """Return the order of elimination of a matrix from the tags and the places of its coefficients.

    Parameters
    ----------
    matrix : (m, n) csc_array
    bounded : (n,) bool array
        Columns with a finite bound; others are not eliminated on their own when they stand in the border.
    column_period, column_step, row_period, row_step : arrays of int32
        Tags of `LinearProblem`.
    """
    periods, column_chain = _periods(column_period, row_period, len(column_period))
    row_chain = column_chain[len(column_period) :]
    column_chain = column_chain[: len(column_period)]
    timed = (column_chain >= 0) & (column_step >= 0)
    count, fits, seen = entries_by_row(
        matrix.indptr, matrix.indices, timed, column_chain, column_step, row_chain, row_step, len(row_period)
    )
    limit = count == 1
    block = (count > 1) & fits & (row_chain >= 0) & (row_step >= 0)
    border = ~limit & ~block
    star = timed.copy()
    free = np.flatnonzero(~timed & bounded & (np.diff(matrix.indptr) > 0))
    inside = np.add.reduceat(~border[matrix.indices], matrix.indptr[:-1][free]) if len(free) else np.empty(0)
    star[free[inside == 0]] = True
    row_border, column_border = fold_periods(
        matrix.indptr, matrix.indices, star, timed, border, limit, column_chain, row_chain, seen, periods
    )
    return _assemble(
        matrix, star, limit, block, column_chain, column_step, row_chain, row_step, row_border, column_border, periods
    )


def _periods(column_period: Ints, row_period: Ints, columns: int) -> tuple[int, Longs]:
    """Return the number of periods and the period of every column and row, numbered from zero."""
    both = np.concatenate([column_period, row_period]).astype(np.int64)
    values = np.unique(both[both >= 0])
    number = np.searchsorted(values, both)
    number[both < 0] = COMMON
    return len(values), number


def _assemble(
    matrix: sparse.csc_array, star: Flags, limit: Flags, block: Flags, column_chain: Longs, column_step: Ints, row_chain: Longs,
    row_step: Ints, row_border: Longs, column_border: Longs, periods: int,
) -> Order:  # fmt: skip
    """Return the order from the kinds of the columns and rows."""
    steps = np.zeros(periods, np.int64)
    np.maximum.at(steps, row_chain[block], row_step[block] + 1)
    timed = star & (column_chain >= 0) & (column_step >= 0)
    np.maximum.at(steps, column_chain[timed], column_step[timed] + 1)
    chain_start = np.concatenate([[0], np.cumsum(steps)])
    ahead = steps // 2
    row_block = np.full(len(row_chain), -1, np.int64)
    row_block[block] = _place(row_chain[block], row_step[block], steps, ahead, chain_start)
    column_block = np.full(len(star), chain_start[-1], np.int64)
    column_block[timed] = _place(column_chain[timed], column_step[timed], steps, ahead, chain_start)
    stars = np.flatnonzero(star)
    stars = stars[np.argsort(column_block[stars], kind="stable")]
    rest = np.flatnonzero(~star)
    place = np.full(len(star), -1, np.int64)
    place[stars] = np.arange(len(stars))
    limits = np.flatnonzero(limit)
    # the one timed column of a limit: the only entry of its row that has a place among the timed columns
    owner = np.full(len(limit), -1, np.int64)
    entry_column = np.repeat(np.arange(len(star)), np.diff(matrix.indptr))
    mine = limit[matrix.indices] & timed[entry_column]
    owner[matrix.indices[mine]] = place[entry_column[mine]]
    limits = limits[np.argsort(owner[limits], kind="stable")]
    limit_start = np.searchsorted(owner[limits], np.arange(len(stars) + 1))
    after, before = couplings(matrix.indptr, matrix.indices, timed, block, column_step, row_step)
    middle = np.where(block, ahead[np.maximum(row_chain, 0)] if periods else 0, 0)
    onward = np.where(row_step < middle, after, (row_step > middle) & before)
    chained = np.flatnonzero(block)
    chained = chained[np.lexsort((onward[chained], row_block[chained]))]
    border_rows = np.flatnonzero(~limit & ~block)
    return Order(
        columns=np.concatenate([stars, rest]),
        rows=np.concatenate([limits, chained, border_rows]),
        stars=len(stars),
        limits=len(limits),
        chained=len(chained),
        star_period=np.where(timed, column_chain, -1)[stars],
        limit_start=limit_start,
        block_start=np.searchsorted(row_block[chained], np.arange(chain_start[-1] + 1)),
        chain_start=chain_start,
        ahead=ahead,
        after=after[chained],
        before=before[chained],
        border_period=np.concatenate([column_border[rest], row_border[border_rows]]),
    )


def _place(chain: Longs, step: Ints, steps: Longs, ahead: Longs, chain_start: Longs) -> Longs:
    """Return the number of a block in the order of elimination: forwards to the middle, backwards to the middle, the middle."""
    middle, last = ahead[chain], steps[chain] - 1
    within = np.where(step < middle, step, np.where(step > middle, middle + last - step, last))
    return np.asarray(chain_start[chain] + within, np.int64)
