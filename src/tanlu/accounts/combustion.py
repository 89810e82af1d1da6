"""Fuel combustion: CO2 by carbon balance, CH4 and N2O by default factors."""

from __future__ import annotations

from typing import Final

CO2_PER_C: Final = 44.0 / 12.0
"""Mass of CO2 per mass of carbon [t/t]."""


def combustion_co2(energy: float, carbon_content: float, oxidation_factor: float) -> float:
    """Return the CO2 from burning a fuel.

    Parameters
    ----------
    energy : float
        Net calorific energy of the fuel [PJ].
    carbon_content : float
        Carbon per heat [t C/GJ].
    oxidation_factor : float
        Share of the carbon that is oxidised [1].

    Returns
    -------
    float
        CO2 [kt].

    Notes
    -----
    Guidelines for provincial inventories (2011), section 1.2, and IPCC 2006 vol. 2 ch. 2, eq. 2.2:
    ``E = FC · CC · OF · 44/12``. Carbon content and oxidation factor come from one set.
    """
    # 1 PJ = 1e6 GJ and 1 kt = 1e3 t
    return energy * 1e6 * carbon_content * oxidation_factor * CO2_PER_C / 1e3


def combustion_gas(energy: float, factor: float) -> float:
    """Return the CH4 or N2O from burning a fuel [kt].

    Parameters
    ----------
    energy : float
        Net calorific energy [PJ].
    factor : float
        Emission factor [kg/TJ].

    Notes
    -----
    IPCC 2006 vol. 2 ch. 2, eq. 2.1 (tier 1).
    """
    return energy * 1e3 * factor / 1e6
