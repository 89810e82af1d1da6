"""A linear programme with the structure of an energy system: named blocks, and for every column and row its period and time step.

The compiler makes it, the solvers read it, and every answer is traced back through it to the words of the user. Quantities are in
GW, GWh, million CNY and kt, which keeps coefficients near one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

BORDER: Final = -1
"""Period or step of a column or row that belongs to no single period or time step."""


@dataclass(frozen=True, slots=True)
class Block:
    """A named array of columns or rows that stand one after the other in the problem.

    Parameters
    ----------
    name : str
        ``component.quantity``, for example ``changsha.pv.production``.
    start : int
        Index of its first column or row.
    shape : tuple of int
        Shape of the array, in C order.
    axes : tuple of str
        What the axes are: ``period``, ``step`` or the name of another axis; as many as `shape` has.
    unit : str
        Unit of a value (of a column) or of the row's sides, for example ``GW``.
    """

    name: str
    start: int
    shape: tuple[int, ...]
    axes: tuple[str, ...]
    unit: str

    @property
    def size(self) -> int:
        """Number of columns or rows."""
        return math.prod(self.shape)

    @property
    def index(self) -> Indices:
        """Indices of its columns or rows, in the shape of the block."""
        return np.arange(self.start, self.start + self.size, dtype=np.int32).reshape(self.shape)


@dataclass(frozen=True, eq=False)
class LinearProblem:
    r"""Minimise :math:`c^T x + c_0` subject to :math:`l_r \le A x \le u_r`, :math:`l \le x \le u`.

    Parameters
    ----------
    cost : (n,) array
        :math:`c` [million CNY per unit of the column].
    matrix : (m, n) csc_array
        :math:`A`, without explicit duplicates, row indices sorted.
    row_lower, row_upper : (m,) array
        Sides of the rows; equal for an equation, infinite where open.
    lower, upper : (n,) array
        Bounds of the columns.
    columns, rows : tuple of Block
        Names, in the order of the indices, without gaps.
    column_period, column_step, row_period, row_step : (n,) and (m,) int32 array
        Period and time step of each column and row, `BORDER` where it has none. A row of step t has entries only in columns of its own
        period at steps t and t − 1 (cyclic rows of step 0 also at the last step) and in columns without a step; rows without a
        step may have entries anywhere.
    integer : (n,) bool array or None
        Columns that must be whole numbers.
    offset : float
        :math:`c_0` [million CNY].
    """

    cost: Floats
    matrix: sparse.csc_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    columns: tuple[Block, ...]
    rows: tuple[Block, ...]
    column_period: Indices
    column_step: Indices
    row_period: Indices
    row_step: Indices
    integer: NDArray[np.bool_] | None = None
    offset: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return len(self.row_lower), len(self.cost)

    @cached_property
    def column_blocks(self) -> dict[str, Block]:
        """Blocks of columns by name."""
        return {block.name: block for block in self.columns}

    @cached_property
    def row_blocks(self) -> dict[str, Block]:
        """Blocks of rows by name."""
        return {block.name: block for block in self.rows}

    def column(self, index: int) -> tuple[Block, tuple[int, ...]]:
        """Return the block of a column and its place in the block."""
        return _locate(self.columns, index)

    def row(self, index: int) -> tuple[Block, tuple[int, ...]]:
        """Return the block of a row and its place in the block."""
        return _locate(self.rows, index)

    def values(self, vector: Floats, name: str) -> Floats:
        """Return the part of a vector over columns that belongs to the block `name`, in the shape of the block."""
        block = self.column_blocks[name]
        return vector[block.start : block.start + block.size].reshape(block.shape)

    def row_values(self, vector: Floats, name: str) -> Floats:
        """Return the part of a vector over rows that belongs to the block `name`, in the shape of the block."""
        block = self.row_blocks[name]
        return vector[block.start : block.start + block.size].reshape(block.shape)

    def with_row(self, name: str, coefficients: Floats, lower: float, upper: float, unit: str = "") -> LinearProblem:
        """Return the problem with one more row over all columns."""
        return replace(
            self,
            matrix=sparse.vstack([self.matrix, sparse.csr_array(coefficients[None, :])], format="csc"),
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, upper),
            rows=(*self.rows, Block(name, len(self.row_lower), (1,), ("whole",), unit)),
            row_period=np.append(self.row_period, np.int32(BORDER)),
            row_step=np.append(self.row_step, np.int32(BORDER)),
        )

    def objective(self, primal: Floats) -> float:
        """Return the objective of a point [million CNY]."""
        return float(self.cost @ primal) + self.offset


def _locate(blocks: tuple[Block, ...], index: int) -> tuple[Block, tuple[int, ...]]:
    """Return the block that holds an index and the place in it."""
    low, high = 0, len(blocks)
    while high - low > 1:
        middle = (low + high) // 2
        if blocks[middle].start <= index:
            low = middle
        else:
            high = middle
    block = blocks[low]
    if not block.start <= index < block.start + block.size:
        raise IndexError(index)
    return block, tuple(int(i) for i in np.unravel_index(index - block.start, block.shape))
