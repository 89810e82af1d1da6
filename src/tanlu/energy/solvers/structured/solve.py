r"""Interior-point solver of linear programmes with many nodes, time steps and periods.

The work of an interior-point method is the factorisation of its Newton matrix. General sparse solvers find its order from the graph
alone and fill it more than needed. Here the tags of `LinearProblem` give the order: limits of hourly quantities by capacities are
eliminated in closed form, which leaves for each step a block of balances and stores, coupled to the next step through the stores; balances
with few neighbours go one by one, the rest of the block is dense and small. The blocks of a period form a chain, eliminated from both ends
of the year at once; capacities, annual limits and the closing of the year form the border of the period; what joins periods comes last.
Work and memory grow in proportion to the number of steps.

The modules: `order` finds the order; `layout`, `lists` and `light` where numbers stand;
`factor` and `chain` factor and solve with the kernels of `kernels` and `blocks`, and `blas`;
`presolve`, `form` and `start` prepare a problem, `iteration` iterates.
"""

from __future__ import annotations

from math import inf
from time import perf_counter
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers import check
from tanlu.energy.solvers.answer import RawAnswer, Status
from tanlu.energy.solvers.structured.crew import Crew
from tanlu.energy.solvers.structured.form import contradiction, make_form
from tanlu.energy.solvers.structured.iteration import Iteration

LARGE: Final = 250_000
"""Rows and columns together from which a second thread is worth what it costs to keep two in step."""


def run(
    problem: LinearProblem,
    tolerance: float = 1e-6,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int | None = None,
    warm: object = None,
) -> RawAnswer:
    """Solve a problem without whole numbers.

    Parameters
    ----------
    problem : LinearProblem
        The fewer rows do not fit their step and the fewer columns stand in the border, the faster; any problem is solved.
    tolerance : float
        Largest relative residual and gap.
    gap : float
        Without meaning here.
    time_limit : float or None
        [s], looked at once in an iteration.
    threads : int or None
        The answer is the same for every number; None is two, or one where a second gains nothing.
    warm : object
        Without meaning here.

    Returns
    -------
    RawAnswer
        `Status.INFEASIBLE` and `Status.UNBOUNDED` come with a ray that may prove it.
    """
    began = perf_counter()
    if contradiction(problem):
        return RawAnswer(Status.INFEASIBLE, reason="contradicting bounds")
    form = make_form(problem)
    if not len(form.cost) and len(form.rows_kept):
        return RawAnswer(Status.INFEASIBLE, reason="rows that nothing is left to meet")
    if not len(form.cost):
        return RawAnswer(Status.OPTIMAL, form.primal(form.cost), form.dual(0.0 * form.row_scale))

    def stands(x: Floats, y: Floats) -> bool:
        return check.residuals(problem, form.primal(x), form.dual(y)).worst < 0.9 * tolerance

    # an unbounded problem ends in numbers that are none, which the iteration looks for
    quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
    # products of blocks are small and run on the threads of the crew; more threads of BLAS would wait for each other
    with Crew(threads or (2 if sum(form.shape) > LARGE else 1)) as crew, threadpool_limits(1, user_api="blas"), quiet:
        limit = inf if time_limit is None else time_limit - (perf_counter() - began)
        outcome = Iteration(form, crew).run(tolerance, limit, stands)
    primal, dual = form.primal(outcome.x), form.dual(outcome.y)
    ray = {Status.INFEASIBLE: form.ray(outcome.y), Status.UNBOUNDED: primal}.get(outcome.status, np.empty(0))
    return RawAnswer(outcome.status, primal, dual, ray=ray, iterations=outcome.iterations, reason=outcome.reason)
