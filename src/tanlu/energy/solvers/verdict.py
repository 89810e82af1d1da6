"""Whether the answer of a solver counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import Final

import numpy as np

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers import check
from tanlu.energy.solvers.answer import RawAnswer, Residuals, Solution, Status

DIRECTION_TOLERANCE: Final = 1e-7
"""Largest relative violation of the proof that a problem is unbounded."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """A checked answer.

    Parameters
    ----------
    solution : Solution
        The answer with its residuals; the name of the solver and the time are filled in by the caller.
    accepted : bool
    reason : str
        Why it is not accepted.
    """

    solution: Solution
    accepted: bool
    reason: str = ""

    @property
    def rank(self) -> tuple[float, float]:
        """Order of answers that were not accepted: feasibility first, then optimality."""
        residuals = self.solution.residuals
        return residuals.primal, max(residuals.relative_dual, residuals.relative_gap)

    @classmethod
    def out_of_time(cls, problem: LinearProblem) -> Verdict:
        """Return the verdict when no solver could be tried."""
        return cls(_assemble(problem, RawAnswer(Status.LIMIT), Status.LIMIT), accepted=False)


def judge(
    problem: LinearProblem,
    answer: RawAnswer,
    name: str,
    tolerance: float,
    gap: float,
    time_limit: float | None = None,
) -> Verdict:
    """Return the verdict on an answer.

    Parameters
    ----------
    problem : LinearProblem
    answer : RawAnswer
    name : str
        Name of the solver.
    tolerance : float
        Largest relative residual.
    gap : float
        Largest relative gap of a whole-number problem.
    time_limit : float or None
        For each second opinion on a claim that comes without a proof [s].
    """
    if answer.status is Status.INFEASIBLE:
        return _judge_infeasible(problem, answer, name, time_limit)
    if answer.status is Status.UNBOUNDED:
        return _judge_unbounded(problem, answer, name, tolerance, time_limit)
    solution = _assemble(problem, answer, answer.status)
    whole = _whole(problem)
    limit = tolerance + gap if whole else tolerance
    if not solution.found:
        return Verdict(solution, accepted=False, reason=answer.reason or answer.status)
    good = (
        max(solution.residuals.primal, 0.0 if whole else solution.residuals.relative_dual) <= tolerance
        and solution.residuals.relative_gap <= limit
    )
    if good:
        # the point is what counts: a solver that stopped early at an optimal point has solved the problem
        return Verdict(replace(solution, status=Status.OPTIMAL), accepted=True)
    status = Status.LIMIT if answer.status is Status.LIMIT else Status.FAILED
    return Verdict(replace(solution, status=status), False, _shortfall(answer, solution.residuals, tolerance, limit))


def _shortfall(answer: RawAnswer, residuals: Residuals, tolerance: float, gap: float) -> str:
    """Return in a few words what an answer lacks."""
    if answer.status is not Status.OPTIMAL:
        return answer.reason or answer.status
    parts = {
        "row": (residuals.relative_row, tolerance),
        "bound": (residuals.relative_bound, tolerance),
        "integrality": (residuals.integrality, tolerance),
        "dual": (residuals.relative_dual, tolerance),
        "gap": (residuals.relative_gap, gap),
    }
    return "claims optimal: " + ", ".join(f"{k} {v:.1e} > {limit:.0e}" for k, (v, limit) in parts.items() if v > limit)


def _judge_infeasible(problem: LinearProblem, answer: RawAnswer, name: str, time_limit: float | None) -> Verdict:
    """Accept infeasibility with a proof, or when a solver of another kind says the same."""
    from tanlu.energy.solvers import highs

    proven = check.is_infeasible(problem, answer.ray)
    if not proven:
        second = highs.second_opinion(problem, time_limit)
        answer = second if second.status is Status.INFEASIBLE else answer
        # for whole numbers there is no ray: the second run goes another way, without presolve
        independent = _whole(problem) or not name.startswith("highs")
        proven = second.status is Status.INFEASIBLE and (independent or check.is_infeasible(problem, second.ray))
    if proven:
        return Verdict(_assemble(problem, answer, Status.INFEASIBLE), accepted=True)
    return Verdict(_failed(problem, answer), accepted=False, reason="claims infeasible: not proven")


def _judge_unbounded(
    problem: LinearProblem, answer: RawAnswer, name: str, tolerance: float, time_limit: float | None
) -> Verdict:
    """Accept unboundedness with a direction of falling cost and a feasible point; a problem without a point is infeasible."""
    from tanlu.energy.solvers import highs

    if not check.is_unbounded_direction(problem, answer.ray, DIRECTION_TOLERANCE):
        second = highs.second_opinion(problem, time_limit)
        if second.status is Status.INFEASIBLE:
            return _judge_infeasible(problem, second, name, time_limit)
        answer = second if second.status is Status.UNBOUNDED else answer
    if not check.is_unbounded_direction(problem, answer.ray, DIRECTION_TOLERANCE):
        return Verdict(_failed(problem, answer), accepted=False, reason="claims unbounded: not proven")
    point = highs.feasible_point(problem, time_limit)
    if point.status is Status.INFEASIBLE:
        return _judge_infeasible(problem, point, name, time_limit)
    if point.primal.size == 0 or check.residuals(problem, point.primal, np.empty(0)).primal > tolerance:
        return Verdict(_failed(problem, answer), accepted=False, reason="claims unbounded: no feasible point found")
    solution = _assemble(problem, answer, Status.UNBOUNDED)
    return Verdict(solution, accepted=True)


def _failed(problem: LinearProblem, answer: RawAnswer) -> Solution:
    """Return the solution that stands for an unproven claim."""
    return _assemble(problem, RawAnswer(Status.FAILED, iterations=answer.iterations), Status.FAILED)


def _assemble(problem: LinearProblem, answer: RawAnswer, status: Status) -> Solution:
    """Return an answer as a solution of the given status, with residuals and bound computed here."""
    primal = _vector(answer.primal, problem.shape[1])
    dual = _vector(answer.dual, problem.shape[0])
    if status in {Status.INFEASIBLE, Status.UNBOUNDED}:
        primal = dual = np.empty(0)
    whole = _whole(problem)
    lower = _lower(problem, answer, dual, status, whole)
    residuals = check.residuals(problem, primal, dual) if primal.size else Residuals()
    if whole and primal.size:
        residuals = check.with_bound(problem, primal, residuals, lower)
    return Solution(
        status=status,
        primal=primal,
        dual=dual,
        reduced_costs=check.reduced_costs(problem, dual) if dual.size else np.empty(0),
        objective=problem.objective(primal) if primal.size else (-inf if status is Status.UNBOUNDED else inf),
        lower_bound=lower,
        residuals=residuals,
        solver="",
        iterations=answer.iterations,
        seconds=0.0,
        ray=answer.ray if status in {Status.INFEASIBLE, Status.UNBOUNDED} else np.empty(0),
        basis=answer.basis,
    )


def _lower(problem: LinearProblem, answer: RawAnswer, dual: Floats, status: Status, whole: bool) -> float:
    """Return the lower bound of the objective."""
    if status is Status.INFEASIBLE:
        return inf
    if status is Status.UNBOUNDED:
        return -inf
    if whole:
        return answer.lower_bound
    return check.dual_bound(problem, dual) if dual.size else -inf


def _whole(problem: LinearProblem) -> bool:
    """Return whether some columns must be whole numbers."""
    return problem.integer is not None and bool(problem.integer.any())


def _vector(values: Floats, size: int) -> Floats:
    """Return a vector of the right size with finite numbers, or an empty one."""
    return values if values.shape == (size,) and np.isfinite(values).all() else np.empty(0)
