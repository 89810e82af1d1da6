"""A plan over many segments by way of plans over few, each of which is the start of the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.energy.model import Mode
from tanlu.energy.segments import of_order
from tanlu.energy.solvers.answer import Status
from tanlu.energy.solvers.contract import Start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tanlu.energy.problem import LinearProblem
    from tanlu.energy.system import System
    from tanlu.energy.timegrid import TimeGrid

FEWEST: Final = 36
"""Segments below which no coarser plan helps."""
LEAP: Final = 16
"""How many times fewer segments the next coarser plan of one node has: building further plans in between costs more than the steps of
the simplex method that they save."""
SIMPLEX: Final = "highs-simplex"
PATHWAY: Final = 65_000
"""Columns of several periods from which on steps of the simplex method cost too much."""


def start_for(
    system: System, grid: TimeGrid, order: NDArray[np.int64], problem: LinearProblem, tolerance: float,
    time_limit: float | None = None,
) -> Start | None:  # fmt: skip
    """Return a start of the simplex method for a plan; None where it would not help.

    Half as many segments are planned first, and so on down; of one node `LEAP` times fewer. Over several periods coarser plans tell less,
    and interior points are faster from `PATHWAY` columns on.

    Parameters
    ----------
    system : System
        What is planned.
    grid : TimeGrid
        Its grid over the segments of the plan.
    order : (H,) int array
        From `tanlu.energy.segments.merge_order`: that of the segments.
    problem : LinearProblem
        The programme over these segments.
    tolerance : float
        Of the solver.
    time_limit : float or None
        For each coarser plan [s]; there is no start where one takes longer.
    """
    segments = grid.steps
    pathway = grid.periods > 1 and problem.shape[1] > PATHWAY
    if pathway or segments < 2 * FEWEST or problem.integer is not None:
        return None
    from highspy import HighsBasis

    from tanlu.energy.solvers.highs import run_simplex
    from tanlu.energy.solvers.lifting import lifted

    basis, known, before = None, None, None
    for number in levels(segments, LEAP if len(system.nodes) == 1 else 2):
        starts = of_order(order, number)
        at = problem if number == segments else system.compile(grid.with_steps(starts), Mode.RELAXED).problem
        if basis is not None and known is not None and before is not None:
            basis = lifted(known, at, np.searchsorted(before, starts, side="right") - 1, basis)
        if number == segments:
            break
        answer = run_simplex(at, tolerance, time_limit=time_limit, warm=basis)
        if answer.status is not Status.OPTIMAL or not isinstance(answer.basis, HighsBasis):
            return None
        basis, known, before = answer.basis, at, starts
    return Start(SIMPLEX, basis)


def levels(segments: int, ratio: int = 2) -> list[int]:
    """Return numbers of segments from few, at least `FEWEST`, to those wanted, each about twice (or `ratio` times) the one before."""
    found = [segments]
    while found[-1] >= 2 * FEWEST:
        found.append(max(FEWEST, found[-1] // ratio))
    return found[::-1]
