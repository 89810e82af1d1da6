"""What the plan over segments says of every hour."""

from __future__ import annotations

import numpy as np

from tanlu.energy.hourly.chain import Chain
from tanlu.energy.problem import Block, Floats
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme


def spread(programme: Programme, solution: Solution, period: int, chain: Chain) -> Floats:
    """Return a point of an hourly chain that follows the plan of a period.

    Flows are those of the segment at each of its hours; contents run in a line between the ends of segments, where those of the plan
    are exact. It keeps the bounds of the chain, not its rows. What the plan does not know is zero, or the bound nearest to it.

    Parameters
    ----------
    programme, solution : Programme and Solution
        The plan over segments.
    period : int
        Position of the period in it.
    chain : Chain
        The hourly programme of that period.

    Returns
    -------
    (n,) array
        In the order of the chain.
    """
    grid, known = programme.grid, programme.problem.column_blocks
    point = np.zeros(len(chain.cost))
    place = np.empty(len(point), np.int64)
    place[chain.columns] = np.arange(len(point))
    ends = np.concatenate([[-1], grid.ends])
    for block in chain.problem.columns:
        plan = known.get(block.name)
        if plan is None or not _alike(plan, block):
            continue
        values = programme.problem.values(solution.primal, block.name)[period]
        where = place[block.index[0]]
        if plan.axes == ("period", "step"):
            if chain.joints[where].any():
                values = np.interp(np.arange(grid.hours), ends, np.concatenate([values[-1:], values]))
            else:
                values = grid.to_hours(values)
        point[where] = values
    return np.clip(point, chain.lower, chain.upper)


def _alike(plan: Block, hourly: Block) -> bool:
    """Tell whether two blocks of the same name have the same axes."""
    return plan.axes == hourly.axes and plan.axes[:1] == ("period",) and plan.shape[2:] == hourly.shape[2:]
