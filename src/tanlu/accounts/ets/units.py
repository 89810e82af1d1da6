"""Units of a company for an allocation plan, read from a CSV file; problems with file, row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from tanlu.accounts.ets.allocation import allocate
from tanlu.accounts.ets.checks import COOLING, SECTORS, check_plan
from tanlu.accounts.ets.plans import Plan
from tanlu.accounts.ets.records import (
    CONVENTIONAL_COAL,
    FLUIDISED_BED,
    GAS,
    UNCONVENTIONAL_COAL,
    Allocation,
    IndustrialUnit,
    PowerUnit,
)
from tanlu.accounts.files.template_layout import EXAMPLE
from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.library import load_library
from tanlu.core.messages import LANGUAGES, catalogue, translate
from tanlu.core.tables import decode

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "power": ("id", "fuel", "capacity", "emissions"),
    "industry": ("id", "sector", "emissions", "output"),
}
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "power": tuple(f.name for f in fields(PowerUnit)),
    "industry": tuple(f.name for f in fields(IndustrialUnit)),
}
"""Columns of the file by kind of plan."""
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "fuel": (*CONVENTIONAL_COAL, *UNCONVENTIONAL_COAL, *GAS), "technology": (FLUIDISED_BED,), "cooling": COOLING, "sector": SECTORS,
}  # fmt: skip
"""Columns that hold one of some words, or its Chinese or English name."""
EXAMPLES: Final[Mapping[str, Mapping[str, str]]] = {
    "power": {
        "fuel": "bituminous_coal", "capacity": "600", "emissions": "2500000", "generation": "3000000", "supply": "2820000",
        "heat": "500000", "load": "0.62", "cooling": "water", "heat_ratio": "0.05", "previous_emissions": "2450000",
    },
    "industry": {
        "sector": "cement", "emissions": "1300000", "output": "1500000", "balance_value": "0.86", "previous_emissions": "1280000",
    },
}  # fmt: skip
"""Invented figures that show how a row is written."""


@dataclass(slots=True)
class UnitFile:
    """Units as they stand in a file, and the row of each by its id."""

    name: str
    units: list[PowerUnit] | list[IndustrialUnit]
    rows: dict[str, list[int]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def located(self, error: DataError) -> DataError:
        """Return the problems of an allocation with the file and the row of the unit that they are about."""
        return DataError(self._locate(p) for p in error.problems)

    def _locate(self, problem: Problem) -> Problem:
        unit = problem.value if problem.code == "ets_double_unit" else problem.file
        rows = self.rows.get(unit)
        if rows is None:
            return replace(problem, file=self.name) if problem.code == "ets_wrong_units" else problem
        return replace(problem, file=self.name, row=rows[-1])


def template(plan: Plan) -> str:
    """Return a CSV with the columns of a plan, what they mean, and an example; rows of the record `EXAMPLE` are never read."""
    names = COLUMNS[plan.sector]
    meaning = [" / ".join(translate(f"ets_column.{n}", lang) for lang in LANGUAGES) for n in names[1:]]
    shown = EXAMPLES[plan.sector]
    text = io.StringIO()
    rows = [names, [EXAMPLE, *meaning], [EXAMPLE, *(shown.get(n, "") for n in names[1:])]]
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def allocate_file(path: Path, plan: str, year: int | None = None) -> tuple[Allocation, UnitFile]:
    """Return the allowances of the company whose units stand in a file.

    Parameters
    ----------
    path : Path
        CSV in the columns of `PowerUnit` or `IndustrialUnit`; Chinese and English names of columns are taken too.
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
        If the file or its header cannot be read, or a cell that must be filled is empty.
    """
    name = path.name
    if not path.is_file():
        raise DataError([Problem("missing_file", name)])
    text, problems, notices = decode(path.read_bytes(), name)
    rows = [] if problems else _rows(text, name, problems)
    columns = _header(rows[0][1], name, sector, problems) if rows else []
    if problems:
        raise DataError(problems)
    found = UnitFile(name, [], notices=notices)
    made: list[Any] = []
    for line, cells in rows[1:]:
        row = {n: cell.strip() for n, cell in zip(columns, cells, strict=False) if cell.strip()}
        if row.get("id") == EXAMPLE:
            continue
        missing = [n for n in REQUIRED[sector] if n not in row]
        problems += [Problem("empty", name, line, n) for n in missing]
        if not missing:
            words = {n: _word(n, value) for n, value in row.items()}
            made.append(PowerUnit(**words) if sector == "power" else IndustrialUnit(**words))  # type: ignore[arg-type]
            found.rows.setdefault(row["id"], []).append(line)
    if not made and not problems:
        problems.append(Problem("only_example_row" if len(rows) > 1 else "empty_file", name))
    if problems:
        raise DataError(problems)
    found.units = made
    return found


def _rows(text: str, name: str, problems: list[Problem]) -> list[tuple[int, list[str]]]:
    """Return the rows that hold something, with the line on which each ends."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(c.strip() for c in cells)]
    except csv.Error as error:
        problems.append(Problem("not_csv", name, reader.line_num, details={"reason": str(error)}))
        return []
    if not rows:
        problems.append(Problem("empty_file", name))
    return rows


def _header(cells: Sequence[str], name: str, sector: str, problems: list[Problem]) -> list[str]:
    """Return the columns by their ids."""
    known = {
        spelt.lower(): column
        for column in COLUMNS[sector]
        for spelt in (column, *catalogue()[f"ets_column.{column}"].values())
    }
    columns = [known.get(c.strip().lower(), c.strip()) for c in cells]
    for column in dict.fromkeys(columns):
        if column not in COLUMNS[sector]:
            details = {"wanted": ", ".join(COLUMNS[sector])}
            problems.append(Problem("unknown_column", name, 1, column, details=details))
        elif columns.count(column) > 1:
            problems.append(Problem("double_column", name, 1, column))
    for column in REQUIRED[sector]:
        if column not in columns:
            problems.append(Problem("missing_column", name, 1, column, details={"found": ", ".join(columns)}))
    return columns


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
