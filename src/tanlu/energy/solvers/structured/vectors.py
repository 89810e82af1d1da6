"""Passes over the vectors of the interior-point iteration, compiled with numba, each over entries first ... last - 1.

`kind` says which bounds an entry has (1: lower, 2: upper). `a`, `p` are the distances from the lower and upper bound, `z`, `w` their
multipliers, `u`, `v` the targets minus the products a z and p w.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tanlu.energy.solvers.structured.crew import compiled

STEP = 0.995
"""Share of the way to the nearest bound that a step may go."""


@compiled
def scale_pass(start: Any, index: Any, value: Any, column_scale: Any, row_scale: Any) -> None:
    """Divide each scale by the root of the largest scaled coefficient of its column or row (Ruiz 2001)."""
    column_largest, row_largest = np.zeros(len(column_scale)), np.zeros(len(row_scale))
    for j in range(len(column_scale)):
        for k in range(start[j], start[j + 1]):
            i = index[k]
            size = abs(value[k]) * column_scale[j] * row_scale[i]
            column_largest[j] = max(column_largest[j], size)
            row_largest[i] = max(row_largest[i], size)
    for j in range(len(column_scale)):
        if column_largest[j] > 0:
            column_scale[j] /= np.sqrt(column_largest[j])
    for i in range(len(row_scale)):
        if row_largest[i] > 0:
            row_scale[i] /= np.sqrt(row_largest[i])


@compiled
def barrier(first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, out: Any) -> None:
    """Write z / a + w / p."""
    for i in range(first, last):
        total = 0.0
        if kind[i] & 1:
            total += z[i] / a[i]
        if kind[i] & 2:
            total += w[i] / p[i]
        out[i] = total


@compiled
def sides(
    first: int, last: int, kind: Any, a: Any, p: Any, u: Any, v: Any, dual_rest: Any, primal_rest: Any, slack: Any, pull: Any, f: Any,
    g: Any,
) -> None:  # fmt: skip
    """Write u / a - v / p less the residual of the duals, and the sides f, g of the Newton equations that follow."""
    n = len(f)
    for i in range(first, last):
        total = -dual_rest[i]
        if kind[i] & 1:
            total += u[i] / a[i]
        if kind[i] & 2:
            total -= v[i] / p[i]
        pull[i] = total
        if i < n:
            f[i] = -total
        else:
            g[i - n] = primal_rest[i - n] + slack[i - n] * total


@compiled
def _shorten(lengths: Any, shares: Any, old: float, new: float, distance: float) -> float:
    """Shorten the steps along blends of an old and a new speed that would pass a distance; return the longest step that is left."""
    longest = 0.0
    for q in range(len(shares)):
        speed = old + shares[q] * (new - old)
        if lengths[q] * speed > distance:
            lengths[q] = distance / speed
        longest = max(longest, lengths[q])
    return longest


@compiled
def trial(
    first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, u: Any, v: Any, pull: Any, slack: Any, x: Any, y: Any,
    base_d: Any, base_dz: Any, base_dw: Any, shares: Any, d: Any, dz: Any, dw: Any,
) -> Any:  # fmt: skip
    """Write the steps of entries and multipliers from columns x and row duals y of the Newton equations.

    Return the longest steps (at most 1 / `STEP`) of distances and multipliers along blends with another direction, of shape (2, shares).
    """
    lengths = np.full((2, len(shares)), 1.0 / STEP)
    # most entries are no bound even for the longest step among the blends
    primal, dual = 1.0 / STEP, 1.0 / STEP
    n = len(x)
    for i in range(first, last):
        new = x[i] if i < n else slack[i - n] * (pull[i] - y[i - n])
        old = base_d[i]
        d[i] = new
        if kind[i] & 1:
            rise = (u[i] - z[i] * new) / a[i]
            dz[i] = rise
            if -primal * min(old, new) > a[i]:
                primal = _shorten(lengths[0], shares, -old, -new, a[i])
            if -dual * min(base_dz[i], rise) > z[i]:
                dual = _shorten(lengths[1], shares, -base_dz[i], -rise, z[i])
        if kind[i] & 2:
            rise = (v[i] + w[i] * new) / p[i]
            dw[i] = rise
            if primal * max(old, new) > p[i]:
                primal = _shorten(lengths[0], shares, old, new, p[i])
            if -dual * min(base_dw[i], rise) > w[i]:
                dual = _shorten(lengths[1], shares, -base_dw[i], -rise, w[i])
    return lengths


@compiled
def products_after(
    first: int,
    last: int,
    kind: Any,
    a: Any,
    p: Any,
    z: Any,
    w: Any,
    d: Any,
    dz: Any,
    dw: Any,
    primal: float,
    dual: float,
) -> float:
    """Return the sum of a z and p w after a step."""
    total = 0.0
    for i in range(first, last):
        if kind[i] & 1:
            total += (a[i] + primal * d[i]) * (z[i] + dual * dz[i])
        if kind[i] & 2:
            total += (p[i] - primal * d[i]) * (w[i] + dual * dw[i])
    return total


@compiled
def affine_targets(first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, u: Any, v: Any) -> None:
    """Write the targets of a step that ends where all products vanish."""
    for i in range(first, last):
        if kind[i] & 1:
            u[i] = -a[i] * z[i]
        if kind[i] & 2:
            v[i] = -p[i] * w[i]


@compiled
def centred_targets(
    first: int,
    last: int,
    kind: Any,
    a: Any,
    p: Any,
    z: Any,
    w: Any,
    d: Any,
    dz: Any,
    dw: Any,
    mu: float,
    share: float,
    u: Any,
    v: Any,
) -> None:
    """Write the targets of products mu, corrected by `share` of the second order of a step (Mehrotra 1992)."""
    for i in range(first, last):
        if kind[i] & 1:
            u[i] = mu - a[i] * z[i] - share * d[i] * dz[i]
        if kind[i] & 2:
            v[i] = mu - p[i] * w[i] + share * d[i] * dw[i]


@compiled
def _pulled(product: float, low: float, high: float) -> float:
    """Return the change that brings a product into a range, at most the upper end of it."""
    if product < low:
        return low - product
    if product > high:
        return max(high - product, -high)
    return 0.0


@compiled
def corrected_targets(
    first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, d: Any, dz: Any, dw: Any, primal: float, dual: float, mu: float,
    low: float, high: float, u: Any, v: Any,
) -> None:  # fmt: skip
    """Write the targets of a direction, changed where products leave [low mu, high mu] after a step along it (Gondzio 1996)."""
    for i in range(first, last):
        if kind[i] & 1:
            product = (a[i] + primal * d[i]) * (z[i] + dual * dz[i])
            u[i] = z[i] * d[i] + a[i] * dz[i] + _pulled(product, low * mu, high * mu)
        if kind[i] & 2:
            product = (p[i] - primal * d[i]) * (w[i] + dual * dw[i])
            v[i] = p[i] * dw[i] - w[i] * d[i] + _pulled(product, low * mu, high * mu)


@compiled
def advance(
    first: int,
    last: int,
    kind: Any,
    s: Any,
    a: Any,
    p: Any,
    z: Any,
    w: Any,
    d: Any,
    dz: Any,
    dw: Any,
    primal: float,
    dual: float,
) -> float:
    """Take a step in place; return the sum of a z and p w after it."""
    total = 0.0
    for i in range(first, last):
        s[i] += primal * d[i]
        if kind[i] & 1:
            a[i] += primal * d[i]
            z[i] += dual * dz[i]
            total += a[i] * z[i]
        if kind[i] & 2:
            p[i] -= primal * d[i]
            w[i] += dual * dw[i]
            total += p[i] * w[i]
    return total


@compiled
def largest(first: int, last: int, values: Any) -> float:
    """Return the largest magnitude."""
    found = 0.0
    for i in range(first, last):
        found = max(found, abs(values[i]))
    return found


@compiled
def bound_value(first: int, last: int, kind: Any, lower: Any, upper: Any, z: Any, w: Any) -> float:
    """Return the sum of bounds times multipliers."""
    total = 0.0
    for i in range(first, last):
        if kind[i] & 1:
            total += lower[i] * z[i]
        if kind[i] & 2:
            total -= upper[i] * w[i]
    return total


@compiled
def largest_share(first: int, last: int, values: Any, sizes: Any) -> float:
    """Return the largest magnitude relative to the sizes of the entries."""
    found = 0.0
    for i in range(first, last):
        found = max(found, abs(values[i]) / sizes[i])
    return found


@compiled
def mix(first: int, last: int, base: Any, trial: Any, share: float) -> None:
    """Write into a trial vector the blend of it and another."""
    for i in range(first, last):
        trial[i] = base[i] + share * (trial[i] - base[i])
