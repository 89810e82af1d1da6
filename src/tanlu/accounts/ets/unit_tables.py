"""Tables of units as they stand in a CSV file or in the sheets of a workbook, with the faults of cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tanlu.accounts.files.activity_table import cell_problem
from tanlu.accounts.files.cell_checks import Checked, check_text, check_value
from tanlu.accounts.files.sheets import Cell, Sheet, letters, read_sheets, top_left, touches
from tanlu.accounts.files.template_layout import LABELLED, MARK
from tanlu.core.errors import Notice, Problem
from tanlu.core.tables import decode

EXCEL: Final = (".xlsx", ".xlsm", ".xls")
DELIMITERS: Final = (";", "\t", "|")


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Rows that hold something, the header first.

    Parameters
    ----------
    file : str
        File, or ``book.xlsx[sheet]``.
    is_sheet : bool
        Whether problems name the cell beside the column.
    rows : list of (row number, cells)
    """

    file: str
    is_sheet: bool
    rows: list[tuple[int, list[Cell]]]

    def where(self, row: int, column: int, name: str) -> str:
        """Return how a cell is named in problems: the column, in a sheet with its cell (``F7 load``)."""
        return f"{letters(column)}{row} {name}" if self.is_sheet else name


def read_tables(
    path: Path, is_header: Callable[[Sequence[str]], bool], problems: list[Problem], notices: list[Notice]
) -> list[UnitTable]:
    """Return the tables of a file: one of a CSV, those of a workbook whose first row is a header.

    Parameters
    ----------
    path : Path
        CSV (UTF-8 or GBK) or XLSX.
    is_header : callable
        Whether the texts of a row are the header of such a table.
    problems, notices : list
        What is found is added to them.
    """
    if not path.is_file():
        problems.append(Problem("no_such_file", path.name))
    elif path.suffix.lower() in EXCEL:
        return _workbook(path, is_header, problems, notices)
    elif path.suffix.lower() in (".csv", ".txt", ""):
        return _csv(path, problems, notices)
    else:
        problems.append(Problem("unknown_file_type", path.name, value=path.suffix))
    return []


def _csv(path: Path, problems: list[Problem], notices: list[Notice]) -> list[UnitTable]:
    name = path.name
    text, faults, remarks = decode(path.read_bytes(), name)
    notices += remarks
    problems += faults
    if faults:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [
            (reader.line_num, [Cell(c.strip(), "text") for c in cells])
            for cells in reader
            if any(c.strip() for c in cells)
        ]
    except csv.Error as error:
        problems.append(Problem("not_csv", name, reader.line_num, details={"reason": str(error)}))
        return []
    if not rows:
        problems.append(Problem("empty_file", name))
        return []
    line, header = rows[0]
    delimiter = next((d for d in DELIMITERS if len(header) == 1 and d in header[0].text), None)
    if delimiter is not None:
        problems.append(Problem("wrong_delimiter", name, line, value=delimiter.replace("\t", "Tab")))
        return []
    return [UnitTable(name, False, rows)]


def _workbook(
    path: Path, is_header: Callable[[Sequence[str]], bool], problems: list[Problem], notices: list[Notice]
) -> list[UnitTable]:
    sheets, faults = read_sheets(path, path.name)
    problems += faults
    tables: list[UnitTable] = []
    for sheet in sheets:
        if not sheet.rows or sheet.rows[0][1][0].text.startswith(f"{MARK}-"):
            continue
        if sheet.hidden:
            notices.append(Notice("hidden_sheet", path.name, {"sheet": sheet.name}))
        elif is_header([c.text for c in sheet.rows[0][1]]):
            tables.append(_sheet(sheet, f"{path.name}[{sheet.name}]", problems))
        else:
            notices.append(Notice("sheet_not_read", path.name, {"sheet": sheet.name}))
    if not tables and not faults:
        problems.append(Problem("no_unit_sheet", path.name))
    return tables


def _sheet(sheet: Sheet, file: str, problems: list[Problem]) -> UnitTable:
    for merged in sheet.merged:
        if touches(merged, sheet.rows[0][0]):
            row = int("".join(c for c in merged.partition(":")[0] if c.isdigit()))
            problems.append(Problem("merged_cells", file, row, merged, top_left(sheet, merged)))
    return UnitTable(file, True, sheet.rows)


def checked_cell(cell: Cell, *, is_number: bool) -> Checked:
    """Return the text of a cell and what is wrong with its spelling; a word in the place of a number is left to the plan."""
    found = cell_problem(cell, "value", "") if is_number or cell.kind != "date" else None
    if found is not None:
        return found
    # drop-down lists write the word of a choice with its names
    return check_value(cell.text) if is_number else check_text(cell.text.partition(LABELLED)[0])
