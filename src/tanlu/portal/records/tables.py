"""Tables of records as CSV and workbook, with cells that a spreadsheet would run as a formula disarmed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from starlette.responses import Response

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters after which a spreadsheet runs a cell. Source: OWASP, CSV Injection."""
FORMATS: Final = ("csv", "xlsx")
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def guarded(cell: object) -> object:
    """Return a cell that no spreadsheet runs: a text that begins like a formula gets an apostrophe before it; moments to the second."""
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return f"'{cell}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else cell


def table_answer(form: str, name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Response:
    """Return a table as ``csv`` or ``xlsx``."""
    if form == "xlsx":
        headers = {"content-disposition": f'attachment; filename="{name}.xlsx"'}
        return Response(workbook(name, head, rows), media_type=WORKBOOK, headers=headers)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([[guarded(cell) for cell in row] for row in rows])
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    # spreadsheets read Chinese in UTF-8 only with this mark
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _width(cells: Sequence[object]) -> int:
    """Return the width of a column [characters]; a Chinese character is as wide as two."""
    widest = max(sum(2 if ord(sign) > 0x2E7F else 1 for sign in str(cell)) for cell in cells)
    return min(max(widest + 2, 8), 60)


def workbook(name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook with one sheet; texts are written as texts, never as formulas or links."""
    from xlsxwriter import Workbook

    content = io.BytesIO()
    with Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(name[:31])
        bold, amount = (
            book.add_format({"bold": True}),
            book.add_format({"num_format": "#,##0.00", "align": "right", "indent": 1}),
        )
        for column, title in enumerate(head):
            sheet.write_string(0, column, title, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal):
                    shown = "" if cell is None else str(guarded(cell) if isinstance(cell, datetime) else cell)
                    sheet.write_string(number, column, shown)
                else:
                    sheet.write_number(number, column, float(cell), amount if isinstance(cell, Decimal) else None)
        sheet.freeze_panes(1, 0)
        for column, title in enumerate(head):
            sheet.set_column(column, column, _width([title, *(row[column] for row in rows)]))
        # on paper all columns of a row stand side by side, under the heads on each page
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return content.getvalue()
