"""Least cost below a limit: linear pictures of the engine, solved in turn, until picture and engine agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.pathways.macc.grid import Evaluate, LeverGrid
from tanlu.pathways.macc.search import Found, improve, prices
from tanlu.pathways.macc.step import Picture, next_choice, picture
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints
from tanlu.pathways.tabular import Columns, Tabular, long_table

ITERATIONS: Final = 12
CLOSE: Final = 0.02
"""Share of a change of emissions by which a picture may be off and still be used for the next step."""
REACHED: Final = 1e-6
"""Share of a limit by which it may be missed."""


@dataclass(frozen=True)
class Optimum(Tabular):
    """The least-cost choice that was found for limits.

    Attributes
    ----------
    choice : [L, B]
    limits, emissions : [Y] Mt CO2
        By the engine.
    cost : float
        Million CNY, discounted.
    residual : [Y] Mt CO2
        Emissions by the last linear picture that moved the choice less those of the engine there.
    next_price, last_price : float
        CNY/t of the cheapest further tonne and of the dearest that could be given up, see `tanlu.pathways.macc.search.prices`.
    reached : bool
        Whether the engine keeps to every limit.
    iterations : int
        Pictures that were taken.
    """

    choice: Ints
    limits: Floats
    emissions: Floats
    cost: float
    residual: Floats
    next_price: float
    last_price: float
    reached: bool
    iterations: int

    def columns(self) -> Columns:
        """Return lever and knot by their places, and the level that was chosen."""
        levers, knots = self.choice.shape
        return long_table({"lever": range(levers), "knot": range(knots)}, self.choice, "level")


def least_cost(
    grid: LeverGrid, evaluate: Evaluate, limits: Floats, start: Ints, penalty: float, tolerance: float = 0.01
) -> Optimum:
    """Return the cheapest allowed choice that keeps emissions below limits, as far as small changes can tell.

    A linear picture of engine and costs is taken at the present choice, its whole-number programme is solved within a radius, and the
    engine computes the result. What is better is kept; a radius within which the picture is off, or nothing better is found, is halved
    (sequential linear programming with a trust region, Fletcher & Sainz de la Maza 1989, Math. Program. 43:235–256). Where pictures
    find nothing more, the engine tries single changes and chains of changes.

    Parameters
    ----------
    grid : LeverGrid
    evaluate : Evaluate
    limits : [Y] Mt CO2
    start : [L, B]
        An allowed choice.
    penalty : float
        Million CNY a Mt above a limit; well above any marginal cost.
    tolerance : float
        Mt CO2 by which picture and engine may differ at the end, for each limit.
    """
    emissions, costs = evaluate(start[None])
    best, seen = Found(start, emissions[0], float(costs[0])), picture(grid, evaluate, start)
    radius, residual, taken = int(grid.levels.max()), np.zeros(len(limits)), 1
    while taken < ITERATIONS:
        found = _step(grid, evaluate, best, seen, limits, radius, penalty)
        if found is None and radius > 1:
            radius //= 2
            continue
        if found is None:
            found = improve(grid, evaluate, best, seen, limits, penalty)
            if (found.choice == best.choice).all():
                break
        residual = seen.emissions_at(found.choice) - found.emissions
        if (np.abs(residual) > tolerance).any():
            radius = max(1, radius // 2)
        # where picture and engine agree, the picture holds a step further
        agreed = (np.abs(residual) <= CLOSE * np.abs(found.emissions - best.emissions)).all()
        seen = (
            seen.moved(found.choice, found.emissions, found.cost) if agreed else picture(grid, evaluate, found.choice)
        )
        best, taken = found, taken + 1
    return Optimum(
        best.choice,
        limits,
        best.emissions,
        best.cost,
        residual,
        *prices(grid, evaluate, best, seen),
        bool((best.emissions <= limits + REACHED * np.abs(limits)).all()),
        taken,
    )


def _step(
    grid: LeverGrid, evaluate: Evaluate, best: Found, seen: Picture, limits: Floats, radius: int, penalty: float
) -> Found | None:
    """Return what the picture holds for best within a radius, if the engine agrees that it is better."""
    choice = next_choice(grid, seen, limits, radius, penalty)
    if (choice == best.choice).all():
        return None
    emissions, costs = evaluate(choice[None])
    found = Found(choice, emissions[0], float(costs[0]))
    return found if found.merit(limits, penalty) < best.merit(limits, penalty) else None
