"""The reference approach: CO2 from the supply of fuels, as a check on the sum of the sectors."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.fuels import FUEL, carbon_content, fuel_amount, heating_value, oxidation_factor
from tanlu.accounts.rulebook.method import Output, Values, activity, method

EXPLAIN_ABOVE: Final = 0.05
"""Gap above which the guidelines ask for an explanation (2006 IPCC Guidelines, volume 2, section 6.8)."""


@method(
    "reference-approach",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011"),
    inputs=(
        fuel_amount("primary_production", default=0.0),
        fuel_amount("imports", default=0.0),
        fuel_amount("exports", default=0.0),
        fuel_amount("inflow", default=0.0),
        fuel_amount("outflow", default=0.0),
        fuel_amount("international_bunkers", default=0.0),
        fuel_amount("fuel_stock_change", default=0.0, low=None),
        activity("excluded_carbon", "t C", default=0.0),
        FUEL,
        heating_value(),
        carbon_content(),
        oxidation_factor(),
    ),
    outputs=(Output("CO2", "memo.reference_approach", signed=True),),
    formula="E = ((P + I − X + In − Out − B − ΔS) · NCV · CC − C_excluded) · OF · 44/12",
    clause="vol. 2, ch. 6, equations 6.1–6.3",
    source="ipcc-2006",
    tier="1",
)
def reference_co2(
    primary_production: Values,
    imports: Values,
    exports: Values,
    inflow: Values,
    outflow: Values,
    international_bunkers: Values,
    fuel_stock_change: Values,
    excluded_carbon: Values,
    net_calorific_value: Values,
    carbon_content: Values,
    oxidation_factor: Values,
) -> Values:
    """Return the CO2 that the supply of a fuel implies [t].

    Parameters
    ----------
    primary_production, imports, exports, inflow, outflow, international_bunkers, fuel_stock_change : float or array
        Supply [t, 10^4 Nm3 or GJ]. Production is of primary fuels only. Inflow and outflow are transfers between provinces. An increase
        of stocks is positive.
    excluded_carbon : float or array
        Carbon of the fuel that is not burnt: stored in products, or accounted for under industrial processes [t C].
    net_calorific_value : float or array
        Heat of that measure [GJ/t or GJ/10^4 Nm3; 1 for amounts in GJ].
    carbon_content : float or array
        Carbon per heat [t C/GJ].
    oxidation_factor : float or array
        Fraction of the carbon that is oxidised [1].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, equations 6.1 to 6.3; the transfers are what imports and exports are to a country.
    """
    apparent = primary_production + imports - exports + inflow - outflow - international_bunkers - fuel_stock_change
    return (apparent * net_calorific_value * carbon_content - excluded_carbon) * oxidation_factor * 44 / 12


def reference_gap(reference: Values, sectoral: Values) -> Values:
    """Return by how much the reference approach exceeds the sum of the sectors, relative to the sum [1].

    Parameters
    ----------
    reference, sectoral : float or array
        CO2 of fuel combustion by the two approaches [t].

    Notes
    -----
    2006 IPCC Guidelines, volume 2, section 6.8: a gap of more than `EXPLAIN_ABOVE` calls for an explanation.
    """
    return (reference - sectoral) / sectoral
