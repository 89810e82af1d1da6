"""Numerical kernels of the structured factorisation, compiled with numba: sparse products, columns with their limits, dense borders.

They hold no lock of the interpreter while they run. The kernels of blocks stand in `blocks`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tanlu.energy.solvers.structured.crew import compiled_sums

_STRIP = 64
"""Columns that are worked on together, so that a block stays in the first-level cache."""
_TILE = 60
"""Side of a square that is multiplied at once: small enough for OpenBLAS not to call other threads."""


@compiled_sums
def multiply(
    first: int, last: int, start: Any, index: Any, value: Any, vector: Any, base: Any, sign: float, out: Any
) -> None:
    """Write base + sign * (matrix times vector) of compressed rows first ... last - 1."""
    for i in range(first, last):
        total = 0.0
        for k in range(start[i], start[i + 1]):
            total += value[k] * vector[index[k]]
        out[i] = base[i] + sign * total


@compiled_sums
def weigh(
    first: int, last: int, diagonal: Any, slack: Any, limit_start: Any, limit_value: Any, pair_start: Any, weights: Any
) -> None:
    """Write the weights of columns first ... last - 1, of their limits and of pairs of them, in the order of `products`."""
    stars = len(limit_start) - 1
    limits = len(limit_value)
    for j in range(first, last):
        total = diagonal[j]
        for i in range(limit_start[j], limit_start[j + 1]):
            total += limit_value[i] * limit_value[i] / slack[i]
        weights[1 + j] = 1.0 / total
        pair = 1 + stars + 2 * limits + pair_start[j]
        for i in range(limit_start[j], limit_start[j + 1]):
            share = 1.0 / (slack[i] * total)
            weights[1 + stars + i] = share
            weights[1 + stars + limits + i] = share * diagonal[j]
            for other in range(i + 1, limit_start[j + 1]):
                weights[pair] = share / slack[other]
                pair += 1


@compiled_sums
def solve_columns(
    first: int, last: int, others: bool, columns: Any, rows: Any, f: Any, g: Any, right: Any, diagonal: Any, slack: Any, limit_start: Any,
    limit_value: Any, x: Any, y: Any,
) -> None:  # fmt: skip
    """Solve -D x + a' y = f, a x + E y = g for each column with its limits, without differences of large numbers.

    With `others` the other rows and columns are known and go to the right: limits come first in a column, and the column comes first in
    each of its limits; `right` is written over. Else it is g.
    """
    start, index, value = columns
    row_start, row_index, row_value = rows
    for j in range(first, last):
        low, high = limit_start[j], limit_start[j + 1]
        left = f[j]
        if others:
            for k in range(start[j] + high - low, start[j + 1]):
                left -= value[k] * y[index[k]]
            for i in range(low, high):
                rest = g[i]
                for k in range(row_start[i] + 1, row_start[i + 1]):
                    rest -= row_value[k] * x[row_index[k]]
                right[i] = rest
        if high == low:
            x[j] = -left / diagonal[j]
        elif high == low + 1:
            a, e = limit_value[low], slack[low]
            scale = 1.0 / (diagonal[j] * e + a * a)
            x[j] = (a * right[low] - e * left) * scale
            y[low] = (diagonal[j] * right[low] + a * left) * scale
        else:
            total, sums = diagonal[j], -left
            for i in range(low, high):
                total += limit_value[i] * limit_value[i] / slack[i]
                sums += limit_value[i] * right[i] / slack[i]
            x[j] = sums / total
            for i in range(low, high):
                a = limit_value[i]
                rest, own = diagonal[j], 0.0
                for k in range(low, high):
                    if k != i:
                        rest += limit_value[k] * limit_value[k] / slack[k]
                        own += limit_value[k] * right[k] / slack[k]
                y[i] = (right[i] * rest + a * left - a * own) / (slack[i] * total)


@compiled_sums
def gather(low: int, high: int, target: Any, source: Any, factor: Any, weights: Any, out: Any) -> None:
    """Add listed products to a dense matrix."""
    for k in range(low, high):
        out[target[k]] += factor[k] * weights[source[k]]


@compiled_sums
def _eliminate(A: Any, rows: int, low: int, high: int, first: int) -> None:
    """Eliminate rows first ... rows - 1 of A in columns low ... high - 1, once their diagonal block is factored."""
    k = first
    while k < rows:
        end = min(k + 4, rows)
        for i in range(k, end):
            for m in range(k, i):
                f = A[m, i]
                for j in range(low, high):
                    A[i, j] -= f * A[m, j]
            d = 1.0 / A[i, i]
            for j in range(low, high):
                A[i, j] *= d
        if end == k + 4:
            x0, x1, x2, x3 = A[k], A[k + 1], A[k + 2], A[k + 3]
            i = end
            while i + 3 < rows:
                y0, y1, y2, y3 = A[i], A[i + 1], A[i + 2], A[i + 3]
                a0, a1, a2, a3 = x0[i], x1[i], x2[i], x3[i]
                b0, b1, b2, b3 = x0[i + 1], x1[i + 1], x2[i + 1], x3[i + 1]
                c0, c1, c2, c3 = x0[i + 2], x1[i + 2], x2[i + 2], x3[i + 2]
                d0, d1, d2, d3 = x0[i + 3], x1[i + 3], x2[i + 3], x3[i + 3]
                for j in range(low, high):
                    v0, v1, v2, v3 = x0[j], x1[j], x2[j], x3[j]
                    y0[j] -= a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3
                    y1[j] -= b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3
                    y2[j] -= c0 * v0 + c1 * v1 + c2 * v2 + c3 * v3
                    y3[j] -= d0 * v0 + d1 * v1 + d2 * v2 + d3 * v3
                i += 4
            while i < rows:
                a0, a1, a2, a3 = x0[i], x1[i], x2[i], x3[i]
                y0 = A[i]
                for j in range(low, high):
                    y0[j] -= a0 * x0[j] + a1 * x1[j] + a2 * x2[j] + a3 * x3[j]
                i += 1
        k = end


@compiled_sums
def factor_square(A: Any, first: int, rows: int, floor: float, scale: Any) -> int:
    """Factor rows and columns first ... rows - 1 of A (upper triangle) in place; return the number of pivots that were no pivots.

    A pivot is none when it is below `floor` times `scale`, the diagonal before anything was subtracted from it.
    """
    bad = 0
    k = first
    while k < rows:
        end = min(k + 4, rows)
        for i in range(k, end):
            before = max(scale[i], A[i, i])
            for m in range(k, i):
                f = A[m, i]
                for j in range(i, rows):
                    A[i, j] -= f * A[m, j]
            pivot = A[i, i]
            if not pivot > floor * before:
                # a dependent row: its multiplier stays where it is
                bad += 1
                for j in range(i + 1, rows):
                    A[i, j] = 0.0
                A[i, i] = 1e100
                continue
            d = np.sqrt(pivot)
            A[i, i] = d
            d = 1.0 / d
            for j in range(i + 1, rows):
                A[i, j] *= d
        i = end
        while i < rows:
            if end == k + 4 and i + 1 < rows:
                a0, a1, a2, a3 = A[k, i], A[k + 1, i], A[k + 2, i], A[k + 3, i]
                b0, b1, b2, b3 = A[k, i + 1], A[k + 1, i + 1], A[k + 2, i + 1], A[k + 3, i + 1]
                A[i, i] -= a0 * a0 + a1 * a1 + a2 * a2 + a3 * a3
                for j in range(i + 1, rows):
                    v0, v1, v2, v3 = A[k, j], A[k + 1, j], A[k + 2, j], A[k + 3, j]
                    A[i, j] -= a0 * v0 + a1 * v1 + a2 * v2 + a3 * v3
                    A[i + 1, j] -= b0 * v0 + b1 * v1 + b2 * v2 + b3 * v3
                i += 2
            else:
                for m in range(k, end):
                    f = A[m, i]
                    for j in range(i, rows):
                        A[i, j] -= f * A[m, j]
                i += 1
        k = end
    return bad


@compiled_sums
def _subtract_outer(A: Any, first: int, rows: int, negative: int, scale: Any) -> None:
    """Subtract from what follows rows first ... rows - 1 of A the products of its columns over these rows; add where signs differ.

    `scale` grows with the diagonal.
    """
    size, count = A.shape[0], rows - first
    packed, product = np.empty(count * (size - rows)), np.empty(_TILE * _TILE)
    for low in range(rows, size, _TILE):
        high = min(low + _TILE, size)
        packed[count * (low - rows) : count * (high - rows)] = (
            A[first:rows, low:high].copy().reshape(count * (high - low))
        )
    for low in range(rows, size, _TILE):
        wide = min(_TILE, size - low)
        left = packed[count * (low - rows) : count * (low - rows + wide)].reshape(count, wide)
        for other in range(low, size, _TILE):
            across = min(_TILE, size - other)
            right = packed[count * (other - rows) : count * (other - rows + across)].reshape(count, across)
            tile = product[: wide * across].reshape(wide, across)
            np.dot(left.T, right, tile)
            for i in range(wide):
                sign = 1.0 if first < negative <= low + i else -1.0
                row, more = A[low + i], tile[i]
                for j in range(across):
                    row[other + j] += sign * more[j]
    for i in range(rows, size):
        scale[i] = max(scale[i], abs(A[i, i]))


@compiled_sums
def factor_border(A: Any, own: int, negative: int, floor: float, scale: Any) -> int:
    """Eliminate the first `own` unknowns of a symmetric matrix in place (upper triangle); return the number of dependent ones.

    The first `negative` of them have negative pivots, the others positive ones. Their rows become U and V as in a block, with the signs of
    the pivots left out; the square that is left is the Schur complement. `scale` is the size of the diagonal before subtractions.
    """
    size = A.shape[0]
    bad = 0
    for i in range(negative):
        for j in range(i, size):
            A[i, j] = -A[i, j]
    k = 0
    while k < own:
        end = min(k + _STRIP, negative if k < negative else own)
        bad += factor_square(A, k, end, floor, scale)
        for low in range(end, size, _STRIP):
            _eliminate(A, end, low, min(low + _STRIP, size), k)
        _subtract_outer(A, k, end, negative, scale)
        k = end
    return bad


@compiled_sums
def forward_border(A: Any, own: int, negative: int, z: Any) -> None:
    """Solve with the transposed factor of a border in place; what is left for the unknowns after the first `own` stands in their place."""
    for k in range(own):
        if k < negative:
            z[k] = -z[k]
    for k in range(own):
        row = A[k]
        v = z[k] / row[k]
        z[k] = v
        for j in range(k + 1, negative if k < negative else len(z)):
            z[j] -= row[j] * v
        if k < negative:
            for j in range(negative, len(z)):
                z[j] += row[j] * v


@compiled_sums
def backward_border(A: Any, own: int, z: Any) -> None:
    """Solve with the factor of a border in place; the unknowns after the first `own` are known."""
    for k in range(own - 1, -1, -1):
        row, v = A[k], z[k]
        for j in range(k + 1, len(z)):
            v -= row[j] * z[j]
        z[k] = v / row[k]
