"""The tables of a system's folder and what stands in their columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tanlu.core.provenance import Grade
from tanlu.core.schema import SOURCES
from tanlu.core.tables import Column, Table, read_table
from tanlu.energy.reading.report import Report

_QUALITY: Final = (
    Column("source", required=False, note="id in sources.csv, here or of the province"),
    Column("grade", "grade", False, note="of this number; D where empty"),
)
_NOTES: Final = ("note", "note_zh", "note_en")
NODES: Final = (
    Column("id", note="short name"),
    Column("region", required=False, note="id of the region that it stands for"),
    Column("zh", note="Chinese name"),
    Column("en", note="English name"),
    Column("latitude", "number", False, -90, 90, note="[degree]"),
    Column("longitude", "number", False, -180, 180, note="[degree]"),
)
PARAMETERS: Final = (
    Column("component", note="component, technology, carrier, policy or 'system'"),
    Column("parameter"),
    Column("year", "year", False, note="empty for every year"),
    Column("value", "number"),
    Column("unit", "unit", False),
    Column("price_year", "year", False, note="of money"),
    *_QUALITY,
)
ASSETS: Final = (
    Column("component"),
    Column("name", required=False),
    Column("capacity", "number", minimum=0.0),
    Column("unit", "unit"),
    Column("commissioned", "year", False, note="first year in which it runs"),
    Column("retires", "year", False, note="first year in which it no longer runs"),
    *_QUALITY,
)
LINES: Final = (
    Column("id"),
    Column("from", note="node"),
    Column("to", note="node"),
    Column("carrier"),
    Column("technology", required=False),
    Column("capacity", "number", minimum=0.0),
    Column("unit", "unit"),
    Column("length_km", "number", False, 0.0),
    *_QUALITY,
)
TECHNOLOGIES: Final = (Column("technology"), Column("zh"), Column("en"))
_ENERGY: Final = (Column("energy", "number", False, 0.0, note="energy that it stores [MWh]"),)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table and where it stands."""

    file: str
    line: int
    cells: dict[str, Any]

    @property
    def grade(self) -> Grade:
        """Grade of the row; D where nothing is said."""
        return Grade(self.cells.get("grade") or Grade.D)

    @property
    def notes(self) -> tuple[str, str]:
        """Notes in Chinese and English."""
        note = self.cells.get("note") or ""
        return str(self.cells.get("note_zh") or note), str(self.cells.get("note_en") or note)

    @property
    def source(self) -> str:
        """Id of the source; empty where none is named."""
        return str(self.cells.get("source") or "")


def read_rows(
    report: Report, name: str, columns: tuple[Column, ...], key: tuple[str, ...] = (), optional: tuple[Column, ...] = ()
) -> list[Row]:
    """Read a table of the folder that may be missing, with further columns that may be missing; problems go to the report."""
    path = report.folder / name
    if not path.is_file():
        return []
    table = _read(path, report.folder, columns, key, optional)
    report.problems.extend(table.problems)
    report.notices.extend(table.notices)
    return [Row(table.file, line, row) for row, line in zip(table.rows, table.lines, strict=True)]


def _read(
    path: Path, root: Path, columns: tuple[Column, ...], key: tuple[str, ...], optional: tuple[Column, ...]
) -> Table:
    header = _header(path)
    further = [*optional, *(Column(note, required=False) for note in _NOTES)]
    # columns that say nothing in this table may be left out altogether
    left_out = {c.name for c in columns if not c.required and c.name not in header}
    wanted = [*(c for c in columns if c.name not in left_out), *(c for c in further if c.name in header)]
    return read_table(path, wanted, key=[k for k in key if k not in left_out], root=root)


def _header(path: Path) -> list[str]:
    """Return the names of the columns; what cannot be decoded is told by the reader of the table."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        return [name.strip() for name in next(csv.reader(text), [])]


def asset_rows(report: Report) -> Iterator[Row]:
    """Read assets.csv."""
    yield from read_rows(report, "assets.csv", ASSETS, optional=_ENERGY)


def source_rows(report: Report, folder: Path) -> list[dict[str, Any]]:
    """Read sources.csv of a folder, which may be missing."""
    path = folder / SOURCES.file
    if not path.is_file():
        return []
    table = _read(path, folder, SOURCES.columns, SOURCES.key, ())
    report.problems.extend(table.problems)
    return table.rows
