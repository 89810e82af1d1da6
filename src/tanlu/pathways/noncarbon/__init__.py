"""Greenhouse gases other than the CO2 of energy and processes: methane, nitrous oxide, fluorinated gases.

In: activities of a run, population, assumptions of the province, controls of its own levers. Out: masses by source and gas. Its levers do
not touch the CO2 of a run. It must not know costs or pages.
"""

from tanlu.pathways.noncarbon.agriculture import head_emissions, rice_methane, soil_nitrous_oxide
from tanlu.pathways.noncarbon.fluorinated import Bank, bank_response, gas_bank
from tanlu.pathways.noncarbon.fugitive import coal_mine_methane, gas_leakage
from tanlu.pathways.noncarbon.model import GASES, ROWS, Drivers, NonCarbonTables, noncarbon_masses, noncarbon_tables
from tanlu.pathways.noncarbon.waste import (
    landfill_methane,
    landfill_response,
    wastewater_methane,
    wastewater_nitrous_oxide,
)

__all__ = [
    "GASES",
    "ROWS",
    "Bank",
    "Drivers",
    "NonCarbonTables",
    "bank_response",
    "coal_mine_methane",
    "gas_bank",
    "gas_leakage",
    "head_emissions",
    "landfill_methane",
    "landfill_response",
    "noncarbon_masses",
    "noncarbon_tables",
    "rice_methane",
    "soil_nitrous_oxide",
    "wastewater_methane",
    "wastewater_nitrous_oxide",
]
