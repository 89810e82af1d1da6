"""Other gases, costs, jobs and air pollutants of the scenarios of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tanlu.accounts import Inventory
from tanlu.job.tables import Cell, write_csv
from tanlu.pathways import ScenarioSet
from tanlu.pathways.effects import Effects, EffectsData, EffectTables, effect_tables, effects

COLUMNS: Final = ("scenario", "variable", "unit", "year", "value", "grade", "id")


def scenario_effects(data: EffectsData | None, scenarios: ScenarioSet, inventory: Inventory) -> dict[str, Effects]:
    """Return what follows from the central run of each scenario; empty where the province has no data on it."""
    if data is None:
        return {}
    tables: dict[str, EffectTables] = {}
    out = {}
    for scenario in scenarios:
        if scenario.growth not in tables:
            tables[scenario.growth] = effect_tables(data, scenario.parameters, inventory)
        out[scenario.name] = effects(
            scenario.central, tables[scenario.growth], scenario.levers, data.world(scenario.world)
        )
    return out


def write_effects(folder: Path, found: dict[str, Effects]) -> None:
    """Write ``effects.csv``: the figures that have a node in the lineage; every year is in ``pathways.csv``."""
    from tanlu.pathways.effects.lineage import effect_rows

    rows: list[list[Cell]] = [list(row) for row in effect_rows(found)]
    write_csv(folder / "effects.csv", list(COLUMNS), rows)
