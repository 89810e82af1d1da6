"""Experience curves: what a technology costs when more of it has been built."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from tanlu.pathways.analysis.lmdi import Floats


def wright_cost(
    cost: ArrayLike, cumulative: ArrayLike, cumulative_start: ArrayLike, learning_rate: float, *, floor: ArrayLike = 0.0
) -> Floats:
    """Return the unit cost by the one-factor experience curve.

    Parameters
    ----------
    cost : array_like
        Unit cost at ``cumulative_start``, any unit of money per unit of capacity.
    cumulative, cumulative_start : array_like
        Cumulative deployment then and at the start, in one unit, above zero. It is that of the region that learns together: for
        modules, turbines and cells the world, of which a province is a small part. What the province builds hardly moves it.
    learning_rate : float
        Fall of cost per doubling [1], from 0 up to below 1; negative where cost rises.
    floor : array_like
        Cost that is never passed below, in the unit of ``cost``.

    Returns
    -------
    ndarray
        max(floor, cost · (cumulative / cumulative_start)^b), b = log2(1 − learning_rate).

    Raises
    ------
    ValueError
        If deployment is not above zero or the learning rate is 1 or more.

    Notes
    -----
    Wright 1936, Journal of the Aeronautical Sciences 3:122; learning rate as 1 − 2^b by McDonald & Schrattenholzer 2001, Energy Policy
    29:255. With a start near zero, the first plants double many times and cost falls absurdly: before a technology is on the market its
    cost must be given from outside. Soft costs (land, permits, labour) do not follow global deployment.
    """
    ahead, start = np.asarray(cumulative, float), np.asarray(cumulative_start, float)
    if not ((ahead > 0).all() and (start > 0).all()):
        raise ValueError(
            "cumulative deployment must be above zero; give the cost of what is not yet built from outside"
        )
    if not learning_rate < 1:
        raise ValueError(f"a learning rate of {learning_rate:g} leaves no cost; it is a share below 1")
    exponent = math.log2(1.0 - learning_rate)
    out: Floats = np.maximum(np.asarray(floor, float), np.asarray(cost, float) * (ahead / start) ** exponent)
    return out


def learning_rate_of(cost_start: float, cost: float, cumulative_start: float, cumulative: float) -> float:
    """Return the learning rate [1] that two points of an experience curve imply, the inverse of `wright_cost`.

    Raises
    ------
    ValueError
        If a number is not above zero or deployment did not change.
    """
    if min(cost_start, cost, cumulative_start, cumulative) <= 0 or cumulative == cumulative_start:
        raise ValueError("costs and deployments must be above zero, and the deployments different")
    doublings = math.log2(cumulative / cumulative_start)
    return 1.0 - math.exp2(math.log2(cost / cost_start) / doublings)
