"""Screening of many inputs with few runs: elementary effects on trajectories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tanlu.pathways.analysis.lmdi import Floats
from tanlu.pathways.tabular import Columns, Tabular, long_table, stacked


@dataclass(frozen=True)
class MorrisEffects(Tabular):
    """Elementary effects of d inputs, each [d], or [d, outputs].

    Attributes
    ----------
    mean : ndarray
        μ, effects of both signs may cancel.
    size : ndarray
        μ*, mean of the amounts: the measure to rank by.
    spread : ndarray
        σ, from interactions and curvature.
    size_error : ndarray
        Standard error of μ* over trajectories.
    """

    mean: Floats
    size: Floats
    spread: Floats
    size_error: Floats

    def columns(self) -> Columns:
        """Return input and output by their places, the measure and its value."""
        shape = self.mean.shape if self.mean.ndim > 1 else (len(self.mean), 1)
        axes = {"input": range(shape[0]), "output": range(shape[1])}
        parts = {"mean": self.mean, "size": self.size, "spread": self.spread, "size_error": self.size_error}
        return stacked([long_table(axes, values.reshape(shape), measure=name) for name, values in parts.items()])


def morris_design(trajectories: int, dimensions: int, seed: int, *, levels: int = 4) -> Floats:
    """Return the points at which a function must be computed, [trajectories·(dimensions + 1), dimensions] in [0, 1].

    Parameters
    ----------
    trajectories : int
        Number r of trajectories; each moves every input once, in random order, from a random point of the grid.
    dimensions : int
        Number of inputs.
    seed : int
    levels : int
        Levels p of the grid, even. Steps are Δ = p/(2(p − 1)), which reaches all levels with equal probability.

    Raises
    ------
    ValueError
        If a number is too small or the levels are odd.

    Notes
    -----
    Morris 1991, Technometrics 33:161, sect. 3.
    """
    if trajectories < 2 or dimensions < 1 or levels < 2 or levels % 2:
        raise ValueError("at least two trajectories, one input and an even number of levels are needed")
    rng = np.random.default_rng(seed)
    step = levels / (2.0 * (levels - 1))
    low = rng.integers(0, levels // 2, (trajectories, dimensions)) / (levels - 1.0)
    rises = rng.random((trajectories, dimensions)) < 0.5
    order = rng.permuted(np.tile(np.arange(dimensions), (trajectories, 1)), axis=1)
    moved = np.arange(dimensions + 1)[None, :, None] > order[:, None, :]
    points: Floats = low[:, None, :] + step * (moved == rises[:, None, :])
    return points.reshape(-1, dimensions)


def morris_effects(points: ArrayLike, results: ArrayLike) -> MorrisEffects:
    """Return the elementary effects from the results at the points of `morris_design`.

    Parameters
    ----------
    points : [r·(d + 1), d]
    results : [r·(d + 1)] or [r·(d + 1), outputs]
        Any unit; effects are in that unit per whole range of the input.

    Raises
    ------
    ValueError
        If the results do not fit the points, or the points are not trajectories.

    Notes
    -----
    Morris 1991, Technometrics 33:161; μ* by Campolongo, Cariboni & Saltelli 2007, Environmental Modelling & Software 22:1509.
    """
    x, y = np.asarray(points, float), np.asarray(results, float)
    dimensions = x.shape[1]
    if len(x) != len(y) or len(x) % (dimensions + 1):
        raise ValueError(f"{len(y)} results and {len(x)} points are not whole trajectories of {dimensions} inputs")
    paths = x.reshape(-1, dimensions + 1, dimensions)
    values = y.reshape(len(paths), dimensions + 1, -1)
    steps, changes = np.diff(paths, axis=1), np.diff(values, axis=1)
    if not ((steps != 0).sum(axis=2) == 1).all() or not ((steps != 0).sum(axis=1) == 1).all():
        raise ValueError("the points are not trajectories that move every input once")
    which = np.abs(steps).argmax(axis=2)
    effects = np.empty(changes.shape)
    place = np.arange(len(paths))[:, None]
    effects[place, which] = changes / steps.sum(axis=2)[:, :, None]
    shape = (dimensions, *y.shape[1:])
    amounts = np.abs(effects)
    error = amounts.std(axis=0, ddof=1) / np.sqrt(len(paths))
    spread = effects.std(axis=0, ddof=1)
    return MorrisEffects(*(v.reshape(shape) for v in (effects.mean(axis=0), amounts.mean(axis=0), spread, error)))
