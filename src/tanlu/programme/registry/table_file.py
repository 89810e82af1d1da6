"""Tables that bureaus send: CSV or the first sheet of an Excel workbook, with headers in Chinese, English or the names of the columns.

Cells that a spreadsheet hides or breaks (formulas without a result, formula errors, merged cells) are problems; nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tanlu.core.errors import Problem
from tanlu.core.messages import LANGUAGES, catalogue, translate
from tanlu.core.tables import Column, Table, decode, read_table

MOST_ROWS: Final = 20_000
Row = tuple[int, list[str]]
"""A line as an editor or a spreadsheet shows it, and its cells."""


def header_of(path: Path) -> list[str]:
    """Return the cells of the first line, empty if the file cannot be read."""
    rows, problems = rows_of(path)
    return [] if problems or not rows else rows[0][1]


def rows_of(path: Path) -> tuple[list[Row], list[Problem]]:
    """Return the lines of a table that hold something, with the problems of the file."""
    if not path.is_file():
        return [], [Problem("missing_file", path.name)]
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls"}:
        return _sheet_rows(path)
    text, problems, _ = decode(path.read_bytes(), path.name)
    if problems:
        return [], problems
    rows: list[Row] = []
    reader, start = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((start, [cell.strip() for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        return [], [Problem("not_csv", path.name, start, details={"reason": str(error)})]
    return rows, []


def _sheet_rows(path: Path) -> tuple[list[Row], list[Problem]]:
    from tanlu.accounts.files.sheets import read_sheets

    sheets, problems = read_sheets(path, path.name)
    shown = next((s for s in sheets if not s.hidden and s.rows), None)
    if shown is None:
        return [], problems or [Problem("table_empty", path.name)]
    problems += [Problem("merged_cells", path.name, field=place) for place in shown.merged]
    width = len(shown.rows[0][1])
    rows: list[Row] = []
    for number, cells in shown.rows:
        for at, cell in enumerate(cells):
            code = {"error": "formula_error", "no_value": "formula_without_value"}.get(cell.kind)
            if code:
                problems.append(Problem(code, path.name, number, str(at + 1), cell.text))
        texts = [cell.text for cell in cells]
        while len(texts) > width and not texts[-1]:
            texts.pop()
        rows.append((number, texts + [""] * (width - len(texts))))
    return rows, problems


def named(header: Sequence[str], columns: Sequence[Column], prefix: str) -> list[str]:
    """Return a header with the names of columns in place of their labels; what is no label stays as it is."""
    names = {}
    for column in columns:
        key = f"{prefix}.{column.name}"
        for text in (column.name, *(translate(key, lang) for lang in LANGUAGES if key in catalogue())):
            names[_folded(text)] = column.name
    return [names.get(_folded(cell), cell) for cell in header]


def _folded(text: str) -> str:
    return "".join(text.split()).casefold().strip("*＊")


def read_rows(path: Path, columns: Sequence[Column], prefix: str, key: Sequence[str] = ()) -> Table:
    """Read and check a table; columns that may be empty may also be left out.

    Parameters
    ----------
    prefix : str
        Labels of the columns stand in the catalogue under ``<prefix>.<column>``.
    key : sequence of str
        Columns that together may not repeat.

    Returns
    -------
    Table
        Rows free of problems, and every problem with its line.
    """
    rows, problems = rows_of(path)
    if not problems and not rows:
        problems = [Problem("table_empty", path.name)]
    if not problems and len(rows) > MOST_ROWS + 1:
        problems = [Problem("table_long", path.name, value=str(len(rows) - 1), details={"limit": MOST_ROWS})]
    if problems:
        return Table(path.name, problems=problems)
    header = named(rows[0][1], columns, prefix)
    missing = [c.name for c in columns if not c.required and c.name not in header]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    line = 1
    for number, cells in [(1, header), *rows[1:]]:
        # empty lines keep the numbers of the lines
        text.write("\n" * (number - line))
        line = number + 1
        flat = [" ".join(cell.splitlines()) for cell in cells]
        writer.writerow([*flat, *(missing if number == 1 else [""] * len(missing))])
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_text(text.getvalue(), encoding="utf-8")
        return read_table(copy, columns, key=key)
