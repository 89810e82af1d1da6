"""Reading a sheet of the Excel template: one row a record, one column an input."""

from __future__ import annotations

from collections.abc import Mapping

from tanlu.accounts.files.activity_table import CHECKS, cell_problem
from tanlu.accounts.files.cell_checks import Checked, check_text
from tanlu.accounts.files.sheets import EMPTY, Cell, Sheet, letters
from tanlu.accounts.files.template_layout import (
    EXAMPLE,
    FIXED_UNIT,
    HEAD_ROW,
    LABELLED,
    LEADING,
    NAME_ROW,
    TRAILING,
    UNIT_COLUMN,
)
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.method import methods
from tanlu.core.errors import Problem


def sheet_activities(sheet: Sheet, file: str, problems: list[Problem]) -> tuple[list[Activity], Mapping[str, str]]:
    """Return the activities of a sheet, and the letters of its columns by input."""
    topic = sheet.rows[0][1][1].text if len(sheet.rows[0][1]) > 1 else ""
    names = next((cells for number, cells in sheet.rows if number == NAME_ROW), [])
    columns = {cell.text: at for at, cell in enumerate(names) if cell.text}
    before = len(problems)
    _check_names(columns, topic, file, problems)
    letter = {name.partition(FIXED_UNIT)[0]: letters(at) for name, at in columns.items()}
    if len(problems) > before:
        return [], letter
    reader = _Rows(file, topic, columns, problems)
    for number, cells in sheet.rows:
        if number > HEAD_ROW:
            reader.row(number, cells)
    if not reader.count:
        problems.append(Problem("only_example_row", file))
    return reader.activities, letter


def _check_names(columns: Mapping[str, int], topic: str, file: str, problems: list[Problem]) -> None:
    """The row of names holds what the template wrote."""
    known = {name for m in methods().values() if topic in (m.topic, m.id) for name in m.by_name}
    for name in LEADING:
        if name not in columns:
            problems.append(
                Problem("missing_column", file, NAME_ROW, name, details={"found": ", ".join(columns)})
            )  # fmt: skip
    for name, at in columns.items():
        plain = name.partition(FIXED_UNIT)[0].removesuffix(UNIT_COLUMN)
        if known and plain not in known and name not in (*LEADING, *TRAILING):
            details = {"row_number": NAME_ROW, "method": topic}
            problems.append(Problem("template_changed", file, NAME_ROW, f"{letters(at)}{NAME_ROW}", name, details))


class _Rows:
    """Turns rows into activities."""

    def __init__(self, file: str, topic: str, columns: Mapping[str, int], problems: list[Problem]) -> None:
        self.file, self.topic, self.columns, self.problems = file, topic, columns, problems
        self.activities: list[Activity] = []
        self.count = 0
        self.inputs = [name for name in columns if name not in (*LEADING, *TRAILING) and not name.endswith(UNIT_COLUMN)]

    def row(self, number: int, cells: list[Cell]) -> None:
        """Take in a row, which is a record; an example is left out, and so is a row with a fault."""

        def cell(name: str) -> Cell:
            at = self.columns.get(name, len(cells))
            return cells[at] if at < len(cells) else EMPTY

        if cell("record").text == EXAMPLE:
            return
        self.count += 1
        before, first = len(self.problems), len(self.activities)
        shared = {name: self._text(number, name, cell(name), name) for name in (*LEADING, *TRAILING)}
        filled = 0
        for name in self.inputs:
            given = cell(name)
            if not given.text:
                continue
            filled += 1
            plain, _, unit = name.partition(FIXED_UNIT)
            unit = unit or cell(plain + UNIT_COLUMN).text
            text = self._text(number, name, given, "value", unit)
            self.activities.append(
                Activity(
                    shared["record"], shared["place"], shared["period"], self.topic, plain, text, unit,
                    shared["source"], shared["grade"], float(shared["uncertainty"]) if shared["uncertainty"] else None,
                    shared["note"], self.file, number,
                )
            )  # fmt: skip
        if not filled:
            at = f"{letters(self.columns[self.inputs[0]])}{number}" if self.inputs else ""
            self.problems.append(Problem("empty", self.file, number, at))
        if len(self.problems) > before:
            del self.activities[first:]

    def _text(self, number: int, name: str, cell: Cell, column: str, unit: str = "") -> str:
        """Return the cleaned text of a cell; empty after a problem."""
        checked = cell_problem(cell, column, unit)
        if checked is None:
            check = _check_record if column == "record" else CHECKS.get(column, check_text)
            # drop-down lists write the word of a choice with its names
            checked = check(cell.text.partition(LABELLED)[0] if column == "value" else cell.text)
        if not checked.code:
            return checked.text
        at = f"{letters(self.columns[name])}{number}" if name in self.columns else name
        self.problems.append(
            Problem(checked.code, self.file, number, at, checked.text, dict(checked.details))
        )  # fmt: skip
        return ""


def _check_record(text: str) -> Checked:
    """All inputs of a row are one record, which needs a name."""
    checked = check_text(text)
    return checked if checked.text else Checked("", "empty")
