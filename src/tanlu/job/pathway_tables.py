"""The frozen tables of pathways and assessment."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from tanlu.assessment import INTENSITY_COLUMNS, SCORE_COLUMNS, IntensityYear, Score
from tanlu.job.tables import Cell, write_csv
from tanlu.pathways import ScenarioSet, fan_id, iamc_rows
from tanlu.pathways.effects import Effects


def write_pathways(
    folder: Path, scenarios: ScenarioSet, region: str, model: str, effects: Mapping[str, Effects]
) -> None:
    """Write ``pathways.csv``: the IAMC wide table of all scenarios, with what follows from them."""
    with (folder / "pathways.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(iamc_rows(scenarios, region, model, effects))


def write_fans(folder: Path, scenarios: ScenarioSet) -> None:
    """Write ``fan.csv``: quantiles by scenario, variable and year."""
    header = ["scenario", "variable", "unit", "year", "p05", "p25", "p50", "p75", "p95", "id"]
    write_csv(
        folder / "fan.csv",
        header,
        (
            [s.name, f.variable, f.unit, int(year), *map(float, values), fan_id(s.name, f.variable, int(year))]
            for s in scenarios
            for f in s.fans.values()
            for year, values in zip(f.years, f.values, strict=True)
        ),
    )


def write_peaks(folder: Path, scenarios: ScenarioSet) -> None:
    """Write ``peaks.csv``: peak of the central run, its spread over the draws, and the chance that it is not after the deadline."""
    header = [
        "scenario", "world", "growth", "peak_year", "peak_year_low", "peak_year_high", "level", "level_low", "level_high", "unit",
        "probability", "stderr", "test", "id",
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            s.name, s.world, s.growth, s.peak.year, s.chance.year_low, s.chance.year_high, s.peak.level, s.chance.level_low,
            s.chance.level_high, "Mt CO2/yr", s.chance.probability, s.chance.stderr,
            "past" if s.peak_is_past else s.peak.status, f"peak:{s.name}",
        ]
        for s in scenarios
    ]  # fmt: skip
    write_csv(folder / "peaks.csv", header, rows)


def write_levers(folder: Path, scenarios: ScenarioSet) -> None:
    """Write ``levers.csv``: range and setting in each world."""
    worlds = list(scenarios.data.worlds)
    header = ["id", "name_zh", "name_en", "action", "unit", "minimum", "default", "maximum", *worlds, "grade", "source"]
    write_csv(
        folder / "levers.csv",
        header,
        (
            [
                lever.id, lever.name_zh, lever.name_en, lever.action, lever.unit, lever.minimum, lever.default, lever.maximum,
                *(lever.worlds[w] for w in worlds), lever.grade.value, lever.source,
            ]
            for lever in scenarios.data.levers
        ),
    )  # fmt: skip


def write_scoreboard(folder: Path, scores: Iterable[Score], intensities: Iterable[IntensityYear]) -> None:
    """Write ``scoreboard.csv`` and ``intensity.csv``."""
    write_csv(folder / "scoreboard.csv", SCORE_COLUMNS, (_cells(s.as_row()) for s in scores))
    write_csv(folder / "intensity.csv", INTENSITY_COLUMNS, (_cells(i.as_row()) for i in intensities))


def _cells(row: Mapping[str, object]) -> list[Cell]:
    return [value if isinstance(value, str | int | float | None) else str(value) for value in row.values()]
