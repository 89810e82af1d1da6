"""Which solver is tried first, and which stand behind it."""

from __future__ import annotations

from collections.abc import Container, Iterable
from importlib.util import find_spec
from typing import Final, Protocol

from tanlu.core.errors import DataError, Problem
from tanlu.energy.problem import LinearProblem

INTEGER: Final = "highs"
"""The only solver of whole-number problems."""
OPTIONAL: Final = {"piqp": "piqp"}
"""Solvers that need an extra: module by name of the solver; the extra has the same name."""
SMALL: Final = 25_000
"""Columns up to which the simplex method is the fastest on one node and on many, and its bound is exact."""
BROAD: Final = 200
"""Columns of one time step from which on a problem has many nodes: the structured solver gains, and a general factorisation fills up. It
gains as well where several periods are planned."""


class _Names(Container[str], Iterable[str], Protocol):
    """Names that can be listed and asked for."""


def candidates(problem: LinearProblem, solver: str, known: _Names) -> tuple[str, ...]:
    """Return the names of the solvers to try, in order.

    Parameters
    ----------
    problem : LinearProblem
    solver : str
        Name that the user gave, or ``auto``.
    known : names
        Every registered solver.

    Raises
    ------
    DataError
        If the solver is unknown or not installed, or cannot do the whole numbers of the problem.
    """
    if solver != "auto" and solver not in known:
        raise DataError([Problem("solver_unknown", "", value=solver, details={"allowed": ", ".join(["auto", *known])})])
    if solver in OPTIONAL and find_spec(OPTIONAL[solver]) is None:
        raise DataError([Problem("solver_not_installed", "", value=solver, details={"extra": solver})])
    if problem.integer is not None and problem.integer.any():
        if solver in {"auto", INTEGER}:
            return (INTEGER,)
        raise DataError([Problem("solver_no_integers", "", value=solver)])
    order = _order(problem)
    return order if solver == "auto" else (solver, *(name for name in order if name != solver))


def _order(problem: LinearProblem) -> tuple[str, ...]:
    """Return the solvers of a problem without whole numbers by expected speed, the most robust last."""
    if problem.shape[1] <= SMALL:
        return ("highs-simplex", "clarabel", "highs-ipm")
    if columns_of_a_step(problem) >= BROAD or problem.column_period.max() > 0:
        return ("structured", "highs-simplex", "highs-ipm", "clarabel")
    return ("clarabel", "structured", "highs-simplex", "highs-ipm")


def columns_of_a_step(problem: LinearProblem) -> float:
    """Return the mean number of columns of a step of a period; 0 without steps."""
    timed = problem.column_step >= 0
    if not timed.any():
        return 0.0
    steps = int(problem.column_step.max()) + 1
    periods = max(1, int(problem.column_period.max()) + 1)
    return float(timed.sum()) / (steps * periods)
