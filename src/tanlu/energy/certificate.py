r"""Least cost with a certificate: a plan over segments bounds the cost from below, its capacities run hour by hour bound it from above.

For given capacities, the cost of running them is jointly convex in load, availability and inflow (Rockafellar 1970, Theorem 5.7, for the
value of a linear programme in its right-hand side). Averaging an hourly plan over the hours of a segment therefore gives a plan of the
segment programme that costs the same, and the optimum over segments cannot lie above that over hours. Where an equation is not of that
kind, the *relaxed* programme takes one that is weaker:

==========================  =====================================================================
equation                    relaxed
==========================  =====================================================================
ramps                       dropped
standing loss               content may be let go freely at any time
time-varying efficiency     anything between the least and the most of the hours of a segment
time-varying price          the lowest of the hours of a segment
delay in a cascade          water on the way is held or let go at will
window of moved load        binds only where a segment ends with a window
==========================  =====================================================================

Whole numbers (commitment) are relaxed in the same way: their bound is proven, but it is not close. The upper bound comes from a plan
that obeys every hourly equation, so it holds whatever the segments are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Final

import numpy as np

from tanlu.energy.components import Sequestration
from tanlu.energy.hourly import over_segments, run_hours
from tanlu.energy.model import KILO, Mode
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.problem import Floats
from tanlu.energy.refinement import start_for
from tanlu.energy.solvers.answer import KEPT, Solution, Status
from tanlu.energy.solvers.contract import solve as solve_problem
from tanlu.energy.system import Programme, System
from tanlu.energy.timegrid import TimeGrid

LARGE: Final = 60_000
"""Columns of an hourly programme from which on it is run window by window."""


@dataclass(frozen=True, eq=False)
class Dispatch:
    """Running given capacities over every hour of one period.

    Parameters
    ----------
    year : int
        The period.
    programme : Programme
        Hourly programme with the capacities as bounds.
    solution : Solution
        Its solution.
    """

    year: int
    programme: Programme
    solution: Solution


@dataclass(frozen=True, eq=False, repr=False)
class EnergyResult:
    """A least-cost plan, and the interval in which the least cost lies.

    Parameters
    ----------
    system : System
        What was solved.
    programme : Programme
        The programme over segments (or hours) that decided the capacities.
    solution : Solution
        Its solution.
    dispatches : tuple of Dispatch
        Hourly runs of the capacities, one a period; empty where they were not asked for, or where the plan is hourly itself.
    lower, upper : float
        The least cost lies between [million CNY]; `upper` is infinite without hourly runs.
    seconds : mapping of str to float
        Time of segmentation, building, solving and dispatch [s].
    """

    system: System
    programme: Programme
    solution: Solution
    dispatches: tuple[Dispatch, ...]
    lower: float
    upper: float
    seconds: Mapping[str, float]

    def __repr__(self) -> str:
        bounds = f"least cost {self.lower:,.1f} to {self.upper:,.1f} million CNY, gap {self.gap:.2%}"
        if not np.isfinite(self.upper):
            bounds = f"least cost from {self.lower:,.1f} million CNY upwards, no upper bound"
        return f"<EnergyResult of {self.system.name}: {self.solution.status}, {bounds}, {self.solution.solver}>"

    @property
    def objective(self) -> float:
        """Cost of the plan as its own programme counts it [million CNY]."""
        return self.solution.objective

    @property
    def gap(self) -> float:
        """Certified relative gap: no plan is cheaper than the upper bound by more than this share of it."""
        if not np.isfinite(self.upper):
            return float("inf")
        return (self.upper - self.lower) / max(abs(self.upper), 1e-9)

    @property
    def capacities(self) -> dict[str, Floats]:
        """Capacities by block, (P,) [GW, GWh or kt/h]."""
        return decided_capacities(self.programme, self.solution)


class NoPlanError(Exception):
    """No plan was found: none exists, costs fall without end, or the solvers gave up.

    Parameters
    ----------
    programme : Programme
        What was to be solved.
    solution : Solution
        What the solvers said.
    """

    def __init__(self, programme: Programme, solution: Solution) -> None:
        self.programme = programme
        self.solution = solution
        super().__init__(f"{programme.system.name}: {solution.status}")


def decided_capacities(programme: Programme, solution: Solution) -> dict[str, Floats]:
    """Return all capacities of a solved programme by block, (P,) [GW], never below zero."""
    result = {}
    for name, size in programme.model.decided.items():
        decided = size.fixed if size.columns is None else solution.primal[size.columns]
        result[name] = np.maximum(decided, 0.0)
    return result


def solve(
    system: System,
    grid: TimeGrid,
    segments: int | None,
    *,
    solver: str = "auto",
    tolerance: float = 1e-6,
    certify: bool = True,
    time_limit: float | None = None,
    threads: int | None = None,
) -> EnergyResult:
    """Find the least-cost plan of a system and certify it.

    Parameters
    ----------
    system : System
        What to plan.
    grid : TimeGrid
        Its hourly grid.
    segments : int or None
        Segments a year; None, or as many as there are hours, for every hour.
    solver, tolerance, time_limit, threads
        Passed to `tanlu.energy.solvers.contract.solve`.
    certify : bool
        Whether the capacities are run over every hour.

    Raises
    ------
    NoPlanError
        When there is no optimal plan.
    """
    seconds = {}
    start = perf_counter()
    # time slices that occur unequally often have no mean that bounds them
    hourly = segments is None or segments >= grid.hours or grid.occurrences is not None
    steps = grid if hourly else grid.with_steps(system.segments(int(segments or 0)))
    seconds["segments"] = perf_counter() - start
    start = perf_counter()
    programme = system.compile(steps, Mode.EXACT if hourly else Mode.RELAXED)
    seconds["build"] = perf_counter() - start
    start = perf_counter()
    options = {"solver": solver, "tolerance": tolerance, "time_limit": time_limit, "threads": threads}
    begin = None
    if solver == "auto" and not hourly:
        begin = start_for(system, steps, system.merge_order, programme.problem, tolerance, time_limit)
    left = None if time_limit is None else max(0.0, time_limit - (perf_counter() - start))
    chosen = {**options, "time_limit": left, "solver": solver if begin is None else begin.solver}
    solution = solve_problem(programme.problem, warm=begin, **chosen)  # type: ignore[arg-type]
    seconds["solve"] = perf_counter() - start
    if solution.status != Status.OPTIMAL:
        raise NoPlanError(programme, solution)
    if hourly:
        return EnergyResult(system, programme, solution, (), solution.lower_bound, solution.objective, seconds)
    start = perf_counter()
    dispatches = tuple(dispatch(programme, solution, p, **options) for p in range(grid.periods)) if certify else ()  # type: ignore[arg-type]
    seconds["dispatch"] = perf_counter() - start
    upper = _upper(programme, solution, dispatches) if certify else float("inf")
    return EnergyResult(system, programme, solution, dispatches, solution.lower_bound, upper, seconds)


def _upper(programme: Programme, solution: Solution, dispatches: tuple[Dispatch, ...]) -> float:
    """Return the cost of a plan run hour by hour [million CNY]; infinite where a period has no run that keeps every equation."""
    if any(run.solution.status not in KEPT for run in dispatches):
        return float("inf")
    return capital_cost(programme, solution) + sum(run.solution.objective for run in dispatches)


def dispatch(
    programme: Programme,
    solution: Solution,
    period: int,
    *,
    solver: str = "auto",
    tolerance: float = 1e-6,
    time_limit: float | None = None,
    threads: int | None = None,
) -> Dispatch:
    """Run the capacities of a plan over every hour of one period.

    What a plan shares between periods (a budget of CO2, the room of a formation) is given to each as the plan used it. With the solver
    ``auto`` a large programme is run window by window (`tanlu.energy.hourly`), which costs a little more than its optimum.
    """
    years = programme.grid.years
    system = _with_shares(programme, solution, period)
    grid = system.grid(years).single(period)
    grid = replace(grid, weights=programme.grid.weights[period : period + 1])
    capacities = {name: size[period : period + 1] for name, size in decided_capacities(programme, solution).items()}
    hourly = system.compile(grid, Mode.EXACT, capacities)
    if solver == "auto" and hourly.problem.shape[1] > LARGE:
        steps = grid.with_steps(programme.grid.starts)
        coarse = system.compile(steps, Mode.RELAXED, capacities)
        point = over_segments(coarse, programme, solution, period)
        begin = perf_counter()
        run = run_hours(coarse, point, hourly, tolerance=tolerance, threads=threads, time_limit=time_limit)
        if run is not None:
            return Dispatch(years[period], hourly, run)
        time_limit = None if time_limit is None else max(0.0, time_limit - (perf_counter() - begin))
    answer = solve_problem(hourly.problem, solver=solver, tolerance=tolerance, time_limit=time_limit, threads=threads)
    return Dispatch(years[period], hourly, answer)


def capital_cost(programme: Programme, solution: Solution) -> float:
    """Return what capacities cost in a plan: annuities and fixed operation and maintenance [million CNY]."""
    problem = programme.problem
    total = problem.offset
    for name, size in programme.model.decided.items():
        if size.columns is not None:
            built = problem.column_blocks[name.removesuffix("capacity") + "build"].index
            total += float(problem.cost[size.columns] @ solution.primal[size.columns])
            total += float(problem.cost[built] @ solution.primal[built])
    return total


def _with_shares(programme: Programme, solution: Solution, period: int) -> System:
    """Return the system with what is shared between periods replaced by what one period used of it."""
    system, problem, grid = programme.system, programme.problem, programme.grid
    policies = []
    for policy in system.policies:
        if isinstance(policy, EmissionLimit) and policy.active and np.isfinite(policy.budget):
            emitted = float(problem.values(solution.primal, f"{policy.name}.emissions")[period]) / KILO
            policy = replace(policy, budget=float("inf"), cap=emitted)
        policies.append(policy)
    components = []
    for component in system.components:
        if isinstance(component, Sequestration) and np.isfinite(component.total):
            injected = np.maximum(problem.values(solution.primal, f"{component.name}.injection")[period], 0.0)
            component = replace(component, total=float(injected @ grid.annual_hours) / KILO)
        components.append(component)
    return replace(system, policies=tuple(policies), components=tuple(components))
