"""Methane and nitrous oxide of rice, livestock and soils."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

N2O_PER_N: Final = 44.0 / 28.0


def rice_methane(area: Floats, flux: Floats, managed: float | Floats, effect: float) -> Floats:
    """Return the methane of rice fields, summed over the seasons [kt].

    Parameters
    ----------
    area : [..., season]
        Harvested area [10^3 ha].
    flux : [season]
        Emission of a season with the usual water regime [kg/ha].
    managed : float or [...]
        Share of the area with intermittent irrigation beyond the usual, or low-emission varieties [1].
    effect : float
        Share of the flux that this avoids [1].

    Notes
    -----
    E = Σ A·EF·(1 − m·ε). 2006 IPCC Guidelines, volume 4, equation 5.1.
    """
    out: Floats = (area @ flux) / 1000.0 * (1.0 - managed * effect)
    return out


def head_emissions(heads: Floats, factor: Floats, managed: float | Floats, effect: float) -> Floats:
    """Return an emission that is proportional to heads of animals, summed over the kinds [kt].

    Parameters
    ----------
    heads : [..., animal]
        Animals [10^6].
    factor : [animal]
        Emission a head [kg/yr].
    managed : float or [...]
        Share of the emission that a measure reaches [1].
    effect : float
        Share of it that the measure avoids [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 4, equations 10.19 (enteric) and 10.22 (manure), tier 1.
    """
    out: Floats = (heads @ factor) * (1.0 - managed * effect)
    return out


def soil_nitrous_oxide(
    synthetic: Floats,
    organic: Floats,
    direct: float,
    volatilised: tuple[float, float],
    redeposited: float,
    leached: float,
    leaching: float,
) -> Floats:
    """Return the direct and indirect nitrous oxide of managed soils [kt].

    Parameters
    ----------
    synthetic, organic : array
        Nitrogen put on fields as fertiliser, and as manure and residues [kt N].
    direct : float
        N2O-N per N put on (EF1) [1].
    volatilised : (float, float)
        Share of synthetic and of organic nitrogen that goes into the air (Frac_GASF, Frac_GASM) [1].
    redeposited : float
        N2O-N per N that comes down again (EF4) [1].
    leached : float
        Share that leaches (Frac_LEACH) [1].
    leaching : float
        N2O-N per leached N (EF5) [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 4, equations 11.1, 11.9 and 11.10, without grazing and organic soils.
    """
    put = synthetic + organic
    air = synthetic * volatilised[0] + organic * volatilised[1]
    out: Floats = (put * (direct + leached * leaching) + air * redeposited) * N2O_PER_N
    return out
