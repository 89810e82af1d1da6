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
def complement(first: int, last: int, kind: Any, a: Any, p: Any, u: Any, v: Any, out: Any) -> None:
    """Write u / a - v / p."""
    for i in range(first, last):
        total = 0.0
        if kind[i] & 1:
            total += u[i] / a[i]
        if kind[i] & 2:
            total -= v[i] / p[i]
        out[i] = total


@compiled
def multipliers(
    first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, u: Any, v: Any, d: Any, dz: Any, dw: Any
) -> tuple[float, float]:
    """Write the steps of the multipliers for a step d; return the longest steps (at most 1 / `STEP`) of distances and multipliers."""
    primal, dual = 1.0 / STEP, 1.0 / STEP
    for i in range(first, last):
        if kind[i] & 1:
            dz[i] = (u[i] - z[i] * d[i]) / a[i]
            if d[i] < 0 and -primal * d[i] > a[i]:
                primal = -a[i] / d[i]
            if dz[i] < 0 and -dual * dz[i] > z[i]:
                dual = -z[i] / dz[i]
        if kind[i] & 2:
            dw[i] = (v[i] + w[i] * d[i]) / p[i]
            if d[i] > 0 and primal * d[i] > p[i]:
                primal = p[i] / d[i]
            if dw[i] < 0 and -dual * dw[i] > w[i]:
                dual = -w[i] / dw[i]
    return primal, dual


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
def blended_lengths(
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
    nd: Any,
    ndz: Any,
    ndw: Any,
    shares: Any,
) -> Any:
    """Return the longest steps of distances and multipliers along blends of two directions, of shape (2, shares)."""
    lengths = np.full((2, len(shares)), 1.0 / STEP)
    for i in range(first, last):
        # most entries stay inside along both directions, and then along every blend
        inside = a[i] * STEP > -min(d[i], nd[i]) and z[i] * STEP > -min(dz[i], ndz[i])
        if kind[i] & 1 and not inside:
            for q in range(len(shares)):
                step = d[i] + shares[q] * (nd[i] - d[i])
                if -lengths[0, q] * step > a[i]:
                    lengths[0, q] = -a[i] / step
                step = dz[i] + shares[q] * (ndz[i] - dz[i])
                if -lengths[1, q] * step > z[i]:
                    lengths[1, q] = -z[i] / step
        inside = p[i] * STEP > max(d[i], nd[i]) and w[i] * STEP > -min(dw[i], ndw[i])
        if kind[i] & 2 and not inside:
            for q in range(len(shares)):
                step = d[i] + shares[q] * (nd[i] - d[i])
                if lengths[0, q] * step > p[i]:
                    lengths[0, q] = p[i] / step
                step = dw[i] + shares[q] * (ndw[i] - dw[i])
                if -lengths[1, q] * step > w[i]:
                    lengths[1, q] = -w[i] / step
    return lengths


@compiled
def mix(first: int, last: int, base: Any, trial: Any, share: float) -> None:
    """Write into a trial vector the blend of it and another."""
    for i in range(first, last):
        trial[i] = base[i] + share * (trial[i] - base[i])
