"""Carbon balance of a chemical process: what goes in with the feed and does not leave in products or waste becomes CO2."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

CATEGORIES: Final = {
    "ammonia": "2.B.1",
    "calcium_carbide": "2.B.5",
    "methanol": "2.B.8.a",
    "ethylene": "2.B.8.b",
    "vinyl_chloride": "2.B.8.c",
    "ethylene_oxide": "2.B.8.d",
    "acrylonitrile": "2.B.8.e",
    "carbon_black": "2.B.8.f",
    "other_chemical": "2.B.10",
}


@method(
    "chemical-carbon-balance",
    sets=("ipcc-2006", "ipcc-2019", "cn-enterprise"),
    inputs=(
        choice("chemical", *CATEGORIES, word="other_chemical"),
        activity("feedstock", "t"),
        factor("feedstock_carbon", "t C/t", low=0.0, high=1.0),
        activity("product_made", "t"),
        factor("product_carbon", "t C/t", low=0.0, high=1.0),
        activity("waste_output", "t", default=0.0),
        factor("waste_output_carbon", "t C/t", default=0.0, low=0.0, high=1.0),
        activity("co2_recovered", "t CO2", default=0.0),
    ),
    outputs=(Output("CO2", by="chemical", categories=CATEGORIES, signed=True),),
    formula="E = (AD_r · CC_r − AD_p · CC_p − AD_w · CC_w) · 44/12 − R",
    clause="feedstock balance; IPCC 2006, vol. 3, ch. 3, equation 3.17",
    source="cn-chemical-guideline",
    tier="2",
)
def carbon_balance_co2(
    feedstock: Values,
    feedstock_carbon: Values,
    product_made: Values,
    product_carbon: Values,
    waste_output: Values,
    waste_output_carbon: Values,
    co2_recovered: Values,
) -> Values:
    """Return the CO2 of a process from its carbon balance [t].

    Further feeds and products of the same process are records of their own with 0 for the other amount; only the sum over the process
    then means something.

    Parameters
    ----------
    feedstock, product_made, waste_output : float or array
        Amounts of feed, product and carbonaceous waste [t].
    feedstock_carbon, product_carbon, waste_output_carbon : float or array
        Their carbon [t C/t].
    co2_recovered : float or array
        CO2 that leaves the works as a product [t CO2].

    Notes
    -----
    Guidelines for chemical enterprises, feedstock use as material; the same balance is equation 3.17 of the 2006 IPCC Guidelines,
    volume 3, chapter 3. Carbon that leaves as methane or soot counts as CO2.
    """
    carbon = feedstock * feedstock_carbon - product_made * product_carbon - waste_output * waste_output_carbon
    return carbon * 44 / 12 - co2_recovered
