"""What the methods that account for fuels share: fuels, sectors with their IPCC categories, and the inputs in three measures."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Input, activity, choice, factor

FOSSIL_FUELS: Final = (
    "anthracite", "bituminous_coal", "sub_bituminous_coal", "lignite", "cleaned_coal", "other_washed_coal", "briquette",
    "brown_coal_briquettes", "coal_gangue", "coal_slurry", "other_coal_products", "coke", "gas_coke", "coal_tar", "crude_benzol",
    "coke_oven_gas", "blast_furnace_gas", "converter_gas", "calcium_carbide_furnace_gas", "gas_works_gas", "other_gas",
    "oil_shale_and_tar_sands", "peat", "crude_oil", "orimulsion", "shale_oil", "natural_gas_liquids", "refinery_feedstocks",
    "gasoline", "aviation_gasoline", "jet_gasoline", "jet_kerosene", "kerosene", "diesel", "fuel_oil", "lpg", "ethane", "naphtha",
    "petroleum_coke", "refinery_gas", "bitumen", "lubricants", "waxes", "white_spirit_sbp", "other_petroleum_products",
    "natural_gas", "lng", "industrial_wastes", "municipal_wastes_non_biomass_fraction", "waste_oils",
)  # fmt: skip
"""Fuels whose carbon is fossil."""
BIOMASS_FUELS: Final = (
    "wood_wood_waste", "other_primary_solid_biomass", "charcoal", "sulphite_lyes", "biogasoline", "biodiesels",
    "other_liquid_biofuels", "landfill_gas", "sludge_gas", "other_biogas", "municipal_wastes_biomass_fraction",
)  # fmt: skip
"""Fuels whose carbon is biogenic; names as in the 2006 IPCC Guidelines, volume 2, table 1.1."""
STATIONARY: Final = {
    "electricity_heat": "1.A.1.a",
    "refining_industry": "1.A.1.b",
    "other_energy_industries": "1.A.1.c",
    "energy_industries": "1.A.1",
    "industry_iron_steel": "1.A.2.a",
    "industry_nonferrous": "1.A.2.b",
    "industry_chemicals": "1.A.2.c",
    "industry_pulp_paper": "1.A.2.d",
    "industry_food": "1.A.2.e",
    "industry_minerals": "1.A.2.f",
    "industry_transport_equipment": "1.A.2.g",
    "industry_machinery": "1.A.2.h",
    "industry_mining": "1.A.2.i",
    "industry_wood": "1.A.2.j",
    "industry_construction": "1.A.2.k",
    "industry_textile": "1.A.2.l",
    "industry_other": "1.A.2.m",
    "manufacturing": "1.A.2",
    "commercial": "1.A.4.a",
    "residential": "1.A.4.b",
    "agriculture_forestry_fishing": "1.A.4.c",
}
"""IPCC 2006 category by sector of stationary combustion."""
MOBILE: Final = {
    "aviation_domestic": "1.A.3.a.ii",
    "road": "1.A.3.b",
    "railways": "1.A.3.c",
    "navigation_domestic": "1.A.3.d.ii",
    "off_road": "1.A.3.e.ii",
}
"""IPCC 2006 category by mode of transport."""
UNSPECIFIED: Final = "unspecified"
"""Sector where the user names none."""
SECTORS: Final = {**STATIONARY, **MOBILE, UNSPECIFIED: "1.A.5.a"}
"""IPCC 2006 category by sector."""
AMOUNTS: Final = ("t", "10^4 Nm3", "GJ")
"""Measures of a fuel: mass, volume of gas, heat (net)."""

FUEL: Final = choice("fuel", *FOSSIL_FUELS)
BIOMASS: Final = choice("fuel", *BIOMASS_FUELS)
SECTOR: Final = choice("sector", *SECTORS, word=UNSPECIFIED)


def fuel_amount(name: str = "fuel_amount", *, default: float | None = None, low: float | None = 0.0) -> Input:
    """Declare an amount of fuel as mass, volume or heat."""
    return activity(name, *AMOUNTS, default=default, low=low)


def heating_value() -> Input:
    """Declare the net calorific value; an amount given as heat has none."""
    return factor(
        "net_calorific_value", "GJ/t", "GJ/10^4 Nm3", None, subject="{fuel}", bundle="fuel", low=1.0, high=80.0
    )


def carbon_content() -> Input:
    """Declare the carbon per heat; the upper end lies below the CO2 factor of natural gas, which is 44/12 times its carbon."""
    return factor("carbon_content", "t C/GJ", subject="{fuel}", bundle="fuel", low=0.008, high=0.055)


def oxidation_factor() -> Input:
    """Declare the fraction of the carbon that is oxidised."""
    return factor("oxidation_factor", "1", subject="{fuel}", bundle="fuel", low=0.8, high=1.0)
