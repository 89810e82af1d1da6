"""What burning fuels sets free besides CO2: air pollutants, methane and nitrous oxide, by factor and removal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def combustion_emissions(fuel: Floats, factor: Floats) -> Floats:
    """Return emissions by place and substance [kt].

    Parameters
    ----------
    fuel : [n, T, place, fuel]
        Fuel burnt [PJ].
    factor : [T, place, fuel, substance]
        Emission factor after control [t/PJ], which is g/GJ.

    Notes
    -----
    E = Σ A·EF·(1 − η): EMEP/EEA air pollutant emission inventory guidebook 2023, part A, tier 1, with the removal η of end-of-pipe
    control as in tier 2; for CH4 and N2O 2006 IPCC Guidelines, volume 2, equation 2.2.
    """
    out: Floats = (fuel[..., None, :] @ (factor / 1000.0))[..., 0, :]
    return out


def controlled_factor(uncontrolled: Floats, removal: Floats) -> Floats:
    """Return factors after control, [T, class, fuel, substance].

    Parameters
    ----------
    uncontrolled : [class, fuel, substance]
        [t/PJ]
    removal : [class, substance, T]
        Share removed at the end of the pipe, or avoided by the standard of the fleet against the one of the factor [1].
    """
    out: Floats = uncontrolled * (1.0 - np.moveaxis(removal, -1, 0))[:, :, None, :]
    return out
