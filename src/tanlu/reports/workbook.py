"""A document as an Excel workbook: its text on the first sheet, then a sheet for each picture with its figures and for each table."""

from __future__ import annotations

import io
import re
import struct
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from tanlu.charts.base import Cell, Column
from tanlu.charts.emissions import scenario_name
from tanlu.charts.format import scale
from tanlu.charts.render import to_png
from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.reports.document import Bullets, Document, Heading, Paragraph, Picture, Table, plain
from tanlu.reports.tables import cell_text, common_unit, is_exact

_LONGEST: Final = 31
"""Characters of a sheet's name that Excel takes."""
_TEXT_WIDTH: Final = 110
_LINE_HEIGHT: Final = 16
_NARROWEST: Final = 10
_WIDEST: Final = 60
"""Width of a column, in digits; longer texts are wrapped."""
_FIGURES: Final = 14
"""Width of a column of figures at most, unless its heading would take too many lines."""
_HEAD_LINES, _HEAD_LINES_WIDE = 2, 4
"""Lines of a heading of a table and of a wide one."""
_EMPTY: Final = 64 / 7
"""Width of a column that nobody has set, with its margins."""
_READ: Final = 90
"""Width over which a line of text below a table runs at least."""
_A4: Final = 9
_PICTURE: Final = 0.33
"""Scale of a picture, which is drawn finer than a screen shows it: with its table it fills a sheet of paper."""
_SCREEN, _RASTER = 96, 72
"""Dots an inch of a screen and of a picture as it is drawn."""
_DIGIT, _ROW = 7, 21
"""Pixels of a digit and of a row of one line."""
_WIDE: Final = 8
"""Columns of a table beside which no picture fits."""
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,14})?")
"""Text that is a number and no code: nothing is lost when it is written as one."""
_FORMS: Final = (
    (1000.0, "#,##0"),
    (100.0, "#,##0.0"),
    (10.0, "#,##0.00"),
    (0.001, "#,##0.000"),
    (0.0001, "#,##0.0000"),
    (0.0, "0.000E+00"),
)
"""From which size on figures are shown with how many decimals; they are kept as they are."""
_HEAD_COLOUR: Final = "#E1EEF9"
_FONTS: Final[dict[str, dict[str, object]]] = {
    "zh": {"font_name": "微软雅黑", "font_size": 10},
    "en": {"font_name": "Calibri", "font_size": 11},
}
"""One font for both scripts of a language: characters that another font lends stand higher or lower than the figures beside them."""


_LETTERS: Final = {"zh": (1.95, 1.05), "en": (2.1, 0.9)}
"""Width of a character and, on average, of a letter in these fonts, in digits of the font by which columns are measured."""
_FIRST_WIDE: Final = 0x2E80


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
    sheets = _Sheets(book, document.language, document.origin)
    sheets.name(document)
    sheets.text(document)
    for block in document.blocks:
        if isinstance(block, Picture):
            sheets.picture(block)
        elif isinstance(block, Table):
            sheets.table(block)
    book.close()
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table on a sheet: where its columns stand and what they are told in."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    language: str

    def unit(self, i: int) -> str:
        """Return the unit of a column as stored."""
        return self.columns[i].unit

    def has_units(self, i: int) -> bool:
        """Return whether the rows of a column have units of their own; a table may tell them in a column already."""
        told = any(column.key == "unit" for column in self.columns)
        return not told and any(row[i].unit for row in self.rows)

    def heading(self, i: int) -> str:
        """Return the heading of a column with its unit, unless all share one that stands above them."""
        column = self.columns[i]
        told = column.unit == common_unit(self.columns)
        shown = "" if told else scale(column.unit, self.language)[1]
        return column.label + (f" [{shown}]" if shown else "")

    def value(self, i: int, row: tuple[Cell, ...]) -> float | str | None:
        """Return what is written: a number in the unit that readers expect, or text."""
        column, cell = self.columns[i], row[i]
        if isinstance(cell.value, str):
            if _NUMBER.fullmatch(cell.value) and self.counts(i):
                return float(cell.value)
            if column.key != "unit":
                return cell_text(cell, column, self.language)
            # the unit in which the figure beside it is told, which may be another than the stored one
            scaled = any(other.unit == cell.value for other in row)
            return scale(cell.value, self.language)[1] if scaled else unit_label(cell.value, self.language)
        if cell.value is None:
            return None
        factor = scale(cell.unit or column.unit, self.language)[0]
        # ten digits: a factor must not add the noise of binary fractions
        return cell.value if factor == 1.0 else float(f"{cell.value * factor:.10g}")

    def counts(self, i: int) -> bool:
        """Return whether texts of a column that look like numbers are: a year or an amount, not a reference or a rank."""
        texts = [row[i].value for row in self.rows if isinstance(row[i].value, str) and row[i].value not in ("", "—")]
        return self.columns[i].key == "value" or all(_NUMBER.fullmatch(str(text)) for text in texts)

    def is_number(self, i: int) -> bool:
        """Return whether a column holds figures."""
        return any(isinstance(self.value(i, row), int | float) for row in self.rows)


class _Sheets:
    """The sheets of a workbook in the making."""

    def __init__(self, book: Any, language: str, origin: str) -> None:
        self.book, self.language = book, language
        self.foot = translate("reports.office.foot", language, origin=origin)
        self.names: dict[int, str] = {}
        self.title = self._look(bold=True, font_size=14, text_wrap=True, valign="top")
        self.heading = self._look(bold=True, font_size=12, text_wrap=True, valign="bottom")
        self.caption, self.plain = self._look(bold=True), self._look()
        self.wrap = self._look(text_wrap=True, valign="top")
        self.first = self._look(text_wrap=True, valign="vcenter")
        self.beside = self._look(valign="vcenter", align="left", indent=1, text_wrap=True)
        self.in_numbers = self._look(valign="vcenter", align="right", text_wrap=True)
        head = {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": _HEAD_COLOUR, "valign": "vcenter"}
        self.head = self._look(**head)
        self.head_beside = self._look(**head, align="left", indent=1)
        self.head_numbers = self._look(**head, align="right")
        self.forms = {form: self._look(num_format=form, valign="vcenter") for _, form in _FORMS}
        self.exact = self._look(num_format="General", valign="vcenter")
        self.small = self._look(font_size=9, font_color="#52606D", text_wrap=True, valign="top")
        self.link = self._look(font_color="#0B5CAD", underline=1, text_wrap=True, valign="top")

    def _look(self, **properties: object) -> Any:
        """Return a format of cells in the font of the language."""
        return self.book.add_format({**_FONTS[self.language], **properties})

    def name(self, document: Document) -> None:
        """Give each picture and table the name of its sheet; pictures are numbered, since their titles are sentences.

        Pictures of one kind are told apart by their scenario, which a title may have at its end.
        """
        kinds = Counter(picture.chart.name for picture in document.pictures())
        taken = {translate("reports.office.sheet", self.language).lower()}
        pictures = 0
        for block in document.blocks:
            if isinstance(block, Picture):
                pictures += 1
                word = translate("reports.office.picture", self.language)
                chart, scenario = block.chart, block.chart.parameters.get("scenario", "")
                shown = scenario_name(scenario, self.language) if kinds[chart.name] > 1 and scenario else chart.title
                wanted = f"{word} {pictures} · {shown}"
            elif isinstance(block, Table):
                wanted = block.caption
            else:
                continue
            chosen, number = _short(wanted, _LONGEST), 2
            while chosen.lower() in taken:
                chosen, number = f"{_short(wanted, _LONGEST - 4)} {number}", number + 1
            taken.add(chosen.lower())
            self.names[id(block)] = chosen

    def _sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.set_footer(f"&L&9{self.foot.replace('&', '&&')}&R&9&P / &N")
        sheet.set_paper(_A4)
        sheet.set_landscape()
        # as wide as the paper, as many pages as it takes
        sheet.fit_to_pages(1, 0)
        return sheet

    def text(self, document: Document) -> None:
        """Write the text of the document; each picture and table is a link to its sheet."""
        sheet = self._sheet(translate("reports.office.sheet", self.language))
        sheet.set_column(0, 0, _TEXT_WIDTH)
        line = 0
        for block in document.blocks:
            match block:
                case Heading(level, runs):
                    line += line > 0
                    sheet.set_row(line, _LINE_HEIGHT + 5 * (level == 1) + 3)
                    sheet.write_string(line, 0, plain(runs), self.title if level == 1 else self.heading)
                case Paragraph(runs):
                    self._paragraph(sheet, line, plain(runs))
                case Bullets(items, _):
                    for item in items:
                        self._paragraph(sheet, line, f"• {plain(item)}")
                        line += 1
                    line -= 1
                case Picture(chart):
                    number = self.names[id(block)].partition(" · ")[0]
                    self._link(sheet, line, block, f"{number} · {chart.title}")
                    line += 1
                    self._paragraph(sheet, line, chart.summary)
                case Table():
                    self._link(sheet, line, block, block.caption)
            line += 1
        sheet.write_string(line + 1, 0, self.foot, self.small)

    def _link(self, sheet: Any, line: int, block: Picture | Table, text: str) -> None:
        """Write a link to the sheet of a block; its text has room for the whole title, which a sheet's name has not."""
        place = self.names[id(block)].replace("'", "''")
        sheet.set_row(line, _LINE_HEIGHT * _lines(text, _TEXT_WIDTH, self.language))
        sheet.write_url(line, 0, f"internal:'{place}'!A1", self.link, f"→ {text}")

    def _paragraph(self, sheet: Any, line: int, text: str) -> None:
        """Write wrapped text in a row that is high enough: not every program finds the height by itself."""
        sheet.set_row(line, _LINE_HEIGHT * _lines(text, _TEXT_WIDTH, self.language))
        sheet.write_string(line, 0, text, self.wrap)

    def picture(self, picture: Picture) -> None:
        """Write the figures of a chart with its picture and words."""
        chart = picture.chart
        sheet = self._sheet(self.names[id(picture)])
        grid = _Grid(chart.columns, chart.rows, self.language)
        first = self._above(sheet, [chart.title, chart.subtitle], grid)
        columns, width = self._rows(sheet, first, grid)
        image = to_png(chart.with_title)
        high, wide = _extent(image)
        # beside a wide table the picture would make both too small on paper
        below = columns > _WIDE
        room = max(width, wide) if below else width + _EMPTY + wide
        last = columns + int(-(-(room - width) // _EMPTY))
        texts = [text for text in (chart.summary, chart.note, chart.caption) if text]
        at = first + len(chart.rows) + 2 if below else first + max(len(chart.rows), high) + 2
        line = self._below(sheet, at, last, room, texts)
        options = {
            "image_data": io.BytesIO(image), "x_scale": _PICTURE, "y_scale": _PICTURE, "description": chart.summary,
        }  # fmt: skip
        place = (line + 1, 0) if below else (first, columns + 1)
        # a program that chooses the height of rows by itself would stretch the picture over them
        for row in range(line + 1 if below else first + len(chart.rows) + 1, line + 2 + high if below else at):
            sheet.set_row(row, _LINE_HEIGHT)
        sheet.insert_image(*place, f"{chart.name}.png", options)
        if below:
            sheet.set_h_pagebreaks([at])
        sheet.print_area(0, 0, line + 1 + high if below else line, last)

    def table(self, table: Table) -> None:
        """Write a table with its notes."""
        sheet = self._sheet(self.names[id(table)])
        grid = _Grid(table.columns, table.rows, self.language)
        first = self._above(sheet, [table.caption], grid)
        columns, width = self._rows(sheet, first, grid)
        more = max(0, round((_READ - width) / _EMPTY))
        if table.notes:
            last = columns - 1 + more
            self._below(sheet, first + len(table.rows) + 2, last, width + more * _EMPTY, list(table.notes))

    def _above(self, sheet: Any, texts: list[str], grid: _Grid) -> int:
        """Write what stands above a table and return the row of its head; the rows of it stay in sight when one scrolls."""
        common = common_unit(grid.columns)
        if common:
            texts = [*texts, translate("reports.office.unit", self.language, unit=scale(common, self.language)[1])]
        for line, text in enumerate(texts):
            sheet.write_string(line, 0, text, self.plain if line else self.caption)
        return len(texts)

    def _below(self, sheet: Any, line: int, last: int, width: float, texts: list[str]) -> int:
        """Write wrapped lines as wide as what is printed, and return the row after them."""
        for text in texts:
            sheet.set_row(line, _LINE_HEIGHT * _lines(text, width, self.language))
            sheet.merge_range(line, 0, line, max(last, 1), text, self.wrap)
            line += 1
        return line

    def _rows(self, sheet: Any, first: int, grid: _Grid) -> tuple[int, float]:
        """Write a table; return its number of columns, since one with units of its rows gets one beside it, and its width in digits."""
        place, lines, whole = 0, 1, 0.0
        most = _HEAD_LINES_WIDE if len(grid.columns) > _WIDE else _HEAD_LINES
        for i, column in enumerate(grid.columns):
            numbers, values = grid.is_number(i), [grid.value(i, row) for row in grid.rows]
            head = grid.heading(i)
            style = self.head_numbers if numbers else self.head_beside if place else self.head
            sheet.write_string(first, place, head, style)
            # a long heading above figures is wrapped: it would make the table too wide for paper
            narrow = max(_FIGURES, -(-_size(head) // most) + 3)
            width = _width([head, *(v for v in values if isinstance(v, str))])
            width = min(width, narrow) if numbers else width
            lines = max(lines, 1 + (_size(head) - 1) // (width - 2))
            sheet.set_column(place, place, width)
            for line, (row, value) in enumerate(zip(grid.rows, values, strict=True), first + 1):
                self._cell(sheet, line, place, value, numbers, self._form(value, row[i], column))
            whole += width
            place += 1
            if grid.has_units(i):
                whole += self._units(sheet, first, place, [row[i].unit for row in grid.rows])
                place += 1
        sheet.set_row(first, _LINE_HEIGHT * lines)
        sheet.freeze_panes(first + 1, 1)
        sheet.repeat_rows(first)
        for line, row in enumerate(grid.rows, first + 1):
            texts = [c.value for c in row if isinstance(c.value, str)]
            # not every program finds the height of wrapped text by itself
            sheet.set_row(line, _LINE_HEIGHT * max((_lines(text, _WIDEST, self.language) for text in texts), default=1))
        if grid.rows:
            sheet.autofilter(first, 0, first + len(grid.rows), place - 1)
        return place, whole

    def _units(self, sheet: Any, first: int, place: int, units: list[str]) -> float:
        """Write the units of a column's rows beside it and return the width of theirs."""
        shown = [scale(unit, self.language)[1] for unit in units]
        sheet.write_string(first, place, translate("charts.column.unit", self.language), self.head_beside)
        for line, unit in enumerate(shown, first + 1):
            sheet.write_string(line, place, unit, self.beside)
        width = _width(shown)
        sheet.set_column(place, place, width)
        return width

    def _cell(self, sheet: Any, line: int, place: int, value: float | str | None, numbers: bool, form: Any) -> None:
        if isinstance(value, str):
            sheet.write_string(line, place, value, self.in_numbers if numbers else self.beside if place else self.first)
        elif value is not None:
            sheet.write_number(line, place, value, form)

    def _form(self, value: float | str | None, cell: Cell, column: Column) -> Any:
        """Return how a figure is shown; what was text, a year or exact is shown with the digits that it has."""
        plainly = isinstance(cell.value, str) or is_exact(column) or (cell.unit or column.unit) == "year"
        if plainly or value is None or isinstance(value, str):
            return self.exact
        size = abs(value)
        if value == int(value):
            return self.forms["#,##0"]
        return self.forms[next(form for least, form in _FORMS if size >= least)]


def _extent(image: bytes) -> tuple[int, float]:
    """Return how many rows and how many digits a picture (PNG) takes on a sheet."""
    wide, high = struct.unpack(">II", image[16:24])
    shown = _PICTURE * _SCREEN / _RASTER
    return -(-int(high * shown) // _ROW), wide * shown / _DIGIT


def _short(name: str, longest: int) -> str:
    """Return a sheet's name without the signs that Excel refuses and without wide or double spaces, cut at a word if it is too long."""
    clean = " ".join(re.sub(r"[\[\]*?/\\']", " ", name.replace(":", ",")).split())
    if len(clean) <= longest:
        return clean
    cut = clean[: longest - 1]
    words = cut.rpartition(" ")[0]
    return (words if len(words) > longest // 2 else cut).rstrip(" ,，、") + "…"


def _size(text: str) -> int:
    """Return how wide a text is, in digits."""
    return sum(2 if ord(c) >= _FIRST_WIDE else 1 for c in text)


def _lines(text: str, width: float, language: str) -> int:
    """Return how many lines a text takes in the font of a language; what does not fit at the end of a line is left free there."""
    wide, narrow = _LETTERS[language]
    characters = sum(ord(c) >= _FIRST_WIDE for c in text)
    size = wide * characters + narrow * (len(text) - characters)
    return 1 if size <= width - 1 else 1 + int(size / (width - 3))


def _width(texts: list[str]) -> int:
    """Return the width of a column that shows its texts, within bounds."""
    return min(max(max(map(_size, texts), default=0) + 2, _NARROWEST), _WIDEST)
