"""Ammonia: CO2 of the fuel that gives the hydrogen, less what is recovered."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

FUELS: Final = ("natural_gas", "naphtha", "fuel_oil", "bituminous_coal", "anthracite", "lignite", "coke_oven_gas")


@method(
    "ammonia-fuel-requirement",
    topic="ammonia",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        activity("ammonia", "t"),
        choice(
            "ammonia_process",
            "gas_conventional",
            "gas_excess_air",
            "gas_autothermal",
            "partial_oxidation",
            "gas_mixed_age",
            "partial_oxidation_mixed_age",
        ),
        choice("fuel", *FUELS),
        factor("fuel_requirement", "GJ/t", subject="ammonia.{ammonia_process}", low=25.0, high=60.0),
        factor("carbon_content", "t C/GJ", subject="{fuel}", bundle="fuel", low=0.01, high=0.04),
        factor("oxidation_factor", "1", subject="{fuel}", bundle="fuel", low=0.8, high=1.0),
        activity("co2_recovered", "t CO2", default=0.0),
    ),
    outputs=(Output("CO2", "2.B.1"),),
    formula="E = AP · FR · CCF · COF · 44/12 − R",
    clause="vol. 3, ch. 3, equations 3.1–3.3",
    source="ipcc-2006",
    tier="1–2",
)
def ammonia_co2(
    ammonia: Values, fuel_requirement: Values, carbon_content: Values, oxidation_factor: Values, co2_recovered: Values
) -> Values:
    """Return the CO2 of ammonia production [t].

    Parameters
    ----------
    ammonia : float or array
        Ammonia made [t].
    fuel_requirement : float or array
        Heat of fuel and feed per ammonia [GJ/t].
    carbon_content : float or array
        Carbon per heat [t C/GJ].
    oxidation_factor : float or array
        Fraction of the carbon that is oxidised [1].
    co2_recovered : float or array
        CO2 that goes into urea or is captured and stored [t CO2]; the CO2 of urea is reported where it is released.

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.3. The fuel is not reported again under fuel combustion.
    """
    return ammonia * fuel_requirement * carbon_content * oxidation_factor * 44 / 12 - co2_recovered
