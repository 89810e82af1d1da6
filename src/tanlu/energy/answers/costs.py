"""What a plan costs, by component and kind of cost."""

from __future__ import annotations

import numpy as np

from tanlu.energy.answers.frame import Frame
from tanlu.energy.problem import Block
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme


def costs(programme: Programme, solution: Solution) -> Frame:
    """Return the discounted cost of every component [million CNY].

    Kinds: ``capital`` (annuities of what is built), ``fixed`` (upkeep of what can be built), ``operation`` (fuel, variable cost and wear),
    ``unserved`` (load that is not met), ``co2`` (price of emissions), and ``standing`` (upkeep of what stands and is not decided, for
    the whole system). They sum to the objective.
    """
    problem = programme.problem
    sums: dict[tuple[str, str], float] = {}
    known = {component.name for component in programme.system.components}
    for block in problem.columns:
        span = slice(block.start, block.start + block.size)
        amount = float(problem.cost[span] @ solution.primal[span])
        if amount:
            key = _owner(known, block), _kind(block)
            sums[key] = sums.get(key, 0.0) + amount
    if problem.offset:
        sums["", "standing"] = problem.offset
    rows = [{"component": name, "kind": kind, "cost [MCNY]": value} for (name, kind), value in sums.items()]
    frame = Frame.of(rows, ("component", "kind", "cost [MCNY]"))
    kinds = [programme.system.component(n).kind if n in known else n for n in frame["component"].tolist()]
    return Frame(
        {"component": frame["component"], "technology": np.array(kinds, str), **dict(list(frame.columns.items())[1:])}
    )


def _owner(known: set[str], block: Block) -> str:
    """Return whose columns a block holds; policies have cost too."""
    name = block.name
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name or block.name.rpartition(".")[0]


def _kind(block: Block) -> str:
    """Return the kind of cost of a block of columns."""
    quantity = block.name.rpartition(".")[2]
    return {
        "build": "capital",
        "capacity": "fixed",
        "unserved": "unserved",
        "unserved_driving": "unserved",
        "emissions": "co2",
    }.get(quantity, "operation")
