"""Purchased electricity: the CO2 of power that is generated elsewhere (scope 2, a memo of a province)."""

from __future__ import annotations


def electricity_co2(electricity: float, factor: float) -> float:
    """Return the CO2 of bought electricity [kt].

    Parameters
    ----------
    electricity : float
        Net inflow [GWh].
    factor : float
        CO2 per electricity [t CO2/MWh] of the region it comes from, in the same year.

    Notes
    -----
    GB/T 32150-2015, 6.4; guidelines for provincial inventories (2011), section 7: reported apart, not in the total.
    """
    return electricity * factor
