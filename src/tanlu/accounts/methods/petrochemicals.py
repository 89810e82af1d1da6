"""Petrochemicals and carbon black, tier 1: CO2 and CH4 per product; and coal chemistry by factors of the literature."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")
PRODUCT: Final = activity("chemical_output", "t")
FORMULA: Final = "E = PP · EF"
THERMAL: Final = ("no_thermal_treatment", "thermal_treatment")
BLACKS: Final = ("furnace_black", "thermal_black", "acetylene_black")


def _gases(category: str) -> tuple[Output, Output]:
    return Output("CO2", category), Output("CH4", category)


def _co2(subject: str, high: float) -> Input:
    return factor("emission_factor", "t CO2/t", subject=subject, gas="CO2", low=0.0, high=high)


def _ch4(subject: str, high: float) -> Input:
    return factor("ch4_factor", "kg CH4/t", subject=subject, gas="CH4", low=0.0, high=high)


@method(
    "methanol",
    sets=INVENTORIES,
    inputs=(
        PRODUCT,
        choice(
            "methanol_process",
            "steam_reforming",
            "steam_reforming_primary",
            "lurgi_conventional",
            "lurgi_low_pressure",
            "lurgi_combined",
            "lurgi_mega",
            "partial_oxidation_oil",
            "partial_oxidation_coal",
            "partial_oxidation_lignite",
        ),
        _co2("methanol.{methanol_process}", 7.0),
        _ch4("methanol.{methanol_process}", 4.0),
    ),
    outputs=_gases("2.B.8.a"),
    formula=FORMULA,
    clause="vol. 3, ch. 3, equations 3.15 and 3.23, table 3.12",
    source="ipcc-2006",
    tier="1",
)
@method(
    "vinyl-chloride",
    sets=INVENTORIES,
    inputs=(
        PRODUCT,
        choice("chloride_product", "ethylene_dichloride", "vinyl_chloride"),
        choice(
            "chloride_process", "direct_chlorination", "oxychlorination", "balanced_process", word="balanced_process"
        ),
        _co2("{chloride_product}.{chloride_process}", 0.6),
        _ch4("{chloride_product}.{chloride_process}", 0.1),
    ),
    outputs=_gases("2.B.8.c"),
    formula=FORMULA,
    clause="vol. 3, ch. 3, equations 3.15 and 3.24, tables 3.17 and 3.19",
    source="ipcc-2006",
    tier="1",
)
@method(
    "ethylene-oxide",
    sets=INVENTORIES,
    inputs=(
        PRODUCT,
        choice(
            "ethylene_oxide_process",
            "air_selectivity_70",
            "air_selectivity_75",
            "air_selectivity_80",
            "oxygen_selectivity_75",
            "oxygen_selectivity_80",
            "oxygen_selectivity_85",
            word="air_selectivity_70",
        ),
        choice("tail_gas", *THERMAL, word="no_thermal_treatment"),
        _co2("ethylene_oxide.{ethylene_oxide_process}", 1.2),
        _ch4("ethylene_oxide.{tail_gas}", 4.0),
    ),
    outputs=_gases("2.B.8.d"),
    formula=FORMULA,
    clause="vol. 3, ch. 3, equations 3.15 and 3.24, tables 3.20 and 3.21",
    source="ipcc-2006",
    tier="1",
)
@method(
    "acrylonitrile",
    sets=INVENTORIES,
    inputs=(
        PRODUCT,
        choice(
            "acrylonitrile_process",
            "secondary_products_burned",
            "acetonitrile_burned",
            "secondary_products_recovered",
            word="secondary_products_burned",
        ),
        _co2("acrylonitrile.{acrylonitrile_process}", 1.6),
        _ch4("acrylonitrile.{acrylonitrile_process}", 0.5),
    ),
    outputs=_gases("2.B.8.e"),
    formula=FORMULA,
    clause="vol. 3, ch. 3, equations 3.15 and 3.24, table 3.22",
    source="ipcc-2006",
    tier="1",
)
@method(
    "carbon-black",
    sets=INVENTORIES,
    inputs=(
        PRODUCT,
        choice("carbon_black_process", *BLACKS, word="furnace_black"),
        choice("tail_gas", *THERMAL, word="thermal_treatment"),
        _co2("carbon_black.{carbon_black_process}", 7.0),
        _ch4("carbon_black.{tail_gas}", 40.0),
    ),
    outputs=_gases("2.B.8.f"),
    formula=FORMULA,
    clause="vol. 3, ch. 3, equations 3.15 and 3.24, tables 3.23 and 3.24",
    source="ipcc-2006",
    tier="1",
)
def petrochemical_emissions(
    chemical_output: Values, emission_factor: Values, ch4_factor: Values
) -> tuple[Values, Values]:
    """Return CO2 and CH4 of a petrochemical [t].

    Parameters
    ----------
    chemical_output : float or array
        Product made [t].
    emission_factor : float or array
        CO2 of feed and process heat per product [t CO2/t].
    ch4_factor : float or array
        CH4 of vents and leaks per product [kg CH4/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equations 3.15 and 3.23–3.25. The fuel of the process is not reported again under fuel
    combustion.
    """
    return chemical_output * emission_factor, chemical_output * ch4_factor / 1000


@method(
    "ethylene",
    sets=INVENTORIES,
    inputs=(
        PRODUCT,
        choice("cracker_feed", "naphtha", "gas_oil", "ethane", "propane", "butane", "other_feedstock"),
        _co2("ethylene.{cracker_feed}", 4.0),
        factor("geographic_adjustment", "1", subject="ethylene", low=0.8, high=1.5),
        _ch4("ethylene.{cracker_feed}", 10.0),
    ),
    outputs=_gases("2.B.8.b"),
    formula="E = PP · EF · GAF",
    clause="vol. 3, ch. 3, equation 3.15, tables 3.14–3.16",
    source="ipcc-2006",
    tier="1",
)
def ethylene_emissions(
    chemical_output: Values, emission_factor: Values, geographic_adjustment: Values, ch4_factor: Values
) -> tuple[Values, Values]:
    """Return CO2 and CH4 of steam cracking [t].

    Parameters
    ----------
    chemical_output : float or array
        Ethylene made [t].
    emission_factor : float or array
        CO2 of the cracker per ethylene, as in Western Europe [t CO2/t].
    geographic_adjustment : float or array
        Energy of crackers of the region against those of Western Europe [1].
    ch4_factor : float or array
        CH4 per ethylene [kg CH4/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.15. The factor covers all products of the cracker: propylene and the others
    are not added.
    """
    return chemical_output * emission_factor * geographic_adjustment, chemical_output * ch4_factor / 1000


COAL_CHEMICALS: Final = {
    "ammonia.coal": "2.B.1",
    "urea.coal": "2.B.1",
    "methanol.coal": "2.B.8.a",
    "methanol.coke_oven_gas": "2.B.8.a",
    "olefins.coal": "2.B.8.b",
    "ethylene_glycol.coal": "2.B.10",
}


@method(
    "coal-chemical-product",
    sets=(*INVENTORIES, "cn-province-2011"),
    inputs=(PRODUCT, choice("coal_chemical", *COAL_CHEMICALS), _co2("{coal_chemical}", 10.0)),
    outputs=(Output("CO2", by="coal_chemical", categories=COAL_CHEMICALS),),
    formula=FORMULA,
    clause="product factors",
    source="efdb-literature-china",
    tier="2",
)
def coal_chemical_co2(chemical_output: Values, emission_factor: Values) -> Values:
    """Return the CO2 of a product of coal chemistry by a factor of the literature [t].

    Parameters
    ----------
    chemical_output : float or array
        Product made [t].
    emission_factor : float or array
        CO2 per product, of Chinese works [t CO2/t].

    Notes
    -----
    To check a carbon balance, or where none can be made; coal that is burnt for heat may be in the factor.
    """
    return chemical_output * emission_factor
