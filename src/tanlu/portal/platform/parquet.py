"""Tables as Parquet files, written by a process beside those that serve where there is one: Arrow takes much memory for a rare request."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tanlu.portal.beside import FILES

Kind = Literal["text", "integer", "number", "boolean"]
KINDS: Final[Mapping[type, Kind]] = {str: "text", int: "integer", float: "number", bool: "boolean"}


@dataclass(frozen=True)
class ParquetColumn:
    """A column of a file.

    Parameters
    ----------
    name : str
    values : sequence
        Plain values of one kind, None where one is missing.
    kind : {"text", "integer", "number", "boolean"} or None
        None: the values tell.
    about : mapping
        What stands of it in the metadata.
    """

    name: str
    values: Sequence[Any]
    kind: Kind | None = None
    about: Mapping[str, str] = field(default_factory=dict)


def parquet_file(columns: Sequence[ParquetColumn], about: Mapping[str, str] | None = None) -> bytes:
    """Return a Parquet file, packed by Zstandard.

    Parameters
    ----------
    columns : sequence of ParquetColumn
    about : mapping, optional
        What stands in its metadata.
    """
    return FILES.do(written, list(columns), dict(about or {}))


def written(columns: Sequence[ParquetColumn], about: Mapping[str, str]) -> bytes:
    """Return the same, written by this process."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    arrays = [pa.array(c.values, type=types[c.kind] if c.kind else None) for c in columns]
    fields = [
        pa.field(c.name, array.type, metadata=dict(c.about) or None)
        for c, array in zip(columns, arrays, strict=True)
    ]  # fmt: skip
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=dict(about) or None))
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
