"""The quick way to read a document of readings: through Arrow, whole columns, or not at all.

Anything unusual – another field, a cell of another type, a missing one – makes this way give up, and `readings_document` looks at the
document again, row by row. So this module decides nothing and tells nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

ROWS, COLUMNS, LINES, CSV = "rows", "columns", "lines", "csv"
_HEAD: Final = 400
_INDEX_ROWS: Final = 20
_TEXT_TIME: Final = re.compile(rb'"time"\s*:\s*\[?\s*"')
_TEXT_QUALITY: Final = re.compile(rb'"quality"\s*:\s*\[?\s*"')


@dataclass(frozen=True, slots=True)
class Codes:
    """A column of few different values: which of them stands in each row, and the values."""

    index: NDArray[np.int32]
    values: list[Any]


@dataclass(frozen=True, slots=True)
class QuickColumns:
    """The columns of a document: its name, meters, times (text as codes, seconds as numbers), values, qualities."""

    id: str
    meter: pa.ChunkedArray
    time: Codes | NDArray[np.int64]
    value: NDArray[np.float64]
    quality: Codes | None


def quick_columns(body: bytes, form: str) -> QuickColumns | None:
    """Return the columns of a document.

    Parameters
    ----------
    body : bytes
    form : str
        `ROWS` or `COLUMNS` of one JSON object, `LINES` of JSON, `CSV`.

    Returns
    -------
    QuickColumns or None
        None if the document is not as usual, whatever the reason.
    """
    import pyarrow as pa

    try:
        if form == CSV:
            table, name = _csv(body), ""
        else:
            table, name = _json(body, form)
        return _columns(table, name)
    except (pa.ArrowException, ValueError, _UnusualError):
        return None


class _UnusualError(Exception):
    """Something that this way does not read."""


def _json(body: bytes, form: str) -> tuple[pa.Table, str]:
    import pyarrow as pa
    from pyarrow import json

    head = body[:_HEAD]
    # what a column begins with may stand further on in a document by column
    whole = body if form == COLUMNS else head
    kinds: dict[str, pa.DataType] = {
        "meter": pa.string(),
        "time": pa.string() if _TEXT_TIME.search(whole) else pa.int64(),
        "value": pa.float64(),
    }
    if b'"quality"' in whole:
        kinds["quality"] = pa.string() if _TEXT_QUALITY.search(whole) else pa.int64()
    fields = [(name, pa.list_(kind) if form == COLUMNS else kind) for name, kind in kinds.items()]
    if form == ROWS:
        fields = [("readings", pa.list_(pa.struct(fields)))]
    if form != LINES:
        fields = [("batch", pa.string()), *fields]
    reading = json.ReadOptions(use_threads=False, block_size=len(body) + 1)
    parsing = json.ParseOptions(explicit_schema=pa.schema(fields), unexpected_field_behavior="error")
    table = json.read_json(pa.BufferReader(body), read_options=reading, parse_options=parsing)
    if form == LINES:
        return table, ""
    if table.num_rows != 1:
        raise _UnusualError
    name = table.column("batch")[0].as_py() or ""
    if form == ROWS:
        records = table.column("readings").combine_chunks().flatten()
        if records.null_count:
            raise _UnusualError
        return pa.Table.from_struct_array(records), name
    lists = {field: table.column(field).combine_chunks().flatten() for field in kinds}
    if len({len(values) for values in lists.values()}) != 1:
        raise _UnusualError
    return pa.table(lists), name


def _csv(body: bytes) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    fields = [field.strip() for field in body.partition(b"\n")[0].decode("utf-8-sig", "replace").strip().split(",")]
    if len(set(fields)) != len(fields) or not {"meter", "time", "value"} <= set(fields) <= {
        "meter",
        "time",
        "value",
        "quality",
    }:
        raise _UnusualError
    codes = pa.dictionary(pa.int32(), pa.string())
    kinds = {"meter": pa.string(), "time": codes, "value": pa.float64(), "quality": codes}
    options = csv.ConvertOptions(column_types=kinds, strings_can_be_null=False, null_values=[])
    reading = csv.ReadOptions(column_names=fields, skip_rows=1, use_threads=False)
    return csv.read_csv(pa.BufferReader(body), reading, convert_options=options)


def _columns(table: pa.Table, name: str) -> QuickColumns:
    import pyarrow as pa

    if not table.num_rows or any(column.null_count for column in table.columns):
        raise _UnusualError
    time = table.column("time")
    return QuickColumns(
        name,
        table.column("meter"),
        time.to_numpy() if pa.types.is_integer(time.type) else _codes(time),
        table.column("value").to_numpy(),
        _codes(table.column("quality")) if "quality" in table.column_names else None,
    )


class MeterIndex:
    """Looks up many meters at once.

    Parameters
    ----------
    numbers : mapping of str to int
        Numbers of the meters by id.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        import pyarrow as pa

        self._numbers = numbers
        self._ids = pa.array(list(numbers), pa.string())
        self._by_place = np.array([*numbers.values(), -1], np.int32)

    def numbers_of(self, column: pa.ChunkedArray) -> NDArray[np.int32]:
        """Return the numbers of a column of ids, −1 where there is no such meter."""
        from pyarrow import compute

        if len(self._ids) > _INDEX_ROWS * len(column):
            # Arrow hashes all ids at each call
            codes = _codes(column)
            return np.array([self._numbers.get(name, -1) for name in codes.values], np.int32)[codes.index]
        places = compute.index_in(column, value_set=self._ids).fill_null(-1)
        found: NDArray[np.int32] = self._by_place[places.to_numpy()]
        return found


def _codes(column: pa.ChunkedArray) -> Codes:
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries().combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0)
    return Codes(column.indices.to_numpy(), column.dictionary.to_pylist())
