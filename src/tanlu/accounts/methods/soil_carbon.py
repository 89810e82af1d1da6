"""Carbon of soils: stock factors of land use and management in mineral soils, and drained organic soils; removals are negative."""

from __future__ import annotations

from typing import Final

from tanlu.accounts.methods.forest_biomass import SETS, carbon_to_co2
from tanlu.accounts.rulebook.method import Input, Output, Values, activity, choice, factor, method

LAND: Final = {
    "forest_remaining": "3.B.1.a", "to_forest": "3.B.1.b", "cropland_remaining": "3.B.2.a", "to_cropland": "3.B.2.b",
    "grassland_remaining": "3.B.3.a", "to_grassland": "3.B.3.b", "to_wetland": "3.B.4.b",
    "settlement_remaining": "3.B.5.a", "to_settlement": "3.B.5.b", "to_other_land": "3.B.6.b",
}  # fmt: skip
"""Category of a piece of land: what it stays, or what it becomes."""
CLIMATES: Final = (
    "boreal", "cool_temperate_dry", "cool_temperate_moist", "warm_temperate_dry", "warm_temperate_moist",
    "tropical_dry", "tropical_moist", "tropical_wet", "tropical_montane",
)  # fmt: skip
SOILS: Final = ("high_activity_clay", "low_activity_clay", "sandy", "spodic", "volcanic", "wetland_soil")
USES: Final = ("native", "annual_crop", "paddy", "perennial_crop", "set_aside", "grassland", "forest_land")
MANAGEMENT: Final = (
    "nominal", "full_tillage", "reduced_tillage", "no_tillage", "moderately_degraded", "severely_degraded", "improved",
)  # fmt: skip
INPUTS: Final = ("medium_input", "low_input", "high_input", "high_input_manure", "high_input_grass")


def stock_factors(when: str) -> tuple[Input, ...]:
    """Return the choices and the factors that describe land before or after a change."""
    return (
        choice(f"use_{when}", *USES),
        choice(f"management_{when}", *MANAGEMENT, word="nominal"),
        choice(f"input_{when}", *INPUTS, word="medium_input"),
        _factor("land_use_factor", f"use_{when}", when),
        _factor("management_factor", f"management_{when}", when),
        _factor("input_factor", f"input_{when}", when),
    )


def _factor(parameter: str, word: str, when: str) -> Input:
    subject = f"{{{word}}}.{{climate_zone}}"
    return factor(f"{parameter}_{when}", "1", parameter=parameter, subject=subject, low=0.3, high=1.6)


@method(
    "soil-carbon-mineral",
    topic="soil-carbon-mineral",
    sets=SETS,
    inputs=(
        choice("land", *LAND),
        choice("climate_zone", *CLIMATES, word="warm_temperate_moist"),
        choice("soil", *SOILS),
        activity("area", "ha", high=3e8),
        activity("dependence_years", "yr", default=20.0, low=1.0, high=100.0),
        factor("reference_soil_carbon", "t C/ha", subject="{soil}.{climate_zone}", low=5.0, high=200.0),
        *stock_factors("before"),
        *stock_factors("after"),
    ),
    outputs=(Output("CO2", by="land", categories=LAND, signed=True),),
    formula="SOC = SOCref · F_LU · F_MG · F_I; E = −A · (SOC_after − SOC_before)/D · 44/12",
    clause="vol. 4 ch. 2, eq. 2.25",
    source="ipcc-2006",
    tier="1",
)
def mineral_soil_change(
    area: Values,
    reference_soil_carbon: Values,
    land_use_factor_before: Values,
    management_factor_before: Values,
    input_factor_before: Values,
    land_use_factor_after: Values,
    management_factor_after: Values,
    input_factor_after: Values,
    dependence_years: Values = 20.0,
) -> Values:
    """Return the yearly CO2 of mineral soil whose use or management has changed [t], for each of the years of transition.

    Parameters
    ----------
    area : float or array
        Land that changed within the years of dependence [ha].
    reference_soil_carbon : float or array
        Stock under native vegetation, 0–30 cm [t C/ha].
    land_use_factor_*, management_factor_*, input_factor_* : float or array
        Stock change factors before and after [1].
    dependence_years : float or array
        Time from one equilibrium to the next, 20 by default.

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.25.
    """
    before = land_use_factor_before * management_factor_before * input_factor_before
    after = land_use_factor_after * management_factor_after * input_factor_after
    return carbon_to_co2(area * reference_soil_carbon * (after - before) / dependence_years)


@method(
    "soil-carbon-organic",
    topic="soil-carbon-organic",
    sets=SETS,
    inputs=(
        choice("land", *LAND),
        choice("drained_soil", "cropland_warm_temperate", "cropland_tropical", "cropland_cool", "grassland_warm_temperate",
               "grassland_cool", "grassland_tropical", "forest_temperate", "forest_boreal", "forest_tropical"),
        activity("area", "ha", high=1e8),
        factor("drained_soil_factor", "t C/ha/yr", subject="{drained_soil}", low=0.05, high=40.0),
    ),
    outputs=(Output("CO2", by="land", categories=LAND),),
    formula="E = A · EF · 44/12",
    clause="vol. 4 ch. 2, eq. 2.26",
    source="ipcc-2006",
    tier="1",
)  # fmt: skip
def organic_soil_loss(area: Values, drained_soil_factor: Values) -> Values:
    """Return the yearly CO2 of drained organic soil [t] from its area [ha] and a factor [t C/ha/yr].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 2, eq. 2.26.
    """
    return area * drained_soil_factor * 44 / 12
