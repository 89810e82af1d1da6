"""Structured interior-point solver of linear programmes of energy systems over many nodes, time steps and periods."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from tanlu.energy.problem import LinearProblem
from tanlu.energy.solvers.answer import RawAnswer, Status
from tanlu.energy.solvers.structured_crew import Crew
from tanlu.energy.solvers.structured_form import contradiction, make_form
from tanlu.energy.solvers.structured_iteration import Iteration


def run(
    problem: LinearProblem,
    tolerance: float = 1e-6,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    threads: int = 1,
    warm: object = None,
) -> RawAnswer:
    began = perf_counter()
    if contradiction(problem):
        return RawAnswer(Status.INFEASIBLE, reason="bounds contradict each other")
    form = make_form(problem)
    with Crew(threads) as crew:
        it = Iteration(form, crew)
        t = perf_counter() - began
        out = it.run(tolerance, None if time_limit is None else time_limit - t)
    return RawAnswer(
        Status(out.status), form.primal(out.x), form.dual(out.y), iterations=out.iterations, reason=out.reason
    )
