"""Writing frozen tables: CSV in UTF-8 with ``\\n``, the same bytes for the same data."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

Cell = str | int | float | None


def format_cell(value: Cell) -> str:
    """Return a cell as text: numbers with at most six decimals and without trailing zeros, None as an empty cell."""
    if value is None:
        return ""
    if isinstance(value, float):
        # adding 0.0 turns a negative zero into zero
        return repr(round(value, 6) + 0.0)
    return str(value)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a table.

    Raises
    ------
    ValueError
        If a row is not as wide as the header.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            if len(row) != len(header):
                raise ValueError(f"{path.name}: row of {len(row)} cells under {len(header)} columns: {row!r}")
            writer.writerow([format_cell(cell) for cell in row])


def write_json(path: Path, data: object) -> None:
    """Write plain data as JSON, keys in the order given."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(data, file, ensure_ascii=False, indent=1)
        file.write("\n")
