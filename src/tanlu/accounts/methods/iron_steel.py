"""Process emissions of iron and steel: product factors, carbon balances, fluxes."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Rounding, Values, activity, choice, factor, method

IPCC: Final = ("ipcc-2006", "ipcc-2019")
PRODUCTS: Final = {
    "metallurgical_coke": "1.A.1.c",
    "sinter": "2.C.1",
    "pellet": "2.C.1",
    "pig_iron": "2.C.1",
    "dri": "2.C.1",
    "bof_steel": "2.C.1",
    "eaf_steel": "2.C.1",
    "ohf_steel": "2.C.1",
    "steel": "2.C.1",
}
"""IPCC category of a product: the 2006 Guidelines report the making of coke under energy."""
CARBON_MATERIALS: Final = (
    "blast_furnace_gas", "charcoal", "coal", "coal_tar", "coke", "coke_oven_gas", "coking_coal", "dri", "dolomite",
    "carbon_electrode", "charge_carbon", "fuel_oil", "gas_coke", "hot_briquetted_iron", "limestone", "natural_gas",
    "converter_gas", "petroleum_coke", "pig_iron", "scrap_iron", "steel",
)  # fmt: skip
"""Materials of IPCC 2006, table 4.3."""
CHARGE_MATERIALS: Final = (
    "limestone", "dolomite", "electrode", "pig_iron", "dri", "scrap_steel", "ferronickel", "ferrochrome",
    "high_carbon_ferrochrome", "ferromolybdenum", "ferrosilicon", "silicomanganese", "low_carbon_silicomanganese",
    "blast_furnace_ferromanganese", "high_carbon_ferromanganese", "low_carbon_ferromanganese", "crude_steel", "coal_tar",
    "crude_benzene", "methanol",
)  # fmt: skip
"""Materials for which the Chinese rules print a factor."""
FLOW: Final = (
    choice("charge_material", *CHARGE_MATERIALS),
    activity("input_mass", "t", default=0.0),
    activity("output_mass", "t", default=0.0),
    factor(
        "material_factor",
        "t CO2/t",
        parameter="emission_factor",
        subject="{charge_material}",
        gas="CO2",
        low=0.0,
        high=3.7,
    ),
)


@method(
    "steel-products-ipcc",
    topic="steel-products",
    sets=IPCC,
    tier="1",
    inputs=(
        choice("steel_product", *PRODUCTS),
        activity("steel_product_mass", "t"),
        factor(
            "steel_product_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="{steel_product}",
            gas="CO2",
            low=0.01,
            high=2.5,
        ),
    ),
    outputs=(Output("CO2", by="steel_product", categories=PRODUCTS),),
    formula="E = Q · EF",
    clause="vol. 3 ch. 4, eq. 4.1 and 4.4 to 4.8, table 4.1",
    source="ipcc-2006",
)
def steel_product_co2(steel_product_mass: Values, steel_product_factor: Values) -> Values:
    """Return the CO2 of a product of iron and steel making [t]: product [t] · factor [t CO2/t]."""
    return steel_product_mass * steel_product_factor


@method(
    "steel-products-ch4-ipcc",
    topic="steel-products-ch4",
    sets=IPCC,
    tier="1",
    inputs=(
        choice("steel_product", "metallurgical_coke", "sinter", "pig_iron", "dri"),
        activity("steel_product_mass", "t"),
        factor(
            "steel_ch4_factor",
            "kg CH4/t",
            parameter="ch4_factor",
            subject="{steel_product}",
            gas="CH4",
            low=0.0,
            high=0.5,
        ),
    ),
    outputs=(Output("CH4", by="steel_product", categories=PRODUCTS),),
    formula="E = Q · EF / 1000",
    clause="vol. 3 ch. 4, eq. 4.12 to 4.14, table 4.2",
    source="ipcc-2006",
)
def steel_product_ch4(steel_product_mass: Values, steel_ch4_factor: Values) -> Values:
    """Return the CH4 of a product of iron and steel making [t]: product [t] · factor [kg CH4/t]."""
    return steel_product_mass * steel_ch4_factor / 1000


@method(
    "steel-carbon-flow-ipcc",
    topic="steel-carbon-flow",
    sets=IPCC,
    tier="2",
    inputs=(
        choice("carbon_material", *CARBON_MATERIALS),
        activity("input_mass", "t", default=0.0),
        activity("output_mass", "t", default=0.0),
        factor("material_carbon", "t C/t", parameter="carbon_fraction", subject="{carbon_material}", low=0.0, high=1.0),
    ),
    outputs=(Output("CO2", "2.C.1", signed=True),),
    formula="E = Σ (M_in − M_out) · C · 44/12",
    clause="vol. 3 ch. 4, eq. 4.9, table 4.3",
    source="ipcc-2006",
)
def steel_carbon_flow_co2(input_mass: Values, output_mass: Values, material_carbon: Values) -> Values:
    """Return the CO2 of the carbon that one material brings into the balance, less what it takes out [t].

    Parameters
    ----------
    input_mass, output_mass : float or array
        Material charged, and the same material leaving as product or by-product [t].
    material_carbon : float or array
        Carbon in it [t C/t].
    """
    return (input_mass - output_mass) * material_carbon * 44 / 12


@method(
    "steel-process-province",
    topic="steel-process",
    sets=("cn-province-2011",),
    inputs=(
        activity("limestone_flux", "t", default=0.0),
        factor(
            "limestone_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="limestone",
            gas="CO2",
            low=0.35,
            high=0.45,
        ),
        activity("dolomite_flux", "t", default=0.0),
        factor(
            "dolomite_flux_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="dolomite",
            gas="CO2",
            low=0.4,
            high=0.5,
        ),
        activity("pig_iron_used", "t"),
        factor("pig_iron_carbon", "t C/t", parameter="carbon_fraction", subject="pig_iron", low=0.02, high=0.06),
        activity("steel_made", "t"),
        factor("steel_carbon", "t C/t", parameter="carbon_fraction", subject="steel", low=0.0, high=0.02),
    ),
    outputs=(Output("CO2", "2.C.1", signed=True),),
    formula="E = AD_l · EF_l + AD_d · EF_d + (AD_r · F_r − AD_s · F_s) · 44/12",
    clause="iron and steel production",
    source="prov-guide-2011",
)
def steel_process_co2(
    limestone_flux: Values,
    limestone_factor: Values,
    dolomite_flux: Values,
    dolomite_flux_factor: Values,
    pig_iron_used: Values,
    pig_iron_carbon: Values,
    steel_made: Values,
    steel_carbon: Values,
) -> Values:
    """Return the CO2 of fluxes and of the carbon that pig iron loses on its way to steel [t].

    Parameters
    ----------
    limestone_flux, dolomite_flux : float or array
        Limestone and dolomite used as flux [t].
    limestone_factor, dolomite_flux_factor : float or array
        CO2 per flux [t CO2/t].
    pig_iron_used, steel_made : float or array
        Pig iron that goes into steel, and the steel made of it [t].
    pig_iron_carbon, steel_carbon : float or array
        Carbon in them [t C/t].
    """
    fluxes = limestone_flux * limestone_factor + dolomite_flux * dolomite_flux_factor
    return fluxes + (pig_iron_used * pig_iron_carbon - steel_made * steel_carbon) * 44 / 12


@method(
    "steel-material-flow-ets",
    topic="steel-material-flow",
    sets=("cn-ets-2024",),
    inputs=FLOW,
    outputs=(Output("CO2", "2.C.1", signed=True),),
    formula="E = Σ M · EF_in − Σ P · EF_out",
    clause="annex A, table A.2",
    source="cets-steel-2024",
    rounding=Rounding(inputs={"input_mass": 2, "output_mass": 2}, result=2),
)
@method(
    "steel-material-flow-cn",
    topic="steel-material-flow",
    sets=("cn-enterprise",),
    inputs=FLOW,
    outputs=(Output("CO2", "2.C.1", signed=True),),
    formula="E = Σ M · EF_in − Σ P · EF_out",
    clause="steel, process emissions and carbon stored in products",
    source="ndrc-enterprise-2013",
)
def steel_material_flow_co2(input_mass: Values, output_mass: Values, material_factor: Values) -> Values:
    """Return the CO2 that one material brings into a works, less what the same material takes out [t].

    Parameters
    ----------
    input_mass, output_mass : float or array
        Material bought and used, and material sold as product or by-product [t].
    material_factor : float or array
        CO2 of its carbon [t CO2/t].
    """
    return (input_mass - output_mass) * material_factor
