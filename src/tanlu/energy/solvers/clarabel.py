"""Clarabel: interior point for conic problems, here with rows as zero and non-negative cones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import clarabel
import numpy as np
from scipy import sparse

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.answer import RawAnswer, Status
from tanlu.energy.solvers.scaling import equilibrate

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
STATUS: Final = {
    "Solved": Status.OPTIMAL,
    "AlmostSolved": Status.OPTIMAL,
    "PrimalInfeasible": Status.INFEASIBLE,
    "AlmostPrimalInfeasible": Status.INFEASIBLE,
    "DualInfeasible": Status.UNBOUNDED,
    "AlmostDualInfeasible": Status.UNBOUNDED,
    "MaxTime": Status.LIMIT,
    "MaxIterations": Status.LIMIT,
}
"""Words of Clarabel in those of the contract; every other word is a failure."""


@dataclass(frozen=True, eq=False)
class _Cones:
    """A problem as min q'x, A x + s = b, s in zero and non-negative cones, without the columns that are fixed.

    The rows of A are: equations, upper sides, lower sides (negated), upper bounds, lower bounds (negated).
    """

    free: Mask
    equal: Mask
    above: Mask
    below: Mask
    matrix: sparse.csc_array
    sides: Floats
    equations: int

    def duals(self, multipliers: Floats) -> Floats:
        """Return row duals from the multipliers of the cones."""
        dual = np.zeros(len(self.equal))
        first, second = self.equations, self.equations + int(self.above.sum())
        dual[self.equal] = -multipliers[:first]
        dual[self.above] -= multipliers[first:second]
        dual[self.below] += multipliers[second : second + int(self.below.sum())]
        return dual


def run(
    problem: LinearProblem,
    tolerance: float,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int = 1,
    warm: object = None,
) -> RawAnswer:
    """Solve with Clarabel."""
    scaling = equilibrate(problem)
    scaled = scaling.apply(problem)
    cones = _cones(scaled)
    if not cones.free.any():
        return _without_choice(problem)
    if not len(cones.sides):
        return _without_sides(problem, cones)
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix((int(cones.free.sum()),) * 2),
        scaled.cost[cones.free],
        sparse.csc_matrix(cones.matrix),
        cones.sides,
        _kinds(cones),
        _settings(tolerance, time_limit, threads),
    )
    return scaling.undo(_answer(solver.solve(), scaled, cones), problem.offset)


def _without_choice(problem: LinearProblem) -> RawAnswer:
    """Return the answer when every column is fixed; a claim that the rows cannot be kept is checked like any other."""
    activity = problem.matrix @ problem.lower
    kept = ((activity >= problem.row_lower) & (activity <= problem.row_upper)).all()
    status = Status.OPTIMAL if kept else Status.INFEASIBLE
    return RawAnswer(status, problem.lower.copy(), np.zeros(problem.shape[0]), reason="nothing to choose")


def _without_sides(problem: LinearProblem, cones: _Cones) -> RawAnswer:
    """Return the answer when nothing holds the columns that are not fixed."""
    direction = np.where(cones.free, -problem.cost, 0.0)
    if direction.any():
        return RawAnswer(Status.UNBOUNDED, ray=direction, reason="nothing to keep")
    primal = np.where(cones.free, 0.0, problem.lower)
    return RawAnswer(Status.OPTIMAL, primal, np.zeros(problem.shape[0]), reason="nothing to keep")


def _cones(problem: LinearProblem) -> _Cones:
    """Return the problem in Clarabel's form."""
    free = problem.lower != problem.upper
    fixed = problem.matrix[:, ~free] @ problem.lower[~free] if not free.all() else 0.0
    matrix = (problem.matrix[:, free] if not free.all() else problem.matrix).tocsr()
    row_lower, row_upper = problem.row_lower - fixed, problem.row_upper - fixed
    lower, upper = problem.lower[free], problem.upper[free]
    equal = row_lower == row_upper
    above, below = np.isfinite(row_upper) & ~equal, np.isfinite(row_lower) & ~equal
    unit = sparse.eye_array(len(lower), format="csr")
    has_upper, has_lower = np.isfinite(upper), np.isfinite(lower)
    parts = [matrix[equal], matrix[above], -matrix[below], unit[has_upper], -unit[has_lower]]
    sides = [row_lower[equal], row_upper[above], -row_lower[below], upper[has_upper], -lower[has_lower]]
    stacked = sparse.vstack(parts, format="csc")
    return _Cones(free, equal, above, below, stacked, np.concatenate(sides), int(equal.sum()))


def _kinds(cones: _Cones) -> list[object]:
    """Return the cones of the rows."""
    rest = len(cones.sides) - cones.equations
    kinds: list[object] = [clarabel.ZeroConeT(cones.equations)] if cones.equations else []
    return [*kinds, clarabel.NonnegativeConeT(rest)] if rest else kinds


def _settings(tolerance: float, time_limit: float | None, threads: int) -> clarabel.DefaultSettings:
    """Return settings for a tolerance."""
    settings = clarabel.DefaultSettings()
    strict = min(1e-8, max(1e-12, 0.01 * tolerance))
    settings.verbose = False
    settings.tol_feas = settings.tol_gap_abs = settings.tol_gap_rel = strict
    settings.chordal_decomposition_enable = False
    # its presolve only drops rows with sides above 1e20, and none are passed
    settings.presolve_enable = False
    settings.max_threads = threads
    if time_limit is not None:
        settings.time_limit = time_limit
    return settings


def _answer(found: clarabel.DefaultSolution, problem: LinearProblem, cones: _Cones) -> RawAnswer:
    """Return Clarabel's answer with the fixed columns put back."""
    word = str(found.status)
    status = STATUS.get(word, Status.FAILED)
    primal = problem.lower.copy()
    primal[cones.free] = found.x
    dual = cones.duals(np.array(found.z))
    if status is Status.INFEASIBLE:
        return RawAnswer(status, ray=dual, iterations=found.iterations, reason=word)
    if status is Status.UNBOUNDED:
        primal[~cones.free] = 0.0
        return RawAnswer(status, ray=primal, iterations=found.iterations, reason=word)
    return RawAnswer(status, primal, dual, iterations=found.iterations, reason=word)
