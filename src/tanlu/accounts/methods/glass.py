"""Process CO2 of glass."""

from __future__ import annotations

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method


@method(
    "glass-production-ipcc",
    topic="glass-production",
    sets=("ipcc-2006", "ipcc-2019"),
    tier="2",
    inputs=(
        choice(
            "glass_type",
            "glass",
            "float_glass",
            "container_flint_glass",
            "container_amber_green_glass",
            "e_glass_fibre",
            "insulation_glass_fibre",
            "tv_panel_glass",
            "tv_funnel_glass",
            "tableware_glass",
            "laboratory_glass",
            "lighting_glass",
            word="glass",
        ),
        activity("glass", "t"),
        factor(
            "glass_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="{glass_type}",
            gas="CO2",
            low=0.02,
            high=0.3,
        ),
        factor("cullet_ratio", "1", subject="{glass_type}", low=0.0, high=0.95),
    ),
    outputs=(Output("CO2", "2.A.3"),),
    formula="E = M_g · EF · (1 − CR)",
    clause="vol. 3 ch. 2, eq. 2.10, 2.11 and 2.13, table 2.6",
    source="ipcc-2006",
)
def glass_co2(glass: Values, glass_factor: Values, cullet_ratio: Values) -> Values:
    """Return the CO2 of the carbonates in a glass batch [t].

    Parameters
    ----------
    glass : float or array
        Glass melted, before rejects and breakage go back as cullet [t].
    glass_factor : float or array
        CO2 per glass made of raw material alone [t CO2/t].
    cullet_ratio : float or array
        Share of cullet in the charge [1].
    """
    return glass * glass_factor * (1 - cullet_ratio)


@method(
    "glass-carbon-powder",
    sets=("cn-enterprise",),
    inputs=(
        activity("carbon_powder", "t"),
        activity("powder_carbon", "t C/t", default=1.0, high=1.0),
    ),
    outputs=(Output("CO2", "2.A.3"),),
    formula="E = Q · C · 44/12",
    clause="flat glass, oxidation of carbon in the batch",
    source="ndrc-enterprise-2013",
)
def carbon_powder_co2(carbon_powder: Values, powder_carbon: Values) -> Values:
    """Return the CO2 of carbon powder in a glass batch [t]: powder [t] · carbon in it [t C/t] · 44/12."""
    return carbon_powder * powder_carbon * 44 / 12
