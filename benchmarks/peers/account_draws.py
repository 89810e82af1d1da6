"""Monte Carlo of burnt fuels as a plain loop over categories, with numpy draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import truncnorm


class Part(NamedTuple):
    """A factor or datum of a product: its cause, value and relative standard error, and how far off it can be at most."""

    cause: str
    value: float
    error: float
    reach: float = math.inf


class Category(NamedTuple):
    """A category, the product of its parts times 44/12 [t CO2]."""

    name: str
    parts: Sequence[Part]


def half_widths(
    categories: Sequence[Category], draws: int, seed: int, *, shared: bool
) -> tuple[dict[str, float], float]:
    """Return half of the 95 % interval of each category and of the total [t].

    Parameters
    ----------
    categories : sequence of Category
    draws, seed : int
    shared : bool
        Whether a factor that several categories use is one random number; otherwise every category draws its own.
    """
    random = np.random.default_rng(seed)
    known: dict[str, np.ndarray] = {}
    total, found = np.zeros(draws), {}
    for category in categories:
        value = np.full(draws, 44 / 12)
        for part in category.parts:
            if not shared:
                value = value * part.value * _draw(part, draws, random)
                continue
            if part.cause not in known:
                known[part.cause] = _draw(part, draws, random)
            value = value * part.value * known[part.cause]
        total += value
        found[category.name] = _half(value)
    return found, _half(total)


def _draw(part: Part, draws: int, random: np.random.Generator) -> np.ndarray:
    """Return normal numbers around 1, cut where a fraction would be more than its whole, and as far below."""
    if math.isinf(part.reach):
        return random.normal(1.0, part.error, draws)
    edge = part.reach / part.error
    return truncnorm.rvs(-edge, edge, loc=1.0, scale=part.error, size=draws, random_state=random)


def _half(values: np.ndarray) -> float:
    low, high = np.percentile(values, [2.5, 97.5])
    return float(high - low) / 2


def largest_gap(ours: Mapping[str, float], theirs: Mapping[str, float]) -> float:
    """Return the largest relative difference between two sets of numbers."""
    return max(abs(theirs[name] / value - 1) for name, value in ours.items())
