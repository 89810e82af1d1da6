"""The Kaya identity and its decomposition between two years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from tanlu.pathways.analysis.lmdi import Floats, Method, lmdi, lmdi_chain

KAYA_FACTORS: Final = ("population", "gdp_per_head", "energy_intensity", "carbon_intensity")


def kaya_factors(population: ArrayLike, gdp: ArrayLike, energy: ArrayLike, co2: ArrayLike) -> Floats:
    """Return the factors of C = P · (G/P) · (E/G) · (C/E), [4, ...] in the order of `KAYA_FACTORS`.

    Parameters
    ----------
    population, gdp, energy, co2 : array_like
        Of the same shape, in any units; GDP at constant prices. CO2 is what the energy emits: process CO2 and imported power are no part
        of the identity, since they do not follow from the energy that is used, and stand apart.

    Raises
    ------
    ValueError
        If population, GDP or energy is not above zero.

    Notes
    -----
    Kaya 1990, *Impact of carbon dioxide emission control on GNP growth*, IPCC Response Strategies Working Group, Paris; Kaya & Yokobori
    (eds.) 1997. The product of the factors is the CO2 to the last digits by construction.
    """
    p, g, e, c = (np.asarray(x, float) for x in (population, gdp, energy, co2))
    for name, value in (("population", p), ("gdp", g), ("energy", e)):
        if not (value > 0).all():
            raise ValueError(f"{name} must be above zero in every year")
    return np.array(np.broadcast_arrays(p, g / p, e / g, c / e))


def kaya(
    population: ArrayLike,
    gdp: ArrayLike,
    energy: ArrayLike,
    co2: ArrayLike,
    *,
    apart: Mapping[str, ArrayLike] | None = None,
    method: Method = "lmdi1",
    chained: bool = False,
) -> dict[str, float]:
    """Decompose the change of CO2 from the first to the last year into the effects of the Kaya factors.

    Parameters
    ----------
    population, gdp, energy, co2 : [T]
        Series of at least two years, any units; see `kaya_factors`.
    apart : mapping of [T], optional
        Emissions outside the identity in the unit of CO2, for example process CO2, imported power or (negative) uptake of land; their
        changes are taken over as they are, so that they may be zero or negative.
    method : {"lmdi1", "lmdi2"}
        With a single sub-category both give the same.
    chained : bool
        Whether to add up the effects of single years instead of comparing the ends.

    Returns
    -------
    dict
        Effect of each factor and of what stands apart, in the unit of CO2; they add up to the change of the sum.

    Raises
    ------
    ValueError
        As `kaya_factors` and `tanlu.pathways.analysis.lmdi.lmdi`, or if a name apart is that of a factor.

    Notes
    -----
    Kaya 1990; additive LMDI by Ang 2005, Energy Policy 33:867.
    """
    series = {name: np.asarray(values, float) for name, values in (apart or {}).items()}
    double = sorted(series.keys() & set(KAYA_FACTORS))
    if double:
        raise ValueError(f"{', '.join(double)}: a name apart must not be that of a factor")
    factors = kaya_factors(population, gdp, energy, co2)
    if chained:
        effects = lmdi_chain(factors.T[:, :, None], method=method).sum(axis=0)
    else:
        effects = lmdi(factors[:, 0], factors[:, -1], method=method)
    out = dict(zip(KAYA_FACTORS, effects.tolist(), strict=True))
    return out | {name: float(values[-1] - values[0]) for name, values in series.items()}
