"""An Excel workbook in the layout of the guideline's tables, with activity data, factors, sources and quality control."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from tanlu.accounts.files.export_tables import (
    ACTIVITY_COLUMNS,
    FACTOR_COLUMNS,
    Cell,
    activity_row,
    factor_row,
    methods_used,
    result_row,
)
from tanlu.accounts.files.sectoral_table import GROUPS, MASSES, Line, Number, category_name, sectoral_lines
from tanlu.accounts.rulebook import findings, result
from tanlu.accounts.rulebook.activity import Activity, activity_ids
from tanlu.accounts.rulebook.result import Results
from tanlu.core.library import Library, load_library
from tanlu.core.messages import LANGUAGES, translate

CREATED: Final = datetime(2000, 1, 1)
"""Fixed, so that the same results give the same file."""
MAX_ROWS: Final = 1_048_575
"""Rows of a sheet below its header; more go to the CSV tables alone."""


def both(key: str, **values: object) -> str:
    """Return a text in both languages."""
    return " / ".join(dict.fromkeys(translate(key, lang, **values) for lang in LANGUAGES))


def guideline_workbook(
    results: Results,
    activities: Sequence[Activity],
    *,
    gwp: str = "rule",
    place: str = "",
    notation: Mapping[tuple[str, str], str] | None = None,
    library: Library | None = None,
) -> bytes:
    """Return the workbook: a sectoral table for each year, then results, activity data, factors, methods and quality control.

    Parameters
    ----------
    results : Results
    activities : sequence of Activity
    gwp : str
        GWP set of the equivalents.
    place : str
        Path of a place to which the sectoral tables are confined; all places together if empty.
    notation : mapping, optional
        Notation keys by (category, gas), see `tanlu.accounts.files.sectoral_table.sectoral_lines`.
    library : Library, optional
        For the titles of sources.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"Tanlu {results.method_set.id}", "author": "Tanlu", "created": CREATED})
    writer = _Writer(book, results, gwp)
    chosen = [r for r in results if not place or r.place == place or r.place.startswith(place + "/")]
    for year in sorted({r.period[:4] for r in chosen}):
        writer.sectoral(year, sectoral_lines(results, [r for r in chosen if r.period[:4] == year], gwp, notation))
    writer.table("results", result.COLUMNS, [result_row(r) for r in results])
    rows = zip(activities, activity_ids(activities), strict=True)
    writer.table("activities", ACTIVITY_COLUMNS, [activity_row(a, name) for a, name in rows])
    writer.factors(load_library() if library is None else library)
    writer.methods()
    writer.table("qc", findings.COLUMNS, [list(f.as_row().values()) for f in results.findings])
    book.close()
    return buffer.getvalue()


class _Writer:
    def __init__(self, book: Any, results: Results, gwp: str) -> None:
        self.book, self.results, self.gwp = book, results, gwp
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "bg_color": "#DCE9E2", "valign": "top", "border": 1}
        )
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.wide = book.add_format({"bold": True, "bg_color": "#F2F2F2"})
        self.formats = {
            (style, bold): book.add_format({"num_format": style, "bold": bold, "bg_color": "#F2F2F2"} if bold else {"num_format": style})
            for style in ("#,##0.00", "0.0")
            for bold in (False, True)
        }  # fmt: skip
        self.keys = {
            bold: book.add_format({"align": "right", "font_color": "#808080", "bold": bold}) for bold in (False, True)
        }

    def sectoral(self, year: str, lines: Sequence[Line]) -> None:
        """Write the sectoral table of a year."""
        sheet = self.book.add_worksheet(year)
        weights = self.results.gwp(self.gwp)
        title = both("sectoral_sheet.title", year=year, set=self.results.method_set.id, gwp=weights.id)
        sheet.write_string(0, 0, title, self.title)
        sheet.write_string(1, 0, both("sectoral_sheet.note"))
        heads = [both("sectoral_sheet.code"), both("sectoral_sheet.zh"), both("sectoral_sheet.en")]
        for gas in MASSES:
            heads += [f"{gas} [t]", f"{gas} ± [%]"]
        for group in GROUPS:
            heads += [f"{group} [t CO2e]", f"{group} ± [%]"]
        heads += [f"CO2e [t CO2e, {weights.id}]", both("sectoral_sheet.low"), both("sectoral_sheet.high")]
        for column, text in enumerate(heads):
            sheet.write_string(2, column, text, self.head)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 2, 34)
        sheet.set_column(3, len(heads) - 1, 13)
        sheet.freeze_panes(3, 3)
        for row, line in enumerate(lines, 3):
            self._line(sheet, row, line)

    def _line(self, sheet: Any, row: int, line: Line) -> None:
        bold = line.code.count(".") < 2 and not line.code.startswith("memo.")
        named = f"sectoral.{line.code}" if line.code.startswith("total") else ""
        names = [translate(named, lang) if named else category_name(line.code, lang) for lang in LANGUAGES]
        for column, text in enumerate(["" if named else line.code, *names]):
            sheet.write_string(row, column, text, self.wide if bold else None)
        column = 3
        for value in (*line.masses.values(), *line.groups.values()):
            self._number(sheet, row, column, value, bold)
            column += 2
        numbers: tuple[float | str, ...] = line.sum if isinstance(line.sum, tuple) else (line.sum,)
        for at, number in enumerate(numbers):
            self._cell(sheet, row, column + at, number, "#,##0.00", bold)

    def _number(self, sheet: Any, row: int, column: int, value: Number | str, bold: bool) -> None:
        if isinstance(value, str):
            self._cell(sheet, row, column, value, "", bold)
            return
        mean, low, high = value
        self._cell(sheet, row, column, mean, "#,##0.00", bold)
        if mean:
            self._cell(sheet, row, column + 1, 100 * (high - low) / 2 / abs(mean), "0.0", bold)

    def _cell(self, sheet: Any, row: int, column: int, value: float | str, style: str, bold: bool) -> None:
        if isinstance(value, str):
            sheet.write_string(row, column, value, self.keys[bold])
        else:
            sheet.write_number(row, column, value, self.formats[style, bold])

    def table(self, name: str, header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        """Write a table as it is in the CSV file of that name."""
        sheet = self.book.add_worksheet(name)
        sheet.write_row(0, 0, header, self.head)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header) - 1, 16)
        for number, row in enumerate(rows[:MAX_ROWS], 1):
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(number, column, value)
                elif value:
                    sheet.write_string(number, column, value)

    def factors(self, library: Library) -> None:
        """Write the factors with the titles of their sources."""
        rows: list[list[Cell]] = []
        for name in sorted(self.results.factors):
            factor = self.results.factors[name]
            source = library.sources.get(factor.source)
            titles: list[Cell] = [source.title_zh, source.title_en, source.url] if source else ["", "", ""]
            rows.append([*factor_row(factor), *titles])
        self.table("factors", (*FACTOR_COLUMNS, "source_zh", "source_en", "url"), rows)

    def methods(self) -> None:
        """Write the methods with formula and clause."""
        header = ("id", "topic", "tier", "formula", "clause", "source", "hash")
        self.table("methods", header, [[getattr(m, name) for name in header] for m in methods_used(self.results)])
