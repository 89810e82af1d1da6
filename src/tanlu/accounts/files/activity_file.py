"""Reading activity data: CSV and Excel files in the columns of the contract, and the Excel template.

Every problem of every file is answered together, with file, sheet, cell, value and mend; then nothing is returned.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tanlu.accounts.files.activity_table import (
    REQUIRED,
    ActivityTable,
    canonical_names,
    header_of,
    table_activities,
)
from tanlu.accounts.files.sheets import Sheet, letters, read_sheets, top_left, touches
from tanlu.accounts.files.template_layout import MARK
from tanlu.accounts.files.template_sheet import sheet_activities
from tanlu.accounts.rulebook.activity import COLUMNS, Activity
from tanlu.core.collector import collector_paused
from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.tables import decode

MAX_MEGABYTES: Final = 200
"""Largest CSV file."""
DELIMITERS: Final = (";", "\t", "|")
PART: Final = 200
"""Rows that are turned into columns at a time, so that few objects live."""


@dataclass(slots=True)
class ActivityFiles:
    """What was read.

    Parameters
    ----------
    activities : list of Activity
    notices : list of Notice
        What was accepted but should be known.
    cells : mapping
        Letters of the columns of each sheet, by column name, or by input in a template.
    problems : list of Problem
        What is wrong with the files; records with a faulty row are then not among the activities.
    """

    activities: list[Activity] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    cells: dict[str, Mapping[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def located(self, error: DataError) -> DataError:
        """Return the problems that a computation found, with the cell where the datum stands in a sheet."""
        rows: dict[tuple[str, int | None], list[Activity]] = {}
        if any(p.file in self.cells for p in error.problems):
            for a in self.activities:
                rows.setdefault((a.file, a.row), []).append(a)
        return DataError(self._locate(p, rows.get((p.file, p.row), [])) for p in error.problems)

    def _locate(self, problem: Problem, rows: list[Activity]) -> Problem:
        columns = self.cells.get(problem.file)
        if columns is None or problem.row is None:
            return problem
        names = [problem.field, problem.value]
        if problem.field in ("value", "unit"):
            # in a template all inputs of a record share a row; the value says which one is meant
            position = COLUMNS.index(problem.field)
            names += [f"{a.input}.unit" for a in rows if problem.field == "unit" and a[position] == problem.value]
            names += [a.input for a in rows if a[position] == problem.value]
        letter = next((columns[name] for name in names if name in columns), None)
        return problem if letter is None else replace(problem, field=f"{letter}{problem.row}")


def read_activities(paths: Sequence[Path]) -> list[Activity]:
    """Read activity data from CSV and XLSX files.

    Parameters
    ----------
    paths : sequence of Path
        Files in the columns `tanlu.accounts.rulebook.activity.COLUMNS` (Chinese names are taken too), or filled templates.

    Raises
    ------
    DataError
        With every problem of every file.
    """
    return read_activity_files(paths).activities


def read_activity_files(paths: Sequence[Path], *, partly: bool = False) -> ActivityFiles:
    """Read activity data with notices and the places of cells; see `read_activities`.

    Parameters
    ----------
    paths : sequence of Path
    partly : bool
        Whether faulty files are answered with what is sound in them and their problems, so that the rest can be checked too.
    """
    found = ActivityFiles()
    problems = found.problems
    often = Counter(path.name for path in paths)
    for path in paths:
        # two files of one name are told apart by their folders
        name = path.name if often[path.name] == 1 else path.as_posix()
        if not path.is_file():
            problems.append(Problem("no_such_file", name))
        elif path.suffix.lower() in (".xlsx", ".xlsm"):
            _read_workbook(path, name, found, problems)
        elif path.suffix.lower() in (".csv", ".txt"):
            _read_csv(path, name, found, problems)
        else:
            problems.append(Problem("unknown_file_type", name, value=path.suffix or path.name))
    if problems and not partly:
        raise DataError(problems)
    return found


def _read_csv(path: Path, name: str, found: ActivityFiles, problems: list[Problem]) -> None:
    size = path.stat().st_size / 1e6
    if size > MAX_MEGABYTES:
        problems.append(Problem("too_large", name, value=f"{size:.0f}", details={"limit": MAX_MEGABYTES}))
        return
    text, faults, notices = decode(path.read_bytes(), name)
    found.notices += notices
    if faults:
        problems += faults
        return
    with collector_paused():
        table = _table(text, name, problems)
        found.activities += [] if table is None else table_activities(table, problems)


def _table(text: str, file: str, problems: list[Problem]) -> ActivityTable | None:
    """Return the rows that hold something, with the line on which each starts; None if the header or the quotes are wrong."""
    # strict: otherwise an open quote takes the rest of the file into one cell and says nothing
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    table: ActivityTable | None = None
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for cells in reader:
            if any(cells):
                if table is None:
                    table = _headed(cells, file, start, problems)
                    if table is None:
                        return None
                else:
                    rows.append(cells)
                    lines.append(start)
                    if len(rows) == PART:
                        table.add(rows, lines, problems)
                        rows, lines = [], []
            start = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem("not_csv", file, start, details={"reason": str(error)}))
        return None
    if table is None:
        problems.append(Problem("empty_file", file))
        return None
    table.add(rows, lines, problems)
    return table


def _headed(cells: list[str], file: str, line: int, problems: list[Problem]) -> ActivityTable | None:
    """Return a table under a header without problems."""
    delimiter = next((d for d in DELIMITERS if len(cells) == 1 and d in cells[0]), None)
    if delimiter is not None:
        problems.append(Problem("wrong_delimiter", file, line, value=delimiter.replace("\t", "Tab")))
        return None
    before = len(problems)
    columns = header_of(cells, file, line, problems)
    return ActivityTable(file, columns) if len(problems) == before else None


def _read_workbook(path: Path, name: str, found: ActivityFiles, problems: list[Problem]) -> None:
    sheets, faults = read_sheets(path, name)
    problems += faults
    if faults:
        return
    read, before, rows = 0, len(problems), len(found.activities)
    for sheet in sheets:
        if not sheet.rows or sheet.rows[0][1][0].text.startswith(f"{MARK}-"):
            continue
        details = {"sheet": sheet.name}
        if sheet.hidden:
            found.notices.append(Notice("hidden_sheet", name, details))
            continue
        file = f"{name}[{sheet.name}]"
        if sheet.rows[0][1][0].text == MARK:
            read += 1
            _merged(sheet, file, 1, problems)
            activities, cells = sheet_activities(sheet, file, problems)
            found.activities += activities
            found.cells[file] = cells
        elif _is_activity_sheet(sheet):
            read += 1
            _read_sheet(sheet, file, found, problems)
        else:
            found.notices.append(Notice("sheet_not_read", name, details))
    if not read:
        problems.append(Problem("no_activity_sheet", name, details={"wanted": ", ".join(COLUMNS)}))
    if len(found.activities) > rows:
        # a template has a sheet for each method, and not every method is needed
        unfilled = [p for p in problems[before:] if p.code == "only_example_row"]
        problems[before:] = [p for p in problems[before:] if p.code != "only_example_row"]
        found.notices += [Notice("sheet_not_filled", p.file) for p in unfilled]


def _is_activity_sheet(sheet: Sheet) -> bool:
    """Return whether the first row that is filled names most of the columns."""
    names = canonical_names()
    header = {names.get(c.text.lower()) for c in sheet.rows[0][1]}
    return len(header.intersection(REQUIRED)) > len(REQUIRED) // 2


def _merged(sheet: Sheet, file: str, first_row: int, problems: list[Problem]) -> None:
    for merged in sheet.merged:
        if touches(merged, first_row):
            row = int("".join(c for c in merged.partition(":")[0] if c.isdigit()))
            problems.append(Problem("merged_cells", file, row, merged, top_left(sheet, merged)))


def _read_sheet(sheet: Sheet, file: str, found: ActivityFiles, problems: list[Problem]) -> None:
    header_row, header = sheet.rows[0]
    _merged(sheet, file, header_row, problems)
    told = len(problems)
    columns = header_of([c.text for c in header], file, header_row, problems)
    if len(problems) > told:
        return
    width = len(columns)
    table = ActivityTable(file, columns, is_sheet=True)
    rows, lines = list[list[str]](), list[int]()
    for number, cells in sheet.rows[1:]:
        texts = [c.text for c in cells]
        if any(texts[width:]):
            details = {"found": len(texts), "wanted": width}
            problems.append(Problem("wrong_width", file, number, f"{letters(width)}{number}", details=details))
            continue
        kinds = ((c, cell.kind) for c, cell in enumerate(cells[:width]))
        table.kinds |= {(len(lines), c): kind for c, kind in kinds if kind not in ("", "text", "number")}
        # a stream leaves out the empty cells at the end of a row
        rows.append(texts[:width] + [""] * (width - len(texts)))
        lines.append(number)
    table.add(rows, lines, problems)
    found.activities += table_activities(table, problems)
    found.cells[file] = {name: letters(c) for c, name in enumerate(columns)}
