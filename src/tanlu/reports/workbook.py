"""A document as an Excel workbook: its text on the first sheet, then a sheet for each picture with its figures and for each table."""

from __future__ import annotations

import io
import re
from typing import Any, Final

from tanlu.charts.base import Cell, Column
from tanlu.charts.render import to_png
from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.reports.document import Bullets, Document, Heading, Paragraph, Picture, Table, plain
from tanlu.reports.tables import cell_text, is_exact

_LONGEST: Final = 31
"""Characters of a sheet's name that Excel takes."""
_TEXT_WIDTH: Final = 110
_LINE_HEIGHT: Final = 15
_NARROWEST: Final = 10
_WIDEST: Final = 60
"""Width of a column, in digits; longer texts are wrapped."""
_FIGURES: Final = 14
"""Width of a column of figures at most."""
_A4: Final = 9
_PICTURE_ROWS: Final = 30
_PICTURE_COLUMNS: Final = 17
"""Room of a picture on a sheet."""
_WIDE: Final = 8
"""Columns of a table beside which no picture fits."""
_WHOLE: Final = 1000.0
"""From here on figures are shown without decimals; they are kept as they are."""


def workbook(document: Document) -> bytes:
    """Return the document as a workbook; the same document gives the same bytes.

    Figures are numbers in the unit that stands at the head of their column, text is never read as a formula.
    """
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    book: Any = Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {"title": document.title, "author": "Tanlu", "comments": document.origin, "created": document.moment}
    )
    sheets = _Sheets(book, document.language)
    sheets.text(document)
    for block in document.blocks:
        if isinstance(block, Picture):
            sheets.picture(block)
        elif isinstance(block, Table):
            sheets.table(block)
    book.close()
    return buffer.getvalue()


class _Sheets:
    """The sheets of a workbook in the making."""

    def __init__(self, book: Any, language: str) -> None:
        self.book, self.language = book, language
        self.names: set[str] = set()
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.beside = book.add_format({"valign": "top", "align": "left", "indent": 1, "text_wrap": True})
        self.in_numbers = book.add_format({"valign": "top", "align": "right"})
        self.head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E1EEF9"})
        self.head_beside = book.add_format(
            {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E1EEF9", "align": "left", "indent": 1}
        )
        self.head_numbers = book.add_format(
            {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E1EEF9", "align": "right"}
        )
        self.plain = book.add_format({"num_format": "#,##0", "valign": "top"})
        self.year = book.add_format({"num_format": "0", "valign": "top"})
        self.fine = book.add_format({"num_format": "#,##0.###", "valign": "top"})
        self.finest = book.add_format({"num_format": "0.000E+00", "valign": "top"})
        self.exact = book.add_format({"num_format": "General", "valign": "top"})
        self.small = book.add_format({"font_size": 9, "font_color": "#52606D", "text_wrap": True, "valign": "top"})

    def _sheet(self, name: str) -> Any:
        base = re.sub(r"[\[\]:*?/\\']", " ", name)[:_LONGEST]
        chosen, number = base, 2
        while chosen.lower() in self.names:
            chosen, number = f"{base[: _LONGEST - 4]} {number}", number + 1
        self.names.add(chosen.lower())
        sheet = self.book.add_worksheet(chosen)
        sheet.set_paper(_A4)
        sheet.set_landscape()
        # as wide as the paper, as many pages as it takes
        sheet.fit_to_pages(1, 0)
        return sheet

    def text(self, document: Document) -> None:
        sheet = self._sheet(translate("reports.office.sheet", self.language))
        sheet.set_column(0, 0, _TEXT_WIDTH)
        line = 0
        for block in document.blocks:
            match block:
                case Heading(_, runs):
                    line += line > 0
                    sheet.write_string(line, 0, plain(runs), self.bold)
                case Paragraph(runs):
                    self._paragraph(sheet, line, plain(runs))
                case Bullets(items, _):
                    for item in items:
                        self._paragraph(sheet, line, f"• {plain(item)}")
                        line += 1
                    line -= 1
                case Picture(chart):
                    joint = "。" if self.language == "zh" else ". "
                    self._paragraph(sheet, line, f"{chart.title}{joint}{chart.summary}")
                case Table():
                    sheet.write_string(line, 0, f"→ {block.caption}", self.small)
            line += 1
        sheet.write_string(
            line + 1, 0, translate("reports.office.foot", self.language, origin=document.origin), self.small
        )

    def _paragraph(self, sheet: Any, line: int, text: str) -> None:
        """Write wrapped text in a row that is high enough: not every program finds the height by itself."""
        sheet.set_row(line, _LINE_HEIGHT * (1 + _size(text) // _TEXT_WIDTH))
        sheet.write_string(line, 0, text, self.wrap)

    def picture(self, picture: Picture) -> None:
        chart = picture.chart
        sheet = self._sheet(f"{translate('reports.office.picture', self.language)} {chart.name}")
        caption = translate("charts.caption", self.language, sources=chart.sources_line, badge=chart.badge)
        texts = (chart.title, chart.subtitle, chart.summary, chart.note, caption)
        first = self._words(sheet, [t for t in texts if t])
        width = self._rows(sheet, first, chart.columns, chart.rows)
        options = {
            "image_data": io.BytesIO(to_png(chart.with_title)), "x_scale": 0.4, "y_scale": 0.4, "description": chart.summary,
        }  # fmt: skip
        # beside a wide table the picture would make both too small on paper
        below = width > _WIDE
        sheet.insert_image(
            first + (len(chart.rows) + 2 if below else 0), 0 if below else width + 1, f"{chart.name}.png", options
        )
        if below:
            sheet.set_h_pagebreaks([first + len(chart.rows) + 2])
        # long captions run on to the right of what is printed
        last = first + (len(chart.rows) + 2 + _PICTURE_ROWS if below else max(len(chart.rows), _PICTURE_ROWS))
        sheet.print_area(0, 0, last, max(width, _PICTURE_COLUMNS) if below else width + _PICTURE_COLUMNS)

    def table(self, table: Table) -> None:
        sheet = self._sheet(table.caption)
        first = self._words(sheet, [table.caption])
        self._rows(sheet, first, table.columns, table.rows)
        for line, note in enumerate(table.notes, first + len(table.rows) + 2):
            sheet.write_string(line, 0, note)

    def _words(self, sheet: Any, texts: list[str]) -> int:
        for line, text in enumerate(texts):
            sheet.write_string(line, 0, text, self.book.add_format({"bold": line == 0}))
        return len(texts) + 1

    def _rows(self, sheet: Any, first: int, columns: tuple[Column, ...], rows: tuple[tuple[Cell, ...], ...]) -> int:
        """Write a table and return its width; a column with units of its rows gets one beside it for the unit."""
        # a table may tell the units of its rows in a column already
        told = any(column.key == "unit" for column in columns)
        own_unit = [not told and any(row[i].unit for row in rows) for i in range(len(columns))]
        place, lines = 0, 1
        for i, column in enumerate(columns):
            unit = unit_label(column.unit, self.language)
            head = column.label + (f" [{unit}]" if unit else "")
            numbers = any(isinstance(row[i].value, int | float) for row in rows)
            style = self.head_numbers if numbers else self.head_beside if place else self.head
            sheet.write_string(first, place, head, style)
            texts = [cell_text(row[i], column, self.language) for row in rows if isinstance(row[i].value, str)]
            # a long heading above figures is wrapped: it would make the table too wide for paper
            width = min(_width([head, *texts]), _FIGURES) if numbers else _width([head, *texts])
            lines = max(lines, 1 + (_size(head) - 1) // (width - 1))
            sheet.set_column(place, place, width)
            for line, row in enumerate(rows, first + 1):
                self._cell(sheet, line, place, row[i], column, numbers)
                if own_unit[i]:
                    sheet.write_string(line, place + 1, unit_label(row[i].unit, self.language), self.beside)
            if own_unit[i]:
                sheet.write_string(first, place + 1, translate("charts.column.unit", self.language), self.head_beside)
                units = {unit_label(row[i].unit, self.language) for row in rows}
                sheet.set_column(place + 1, place + 1, _width(sorted(units)))
            place += 2 if own_unit[i] else 1
        sheet.set_row(first, _LINE_HEIGHT * lines)
        sheet.freeze_panes(first + 1, 1)
        sheet.repeat_rows(first)
        for line, row in enumerate(rows, first + 1):
            longest = max((_size(c.value) for c in row if isinstance(c.value, str)), default=0)
            if longest > _WIDEST - 2:
                # not every program finds the height of wrapped text by itself
                sheet.set_row(line, _LINE_HEIGHT * (1 + longest // (_WIDEST - 4)))
        if rows:
            sheet.autofilter(first, 0, first + len(rows), place - 1)
        return place

    def _cell(self, sheet: Any, line: int, place: int, cell: Cell, column: Column, in_numbers: bool) -> None:
        if cell.value is None:
            return
        if isinstance(cell.value, str):
            text = (
                unit_label(cell.value, self.language)
                if column.key == "unit"
                else cell_text(cell, column, self.language)
            )
            sheet.write_string(
                line, place, text, self.in_numbers if in_numbers else self.beside if place else self.wrap
            )
        else:
            sheet.write_number(
                line, place, cell.value, self._form(cell.value, cell.unit or column.unit, is_exact(column))
            )

    def _form(self, value: float, unit: str, exact: bool) -> Any:
        size = abs(value)
        if exact:
            return self.exact
        if unit == "year":
            return self.year
        whole = size >= _WHOLE or value == int(value)
        return self.plain if whole else self.finest if size < 0.001 else self.fine


def _size(text: str) -> int:
    """Return how wide a text is, in digits."""
    return sum(2 if ord(c) >= 0x2E80 else 1 for c in text)


def _width(texts: list[str]) -> int:
    """Return the width of a column that shows its texts, within bounds."""
    return min(max(max(map(_size, texts), default=0) + 2, _NARROWEST), _WIDEST)
