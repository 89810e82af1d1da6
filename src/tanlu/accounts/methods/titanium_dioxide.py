"""Titanium dioxide: CO2 of the carbon that reduces the ore."""

from __future__ import annotations

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method


@method(
    "titanium-dioxide",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        activity("titanium_product", "t"),
        choice("titanium_process", "synthetic_rutile", "chloride_route_rutile"),
        factor("emission_factor", "t CO2/t", subject="{titanium_process}", gas="CO2", low=1.0, high=2.0),
    ),
    outputs=(Output("CO2", "2.B.6"),),
    formula="E = AD · EF",
    clause="vol. 3, ch. 3, equation 3.12, table 3.9",
    source="ipcc-2006",
    tier="1",
)
def titanium_dioxide_co2(titanium_product: Values, emission_factor: Values) -> Values:
    """Return the CO2 of synthetic rutile or of chloride-route titanium dioxide [t].

    Parameters
    ----------
    titanium_product : float or array
        Amount made [t]; the sulphate route has no process CO2 of note.
    emission_factor : float or array
        CO2 per product [t CO2/t].

    Notes
    -----
    2006 IPCC Guidelines, volume 3, chapter 3, equation 3.12.
    """
    return titanium_product * emission_factor
