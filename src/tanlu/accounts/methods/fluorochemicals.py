"""Fluorochemicals: HFC-23 of HCFC-22 production, and losses of making HFC and SF6."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")
CHINESE: Final = ("cn-province-2011", "cn-enterprise")
HFC23: Final = (Output("HFC-23", "2.B.9.a"),)
HCFC22: Final = activity("hcfc22", "t")
RELEASED: Final = factor("released_fraction", "1", default=1.0, low=0.0, high=1.0)
FORMULA: Final = "E = P · EF · F_released"


def _ratio(subject: str) -> Input:
    return factor("emission_factor", "t HFC-23/t", subject=subject, gas="HFC-23", low=0.003, high=0.06)


@method(
    "hfc23-ratio",
    topic="hfc23",
    sets=INVENTORIES,
    inputs=(
        HCFC22,
        choice("hcfc22_plant", "old_plant", "recent_plant", "global_average"),
        _ratio("hcfc22.{hcfc22_plant}"),
        RELEASED,
    ),
    outputs=HFC23,
    formula=FORMULA,
    clause="vol. 3, ch. 3, equations 3.30 and 3.31, table 3.28",
    source="ipcc-2006",
    tier="1",
)
@method(
    "hfc23-ratio-cn",
    topic="hfc23",
    sets=CHINESE,
    inputs=(HCFC22, _ratio("hcfc22.plant_default"), RELEASED),
    outputs=HFC23,
    formula=FORMULA,
    clause="HFC-23 by-product",
    source="cn-fluorochemical-guideline",
)
def hfc23_by_ratio(hcfc22: Values, emission_factor: Values, released_fraction: Values) -> Values:
    """Return the HFC-23 of HCFC-22 production from a by-product ratio [t].

    Parameters
    ----------
    hcfc22 : float or array
        HCFC-22 made [t].
    emission_factor : float or array
        HFC-23 made per HCFC-22 [t HFC-23/t].
    released_fraction : float or array
        Share of it that is released: the time without destruction, and what a running destruction lets through [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.30, with the released fraction of equation 3.31.
    """
    return hcfc22 * emission_factor * released_fraction


@method(
    "hfc23-efficiency",
    sets=INVENTORIES,
    inputs=(
        HCFC22,
        factor("carbon_efficiency", "1", low=0.9, high=1.0),
        factor("fluorine_efficiency", "1", low=0.8, high=1.0),
        factor("carbon_loss_share", "1", default=1.0, low=0.0, high=1.0),
        factor("fluorine_loss_share", "1", default=1.0, low=0.0, high=1.0),
        factor(
            "carbon_balance_factor",
            "t HFC-23/t",
            parameter="balance_factor",
            subject="hcfc22.carbon",
            gas="HFC-23",
            exact=True,
        ),
        factor(
            "fluorine_balance_factor",
            "t HFC-23/t",
            parameter="balance_factor",
            subject="hcfc22.fluorine",
            gas="HFC-23",
            exact=True,
        ),
        RELEASED,
    ),
    outputs=HFC23,
    formula="E = P · [(1 − CBE) · F_C · FCC + (1 − FBE) · F_F · FFC] / 2 · F_released",
    clause="vol. 3, ch. 3, equations 3.31–3.33",
    source="ipcc-2006",
    tier="2",
)
def hfc23_by_efficiency(
    hcfc22: Values,
    carbon_efficiency: Values,
    fluorine_efficiency: Values,
    carbon_loss_share: Values,
    fluorine_loss_share: Values,
    carbon_balance_factor: Values,
    fluorine_balance_factor: Values,
    released_fraction: Values,
) -> Values:
    """Return the HFC-23 of HCFC-22 production from the efficiencies of the process [t].

    Parameters
    ----------
    hcfc22 : float or array
        HCFC-22 made [t].
    carbon_efficiency, fluorine_efficiency : float or array
        Carbon and fluorine of the feed that end in HCFC-22 [1].
    carbon_loss_share, fluorine_loss_share : float or array
        Share of each loss that is HFC-23 [1].
    carbon_balance_factor, fluorine_balance_factor : float or array
        HFC-23 per HCFC-22 of a loss of all carbon, of all fluorine [t HFC-23/t]: 0.81 and 0.54.
    released_fraction : float or array
        Share of the HFC-23 that is released [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equations 3.31–3.33: the mean of the two balances.
    """
    by_carbon = (1 - carbon_efficiency) * carbon_loss_share * carbon_balance_factor
    by_fluorine = (1 - fluorine_efficiency) * fluorine_loss_share * fluorine_balance_factor
    return hcfc22 * (by_carbon + by_fluorine) / 2 * released_fraction


@method(
    "hfc23-plant-balance",
    sets=(*INVENTORIES, *CHINESE),
    inputs=(
        activity("hfc23_made", "t"),
        activity("hfc23_sold", "t", default=0.0),
        activity("hfc23_destroyed_feed", "t", default=0.0),
        factor("destruction_efficiency", "1", default=0.0, low=0.0, high=1.0),
        activity("hfc23_stock_increase", "t", default=0.0, low=None),
    ),
    outputs=HFC23,
    formula="E = G − S − D · η − ΔI",
    clause="vol. 3, ch. 3, equations 3.34–3.38 (generated less kept back)",
    source="ipcc-2006",
    tier="3",
)
def hfc23_by_balance(
    hfc23_made: Values,
    hfc23_sold: Values,
    hfc23_destroyed_feed: Values,
    destruction_efficiency: Values,
    hfc23_stock_increase: Values,
) -> Values:
    """Return the HFC-23 of a works from what it measures [t].

    Parameters
    ----------
    hfc23_made : float or array
        HFC-23 made, from flow and concentration [t].
    hfc23_sold : float or array
        HFC-23 sold or sent off site for destruction [t].
    hfc23_destroyed_feed : float or array
        HFC-23 fed to the destruction on site [t].
    destruction_efficiency : float or array
        Share of the feed that is destroyed [1].
    hfc23_stock_increase : float or array
        Increase of the HFC-23 in storage [t].

    Notes
    -----
    The balance of tier 3 of the 2006 IPCC Guidelines, volume 3, section 3.10.1; equation O-4 of 40 CFR part 98 is the same.
    """
    return hfc23_made - hfc23_sold - hfc23_destroyed_feed * destruction_efficiency - hfc23_stock_increase


AGENTS: Final = ("r_134a", "r_32", "r_125", "r_143a", "r_152a", "r_227ea")
BLENDS: Final = ("r_404a", "r_407c", "r_410a", "r_507a")
HFCS: Final = ("HFC-32", "HFC-125", "HFC-134a", "HFC-143a", "HFC-152a", "HFC-227ea")


def shares() -> tuple[Input, ...]:
    """Declare the mass shares of the HFC in an agent; a gas that is not in it has none."""
    return tuple(
        factor(
            "share_" + gas.lower().replace("-", ""),
            "1",
            parameter="mass_share",
            subject="{agent}",
            gas=gas,
            default=0.0,
            low=0.0,
            high=1.0,
            exact=True,
        )
        for gas in HFCS
    )


@method(
    "hfc-production",
    sets=(*INVENTORIES, *CHINESE),
    inputs=(
        activity("hfc_made", "t"),
        choice("agent", *AGENTS),
        factor("fugitive_loss", "1", subject="fluorochemical.hfc", low=0.0, high=0.05),
        *shares(),
    ),
    outputs=tuple(Output(gas, "2.B.9.b", optional=True) for gas in HFCS),
    formula="E = P · EF",
    clause="vol. 3, ch. 3, equation 3.41",
    source="ipcc-2006",
    tier="1",
)
def hfc_production_losses(
    hfc_made: Values,
    fugitive_loss: Values,
    share_hfc32: Values,
    share_hfc125: Values,
    share_hfc134a: Values,
    share_hfc143a: Values,
    share_hfc152a: Values,
    share_hfc227ea: Values,
) -> tuple[Values, ...]:
    """Return the losses of making HFC, by gas [t].

    Parameters
    ----------
    hfc_made : float or array
        HFC made [t].
    fugitive_loss : float or array
        Loss per production [1]; 0.5 %.
    share_hfc32, share_hfc125, share_hfc134a, share_hfc143a, share_hfc152a, share_hfc227ea : float or array
        Mass share of each gas [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.41.
    """
    lost = hfc_made * fugitive_loss
    parts = (share_hfc32, share_hfc125, share_hfc134a, share_hfc143a, share_hfc152a, share_hfc227ea)
    return tuple(lost * share for share in parts)


@method(
    "sf6-production",
    sets=INVENTORIES,
    inputs=(
        activity("sf6_made", "t"),
        choice("sf6_grade", "sf6", "sf6_high_purity", word="sf6"),
        factor("fugitive_loss", "1", subject="fluorochemical.{sf6_grade}", low=0.0, high=0.15),
    ),
    outputs=(Output("SF6", "2.B.9.b"),),
    formula="E = P · EF",
    clause="vol. 3, ch. 3, equation 3.41",
    source="ipcc-2006",
    tier="1",
)
def sf6_production_losses(sf6_made: Values, fugitive_loss: Values) -> Values:
    """Return the losses of making SF6 [t].

    Parameters
    ----------
    sf6_made : float or array
        SF6 made [t].
    fugitive_loss : float or array
        Loss per production [1]; 0.2 %, and 8 % of gas of high purity.

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.41 and section 3.10.2.2.
    """
    return sf6_made * fugitive_loss
