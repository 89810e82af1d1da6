"""What the pathways take from an inventory over its years: CO2 by emitter, errors, land and imports."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.province.records import Inventory, InventoryRow, Status
from tanlu.pathways.dimensions import CARRIERS, EMITTERS, FOSSIL, INVENTORY_CARRIER, SECTOR
from tanlu.pathways.division import Division, main_branch
from tanlu.pathways.parameters import Floats, ParameterSet

Bools = NDArray[np.bool_]

KT_PER_MT: Final = 1000.0
IMPORTS_CATEGORY: Final = "memo.imports"


def _is_process(row: InventoryRow) -> bool:
    return not row.category.startswith("1")


def _counts(row: InventoryRow) -> bool:
    return row.gas == "CO2" and row.value is not None and row.status is not Status.MEMO and row.sector != "land"


def carbon_history(
    inventory: Inventory, years: tuple[int, ...], parts: Division
) -> tuple[Floats, Floats, Bools, Bools]:
    """CO2 of energy and of processes by year and emitter [H, emitter] Mt, and where there is a figure; heat stands in power."""
    energy, process = np.zeros((len(years), len(EMITTERS))), np.zeros((len(years), len(EMITTERS)))
    known_energy, known_process = np.zeros(energy.shape, bool), np.zeros(energy.shape, bool)
    burnt = burnt_by_row(inventory)
    for row in inventory.rows:
        if row.year not in years or not _counts(row) or row.value is None:
            continue
        h, of_process = years.index(row.year), _is_process(row) or row.sector == "waste"
        shares = _shares(row, of_process, burnt, parts)
        for sector, fraction in shares.items():
            e = EMITTERS.index(sector)
            (process if of_process else energy)[h, e] += row.value * fraction / KT_PER_MT
            (known_process if of_process else known_energy)[h, e] = True
    return energy, process, known_energy, known_process


def _shares(
    row: InventoryRow, of_process: bool, burnt: dict[tuple[int, str, str], dict[str, float]], parts: Division
) -> dict[str, float]:
    """Return the parts of a row by sector; process CO2 of a category that nobody owns is that of the main sector."""
    if of_process or row.sector == "power":
        return {parts.of_category(row.sector, row.category) or main_branch(row.sector): 1.0}
    return parts.of_carbon(row.sector, row.category, burnt.get((row.year, row.sector, row.category), {}), FOSSIL)


def burnt_by_row(inventory: Inventory) -> dict[tuple[int, str, str], dict[str, float]]:
    """CO2 of burning by carrier [kt], for each year, sector and category of the inventory."""
    out: dict[tuple[int, str, str], dict[str, float]] = {}
    for use in inventory.energy:
        if use.co2 is not None and use.fuel in INVENTORY_CARRIER:
            row, carrier = out.setdefault((use.year, use.sector, use.category), {}), INVENTORY_CARRIER[use.fuel]
            row[carrier] = row.get(carrier, 0.0) + use.co2
    return out


def heat_history(inventory: Inventory, years: tuple[int, ...], final: Floats, parameters: ParameterSet) -> Floats:
    """CO2 of heat by year [H] Mt: heat bought × fuel of heat × the year's coal factor, at most half of the coal; NaN where unknown."""
    coal, co2 = np.zeros(len(years)), np.zeros(len(years))
    for use in inventory.energy:
        if use.year in years and use.sector == "power" and INVENTORY_CARRIER.get(use.fuel) in {"coal", "coke"}:
            coal[years.index(use.year)] += use.energy
            co2[years.index(use.year)] += (use.co2 or 0.0) / KT_PER_MT
    bought = final[:, :, CARRIERS.index("heat")]
    fuel = np.minimum(np.nansum(bought, axis=1) * parameters.scalar("heat.fuel"), 0.5 * coal)
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Floats = np.where(np.isnan(bought).all(axis=1), np.nan, fuel * co2 / coal)
    return out


def _relative(inventory: Inventory, year: int, where: Callable[[InventoryRow], bool], causes: str = "") -> float:
    """Relative standard error of a sum of rows, from the causes whose names begin so."""
    parts = [
        (r.value, {c: e for c, e in r.errors.items() if c.startswith(causes)})
        for r in inventory.rows
        if r.year == year and _counts(r) and where(r) and r.value is not None
    ]
    value = sum(v for v, _ in parts)
    by_cause: dict[str, float] = {}
    for part, errors in parts:
        for cause, error in errors.items():
            by_cause[cause] = by_cause.get(cause, 0.0) + part * error
    return math.hypot(*by_cause.values()) / abs(value) if value else 0.0


def standard_errors(inventory: Inventory, years: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Relative standard errors by year of energy CO2 and of process CO2."""
    return (
        np.array([_relative(inventory, y, lambda r: not _is_process(r)) for y in years]),
        np.array([_relative(inventory, y, _is_process) for y in years]),
    )


def driver_errors(inventory: Inventory, years: tuple[int, ...]) -> Floats:
    """Relative standard error by year of energy CO2 that comes from filling years without activity data."""
    return np.array([_relative(inventory, y, lambda r: not _is_process(r), "driver:") for y in years])


def sector_standard_errors(inventory: Inventory, years: tuple[int, ...]) -> Floats:
    """Relative standard errors by year and emitter: those of the sector of the inventory."""

    def of(emitter: str) -> Callable[[InventoryRow], bool]:
        return lambda row: row.sector == SECTOR[emitter].inventory

    return np.array([[_relative(inventory, y, of(e)) for e in EMITTERS] for y in years])


def land_history(inventory: Inventory, years: tuple[int, ...]) -> dict[int, float]:
    """Return the CO2 of land by year [Mt], removals negative; years that say NE are left out."""
    out: dict[int, float] = {}
    for row in inventory.rows:
        if (
            row.sector == "land"
            and row.gas == "CO2"
            and row.value is not None
            and row.status is not Status.MEMO
            and row.year in years
        ):
            out[row.year] = out.get(row.year, 0.0) + row.value / KT_PER_MT
    return out


def imports_history(inventory: Inventory, years: tuple[int, ...]) -> dict[int, float]:
    """CO2 of imported power by year [Mt]."""
    return {
        row.year: row.value / KT_PER_MT
        for row in inventory.rows
        if row.status is Status.MEMO
        and row.category == IMPORTS_CATEGORY
        and row.value is not None
        and row.year in years
    }
