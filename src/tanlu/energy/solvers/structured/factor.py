r"""Factorisation of the Newton matrix of a linear programme whose time steps form chains.

The matrix is :math:`\begin{pmatrix} -D & A^T \\ A & E \end{pmatrix}` with positive diagonals D (columns) and E (rows). Columns with their
limits are eliminated one by one, the blocks of each period from both ends of the year to its middle, the border of each period, and last
what is common to all periods.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from tanlu.energy.problem import Floats
from tanlu.energy.solvers.structured import kernels, lists
from tanlu.energy.solvers.structured.chain import DEPENDENT, Chains
from tanlu.energy.solvers.structured.crew import Crew
from tanlu.energy.solvers.structured.layout import make_layout, without_lonely
from tanlu.energy.solvers.structured.order import Longs, Order


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
        order = without_lonely(order, matrix, rows)
        self.order, self.matrix, self.rows, self.crew = order, matrix, rows, crew
        self.layout = layout = make_layout(order, matrix, rows)
        limits, stars = order.limits, order.stars
        self.limit_value = rows.data[rows.indptr[:limits]] if limits else np.zeros(0)
        count = np.diff(order.limit_start)
        self.pair_start = np.concatenate([[0], np.cumsum(count * (count - 1) // 2)])
        self.weights = np.ones(1 + stars + 2 * limits + int(self.pair_start[-1]))
        self.diagonal = np.ones(0)
        self.slack = np.ones(0)
        self.sizes = np.array(
            [*(len(a) + len(b) for a, b in zip(layout.own, layout.shared, strict=True)), len(layout.common)]
        )
        self.products = self._list_products()
        self.chains = Chains(order, layout, self.products, crew)
        self.correctors = self._worthwhile_correctors()
        self.periods: list[Floats] = []
        self.final = np.zeros((0, 0))
        self.dependent = 0

    def _list_products(self) -> lists.Products:
        """Return where each product of coefficients goes."""
        order, layout = self.order, self.layout
        blocks, periods = len(order.block_start) - 1, len(order.ahead)
        height = np.diff(order.block_start)
        border = np.repeat(np.asarray(layout.inner, np.int64), np.diff(order.chain_start))
        places = lists.Places(
            order.limits, order.chained, layout.block_of, order.block_start, height + layout.outlet + border, height + layout.outlet,
            layout.following, layout.inlet, layout.chained_period, order.border_period, layout.place, self.sizes, blocks,
        )  # fmt: skip
        limits = (order.limit_start, self.limit_value, self.pair_start)
        return lists.list_products(self.matrix, self.rows, order.stars, limits, places, blocks + periods + 1, self.crew)

    def _worthwhile_correctors(self) -> int:
        """Return how many centrality correctors pay, from the work of a factorisation relative to that of a solution."""
        if not self.order.chained:
            return 1
        factoring, solving = self.chains.work
        solving += 8.0 * self.matrix.nnz + 16.0 * sum(self.matrix.shape)
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
        self.dependent = self.chains.factor(self.weights, slack[order.limits : order.limits + order.chained])
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
        square[:inner, :inner] -= self.chains.total[2 * p] + self.chains.total[2 * p + 1]
        kernels.factor_border(square, own, self._negative(layout.own[p]), DEPENDENT, scale)
        return square

    def _gather(self, bucket: int, out: Floats) -> None:
        """Add the listed products of a border matrix."""
        kernels.gather(
            self.products.start[bucket],
            self.products.start[bucket + 1],
            *self.products[1:],
            self.weights,
            out,
        )

    def solve(self, f: Floats, g: Floats) -> tuple[Floats, Floats]:
        """Return x and y with −D x + Aᵀ y = f and A x + E y = g."""
        order, crew = self.order, self.crew
        stars, limits, chained = order.stars, order.limits, order.chained
        rows, columns = self.rows, self.matrix
        m, n = rows.shape
        x, y = np.zeros(n), np.zeros(m)
        alone = (self.diagonal, self.slack, order.limit_start, self.limit_value, x, y)
        by_column, by_row = (columns.indptr, columns.indices, columns.data), (rows.indptr, rows.indices, rows.data)
        crew.spread(kernels.solve_columns, stars, False, by_column, by_row, f, g, g, *alone)
        right = np.empty(m - limits)
        start = rows.indptr[limits:]
        crew.spread(
            kernels.multiply,
            m - limits,
            start,
            rows.indices,
            rows.data,
            x,
            g[limits:],
            -1.0,
            right,
            work=rows.nnz - start[0],
        )
        border = np.empty(n - stars)
        start = columns.indptr[stars:]
        kernels.multiply(0, n - stars, start, columns.indices, columns.data, y, f[stars:], -1.0, border)
        z = right[:chained]
        unknown = np.concatenate([border, right[chained:]])
        self._solve_reduced(z, unknown)
        y[limits : limits + chained] = z
        y[limits + chained :] = unknown[n - stars :]
        x[stars:] = unknown[: n - stars]
        crew.spread(kernels.solve_columns, stars, True, by_column, by_row, f, g, np.empty(limits), *alone)
        return x, y

    def _solve_reduced(self, z: Floats, unknown: Floats) -> None:
        """Solve for the rows of blocks and the border, in place."""
        layout, chains, periods = self.layout, self.chains, range(len(self.order.ahead))
        right = z[chains.old]
        alone = right.copy()

        def reach(p: int) -> Floats:
            """Return the border of a period as far as it goes without what is common."""
            own, mine = len(layout.own[p]), np.zeros(int(self.sizes[p]))
            mine[:own] = unknown[layout.own[p]]
            chains.solve(p, alone)
            chains.subtract_from_border(p, alone, mine)
            kernels.forward_border(self.periods[p], own, self._negative(layout.own[p]), mine)
            return mine

        rights = self.crew.each(reach, periods)
        final = unknown[layout.common]
        for p, mine in enumerate(rights):
            final[layout.place[len(periods), layout.shared[p]]] += mine[len(layout.own[p]) :]
        kernels.forward_border(self.final, len(final), self._negative(layout.common), final)
        kernels.backward_border(self.final, len(final), final)
        unknown[layout.common] = final

        def leave(p: int) -> None:
            """Solve for the border and the blocks of a period."""
            own, mine = len(layout.own[p]), rights[p]
            mine[own:] = unknown[layout.shared[p]]
            kernels.backward_border(self.periods[p], own, mine)
            unknown[layout.own[p]] = mine[:own]
            chains.subtract_from_rows(p, mine, right)
            chains.solve(p, right)

        self.crew.each(leave, periods)
        z[chains.old] = right
