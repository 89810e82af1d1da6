"""Marginal abatement cost curve from an optimisation with the engine in the loop.

In: levers between two worlds, a cost function, limits on emissions. Out: for each limit the least-cost levels of levers over time,
checked by the engine, its shadow price, and how far a stack of single measures would have been off.
"""

from tanlu.pathways.macc.curve import Curve, CurvePoint, Interactions, abatement_curve, interactions
from tanlu.pathways.macc.engine import (
    LeverStep,
    RunCost,
    actor_costs,
    engine_evaluation,
    in_force,
    lever_grid,
    lever_steps,
    stepped,
)
from tanlu.pathways.macc.grid import Evaluate, LeverGrid
from tanlu.pathways.macc.optimise import Optimum, least_cost

__all__ = [
    "Curve",
    "CurvePoint",
    "Evaluate",
    "Interactions",
    "LeverGrid",
    "LeverStep",
    "Optimum",
    "RunCost",
    "abatement_curve",
    "actor_costs",
    "engine_evaluation",
    "in_force",
    "interactions",
    "least_cost",
    "lever_grid",
    "lever_steps",
    "stepped",
]
