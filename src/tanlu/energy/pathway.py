"""Pathways over several periods: decided all at once with the future known, or period by period without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tanlu.energy.certificate import EnergyResult, solve
from tanlu.energy.components import Asset, Expandable, Sequestration, Store
from tanlu.energy.model import KILO
from tanlu.energy.parameters import at_years
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.system import System
from tanlu.energy.timegrid import TimeGrid, annuity


@dataclass(frozen=True, eq=False)
class MyopicPathway:
    """A pathway that was decided period by period.

    Parameters
    ----------
    system : System
        What was planned.
    steps : tuple of EnergyResult
        The plan of each period, as a year of its own, with what earlier periods built as standing.
    cost : float
        Discounted cost of all periods, counted as a plan with perfect foresight counts it [million CNY].
    """

    system: System
    steps: tuple[EnergyResult, ...]
    cost: float

    @property
    def years(self) -> tuple[int, ...]:
        """The periods."""
        return tuple(step.programme.grid.years[0] for step in self.steps)


def solve_myopic(
    system: System,
    periods: Sequence[int] | None = None,
    segments: int | None = 400,
    *,
    solver: str = "auto",
    tolerance: float = 1e-6,
    certify: bool = False,
) -> MyopicPathway:
    """Plan period by period, each with what was built before and without knowledge of what comes.

    A budget of CO2, and the room of a formation, is given to each period in proportion to the years that it stands for, from what is
    left.

    Parameters
    ----------
    system : System
        What to plan.
    periods : sequence of int, optional
        Periods; all of the system where not given.
    segments, solver, tolerance, certify
        As in `tanlu.energy.certificate.solve`.

    Raises
    ------
    NoPlanError
        When a period has no plan.
    """
    grid = system.grid(periods)
    years_stood_for = grid.years_stood_for
    steps: list[EnergyResult] = []
    state = system
    for position in range(grid.periods):
        year = grid.single(position)
        alone = replace(year, weights=np.ones(1))
        left = float(years_stood_for[position:].sum())
        result = solve(
            _for_one_period(state, left), alone, segments, solver=solver, tolerance=tolerance, certify=certify
        )
        steps.append(result)
        state = _after(state, result, float(years_stood_for[position]))
    return MyopicPathway(system, tuple(steps), _discounted(system, grid, steps))


def _for_one_period(system: System, left: float) -> System:
    """Return the system in which what is shared between periods is a limit of one year: what is left over the years that are left."""
    policies = [
        replace(p, budget=p.budget / left) if isinstance(p, EmissionLimit) and np.isfinite(p.budget) else p
        for p in system.policies
    ]
    components = [
        replace(c, total=c.total / left) if isinstance(c, Sequestration) and np.isfinite(c.total) else c
        for c in system.components
    ]
    return replace(system, policies=tuple(policies), components=tuple(components))


def _after(system: System, result: EnergyResult, years: float) -> System:
    """Return the system with what a period built standing, and what it used of what is shared taken away."""
    problem, primal = result.programme.problem, result.solution.primal
    grid = result.programme.grid
    year = grid.years[0]
    components = []
    for component in system.components:
        if isinstance(component, Expandable) and component.expandable:
            built = max(float(problem.values(primal, f"{component.name}.build")[0]), 0.0) / KILO
            energy = 0.0
            if isinstance(component, Store) and component.hours is None:
                energy = max(float(problem.values(primal, f"{component.name}.energy.build")[0]), 0.0) / KILO
            standing = component.existing if isinstance(component.existing, tuple) else (Asset(component.existing),)
            retires = year + int(np.ceil(component.lifetime))
            asset = Asset(built, year, retires, "", energy)
            component = replace(component, existing=(*standing, asset))
        if isinstance(component, Sequestration) and np.isfinite(component.total):
            injected = float(problem.values(primal, f"{component.name}.injection")[0] @ grid.annual_hours) / KILO
            component = replace(component, total=max(component.total - years * injected, 0.0))
        components.append(component)
    policies = []
    for policy in system.policies:
        if isinstance(policy, EmissionLimit) and policy.active and np.isfinite(policy.budget):
            emitted = float(problem.values(primal, f"{policy.name}.emissions")[0]) / KILO
            policy = replace(policy, budget=policy.budget - years * emitted)
        policies.append(policy)
    return replace(system, components=tuple(components), policies=tuple(policies))


def _discounted(system: System, grid: TimeGrid, steps: Sequence[EnergyResult]) -> float:
    """Return the discounted cost of all periods: of each its running cost, and of what was built its annuities while it stands."""
    total = 0.0
    for position, step in enumerate(steps):
        running = step.objective
        for name, size in step.programme.model.decided.items():
            if size.columns is None:
                continue
            label = name.removesuffix("capacity")
            built = step.programme.problem.values(step.solution.primal, label + "build")[0]
            component = system.component(label.removesuffix(".").removesuffix(".energy"))
            assert isinstance(component, Expandable)  # it has a capacity
            price = component.investment
            if isinstance(component, Store) and label.endswith(".energy."):
                price = component.energy_investment
            yearly = annuity(system.discount_rate, component.lifetime) * float(at_years(price, grid.years)[position])
            yearly *= float(built) * KILO
            stands = [
                w
                for w, year in zip(grid.weights[position:], grid.years[position:], strict=True)
                if year - grid.years[position] < component.lifetime
            ]
            total += yearly * sum(stands)
            running -= yearly
        total += float(grid.weights[position]) * running
    return total
