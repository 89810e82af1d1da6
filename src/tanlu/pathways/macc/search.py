"""The last steps by the engine itself: a choice is kept only if no promising change of it is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.pathways.macc.grid import Evaluate, LeverGrid
from tanlu.pathways.macc.step import Picture
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints

LENGTH: Final = 4
"""Changes in a chain."""
WIDTH: Final = 48
"""Chains that are followed at most."""
LOOKED_AT: Final = 5000
"""Choices that are looked at for a link of the chains, about: the more levers and knots, the fewer chains."""
RUNS: Final = 150
"""Runs of the engine for a link of the chains."""
ROUNDS: Final = 200
PRICED: Final = 60
"""Changes on either side of which the price of a tonne is taken, the most promising ones by the picture."""
LEAST_TONNES: Final = 1e-3
"""Mt CO2 below which a change has no price of a tonne."""


@dataclass(frozen=True)
class Found:
    """A choice [L, B] with its emissions [Y] and cost by the engine."""

    choice: Ints
    emissions: Floats
    cost: float

    def merit(self, limits: Floats, penalty: float) -> float:
        """Return the cost with the penalty for what is above the limits."""
        return float(merit(self.emissions[None], np.array([self.cost]), limits, penalty)[0])


def merit(emissions: Floats, costs: Floats, limits: Floats, penalty: float) -> Floats:
    """Return the cost [n] with the penalty for what is above the limits [Y]."""
    out: Floats = costs + penalty * np.maximum(emissions - limits, 0.0).sum(axis=1)
    return out


def neighbours(grid: LeverGrid, choice: Ints) -> Ints:
    """Return the allowed choices [n, L, B] one change away.

    A lever is raised by one level at a knot, from a knot on or up to a knot, or lowered likewise; or it is given up.
    """
    knots = len(grid.years)
    spans = {(b, b + 1) for b in range(knots)} | {(b, knots) for b in range(knots)} | {(0, b + 1) for b in range(knots)}
    within = np.array([[first <= b < last for b in range(knots)] for first, last in sorted(spans)], np.int64)
    changed = choice[:, None, :] + np.concatenate([within, -within])
    changed = np.concatenate([changed, np.zeros_like(choice)[:, None, :]], axis=1)
    new = grid.allowed_rows(changed)
    new[:, -1] &= choice.any(axis=1)
    lever, change = np.nonzero(new)
    out = np.repeat(choice[None], len(lever), axis=0)
    out[np.arange(len(lever)), lever] = changed[lever, change]
    return out[grid.not_excluded(out)] if grid.exclusions else out


def improve(grid: LeverGrid, evaluate: Evaluate, start: Found, seen: Picture, limits: Floats, penalty: float) -> Found:
    """Return a choice that no promising change of one lever by one level makes better, nor a chain of changes that a beam finds.

    Parameters
    ----------
    grid : LeverGrid
    evaluate : Evaluate
    start : Found
    seen : Picture
        Tells which of many changes are promising; the engine decides.
    limits : [Y] Mt CO2
    penalty : float
        Million CNY a Mt above a limit.
    """
    best = start
    for _ in range(ROUNDS):
        after = _chain(grid, evaluate, best, seen, limits, penalty)
        if after is None:
            return best
        best = after
    return best


def _chain(
    grid: LeverGrid, evaluate: Evaluate, best: Found, seen: Picture, limits: Floats, penalty: float
) -> Found | None:
    """Return something better at the end of a chain of changes, shortest chains first, or nothing.

    Of the choices at each length of the chain the best ones are followed on, though they be worse than where the chain began: what is
    gained by putting one lever in the place of another shows only at the end.
    """
    now = best.merit(limits, penalty)
    ends, known = best.choice[None], {best.choice.tobytes()}
    for _ in range(LENGTH):
        reached = _unknown(np.concatenate([neighbours(grid, end) for end in ends]), known)
        if not len(reached):
            return None
        width = int(np.clip(LOOKED_AT * len(ends) // len(reached), 1, WIDTH))
        reached = _promising(reached, best, seen, limits, penalty)
        emissions, costs = evaluate(reached)
        scores = merit(emissions, costs, limits, penalty)
        order = np.argsort(scores, kind="stable")[:width]
        first = int(order[0])
        if scores[first] < now - 1e-9 * max(1.0, abs(now)):
            return Found(reached[first], emissions[first], float(costs[first]))
        ends = reached[order]
    return None


def prices(grid: LeverGrid, evaluate: Evaluate, found: Found, seen: Picture) -> tuple[float, float]:
    """Return what the next tonne costs and what the last one that could be given up saves, CNY/t, by the engine.

    The least cost per tonne of the allowed single changes that abate more, and the highest saving per tonne of those that abate less; NaN
    where there is none. With levels apart the two differ: between them lies the shadow price of the limit. Tonnes of several limits add up.
    """
    changes = neighbours(grid, found.choice)
    if not len(changes):
        return np.nan, np.nan
    moved = (changes - found.choice).reshape(len(changes), -1).astype(float)
    tonnes = -(moved @ seen.slopes.reshape(len(found.emissions), -1).T).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = moved @ seen.prices.ravel() / tonnes
    more = np.argsort(np.where(tonnes > 0, ratio, np.inf), kind="stable")[:PRICED]
    less = np.argsort(np.where(tonnes < 0, -ratio, np.inf), kind="stable")[:PRICED]
    which = np.union1d(more, less)
    emissions, costs = evaluate(changes[which])
    tonnes, cost = (found.emissions - emissions).sum(axis=1), costs - found.cost
    known = np.abs(tonnes) > LEAST_TONNES
    ratio = np.divide(cost, tonnes, out=np.full(len(cost), np.nan), where=known)
    up, down = ratio[known & (tonnes > 0)], ratio[known & (tonnes < 0)]
    return float(up.min()) if len(up) else np.nan, float(down.max()) if len(down) else np.nan


def _unknown(choices: Ints, known: set[bytes]) -> Ints:
    """Return the choices that are not known yet, each once, and remember them."""
    new = []
    for i, choice in enumerate(choices):
        key = choice.tobytes()
        if key not in known:
            known.add(key)
            new.append(i)
    return choices[new]


def _promising(choices: Ints, best: Found, seen: Picture, limits: Floats, penalty: float) -> Ints:
    """Return at most `RUNS` choices, those that the picture, moved to the best choice, holds for the best."""
    if len(choices) <= RUNS:
        return choices
    change = (choices - best.choice).reshape(len(choices), -1).astype(float)
    emissions = best.emissions + change @ seen.slopes.reshape(len(limits), -1).T
    costs = best.cost + change @ seen.prices.ravel()
    return choices[np.argsort(merit(emissions, costs, limits, penalty), kind="stable")[:RUNS]]
