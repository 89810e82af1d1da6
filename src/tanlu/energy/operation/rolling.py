"""Running a system window by window: decide on what is expected, meet what comes, carry on from there.

Each window of `horizon` hours is optimised on the forecast, with units on or off in whole numbers where commitment is asked for. Its
first `step` hours are then met with what really comes: what is on stays as decided, and everything else is dispatched anew over these
hours with the contents that were planned for their end. The run that results is put together, and checked against every equation of the
hours that it covers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tanlu.energy.components import Connection
from tanlu.energy.model import Mode, State
from tanlu.energy.operation.forecast import Forecast, PerfectForecast
from tanlu.energy.operation.guide import Guide
from tanlu.energy.operation.states import after, start_states
from tanlu.energy.operation.window import Rules, WindowProblem, window_of
from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.answer import Residuals, Solution, Status
from tanlu.energy.solvers.check import residuals
from tanlu.energy.system import Programme, System
from tanlu.energy.timegrid import TimeGrid


@dataclass(frozen=True, slots=True)
class Window:
    """One window of a run.

    Parameters
    ----------
    start : int
        First hour, from the first of the run [h].
    status : Status
        How the plan on the forecast ended.
    gap : float
        Proven relative gap of that plan [1].
    planned, realised : float
        Cost of the first hours as planned over the whole horizon, and as met [million CNY].
    seconds : float
        Time of both [s].
    """

    start: int
    status: Status
    gap: float
    planned: float
    realised: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Operation:
    """A run of a system over some hours.

    Parameters
    ----------
    programme : Programme
        The hourly programme of all hours together, which `solution` satisfies.
    solution : Solution
        The run as a point of that programme; it carries no duals, its objective is the cost of the run.
    windows : tuple of Window
        How it was decided.
    residuals : Residuals
        How far the run is from the equations of all hours, checked after it was put together.
    """

    programme: Programme
    solution: Solution
    windows: tuple[Window, ...]
    residuals: Residuals

    @property
    def cost(self) -> float:
        """Cost of running [million CNY], without capital."""
        return self.solution.objective


def operate(
    system: System,
    year: int,
    capacities: Mapping[str, Floats],
    *,
    first: int = 0,
    hours: int | None = None,
    rules: Rules | None = None,
    forecast: Forecast | None = None,
    plan: Guide | None = None,
    states: Mapping[str, State] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Operation:
    """Run a system over some hours of its year.

    Parameters
    ----------
    system : System
        What runs.
    year : int
        Year of loads, prices and standing capacities.
    capacities : mapping of str to (1,) array
        Capacities by block [GW] that were decided; what is not named stands as the system says.
    first, hours : int
        First hour of the year, and number of hours; to the end of the profiles where not given.
    rules : Rules, optional
        How windows are cut and solved.
    forecast : Forecast, optional
        What is known of the hours to come; everything where not given.
    plan : Guide, optional
        Contents to end windows with, and the worth of what is shared over the year. Without it stores may end empty.
    states : mapping, optional
        States at the start; contents from the plan, else half full, where not given.
    progress : callable, optional
        Called with hours done and hours in all.

    Raises
    ------
    OperationError
        When a window has no plan.
    """
    rules, forecast = rules or Rules(), forecast or PerfectForecast()
    total = system.hours - first if hours is None else hours
    begin = dict(states or start_states(system, year, capacities, plan, first))
    carried, pieces, windows = dict(begin), [], []
    for start in range(0, total, rules.step):
        length, seen = min(rules.step, total - start), min(rules.horizon, total - start)
        window = WindowProblem(system, year, capacities, first, start, rules, plan)
        planned, decided = window.plan(forecast, seen, carried)
        met, answer = window.meet(length, carried, planned, decided)
        pieces.append((met, answer))
        windows.append(
            Window(
                start,
                decided.status,
                decided.residuals.relative_gap,
                decided.objective,
                answer.objective,
                decided.seconds + answer.seconds,
            )
        )
        carried = after(met, answer, carried)
        if progress is not None:
            progress(start + length, total)
    return _joined(system, year, capacities, first, total, begin, pieces, tuple(windows), rules)


def _joined(
    system: System,
    year: int,
    capacities: Mapping[str, Floats],
    first: int,
    hours: int,
    begin: Mapping[str, State],
    pieces: list[tuple[Programme, Solution]],
    windows: tuple[Window, ...],
    rules: Rules,
) -> Operation:
    """Put the hours that were run together as one point of the programme of all hours, and check it."""
    mode = Mode.COMMITMENT if rules.commitment else Mode.EXACT
    grid = TimeGrid.hourly((year,), hours, annual=False)
    whole = window_of(system, first, hours).compile(grid, mode, capacities, begin)
    problem = whole.problem
    primal = np.clip(np.zeros(len(problem.cost)), problem.lower, problem.upper)
    for block in problem.columns:
        if "step" in block.axes:
            parts = [piece.problem.values(answer.primal, block.name) for piece, answer in pieces]
            primal[block.index] = np.concatenate(parts, axis=1)
    _set_peaks(whole, primal)
    _set_emissions(whole, primal)
    loose = _without_yearly(whole)
    seconds = sum(window.seconds for window in windows)
    objective = problem.objective(primal)
    solution = Solution(
        Status.OPTIMAL,
        primal,
        np.empty(0),
        np.empty(0),
        objective,
        -np.inf,
        Residuals(),
        "rolling",
        len(windows),
        seconds,
    )
    return Operation(whole, solution, windows, residuals(loose, primal, np.empty(0)))


def _set_peaks(programme: Programme, primal: Floats) -> None:
    """Set the highest purchase of every month from the hours."""
    for component in programme.system.components:
        block = programme.problem.column_blocks.get(f"{component.name}.peak")
        if isinstance(component, Connection) and block is not None:
            bought = programme.problem.values(primal, f"{component.name}.purchase")[0]
            month = component.months(len(bought))
            for place, j in enumerate(np.unique(month)):
                at = block.index[0, place]
                primal[at] = max(primal[at], float(bought[month == j].max()))


def _set_emissions(programme: Programme, primal: Floats) -> None:
    """Set the emissions of the hours in the account of each policy."""
    problem = programme.problem
    for name in programme.model.yearly:
        emitted = (
            problem.column_blocks.get(name.removesuffix("account") + "emissions") if name.endswith(".account") else None
        )
        if emitted is not None:
            row = problem.row_blocks[name].start
            primal[emitted.start] = 0.0
            primal[emitted.start] = float((problem.matrix @ primal)[row] - problem.row_lower[row])


def _without_yearly(programme: Programme) -> LinearProblem:
    """Return the problem with rows over the year, and whole numbers, let go: a run of some hours does not keep them by itself."""
    problem = programme.problem
    lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
    for name in programme.model.yearly:
        index = problem.row_blocks[name].index
        lower[index], upper[index] = -np.inf, np.inf
    emitted = problem.upper.copy()
    for block in problem.columns:
        if block.name.endswith(".emissions"):
            emitted[block.index] = np.inf
    return replace(problem, row_lower=lower, row_upper=upper, upper=emitted, integer=None)
