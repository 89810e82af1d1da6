"""Primal-dual interior-point iteration on the structured factorisation.

Predictor and corrector after S. Mehrotra (1992, https://doi.org/10.1137/0802028), further centrality correctors after J. Gondzio (1996,
https://doi.org/10.1007/BF00249643), both weighted by line search (M. Colombo and J. Gondzio 2008,
https://doi.org/10.1007/s10589-007-9106-0); regularised Newton matrix with iterative refinement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final, NamedTuple

import numpy as np

from tanlu.energy.problem import Floats
from tanlu.energy.solvers.answer import Status
from tanlu.energy.solvers.structured import kernels, vectors
from tanlu.energy.solvers.structured.crew import Crew
from tanlu.energy.solvers.structured.factor import Factor
from tanlu.energy.solvers.structured.form import Form
from tanlu.energy.solvers.structured.start import starting_point

ITERATIONS: Final = 200
PROXIMITY: Final = 1e-9
FREE_PROXIMITY: Final = 1e-5
DUAL_PROXIMITY: Final = 1e-8
LIMIT_PROXIMITY: Final = 1e-12
"""Regularisation of bounded columns, of free columns, of rows, of limits; refinement takes out what it changes."""
REFINEMENTS: Final = 2
REFINED: Final = 0.5
"""Residual of the Newton equations, relative to what is needed, under which they are not refined."""
NEEDED: Final = 1e-6
ROUGH: Final = 0.1
"""Residual that Newton equations may leave: this, or as long as that is more a share of the residual of the problem."""
NEAR: Final = 20.0
"""Residuals of the form up to so many tolerances with which a point is shown to the exact check, once the gap is closed."""
REACH: Final = 0.5
"""How much further than the present step a centrality corrector looks."""
GAIN: Final = 0.02
"""Gain of the two step lengths under which no further corrector is tried."""
CENTRE: Final = (0.1, 10.0)
"""Range of products, relative to their target, that needs no correction."""
CLOSE: Final = 1e-4
STALE: Final = 6
"""Iterations without a better point after which an iteration that has come this close to the optimum ends: rounding has the upper hand."""
DIVERGED: Final = 1e5
"""Relative size of an objective from which a proof of infeasibility or unboundedness is looked for."""
SHORT: Final = 1e-5
"""Steps shorter than this make no progress."""


Stands = Callable[[Floats, Floats], bool]
"""Whether columns and row duals of the form stand the check in the units of the problem."""


class Direction(NamedTuple):
    """A step of columns and activities, row duals, multipliers of lower and upper bounds, with its longest lengths."""

    d: Floats
    y: Floats
    dz: Floats
    dw: Floats
    primal: float
    dual: float


class Shares(NamedTuple):
    """How much of a trial direction gives the longest steps, for columns and multipliers apart, and these steps."""

    primal: float
    dual: float
    primal_length: float
    dual_length: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """Where an iteration ended, in the units of the form; for INFEASIBLE and UNBOUNDED y or x is the candidate of a proof."""

    status: Status
    x: Floats
    y: Floats
    iterations: int
    reason: str = ""


class Iteration:
    """State of the iteration.

    Parameters
    ----------
    form : Form
    crew : Crew

    Attributes
    ----------
    s : (n + m,) array
        Columns, then activities of the rows.
    y : (m,) array
        Row duals.
    a, p, z, w : (n + m,) arrays
        Distances from the lower and upper bounds, and their multipliers.
    """

    def __init__(self, form: Form, crew: Crew) -> None:
        self.form, self.crew = form, crew
        m, n = form.shape
        self.size = n + m
        self.factor = Factor(form.order, form.matrix, form.rows, crew)
        self.kind = form.kind
        self.count = max(1, int(np.count_nonzero(form.kind & 1) + np.count_nonzero(form.kind & 2)))
        self.equation, self.inequality = np.flatnonzero(form.equation), np.flatnonzero(~form.equation)
        self.proximity = np.where(form.kind[:n] == 0, FREE_PROXIMITY, PROXIMITY)
        # a limit is eliminated with its column in closed form, which needs little regularisation; where it holds the column near zero, more
        # of it would let in errors as large as itself times a large dual
        self.dual_proximity = np.full(m, DUAL_PROXIMITY)
        self.dual_proximity[: form.order.limits] = LIMIT_PROXIMITY
        self.firmness = 1.0
        self.diagonal, self.slack = np.ones(n), np.ones(m)
        self.primal_need, self.dual_need = NEEDED, NEEDED
        self.s, self.y, self.a, self.p, self.z, self.w = starting_point(self)
        self.u, self.v = np.zeros(self.size), np.zeros(self.size)
        self.theta = np.empty(self.size)

    def forward(self, x: Floats, base: Floats, sign: float) -> Floats:
        """Return base + sign * A x."""
        out, rows = np.empty(len(base)), self.form.rows
        self.crew.spread(
            kernels.multiply, len(base), rows.indptr, rows.indices, rows.data, x, base, sign, out, work=rows.nnz
        )
        return out

    def backward(self, y: Floats, base: Floats, sign: float) -> Floats:
        """Return base + sign * A' y."""
        out, columns = np.empty(len(base)), self.form.matrix
        self.crew.spread(
            kernels.multiply,
            len(base),
            columns.indptr,
            columns.indices,
            columns.data,
            y,
            base,
            sign,
            out,
            work=columns.nnz,
        )
        return out

    def largest(self, values: Floats) -> float:
        """Return the largest magnitude."""
        return float(max([0.0, *self.crew.spread(vectors.largest, len(values), values)]))

    def largest_share(self, values: Floats, sizes: Floats) -> float:
        """Return the largest magnitude relative to the sizes of the entries."""
        return float(max([0.0, *self.crew.spread(vectors.largest_share, len(values), values, sizes)]))

    def set_diagonals(self, columns: Floats, rows: Floats) -> None:
        """Factor the Newton matrix with barrier terms of columns and of activities."""
        self.diagonal = columns
        self.slack = np.zeros(len(rows))
        self.slack[self.inequality] = 1.0 / np.clip(rows[self.inequality], 1e-30, 1e30)
        self.factor.update(columns + self.firmness * self.proximity, self.slack + self.firmness * self.dual_proximity)

    def solve(self, f: Floats, g: Floats, refinements: int) -> tuple[Floats, Floats]:
        """Return x, y with −D x + A' y = f, A x + E y = g, refined to what the residuals of the problem still need.

        A residual relative to f and g would not do: they contain terms that are larger than those residuals by many orders.
        """
        form = self.form
        x, y = self.factor.solve(f, g)
        before, more_x, more_y = np.inf, x, y
        for k in range(refinements + 1 if refinements else 0):
            left = self.backward(y, f + self.diagonal * x, -1.0)
            right = self.forward(x, g - self.slack * y, -1.0)
            rest = max(
                self.largest_share(left, form.dual_size) / self.dual_need,
                self.largest_share(right, form.primal_size) / self.primal_need,
            )
            if not rest < before:
                return x - more_x, y - more_y
            if rest < REFINED or rest > 0.5 * before or k == refinements:
                break
            before = rest
            more_x, more_y = self.factor.solve(left, right)
            x = x + more_x
            y = y + more_y
        return x, y

    def measure(self) -> None:
        """Compute residuals, objective and bound at the present point."""
        form, n = self.form, self.form.shape[1]
        self.primal_rest = self.forward(self.s[:n], self.s[n:], -1.0)
        self.dual_rest = np.empty(self.size)
        self.dual_rest[:n] = self.backward(self.y, form.cost - self.z[:n] + self.w[:n], -1.0)
        self.dual_rest[n:] = self.y - self.z[n:] + self.w[n:]
        self.dual_rest[n:][self.equation] = 0.0
        self.objective = float(form.cost @ self.s[:n])
        values = self.crew.spread(vectors.bound_value, self.size, self.kind, form.lower, form.upper, self.z, self.w)
        self.bound = sum(values) + float(form.lower[n:][self.equation] @ self.y[self.equation])

    def direction(
        self, refinements: int, base: Direction | None = None, least: float = 1.0
    ) -> tuple[Direction, Shares]:
        """Return the Newton step for the targets u, v of the products, each minus the product, and how much of it to take.

        Shares from `least` to all of it are blended with a base direction.
        """
        crew, size, n = self.crew, self.size, self.form.shape[1]
        pull, f, g = np.empty(size), np.empty(n), np.empty(size - n)
        crew.spread(
            vectors.sides, size, self.kind, self.a, self.p, self.u, self.v, self.dual_rest, self.primal_rest, self.slack, pull, f, g
        )  # fmt: skip
        x, y = self.solve(f, g, refinements)
        d, dz, dw = pull, np.zeros(size), np.zeros(size)
        bases = (d, dz, dw) if base is None else (base.d, base.dz, base.dw)
        shares = np.ones(1) if base is None else np.linspace(least, 1.0, 9)
        lengths = np.min(
            crew.spread(
                vectors.trial, size, self.kind, self.a, self.p, self.z, self.w, self.u, self.v, pull, self.slack, x, y, *bases, shares,
                d, dz, dw,
            ),
            axis=0,
        )  # fmt: skip
        p, q = (len(shares) - 1 - int(np.argmax(one[::-1])) for one in lengths)
        whole = Direction(d, y, dz, dw, float(lengths[0, -1]), float(lengths[1, -1]))
        return whole, Shares(float(shares[p]), float(shares[q]), float(lengths[0, p]), float(lengths[1, q]))

    def blend(self, base: Direction, trial: Direction, shares: Shares) -> Direction:
        """Return the blend of two directions; the trial is written over."""
        for one, other, share in zip(base[:4], trial[:4], (shares.primal, *[shares.dual] * 3), strict=True):
            if share < 1.0:
                self.crew.spread(vectors.mix, len(one), one, other, share)
        return Direction(*trial[:4], shares.primal_length, shares.dual_length)

    def step(self, mu: float) -> Direction:
        """Return the direction of an iteration: predictor, corrector, centrality correctors."""
        crew, state = self.crew, (self.kind, self.a, self.p, self.z, self.w)
        crew.spread(vectors.affine_targets, self.size, *state, self.u, self.v)
        best, _ = self.direction(0)
        after = (
            sum(crew.spread(vectors.products_after, self.size, *state, best.d, best.dz, best.dw, *best[4:]))
            / self.count
        )
        sigma = (after / mu) ** 3 if mu > 0 else 0.0
        crew.spread(
            vectors.centred_targets, self.size, *state, best.d, best.dz, best.dw, sigma * mu, 1.0, self.u, self.v
        )
        trial, shares = self.direction(REFINEMENTS, best, max(best.primal * best.dual, 0.1))
        best = self.blend(best, trial, shares)
        for _ in range(self.factor.correctors):
            if min(best.primal, best.dual) > 0.95:
                break
            reach = [min(1.0, 1.08 * length + REACH) for length in best[4:]]
            target = max(sigma, 1e-3) * mu
            crew.spread(
                vectors.corrected_targets,
                self.size,
                *state,
                best.d,
                best.dz,
                best.dw,
                *reach,
                target,
                *CENTRE,
                self.u,
                self.v,
            )
            trial, shares = self.direction(0, best, 0.1)
            if not shares.primal_length + shares.dual_length > best.primal + best.dual + GAIN:
                break
            best = self.blend(best, trial, shares)
        return best

    def run(self, tolerance: float, time_limit: float, stands: Stands | None = None) -> Outcome:
        """Iterate until residuals and gap are below a tolerance, relative to the sides, costs and objective.

        Residuals are relative to what is known beforehand; rounding may keep those of duals above the tolerance when multipliers are
        large. A point with a closed gap for which `stands` holds ends the iteration too.
        """
        end = perf_counter() + time_limit
        form, crew = self.form, self.crew
        n = form.shape[1]
        sides = np.concatenate([form.lower, form.upper])
        size_g, size_f = 1.0 + self.largest(sides[np.isfinite(sides)]), 1.0 + self.largest(form.cost)
        state = (self.kind, self.a, self.p, self.z, self.w)
        none = np.zeros(self.size)
        mu = sum(crew.spread(vectors.products_after, self.size, *state, none, none, none, 0.0, 0.0)) / self.count
        short, stale = 0, 0
        best_merit, best_point = np.inf, (self.s[:n], self.y)
        for k in range(ITERATIONS):
            self.measure()
            primal = self.largest_share(self.primal_rest, form.primal_size)
            dual = self.largest_share(self.dual_rest, form.dual_size)
            self.primal_need, self.dual_need = max(NEEDED, ROUGH * primal), max(NEEDED, ROUGH * dual)
            residual = max(primal, dual)
            gap = abs(self.objective - self.bound) / max(abs(self.objective), abs(self.bound), 1e-10)
            if residual < 0.5 * tolerance and gap < 0.9 * tolerance:
                return Outcome(Status.OPTIMAL, self.s[:n], self.y, k)
            if (
                stands is not None
                and residual < NEAR * tolerance
                and gap < 0.9 * tolerance
                and stands(self.s[:n], self.y)
            ):
                return Outcome(Status.OPTIMAL, self.s[:n], self.y, k)
            merit = max(residual, gap)
            stale = 0 if merit < best_merit else stale + 1
            if merit < best_merit:
                best_merit, best_point = merit, (self.s[:n].copy(), self.y.copy())
            if perf_counter() > end:
                return Outcome(Status.LIMIT, *best_point, k, "time")
            if best_merit < CLOSE and stale >= STALE:
                return Outcome(Status.FAILED, *best_point, k, f"stops at {best_merit:.0e}")
            crew.spread(vectors.barrier, self.size, *state, self.theta)
            self.set_diagonals(self.theta[:n], self.theta[n:])
            best = self.step(mu)
            if not np.isfinite(best.d).all() or not np.isfinite(best.y).all():
                short, self.firmness = short + 1, self.firmness * 100
                if short > 3:
                    return self.ended(k, "no direction")
                continue
            lengths = [vectors.STEP * length for length in best[4:]]
            products = crew.spread(
                vectors.advance, self.size, self.kind, self.s, *state[1:], best.d, best.dz, best.dw, *lengths
            )
            mu = sum(products) / self.count
            self.y += lengths[1] * best.y
            short = short + 1 if max(lengths) < SHORT else 0
            if short > 3:
                return self.ended(k, "short steps")
            if k % 5 == 4 and self.diverges(size_f, size_g):
                return self.ended(k, "diverges")
        return Outcome(Status.LIMIT, self.s[:n], self.y, ITERATIONS, "iterations")

    def diverges(self, size_f: float, size_g: float) -> bool:
        """Return whether objective or bound are so large that they point to an infeasible or unbounded problem."""
        n = self.form.shape[1]
        scale = size_f * size_g * self.size
        infeasible = self.bound > DIVERGED * max(scale, abs(self.objective))
        return infeasible or -self.objective > DIVERGED * max(scale, abs(self.bound)) or self.largest(self.s[:n]) > 1e15

    def ended(self, iterations: int, reason: str) -> Outcome:
        """Return an outcome without optimum, with what may prove that there is none."""
        x, y = self.s[: self.form.shape[1]], self.y
        self.measure()
        if self.bound > 10 * abs(self.objective) and self.bound > 0:
            return Outcome(Status.INFEASIBLE, x, y, iterations, reason)
        if -self.objective > 10 * abs(self.bound):
            return Outcome(Status.UNBOUNDED, x, y, iterations, reason)
        return Outcome(Status.FAILED, x, y, iterations, reason)
