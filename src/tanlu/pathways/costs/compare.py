"""One scenario against another: incremental cost and average cost of a tonne."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tanlu.pathways.costs.discounting import present_value

Floats = NDArray[np.float64]


def incremental_cost(cost: Floats, reference: Floats, rate: float) -> Floats:
    """Return the present value of what a scenario costs more than another.

    Parameters
    ----------
    cost, reference : [..., T]
        Yearly cost with capital as annuities: what is built shortly before the end then counts only for the years seen.
    rate : float
        Real discount rate, the one of the annuities [1/yr].
    """
    return present_value(np.asarray(cost) - np.asarray(reference), rate)


def average_abatement_cost(
    cost: Floats, reference: Floats, emissions: Floats, reference_emissions: Floats, rate: float
) -> Floats:
    """Return the average cost of a tonne that a scenario avoids against another, in the money of the costs per unit of emission.

    Parameters
    ----------
    cost, reference : [..., T]
        Yearly cost with capital as annuities.
    emissions, reference_emissions : [..., T]
    rate : float
        Discounts money and tonnes alike [1/yr].

    Returns
    -------
    array
        NaN where nothing is avoided: the cost of a tonne has no meaning then.

    Notes
    -----
    Levelised cost of carbon abatement, (NPV of cost difference)/(NPV of avoided emissions): Friedmann et al. (2020), Levelized cost of
    carbon abatement, Columbia CGEP, section 2. It is the constant carbon price at which the scenario would pay. An average over a whole
    scenario says nothing about its single measures.
    """
    avoided = present_value(np.asarray(reference_emissions) - np.asarray(emissions), rate)
    more = incremental_cost(cost, reference, rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        out: Floats = np.where(avoided > 0, more / avoided, np.nan)
    return out
