"""Templates for activity data: a CSV table in the columns of the contract, and an Excel workbook with one row a record.

A filled template is read by `tanlu.accounts.files.activity_file.read_activities`; the example row is left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from tanlu.accounts.files.sheets import letters
from tanlu.accounts.files.template_content import MethodContent, input_label, method_text
from tanlu.accounts.files.template_layout import (
    EXAMPLE_ROW,
    FIXED_UNIT,
    HEAD_ROW,
    LABELLED,
    LEADING,
    MARK,
    MARK_ROW,
    NAME_ROW,
    TRAILING,
    UNIT_COLUMN,
    columns_of,
    units_of,
)
from tanlu.accounts.rulebook.activity import COLUMNS, DEFAULT_UNCERTAINTY
from tanlu.accounts.rulebook.method import Input
from tanlu.core.messages import LANGUAGES, translate
from tanlu.core.punctuation import PUNCTUATION

ROWS: Final = 1000
"""Rows below the example that have drop-down lists and number checks."""
CREATED: Final = datetime(2000, 1, 1)
"""Fixed, so that the same template is the same file."""
SHEET_NAME: Final = 31
"""Longest name of a sheet."""


def template_csv(content: MethodContent) -> str:
    """Return a CSV template: one example record with a row for each input; optional inputs are named in the note and left empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    lead = content.example_row()
    for wanted in content.method.inputs:
        note = " / ".join(content.remark(wanted, lang).replace("\n", "; ") for lang in LANGUAGES)
        if wanted.kind == "choice":
            note += f" ({', '.join(wanted.options)})"
        row = {
            **lead, "method": content.method.topic, "input": wanted.name, "value": content.example(wanted),
            "unit": "" if wanted.kind == "choice" else units_of(wanted)[0], "grade": "C", "note": note,
        }  # fmt: skip
        writer.writerow([row.get(name, "") for name in COLUMNS])
    return text.getvalue()


def template_workbook(contents: Sequence[MethodContent]) -> bytes:
    """Return an Excel template with a sheet for each method, and a sheet of notes.

    Parameters
    ----------
    contents : sequence of MethodContent
        Methods of one set.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": f"Tanlu {contents[0].method_set.id}", "author": "Tanlu", "created": CREATED})
    writer = _Writer(book)
    for content in contents:
        writer.data_sheet(content)
    writer.notes_sheet(contents)
    writer.finish()
    book.close()
    return buffer.getvalue()


class _Writer:
    """Writes the sheets of one workbook; long drop-down lists stand on a sheet of their own."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.bold = book.add_format(
            {"bold": True, "text_wrap": True, "bg_color": "#DCE9E2", "valign": "top", "border": 1}
        )
        self.optional = book.add_format({"text_wrap": True, "bg_color": "#F2F2F2", "valign": "top", "border": 1})
        self.grey = book.add_format({"font_color": "#808080", "font_size": 9})
        self.example = book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"})
        self.text = book.add_format({"num_format": "@"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.lists: list[list[str]] = []

    def data_sheet(self, content: MethodContent) -> None:
        """Write the sheet of a method."""
        method = content.method
        sheet = self.book.add_worksheet(method.topic[:SHEET_NAME])
        title = " / ".join(method_text(method, "name", lang) for lang in LANGUAGES)
        for column, text in enumerate((MARK, method.topic, content.method_set.id, title)):
            sheet.write_string(MARK_ROW - 1, column, text, self.grey)
        names = columns_of(method.inputs)
        for column, name in enumerate(names):
            sheet.write_string(NAME_ROW - 1, column, name, self.grey)
        sheet.set_row(NAME_ROW - 1, None, None, {"hidden": True})
        sheet.set_row(HEAD_ROW - 1, 60)
        sheet.freeze_panes(HEAD_ROW, len(LEADING))
        lead = content.example_row()
        by_name = method.by_name
        for column, name in enumerate(names):
            plain = name.partition(FIXED_UNIT)[0]
            wanted = by_name.get(plain.removesuffix(UNIT_COLUMN))
            if wanted is None:
                self._fixed_column(sheet, column, name, lead.get(name, "C" if name == "grade" else ""))
            elif plain.endswith(UNIT_COLUMN):
                self._unit_column(sheet, column, wanted)
            else:
                self._input_column(sheet, column, wanted, content)

    def _head(self, sheet: Any, column: int, texts: Sequence[str], optional: bool, width: int = 16) -> None:
        sheet.set_column(column, column, width, self.text if width != 12 else None)
        sheet.write_string(HEAD_ROW - 1, column, "\n".join(texts), self.optional if optional else self.bold)

    def _fixed_column(self, sheet: Any, column: int, name: str, example: str) -> None:
        texts = [translate(f"activity_column.{name}", lang) for lang in LANGUAGES]
        optional = name in TRAILING
        if name == "uncertainty":
            texts = [*texts, "[%]"]
        self._head(sheet, column, texts, optional, 12 if name == "uncertainty" else 16)
        sheet.write_string(EXAMPLE_ROW - 1, column, example, self.example)
        remark = "\n".join(translate(f"template.column_{name}", lang) for lang in LANGUAGES)
        sheet.write_comment(HEAD_ROW - 1, column, remark, {"x_scale": 2, "y_scale": 1.2})
        if name == "grade":
            self._list(sheet, column, list(DEFAULT_UNCERTAINTY))
        elif name == "uncertainty":
            self._number(sheet, column, 0.0, 1000.0, stop=True)

    def _unit_column(self, sheet: Any, column: int, wanted: Input) -> None:
        units = units_of(wanted)
        texts = [f"{input_label(wanted.name, lang)} {translate('activity_column.unit', lang)}" for lang in LANGUAGES]
        self._head(sheet, column, texts, wanted.kind == "factor")
        sheet.write_string(EXAMPLE_ROW - 1, column, units[0], self.example)
        self._list(sheet, column, units)

    def _input_column(self, sheet: Any, column: int, wanted: Input, content: MethodContent) -> None:
        units, example = units_of(wanted), content.example(wanted)
        texts = [input_label(wanted.name, lang) for lang in LANGUAGES]
        optional = wanted.kind == "factor" or wanted.default is not None or bool(wanted.word)
        is_choice = wanted.kind == "choice"
        if len(units) == 1 and not is_choice:
            texts.append(f"[{units[0]}]")
        self._head(sheet, column, texts, optional, 24 if is_choice else 12)
        remark = "\n\n".join(content.remark(wanted, lang) for lang in LANGUAGES)
        sheet.write_comment(HEAD_ROW - 1, column, remark, {"x_scale": 3, "y_scale": 2.5})
        if is_choice:
            entries = [_entry(option, content) for option in wanted.options]
            sheet.write_string(EXAMPLE_ROW - 1, column, _entry(example, content), self.example)
            self._list(sheet, column, entries)
        else:
            sheet.write_string(EXAMPLE_ROW - 1, column, example, self.example)
            several = len(units) > 1
            self._number(sheet, column, None if several else wanted.low, None if several else wanted.high)

    def _list(self, sheet: Any, column: int, entries: list[str]) -> None:
        self.lists.append(entries)
        letter = letters(len(self.lists) - 1)
        source = f"='{_lists_name()}'!${letter}$2:${letter}${len(entries) + 1}"
        options = {
            "validate": "list", "source": source, "error_type": "warning", "error_title": "Tanlu",
            "error_message": "\n".join(translate("template.not_in_list", lang) for lang in LANGUAGES),
        }  # fmt: skip
        sheet.data_validation(EXAMPLE_ROW, column, EXAMPLE_ROW + ROWS, column, options)

    def _number(self, sheet: Any, column: int, low: float | None, high: float | None, *, stop: bool = False) -> None:
        """A number is asked for; outside the plausible range the sheet warns and lets the user go on."""
        largest = 1e300
        lower, upper = -largest if low is None else low, largest if high is None else high
        options = {
            "validate": "decimal", "criteria": "between", "minimum": lower, "maximum": upper,
            "error_type": "stop" if stop else "warning", "error_title": "Tanlu",
            "error_message": "\n".join(
                translate("template.not_plausible", lang, low=_bound(low), high=_bound(high)) for lang in LANGUAGES
            ),
        }  # fmt: skip
        sheet.data_validation(EXAMPLE_ROW, column, EXAMPLE_ROW + ROWS, column, options)

    def notes_sheet(self, contents: Sequence[MethodContent]) -> None:
        """Write rule, clause, formula and limits of the methods, and their inputs."""
        sheet = self.book.add_worksheet(" ".join(translate("template.notes_sheet", lang) for lang in LANGUAGES))
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 2, 70)
        sheet.write_row(0, 0, (f"{MARK}-notes", "中文", "English"), self.grey)
        line = 1
        how = [[translate(f"template.how_{n}", lang) for lang in LANGUAGES] for n in range(1, 6)]
        for title, texts in [("", t) for t in how] + [row for c in contents for row in _described(c)]:
            sheet.write_string(line, 0, title, self.bold if title else self.wrap)
            for column, text in enumerate(texts, 1):
                sheet.write_string(line, column, text, self.wrap)
            line += 1

    def finish(self) -> None:
        """Write the entries of the drop-down lists."""
        sheet = self.book.add_worksheet(_lists_name())
        sheet.write_string(0, 0, f"{MARK}-lists")
        for column, entries in enumerate(self.lists):
            sheet.write_column(1, column, entries)
        sheet.very_hidden()


def _lists_name() -> str:
    return "lists"


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _entry(option: str, content: MethodContent) -> str:
    """Return an entry of a drop-down list: the word and its names."""
    return LABELLED.join(dict.fromkeys([option, *(content.option_label(option, lang) for lang in LANGUAGES)]))


def _described(content: MethodContent) -> list[tuple[str, list[str]]]:
    """Return title and both texts of each line of the notes of a method."""
    method, source = content.method, content.library.sources.get(content.method.source)
    titles = [source.title_zh, source.title_en] if source else [method.source, method.source]
    rows: list[tuple[str, list[str]]] = [("", ["", ""])]
    rows.append((method.topic, [f"{method_text(method, 'name', lang)} ({method.id})" for lang in LANGUAGES]))
    parts = {
        "set": [f"{content.method_set.id} {content.method_set.name(lang)}" for lang in LANGUAGES],
        "rule": [method_text(method, "rule", lang) for lang in LANGUAGES],
        "source": titles,
        "clause": [method.clause, method.clause],
        "formula": [method.formula, method.formula],
        "limits": [method_text(method, "limits", lang) for lang in LANGUAGES],
        "set_limits": [content.method_set.limits_zh, content.method_set.limits_en],
    }
    for part, texts in parts.items():
        if any(texts):
            title = " ".join(translate(f"template.{part}", lang) for lang in LANGUAGES)
            rows.append((title, texts))
    for wanted in method.inputs:
        remarks = [content.remark(wanted, lang) for lang in LANGUAGES]
        if wanted.kind == "choice":
            remarks = [
                text + joint.colon + joint.listing.join(content.option_label(o, lang) for o in wanted.options)
                for text, (lang, joint) in zip(remarks, PUNCTUATION.items(), strict=True)
            ]
        rows.append((wanted.name, remarks))
    return rows
