"""The chains of blocks of the structured factorisation: one a period, eliminated from both ends of the year to its middle."""

from __future__ import annotations

from typing import Final

import numpy as np

from tanlu.energy.problem import Floats
from tanlu.energy.solvers.structured import blocks as kernels
from tanlu.energy.solvers.structured.crew import Crew
from tanlu.energy.solvers.structured.layout import Layout
from tanlu.energy.solvers.structured.light import Plan, light_rows
from tanlu.energy.solvers.structured.lists import Products
from tanlu.energy.solvers.structured.order import Longs, Order

DEPENDENT: Final = 1e-17
"""A pivot below this share of its row's diagonal counts as zero."""


class Chains:
    """Blocks of all periods, without their border.

    Parameters
    ----------
    order : Order
    layout : Layout
    products : Products
        Their targets in blocks become places in the work array of `light`.
    crew : Crew

    Attributes
    ----------
    total : list of (q, q) arrays
        What the blocks of an arm leave for the border of their period (upper triangle); two arms a period.
    """

    def __init__(self, order: Order, layout: Layout, products: Products, crew: Crew) -> None:
        self.order, self.layout, self.crew = order, layout, crew
        self.products = products
        periods = range(len(order.ahead))
        self.plan = self._plan()
        self.dense = np.empty(int(self.plan.dense_start[-1]))
        self.value = np.empty(int(self.plan.value_start[-1]))
        self.join = np.empty(len(self.plan.join_index))
        joined = int(layout.outlet.max(initial=0))
        borders = [layout.inner[p] for p in periods for _ in range(2)]
        self.carry = [np.zeros(joined * (joined + border)) for border in borders]
        self.total = [np.zeros((border, border)) for border in borders]
        self.arms = [arm for p in periods for arm in self._arms(p)]

    def _plan(self) -> Plan:
        """Return the plan of the blocks."""
        order, layout = self.order, self.layout
        joined = np.asarray(order.after | order.before)
        border = np.repeat(np.asarray(layout.inner, np.int64), np.diff(order.chain_start))
        start, target = self.products.start, self.products.target
        plan = Plan(*light_rows(order.block_start, layout.outlet, border, joined, start, target))
        # the places of joined rows in the next block, once its light rows stand first
        rank = np.empty(order.chained, np.int64)
        rank[plan.old] = np.arange(order.chained)
        onward = order.block_start[np.repeat(layout.following, layout.outlet)]
        places = rank[onward + layout.places] - onward
        self.ends = (order.block_start, layout.outlet, layout.outward, layout.place_start, places)
        return plan

    @property
    def work(self) -> tuple[float, float]:
        """Return how many multiplications a factorisation and a solution take, about."""
        plan, layout = self.plan, self.layout
        heavy = (np.diff(self.order.block_start) - plan.light).astype(float)
        border = np.repeat(np.asarray(layout.inner, float), np.diff(self.order.chain_start))
        factoring = (
            float(heavy @ (heavy + layout.outlet + border) ** 2) / 4 + len(self.products.target) + len(plan.update)
        )
        return factoring, 4.0 * len(self.dense)

    def _arms(self, p: int) -> list[tuple[int, int, int]]:
        """Return the two runs of blocks of a period with their number: forwards and backwards, without the middle."""
        first, last = int(self.order.chain_start[p]), int(self.order.chain_start[p + 1])
        join = first + int(self.order.ahead[p])
        return [(2 * p, first, join), (2 * p + 1, join, max(last - 1, join))]

    def factor(self, weights: Floats, slack: Floats) -> int:
        """Factor with new weights of the products and new diagonals of the rows; return the number of dependent rows."""
        for total in self.total:
            total[:] = 0.0
        slack = slack[self.plan.old]

        def run(arm: int, first: int, last: int, fresh: bool, other: int) -> int:
            spare = self.carry[arm - 1] if other >= 0 else self.carry[arm]
            dependent: int = kernels.factor_blocks(
                first, last, fresh, self.ends, self.plan, (*self.products, weights), slack, DEPENDENT, self.dense,
                self.value, self.join, self.carry[arm], spare, other, self.total[arm],
            )  # fmt: skip
            return dependent

        def middle(p: int) -> int:
            (_, first, join), (arm, _, last) = self.arms[2 * p : 2 * p + 2]
            if self.order.chain_start[p + 1] == first:
                return 0
            return run(arm, last, last + 1, last == join, join - 1 if join > first else -1)

        dependent = sum(self.crew.each(lambda arm: run(*arm, True, -1), self.arms))
        return dependent + sum(self.crew.each(middle, range(len(self.order.ahead))))

    def solve(self, p: int, z: Floats) -> None:
        """Solve with the blocks of a period in place; rows stand in the order of the plan.

        Periods are solved at the same time, each by one thread; one that is alone has a thread for each of its arms.
        """
        (_, first, join), (_, _, last) = arms = self.arms[2 * p : 2 * p + 2]
        if self.order.chain_start[p + 1] == first:
            return
        carry = [np.zeros(int(self.layout.outlet.max(initial=0))) for _ in arms]
        blocks = (self.ends, self.plan, self.dense, self.value, z)
        if len(self.order.ahead) > 1:
            kernels.solve_chain(first, join, last, *blocks, *carry)
            return

        def ahead(arm: int) -> None:
            kernels.forward_blocks(*arms[arm][1:], True, *blocks, carry[arm], carry[arm], -1)

        def back(arm: int) -> None:
            kernels.backward_blocks(*arms[arm][1:], last, *blocks)

        self.crew.each(ahead, range(2))
        kernels.solve_middle(first, join, last, *blocks, *carry)
        self.crew.each(back, range(2))

    def _rows(self, p: int) -> tuple[int, int]:
        """Return the first row of the blocks of a period, and the one after the last."""
        ends = self.order.block_start[self.order.chain_start[p : p + 2]]
        return int(ends[0]), int(ends[1])

    def subtract_from_border(self, p: int, z: Floats, right: Floats) -> None:
        """Subtract from the border of a period the products of its rows and what joins them to it."""
        kernels.subtract_from_border(*self._rows(p), self.plan.join_start, self.plan.join_index, self.join, z, right)

    def subtract_from_rows(self, p: int, border: Floats, z: Floats) -> None:
        """Subtract from the rows of a period the products of its border and what joins them to it."""
        kernels.subtract_from_rows(*self._rows(p), self.plan.join_start, self.plan.join_index, self.join, border, z)

    @property
    def old(self) -> Longs:
        """Return the row in the order of the problem for each row in the order of the plan."""
        rows: Longs = self.plan.old
        return rows
