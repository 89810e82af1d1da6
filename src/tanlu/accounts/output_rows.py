"""Rows that follow from one series of activity data: processes, coal mines, agriculture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from tanlu.accounts.agriculture import animal_emission, rice_methane
from tanlu.accounts.drivers import fill
from tanlu.accounts.energy_use import driver_series
from tanlu.accounts.factor_values import factor_of, factor_value, relative_error
from tanlu.accounts.fugitive import coal_methane
from tanlu.accounts.notation import REASONS, inventory_years, notation_row
from tanlu.accounts.processes import cement_co2, flux_co2, glass_co2, metal_co2
from tanlu.accounts.records import InventoryRow, Status
from tanlu.accounts.settings import Settings
from tanlu.core.provenance import Grade
from tanlu.core.province import Factor, Province


@dataclass(frozen=True, slots=True)
class OutputMethod:
    """A category that follows from one series of activity data and a few factors."""

    category: str
    gas: str
    sector: str
    method: str
    variable: str
    unit: str
    factors: Callable[[int], tuple[str, ...]]
    formula: Callable[..., float]
    activity_error: float
    reason: str = ""


def _fixed(*ids: str) -> Callable[[int], tuple[str, ...]]:
    return lambda year: ids


METHODS: Final = (
    OutputMethod(
        "2.A.3", "CO2", "cement", "glass", "Production|Flat Glass", "kt",
        _fixed("ipcc-2006.emission_factor.float_glass", "ipcc-2006.cullet_ratio.float_glass"), glass_co2, 0.03,
    ),
    OutputMethod(
        "2.C.1", "CO2", "steel", "steel-flux", "Production|Pig Iron", "kt",
        _fixed("tanlu.flux_use.pig_iron", "cn-ets-steel-2024.emission_factor.limestone"), flux_co2, 0.02,
    ),
    OutputMethod(
        "2.C.5", "CO2", "nonferrous", "lead-zinc", "Production|Ten Non-ferrous Metals", "kt",
        _fixed("tanlu.share.lead", "ipcc-2006.emission_factor.lead"), metal_co2, 0.03,
    ),
    OutputMethod(
        "2.C.6", "CO2", "nonferrous", "lead-zinc", "Production|Ten Non-ferrous Metals", "kt",
        _fixed("tanlu.share.zinc", "ipcc-2006.emission_factor.zinc"), metal_co2, 0.03,
    ),
    OutputMethod(
        "3.A.1", "CH4", "agriculture", "livestock", "Livestock|Pigs|Stock", "10^3 head",
        _fixed("gb-t-32151.22-2024.enteric_factor.pig"), animal_emission, 0.05, "partial_pigs",
    ),
    OutputMethod(
        "3.A.2", "CH4", "agriculture", "livestock", "Livestock|Pigs|Stock", "10^3 head",
        _fixed("gb-t-32151.22-2024.manure_ch4_factor.pig"), animal_emission, 0.05, "partial_pigs",
    ),
    OutputMethod(
        "3.A.2", "N2O", "agriculture", "livestock", "Livestock|Pigs|Stock", "10^3 head",
        _fixed("gb-t-32151.22-2024.manure_n2o_factor.pig"), animal_emission, 0.05, "partial_pigs",
    ),
    OutputMethod(
        "3.C.7", "CH4", "agriculture", "rice", "Sown Area|Rice|Early", "10^3 ha",
        _fixed(
            "ipcc-2006.baseline_emission_factor.rice", "ipcc-2006.water_regime.rice_irrigated", "ipcc-2006.preseason_water.rice",
            "tanlu.season.early_rice",
        ), rice_methane, 0.02, "partial_rice",
    ),
)  # fmt: skip


def output_rows(province: Province, method: OutputMethod) -> list[InventoryRow]:
    """Return the rows of a method that needs one series of activity data; years without a figure say NE."""
    series = province.series(method.variable, method.unit)
    rows = []
    for year in inventory_years(province):
        if year not in series:
            args = (method.category, method.gas, method.sector, "ne_year", method.method)
            rows.append(notation_row(province, year, *args))
            continue
        fact = series[year]
        factors = [factor_of(province, i) for i in method.factors(year)]
        value = method.formula(fact.value, *map(factor_value, factors))
        errors = {f"factor:{f.id}": relative_error(f) for f in factors} | {
            f"activity:{method.variable}": method.activity_error
        }
        # a cullet share acts through 1 − share
        for f in factors:
            if f.parameter == "cullet_ratio":
                errors[f"factor:{f.id}"] = relative_error(f) * f.value / (1 - f.value)
        grade = Grade.worst([fact.grade, *(f.grade for f in factors)])
        zh, en = REASONS[method.reason] if method.reason else ("", "")
        rows.append(
            InventoryRow(
                province.id,
                year,
                method.category,
                method.gas,
                method.sector,
                value,
                Status.CALCULATED,
                grade,
                method.method,
                errors,
                (fact.id,),
                tuple(f.id for f in factors),
                note_zh=zh,
                note_en=en,
            )
        )
    return rows


def clinker_ratio(province: Province, year: int) -> tuple[float, list[Factor]]:
    """Return the clinker per cement of a year [t/t], interpolated between the dated ratios, and the factors it comes from."""
    ratios = [f for f in province.factors.values() if f.parameter == "clinker_ratio"]
    early = [f for f in ratios if f.valid_to is not None and f.valid_from is None]
    late = [f for f in ratios if f.valid_from is not None]
    start, end = early[0], late[0]
    a, b = int(start.valid_to or 0), int(end.valid_from or 0)
    weight = min(max((year - a) / (b - a), 0.0), 1.0)
    used = [start] if weight == 0 else [end] if weight == 1 else [start, end]
    return (1 - weight) * factor_value(start) + weight * factor_value(end), used


def cement_rows(province: Province) -> list[InventoryRow]:
    """Return the process CO2 of cement (2.A.1) from cement output, clinker ratio and the Chinese clinker factor."""
    rows = []
    factor = factor_of(province, "cn-ets-cement-2024.emission_factor.clinker")
    interval = factor_of(province, "ipcc-2006.emission_factor.clinker")
    series = province.series("Production|Cement", "kt")
    for year in inventory_years(province):
        if year not in series:
            rows.append(notation_row(province, year, "2.A.1", "CO2", "cement", "ne_year", "cement"))
            continue
        ratio, used = clinker_ratio(province, year)
        errors = {f"factor:{factor.id}": relative_error(interval), "activity:Production|Cement": 0.03}
        errors["factor:clinker_ratio"] = max(relative_error(f) for f in used)
        value = cement_co2(series[year].value, ratio, factor_value(factor))
        grade = Grade.worst([series[year].grade, factor.grade, *(f.grade for f in used)])
        ids = (factor.id, *(f.id for f in used))
        rows.append(
            InventoryRow(
                province.id,
                year,
                "2.A.1",
                "CO2",
                "cement",
                value,
                Status.CALCULATED,
                grade,
                "cement",
                errors,
                (series[year].id,),
                ids,
            )
        )
    return rows


def coal_methane_rows(province: Province, settings: Settings) -> list[InventoryRow]:
    """Return the methane of coal mines (1.B.1.a); years between the published outputs are interpolated."""
    driver = settings.drivers["coal_output"]
    series = {y: k for y, k in driver_series(province, driver).items() if len(k.facts) == 1}
    ids = (
        "ipcc-2006.methane_factor.coal_mining",
        "ipcc-2006.methane_factor.coal_post_mining",
        "ipcc-2006.density.methane",
    )
    factors = [factor_of(province, i) for i in ids]
    filled = fill({y: k.value for y, k in series.items()}, {}, inventory_years(province), 1.0, driver.volatility)
    rows = []
    for year in inventory_years(province):
        if year not in filled:
            rows.append(notation_row(province, year, "1.B.1.a", "CH4", "energy_industry", "ne_year", "coal-methane"))
            continue
        activity = filled[year]
        mining, post = factors[0].value, factors[1].value
        errors = {
            f"factor:{factors[0].id}": relative_error(factors[0]) * mining / (mining + post),
            f"factor:{factors[1].id}": relative_error(factors[1]) * post / (mining + post),
            "activity:coal_output": 0.10,
        } | ({"driver:coal_output": activity.error} if activity.error else {})
        known = [series[year]] if activity.known else [series[y] for y in _neighbours(year, series)]
        rows.append(
            InventoryRow(
                province.id,
                year,
                "1.B.1.a",
                "CH4",
                "energy_industry",
                coal_methane(activity.value, *map(factor_value, factors)),
                Status.CALCULATED if activity.known else Status.ESTIMATED,
                Grade.worst([k.grade for k in known] + [f.grade for f in factors]) if activity.known else Grade.D,
                "coal-methane",
                errors,
                tuple(f for k in known for f in k.facts),
                ids,
            )
        )
    return rows


def _neighbours(year: int, known: Iterable[int]) -> list[int]:
    years = sorted(known)
    return [
        max((y for y in years if y < year), default=years[0]),
        min((y for y in years if y > year), default=years[-1]),
    ]
