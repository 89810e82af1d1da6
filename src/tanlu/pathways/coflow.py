"""Efficiency as an attribute of a stock: what each vintage needs, and what the survivors of all vintages need together.

A co-flow (Sterman 2000, *Business Dynamics*, section 12.2; Hines 1983) carries the energy that a unit of equipment needs along with the
units. New equipment has the efficiency of the year in which it is sold; what is left of older years keeps its own, but for retrofits, which
reach everything in service. The average of the stock follows and is no input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class AgeProfile(NamedTuple):
    """The stock of a base year by age and efficiency, [T, S] and [S].

    Attributes
    ----------
    left : [T, S]
        Share of the stock that is left in each year.
    energy : [T, S]
        Energy that this rest needs, over that of the whole stock in the base year; without retrofits after it.
    new : [S]
        Energy need of equipment new in the base year over the average of the stock.
    """

    left: Floats
    energy: Floats
    new: Floats


def age_profile(survivors: Floats, growth: Floats, fall: Floats, retrofit: Floats, years: int) -> AgeProfile:
    """Return what is left of the stock of the base year in later years, and what it needs (eq. 5 and 6).

    Parameters
    ----------
    survivors : [A + years, S]
        Share of new equipment left at each age.
    growth : [S]
        Growth of sales before the base year [1/yr].
    fall : [S]
        Yearly fall of the energy need of new equipment before the base year [1/yr].
    retrofit : [S]
        Share of that fall which also reached the equipment in service, 0 to 1.
    years : int

    Notes
    -----
    Vintage a stands for w(a) = S(a)e^(−γa) of the stock and needs c^a times what new equipment needs, c = (1 − ρg)/(1 − g); the average
    is 1, which gives the need of new equipment Σw/Σ(wc^a).
    """
    ages = np.arange(len(survivors) - years)[:, None]
    weight = np.exp(-ages * growth)
    need = np.power((1.0 - retrofit * fall) / (1.0 - fall), ages)
    whole = (weight * survivors[: len(ages)]).sum(axis=0)
    new = whole / (weight * need * survivors[: len(ages)]).sum(axis=0)
    aged = [weight * survivors[t : t + len(ages)] for t in range(years)]
    left = np.array([a.sum(axis=0) for a in aged]) / whole
    energy = np.array([(a * need).sum(axis=0) for a in aged]) * new / whole
    energy[0] = 1.0
    return AgeProfile(left, energy, new)


@dataclass
class Vintages:
    """Energy need of the vintages of n draws: of new equipment, and what retrofits have left of older needs.

    Attributes
    ----------
    new : [n, S]
        Need of equipment sold in the present year, average of the base year = 1.
    retrofitted : [n, S]
        What retrofits since the base year have left of the need of its equipment, 1 where there were none.
    sold : [n, year, S]
        Need of the equipment of each year over what retrofits had left by then; the stock of the base year has ``energy`` instead.
    """

    new: Floats
    retrofitted: Floats
    sold: Floats

    @classmethod
    def initial(cls, new: Floats, draws: int, years: int) -> Vintages:
        """Return the vintages in the base year."""
        shape = (draws, len(new))
        return cls(np.broadcast_to(new, shape).copy(), np.ones(shape), np.zeros((draws, years, len(new))))

    def advance(self, fall: Floats, retrofit: Floats, floor: Floats, t: int) -> None:
        """Go on to year ``t``: new equipment improves by ``fall`` [n, S], not below the floor [S], equipment in service by its share."""
        self.new = np.maximum(floor, self.new * (1.0 - fall))
        self.retrofitted = self.retrofitted * (1.0 - retrofit * fall)
        self.sold[:, t] = self.new / self.retrofitted

    def energy(self, units: Floats, left: Floats, base: Floats, floor: Floats, t: int) -> Floats:
        """Return the energy need of what is in service, [n, …, S].

        Parameters
        ----------
        units : [n, t + 1, …, S]
            Units of every year up to the present one, early retirement taken off; the first are those of the base year.
        left : [t + 1, S]
            Share of the units of each year that is left by age.
        base : [S]
            ``AgeProfile.energy`` of the year.
        floor : [S]
            Lowest need of a unit.
        t : int
        """
        each = left * self.sold[:, : t + 1]
        each[:, 0] = base
        need = np.einsum("nv...s,nvs->n...s", units, each)
        in_service = np.einsum("nv...s,vs->n...s", units, left)
        need *= np.expand_dims(self.retrofitted, tuple(range(1, units.ndim - 2)))
        out: Floats = np.maximum(floor * in_service, need)
        return out
