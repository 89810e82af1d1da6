r"""An hourly programme in the order of its hours, which can be cut into windows.

A row of hour t reads columns of t and t − 1 only (see `tanlu.energy.problem.LinearProblem`). Columns that the next hour reads (contents of
stores, activity under ramps) are *joints*. With the joints at the borders of windows given, and the sums of the year given out to the
windows, every window is a problem of its own, and answers to all windows are together an answer to the year (primal decomposition by
resources: Geoffrion 1970, https://doi.org/10.1287/opre.18.3.375).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tanlu.energy.problem import BORDER, Block, Floats, LinearProblem

Longs = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Window:
    """The problem of some hours.

    Parameters
    ----------
    problem : LinearProblem
        Its columns are those that are free; its rows those of its hours, then sums of the year.
    free, held : int arrays
        Columns of the chain that are decided, and that are held.
    values : array
        Values of those that are held.
    rows, sums : int arrays
        Rows of the chain that are kept, of hours and over the year.
    """

    problem: LinearProblem
    free: Longs
    held: Longs
    values: Floats
    rows: Longs
    sums: Longs


@dataclass(frozen=True, eq=False)
class Chain:
    """An hourly programme of one period with columns and rows in the order of their hours; those without an hour stand first.

    Parameters
    ----------
    problem : LinearProblem
        The programme.
    columns, rows : int arrays
        Its columns and rows in this order.
    column_start, row_start : (H + 1,) int array
        First column and row of each hour.
    matrix : csc_array
        Coefficients in this order.
    cost, lower, upper, row_lower, row_upper : arrays
        In this order; sums over the year with what a column of the year leaves open (the cap that bounds the account of CO2).
    joints : bool array
        Columns that rows of the next hour read.
    prices : (sums,) array
        What stands in the costs already of the duals of the sums over the year.
    """

    problem: LinearProblem
    columns: Longs
    rows: Longs
    column_start: Longs
    row_start: Longs
    matrix: sparse.csc_array
    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    joints: NDArray[np.bool_]
    prices: Floats

    @property
    def hours(self) -> int:
        """Hours, H."""
        return len(self.column_start) - 1

    @property
    def sums(self) -> int:
        """Rows over the year."""
        return int(self.row_start[0])

    def used(self, point: Floats) -> Floats:
        """Return what each hour of a point adds to each sum over the year, (sums, H)."""
        timed = self.matrix[:, self.column_start[0] :]
        inside = timed.indices < self.sums
        place = np.repeat(np.arange(self.column_start[0], len(point)), np.diff(timed.indptr))[inside]
        hour = np.searchsorted(self.column_start, place, side="right") - 1
        flat = timed.indices[inside].astype(np.int64) * self.hours + hour
        total = np.bincount(flat, timed.data[inside] * point[place], self.sums * self.hours)
        return np.asarray(total, float).reshape(self.sums, self.hours)

    def completed(self, point: Floats) -> Floats:
        """Return a point of the chain as one of the problem, with the columns without an hour as the hours ask."""
        primal = np.empty(len(point))
        primal[self.columns] = point
        early = self.columns[: self.column_start[0]]
        primal[early] = np.where(np.isfinite(self.lower[: len(early)]), self.lower[: len(early)], 0.0)
        for j in early[self.problem.lower[early] < self.problem.upper[early]]:
            column = self.problem.matrix[:, [j]]
            if column.nnz:
                row = int(column.indices[0])
                primal[j] = 0.0
                others = float((self.problem.matrix[[row], :] @ primal)[0])
                primal[j] = (self.problem.row_lower[row] - others) / float(column.data[0])
        return primal

    def window(self, first: int, last: int, point: Floats, least: Floats, most: Floats) -> Window:
        """Return the problem of the hours from `first` up to `last`, which may pass the end of the year.

        Parameters
        ----------
        first, last : int
            At most H hours; all H together hold no joint.
        point : (n,) array
            Joints before the first hour and at the end of the last are those of this point.
        least, most : (sums,) array
            What the window may use of the sums over the year.
        """
        columns = _span(self.column_start, first, last)
        rows = _span(self.row_start, first, last)
        lower, upper = self.lower[columns].copy(), self.upper[columns].copy()
        place = np.full(len(self.row_lower), -1)
        place[rows] = np.arange(len(rows))
        place[: self.sums] = len(rows) + np.arange(self.sums)
        shift = np.zeros(len(rows) + self.sums)
        if last - first < self.hours:
            end = _span(self.column_start, last - 1, last)
            joints = self.joints[end]
            tail = slice(len(columns) - len(end), None)
            held = np.clip(point[end], lower[tail], upper[tail])
            lower[tail], upper[tail] = np.where(joints, held, lower[tail]), np.where(joints, held, upper[tail])
            before = _span(self.column_start, first - 1, first)
            row, at, value = self._entries(before, place)
            known = row < len(rows)
            np.add.at(shift, row[known], value[known] * np.where(self.joints[before], point[before], 0.0)[at[known]])
        row, at, value = self._entries(columns, place)
        held_here = lower == upper
        fixed = np.where(held_here, lower, 0.0)
        np.add.at(shift, row, value * fixed[at])
        number = np.cumsum(~held_here) - 1
        kept = ~held_here[at]
        problem, sums = self._assemble(
            columns[~held_here], rows, lower[~held_here], upper[~held_here], (row[kept], number[at[kept]], value[kept]), shift, least, most,
            first % self.hours,
        )  # fmt: skip
        return Window(problem, columns[~held_here], columns[held_here], fixed[held_here], rows, sums)

    def _entries(self, columns: Longs, place: Longs) -> tuple[Longs, Longs, Floats]:
        """Return row (as `place` numbers it), position and value of the coefficients of some columns in rows that have a place."""
        part = self.matrix[:, columns]
        row = place[part.indices]
        at = np.repeat(np.arange(len(columns)), np.diff(part.indptr))
        seen = row >= 0
        return row[seen], at[seen], part.data[seen]

    def _assemble(
        self, columns: Longs, rows: Longs, lower: Floats, upper: Floats, entries: tuple[Longs, Longs, Floats], shift: Floats,
        least: Floats, most: Floats, first: int,
    ) -> tuple[LinearProblem, Longs]:  # fmt: skip
        """Return a window's problem, and the sums over the year that bind its free columns."""
        row, at, value = entries
        hourly = len(rows)
        wanted = np.zeros(self.sums, bool)
        wanted[row[row >= hourly] - hourly] = True
        wanted &= np.isfinite(least) | np.isfinite(most)
        sums = np.flatnonzero(wanted)
        number = np.concatenate([np.arange(hourly), np.full(self.sums, -1)])
        number[hourly + sums] = hourly + np.arange(len(sums))
        kept = number[row] >= 0
        shape = (hourly + len(sums), len(columns))
        matrix = sparse.coo_array((value[kept], (number[row[kept]], at[kept])), shape=shape).tocsc()
        step = np.searchsorted(self.column_start, columns, side="right") - 1
        row_step = np.searchsorted(self.row_start, rows, side="right") - 1
        moved = np.concatenate([shift[:hourly], shift[hourly + sums]])
        return LinearProblem(
            cost=self.cost[columns], matrix=matrix,
            row_lower=np.concatenate([self.row_lower[rows], least[sums]]) - moved,
            row_upper=np.concatenate([self.row_upper[rows], most[sums]]) - moved,
            lower=lower, upper=upper,
            columns=(Block("window", 0, (len(columns),), ("column",), ""),),
            rows=(Block("window", 0, (shape[0],), ("row",), ""),),
            column_period=np.zeros(len(columns), np.int32),
            column_step=((step - first) % self.hours).astype(np.int32),
            row_period=np.zeros(shape[0], np.int32),
            row_step=np.concatenate([(row_step - first) % self.hours, np.full(len(sums), BORDER)]).astype(np.int32),
        ), sums  # fmt: skip


def _span(start: Longs, first: int, last: int) -> Longs:
    """Return the indices of the hours from `first` up to `last`, around the end of the year where they pass it."""
    hours = len(start) - 1
    begin = first % hours
    end = begin + last - first
    if end <= hours:
        return np.arange(start[begin], start[end])
    return np.concatenate([np.arange(start[begin], start[hours]), np.arange(start[0], start[end - hours])])


def chain_of(problem: LinearProblem) -> Chain | None:
    """Return a problem as a chain; None where it cannot be cut.

    It cannot with whole numbers, several periods, or a column without an hour that more than one sum over the year knows (a capacity that
    is decided, the highest purchase of a month).
    """
    if problem.integer is not None or problem.column_period.max(initial=0) > 0 or problem.row_period.max(initial=0) > 0:
        return None
    hours = int(problem.column_step.max(initial=BORDER)) + 1
    if hours < 1:
        return None
    columns = np.argsort(problem.column_step, kind="stable")
    rows = np.argsort(problem.row_step, kind="stable")
    edges = np.arange(hours + 1)
    column_start = np.searchsorted(problem.column_step[columns], edges)
    row_start = np.searchsorted(problem.row_step[rows], edges)
    matrix = problem.matrix.tocsr()[rows].tocsc()[:, columns]
    chain = Chain(
        problem, columns, rows, column_start, row_start, matrix, problem.cost[columns].copy(), problem.lower[columns],
        problem.upper[columns], problem.row_lower[rows].copy(), problem.row_upper[rows].copy(),
        _joints(matrix, column_start, row_start), np.zeros(int(row_start[0])),
    )  # fmt: skip
    return chain if _without_columns_of_the_year(chain) else None


def _joints(matrix: sparse.csc_array, column_start: Longs, row_start: Longs) -> NDArray[np.bool_]:
    """Return the columns that a row of another hour reads."""
    column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    timed = (column >= column_start[0]) & (matrix.indices >= row_start[0])
    hour_of_column = np.searchsorted(column_start, column[timed], side="right")
    hour_of_row = np.searchsorted(row_start, matrix.indices[timed], side="right")
    joints = np.zeros(matrix.shape[1], bool)
    joints[column[timed][hour_of_column != hour_of_row]] = True
    return joints


def _without_columns_of_the_year(chain: Chain) -> bool:
    """Take columns without an hour into the sides and costs of the sum that they stand in, in place; tell whether that was possible.

    From :math:`a^T x + b z = s` with :math:`z \\in [l, u]` at the price c follow sides of :math:`a^T x` and the price −c a / b of x.
    """
    for j in range(int(chain.column_start[0])):
        column = chain.matrix[:, [j]]
        if chain.lower[j] == chain.upper[j]:
            amount = np.zeros(len(chain.row_lower))
            amount[column.indices] = column.data * chain.lower[j]
            chain.row_lower[:] -= amount
            chain.row_upper[:] -= amount
            continue
        if not column.nnz and np.isfinite(chain.lower[j]) and chain.cost[j] >= 0:
            continue
        if column.nnz != 1 or column.indices[0] >= chain.sums:
            return False
        row, b = int(column.indices[0]), float(column.data[0])
        side = chain.row_lower[row]
        if side != chain.row_upper[row]:
            return False
        if chain.cost[j]:
            chain.prices[row] = chain.cost[j] / b
            chain.cost[:] -= chain.matrix[[row], :].toarray().ravel() * chain.prices[row]
        ends = sorted((side - b * chain.lower[j], side - b * chain.upper[j]))
        chain.row_lower[row], chain.row_upper[row] = ends
    return True
