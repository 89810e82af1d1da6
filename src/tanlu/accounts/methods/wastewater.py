"""Wastewater: CH4 of domestic and industrial wastewater by pathway, N2O of nitrogen in plants and effluent."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

SHARED_PATHS: Final = (
    "anaerobic_reactor",
    "anaerobic_shallow_lagoon",
    "septic_system",
    "latrine_small",
    "latrine_communal",
    "latrine_wet",
    "stagnant_sewer",
    "water_body",
)
PATHS_2006: Final = (
    "aerobic_plant_managed",
    "aerobic_plant_overloaded",
    "sludge_digester",
    "anaerobic_deep_lagoon",
    "latrine_regular_removal",
    "flowing_sewer",
    *SHARED_PATHS,
)
PATHS_2019: Final = (
    "aerobic_plant_primary",
    "aerobic_plant_primary_digester",
    "aerobic_plant_without_primary",
    "aerobic_plant_secondary",
    "aerobic_plant_secondary_digester",
    "aerobic_plant_tertiary",
    "aerobic_plant_tertiary_digester",
    "facultative_lagoon",
    "septic_tank",
    "open_sewer",
    "closed_sewer",
    "untreated",
    "flowing_water_body",
    "lake_reservoir",
    *SHARED_PATHS,
)
INDUSTRIES: Final = (
    "alcohol_refining",
    "beer_malt",
    "dairy_products",
    "fish_processing",
    "meat_poultry",
    "organic_chemicals",
    "petroleum_refining",
    "plastics_resins",
    "pulp_paper",
    "soap_detergents",
    "starch",
    "sugar_refining",
    "vegetable_oils",
    "vegetables_fruits_juices",
    "wine_vinegar",
)
INDUSTRIAL_PATHS: Final = (
    "aerobic_plant_managed",
    "aerobic_plant_overloaded",
    "sludge_digester",
    "anaerobic_reactor",
    "anaerobic_shallow_lagoon",
    "anaerobic_deep_lagoon",
    "water_body",
)
RECOVERED: Final = activity("recovered_methane", "t", default=0.0)
MCF: Final = factor("methane_correction_factor", "1", subject="{wastewater_path}", low=0.0, high=1.0)
DOMESTIC_CH4: Final = (Output("CH4", "4.D.1"),)
INDUSTRIAL_CH4: Final = (Output("CH4", "4.D.2"),)
FORMULA_2006: Final = "E = (P · BOD · 365 · I · T − S) · B0 · MCF − R"


def _capacity(measure: str) -> Input:
    """Declare the methane that a measure of organic matter can give: 0.6 of BOD, 0.25 of COD."""
    return factor("methane_capacity", "kg CH4/kg", subject=measure, gas="CH4", low=0.1, high=0.8)


def _domestic(paths: tuple[str, ...]) -> tuple[Input, ...]:
    return (
        activity("served_population", "persons"),
        choice("wastewater_path", *paths),
        factor("path_share", "1", default=1.0, low=0.0, high=1.0),
        factor("organic_load", "g/persons/d", subject="bod", low=20.0, high=120.0),
        factor("industrial_discharge", "1", subject="{wastewater_path}", low=1.0, high=1.5),
        _capacity("bod"),
        MCF,
        activity("sludge_organics", "t", default=0.0),
        RECOVERED,
    )


@method(
    "domestic-wastewater-2006",
    topic="domestic-wastewater-ch4",
    sets=("ipcc-2006",),
    inputs=_domestic(PATHS_2006),
    outputs=DOMESTIC_CH4,
    formula=FORMULA_2006,
    clause="vol. 5, ch. 6, equations 6.1–6.3, tables 6.3 and 6.4",
    source="ipcc-2006",
    tier="1",
)
@method(
    "domestic-wastewater-2019",
    topic="domestic-wastewater-ch4",
    sets=("ipcc-2019",),
    inputs=_domestic(PATHS_2019),
    outputs=DOMESTIC_CH4,
    formula=FORMULA_2006,
    clause="vol. 5, ch. 6, equations 6.1–6.3, table 6.3",
    source="ipcc-2019",
    tier="1",
)
def domestic_wastewater_ch4(
    served_population: Values,
    path_share: Values,
    organic_load: Values,
    industrial_discharge: Values,
    methane_capacity: Values,
    methane_correction_factor: Values,
    sludge_organics: Values,
    recovered_methane: Values,
) -> Values:
    """Return the methane of domestic wastewater on one pathway [t].

    Parameters
    ----------
    served_population : float or array
        People [persons].
    path_share : float or array
        Share of them whose wastewater goes this way, U · T [1].
    organic_load : float or array
        BOD per person [g/person/d].
    industrial_discharge : float or array
        Industrial BOD in sewers on top: 1.25 where collected, else 1 [1].
    methane_capacity : float or array
        Maximum methane per BOD [kg CH4/kg].
    methane_correction_factor : float or array
        Share of it that the pathway makes [1].
    sludge_organics : float or array
        BOD taken out as sludge [t].
    recovered_methane : float or array
        Methane recovered or flared [t].

    Notes
    -----
    2006 IPCC Guidelines and 2019 Refinement, volume 5, chapter 6, equations 6.1–6.3.
    """
    organics = served_population * path_share * organic_load * 365 / 1_000_000 * industrial_discharge
    return (organics - sludge_organics) * methane_capacity * methane_correction_factor - recovered_methane


@method(
    "domestic-wastewater-cn",
    topic="domestic-wastewater-ch4",
    sets=("cn-province-2011",),
    inputs=(
        activity("domestic_cod", "t"),
        factor("bod_cod_ratio", "1", subject="domestic_wastewater", low=0.3, high=0.7),
        choice("wastewater_path", *PATHS_2006),
        _capacity("bod"),
        MCF,
        RECOVERED,
    ),
    outputs=DOMESTIC_CH4,
    formula="E = COD · BOD/COD · B0 · MCF − R",
    clause="domestic wastewater",
    source="prov-guide-2011",
    tier="1",
)
def domestic_wastewater_ch4_cn(
    domestic_cod: Values,
    bod_cod_ratio: Values,
    methane_capacity: Values,
    methane_correction_factor: Values,
    recovered_methane: Values,
) -> Values:
    """Return the methane of domestic wastewater from its COD [t].

    Parameters
    ----------
    domestic_cod : float or array
        COD that is removed in plants, or discharged, as the pathway says [t].
    bod_cod_ratio : float or array
        BOD per COD [1].
    methane_capacity : float or array
        Maximum methane per BOD [kg CH4/kg].
    methane_correction_factor : float or array
        Share of it that the pathway makes [1].
    recovered_methane : float or array
        Methane recovered or flared [t].

    Notes
    -----
    Provincial guidelines of 2011.
    """
    return domestic_cod * bod_cod_ratio * methane_capacity * methane_correction_factor - recovered_methane


@method(
    "industrial-wastewater-ipcc",
    topic="industrial-wastewater-ch4",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        activity("industrial_product", "t"),
        choice("wastewater_industry", *INDUSTRIES),
        choice("wastewater_path", *INDUSTRIAL_PATHS),
        factor("wastewater_volume", "m3/t", subject="{wastewater_industry}", low=0.0, high=400.0),
        factor("organic_concentration", "kg/m3", subject="{wastewater_industry}", low=0.0, high=50.0),
        _capacity("cod"),
        MCF,
        activity("sludge_organics", "t", default=0.0),
        RECOVERED,
    ),
    outputs=INDUSTRIAL_CH4,
    formula="E = (P · W · COD − S) · B0 · MCF − R",
    clause="vol. 5, ch. 6, equations 6.4–6.6, tables 6.8 and 6.9",
    source="ipcc-2006",
    tier="1",
)
def industrial_wastewater_ch4(
    industrial_product: Values,
    wastewater_volume: Values,
    organic_concentration: Values,
    methane_capacity: Values,
    methane_correction_factor: Values,
    sludge_organics: Values,
    recovered_methane: Values,
) -> Values:
    """Return the methane of the wastewater of an industry from its product [t].

    Parameters
    ----------
    industrial_product : float or array
        Product made [t].
    wastewater_volume : float or array
        Wastewater per product [m3/t].
    organic_concentration : float or array
        COD of the wastewater [kg/m3].
    methane_capacity : float or array
        Maximum methane per COD [kg CH4/kg].
    methane_correction_factor : float or array
        Share of it that the pathway makes [1].
    sludge_organics : float or array
        COD taken out as sludge [t].
    recovered_methane : float or array
        Methane recovered or flared [t].

    Notes
    -----
    2006 IPCC Guidelines, volume 5, chapter 6, equations 6.4–6.6.
    """
    organics = industrial_product * wastewater_volume * organic_concentration / 1000
    return (organics - sludge_organics) * methane_capacity * methane_correction_factor - recovered_methane


@method(
    "industrial-wastewater-cn",
    topic="industrial-wastewater-ch4",
    sets=("cn-province-2011", "cn-enterprise"),
    inputs=(
        activity("wastewater", "m3"),
        activity("cod_inflow", "kg/m3"),
        activity("cod_outflow", "kg/m3", default=0.0),
        choice("wastewater_path", *INDUSTRIAL_PATHS),
        _capacity("cod"),
        MCF,
        activity("sludge_organics", "t", default=0.0),
        RECOVERED,
    ),
    outputs=INDUSTRIAL_CH4,
    formula="E = [W · (COD_in − COD_out) − S] · B0 · MCF − R",
    clause="industrial wastewater",
    source="prov-guide-2011",
    tier="2",
)
def industrial_wastewater_ch4_cn(
    wastewater: Values,
    cod_inflow: Values,
    cod_outflow: Values,
    methane_capacity: Values,
    methane_correction_factor: Values,
    sludge_organics: Values,
    recovered_methane: Values,
) -> Values:
    """Return the methane of industrial wastewater from its flow and COD [t].

    Parameters
    ----------
    wastewater : float or array
        Wastewater treated [m3].
    cod_inflow, cod_outflow : float or array
        COD into and out of the treatment [kg/m3].
    methane_capacity : float or array
        Maximum methane per COD [kg CH4/kg].
    methane_correction_factor : float or array
        Share of it that the treatment makes [1].
    sludge_organics : float or array
        COD taken out as sludge [t].
    recovered_methane : float or array
        Methane recovered or flared [t].

    Notes
    -----
    Provincial guidelines of 2011; the enterprise guidelines with wastewater treatment use the same.
    """
    organics = wastewater * (cod_inflow - cod_outflow) / 1000
    return (organics - sludge_organics) * methane_capacity * methane_correction_factor - recovered_methane


_PROTEIN: Final = activity("protein_supply", "kg/persons/yr", low=10.0, high=70.0)
_IN_PROTEIN: Final = factor("nitrogen_in_protein", "1", subject="domestic_wastewater", low=0.15, high=0.17)
_NOT_EATEN: Final = factor("non_consumed_protein", "1", subject="domestic_wastewater", low=1.0, high=1.5)
_INDUSTRY: Final = factor("industrial_discharge", "1", subject="domestic_wastewater", low=1.0, high=1.5)
_EFFLUENT: Final = factor(
    "effluent_n2o_share",
    "1",
    parameter="n2o_nitrogen_fraction",
    subject="effluent",
    gas="N2O",
    low=0.0005,
    high=0.25,
)
N2O: Final = (Output("N2O", "4.D.1"),)


@method(
    "wastewater-n2o-2006",
    topic="wastewater-n2o",
    sets=("ipcc-2006", "cn-province-2011"),
    inputs=(
        activity("served_population", "persons"),
        _PROTEIN,
        _IN_PROTEIN,
        _NOT_EATEN,
        _INDUSTRY,
        activity("sludge_nitrogen", "t", default=0.0),
        _EFFLUENT,
        factor("plant_share", "1", default=0.0, low=0.0, high=1.0),
        factor(
            "plant_n2o", "g N2O/persons/yr", parameter="n2o_factor", subject="wastewater_plants", gas="N2O", high=10.0
        ),
    ),
    outputs=N2O,
    formula="E = (P · protein · F_NPR · F_NON-CON · F_IND-COM − N_sludge) · EF · 44/28 + P · T_plant · F_IND-COM · EF_plant",
    clause="vol. 5, ch. 6, equations 6.7–6.9",
    source="ipcc-2006",
    tier="1",
)
def wastewater_n2o(
    served_population: Values,
    protein_supply: Values,
    nitrogen_in_protein: Values,
    non_consumed_protein: Values,
    industrial_discharge: Values,
    sludge_nitrogen: Values,
    effluent_n2o_share: Values,
    plant_share: Values,
    plant_n2o: Values,
) -> Values:
    """Return the N2O of domestic wastewater from the protein that people eat [t].

    Parameters
    ----------
    served_population : float or array
        People [persons].
    protein_supply : float or array
        Protein per person [kg/person/yr].
    nitrogen_in_protein : float or array
        Nitrogen in protein [1].
    non_consumed_protein, industrial_discharge : float or array
        Factors for protein thrown into the wastewater and for industry and trade [1].
    sludge_nitrogen : float or array
        Nitrogen taken out with sludge [t N].
    effluent_n2o_share : float or array
        Nitrogen of the effluent that becomes N2O-N [1].
    plant_share : float or array
        Share of the people served by plants with nitrification and denitrification [1].
    plant_n2o : float or array
        N2O of such plants per person [g N2O/person/yr].

    Notes
    -----
    2006 IPCC Guidelines, volume 5, chapter 6, equations 6.7–6.9. The nitrogen that the plants turn into N2O is not taken off the
    effluent (it is less than 0.1 %).
    """
    nitrogen = (
        served_population * protein_supply * nitrogen_in_protein * non_consumed_protein * industrial_discharge / 1000
    )
    plants = served_population * plant_share * industrial_discharge * plant_n2o / 1_000_000
    return (nitrogen - sludge_nitrogen) * effluent_n2o_share * 44 / 28 + plants


@method(
    "wastewater-n2o-2019",
    topic="wastewater-n2o",
    sets=("ipcc-2019",),
    inputs=(
        activity("served_population", "persons"),
        choice(
            "wastewater_path",
            *(p for p in PATHS_2019 if p not in ("water_body", "flowing_water_body", "lake_reservoir")),
        ),
        factor("path_share", "1", default=1.0, low=0.0, high=1.0),
        _PROTEIN,
        _IN_PROTEIN,
        factor("household_nitrogen", "1", subject="domestic_wastewater", low=1.0, high=1.3),
        _NOT_EATEN,
        factor("industrial_discharge", "1", subject="{wastewater_path}", low=1.0, high=1.5),
        factor(
            "plant_n2o_share",
            "1",
            parameter="n2o_nitrogen_fraction",
            subject="{wastewater_path}",
            gas="N2O",
            default=0.0,
            low=0.0,
            high=0.05,
        ),
        factor("nitrogen_removal", "1", subject="{wastewater_path}", default=0.0, low=0.0, high=1.0),
        _EFFLUENT,
    ),
    outputs=N2O,
    formula="TN = P · T · protein · F_NPR · N_HH · F_NON-CON · F_IND-COM; E = TN · [EF_plant + (1 − N_REM) · EF_effluent] · 44/28",
    clause="vol. 5, ch. 6, equations 6.7–6.10, tables 6.8A and 6.10C",
    source="ipcc-2019",
    tier="1",
)
def wastewater_n2o_2019(
    served_population: Values,
    path_share: Values,
    protein_supply: Values,
    nitrogen_in_protein: Values,
    household_nitrogen: Values,
    non_consumed_protein: Values,
    industrial_discharge: Values,
    plant_n2o_share: Values,
    nitrogen_removal: Values,
    effluent_n2o_share: Values,
) -> Values:
    """Return the N2O of domestic wastewater on one pathway, in the plant and after it [t].

    Parameters
    ----------
    served_population : float or array
        People [persons].
    path_share : float or array
        Share of them whose wastewater goes this way [1].
    protein_supply : float or array
        Protein that people eat [kg/person/yr].
    nitrogen_in_protein : float or array
        Nitrogen in protein [1].
    household_nitrogen, non_consumed_protein, industrial_discharge : float or array
        Factors for other nitrogen of households, for protein thrown into the wastewater, and for industry and trade [1].
    plant_n2o_share : float or array
        Nitrogen that becomes N2O-N in the treatment [1].
    nitrogen_removal : float or array
        Share of the nitrogen that the treatment takes out [1].
    effluent_n2o_share : float or array
        Nitrogen of the effluent that becomes N2O-N [1].

    Notes
    -----
    2019 Refinement, volume 5, chapter 6, equations 6.7–6.10.
    """
    factors = nitrogen_in_protein * household_nitrogen * non_consumed_protein * industrial_discharge
    nitrogen = served_population * path_share * protein_supply * factors / 1000
    return nitrogen * (plant_n2o_share + (1 - nitrogen_removal) * effluent_n2o_share) * 44 / 28


@method(
    "wastewater-n2o-measured",
    sets=("ipcc-2019",),
    inputs=(
        activity("nitrogen_inflow", "t"),
        activity("nitrogen_outflow", "t"),
        choice(
            "wastewater_path",
            "aerobic_plant_secondary",
            "aerobic_plant_tertiary",
            "aerobic_plant_industrial",
            "anaerobic_reactor",
            word="aerobic_plant_tertiary",
        ),
        factor(
            "plant_n2o_share",
            "1",
            parameter="n2o_nitrogen_fraction",
            subject="{wastewater_path}",
            gas="N2O",
            low=0.0,
            high=0.05,
        ),
        _EFFLUENT,
    ),
    outputs=(Output("N2O", "4.D.1"),),
    formula="E = (N_in · EF_plant + N_out · EF_effluent) · 44/28",
    clause="vol. 5, ch. 6, equations 6.7 and 6.9, table 6.8A",
    source="ipcc-2019",
    tier="2",
)
def wastewater_n2o_measured(
    nitrogen_inflow: Values, nitrogen_outflow: Values, plant_n2o_share: Values, effluent_n2o_share: Values
) -> Values:
    """Return the N2O of a plant and its effluent from the nitrogen that is measured [t].

    Parameters
    ----------
    nitrogen_inflow, nitrogen_outflow : float or array
        Nitrogen into the plant, and out of it with the water [t N].
    plant_n2o_share, effluent_n2o_share : float or array
        Nitrogen that becomes N2O-N in the plant, and in the water after it [1].

    Notes
    -----
    2019 Refinement, volume 5, chapter 6, equations 6.7 and 6.9 with measured nitrogen.
    """
    return (nitrogen_inflow * plant_n2o_share + nitrogen_outflow * effluent_n2o_share) * 44 / 28
