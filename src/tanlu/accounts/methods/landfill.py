"""Landfills: methane by mass balance, and by first-order decay over the years of disposal."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

COMPONENTS: Final = (
    "food_waste",
    "garden_waste",
    "paper_waste",
    "wood_waste",
    "textile_waste",
    "nappies",
    "sewage_sludge",
    "industrial_food_waste",
    "industrial_paper_waste",
    "industrial_wood_waste",
    "industrial_textile_waste",
    "industrial_other_waste",
    "municipal_waste",
)
SITES: Final = (
    "managed_anaerobic",
    "managed_semi_aerobic",
    "managed_semi_aerobic_poor",
    "managed_active_aeration",
    "managed_active_aeration_poor",
    "unmanaged_deep",
    "unmanaged_shallow",
    "uncategorised",
    "open_dump",
)
CLIMATES: Final = ("boreal_temperate_dry", "boreal_temperate_wet", "tropical_dry", "tropical_wet")
COMPONENT: Final = choice("waste_component", *COMPONENTS)
SITE: Final = choice("landfill_site", *SITES, word="managed_anaerobic")
COVER: Final = choice("landfill_cover", "covered", "uncovered", word="uncovered")
PARAMETERS: Final[tuple[Input, ...]] = (
    factor("degradable_organic_carbon", "1", subject="{waste_component}.wet", low=0.0, high=0.5),
    factor("degradable_fraction", "1", subject="{waste_component}", low=0.1, high=0.85),
    factor("methane_correction_factor", "1", subject="{landfill_site}", low=0.3, high=1.0),
    factor("methane_fraction", "1", subject="landfill_gas", low=0.4, high=0.6),
    factor("methane_oxidation", "1", subject="{landfill_cover}", low=0.0, high=0.3),
)
CH4: Final = (Output("CH4", "4.A"),)


@method(
    "landfill-mass-balance",
    topic="landfill",
    sets=("cn-province-2011",),
    inputs=(
        activity("waste_landfilled", "t"),
        COMPONENT,
        SITE,
        COVER,
        *PARAMETERS,
        activity("recovered_methane", "t", default=0.0),
    ),
    outputs=CH4,
    formula="E = (MSW_T · MSW_F · L0 − R) · (1 − OX), L0 = MCF · DOC · DOC_f · F · 16/12",
    clause="solid waste disposal",
    source="prov-guide-2011",
    tier="1",
)
def landfill_balance_ch4(
    waste_landfilled: Values,
    degradable_organic_carbon: Values,
    degradable_fraction: Values,
    methane_correction_factor: Values,
    methane_fraction: Values,
    methane_oxidation: Values,
    recovered_methane: Values,
) -> Values:
    """Return the methane that the waste of a year will give, as if it came at once [t].

    Parameters
    ----------
    waste_landfilled : float or array
        Waste put into the landfill, wet weight [t].
    degradable_organic_carbon : float or array
        DOC per wet waste [1].
    degradable_fraction : float or array
        DOC that decomposes [1].
    methane_correction_factor : float or array
        Share that decomposes without oxygen, by kind of site [1].
    methane_fraction : float or array
        Methane in landfill gas by volume [1].
    methane_oxidation : float or array
        Share of the methane that is oxidised in the cover [1].
    recovered_methane : float or array
        Methane recovered or flared [t].

    Notes
    -----
    Provincial guidelines of 2011 (the default method of the Revised 1996 IPCC Guidelines). It is too high while the waste grows and
    too low after it has shrunk.
    """
    made = (
        waste_landfilled
        * methane_correction_factor
        * degradable_organic_carbon
        * degradable_fraction
        * methane_fraction
    )
    return (made * 16 / 12 - recovered_methane) * (1 - methane_oxidation)


def decomposed_carbon(
    deposited: NDArray[np.float64], decay_rate: Values, delay_months: Values, initial_carbon: Values
) -> NDArray[np.float64]:
    """Return the decomposable carbon that decomposes in each year [t C].

    Parameters
    ----------
    deposited : array, shape (..., years)
        Decomposable carbon deposited in consecutive years [t C].
    decay_rate : float or array, shape (..., 1)
        Rate constant k [1/yr].
    delay_months : float or array, shape (..., 1)
        Months from the middle of the year of disposal to the start of the reaction; 6 means 1 January of the next year.
    initial_carbon : float or array, shape (..., 1)
        Decomposable carbon in the site at the beginning of the first year [t C].

    Notes
    -----
    2006 IPCC Guidelines, volume 5, chapter 3, equations 3.4 and 3.5, with the delay of annex 3A.1, equations 3A1.16 and 3A1.17.
    """
    left_of_year = np.exp(-np.asarray(decay_rate) * (6 - np.asarray(delay_months)) / 12)
    left_of_stock = np.exp(-np.asarray(decay_rate))
    shape = np.broadcast_shapes(*(np.shape(a) for a in (deposited, left_of_year, left_of_stock, initial_carbon)))
    put = np.broadcast_to(deposited, shape)
    stock = np.broadcast_to(np.asarray(initial_carbon, dtype=np.float64), (*shape[:-1], 1))[..., 0]
    year_left, stock_left = (np.broadcast_to(a, (*shape[:-1], 1))[..., 0] for a in (left_of_year, left_of_stock))
    gone = np.empty(shape)
    for year in range(shape[-1]):
        gone[..., year] = put[..., year] * (1 - year_left) + stock * (1 - stock_left)
        stock = put[..., year] * year_left + stock * stock_left
    return gone


@method(
    "landfill-first-order-decay",
    topic="landfill",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        activity("waste_landfilled", "t", series=True),
        COMPONENT,
        SITE,
        COVER,
        choice("climate_zone", *CLIMATES),
        *PARAMETERS,
        factor("decay_rate", "1/yr", subject="{waste_component}.{climate_zone}", low=0.01, high=0.7, constant=True),
        factor("delay_months", "1", default=6.0, low=0.0, high=6.0, constant=True),
        activity("initial_carbon", "t C", default=0.0, constant=True),
        activity("recovered_methane", "t", default=0.0, series=True),
    ),
    outputs=CH4,
    formula="DDOCm = W · DOC · DOC_f · MCF; decomposed by e^(−k); E = (Σ decomposed · F · 16/12 − R) · (1 − OX)",
    clause="vol. 5, ch. 3, equations 3.1–3.6; annex 3A.1",
    source="ipcc-2006",
    tier="1–3",
)
def landfill_decay_ch4(
    waste_landfilled: Values,
    degradable_organic_carbon: Values,
    degradable_fraction: Values,
    methane_correction_factor: Values,
    methane_fraction: Values,
    methane_oxidation: Values,
    decay_rate: Values,
    delay_months: Values,
    initial_carbon: Values,
    recovered_methane: Values,
) -> Values:
    """Return the methane of a component of waste by first-order decay, for each year [t].

    Parameters
    ----------
    waste_landfilled : array, shape (..., years)
        Waste put into the landfill in consecutive years, wet weight [t]; at least 50 years, or `initial_carbon`.
    degradable_organic_carbon, degradable_fraction, methane_correction_factor : float or array, shape (..., 1) or (..., years)
        DOC per wet waste, share that decomposes, and share of that without oxygen [1].
    methane_fraction, methane_oxidation : float or array
        Methane in landfill gas, and share of the methane oxidised in the cover [1].
    decay_rate : float or array, shape (..., 1)
        Rate constant [1/yr].
    delay_months : float or array, shape (..., 1)
        Months from disposal to the start of the reaction, 0–6.
    initial_carbon : float or array, shape (..., 1)
        Decomposable carbon in the site before the first year [t C].
    recovered_methane : float or array, shape (..., years)
        Methane recovered or flared [t]; to be put against one component only.

    Notes
    -----
    2006 IPCC Guidelines, volume 5, chapter 3, equations 3.1–3.6; the IPCC Waste Model is the same arithmetic.
    """
    deposited = np.asarray(
        waste_landfilled * degradable_organic_carbon * degradable_fraction * methane_correction_factor, dtype=np.float64
    )
    gone = decomposed_carbon(deposited, decay_rate, delay_months, initial_carbon)
    return (gone * methane_fraction * 16 / 12 - recovered_methane) * (1 - methane_oxidation)
