"""Nitrous oxide of managed soils: direct, and indirect through volatilised and leached nitrogen."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

CROPS: Final = (
    "crop", "grain", "rice", "wheat", "winter_wheat", "spring_wheat", "maize", "barley", "oats", "rye", "millet",
    "sorghum", "beans_pulses", "soybean", "dry_bean", "potato", "tubers", "root_crops", "peanut", "alfalfa",
    "non_legume_hay", "n_fixing_forage", "non_n_fixing_forage", "perennial_grass", "grass_clover",
)  # fmt: skip
CLIMATES: Final = choice("climate", "all_climates", "wet_climate", "dry_climate", word="all_climates")
"""Climate of the 2019 Refinement; the 2006 Guidelines have one value for all."""
NITROGEN: Final = (
    activity("synthetic_n", "t N", default=0.0, high=5e7),
    activity("organic_n", "t N", default=0.0, high=5e7),
    activity("residue_n", "t N", default=0.0, high=5e7),
    activity("mineralised_n", "t N", default=0.0, high=5e7),
    activity("grazing_n", "t N", default=0.0, high=5e7),
    activity("grazing_other_n", "t N", default=0.0, high=5e7),
)
"""Nitrogen that reaches the soil: fertiliser, manure and compost, residues, lost soil matter; dung and urine on pasture of cattle,
pigs and poultry, and of sheep and others."""
DEPOSITION: Final = factor("deposition_n2o_share", "kg N/kg N", subject="{climate}", low=0.0005, high=0.06)
LEACHING: Final = factor("leaching_n2o_share", "kg N/kg N", subject="nitrogen", low=0.0003, high=0.03)


@method(
    "soil-n2o-direct",
    topic="soil-nitrous-oxide-direct",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        CLIMATES,
        *NITROGEN,
        activity("rice_n", "t N", default=0.0, high=5e7),
        activity("organic_soil_area", "ha", default=0.0, high=1e8),
        choice("organic_soil", "temperate_crop", "tropical_crop", word="temperate_crop"),
        factor(
            "synthetic_n2o_share", "kg N/kg N", parameter="soil_n2o_share", subject="synthetic_n.{climate}",
            low=0.0005, high=0.05,
        ),
        factor(
            "other_n2o_share", "kg N/kg N", parameter="soil_n2o_share", subject="other_n.{climate}", low=0.0005, high=0.05
        ),
        choice(
            "rice_water", "flooded_rice", "flooded_rice.continuous_flooding", "flooded_rice.drained", word="flooded_rice"
        ),
        factor("rice_n2o_share", "kg N/kg N", parameter="soil_n2o_share", subject="{rice_water}", low=0.0, high=0.03),
        factor("grazing_n2o_share", "kg N/kg N", subject="cattle_pig_poultry.{climate}", low=0.0005, high=0.06),
        factor(
            "grazing_other_n2o_share", "kg N/kg N", parameter="grazing_n2o_share", subject="sheep_other",
            low=0.0005, high=0.03,
        ),
        factor("organic_soil_n2o", "kg N/ha/yr", subject="{organic_soil}", low=0.1, high=50.0),
    ),
    outputs=(Output("N2O", "3.C.4"),),
    formula="E = [(FON+FCR+FSOM)·EF1 + FSN·EF1 + Frice·EF1FR + FOS·EF2 + FPRP·EF3PRP] · 44/28",
    clause="vol. 4 ch. 11, eq. 11.1",
    source="ipcc-2006",
    tier="1",
)  # fmt: skip
def soil_n2o_direct(
    synthetic_n2o_share: Values,
    other_n2o_share: Values,
    rice_n2o_share: Values = 0.0,
    grazing_n2o_share: Values = 0.0,
    grazing_other_n2o_share: Values = 0.0,
    organic_soil_n2o: Values = 0.0,
    synthetic_n: Values = 0.0,
    organic_n: Values = 0.0,
    residue_n: Values = 0.0,
    mineralised_n: Values = 0.0,
    grazing_n: Values = 0.0,
    grazing_other_n: Values = 0.0,
    rice_n: Values = 0.0,
    organic_soil_area: Values = 0.0,
) -> Values:
    """Return the direct nitrous oxide of managed soils [t].

    Parameters
    ----------
    synthetic_n2o_share, other_n2o_share : float or array
        EF1 of fertiliser, and of manure, residues and lost soil matter [kg N2O-N/kg N]; one value in the 2006 Guidelines.
    rice_n2o_share : float or array
        EF1FR of flooded rice [kg N2O-N/kg N].
    grazing_n2o_share, grazing_other_n2o_share : float or array
        EF3PRP of cattle, pigs and poultry, and of sheep and others [kg N2O-N/kg N].
    organic_soil_n2o : float or array
        EF2 of drained organic soils [kg N2O-N/ha/yr].
    synthetic_n, organic_n, residue_n, mineralised_n, grazing_n, grazing_other_n, rice_n : float or array
        Nitrogen [t N]; what is put on flooded rice stands in ``rice_n`` alone.
    organic_soil_area : float or array
        Drained organic soil [ha].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 11, eq. 11.1 and 11.2.
    """
    dry_land = synthetic_n * synthetic_n2o_share + (organic_n + residue_n + mineralised_n) * other_n2o_share
    paddy = rice_n * rice_n2o_share
    pasture = grazing_n * grazing_n2o_share + grazing_other_n * grazing_other_n2o_share
    peat = organic_soil_area * organic_soil_n2o / 1000
    return (dry_land + paddy + pasture + peat) * 44 / 28


@method(
    "soil-n2o-indirect",
    topic="soil-nitrous-oxide-indirect",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        CLIMATES,
        *NITROGEN,
        factor("synthetic_volatilised", "kg N/kg N", parameter="volatilised_share", subject="synthetic_n", low=0.01, high=0.5),
        factor("organic_volatilised", "kg N/kg N", parameter="volatilised_share", subject="organic_n", low=0.0, high=0.6),
        factor("leached_share", "kg N/kg N", subject="soil", low=0.0, high=0.8),
        DEPOSITION,
        LEACHING,
    ),
    outputs=(Output("N2O", "3.C.5"),),
    formula="E = [(FSN·FracGASF + (FON+FPRP)·FracGASM)·EF4 + (FSN+FON+FPRP+FCR+FSOM)·FracLEACH·EF5] · 44/28",
    clause="vol. 4 ch. 11, eq. 11.9, 11.10",
    source="ipcc-2006",
    tier="1",
)  # fmt: skip
def soil_n2o_indirect(
    synthetic_volatilised: Values,
    organic_volatilised: Values,
    leached_share: Values,
    deposition_n2o_share: Values,
    leaching_n2o_share: Values,
    synthetic_n: Values = 0.0,
    organic_n: Values = 0.0,
    residue_n: Values = 0.0,
    mineralised_n: Values = 0.0,
    grazing_n: Values = 0.0,
    grazing_other_n: Values = 0.0,
) -> Values:
    """Return the indirect nitrous oxide of managed soils [t].

    Parameters
    ----------
    synthetic_volatilised, organic_volatilised : float or array
        Nitrogen volatilised of fertiliser, and of manure and grazing [1].
    leached_share : float or array
        Nitrogen leached or run off where rain or irrigation exceeds what the soil holds [1].
    deposition_n2o_share, leaching_n2o_share : float or array
        EF4, EF5 [kg N2O-N/kg N].
    synthetic_n, organic_n, residue_n, mineralised_n, grazing_n, grazing_other_n : float or array
        Nitrogen of all land, flooded rice included [t N].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 11, eq. 11.9 (deposition) and 11.10 (leaching).
    """
    grazing = grazing_n + grazing_other_n
    volatilised = synthetic_n * synthetic_volatilised + (organic_n + grazing) * organic_volatilised
    leached = (synthetic_n + organic_n + grazing + residue_n + mineralised_n) * leached_share
    return (volatilised * deposition_n2o_share + leached * leaching_n2o_share) * 44 / 28


@method(
    "soil-n2o-direct-cn",
    topic="soil-nitrous-oxide-direct",
    sets=("cn-province-2011",),
    inputs=(
        *NITROGEN[:3],
        factor("soil_n2o_share", "kg N/kg N", subject="nitrogen_input", low=0.0005, high=0.05),
    ),
    outputs=(Output("N2O", "3.C.4"),),
    formula="E = (N_fertiliser + N_manure + N_straw) · EF(zone) · 44/28",
    clause="ch. 3, cropland",
    source="prov-guide-2011",
    tier="2",
)
def soil_n2o_direct_by_zone(
    soil_n2o_share: Values, synthetic_n: Values = 0.0, organic_n: Values = 0.0, residue_n: Values = 0.0
) -> Values:
    """Return the direct nitrous oxide of cropland [t] with the factor of one of the six zones of China.

    Parameters
    ----------
    soil_n2o_share : float or array
        Factor of the zone [kg N2O-N/kg N].
    synthetic_n, organic_n, residue_n : float or array
        Nitrogen of fertiliser, manure and straw returned [t N].

    Notes
    -----
    Guidelines for provincial inventories (2011), chapter on agriculture.
    """
    return (synthetic_n + organic_n + residue_n) * soil_n2o_share * 44 / 28


@method(
    "soil-n2o-indirect-cn",
    topic="soil-nitrous-oxide-indirect",
    sets=("cn-province-2011",),
    inputs=(
        *NITROGEN[:3],
        activity("excreted_n", "t N", default=0.0, high=5e7),
        factor("excreted_volatilised", "kg N/kg N", parameter="volatilised_share", subject="excreted_n", low=0.05, high=0.5),
        factor("applied_volatilised", "kg N/kg N", parameter="volatilised_share", subject="applied_n", low=0.01, high=0.5),
        factor("leached_share", "kg N/kg N", subject="soil", low=0.0, high=0.8),
        factor("deposition_n2o_share", "kg N/kg N", subject="all_climates", low=0.0005, high=0.06),
        LEACHING,
    ),
    outputs=(Output("N2O", "3.C.5"),),
    formula="E = [(N_excreted·20 % + N_applied·10 %)·0.01 + N_applied·20 %·0.0075] · 44/28",
    clause="ch. 3, cropland",
    source="prov-guide-2011",
    tier="1",
)  # fmt: skip
def soil_n2o_indirect_cn(
    excreted_volatilised: Values,
    applied_volatilised: Values,
    leached_share: Values,
    deposition_n2o_share: Values,
    leaching_n2o_share: Values,
    synthetic_n: Values = 0.0,
    organic_n: Values = 0.0,
    residue_n: Values = 0.0,
    excreted_n: Values = 0.0,
) -> Values:
    """Return the indirect nitrous oxide of cropland [t].

    Parameters
    ----------
    excreted_volatilised, applied_volatilised : float or array
        Nitrogen volatilised of what livestock excretes, and of what is put on fields [1].
    leached_share : float or array
        Nitrogen put on fields that is leached or runs off [1].
    deposition_n2o_share, leaching_n2o_share : float or array
        [kg N2O-N/kg N].
    synthetic_n, organic_n, residue_n : float or array
        Nitrogen of fertiliser, manure and straw returned [t N].
    excreted_n : float or array
        Nitrogen excreted by livestock [t N].

    Notes
    -----
    Guidelines for provincial inventories (2011), chapter on agriculture.
    """
    applied = synthetic_n + organic_n + residue_n
    volatilised = excreted_n * excreted_volatilised + applied * applied_volatilised
    return (volatilised * deposition_n2o_share + applied * leached_share * leaching_n2o_share) * 44 / 28


def residue_from_line(yield_dry: Values, slope: Values, intercept: Values) -> Values:
    """Return the above-ground residue [t d.m./ha] of a dry yield [t/ha]; IPCC 2006 table 11.2 and eq. 11.7."""
    return yield_dry * slope + intercept


def returned_nitrogen(
    area: Values,
    yield_dry: Values,
    above_ground: Values,
    above_ground_n: Values,
    root_shoot: Values,
    root_n: Values,
    renewed_share: Values = 1.0,
    burnt_share: Values = 0.0,
    combustion_factor: Values = 0.0,
    removed_share: Values = 0.0,
) -> Values:
    """Return the nitrogen of crop residues that stay on the field, FCR [t N].

    Parameters
    ----------
    area : float or array
        Harvested area [ha].
    yield_dry, above_ground : float or array
        Yield and above-ground residue [t d.m./ha].
    above_ground_n, root_n : float or array
        Nitrogen content [t N/t d.m.].
    root_shoot : float or array
        Roots over above-ground biomass, residue and yield [1].
    renewed_share : float or array
        Share of the area sown anew in the year, on which the roots of the crop become residue: 1 for annual crops [1].
    burnt_share : float or array
        Share of the area whose residue is burnt, of which ``combustion_factor`` burns [1].
    removed_share : float or array
        Share of the above-ground residue taken off the field [1].

    Notes
    -----
    IPCC 2019 vol. 4 ch. 11, eq. 11.6. The 2006 equation, with RAG = AGDM/yield and RBG = RBG-BIO · (AGDM + yield)/yield, gives the
    same for annual crops that are not burnt; it takes the renewed share and the burnt area from both parts of the residue, the
    Refinement the first from the roots alone and the second from the straw alone, and so does this function.
    """
    above = above_ground * above_ground_n * (1 - removed_share - burnt_share * combustion_factor)
    below = (yield_dry + above_ground) * root_shoot * root_n
    return area * (above + renewed_share * below)


@method(
    "crop-residue-n2o",
    topic="crop-residue-nitrous-oxide",
    sets=("ipcc-2019",),
    inputs=(
        CLIMATES,
        choice("crop", *CROPS),
        activity("area", "ha", high=1e8),
        activity("fresh_yield", "t/ha", low=0.05, high=80.0),
        activity("renewed_share", "1", default=1.0, high=1.0),
        activity("burnt_share", "1", default=0.0, high=1.0),
        activity("removed_share", "1", default=0.0, high=1.0),
        factor("dry_matter", "1", subject="{crop}", low=0.1, high=1.0),
        factor("residue_ratio", "1", subject="{crop}", low=0.1, high=4.0),
        factor("residue_nitrogen", "kg N/kg", subject="{crop}", low=0.002, high=0.05),
        factor("below_ground_ratio", "1", subject="{crop}", low=0.05, high=1.5),
        factor("root_nitrogen", "kg N/kg", subject="{crop}", low=0.002, high=0.05),
        factor("combustion_factor", "1", subject="{crop}", low=0.3, high=1.0),
        factor(
            "other_n2o_share", "kg N/kg N", parameter="soil_n2o_share", subject="other_n.{climate}", low=0.0005, high=0.05
        ),
    ),
    outputs=(Output("N2O", "3.C.4"),),
    formula="E = A·[AGR·NAG·(1 − FracRemove − FracBurnt·Cf) + FracRenew·(Y+AGR)·RS·NBG] · EF1 · 44/28, AGR = Y·RAG",
    clause="vol. 4 ch. 11, eq. 11.6",
    source="ipcc-2019",
    tier="1",
)  # fmt: skip
def crop_residue_n2o(
    area: Values,
    fresh_yield: Values,
    dry_matter: Values,
    residue_ratio: Values,
    residue_nitrogen: Values,
    below_ground_ratio: Values,
    root_nitrogen: Values,
    other_n2o_share: Values,
    combustion_factor: Values = 0.0,
    renewed_share: Values = 1.0,
    burnt_share: Values = 0.0,
    removed_share: Values = 0.0,
) -> Values:
    """Return the direct nitrous oxide of the residues of one crop [t]; do not give their nitrogen again in ``residue_n``.

    Parameters as in the function `returned_nitrogen`; yield [t fresh/ha] with its dry matter [1], EF1 [kg N2O-N/kg N].

    Notes
    -----
    IPCC 2019 vol. 4 ch. 11, eq. 11.1 and 11.6.
    """
    yield_dry = fresh_yield * dry_matter
    nitrogen = returned_nitrogen(
        area, yield_dry, yield_dry * residue_ratio, residue_nitrogen, below_ground_ratio, root_nitrogen,
        renewed_share, burnt_share, combustion_factor, removed_share,
    )  # fmt: skip
    return nitrogen * other_n2o_share * 44 / 28
