"""Methane and nitrous oxide of landfills and wastewater."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.methods.landfill import decomposed_carbon

Floats = NDArray[np.float64]

CH4_PER_C: Final = 16.0 / 12.0


def landfill_response(history: Floats, carbon: Floats, decay: Floats, years: int) -> tuple[Floats, Floats]:
    """Return how landfills answer to waste: decomposed carbon from the past, and from a unit of waste put in each coming year.

    First-order decay is linear in the waste, so that its recursion is run once and a pathway needs one product of matrices.

    Parameters
    ----------
    history : [H]
        Waste put into landfills in consecutive years up to the base year, which is the last [kt].
    carbon : [component]
        Decomposable carbon in a tonne of landfilled waste, by component: share · DOC · DOC_f · MCF [t C/t].
    decay : [component]
        Rate constants [1/yr].
    years : int
        T, the base year included.

    Returns
    -------
    past : [T]
        Carbon that decomposes in each year out of the waste up to the base year [kt C].
    response : [T, T]
        Carbon that decomposes in year t (second index) for a unit of waste put in in year x (first index); zero for x = 0, which is part
        of the past, and for t ≤ x, since the reaction starts on 1 January of the next year.

    Notes
    -----
    2006 IPCC Guidelines, volume 5, equations 3.4 and 3.5; `tanlu.accounts.methods.landfill.decomposed_carbon` does the recursion.
    """
    rates = decay[:, None]
    before = np.concatenate([history, np.zeros(years - 1)])[None] * carbon[:, None]
    past = decomposed_carbon(before, rates, 6.0, 0.0).sum(axis=0)[len(history) - 1 :]
    units = np.eye(years)[None] * carbon[:, None, None]
    response = decomposed_carbon(units, decay[:, None, None], 6.0, 0.0).sum(axis=0)
    response[0] = 0.0
    return past, response


def landfill_methane(
    landfilled: Floats, past: Floats, response: Floats, methane: float, recovered: float | Floats, oxidised: float
) -> Floats:
    """Return the methane of landfills [kt].

    Parameters
    ----------
    landfilled : [..., T]
        Waste put into landfills [kt]; the base year counts in ``past``.
    past, response : [T], [T, T]
        From `landfill_response`.
    methane : float
        Methane in landfill gas by volume (F) [1].
    recovered : float or [..., T]
        Share of the methane that is collected and used or burnt [1].
    oxidised : float
        Share of the rest that the cover oxidises (OX) [1].

    Notes
    -----
    E = DDOC_m,decomp · F · 16/12 · (1 − R) · (1 − OX). 2006 IPCC Guidelines, volume 5, equations 3.1 and 3.6, the recovery as a share.
    """
    out: Floats = (past + landfilled @ response) * (methane * CH4_PER_C * (1.0 - oxidised)) * (1.0 - recovered)
    return out


def wastewater_methane(
    population: Floats, load: float, capacity: float, correction: float | Floats, recovered: float | Floats
) -> Floats:
    """Return the methane of domestic wastewater [kt].

    Parameters
    ----------
    population : array
        Persons [10^6].
    load : float
        Organic load (BOD) [g/person/d].
    capacity : float
        Methane that a unit of load can give (B0) [kg/kg].
    correction : float or array
        Methane correction factor, mean over treatment and discharge [1].
    recovered : float or array
        Share that is recovered [1].

    Notes
    -----
    TOW = P·BOD·365; E = TOW·B0·MCF·(1 − R). 2006 IPCC Guidelines, volume 5, equations 6.1–6.3.
    """
    out: Floats = population * (load * 365.0 / 1000.0 * capacity) * correction * (1.0 - recovered)
    return out


def wastewater_nitrous_oxide(population: Floats, nitrogen: float, share: float) -> Floats:
    """Return the nitrous oxide of domestic wastewater [kt].

    Parameters
    ----------
    population : array
        Persons [10^6].
    nitrogen : float
        Nitrogen in the wastewater [kg/person/yr].
    share : float
        N2O-N per nitrogen, plants and discharge together [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 5, equation 6.7.
    """
    out: Floats = population * (nitrogen * share * 44.0 / 28.0)
    return out
