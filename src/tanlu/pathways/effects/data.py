"""The folder ``pathways/effects`` of a province: assumptions, the use of each sector, own levers and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.provenance import Source
from tanlu.core.schema import SOURCES
from tanlu.core.tables import read_table
from tanlu.pathways.assumptions import Assumptions, read_assumptions
from tanlu.pathways.dimensions import DEMAND, EMITTERS
from tanlu.pathways.effects.declared import FILES, FOLDER, SECTOR_COLUMNS, SETS
from tanlu.pathways.levers import Lever, lever_values, read_levers
from tanlu.pathways.noncarbon.declared import CONTROLS
from tanlu.pathways.parameters import Floats


@dataclass(frozen=True, slots=True)
class SectorUse:
    """What the effects need to know of an emitter: who bears its costs, its class of equipment, what it drives."""

    sector: str
    actor: str
    equipment: str
    drives: str


@dataclass(frozen=True)
class EffectsData:
    """Everything that the folder says, checked."""

    folder: Path
    noncarbon: Assumptions
    costs: Assumptions
    coeffects: Assumptions
    sectors: Mapping[str, SectorUse]
    levers: tuple[Lever, ...]
    sources: tuple[Source, ...]

    def world(self, name: str, changes: Mapping[str, float] | None = None) -> Floats:
        """Return the values of the own levers in a world, with changes.

        Raises
        ------
        DataError
            For every unknown lever and every value outside its range.
        KeyError
            If the world is unknown.
        """
        return lever_values(self.levers, {lever.id: lever.worlds[name] for lever in self.levers}, changes)


def load_effects(province_folder: Path) -> EffectsData:
    """Read and check the effects of a province folder.

    Raises
    ------
    DataError
        With every problem of every file.
    """
    root, folder = province_folder, province_folder / "pathways" / FOLDER
    problems: list[Problem] = []
    tables = [read_table(f / SOURCES.file, SOURCES.columns, key=SOURCES.key, root=root) for f in (root, folder)]
    for table in tables:
        problems.extend(table.problems)
    known = [*(str(row["id"]) for table in tables for row in table.rows), *load_library().sources]
    read = {
        file.removesuffix(".csv"): read_assumptions(folder / file, root, declared, SETS, known, problems)
        for file, declared in FILES.items()
    }
    sectors = _read_sectors(folder, root, problems)
    levers = read_levers(folder / "levers", root, known, problems, {c.name: c for c in CONTROLS})
    for lever in levers:
        if lever.op not in {"set", "add"}:
            details = {"refers_to": "op", "some": "set, add"}
            problems.append(
                Problem("unknown_choice", lever.file, field=f"{lever.id}.op", value=lever.op, details=details)
            )
    if problems:
        raise DataError(problems)
    own = tuple(Source(**row) for row in tables[1].rows)  # type: ignore[arg-type]
    return EffectsData(folder, sectors=sectors, levers=levers, sources=own, **read)


def _read_sectors(folder: Path, root: Path, problems: list[Problem]) -> dict[str, SectorUse]:
    table = read_table(folder / "sectors.csv", SECTOR_COLUMNS, key=("sector",), root=root)
    problems.extend(table.problems)
    uses = [SectorUse(**{**row, "drives": row["drives"] or ""}) for row in table.rows]  # type: ignore[arg-type]
    for use, line in zip(uses, table.lines, strict=True):
        if use.sector not in EMITTERS:
            details = {"refers_to": "sectors", "some": ", ".join(EMITTERS[:6])}
            problems.append(Problem("unknown_choice", table.file, line, "sector", use.sector, details))
        if use.sector in DEMAND and use.equipment in {"power", "none"}:
            details = {"refers_to": "equipment", "some": "furnace, boiler, home"}
            problems.append(Problem("unknown_choice", table.file, line, "equipment", use.equipment, details))
    if not table.problems:
        missing = [s for s in EMITTERS if s not in {use.sector for use in uses}]
        problems.extend(Problem("sector_unassigned", table.file, field="sector", value=s) for s in missing)
    return {use.sector: use for use in uses}
