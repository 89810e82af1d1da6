"""Process CO2 of lime."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

CO2: Final = (Output("CO2", "2.A.2"),)


@method(
    "lime-production",
    sets=("ipcc-2006", "ipcc-2019", "cn-province-2011"),
    tier="1",
    inputs=(
        activity("lime", "t"),
        factor("lime_factor", "t CO2/t", parameter="emission_factor", subject="lime", gas="CO2", low=0.4, high=0.95),
    ),
    outputs=CO2,
    formula="E = M_lime · EF",
    clause="vol. 3 ch. 2, eq. 2.8",
    source="ipcc-2006",
)
def lime_co2(lime: Values, lime_factor: Values) -> Values:
    """Return the CO2 of lime of unknown kinds [t]: lime made, sold or used in the works [t] · factor [t CO2/t]."""
    return lime * lime_factor


@method(
    "lime-composition-ipcc",
    topic="lime-composition",
    sets=("ipcc-2006", "ipcc-2019"),
    tier="2",
    inputs=(
        choice("lime_type", "high_calcium_lime", "dolomitic_lime", "hydraulic_lime", word="high_calcium_lime"),
        activity("lime", "t"),
        factor("oxide_content", "1", subject="{lime_type}", low=0.5, high=1.0),
        factor(
            "oxide_stoichiometry",
            "t CO2/t",
            parameter="stoichiometric_ratio",
            subject="{lime_type}",
            gas="CO2",
            low=0.7,
            high=1.1,
            exact=True,
        ),
        factor("lime_dust_correction", "1", parameter="kiln_dust_correction", subject="lime", low=1.0, high=1.3),
        activity("hydrated_share", "1", default=0.0, high=1.0),
        factor("hydrate_water", "1", parameter="water_content", subject="hydrated_lime", low=0.2, high=0.3),
    ),
    outputs=CO2,
    formula="E = M_lime · SR · (CaO or CaO·MgO) · CF_lkd · (1 − x · y)",
    clause="vol. 3 ch. 2, eq. 2.6 and 2.9, table 2.4",
    source="ipcc-2006",
)
def lime_composition_co2(
    lime: Values,
    oxide_content: Values,
    oxide_stoichiometry: Values,
    lime_dust_correction: Values,
    hydrated_share: Values,
    hydrate_water: Values,
) -> Values:
    """Return the CO2 of lime of one kind from its composition [t].

    Parameters
    ----------
    lime : float or array
        Lime made, hydrated lime with its water [t].
    oxide_content : float or array
        CaO, of dolomitic lime CaO and MgO, in the lime [1].
    oxide_stoichiometry : float or array
        CO2 per oxide [t CO2/t]: 0.785, dolomitic 0.913.
    lime_dust_correction : float or array
        Calcined dust that leaves the kiln [1].
    hydrated_share, hydrate_water : float or array
        Share of hydrated lime, and the water in it [1].
    """
    dry = lime * (1 - hydrated_share * hydrate_water)
    return dry * oxide_content * oxide_stoichiometry * lime_dust_correction
