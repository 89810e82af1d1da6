"""Plans that cost little more than the cheapest: how much of each technology they need at least and can take at most.

Method: modelling to generate alternatives by bounds of groups (Neumann and Brown 2021, Electr. Power Syst. Res. 190, 106690): with the
least cost z* and a slack ε, the sum of a group's capacities is minimised and maximised under cost ≤ (1 + ε) z*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tanlu.energy.answers.frame import Frame
from tanlu.energy.model import KILO
from tanlu.energy.problem import Floats, Indices, LinearProblem
from tanlu.energy.solvers.answer import Solution, Status
from tanlu.energy.solvers.contract import solve
from tanlu.energy.system import Programme


def near_optimal(
    programme: Programme,
    solution: Solution,
    *,
    slack: float = 0.05,
    technologies: Sequence[str] = (),
    period: int = -1,
    solver: str = "auto",
    tolerance: float = 1e-6,
) -> Frame:
    """Return least, cheapest and most capacity of every technology among plans that cost at most `slack` more.

    Parameters
    ----------
    programme, solution
        A programme that decides capacities, and its optimum.
    slack : float
        Further cost over the least [1].
    technologies : sequence of str
        Which; all that can be built where empty.
    period : int
        Position of the period whose capacity is counted; the last where not given.
    solver, tolerance
        Passed to the solver.

    Returns
    -------
    Frame
        technology, least, cheapest and most capacity [MW] and whether both ends were proven optimal; where a technology has no most, it is
        infinite.

    Raises
    ------
    ValueError
        When the slack is not positive.
    """
    if slack <= 0:
        raise ValueError("slack must be positive")
    groups = _groups(programme, period)
    budget = solution.objective + slack * abs(solution.objective)
    problem = programme.problem
    scale = max(float(np.abs(problem.cost).max()), 1e-12)
    bounded = problem.with_row("budget", problem.cost / scale, -np.inf, (budget - problem.offset) / scale)
    rows = []
    for technology in technologies or sorted(groups):
        columns = groups[technology]
        ends, proven = [], True
        for sign in (1.0, -1.0):
            answer = solve(_towards(bounded, columns, sign), solver=solver, tolerance=tolerance)
            proven &= answer.status == Status.OPTIMAL
            found = len(answer.primal) > 0
            ends.append(float(answer.primal[columns].sum()) / KILO if found else sign * -np.inf)
        cheapest = float(solution.primal[columns].sum()) / KILO
        rows.append(
            {
                "technology": technology,
                "least [MW]": max(ends[0], 0.0),
                "cheapest [MW]": max(cheapest, 0.0),
                "most [MW]": ends[1],
                "proven": proven,
            }
        )
    return Frame.of(rows, ("technology", "least [MW]", "cheapest [MW]", "most [MW]", "proven"))


def _towards(problem: LinearProblem, columns: Indices, sign: float) -> LinearProblem:
    """Return the problem with another aim: the least (or, with −1, the most) of the sum of some columns."""
    cost: Floats = np.zeros(len(problem.cost))
    cost[columns] = sign
    return replace(problem, cost=cost, offset=0.0)


def _groups(programme: Programme, period: int) -> dict[str, Indices]:
    """Return the columns of the power capacities that can be built, by technology, in one period."""
    found: dict[str, list[int]] = {}
    for name, size in programme.model.decided.items():
        label = name.removesuffix(".capacity")
        if size.columns is not None and not label.endswith(".energy"):
            found.setdefault(programme.system.component(label).kind, []).append(int(size.columns[period]))
    return {technology: np.array(columns, np.int32) for technology, columns in found.items()}
