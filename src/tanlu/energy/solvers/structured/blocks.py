r"""Factorisation of the blocks of a chain, compiled with numba; the kernels hold no lock of the interpreter while they run.

A block with its couplings is one matrix :math:`[M | E | B]`: the block itself, the part that joins it to the block eliminated next, and the
part that joins it to the border. Light rows are eliminated one by one (`light`); of the heavy rows that are left,
:math:`M = U^T U` by Cholesky, :math:`Y = U^{-T} E`, :math:`V = U^{-T} B`, and :math:`Y^T Y`, :math:`Y^T V`, :math:`V^T V` are left for the
others. The inverse of U and Y are kept; V is not, because the solution finds what it needs from B, which is sparse.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tanlu.energy.solvers.structured.blas import add_squares, multiply_by_transposed
from tanlu.energy.solvers.structured.crew import compiled, compiled_sums
from tanlu.energy.solvers.structured.kernels import factor_square, gather

_FADED = 1e-120
"""Influence of a step on a later one that is dropped."""


@compiled_sums
def inverse(U: Any, out: Any) -> None:
    """Write the inverse of an upper triangular matrix; what stands below its diagonal is not read, and zero in the inverse."""
    n = U.shape[0]
    for i in range(n - 1, -1, -1):
        row, d = out[i], 1.0 / U[i, i]
        row[:] = 0.0
        k = i + 1
        while k + 3 < n:
            r0, r1, r2, r3 = out[k], out[k + 1], out[k + 2], out[k + 3]
            f0, f1, f2, f3 = -d * U[i, k], -d * U[i, k + 1], -d * U[i, k + 2], -d * U[i, k + 3]
            for j in range(k, n):
                row[j] += f0 * r0[j] + f1 * r1[j] + f2 * r2[j] + f3 * r3[j]
            k += 4
        while k < n:
            r0, f0 = out[k], -d * U[i, k]
            for j in range(k, n):
                row[j] += f0 * r0[j]
            k += 1
        row[i] = d


@compiled_sums
def _absorb(work: Any, light: int, heavy: int, outlet: int, border: int, carry: Any, joined: int, places: Any) -> None:
    """Subtract what the block eliminated before leaves in the rows that it is joined to.

    What stores pass on can fade from step to step until it is smaller than any normal number, on which arithmetic is slow: it is dropped.
    """
    for a in range(joined):
        at = places[a] - light
        there = carry[a * (joined + border) : (a + 1) * (joined + border)]
        row = at * heavy - light
        for b in range(a, joined):
            v = there[b]
            work[row + places[b]] -= v if abs(v) > _FADED else 0.0
        begin = heavy * heavy + at * (outlet + border) + outlet
        here = work[begin : begin + border]
        for c in range(border):
            v = there[joined + c]
            here[c] -= v if abs(v) > _FADED else 0.0


@compiled_sums
def _eliminate_light(first: int, light: int, base: int, plan: Any, at: int, floor: float, work: Any, total: Any) -> int:
    """Eliminate the light rows of a block, whose first is row `first`; return the number of dependent ones.

    The place of the diagonal takes up the inverse of the root of the pivot, those of the neighbours their numbers times it.
    """
    bad = 0
    border = total.shape[0]
    flat = total.reshape(border * border)
    own = base
    for k in range(first, first + light):
        count = plan.entry_start[k + 1] - plan.entry_start[k]
        pivot = work[own]
        # the diagonal before subtractions is kept after the numbers of the block
        if pivot > floor * max(work[plan.largest + k - first], pivot):
            d = 1.0 / np.sqrt(pivot)
        else:
            bad += 1
            d = 0.0
        work[own] = d
        row = work[own + 1 : own + 1 + count]
        for a in range(count):
            row[a] *= d
        for a in range(count):
            v = row[a]
            for b in range(a, count):
                t = plan.update[at + b - a]
                if t >= 0:
                    work[t] -= v * row[b]
                else:
                    flat[-1 - t] += v * row[b]
            at += count - a
        own += count + 1
    return bad


@compiled_sums
def _assemble(
    b: int, first: int, rows: int, heavy: int, base: int, border: int, plan: Any, lists: Any, slack: Any, work: Any
) -> int:
    """Gather the numbers of a block; return the place of what joins it to the border."""
    product_start, target, source, factor, weights = lists
    light = rows - heavy
    joins = plan.join_start[first + rows] - plan.join_start[first]
    values = plan.value_start[b + 1] - plan.value_start[b]
    end: int = base + values
    work[: end + joins] = 0.0
    gather(product_start[b], product_start[b + 1], target, source, factor, weights, work)
    own = base
    for k in range(light):
        work[own] += slack[first + k]
        work[plan.largest + k] = work[own]
        own += plan.entry_start[first + k + 1] - plan.entry_start[first + k] + 1
    for i in range(heavy):
        work[i * heavy + i] += slack[first + light + i]
        work[plan.largest + light + i] = work[i * heavy + i]
    begin = plan.join_start[first]
    for k in range(joins):
        work[plan.join_place[begin + k]] = work[end + k]
    return end


@compiled_sums
def _couple(U: Any, YV: Any, idle: int, Y: Any, carry: Any, total: Any) -> None:
    """Compute Y and V in the place of [E | B], and what is left for the others; the first `idle` rows of Y are zero."""
    outlet = Y.shape[1]
    multiply_by_transposed(U, YV)
    Y[:] = YV[:, :outlet]
    if outlet > 0:
        width = YV.shape[1]
        np.dot(Y[idle:].T, YV[idle:], carry[: outlet * width].reshape(outlet, width))
    add_squares(YV, outlet, total)


@compiled_sums
def factor_blocks(
    first: int, last: int, fresh: bool, chain: Any, plan: Any, lists: Any, slack: Any, floor: float, dense: Any, value: Any,
    join: Any, carry: Any, other_carry: Any, other: int, total: Any,
) -> int:  # fmt: skip
    """Assemble and eliminate blocks first ... last - 1 in order; return the number of dependent rows.

    `carry` holds what is left for the block that comes next, `total` the sum of V'V. Unless `fresh`, the first block takes up `carry` of
    block first - 1. When `other` is a block, the first block takes up `other_carry` of that block too.
    """
    block_start, outlet, outward, place_start, places = chain
    bad, border = 0, total.shape[0]
    most = 0
    for b in range(first, last):
        most = max(most, block_start[b + 1] - block_start[b])
    work = np.empty(plan.largest + most)
    for b in range(first, last):
        begin, light, out = block_start[b], plan.light[b], outlet[b]
        rows = block_start[b + 1] - begin
        heavy = rows - light
        base = heavy * (heavy + out + border)
        end = _assemble(b, begin, rows, heavy, base, border, plan, lists, slack, work)
        joins = plan.join_start[begin + rows] - plan.join_start[begin]
        join[plan.join_start[begin] : plan.join_start[begin + rows]] = work[end : end + joins]
        if b > first or not fresh:
            taken = places[place_start[b - 1] : place_start[b]]
            _absorb(work, light, heavy, out, border, carry, outlet[b - 1], taken)
        if b == first and other >= 0:
            taken = places[place_start[other] : place_start[other + 1]]
            _absorb(work, light, heavy, out, border, other_carry, outlet[other], taken)
        bad += _eliminate_light(begin, light, base, plan, plan.update_start[b], floor, work, total)
        value[plan.value_start[b] : plan.value_start[b + 1]] = work[base:end]
        M = work[: heavy * heavy].reshape(heavy, heavy)
        bad += factor_square(M, 0, heavy, floor, work[plan.largest + light :])
        keep = dense[plan.dense_start[b] : plan.dense_start[b + 1]]
        U = keep[: heavy * heavy].reshape(heavy, heavy)
        inverse(M, U)
        wide = out + border
        beside = work[heavy * heavy : heavy * (heavy + wide)].reshape(heavy, wide)
        Y = keep[heavy * heavy :].reshape(heavy, out)
        _couple(U, beside, outward[b] - light, Y, carry, total)
    return bad


@compiled_sums
def _times_transposed(A: Any, vector: Any, out: Any) -> None:
    """Write the product of an upper triangular matrix, transposed, and a vector."""
    n = A.shape[0]
    out[:n] = 0.0
    k = 0
    while k + 3 < n:
        r0, r1, r2, r3 = A[k], A[k + 1], A[k + 2], A[k + 3]
        f0, f1, f2, f3 = vector[k], vector[k + 1], vector[k + 2], vector[k + 3]
        for j in range(k, n):
            out[j] += f0 * r0[j] + f1 * r1[j] + f2 * r2[j] + f3 * r3[j]
        k += 4
    while k < n:
        r0, f0 = A[k], vector[k]
        for j in range(k, n):
            out[j] += f0 * r0[j]
        k += 1


@compiled_sums
def _times(A: Any, vector: Any, out: Any) -> None:
    """Write the product of an upper triangular matrix and a vector."""
    n = A.shape[0]
    k = 0
    while k + 3 < n:
        r0, r1, r2, r3 = A[k], A[k + 1], A[k + 2], A[k + 3]
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for j in range(k, n):
            v = vector[j]
            s0 += r0[j] * v
            s1 += r1[j] * v
            s2 += r2[j] * v
            s3 += r3[j] * v
        out[k], out[k + 1], out[k + 2], out[k + 3] = s0, s1, s2, s3
        k += 4
    while k < n:
        r0, s0 = A[k], 0.0
        for j in range(k, n):
            s0 += r0[j] * vector[j]
        out[k] = s0
        k += 1


@compiled_sums
def _pass_on(Y: Any, idle: int, vector: Any, out: Any) -> None:
    """Write the product of Y transposed and a vector; the first `idle` rows of Y are zero."""
    n, outlet = Y.shape
    out[:outlet] = 0.0
    k = idle
    while k + 3 < n:
        r0, r1, r2, r3 = Y[k], Y[k + 1], Y[k + 2], Y[k + 3]
        f0, f1, f2, f3 = vector[k], vector[k + 1], vector[k + 2], vector[k + 3]
        for j in range(outlet):
            out[j] += f0 * r0[j] + f1 * r1[j] + f2 * r2[j] + f3 * r3[j]
        k += 4
    while k < n:
        r0, f0 = Y[k], vector[k]
        for j in range(outlet):
            out[j] += f0 * r0[j]
        k += 1


@compiled_sums
def _take_back(Y: Any, idle: int, joined: Any, out: Any) -> None:
    """Subtract the product of Y and a vector; the first `idle` rows of Y are zero."""
    n, outlet = Y.shape
    k = idle
    while k + 3 < n:
        r0, r1, r2, r3 = Y[k], Y[k + 1], Y[k + 2], Y[k + 3]
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
        for j in range(outlet):
            v = joined[j]
            s0 += r0[j] * v
            s1 += r1[j] * v
            s2 += r2[j] * v
            s3 += r3[j] * v
        out[k] -= s0
        out[k + 1] -= s1
        out[k + 2] -= s2
        out[k + 3] -= s3
        k += 4
    while k < n:
        r0, s0 = Y[k], 0.0
        for j in range(outlet):
            s0 += r0[j] * joined[j]
        out[k] -= s0
        k += 1


@compiled_sums
def forward_blocks(
    first: int,
    last: int,
    fresh: bool,
    chain: Any,
    plan: Any,
    dense: Any,
    value: Any,
    z: Any,
    carry: Any,
    other_carry: Any,
    other: int,
) -> None:
    """Solve with the transposed factors of blocks first ... last - 1, in place in z."""
    block_start, outlet, outward, place_start, places = chain
    most = 1
    for b in range(first, last):
        most = max(most, block_start[b + 1] - block_start[b])
    spare = np.empty(most)
    for b in range(first, last):
        begin, light, out = block_start[b], plan.light[b], outlet[b]
        rows = block_start[b + 1] - begin
        heavy = rows - light
        here = z[begin : begin + rows]
        if b > first or not fresh:
            for a in range(outlet[b - 1]):
                here[places[place_start[b - 1] + a]] -= carry[a]
        if b == first and other >= 0:
            for a in range(outlet[other]):
                here[places[place_start[other] + a]] -= other_carry[a]
        own = plan.value_start[b]
        for k in range(light):
            e, v = plan.entry_start[begin + k], here[k] * value[own]
            here[k] = v
            for i in range(plan.entry_rows[begin + k]):
                here[plan.entry[e + i]] -= value[own + 1 + i] * v
            own += plan.entry_start[begin + k + 1] - e + 1
        keep = dense[plan.dense_start[b] : plan.dense_start[b + 1]]
        _times_transposed(keep[: heavy * heavy].reshape(heavy, heavy), here[light:], spare)
        here[light:] = spare[:heavy]
        Y = keep[heavy * heavy :].reshape(heavy, out)
        _pass_on(Y, outward[b] - light, spare, carry)


@compiled_sums
def backward_blocks(first: int, last: int, joint: int, chain: Any, plan: Any, dense: Any, value: Any, z: Any) -> None:
    """Solve with the factors of blocks last - 1 ... first, in place in z; block last - 1 is joined to block `joint`, if it is one."""
    block_start, outlet, outward, place_start, places = chain
    most, wide = 1, 1
    for b in range(first, last):
        most, wide = max(most, block_start[b + 1] - block_start[b]), max(wide, outlet[b])
    joined, spare = np.empty(wide), np.empty(most)
    for b in range(last - 1, first - 1, -1):
        begin, light, out = block_start[b], plan.light[b], outlet[b]
        rows = block_start[b + 1] - begin
        heavy = rows - light
        here = z[begin : begin + rows]
        keep = dense[plan.dense_start[b] : plan.dense_start[b + 1]]
        onward = block_start[joint if b == last - 1 else b + 1]
        for j in range(out):
            joined[j] = z[onward + places[place_start[b] + j]]
        Y = keep[heavy * heavy :].reshape(heavy, out)
        _take_back(Y, outward[b] - light, joined, here[light:])
        _times(keep[: heavy * heavy].reshape(heavy, heavy), here[light:], spare)
        here[light:] = spare[:heavy]
        own = plan.value_start[b + 1]
        for k in range(light - 1, -1, -1):
            e = plan.entry_start[begin + k]
            own -= plan.entry_start[begin + k + 1] - e + 1
            v = here[k]
            for i in range(plan.entry_rows[begin + k]):
                v -= value[own + 1 + i] * here[plan.entry[e + i]]
            here[k] = v * value[own]


@compiled_sums
def solve_middle(
    first: int, join: int, last: int, chain: Any, plan: Any, dense: Any, value: Any, z: Any, carry: Any, other_carry: Any,
) -> None:  # fmt: skip
    """Solve with the last block of a period, in place in z, once blocks first ... join - 1 and join ... last - 1 are passed."""
    other = join - 1 if join > first else -1
    forward_blocks(last, last + 1, last == join, chain, plan, dense, value, z, other_carry, carry, other)
    backward_blocks(last, last + 1, last, chain, plan, dense, value, z)


@compiled_sums
def solve_chain(
    first: int, join: int, last: int, chain: Any, plan: Any, dense: Any, value: Any, z: Any, carry: Any, other_carry: Any,
) -> None:  # fmt: skip
    """Solve with blocks first ... last of a period, in place in z: from both ends to the last one, and back."""
    forward_blocks(first, join, True, chain, plan, dense, value, z, carry, carry, -1)
    forward_blocks(join, last, True, chain, plan, dense, value, z, other_carry, other_carry, -1)
    solve_middle(first, join, last, chain, plan, dense, value, z, carry, other_carry)
    backward_blocks(join, last, last, chain, plan, dense, value, z)
    backward_blocks(first, join, last, chain, plan, dense, value, z)


@compiled
def subtract_from_border(first: int, last: int, start: Any, index: Any, value: Any, z: Any, out: Any) -> None:
    """Subtract from the border the products of rows first ... last - 1 and what joins them to it."""
    for i in range(first, last):
        v = z[i]
        for k in range(start[i], start[i + 1]):
            out[index[k]] -= value[k] * v


@compiled
def subtract_from_rows(first: int, last: int, start: Any, index: Any, value: Any, unknown: Any, z: Any) -> None:
    """Subtract from rows first ... last - 1 the products of the border and what joins them to it."""
    for i in range(first, last):
        v = z[i]
        for k in range(start[i], start[i + 1]):
            v -= value[k] * unknown[index[k]]
        z[i] = v
