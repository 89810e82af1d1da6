"""Rows of an Excel workbook as texts, read as a stream; moments keep their time of day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tanlu.accounts.files.sheets import UNREADABLE
from tanlu.core.errors import DataError, Problem

SUFFIXES = (".xlsx", ".xlsm")


def workbook_rows(path: Path) -> Iterator[tuple[str, int, list[str]]]:
    """Yield (sheet, row number, texts of the cells) of the rows that hold something.

    Raises
    ------
    DataError
        If the file is no workbook that can be read.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (*UNREADABLE, OSError) as error:
        raise DataError([Problem("not_xlsx", path.name, details={"reason": str(error)})]) from None
    try:
        for sheet in book.worksheets:
            # the dimension that some programs write is wrong
            sheet.reset_dimensions()
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                cells = [_text(value) for value in row]
                if any(cells):
                    yield sheet.title, number, cells
    except UNREADABLE as error:
        raise DataError([Problem("not_xlsx", path.name, details={"reason": str(error)})]) from None
    finally:
        book.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        # Excel keeps days as floats, so that whole seconds come back a few microseconds off
        return (value + timedelta(milliseconds=500)).replace(microsecond=0).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value).strip()
