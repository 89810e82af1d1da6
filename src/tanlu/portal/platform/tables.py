"""Records as JSON, CSV or Parquet, and which of them a request wants."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from fastapi import Response
from pydantic import BaseModel

from tanlu.portal.platform.parquet import KINDS, Kind, ParquetColumn, parquet_file
from tanlu.portal.records.tables import guarded

JSON: Final = "application/json"
CSV: Final = "text/csv"
PARQUET: Final = "application/vnd.apache.parquet"
MEDIA: Final = {JSON: "json", CSV: "csv", PARQUET: "parquet"}
"""Media types that a table is offered in, the first by default. Parquet: IANA media types registry."""
BOM: Final = "\ufeff"
Form = Literal["json", "csv", "parquet"]


class NotAcceptableError(ValueError):
    """None of the media types that a request accepts is offered."""


def wanted_form(accept: str, offered: Mapping[str, str] = MEDIA) -> str:
    """Return the form that an ``Accept`` header prefers.

    Parameters
    ----------
    accept : str
        The header; empty if none was sent.
    offered : mapping
        Form by media type, the first by default.

    Raises
    ------
    NotAcceptableError
        If it accepts none of them.

    Notes
    -----
    RFC 9110 section 12.5.1: the most specific range that fits a type decides its weight; a weight of 0 forbids it.
    """
    if not accept.strip():
        return next(iter(offered.values()))
    weights = {media: _weight(media, accept) for media in offered}
    best = max(offered, key=lambda media: weights[media])
    if weights[best] <= 0:
        raise NotAcceptableError(accept)
    return offered[best]


def _weight(media: str, accept: str) -> float:
    """Return the weight of a media type under an ``Accept`` header."""
    kind = media.partition("/")[0]
    found: dict[int, float] = {}
    for part in accept.split(","):
        given, *parameters = (text.strip().lower() for text in part.split(";"))
        precision = {media: 2, f"{kind}/*": 1, "*/*": 0}.get(given)
        if precision is not None:
            found[precision] = max(found.get(precision, 0.0), _quality(parameters))
    return found[max(found)] if found else 0.0


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


_COLUMNS: Final[dict[type[Any], dict[str, Any]]] = {}


def types_of(record: type[Any]) -> Mapping[str, Any]:
    """Return the columns of a record class, a dataclass or a pydantic model, with their declared types."""
    if record not in _COLUMNS:
        names = record.model_fields if issubclass(record, BaseModel) else [f.name for f in fields(record)]
        hints = get_type_hints(record)
        _COLUMNS[record] = {name: hints[name] for name in names}
    return _COLUMNS[record]


def columns_of(record: type[Any]) -> tuple[str, ...]:
    """Return the names of the columns of a record class."""
    return tuple(types_of(record))


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(plain(k)): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    return value


def spread(records: Sequence[Any], columns: Sequence[str]) -> tuple[list[str], list[list[Any]]]:
    """Return head and rows of a flat table.

    A mapping from years to values becomes one column a year, as in the wide IAMC format; other nested values become JSON text.
    """
    rows = [[r[c] if isinstance(r, Mapping) else getattr(r, c) for c in columns] for r in records]
    years = {
        i: sorted({y for row in rows for y in row[i]})
        for i in range(len(columns))
        if rows
        and all(isinstance(row[i], Mapping) and row[i] and all(isinstance(y, int) for y in row[i]) for row in rows)
    }
    head = [name for i, c in enumerate(columns) for name in ([str(y) for y in years[i]] if i in years else [c])]
    flat = [
        [cell for i, v in enumerate(row) for cell in ([v.get(y) for y in years[i]] if i in years else [_flat(v)])]
        for row in rows
    ]
    return head, flat


def _flat(value: Any) -> Any:
    value = plain(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def csv_of(records: Sequence[Any], columns: Sequence[str]) -> str:
    """Return records as CSV (RFC 4180, lines end with LF); a missing value is an empty cell, a text like a formula is disarmed."""
    head, rows = spread(records, columns)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([[guarded(cell) for cell in row] for row in rows])
    return buffer.getvalue()


def csv_response(text: str, name: str, *, mark: bool = True) -> Response:
    """Return CSV as a download; with ``mark`` a byte-order mark stands first, by which spreadsheets know UTF-8."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response((BOM if mark else "") + text, media_type=f"{CSV}; charset=utf-8", headers=headers)


def parquet_of(records: Sequence[Any], columns: Sequence[str], types: Mapping[str, Any] | None = None) -> bytes:
    """Return records as a Parquet file; columns have the types of the record class, also where all values are missing.

    Parameters
    ----------
    records : sequence
        Dataclass instances, models or mappings.
    columns : sequence of str
    types : mapping, optional
        Declared Python type by column; what is not declared is told by its values.
    """
    head, rows = spread(records, columns)
    found, declared = [], types or {}
    for i, name in enumerate(head):
        values = [row[i] for row in rows]
        kind = _kind(declared.get(name))
        if kind is None and all(v is None for v in values):
            kind = "text"
        found.append(ParquetColumn(name, values if kind else _alike(values), kind))
    return parquet_file(found)


def _alike(values: Sequence[Any]) -> list[Any]:
    """Return values of one kind: as they are, whole numbers beside fractions as fractions, anything else as text."""
    kinds = {type(v) for v in values if v is not None}
    if len(kinds) == 1:
        return list(values)
    make = float if kinds == {int, float} else str
    return [None if v is None else make(v) for v in values]


def _kind(declared: Any) -> Kind | None:
    """Return the kind of column of a declared Python type, None if values must tell."""
    if declared in KINDS:
        return KINDS[declared]
    if get_origin(declared) in (Union, UnionType):
        parts = [p for p in get_args(declared) if p is not NoneType]
        return _kind(parts[0]) if len(parts) == 1 else None
    # what is nested is written as JSON
    return "text" if isinstance(get_origin(declared), type) else None


def parquet_response(content: bytes, name: str) -> Response:
    """Return a Parquet file as a download."""
    return Response(content, media_type=PARQUET, headers={"content-disposition": f'attachment; filename="{name}"'})


def file_stem(record: type[Any]) -> str:
    """Return the name of the file of a record class."""
    return record.__name__.removesuffix("Record").removesuffix("Line").removesuffix("Row").lower()
