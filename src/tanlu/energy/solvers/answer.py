"""What a solver hands in, and what is handed on after the check."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Final

import numpy as np

from tanlu.energy.problem import Floats


class Status(StrEnum):
    """Outcome of solving a problem."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    """A point that keeps every row and bound; no solver says how far from the optimum it is."""
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    LIMIT = "limit"
    """Time or iterations ran out; there may be a point and a bound."""
    FAILED = "failed"


KEPT: Final = (Status.OPTIMAL, Status.FEASIBLE)
"""Outcomes with a point that keeps every row and bound."""


def _none() -> Floats:
    """Return the empty vector that stands where a solver gave none."""
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class RawAnswer:
    """The unchecked answer of a solver, in the units of the problem that it was given.

    Parameters
    ----------
    status : Status
        What the solver claims.
    primal : (n,) array or empty
        Values of the columns.
    dual : (m,) array or empty
        Duals of the rows, :math:`\\partial` objective / :math:`\\partial` side: positive where the lower side binds, negative where the
        upper side binds.
    ray : (m,) or (n,) array or empty
        Proof: for ``infeasible`` row multipliers in the sense of `dual` (Farkas), for ``unbounded`` a direction of the columns.
    lower_bound : float
        Bound of branch and bound, for whole-number problems; −∞ otherwise.
    iterations : int
        Iterations, or nodes of branch and bound.
    reason : str
        The solver's own word for the outcome.
    basis : object
        What the same solver can start from next time.
    """

    status: Status
    primal: Floats = field(default_factory=_none)
    dual: Floats = field(default_factory=_none)
    ray: Floats = field(default_factory=_none)
    lower_bound: float = -inf
    iterations: int = 0
    reason: str = ""
    basis: object = None


@dataclass(frozen=True, slots=True)
class Residuals:
    """How far a point is from the conditions of optimality, in the exact units of the problem.

    Absolute values are largest violations; relative ones divide each violation by the size of what stands in the same row or column
    (see `tanlu.energy.solvers.check.residuals`).

    Parameters
    ----------
    row, bound : float
        Violation of a side of a row [unit of the row], of a bound of a column [unit of the column].
    integrality : float
        Distance of a whole-number column from a whole number.
    dual : float
        Reduced cost, or row dual, of the sign for which there is no bound [million CNY per unit]; infinite without duals.
    complementarity : float
        Largest product of a distance from a side or bound and its dual [million CNY].
    gap : float
        Objective minus lower bound [million CNY]; infinite without a bound.
    relative_row, relative_bound, relative_dual, relative_gap : float
        The same, without unit.
    """

    row: float = inf
    bound: float = inf
    integrality: float = 0.0
    dual: float = inf
    complementarity: float = inf
    gap: float = inf
    relative_row: float = inf
    relative_bound: float = inf
    relative_dual: float = inf
    relative_gap: float = inf

    @property
    def primal(self) -> float:
        """Largest relative violation of rows, bounds and whole numbers."""
        return max(self.relative_row, self.relative_bound, self.integrality)

    @property
    def worst(self) -> float:
        """Largest relative residual of all conditions."""
        return max(self.primal, self.relative_dual, self.relative_gap)


@dataclass(frozen=True, eq=False)
class Solution:
    """An answer that was checked independently of the solver.

    Parameters
    ----------
    status : Status
    primal : (n,) array
        Values of the columns; empty when there is no point.
    dual : (m,) array
        Duals of the rows: change of the objective [million CNY] with one more unit on the side of the row. For a whole-number problem
        those of the problem with the whole numbers held; empty when there are none.
    reduced_costs : (n,) array
        :math:`c - A^T y` [million CNY per unit]; empty without duals.
    objective : float
        Objective of `primal` [million CNY]; ∞ without a point, −∞ when unbounded.
    lower_bound : float
        No point of the problem costs less than this [million CNY], up to rounding: computed from the duals alone
        (`tanlu.energy.solvers.check.dual_bound`), for whole-number problems the bound that branch and bound reports.
    residuals : Residuals
    solver : str
        Name of the solver whose answer this is.
    iterations : int
    seconds : float
        Time of all solvers that were tried, with the checks [s].
    replaced : tuple of (str, str)
        Solvers whose answer did not stand the check, each with the reason.
    ray : array
        Proof of infeasibility (row multipliers) or unboundedness (direction of the columns); empty otherwise.
    basis : object
        Start for the same solver, taken from this solution by ``solve(..., warm=solution)``.
    """

    status: Status
    primal: Floats
    dual: Floats
    reduced_costs: Floats
    objective: float
    lower_bound: float
    residuals: Residuals
    solver: str
    iterations: int
    seconds: float
    replaced: tuple[tuple[str, str], ...] = ()
    ray: Floats = field(default_factory=_none)
    basis: object = field(default=None, repr=False)

    @property
    def found(self) -> bool:
        """Whether there is a point (also one that a limit stopped short of the optimum)."""
        return self.primal.size > 0

    @property
    def gap(self) -> float:
        """Objective minus lower bound [million CNY]."""
        return self.objective - self.lower_bound
