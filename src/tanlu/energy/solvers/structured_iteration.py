"""Primal-dual interior-point iteration on the structured factorisation.

Predictor and corrector after S. Mehrotra (1992, https://doi.org/10.1137/0802028), further centrality correctors after J. Gondzio (1996,
https://doi.org/10.1007/BF00249643); regularised Newton matrix with iterative refinement.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import numpy as np

from tanlu.energy.problem import Floats
from tanlu.energy.solvers import structured_kernels as kernels
from tanlu.energy.solvers import structured_vectors as vectors
from tanlu.energy.solvers.structured_crew import Crew
from tanlu.energy.solvers.structured_factor import Factor
from tanlu.energy.solvers.structured_form import LOWER, UPPER, Form

ITERATIONS: Final = 300
STEP: Final = 0.995
"""Share of the way to the nearest bound that a step may go."""
PRIMAL_PROXIMITY: Final = 1e-9
FREE_PROXIMITY: Final = 1e-7
DUAL_PROXIMITY: Final = 1e-10
REFINEMENTS: Final = 2
REFINED: Final = 1e-9
CORRECTORS: Final = 3
LOG = bool(os.environ.get("SLOG"))


@dataclass(eq=False)
class Outcome:
    """Where an iteration ended, in the units of the form."""

    status: str
    x: Floats
    y: Floats
    iterations: int
    reason: str = ""


class Iteration:
    """State of the iteration: columns and activities s, row duals y, distances a, p from the bounds and their multipliers z, w."""

    def __init__(self, form: Form, crew: Crew) -> None:
        self.form, self.crew = form, crew
        m, n = form.shape
        self.factor = Factor(form.order, form.matrix, form.rows, crew)
        size = n + m
        self.kind = form.kind
        self.s, self.y = np.zeros(size), np.zeros(m)
        self.a, self.p, self.z, self.w = (np.ones(size) for _ in range(4))
        self.count = int(np.count_nonzero(form.kind & LOWER) + np.count_nonzero(form.kind & UPPER))
        self.theta = np.ones(size)
        self.inequality = np.flatnonzero(~form.equation)
        proximity = np.full(n, PRIMAL_PROXIMITY)
        proximity[form.kind[:n] == 0] = FREE_PROXIMITY
        self.proximity = proximity
        self.size = size
        self.solves = 0

    # --- linear algebra

    def _forward(self, x: Floats, base: Floats, sign: float) -> Floats:
        """Return base + sign * A x."""
        out = np.empty(len(base))
        rows = self.form.rows
        self.crew.spread(kernels.multiply, len(base), rows.indptr, rows.indices, rows.data, x, base, sign, out)
        return out

    def _backward(self, y: Floats, base: Floats, sign: float) -> Floats:
        """Return base + sign * A' y."""
        out = np.empty(len(base))
        columns = self.form.matrix
        self.crew.spread(kernels.multiply, len(base), columns.indptr, columns.indices, columns.data, y, base, sign, out)
        return out

    def _largest(self, values: Floats) -> float:
        return max([0.0, *self.crew.spread(vectors.largest, len(values), values)])

    def _refactor(self) -> None:
        """Factor the Newton matrix at the present point."""
        n = self.form.shape[1]
        self.crew.spread(vectors.barrier, self.size, self.kind, self.a, self.p, self.z, self.w, self.theta)
        self._set_diagonals(self.theta[:n], self.theta[n:])

    def _set_diagonals(self, columns: Floats, rows: Floats) -> None:
        self.diagonal = columns
        self.slack = np.zeros(len(rows))
        self.slack[self.inequality] = 1.0 / rows[self.inequality]
        self.factor.update(columns + self.proximity, self.slack + DUAL_PROXIMITY)

    def _solve(self, f: Floats, g: Floats, refinements: int) -> tuple[Floats, Floats]:
        """Return x, y with −D x + A' y = f, A x + E y = g, refined."""
        self.solves += 1
        x, y = self.factor.solve(f, g)
        size_f, size_g = self._largest(f), self._largest(g)
        before = np.inf
        for _ in range(refinements):
            left = self._backward(y, f + self.diagonal * x, -1.0)
            right = self._forward(x, g - self.slack * y, -1.0)
            rest = max(self._largest(left) / max(size_f, 1e-300), self._largest(right) / max(size_g, 1e-300))
            if rest < REFINED or rest > 0.5 * before:
                break
            before = rest
            dx, dy = self.factor.solve(left, right)
            x += dx
            y += dy
            self.solves += 1
        return x, y

    # --- start

    def start(self) -> None:
        """Set a starting point after Mehrotra: least squares, then moved inside the bounds."""
        form = self.form
        m, n = form.shape
        low, high, kind = form.lower, form.upper, form.kind
        self._set_diagonals(np.ones(n), np.ones(m))
        s = np.where(
            kind & LOWER,
            np.where(np.isfinite(low), low, 0.0),
            np.where(kind & UPPER, np.where(np.isfinite(high), high, 0.0), 0.0),
        )
        s[n:][form.equation] = low[n:][form.equation]
        right = self._forward(s[:n], s[n:], -1.0)
        dx, dy = self._solve(np.zeros(n), right, 1)
        s[:n] += dx
        s[n:][self.inequality] -= dy[self.inequality]
        x, y = self._solve(form.cost, np.zeros(m), 1)
        self.y = y
        r = np.concatenate([-x, y])
        r[n:][form.equation] = 0.0
        lower, upper = (kind & LOWER) > 0, (kind & UPPER) > 0
        both = lower & upper
        width = high[both] - low[both]
        inside = np.minimum(0.1 * width, 1.0)
        s[both] = np.clip(s[both], low[both] + inside, high[both] - inside)
        only_low, only_high = lower & ~upper, upper & ~lower
        distance = np.concatenate([s[only_low] - low[only_low], high[only_high] - s[only_high]])
        multiplier = np.concatenate([r[only_low], -r[only_high], r[both], -r[both]])
        shift = max(0.0, -1.5 * distance.min(initial=0.0))
        push = max(0.0, -1.5 * multiplier.min(initial=0.0))
        distance = distance + shift + 1e-3
        one = multiplier[: len(distance)] + push + 1e-3
        product = float(distance @ one)
        shift += 0.5 * product / max(one.sum(), 1e-300) + 1e-3
        push += 0.5 * product / max(distance.sum(), 1e-300) + 1e-3
        s[only_low] += shift
        s[only_high] -= shift
        self.s = s
        self.a[lower] = s[lower] - low[lower]
        self.p[upper] = high[upper] - s[upper]
        self.z[only_low] = r[only_low] + push
        self.w[only_high] = -r[only_high] + push
        self.z[both] = np.maximum(r[both], 0.0) + push
        self.w[both] = np.maximum(-r[both], 0.0) + push
        self.z[~lower], self.w[~upper] = 0.0, 0.0

    # --- iteration

    def residuals(self) -> None:
        """Compute residuals, objective and bound at the present point."""
        form = self.form
        m, n = form.shape
        self.rp = self._forward(self.s[:n], self.s[n:], -1.0)
        self.rd = np.empty(self.size)
        self.rd[:n] = self._backward(self.y, form.cost - self.z[:n] + self.w[:n], -1.0)
        self.rd[n:] = self.y - self.z[n:] + self.w[n:]
        self.rd[n:][form.equation] = 0.0
        self.primal = float(form.cost @ self.s[:n])
        lower, upper = (self.kind & LOWER) > 0, (self.kind & UPPER) > 0
        self.dual = float(form.lower[lower] @ self.z[lower] - form.upper[upper] @ self.w[upper])
        self.dual += float(form.lower[n:][form.equation] @ self.y[form.equation])

    def direction(self, u: Floats, v: Floats, refinements: int) -> tuple[Floats, Floats, Floats, Floats, float, float]:
        """Return the Newton step for targets u, v of the products: columns and activities, duals, multipliers, step lengths."""
        m, n = self.form.shape
        psi = np.empty(self.size)
        self.crew.spread(vectors.complement, self.size, self.kind, self.a, self.p, u, v, psi)
        f = self.rd[:n] - psi[:n]
        pull = psi[n:] - self.rd[n:]
        g = self.rp + self.slack * pull
        x, y = self._solve(f, g, refinements)
        d = np.empty(self.size)
        d[:n] = x
        d[n:] = self.slack * (pull - y)
        dz, dw = np.zeros(self.size), np.zeros(self.size)
        lengths = self.crew.spread(
            vectors.multipliers, self.size, self.kind, self.a, self.p, self.z, self.w, u, v, d, dz, dw
        )
        return d, y, dz, dw, min(one for one, _ in lengths), min(two for _, two in lengths)

    def run(self, tolerance: float, limit: float | None) -> Outcome:
        """Iterate to the tolerance."""
        began = perf_counter()
        form, crew = self.form, self.crew
        n = form.shape[1]
        self.start()
        size_b = 1.0 + self._largest(
            np.concatenate([form.lower[np.isfinite(form.lower)], form.upper[np.isfinite(form.upper)]])
        )
        size_c = 1.0 + self._largest(form.cost)
        state = (self.kind, self.a, self.p, self.z, self.w)
        u, v, nu, nv = (np.zeros(self.size) for _ in range(4))
        mu = sum(crew.spread(vectors.products_after, self.size, *state, u, u, u, 0.0, 0.0)) / max(self.count, 1)
        for k in range(ITERATIONS):
            self.residuals()
            pinf, dinf = self._largest(self.rp) / size_b, self._largest(self.rd) / size_c
            gap = abs(self.primal - self.dual) / (1e-10 + max(abs(self.primal), abs(self.dual)))
            if LOG:
                print(
                    f"{k:3d} {self.primal:15.8e} {self.dual:15.8e} p {pinf:.1e} d {dinf:.1e} gap {gap:.1e} mu {mu:.1e} "
                    f"{self.factor.dependent} {self.solves} {perf_counter() - began:.2f}"
                )
            if pinf < tolerance and dinf < tolerance and gap < tolerance:
                return Outcome("optimal", self.s[:n], self.y, k)
            if limit is not None and perf_counter() - began > limit:
                return Outcome("limit", self.s[:n], self.y, k)
            self._refactor()
            crew.spread(vectors.affine_targets, self.size, *state, u, v)
            d, y, dz, dw, ap, ad = self.direction(u, v, 1)
            after = sum(crew.spread(vectors.products_after, self.size, *state, d, dz, dw, ap, ad)) / max(self.count, 1)
            sigma = (after / mu) ** 3 if mu > 0 else 0.0
            crew.spread(vectors.centred_targets, self.size, *state, d, dz, dw, sigma * mu, 1.0, u, v)
            d, y, dz, dw, ap, ad = self.direction(u, v, REFINEMENTS)
            for _ in range(CORRECTORS):
                if ap > 0.95 and ad > 0.95:
                    break
                tp, td = min(1.0, 1.08 * ap + 0.08), min(1.0, 1.08 * ad + 0.08)
                target = max(sigma, 1e-3) * mu
                crew.spread(
                    vectors.corrected_targets, self.size, *state, d, dz, dw, tp, td, target, 0.1, 10.0, u, v, nu, nv
                )
                trial = self.direction(nu, nv, 1)
                if min(trial[4], trial[5]) < 1.0 * min(ap, ad) or trial[4] + trial[5] < ap + ad + 0.02:
                    break
                d, y, dz, dw, ap, ad = trial
                u, nu, v, nv = nu, u, nv, v
            if not np.isfinite(ap + ad) or not np.isfinite(d).all():
                return Outcome("failed", self.s[:n], self.y, k, "no direction")
            ap, ad = min(1.0, STEP * ap) if ap < 1 else 1.0, min(1.0, STEP * ad) if ad < 1 else 1.0
            mu = sum(crew.spread(vectors.advance, self.size, self.kind, self.s, *state[1:], d, dz, dw, ap, ad)) / max(
                self.count, 1
            )
            self.y += ad * y
            if LOG:
                print(f"      sigma {sigma:.1e} steps {ap:.3f} {ad:.3f}")
        return Outcome("limit", self.s[:n], self.y, ITERATIONS)
