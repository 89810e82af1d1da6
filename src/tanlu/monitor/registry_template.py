"""Empty tables of the registry, to be filled: a workbook, or a folder of CSV files; each column explained in both languages."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tanlu.core.messages import translate
from tanlu.monitor.carriers import carriers
from tanlu.monitor.registry_words import TABLES

_FIELDS: Final = ("table", "column", "required", "zh", "en")


def write_template(path: Path) -> list[Path]:
    """Write a workbook (``.xlsx``) or, under any other name, a folder of CSV files; return what was written.

    Raises
    ------
    OSError
        If it cannot be written, or something is there already.
    """
    if path.exists():
        raise FileExistsError(17, "exists", str(path))
    if path.suffix.lower() == ".xlsx":
        _write_workbook(path)
        return [path]
    path.mkdir(parents=True)
    written = []
    for name, rows in _sheets():
        written.append(path / f"{name}.csv")
        # Excel takes a CSV file for UTF-8 only with the mark
        with written[-1].open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
    return written


def _sheets() -> Iterator[tuple[str, list[list[str]]]]:
    for name, columns in TABLES.items():
        yield name, [[c.name for c in columns]]
    yield (
        "fields",
        [
            list(_FIELDS),
            *(
                [
                    name,
                    c.name,
                    "1" if c.required else "",
                    *(translate(_key(name, c.name), lang) for lang in ("zh", "en")),
                ]
                for name, columns in TABLES.items()
                for c in columns
            ),
        ],
    )
    yield "carriers", [["id", "zh", "en", "unit"], *([c.id, c.zh, c.en, c.unit] for c in carriers().values())]


def _key(table: str, column: str) -> str:
    return f"registry.{table}.{column}"


def _write_workbook(path: Path) -> None:
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    text = book.add_format({"num_format": "@"})
    for name, rows in _sheets():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row, bold if number == 0 else None)
        if name in TABLES:
            # numbers of meters keep their leading zeros
            sheet.set_column(0, 0, 18, text)
            for at, column in enumerate(TABLES[name]):
                sheet.write_comment(0, at, "\n".join(translate(_key(name, column.name), lang) for lang in ("zh", "en")))
    book.close()
