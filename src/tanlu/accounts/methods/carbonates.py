"""CO2 of carbonates in other uses: ceramics, magnesia, soda ash, desulphurisation; by stoichiometry."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.cement import CARBONATE_FACTOR, CARBONATES
from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

USES: Final = {
    "glass_batch": "2.A.3",
    "ceramics": "2.A.4.a",
    "soda_ash": "2.A.4.b",
    "magnesia": "2.A.4.c",
    "desulphurisation": "2.A.4.d",
    "other_carbonate_use": "2.A.4.d",
    "lime_kiln": "2.A.2",
    "iron_and_steel": "2.C.1",
    "ferroalloys": "2.C.2",
    "alumina": "2.C.3",
    "magnesium_metal": "2.C.4",
}
"""IPCC category of a use of carbonates."""


@method(
    "carbonate-use",
    sets=("ipcc-2006", "ipcc-2019", "cn-enterprise"),
    tier="3",
    inputs=(
        choice("carbonate", *CARBONATES),
        choice("carbonate_use", *USES, word="other_carbonate_use"),
        activity("carbonate_mass", "t"),
        activity("carbonate_purity", "1", default=1.0, high=1.0),
        activity("calcined_share", "1", default=1.0, high=1.0),
        CARBONATE_FACTOR,
    ),
    outputs=(Output("CO2", by="carbonate_use", categories=USES),),
    formula="E = M · purity · F · EF",
    clause="vol. 3 ch. 2, eq. 2.16, table 2.1",
    source="ipcc-2006",
)
def carbonate_co2(
    carbonate_mass: Values, carbonate_purity: Values, calcined_share: Values, carbonate_factor: Values
) -> Values:
    """Return the CO2 of a carbonate that is calcined or dissolved in acid [t].

    Parameters
    ----------
    carbonate_mass : float or array
        Material with the carbonate [t].
    carbonate_purity, calcined_share : float or array
        Carbonate in the material, and the share of it that gives off its CO2 [1].
    carbonate_factor : float or array
        CO2 per carbonate [t CO2/t].
    """
    return carbonate_mass * carbonate_purity * calcined_share * carbonate_factor


@method(
    "flue-gas-desulphurisation",
    sets=("cn-enterprise",),
    inputs=(
        choice("carbonate", *CARBONATES, word="calcite"),
        activity("sorbent", "t"),
        factor("sorbent_carbonate", "1", parameter="carbonate_content", subject="sorbent", low=0.5, high=1.0),
        activity("conversion_share", "1", default=1.0, high=1.0),
        CARBONATE_FACTOR,
    ),
    outputs=(Output("CO2", "2.A.4.d"),),
    formula="E = Σ B · I · EF · TR",
    clause="desulphurisation",
    source="ndrc-enterprise-2013",
)
def desulphurisation_co2(
    sorbent: Values, sorbent_carbonate: Values, conversion_share: Values, carbonate_factor: Values
) -> Values:
    """Return the CO2 of a carbonate sorbent [t].

    Parameters
    ----------
    sorbent : float or array
        Sorbent used [t].
    sorbent_carbonate, conversion_share : float or array
        Carbonate in the sorbent and the share converted [1].
    carbonate_factor : float or array
        CO2 per carbonate [t CO2/t].
    """
    return sorbent * sorbent_carbonate * conversion_share * carbonate_factor


@method(
    "ceramics-clay-ipcc",
    topic="ceramics-clay",
    sets=("ipcc-2006", "ipcc-2019"),
    tier="1",
    inputs=(
        activity("ceramic_products", "t"),
        factor("clay_ratio", "t/t", subject="ceramics", low=1.0, high=1.5),
        factor("clay_carbonate", "1", parameter="carbonate_content", subject="ceramic_clay", low=0.0, high=0.3),
        factor("clay_limestone_share", "1", parameter="limestone_share", subject="ceramic_clay", low=0.0, high=1.0),
        factor(
            "calcite_factor", "t CO2/t", parameter="emission_factor", subject="carbonate.calcite", gas="CO2", exact=True
        ),
        factor(
            "dolomite_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="carbonate.dolomite",
            gas="CO2",
            exact=True,
        ),
    ),
    outputs=(Output("CO2", "2.A.4.a"),),
    formula="E = M_products · 1.1 · 0.10 · (0.85 · EF_limestone + 0.15 · EF_dolomite)",
    clause="vol. 3 ch. 2, eq. 2.14 and section 2.5.1",
    source="ipcc-2006",
)
def ceramics_co2(
    ceramic_products: Values,
    clay_ratio: Values,
    clay_carbonate: Values,
    clay_limestone_share: Values,
    calcite_factor: Values,
    dolomite_factor: Values,
) -> Values:
    """Return the CO2 of the carbonates in the clay of bricks, tiles and ceramics [t].

    Parameters
    ----------
    ceramic_products : float or array
        Ceramics made [t].
    clay_ratio : float or array
        Clay per product [t/t].
    clay_carbonate, clay_limestone_share : float or array
        Carbonate in the clay and the share of it that is limestone, the rest being dolomite [1].
    calcite_factor, dolomite_factor : float or array
        CO2 per carbonate [t CO2/t].
    """
    per_carbonate = clay_limestone_share * calcite_factor + (1 - clay_limestone_share) * dolomite_factor
    return ceramic_products * clay_ratio * clay_carbonate * per_carbonate
