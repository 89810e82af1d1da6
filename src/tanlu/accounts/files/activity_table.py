"""Checking a table of activity data column by column: each distinct text is checked once, and every problem is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tanlu.accounts.files.cell_checks import Checked, check_period, check_text, check_uncertainty, check_value
from tanlu.accounts.files.sheets import Cell, CellKind, letters
from tanlu.accounts.files.template_layout import EXAMPLE
from tanlu.accounts.rulebook.activity import COLUMNS, DEFAULT_UNCERTAINTY, Activity
from tanlu.core.errors import Problem
from tanlu.core.messages import LANGUAGES, translate

PLAIN: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
"""Numbers that need no further check."""
REQUIRED: Final = ("place", "period", "method", "input", "value", "unit")
FILLED: Final = ("place", "method", "input")
"""Columns whose cells may not be empty; period and value are checked for it too."""


@dataclass(slots=True)
class ActivityTable:
    """A table as it stands in a file.

    Parameters
    ----------
    file : str
        File, or ``book.xlsx[sheet]``.
    columns : list of str
        Canonical names of the columns, in the order of the file.
    texts : list of list of str
        For each column its cells; rows of another width are left out.
    lines : list of int
        Row number of each row in the file.
    kinds : mapping
        Kind of the cells of a sheet by (index of the row, index of the column).
    is_sheet : bool
        Whether problems name the cell (``F7``) instead of the column.
    """

    file: str
    columns: list[str]
    is_sheet: bool = False
    texts: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    kinds: dict[tuple[int, int], CellKind] = field(default_factory=dict)

    def add(self, rows: list[list[str]], lines: list[int], problems: list[Problem]) -> None:
        """Add rows; empty cells beyond the header are cut, a row of another width is a problem and left out."""
        width = len(self.columns)
        if set(map(len, rows)) > {width} or (rows and len(rows[0]) != width):
            rows, lines = self._fitting(rows, lines, problems)
        self.texts = self.texts or [[] for _ in self.columns]
        for column, texts in zip(self.texts, zip(*rows, strict=True), strict=bool(rows)):
            column.extend(texts)
        self.lines += lines

    def _fitting(
        self, rows: list[list[str]], lines: list[int], problems: list[Problem]
    ) -> tuple[list[list[str]], list[int]]:
        width, fitting = len(self.columns), list[tuple[list[str], int]]()
        for row, line in zip(rows, lines, strict=True):
            if len(row) == width or (len(row) > width and not any(c.strip() for c in row[width:])):
                fitting.append((row[:width], line))
            else:
                problems.append(
                    Problem("wrong_width", self.file, line, details={"found": len(row), "wanted": width})
                )  # fmt: skip
        return [row for row, _ in fitting], [line for _, line in fitting]

    def where(self, row: int, column: int) -> str:
        """Return how a cell is named in problems."""
        return f"{letters(column)}{self.lines[row]}" if self.is_sheet else self.columns[column]


def canonical_names() -> dict[str, str]:
    """Return the names of columns as users may write them, in lower case: id, Chinese and English name → id."""
    names = {name: name for name in COLUMNS}
    for name in COLUMNS:
        for language in LANGUAGES:
            names[translate(f"activity_column.{name}", language).lower()] = name
    return names


def header_of(cells: Sequence[str], file: str, line: int, problems: list[Problem]) -> list[str]:
    """Return the canonical names of a header; unknown, missing and double columns are problems."""
    names = canonical_names()
    header = [names.get(c.strip().lower(), c.strip()) for c in cells]
    while header and not header[-1]:
        header.pop()
    for name in REQUIRED:
        if name not in header:
            details = {"found": ", ".join(header)}
            problems.append(Problem("missing_column", file, line, name, details=details))
    for at, name in enumerate(header):
        if name not in COLUMNS:
            problems.append(
                Problem("unknown_column", file, line, name, cells[at].strip(), {"wanted": ", ".join(COLUMNS)})
            )
        elif name in header[:at]:
            problems.append(Problem("double_column", file, line, name))
    return header


def _check_grade(text: str) -> Checked:
    checked = check_text(text)
    return checked if checked.code or not checked.text or checked.text in DEFAULT_UNCERTAINTY else Checked(
        checked.text, "unknown_grade"
    )  # fmt: skip


def _check_filled(text: str) -> Checked:
    checked = check_text(text)
    return checked if checked.text else Checked("", "empty")


CHECKS: Final[Mapping[str, Callable[[str], Checked]]] = {
    "period": check_period,
    "value": check_value,
    "uncertainty": check_uncertainty,
    "grade": _check_grade,
    **dict.fromkeys(FILLED, _check_filled),
}


def cell_problem(cell: Cell, column: str, unit: str) -> Checked | None:
    """Return what is wrong with a cell of a sheet because of its kind."""
    if cell.kind == "error":
        return Checked(cell.text, "formula_error")
    if cell.kind == "no_value":
        return Checked(cell.text, "formula_without_value")
    if cell.kind == "date" and column == "period":
        return Checked(cell.text, "date_cell", (("suggestion", cell.text[:7]), ("year", cell.text[:4])))
    if cell.kind == "date" and column in ("value", "uncertainty"):
        return Checked(cell.text, "date_for_number")
    if cell.kind == "percent" and column == "value" and unit == "%":
        return Checked(cell.text, "percent_cell", (("suggestion", f"{100 * float(cell.text):.15g}"),))
    return None


def table_activities(table: ActivityTable, problems: list[Problem]) -> list[Activity]:
    """Return the activities of a table without the example row; records with a faulty row are left out.

    None if a row does not fit under the header: it may belong to any record.
    """
    given = len(table.lines)
    if "record" in table.columns:
        _drop_examples(table)
    if not table.lines:
        if not any(p.file == table.file for p in problems):
            problems.append(Problem("only_example_row" if given else "empty_file", table.file))
        return []
    before, torn = len(problems), any(p.file == table.file for p in problems)
    found: dict[str, list[str]] = {}
    by_kind = _kind_problems(table, problems)
    faulty_rows = {row for row, _ in by_kind}
    for at, (name, texts) in enumerate(zip(table.columns, table.texts, strict=True)):
        check = CHECKS.get(name, check_text)
        checked = {text: check(text) for text in _odd(name, set(texts))}
        changed = {text: c.text for text, c in checked.items() if c.text != text}
        found[name] = [changed.get(text, text) for text in texts] if changed else texts
        faulty = {text: c for text, c in checked.items() if c.code}
        if faulty:
            for row, text in enumerate(texts):
                if text in faulty and (row, at) not in by_kind:
                    faulty_rows.add(row)
                    problems.append(_problem(table, row, at, faulty[text]))
    problems[before:] = sorted(problems[before:], key=lambda p: p.row or 0)
    if torn:
        return []
    if faulty_rows:
        _drop_records(table, found, faulty_rows)
    return _activities(table, found)


def _drop_records(table: ActivityTable, found: dict[str, list[str]], faulty: set[int]) -> None:
    """Leave out the records of which a row is faulty: what they lack then would be told as missing."""
    records, places = found.get("record", [""] * len(table.lines)), found["place"]
    hit = {(records[n], places[n]) for n in faulty if records[n]}
    kept = [n for n in range(len(table.lines)) if n not in faulty and (records[n], places[n]) not in hit]
    for name, texts in found.items():
        found[name] = [texts[n] for n in kept]
    table.lines = [table.lines[n] for n in kept]


def _odd(name: str, texts: set[str]) -> Iterable[str]:
    """Return the texts of a column that need a check; most numbers and texts are plain."""
    if name == "value":
        return [text for text in texts if not PLAIN.fullmatch(text)]
    if name in CHECKS:
        return texts
    return [text for text in texts if text != text.strip() or text[:1] == "#"]


def _drop_examples(table: ActivityTable) -> None:
    """Leave out rows whose record is the one of the example."""
    records = table.texts[table.columns.index("record")] if table.texts else []
    if EXAMPLE not in records:
        return
    kept = [n for n, text in enumerate(records) if text != EXAMPLE]
    position = {old: new for new, old in enumerate(kept)}
    table.kinds = {(position[r], c): kind for (r, c), kind in table.kinds.items() if r in position}
    table.texts = [[texts[n] for n in kept] for texts in table.texts]
    table.lines = [table.lines[n] for n in kept]


def _problem(table: ActivityTable, row: int, column: int, checked: Checked) -> Problem:
    where = table.where(row, column)
    return Problem(checked.code, table.file, table.lines[row], where, checked.text, dict(checked.details))


def _kind_problems(table: ActivityTable, problems: list[Problem]) -> set[tuple[int, int]]:
    """Report cells that are wrong by their kind and return where they stand."""
    faulty: set[tuple[int, int]] = set()
    units = table.texts[table.columns.index("unit")]
    for (row, column), kind in table.kinds.items():
        cell = Cell(table.texts[column][row], kind)
        checked = cell_problem(cell, table.columns[column], units[row])
        if checked is not None:
            faulty.add((row, column))
            problems.append(_problem(table, row, column, checked))
    return faulty


def _activities(table: ActivityTable, found: dict[str, list[str]]) -> list[Activity]:
    count = len(table.lines)
    texts = {name: found.get(name) or [""] * count for name in COLUMNS}
    numbers = {text: float(text) if text else None for text in set(texts["uncertainty"])}
    uncertainty = [numbers[text] for text in texts["uncertainty"]]
    columns = [uncertainty if name == "uncertainty" else texts[name] for name in COLUMNS]
    return list(map(Activity._make, zip(*columns, [table.file] * count, table.lines, strict=True)))
