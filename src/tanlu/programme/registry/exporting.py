"""Lists of the registries as CSV and Excel, safe to open: a cell that a spreadsheet would take for a formula is written as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from tanlu.core.messages import translate
from tanlu.core.regions import Region
from tanlu.programme.registries import Count, RegistryCount
from tanlu.programme.registry.reading import Item

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First characters from which a spreadsheet may take a cell of a CSV file for a formula (OWASP, CSV injection)."""
COLUMNS: Final = (
    "kind",
    "name",
    "host",
    "region",
    "event",
    "state",
    "valid_from",
    "valid_to",
    "first",
    "reported_at",
    "checked_at",
    "note",
    "demonstration",
    "id",
)


def guarded(value: object) -> str:
    """Return the text of a cell of a CSV file that no spreadsheet takes for a formula; plain numbers stay numbers."""
    text = "" if value is None else str(value)
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    # float() reads "+1\n" and "-１" as well, which a spreadsheet may not
    return text if text.isascii() and text == text.strip() and not text.startswith("+") else f"'{text}"


def rows_of_items(
    items: Iterable[Item], regions: dict[str, Region], language: str
) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a list in a language."""

    def text(key: str) -> str:
        return translate(f"registry.{key}", language)

    header = [text(f"column.{name}") for name in COLUMNS]
    rows = []
    for item in items:
        region = regions.get(item.region)
        rows.append(
            [
                text(f"kind.{item.kind}"),
                item.zh if language == "zh" else item.en,
                item.host_zh if language == "zh" else item.host_en,
                region.name(language) if region else item.region,
                text(f"event.{item.event}"),
                text(f"state.{item.state}"),
                item.valid_from.isoformat(),
                item.valid_to.isoformat() if item.valid_to else "",
                text("yes" if item.first else "no"),
                item.reported_at.isoformat(timespec="seconds"),
                item.checked_at.isoformat(timespec="seconds") if item.checked_at else "",
                item.note,
                text("demonstration") if item.demonstration else "",
                item.id,
            ]
        )
    return header, rows


def as_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV with a byte-order mark, so that Excel takes it for UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(cell) for cell in header])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def registry_workbook(
    items: Sequence[Item],
    counts: Sequence[tuple[str, RegistryCount]],
    regions: dict[str, Region],
    language: str,
    as_of: str,
) -> bytes:
    """Return a workbook: the entries, the counts by prefecture with what belongs to none, and how they are counted.

    Parameters
    ----------
    counts : sequence of (label, RegistryCount)
    as_of : str
        Moment up to which the counts look.
    """
    header, rows = rows_of_items(items, regions, language)

    def text(key: str) -> str:
        return translate(f"registry.{key}", language)

    def line(label: str, count: Count, place: str) -> list[object]:
        return [label, place, count.reported, count.verified]

    counted: list[list[object]] = []
    for label, found in counts:
        for part in found.parts:
            known = regions.get(part.prefecture)
            counted.append(line(label, part, known.name(language) if known else text("unallocated")))
        counted.append(line(label, found.province, text("province")))
    count_header = [text(f"count.{name}") for name in ("what", "where", "reported", "verified")]
    method = [
        [text("method.as_of"), as_of],
        *([text(f"method.{name}"), text(f"method.{name}.rule")] for name in METHOD),
    ]
    sheets: list[tuple[str, Sequence[Sequence[Any]]]] = [
        (text("sheet.entries"), [header, *rows]),
        (text("sheet.counts"), [count_header, *counted]),
        (text("sheet.method"), method),
    ]
    return workbook(sheets)


METHOD: Final = ("reported", "verified", "flow", "stock", "parts")


def workbook(sheets: Sequence[tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    """Return a workbook of plain sheets; text is written as text, whatever it begins with."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True})
    for name, rows in sheets:
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                style = bold if number == 0 else None
                if isinstance(cell, int | float) and not isinstance(cell, bool):
                    sheet.write_number(number, at, cell, style)
                elif cell not in (None, ""):
                    sheet.write_string(number, at, str(cell), style)
        sheet.set_column(0, max((len(r) for r in rows), default=1) - 1, 18)
    book.close()
    return buffer.getvalue()
