"""What a run over segments says of every hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from tanlu.energy.hourly.chain import Chain
from tanlu.energy.problem import Block, Floats, LinearProblem
from tanlu.energy.solvers.choice import BROAD, columns_of_a_step
from tanlu.energy.solvers.contract import runner
from tanlu.energy.system import Programme

ROUGH: Final = 1e-2
"""Tolerance of the run over segments: only what joins windows is taken from it."""


def central(problem: LinearProblem, threads: int) -> Floats | None:
    """Return a point of the least cost, to about a percent, that lies far from bounds where cost leaves that open; None without one.

    A corner would do for the cost. But where it does not matter over segments when water is let go or a contract is used, a corner
    does it all at once, and single hours would pay for that. Interior-point methods share it out.

    Parameters
    ----------
    problem : LinearProblem
        Running of given capacities over segments.
    threads : int
        Threads of the solver.
    """
    name = "structured" if columns_of_a_step(problem) >= BROAD else "clarabel"
    point = runner(name)(problem, ROUGH, threads=threads).primal
    return point if len(point) and np.isfinite(point).all() else None


def spread(programme: Programme, primal: Floats, chain: Chain) -> Floats:
    """Return a point of an hourly chain that follows a run over segments.

    Flows are those of the segment at each of its hours; contents run in a line between the ends of segments, where those of the segments
    are exact. It keeps the bounds of the chain, not its rows. What the segments do not know is zero, or the bound nearest to it.

    Parameters
    ----------
    programme : Programme
        Running of the capacities of one period over segments.
    primal : (n,) array
        Its answer.
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
        values = programme.problem.values(primal, block.name)[0]
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
