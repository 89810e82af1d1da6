"""An hourly run of given capacities, as a checked solution."""

from __future__ import annotations

from math import inf
from time import perf_counter
from typing import Final

import numpy as np

from tanlu.energy.hourly.chain import Chain, chain_of
from tanlu.energy.hourly.guess import spread
from tanlu.energy.hourly.windows import PASSES, run_windows
from tanlu.energy.problem import Floats
from tanlu.energy.solvers.answer import Solution, Status
from tanlu.energy.solvers.check import reduced_costs, residuals
from tanlu.energy.system import Programme

NAME: Final = "windows"
"""Name in the place of a solver's."""
COLUMNS: Final = 12_000
"""Columns of a window: the simplex method takes more than twice as long for twice as many."""
SHORTEST: Final = 48
LONGEST: Final = 168
"""Hours of a window: contents at its ends are those of the plan, which knows nothing of single days."""


def run_hours(
    coarse: Programme,
    point: Floats,
    hourly: Programme,
    *,
    passes: int = PASSES,
    tolerance: float = 1e-6,
    threads: int | None = None,
    time_limit: float | None = None,
) -> Solution | None:
    """Run given capacities over every hour of a period, window by window.

    Parameters
    ----------
    coarse, point : Programme and (n,) array
        Running of given capacities over segments, and how they run there (`tanlu.energy.hourly.guess.over_segments`).
    hourly : Programme
        Running of the same capacities over hours.
    passes : int
        See `tanlu.energy.hourly.windows.run_windows`.
    tolerance : float
        Of the solver, and largest relative residual of any row and bound of the year.
    threads : int or None
        Windows at a time, two where not given; the answer is the same for every number.
    time_limit : float or None
        For the windows [s].

    Returns
    -------
    Solution or None
        `Status.FEASIBLE`: its objective is an upper bound of the hourly optimum, and its duals are those of the windows. None where the
        programme cannot be cut, time runs out, or the run does not stand the check.
    """
    start = perf_counter()
    chain = chain_of(hourly.problem)
    if chain is None:
        return None
    guess = spread(coarse, point, chain)
    run = run_windows(
        chain, guess, borders(chain, coarse), passes=passes, tolerance=tolerance, threads=threads or 2, time_limit=time_limit
    )  # fmt: skip
    if run is None:
        return None
    found = residuals(hourly.problem, run.primal, np.empty(0))
    if found.primal > tolerance:
        return None
    return Solution(
        status=Status.FEASIBLE,
        primal=run.primal,
        dual=run.dual,
        reduced_costs=reduced_costs(hourly.problem, run.dual),
        objective=hourly.problem.objective(run.primal),
        lower_bound=-inf,
        residuals=found,
        solver=NAME,
        iterations=run.iterations,
        seconds=perf_counter() - start,
    )


def borders(chain: Chain, programme: Programme) -> list[int]:
    """Return the first hours of windows: ends of segments, at which the plan knows contents exactly, nearest to windows of equal length."""
    length = int(np.clip(COLUMNS * chain.hours / len(chain.cost), SHORTEST, LONGEST))
    count = max(1, round(chain.hours / length))
    wanted = np.arange(count) * chain.hours / count
    starts = programme.grid.starts
    return sorted({0, *starts[np.abs(starts[None, :] - wanted[:, None]).argmin(axis=1)].tolist()})
