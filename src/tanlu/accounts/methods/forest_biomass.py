"""Living biomass of forests: stock change from stem volume, gains and losses, and the growth-rate method of the provinces.

Removals are negative.
"""

from __future__ import annotations

from typing import Final

from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

SETS: Final = ("ipcc-2006", "ipcc-2019", "cn-province-2011")
CARBON: Final = factor("carbon_fraction", "t C/t", subject="{wood}", low=0.4, high=0.56)
WOOD: Final = choice("wood", "wood", "broadleaf", "conifer", word="wood")
ROOTS: Final = factor("root_shoot_ratio", "1", subject="{forest}", low=0.1, high=1.0)
FOREST: Final = choice(
    "forest", "forest", "subtropical_humid_over_125", "chinese_fir", "temperate_conifer_under_50",
    "temperate_conifer_50_to_150", "temperate_conifer_over_150", word="forest",
)  # fmt: skip
BCEF_CLASS: Final = choice(
    "stand_class", "hardwood_under_20", "hardwood_20_to_40", "hardwood_40_to_100", "hardwood_100_to_200",
    "hardwood_over_200", "pine_under_20", "pine_20_to_40", "pine_40_to_100", "pine_over_100",
)  # fmt: skip
"""Kind of stand and its growing stock [m3/ha], as IPCC table 4.5 divides them."""
STEMS: Final = (
    "chinese_fir", "masson_pine", "abies", "acer", "alnus", "betula", "carpinus", "castanea", "fagus", "fraxinus",
    "juglans", "larix_decidua", "larix_kaempferi", "picea_abies", "picea_sitchensis", "pinus_pinaster", "pinus_strobus",
    "pinus_sylvestris", "populus", "prunus", "pseudotsuga", "quercus", "salix", "thuja", "tilia", "tsuga",
)  # fmt: skip
GROUPS: Final = (
    "abies_picea", "betula", "casuarina", "chinese_fir", "cypress", "deciduous_oak", "eucalyptus", "larix",
    "evergreen_broadleaf", "pinus_armandii", "pinus_koraiensis", "masson_yunnan_pine", "pinus_sylvestris_mongolica",
    "pinus_tabulaeformis", "populus", "tsuga_cryptomeria_keteleeria",
)  # fmt: skip
"""Forest types with a line of biomass over volume in Fang et al. (2001)."""

CONVERTED: Final = {
    "to_cropland": "3.B.2.b", "to_grassland": "3.B.3.b", "to_wetland": "3.B.4.b", "to_settlement": "3.B.5.b",
    "to_other_land": "3.B.6.b",
}  # fmt: skip
"""Category of the land that forest becomes."""


def stock_inputs() -> tuple[Input, ...]:
    """Return the inputs that say how much stem volume two surveys found."""
    return (
        activity("stock_start", "m3", high=3e10),
        activity("stock_end", "m3", high=3e10),
        activity("survey_years", "yr", low=1.0, high=30.0),
    )


def carbon_to_co2(change: Values) -> Values:
    """Return CO2 [t] of a change of a carbon stock [t C], removals negative: what the stock gains the air loses."""
    return -change * 44 / 12


@method(
    "forest-stock-volume",
    topic="forest-biomass-volume",
    sets=SETS,
    inputs=(
        choice("stem", *STEMS),
        WOOD,
        FOREST,
        *stock_inputs(),
        factor("wood_density", "t/m3", subject="{stem}", low=0.2, high=1.0),
        factor("biomass_expansion", "1", subject="{stem}", low=1.0, high=4.0),
        ROOTS,
        CARBON,
    ),
    outputs=(Output("CO2", "3.B.1.a", signed=True),),
    formula="C = V · D · BEF · (1 + R) · CF; E = −(C2 − C1)/(t2 − t1) · 44/12",
    clause="vol. 4 ch. 2, eq. 2.8",
    source="ipcc-2006",
    tier="2",
)
def biomass_change_by_volume(
    stock_start: Values,
    stock_end: Values,
    survey_years: Values,
    wood_density: Values,
    biomass_expansion: Values,
    root_shoot_ratio: Values,
    carbon_fraction: Values,
) -> Values:
    """Return the yearly CO2 of living biomass between two forest surveys [t].

    Parameters
    ----------
    stock_start, stock_end : float or array
        Stem volume [m3] of surveys of the same definition.
    survey_years : float or array
        Years between them.
    wood_density : float or array
        Basic wood density [t d.m./m3].
    biomass_expansion : float or array
        Above-ground over stem biomass [1].
    root_shoot_ratio : float or array
        Roots over above-ground biomass [1]; 0 where the expansion is of the whole tree.
    carbon_fraction : float or array
        [t C/t d.m.].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.8.
    """
    volume = (stock_end - stock_start) / survey_years
    return carbon_to_co2(volume * wood_density * biomass_expansion * (1 + root_shoot_ratio) * carbon_fraction)


@method(
    "forest-stock-bcef",
    topic="forest-biomass-bcef",
    sets=SETS,
    inputs=(
        BCEF_CLASS,
        WOOD,
        FOREST,
        *stock_inputs(),
        factor("conversion_expansion", "t/m3", subject="{stand_class}", low=0.3, high=9.0),
        ROOTS,
        CARBON,
    ),
    outputs=(Output("CO2", "3.B.1.a", signed=True),),
    formula="C = V · BCEFs · (1 + R) · CF; E = −(C2 − C1)/(t2 − t1) · 44/12",
    clause="vol. 4 ch. 2, eq. 2.8",
    source="ipcc-2006",
    tier="1",
)
def biomass_change_by_bcef(
    stock_start: Values,
    stock_end: Values,
    survey_years: Values,
    conversion_expansion: Values,
    root_shoot_ratio: Values,
    carbon_fraction: Values,
) -> Values:
    """Return the yearly CO2 of living biomass between two forest surveys [t].

    Parameters
    ----------
    conversion_expansion : float or array
        BCEFs, above-ground biomass over merchantable volume [t d.m./m3].
    others
        As in `biomass_change_by_volume`.

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.8.
    """
    volume = (stock_end - stock_start) / survey_years
    return carbon_to_co2(volume * conversion_expansion * (1 + root_shoot_ratio) * carbon_fraction)


@method(
    "forest-stock-line",
    topic="forest-biomass-line",
    sets=SETS,
    inputs=(
        choice("forest_group", *GROUPS),
        WOOD,
        *stock_inputs(),
        activity("area_start", "ha", high=3e8),
        activity("area_end", "ha", high=3e8),
        factor("biomass_slope", "t/m3", subject="{forest_group}", low=0.2, high=1.5),
        factor("biomass_intercept", "t/ha", subject="{forest_group}", low=0.0, high=60.0),
        CARBON,
    ),
    outputs=(Output("CO2", "3.B.1.a", signed=True),),
    formula="C = (a·V + b·A) · CF; E = −(C2 − C1)/(t2 − t1) · 44/12",
    clause="B = a + b·V per hectare",
    source="fang-2001",
    tier="2",
)
def biomass_change_by_line(
    stock_start: Values,
    stock_end: Values,
    area_start: Values,
    area_end: Values,
    survey_years: Values,
    biomass_slope: Values,
    biomass_intercept: Values,
    carbon_fraction: Values,
) -> Values:
    """Return the yearly CO2 of living biomass between two forest surveys [t] with a line of biomass over volume.

    Parameters
    ----------
    stock_start, stock_end : float or array
        Stem volume of the forest type [m3].
    area_start, area_end : float or array
        Area of the forest type [ha].
    biomass_slope, biomass_intercept : float or array
        Biomass of the whole tree, ``slope · V/ha + intercept`` [t/m3, t/ha]: no root factor on top.
    others
        As in `biomass_change_by_volume`.

    Notes
    -----
    Fang et al. (2001), Science 292: 2320; IPCC 2006 vol. 4 ch. 2, eq. 2.8.
    """
    start = biomass_slope * stock_start + biomass_intercept * area_start
    end = biomass_slope * stock_end + biomass_intercept * area_end
    return carbon_to_co2((end - start) * carbon_fraction / survey_years)


@method(
    "forest-gain-loss",
    topic="forest-biomass-gain-loss",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        choice("growth", "natural_to_20_years", "natural_over_20_years", "plantation", "plantation_subtropical"),
        BCEF_CLASS,
        WOOD,
        FOREST,
        activity("area", "ha", high=3e8),
        activity("harvest", "m3", default=0.0, high=5e8),
        activity("fuelwood", "m3", default=0.0, high=5e8),
        activity("fuelwood_parts", "m3", default=0.0, high=5e8),
        activity("disturbed_area", "ha", default=0.0, high=1e8),
        activity("disturbed_share", "1", default=1.0, high=1.0),
        factor("biomass_growth", "t/ha/yr", subject="{growth}", low=0.1, high=30.0),
        factor("removal_expansion", "t/m3", subject="{stand_class}", low=0.3, high=10.0),
        factor("part_density", "t/m3", parameter="wood_density", subject="fuelwood", default=0.5, low=0.2, high=1.0),
        factor("standing_biomass", "t/ha", parameter="above_ground_biomass", subject="forest", low=5.0, high=600.0),
        ROOTS,
        CARBON,
    ),
    outputs=(Output("CO2", "3.B.1.a", signed=True),),
    formula="ΔC = A·G·(1+R)·CF − [H·BCEFr·(1+R) + FGtrees·BCEFr·(1+R) + FGpart·D + Ad·B·(1+R)·fd]·CF; E = −ΔC · 44/12",
    clause="vol. 4 ch. 2, eq. 2.7, 2.9–2.14",
    source="ipcc-2006",
    tier="1",
)  # fmt: skip
def biomass_gain_loss(
    area: Values,
    biomass_growth: Values,
    root_shoot_ratio: Values,
    carbon_fraction: Values,
    harvest: Values = 0.0,
    fuelwood: Values = 0.0,
    fuelwood_parts: Values = 0.0,
    removal_expansion: Values = 0.0,
    part_density: Values = 0.5,
    disturbed_area: Values = 0.0,
    standing_biomass: Values = 0.0,
    disturbed_share: Values = 1.0,
) -> Values:
    """Return the yearly CO2 of living biomass of a forest [t] from what grows and what is lost.

    Parameters
    ----------
    area : float or array
        Forest [ha].
    biomass_growth : float or array
        Above-ground growth [t d.m./ha/yr].
    root_shoot_ratio : float or array
        Roots over above-ground biomass [1]; 0 if roots are taken not to change.
    carbon_fraction : float or array
        [t C/t d.m.].
    harvest, fuelwood : float or array
        Round wood, and fuelwood of whole trees [m3/yr].
    fuelwood_parts : float or array
        Fuelwood of branches and dead parts [m3/yr] with ``part_density`` [t d.m./m3].
    removal_expansion : float or array
        BCEFr, biomass removed over merchantable volume [t d.m./m3].
    disturbed_area, standing_biomass, disturbed_share : float or array
        Area hit by fire, pests or storm [ha/yr], its above-ground biomass [t d.m./ha] and the share that is lost [1].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.7, 2.9, 2.10 (growth), 2.11, 2.12 (harvest), 2.13 (fuelwood), 2.14 (disturbance).
    """
    roots = 1 + root_shoot_ratio
    gain = area * biomass_growth * roots
    cut = (harvest + fuelwood) * removal_expansion * roots + fuelwood_parts * part_density
    disturbed = disturbed_area * standing_biomass * roots * disturbed_share
    return carbon_to_co2((gain - cut - disturbed) * carbon_fraction)


@method(
    "forest-growth-rate-cn",
    topic="forest-biomass-growth-rate",
    sets=("cn-province-2011",),
    inputs=(
        choice("stem", *STEMS, "stand", word="stand"),
        activity("stand_volume", "m3", default=0.0, high=3e10),
        activity("scattered_volume", "m3", default=0.0, high=3e9),
        activity("growth_rate", "%", low=0.5, high=25.0),
        activity("consumption_rate", "%", high=25.0),
        factor("wood_density", "t/m3", subject="{stem}", low=0.2, high=1.0),
        factor("whole_tree_expansion", "1", subject="{stem}", low=1.1, high=4.0),
        factor("carbon_fraction", "t C/t", subject="stand", low=0.4, high=0.56),
    ),
    outputs=(Output("CO2", "3.B.1.a", signed=True),),
    formula="E = −(V_stand + V_scattered) · (GR − CR) · SVD · BEF · 0.5 · 44/12",
    clause="ch. 5, living trees",
    source="prov-guide-2011",
    tier="2",
)  # fmt: skip
def biomass_change_by_rate(
    growth_rate: Values,
    consumption_rate: Values,
    wood_density: Values,
    whole_tree_expansion: Values,
    carbon_fraction: Values,
    stand_volume: Values = 0.0,
    scattered_volume: Values = 0.0,
) -> Values:
    """Return the yearly CO2 of living trees [t] from the stock and its rates of growth and consumption.

    Parameters
    ----------
    growth_rate, consumption_rate : float or array
        Yearly growth and consumption over the stock, GR and CR [%].
    wood_density : float or array
        Stem wood density weighted by the stock, SVD [t d.m./m3].
    whole_tree_expansion : float or array
        Biomass of the whole tree, roots included, over that of the stem, BEF [1].
    carbon_fraction : float or array
        [t C/t d.m.].
    stand_volume, scattered_volume : float or array
        Stem volume of stands, and of open forest, scattered and roadside trees [m3].

    Notes
    -----
    Guidelines for provincial inventories (2011), chapter on land-use change and forestry.
    """
    volume = (stand_volume + scattered_volume) * (growth_rate - consumption_rate) / 100
    return carbon_to_co2(volume * wood_density * whole_tree_expansion * carbon_fraction)


@method(
    "forest-conversion",
    topic="forest-conversion",
    sets=SETS,
    inputs=(
        choice("new_land", *CONVERTED),
        WOOD,
        activity("converted_area", "ha", high=1e8),
        activity("biomass_before", "t/ha", high=700.0),
        activity("biomass_after", "t/ha", default=0.0, high=300.0),
        CARBON,
    ),
    outputs=(Output("CO2", by="new_land", categories=CONVERTED),),
    formula="E = A · (B_before − B_after) · CF · 44/12",
    clause="vol. 4 ch. 2, eq. 2.16",
    source="ipcc-2006",
    tier="1",
)  # fmt: skip
def biomass_of_conversion(
    converted_area: Values, biomass_before: Values, carbon_fraction: Values, biomass_after: Values = 0.0
) -> Values:
    """Return the CO2 of biomass lost when forest becomes other land [t], all in the year of conversion.

    Parameters
    ----------
    converted_area : float or array
        [ha/yr].
    biomass_before, biomass_after : float or array
        Biomass before, and just after, conversion, roots included [t d.m./ha].
    carbon_fraction : float or array
        [t C/t d.m.].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.16.
    """
    return carbon_to_co2(converted_area * (biomass_after - biomass_before) * carbon_fraction)
