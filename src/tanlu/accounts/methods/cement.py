"""Process CO2 of cement: from cement, from clinker, from carbonates; IPCC and Chinese rules."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

IPCC: Final = ("ipcc-2006", "ipcc-2019")
CO2: Final = (Output("CO2", "2.A.1"),)
CLINKER_FACTOR: Final = factor(
    "clinker_factor", "t CO2/t", parameter="emission_factor", subject="clinker", gas="CO2", low=0.2, high=0.65
)
CARBONATES: Final = (
    "calcite", "magnesite", "dolomite", "siderite", "ankerite", "rhodochrosite", "sodium_carbonate", "sodium_bicarbonate",
    "potassium_carbonate", "lithium_carbonate", "barium_carbonate", "strontium_carbonate",
)  # fmt: skip
"""Carbonates for which a stoichiometric factor is published."""
CARBONATE_FACTOR: Final = factor(
    "carbonate_factor",
    "t CO2/t",
    parameter="emission_factor",
    subject="carbonate.{carbonate}",
    gas="CO2",
    low=0.2,
    high=0.65,
    exact=True,
)
REPLACED: Final = (
    "desulphurisation_lime_powder", "slaked_lime", "carbide_slag", "magnesium_slag", "paper_white_mud",
    "calcium_fluoride_sludge", "phosphorus_slag", "vanadium_titanium_slag", "nitrogen_slag", "fly_ash_of_incineration",
    "ferroalloy_slag", "fgd_gypsum", "phosphogypsum", "titanogypsum", "fluorogypsum", "borogypsum", "model_gypsum",
    "citric_acid_slag", "steel_slag", "nickel_slag", "manganese_slag", "zinc_slag", "tin_slag", "municipal_sludge",
    "aluminium_slag", "pyrite_cinder", "copper_slag", "lead_zinc_slag", "coal_fly_ash", "red_mud",
)  # fmt: skip
"""Raw materials that bring calcium without carbonate."""


@method(
    "cement-production-ipcc",
    topic="cement-production",
    sets=IPCC,
    tier="1",
    inputs=(
        choice(
            "cement_type",
            "cement",
            "portland_cement",
            "masonry_cement",
            "slag_modified_portland_cement",
            "portland_blast_furnace_slag_cement",
            "portland_pozzolan_cement",
            "pozzolan_modified_portland_cement",
            "slag_cement",
            word="cement",
        ),
        activity("cement", "t"),
        factor("clinker_ratio", "1", subject="{cement_type}", low=0.15, high=1.0),
        activity("clinker_imports", "t", default=0.0),
        activity("clinker_exports", "t", default=0.0),
        CLINKER_FACTOR,
    ),
    outputs=CO2,
    formula="E = (M_cement · C_clinker − Im + Ex) · EF_clinker",
    clause="vol. 3 ch. 2, eq. 2.1",
    source="ipcc-2006",
)
def cement_production_co2(
    cement: Values, clinker_ratio: Values, clinker_imports: Values, clinker_exports: Values, clinker_factor: Values
) -> Values:
    """Return the CO2 of the clinker in cement, corrected for the trade in clinker [t].

    Parameters
    ----------
    cement : float or array
        Cement made [t].
    clinker_ratio : float or array
        Clinker in the cement [1].
    clinker_imports, clinker_exports : float or array
        Clinker that came in and went out [t].
    clinker_factor : float or array
        CO2 per clinker with kiln dust [t CO2/t]; 0.52 is 0.51 · 1.02.
    """
    return (cement * clinker_ratio - clinker_imports + clinker_exports) * clinker_factor


@method(
    "cement-clinker-ipcc",
    topic="cement-clinker",
    sets=IPCC,
    tier="2",
    inputs=(
        activity("clinker", "t"),
        factor("lime_content", "1", subject="clinker", low=0.55, high=0.72),
        activity("noncarbonate_lime", "1", default=0.0, high=0.3),
        factor("lime_stoichiometry", "t CO2/t", parameter="stoichiometric_ratio", subject="cao", gas="CO2", exact=True),
        factor("kiln_dust_correction", "1", subject="clinker", low=1.0, high=1.3),
    ),
    outputs=CO2,
    formula="E = M_clinker · 0.785 · (CaO − CaO_non-carbonate) · CF_ckd",
    clause="vol. 3 ch. 2, eq. 2.2 and 2.4",
    source="ipcc-2006",
)
def clinker_co2(
    clinker: Values,
    lime_content: Values,
    noncarbonate_lime: Values,
    lime_stoichiometry: Values,
    kiln_dust_correction: Values,
) -> Values:
    """Return the CO2 of clinker from its content of lime [t].

    Parameters
    ----------
    clinker : float or array
        Clinker made [t].
    lime_content, noncarbonate_lime : float or array
        CaO in the clinker, and the part of it that did not come from carbonate, both per mass of clinker [1].
    lime_stoichiometry : float or array
        CO2 per CaO [t CO2/t], 0.785.
    kiln_dust_correction : float or array
        Calcined dust that leaves the kiln [1]; 1.02, or 1 where all dust goes back.
    """
    return clinker * lime_stoichiometry * (lime_content - noncarbonate_lime) * kiln_dust_correction


@method(
    "cement-clinker-province",
    topic="cement-clinker",
    sets=("cn-province-2011",),
    inputs=(
        activity("clinker", "t"),
        activity("carbide_slag_clinker", "t", default=0.0),
        CLINKER_FACTOR,
    ),
    outputs=CO2,
    formula="E = (Q − Q_carbide slag) · EF",
    clause="cement production",
    source="prov-guide-2011",
)
def clinker_without_slag_co2(clinker: Values, carbide_slag_clinker: Values, clinker_factor: Values) -> Values:
    """Return the CO2 of clinker without the clinker made of carbide slag [t].

    Parameters
    ----------
    clinker, carbide_slag_clinker : float or array
        All clinker, and the clinker of which the lime came from carbide slag [t].
    clinker_factor : float or array
        CO2 per clinker, with MgO [t CO2/t].
    """
    return (clinker - carbide_slag_clinker) * clinker_factor


@method(
    "cement-clinker-oxides",
    topic="cement-clinker",
    sets=("cn-enterprise",),
    inputs=(
        activity("clinker", "t"),
        activity("kiln_dust", "t", default=0.0),
        activity("bypass_dust", "t", default=0.0),
        activity("lime_content", "1", low=0.55, high=0.72),
        activity("noncarbonate_lime", "1", default=0.0, high=0.3),
        activity("magnesia_content", "1", high=0.06),
        activity("noncarbonate_magnesia", "1", default=0.0, high=0.06),
        activity("raw_meal", "t"),
        factor("raw_meal_carbon", "t C/t", parameter="carbon_fraction", subject="raw_meal", low=0.0, high=0.01),
    ),
    outputs=CO2,
    formula="E = (Q + Q_ckd + Q_bpd) · [(CaO − CaO₀) · 44/56 + (MgO − MgO₀) · 44/40] + Q_meal · FR₀ · 44/12",
    clause="section 5.2, process emissions",
    source="ndrc-enterprise-2013",
)
def clinker_oxides_co2(
    clinker: Values,
    kiln_dust: Values,
    bypass_dust: Values,
    lime_content: Values,
    noncarbonate_lime: Values,
    magnesia_content: Values,
    noncarbonate_magnesia: Values,
    raw_meal: Values,
    raw_meal_carbon: Values,
) -> Values:
    """Return the process CO2 of a cement works from the analysis of its clinker [t].

    Parameters
    ----------
    clinker, kiln_dust, bypass_dust : float or array
        Clinker, dust of the kiln head and bypass dust that leave the kiln system [t].
    lime_content, noncarbonate_lime, magnesia_content, noncarbonate_magnesia : float or array
        CaO and MgO in the clinker, and the parts that did not come from carbonate [1].
    raw_meal : float or array
        Raw meal burnt [t].
    raw_meal_carbon : float or array
        Carbon in the raw meal that is not fuel [t C/t].
    """
    calcined = clinker + kiln_dust + bypass_dust
    per_clinker = (lime_content - noncarbonate_lime) * 44 / 56 + (magnesia_content - noncarbonate_magnesia) * 44 / 40
    return calcined * per_clinker + raw_meal * raw_meal_carbon * 44 / 12


@method(
    "cement-clinker-ets",
    topic="cement-clinker",
    sets=("cn-ets-2024",),
    inputs=(
        choice(
            "clinker_type",
            "clinker",
            "white_clinker",
            "sulphoaluminate_clinker",
            "aluminate_clinker",
            word="clinker",
        ),
        activity("clinker", "t"),
        factor(
            "clinker_factor",
            "t CO2/t",
            parameter="emission_factor",
            subject="{clinker_type}",
            gas="CO2",
            low=0.2,
            high=0.65,
        ),
    ),
    outputs=CO2,
    formula="E = Q · EF",
    clause="process emissions of clinker",
    source="cets-cement-2024",
)
def clinker_by_type_co2(clinker: Values, clinker_factor: Values) -> Values:
    """Return the process CO2 of clinker of one type, before deductions [t]: clinker [t] · factor [t CO2/t]."""
    return clinker * clinker_factor


@method(
    "cement-raw-material-deduction",
    sets=("cn-ets-2024",),
    inputs=(
        choice("replacing_material", *REPLACED),
        activity("replacing_amount", "t"),
        factor("deduction_factor", "t CO2/t", subject="{replacing_material}", gas="CO2", low=0.0, high=0.65),
    ),
    outputs=CO2,
    formula="E = −M · f",
    clause="deduction of raw materials without carbonate",
    source="cets-cement-2024",
)
def raw_material_deduction(replacing_amount: Values, deduction_factor: Values) -> Values:
    """Return what a raw material without carbonate takes off the process CO2, as a negative mass [t].

    Parameters
    ----------
    replacing_amount : float or array
        Dry material fed to the kiln [t].
    deduction_factor : float or array
        CO2 not released per material [t CO2/t].
    """
    return -(replacing_amount * deduction_factor)


@method(
    "cement-carbonates-ipcc",
    topic="cement-carbonates",
    sets=IPCC,
    tier="3",
    inputs=(
        choice("carbonate", *CARBONATES),
        activity("carbonate_mass", "t"),
        activity("calcined_share", "1", default=1.0, high=1.0),
        CARBONATE_FACTOR,
        activity("unrecycled_dust", "t", default=0.0),
        activity("dust_carbonate_share", "1", default=0.0, high=1.0),
        activity("dust_calcined_share", "1", default=1.0, high=1.0),
        activity("kerogen_material", "t", default=0.0),
        activity("kerogen_carbon", "t C/t", default=0.0, high=0.3),
    ),
    outputs=CO2,
    formula="E = EF · M · F − M_d · C_d · (1 − F_d) · EF_d + M_k · X_k · 44/12",
    clause="vol. 3 ch. 2, eq. 2.3",
    source="ipcc-2006",
)
def carbonates_co2(
    carbonate_mass: Values,
    calcined_share: Values,
    carbonate_factor: Values,
    unrecycled_dust: Values,
    dust_carbonate_share: Values,
    dust_calcined_share: Values,
    kerogen_material: Values,
    kerogen_carbon: Values,
) -> Values:
    """Return the CO2 of a carbonate fed to a cement kiln [t].

    Parameters
    ----------
    carbonate_mass : float or array
        Carbonate in the feed [t].
    calcined_share : float or array
        Share calcined [1].
    carbonate_factor : float or array
        CO2 per carbonate [t CO2/t].
    unrecycled_dust, dust_carbonate_share, dust_calcined_share : float or array
        Kiln dust that does not go back [t], the original carbonate in it and its calcined share [1].
    kerogen_material, kerogen_carbon : float or array
        Raw material with organic carbon [t] and its carbon [t C/t]; all of it is taken to burn.
    """
    uncalcined = unrecycled_dust * dust_carbonate_share * (1 - dust_calcined_share)
    return (
        carbonate_mass * calcined_share - uncalcined
    ) * carbonate_factor + kerogen_material * kerogen_carbon * 44 / 12
