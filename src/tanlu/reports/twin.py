"""The table of a chart on paper: as many tables as the width of the paper asks for, none if they would take too many lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tanlu.charts.base import Chart
from tanlu.core.messages import translate
from tanlu.reports.document import Block, Paragraph, Run, Table
from tanlu.reports.tables import cell_text, headings, is_number
from tanlu.reports.widths import fits

MOST_LINES: Final = 200
"""Rows of tables that stand on paper below their picture; more are for the workbook."""


def twin(chart: Chart) -> tuple[Block, ...]:
    """Return the table of a chart in parts that fit the paper, each with the first column, or words that say where it is found."""
    caption = translate("charts.table", chart.language)
    whole = _told_once(Table(f"{chart.name}-table", caption, chart.columns, chart.rows))
    parts = _parts(whole, chart.language)
    if len(parts) * len(whole.rows) > MOST_LINES:
        told = translate("reports.office.elsewhere", chart.language, rows=len(whole.rows), columns=len(whole.columns))
        return (Paragraph((Run(told),)),)
    return parts if whole.rows else ()


def _told_once(table: Table) -> Table:
    """Return a table without its column of units where its figures bring theirs."""
    place = next((i for i, column in enumerate(table.columns) if column.key == "unit"), None)
    if place is None or not all(any(c.unit == row[place].value for c in row) for row in table.rows):
        return table
    return _of(table, [i for i in range(len(table.columns)) if i != place])


def _of(table: Table, places: list[int]) -> Table:
    """Return some columns of a table."""
    rows = tuple(tuple(row[i] for i in places) for row in table.rows)
    return replace(table, columns=tuple(table.columns[i] for i in places), rows=rows)


def _parts(table: Table, language: str) -> tuple[Table, ...]:
    """Return the table in the fewest parts that fit the paper, of about as many columns each."""
    others, parts = range(1, len(table.columns)), [table]
    for count in range(1, len(others) + 1):
        step = -(-len(others) // count)
        parts = [_of(table, [0, *others[first : first + step]]) for first in range(0, len(others), step)]
        if all(_fits(part, language) for part in parts):
            break
    if len(parts) == 1:
        return (table,)
    return tuple(replace(part, caption=f"{part.caption} {n}/{len(parts)}") for n, part in enumerate(parts, 1))


def _fits(table: Table, language: str) -> bool:
    _, heads = headings(table, language)
    texts = [[cell_text(cell, c, language) for cell, c in zip(row, table.columns, strict=True)] for row in table.rows]
    return fits([list(heads), *texts], [is_number(i, table) for i in range(len(table.columns))], language)
