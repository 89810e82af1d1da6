"""The tables of a result folder: results, quality control, activity data, factors, methods; the same bytes for the same data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from tanlu.accounts.rulebook import findings, result
from tanlu.accounts.rulebook.activity import COLUMNS, Activity
from tanlu.accounts.rulebook.method import Method
from tanlu.accounts.rulebook.result import Result, Results
from tanlu.core.factors import Factor

ACTIVITY_COLUMNS: Final = (*COLUMNS, "file", "row", "id")
FACTOR_COLUMNS: Final = (*(f.name for f in fields(Factor)), "hash")
METHOD_COLUMNS: Final = ("id", "topic", "version", "tier", "formula", "clause", "source", "hash")
JOINT: Final = ";"
"""Between the ids of factors in one cell."""
FLOATS: Final = ("value", "low", "high")
"""Columns of ``results.csv`` that are numbers."""
Cell = str | int | float | None


def format_cell(value: Cell) -> str:
    """Return a cell as text; floats in full, so that reading them gives the same number."""
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def write_columns(path: Path, header: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
    """Write columns of text as a CSV table in UTF-8 with ``\\n``; whole columns are joined, as a writer takes several times as long."""
    cells = [_quoted(column) for column in columns]
    lines = map(",".join, zip(*cells, strict=True))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("\n".join([",".join(_quoted(header)), *lines, ""]))


def _quoted(column: Sequence[str]) -> Sequence[str]:
    """Return cells in quotes where they hold a sign that would end them."""
    if not _must_be_quoted("".join(column)):
        return column
    known = {text: _cell(text) for text in set(column)}
    return [known[text] for text in column]


def _must_be_quoted(text: str) -> bool:
    return any(sign in text for sign in ',"\r\n')


def _cell(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if _must_be_quoted(text) else text


def result_row(r: Result) -> list[Cell]:
    """Return the columns of ``results.csv``."""
    return [
        r.record, r.place, r.period, r.category, r.gas, r.value, r.unit, r.low, r.high, r.method, JOINT.join(r.factors),
        r.id,
    ]  # fmt: skip


def activity_row(a: Activity, name: str = "") -> list[Cell]:
    """Return the columns of ``activities.csv``; ``name`` is the id where it is known."""
    return [*a[: len(COLUMNS)], a.file, a.row, name or a.id]


def factor_row(factor: Factor) -> list[Cell]:
    """Return the columns of ``factors.csv``."""
    said: list[Cell] = [getattr(factor, name) for name in FACTOR_COLUMNS[:-1]]
    said[FACTOR_COLUMNS.index("grade")] = factor.grade.value
    return [*said, factor.hash]


def methods_used(results: Results) -> list[Method]:
    """Return the methods of the results by id."""
    found = {block.method.id: block.method for block in results.blocks}
    return [found[name] for name in sorted(found)]


def write_tables(folder: Path, results: Results, activities: Sequence[Activity]) -> None:
    """Write all tables of a computation."""
    write_columns(folder / "results.csv", result.COLUMNS, _result_columns(results))
    write_columns(
        folder / "qc.csv",
        findings.COLUMNS,
        _columns([list(f.as_row().values()) for f in results.findings], findings.COLUMNS),
    )
    write_columns(folder / "activities.csv", ACTIVITY_COLUMNS, _activity_columns(results, activities))
    factors = [factor_row(results.factors[name]) for name in sorted(results.factors)]
    write_columns(folder / "factors.csv", FACTOR_COLUMNS, _columns(factors, FACTOR_COLUMNS))
    rows = [[getattr(m, name) for name in METHOD_COLUMNS] for m in methods_used(results)]
    write_columns(folder / "methods.csv", METHOD_COLUMNS, _columns(rows, METHOD_COLUMNS))


def _columns(rows: Sequence[Sequence[Cell]], header: Sequence[str]) -> list[list[str]]:
    """Return the columns of rows as text."""
    return [[format_cell(row[n]) for row in rows] for n in range(len(header))]


def _result_columns(results: Results) -> list[Sequence[str]]:
    """Return the columns of ``results.csv`` as `result_row` has them."""
    found: dict[str, Sequence[Any]] = dict(zip(Result._fields, zip(*results, strict=True), strict=False))
    if not found:
        return [() for _ in result.COLUMNS]
    joined = {factors: JOINT.join(factors) for factors in set(found["factors"])}
    found["factors"] = [joined[factors] for factors in found["factors"]]
    for name in FLOATS:
        found[name] = list(map(repr, found[name]))
    return [found[name] for name in result.COLUMNS]


def _activity_columns(results: Results, activities: Sequence[Activity]) -> list[Sequence[str]]:
    """Return the columns of ``activities.csv`` as `activity_row` has them."""
    if not activities:
        return [() for _ in ACTIVITY_COLUMNS]
    # the same objects mostly: their ids need no second hashing
    known = {id(a): name for name, a in results.activities.items()}
    columns: list[Sequence[Any]] = list(zip(*activities, strict=True))
    for at in (Activity._fields.index("uncertainty"), Activity._fields.index("row")):
        texts = {value: format_cell(value) for value in set(columns[at])}
        columns[at] = [texts[value] for value in columns[at]]
    return [*columns, [known.get(id(a)) or a.id for a in activities]]
