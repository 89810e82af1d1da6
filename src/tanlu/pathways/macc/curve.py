"""The curve: optima for a row of limits, and what a stack of measures taken one at a time would have said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tanlu.pathways.macc.grid import Evaluate, LeverGrid
from tanlu.pathways.macc.optimise import Optimum, least_cost
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints
from tanlu.pathways.tabular import Columns, Tabular, long_table, of_records

PENALTY: Final = 1000.0
"""Penalty for a tonne above a limit, in mean costs of a tonne when every lever is used."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class CurvePoint:
    """One point of the curve.

    Attributes
    ----------
    share : float
        Demanded share of the way from the cheapest choice to the largest abatement.
    optimum : Optimum
    abatement : [Y] Mt CO2
        By the engine, against the base.
    stacked : [Y] Mt CO2
        Sum of the abatements that each lever of the choice has alone, by the engine: what a stack would add up.
    step_cost : float
        Cost of the step from the point before over its abatement under the first limit, CNY/t; NaN at the first point or without abatement.
    """

    share: float
    optimum: Optimum
    abatement: Floats
    stacked: Floats
    step_cost: float


@dataclass(frozen=True)
class Curve(Tabular):
    """An abatement curve.

    Attributes
    ----------
    grid : LeverGrid
    base : [Y] Mt CO2
    base_cost : float
        Million CNY, discounted.
    least, most : [Y] Mt CO2
        Abatement of the cheapest choice without more emissions than the base, and the largest one.
    points : tuple of CurvePoint
        By rising share.
    """

    grid: LeverGrid
    base: Floats
    base_cost: float
    least: Floats
    most: Floats
    points: tuple[CurvePoint, ...]

    def columns(self) -> Columns:
        """Return one row a point: share of the way, abatement [Mt], cost above the base [10^6 CNY], cost of the step [CNY/t]."""
        return of_records([
            {
                "share": p.share, "abatement": float(p.abatement[0]), "stacked": float(p.stacked[0]),
                "cost": p.optimum.cost - self.base_cost, "step_cost": p.step_cost, "next_price": p.optimum.next_price,
                "last_price": p.optimum.last_price, "reached": p.optimum.reached,
            }
            for p in self.points
        ])  # fmt: skip


def abatement_curve(
    grid: LeverGrid, evaluate: Evaluate, shares: Sequence[float], progress: Progress | None = None
) -> Curve:
    """Return the least cost of abating more and more, from what pays for itself to what the levers can abate at most.

    Every limit is solved twice: from the optimum of the looser one and from that of the tighter one; the better counts. An optimum that is
    cheaper than that of a looser limit takes its place, so costs never fall along the curve.

    Parameters
    ----------
    grid : LeverGrid
    evaluate : Evaluate
    shares : sequence of float
        Rising from 0 to 1.
    progress : callable, optional
        Called with points done and points to do.

    Raises
    ------
    ValueError
        If no lever abates anything.

    Notes
    -----
    Interactions, base line and pace instead of a ranked stack: Kesicki & Ekins 2012, Clim. Policy 12(2):219–236. Why slow and costly levers
    may have to start first: Vogt-Schilb & Hallegatte 2014, Energy Policy 66:645–653, where abatement has a maximum pace.
    """
    told = progress or (lambda done, total: None)
    total = 2 * len(shares) + 1
    nothing = np.zeros(grid.shape, np.int64)
    emissions, costs = evaluate(np.stack([nothing, _everything(grid, evaluate)]))
    base, base_cost = emissions[0], float(costs[0])
    if (emissions[1] >= base).all():
        raise ValueError("the levers abate nothing")
    penalty = PENALTY * _cost_scale(grid, evaluate) / float(np.maximum(base - emissions[1], 0.0).sum())
    far = least_cost(grid, evaluate, np.minimum(emissions[1], 0.0) - np.abs(base), _everything(grid, evaluate), penalty)
    near = _better(*(least_cost(grid, evaluate, base, start, penalty) for start in (nothing, far.choice)))
    least, most = base - near.emissions, base - far.emissions
    told(1, total)
    optima: list[Optimum] = []
    for k, share in enumerate(shares):
        start = optima[-1].choice if optima else near.choice
        optima.append(least_cost(grid, evaluate, base - least - share * (most - least), start, penalty))
        told(2 + k, total)
    after = far.choice
    for k in range(len(shares) - 1, -1, -1):
        again = least_cost(grid, evaluate, optima[k].limits, after, penalty)
        optima[k] = _better(optima[k], again)
        if k + 1 < len(shares):
            optima[k] = _better(optima[k], _as_limit(optima[k + 1], optima[k].limits))
        after = optima[k].choice
        told(total - k, total)
    return Curve(grid, base, base_cost, least, most, tuple(_points(evaluate, shares, optima, base)))


def _everything(grid: LeverGrid, evaluate: Evaluate) -> Ints:
    """Return the fastest choice, of each group of exclusions only the lever that abates most alone."""
    choice = grid.fastest()
    alone = choice * np.eye(len(grid.levers), dtype=np.int64)[:, :, None]
    emissions = evaluate(alone)[0].sum(axis=1)
    for group in grid.exclusions:
        kept = min(group, key=lambda lever: float(emissions[lever]))
        for lever in group:
            choice[lever] *= lever == kept
    return choice


def _cost_scale(grid: LeverGrid, evaluate: Evaluate) -> float:
    """Return the sum of what each lever costs or saves alone, million CNY."""
    alone = grid.fastest() * np.eye(len(grid.levers), dtype=np.int64)[:, :, None]
    costs = evaluate(np.concatenate([np.zeros((1, *grid.shape), np.int64), alone]))[1]
    return max(1e-6, float(np.abs(costs[1:] - costs[0]).sum()))


def _better(one: Optimum, other: Optimum) -> Optimum:
    """Return the one that keeps the limits, or the cheaper of two that do."""
    return min(one, other, key=lambda o: (not o.reached, o.cost))


def _as_limit(tighter: Optimum, limits: Floats) -> Optimum:
    return replace(tighter, limits=limits, reached=bool((tighter.emissions <= limits).all()))


def _points(evaluate: Evaluate, shares: Sequence[float], optima: Sequence[Optimum], base: Floats) -> list[CurvePoint]:
    out: list[CurvePoint] = []
    for share, optimum in zip(shares, optima, strict=True):
        alone = optimum.choice * np.eye(len(optimum.choice), dtype=np.int64)[:, :, None]
        stacked = (base - evaluate(alone)[0]).sum(axis=0)
        abatement, step = base - optimum.emissions, np.nan
        if out and abatement[0] > out[-1].abatement[0] + 1e-9:
            step = (optimum.cost - out[-1].optimum.cost) / (abatement[0] - out[-1].abatement[0])
        out.append(CurvePoint(share, optimum, abatement, stacked, float(step)))
    return out


@dataclass(frozen=True)
class Interactions(Tabular):
    """What levers do alone, in pairs and together when each is used as fast as it can be, Mt CO2 under each limit.

    Attributes
    ----------
    alone : [L, Y]
    pairs : [L, L, Y]
        Abatement of a pair less that of both alone: negative where they overlap, positive where one helps the other; 0 on the diagonal.
    together : [Y]
    """

    alone: Floats
    pairs: Floats
    together: Floats

    def columns(self) -> Columns:
        """Return lever and other by their places, and the interaction of the pair under the first limit [Mt CO2]."""
        places = range(len(self.alone))
        return long_table({"lever": places, "other": places}, self.pairs[:, :, 0], unit="Mt CO2")


def interactions(grid: LeverGrid, evaluate: Evaluate) -> Interactions:
    """Return the interactions of levers by the engine, exclusions not looked at."""
    count, fastest = len(grid.levers), grid.fastest()
    first, second = np.triu_indices(count, 1)
    masks = np.concatenate(
        [np.zeros((1, count)), np.ones((1, count)), np.eye(count), np.eye(count)[first] + np.eye(count)[second]]
    ).astype(np.int64)
    emissions = evaluate(fastest * masks[:, :, None])[0]
    abatement = emissions[0] - emissions
    alone = abatement[2 : 2 + count]
    pairs = np.zeros((count, count, abatement.shape[1]))
    pairs[first, second] = abatement[2 + count :] - alone[first] - alone[second]
    return Interactions(alone, pairs + pairs.transpose(1, 0, 2), abatement[1])
