"""Capacities of a plan: what stands, what is built, and what is still possible."""

from __future__ import annotations

from typing import Any

import numpy as np

from tanlu.energy.answers.frame import Frame
from tanlu.energy.certificate import decided_capacities
from tanlu.energy.model import KILO
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme


def capacities(programme: Programme, solution: Solution) -> Frame:
    """Return capacity of every component in every period.

    Columns: component, technology, node, kind (``power``, ``energy`` or ``rate``), period, capacity (MW, MWh or t/h), built in the
    period, and unit. A line stands at its first node.
    """
    problem, rows = programme.problem, []
    for name, values in decided_capacities(programme, solution).items():
        label = name.removesuffix(".capacity")
        component = programme.system.component(label.removesuffix(".energy"))
        block = problem.column_blocks.get(label + ".build")
        built = solution.primal[block.index] if block is not None else np.zeros(len(values))
        unit = _unit(programme, name)
        for year, amount, new in zip(programme.grid.years, values.tolist(), built.tolist(), strict=True):
            row: dict[str, Any] = {
                "component": component.name,
                "technology": component.kind,
                "node": getattr(component, "node", getattr(component, "from_node", "")),
                "kind": {"MW": "power", "MWh": "energy"}.get(unit, "rate"),
                "period": year,
                "capacity": amount / KILO,
                "built": max(0.0, new) / KILO,
                "unit": unit,
            }
            rows.append(row)
    return Frame.of(rows, ("component", "technology", "node", "kind", "period", "capacity", "built", "unit"))


def _unit(programme: Programme, name: str) -> str:
    """Return the unit of a capacity: of energy where its name says so, t/h where the component counts mass."""
    label = name.removesuffix(".capacity")
    if label.endswith(".energy"):
        return "MWh"
    carrier = getattr(programme.system.component(label), "carrier", "")
    mass = any(c.name == carrier and c.unit == "t" for c in programme.system.carriers)
    return "t/h" if mass else "MW"
