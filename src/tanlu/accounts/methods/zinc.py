"""Process CO2 of zinc, and of the reducing agents of non-ferrous smelters."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.iron_steel import CARBON_MATERIALS
from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

METALS: Final = {"lead": "2.C.5", "zinc": "2.C.6", "other_metal": "2.C.7"}
"""IPCC category of a metal."""


@method(
    "zinc-production-ipcc",
    topic="zinc-production",
    sets=("ipcc-2006", "ipcc-2019"),
    tier="1",
    inputs=(
        choice("zinc_process", "unknown_process", "imperial_smelting", "waelz_kiln", word="unknown_process"),
        activity("zinc", "t"),
        factor(
            "zinc_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="zinc.{zinc_process}",
            gas="CO2",
            low=0.2,
            high=5.5,
        ),
    ),
    outputs=(Output("CO2", "2.C.6"),),
    formula="E = Σ Zn · EF",
    clause="vol. 3 ch. 4, eq. 4.33 and 4.34, table 4.24",
    source="ipcc-2006",
)
def zinc_co2(zinc: Values, zinc_factor: Values) -> Values:
    """Return the CO2 of zinc smelting [t]: zinc made [t] · factor, the carbon of the reducing agent [t CO2/t]."""
    return zinc * zinc_factor


@method(
    "smelting-reductant",
    sets=("ipcc-2006", "ipcc-2019", "cn-enterprise"),
    tier="2",
    inputs=(
        choice("smelted_metal", *METALS),
        choice("carbon_material", *CARBON_MATERIALS),
        activity("reductant_mass", "t"),
        factor("material_carbon", "t C/t", parameter="carbon_fraction", subject="{carbon_material}", low=0.0, high=1.0),
    ),
    outputs=(Output("CO2", by="smelted_metal", categories=METALS),),
    formula="E = M · C · 44/12",
    clause="vol. 3 ch. 4, sections 4.6.2 and 4.7.2, tier 2 and 3",
    source="ipcc-2006",
)
def reductant_co2(reductant_mass: Values, material_carbon: Values) -> Values:
    """Return the CO2 of a reducing agent in a smelter [t]: agent [t] · carbon in it [t C/t] · 44/12."""
    return reductant_mass * material_carbon * 44 / 12
