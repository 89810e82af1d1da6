"""A problem that stays in the solver while costs, bounds and sides move, as a slider does."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers import highs
from tanlu.energy.solvers.answer import RawAnswer, Solution, Status
from tanlu.energy.solvers.contract import Start, solve
from tanlu.energy.solvers.scaling import equilibrate
from tanlu.energy.solvers.verdict import judge

Integers = NDArray[np.integer]
NAME: Final = "highs-simplex"
"""The simplex method starts from the last basis, which an interior point cannot."""
PRIMAL: Final = 4
DUAL: Final[highs.Options] = {"simplex_strategy": 1, "simplex_iteration_limit": 2**31 - 1}
"""HiGHS' numbers of its methods."""
FAR: Final = 0.1
NEAR: Final = 500
"""Steps for other costs from which on a new start by way of fewer segments is shorter: a share of the rows, and never fewer than these."""


class Session:
    """A problem without whole numbers in HiGHS, solved again from the last basis after each change.

    Parameters
    ----------
    problem : LinearProblem
    tolerance : float
        As in `solve`.
    time_limit : float or None
        For one solve [s].
    start : Start, optional
        Basis of the first solve.
    """

    def __init__(
        self,
        problem: LinearProblem,
        tolerance: float = 1e-6,
        time_limit: float | None = None,
        start: Start | None = None,
    ) -> None:
        self.problem = problem
        self.tolerance, self.time_limit = tolerance, time_limit
        self._scaling = equilibrate(problem)
        options: highs.Options = {"solver": "simplex"}
        self._model = highs.load(self._scaling.apply(problem), options | highs.common(tolerance, time_limit, 1))
        if start is not None:
            self._model.setBasis(start.basis)

    def follow(self, problem: LinearProblem) -> Solution | None:
        """Solve a problem that differs in costs, bounds and sides from the one before; None where a new start is the shorter way.

        The last point stays feasible under other costs, and the last duals under other bounds and sides: the primal simplex method takes
        up the costs, the dual one what remains, each from where the other ended.
        """
        known = self.problem
        if not _alike(known, problem):
            return None
        begin = perf_counter()
        costs = np.flatnonzero(known.cost != problem.cost)
        columns = np.flatnonzero((known.lower != problem.lower) | (known.upper != problem.upper))
        rows = np.flatnonzero((known.row_lower != problem.row_lower) | (known.row_upper != problem.row_upper))
        answer = None
        if len(costs):
            self.set_cost(costs, problem.cost[costs])
            answer = self._answer(
                {"simplex_strategy": PRIMAL, "simplex_iteration_limit": max(NEAR, int(FAR * problem.shape[0]))}
            )
            if answer.status is Status.LIMIT:
                return None
        self.set_bounds(columns, problem.lower[columns], problem.upper[columns])
        self.set_sides(rows, problem.row_lower[rows], problem.row_upper[rows])
        self.problem = problem
        if answer is None or len(columns) or len(rows):
            answer = self._answer()
        return self._judged(answer, begin)

    def set_bounds(self, columns: Integers, lower: Floats, upper: Floats) -> None:
        """Set bounds of columns [unit of the column]."""
        self.problem = replace(
            self.problem, lower=_put(self.problem.lower, columns, lower), upper=_put(self.problem.upper, columns, upper)
        )
        factor = self._scaling.column[columns]
        self._model.changeColsBounds(len(columns), np.asarray(columns, np.int32), lower / factor, upper / factor)

    def set_cost(self, columns: Integers, cost: Floats) -> None:
        """Set costs of columns [million CNY per unit]."""
        self.problem = replace(self.problem, cost=_put(self.problem.cost, columns, cost))
        scaled = cost * self._scaling.column[columns] * self._scaling.cost
        self._model.changeColsCost(len(columns), np.asarray(columns, np.int32), scaled)

    def set_sides(self, rows: Integers, lower: Floats, upper: Floats) -> None:
        """Set sides of rows [unit of the row]."""
        self.problem = replace(
            self.problem,
            row_lower=_put(self.problem.row_lower, rows, lower),
            row_upper=_put(self.problem.row_upper, rows, upper),
        )
        factor = self._scaling.row[rows]
        self._model.changeRowsBounds(len(rows), np.asarray(rows, np.int32), lower * factor, upper * factor)

    def solve(self) -> Solution:
        """Solve from the last basis and check; when the answer does not stand the check, solve anew with every solver."""
        begin = perf_counter()
        return self._judged(self._answer(), begin)

    def _judged(self, answer: RawAnswer, begin: float) -> Solution:
        """Return an answer that stands the check, else that of other solvers."""
        verdict = judge(self.problem, answer, NAME, self.tolerance, 0.0)
        if verdict.accepted:
            return replace(verdict.solution, solver=NAME, seconds=perf_counter() - begin)
        found = solve(self.problem, "auto", self.tolerance, self.time_limit)
        first = (f"{NAME} from the last basis", verdict.reason)
        return replace(found, seconds=perf_counter() - begin, replaced=(first, *found.replaced))

    def _answer(self, method: highs.Options = DUAL) -> RawAnswer:
        """Return HiGHS' answer in the units of the problem."""
        try:
            highs.set_options(self._model, method)
            highs.run_model(self._model)
        except highs.OptionRefusedError as refused:
            return RawAnswer(Status.FAILED, reason=str(refused))
        return self._scaling.undo(highs.answer_of(self._model), self.problem.offset)


def _alike(one: LinearProblem, other: LinearProblem) -> bool:
    """Tell whether two problems have the same blocks and coefficients."""
    a, b = one.matrix, other.matrix
    return (
        (one.columns, one.rows) == (other.columns, other.rows)
        and np.array_equal(a.indptr, b.indptr)
        and np.array_equal(a.indices, b.indices)
        and np.array_equal(a.data, b.data)
    )


def _put(values: Floats, index: Integers, new: Floats) -> Floats:
    """Return a copy with new values at some places."""
    changed = values.copy()
    changed[index] = new
    return changed
