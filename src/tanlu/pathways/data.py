"""The pathway folder of a province: parameters, levers, worlds, growth cases and the map from technologies to levers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.provenance import Grade, Source
from tanlu.core.province import check_keys, read_yaml
from tanlu.core.schema import SOURCES
from tanlu.core.tables import Column, read_table
from tanlu.pathways.dimensions import GROWTH_CASES, LAST_YEAR, SECTOR, WORLDS
from tanlu.pathways.levers import Lever, lever_values, read_levers
from tanlu.pathways.parameters import SPLIT, Floats, ParameterSet, read_parameters

FOLDER: Final = "pathways"
GROWTH_VARIABLES: Final = {"gdp_growth": "1/yr", "population_growth": "1/yr", "urbanisation": "1"}
GROWTH_COLUMNS: Final = (
    Column("case", "choice", choices=GROWTH_CASES, note="growth case"),
    Column("variable", "choice", choices=list(GROWTH_VARIABLES), note="what grows"),
    Column("year", "year", note="years between are interpolated"),
    Column("value", "number", minimum=-0.2, maximum=1.0),
    Column("unit", "choice", choices=["1/yr", "1"]),
    Column("source"),
    Column("grade", "grade"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)
MAPPING_COLUMNS: Final = (
    Column("technology", note="id of a technology of the plan"),
    Column("hook", note="its modelling hook"),
    Column("lever", note="id of the lever that it moves"),
    Column(
        "relation",
        "choice",
        choices=["moves", "enables"],
        note="moves the parameter itself, or makes the move possible",
    ),
)


@dataclass(frozen=True, slots=True)
class World:
    """A policy world: the value of each lever is written in the lever."""

    id: str
    zh: str
    en: str
    note_zh: str
    note_en: str


@dataclass(frozen=True, slots=True)
class GrowthPoint:
    """One number of ``growth.csv``."""

    case: str
    variable: str
    year: int
    value: float
    unit: str
    source: str
    grade: Grade
    note_zh: str
    note_en: str

    @property
    def id(self) -> str:
        """Identifier of the assumption in a lineage."""
        return f"growth:{self.case}:{self.variable}:{self.year}"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A technology of the plan and a lever that it moves or enables."""

    technology: str
    hook: str
    lever: str
    relation: str


@dataclass(frozen=True)
class PathwayData:
    """Everything that the pathway folder says, checked."""

    folder: Path
    parameters: ParameterSet
    levers: tuple[Lever, ...]
    worlds: Mapping[str, World]
    growth: tuple[GrowthPoint, ...]
    mapping: tuple[Mapped, ...]
    sources: tuple[Source, ...]
    """Sources that this folder adds to those of the province."""
    side: tuple[Lever, ...] = ()
    """Levers of other gases: the engine does not know them, its results lead to theirs."""

    @property
    def every(self) -> tuple[Lever, ...]:
        """Levers of the engine and those of other gases."""
        return (*self.levers, *self.side)

    @cached_property
    def lever_index(self) -> dict[str, int]:
        """Column of each lever in a lever vector."""
        return {lever.id: i for i, lever in enumerate(self.levers)}

    def world(self, name: str, changes: Mapping[str, float] | None = None) -> Floats:
        """Return the lever vector of a world, with changes; those of other gases are checked and left out.

        Raises
        ------
        DataError
            If the world or a lever is unknown or a value is outside its range.
        """
        if name not in self.worlds:
            details = {"some": ", ".join(self.worlds)}
            raise DataError([Problem("unknown_world", "worlds.yaml", value=name, details=details)])
        values = lever_values(self.every, {lever.id: lever.worlds[name] for lever in self.every}, changes)
        return values[: len(self.levers)]

    def growth_path(self, case: str, variable: str, years: Sequence[int]) -> Floats:
        """Return a growth variable in each year, interpolated between the years of ``growth.csv``.

        Raises
        ------
        DataError
            If the case is unknown.
        """
        points = sorted((p.year, p.value) for p in self.growth if p.case == case and p.variable == variable)
        if not points:
            details = {"some": ", ".join(GROWTH_CASES)}
            raise DataError([Problem("unknown_growth", "growth.csv", value=case, details=details)])
        out: Floats = np.interp(np.asarray(years, float), [p[0] for p in points], [p[1] for p in points])
        return out


def load_pathways(province_folder: Path) -> PathwayData:
    """Read and check the pathway folder of a province folder.

    Raises
    ------
    DataError
        With every problem of every file.
    """
    root, folder = province_folder, province_folder / FOLDER
    problems: list[Problem] = []
    tables = [read_table(f / SOURCES.file, SOURCES.columns, key=SOURCES.key, root=root) for f in (root, folder)]
    for table in tables:
        problems.extend(table.problems)
    known = [*(str(row["id"]) for table in tables for row in table.rows), *load_library().sources]
    parameters = read_parameters(folder, root, problems)
    levers = read_levers(folder / "levers", root, known, problems)
    worlds = _read_worlds(folder, root, problems)
    growth = _read_growth(folder, root, problems)
    mapping = _read_mapping(folder, root, levers, problems)
    problems.extend(_shares(parameters))
    for file, source in [
        *((f"{FOLDER}/parameters.csv", v.source) for v in parameters.values.values()),
        *((f"{FOLDER}/growth.csv", g.source) for g in growth),
    ]:
        if source not in known:
            details = {"refers_to": SOURCES.file, "some": ", ".join(known[:6])}
            problems.append(Problem("unknown_choice", file, field="source", value=source, details=details))
    if problems:
        raise DataError(problems)
    own = tuple(Source(**row) for row in tables[1].rows)  # type: ignore[arg-type]
    return PathwayData(folder, parameters, levers, worlds, growth, mapping, own)


def _shares(parameters: ParameterSet) -> list[Problem]:
    """Report the shares of a sector of the inventory and a carrier that add up to more than one."""
    sums: dict[tuple[str, str], float] = {}
    for index in SPLIT:
        sector, carrier = index.split(":")
        if (value := parameters.values.get(("inventory.share", index))) is not None:
            key = SECTOR[sector].inventory, carrier
            sums[key] = sums.get(key, 0.0) + value.value
    return [
        Problem(
            "share_above_one",
            f"{FOLDER}/parameters.csv",
            None,
            "inventory.share",
            f"{total:g}",
            {"sector": s, "carrier": c},
        )
        for (s, c), total in sums.items()
        if total > 1.0 + 1e-9
    ]


def _read_worlds(folder: Path, root: Path, problems: list[Problem]) -> dict[str, World]:
    content = read_yaml(folder / "worlds.yaml", root, problems)
    file, out = (folder / "worlds.yaml").relative_to(root).as_posix(), {}
    if content is not None and check_keys(content, WORLDS, WORLDS, file, problems):
        keys = ("zh", "en", "note_zh", "note_en")
        for name in WORLDS:
            if check_keys(content[name], keys, keys, file, problems):
                out[name] = World(name, **{k: str(content[name][k]) for k in keys})
    return out


def _read_growth(folder: Path, root: Path, problems: list[Problem]) -> tuple[GrowthPoint, ...]:
    table = read_table(folder / "growth.csv", GROWTH_COLUMNS, key=("case", "variable", "year"), root=root)
    problems.extend(table.problems)
    points = [GrowthPoint(**row) for row in table.rows]  # type: ignore[arg-type]
    for point, line in zip(points, table.lines, strict=True):
        if point.unit != GROWTH_VARIABLES[point.variable]:
            details = {"wanted": GROWTH_VARIABLES[point.variable]}
            problems.append(Problem("wrong_unit", table.file, line, "unit", point.unit, details))
    if not table.problems:
        for case in GROWTH_CASES:
            for variable in GROWTH_VARIABLES:
                years = [p.year for p in points if p.case == case and p.variable == variable]
                if not years or max(years) < LAST_YEAR:
                    span = {"first": min(years, default=0), "last": LAST_YEAR}
                    problems.append(Problem("growth_gap", table.file, field=variable, value=case, details=span))
        problems.extend(_growth_order(points, table.file))
    return tuple(points)


def _growth_order(points: Sequence[GrowthPoint], file: str) -> list[Problem]:
    """In every year that a growth case names, low is not above mid and mid not above high; years between are interpolated."""
    out = []
    for variable in GROWTH_VARIABLES:
        paths = [
            sorted((p.year, p.value) for p in points if p.variable == variable and p.case == c) for c in GROWTH_CASES
        ]
        years = sorted({year for path in paths for year, _ in path}) if all(paths) else []
        values = np.array([np.interp(years, [y for y, _ in path], [v for _, v in path]) for path in paths if years])
        for year, at in zip(years, values.T, strict=False):
            if (np.diff(at) < -1e-9).any():
                value = ", ".join(f"{v:.4g}" for v in at)
                out.append(Problem("growth_order", file, field=variable, value=value, details={"year": year}))
    return out


def _read_mapping(folder: Path, root: Path, levers: Sequence[Lever], problems: list[Problem]) -> tuple[Mapped, ...]:
    table = read_table(folder / "mapping.csv", MAPPING_COLUMNS, key=("technology", "lever"), root=root)
    problems.extend(table.problems)
    known = {lever.id: lever for lever in levers}
    mapping = [Mapped(**row) for row in table.rows]  # type: ignore[arg-type]
    for entry, line in zip(mapping, table.lines, strict=True):
        if entry.lever not in known:
            details = {"refers_to": "levers/", "some": ", ".join(list(known)[:6])}
            problems.append(Problem("unknown_choice", table.file, line, "lever", entry.lever, details))
    pairs = {(m.lever, m.technology) for m in mapping}
    for lever in levers:
        problems.extend(
            Problem(
                "unknown_choice",
                lever.file,
                field=f"{lever.id}.technologies",
                value=t,
                details={"refers_to": table.file, "some": "T01-001"},
            )
            for t in lever.technologies
            if (lever.id, t) not in pairs
        )
    return tuple(mapping)
