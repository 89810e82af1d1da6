"""Living biomass of bamboo, economic forest and shrubs by area, and of scattered trees by number; removals are negative."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.forest_biomass import SETS, carbon_to_co2
from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

STANDS: Final = ("bamboo", "economic_forest", "shrub", "open_forest")


@method(
    "stand-area",
    topic="stand-biomass-area",
    sets=SETS,
    inputs=(
        choice("stand", *STANDS),
        activity("area_start", "ha", high=3e8),
        activity("area_end", "ha", high=3e8),
        activity("survey_years", "yr", low=1.0, high=30.0),
        factor("stand_biomass", "t/ha", subject="{stand}", low=1.0, high=300.0),
        factor("carbon_fraction", "t C/t", subject="stand", low=0.4, high=0.56),
    ),
    outputs=(Output("CO2", "3.B.1.a", signed=True),),
    formula="E = −(A2 − A1)/(t2 − t1) · B · CF · 44/12",
    clause="ch. 5, bamboo, economic forest, shrubs",
    source="prov-guide-2011",
    tier="1",
)
def stand_biomass_change(
    area_start: Values, area_end: Values, survey_years: Values, stand_biomass: Values, carbon_fraction: Values
) -> Values:
    """Return the yearly CO2 of bamboo, economic forest or shrubs [t] from the change of their area.

    Parameters
    ----------
    area_start, area_end : float or array
        [ha].
    survey_years : float or array
        Years between the surveys.
    stand_biomass : float or array
        Biomass, roots included [t d.m./ha].
    carbon_fraction : float or array
        [t C/t d.m.].

    Notes
    -----
    Guidelines for provincial inventories (2011): biomass per hectare is taken not to change.
    """
    return carbon_to_co2((area_end - area_start) / survey_years * stand_biomass * carbon_fraction)


@method(
    "scattered-trees",
    topic="scattered-trees",
    sets=SETS,
    inputs=(
        activity("trees_start", "count", high=1e11),
        activity("trees_end", "count", high=1e11),
        activity("tree_biomass_start", "kg/count", low=0.5, high=5000.0),
        activity("tree_biomass_end", "kg/count", low=0.5, high=5000.0),
        activity("survey_years", "yr", low=1.0, high=30.0),
        factor("carbon_fraction", "t C/t", subject="stand", low=0.4, high=0.56),
    ),
    outputs=(Output("CO2", "3.B.1.a", signed=True),),
    formula="E = −(N2·B2 − N1·B1)/1000/(t2 − t1) · CF · 44/12",
    clause="vol. 4 ch. 2, eq. 2.8",
    source="ipcc-2006",
    tier="2",
)
def scattered_tree_change(
    trees_start: Values,
    trees_end: Values,
    tree_biomass_start: Values,
    tree_biomass_end: Values,
    survey_years: Values,
    carbon_fraction: Values,
) -> Values:
    """Return the yearly CO2 of scattered, roadside and village trees, or of bamboo culms, counted one by one [t].

    Parameters
    ----------
    trees_start, trees_end : float or array
        Number of trees or culms.
    tree_biomass_start, tree_biomass_end : float or array
        Mean biomass of one, roots included [kg d.m.].
    survey_years : float or array
        Years between the counts.
    carbon_fraction : float or array
        [t C/t d.m.].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.8, stock difference with a stock that is counted.
    """
    change = (trees_end * tree_biomass_end - trees_start * tree_biomass_start) / 1000
    return carbon_to_co2(change * carbon_fraction / survey_years)
