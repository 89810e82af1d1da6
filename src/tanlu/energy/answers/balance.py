"""Energy over a year: who supplies, who takes, and how it flows from carrier to carrier."""

from __future__ import annotations

from tanlu.energy.answers.dispatch import flow_values
from tanlu.energy.answers.frame import Frame
from tanlu.energy.components import Converter
from tanlu.energy.model import KILO
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme


def energy_balance(programme: Programme, solution: Solution) -> Frame:
    """Return what every component supplies (positive) and takes (negative) in a year, by node, carrier and period [MWh or t].

    Of every balanced carrier at every node the sum is zero, but for what is let go.
    """
    grid, rows = programme.grid, []
    for flow in programme.model.flows:
        amounts = flow.sign * flow_values(solution, flow) @ grid.annual_hours / KILO
        component = programme.system.component(flow.component)
        for year, amount in zip(grid.years, amounts.tolist(), strict=True):
            rows.append((flow.component, component.kind, flow.quantity, flow.node, flow.carrier, year, amount))
    for (node, carrier), parts in programme.model.loads.items():
        for name, load in parts:
            for year, amount in zip(grid.years, (-load @ grid.annual_hours / KILO).tolist(), strict=True):
                rows.append((name, programme.system.component(name).kind, "load", node, carrier, year, amount))
    names = ("component", "technology", "quantity", "node", "carrier", "period", "energy")
    return Frame.of([dict(zip(names, row, strict=True)) for row in rows], names)


def sankey(programme: Programme, solution: Solution, period: int = 0) -> Frame:
    """Return the flows of a year for a Sankey diagram: from, to and amount [MWh].

    Carriers are the columns of the diagram; plants stand between the carriers that they take and give, sources before them, loads after
    them. What storage and lines lose, and what plants do not pass on, flows to ``loss``. A carrier that is called like a technology
    stands as ``carrier:name``.
    """
    balance = energy_balance(programme, solution).where(period=programme.grid.years[period])
    kinds = {component.kind for component in programme.system.components}
    mass = {c.name for c in programme.system.carriers if c.unit != "MWh"}
    between: dict[tuple[str, str], float] = {}
    through: dict[str, float] = {}
    for row in balance.rows():
        if row["carrier"] in mass or abs(row["energy"]) < 1e-6:
            continue
        name, amount = row["technology"], row["energy"]
        carrier = f"carrier:{row['carrier']}" if row["carrier"] in kinds else row["carrier"]
        link = (name, carrier) if amount > 0 else (carrier, name)
        between[link] = between.get(link, 0.0) + abs(amount)
        component = programme.system.component(row["component"])
        if isinstance(component, Converter) or row["quantity"] in _RETURNING:
            through[name] = through.get(name, 0.0) + amount
    for name, net in through.items():
        if net < -1e-6:
            between[name, "loss"] = -net
    rows = [{"from": a, "to": b, "energy [MWh]": amount} for (a, b), amount in _net(between).items()]
    return Frame.of(rows, ("from", "to", "energy [MWh]"))


_RETURNING = frozenset({"charge", "discharge", "forward", "backward"})
"""Quantities that come back to a node, but for what is lost."""


def _net(between: dict[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Return the flows with those in both directions between two (storage, lines) set against each other."""
    net = {}
    for (a, b), amount in between.items():
        rest = amount - between.get((b, a), 0.0)
        if rest > 1e-6:
            net[a, b] = rest
    return net
