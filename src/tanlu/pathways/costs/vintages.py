"""Money of equipment whose sales and early retirement are known by year: capital charge, and the value of what is given up early."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class VintageAccount(NamedTuple):
    """Units built in a year, value stranded, and capital charge, each [n, T, I]; money is units × cost."""

    added: Floats
    stranded: Floats
    annuity: Floats


def vintage_account(
    sales: Floats, retired: Floats, stock: Floats, survival: Floats, survival_base: Floats, cost: Floats, life: Ints, recovery: Floats
) -> VintageAccount:  # fmt: skip
    """Follow equipment by year of sale.

    Parameters
    ----------
    sales, retired, stock : [n, T, I]
        What is sold, what leaves service before its time, and what is in service at the end of a year. Whatever leaves early is taken
        from all vintages alike.
    survival, survival_base : [T, I]
        Share of new equipment left at each age, and of the stock of the base year left in each year.
    cost : [I]
        Cost of a unit.
    life : [I]
        Years over which it is written off and paid for.
    recovery : [I]
        Capital recovery factor [1/yr].

    Notes
    -----
    With kept(t) = 1 − retired/(stock − sales + retired), vintage v has sales_v·S(t − v)·Π kept left; stranded = Σ (what is taken)·cost·
    max(0, 1 − age/L). The units of the base year are spread evenly over the ages 0 … L: of their value (1 − t/L)²/2 is not written off, and
    the share 1 − t/L is still paid for. annuity = CRF·cost·(Σ sales of the last L years + base stock·(1 − t/L)). In the base year one L-th
    of the stock counts as built.
    """
    n, years, items = sales.shape
    out = VintageAccount(sales.copy(), np.zeros_like(sales), np.zeros_like(sales))
    out.added[:, 0] = stock[:, 0] / life
    before = stock - sales + retired
    gone = np.divide(retired, before, out=np.zeros_like(retired), where=before > 0)
    kept = np.ones((n, years, items))
    for t in range(1, years):
        left = np.maximum(0.0, 1.0 - t / life)
        out.stranded[:, t] = stock[:, 0] * survival_base[t] * kept[:, 0] * left**2 / 2.0
        out.annuity[:, t] = stock[:, 0] * left
        for v in range(1, t):
            value = np.maximum(0.0, 1.0 - (t - v) / life)
            out.stranded[:, t] += sales[:, v] * survival[t - v] * kept[:, v] * value
            out.annuity[:, t] += sales[:, v] * (t - v < life)
        out.annuity[:, t] += sales[:, t]
        out.stranded[:, t] *= gone[:, t]
        kept[:, :t] *= 1.0 - gone[:, t, None]
    out.annuity[:, 0] = stock[:, 0]
    return VintageAccount(out.added, out.stranded * cost, out.annuity * (cost * recovery))


@njit(cache=True, nogil=True)
def follow_equipment(
    sales: Floats, retired: Floats, stock: Floats, survival: Floats, survival_base: Floats, cost: float, life: int, recovery: float,
    kept: Floats, flows: Floats,
) -> None:  # fmt: skip
    """Fill ``flows`` [3, T] of one kind of equipment, in the order of `VintageAccount`; ``kept`` [T] is scratch."""
    years, running = len(sales), 0.0
    for t in range(years):
        kept[t] = 1.0
        flows[0, t], flows[1, t] = sales[t], 0.0
        base = max(0.0, 1.0 - t / life)
        if t > 0:
            running += sales[t]
        if t - life >= 1:
            running -= sales[t - life]
        flows[2, t] = (running + stock[0] * base) * cost * recovery
        before = stock[t] - sales[t] + retired[t]
        if t > 0 and retired[t] > 0.0 and before > 0.0:
            gone = retired[t] / before
            value = stock[0] * survival_base[t] * kept[0] * base * base / 2.0
            for v in range(1, t):
                if t - v < life:
                    value += sales[v] * survival[t - v] * kept[v] * (1.0 - (t - v) / life)
            flows[1, t] = value * gone * cost
            for v in range(t):
                kept[v] *= 1.0 - gone
    flows[0, 0] = stock[0] / life
