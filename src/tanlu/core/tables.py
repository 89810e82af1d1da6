"""Reading tables at the border: every error of a file is found and reported together.

CSV files are UTF-8 (with or without a byte-order mark). GB 18030, the superset of GBK that Chinese spreadsheets save, is read too and
answered with a notice.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from sys import intern
from typing import Final, Literal

from tanlu.core.errors import Notice, Problem
from tanlu.core.provenance import Grade
from tanlu.core.units import UnknownUnitError, parse_unit

Kind = Literal["text", "number", "integer", "year", "unit", "grade", "choice"]
FIRST_YEAR: Final = 1949
LAST_YEAR: Final = 2100


@dataclass(frozen=True, slots=True)
class Column:
    """What a column must hold.

    Parameters
    ----------
    name : str
    kind : Kind
    required : bool
        Whether an empty cell is a problem.
    minimum, maximum : float, optional
        Range of a number.
    choices : collection of str, optional
        Allowed values of ``kind="choice"``; also used for references to other tables.
    refers_to : str
        What the choices are, for the message ("regions.csv").
    note : str
        One line for the data dictionary.
    """

    name: str
    kind: Kind = "text"
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None
    choices: Collection[str] | None = None
    refers_to: str = ""
    note: str = ""


@dataclass(slots=True)
class Table:
    """The rows of a file that are free of problems, and everything that was found wrong or noteworthy.

    ``rows[i]`` maps column names to typed values (str, float, int, Grade or None for an empty optional cell); ``lines[i]`` is the line on
    which it starts. ``names`` holds the first key column of every row, also of rows with problems, so that a fault in one table does not
    make every reference to it a fault; it is None when the table could not be read at all.
    """

    file: str
    rows: list[dict[str, object]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    names: list[str] | None = None


def decode(content: bytes, file: str) -> tuple[str, list[Problem], list[Notice]]:
    """Decode the bytes of a text file as UTF-8 or, failing that, GB 18030 with a notice."""
    try:
        return content.decode("utf-8-sig"), [], []
    except UnicodeDecodeError as error:
        offset = error.start
    try:
        return content.decode("gb18030"), [], [Notice("gb18030", file)]
    except UnicodeDecodeError:
        line = content.count(b"\n", 0, offset) + 1
        return "", [Problem("encoding", file, line, value=content[offset : offset + 4].hex(" "))], []


def _number(text: str, column: Column, report: Callable[..., None]) -> float | None:
    try:
        value = float(text)
    except ValueError:
        report("not_a_number")
        return None
    if not math.isfinite(value):
        report("not_finite")
    elif column.minimum is not None and value < column.minimum:
        report("below_minimum", minimum=f"{column.minimum:g}")
    elif column.maximum is not None and value > column.maximum:
        report("above_maximum", maximum=f"{column.maximum:g}")
    else:
        return value
    return None


def _whole(text: str, column: Column, report: Callable[..., None]) -> int | None:
    value = _number(text, column, report)
    if value is None:
        return None
    if value != int(value):
        report("not_an_integer")
        return None
    if column.kind == "year" and not FIRST_YEAR <= value <= LAST_YEAR:
        report("not_a_year", first=FIRST_YEAR, last=LAST_YEAR)
        return None
    return int(value)


def _cell(text: str, column: Column, report: Callable[..., None]) -> object:
    """Return the typed value of a cell, or None after reporting what is wrong with it."""
    match column.kind:
        case "number":
            return _number(text, column, report)
        case "integer" | "year":
            return _whole(text, column, report)
        case "unit":
            try:
                parse_unit(text)
            except UnknownUnitError as error:
                report("unknown_unit", suggestions=", ".join(error.suggestions) or "t, 10^4 t, GWh, tce, %")
                return None
        case "grade":
            if text not in Grade.__members__:
                report("unknown_grade")
                return None
            return Grade(text)
        case _:
            pass
    if column.choices is not None and text not in column.choices:
        some = ", ".join(list(column.choices)[:6])
        report("unknown_choice", refers_to=column.refers_to or column.name, some=some)
        return None
    return text


def read_table(path: Path, columns: Sequence[Column], *, key: Sequence[str] = (), root: Path | None = None) -> Table:
    """Read and check a CSV file.

    Of a pair of columns ``…_zh`` and ``…_en`` both or neither must be filled.

    Parameters
    ----------
    path : Path
    columns : sequence of Column
        The columns that the file must have; further columns are a problem, so that a misspelt optional column is not ignored.
    key : sequence of str
        Columns that together may not repeat.
    root : Path, optional
        Folder against which the file is named in problems.

    Returns
    -------
    Table
        Never raises for bad content: all problems are in ``table.problems``.
    """
    file = path.relative_to(root).as_posix() if root else path.name
    table = Table(file)
    if not path.is_file():
        table.problems.append(Problem("missing_file", file))
        return table
    text, table.problems, table.notices = decode(path.read_bytes(), file)
    if table.problems:
        return table
    records = _records(text, table)
    header = [name.strip() for name in records[0][1]] if records else []
    if table.problems:
        return table
    wanted = {c.name: c for c in columns}
    for name in wanted:
        if name not in header:
            table.problems.append(Problem("missing_column", file, 1, name, details={"found": ", ".join(header)}))
    for name in header:
        if name not in wanted:
            table.problems.append(Problem("unknown_column", file, 1, name, details={"wanted": ", ".join(wanted)}))
    for name in wanted:
        if header.count(name) > 1:
            table.problems.append(Problem("double_column", file, 1, name))
    if table.problems:
        return table
    table.names = []
    seen: dict[tuple[object, ...], int] = {}
    for line, cells in records[1:]:
        if any(cell.strip() for cell in cells):
            _read_row(table, cells, header, wanted, line, key, seen)
    return table


def _records(text: str, table: Table) -> list[tuple[int, list[str]]]:
    """Split a text into records, each with the line on which it starts; a quote that is not closed is a problem."""
    # strict: otherwise an open quote takes the rest of the file into one cell and says nothing
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            records.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        table.problems.append(Problem("not_csv", table.file, start, details={"reason": str(error)}))
    return records


def _untranslated(row: dict[str, object]) -> list[tuple[str, str]]:
    """Return (empty column, filled column) of the text pairs ``…_zh``/``…_en`` of which only one is filled."""
    stems = [name.removesuffix("_zh") for name in row if name.endswith("_zh")]
    pairs = [(f"{stem}_zh", f"{stem}_en") for stem in stems if f"{stem}_en" in row]
    return [(a, b) if row[b] else (b, a) for a, b in pairs if bool(row[a]) != bool(row[b])]


def _report(table: Table, line: int, name: str, cell: str, code: str, **details: object) -> None:
    table.problems.append(Problem(code, table.file, line, name, cell, details))


def _read_row(
    table: Table,
    cells: list[str],
    header: list[str],
    wanted: dict[str, Column],
    line: int,
    key: Sequence[str],
    seen: dict[tuple[object, ...], int],
) -> None:
    if len(cells) != len(header):
        details = {"found": len(cells), "wanted": len(header)}
        table.problems.append(Problem("wrong_width", table.file, line, details=details))
        return
    if key and table.names is not None:
        table.names.append(cells[header.index(key[0])].strip())
    before = len(table.problems)
    row: dict[str, object] = {}
    for name, raw in zip(header, cells, strict=True):
        column, cell = wanted[name], raw.strip()
        if not cell:
            if column.required:
                table.problems.append(Problem("empty", table.file, line, name, cell))
            row[name] = None if column.kind != "text" else ""
        elif column.kind == "text" and column.choices is None:
            row[name] = intern(cell)
        else:
            row[name] = _cell(cell, column, partial(_report, table, line, name, cell))
    if len(table.problems) > before:
        return
    if key:
        identity = tuple(row[k] for k in key)
        if identity in seen:
            value = ", ".join(str(v) for v in identity)
            table.problems.append(
                Problem("duplicate", table.file, line, "+".join(key), value, {"first": seen[identity]})
            )
            return
        seen[identity] = line
    untranslated = _untranslated(row)
    for name, other in untranslated:
        table.problems.append(Problem("one_language", table.file, line, name, details={"other": other}))
    if untranslated:
        return
    table.rows.append(row)
    table.lines.append(line)
