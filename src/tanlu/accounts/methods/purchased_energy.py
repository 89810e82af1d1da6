"""Purchased electricity and heat: average grid factors, contracts with a residual factor, steam and hot water."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, factor, method

SETS: Final = ("cn-province-2011", "cn-enterprise")
ELECTRICITY: Final = Output("CO2", "memo.purchased_electricity")
HEAT: Final = Output("CO2", "memo.purchased_heat")
BASE_TEMPERATURE: Final = 20
"""Temperature above which hot water counts as heat [°C]."""
HEAT_FACTOR: Final = factor(
    "heat_factor", "t CO2/GJ", parameter="co2_factor", subject="heat", gas="CO2", low=0.02, high=0.2
)


@method(
    "electricity-location-based",
    sets=SETS,
    inputs=(
        activity("electricity", "MWh"),
        activity("electricity_sold", "MWh", default=0.0),
        factor(
            "grid_factor", "t CO2/MWh", parameter="co2_factor", subject="electricity", gas="CO2", low=0.05, high=1.2
        ),
    ),
    outputs=(ELECTRICITY,),
    formula="E = (P − S) · EF(region, year)",
    clause="announcement of the grid factors",
    source="mee-grid-2023",
)
def electricity_by_location(electricity: Values, electricity_sold: Values, grid_factor: Values) -> Values:
    """Return the CO2 of the electricity that an enterprise or a region takes from the grid, by the average of the grid [t].

    Parameters
    ----------
    electricity : float or array
        Electricity bought, or imported by the region [MWh].
    electricity_sold : float or array
        Electricity passed on to others [MWh].
    grid_factor : float or array
        Average CO2 of the grid of the place in the year [t CO2/MWh].

    Notes
    -----
    Announcements of the Ministry of Ecology and Environment on CO2 factors of electricity; certificates change nothing here. Own
    non-fossil electricity that is used on the site is not bought and has no factor.
    """
    return (electricity - electricity_sold) * grid_factor


@method(
    "electricity-market-based",
    sets=SETS,
    inputs=(
        activity("electricity", "MWh"),
        activity("certified_electricity", "MWh", default=0.0),
        factor(
            "residual_factor", "t CO2/MWh", parameter="residual_co2_factor", subject="electricity", gas="CO2",
            low=0.05, high=1.2,
        ),
    ),
    outputs=(ELECTRICITY,),
    formula="E = (P − C) · EF_residual(year)",
    clause="announcement of the grid factors",
    source="mee-grid-2023",
)  # fmt: skip
def electricity_by_market(electricity: Values, certified_electricity: Values, residual_factor: Values) -> Values:
    """Return the CO2 of bought electricity with account of contracts for non-fossil electricity [t].

    Parameters
    ----------
    electricity : float or array
        Electricity bought, including that under contract [MWh].
    certified_electricity : float or array
        Part of it that is non-fossil by contract and certificate; its factor is zero [MWh].
    residual_factor : float or array
        Average CO2 of the grid without market-traded non-fossil electricity [t CO2/MWh].

    Notes
    -----
    Announcements of the Ministry of Ecology and Environment on CO2 factors of electricity, national factor without market-traded
    non-fossil electricity. An alternative to the location-based method, never added to it.
    """
    return (electricity - certified_electricity) * residual_factor


@method(
    "heat-purchased",
    sets=SETS,
    inputs=(activity("heat", "GJ"), activity("heat_sold", "GJ", default=0.0), HEAT_FACTOR),
    outputs=(HEAT,),
    formula="E = (P − S) · EF",
    clause="heat, default value",
    source="cets-steel-2024",
)
def purchased_heat_co2(heat: Values, heat_sold: Values, heat_factor: Values) -> Values:
    """Return the CO2 of purchased heat [t].

    Parameters
    ----------
    heat : float or array
        Heat bought [GJ].
    heat_sold : float or array
        Heat passed on to others [GJ].
    heat_factor : float or array
        CO2 per heat [t CO2/GJ].

    Notes
    -----
    GB/T 32151 series and CETS-AG-03.01-V01-2024, purchased heat.
    """
    return (heat - heat_sold) * heat_factor


@method(
    "steam-purchased",
    sets=SETS,
    inputs=(
        activity("steam", "t"),
        activity("steam_enthalpy", "kJ/kg", low=2000.0, high=4000.0),
        factor(
            "feed_water_enthalpy", "kJ/kg", parameter="enthalpy", subject="feed_water", low=0.0, high=700.0, exact=True
        ),
        HEAT_FACTOR,
    ),
    outputs=(HEAT,),
    formula="E = M · (h − 83.74) · 10⁻³ · EF",
    clause="heat, steam",
    source="cets-steel-2024",
)
def purchased_steam_co2(
    steam: Values, steam_enthalpy: Values, feed_water_enthalpy: Values, heat_factor: Values
) -> Values:
    """Return the CO2 of purchased steam from its mass and enthalpy [t].

    Parameters
    ----------
    steam : float or array
        Steam bought [t].
    steam_enthalpy : float or array
        Enthalpy at its pressure and temperature [kJ/kg].
    feed_water_enthalpy : float or array
        Enthalpy of feed water that is deducted; 83.74 at 20 °C [kJ/kg].
    heat_factor : float or array
        CO2 per heat [t CO2/GJ].

    Notes
    -----
    CETS-AG-03.01-V01-2024 and the NDRC guidelines: ``AD = Ma · (En − 83.74) · 10⁻³``. GB/T 32151.34-2024 deducts nothing: give 0.
    """
    heat_gj = steam * (steam_enthalpy - feed_water_enthalpy) / 1000
    return heat_gj * heat_factor


@method(
    "hot-water-purchased",
    sets=SETS,
    inputs=(
        activity("hot_water", "t"),
        activity("water_temperature", "degC", low=20.0, high=200.0),
        factor(
            "water_specific_heat",
            "kJ/kg/degC",
            parameter="specific_heat",
            subject="water",
            low=4.0,
            high=4.4,
            exact=True,
        ),
        HEAT_FACTOR,
    ),
    outputs=(HEAT,),
    formula="E = M · (T − 20) · 4.1868 · 10⁻³ · EF",
    clause="heat, hot water",
    source="cets-steel-2024",
)
def purchased_hot_water_co2(
    hot_water: Values, water_temperature: Values, water_specific_heat: Values, heat_factor: Values
) -> Values:
    """Return the CO2 of purchased hot water from its mass and temperature [t].

    Parameters
    ----------
    hot_water : float or array
        Hot water bought [t].
    water_temperature : float or array
        [°C].
    water_specific_heat : float or array
        [kJ/kg/°C].
    heat_factor : float or array
        CO2 per heat [t CO2/GJ].

    Notes
    -----
    CETS-AG-03.01-V01-2024 and the NDRC guidelines: ``AD = Ma · (T − 20) · 4.1868 · 10⁻³``.
    """
    heat_gj = hot_water * (water_temperature - BASE_TEMPERATURE) * water_specific_heat / 1000
    return heat_gj * heat_factor
