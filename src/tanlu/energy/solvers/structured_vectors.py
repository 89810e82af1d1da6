"""Passes over the vectors of the interior-point iteration, compiled with numba, each over entries first ... last - 1.

`kind` says which bounds an entry has (1: lower, 2: upper). `a`, `p` are the distances from the lower and upper bound, `z`, `w` their
multipliers, `u`, `v` the targets minus the products a z and p w.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_OPTIONS = {"cache": True, "nogil": True}


@njit(**_OPTIONS)
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


@njit(**_OPTIONS)
def barrier(first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, out: Any) -> None:
    """Write z / a + w / p."""
    for i in range(first, last):
        total = 0.0
        if kind[i] & 1:
            total += z[i] / a[i]
        if kind[i] & 2:
            total += w[i] / p[i]
        out[i] = total


@njit(**_OPTIONS)
def complement(first: int, last: int, kind: Any, a: Any, p: Any, u: Any, v: Any, out: Any) -> None:
    """Write u / a - v / p."""
    for i in range(first, last):
        total = 0.0
        if kind[i] & 1:
            total += u[i] / a[i]
        if kind[i] & 2:
            total -= v[i] / p[i]
        out[i] = total


@njit(**_OPTIONS)
def multipliers(
    first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, u: Any, v: Any, d: Any, dz: Any, dw: Any
) -> tuple[float, float]:
    """Write the steps of the multipliers for a step d; return the longest steps (at most 1) of distances and multipliers."""
    primal, dual = 1.0, 1.0
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


@njit(**_OPTIONS)
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


@njit(**_OPTIONS)
def affine_targets(first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, u: Any, v: Any) -> None:
    """Write the targets of a step that ends where all products vanish."""
    for i in range(first, last):
        if kind[i] & 1:
            u[i] = -a[i] * z[i]
        if kind[i] & 2:
            v[i] = -p[i] * w[i]


@njit(**_OPTIONS)
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


@njit(**_OPTIONS)
def corrected_targets(
    first: int, last: int, kind: Any, a: Any, p: Any, z: Any, w: Any, d: Any, dz: Any, dw: Any, primal: float, dual: float, mu: float,
    low: float, high: float, u: Any, v: Any, nu: Any, nv: Any,
) -> None:  # fmt: skip
    """Write targets that pull products outside [low mu, high mu] after a step towards that range (Gondzio 1996)."""
    for i in range(first, last):
        if kind[i] & 1:
            product = (a[i] + primal * d[i]) * (z[i] + dual * dz[i])
            term = 0.0
            if product < low * mu:
                term = low * mu - product
            elif product > high * mu:
                term = max(high * mu - product, -high * mu)
            nu[i] = u[i] + term
        if kind[i] & 2:
            product = (p[i] - primal * d[i]) * (w[i] + dual * dw[i])
            term = 0.0
            if product < low * mu:
                term = low * mu - product
            elif product > high * mu:
                term = max(high * mu - product, -high * mu)
            nv[i] = v[i] + term


@njit(**_OPTIONS)
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


@njit(**_OPTIONS)
def largest(first: int, last: int, values: Any) -> float:
    """Return the largest magnitude."""
    found = 0.0
    for i in range(first, last):
        found = max(found, abs(values[i]))
    return found
