"""Which inputs the variance of a result comes from: Sobol indices of single inputs and of groups of inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tanlu.pathways.analysis.lmdi import Floats
from tanlu.pathways.tabular import Columns, Tabular, long_table, stacked

Bools = NDArray[np.bool_]
RESAMPLES: Final = 200


@dataclass(frozen=True)
class SobolIndices(Tabular):
    """Indices of G inputs or groups, each [G], or [G, outputs] where the function has several.

    Attributes
    ----------
    first, total : ndarray
        Share of the variance that would go if the input were known, and share that would stay if it alone were unknown (with all its
        interactions) [1]. The sampling error may bring a small index below zero.
    first_interval, total_interval : ndarray
        [2, ...], lower and upper ends of the bootstrap intervals.
    mean, variance : ndarray
        Of the result.
    """

    first: Floats
    total: Floats
    first_interval: Floats
    total_interval: Floats
    mean: Floats
    variance: Floats

    def columns(self) -> Columns:
        """Return input and output by their places, the index and its value [1]."""
        shape = self.first.shape if self.first.ndim > 1 else (len(self.first), 1)
        axes = {"input": range(shape[0]), "output": range(shape[1])}
        parts = {"first": self.first, "total": self.total}
        return stacked([long_table(axes, values.reshape(shape), index=name) for name, values in parts.items()])


def sequence(count: int, dimensions: int, rng: np.random.Generator) -> Floats:
    """Return the first points of a scrambled Sobol sequence, [count, dimensions] in [0, 1).

    Parameters
    ----------
    count : int
        A power of two.
    dimensions : int
    rng : numpy.random.Generator
        Of the scrambling.
    """
    from scipy.stats import qmc

    out: Floats = qmc.Sobol(dimensions, scramble=True, rng=rng).random(count)
    return out


def sobol_design(
    size: int, dimensions: int, seed: int, groups: ArrayLike | None = None, points: Floats | None = None
) -> Floats:
    """Return the points at which a function must be computed, [(G + 2)·size, dimensions] in (0, 1).

    Parameters
    ----------
    size : int
        Base sample n, a power of two.
    dimensions : int
        Number of inputs d.
    seed : int
        Of the scrambled Sobol sequence.
    groups : [G, d] of bool, optional
        Inputs that are varied together; each input is its own group if absent.
    points : [size, 2·dimensions], optional
        Of the sequence that the seed gives, where they are known already.

    Returns
    -------
    ndarray
        Blocks of n points: A, B, then for each group A with the columns of the group taken from B.

    Raises
    ------
    ValueError
        If the size is not a power of two or the groups do not fit.

    Notes
    -----
    Saltelli et al. 2010, Computer Physics Communications 181:259, sect. 3; A and B are halves of one sequence in 2d dimensions.
    """
    if size < 2 or size & (size - 1):
        raise ValueError(f"a base sample of {size} points is not a power of two")
    chosen = np.eye(dimensions, dtype=bool) if groups is None else np.asarray(groups, bool)
    if chosen.ndim != 2 or chosen.shape[1] != dimensions:
        raise ValueError(f"groups of shape {chosen.shape} do not fit {dimensions} inputs")
    if points is None:
        points = sequence(size, 2 * dimensions, np.random.default_rng(seed))
    points = np.clip(points, 1e-12, 1.0 - 1e-12)
    a, b = points[:, :dimensions], points[:, dimensions:]
    return np.concatenate([a, b, *(np.where(group, b, a) for group in chosen)])


def sobol_indices(
    results: ArrayLike, size: int, *, seed: int = 0, resamples: int = RESAMPLES, level: float = 0.95
) -> SobolIndices:
    """Return first-order and total indices from the results at the points of `sobol_design`.

    Parameters
    ----------
    results : [(G + 2)·size] or [(G + 2)·size, outputs]
        Any unit.
    size : int
        Base sample of the design.
    seed : int
        Of the bootstrap.
    resamples : int
        Number of bootstrap samples of the base points.
    level : float
        Of the intervals.

    Raises
    ------
    ValueError
        If the number of results does not fit, or a result is not a finite number.

    Notes
    -----
    First order: mean(f_B (f_AB − f_A))/V, Saltelli et al. 2010, Computer Physics Communications 181:259, table 2, eq. b, with the mean
    taken off f, which narrows the sampling error and changes nothing else. Total: mean((f_A − f_AB)²)/(2V), Jansen 1999, Computer Physics
    Communications 117:35 (eq. f of the same table). Intervals: percentile bootstrap over base points (Archer, Saltelli & Sobol 1997,
    Journal of Statistical Computation and Simulation 58:99). The inputs must be independent. A result that does not
    vary has indices of zero.
    """
    y = np.asarray(results, float)
    if size < 2 or len(y) % size or len(y) // size < 3:
        raise ValueError(f"{len(y)} results are not three or more blocks of {size}")
    if not np.isfinite(y).all():
        raise ValueError("a result is not a finite number")
    blocks = y.reshape(len(y) // size, size, -1)
    a, b, mixed = blocks[0], blocks[1], blocks[2:]
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2.0
    a, b, mixed = a - centre, b - centre, mixed - centre
    terms = _Terms(b * (mixed - a), (a - mixed) ** 2 / 2.0, np.concatenate([a, b], axis=1))
    counts = np.random.default_rng(seed).multinomial(size, np.full(size, 1.0 / size), resamples) / size
    central = terms.indices(np.full((1, size), 1.0 / size))
    drawn = terms.indices(counts)
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    shape = (len(mixed), *y.shape[1:])
    first, total = (x[0].reshape(shape) for x in central)
    first_interval, total_interval = (np.quantile(x, tails, axis=0).reshape(2, *shape) for x in drawn)
    variance = (a**2 + b**2).mean(axis=0) / 2.0
    mean, variance = centre.reshape(y.shape[1:]), variance.reshape(y.shape[1:])
    return SobolIndices(first, total, first_interval, total_interval, mean, variance)


@dataclass(frozen=True)
class _Terms:
    """What the estimators average over the base points: [G, n, outputs], [G, n, outputs] and [n, 2·outputs]."""

    first: Floats
    total: Floats
    both: Floats

    def indices(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return first and total indices [R, G, outputs] under weights of the base points [R, n]."""
        outputs = self.first.shape[2]
        halves = (weights @ self.both).reshape(len(weights), 2, outputs)
        mean = halves.mean(axis=1)
        square = (weights @ self.both**2).reshape(len(weights), 2, outputs).mean(axis=1)
        variance = np.maximum(square - mean**2, 0.0)[:, None, :]
        scale = variance.max(initial=0.0)
        out = []
        for part in (self.first, self.total):
            averages = np.einsum("rn,gno->rgo", weights, part, optimize=True)
            out.append(
                np.divide(averages, variance, out=np.zeros(averages.shape), where=variance > 1e-24 * (1 + scale))
            )
        return out[0], out[1]
