"""Units of a company for an allocation plan, read from a CSV file or a workbook; problems with file, row and column or cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from tanlu.accounts.ets.allocation import allocate
from tanlu.accounts.ets.checks import check_plan
from tanlu.accounts.ets.records import Allocation, IndustrialUnit, PowerUnit
from tanlu.accounts.ets.unit_columns import COLUMNS, REQUIRED, TEXTS, WORDS
from tanlu.accounts.ets.unit_tables import UnitTable, checked_cell, read_tables
from tanlu.accounts.files.sheets import Cell
from tanlu.accounts.files.template_layout import EXAMPLE
from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.library import load_library
from tanlu.core.messages import LANGUAGES, catalogue

ABOUT_ALL: Final = "ets_wrong_units"
"""Problem of a whole file."""


@dataclass(slots=True)
class UnitFile:
    """Units as they stand in a file, and for each id the places where it stands: table, row, and its columns."""

    name: str
    units: list[PowerUnit] | list[IndustrialUnit]
    places: dict[str, list[tuple[UnitTable, int, Sequence[str]]]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def located(self, error: DataError) -> DataError:
        """Return the problems of an allocation with the file and the row of the unit that they are about."""
        return DataError(self._locate(p) for p in error.problems)

    def _locate(self, problem: Problem) -> Problem:
        unit = problem.value if problem.code == "ets_double_unit" else problem.file
        places = self.places.get(unit)
        if places is None:
            return replace(problem, file=self.name) if problem.code == ABOUT_ALL else problem
        table, row, columns = places[-1]
        name = problem.field
        where = table.where(row, columns.index(name), name) if name in columns else name
        return replace(problem, file=table.file, row=row, field=where)


def allocate_file(path: Path, plan: str, year: int | None = None) -> tuple[Allocation, UnitFile]:
    """Return the allowances of the company whose units stand in a file.

    Parameters
    ----------
    path : Path
        CSV or XLSX in the columns of `PowerUnit` or `IndustrialUnit`; Chinese and English names of columns are taken too.
    plan : str
        Id of a plan.
    year : int, optional
        Needed where the plan covers several.

    Raises
    ------
    DataError
        With every problem of every row.
    """
    rules, when = check_plan(plan, year)
    given = read_units(path, rules.sector)
    try:
        return allocate(rules, given.units, when), given
    except DataError as error:
        raise given.located(error) from None


def read_units(path: Path, sector: str) -> UnitFile:
    """Return the units of a file; numbers stay as they are written, so that they are exact.

    Raises
    ------
    DataError
        If the file or its header cannot be read, a cell is faulty, or one that must be filled is empty.
    """
    problems: list[Problem] = []
    found = UnitFile(path.name, [])
    names = _column_names(sector)

    def is_header(texts: Sequence[str]) -> bool:
        named = {names.get(t.strip().lower()) for t in texts}
        return len(named.intersection(REQUIRED[sector])) > len(REQUIRED[sector]) // 2

    made: list[Any] = []
    read = 0
    for table in read_tables(path, is_header, problems, found.notices):
        told = len(problems)
        columns = _header(table, names, sector, problems)
        if len(problems) == told:
            read += len(table.rows) - 1
            made += _units(table, columns, sector, found, problems)
    if not made and not problems:
        problems.append(Problem("only_example_row" if read else "empty_file", path.name))
    if problems:
        raise DataError(problems)
    found.units = made
    return found


def _column_names(sector: str) -> dict[str, str]:
    """Return the names of columns as users may write them, in lower case."""
    return {
        spelt.lower(): column
        for column in COLUMNS[sector]
        for spelt in (column, *catalogue()[f"ets_column.{column}"].values())
    }


def _header(table: UnitTable, names: dict[str, str], sector: str, problems: list[Problem]) -> list[str]:
    """Return the columns by their ids."""
    line, cells = table.rows[0]
    columns = [names.get(c.text.strip().lower(), c.text.strip()) for c in cells]
    while columns and not columns[-1]:
        columns.pop()
    for column in dict.fromkeys(columns):
        if column not in COLUMNS[sector]:
            details = {"wanted": ", ".join(COLUMNS[sector])}
            problems.append(Problem("unknown_column", table.file, line, column, details=details))
        elif columns.count(column) > 1:
            problems.append(Problem("double_column", table.file, line, column))
    for column in REQUIRED[sector]:
        if column not in columns:
            details = {"found": ", ".join(columns)}
            problems.append(Problem("missing_column", table.file, line, column, details=details))
    return columns


def _units(
    table: UnitTable, columns: Sequence[str], sector: str, found: UnitFile, problems: list[Problem]
) -> list[PowerUnit | IndustrialUnit]:
    """Return the units of a table; one with a faulty cell is left out and told."""
    made: list[PowerUnit | IndustrialUnit] = []
    for line, cells in table.rows[1:]:
        if columns.index("id") < len(cells) and cells[columns.index("id")].text == EXAMPLE:
            continue
        before = len(problems)
        if any(c.text for c in cells[len(columns) :]):
            details = {"found": len(cells), "wanted": len(columns)}
            problems.append(Problem("wrong_width", table.file, line, details=details))
        row = _row(table, line, cells, columns, problems)
        for name in REQUIRED[sector]:
            if name not in row:
                where = table.where(line, columns.index(name), name)
                problems.append(Problem("empty", table.file, line, where))
        if len(problems) == before:
            words = {n: _word(n, value) for n, value in row.items()}
            made.append(PowerUnit(**words) if sector == "power" else IndustrialUnit(**words))  # type: ignore[arg-type]
            found.places.setdefault(row["id"], []).append((table, line, columns))
    return made


def _row(
    table: UnitTable, line: int, cells: Sequence[Cell], columns: Sequence[str], problems: list[Problem]
) -> dict[str, str]:
    """Return what a row says by column; the text of a faulty cell stays, so that the cell does not count as empty."""
    row: dict[str, str] = {}
    for at, (name, cell) in enumerate(zip(columns, cells, strict=False)):
        if not cell.text:
            continue
        checked = checked_cell(cell, is_number=name not in TEXTS)
        row[name] = checked.text
        if checked.code:
            where = table.where(line, at, name)
            problems.append(Problem(checked.code, table.file, line, where, checked.text, dict(checked.details)))
    return row


def _word(column: str, value: str) -> str:
    """Return the option that a word stands for; a word that is none stays and is told by the checks."""
    library = load_library()
    for option in WORDS.get(column, ()):
        if value.lower() in (option, *(library.label(option, lang).lower() for lang in LANGUAGES)):
            return option
    if column == "special":
        special = {
            t.lower(): k for k, texts in catalogue().items() if k.startswith("ets.special.") for t in texts.values()
        }
        return special.get(value.lower(), value).removeprefix("ets.special.")
    return value
