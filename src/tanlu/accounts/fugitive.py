"""Methane that escapes from coal mines."""

from __future__ import annotations


def coal_methane(coal: float, mining_factor: float, post_mining_factor: float, density: float) -> float:
    """Return the methane of underground coal mining and of the coal after mining [kt].

    Parameters
    ----------
    coal : float
        Raw coal mined [kt].
    mining_factor, post_mining_factor : float
        Methane per coal [m3/t].
    density : float
        Density of methane [kg/m3], 0.67 at 20 °C and 1 atm.

    Notes
    -----
    IPCC 2006 vol. 2 ch. 4, eq. 4.1.3 and 4.1.4 (tier 1); nothing is recovered.
    """
    return coal * 1e3 * (mining_factor + post_mining_factor) * density / 1e6
