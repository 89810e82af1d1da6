"""Methane of rice fields: the Chinese factors by season and region, and the IPCC equations with scaling factors."""

from __future__ import annotations

from typing import Final

import numpy as np

from tanlu.accounts.rulebook.method import Output, Values, activity, choice, factor, method

AMENDMENTS: Final = ("straw_short", "straw_long", "compost", "farmyard_manure", "green_manure")
"""Organic amendments of IPCC table 5.14: straw incorporated shortly (< 30 days) or long before the season, and others."""


@method(
    "rice-methane-cn",
    topic="rice-methane",
    sets=("cn-province-2011",),
    inputs=(
        activity("area", "ha", high=5e7),
        choice("season", "single_rice", "early_rice", "late_rice"),
        factor(
            "seasonal_factor", "kg CH4/ha/season", parameter="seasonal_emission_factor", subject="{season}", gas="CH4",
            low=50.0, high=700.0,
        ),
    ),
    outputs=(Output("CH4", "3.C.7"),),
    formula="E = A · EF(season, region) / 1000",
    clause="ch. 3, rice fields",
    source="prov-guide-2011",
    tier="2",
)  # fmt: skip
def rice_methane_by_season(area: Values, seasonal_factor: Values) -> Values:
    """Return the methane of rice fields of one season [t].

    Parameters
    ----------
    area : float or array
        Area sown to rice of that season [ha].
    seasonal_factor : float or array
        Methane of a season [kg CH4/ha/season].

    Notes
    -----
    Guidelines for provincial inventories (2011), chapter on agriculture: ``E = Σ EF_i · AD_i`` over early, late and single rice.
    """
    return area * seasonal_factor / 1000


@method(
    "rice-methane-ipcc",
    topic="rice-methane",
    sets=("ipcc-2006", "ipcc-2019"),
    inputs=(
        activity("area", "ha", high=5e7),
        activity("cultivation_days", "d", low=60.0, high=200.0),
        choice(
            "water", "irrigated", "continuous_flooding", "single_drainage", "multiple_drainage", "rainfed", "regular_rainfed",
            "drought_prone", "deep_water", "upland", word="irrigated",
        ),
        choice(
            "preseason", "unknown_preseason", "dry_under_180_days", "dry_over_180_days", "dry_over_365_days",
            "flooded_over_30_days", word="unknown_preseason",
        ),
        *(activity(f"{name}_rate", "t/ha", default=0.0, high=30.0) for name in AMENDMENTS),
        factor(
            "baseline_factor", "kg CH4/ha/d", parameter="baseline_emission_factor", subject="rice", gas="CH4",
            low=0.3, high=7.0,
        ),
        factor("water_scaling", "1", parameter="water_regime", subject="rice_{water}", low=0.0, high=1.5),
        factor("preseason_scaling", "1", parameter="preseason_water", subject="rice_{preseason}", low=0.3, high=3.0),
        *(
            factor(f"{name}_conversion", "1", parameter="organic_conversion", subject=name, low=0.0, high=1.3)
            for name in AMENDMENTS
        ),
        factor("amendment_exponent", "1", parameter="organic_exponent", subject="rice", low=0.4, high=0.8),
        factor("soil_scaling", "1", subject="rice", default=1.0, low=0.3, high=3.0),
    ),
    outputs=(Output("CH4", "3.C.7"),),
    formula="E = EFc · SFw · SFp · (1 + Σ ROA · CFOA)^n · SFs · t · A / 1000",
    clause="vol. 4 ch. 5, eq. 5.1, 5.2, 5.3",
    source="ipcc-2006",
    tier="1",
)  # fmt: skip
def rice_methane_by_scaling(
    area: Values,
    cultivation_days: Values,
    baseline_factor: Values,
    water_scaling: Values,
    preseason_scaling: Values,
    straw_short_rate: Values = 0.0,
    straw_long_rate: Values = 0.0,
    compost_rate: Values = 0.0,
    farmyard_manure_rate: Values = 0.0,
    green_manure_rate: Values = 0.0,
    straw_short_conversion: Values = 0.0,
    straw_long_conversion: Values = 0.0,
    compost_conversion: Values = 0.0,
    farmyard_manure_conversion: Values = 0.0,
    green_manure_conversion: Values = 0.0,
    amendment_exponent: Values = 0.59,
    soil_scaling: Values = 1.0,
) -> Values:
    """Return the methane of rice fields [t].

    Parameters
    ----------
    area : float or array
        Harvested area [ha]; land with two crops counts twice.
    cultivation_days : float or array
        Length of the season [d].
    baseline_factor : float or array
        Factor of fields continuously flooded, dry for under 180 days before, without organic amendment [kg CH4/ha/d].
    water_scaling, preseason_scaling, soil_scaling : float or array
        Scaling factors for the water regime in and before the season, and for soil and cultivar [1].
    *_rate : float or array
        Amendment [t/ha]: straw as dry matter, others as fresh weight.
    *_conversion : float or array
        Effect of an amendment relative to straw incorporated shortly before the season [1].
    amendment_exponent : float or array
        Exponent of the organic scaling factor [1].

    Notes
    -----
    IPCC 2006 vol. 4 ch. 5, eq. 5.1–5.3; the 2019 Refinement keeps the equations and gives other values.
    """
    amended = (
        straw_short_rate * straw_short_conversion
        + straw_long_rate * straw_long_conversion
        + compost_rate * compost_conversion
        + farmyard_manure_rate * farmyard_manure_conversion
        + green_manure_rate * green_manure_conversion
    )
    organic = np.power(1 + amended, amendment_exponent)
    daily = baseline_factor * water_scaling * preseason_scaling * organic * soil_scaling
    return daily * cultivation_days * area / 1000
