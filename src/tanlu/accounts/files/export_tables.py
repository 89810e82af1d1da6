"""The tables of a result folder: results, quality control, activity data, factors, methods; the same bytes for the same data."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Final

from tanlu.accounts.rulebook import findings, result
from tanlu.accounts.rulebook.activity import COLUMNS, Activity
from tanlu.accounts.rulebook.method import Method
from tanlu.accounts.rulebook.result import Result, Results
from tanlu.core.factors import Factor

ACTIVITY_COLUMNS: Final = (*COLUMNS, "file", "row", "id")
FACTOR_COLUMNS: Final = (*(f.name for f in fields(Factor)), "hash")
METHOD_COLUMNS: Final = ("id", "topic", "version", "tier", "formula", "clause", "source", "hash")
JOINT: Final = ";"
"""Between the ids of factors in one cell."""
Cell = str | int | float | None


def format_cell(value: Cell) -> str:
    """Return a cell as text; floats in full, so that reading them gives the same number."""
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table as UTF-8 with ``\\n``; the writer gives cells the text of `format_cell`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def result_row(r: Result) -> list[Cell]:
    """Return the columns of ``results.csv``."""
    return [
        r.record, r.place, r.period, r.category, r.gas, r.value, r.unit, r.low, r.high, r.method, JOINT.join(r.factors),
        r.id,
    ]  # fmt: skip


def activity_row(a: Activity, name: str = "") -> list[Cell]:
    """Return the columns of ``activities.csv``; ``name`` is the id where it is known."""
    return [*a[: len(COLUMNS)], a.file, a.row, name or a.id]


def factor_row(factor: Factor) -> list[Cell]:
    """Return the columns of ``factors.csv``."""
    said: list[Cell] = [getattr(factor, name) for name in FACTOR_COLUMNS[:-1]]
    said[FACTOR_COLUMNS.index("grade")] = factor.grade.value
    return [*said, factor.hash]


def methods_used(results: Results) -> list[Method]:
    """Return the methods of the results by id."""
    found = {block.method.id: block.method for block in results.blocks}
    return [found[name] for name in sorted(found)]


def write_tables(folder: Path, results: Results, activities: Sequence[Activity]) -> None:
    """Write all tables of a computation."""
    write_csv(folder / "results.csv", result.COLUMNS, map(result_row, results))
    write_csv(folder / "qc.csv", findings.COLUMNS, (list(f.as_row().values()) for f in results.findings))
    names = {a: name for name, a in results.activities.items()}
    write_csv(folder / "activities.csv", ACTIVITY_COLUMNS, (activity_row(a, names.get(a, "")) for a in activities))
    factors = (results.factors[name] for name in sorted(results.factors))
    write_csv(folder / "factors.csv", FACTOR_COLUMNS, map(factor_row, factors))
    rows = ([getattr(m, name) for name in METHOD_COLUMNS] for m in methods_used(results))
    write_csv(folder / "methods.csv", METHOD_COLUMNS, rows)
