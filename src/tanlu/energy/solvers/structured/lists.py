"""Lists made once for a problem, with numba: periods of border rows, and where each product of coefficients goes in the factors."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from scipy import sparse

from tanlu.energy.solvers.structured.crew import Crew, compiled

PARTS: Final = 8
"""Parts of the columns whose products are listed at a time."""


@compiled
def entries_by_row(
    start: Any, index: Any, timed: Any, column_chain: Any, column_step: Any, row_chain: Any, row_step: Any, rows: int
) -> Any:
    """Return for each row the number of its timed columns, whether they fit its step, and the period of these columns.

    The period is −2 where there is none, −1 where there are several.
    """
    count = np.zeros(rows, np.int32)
    fits = np.ones(rows, np.bool_)
    seen = np.full(rows, -2, np.int64)
    for j in range(len(timed)):
        if not timed[j]:
            continue
        chain, step = column_chain[j], column_step[j]
        for k in range(start[j], start[j + 1]):
            i = index[k]
            count[i] += 1
            if row_chain[i] != chain or not (row_step[i] == step or row_step[i] == step + 1):
                fits[i] = False
            seen[i] = chain if seen[i] == -2 or seen[i] == chain else -1
    return count, fits, seen


@compiled
def fold_periods(
    start: Any,
    index: Any,
    star: Any,
    timed: Any,
    border: Any,
    limit: Any,
    column_chain: Any,
    row_chain: Any,
    seen: Any,
    periods: int,
) -> Any:
    """Return the periods of rows and columns of the border (−1: common), so that no two periods touch each other.

    A border column belongs to the period of the limits and block rows that it stands in, a border row to that of its timed columns and
    border columns; rows of two periods that a column joins are common.
    """
    row_border = seen.copy()
    column_border = np.full(len(star), -2, np.int64)
    for j in range(len(star)):
        if star[j]:
            continue
        own = -2
        for k in range(start[j], start[j + 1]):
            i = index[k]
            if border[i]:
                continue
            chain = seen[i] if limit[i] else row_chain[i]
            own = chain if own == -2 or own == chain else -1
        column_border[j] = own
        for k in range(start[j], start[j + 1]):
            i = index[k]
            if border[i] and own >= 0:
                row_border[i] = own if row_border[i] == -2 or row_border[i] == own else -1
    for j in range(len(star)):
        if not star[j] or timed[j]:
            continue
        own = -2
        for k in range(start[j], start[j + 1]):
            chain = row_border[index[k]]
            if chain >= 0:
                own = chain if own == -2 or own == chain else -1
        if own == -1:
            for k in range(start[j], start[j + 1]):
                row_border[index[k]] = -1
    for i in range(len(row_border)):
        row_border[i] = max(row_border[i], -1)
    for j in range(len(star)):
        if star[j] or column_border[j] != -2:
            continue
        own = -2
        for k in range(start[j], start[j + 1]):
            chain = row_border[index[k]]
            if chain >= 0:
                own = chain if own == -2 or own == chain else -1
        column_border[j] = max(own, -1)
    return row_border, column_border


@compiled
def couplings(start: Any, index: Any, timed: Any, block: Any, column_step: Any, row_step: Any) -> Any:
    """Return which rows of blocks share a column with the next step, and which with the step before."""
    after = np.zeros(len(block), np.bool_)
    before = np.zeros(len(block), np.bool_)
    for j in range(len(timed)):
        if not timed[j]:
            continue
        here = False
        there = False
        for k in range(start[j], start[j + 1]):
            if block[index[k]]:
                if row_step[index[k]] == column_step[j]:
                    here = True
                else:
                    there = True
        if here and there:
            for k in range(start[j], start[j + 1]):
                if block[index[k]]:
                    if row_step[index[k]] == column_step[j]:
                        after[index[k]] = True
                    else:
                        before[index[k]] = True
    return after, before


@compiled
def touches(
    start: Any, index: Any, row_start: Any, row_index: Any, stars: int, limits: int, chained: int, limit_start: Any, star_period: Any,
    chained_period: Any, border_period: Any, periods: int,
) -> Any:  # fmt: skip
    """Return for each period and border unknown 2 when it touches timed columns or blocks, 1 when only its border, else 0.

    `star_period` is −1 for a column without time.
    """
    columns = len(start) - 1 - stars
    found = np.zeros((periods, len(border_period)), np.int8)
    first = limits + chained
    for j in range(stars):
        p = star_period[j]
        if p >= 0:
            for k in range(start[j], start[j + 1]):
                if index[k] >= first:
                    found[p, columns + index[k] - first] = 2
            for i in range(limit_start[j], limit_start[j + 1]):
                for k in range(row_start[i], row_start[i + 1]):
                    if row_index[k] >= stars:
                        found[p, row_index[k] - stars] = 2
        else:
            for k in range(start[j], start[j + 1]):
                p = max(p, border_period[columns + index[k] - first])
            if p >= 0:
                for k in range(start[j], start[j + 1]):
                    z = columns + index[k] - first
                    found[p, z] = max(found[p, z], 1)
    for c in range(columns):
        for k in range(start[stars + c], start[stars + c + 1]):
            i = index[k]
            if i < limits:
                continue
            if i < first:
                found[chained_period[i - limits], c] = 2
                continue
            z = columns + i - first
            if border_period[z] >= 0:
                found[border_period[z], c] = max(found[border_period[z], c], 1)
            if border_period[c] >= 0:
                found[border_period[c], z] = max(found[border_period[c], z], 1)
    return found


class Places(NamedTuple):
    """What tells where the product of two unknowns is stored; unknowns are rows of blocks, then border columns, then border rows.

    Parameters
    ----------
    limits, chained : int
        As in `Order`.
    block_of : (chained,) array
        Block of a row.
    block_start, width, inner : arrays
        First row of a block, its columns, those before the border.
    following, inlet, chained_period, border_period, place : arrays
        As in `Layout` and `Order`.
    sizes : (P + 1,) array
        Border unknowns of each period, and those common to all.
    blocks : int
    """

    limits: int
    chained: int
    block_of: Any
    block_start: Any
    width: Any
    inner: Any
    following: Any
    inlet: Any
    chained_period: Any
    border_period: Any
    place: Any
    sizes: Any
    blocks: int


class Products(NamedTuple):
    """Products of coefficients by dense matrix: target += factor * weight[source].

    Parameters
    ----------
    start : (B + 1,) array
        First product of each matrix: those of the blocks, of the borders of the periods, of what is common.
    target, source, factor : arrays
        Weights stand in the order: 1, columns, limits (coupling), limits (own), pairs of limits of a column.
    """

    start: Any
    target: Any
    source: Any
    factor: Any


@compiled
def _target(z: int, other: int, at: Any) -> Any:
    """Return where the product of two unknowns is stored: number of the dense matrix and the place in it (upper triangle)."""
    if z > other:
        z, other = other, z
    if other < at.chained:
        b, n = at.block_of[z], at.block_of[other]
        if b == n:
            return b, (z - at.block_start[b]) * at.width[b] + other - at.block_start[b]
        if at.following[b] != n:
            b, n, z, other = n, b, other, z
        rows = at.block_start[b + 1] - at.block_start[b]
        return b, (z - at.block_start[b]) * at.width[b] + rows + at.inlet[other, 0 if b + 1 == n else 1]
    if z < at.chained:
        b = at.block_of[z]
        column = at.inner[b] + at.place[at.chained_period[z], other - at.chained]
        return b, (z - at.block_start[b]) * at.width[b] + column
    p = max(at.border_period[z - at.chained], at.border_period[other - at.chained])
    if p < 0:
        p = len(at.sizes) - 1
    i, j = at.place[p, z - at.chained], at.place[p, other - at.chained]
    return at.blocks + p, min(i, j) * at.sizes[p] + max(i, j)


@compiled
def _put(z: int, other: int, at: Any, source: int, factor: float, fill: Any, out: Any) -> None:
    """Put a product on its list, or only count it while there is no room."""
    matrix, where = _target(z, other, at)
    if len(out[0]):
        out[0][fill[matrix]], out[1][fill[matrix]], out[2][fill[matrix]] = where, source, factor
    fill[matrix] += 1


@compiled
def _squares(z: Any, v: Any, size: int, sign: float, at: Any, source: int, fill: Any, out: Any) -> None:
    """Put the products of all pairs of some unknowns."""
    for a in range(size):
        for b in range(a, size):
            _put(z[a], z[b], at, source, sign * v[a] * v[b], fill, out)


@compiled
def _difference(i: int, second: int, stars: int, limit_value: Any, rows: Any, at: Any, z: Any, v: Any) -> int:
    """Write the difference of two limits of a column as combination of border columns, in which the column itself cancels."""
    start, index, value = rows
    size = 0
    for row in range(2):
        here, there = (i, second) if row == 0 else (second, i)
        for k in range(start[here], start[here + 1]):
            if index[k] < stars:
                continue
            unknown, term = at.chained + index[k] - stars, limit_value[there] * value[k] * (1 if row == 0 else -1)
            known = -1
            for s in range(size):
                if z[s] == unknown:
                    known = s
            if known >= 0:
                v[known] += term
            else:
                z[size], v[size] = unknown, term
                size += 1
    return size


@compiled
def _limits(
    j: int,
    stars: int,
    limit_start: Any,
    limit_value: Any,
    rows: Any,
    z: Any,
    v: Any,
    number: int,
    at: Any,
    fill: Any,
    out: Any,
) -> None:
    """Put what the limits of a column add: between its unknowns and theirs, and among theirs."""
    start, index, value = rows
    for i in range(limit_start[j], limit_start[j + 1]):
        for k in range(start[i], start[i + 1]):
            if index[k] < stars:
                continue
            mine = at.chained + index[k] - stars
            for a in range(number):
                _put(z[a], mine, at, 1 + stars + i, -v[a] * limit_value[i] * value[k], fill, out)
            for other in range(k, start[i + 1]):
                unknown = at.chained + index[other] - stars
                _put(mine, unknown, at, 1 + stars + at.limits + i, -value[k] * value[other], fill, out)


@compiled
def _longest(first: int, last: int, start: Any) -> int:
    """Return the length of the longest of some compressed rows or columns, at least 1."""
    longest = 1
    for j in range(first, last):
        longest = max(longest, start[j + 1] - start[j])
    return longest


@compiled
def products(
    low: int, high: int, columns: Any, rows: Any, stars: int, limit_start: Any, limit_value: Any, pair_start: Any, at: Any, fill: Any,
    out: Any,
) -> None:  # fmt: skip
    """List the products of coefficients of columns low ... high - 1 that make up the dense matrices.

    With empty lists in `out` the number of products of every dense matrix is counted in `fill`; otherwise `fill` holds the next free place
    of each.
    """
    start, index, value = columns
    first, border = at.limits + at.chained, len(start) - 1 - stars
    longest = max(_longest(low, high, start), 2 * _longest(0, at.limits, rows[0]))
    z, v = np.empty(longest, np.int64), np.empty(longest)
    for j in range(low, high):
        number = 0
        for k in range(start[j], start[j + 1]):
            i = index[k]
            if i >= at.limits:
                z[number] = i - at.limits if i < first else at.chained + border + i - first
                v[number] = value[k]
                number += 1
        if j >= stars:
            for a in range(number):
                _put(z[a], at.chained + j - stars, at, 0, v[a], fill, out)
            continue
        _squares(z, v, number, 1.0, at, 1 + j, fill, out)
        _limits(j, stars, limit_start, limit_value, rows, z, v, number, at, fill, out)
        pair = 1 + stars + 2 * at.limits + pair_start[j]
        for i in range(limit_start[j], limit_start[j + 1]):
            for second in range(i + 1, limit_start[j + 1]):
                size = _difference(i, second, stars, limit_value, rows, at, z, v)
                _squares(z, v, size, -1.0, at, pair, fill, out)
                pair += 1


def list_products(
    matrix: sparse.csc_array,
    rows: sparse.csr_array,
    stars: int,
    limits: tuple[Any, Any, Any],
    places: Places,
    count: int,
    crew: Crew,
) -> Products:
    """Return the products of coefficients that make up so many dense matrices.

    Parameters
    ----------
    matrix, rows : csc_array, csr_array
        Coefficients by columns and by rows.
    stars : int
        Columns that are eliminated on their own.
    limits : tuple of arrays
        First limit of each column, the columns' coefficients in their limits, and the first pair of limits of each column.
    places : Places
    count : int
    crew : Crew
        The list is the same for every number of threads.
    """
    fixed = (
        (matrix.indptr, matrix.indices, matrix.data), (rows.indptr, rows.indices, rows.data), stars, *limits, places,
    )  # fmt: skip
    # parts of about as many coefficients; each list has those of the first part first
    edges = np.searchsorted(matrix.indptr, np.linspace(0, matrix.nnz, PARTS + 1)[1:-1])
    edges = np.concatenate([[0], edges, [matrix.shape[1]]])
    fill = np.zeros((PARTS, count), np.int64)
    nothing = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    crew.each(lambda k: products(edges[k], edges[k + 1], *fixed, fill[k], nothing), range(PARTS))
    start = np.concatenate([[0], np.cumsum(fill.sum(axis=0))])
    size = int(start[-1])
    found = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size)
    free = start[:-1] + np.cumsum(fill, axis=0) - fill
    crew.each(lambda k: products(edges[k], edges[k + 1], *fixed, free[k], found), range(PARTS))
    return Products(start, *found)
