"""The choices of an abatement curve: discrete levels of levers at knot years, with speed limits and exclusions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.parameters import Floats
from tanlu.pathways.tables import Ints

Evaluate = Callable[[Ints], tuple[Floats, Floats]]
"""From choices [n, L, B] to emissions [n, Y] in Mt CO2, one column a limit, and discounted costs [n] in million CNY."""
TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class LeverGrid:
    """What can be chosen.

    A choice is a whole number x[l, b] from 0 to ``levels[l]`` for each of L levers and B knot years. The share of the lever's step that is
    in force is z[l, b] = envelope[l, b]·x[l, b]/levels[l]; between knots it is linear. What is in force stays in force and rises no faster
    than the speed: 0 ≤ z[l, b] − z[l, b − 1] ≤ speed[l, b], with z = 0 before the first knot.

    Attributes
    ----------
    levers : tuple of str
        Ids, L of them.
    years : [B]
        Knot years.
    levels : [L]
    envelope, speed : [L, B]
        Shares, 0 to 1.
    exclusions : tuple of tuple of int
        Groups of levers of which at most one may be used.
    """

    levers: tuple[str, ...]
    years: Ints
    levels: Ints
    envelope: Floats
    speed: Floats
    exclusions: tuple[tuple[int, ...], ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Number of levers and of knots."""
        return len(self.levers), len(self.years)

    @property
    def unit(self) -> Floats:
        """Share in force of one level, [L, B]."""
        out: Floats = self.envelope / self.levels[:, None]
        return out

    def shares(self, choices: Ints) -> Floats:
        """Return the shares in force [n, L, B] of choices [n, L, B]."""
        out: Floats = choices * self.unit
        return out

    def allowed(self, choices: Ints) -> NDArray[np.bool_]:
        """Return which choices [n, L, B] keep to levels, speed and exclusions, [n]."""
        out: NDArray[np.bool_] = np.logical_and.reduce(self.allowed_rows(choices.transpose(1, 0, 2)), axis=0)
        return np.logical_and(out, self.not_excluded(choices))

    def allowed_rows(self, rows: Ints) -> NDArray[np.bool_]:
        """Return which rows [L, n, B] of levers, n for each, keep to levels and speed, [L, n]."""
        steps = np.diff(rows * self.unit[:, None], axis=2, prepend=0.0)
        inside = (rows >= 0) & (rows <= self.levels[:, None, None])
        kept = inside & (steps >= -TOLERANCE) & (steps <= self.speed[:, None] + TOLERANCE)
        out: NDArray[np.bool_] = np.logical_and.reduce(kept, axis=2)
        return out

    def not_excluded(self, choices: Ints) -> NDArray[np.bool_]:
        """Return which choices [n, L, B] use at most one lever of each exclusion, [n]."""
        out = np.ones(len(choices), np.bool_)
        used: NDArray[np.bool_] = np.logical_or.reduce(choices > 0, axis=2)
        for group in self.exclusions:
            out &= used[:, list(group)].sum(axis=1) <= 1
        return out

    def fastest(self) -> Ints:
        """Return the choice [L, B] that raises every lever as fast as its speed allows; exclusions are not looked at."""
        out = np.zeros(self.shape, np.int64)
        before = np.zeros(len(self.levers))
        for b in range(len(self.years)):
            unit = self.unit[:, b]
            reach = np.minimum(before + self.speed[:, b], self.envelope[:, b]) + TOLERANCE
            with np.errstate(divide="ignore", invalid="ignore"):
                level = np.where(unit > 0, np.floor(reach / unit), 0.0)
            out[:, b] = np.minimum(level, self.levels)
            before = out[:, b] * unit
        return out


def remembered(evaluate: Evaluate) -> Evaluate:
    """Return the same function, which computes no choice twice: a search comes by the same choices again and again."""
    known: dict[bytes, tuple[Floats, float]] = {}

    def recall(choices: Ints) -> tuple[Floats, Floats]:
        keys = [choice.tobytes() for choice in choices]
        new = {key: i for i, key in enumerate(keys) if key not in known}
        if new:
            emissions, costs = evaluate(choices[list(new.values())])
            known.update({key: (e, float(c)) for key, e, c in zip(new, emissions, costs, strict=True)})
        found = [known[key] for key in keys]
        return np.array([e for e, _ in found]), np.array([c for _, c in found])

    return recall
