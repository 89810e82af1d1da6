"""A problem that stays in the solver while bounds, sides and costs move, as a slider does."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Final

import numpy as np

from tanlu.energy.problem import Floats, Indices, LinearProblem
from tanlu.energy.solvers import highs
from tanlu.energy.solvers.answer import RawAnswer, Solution, Status
from tanlu.energy.solvers.contract import solve
from tanlu.energy.solvers.scaling import equilibrate
from tanlu.energy.solvers.verdict import judge

NAME: Final = "highs-simplex"
"""The simplex method starts from the last basis, which an interior point cannot."""


class Session:
    """A problem without whole numbers in HiGHS, solved again from the last basis after each change.

    Parameters
    ----------
    problem : LinearProblem
    tolerance : float
        As in `solve`.
    time_limit : float or None
        For one solve [s].
    """

    def __init__(self, problem: LinearProblem, tolerance: float = 1e-6, time_limit: float | None = None) -> None:
        self.problem = problem
        self.tolerance, self.time_limit = tolerance, time_limit
        self._scaling = equilibrate(problem)
        options: highs.Options = {"solver": "simplex"}
        self._model = highs.load(self._scaling.apply(problem), options | highs.common(tolerance, time_limit, 1))

    def set_bounds(self, columns: Indices, lower: Floats, upper: Floats) -> None:
        """Set bounds of columns [unit of the column]."""
        self.problem = replace(
            self.problem, lower=_put(self.problem.lower, columns, lower), upper=_put(self.problem.upper, columns, upper)
        )
        factor = self._scaling.column[columns]
        self._model.changeColsBounds(len(columns), np.asarray(columns, np.int32), lower / factor, upper / factor)

    def set_cost(self, columns: Indices, cost: Floats) -> None:
        """Set costs of columns [million CNY per unit]."""
        self.problem = replace(self.problem, cost=_put(self.problem.cost, columns, cost))
        scaled = cost * self._scaling.column[columns] * self._scaling.cost
        self._model.changeColsCost(len(columns), np.asarray(columns, np.int32), scaled)

    def set_sides(self, rows: Indices, lower: Floats, upper: Floats) -> None:
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
        start = perf_counter()
        answer = self._answer()
        verdict = judge(self.problem, answer, NAME, self.tolerance, 0.0)
        if verdict.accepted:
            return replace(verdict.solution, solver=NAME, seconds=perf_counter() - start)
        found = solve(self.problem, "auto", self.tolerance, self.time_limit)
        first = (f"{NAME} from the last basis", verdict.reason)
        return replace(found, seconds=perf_counter() - start, replaced=(first, *found.replaced))

    def _answer(self) -> RawAnswer:
        """Return HiGHS' answer in the units of the problem."""
        try:
            highs.run_model(self._model)
        except highs.OptionRefusedError as refused:
            return RawAnswer(Status.FAILED, reason=str(refused))
        return self._scaling.undo(highs.answer_of(self._model), self.problem.offset)


def _put(values: Floats, index: Indices, new: Floats) -> Floats:
    """Return a copy with new values at some places."""
    changed = values.copy()
    changed[index] = new
    return changed
