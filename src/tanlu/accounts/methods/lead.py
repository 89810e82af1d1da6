"""Process CO2 of lead."""

from __future__ import annotations

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method


@method(
    "lead-production-ipcc",
    topic="lead-production",
    sets=("ipcc-2006", "ipcc-2019"),
    tier="1",
    inputs=(
        choice(
            "lead_process",
            "unknown_process",
            "imperial_smelting",
            "direct_smelting",
            "secondary_smelting",
            word="unknown_process",
        ),
        activity("lead", "t"),
        factor(
            "lead_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="lead.{lead_process}",
            gas="CO2",
            low=0.1,
            high=1.5,
        ),
    ),
    outputs=(Output("CO2", "2.C.5"),),
    formula="E = Σ Q · EF",
    clause="vol. 3 ch. 4, eq. 4.32, table 4.21",
    source="ipcc-2006",
)
def lead_co2(lead: Values, lead_factor: Values) -> Values:
    """Return the CO2 of lead smelting [t]: lead made [t] · factor, the carbon of the reducing agent [t CO2/t]."""
    return lead * lead_factor
