"""Survival of equipment: which share of what was sold still stands."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from tanlu.pathways.analysis.lmdi import Floats


def weibull_survivors(age: ArrayLike, scale: ArrayLike, shape: ArrayLike) -> Floats:
    """Return the share of a vintage that survives to an age.

    Parameters
    ----------
    age : array_like
        Age [yr]; what is not yet built survives (1).
    scale : array_like
        λ [yr], the age at which 1/e = 37 % are left; see `weibull_scale` for the mean life.
    shape : array_like
        k [1]; 1 is a constant rate of retirement, above 1 retirement grows with age.

    Returns
    -------
    ndarray
        exp(−(age/λ)^k).

    Raises
    ------
    ValueError
        If a scale or shape is not above zero.

    Notes
    -----
    Weibull 1951, Journal of Applied Mechanics 18:293; for stocks of vehicles Zachariadis, Samaras & Zierock 1995, Technological Forecasting
    and Social Change 50.
    """
    scales, shapes = np.asarray(scale, float), np.asarray(shape, float)
    if not ((scales > 0).all() and (shapes > 0).all()):
        raise ValueError("scale and shape of a Weibull distribution must be above zero")
    out: Floats = np.exp(-((np.maximum(np.asarray(age, float), 0.0) / scales) ** shapes))
    return out


def weibull_scale(mean_life: float, shape: float) -> float:
    """Return the scale λ [yr] at which the mean life has a value [yr]: mean = λ Γ(1 + 1/k).

    Raises
    ------
    ValueError
        If a number is not above zero.
    """
    if not (mean_life > 0 and shape > 0):
        raise ValueError("mean life and shape must be above zero")
    return mean_life / math.gamma(1.0 + 1.0 / shape)
