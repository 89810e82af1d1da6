"""Steel companies of the national ETS (CETS-AG-03.01): carbon balance of the company, boundaries of the processes, the rest.

Materials and products of the balance are in `tanlu.accounts.methods.iron_steel` (topic ``steel-material-flow``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tanlu.accounts.rulebook.method import Output, Rounding, Values, activity, choice, factor, method
from tanlu.accounts.rulebook.rounding import Exact, round_half_up

FUELS: Final = (
    "anthracite", "bituminous_coal", "lignite", "cleaned_coal", "other_washed_coal", "coal_gangue", "coal_slurry", "coke",
    "petroleum_coke", "other_coal_products", "crude_oil", "fuel_oil", "gasoline", "diesel", "kerosene",
    "other_petroleum_products", "lng", "lpg", "coal_tar", "refinery_gas", "natural_gas", "blast_furnace_gas", "converter_gas",
    "coke_oven_gas", "other_gas",
)  # fmt: skip
"""Fuels of annex A, table A.1."""
PROCESSES: Final = ("coking", "sintering", "pelletising", "ironmaking", "converter_steelmaking", "electric_steelmaking")
"""Main processes with a boundary of their own (section 5.1.2)."""
NCV: Final = factor("net_calorific_value", "GJ/t", "GJ/10^4 Nm3", subject="{fuel}", bundle="fuel", low=5.0, high=55.0)
CARBON: Final = factor("carbon_content", "t C/GJ", subject="{fuel}", bundle="fuel", low=0.01, high=0.04)
OXIDATION: Final = factor("oxidation_factor", "1", subject="{fuel}", bundle="fuel", low=0.9, high=1.0)
ROUNDED: Final = {"net_calorific_value": 3, "carbon_content": 5}


@method(
    "steel-enterprise-ets",
    topic="steel-enterprise-fuel",
    sets=("cn-ets-2024",),
    inputs=(choice("fuel", *FUELS), activity("fuel_amount", "t", "10^4 Nm3"), NCV, CARBON),
    outputs=(Output("CO2", "1.A.2.a"),),
    formula="E = FC · NCV · CC · 44/12",
    clause="6.1.1, eq. 1, first term",
    source="cets-steel-2024",
    rounding=Rounding(inputs={"fuel_amount": 2, **ROUNDED}, result=2),
)
def company_fuel_co2(fuel_amount: Values, net_calorific_value: Values, carbon_content: Values) -> Values:
    """Return the carbon that a bought fuel brings into a steel company, as CO2 [t].

    Parameters
    ----------
    fuel_amount : float or array
        Net use: bought, less coke and gas sold and fuel of power units in the ETS [t or 10^4 Nm3].
    net_calorific_value : float or array
        As received [GJ/t or GJ/10^4 Nm3].
    carbon_content : float or array
        Carbon per heat [t C/GJ].

    Notes
    -----
    The balance of the company has no oxidation factor: carbon that leaves is deducted with the products.
    """
    return fuel_amount * net_calorific_value * carbon_content * 44 / 12


@method(
    "steel-process-ets",
    topic="steel-process",
    sets=("cn-ets-2024",),
    inputs=(
        choice("steel_process", *PROCESSES),
        choice("fuel", *FUELS),
        activity("fuel_in", "t", "10^4 Nm3"),
        activity("fuel_out", "t", "10^4 Nm3", default=0.0),
        NCV,
        CARBON,
    ),
    outputs=(Output("CO2", by="steel_process", categories={p: f"memo.steel_{p}" for p in PROCESSES}, signed=True),),
    formula="E = (FC_in − FC_out) · NCV · CC · 44/12",
    clause="7.1.1, eq. 2",
    source="cets-steel-2024",
    rounding=Rounding(inputs={"fuel_in": 2, "fuel_out": 2, **ROUNDED}, result=2),
)
def process_fuel_co2(fuel_in: Values, fuel_out: Values, net_calorific_value: Values, carbon_content: Values) -> Values:
    """Return the CO2 of a fuel inside the boundary of a process [t]; negative where the process gives off more than it takes.

    Parameters
    ----------
    fuel_in, fuel_out : float or array
        Fuel that enters and leaves the process, such as coke and blast-furnace gas [t or 10^4 Nm3].
    net_calorific_value : float or array
        As received [GJ/t or GJ/10^4 Nm3].
    carbon_content : float or array
        Carbon per heat [t C/GJ].

    Notes
    -----
    Part of the company total, so a memo: ironmaking and sintering decide the allowances.
    """
    return (fuel_in - fuel_out) * net_calorific_value * carbon_content * 44 / 12


@method(
    "steel-generation-ets",
    topic="steel-generation",
    sets=("cn-ets-2024",),
    inputs=(choice("fuel", *FUELS), activity("fuel_amount", "t", "10^4 Nm3"), NCV, CARBON, OXIDATION),
    outputs=(Output("CO2", "memo.steel_generation"),),
    formula="E = FC · NCV · CC · OF · 44/12",
    clause="7.2.1, eq. 3",
    source="cets-steel-2024",
    rounding=Rounding(inputs={"fuel_amount": 2, **ROUNDED}, result=2),
)
def generation_co2(
    fuel_amount: Values, net_calorific_value: Values, carbon_content: Values, oxidation_factor: Values
) -> Values:
    """Return the CO2 of a fuel in a power unit of the works that burns self-produced coke or gas [t].

    Parameters
    ----------
    fuel_amount : float or array
        Fuel burnt, bought or self-produced [t or 10^4 Nm3].
    net_calorific_value : float or array
        As received [GJ/t or GJ/10^4 Nm3].
    carbon_content : float or array
        Carbon per heat [t C/GJ].
    oxidation_factor : float or array
        Oxidised part of the carbon [1].
    """
    return fuel_amount * net_calorific_value * carbon_content * oxidation_factor * 44 / 12


@dataclass(frozen=True, slots=True)
class SteelTotals:
    """Emissions of a steel company as the report prints them [t CO2].

    Parameters
    ----------
    company : Decimal
        Total of the company, whole tonnes.
    processes, generation : Decimal
        Sums of the main processes and of the power units, two decimals.
    other : Decimal
        The rest, two decimals (eq. 4).
    intensity : Decimal
        Emissions per crude steel, four decimals [t/t].
    """

    company: Decimal
    processes: Decimal
    generation: Decimal
    other: Decimal
    intensity: Decimal


def steel_totals(
    items: Sequence[Exact], processes: Sequence[Exact], generation: Sequence[Exact], crude_steel: Exact
) -> SteelTotals:
    """Return the totals of a report (CETS-AG-03.01, eq. 1 and 4, tables C.3 and C.5).

    Parameters
    ----------
    items : sequence of number
        Emissions of every fuel, carbonate, electrode and material, products negative [t CO2].
    processes, generation : sequence of number
        Emissions of every main process and power unit [t CO2].
    crude_steel : number
        Crude steel made [t].

    Notes
    -----
    Items are rounded to two decimals before they are added, as the form has them; the total is rounded to whole tonnes.
    """

    def total(values: Sequence[Exact]) -> Decimal:
        return sum((round_half_up(v, 2) for v in values), Decimal("0.00"))

    company, inside, power = total(items), total(processes), total(generation)
    intensity = round_half_up(company / round_half_up(crude_steel, 2), 4)
    return SteelTotals(round_half_up(company), inside, power, company - inside - power, intensity)
