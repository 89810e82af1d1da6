"""Assembles a linear programme from blocks: each call adds an array of columns, an array of rows, or their coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from tanlu.energy.problem import BORDER, Block, Floats, Indices, LinearProblem

_TIME: Final = ("period", "step")


_LARGE: Final = 1 << 20
"""Numbers from which on an array grows by less at a time."""


class _Growing:
    """One array as it grows, part by part, in one piece of memory: many small ones leave holes when they are let go."""

    def __init__(self, dtype: type = np.float64) -> None:
        self._array: NDArray = np.empty(0, dtype)  # type: ignore[type-arg]
        self._size = 0

    def append(self, part: NDArray) -> None:  # type: ignore[type-arg]
        """Add a part at the end."""
        size = self._size + part.size
        if size > len(self._array):
            self._array.resize(size + size // (8 if size > _LARGE else 1), refcheck=False)
        self._array[self._size : size] = part
        self._size = size

    def whole(self) -> NDArray:  # type: ignore[type-arg]
        """Return the array and keep nothing."""
        whole = self._array
        whole.resize(self._size, refcheck=False)
        self._array, self._size = np.empty(0, whole.dtype), 0
        return whole


class _Side:
    """Columns or rows as they grow: names, two bounds, and the period and step of each."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.lower, self.upper = _Growing(), _Growing()
        self.period, self.step = _Growing(np.int32), _Growing(np.int32)
        self.names: set[str] = set()
        self.size = 0

    def grow(
        self,
        name: str,
        axes: Sequence[str],
        shape: Sequence[int],
        unit: str,
        lower: ArrayLike,
        upper: ArrayLike,
        periods: ArrayLike | None,
    ) -> Indices:
        if name in self.names:
            raise ValueError(f"{name} is in the problem already")
        block = Block(name, self.size, tuple(shape), tuple(axes), unit)
        self.blocks.append(block)
        self.names.add(name)
        self.size += block.size
        for bounds, value in ((self.lower, lower), (self.upper, upper)):
            bounds.append(_spread(value, block))
        self.period.append(_positions(block, "period", periods))
        self.step.append(_positions(block, "step", None))
        return block.index


def _spread(value: ArrayLike, block: Block) -> Floats:
    """Return a value over all elements of a block, one after the other; most are one number, for which this is the shortest way."""
    array = np.asarray(value, float)
    return np.full(block.size, array) if array.ndim == 0 else np.broadcast_to(array, block.shape).ravel()


def _positions(block: Block, axis: str, given: ArrayLike | None) -> Indices:
    """Return the position along an axis of every element of a block, `BORDER` where the block has no such axis."""
    if axis == "period" and given is not None:
        return np.broadcast_to(np.asarray(given, np.int32), block.shape).ravel()
    if axis not in block.axes:
        return np.full(block.size, BORDER, np.int32)
    if block.axes == _TIME:
        periods, steps = block.shape
        if axis == "period":
            return np.repeat(np.arange(periods, dtype=np.int32), steps)
        return np.tile(np.arange(steps, dtype=np.int32), periods)
    along = block.axes.index(axis)
    position = np.arange(block.shape[along], dtype=np.int32)
    return np.broadcast_to(
        position.reshape([-1 if k == along else 1 for k in range(len(block.shape))]), block.shape
    ).ravel()


class ProblemBuilder:
    """Grows columns, rows and coefficients and hands them over as one `LinearProblem`."""

    def __init__(self) -> None:
        self._columns = _Side()
        self._rows = _Side()
        self._cost, self._integer = _Growing(), _Growing(np.bool_)
        self._entry_rows, self._entry_columns, self._coefficients = _Growing(np.int32), _Growing(np.int32), _Growing()
        self._right_hand_sides: list[tuple[Indices, Floats]] = []
        self._added_costs: list[tuple[Indices, Floats]] = []
        self.offset = 0.0

    def columns(
        self,
        name: str,
        shape: Sequence[int],
        axes: Sequence[str] = _TIME,
        *,
        unit: str = "GW",
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        integer: bool = False,
        periods: ArrayLike | None = None,
    ) -> Indices:
        """Add an array of columns and return their indices, in its shape.

        Parameters
        ----------
        name : str
            Name of the block; each only once.
        shape, axes
            Shape of the array and what its axes are.
        unit : str
            Unit of the values.
        lower, upper, cost : array_like
            Bounds and cost [million CNY per unit], broadcast over the shape.
        integer : bool
            Whether only whole numbers count.
        periods : array_like, optional
            Periods of the columns where the axes do not tell; a column that several periods share has none.

        Raises
        ------
        ValueError
            When the name is taken.
        """
        index = self._columns.grow(name, axes, shape, unit, lower, upper, periods)
        self._cost.append(_spread(cost, self._columns.blocks[-1]))
        self._integer.append(np.full(index.size, integer))
        return index

    def rows(
        self,
        name: str,
        shape: Sequence[int],
        axes: Sequence[str] = _TIME,
        *,
        unit: str = "GW",
        lower: ArrayLike = 0.0,
        upper: ArrayLike = 0.0,
        periods: ArrayLike | None = None,
    ) -> Indices:
        """Add an array of rows (equations unless the sides differ) and return their indices, in its shape.

        Raises
        ------
        ValueError
            When the name is taken.
        """
        return self._rows.grow(name, axes, shape, unit, lower, upper, periods)

    def add(self, rows: ArrayLike, columns: ArrayLike, coefficients: ArrayLike) -> None:
        """Add coefficients; the three are broadcast against each other, and what meets twice is summed."""
        row, column, value = np.asarray(rows, np.int32), np.asarray(columns, np.int32), np.asarray(coefficients, float)
        if row.shape == column.shape and value.ndim == 0:
            value = np.full(row.shape, value)
        elif not row.shape == column.shape == value.shape:
            row, column, value = np.broadcast_arrays(row, column, value)
        self._entry_rows.append(row.ravel())
        self._entry_columns.append(column.ravel())
        self._coefficients.append(value.ravel())

    def raise_sides(self, rows: ArrayLike, amount: ArrayLike) -> None:
        """Add an amount to both sides of rows, as a fixed term that moves to the right."""
        row, value = np.broadcast_arrays(np.asarray(rows, np.int32), np.asarray(amount, float))
        self._right_hand_sides.append((row.ravel(), value.ravel()))

    def add_cost(self, columns: ArrayLike, cost: ArrayLike) -> None:
        """Add to the cost of columns that exist."""
        column, value = np.broadcast_arrays(np.asarray(columns, np.int32), np.asarray(cost, float))
        self._added_costs.append((column.ravel(), value.ravel()))

    def _matrix(self) -> sparse.csc_array:
        """Return the coefficients as one matrix; what they are gathered in is let go as soon as it can be."""
        places = (self._entry_rows.whole(), self._entry_columns.whole())
        matrix = sparse.coo_array(
            (self._coefficients.whole(), places), shape=(self._rows.size, self._columns.size)
        ).tocsc()
        del places
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix

    def finish(self) -> LinearProblem:
        """Return the problem; the builder should not be used after."""
        matrix = self._matrix()
        lower, upper, cost = self._rows.lower.whole(), self._rows.upper.whole(), self._cost.whole()
        for rows, amount in self._right_hand_sides:
            np.add.at(lower, rows, amount)
            np.add.at(upper, rows, amount)
        for columns, amount in self._added_costs:
            np.add.at(cost, columns, amount)
        self._right_hand_sides.clear()
        self._added_costs.clear()
        integer = self._integer.whole()
        return LinearProblem(
            cost=cost,
            matrix=matrix,
            row_lower=lower,
            row_upper=upper,
            lower=self._columns.lower.whole(),
            upper=self._columns.upper.whole(),
            columns=tuple(self._columns.blocks),
            rows=tuple(self._rows.blocks),
            column_period=self._columns.period.whole(),
            column_step=self._columns.step.whole(),
            row_period=self._rows.period.whole(),
            row_step=self._rows.step.whole(),
            integer=integer if integer.any() else None,
            offset=self.offset,
        )
