"""What the pathways take from an inventory over its years: CO2 by emitter, errors, land and imports."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.province.records import Inventory, InventoryRow, Status
from tanlu.pathways.dimensions import CARRIERS, EMITTERS
from tanlu.pathways.parameters import Floats

Bools = NDArray[np.bool_]

INVENTORY_CARRIER: Final = {
    "coal": "coal", "coke": "coke", "coke_oven_gas": "coke", "natural_gas": "gas", "oil": "oil",
    "electricity": "electricity", "heat": "heat", "other": "biomass",
}  # fmt: skip
KT_PER_MT: Final = 1000.0
IMPORTS_CATEGORY: Final = "memo.imports"


def _is_process(row: InventoryRow) -> bool:
    return not row.category.startswith("1")


def _counts(row: InventoryRow) -> bool:
    return row.gas == "CO2" and row.value is not None and row.status is not Status.MEMO and row.sector != "land"


def carbon_history(inventory: Inventory, years: tuple[int, ...], share: Floats) -> tuple[Floats, Floats, Bools, Bools]:
    """CO2 by year and emitter, and where there is a figure; transport is split by the passenger share of each fuel."""
    energy, process = np.zeros((len(years), len(EMITTERS))), np.zeros((len(years), len(EMITTERS)))
    known_energy, known_process = np.zeros(energy.shape, bool), np.zeros(energy.shape, bool)
    passenger = _passenger_by_year(inventory, years, share)
    for row in inventory.rows:
        if row.year not in years or not _counts(row) or row.value is None:
            continue
        h, of_process = years.index(row.year), _is_process(row) or row.sector == "waste"
        part = {row.sector: 1.0}
        if row.sector == "transport":
            part = {"transport_passenger": passenger[h], "transport_freight": 1.0 - passenger[h]}
        for sector, fraction in part.items():
            e = EMITTERS.index(sector)
            (process if of_process else energy)[h, e] += row.value * fraction / KT_PER_MT
            (known_process if of_process else known_energy)[h, e] = True
    return energy, process, known_energy, known_process


def _passenger_by_year(inventory: Inventory, years: tuple[int, ...], share: Floats) -> list[float]:
    out = []
    for year in years:
        co2 = {u.fuel: 0.0 for u in inventory.energy}
        for u in inventory.energy:
            if u.year == year and u.sector == "transport" and u.co2 is not None:
                co2[u.fuel] += u.co2
        total = sum(co2.values())
        passenger = sum(v * share[CARRIERS.index(INVENTORY_CARRIER[f])] for f, v in co2.items())
        out.append(passenger / total if total else float(share[CARRIERS.index("oil")]))
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
    """Relative standard errors by year and emitter."""

    def of(emitter: str) -> Callable[[InventoryRow], bool]:
        sector = "transport" if emitter.startswith("transport") else emitter
        return lambda row: row.sector == sector

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
