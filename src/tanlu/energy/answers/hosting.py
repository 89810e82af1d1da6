"""How much more of a varying source a place can host before too much of it has to be curtailed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from tanlu.energy.answers.frame import Frame
from tanlu.energy.certificate import decided_capacities
from tanlu.energy.components import Source
from tanlu.energy.model import KILO, Mode
from tanlu.energy.problem import Floats, Indices, LinearProblem
from tanlu.energy.solvers.answer import Solution, Status
from tanlu.energy.solvers.contract import solve
from tanlu.energy.system import Programme, System
from tanlu.energy.timegrid import TimeGrid

COLUMNS: Final = ("node", "component", "standing [MW]", "hosting [MW]")
USUAL: Final = 0.05
"""Share that may be curtailed where none is given [1]."""


def hosting_capacity(
    system: System,
    grid: TimeGrid,
    capacities: Mapping[str, Floats],
    technology: str,
    *,
    curtailment: float = USUAL,
    solver: str = "auto",
    tolerance: float = 1e-6,
) -> Frame:
    r"""Return by node how large a source can be while at most a share of what it could give is not taken.

    For each node in turn, with all other capacities as given:

    .. math::
        \max k \quad\text{s.t.}\quad \sum_t d_t x_t \ge (1-\kappa)\, k \sum_t d_t a_t, \qquad 0 \le x_t \le a_t k

    and all loads, limits and policies of the system.

    Parameters
    ----------
    system : System
        The system.
    grid : TimeGrid
        One period; segments are optimistic, hours exact.
    capacities : mapping of str to (1,) array
        Capacities by block [GW].
    technology : str
        Technology of sources whose availability varies.
    curtailment : float
        Most share that is not taken, :math:`\kappa` [1].
    solver, tolerance
        Passed to the solver.

    Returns
    -------
    Frame
        node, component, standing and hosting capacity [MW]; the latter nan where no plan was found.
    """
    rows = []
    for component in system.components:
        if not isinstance(component, Source) or component.kind != technology:
            continue
        name = f"{component.name}.capacity"
        free = {other: size for other, size in capacities.items() if other != name}
        opened = replace(
            component, expandable=True, investment=0.0, fixed_om=0.0, existing=0.0, potential=np.inf, minimum=0.0
        )
        parts = tuple(opened if c is component else c for c in system.components)
        mode = Mode.EXACT if grid.is_hourly else Mode.RELAXED
        programme = replace(system, components=parts).compile(grid, mode, free)
        columns = programme.model.decided[name].columns
        assert columns is not None  # it was opened above
        taken = programme.problem.column_blocks[f"{component.name}.production"].index
        share = programme.model.steps(component.availability)
        problem = _limited(programme.problem, columns, taken[0], share, grid, curtailment)
        answer = solve(problem, solver=solver, tolerance=tolerance)
        found = answer.status == Status.OPTIMAL
        rows.append(
            {
                "node": component.node,
                "component": component.name,
                "standing [MW]": float(capacities[name][0]) / KILO,
                "hosting [MW]": float(answer.primal[columns[0]]) / KILO if found else float("nan"),
            }
        )
    return Frame.of(rows, COLUMNS)


def varying(system: System) -> list[str]:
    """Return the technologies of sources whose availability varies, by name."""
    sources = (c for c in system.components if isinstance(c, Source))
    return sorted({c.kind for c in sources if not isinstance(c.availability, int | float)})


def hosting_in_plan(programme: Programme, solution: Solution, technologies: Sequence[str]) -> Frame:
    """Return by period what every node can host beside the capacities of a plan, over its steps and with at most `USUAL` curtailed.

    Returns
    -------
    Frame
        period, technology, and the columns of `hosting_capacity`.
    """
    grid, decided = programme.grid, decided_capacities(programme, solution)
    rows = []
    for position, year in enumerate(grid.years):
        sizes = {name: size[position : position + 1] for name, size in decided.items()}
        single = replace(programme.system.grid((year,)), starts=grid.starts)
        for technology in technologies:
            found = hosting_capacity(programme.system, single, sizes, technology, curtailment=USUAL)
            rows += [{"period": year, "technology": technology, **row} for row in found.rows()]
    return Frame.of(rows, ("period", "technology", *COLUMNS))


def _limited(
    problem: LinearProblem, columns: Indices, taken: Indices, share: Floats, grid: TimeGrid, curtailment: float
) -> LinearProblem:
    """Return the problem that makes one capacity as large as can be while enough of it is taken."""
    cost = np.zeros(len(problem.cost))
    cost[columns] = -1.0
    row = np.zeros(len(problem.cost))
    row[taken] = grid.annual_hours
    row[columns[0]] = -(1.0 - curtailment) * float(share @ grid.annual_hours)
    return replace(problem, cost=cost, offset=0.0).with_row("taken", row, lower=0.0, upper=np.inf, unit="GWh")
