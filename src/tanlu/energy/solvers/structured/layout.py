"""Sizes and places of the dense matrices of the structured factorisation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from tanlu.energy.solvers.structured import lists
from tanlu.energy.solvers.structured.order import COMMON, Longs, Order


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
    own: list[Longs]
    shared: list[Longs]
    inner: list[int]
    common: Longs
    place: Any
    following: Longs
    inlet: Any
    chained_period: Longs
    block_of: Longs


def make_layout(order: Order, matrix: sparse.csc_array, rows: sparse.csr_array) -> Layout:
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
    return Layout(
        outlet, outward, np.asarray(starts), np.concatenate([np.zeros(0, np.int64), *places]), own, shared, inner, common, place,
        following, inlet, chained_period, block_of,
    )  # fmt: skip


def without_lonely(order: Order, matrix: sparse.csc_array, rows: sparse.csr_array) -> Order:
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
