"""What a run over segments says of every hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from tanlu.energy.hourly.chain import Chain
from tanlu.energy.problem import Block, Floats
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.solvers.choice import BROAD, columns_of_a_step
from tanlu.energy.solvers.contract import runner
from tanlu.energy.system import Programme

ROUGH: Final = 1e-2
"""Tolerance of the run over segments: only what joins windows is taken from it."""


def over_segments(coarse: Programme, plan: Programme, solution: Solution, period: int) -> Floats:
    """Return how capacities run over segments, to about a percent of the least cost.

    Of systems with few columns a step it is a point far from bounds where cost leaves that open, by an interior-point method: a corner
    would do for the cost, but where it does not matter over segments when water is let go or a contract is used, a corner does it all at
    once, and single hours would pay for that. Of others, for which this takes longer than it is worth, it is the plan's own run.

    Parameters
    ----------
    coarse : Programme
        Running of given capacities over segments.
    plan, solution, period : Programme, Solution and int
        The plan that decided them, its answer, and the period in it.

    Returns
    -------
    (n,) array
        Columns of `coarse`.
    """
    if columns_of_a_step(coarse.problem) < BROAD:
        point = runner("clarabel")(coarse.problem, ROUGH, threads=1).primal
        if len(point) and np.isfinite(point).all():
            return point
    point = np.zeros(len(coarse.problem.cost))
    for block in coarse.problem.columns:
        if block.axes == ("period", "step") and block.name in plan.problem.column_blocks:
            point[block.index[0]] = plan.problem.values(solution.primal, block.name)[period]
    return point


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
