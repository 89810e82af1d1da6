"""First-order decay of what is put away: carbon in landfills, products in use."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tanlu.pathways.analysis.lmdi import Floats


def first_order_decay(
    inflow: ArrayLike, rate: ArrayLike, *, initial: ArrayLike = 0.0, delay_months: ArrayLike = 6.0
) -> Floats:
    """Return what decays in each year.

    Parameters
    ----------
    inflow : [..., T]
        What is added in consecutive years, any unit.
    rate : float or [...]
        Rate constant k [1/yr], ln 2 over the half-life; above zero.
    initial : float or [...]
        Stock at the beginning of the first year, in the unit of the inflow.
    delay_months : float or [...]
        Months from the middle of the year of the inflow to the start of the decay; 6 means 1 January of the next year.

    Returns
    -------
    [..., T]
        In the unit of the inflow; what has not decayed by the end stays in the stock.

    Raises
    ------
    ValueError
        If a rate is not above zero or a delay is outside 0 to 6 months.

    Notes
    -----
    2006 IPCC Guidelines, volume 5, chapter 3, eqs. 3.4 and 3.5, with the delay of annex 3A.1; the recursion is that of the accounts
    (`tanlu.accounts.methods.landfill`), so that an inventory and a pathway decay alike.
    """
    from tanlu.accounts.methods.landfill import decomposed_carbon

    rates, delays = np.asarray(rate, float), np.asarray(delay_months, float)
    if not (rates > 0).all():
        raise ValueError("a rate of decay must be above zero")
    if not ((delays >= 0).all() and (delays <= 6).all()):
        raise ValueError("the delay must be 0 to 6 months")
    out: Floats = decomposed_carbon(
        np.asarray(inflow, float), rates[..., None], delays[..., None], np.asarray(initial, float)[..., None]
    )
    return out
