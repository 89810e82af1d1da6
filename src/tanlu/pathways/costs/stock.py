"""Capital by year of building: what is built, retired at the end of its life, or given up before, and what of it was not yet written off.

Stocks are first in, first out. The base stock is spread evenly over the ages 0 … oldest − 1. A stock that is above its need gives up its
oldest units; the value not written off on a straight line is stranded. Annuities run to the end of the planned life, also those of units
that were given up, since that money is spent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class StockAccount:
    """Flows of n draws, T years and A assets; units are those of the need, money is need × unit cost.

    Attributes
    ----------
    added : [n, T, A]
        Units built in the year; in the base year the youngest units of the base stock.
    retired : [n, T, A]
        Units that reach the end of their life.
    early : [n, T, A]
        Units given up before.
    stranded : [n, T, A]
        Value of the latter that was not written off.
    annuity : [n, T, A]
        Capital charge of all units within their planned life.
    """

    added: Floats
    retired: Floats
    early: Floats
    stranded: Floats
    annuity: Floats


def stock_account(needed: Floats, cost: Floats, lifetime: Ints, oldest: Ints, recovery: Floats) -> StockAccount:
    """Follow stocks over the years.

    Parameters
    ----------
    needed : [n, T, A]
        Units in service at the end of the year, not negative.
    cost : [T, A]
        Cost of a unit built in the year; older units cost as in the base year.
    lifetime, oldest : [A]
        Planned life [yr], and age of the oldest units of the base stock plus one [yr], at most the life.
    recovery : [A]
        Capital recovery factor [1/yr].

    Notes
    -----
    With vintages a_v of age t − v: retired(t) = Σ a_v of age L; what is left above the need is early(t), oldest first;
    added(t) = max(0, need − left); stranded(t) = Σ early_v·c_v·(1 − age/L); annuity(t) = CRF·Σ a_v·c_v over the ages 0 … L − 1, early
    units included. Straight-line depreciation and write-off as in IFRS IAS 16 §§50–62; the account is the perpetual inventory method with
    simultaneous exit (OECD, Measuring Capital, 2009, section 13).
    """
    shape = needed.shape
    flows = np.zeros((5, *shape))
    _follow(np.ascontiguousarray(needed), cost, lifetime, oldest, recovery, flows)
    return StockAccount(*flows)


@njit(cache=True, nogil=True)
def follow_asset(
    needed: Floats, cost: Floats, span: int, first: int, recovery: float, built: Floats, left: Floats, flows: Floats
) -> None:
    """Follow one asset; ``flows`` is [5, T] in the order of `StockAccount`, ``built`` and ``left`` are scratch of T + oldest."""
    years = len(needed)
    for v in range(first):
        built[v] = left[v] = needed[0] / first
    head, stock = 0, needed[0]
    charge = recovery * cost[0] * stock
    flows[:, 0] = 0.0
    flows[0, 0], flows[4, 0] = built[first - 1], charge
    for t in range(1, years):
        v = t + first - 1
        gone, ended, early, lost = v - span, 0.0, 0.0, 0.0
        if gone >= 0:
            charge -= recovery * cost[max(gone - first + 1, 0)] * built[gone]
            ended = left[gone]
            stock -= ended
            left[gone] = 0.0
            head = max(head, gone + 1)
        excess = stock - needed[t]
        while excess > 1e-12 and head < v:
            taken = min(excess, left[head])
            early += taken
            lost += taken * cost[max(head - first + 1, 0)] * (1.0 - (v - head) / span)
            left[head] -= taken
            stock -= taken
            excess -= taken
            if left[head] <= 1e-12:
                head += 1
        new = max(0.0, needed[t] - stock)
        built[v] = left[v] = new
        stock += new
        charge += recovery * cost[t] * new
        flows[0, t], flows[1, t], flows[2, t], flows[3, t], flows[4, t] = new, ended, early, lost, charge


def _follow_all(needed: Any, cost: Any, lifetime: Any, oldest: Any, recovery: Any, flows: Any) -> None:
    n, years, assets = needed.shape
    built, left = np.zeros(years + 100), np.zeros(years + 100)
    for i in range(n):
        for a in range(assets):
            one = np.empty((5, years))
            follow_asset(needed[i, :, a], cost[:, a], lifetime[a], oldest[a], recovery[a], built, left, one)
            flows[:, i, :, a] = one


_follow: Final = cast(Callable[..., None], njit(cache=True, nogil=True)(_follow_all))
