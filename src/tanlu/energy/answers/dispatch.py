"""How a system runs: supply and use by hour, prices, and what was available and not taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tanlu.energy.answers.frame import Frame
from tanlu.energy.certificate import decided_capacities
from tanlu.energy.components import Source
from tanlu.energy.model import KILO, Flow
from tanlu.energy.problem import Floats
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme


@dataclass(frozen=True, eq=False)
class Series:
    """Time series by name.

    Parameters
    ----------
    names : tuple of str
        What each series is.
    values : (K, S) array
        One row a series.
    unit : str
        Their unit.
    starts : (S,) array
        First hour of each step.
    durations : (S,) array
        Hours of each step [h].
    """

    names: tuple[str, ...]
    values: Floats
    unit: str
    starts: Floats
    durations: Floats

    def frame(self) -> Frame:
        """Return one row a step: hour, duration and a column for each series."""
        columns = {"hour": self.starts, "duration [h]": self.durations}
        return Frame({**columns, **{f"{n} [{self.unit}]": v for n, v in zip(self.names, self.values, strict=True)}})


def dispatch_series(
    programme: Programme,
    solution: Solution,
    *,
    carrier: str = "electricity",
    nodes: tuple[str, ...] = (),
    period: int = 0,
    by: str = "technology",
) -> Series:
    """Return supply (positive) and use (negative) of a carrier by technology or component, with the load as ``load`` [MW or t/h].

    Parameters
    ----------
    programme, solution
        A solved system.
    carrier : str
        What flows.
    nodes : tuple of str
        Nodes whose flows are summed; all where empty. Lines between them cancel out, but for their loss.
    period : int
        Position of the period.
    by : str
        ``technology`` or ``component``.
    """
    grid = programme.grid
    series: dict[str, Floats] = {}

    def add(name: str, amount: Floats) -> None:
        series[name] = series.get(name, 0.0) + amount

    for flow in programme.model.flows:
        if flow.carrier == carrier and (not nodes or flow.node in nodes) and flow.quantity != "surplus":
            component = programme.system.component(flow.component)
            label = component.kind if by == "technology" else component.name
            add(_label(label, flow), flow.sign * flow_values(solution, flow)[period] / KILO)
    for (node, what), parts in programme.model.loads.items():
        if what == carrier and (not nodes or node in nodes):
            for _, amount in parts:
                add("load", -amount[period] / KILO)
    unit = "t/h" if any(c.name == carrier and c.unit == "t" for c in programme.system.carriers) else "MW"
    values = np.array(list(series.values())) if series else np.zeros((0, grid.steps))
    return Series(tuple(series), values, unit, grid.starts.astype(float), grid.durations)


def _label(label: str, flow: Flow) -> str:
    """Return the name of a flow's series: what a thing mainly does stands under its own name, the rest with the quantity."""
    plain = {"production", "activity", "release", "delivery", "discharge", "forward", "backward"}
    return label if flow.quantity in plain else f"{label}.{flow.quantity}"


def flow_values(solution: Solution, flow: Flow) -> Floats:
    """Return what a flow supplies to, or takes from, its node, (P, S) [GW or kt/h]."""
    return np.asarray(solution.primal[flow.columns] * flow.factor)


def prices(programme: Programme, solution: Solution, period: int = 0) -> Series:
    """Return the marginal cost of every carrier at every node, ``node.carrier`` [CNY/MWh; CNY/t for a carrier by mass].

    It is the dual of the balance over the discounted hours of the step.
    """
    grid, hours = programme.grid, programme.model.weighted_hours
    keys = list(programme.model.balances)
    values = [solution.dual[programme.model.balances[key]][period] / hours[period] / KILO for key in keys]
    names = tuple(f"{node}.{carrier}" for node, carrier in keys)
    return Series(names, np.array(values), "CNY/MWh", grid.starts.astype(float), grid.durations)


def curtailment(programme: Programme, solution: Solution) -> Frame:
    """Return what sources that vary could have supplied and what of it was not taken, by component and period [MWh/a]."""
    sizes = decided_capacities(programme, solution)
    grid, rows = programme.grid, []
    for component in programme.system.components:
        if not isinstance(component, Source) or isinstance(component.availability, int | float):
            continue
        share = programme.model.steps(component.availability)
        available = sizes[f"{component.name}.capacity"][:, None] * share[None, :]
        taken = programme.problem.values(solution.primal, f"{component.name}.production")
        for p, year in enumerate(grid.years):
            could = float(available[p] @ grid.annual_hours) / KILO
            did = float(taken[p] @ grid.annual_hours) / KILO
            rows.append(
                {
                    "component": component.name,
                    "technology": component.kind,
                    "node": component.node,
                    "period": year,
                    "available [MWh]": could,
                    "curtailed [MWh]": max(could - did, 0.0),
                    "share": max(could - did, 0.0) / could if could > 0 else 0.0,
                }
            )
    return Frame.of(rows, ("component", "technology", "node", "period", "available [MWh]", "curtailed [MWh]", "share"))
