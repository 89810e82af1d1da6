"""Incineration and open burning of waste: fossil CO2, CH4 and N2O."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")
DRY: Final = (
    "food_waste",
    "garden_waste",
    "paper_waste",
    "wood_waste",
    "textile_waste",
    "nappies",
    "rubber_leather_waste",
    "plastic_waste",
    "other_waste",
    "sewage_sludge",
    "industrial_waste",
    "clinical_waste",
    "fossil_liquid_waste",
)
INCINERATORS: Final = (
    "continuous_stoker",
    "continuous_fluidised_bed",
    "semi_continuous_stoker",
    "semi_continuous_fluidised_bed",
    "batch_stoker",
    "batch_fluidised_bed",
)
WASTE: Final = activity("waste_burnt", "t")
COMPONENT: Final = choice("burnt_component", *DRY)


def _carbon(oxidation: str) -> tuple[Input, ...]:
    """Declare the carbon of a component; wastes without a dry matter content are given as they are burnt."""
    return (
        factor("dry_matter", "1", subject="{burnt_component}", default=1.0, low=0.1, high=1.0),
        factor("carbon_fraction", "1", subject="{burnt_component}", low=0.0, high=0.9),
        factor("fossil_carbon_fraction", "1", subject="{burnt_component}", low=0.0, high=1.0),
        factor("oxidation_factor", "1", subject=oxidation, low=0.4, high=1.0),
    )


def _gases(category: str) -> tuple[Output, ...]:
    return Output("CO2", category), Output("CH4", category), Output("N2O", category)


@method(
    "waste-incineration",
    topic="incineration",
    sets=INVENTORIES,
    inputs=(
        WASTE,
        COMPONENT,
        choice("incinerator", *INCINERATORS, word="continuous_stoker"),
        *_carbon("incineration"),
        factor("ch4_factor", "g CH4/t", subject="{incinerator}", gas="CH4", low=0.0, high=1000.0),
        factor("n2o_factor", "g N2O/t", subject="{incinerator}", gas="N2O", low=0.0, high=1000.0),
    ),
    outputs=_gases("4.C.1"),
    formula="CO2 = SW · dm · CF · FCF · OF · 44/12; CH4, N2O = SW · EF",
    clause="vol. 5, ch. 5, equations 5.1, 5.4 and 5.5",
    source="ipcc-2006",
    tier="1–2",
)
def incineration_emissions(
    waste_burnt: Values,
    dry_matter: Values,
    carbon_fraction: Values,
    fossil_carbon_fraction: Values,
    oxidation_factor: Values,
    ch4_factor: Values,
    n2o_factor: Values,
) -> tuple[Values, Values, Values]:
    """Return fossil CO2, CH4 and N2O of the incineration of a component of waste [t].

    Parameters
    ----------
    waste_burnt : float or array
        Waste burnt, wet weight [t].
    dry_matter : float or array
        Dry matter per wet waste [1].
    carbon_fraction, fossil_carbon_fraction : float or array
        Carbon per dry matter, and its fossil share [1].
    oxidation_factor : float or array
        Share of the carbon that is oxidised [1].
    ch4_factor, n2o_factor : float or array
        CH4 and N2O per wet waste [g/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 5, chapter 5, equations 5.1, 5.4 and 5.5. Plants that sell energy are reported under fuel combustion.
    """
    carbon = waste_burnt * dry_matter * carbon_fraction * fossil_carbon_fraction * oxidation_factor
    return carbon * 44 / 12, waste_burnt * ch4_factor / 1_000_000, waste_burnt * n2o_factor / 1_000_000


@method(
    "waste-open-burning",
    topic="open-burning",
    sets=INVENTORIES,
    inputs=(
        WASTE,
        COMPONENT,
        *_carbon("open_burning"),
        factor("ch4_factor", "g CH4/t", subject="open_burning", gas="CH4", low=0.0, high=10_000.0),
        factor("n2o_factor", "g N2O/t", subject="open_burning", gas="N2O", low=0.0, high=1000.0),
    ),
    outputs=_gases("4.C.2"),
    formula="CO2 = SW · dm · CF · FCF · OF · 44/12; CH4 = SW · EF; N2O = SW · dm · EF",
    clause="vol. 5, ch. 5, equations 5.1, 5.4 and 5.5, section 5.4.2, table 5.6",
    source="ipcc-2006",
    tier="1",
)
def open_burning_emissions(
    waste_burnt: Values,
    dry_matter: Values,
    carbon_fraction: Values,
    fossil_carbon_fraction: Values,
    oxidation_factor: Values,
    ch4_factor: Values,
    n2o_factor: Values,
) -> tuple[Values, Values, Values]:
    """Return fossil CO2, CH4 and N2O of waste burnt in the open [t].

    Parameters
    ----------
    waste_burnt : float or array
        Waste burnt, wet weight [t].
    dry_matter : float or array
        Dry matter per wet waste [1].
    carbon_fraction, fossil_carbon_fraction : float or array
        Carbon per dry matter, and its fossil share [1].
    oxidation_factor : float or array
        Share of the carbon that is oxidised [1].
    ch4_factor : float or array
        CH4 per wet waste [g/t].
    n2o_factor : float or array
        N2O per dry waste [g/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 5, chapter 5; table 5.6 gives the N2O of open burning per dry weight.
    """
    dry = waste_burnt * dry_matter
    carbon = dry * carbon_fraction * fossil_carbon_fraction * oxidation_factor
    return carbon * 44 / 12, waste_burnt * ch4_factor / 1_000_000, dry * n2o_factor / 1_000_000


@method(
    "waste-incineration-cn",
    topic="incineration",
    sets=("cn-province-2011",),
    inputs=(
        WASTE,
        choice("burnt_component", "municipal_waste", "hazardous_waste", "sewage_sludge", word="municipal_waste"),
        factor("waste_carbon", "1", subject="{burnt_component}", low=0.0, high=0.9),
        factor("fossil_carbon_fraction", "1", subject="{burnt_component}", low=0.0, high=1.0),
        factor("oxidation_factor", "1", subject="{burnt_component}", low=0.4, high=1.0),
    ),
    outputs=(Output("CO2", "4.C.1"),),
    formula="E = IW · CCW · FCF · EF · 44/12",
    clause="incineration of waste",
    source="prov-guide-2011",
    tier="1",
)
def incineration_co2_cn(
    waste_burnt: Values, waste_carbon: Values, fossil_carbon_fraction: Values, oxidation_factor: Values
) -> Values:
    """Return the fossil CO2 of incinerated waste by the carbon of the wet waste [t].

    Parameters
    ----------
    waste_burnt : float or array
        Waste burnt, wet weight [t].
    waste_carbon : float or array
        Carbon per wet waste [1].
    fossil_carbon_fraction : float or array
        Fossil share of the carbon [1].
    oxidation_factor : float or array
        Efficiency of the combustion [1].

    Notes
    -----
    Provincial guidelines of 2011, which follow the IPCC good practice guidance of 2000.
    """
    return waste_burnt * waste_carbon * fossil_carbon_fraction * oxidation_factor * 44 / 12
