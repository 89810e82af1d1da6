"""Process emissions of ferroalloys: product factors and carbon balance."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

IPCC: Final = ("ipcc-2006", "ipcc-2019")
SILICON_ALLOYS: Final = ("ferrosilicon_65", "ferrosilicon_75", "ferrosilicon_90", "silicon_metal")
ALLOYS: Final = (
    "ferrosilicon_45", *SILICON_ALLOYS, "ferromanganese_7_carbon", "ferromanganese_1_carbon", "silicomanganese",
    "ferrochrome", "ferrochrome_with_sinter",
)  # fmt: skip
"""Alloys of IPCC 2006, table 4.5."""


@method(
    "ferroalloy-production-ipcc",
    topic="ferroalloy-production",
    sets=IPCC,
    tier="1",
    inputs=(
        choice("alloy", *ALLOYS),
        activity("alloy_mass", "t"),
        factor(
            "alloy_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="ferroalloy.{alloy}",
            gas="CO2",
            low=0.5,
            high=8.0,
        ),
    ),
    outputs=(Output("CO2", "2.C.2"),),
    formula="E = MP · EF",
    clause="vol. 3 ch. 4, eq. 4.15, table 4.5",
    source="ipcc-2006",
)
def ferroalloy_co2(alloy_mass: Values, alloy_factor: Values) -> Values:
    """Return the CO2 of a ferroalloy [t]: alloy [t] · factor [t CO2/t]."""
    return alloy_mass * alloy_factor


@method(
    "ferroalloy-methane-ipcc",
    topic="ferroalloy-methane",
    sets=IPCC,
    tier="1",
    inputs=(
        choice("alloy", *SILICON_ALLOYS),
        activity("alloy_mass", "t"),
        factor(
            "alloy_ch4_factor",
            "kg CH4/t",
            parameter="ch4_factor",
            subject="ferroalloy.{alloy}",
            gas="CH4",
            low=0.2,
            high=2.0,
        ),
    ),
    outputs=(Output("CH4", "2.C.2"),),
    formula="E = MP · EF / 1000",
    clause="vol. 3 ch. 4, eq. 4.18, table 4.7",
    source="ipcc-2006",
)
def ferroalloy_ch4(alloy_mass: Values, alloy_ch4_factor: Values) -> Values:
    """Return the CH4 of a silicon alloy [t]: alloy [t] · factor [kg CH4/t]."""
    return alloy_mass * alloy_ch4_factor / 1000


@method(
    "ferroalloy-carbon-balance-ipcc",
    topic="ferroalloy-carbon-balance",
    sets=IPCC,
    tier="2",
    inputs=(
        choice("reducing_agent", "coal", "coke", "petroleum_coke", "prebaked_electrode", "electrode_paste"),
        activity("agent_mass", "t"),
        factor(
            "agent_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="reducing_agent.{reducing_agent}",
            gas="CO2",
            low=2.0,
            high=3.67,
        ),
        activity("ore", "t", default=0.0),
        activity("ore_carbon", "t C/t", default=0.0, high=0.12),
        activity("slag_material", "t", default=0.0),
        activity("slag_material_carbon", "t C/t", default=0.0, high=0.13),
        activity("alloy_mass", "t", default=0.0),
        activity("alloy_carbon", "t C/t", default=0.0, high=0.1),
        activity("other_outflow", "t", default=0.0),
        activity("other_outflow_carbon", "t C/t", default=0.0, high=1.0),
    ),
    outputs=(Output("CO2", "2.C.2", signed=True),),
    formula="E = M_agent · EF + (M_ore · C + M_slag · C − M_product · C − M_other · C) · 44/12",
    clause="vol. 3 ch. 4, eq. 4.16, table 4.6",
    source="ipcc-2006",
)
def ferroalloy_balance_co2(
    agent_mass: Values,
    agent_factor: Values,
    ore: Values,
    ore_carbon: Values,
    slag_material: Values,
    slag_material_carbon: Values,
    alloy_mass: Values,
    alloy_carbon: Values,
    other_outflow: Values,
    other_outflow_carbon: Values,
) -> Values:
    """Return the CO2 of a ferroalloy furnace from its carbon balance [t].

    Parameters
    ----------
    agent_mass, agent_factor : float or array
        Reducing agent or electrode [t] and its CO2 [t CO2/t].
    ore, slag_material, alloy_mass, other_outflow : float or array
        Ore and slag formers charged, alloy and other products leaving [t].
    ore_carbon, slag_material_carbon, alloy_carbon, other_outflow_carbon : float or array
        Carbon in them [t C/t].
    """
    charged = ore * ore_carbon + slag_material * slag_material_carbon
    leaving = alloy_mass * alloy_carbon + other_outflow * other_outflow_carbon
    return agent_mass * agent_factor + (charged - leaving) * 44 / 12
