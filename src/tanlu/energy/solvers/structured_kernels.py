r"""Numerical kernels of the structured factorisation, compiled with numba; they hold no lock of the interpreter while they run.

A block of the chain with its couplings is one matrix :math:`[M | E | B]`: the block itself, the part that joins it to the block eliminated
next, and the part that joins it to the border. Eliminating its rows by Cholesky turns it into :math:`[U | Y | V]` with
:math:`M = U^T U`; what is left for the others is :math:`Y^T Y` (next block), :math:`Y^T V` and :math:`V^T V` (border).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tanlu.energy.solvers.structured_crew import compiled_sums

_STRIP = 64
"""Columns that are worked on together, so that a block stays in the first-level cache."""
_FADED = 1e-120
"""Influence of a step on a later one that is dropped."""


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
    first: int, last: int, f: Any, g: Any, diagonal: Any, slack: Any, limit_start: Any, limit_value: Any, x: Any, y: Any
) -> None:
    """Solve -D x + a' y = f, a x + E y = g for each column with its limits, without differences of large numbers."""
    for j in range(first, last):
        low, high = limit_start[j], limit_start[j + 1]
        if high == low:
            x[j] = -f[j] / diagonal[j]
        elif high == low + 1:
            a, e = limit_value[low], slack[low]
            scale = 1.0 / (diagonal[j] * e + a * a)
            x[j] = (a * g[low] - e * f[j]) * scale
            y[low] = (diagonal[j] * g[low] + a * f[j]) * scale
        else:
            total, right = diagonal[j], -f[j]
            for i in range(low, high):
                total += limit_value[i] * limit_value[i] / slack[i]
                right += limit_value[i] * g[i] / slack[i]
            x[j] = right / total
            for i in range(low, high):
                a = limit_value[i]
                rest, own = diagonal[j], 0.0
                for k in range(low, high):
                    if k != i:
                        rest += limit_value[k] * limit_value[k] / slack[k]
                        own += limit_value[k] * g[k] / slack[k]
                y[i] = (g[i] * rest + a * f[j] - a * own) / (slack[i] * total)


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
def _factor(A: Any, first: int, rows: int, floor: float, scale: Any) -> int:
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
def _outer(C: Any, A: Any, rows: int, first: int, left: int, low: int, high: int) -> None:
    """Add the upper triangle of the product of columns left ... of A (transposed) and columns low ... high - 1 over some rows.

    C has one row for each left column, `left` is at most `low`; the rows are first ... rows - 1. Up to three numbers left of the diagonal
    are added to as well.
    """
    count = C.shape[0]
    whole = count - count % 4
    for strip in range(low, high, _STRIP):
        stop = min(strip + _STRIP, high)
        for i in range(0, whole, 4):
            p = left + i
            begin = max(strip, p)
            if begin >= stop:
                break
            c0, c1, c2, c3 = C[i], C[i + 1], C[i + 2], C[i + 3]
            k = first
            while k + 3 < rows:
                x0, x1, x2, x3 = A[k], A[k + 1], A[k + 2], A[k + 3]
                a00, a01, a02, a03 = x0[p], x0[p + 1], x0[p + 2], x0[p + 3]
                a10, a11, a12, a13 = x1[p], x1[p + 1], x1[p + 2], x1[p + 3]
                a20, a21, a22, a23 = x2[p], x2[p + 1], x2[p + 2], x2[p + 3]
                a30, a31, a32, a33 = x3[p], x3[p + 1], x3[p + 2], x3[p + 3]
                for j in range(begin, stop):
                    v0, v1, v2, v3 = x0[j], x1[j], x2[j], x3[j]
                    c0[j - low] += a00 * v0 + a10 * v1 + a20 * v2 + a30 * v3
                    c1[j - low] += a01 * v0 + a11 * v1 + a21 * v2 + a31 * v3
                    c2[j - low] += a02 * v0 + a12 * v1 + a22 * v2 + a32 * v3
                    c3[j - low] += a03 * v0 + a13 * v1 + a23 * v2 + a33 * v3
                k += 4
            while k < rows:
                x0 = A[k]
                a00, a01, a02, a03 = x0[p], x0[p + 1], x0[p + 2], x0[p + 3]
                for j in range(begin, stop):
                    v0 = x0[j]
                    c0[j - low] += a00 * v0
                    c1[j - low] += a01 * v0
                    c2[j - low] += a02 * v0
                    c3[j - low] += a03 * v0
                k += 1
        for i in range(whole, count):
            p = left + i
            c0 = C[i]
            for k in range(first, rows):
                x0 = A[k]
                a00 = x0[p]
                for j in range(max(strip, p), stop):
                    c0[j - low] += a00 * x0[j]


@compiled_sums
def _absorb(A: Any, rows: int, outlet: int, carry: Any, joined: int, places: Any, border: int) -> None:
    """Subtract what the block eliminated before leaves in the rows that it is joined to.

    What stores pass on can fade from step to step until it is smaller than any normal number, on which arithmetic is slow: it is dropped.
    """
    for a in range(joined):
        i = places[a]
        for b in range(a, joined):
            j = places[b]
            if abs(carry[a, b]) > _FADED:
                if i <= j:
                    A[i, j] -= carry[a, b]
                else:
                    A[j, i] -= carry[a, b]
        for c in range(border):
            v = carry[a, joined + c]
            A[i, rows + outlet + c] -= v if abs(v) > _FADED else 0.0


@compiled_sums
def factor_blocks(
    first: int, last: int, fresh: bool, border: int, block_start: Any, outlet: Any, outward: Any, place_start: Any, places: Any,
    offset: Any, product_start: Any, target: Any, source: Any, factor: Any, weights: Any, slack: Any, floor: float, dense: Any, carry: Any,
    other_carry: Any, other: int, total: Any,
) -> int:  # fmt: skip
    """Assemble and eliminate blocks first ... last - 1 in order; return the number of dependent rows.

    `carry` holds what is left for the block that comes next, `total` the sum of V'V. Unless `fresh`, the first block takes up `carry` of
    block first - 1. When `other` is a block, the first block takes up `other_carry` of that block too.
    """
    bad = 0
    scale = np.empty(max(1, (block_start[first + 1 : last + 1] - block_start[first:last]).max() if last > first else 1))
    for b in range(first, last):
        rows = block_start[b + 1] - block_start[b]
        out = outlet[b]
        width = rows + out + border
        store = dense[offset[b] : offset[b] + rows * width]
        store[:] = 0.0
        gather(product_start[b], product_start[b + 1], target, source, factor, weights, store)
        A = store.reshape(rows, width)
        for i in range(rows):
            A[i, i] += slack[block_start[b] + i]
            scale[i] = A[i, i]
        if b > first or not fresh:
            _absorb(A, rows, out, carry, outlet[b - 1], places[place_start[b - 1] : place_start[b]], border)
        if b == first and other >= 0:
            _absorb(
                A, rows, out, other_carry, outlet[other], places[place_start[other] : place_start[other + 1]], border
            )
        bad += _factor(A, 0, rows, floor, scale)
        _eliminate(A, rows, rows, rows + out, outward[b])
        for low in range(rows + out, width, _STRIP):
            _eliminate(A, rows, low, min(low + _STRIP, width), 0)
        if out > 0:
            carry[:out, : out + border] = 0.0
            _outer(carry[:out], A, rows, outward[b], rows, rows, width)
        _outer(total, A, rows, 0, rows + out, rows + out, width)
    return bad


@compiled_sums
def _add_rows(A: Any, rows: int, low: int, high: int, factor: Any, sign: float, out: Any) -> None:
    """Add sign times the rows of A, each with its factor, in columns low ... high - 1."""
    k = 0
    while k + 3 < rows:
        r0, r1, r2, r3 = A[k], A[k + 1], A[k + 2], A[k + 3]
        f0, f1, f2, f3 = sign * factor[k], sign * factor[k + 1], sign * factor[k + 2], sign * factor[k + 3]
        for j in range(high - low):
            out[j] += f0 * r0[low + j] + f1 * r1[low + j] + f2 * r2[low + j] + f3 * r3[low + j]
        k += 4
    while k < rows:
        r0, f0 = A[k], sign * factor[k]
        for j in range(high - low):
            out[j] += f0 * r0[low + j]
        k += 1


@compiled_sums
def _subtract_products(A: Any, rows: int, low: int, high: int, vector: Any, out: Any) -> None:
    """Subtract from each row's entry the product of columns low ... high - 1 of A and a vector."""
    k = 0
    while k + 3 < rows:
        r0, r1, r2, r3 = A[k], A[k + 1], A[k + 2], A[k + 3]
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for j in range(high - low):
            v = vector[j]
            s0 += r0[low + j] * v
            s1 += r1[low + j] * v
            s2 += r2[low + j] * v
            s3 += r3[low + j] * v
        out[k] -= s0
        out[k + 1] -= s1
        out[k + 2] -= s2
        out[k + 3] -= s3
        k += 4
    while k < rows:
        r0, s0 = A[k], 0.0
        for j in range(high - low):
            s0 += r0[low + j] * vector[j]
        out[k] -= s0
        k += 1


@compiled_sums
def forward_blocks(
    first: int, last: int, fresh: bool, border: int, block_start: Any, outlet: Any, place_start: Any, places: Any, offset: Any, dense: Any,
    z: Any, carry: Any, other_carry: Any, other: int, total: Any,
) -> None:  # fmt: skip
    """Solve with the transposed factors of blocks first ... last - 1, in place in z; sums for the border are taken from `total`."""
    for b in range(first, last):
        begin = block_start[b]
        rows = block_start[b + 1] - begin
        out = outlet[b]
        width = rows + out + border
        A = dense[offset[b] : offset[b] + rows * width].reshape(rows, width)
        here = z[begin : begin + rows]
        if b > first or not fresh:
            for a in range(outlet[b - 1]):
                here[places[place_start[b - 1] + a]] -= carry[a]
        if b == first and other >= 0:
            for a in range(outlet[other]):
                here[places[place_start[other] + a]] -= other_carry[a]
        for k in range(rows):
            row = A[k]
            v = here[k] / row[k]
            here[k] = v
            for j in range(k + 1, rows):
                here[j] -= row[j] * v
        carry[:out] = 0.0
        _add_rows(A, rows, rows, rows + out, here, 1.0, carry)
        _add_rows(A, rows, rows + out, width, here, -1.0, total)


@compiled_sums
def backward_blocks(
    first: int, last: int, joint: int, border: int, block_start: Any, outlet: Any, place_start: Any, places: Any, offset: Any, dense: Any,
    z: Any, u: Any,
) -> None:  # fmt: skip
    """Solve with the factors of blocks last - 1 ... first, in place in z; block last - 1 is joined to block `joint`, if it is one."""
    joined = np.empty(max(1, outlet[first:last].max()) if last > first else 1)
    for b in range(last - 1, first - 1, -1):
        begin = block_start[b]
        rows = block_start[b + 1] - begin
        out = outlet[b]
        width = rows + out + border
        A = dense[offset[b] : offset[b] + rows * width].reshape(rows, width)
        here = z[begin : begin + rows]
        onward = block_start[joint if b == last - 1 else b + 1]
        for j in range(out):
            joined[j] = z[onward + places[place_start[b] + j]]
        _subtract_products(A, rows, rows, rows + out, joined, here)
        _subtract_products(A, rows, rows + out, width, u, here)
        for k in range(rows - 1, -1, -1):
            row, v = A[k], here[k]
            for j in range(k + 1, rows):
                v -= row[j] * here[j]
            here[k] = v / row[k]


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
        bad += _factor(A, k, end, floor, scale)
        for low in range(end, size, _STRIP):
            _eliminate(A, end, low, min(low + _STRIP, size), k)
        C = np.zeros((size - end, size - end))
        _outer(C, A, end, k, end, end, size)
        for i in range(end, size):
            sign = 1.0 if k < negative <= i else -1.0
            for j in range(i, size):
                A[i, j] += sign * C[i - end, j - end]
            scale[i] = max(scale[i], abs(A[i, i]))
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
