"""The pathway engine behind an abatement curve: which levers, how fast, and what a choice emits and costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.levers import Lever
from tanlu.pathways.macc.grid import Evaluate, LeverGrid, remembered
from tanlu.pathways.measures import Measure
from tanlu.pathways.parameters import Floats
from tanlu.pathways.switches import Switch, can_be_switched, with_switches
from tanlu.pathways.tables import Ints, Result

if TYPE_CHECKING:
    from tanlu.pathways.effects import EffectTables

RunCost = Callable[[Result, Floats], Floats]
"""From runs and their lever vectors [n, L + L'·B] to the discounted cost [n] in million CNY."""
MILLIONS: Final = 1000.0
"""Million CNY in 10^9 CNY."""
FINENESS: Final = 2
CHUNK: Final = 256
"""Runs at a time: bounds the memory of final energy."""


@dataclass(frozen=True)
class LeverStep:
    """A lever with the values between which a curve moves it."""

    lever: Lever
    base: float
    top: float


def lever_steps(levers: Sequence[Lever], base: Floats, top: Floats) -> tuple[LeverStep, ...]:
    """Return the levers whose value differs between two lever vectors [L]; levers whose parts do not add up are left out."""
    moved = zip(levers, base, top, strict=True)
    return tuple(
        LeverStep(lever, float(low), float(high))
        for lever, low, high in moved
        if low != high and can_be_switched(lever)
    )


def lever_grid(
    steps: Sequence[LeverStep],
    start: int,
    knots: Sequence[int],
    levels: int = 4,
    pace: float = 1.0,
    exclusions: Sequence[Sequence[str]] = (),
) -> LeverGrid:
    """Return the choices of levers over time.

    The schedule of a lever says which share of its step can be in force in a year. What starts later cannot jump to it: the share
    rises in a year by no more than in the steepest year of the schedule.

    Parameters
    ----------
    steps : sequence of LeverStep
    start : int
        Last year in which every lever stands at its base.
    knots : sequence of int
        Rising years after the start.
    levels : int
        Levels of a lever, at least; more where whole levels would waste the pace: `FINENESS` levels a knot at full pace.
    pace : float
        Factor on the speed of every lever.
    exclusions : sequence of sequence of str
        Groups of lever ids of which at most one may be used.
    """
    years = np.arange(start, knots[-1] + 1)
    gaps = np.diff([start, *knots])
    envelope, speed = np.zeros((len(steps), len(knots))), np.zeros((len(steps), len(knots)))
    for i, step in enumerate(steps):
        schedule = step.lever.schedule.values(range(step.lever.schedule.start, step.lever.schedule.full + 1))
        envelope[i] = np.interp(knots, years, step.lever.schedule.values(years.tolist()))
        speed[i] = pace * float(np.diff(schedule).max()) * gaps
    fine = np.ceil((envelope / speed).max(axis=1) - 1e-9).astype(np.int64)
    place = {step.lever.id: i for i, step in enumerate(steps)}
    groups = (tuple(place[name] for name in group if name in place) for group in exclusions)
    return LeverGrid(
        levers=tuple(place),
        years=np.array(knots, np.int64),
        levels=np.maximum(levels, FINENESS * fine),
        envelope=envelope,
        speed=speed,
        exclusions=tuple(group for group in groups if len(group) > 1),
    )


def in_force(grid: LeverGrid, start: int, years: Ints) -> Floats:
    """Return the share that a knot's share adds in each year, [B, T]: 1 at the knot, linear to its neighbours, level after the last."""
    points = [start, *grid.years.tolist()]
    return np.array([np.interp(years, points, np.eye(len(points))[b + 1]) for b in range(len(grid.years))])


def stepped(parameters: Parameters, steps: Sequence[LeverStep], grid: LeverGrid, start: int) -> Parameters:
    """Return parameters whose lever vectors are the levers followed by a level for every lever of the grid and knot, [L + L'·B]."""
    hats, unit = in_force(grid, start, parameters.years), grid.unit
    switches = [
        Switch(step.lever, (step.top - step.base) * unit[i, b] * hats[b])
        for i, step in enumerate(steps)
        for b in range(len(grid.years))
    ]
    return with_switches(parameters, switches)


def engine_evaluation(
    wider: Parameters, base: Floats, grid: LeverGrid, measures: Sequence[Measure], cost: RunCost
) -> Evaluate:
    """Return the function from choices to emissions and costs by the engine.

    Parameters
    ----------
    wider : Parameters
        See `stepped`.
    base : [L]
        Lever values of the base world, all levers of the province.
    grid : LeverGrid
    measures : sequence of Measure
        The limited emissions, Y of them.
    cost : RunCost
    """

    def part(choices: Ints) -> tuple[Floats, Floats]:
        levels = choices.reshape(len(choices), -1).astype(float)
        values = np.concatenate([np.broadcast_to(base, (len(choices), len(base))), levels], axis=1)
        result = run(wider, values, threads=True)
        return np.column_stack([m.of(result) for m in measures]), cost(result, values)

    def evaluate(choices: Ints) -> tuple[Floats, Floats]:
        parts = [part(choices[i : i + CHUNK]) for i in range(0, len(choices), CHUNK)]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    return remembered(evaluate)


def actor_costs(tables: EffectTables) -> RunCost:
    """Return the cost function of `tanlu.pathways.effects`: the present value of all actors' yearly costs after the base year.

    Parameters
    ----------
    tables : EffectTables
        Of the wider parameters.
    """
    from tanlu.pathways.costs import present_value
    from tanlu.pathways.effects.run import yearly_costs

    def cost(result: Result, values: Floats) -> Floats:
        yearly = yearly_costs(result, tables, values)
        yearly[:, 0] = 0.0
        return MILLIONS * present_value(yearly, tables.costs.rate)

    return cost
