"""The table ``portfolio.csv`` of a pathway folder: what research costs and how long it takes, and the money of the programme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tanlu.core.errors import DataError, Problem
from tanlu.core.provenance import Grade
from tanlu.core.tables import Column, read_table
from tanlu.pathways.data import FOLDER

FILE: Final = "portfolio.csv"
QUANTITIES: Final = {
    "research.cost": ("million CNY/yr", 0.0, 1e4),
    "demonstration.cost": ("million CNY/yr", 0.0, 1e5),
    "years.level": ("yr", 0.5, 10.0),
    "budget": ("million CNY/yr", 0.0, 1e6),
    "budget.years": ("yr", 1.0, 36.0),
    "correlation": ("1", 0.0, 0.99),
    "memory": ("1", 0.0, 1.0),
    "elsewhere": ("1", 0.0, 1.0),
}
"""Unit and range of each quantity."""
COLUMNS: Final = (
    Column("quantity", "choice", choices=list(QUANTITIES)),
    Column("value", "number"),
    Column("unit", "choice", choices=sorted({unit for unit, _, _ in QUANTITIES.values()})),
    Column("source"),
    Column("grade", "grade"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)


@dataclass(frozen=True, slots=True)
class ProgrammeAssumption:
    """One number of the table."""

    quantity: str
    value: float
    unit: str
    source: str
    grade: Grade
    note_zh: str
    note_en: str


def load_assumptions(province_folder: Path) -> Mapping[str, ProgrammeAssumption]:
    """Read and check the table, by quantity.

    Raises
    ------
    DataError
        With every problem: a quantity that is absent or out of range, or in another unit.
    """
    table = read_table(province_folder / FOLDER / FILE, COLUMNS, key=("quantity",), root=province_folder)
    problems = list(table.problems)
    found = {str(row["quantity"]): ProgrammeAssumption(**row) for row in table.rows}  # type: ignore[arg-type]
    for (name, one), line in zip(found.items(), table.lines, strict=False):
        unit, low, high = QUANTITIES[name]
        if one.unit != unit:
            problems.append(Problem("wrong_unit", table.file, line, "unit", one.unit, {"wanted": unit}))
        if not low <= one.value <= high:
            details = {"quantity": name, "minimum": f"{low:g}", "maximum": f"{high:g}"}
            problems.append(Problem("portfolio_range", table.file, line, "value", f"{one.value:g}", details))
    if not problems:
        absent = [name for name in QUANTITIES if name not in found]
        problems += [Problem("portfolio_absent", table.file, field="quantity", value=name) for name in absent]
    if problems:
        raise DataError(problems)
    return found
