"""One call for all solvers: choose, solve, check, and replace what does not stand the check.

A solver is a function ``run(problem, tolerance, *, gap, time_limit, threads, warm) -> RawAnswer``, registered by name in `SOLVERS` and
imported when it is used. It never raises for a hard problem; it says `Status.FAILED`. Whether its answer counts is decided here, from
residuals in the exact units of the problem (`tanlu.energy.solvers.check`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from math import inf
from time import perf_counter
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.energy.problem import LinearProblem
from tanlu.energy.solvers.answer import RawAnswer, Residuals, Solution, Status
from tanlu.energy.solvers.choice import candidates
from tanlu.energy.solvers.verdict import Verdict, judge

__all__ = ["SOLVERS", "RawAnswer", "Residuals", "Run", "Solution", "Start", "Status", "register", "runner", "solve"]

Run = Callable[..., RawAnswer]
"""``run(problem, tolerance, *, gap, time_limit, threads, warm) -> RawAnswer``; `warm` is the `basis` of an earlier answer or None."""


class Start(NamedTuple):
    """What a solver can start from.

    Parameters
    ----------
    solver : str
        Its name.
    basis : object
        As in `RawAnswer`.
    """

    solver: str
    basis: object


_REGISTERED: dict[str, str | Run] = {
    "clarabel": "tanlu.energy.solvers.clarabel:run",
    "highs": "tanlu.energy.solvers.highs:run_milp",
    "highs-simplex": "tanlu.energy.solvers.highs:run_simplex",
    "highs-ipm": "tanlu.energy.solvers.highs:run_ipm",
    "piqp": "tanlu.energy.solvers.piqp:run",
    "structured": "tanlu.energy.solvers.structured.solve:run",
}
SOLVERS: Final[Mapping[str, str | Run]] = MappingProxyType(_REGISTERED)
"""Every solver by name: a function, or where to import it from."""
THREADS: Final[Mapping[str, int | None]] = MappingProxyType({"structured": None})
"""Threads where none are asked for, of solvers whose answer does not depend on them."""


def register(name: str, run: str | Run) -> None:
    """Add a solver, or put another in the place of one.

    Parameters
    ----------
    name : str
    run : callable or str
        The function, or ``module:function``, which is imported when the solver is used.
    """
    _REGISTERED[name] = run


def solve(
    problem: LinearProblem,
    solver: str = "auto",
    tolerance: float = 1e-6,
    time_limit: float | None = None,
    threads: int | None = None,
    warm: Solution | Start | None = None,
    gap: float = 1e-4,
) -> Solution:
    """Solve a problem and check the answer independently of the solver.

    Parameters
    ----------
    problem : LinearProblem
    solver : str
        Name of `SOLVERS`, or ``auto``: by size and structure. It is tried first; the next ones are tried when its answer does not stand
        the check.
    tolerance : float
        Largest relative residual of an optimal answer.
    time_limit : float or None
        For all solvers together [s].
    threads : int or None
        Threads of a solver; None is what `THREADS` says, else one. The same number gives the same answer to the last digit.
    warm : Solution, Start or None
        Earlier solution of a problem of the same shape, of which the same solver can start from the basis; or such a basis alone.
    gap : float
        Relative gap at which branch and bound may stop; without meaning for problems without whole numbers.

    Returns
    -------
    Solution
        `Status.LIMIT` or `Status.FAILED` with the best point that was found, when no solver gave an answer that stands the check.

    Raises
    ------
    DataError
        If the solver is unknown or not installed, cannot do whole numbers, or a number of the problem is not finite.
    """
    start = perf_counter()
    names = candidates(problem, solver, SOLVERS)
    _require_numbers(problem)
    best: tuple[str, Verdict] | None = None
    replaced: list[tuple[str, str]] = []
    for name in names:
        left = None if time_limit is None else time_limit - (perf_counter() - start)
        if left is not None and left <= 0:
            break
        basis = warm.basis if warm is not None and warm.solver == name else None
        answer = runner(name)(
            problem, tolerance, gap=gap, time_limit=left, threads=threads or THREADS.get(name, 1), warm=basis
        )
        left = None if time_limit is None else max(0.0, time_limit - (perf_counter() - start))
        verdict = judge(problem, answer, name, tolerance, gap, left)
        if verdict.accepted:
            return _solution(name, verdict, perf_counter() - start, replaced)
        if best is None or verdict.rank < best[1].rank:
            best = name, verdict
        replaced.append((name, verdict.reason))
    if best is None:
        return _solution(names[0], Verdict.out_of_time(problem), perf_counter() - start, replaced)
    return _solution(*best, perf_counter() - start, [pair for pair in replaced if pair[0] != best[0]])


def runner(name: str) -> Run:
    """Return the function of a solver, imported when it is a name."""
    run = SOLVERS[name]
    if not isinstance(run, str):
        return run
    module, _, function = run.partition(":")
    found: Run = getattr(import_module(module), function)
    return found


def _solution(name: str, verdict: Verdict, seconds: float, replaced: list[tuple[str, str]]) -> Solution:
    """Return a judged answer as a solution."""
    return replace(verdict.solution, solver=name, seconds=seconds, replaced=tuple(replaced))


def _require_numbers(problem: LinearProblem) -> None:
    """Raise for numbers that are not numbers, and for infinities where no infinity may stand."""
    faults = []
    vectors = {
        "cost": ~np.isfinite(problem.cost),
        "lower": np.isnan(problem.lower) | (problem.lower == inf),
        "upper": np.isnan(problem.upper) | (problem.upper == -inf),
        "row_lower": np.isnan(problem.row_lower) | (problem.row_lower == inf),
        "row_upper": np.isnan(problem.row_upper) | (problem.row_upper == -inf),
    }
    for field, wrong in vectors.items():
        if wrong.any():
            place = problem.row if field.startswith("row") else problem.column
            block, index = place(int(np.argmax(wrong)))
            value = str(getattr(problem, field)[int(np.argmax(wrong))])
            faults.append(_fault(block.name, field, value, index))
    wrong = ~np.isfinite(problem.matrix.data)
    if wrong.any():
        entry = int(np.argmax(wrong))
        block, index = problem.row(int(problem.matrix.indices[entry]))
        faults.append(_fault(block.name, "matrix", str(problem.matrix.data[entry]), index))
    if faults:
        raise DataError(faults)


def _fault(block: str, field: str, value: str, index: tuple[int, ...]) -> Problem:
    """Return the fault of a number that is not finite."""
    return Problem("problem_not_finite", block, field=field, value=value, details={"index": ", ".join(map(str, index))})
