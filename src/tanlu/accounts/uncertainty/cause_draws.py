"""Distributions of the causes of error, and random numbers from them: one number a cause and draw."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from tanlu.accounts.rulebook.method import Input
from tanlu.accounts.rulebook.result import Results
from tanlu.core.inventory import NORMAL_UP_TO, Z95

Floats = NDArray[np.float64]
Shape = Literal["normal", "truncated", "lognormal"]
UNIT_MAXIMUM: Final = {"1": 1.0, "%": 100.0}
"""Largest value of a fraction by its unit."""
FAR: Final = 5.0
"""Bounds this many standard deviations away cut nothing off that would be seen."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Distribution of a cause relative to its value, which is 1.

    Parameters
    ----------
    shape : {"normal", "truncated", "lognormal"}
    error : float
        Relative standard uncertainty, of a truncated normal before it is cut.
    reach : float
        Distance from the value, on either side, at which a truncated normal is cut.
    """

    shape: Shape
    error: float
    reach: float = math.inf


def distribution(error: float, low: float, high: float, *, signed: bool) -> Distribution:
    """Return the distribution of a cause.

    Parameters
    ----------
    error : float
        Relative standard uncertainty.
    low, high : float
        Physical bounds relative to the value.
    signed : bool
        Whether the true value may have the other sign: normal at any width, uncut.

    Notes
    -----
    IPCC 2006 vol. 1 ch. 3, sec. 3.2.2.4: lognormal where a quantity cannot be negative and its interval is wide, here beyond a
    half-width of 30 %, as in `tanlu.core.inventory.interval`; else normal. What cannot exceed its whole (a fraction near 1) is normal,
    cut at the whole and as far below the value, so that the value stays the mean: a fraction of exactly 1 has no spread.
    """
    if signed:
        return Distribution("normal", error)
    sigma = math.sqrt(math.log1p(error**2))
    below_whole = math.log(high) + sigma**2 / 2 > FAR * sigma if math.isfinite(high) else True
    if Z95 * error > NORMAL_UP_TO and below_whole:
        return Distribution("lognormal", error)
    reach = max(0.0, min(1 - low, high - 1))
    return Distribution("normal", error) if reach > FAR * error else Distribution("truncated", error, reach)


def cause_distributions(results: Results) -> list[Distribution]:
    """Return the distribution of each cause of some results, with the physical bounds of the inputs through which it acts."""
    count = len(results.causes)
    low, high = np.full(count, -math.inf), np.full(count, math.inf)
    signed = np.zeros(count, dtype=bool)
    for block in results.blocks:
        for name, causes in block.causes.items():
            wanted = block.method.by_name[name]
            floor, ceiling = physical_bounds(wanted)
            at = causes >= 0
            values, found = block.values[name][at], causes[at]
            signed[found] |= may_change_sign(wanted)
            usable = (values > 0) & (values <= ceiling)
            if math.isfinite(floor):
                np.maximum.at(low, found[usable], floor / values[usable])
            if math.isfinite(ceiling):
                np.minimum.at(high, found[usable], ceiling / values[usable])
    return [
        distribution(float(e), float(a), float(b), signed=bool(s))
        for e, a, b, s in zip(results.cause_errors, low, high, signed, strict=True)
    ]


def physical_bounds(wanted: Input) -> tuple[float, float]:
    """Return the values between which an input must lie by its nature, unlike the plausible range that it declares.

    A declared low of zero is a bound; so is a declared high that is the whole of a fraction (1 or 100 %).
    """
    unit = wanted.units[0] if wanted.units else ""
    whole = UNIT_MAXIMUM.get(unit or "", math.inf)
    return (0.0 if wanted.low is not None and wanted.low >= 0 else -math.inf), (
        whole if wanted.high is not None and wanted.high <= whole else math.inf
    )


def may_change_sign(wanted: Input) -> bool:
    """Return whether the true value of an input may have the other sign: a stock change, net trade."""
    return wanted.low < 0 if wanted.low is not None else wanted.kind == "activity"


class Draws:
    """Relative random numbers of causes: rows are causes, the last row is 1 for what is exact; columns are draws.

    Parameters
    ----------
    distributions : sequence of Distribution
    seed : int
        Of ``numpy.random.PCG64``. The numbers do not depend on how many draws are taken at a time.
    """

    def __init__(self, distributions: Sequence[Distribution], seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))
        self._count = len(distributions)
        self._error = np.array([d.error for d in distributions])[:, None]
        shapes = np.array([d.shape for d in distributions], dtype=object)
        self._lognormal = np.flatnonzero(shapes == "lognormal")
        self._truncated = np.flatnonzero(shapes == "truncated")
        self._normal = np.flatnonzero((shapes == "normal") | (shapes == "truncated"))
        cut = [distributions[n] for n in self._truncated.tolist()]
        self._below: Floats = ndtr(np.array([-d.reach / d.error for d in cut]))[:, None]

    def take(self, draws: int, chunk: int) -> Iterator[tuple[slice, Floats]]:
        """Yield the numbers of all draws, a chunk at a time: (which draws, array of shape (causes + 1, draws of the chunk))."""
        for start in range(0, draws, chunk):
            part = slice(start, min(start + chunk, draws))
            # draw after draw is taken from the generator, so that the size of the chunks does not matter
            z = self._generator.standard_normal((part.stop - start, self._count)).T
            numbers: Floats = np.empty((self._count + 1, part.stop - start))
            numbers[-1] = 1.0
            numbers[self._normal] = 1 + self._error[self._normal] * z[self._normal]
            if self._truncated.size:
                numbers[self._truncated] = self._cut(z[self._truncated])
            if self._lognormal.size:
                sigma = np.sqrt(np.log1p(self._error[self._lognormal] ** 2))
                numbers[self._lognormal] = np.exp(sigma * z[self._lognormal] - sigma**2 / 2)
            yield part, numbers

    def _cut(self, z: Floats) -> Any:
        """Return truncated normal numbers, by the inverse of their distribution function."""
        share = self._below + ndtr(z) * (1 - 2 * self._below)
        return 1 + self._error[self._truncated] * ndtri(share)
