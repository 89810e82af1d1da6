"""A small inventory with the magnitudes of a province, and the shipped pathway folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanlu.accounts import EnergyUse, Inventory, InventoryRow, Status
from tanlu.core.provenance import Grade
from tanlu.core.province import Province, load_province, province_folder
from tanlu.pathways import (
    Baseline,
    Parameters,
    PathwayData,
    baseline_from_inventory,
    engine_parameters,
    load_pathways,
    run,
)
from tanlu.pathways.effects import Effects, EffectsData, EffectTables, effect_tables, effects, load_effects

YEARS = (2022, 2023, 2024)
# sector: {fuel: PJ}; emission factors below in kt/PJ
ENERGY = {
    "power": {"coal": 900.0, "natural_gas": 10.0, "oil": 5.0},
    "energy_industry": {"coal": 100.0, "oil": 20.0, "electricity": 35.0},
    "steel": {"coal": 80.0, "coke": 230.0, "coke_oven_gas": 15.0, "electricity": 45.0},
    "cement": {"coal": 220.0, "natural_gas": 15.0, "electricity": 40.0, "other": 8.0},
    "nonferrous": {"coal": 30.0, "coke": 10.0, "electricity": 45.0},
    "chemicals": {"coal": 110.0, "natural_gas": 12.0, "oil": 20.0, "electricity": 40.0, "heat": 40.0},
    "other_industry": {"coal": 200.0, "natural_gas": 25.0, "oil": 60.0, "electricity": 200.0, "heat": 20.0},
    "transport": {"oil": 420.0, "natural_gas": 15.0, "electricity": 30.0},
    "residential": {"coal": 60.0, "oil": 60.0, "natural_gas": 60.0, "electricity": 210.0},
    "services": {"coal": 60.0, "oil": 60.0, "natural_gas": 30.0, "electricity": 110.0},
    "agriculture": {"coal": 40.0, "oil": 30.0, "electricity": 15.0},
}
FACTOR = {"coal": 94.0, "coke": 104.0, "coke_oven_gas": 45.0, "natural_gas": 55.5, "oil": 72.5}
PROCESS = {"steel": 1800.0, "cement": 30000.0, "nonferrous": 1500.0}
GROWTH = {2022: 0.97, 2023: 1.02, 2024: 1.0}


def synthetic_inventory(region: str = "hunan") -> Inventory:
    """Return an inventory whose category 1.A rows are exactly energy × factor, plus process, waste, land and import rows."""
    uses, rows = [], []

    def row(year: int, category: str, sector: str, value: float | None, status: Status = Status.CALCULATED) -> None:
        errors = {"a": 0.05, f"own:{sector}": 0.04} if value is not None else {}
        rows.append(InventoryRow(region, year, category, "CO2", sector, value, status, Grade.C, "test", errors))

    for year, factor in GROWTH.items():
        for sector, fuels in ENERGY.items():
            for fuel, energy in fuels.items():
                co2 = energy * factor * FACTOR[fuel] if fuel in FACTOR else None
                uses.append(
                    EnergyUse(year, sector, f"1.A.{sector}", fuel, energy * factor, co2, Status.CALCULATED, Grade.C)
                )
            row(year, f"1.A.{sector}", sector, sum(FACTOR.get(f, 0.0) * e for f, e in fuels.items()) * factor)
        for sector, value in PROCESS.items():
            row(year, f"2.{sector}", sector, value * factor)
        row(year, "4.C", "waste", 500.0 * factor)
        row(year, "3.B.1", "land", -40000.0)
        row(year, "2.A.2", "cement", None, Status.NE)
        row(year, "memo.imports", "power", 27000.0, Status.MEMO)
    return Inventory(region, YEARS, tuple(rows), tuple(uses))


@pytest.fixture(scope="session")
def folder() -> Path:
    return province_folder("hunan")


@pytest.fixture(scope="session")
def province(folder: Path) -> Province:
    return load_province(folder)


@pytest.fixture(scope="session")
def data(folder: Path) -> PathwayData:
    return load_pathways(folder)


@pytest.fixture(scope="session")
def inventory() -> Inventory:
    return synthetic_inventory()


@pytest.fixture(scope="session")
def baseline(inventory: Inventory, province: Province, data: PathwayData) -> Baseline:
    return baseline_from_inventory(inventory, province, data.parameters)


@pytest.fixture(scope="session")
def parameters(data: PathwayData, baseline: Baseline) -> Parameters:
    return engine_parameters(data, baseline)


@pytest.fixture(scope="session")
def side(folder: Path) -> EffectsData:
    return load_effects(folder)


@pytest.fixture(scope="session")
def tables(side: EffectsData, parameters: Parameters) -> EffectTables:
    return effect_tables(side, parameters)


@pytest.fixture(scope="session")
def found(tables: EffectTables, parameters: Parameters) -> Effects:
    """What follows from the reference run."""
    return effects(run(parameters), tables)
