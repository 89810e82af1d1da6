"""Generating units of the national ETS: fuel emissions, heat supply ratio, intensities, and what counted as obligation in which year."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Rounding, Values, activity, choice, factor, method

FUELS: Final = (
    "conventional_coal",
    "unconventional_coal",
    "fuel_oil",
    "diesel",
    "gasoline",
    "natural_gas",
)
"""Coal of ordinary units and of gangue, slime or slurry units; start-up and gas fuels."""
LAST_YEAR_WITH_PURCHASED_POWER: Final = 2022
"""Until then the emissions of power bought by a unit counted as its emissions; the plan 2023–2024 left them out."""


@method(
    "power-unit-ets",
    topic="power-unit",
    sets=("cn-ets-2024",),
    inputs=(
        choice("fuel", *FUELS),
        activity("fuel_amount", "t", "10^4 Nm3", "t"),
        factor(
            "net_calorific_value", "GJ/t", "GJ/10^4 Nm3", None, subject="power_unit.{fuel}", bundle="fuel",
            low=5.0, high=55.0,
        ),
        factor(
            "carbon_content", "t C/GJ", "t C/GJ", "t C/t", subject="power_unit.{fuel}", bundle="fuel",
            low=0.012, high=0.036,
        ),
        factor("oxidation_factor", "1", subject="power_unit.{fuel}", bundle="fuel", low=0.9, high=1.0),
    ),
    outputs=(Output("CO2", "1.A.1.a"),),
    formula="E = FC · NCV · CC · OF · 44/12; E = FC · C_ar · OF · 44/12",
    clause="6.1, eq. 1 and 2",
    source="cets-power-2022",
    rounding=Rounding(inputs={"fuel_amount": 2, "net_calorific_value": 3, "carbon_content": 5}, result=2),
)  # fmt: skip
def power_unit_co2(
    fuel_amount: Values, net_calorific_value: Values, carbon_content: Values, oxidation_factor: Values
) -> Values:
    """Return the direct CO2 of one fuel (one batch or month) of a generating unit [t].

    Parameters
    ----------
    fuel_amount : float or array
        Fuel burnt, as received [t or 10^4 Nm3].
    net_calorific_value : float or array
        Net calorific value, as received [GJ/t or GJ/10^4 Nm3]; 1 where the carbon is given per tonne.
    carbon_content : float or array
        Carbon per heat [t C/GJ], or measured carbon of the coal as received [t C/t].
    oxidation_factor : float or array
        Oxidised part of the carbon; since 2024 the value of the national factor database [1].

    Notes
    -----
    CETS-AG power facilities, section 6.1. The rule prints measured carbon with four decimals and carbon per heat with five: five hold
    for both.
    """
    return fuel_amount * net_calorific_value * carbon_content * oxidation_factor * 44 / 12


@method(
    "power-unit-purchased-power-ets",
    topic="power-unit-purchased-power",
    sets=("cn-ets-2024",),
    inputs=(
        activity("purchased_power", "MWh"),
        factor(
            "grid_factor", "t CO2/MWh", parameter="co2_factor", subject="electricity", gas="CO2", low=0.05, high=1.2
        ),
    ),
    outputs=(Output("CO2", "memo.purchased_electricity"),),
    formula="E = AD · EF",
    clause="7",
    source="cets-power-2022",
    rounding=Rounding(inputs={"purchased_power": 3, "grid_factor": 4}, result=2),
)
def purchased_power_co2(purchased_power: Values, grid_factor: Values) -> Values:
    """Return the indirect CO2 of power that a generating unit buys [t]: an obligation until 2022, information since.

    Parameters
    ----------
    purchased_power : float or array
        Power bought [MWh].
    grid_factor : float or array
        National average of the grid that the ministry names for the year [t CO2/MWh].
    """
    return purchased_power * grid_factor


def unit_obligation(direct: Values, purchased: Values, year: int) -> Values:
    """Return the emissions of a unit that are to be surrendered [t].

    Parameters
    ----------
    direct, purchased : float or array
        CO2 of its fuels, and of the power that it buys [t].
    year : int
        Year of the emissions: since 2023 purchased power does not count (plan 2023–2024, section 2).
    """
    return direct + purchased if year <= LAST_YEAR_WITH_PURCHASED_POWER else direct


def heat_supply_ratio(heat_supplied: Values, heat_produced: Values) -> Values:
    """Return the heat supply ratio [1]: heat supplied to users over heat produced by the boilers [GJ] (CETS-AG power, annex E)."""
    return heat_supplied / heat_produced


def power_intensity(emissions: Values, ratio: Values, generation: Values) -> Values:
    """Return the CO2 per power [t/MWh]: ``(1 − a) E / W`` with emissions [t], heat supply ratio [1] and generation [MWh]."""
    return (1 - ratio) * emissions / generation


def heat_intensity(emissions: Values, ratio: Values, heat: Values) -> Values:
    """Return the CO2 per heat [t/GJ]: ``a E / Q`` with emissions [t], heat supply ratio [1] and heat supplied [GJ]."""
    return ratio * emissions / heat


def load_factor(generation: Values, hours: Values, capacity: Values) -> Values:
    """Return the load factor [1]: generation [MWh] over hours in operation [h] times rated power [MW]."""
    return generation / (hours * capacity)
