"""Templates for the units of a company: CSV, and a workbook with drop-down lists; their example row is never read."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tanlu.accounts.ets.plans import Plan
from tanlu.accounts.ets.unit_columns import COLUMNS, REQUIRED, WORDS
from tanlu.accounts.files.sheets import letters
from tanlu.accounts.files.template_layout import EXAMPLE, LABELLED, MARK
from tanlu.core.library import load_library
from tanlu.core.messages import LANGUAGES, translate

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
CREATED: Final = datetime(2000, 1, 1)
"""Fixed, so that the same template is the same file."""
ROWS: Final = 500
"""Rows below the example that have drop-down lists."""


def _head_rows(plan: Plan) -> list[list[str]]:
    """Return the header, what its columns mean, and the example."""
    names = COLUMNS[plan.sector]
    meaning = [" / ".join(translate(f"ets_column.{n}", lang) for lang in LANGUAGES) for n in names[1:]]
    shown = EXAMPLES[plan.sector]
    return [list(names), [EXAMPLE, *meaning], [EXAMPLE, *(shown.get(n, "") for n in names[1:])]]


def template(plan: Plan) -> str:
    """Return a CSV with the columns of a plan, what they mean, and an example; rows of the unit `EXAMPLE` are never read."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_head_rows(plan))
    return text.getvalue()


def template_workbook(plan: Plan) -> bytes:
    """Return the same as a workbook: columns that must be filled in green, and drop-down lists of the words that a column takes."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": f"Tanlu {plan.id}", "author": "Tanlu", "created": CREATED})
    green = book.add_format({"bold": True, "bg_color": "#DCE9E2", "border": 1})
    grey = book.add_format({"bg_color": "#F2F2F2", "border": 1})
    shown = book.add_format({"italic": True, "font_color": "#808080", "text_wrap": True, "valign": "top"})
    sheet, lists = book.add_worksheet(plan.id[:31]), book.add_worksheet("lists")
    names, *explained = _head_rows(plan)
    sheet.set_column(0, len(names) - 1, 18)
    sheet.set_row(1, 60)
    sheet.freeze_panes(3, 1)
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, green if name in REQUIRED[plan.sector] else grey)
        for row, texts in enumerate(explained, 1):
            sheet.write_string(row, column, texts[column], shown)
    lists.write_string(0, 0, f"{MARK}-lists")
    for column, name in enumerate(names):
        _list(sheet, lists, column, _entries(plan, name))
    lists.very_hidden()
    book.close()
    return buffer.getvalue()


def _entries(plan: Plan, column: str) -> list[str]:
    """Return the words of a column with their names in both languages."""
    library = load_library()
    if column == "special":
        named = {word: [translate(f"ets.special.{word}", lang) for lang in LANGUAGES] for word in plan.special}
    else:
        named = {word: [library.label(word, lang) for lang in LANGUAGES] for word in WORDS.get(column, ())}
    return [LABELLED.join(dict.fromkeys([word, *names])) for word, names in named.items()]


def _list(sheet: Any, lists: Any, column: int, entries: list[str]) -> None:
    if not entries:
        return
    lists.write_column(1, column, entries)
    letter = letters(column)
    source = f"='lists'!${letter}$2:${letter}${len(entries) + 1}"
    sheet.data_validation(3, column, 3 + ROWS, column, {"validate": "list", "source": source, "error_type": "warning"})
