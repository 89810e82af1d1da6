"""One window of a run: decided on what is expected, met with what comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tanlu.energy.components import Connection
from tanlu.energy.model import KILO, Mode, State
from tanlu.energy.operation.forecast import Forecast
from tanlu.energy.operation.guide import Guide, needs_target
from tanlu.energy.parameters import declared
from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.answer import Solution, Status
from tanlu.energy.solvers.contract import solve
from tanlu.energy.system import Programme, System
from tanlu.energy.timegrid import TimeGrid

_SHORTFALL_PRICE: Final = 5_000.0
"""Cost of ending a window below the content that the year's plan has [CNY/MWh]: above any fuel, below the value of lost load."""


class OperationError(Exception):
    """A window has no plan.

    Parameters
    ----------
    start : int
        First hour of the window [h].
    programme : Programme
        What was to be solved.
    solution : Solution
        What the solvers said.
    """

    def __init__(self, start: int, programme: Programme, solution: Solution) -> None:
        self.start, self.programme, self.solution = start, programme, solution
        super().__init__(f"hour {start}: {solution.status}")


@dataclass(frozen=True)
class Rules:
    """How windows are cut and solved.

    Parameters
    ----------
    horizon, step : int
        Hours that are seen, and of them how many are run [h].
    commitment : bool
        Whether units are on or off in whole numbers.
    solver : str
        For programmes without whole numbers.
    tolerance : float
        Tolerance of the solver.
    gap : float
        Relative gap at which branch and bound may stop.
    time_limit : float or None
        For each window [s].
    """

    horizon: int = 192
    step: int = 168
    commitment: bool = False
    solver: str = "auto"
    tolerance: float = 1e-6
    gap: float = 1e-3
    time_limit: float | None = None


def window_of(system: System, first: int, hours: int) -> System:
    """Return the system over some hours of its profiles, going on from the end at the beginning; it stands for these hours only.

    Raises
    ------
    ValueError
        When a component holds an hourly array of its own instead of the name of a profile.
    """
    places = (first + np.arange(hours)) % system.hours
    components = []
    for component in system.components:
        for name, declared_as in declared(type(component)).items():
            value = getattr(component, name)
            if declared_as.kind == "hourly" and not isinstance(value, int | float | str):
                raise ValueError(f"{component.name}.{name}: give hourly values as a profile of the system")
        if isinstance(component, Connection):
            component = replace(component, first_hour=component.first_hour + first)
        components.append(component)
    profiles = {name: np.asarray(profile)[places] for name, profile in system.profiles.items()}
    return replace(system, components=tuple(components), profiles=profiles, hours=hours, annual=False)


@dataclass(frozen=True, eq=False)
class WindowProblem:
    """One window while it is decided and met."""

    system: System
    year: int
    capacities: Mapping[str, Floats]
    first: int
    start: int
    rules: Rules
    guide: Guide | None

    @property
    def mode(self) -> Mode:
        """Whether units are committed."""
        return Mode.COMMITMENT if self.rules.commitment else Mode.EXACT

    def compile(self, hours: int, states: Mapping[str, State], forecast: Forecast | None = None) -> Programme:
        """Return the programme of the first hours of the window, on the forecast or on what comes."""
        part = window_of(self.system, self.first + self.start, hours)
        if forecast is not None:
            part = replace(part, profiles=forecast.expect(part.profiles, self.start))
        grid = TimeGrid.hourly((self.year,), hours, annual=False)
        return part.compile(grid, self.mode, self.capacities, states)

    def solve(self, programme: Programme, problem: LinearProblem) -> Solution:
        """Solve it.

        Raises
        ------
        OperationError
            When there is no plan.
        """
        rules = self.rules
        solver = "highs" if problem.integer is not None else rules.solver
        answer = solve(problem, solver, rules.tolerance, rules.time_limit, gap=rules.gap)
        if not len(answer.primal) or answer.status not in (Status.OPTIMAL, Status.LIMIT):
            raise OperationError(self.start, programme, answer)
        return answer

    def plan(self, forecast: Forecast, hours: int, states: Mapping[str, State]) -> tuple[Programme, Solution]:
        """Decide the window on the forecast."""
        aimed = {name: self._aim(name, state, hours) for name, state in states.items()}
        programme = self.compile(hours, aimed, forecast)
        problem = programme.problem if self.guide is None else self.guide.price_yearly(programme)
        return programme, self.solve(programme, problem)

    def _aim(self, name: str, state: State, hours: int) -> State:
        """Return a state with the content that the year's plan has at the end of the window."""
        if self.guide is None:
            return state
        last = self.first + self.start + hours - 1
        price = self.guide.price_of_shortfall(name, last)
        if price is None:
            if not needs_target(self.system.component(name), hours):
                return state
            price = _SHORTFALL_PRICE
        return replace(state, target=self.guide.content(name, last), shortfall_price=price)

    def meet(
        self, hours: int, states: Mapping[str, State], planned: Programme, decided: Solution
    ) -> tuple[Programme, Solution]:
        """Run the first hours with what comes, with the units that are on and the contents at the end as decided."""
        aimed = {}
        for name, state in states.items():
            block = planned.problem.column_blocks.get(f"{name}.content")
            if block is not None:
                target = float(decided.primal[block.index[0, hours - 1]]) / KILO
                state = replace(state, target=max(target, 0.0), shortfall_price=_SHORTFALL_PRICE)
            aimed[name] = state
        aimed.update(_planned_peaks(planned, decided, states))
        programme = self.compile(hours, aimed)
        problem = programme.problem if self.guide is None else self.guide.price_yearly(programme)
        problem = _with_units(problem, planned.problem, decided.primal, hours)
        return programme, self.solve(programme, problem)


def _planned_peaks(planned: Programme, decided: Solution, states: Mapping[str, State]) -> dict[str, State]:
    """Return the states of connections with the peaks that the plan pays for: within its first hours they look like cost without use."""
    result = {}
    for component in planned.system.components:
        block = planned.problem.column_blocks.get(f"{component.name}.peak")
        if isinstance(component, Connection) and block is not None:
            months = np.unique(component.months(planned.grid.hours)).tolist()
            peaks = decided.primal[block.index[0]] / KILO
            state = states.get(component.name, State())
            result[component.name] = replace(
                state, peaks={**state.peaks, **dict(zip(months, peaks.tolist(), strict=True))}
            )
    return result


def _with_units(problem: LinearProblem, planned: LinearProblem, primal: Floats, hours: int) -> LinearProblem:
    """Return a problem in which the units that are on are those of a plan."""
    if planned.integer is None:
        return problem
    lower, upper = problem.lower.copy(), problem.upper.copy()
    for block in problem.columns:
        if block.unit == "units":
            decided = np.round(planned.values(primal, block.name)[:, :hours])
            lower[block.index] = upper[block.index] = np.maximum(decided, 0.0)
    return replace(problem, lower=lower, upper=upper, integer=None)
