"""Which lines pass which stage: a tree of outcomes whose successes go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.parameters import Floats
from tanlu.pathways.portfolio.lines import TechnologyLine

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of P lines: G outcomes of research, and behind each M of demonstration.

    Attributes
    ----------
    research : [G, P] bool
    demonstration : [G, M, P] bool
        Whether the line would pass both stages.
    """

    research: Bools
    demonstration: Bools

    @property
    def leaves(self) -> int:
        """Number of outcomes, G·M."""
        nodes, leaves, _ = self.demonstration.shape
        return int(nodes * leaves)


def draw_outcomes(
    lines: Sequence[TechnologyLine], nodes: int, leaves: int, correlation: float, memory: float, seed: int
) -> Outcomes:
    """Return a tree of outcomes.

    Parameters
    ----------
    lines : sequence of TechnologyLine
    nodes, leaves : int
        G outcomes of research, M of demonstration behind each.
    correlation : float
        ρ of the one-factor Gaussian copula, 0 to below 1: a line passes if √ρ·F + √(1 − ρ)·ε ≤ Φ⁻¹(p).
    memory : float
        Correlation of the common factor of demonstration with that of research, 0 to 1.
    seed : int

    Raises
    ------
    ValueError
        If correlation or memory lie outside their range.

    Notes
    -----
    One-factor Gaussian copula: Li 2000, J. Fixed Income 9(4):43–54; Vasicek 2002, Risk 15(12):160–162. Independent successes would make a
    large portfolio look safe: the common factor is what does not average out. Factors are stratified (one in each of equally likely
    intervals).
    """
    from scipy.special import ndtri

    if not (0.0 <= correlation < 1.0 and 0.0 <= memory <= 1.0):
        raise ValueError(f"correlation {correlation} or memory {memory} is out of range")
    random = np.random.default_rng(np.random.SeedSequence([seed, 11]))
    count = len(lines)
    first = _stratified(random, nodes)[:, None]
    passed = ndtri(np.array([line.research.success for line in lines]))
    research = _mixed(first, random.standard_normal((nodes, count)), correlation) <= passed
    own = np.stack([_stratified(random, leaves) for _ in range(nodes)])
    second = memory * first + np.sqrt(1.0 - memory**2) * own
    passed = ndtri(np.array([line.demonstration.success for line in lines]))
    noise = random.standard_normal((nodes, leaves, count))
    demonstration = _mixed(second[:, :, None], noise, correlation) <= passed
    return Outcomes(research, demonstration & research[:, None])


def _mixed(factor: Floats, own: Floats, correlation: float) -> Floats:
    out: Floats = np.sqrt(correlation) * factor + np.sqrt(1.0 - correlation) * own
    return out


def _stratified(random: np.random.Generator, count: int) -> Floats:
    """Return standard normal numbers, one in each of ``count`` equally likely intervals, in random order."""
    from scipy.special import ndtri

    out: Floats = ndtri((random.permutation(count) + random.random(count)) / count)
    return out
