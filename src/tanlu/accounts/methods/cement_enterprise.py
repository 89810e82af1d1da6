"""Clinker lines of the national ETS (CETS-AG-02.01): fuel of the line, and its totals.

Process emissions and deductions are in `tanlu.accounts.methods.cement` (topics ``cement-clinker``, ``cement-raw-material-deduction``).
"""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Rounding, Values, activity, choice, factor, method

FUELS: Final = (
    "anthracite", "bituminous_coal", "lignite", "cleaned_coal", "other_washed_coal", "coal_gangue", "coal_slurry", "coke",
    "petroleum_coke", "fuel_oil", "diesel", "natural_gas", "coke_oven_gas", "other_gas",
)  # fmt: skip


@method(
    "cement-clinker-line-ets",
    topic="cement-clinker-line-fuel",
    sets=("cn-ets-2024",),
    inputs=(
        choice("fuel", *FUELS),
        activity("fuel_amount", "t", "10^4 Nm3"),
        factor("net_calorific_value", "GJ/t", "GJ/10^4 Nm3", subject="{fuel}", bundle="fuel", low=5.0, high=55.0),
        factor("carbon_content", "t C/GJ", subject="{fuel}", bundle="fuel", low=0.01, high=0.04),
        factor("oxidation_factor", "1", subject="{fuel}", bundle="fuel", low=0.9, high=1.0),
    ),
    outputs=(Output("CO2", "1.A.2.f"),),
    formula="E = FC · NCV · CC · OF · 44/12",
    clause="clinker line, fossil fuels",
    source="cets-cement-2024",
    rounding=Rounding(inputs={"fuel_amount": 2, "net_calorific_value": 3, "carbon_content": 5}, result=2),
)
def line_fuel_co2(
    fuel_amount: Values, net_calorific_value: Values, carbon_content: Values, oxidation_factor: Values
) -> Values:
    """Return the CO2 of a fossil fuel of a clinker line [t]; the CO2 of waste-derived and biomass fuels is not counted.

    Parameters
    ----------
    fuel_amount : float or array
        Fuel burnt in kiln and calciner [t or 10^4 Nm3].
    net_calorific_value : float or array
        As received [GJ/t or GJ/10^4 Nm3].
    carbon_content : float or array
        Carbon per heat [t C/GJ].
    oxidation_factor : float or array
        Oxidised part of the carbon [1].
    """
    return fuel_amount * net_calorific_value * carbon_content * oxidation_factor * 44 / 12


def line_emissions(fuel: Values, clinker: Values, clinker_factor: Values, deductions: Values) -> Values:
    """Return the emissions of a clinker line [t CO2]: fuel + clinker [t] · factor [t/t] − deductions of materials [t CO2]."""
    return fuel + clinker * clinker_factor - deductions


def carbide_slag_share(
    carbide_slag: Values, deduction_factor: Values, clinker: Values, clinker_factor: Values
) -> Values:
    """Return the carbide-slag substitution of a line [1]; above a limit of the plan the allocation equals the verified emissions.

    Parameters
    ----------
    carbide_slag, clinker : float or array
        Verified amounts [t].
    deduction_factor, clinker_factor : float or array
        Deduction of carbide slag and process factor of clinker [t CO2/t].

    Notes
    -----
    Draft allocation plan 2025–2026, table 2-3, note 5.
    """
    return carbide_slag * deduction_factor / (clinker * clinker_factor)
