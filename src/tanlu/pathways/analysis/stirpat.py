"""STIRPAT by ridge regression: elasticities of emissions to population, affluence and technology, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from tanlu.pathways.analysis.lmdi import Floats
from tanlu.pathways.tabular import Columns, Tabular

PENALTIES: Final = np.concatenate([[0.0], np.logspace(-6, 3, 91)])
"""Ridge penalties that are tried; those of standardised regressors, per observation."""


@dataclass(frozen=True)
class Stirpat(Tabular):
    """Fitted elasticities.

    Attributes
    ----------
    names : tuple of str
        Regressors in order.
    elasticities : [k]
        Of the impact to each regressor [1].
    low, high : [k]
        95 % interval by residual bootstrap; ridge is biased towards zero, which the interval does not hold.
    constant : float
        ln of the impact where all regressors are one.
    penalty : float
        Ridge penalty that generalised cross-validation chose.
    condition : float
        Condition number of the standardised regressors: above 30 they can hardly be told apart.
    explained : float
        Share of the variance of the logarithm that is explained [1].
    """

    names: tuple[str, ...]
    elasticities: Floats
    low: Floats
    high: Floats
    constant: float
    penalty: float
    condition: float
    explained: float

    def columns(self) -> Columns:
        """Return regressor, elasticity and its interval."""
        values = (self.elasticities, self.low, self.high)
        return {
            "regressor": list(self.names),
            **{k: v.tolist() for k, v in zip(("elasticity", "low", "high"), values, strict=True)},
        }


def stirpat(impact: ArrayLike, regressors: Mapping[str, ArrayLike], *, resamples: int = 500, seed: int = 0) -> Stirpat:
    """Estimate ln I = a + Σ b_k ln x_k by ridge regression.

    Parameters
    ----------
    impact : [T]
        Emissions, above zero, any unit.
    regressors : mapping of [T]
        Population, GDP per head, energy intensity, urban share …, above zero. A square of a logarithm, as for a Kuznets curve, is the
        regressor exp((ln x)²).
    resamples : int
        Bootstrap samples of the residuals.
    seed : int

    Raises
    ------
    ValueError
        If the lengths differ, a number is not above zero, a regressor does not vary, or there are not more years than regressors.

    Notes
    -----
    Dietz & Rosa 1997, PNAS 94:175; York, Rosa & Dietz 2003, Ecological Economics 46:351. Ridge: Hoerl & Kennard 1970, Technometrics 12:55;
    penalty by generalised cross-validation, Golub, Heath & Wahba 1979, Technometrics 21:215. Fifteen or twenty yearly points of series
    that all grow cannot carry many regressors: look at the condition number and the intervals first. A description, not a forecast.
    """
    y = np.log(_positive("impact", impact))
    columns = [np.log(_positive(name, values)) for name, values in regressors.items()]
    if any(len(c) != len(y) for c in columns) or len(y) <= len(columns) + 1:
        raise ValueError(f"{len(y)} years do not fit {len(columns)} regressors of one length each")
    x = np.column_stack(columns)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    flat = [name for name, s in zip(regressors, scale, strict=True) if s < 1e-12]
    if flat:
        raise ValueError(f"{', '.join(flat)} does not vary")
    left, singular, right = np.linalg.svd((x - mean) / scale, full_matrices=False)
    penalty = _penalty(left, singular, y - y.mean())
    weights = singular / (singular**2 + len(y) * penalty)

    def fitted(target: Floats) -> Floats:
        out: Floats = (right.T * weights) @ (left.T @ target) / scale
        return out

    slopes = fitted(y - y.mean())
    residuals = y - y.mean() - (x - mean) @ slopes
    rng = np.random.default_rng(seed)
    drawn = rng.choice(residuals - residuals.mean(), (resamples, len(y)))
    again = np.array([fitted(v - v.mean()) for v in (x - mean) @ slopes + drawn])
    low, high = np.quantile(again, [0.025, 0.975], axis=0)
    total = float(((y - y.mean()) ** 2).sum())
    explained = 1.0 - float((residuals**2).sum()) / total if total > 0 else 1.0
    condition = float(singular[0] / singular[-1]) if singular[-1] > 0 else float("inf")
    constant = float(y.mean() - mean @ slopes)
    return Stirpat(tuple(regressors), slopes, low, high, constant, penalty, condition, explained)


def _positive(name: str, values: ArrayLike) -> Floats:
    out = np.asarray(values, float)
    if not (out > 0).all():
        raise ValueError(f"{name} must be above zero in every year")
    return out


def _penalty(left: Floats, singular: Floats, y: Floats) -> float:
    """Return the penalty with the least generalised cross-validation error n·RSS/(n − 1 − tr H)²; the one is for the mean."""
    n, projected = len(y), left.T @ y
    beyond = float(y @ y - projected @ projected)
    scores = []
    for penalty in PENALTIES:
        shrink = singular**2 / (singular**2 + n * penalty) if penalty else np.ones(len(singular))
        rss = max(0.0, beyond) + float((((1.0 - shrink) * projected) ** 2).sum())
        scores.append(n * rss / (n - 1.0 - float(shrink.sum())) ** 2)
    return float(PENALTIES[int(np.argmin(scores))])
