"""Draws: scrambled Sobol points turned into uncertain quantities and delivered lever values."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

import numpy as np

from tanlu.core.kept import kept
from tanlu.pathways.analysis.sobol import sequence
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.data import PathwayData
from tanlu.pathways.dimensions import LAST_YEAR
from tanlu.pathways.levers import Lever
from tanlu.pathways.parameters import DRAWS, Floats
from tanlu.pathways.walk import common_error, random_walk, walk_steps

REPLICATES: Final = 8
"""Independent scrambles; their spread gives the standard error of a probability."""
Z95: Final = 1.6448536269514722
"""Quantile of the standard normal distribution at 95 %."""
Z_LIMIT: Final = 3.0


@dataclass(frozen=True)
class Draws:
    """Random numbers shared by all scenarios.

    Attributes
    ----------
    quantities : [n, U]
        In the order of `DRAWS`.
    delivery : [n, L]
        Share of the step of each lever from the frozen world that is delivered.
    weather : [n, T]
        Hydro output of each year over its mean.
    walk : [n, H - 1 + T]
        Energy CO2 of each year of history and projection over what drivers explain, see `tanlu.pathways.walk`.
    normal_energy, normal_process : [n]
        Standard normal numbers behind the errors of the inventory.
    """

    quantities: Floats
    delivery: Floats
    weather: Floats
    walk: Floats
    normal_energy: Floats
    normal_process: Floats

    def __len__(self) -> int:
        return len(self.quantities)

    def levers(self, levers: tuple[Lever, ...], values: Floats) -> Floats:
        """Return the lever values [n, L] that are delivered when the values [L] are intended."""
        frozen = np.array([lever.worlds["frozen"] for lever in levers])
        low, high = (np.array([getattr(lever, k) for lever in levers]) for k in ("minimum", "maximum"))
        out: Floats = np.clip(frozen + (values - frozen) * self.delivery, low, high)
        return out


def sobol_points(count: int, dimensions: int, seed: int) -> Floats:
    """Return scrambled Sobol points [count, dimensions] in (0, 1): `REPLICATES` independent scrambles one after the other.

    Raises
    ------
    ValueError
        If the count is not `REPLICATES` times a power of two.
    """
    size = count // REPLICATES
    if size < 2 or size & (size - 1) or size * REPLICATES != count:
        raise ValueError(f"{count} draws are not {REPLICATES} times a power of two")
    streams = np.random.SeedSequence(seed).spawn(REPLICATES)

    def make() -> Floats:
        points = np.concatenate([sequence(size, dimensions, np.random.default_rng(s)) for s in streams])
        out: Floats = np.clip(points, 1e-12, 1.0 - 1e-12)
        return out

    # the library takes a second to load, and a scenario asks for the same points again and again
    return kept("sobol-draws", [str(x) for x in (count, dimensions, seed, *versions())], make)


def versions() -> tuple[str, str]:
    """Return the versions of the libraries that decide which points a seed gives."""
    return np.__version__, version("scipy")


def sample(data: PathwayData, baseline: Baseline, count: int, seed: int) -> Draws:
    """Return draws of all uncertain quantities and of the delivery of every lever.

    A quantity with 5 and 95 % points follows a two-piece normal distribution cut at three standard deviations; the errors of the base year
    are normal with the standard error of the inventory.

    Raises
    ------
    ValueError
        If the count is not `REPLICATES` times a power of two.
    """
    points = sobol_points(count, len(DRAWS) + len(data.levers), seed)
    years, steps = normal_sizes(baseline)
    return draws_at(data, baseline, points, _normal(count, years, seed, 1), _normal(count, steps, seed, 2))


def normal_sizes(baseline: Baseline) -> tuple[int, int]:
    """Return how many standard normal numbers a draw needs for hydro output and for the walk."""
    ahead = LAST_YEAR - baseline.base_year
    return ahead + 1, len(baseline.driver_error) + ahead


def draws_at(data: PathwayData, baseline: Baseline, points: Floats, hydro: Floats, walk: Floats) -> Draws:
    """Return the draws at given points of the unit cube.

    Parameters
    ----------
    points : [n, U + L]
        In (0, 1): quantities in the order of `DRAWS`, then the delivery of every lever.
    hydro, walk : [n, …]
        Standard normal numbers, see `normal_sizes`.
    """
    from scipy.special import ndtri

    normal = np.clip(ndtri(points[:, : len(DRAWS)]), -Z_LIMIT, Z_LIMIT)
    names = [p.name for p in DRAWS]
    energy, process = normal[:, names.index("draw.error.energy")], normal[:, names.index("draw.error.process")]
    quantities = np.empty_like(normal)
    for i, p in enumerate(DRAWS):
        value = data.parameters.values[p.name, ""]
        below, above = _spread(value.value, value.low, value.high, p.name, baseline)
        z = normal[:, i]
        quantities[:, i] = np.clip(value.value + z * np.where(z < 0, below, above), p.minimum, p.maximum)
    delivery = np.column_stack([_delivery(lever, points[:, len(DRAWS) + i]) for i, lever in enumerate(data.levers)])
    weather = np.maximum(0.3, 1.0 + data.parameters.scalar("hours.hydro.variability") * hydro)
    steps = walk_steps(baseline.driver_error, LAST_YEAR - baseline.base_year)
    return Draws(quantities, delivery, weather, random_walk(steps, walk), energy, process)


def _normal(count: int, years: int, seed: int, stream: int) -> Floats:
    """Standard normal numbers [count, years], cut at `Z_LIMIT`; plain random numbers, since the dimension is too high for Sobol points."""
    streams = np.random.SeedSequence([seed, stream]).spawn(REPLICATES)
    size = count // REPLICATES
    z = np.concatenate([np.random.default_rng(s).standard_normal((size, years)) for s in streams])
    out: Floats = np.clip(z, -Z_LIMIT, Z_LIMIT)
    return out


def _spread(value: float, low: float | None, high: float | None, name: str, baseline: Baseline) -> tuple[float, float]:
    if name == "draw.error.energy":
        return (float(common_error(baseline.error_energy, baseline.driver_error)[-1]),) * 2
    if name == "draw.error.process":
        return (float(baseline.error_process[-1]),) * 2
    below = (value - low) / Z95 if low is not None else 0.0
    above = (high - value) / Z95 if high is not None else 0.0
    return below, above


def mean_delivery(levers: tuple[Lever, ...]) -> float:
    """Return the expected share of a lever's step that is delivered, on average over the levers."""
    expected = [
        sum(lever.delivery) / 3.0
        if lever.uncertainty == "triangular"
        else (lever.delivery[0] + lever.delivery[2]) / 2.0
        for lever in levers
    ]
    return sum(expected) / len(expected) if expected else 1.0


def _delivery(lever: Lever, u: Floats) -> Floats:
    """Inverse distribution function of the delivered share."""
    low, mode, high = lever.delivery
    if lever.uncertainty == "uniform":
        return low + (high - low) * u
    split = (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - u) * (high - low) * (high - mode))
    out: Floats = np.where(u < split, rising, falling)
    return out
