"""Fuels that are not burnt for energy: lubricants, paraffin waxes, feedstocks and the carbon that stays in products."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.fuels import FUEL, carbon_content, fuel_amount, heating_value
from tanlu.accounts.rulebook.method import Input, Output, Values, activity, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")


def _product(subject: str) -> tuple[Input, ...]:
    """Declare the inputs of a product that is partly oxidised while it is used."""
    return (
        activity("product_use", "t", "GJ"),
        factor("net_calorific_value", "GJ/t", None, subject=subject, bundle="fuel", low=20.0, high=60.0),
        factor("carbon_content", "t C/GJ", subject=subject, bundle="fuel", low=0.008, high=0.055),
        factor("oxidised_during_use", "1", subject=subject, low=0.0, high=1.0),
    )


@method(
    "lubricant-use",
    sets=INVENTORIES,
    inputs=_product("lubricants"),
    outputs=(Output("CO2", "2.D.1"),),
    formula="E = LC · NCV · CC · ODU · 44/12",
    clause="vol. 3, ch. 5, equation 5.2",
    source="ipcc-2006",
    tier="1",
)
def lubricant_co2(
    product_use: Values, net_calorific_value: Values, carbon_content: Values, oxidised_during_use: Values
) -> Values:
    """Return the CO2 of lubricants that are oxidised while they are used [t].

    Parameters
    ----------
    product_use : float or array
        Lubricants and greases used, without those mixed into the fuel of two-stroke engines [t or GJ].
    net_calorific_value : float or array
        [GJ/t; 1 for an amount in GJ].
    carbon_content : float or array
        Carbon per heat [t C/GJ].
    oxidised_during_use : float or array
        Fraction oxidised during use, ODU [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, equation 5.2. Waste oil that is burnt belongs to combustion or waste.
    """
    return product_use * net_calorific_value * carbon_content * oxidised_during_use * 44 / 12


@method(
    "paraffin-wax-use",
    sets=INVENTORIES,
    inputs=_product("waxes"),
    outputs=(Output("CO2", "2.D.2"),),
    formula="E = PW · NCV · CC · ODU · 44/12",
    clause="vol. 3, ch. 5, equation 5.4",
    source="ipcc-2006",
    tier="1",
)
def wax_co2(
    product_use: Values, net_calorific_value: Values, carbon_content: Values, oxidised_during_use: Values
) -> Values:
    """Return the CO2 of paraffin waxes that are oxidised while they are used, such as candles [t].

    Parameters
    ----------
    product_use : float or array
        Paraffin waxes used [t or GJ].
    net_calorific_value : float or array
        [GJ/t; 1 for an amount in GJ].
    carbon_content : float or array
        Carbon per heat [t C/GJ].
    oxidised_during_use : float or array
        Fraction oxidised during use, ODU [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, equation 5.4.
    """
    return product_use * net_calorific_value * carbon_content * oxidised_during_use * 44 / 12


@method(
    "non-energy-use",
    sets=(*INVENTORIES, "cn-province-2011"),
    inputs=(
        fuel_amount(),
        FUEL,
        heating_value(),
        carbon_content(),
        factor("stored_fraction", "1", subject="{fuel}", low=0.0, high=1.0),
    ),
    outputs=(Output("CO2", "2.D.4"), Output("CO2", "memo.stored_carbon")),
    formula="E = FC · NCV · CC · (1 − S) · 44/12; stored = FC · NCV · CC · S · 44/12",
    clause="workbook, auxiliary worksheet 1-1",
    source="ipcc-1996",
    tier="1",
)
def non_energy_co2(
    fuel_amount: Values, net_calorific_value: Values, carbon_content: Values, stored_fraction: Values
) -> tuple[Values, Values]:
    """Return the CO2 of feedstocks and other non-energy use, and the CO2 equal to the carbon stored in products [t].

    Parameters
    ----------
    fuel_amount : float or array
        Fuel used as a material [t, 10^4 Nm3 or GJ].
    net_calorific_value : float or array
        Heat of that measure [GJ/t or GJ/10^4 Nm3; 1 for an amount in GJ].
    carbon_content : float or array
        Carbon per heat [t C/GJ].
    stored_fraction : float or array
        Fraction of the carbon that stays in products [1].

    Notes
    -----
    Revised 1996 IPCC Guidelines, workbook, auxiliary worksheet 1-1; the second result times 12/44 is what the reference approach excludes.
    The 2006 Guidelines account for feedstocks by process (volume 3): use one of the two for a plant.
    """
    carbon_as_co2 = fuel_amount * net_calorific_value * carbon_content * 44 / 12
    return carbon_as_co2 * (1 - stored_fraction), carbon_as_co2 * stored_fraction
