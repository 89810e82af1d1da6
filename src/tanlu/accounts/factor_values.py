"""Factors as the methods take them: value in the unit of the method, and relative uncertainty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tanlu.accounts.records import Z95
from tanlu.core.province import Factor, Province

UNITS_OF_FACTORS: Final = {
    "emission_factor": "t CO2/t", "cullet_ratio": "1", "flux_use": "t/t", "share": "1", "clinker_ratio": "t/t",
    "enteric_factor": "kg CH4/head/yr", "manure_ch4_factor": "kg CH4/head/yr", "manure_n2o_factor": "kg N2O/head/yr",
    "baseline_emission_factor": "kg CH4/ha/d", "water_regime": "1", "preseason_water": "1", "season": "d",
    "methane_factor": "m3/t", "density": "kg CH4/m3", "co2_factor": "t CO2/MWh",
}  # fmt: skip
FACTOR_ERROR: Final = 0.15
"""Relative standard uncertainty of a factor for which its source gives no interval (assumption)."""


def relative_error(factor: Factor) -> float:
    """Return the relative standard uncertainty of a factor: half of its 95 % interval over 1.96, or `FACTOR_ERROR` without one."""
    if factor.low is None or factor.high is None:
        return FACTOR_ERROR
    return (factor.high - factor.low) / (2 * Z95 * abs(factor.value))


def factor_of(province: Province, factor_id: str) -> Factor:
    """Return a factor by id."""
    return province.factors[factor_id]


def factor_value(factor: Factor) -> float:
    """Return the value of a factor in the unit that the methods take."""
    return factor.in_unit(UNITS_OF_FACTORS[factor.parameter])


def weighted_errors(parts: Iterable[tuple[float, Mapping[str, float]]], total: float) -> dict[str, float]:
    """Return the relative errors by cause of a sum from those of its parts (value, errors)."""
    errors: dict[str, float] = {}
    for value, causes in parts:
        for cause, error in causes.items():
            errors[cause] = errors.get(cause, 0.0) + (error * value / total if total else 0.0)
    return errors
