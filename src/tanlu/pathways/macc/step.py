"""One step: the least-cost choice of a linear picture of the engine, as a whole-number programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.pathways.macc.grid import Evaluate, LeverGrid
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints

if TYPE_CHECKING:
    from tanlu.energy.problem import LinearProblem

GAP: Final = 1e-4
TIME_LIMIT: Final = 120.0


@dataclass(frozen=True)
class Picture:
    """The engine as seen from a choice: what one level more or less of each lever at each knot changes.

    Attributes
    ----------
    at : [L, B]
    emissions : [Y] Mt CO2
    cost : float
        Million CNY.
    slopes : [Y, L, B] Mt CO2 a level
    prices : [L, B] million CNY a level
    """

    at: Ints
    emissions: Floats
    cost: float
    slopes: Floats
    prices: Floats

    def emissions_at(self, choice: Ints) -> Floats:
        """Return the emissions [Y] that the picture expects of a choice [L, B]."""
        out: Floats = self.emissions + np.tensordot(self.slopes, choice - self.at, 2)
        return out

    def moved(self, at: Ints, emissions: Floats, cost: float) -> Picture:
        """Return the same slopes from another choice, of which the engine tells emissions and cost."""
        return Picture(at, emissions, cost, self.slopes, self.prices)

    def cost_at(self, choice: Ints) -> float:
        """Return the cost that the picture expects."""
        return self.cost + float((self.prices * (choice - self.at)).sum())


def picture(grid: LeverGrid, evaluate: Evaluate, at: Ints) -> Picture:
    """Return the picture from a choice: differences of one level up and down by the engine, their mean where both exist."""
    levers, knots = grid.shape
    place = np.arange(levers * knots)
    moves = np.zeros((len(place), levers, knots), np.int64)
    moves[place, place // knots, place % knots] = 1
    top = np.repeat(grid.levels, knots)
    up, down = place[at.ravel() < top], place[at.ravel() > 0]
    emissions, costs = evaluate(np.concatenate([at[None], at + moves[up], at - moves[down]]))
    slopes, prices = np.zeros((emissions.shape[1], len(place))), np.zeros(len(place))
    share = np.where((at.ravel() < top) & (at.ravel() > 0), 0.5, 1.0)
    above, below = slice(1, 1 + len(up)), slice(1 + len(up), None)
    slopes[:, up] += (share[up, None] * (emissions[above] - emissions[0])).T
    slopes[:, down] -= (share[down, None] * (emissions[below] - emissions[0])).T
    prices[up] += share[up] * (costs[above] - costs[0])
    prices[down] -= share[down] * (costs[below] - costs[0])
    return Picture(at, emissions[0], float(costs[0]), slopes.reshape(-1, levers, knots), prices.reshape(levers, knots))


def next_choice(grid: LeverGrid, seen: Picture, limits: Floats, radius: int, penalty: float) -> Ints:
    """Return the best choice [L, B] of a picture within a radius of where it was taken.

    Minimise Σ price·x + penalty·Σ excess, subject to emissions(x) − excess ≤ limits, levels, speed, exclusions and |x − at| ≤ radius.

    Parameters
    ----------
    grid : LeverGrid
    seen : Picture
    limits : [Y] Mt CO2
    radius : int
        Levels by which a lever may move at a knot.
    penalty : float
        Million CNY a Mt above a limit: keeps the programme solvable where a limit cannot be met.
    """
    from tanlu.energy.solvers.contract import solve

    problem = programme(grid, seen, limits, radius, penalty)
    solution = solve(problem, gap=GAP, time_limit=TIME_LIMIT)
    if not solution.found:
        return seen.at
    return np.rint(problem.values(solution.primal, "level")).astype(np.int64)


def programme(grid: LeverGrid, seen: Picture, limits: Floats, radius: int, penalty: float) -> LinearProblem:
    """Return the whole-number programme of a step; see `next_choice`."""
    from tanlu.energy.builder import ProblemBuilder

    builder, axes = ProblemBuilder(), ("lever", "knot")
    levers, knots = grid.shape
    level = builder.columns(
        "level", grid.shape, axes, unit="1", integer=True, cost=seen.prices,
        lower=np.maximum(0, seen.at - radius), upper=np.minimum(grid.levels[:, None], seen.at + radius),
    )  # fmt: skip
    excess = builder.columns("excess", limits.shape, ("limit",), unit="Mt CO2", cost=penalty)
    rows = builder.rows(
        "limit", limits.shape, ("limit",), unit="Mt CO2", lower=-np.inf,
        upper=limits - seen.emissions + np.tensordot(seen.slopes, seen.at, 2),
    )  # fmt: skip
    builder.add(rows[:, None, None], level[None], seen.slopes)
    builder.add(rows, excess, -1.0)
    rise = builder.rows("rise", grid.shape, axes, unit="1", lower=0.0, upper=grid.speed)
    builder.add(rise, level, grid.unit)
    builder.add(rise[:, 1:], level[:, :-1], -grid.unit[:, :-1])
    if grid.exclusions:
        used = builder.columns("used", (levers,), ("lever",), unit="1", upper=1.0, integer=True)
        switch = builder.rows("switch", grid.shape, axes, unit="1", lower=-np.inf)
        builder.add(switch, level, 1.0)
        builder.add(switch, used[:, None], -np.repeat(grid.levels[:, None].astype(float), knots, axis=1))
        one = builder.rows("one", (len(grid.exclusions),), ("group",), unit="1", lower=-np.inf, upper=1.0)
        for row, group in zip(one, grid.exclusions, strict=True):
            builder.add(np.full(len(group), row), used[list(group)], 1.0)
    return builder.finish()
