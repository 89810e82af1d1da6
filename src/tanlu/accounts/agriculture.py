"""Methane of rice and methane and nitrous oxide of livestock."""

from __future__ import annotations


def rice_methane(area: float, baseline: float, water_regime: float, preseason: float, days: float) -> float:
    """Return the methane of rice fields in a season [kt].

    Parameters
    ----------
    area : float
        Harvested area [kha].
    baseline : float
        Factor of continuously flooded fields without organic amendments [kg CH4/ha/d].
    water_regime, preseason : float
        Scaling factors for water during and before the season [1].
    days : float
        Length of the season [d].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 5, eq. 5.1 and 5.2, with no organic amendment (SFo = 1): a lower bound where straw is returned.
    """
    return area * 1e3 * baseline * water_regime * preseason * days / 1e6


def animal_emission(heads: float, factor: float) -> float:
    """Return the emission of a kind of animal [kt] from its stock [thousand head] and a factor [kg/head/yr].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 10, eq. 10.19 (enteric, tier 1), 10.22 (manure CH4) and 10.25 (manure N2O, factor per head).
    """
    return heads * factor / 1e3
