"""What holds a plan back: the rules that bind and what they cost, and the capacities whose limit costs something."""

from __future__ import annotations

from typing import Final

import numpy as np

from tanlu.energy.answers.frame import Frame
from tanlu.energy.model import KILO
from tanlu.energy.problem import Block
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme

_COUNTS: Final = 1e-6
"""Shadow prices below this share of the largest objective coefficient of their kind are the noise of a solver."""
_INTERNAL: Final = (".stock", ".content.end", ".end", ".target", ".account")
"""Rows over a period that only define something."""


def binding_rules(programme: Programme, solution: Solution) -> Frame:
    """Return the rules over a year or all years that bind, and what one unit less of them would save.

    Rules are policies, yearly limits and least takes, and caps of CO2. The value is the size of the dual over the discounted years of the
    period [million CNY a year per unit of the rule]; of a rule over all periods it is the discounted sum.

    Returns
    -------
    Frame
        rule, period (0 where it holds over all), unit, limit and value, the dearest in total first.
    """
    problem, grid = programme.problem, programme.grid
    rows = []
    for block in problem.rows:
        if "step" in block.axes or block.name.endswith(_INTERNAL):
            continue
        for place, index in enumerate(block.index.ravel().tolist()):
            dual = float(solution.dual[index])
            limit = problem.row_upper[index] if dual < 0 else problem.row_lower[index]
            of_period = "period" in block.axes and block.size == grid.periods
            rows.append(
                (
                    block.name,
                    grid.years[place] if of_period else 0,
                    block.unit,
                    float(limit),
                    dual,
                    place if of_period else None,
                )
            )
    for policy_block in problem.columns:
        if policy_block.name.endswith(".emissions") and policy_block.axes == ("period",):
            rows += _caps(programme, solution, policy_block)
    scale = max((abs(dual * limit) for _, _, _, limit, dual, _ in rows if np.isfinite(limit)), default=0.0)
    least = max(_COUNTS * scale, 1e-9)
    binding = [row for row in rows if abs(row[4]) * max(abs(row[3]), 1e-3) > least and np.isfinite(row[3])]
    binding.sort(key=lambda row: -abs(row[3] * row[4]))
    records = [
        {
            "rule": name, "period": year, "unit": unit, "limit": limit,
            "value": abs(dual) / (float(grid.weights[place]) if place is not None else 1.0),
        }
        for name, year, unit, limit, dual, place in binding
    ]  # fmt: skip
    return Frame.of(records, ("rule", "period", "unit", "limit", "value"))


def _caps(
    programme: Programme, solution: Solution, block: Block
) -> list[tuple[str, int, str, float, float, int | None]]:
    """Return caps of CO2, which are bounds of the column of emissions."""
    found: list[tuple[str, int, str, float, float, int | None]] = []
    for place, column in enumerate(block.index.ravel().tolist()):
        limit = float(programme.problem.upper[column])
        reduced = min(float(solution.reduced_costs[column]), 0.0)
        found.append(
            (block.name.removesuffix("emissions") + "cap", programme.grid.years[place], "kt", limit, reduced, place)
        )
    return found


def capacity_limits(programme: Programme, solution: Solution) -> Frame:
    """Return the capacities that are as large, or as small, as they may be, and what one more, or less, would save.

    Returns
    -------
    Frame
        component, technology, node, period, limit (``most`` or ``least``), capacity [unit], unit and saving [CNY a year for one unit], the
        largest first.
    """
    problem, grid, rows = programme.problem, programme.grid, []
    for name, size in programme.model.decided.items():
        if size.columns is None:
            continue
        component = programme.system.component(name.removesuffix(".capacity").removesuffix(".energy"))
        for place, column in enumerate(size.columns.tolist()):
            # a million CNY a GW is a thousand CNY a MW
            saving = -float(solution.reduced_costs[column]) / float(grid.weights[place]) / KILO
            bound = problem.upper[column] if saving > 0 else problem.lower[column]
            if abs(saving) < 1.0 or not np.isfinite(bound) or (saving < 0 and bound <= 0):
                continue
            rows.append(
                {
                    "component": component.name,
                    "technology": component.kind,
                    "node": getattr(component, "node", getattr(component, "from_node", "")),
                    "period": grid.years[place],
                    "limit": "most" if saving > 0 else "least",
                    "capacity": float(bound) / KILO,
                    "unit": "MWh" if name.endswith(".energy.capacity") else "MW",
                    "saving": abs(saving),
                }
            )
    rows.sort(key=lambda row: -float(row["saving"]))
    return Frame.of(rows, ("component", "technology", "node", "period", "limit", "capacity", "unit", "saving"))
