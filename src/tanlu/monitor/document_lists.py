"""Taking documents of readings apart: JSON by row or by column, lines of JSON, CSV, into one list a column."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from operator import itemgetter
from typing import Any, Final, NoReturn

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import decode
from tanlu.monitor.reading_words import QUALITY_WORDS
from tanlu.monitor.schema import Quality

JSON, LINES, CSV = "application/json", "application/x-ndjson", "text/csv"
KINDS: Final = (JSON, LINES, CSV)
QUALITIES: Final[Mapping[Any, int]] = (
    {word: int(quality) for word, quality in QUALITY_WORDS.items()}
    | {word.upper(): int(quality) for word, quality in QUALITY_WORDS.items()}
    | {int(quality): int(quality) for quality in Quality}
    | {None: int(Quality.GOOD)}
)
"""The words of files of readings, and numbers."""
COLUMNS: Final = ("meter", "time", "value")
MOST_PROBLEMS: Final = 1_000
"""Faults that are told; rows behind them are not looked at."""


@dataclass(frozen=True, slots=True)
class Lists:
    """A document taken apart: its name, and one list a column. ``quality`` is None where the document has none.

    ``broken`` tells of records that are none, or have other fields; what they lack stands as None in the columns.
    """

    id: str
    meter: Sequence[Any]
    time: Sequence[Any]
    value: Sequence[Any]
    quality: Sequence[Any] | None
    first_row: int = 1
    broken: tuple[Problem, ...] = ()


_SECONDS: Final = re.compile(r"-?\d{1,15}", re.ASCII)


def seconds(text: str) -> int | str:
    """Return whole seconds of a table as a number, and any other text as it stands."""
    return int(text) if _SECONDS.fullmatch(text) else text


def shown(cell: object) -> str:
    """Return a cell as problems show it."""
    return "" if cell is None else str(cell)[:80]


def stamp_of(time: object) -> int | None:
    """Return the stamp of a time, None if it is none: whole seconds since 1970 UTC, or ISO 8601 with an offset and no part of a second."""
    if type(time) is int:
        return time if abs(time) < 2**40 else None
    if not isinstance(time, str):
        return None
    try:
        found = datetime.fromisoformat(time)
    except ValueError:
        return None
    if found.utcoffset() is None or found.microsecond:
        return None
    return int(found.timestamp())


def take_apart(body: bytes, kind: str, file: str) -> Lists:
    """Return the columns of a document as lists.

    Raises
    ------
    DataError
        If it is not of the kind that it is said to be, or has other fields.
    """
    try:
        if kind == CSV:
            return _of_csv(body, file)
        if kind == LINES:
            return _of_rows("", _lines(body, file), file)
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise DataError([Problem("monitor_not_json", file, details={"reason": str(error)})]) from None
    if isinstance(found, list):
        return _of_rows("", found, file)
    if not isinstance(found, dict):
        raise DataError([Problem("monitor_not_json", file, details={"reason": type(found).__name__})])
    name = found.pop("batch", "")
    problems = [] if isinstance(name, str) else [Problem("monitor_field", file, None, "batch", shown(name))]
    wanted = ("readings",) if "readings" in found else (*COLUMNS, "quality")
    problems += [Problem("monitor_field", file, None, shown(field)) for field in found if field not in wanted]
    problems += [
        Problem("monitor_missing_field", file, None, field)
        for field in wanted
        if field != "quality" and not isinstance(found.get(field), list)
    ]
    if "quality" in found and not isinstance(found["quality"], list):
        problems.append(Problem("monitor_missing_field", file, None, "quality"))
    if problems:
        raise DataError(problems)
    if "readings" in found:
        return _of_rows(name, found["readings"], file)
    return Lists(name, found["meter"], found["time"], found["value"], found.get("quality"))


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _lines(body: bytes, file: str) -> list[Any]:
    """Return the records of lines of JSON; where one is broken, tell every broken line."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    try:
        rows: list[Any] = json.loads(b"[" + b",".join(lines) + b"]", parse_constant=_no_number)
    except (ValueError, RecursionError):
        rows = []
    if len(rows) == len(lines):
        return rows
    problems = []
    for row, line in enumerate(lines, 1):
        try:
            json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            problems.append(Problem("monitor_not_json", file, row, details={"reason": str(error)}))
    if not problems:
        # several records on one line
        problems.append(Problem("monitor_not_json", file, details={"reason": f"{len(lines)} ≠ {len(rows)}"}))
    raise DataError(problems[:MOST_PROBLEMS])


def _of_rows(name: str, rows: list[Any], file: str) -> Lists:
    """Return records as columns."""
    fields = (*COLUMNS, "quality")
    try:
        meter, time, value = (list(map(itemgetter(field), rows)) for field in COLUMNS)
        sizes = set(map(len, rows))
        quality = None if sizes <= {3} else list(map(dict.get, rows, repeat("quality")))
        if not sizes <= {3, 4} or (quality is not None and any("quality" not in r for r in rows if len(r) == 4)):
            raise KeyError
    except (KeyError, TypeError, IndexError):
        problems = []
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                problems.append(Problem("monitor_not_json", file, number, details={"reason": type(row).__name__}))
                continue
            problems += [Problem("monitor_missing_field", file, number, f) for f in COLUMNS if f not in row]
            problems += [Problem("monitor_field", file, number, shown(f)) for f in row if f not in fields]
        meter, time, value, quality = ([r.get(f) if isinstance(r, dict) else None for r in rows] for f in fields)
        return Lists(name, meter, time, value, quality, broken=tuple(problems))
    return Lists(name, meter, time, value, quality)


def _of_csv(body: bytes, file: str) -> Lists:
    """Return CSV with a header as columns."""
    text, problems, _ = decode(body, file)
    if problems:
        raise DataError(problems)
    header, *rows = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    fields = [field.strip() for field in header]
    problems = [Problem("monitor_field", file, 1, f) for f in fields if f not in (*COLUMNS, "quality")]
    problems += [Problem("monitor_missing_field", file, 1, f) for f in COLUMNS if f not in fields]
    problems += [Problem("double_column", file, 1, f) for f in set(fields) if fields.count(f) > 1]
    problems += [
        Problem("wrong_width", file, number, details={"found": len(row), "wanted": len(fields)})
        for number, row in enumerate(rows, 2)
        if row and len(row) != len(fields)
    ]
    if problems:
        raise DataError(problems[:MOST_PROBLEMS])
    cells = [[cell.strip() for cell in row] for row in rows if row]
    columns = dict(zip(fields, zip(*cells, strict=True), strict=True)) if cells else dict.fromkeys(fields, ())
    values = [_number(text) for text in columns["value"]]
    times = [seconds(text) for text in columns["time"]]
    return Lists("", columns["meter"], times, values, columns.get("quality"), 2)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
