"""The sets over which the pathway model is written, and their names in IAMC variables."""

from __future__ import annotations

from typing import Final

FIRST_YEAR: Final = 2005
LAST_YEAR: Final = 2060

DEMAND: Final = (
    "energy_industry", "steel", "cement", "nonferrous", "chemicals", "other_industry",
    "transport_passenger", "transport_freight", "residential", "services", "agriculture",
)  # fmt: skip
"""Sectors with final energy. ``cement`` is all non-metallic minerals, ``other_industry`` includes construction."""

SECTORS: Final = ("power", *DEMAND)
EMITTERS: Final = (*SECTORS, "waste")
"""Rows of the emission arrays; ``waste`` is fossil CO2 of waste treatment where the inventory has a figure."""

CARRIERS: Final = ("coal", "coke", "gas", "oil", "electricity", "heat", "hydrogen", "biomass")
FOSSIL: Final = ("coal", "coke", "gas", "oil")
"""The first four carriers. ``coke`` includes coke-oven gas; ``biomass`` includes waste heat and other fuels without fossil CO2."""

GENERATORS: Final = ("coal", "gas", "hydro", "wind", "solar", "biomass", "nuclear", "imports")
SHIFTS: Final = ("electricity", "hydrogen", "gas", "biomass")
"""Substitutions of fossil fuel in a demand sector, in the order in which they act."""

SECTOR_VARIABLE: Final = {
    "power": "Energy|Supply|Electricity",
    "energy_industry": "Energy|Supply|Other",
    "steel": "Energy|Demand|Industry|Steel",
    "cement": "Energy|Demand|Industry|Non-Metallic Minerals",
    "nonferrous": "Energy|Demand|Industry|Non-Ferrous Metals",
    "chemicals": "Energy|Demand|Industry|Chemicals",
    "other_industry": "Energy|Demand|Industry|Other",
    "transport_passenger": "Energy|Demand|Transportation|Passenger",
    "transport_freight": "Energy|Demand|Transportation|Freight",
    "residential": "Energy|Demand|Residential",
    "services": "Energy|Demand|Commercial",
    "agriculture": "Energy|Demand|AFOFI",
}
"""IAMC variable (after ``Emissions|CO2|``) of the energy CO2 of a sector."""

FINAL_ENERGY_VARIABLE: Final = {
    sector: name.removeprefix("Energy|Demand|")
    for sector, name in SECTOR_VARIABLE.items()
    if name.startswith("Energy|Demand|")
} | {"energy_industry": "Energy Industry"}
CARRIER_VARIABLE: Final = {
    "coal": "Solids|Coal", "coke": "Solids|Coke", "gas": "Gases", "oil": "Liquids", "electricity": "Electricity",
    "heat": "Heat", "hydrogen": "Hydrogen", "biomass": "Solids|Biomass and Other",
}  # fmt: skip
GENERATOR_VARIABLE: Final = {
    "coal": "Coal", "gas": "Gas", "hydro": "Hydro", "wind": "Wind", "solar": "Solar", "biomass": "Biomass",
    "nuclear": "Nuclear",
}  # fmt: skip

WORLDS: Final = ("frozen", "current", "plan")
GROWTH_CASES: Final = ("low", "mid", "high")
REFERENCE: Final = "current-mid"
SCENARIOS: Final = tuple(f"{world}-{growth}" for world in WORLDS for growth in GROWTH_CASES)
