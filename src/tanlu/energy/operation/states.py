"""What a system carries from window to window: contents, units that are on, water on the way, peaks of the month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tanlu.energy.components import Connection, Converter, Fleet, Reservoir, Store
from tanlu.energy.model import KILO, State
from tanlu.energy.operation.guide import Guide
from tanlu.energy.parameters import at_years
from tanlu.energy.problem import Floats
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme, System


def start_states(
    system: System, year: int, capacities: Mapping[str, Floats], plan: Guide | None, first: int
) -> dict[str, State]:
    """Return states to start with: contents of the plan, else half full; all units free to start."""
    states = {}
    for component in system.components:
        if isinstance(component, Store | Reservoir | Fleet):
            content = plan.content(component.name, first - 1) if plan is not None else None
            if content is None:
                content = 0.5 * _room(component, system, year, capacities)
            states[component.name] = State(content=content)
    return states


def _room(component: Store | Reservoir | Fleet, system: System, year: int, capacities: Mapping[str, Floats]) -> float:
    """Return the most content of a component [MWh]."""
    if isinstance(component, Reservoir):
        return component.volume
    if isinstance(component, Fleet):
        number, battery = (float(at_years(v, (year,))[0]) for v in (component.vehicles, component.battery))
        return component.managed * number * battery
    if component.hours is None:
        given = capacities.get(f"{component.name}.energy.capacity")
        return float(given[0]) / KILO if given is not None else float(component.energy_standing((year,))[0])
    given = capacities.get(f"{component.name}.capacity")
    power = float(given[0]) / KILO if given is not None else float(component.standing((year,))[0])
    return component.hours * power


def after(programme: Programme, solution: Solution, states: Mapping[str, State]) -> dict[str, State]:
    """Return the states after the hours of a run, from which the next window goes on."""
    problem, primal = programme.problem, solution.primal

    def last(name: str) -> float:
        return float(problem.values(primal, name)[0, -1]) / KILO

    def history(name: str, hours: int, scale: float, earlier: tuple[float, ...]) -> tuple[float, ...]:
        values = (problem.values(primal, name)[0] / scale).tolist()
        return tuple([*earlier, *values][-hours:]) if hours > 0 else ()

    result = {}
    for component in programme.system.components:
        name, known = component.name, states.get(component.name, State())
        if isinstance(component, Reservoir):
            released = problem.values(primal, f"{name}.release")[0] + problem.values(primal, f"{name}.spill")[0]
            flowed = tuple([*known.let_go, *(released / KILO).tolist()][-component.delay :]) if component.delay else ()
            result[name] = State(content=last(f"{name}.content"), let_go=flowed)
        elif isinstance(component, Store | Fleet) and f"{name}.content" in problem.column_blocks:
            result[name] = State(content=max(last(f"{name}.content"), 0.0))
        elif isinstance(component, Converter):
            state = State(activity=last(f"{name}.activity"))
            if f"{name}.on" in problem.column_blocks:
                state = replace(
                    state,
                    on=round(float(problem.values(primal, f"{name}.on")[0, -1])),
                    started=history(f"{name}.started", component.minimum_up, 1.0, known.started),
                    stopped=history(f"{name}.stopped", component.minimum_down, 1.0, known.stopped),
                )
            result[name] = state
        elif isinstance(component, Connection) and component.demand_charge > 0:
            bought = problem.values(primal, f"{name}.purchase")[0] / KILO
            peaks = dict(known.peaks)
            for month, power in zip(component.months(len(bought)).tolist(), bought.tolist(), strict=True):
                peaks[month] = max(peaks.get(month, 0.0), power)
            result[name] = State(peaks=peaks)
    return result
