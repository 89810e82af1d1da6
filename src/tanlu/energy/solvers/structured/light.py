"""Which rows of a block are eliminated one by one, and where the numbers of a block stand; found once for a problem, with numba.

A row that shares no column with another step is *local*. Most local rows have few neighbours (a balance of heat and the plants that make
it), also after others are eliminated: these *light* rows are taken out of the block one by one, in the order of least degree, with lists of
what each changes. The *heavy* rows that are left form a small dense matrix.

The numbers of a block stand in one work array: the heavy rows and columns (H x H), what joins them to the block eliminated next and to
the border (H x (outlet + border)), each light row (the diagonal, then its neighbours), the coefficients that join rows to the border.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tanlu.energy.solvers.structured.crew import compiled

PRICE = 6
"""A row is light when the square of its degree is at most this often the number of columns that a heavy row has."""


class Plan(NamedTuple):
    """Where the numbers of the blocks stand.

    Parameters
    ----------
    old : (chained,) array
        Row in the order of the problem, for rows in the order of elimination.
    light : (T,) array
        Number of light rows of a block; they stand first in it.
    entry_start : (chained + 1,) array
        Neighbours of each light row; none for a heavy one.
    entry_rows : (chained,) array
        How many of them are rows; those in the border follow.
    entry : array
        Neighbours: place of the row in its block, or number of rows in it plus place in the border.
    update_start, update : (T + 1,) and other arrays
        Places in the work array that pairs of neighbours of light rows change, in order; -1 - i q - j is place i, j of q border unknowns.
    value_start : (T + 1,) array
        Where the light rows of a block are kept.
    join_start, join_index, join_place : (chained + 1,) and other arrays
        Coefficients that join a row to the border: border unknown, and place in the work array that takes them up.
    dense_start : (T + 1,) array
        Where the factor of the heavy rows and their part joined to the next block are kept.
    largest : int
        Size of the largest work array.
    """

    old: Any
    light: Any
    entry_start: Any
    entry_rows: Any
    entry: Any
    update_start: Any
    update: Any
    value_start: Any
    join_start: Any
    join_index: Any
    join_place: Any
    dense_start: Any
    largest: int


@compiled
def _grown(array: Any, size: int) -> Any:
    """Return an array with room for `size` numbers, with the numbers that it has."""
    if size <= len(array):
        return array
    more = np.empty(max(2 * len(array), size), array.dtype)
    more[: len(array)] = array
    return more


@compiled
def _pattern(rows: int, width: int, target: Any) -> Any:
    """Return which columns each row of a block touches, symmetric in the rows."""
    found = np.zeros((rows, width), np.bool_)
    for where in target:
        i, j = where // width, where % width
        found[i, j] = True
        if j < rows:
            found[j, i] = True
    for i in range(rows):
        found[i, i] = False
    return found


@compiled
def _lightest(pattern: Any, local: Any, bound: float) -> Any:
    """Return the light rows in order of elimination, and fill the pattern with what their elimination adds.

    Afterwards the row of a light row holds its neighbours when it is eliminated.
    """
    rows, width = pattern.shape
    degree = np.array([np.count_nonzero(pattern[i]) for i in range(rows)])
    left = np.ones(rows, np.bool_)
    order = np.empty(rows, np.int64)
    count = 0
    while True:
        best = -1
        for i in range(rows):
            if local[i] and left[i] and (best < 0 or degree[i] < degree[best]):
                best = i
        if best < 0 or degree[best] * degree[best] > bound:
            return order[:count]
        order[count] = best
        count += 1
        left[best] = False
        for a in range(rows):
            if not pattern[best, a]:
                continue
            for j in range(width):
                pattern[a, j] |= pattern[best, j]
            pattern[a, a] = pattern[a, best] = False
            degree[a] = np.count_nonzero(pattern[a])


@compiled
def _entries(pattern: Any, order: Any, rank: Any, outlet: int) -> Any:
    """Return the neighbours of light rows one after the other (rows by rank, then border), where each begins, how many are rows."""
    rows, width = pattern.shape
    total = sum([np.count_nonzero(pattern[i]) for i in order])
    entry, start, inside = np.empty(total, np.int32), np.zeros(len(order) + 1, np.int64), np.zeros(len(order), np.int64)
    back = np.empty(rows, np.int64)
    for i in range(rows):
        back[rank[i]] = i
    at = 0
    for k in range(len(order)):
        for r in range(rows):
            if pattern[order[k], back[r]]:
                entry[at] = r
                at += 1
        inside[k] = at - start[k]
        for j in range(rows + outlet, width):
            if pattern[order[k], j]:
                entry[at] = j - outlet
                at += 1
        start[k + 1] = at
    return entry, start, inside


@compiled
def _lookup(rows: int, width: int, light: int, entry: Any, start: Any, outlet: int) -> Any:
    """Return the place in the work array of each row (by rank) and each row of no lower rank, row of the next block, border unknown."""
    heavy = rows - light
    place = np.full((rows, width), -1, np.int32)
    for i in range(heavy):
        for j in range(i, heavy):
            place[light + i, light + j] = i * heavy + j
        for j in range(width - rows):
            place[light + i, rows + j] = heavy * heavy + i * (width - rows) + j
    base = heavy * (heavy + width - rows)
    for k in range(light):
        place[k, k] = base + start[k] + k
        for e in range(start[k], start[k + 1]):
            column = entry[e] if entry[e] < rows else entry[e] + outlet
            place[k, column] = base + e + k + 1
    return place


@compiled
def _updates(entry: Any, start: Any, rows: int, outlet: int, border: int, place: Any) -> Any:
    """Return the places that pairs of neighbours of light rows change."""
    total = 0
    for k in range(len(start) - 1):
        d = start[k + 1] - start[k]
        total += d * (d + 1) // 2
    update = np.empty(total, np.int32)
    at = 0
    for k in range(len(start) - 1):
        for a in range(start[k], start[k + 1]):
            for b in range(a, start[k + 1]):
                one, other = entry[a], entry[b]
                if one >= rows:
                    update[at] = -1 - (one - rows) * border - (other - rows)
                else:
                    update[at] = place[one, other if other < rows else other + outlet]
                at += 1
    return update


@compiled
def _retarget(target: Any, width: int, rank: Any, outlet: int, place: Any, base: int) -> Any:
    """Replace places of products in a dense block by those in the work array; return the joins: start by rank, border unknown, place."""
    rows = len(rank)
    joins = np.zeros((rows, width - rows - outlet), np.bool_)
    for where in target:
        i, j = where // width, where % width
        if j >= rows + outlet:
            joins[rank[i], j - rows - outlet] = True
    start = np.zeros(rows + 1, np.int64)
    number = np.empty(joins.shape, np.int64)
    total = np.count_nonzero(joins)
    index, taken = np.empty(total, np.int32), np.empty(total, np.int32)
    at = 0
    for i in range(rows):
        for c in range(joins.shape[1]):
            if joins[i, c]:
                index[at], taken[at], number[i, c] = c, place[i, rows + outlet + c], base + at
                at += 1
        start[i + 1] = at
    for k in range(len(target)):
        i, j = rank[target[k] // width], target[k] % width
        if j >= rows + outlet:
            target[k] = number[i, j - rows - outlet]
        elif j >= rows:
            target[k] = place[i, j]
        else:
            other = rank[j]
            target[k] = place[min(i, other), max(i, other)]
    return start, index, taken


@compiled
def light_rows(block_start: Any, outlet: Any, border: Any, joined: Any, product_start: Any, target: Any) -> Any:
    """Return the fields of `Plan`; places of products are replaced by those in the work array.

    Parameters
    ----------
    block_start, outlet : arrays
        As in `Layout`.
    border : (T,) array
        Border unknowns that a block carries along.
    joined : (chained,) bool array
        Rows that share a column with another step.
    product_start, target : arrays
        Places of products: row in the block times its width, plus column.
    """
    blocks, chained = len(outlet), len(joined)
    old, light = np.arange(chained), np.zeros(blocks, np.int64)
    entry_start, entry_rows = np.zeros(chained + 1, np.int64), np.zeros(chained, np.int64)
    update_start, value_start = np.zeros(blocks + 1, np.int64), np.zeros(blocks + 1, np.int64)
    dense_start, join_start = np.zeros(blocks + 1, np.int64), np.zeros(chained + 1, np.int64)
    entry, update = np.empty(1024, np.int32), np.empty(1024, np.int32)
    join_index, join_place = np.empty(1024, np.int32), np.empty(1024, np.int32)
    entries, joins, largest = 0, 0, 0
    for b in range(blocks):
        first, last = block_start[b], block_start[b + 1]
        rows, width = last - first, last - first + outlet[b] + border[b]
        mine = target[product_start[b] : product_start[b + 1]]
        pattern = _pattern(rows, width, mine)
        order = _lightest(pattern, ~joined[first:last], PRICE * (width - 0.5 * rows))
        heavy = rows - len(order)
        rank = np.full(rows, -1, np.int64)
        for k in range(len(order)):
            rank[order[k]] = k
        at = len(order)
        for i in range(rows):
            if rank[i] < 0:
                rank[i] = at
                at += 1
            old[first + rank[i]] = first + i
        found, start, inside = _entries(pattern, order, rank, outlet[b])
        place = _lookup(rows, width, len(order), found, start, outlet[b])
        changes = _updates(found, start, rows, outlet[b], border[b], place)
        base = heavy * (heavy + outlet[b] + border[b]) + len(order) + len(found)
        begins, index, taken = _retarget(mine, width, rank, outlet[b], place, base)
        entry, update = _grown(entry, entries + len(found)), _grown(update, update_start[b] + len(changes))
        join_index, join_place = _grown(join_index, joins + len(index)), _grown(join_place, joins + len(index))
        entry[entries : entries + len(found)] = found
        update[update_start[b] : update_start[b] + len(changes)] = changes
        join_index[joins : joins + len(index)] = index
        join_place[joins : joins + len(index)] = taken
        light[b] = len(order)
        entry_rows[first : first + len(order)] = inside
        entry_start[first + 1 : first + len(order) + 1] = entries + start[1:]
        entry_start[first + len(order) + 1 : last + 1] = entries + len(found)
        join_start[first + 1 : last + 1] = joins + begins[1:]
        entries, joins = entries + len(found), joins + len(index)
        update_start[b + 1] = update_start[b] + len(changes)
        value_start[b + 1] = value_start[b] + len(order) + len(found)
        dense_start[b + 1] = dense_start[b] + heavy * (heavy + outlet[b])
        largest = max(largest, base + len(index))
    return (
        old, light, entry_start, entry_rows, entry[:entries], update_start, update[: update_start[blocks]], value_start,
        join_start, join_index[:joins], join_place[:joins], dense_start, largest,
    )  # fmt: skip
