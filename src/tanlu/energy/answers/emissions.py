"""CO2 of a plan, and what a tonne less would cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tanlu.energy.answers.frame import Frame
from tanlu.energy.model import KILO
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.problem import Floats, Indices
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme


def emissions(programme: Programme, solution: Solution) -> Frame:
    """Return the CO2 of every component in every period [t/a]; what is removed is negative."""
    sums = _sums(programme, solution, programme.model.emissions)
    for name, amount in programme.model.fixed_emissions:
        sums[name] = sums.get(name, np.zeros(programme.grid.periods)) + amount / KILO
    return _frame(programme, sums)


def imported_emissions(programme: Programme, solution: Solution) -> Frame:
    """Return the CO2 that is made elsewhere for what contracts deliver in every period [t/a], whether or not a policy counts it."""
    return _frame(programme, _sums(programme, solution, programme.model.imported))


def _sums(programme: Programme, solution: Solution, flows: Sequence[tuple[str, Indices, Floats]]) -> dict[str, Floats]:
    """Return the CO2 of flows by component, (P,) [t/a]."""
    grid = programme.grid
    sums: dict[str, Floats] = {}
    for name, columns, factor in flows:
        amount = (solution.primal[columns] * factor) @ grid.annual_hours / KILO
        sums[name] = sums.get(name, np.zeros(grid.periods)) + amount
    return sums


def _frame(programme: Programme, sums: Mapping[str, Floats]) -> Frame:
    """Return amounts by component and period as a frame."""
    rows = [
        {"component": name, "technology": programme.system.component(name).kind, "period": year, "emission [t]": value}
        for name, amounts in sums.items()
        for year, value in zip(programme.grid.years, amounts.tolist(), strict=True)
    ]
    return Frame.of(rows, ("component", "technology", "period", "emission [t]"))


def carbon_price(programme: Programme, solution: Solution) -> Floats:
    """Return what the last tonne costs in each period: the price that is set and the dual of the caps, (P,) [CNY/t].

    It is the dual of the account of emissions over the discounted years of the period; 0 where nothing limits CO2.
    """
    total = np.zeros(programme.grid.periods)
    for policy in programme.system.policies:
        if isinstance(policy, EmissionLimit) and policy.active:
            dual = programme.problem.row_values(solution.dual, f"{policy.name}.account")
            total += dual / programme.grid.weights / KILO
    return np.abs(total)
