r"""Factorisation of the Newton matrix of a linear programme whose time steps form chains.

The matrix is :math:`\begin{pmatrix} -D & A^T \\ A & E \end{pmatrix}` with positive diagonals D (columns) and E (rows). Columns with their
limits are eliminated one by one, the blocks of each period from both ends of the year to its middle, the border of each period, and last
what is common to all periods.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy import sparse

from tanlu.energy.problem import Floats
from tanlu.energy.solvers import structured_kernels as kernels
from tanlu.energy.solvers import structured_lists as lists
from tanlu.energy.solvers.structured_crew import Crew
from tanlu.energy.solvers.structured_order import COMMON, Longs, Order

DEPENDENT: Final = 1e-17
"""A pivot below this share of its row's diagonal counts as zero."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Sizes and places of the dense matrices.

    Parameters
    ----------
    outlet : (T,) array
        Number of rows of the next block that a block is joined to.
    outward : (T,) array
        First row of a block that is joined to the next.
    place_start, places : arrays
        The rows of the next block, counted in it.
    offset : (T + 1,) array
        Where the matrix of a block begins.
    own, carried : lists of arrays
        Border unknowns of a period; unknowns common to all periods that its blocks touch, then those that only its border touches.
    inner : list of int
        Number of border unknowns that the blocks of a period touch (own ones and common ones).
    common : array
        Border unknowns common to all periods.
    """

    outlet: Longs
    outward: Longs
    place_start: Longs
    places: Longs
    offset: Longs
    own: list[Longs]
    shared: list[Longs]
    inner: list[int]
    common: Longs
    place: Any
    following: Longs
    inlet: Any
    chained_period: Longs
    block_of: Longs


def _layout(order: Order, matrix: sparse.csc_array, rows: sparse.csr_array) -> Layout:
    """Return the sizes and places of the dense matrices."""
    periods = len(order.ahead)
    blocks = len(order.block_start) - 1
    block_of = np.repeat(np.arange(blocks), np.diff(order.block_start))
    block_period = np.repeat(np.arange(periods), np.diff(order.chain_start))
    middle = order.chain_start[1:][block_period] - 1
    number = np.arange(blocks)
    forwards = number < (order.chain_start[:-1] + order.ahead)[block_period]
    last_ahead = number == (order.chain_start[:-1] + order.ahead - 1)[block_period]
    following = np.where(last_ahead, middle, np.where(number == middle, -1, number + 1)) if blocks else number
    inlet = np.zeros((order.chained, 2), np.int64)
    outlet, outward = np.zeros(blocks, np.int64), np.zeros(blocks, np.int64)
    starts, places = [0], []
    for b in range(blocks):
        begin, end = order.block_start[b], order.block_start[b + 1]
        n = following[b]
        outward[b] = end - begin
        if n >= 0:
            source = slice(order.block_start[n], order.block_start[n + 1])
            found = np.flatnonzero((order.after if not forwards[b] else order.before)[source])
            inlet[source, 0 if n == b + 1 else 1][found] = np.arange(len(found))
            outlet[b] = len(found)
            outward[b] -= np.count_nonzero((order.after if forwards[b] else order.before)[begin:end])
            places.append(found)
        starts.append(starts[-1] + int(outlet[b]))
    chained_period = block_period[block_of] if blocks else np.zeros(0, np.int64)
    touched = lists.touches(
        matrix.indptr, matrix.indices, rows.indptr, rows.indices, order.stars, order.limits, order.chained, order.limit_start,
        order.star_period, chained_period, order.border_period, periods,
    )  # fmt: skip
    own = [np.flatnonzero(order.border_period == p) for p in range(periods)]
    common = np.flatnonzero(order.border_period < 0)
    deep = [common[touched[p, common] == 2] for p in range(periods)]
    shared = [np.concatenate([deep[p], common[touched[p, common] == 1]]) for p in range(periods)]
    place = np.full((periods + 1, len(order.border_period)), -1, np.int64)
    for p in range(periods):
        place[p, own[p]] = np.arange(len(own[p]))
        place[p, shared[p]] = len(own[p]) + np.arange(len(shared[p]))
    place[periods, common] = np.arange(len(common))
    inner = [len(own[p]) + len(deep[p]) for p in range(periods)]
    widths = np.diff(order.block_start) + outlet + np.asarray(inner, np.int64)[block_period] if blocks else outlet
    offset = np.concatenate([[0], np.cumsum(np.diff(order.block_start) * widths)])
    return Layout(
        outlet, outward, np.asarray(starts), np.concatenate([np.zeros(0, np.int64), *places]), offset, own, shared, inner, common, place,
        following, inlet, chained_period, block_of,
    )  # fmt: skip


def _without_lonely(order: Order, matrix: sparse.csc_array, rows: sparse.csr_array) -> Order:
    """Return the order with border unknowns that no block of their period touches counted as common to all periods.

    The rows that sum what was built are such. Blocks carry all unknowns of their period's border along, and are done sooner without them.
    """
    blocks = len(order.block_start) - 1
    if not len(order.ahead):
        return order
    block_period = np.repeat(np.arange(len(order.ahead)), np.diff(order.chain_start))
    chained_period = block_period[np.repeat(np.arange(blocks), np.diff(order.block_start))]
    touched = lists.touches(
        matrix.indptr, matrix.indices, rows.indptr, rows.indices, order.stars, order.limits, order.chained, order.limit_start,
        order.star_period, chained_period.astype(np.int64), order.border_period, len(order.ahead),
    )  # fmt: skip
    deep = touched[order.border_period, np.arange(len(order.border_period))] == 2
    return replace(order, border_period=np.where(deep, order.border_period, COMMON))


class Factor:
    """Newton matrix of a problem: structure found once, numbers factored again and again.

    Parameters
    ----------
    order : Order
    matrix : (m, n) csc_array
        Coefficients in that order.
    rows : (m, n) csr_array
        The same by rows.
    crew : Crew
    """

    def __init__(self, order: Order, matrix: sparse.csc_array, rows: sparse.csr_array, crew: Crew) -> None:
        order = _without_lonely(order, matrix, rows)
        self.order, self.matrix, self.rows, self.crew = order, matrix, rows, crew
        self.layout = layout = _layout(order, matrix, rows)
        limits, stars = order.limits, order.stars
        self.limit_value = rows.data[rows.indptr[:limits]] if limits else np.zeros(0)
        count = np.diff(order.limit_start)
        self.pair_start = np.concatenate([[0], np.cumsum(count * (count - 1) // 2)])
        self.weights = np.ones(1 + stars + 2 * limits + int(self.pair_start[-1]))
        self.diagonal = np.ones(0)
        self.slack = np.ones(0)
        self.dense = np.empty(int(layout.offset[-1]))
        self._list_products()
        self.correctors = self._worthwhile_correctors()
        q = max([*layout.inner, 0])
        joined = int(layout.outlet.max(initial=0))
        arms = 2 * len(order.ahead)
        self.carry = [np.zeros((joined, joined + q)) for _ in range(arms)]
        self.total = [np.zeros((layout.inner[a // 2], layout.inner[a // 2])) for a in range(arms)]
        self.periods: list[Floats] = []
        self.final = np.zeros((0, 0))
        self.dependent = 0

    def _list_products(self) -> None:
        """List where each product of coefficients goes."""
        order, layout = self.order, self.layout
        blocks, periods = len(order.block_start) - 1, len(order.ahead)
        sizes = np.array(
            [len(layout.own[p]) + len(layout.shared[p]) for p in range(periods)] + [len(layout.common)], np.int64
        )
        height = np.diff(order.block_start)
        period = np.repeat(np.arange(periods), np.diff(order.chain_start))
        width = height + layout.outlet + (np.asarray(layout.inner, np.int64)[period] if blocks else 0)
        fill = np.zeros(blocks + periods + 1, np.int64)
        arguments = (
            self.matrix.indptr, self.matrix.indices, self.matrix.data, self.rows.indptr, self.rows.indices, self.rows.data,
            order.stars, order.limits, order.chained, order.limit_start, self.limit_value, layout.block_of, order.block_start, width,
            height + layout.outlet, layout.following, layout.inlet, layout.chained_period, order.border_period, layout.place, sizes, blocks,
        )  # fmt: skip
        lists.products(*arguments, fill, np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
        self.product_start = np.concatenate([[0], np.cumsum(fill)])
        size = int(self.product_start[-1])
        self.target, self.source, self.factor = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size)
        lists.products(*arguments, self.product_start[:-1].copy(), self.target, self.source, self.factor)
        self.sizes = sizes

    def _worthwhile_correctors(self) -> int:
        """Return how many centrality correctors pay, from the work of a factorisation relative to that of a solution."""
        layout, height = self.layout, np.diff(self.order.block_start).astype(float)
        if not len(height):
            return 1
        width = np.diff(layout.offset) / np.maximum(height, 1)
        factoring = float(height @ width**2) + len(self.target)
        solving = 4.0 * float(height @ width) + 8.0 * self.matrix.nnz + 16.0 * sum(self.matrix.shape)
        return int(np.clip(factoring / solving / 6, 2, 3))

    def update(self, diagonal: Floats, slack: Floats) -> None:
        """Factor with new diagonals D of the columns and E of the rows, all positive."""
        order, layout, crew = self.order, self.layout, self.crew
        self.diagonal, self.slack = diagonal, slack
        crew.spread(
            kernels.weigh,
            order.stars,
            diagonal,
            slack,
            order.limit_start,
            self.limit_value,
            self.pair_start,
            self.weights,
        )
        for total in self.total:
            total[:] = 0.0
        arms = [arm for p in range(len(order.ahead)) for arm in self._arms(p)]
        self.dependent = sum(crew.each(self._factor_arm, arms))
        self.dependent += sum(crew.each(self._factor_middle, range(len(order.ahead))))
        common = len(layout.common)
        final: Any = np.zeros(common * common)
        blocks = len(order.block_start) - 1
        self._gather(blocks + len(order.ahead), final)
        final = final.reshape(common, common)
        border = np.concatenate([-diagonal[order.stars :], slack[order.limits + order.chained :]])
        final[np.arange(common), np.arange(common)] += border[layout.common]
        self.periods = crew.each(lambda p: self._factor_period(p, border), range(len(order.ahead)))
        scale = np.abs(np.diagonal(final))
        for p, square in enumerate(self.periods):
            own = len(layout.own[p])
            shared = layout.place[len(order.ahead), layout.shared[p]]
            rest = np.triu(square[own:, own:])
            # common unknowns stand in another order in a period: fill both triangles
            final[np.ix_(shared, shared)] += rest + np.triu(rest, 1).T
            scale[shared] += np.abs(np.diagonal(rest))
        self.dependent += kernels.factor_border(final, common, self._negative(layout.common), DEPENDENT, scale)
        self.final = final

    def _negative(self, unknowns: Longs) -> int:
        """Return how many of some border unknowns are columns."""
        return int(np.count_nonzero(unknowns < self.order.border_columns))

    def _factor_period(self, p: int, border: Floats) -> Floats:
        """Return the factored border of a period."""
        layout, size, inner = self.layout, int(self.sizes[p]), self.layout.inner[p]
        own, store = len(layout.own[p]), np.zeros(size * size)
        self._gather(len(self.order.block_start) - 1 + p, store)
        square = store.reshape(size, size)
        square[np.arange(own), np.arange(own)] += border[layout.own[p]]
        scale = np.abs(np.diagonal(square))
        square[:inner, :inner] -= self.total[2 * p] + self.total[2 * p + 1]
        kernels.factor_border(square, own, self._negative(layout.own[p]), DEPENDENT, scale)
        return square

    def _gather(self, bucket: int, out: Floats) -> None:
        """Add the listed products of a border matrix."""
        kernels.gather(
            self.product_start[bucket],
            self.product_start[bucket + 1],
            self.target,
            self.source,
            self.factor,
            self.weights,
            out,
        )

    def _arms(self, p: int) -> list[tuple[int, int, int]]:
        """Return the two runs of blocks of a period with their number: forwards and backwards, without the middle."""
        first, last, ahead = (
            int(self.order.chain_start[p]),
            int(self.order.chain_start[p + 1]),
            int(self.order.ahead[p]),
        )
        return [(2 * p, first, first + ahead), (2 * p + 1, first + ahead, max(last - 1, first + ahead))]

    def _run(self, arm: int, first: int, last: int, fresh: bool, other: int) -> int:
        """Factor a run of blocks."""
        order, layout = self.order, self.layout
        carry = self.carry[arm]
        spare = self.carry[arm - 1] if other >= 0 else carry
        dependent: int = kernels.factor_blocks(
            first, last, fresh, layout.inner[arm // 2], order.block_start, layout.outlet, layout.outward, layout.place_start, layout.places,
            layout.offset, self.product_start, self.target, self.source, self.factor, self.weights, self.slack[order.limits :], DEPENDENT,
            self.dense, carry, spare, other, self.total[arm],
        )  # fmt: skip
        return dependent

    def _factor_arm(self, arm: tuple[int, int, int]) -> int:
        """Factor the blocks of an arm."""
        return self._run(*arm, True, -1)

    def _factor_middle(self, p: int) -> int:
        """Factor the block in the middle of a period, after both arms."""
        (_, first, join), (arm, _, last) = self._arms(p)
        if self.order.chain_start[p + 1] == first:
            return 0
        return self._run(arm, last, last + 1, last == join, join - 1 if join > first else -1)

    def solve(self, f: Floats, g: Floats) -> tuple[Floats, Floats]:
        """Return x and y with −D x + Aᵀ y = f and A x + E y = g."""
        order, crew = self.order, self.crew
        stars, limits, chained = order.stars, order.limits, order.chained
        rows, columns = self.rows, self.matrix
        m, n = rows.shape
        x, y = np.zeros(n), np.zeros(m)
        alone = (self.diagonal, self.slack, order.limit_start, self.limit_value, x, y)
        crew.spread(kernels.solve_columns, stars, f, g, *alone)
        right = np.empty(m)
        crew.spread(kernels.multiply, m, rows.indptr, rows.indices, rows.data, x, g, -1.0, right)
        border = np.empty(n)
        start = columns.indptr[stars:]
        kernels.multiply(0, n - stars, start, columns.indices, columns.data, y, f[stars:], -1.0, border)
        z = right[limits : limits + chained]
        unknown = np.concatenate([border[: n - stars], right[limits + chained :]])
        self._solve_reduced(z, unknown)
        y[:limits] = 0.0
        y[limits : limits + chained] = z
        y[limits + chained :] = unknown[n - stars :]
        x[:stars] = 0.0
        x[stars:] = unknown[: n - stars]
        left = np.empty(n)
        crew.spread(kernels.multiply, stars, columns.indptr, columns.indices, columns.data, y, f, -1.0, left)
        crew.spread(kernels.multiply, limits, rows.indptr, rows.indices, rows.data, x, g, -1.0, right)
        crew.spread(kernels.solve_columns, stars, left, right, *alone)
        return x, y

    def _solve_reduced(self, z: Floats, unknown: Floats) -> None:
        """Solve for the rows of blocks and the border, in place."""
        order, layout, crew = self.order, self.layout, self.crew
        periods = range(len(order.ahead))
        joined = int(layout.outlet.max(initial=0))
        carry = [np.zeros(joined) for _ in range(2 * len(periods))]
        total = [np.zeros(layout.inner[a // 2]) for a in range(2 * len(periods))]
        blocks = (order.block_start, layout.outlet, layout.place_start, layout.places, layout.offset, self.dense, z)

        def ahead(arm: tuple[int, int, int]) -> None:
            number, first, last = arm
            q = layout.inner[number // 2]
            kernels.forward_blocks(first, last, True, q, *blocks, carry[number], carry[number], -1, total[number])

        def middle(p: int) -> None:
            (_, first, join), (arm, _, last) = self._arms(p)
            if order.chain_start[p + 1] > first:
                other = join - 1 if join > first else -1
                kernels.forward_blocks(
                    last,
                    last + 1,
                    last == join,
                    layout.inner[p],
                    *blocks,
                    carry[arm],
                    carry[arm - 1],
                    other,
                    total[arm],
                )

        crew.each(ahead, [arm for p in periods for arm in self._arms(p)])
        crew.each(middle, periods)
        final = unknown[layout.common]
        rights = []
        for p in periods:
            own, right = len(layout.own[p]), np.zeros(int(self.sizes[p]))
            right[:own] = unknown[layout.own[p]]
            right[: layout.inner[p]] += total[2 * p] + total[2 * p + 1]
            kernels.forward_border(self.periods[p], own, self._negative(layout.own[p]), right)
            final[layout.place[len(order.ahead), layout.shared[p]]] += right[own:]
            rights.append(right)
        kernels.forward_border(self.final, len(final), self._negative(layout.common), final)
        kernels.backward_border(self.final, len(final), final)
        unknown[layout.common] = final
        for p in periods:
            own, right = len(layout.own[p]), rights[p]
            right[own:] = unknown[layout.shared[p]]
            kernels.backward_border(self.periods[p], own, right)
            unknown[layout.own[p]] = right[:own]

        def back(arm: tuple[int, int, int]) -> None:
            number, first, last = arm
            p = number // 2
            kernels.backward_blocks(
                first, last, int(order.chain_start[p + 1]) - 1, layout.inner[p], *blocks, rights[p][: layout.inner[p]]
            )

        ends = [int(order.chain_start[p + 1]) for p in periods]
        crew.each(back, [(2 * p, ends[p] - 1, ends[p]) for p in periods if ends[p] > order.chain_start[p]])
        crew.each(back, [arm for p in periods for arm in self._arms(p)])
