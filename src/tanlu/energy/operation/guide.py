"""What a plan of the year tells the operator of a week: contents to end with, and the worth of what is shared over the year.

Rows that sum over the year (CO2, least use of a contract, yearly limits) cannot be kept within a window. Their duals in the plan of the
year price what a window uses of them instead (Lagrangian relaxation; Geoffrion 1974, Math. Program. Study 2, 82–114).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tanlu.energy.components import Component, Fleet, Reservoir, Store
from tanlu.energy.model import KILO
from tanlu.energy.problem import Floats, LinearProblem
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme


@dataclass(frozen=True, eq=False)
class Guide:
    """What is taken from a plan of the year.

    Parameters
    ----------
    year : int
        Its period.
    contents : mapping of str to (H,) array
        Content of stores and reservoirs at the end of every hour of the year [MWh].
    duals : mapping of str to float
        Duals of the rows over the year, not discounted [million CNY per unit of the row].
    worth : mapping of str to (H,) array
        What a content below that of the plan costs where a window ends with an hour of the year [CNY/MWh]. A component that is named
        here follows the plan at this price in windows of every length, for example a full battery at what it saves later.
    """

    year: int
    contents: Mapping[str, Floats]
    duals: Mapping[str, float]
    worth: Mapping[str, Floats] = field(default_factory=dict)

    def content(self, component: str, hour: int) -> float | None:
        """Return the content that a component should have at the end of an hour of the year [MWh]; None where the plan says nothing."""
        series = self.contents.get(component)
        return None if series is None else float(series[hour % len(series)])

    def price_of_shortfall(self, component: str, hour: int) -> float | None:
        """Return what a content below the plan costs at the end of an hour of the year [CNY/MWh]; None where the guide leaves it open."""
        series = self.worth.get(component)
        return None if series is None else float(series[hour % len(series)])

    def price_yearly(self, programme: Programme) -> LinearProblem:
        """Return a window's problem with its rows over the year let go and what they take priced by the plan's duals."""
        problem, model = programme.problem, programme.model
        if not model.yearly:
            return problem
        lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
        weight = np.zeros(problem.shape[0])
        for name in model.yearly:
            index = problem.row_blocks[name].index
            lower[index], upper[index] = -np.inf, np.inf
            weight[index] = self.duals.get(name, 0.0)
        cost = problem.cost - problem.matrix.T @ weight
        bottom, top = problem.lower.copy(), problem.upper.copy()
        for block in problem.columns:
            if block.name.endswith(".emissions") and f"{block.name.removesuffix('emissions')}account" in model.yearly:
                cost[block.index], bottom[block.index], top[block.index] = 0.0, 0.0, 0.0
        return replace(problem, cost=cost, row_lower=lower, row_upper=upper, lower=bottom, upper=top)


def guide(programme: Programme, solution: Solution, period: int = 0) -> Guide:
    """Return the guide of a solved plan of the year, over segments or hours.

    Contents between the ends of segments are interpolated linearly. Stores that empty within a day need none; their contents are given
    all the same, and the operator decides which to follow.
    """
    grid, problem = programme.grid, programme.problem
    ends = np.concatenate([[-1], grid.ends])
    contents = {}
    for component in programme.system.components:
        name = f"{component.name}.content"
        if isinstance(component, Store | Reservoir | Fleet) and name in problem.column_blocks:
            at_ends = problem.values(solution.primal, name)[period] / KILO
            known = np.concatenate([at_ends[-1:], at_ends])
            contents[component.name] = np.interp(np.arange(grid.hours), ends, known)
    duals = {}
    for name in programme.model.yearly:
        values = problem.row_values(solution.dual, name)
        duals[name] = float(values[period if len(values) > 1 else 0] / grid.weights[period])
    return Guide(grid.years[period], contents, duals)


def needs_target(component: Component, hours: int) -> bool:
    """Tell whether a component stores for longer than a window of so many hours sees, so that its end has to be guided."""
    if isinstance(component, Reservoir):
        return True
    return isinstance(component, Store) and (component.hours is None or component.hours > hours)
