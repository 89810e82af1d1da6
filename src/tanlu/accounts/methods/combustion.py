"""Fuel combustion: CO2 from carbon or from emission factors, CH4 and N2O, and biomass."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.fuels import (
    BIOMASS,
    FUEL,
    MOBILE,
    SECTOR,
    SECTORS,
    STATIONARY,
    carbon_content,
    fuel_amount,
    heating_value,
    oxidation_factor,
)
from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

INVENTORIES: Final = ("ipcc-2006", "ipcc-2019")
BURNT_IN: Final = choice("sector", *STATIONARY, *MOBILE)
NON_CO2: Final = (
    factor("ch4_factor", "kg CH4/TJ", subject="{sector}.{fuel}", gas="CH4", low=0.0, high=1000.0),
    factor("n2o_factor", "kg N2O/TJ", subject="{sector}.{fuel}", gas="N2O", low=0.0, high=100.0),
)


@method(
    "fuel-combustion-carbon",
    topic="fuel-combustion",
    sets=(*INVENTORIES, "cn-province-2011", "cn-enterprise"),
    inputs=(fuel_amount(), FUEL, SECTOR, heating_value(), carbon_content(), oxidation_factor()),
    outputs=(Output("CO2", by="sector", categories=SECTORS),),
    formula="E = FC · NCV · CC · OF · 44/12",
    clause="vol. 2, ch. 2, equations 2.1–2.3",
    source="ipcc-2006",
    tier="1–2",
)
def combustion_co2(
    fuel_amount: Values, net_calorific_value: Values, carbon_content: Values, oxidation_factor: Values
) -> Values:
    """Return the CO2 of a burnt fuel from its carbon [t].

    Parameters
    ----------
    fuel_amount : float or array
        Fuel burnt [t, 10^4 Nm3 or GJ].
    net_calorific_value : float or array
        Heat of that measure [GJ/t or GJ/10^4 Nm3; 1 for an amount in GJ].
    carbon_content : float or array
        Carbon per heat [t C/GJ].
    oxidation_factor : float or array
        Fraction of the carbon that is oxidised [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 2.1 with the emission factor of chapter 1, table 1.4 written out; the Chinese guidelines
    for provinces and enterprises use the same product.
    """
    return fuel_amount * net_calorific_value * carbon_content * oxidation_factor * 44 / 12


@method(
    "fuel-combustion-emission-factor",
    sets=(*INVENTORIES, "cn-province-2011"),
    inputs=(
        fuel_amount(),
        FUEL,
        SECTOR,
        factor("net_calorific_value", "GJ/t", "GJ/10^4 Nm3", None, subject="{fuel}", low=1.0, high=80.0),
        factor("co2_factor", "kg CO2/TJ", subject="{fuel}", gas="CO2", low=30_000.0, high=270_000.0),
    ),
    outputs=(Output("CO2", by="sector", categories=SECTORS),),
    formula="E = FC · NCV · EF",
    clause="vol. 2, ch. 2, equation 2.1",
    source="ipcc-2006",
    tier="1",
)
def combustion_co2_by_factor(fuel_amount: Values, net_calorific_value: Values, co2_factor: Values) -> Values:
    """Return the CO2 of a burnt fuel from a factor per heat [t].

    Parameters
    ----------
    fuel_amount : float or array
        Fuel burnt [t, 10^4 Nm3 or GJ].
    net_calorific_value : float or array
        Heat of that measure [GJ/t or GJ/10^4 Nm3; 1 for an amount in GJ].
    co2_factor : float or array
        CO2 per heat [kg CO2/TJ].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 2.1 with the rounded factors of table 2.2.
    """
    heat_tj = fuel_amount * net_calorific_value / 1000
    return heat_tj * co2_factor / 1000


@method(
    "fuel-combustion-measured-carbon",
    sets=(*INVENTORIES, "cn-province-2011", "cn-enterprise"),
    inputs=(
        activity("fuel_amount", "t", "10^4 Nm3"),
        FUEL,
        SECTOR,
        factor("carbon_per_amount", "t C/t", "t C/10^4 Nm3", low=0.05, high=1.0),
        factor("oxidation_factor", "1", subject="{fuel}", low=0.8, high=1.0),
    ),
    outputs=(Output("CO2", by="sector", categories=SECTORS),),
    formula="E = FC · C · OF · 44/12",
    clause="vol. 2, ch. 2, section 2.3.1.2",
    source="ipcc-2006",
    tier="2–3",
)
def combustion_co2_measured(fuel_amount: Values, carbon_per_amount: Values, oxidation_factor: Values) -> Values:
    """Return the CO2 of a burnt fuel whose carbon per amount is measured [t].

    Parameters
    ----------
    fuel_amount : float or array
        Fuel burnt [t or 10^4 Nm3].
    carbon_per_amount : float or array
        Carbon as received [t C/t or t C/10^4 Nm3].
    oxidation_factor : float or array
        Fraction of the carbon that is oxidised [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, section 2.3.1.2 (country-specific carbon); GB/T 32151 series, measured carbon content.
    """
    return fuel_amount * carbon_per_amount * oxidation_factor * 44 / 12


@method(
    "fuel-combustion-non-co2",
    topic="fuel-combustion-non-co2",
    sets=(*INVENTORIES, "cn-province-2011"),
    inputs=(
        fuel_amount(),
        FUEL,
        BURNT_IN,
        factor("net_calorific_value", "GJ/t", "GJ/10^4 Nm3", None, subject="{fuel}", low=1.0, high=80.0),
        *NON_CO2,
    ),
    outputs=(
        Output("CH4", by="sector", categories=SECTORS),
        Output("N2O", by="sector", categories=SECTORS),
    ),
    formula="E = FC · NCV · EF",
    clause="vol. 2, ch. 2, equation 2.1; ch. 3, equation 3.2.3",
    source="ipcc-2006",
    tier="1",
)
def combustion_non_co2(
    fuel_amount: Values, net_calorific_value: Values, ch4_factor: Values, n2o_factor: Values
) -> tuple[Values, Values]:
    """Return the CH4 and N2O of a burnt fuel [t].

    Parameters
    ----------
    fuel_amount : float or array
        Fuel burnt [t, 10^4 Nm3 or GJ].
    net_calorific_value : float or array
        Heat of that measure [GJ/t or GJ/10^4 Nm3; 1 for an amount in GJ].
    ch4_factor, n2o_factor : float or array
        Gas per heat, by sector [kg/TJ].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 2.1 with tables 2.2 to 2.5, and equation 3.2.3 with table 3.2.2 for vehicles.
    """
    heat_tj = fuel_amount * net_calorific_value / 1000
    return heat_tj * ch4_factor / 1000, heat_tj * n2o_factor / 1000


@method(
    "biomass-combustion",
    sets=(*INVENTORIES, "cn-province-2011"),
    inputs=(
        fuel_amount(),
        BIOMASS,
        choice("sector", *STATIONARY),
        factor("net_calorific_value", "GJ/t", "GJ/10^4 Nm3", None, subject="{fuel}", low=1.0, high=80.0),
        factor("co2_factor", "kg CO2/TJ", subject="{fuel}", gas="CO2", low=30_000.0, high=150_000.0),
        *NON_CO2,
    ),
    outputs=(
        Output("CO2", "memo.biogenic"),
        Output("CH4", by="sector", categories=SECTORS),
        Output("N2O", by="sector", categories=SECTORS),
    ),
    formula="E = FC · NCV · EF",
    clause="vol. 2, ch. 2, equation 2.1 and section 2.3.3.4",
    source="ipcc-2006",
    tier="1",
)
def biomass_combustion(
    fuel_amount: Values, net_calorific_value: Values, co2_factor: Values, ch4_factor: Values, n2o_factor: Values
) -> tuple[Values, Values, Values]:
    """Return the biogenic CO2 (memo item), CH4 and N2O of burnt biomass [t].

    Parameters
    ----------
    fuel_amount : float or array
        Biomass burnt [t, 10^4 Nm3 or GJ].
    net_calorific_value : float or array
        Heat of that measure [GJ/t or GJ/10^4 Nm3; 1 for an amount in GJ].
    co2_factor, ch4_factor, n2o_factor : float or array
        Gas per heat [kg/TJ].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equation 2.1. The CO2 is a memo item: the carbon is accounted for where the biomass grew.
    """
    heat_tj = fuel_amount * net_calorific_value / 1000
    return heat_tj * co2_factor / 1000, heat_tj * ch4_factor / 1000, heat_tj * n2o_factor / 1000
