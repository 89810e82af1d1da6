"""Calibration: the pathway starts from the last inventory year exactly, and what did not fit is listed.

Nothing that is missing becomes zero in silence: every fill, scaling and remainder is a `Check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.accounts.province.records import EnergyUse, Inventory
from tanlu.core.errors import DataError, Problem
from tanlu.core.provenance import Fact
from tanlu.core.province import Province
from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, FIRST, GENERATORS, INVENTORY_CARRIER
from tanlu.pathways.division import Division, division
from tanlu.pathways.history import (
    KT_PER_MT,
    Bools,
    carbon_history,
    driver_errors,
    heat_history,
    imports_history,
    land_history,
    sector_standard_errors,
    standard_errors,
)
from tanlu.pathways.parameters import Floats, ParameterSet
from tanlu.pathways.tabular import Columns, Tabular, long_table, stacked

PJ_PER_TWH: Final = 3.6
LOSSES_RANGE: Final = (-1e-9, 0.15)
SERIES: Final = {
    "electricity": ("Electricity Consumption|Total", "TWh"),
    "thermal": ("Secondary Energy|Electricity|Thermal", "TWh"),
    "hydro": ("Secondary Energy|Electricity|Hydro", "TWh"),
    "wind": ("Capacity|Electricity|Wind", "GW"),
    "solar": ("Capacity|Electricity|Solar", "GW"),
    "gdp": ("GDP|Current Prices", "10^9 CNY"),
    "population": ("Population|Resident (year-end)", "10^6 persons"),
}


@dataclass(frozen=True, slots=True)
class Check(Tabular):
    """Something that calibration filled, scaled or left over: code of the catalogue, subject, value and unit."""

    code: str
    subject: str
    value: float
    unit: str


@dataclass(frozen=True)
class Baseline(Tabular):
    """The state of the base year and the history before it.

    Attributes
    ----------
    years : tuple of int
        Inventory years up to the base year, H of them.
    energy, process : [H, emitter] Mt
        CO2 of the inventory; the emitters of a sector of the inventory add up to its rows by construction.
    known_energy, known_process : [H, emitter] bool
        Where the inventory has a figure.
    land : dict
        CO2 of land by year [Mt], removals negative; empty if the inventory has none.
    imports_co2 : dict
        CO2 of imported power by year [Mt], a memo of the inventory.
    error_energy, error_process : [H]
        Relative standard errors.
    final_history : [H, S, carrier] PJ
        Final energy; NaN where the inventory has no row for the sector and carrier in that year.
    final : [S, carrier] PJ, factor : [S, fossil] Mt/PJ, residual : [S] Mt
        Base year; ``residual`` is energy CO2 that no fuel row explains.
    generation : [generator] TWh
        Base year.
    """

    region: str
    base_year: int
    years: tuple[int, ...]
    energy: Floats
    process: Floats
    known_energy: Bools
    known_process: Bools
    land: dict[int, float]
    imports_co2: dict[int, float]
    error_energy: Floats
    error_process: Floats
    driver_error: Floats
    sector_error: Floats
    final_history: Floats
    final: Floats
    factor: Floats
    residual: Floats
    generation: Floats
    losses: float
    power_coal: float
    power_coal_factor: float
    power_other: float
    gas_fuel: float
    gas_factor: float
    gdp: dict[int, float]
    gdp_real: dict[int, float]
    population: dict[int, float]
    electricity: dict[int, float]
    hydro: dict[int, float]
    thermal: dict[int, float]
    capacity: dict[str, dict[int, float]]
    checks: tuple[Check, ...]
    facts: tuple[str, ...]

    @property
    def total(self) -> Floats:
        """CO2 without land by year, [H] Mt."""
        out: Floats = (self.energy + self.process).sum(axis=1)
        return out

    def columns(self) -> Columns:
        """Return the CO2 of the inventory by year, emitter and kind [Mt], NaN where it has no figure."""
        axes: dict[str, Sequence[object]] = {"year": self.years, "emitter": EMITTERS}
        parts = []
        for kind, values, known in (
            ("energy", self.energy, self.known_energy),
            ("process", self.process, self.known_process),
        ):
            told = np.where(known, values, np.nan)
            parts.append(long_table(axes, told, kind=kind, unit="Mt CO2"))
        return stacked(parts)


def baseline_from_inventory(inventory: Inventory, province: Province, parameters: ParameterSet) -> Baseline:
    """Return the baseline that meets the last inventory year exactly.

    Parameters
    ----------
    inventory : Inventory
        With CO2 rows by sector and the energy use behind them.
    province : Province
        For generation, electricity consumption, capacity, GDP and population.
    parameters : ParameterSet
        For the splits that the inventory does not make.

    Raises
    ------
    DataError
        If the base year has no energy data, or a needed series of the province is missing.
    """
    base = min(int(province.settings["base_year"]), max(inventory.years))
    years = tuple(sorted(y for y in inventory.years if y <= base))
    facts = _facts(province, base)
    uses = [u for u in inventory.energy if u.year == base]
    if not uses:
        raise DataError([Problem("no_base_year", "inventory", value=str(base))])
    checks: list[Check] = []
    parts = division(inventory, parameters)
    energy, process, known_energy, known_process = carbon_history(inventory, years, parts)
    final_history, burnt = _final_energy(inventory.energy, years, parts)
    power = _power(uses)
    final = np.nan_to_num(final_history[-1])
    checks.extend(_gaps(final_history[-1]))
    generation, gross = _generation(facts, base, power, parameters, checks)
    losses = _electricity(final, final_history[-1], gross, parameters, checks)
    factor, residual = _factors(final, burnt, energy[-1], parameters, checks)
    coal_factor = power["coal_co2"] / power["coal"] if power["coal"] else parameters.array("factor.default")[0]
    gas_factor = power["gas_co2"] / power["gas"] if power["gas"] else parameters.array("factor.default")[2]
    explained = power["coal_co2"] + power["gas_co2"]
    heat = float(final[:, CARRIERS.index("heat")].sum()) * parameters.scalar("heat.fuel")
    if heat > power["coal"] * 0.5:
        checks.append(Check("heat_scaled", "heat", heat, "PJ"))
        final[:, CARRIERS.index("heat")] *= power["coal"] * 0.5 / heat
        heat = power["coal"] * 0.5
    other = float(energy[-1, EMITTERS.index("power")]) - explained
    _part_heat(energy, known_energy, heat * coal_factor, heat_history(inventory, years, final_history, parameters))
    imports = imports_history(inventory, years)
    if base in imports:
        modelled = float(generation[GENERATORS.index("imports")]) * parameters.scalar("imports.factor")
        checks.append(Check("imports_co2_differs", "imports", imports[base] - modelled, "Mt CO2"))
    errors = standard_errors(inventory, years)
    return Baseline(
        region=inventory.region, base_year=base, years=years, energy=energy, process=process, known_energy=known_energy,
        known_process=known_process, land=land_history(inventory, years), imports_co2=imports, error_energy=errors[0],
        error_process=errors[1], driver_error=driver_errors(inventory, years),
        sector_error=sector_standard_errors(inventory, years), final_history=final_history,
        final=final, factor=factor, residual=residual,
        generation=generation, losses=losses, power_coal=power["coal"] - heat, power_coal_factor=coal_factor,
        power_other=other, gas_fuel=power["gas"], gas_factor=gas_factor,
        gdp=_values(facts["gdp"]), gdp_real=_real_gdp(province, facts["gdp"], base), population=_values(facts["population"]),
        electricity=_values(facts["electricity"]), hydro=_values(facts["hydro"]), thermal=_values(facts["thermal"]),
        capacity={k: _values(facts[k]) for k in ("wind", "solar")}, checks=tuple(checks),
        facts=tuple(f[base].id for f in facts.values() if base in f),
    )  # fmt: skip


def _facts(province: Province, base: int) -> dict[str, dict[int, Fact]]:
    facts = {key: province.series(name, unit) for key, (name, unit) in SERIES.items()}
    problems = [
        Problem("missing_series", "statistics.csv", field="variable", value=f"{SERIES[key][0]} {base}")
        for key, series in facts.items()
        if base not in series
    ]
    if problems:
        raise DataError(problems)
    return facts


def _values(series: dict[int, Fact]) -> dict[int, float]:
    return {year: fact.value for year, fact in series.items()}


def _real_gdp(province: Province, nominal: dict[int, Fact], base: int) -> dict[int, float]:
    """GDP in prices of the base year, chained backwards with the growth at constant prices."""
    growth = {y: f.value for y, f in province.series("GDP|Growth (constant prices)", "1/yr").items()}
    out, value, year = {base: nominal[base].value}, nominal[base].value, base
    while year in growth:
        value /= 1.0 + growth[year]
        year -= 1
        out[year] = value
    return out


def _final_energy(uses: tuple[EnergyUse, ...], years: tuple[int, ...], parts: Division) -> tuple[Floats, Floats]:
    """Final energy [H, S, carrier] in PJ, NaN without a row, and CO2 of burning in the base year [S, fossil] in Mt."""
    final = np.full((len(years), len(DEMAND), len(CARRIERS)), np.nan)
    burnt = np.zeros((len(DEMAND), 4))
    for use in uses:
        if use.year not in years or use.sector in {"power", "land", "waste"} or use.fuel not in INVENTORY_CARRIER:
            continue
        carrier = INVENTORY_CARRIER[use.fuel]
        h, c = years.index(use.year), CARRIERS.index(carrier)
        for sector, fraction in parts.of_carrier(use.sector, use.category, carrier).items():
            s = DEMAND.index(sector)
            final[h, s, c] = np.nan_to_num(final[h, s, c]) + use.energy * fraction
            if h == len(years) - 1 and c < 4 and use.co2 is not None:
                burnt[s, c] += use.co2 * fraction / KT_PER_MT
    return final, burnt


def _part_heat(energy: Floats, known: Bools, base: float, past: Floats) -> None:
    """Move the CO2 of heat [Mt] out of power; a year without energy use has the share of the base year."""
    power, heat = EMITTERS.index("power"), EMITTERS.index("heat")
    share = base / energy[-1, power] if energy[-1, power] else 0.0
    amount = np.where(np.isnan(past), share * energy[:, power], np.minimum(past, energy[:, power]))
    amount[-1] = base
    energy[:, heat] += amount
    energy[:, power] -= amount
    known[:, heat] = known[:, power]


def _power(uses: list[EnergyUse]) -> dict[str, float]:
    out = dict.fromkeys(("coal", "gas", "coal_co2", "gas_co2"), 0.0)
    for use in uses:
        if use.sector == "power" and INVENTORY_CARRIER.get(use.fuel) in {"coal", "coke", "gas"}:
            key = "gas" if use.fuel == "natural_gas" else "coal"
            out[key] += use.energy
            out[f"{key}_co2"] += (use.co2 or 0.0) / KT_PER_MT
    return out


def _gaps(final: Floats) -> list[Check]:
    """Sectors without any fuel row in the base year."""
    return [
        Check("no_energy_use", sector, float("nan"), "PJ")
        for s, sector in enumerate(DEMAND)
        if np.isnan(final[s]).all()
    ]


def _generation(
    facts: dict[str, dict[int, Fact]], base: int, power: dict[str, float], parameters: ParameterSet, checks: list[Check]
) -> tuple[Floats, float]:
    """Return generation by source in the base year [TWh] and gross consumption; what is not generated is imported."""

    def running(key: str) -> float:
        """Mean of the capacities at the start and the end of the year [GW]."""
        series = facts[key]
        return (series[base].value + series[base - 1].value) / 2 if base - 1 in series else series[base].value

    gross, thermal = facts["electricity"][base].value, facts["thermal"][base].value
    gas = min(
        power["gas"] * parameters.scalar("gas.efficiency") / PJ_PER_TWH,
        thermal * parameters.scalar("gas.share.maximum"),
    )
    biomass = parameters.scalar("capacity.biomass") * parameters.scalar("hours.biomass") / 1000.0
    out = dict.fromkeys(GENERATORS, 0.0)
    out["hydro"] = facts["hydro"][base].value
    out["wind"] = running("wind") * parameters.scalar("hours.wind") / 1000.0
    out["solar"] = running("solar") * parameters.scalar("hours.solar") / 1000.0
    out["biomass"], out["gas"], out["coal"] = biomass, gas, thermal - gas - biomass
    out["nuclear"] = parameters.scalar("capacity.nuclear") * parameters.scalar("hours.nuclear") / 1000.0
    if out["coal"] <= 0:
        raise DataError([Problem("no_coal_power", "statistics.csv", value=f"{out['coal']:.1f}")])
    imports = gross - sum(out.values())
    if imports < 0:
        checks.append(Check("exports_left_out", "imports", imports, "TWh"))
        gross, imports = gross - imports, 0.0
    out["imports"] = imports
    for key in ("wind", "solar", "biomass", "imports"):
        checks.append(Check("generation_estimated", key, out[key], "TWh"))
    return np.array([out[g] for g in GENERATORS]), gross


def _electricity(final: Floats, found: Floats, gross: float, parameters: ParameterSet, checks: list[Check]) -> float:
    """Make final electricity consistent with gross consumption; return losses and own use as a share of the latter."""
    e = CARRIERS.index("electricity")
    used = float(final[:, e].sum()) / PJ_PER_TWH
    losses = 1.0 - used / gross
    if np.isnan(found[:, e]).all():
        losses = parameters.scalar("electricity.losses")
        share = parameters.array("electricity.share")
        final[:, e] = share / share.sum() * gross * (1.0 - losses) * PJ_PER_TWH
        checks.append(Check("electricity_split", "electricity", gross, "TWh"))
    elif not LOSSES_RANGE[0] <= losses <= LOSSES_RANGE[1]:
        checks.append(Check("electricity_scaled", "electricity", used - gross, "TWh"))
        losses = parameters.scalar("electricity.losses")
        final[:, e] *= gross * (1.0 - losses) / used
    return 1.0 - float(final[:, e].sum()) / PJ_PER_TWH / gross


def _factors(
    final: Floats, burnt: Floats, energy: Floats, parameters: ParameterSet, checks: list[Check]
) -> tuple[Floats, Floats]:
    """Return the implied emission factors [S, fossil] and the energy CO2 that no fuel row explains [S]."""
    default, demand = parameters.array("factor.default"), energy[FIRST : FIRST + len(DEMAND)]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(final[:, :4] > 0, burnt / final[:, :4], default)
    for s, sector in enumerate(DEMAND):
        if 0.0 < demand[s] < burnt[s].sum() - 1e-9:
            checks.append(Check("fuel_counted_as_process", sector, float(burnt[s].sum() - demand[s]), "Mt CO2"))
            factor[s] *= demand[s] / burnt[s].sum()
    residual: Floats = demand - (factor * final[:, :4]).sum(axis=1)
    residual = np.where(np.abs(residual) < 1e-9, 0.0, residual)
    checks.extend(
        Check("energy_co2_unexplained", s, float(r), "Mt CO2") for s, r in zip(DEMAND, residual, strict=True) if r
    )
    return factor, residual
