"""PIQP: a proximal interior-point method, fast on one node; an optional extra, and never trusted alone."""

from __future__ import annotations

from typing import Final

import numpy as np
import piqp
from scipy import sparse

from tanlu.energy.problem import LinearProblem
from tanlu.energy.solvers.answer import RawAnswer, Status
from tanlu.energy.solvers.scaling import equilibrate

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
STATUS: Final = {
    piqp.PIQP_SOLVED: Status.OPTIMAL,
    piqp.PIQP_PRIMAL_INFEASIBLE: Status.INFEASIBLE,
    piqp.PIQP_DUAL_INFEASIBLE: Status.UNBOUNDED,
    piqp.PIQP_MAX_ITER_REACHED: Status.LIMIT,
}
"""Words of PIQP in those of the contract; every other word is a failure."""


def run(
    problem: LinearProblem,
    tolerance: float,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int = 1,
    warm: object = None,
) -> RawAnswer:
    """Solve with PIQP; it knows no limit of time."""
    scaling = equilibrate(problem)
    scaled = scaling.apply(problem)
    equal = scaled.row_lower == scaled.row_upper
    # PIQP writes a warning to the console for rows that are open on both sides
    sided = ~equal & (np.isfinite(scaled.row_lower) | np.isfinite(scaled.row_upper))
    matrix = scaled.matrix.tocsr()
    solver = piqp.SparseSolver()
    settings = solver.settings
    settings.verbose = False
    settings.kkt_solver = piqp.KKTSolver.sparse_ldlt
    settings.num_threads = threads
    settings.eps_abs = settings.eps_rel = min(1e-8, max(1e-12, 0.01 * tolerance))
    settings.check_duality_gap = True
    settings.eps_duality_gap_abs = settings.eps_duality_gap_rel = settings.eps_abs
    columns = len(scaled.cost)
    solver.setup(
        sparse.csc_matrix((columns, columns)),
        scaled.cost,
        sparse.csc_matrix(matrix[equal]),
        scaled.row_lower[equal],
        sparse.csc_matrix(matrix[sided]),
        scaled.row_lower[sided],
        scaled.row_upper[sided],
        scaled.lower,
        scaled.upper,
    )
    return scaling.undo(_answer(solver, equal, sided), problem.offset)


def _answer(solver: piqp.SparseSolver, equal: Mask, sided: Mask) -> RawAnswer:
    """Run PIQP and return its answer; its claims of infeasibility come without a usable proof."""
    outcome = solver.solve()
    result = solver.result
    status = STATUS.get(outcome, Status.FAILED)
    dual = np.zeros(len(equal))
    dual[equal] = -result.y
    dual[sided] = result.z_l - result.z_u
    primal = np.array(result.x)
    if status in {Status.INFEASIBLE, Status.UNBOUNDED} or not np.isfinite(primal).all():
        return RawAnswer(status, iterations=result.info.iter, reason=outcome.name)
    return RawAnswer(status, primal, dual, iterations=result.info.iter, reason=outcome.name)
