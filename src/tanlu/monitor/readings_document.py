"""Readings as they come over HTTP and MQTT: JSON by row or by column, lines of JSON, or CSV.

By row: ``{"batch": "b1", "readings": [{"meter": "m1", "time": "2024-07-01T00:15:00+08:00", "value": 12.3, "quality": "N"}, …]}``; by
column: ``{"batch": "b1", "meter": […], "time": […], "value": […], "quality": […]}``. A time is the end of the interval: ISO 8601 with an
offset, or whole seconds since 1970 UTC. The quality may be left out (measured), and is a letter of HJ 212, a name of `Quality`, or its
number.

Reading is quick where everything is right, whole columns at once; where something is wrong the rows are gone through one by one, and every
fault is told.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import decode
from tanlu.monitor.quick_document import COLUMNS as COLUMNS_FORM
from tanlu.monitor.quick_document import CSV as CSV_FORM
from tanlu.monitor.quick_document import LINES as LINES_FORM
from tanlu.monitor.quick_document import ROWS, Codes, MeterIndex, QuickColumns, quick_columns
from tanlu.monitor.reading_words import QUALITY_WORDS
from tanlu.monitor.schema import Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tanlu.monitor.batch import Batch
    from tanlu.monitor.registry import Registry

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
"""Faults that are told one by one; of more the number is told."""


class _OffPathError(Exception):
    """The columns are not all of the expected types: the rows have to be looked at one by one."""


@dataclass(frozen=True, slots=True)
class Lists:
    """A document taken apart: its name, and one list a column. ``quality`` is None where the document has none."""

    id: str
    meter: Sequence[Any]
    time: Sequence[Any]
    value: Sequence[Any]
    quality: Sequence[Any] | None
    first_row: int = 1


class DocumentReader:
    """Reads documents for one registry.

    Parameters
    ----------
    registry : Registry
    """

    def __init__(self, registry: Registry) -> None:
        self._numbers = {name: meter.number for name, meter in registry.meters.items()}
        self._index = MeterIndex(self._numbers)
        columns = registry.columns()
        self._limits = {name: columns[name] for name in ("unit", "valid_from", "valid_to")}
        self._scales = 10.0 ** columns["decimals"].astype(np.float64)

    def read(
        self, body: bytes, kind: str, source: str, now: int, name: str = "", allowed: NDArray[np.bool_] | None = None
    ) -> Batch:
        """Return the batch of a document.

        Parameters
        ----------
        body : bytes
        kind : str
            `JSON`, `LINES` or `CSV`.
        source : str
            Source of the batch, and the name of the document in problems.
        now : int
            The clock [s since 1970 UTC]: stamps may not lie ahead of it.
        name : str
            Name of the batch where the document gives none.
        allowed : array of bool, optional
            By number of the meter: whether the sender may write it; all where nothing is said.

        Returns
        -------
        Batch
            Values as whole numbers.

        Raises
        ------
        DataError
            With all that is wrong, by row: then nothing of the document is to be taken.
        """
        from tanlu.monitor.batch import Batch

        quick = quick_columns(body, _form(body, kind))
        found = None if quick is None else self._quickly(quick, now)
        if quick is not None and found is not None and (allowed is None or allowed[found[0]].all()):
            meter, ts, value, quality = found
            return Batch(source, meter, ts, value, quality, quick.id or name)
        lists = take_apart(body, kind, source)
        try:
            meter, ts, value, quality = self._columns(lists, now)
            if allowed is not None and not allowed[meter].all():
                raise _OffPathError
        except (_OffPathError, TypeError, ValueError, OverflowError, KeyError):
            self._refuse(lists, source, now, allowed)
        return Batch(source, meter, ts, value, quality, lists.id or name)

    def _quickly(self, quick: QuickColumns, now: int) -> tuple[NDArray[Any], ...] | None:
        """Return the columns, None where any cell is not as it should be."""
        meter = self._index.numbers_of(quick.meter)
        ts: NDArray[Any] = quick.time if isinstance(quick.time, np.ndarray) else _coded_stamps(quick.time)
        quality = np.zeros(len(meter), np.int8)
        if quick.quality is not None:
            quality = np.array([QUALITIES.get(q, -1) for q in quick.quality.values], np.int8)[quick.quality.index]
        scaled = quick.value * self._scales[meter]
        return self._checked(meter, ts, scaled, quality, now)

    def _checked(
        self, meter: NDArray[Any], ts: NDArray[Any], scaled: NDArray[Any], quality: NDArray[Any], now: int
    ) -> tuple[NDArray[Any], ...] | None:
        """Return the columns as the ledger takes them, None if it would refuse any row."""
        from tanlu.monitor.checking import ACCEPTED, check

        near = np.rint(scaled)
        if not np.isfinite(scaled).all() or (np.abs(scaled) > 2.0**53).any() or _has_more_decimals(scaled, near).any():
            return None
        columns = (meter, ts, near.astype(np.int64), quality)
        return columns if (check(columns, self._limits, now).verdict == ACCEPTED).all() else None

    def _columns(self, lists: Lists, now: int) -> tuple[NDArray[Any], ...]:
        """Return the columns, or raise something where any cell is not as it should be."""
        count = len(lists.meter)
        if not count or len(lists.time) != count or len(lists.value) != count:
            raise _OffPathError
        meter = np.fromiter(map(self._numbers.__getitem__, lists.meter), np.int32, count)
        if not set(map(type, lists.value)) <= {int, float}:
            raise _OffPathError
        scaled = np.array(lists.value, np.float64) * self._scales[meter]
        quality = np.zeros(count, np.int8)
        if lists.quality is not None:
            if len(lists.quality) != count or not set(map(type, lists.quality)) <= {int, str, type(None)}:
                raise _OffPathError
            quality = np.fromiter(map(QUALITIES.__getitem__, lists.quality), np.int8, count)
        columns = self._checked(meter, _stamps(lists.time), scaled, quality, now)
        if columns is None:
            raise _OffPathError
        return columns

    def _refuse(self, lists: Lists, file: str, now: int, allowed: NDArray[np.bool_] | None) -> NoReturn:
        """Tell every fault of every row."""
        problems: list[Problem] = []
        count = len(lists.meter)
        for name, column in (("time", lists.time), ("value", lists.value), ("quality", lists.quality)):
            if column is not None and len(column) != count:
                details = {"count": len(column), "wanted": count}
                problems.append(Problem("monitor_column_length", file, None, name, details=details))
        if not count:
            problems.append(Problem("monitor_no_readings", file))
        if not problems:
            for place in range(count):
                problems += self._problems_of(lists, place, file, now)
                number = self._numbers.get(_shown(lists.meter[place]))
                if allowed is not None and number is not None and not allowed[number]:
                    cell = _shown(lists.meter[place])
                    problems.append(Problem("monitor_row_not_yours", file, place + lists.first_row, "meter", cell))
        assert problems, "a document was refused without a reason"
        if len(problems) > MOST_PROBLEMS:
            more = len(problems) - MOST_PROBLEMS
            problems = [*problems[:MOST_PROBLEMS], Problem("monitor_more_problems", file, value=str(more))]
        raise DataError(problems)

    def _problems_of(self, lists: Lists, place: int, file: str, now: int) -> list[Problem]:
        from tanlu.core.messages import LANGUAGES, translate
        from tanlu.monitor.checking import ACCEPTED, REASONS, check

        row = place + lists.first_row
        meter, time, value = lists.meter[place], lists.time[place], lists.value[place]
        quality = None if lists.quality is None else lists.quality[place]
        found: list[tuple[str, str, object]] = []
        number = self._numbers.get(meter) if isinstance(meter, str) else None
        if number is None:
            found.append(("monitor_row_meter", "meter", meter))
        stamp = stamp_of(time)
        if stamp is None:
            found.append(("monitor_row_time", "time", time))
        plain = type(value) in (int, float) and math.isfinite(value)
        if not plain:
            found.append(("monitor_row_value", "value", value))
        if type(quality) not in (str, int, type(None)) or quality not in QUALITIES:
            found.append(("monitor_row_quality", "quality", quality))
        problems = [Problem(code, file, row, field, _shown(cell)) for code, field, cell in found]
        if found or number is None or stamp is None:
            return problems
        scaled = min(max(value * float(self._scales[number]), -(2.0**62)), 2.0**62)
        if _has_more_decimals(np.array([scaled]), np.rint([scaled]))[0]:
            reasons = {f"reason_{code}": translate("refused.more_decimals", code) for code in LANGUAGES}
            return [Problem("monitor_row_refused", file, row, "value", _shown(value), reasons)]
        cells = (np.array([number], np.int32), np.array([stamp]), np.array([round(scaled)]), np.zeros(1, np.int8))
        verdict = int(check(cells, self._limits, now).verdict[0])
        if verdict != ACCEPTED:
            key = f"refused.{REASONS[verdict]}"
            reasons = {f"reason_{code}": translate(key, code) for code in LANGUAGES}
            field, cell = ("value", value) if REASONS[verdict] == "value_too_large" else ("time", time)
            problems.append(Problem("monitor_row_refused", file, row, field, _shown(cell), reasons))
        return problems


def _has_more_decimals(scaled: NDArray[np.float64], near: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where a value has more decimals than its meter keeps; nothing is rounded on the way."""
    more: NDArray[np.bool_] = np.abs(scaled - near) > np.maximum(1e-6, 4 * np.finfo(np.float64).eps * np.abs(scaled))
    return more


def _form(body: bytes, kind: str) -> str:
    """Return the form of a document for the quick way; a list of records has none."""
    if kind != JSON:
        return CSV_FORM if kind == CSV else LINES_FORM
    return ROWS if b'"readings"' in body[:200] else COLUMNS_FORM


def _coded_stamps(times: Codes) -> NDArray[np.int64]:
    # before 1992: such a row is refused, and told by the slow way
    return np.array([stamp_of(_seconds(time)) or 0 for time in times.values], np.int64)[times.index]


def _seconds(text: str) -> int | str:
    return int(text) if text.isascii() and text.lstrip("-").isdigit() else text


def _shown(cell: object) -> str:
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


def _stamps(times: Sequence[Any]) -> NDArray[np.int64]:
    kinds = set(map(type, times))
    if kinds == {int}:
        return np.array(times, np.int64)
    if not kinds <= {int, str}:
        raise _OffPathError
    # a batch repeats few times
    known = {time: stamp_of(time) for time in set(times)}
    if None in known.values():
        raise _OffPathError
    return np.fromiter(map(known.__getitem__, times), np.int64, len(times))


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
    problems = [] if isinstance(name, str) else [Problem("monitor_field", file, None, "batch", _shown(name))]
    wanted = ("readings",) if "readings" in found else (*COLUMNS, "quality")
    problems += [Problem("monitor_field", file, None, _shown(field)) for field in found if field not in wanted]
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
            problems += [Problem("monitor_field", file, number, _shown(f)) for f in row if f not in fields]
        raise DataError(problems[:MOST_PROBLEMS]) from None
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
    times = [_seconds(text) for text in columns["time"]]
    return Lists("", columns["meter"], times, values, columns.get("quality"), 2)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
