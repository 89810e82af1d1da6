"""Sheets of an Excel workbook as rows of cells, with what a workbook can hide: merged and hidden parts, formulas without a result.

Workbooks are read as a stream. What the stream does not tell (merged cells, formulas) is looked up in the parts of the file.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from xml.etree import ElementTree

from tanlu.core.errors import Problem

MAX_MEGABYTES: Final = 50
MAX_UNPACKED_MEGABYTES: Final = 1000
MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?ref="([A-Z]+\d+(?::[A-Z]+\d+)?)"')
FORMULA: Final = re.compile(rb"<(?:\w+:)?f[ >/]")
MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of an old .xls, and of an encrypted workbook."""
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
UNREADABLE: Final = (
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    zipfile.BadZipFile,
    ElementTree.ParseError,
)
"""What reading a damaged workbook raises."""
CellKind = Literal["", "text", "number", "percent", "date", "error", "no_value"]


class Cell(NamedTuple):
    """The text of a cell as a reader sees it, and what kind of cell it is."""

    text: str
    kind: CellKind


EMPTY: Final = Cell("", "")


@dataclass(slots=True)
class Sheet:
    """A sheet.

    Parameters
    ----------
    name : str
    hidden : bool
    merged : list of str
        Ranges of merged cells, such as ``B2:C2``.
    rows : list of (row number, cells)
        Rows that hold something.
    """

    name: str
    hidden: bool
    merged: list[str]
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)


def read_sheets(path: Path, name: str) -> tuple[list[Sheet], list[Problem]]:
    """Read all sheets of a workbook; a file that cannot be read is one problem, under the given name."""
    problem = _refusal(path, name)
    if problem is not None:
        return [], [problem]
    try:
        return _read(path), []
    except UNREADABLE as error:
        return [], [Problem("not_xlsx", name, details={"reason": str(error)})]


def _refusal(path: Path, name: str) -> Problem | None:
    """Return why a file is not opened at all."""
    size = path.stat().st_size / 1e6
    if size > MAX_MEGABYTES:
        return Problem("too_large", name, value=f"{size:.0f}", details={"limit": MAX_MEGABYTES})
    content = path.read_bytes()
    if not content:
        return Problem("empty_file", name)
    if content.startswith(OLE):
        if ENCRYPTED in content:
            return Problem("encrypted_xlsx", name)
        return Problem("not_xlsx", name, details={"reason_zh": "旧的 xls 格式", "reason_en": "the old xls format"})
    if not zipfile.is_zipfile(path):
        return Problem("not_xlsx", name, details={"reason_zh": "不是 zip 文件", "reason_en": "not a zip file"})
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist()) / 1e6
    if unpacked > MAX_UNPACKED_MEGABYTES:
        # a small file that unpacks to much more fills the memory
        return Problem("too_large", name, value=f"{unpacked:.0f}", details={"limit": MAX_UNPACKED_MEGABYTES})
    return None


def _parts(archive: zipfile.ZipFile) -> list[tuple[str, bool, str]]:
    """Return name, whether it is hidden, and the part of the file of each sheet."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {r.attrib["Id"]: r.attrib["Target"] for r in relations}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    found = []
    for sheet in book.iter(f"{MAIN}sheet"):
        target = targets[sheet.attrib[RELATION]]
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found.append((sheet.attrib["name"], sheet.attrib.get("state", "visible") != "visible", part))
    return found


def _read(path: Path) -> list[Sheet]:
    import openpyxl

    with zipfile.ZipFile(path) as archive:
        parts = [p for p in _parts(archive) if "worksheets/" in p[2]]
        contents = {name: archive.read(part) for name, _, part in parts}
    values = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    formulas = None
    if any(FORMULA.search(c) for c in contents.values()):
        formulas = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    sheets: list[Sheet] = []
    try:
        for name, hidden, _ in parts:
            merged = [m.decode() for m in MERGED.findall(contents[name])]
            sheet = Sheet(name, hidden, merged)
            has_formulas = formulas is not None and FORMULA.search(contents[name])
            said = _formulas(formulas[name]) if formulas is not None and has_formulas else {}
            sheet.rows = _rows(values[name], said)
            sheets.append(sheet)
    finally:
        values.close()
        if formulas is not None:
            formulas.close()
    return sheets


def _formulas(sheet: Any) -> dict[tuple[int, int], str]:
    """Return the formulas of a sheet by row and column."""
    sheet.reset_dimensions()
    return {
        (cell.row, cell.column): str(cell.value)
        for row in sheet.iter_rows()
        for cell in row
        if getattr(cell, "data_type", "") == "f"
    }


def _rows(sheet: Any, formulas: dict[tuple[int, int], str]) -> list[tuple[int, list[Cell]]]:
    # the dimension that some programs write is wrong
    sheet.reset_dimensions()
    rows: list[tuple[int, list[Cell]]] = []
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_cell(c) for c in row]
        for at in range(len(cells)):
            formula = formulas.get((number, at + 1))
            if formula is not None and not cells[at].text:
                cells[at] = Cell(formula, "no_value")
        if any(c.text for c in cells):
            rows.append((number, cells))
    return rows


def _cell(cell: Any) -> Cell:
    """Return a cell as text; numbers with the fifteen digits that a spreadsheet shows."""
    value = cell.value
    if value is None:
        return EMPTY
    if cell.data_type == "e":
        return Cell(str(value), "error")
    if isinstance(value, bool):
        return Cell(str(value).upper(), "text")
    if isinstance(value, datetime | date):
        return Cell(f"{value:%Y-%m-%d}", "date")
    if isinstance(value, time):
        return Cell(value.isoformat(), "date")
    if isinstance(value, int | float):
        text = str(value) if isinstance(value, int) else _printed(value)
        return Cell(text, "percent" if "%" in (cell.number_format or "") else "number")
    return Cell(str(value).strip(), "text")


def _printed(value: float) -> str:
    # 0.1 + 0.2 is 0.3 to the reader of a sheet, which shows and keeps fifteen digits
    text = f"{value:.15g}"
    return text.removesuffix(".0")


def letters(column: int) -> str:
    """Return the letters of a column, the first being 0."""
    text, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        text = chr(65 + digit) + text
    return text


def touches(merged: str, first_row: int) -> bool:
    """Return whether a merged range reaches a row or one below it."""
    last = merged.rpartition(":")[2]
    return int(re.sub(r"\D", "", last)) >= first_row


def top_left(sheet: Sheet, merged: str) -> str:
    """Return the text of a merged range."""
    first = merged.partition(":")[0]
    row = int(re.sub(r"\D", "", first))
    column = re.sub(r"\d", "", first)
    for number, cells in sheet.rows:
        if number == row:
            return next((c.text for at, c in enumerate(cells) if letters(at) == column), "")
    return ""
