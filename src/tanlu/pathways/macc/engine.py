"""The pathway engine behind an abatement curve: which levers, how fast, and what a choice emits and costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.pathways.engine import Parameters, run
from tanlu.pathways.levers import Lever
from tanlu.pathways.macc.grid import Evaluate, LeverGrid
from tanlu.pathways.measures import Measure
from tanlu.pathways.parameters import Floats
from tanlu.pathways.switches import Switch, can_be_switched, with_switches
from tanlu.pathways.tables import Ints, Result

RunCost = Callable[[Result, Floats], Floats]
"""From a run and the shares of each lever's step in force [n, L, T] to the discounted cost [n] in million CNY."""
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
        Levels of a lever, at least; more where one level would be too much for the pace.
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
        levels=np.maximum(levels, fine),
        envelope=envelope,
        speed=speed,
        exclusions=tuple(group for group in groups if len(group) > 1),
    )


def in_force(grid: LeverGrid, start: int, years: Ints) -> Floats:
    """Return the share that a knot's share adds in each year, [B, T]: 1 at the knot, linear to its neighbours, level after the last."""
    points = [start, *grid.years.tolist()]
    return np.array([np.interp(years, points, np.eye(len(points))[b + 1]) for b in range(len(grid.years))])


def engine_evaluation(
    parameters: Parameters,
    base: Floats,
    steps: Sequence[LeverStep],
    grid: LeverGrid,
    start: int,
    measures: Sequence[Measure],
    cost: RunCost,
) -> Evaluate:
    """Return the function from choices to emissions and costs by the engine.

    Parameters
    ----------
    parameters : Parameters
    base : [L]
        Lever values of the base world, all levers of the province.
    steps : sequence of LeverStep
        The levers of the grid.
    grid : LeverGrid
    start : int
        Last year in which every lever stands at its base.
    measures : sequence of Measure
        The limited emissions, Y of them.
    cost : RunCost
    """
    hats = in_force(grid, start, parameters.years)
    unit = grid.unit
    switches = [
        Switch(step.lever, (step.top - step.base) * unit[i, b] * hats[b])
        for i, step in enumerate(steps)
        for b in range(len(grid.years))
    ]
    wider = with_switches(parameters, switches)

    def evaluate(choices: Ints) -> tuple[Floats, Floats]:
        parts = [_part(wider, base, choices[i : i + CHUNK]) for i in range(0, len(choices), CHUNK)]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def _part(wider: Parameters, base: Floats, choices: Ints) -> tuple[Floats, Floats]:
        flat = choices.reshape(len(choices), -1).astype(float)
        result = run(wider, np.concatenate([np.broadcast_to(base, (len(choices), len(base))), flat], axis=1))
        emissions = np.column_stack([m.of(result) for m in measures])
        return emissions, cost(result, grid.shares(choices) @ hats)

    return evaluate
