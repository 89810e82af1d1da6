"""How much of the variance of what a portfolio brings rests on assumptions of grade D."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tanlu.pathways.parameters import Floats
from tanlu.pathways.portfolio.outcomes import Bools
from tanlu.pathways.tables import Ints
from tanlu.pathways.uncertainty import Draws

if TYPE_CHECKING:
    from tanlu.pathways.portfolio.choose import Chooser, Worth
    from tanlu.pathways.portfolio.programme import Plan


def exchanged(draws: Draws, order: Ints, quantities: Bools, levers: Bools) -> Draws:
    """Return draws in which some inputs are those of other draws, all else as it was.

    Parameters
    ----------
    draws : Draws
        S of them.
    order : [S]
        Which draw the exchanged inputs are taken from.
    quantities, levers : [U], [L] bool
        Quantities and deliveries that are exchanged.
    """
    parts = [(draws.quantities, quantities), (draws.delivery, levers)]
    mixed = [np.where(chosen, values[order], values) for values, chosen in parts]
    return replace(draws, quantities=mixed[0], delivery=mixed[1])


def assumed_shares(chooser: Chooser, plan: Plan, worth: Worth, order: Ints) -> Floats:
    """Return the share of the variance of each component of a plan that assumptions carry, with their interactions, [K].

    Parameters
    ----------
    chooser : Chooser
    plan : Plan
    worth : callable
        That of the chooser with the assumptions of other draws, see `exchanged`; successes are exchanged here.
    order : [S]
        Which outcome the assumptions are taken from.

    Notes
    -----
    Total index of the group of all assumptions, mean((f − f')²)/(2V): Jansen 1999, Computer Physics Communications 117:35. Success and
    failure, and whether a line comes from elsewhere, are drawn with chances of grade D. A component that does not vary has a share of 0.
    """
    leaf, delivered = np.arange(len(order)), chooser.delivered(plan)
    own, other = chooser.worth(delivered, leaf), worth(delivered[order], leaf)
    variance, apart = own.var(axis=0), ((own - other) ** 2).mean(axis=0) / 2.0
    out: Floats = np.divide(apart, variance, out=np.zeros(len(variance)), where=variance > 0)
    return out
