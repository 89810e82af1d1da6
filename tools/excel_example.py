"""Make the workbook of the Excel example: totals of a server with a chart, and the query that brings them anew.

    python tools/excel_example.py http://127.0.0.1:8350 totals.xlsx

The query stands as text on its own sheet, since a workbook that queries by itself can be made by Excel only.
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from urllib.request import urlopen

from xlsxwriter import Workbook

QUERY = Path(__file__).parent.parent / "examples" / "excel" / "totals.pq"
ADDRESS = "/api/v1/totals?format=csv&scope=co2&sort=year"
NUMBERS = ("year", "value", "low", "high")


def make(server: str, path: Path) -> None:
    """Write the workbook.

    Parameters
    ----------
    server : str
        Address of a running portal.
    path : Path
    """
    with urlopen(server + ADDRESS, timeout=60) as answer:
        rows = list(csv.reader(io.StringIO(answer.read().decode("utf-8-sig"))))
    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        _table(book, rows)
        _query(book, server)


def _table(book: Workbook, rows: list[list[str]]) -> None:
    sheet = book.add_worksheet("totals")
    head, content = rows[0], rows[1:]
    values = [[float(v) if h in NUMBERS and v else v for h, v in zip(head, row, strict=True)] for row in content]
    sheet.add_table(
        0, 0, len(values), len(head) - 1, {"name": "totals", "data": values, "columns": [{"header": h} for h in head]}
    )
    sheet.set_column(0, len(head) - 1, 14)
    chart = book.add_chart({"type": "line"})
    year, value = head.index("year"), head.index("value")
    last = len(values)
    chart.add_series(
        {"name": "CO2", "categories": ["totals", 1, year, last, year], "values": ["totals", 1, value, last, value]}
    )
    chart.set_y_axis({"name": content[0][head.index("unit")] if content else ""})
    sheet.insert_chart(1, len(head) + 1, chart)


def _query(book: Workbook, server: str) -> None:
    sheet = book.add_worksheet("query")
    plain = book.add_format({"font_name": "Courier New"})
    sheet.set_column(0, 0, 110, plain)
    text = QUERY.read_text(encoding="utf-8").replace("http://127.0.0.1:8350", server)
    for number, line in enumerate(text.splitlines()):
        sheet.write_string(number, 0, line, plain)


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
