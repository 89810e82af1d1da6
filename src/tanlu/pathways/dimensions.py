"""The sets over which the pathway model is written, and their names in IAMC variables."""

from __future__ import annotations

from typing import Final

from tanlu.pathways.sectors import ALL

FIRST_YEAR: Final = 2005
LAST_YEAR: Final = 2060

SECTOR: Final = {sector.id: sector for sector in ALL}
"""Declaration of each sector (`tanlu.pathways.sectors`), in order."""
DEMAND: Final = tuple(s.id for s in ALL if s.role == "demand")
"""Sectors with final energy."""
EMITTERS: Final = tuple(s.id for s in ALL)
"""Rows of the emission arrays: power, heat, the demand sectors, and waste where the inventory has a figure for it."""
SECTORS: Final = EMITTERS[:-1]
"""Emitters of energy CO2."""
BUILDINGS: Final = tuple(s.id for s in ALL if s.floor_area)
"""Demand sectors whose services go with floor area and degree days."""
FIRST: Final = EMITTERS.index(DEMAND[0])
"""Place of the first demand sector among the emitters; they follow one another."""
BRANCHES: Final = {
    inventory: tuple(s.id for s in ALL if s.inventory == inventory)
    for inventory in dict.fromkeys(s.inventory for s in ALL)
}
"""Emitters of each sector of the inventory; their sum is its CO2."""

CARRIERS: Final = ("coal", "coke", "gas", "oil", "electricity", "heat", "hydrogen", "biomass")
FOSSIL: Final = ("coal", "coke", "gas", "oil")
"""The first four carriers. ``coke`` includes coke-oven gas; ``biomass`` includes waste heat and other fuels without fossil CO2."""

INVENTORY_CARRIER: Final = {
    "coal": "coal", "coke": "coke", "coke_oven_gas": "coke", "natural_gas": "gas", "oil": "oil",
    "electricity": "electricity", "heat": "heat", "other": "biomass",
}  # fmt: skip
"""Carrier of a fuel of the inventory."""

GENERATORS: Final = ("coal", "gas", "hydro", "wind", "solar", "biomass", "nuclear", "imports")
SHIFTS: Final = ("electricity", "hydrogen", "gas", "biomass")
"""Substitutions of fossil fuel in a demand sector, in the order in which they act."""
TECHNOLOGIES: Final = ("conventional", *SHIFTS)
"""Technologies of the equipment of a demand sector: the fuels of the base year, and one for each substitution."""

SECTOR_VARIABLE: Final = {s: SECTOR[s].variable for s in SECTORS}
"""IAMC variable (after ``Emissions|CO2|``) of the energy CO2 of a sector."""

FINAL_ENERGY_VARIABLE: Final = {
    s: SECTOR[s].variable.removeprefix("Energy|Demand|").replace("Energy|Supply|Other", "Energy Industry")
    for s in DEMAND
}
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
