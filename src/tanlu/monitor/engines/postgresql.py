"""PostgreSQL as an engine for small estates, as a source of readings, and as a place for results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.engines.cluster import Cluster
from tanlu.monitor.operators.dialects import DIALECTS

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES: Final = {
    "int8": "SMALLINT", "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "double": "DOUBLE PRECISION",
    "float": "REAL", "string": "TEXT", "bool": "BOOLEAN",
}  # fmt: skip
_ARROW: Final = {20: "int64", 21: "int16", 23: "int32", 701: "float64", 700: "float32", 25: "string", 16: "bool_"}
"""Types of Arrow by the object number of the PostgreSQL type."""
_CHUNK: Final = 100_000


class PostgreSQL(Cluster):
    """PostgreSQL at ``postgresql://user:password@host:port/database``; it works in temporary tables only.

    Raises
    ------
    DataError
        If the server does not answer.
    """

    name = "postgresql"
    dialect = DIALECTS["postgresql"]

    def __init__(self, address: str) -> None:
        self._connection = connect(address)

    def load(self, table: str, parts: Sequence[pa.Table | Path], schema: pa.Schema) -> None:
        """Make a temporary table of Arrow tables and Parquet files."""
        import pyarrow.parquet as pq

        with self._connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(f"CREATE TEMP TABLE {table} ({_columns(schema)})")
            for part in parts:
                rows = pq.ParquetFile(part).read() if isinstance(part, Path) else part
                _copy(cursor, table, rows.select(schema.names))
            cursor.execute(f"ANALYZE {table}")

    def keep(self, table: str, query: str) -> None:
        """Keep the answer to a query in a temporary table."""
        with self._connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {table}")
            cursor.execute(f"CREATE TEMP TABLE {table} AS {query}")

    def fetch(self, query: str) -> pa.Table:
        """Return the answer to a query."""
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return _table(cursor.description, cursor.fetchall())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def connect(address: str) -> Any:
    """Return a connection that commits each statement.

    Raises
    ------
    DataError
        If the server does not answer.
    """
    import psycopg

    try:
        return psycopg.connect(address, autocommit=True)
    except psycopg.Error as error:
        reason = {"reason": str(error).strip()}
        raise DataError([Problem("engine_silent", "--engine", value="postgresql", details=reason)]) from None


def read_source(address: str, query: str) -> Iterator[pa.Table]:
    """Yield the rows of a query piece by piece: readings that another system keeps in PostgreSQL or TimescaleDB.

    Parameters
    ----------
    address : str
    query : str
        Must give ``meter, ts, value, quality`` as whole numbers, as a batch of the ledger holds them.

    Raises
    ------
    DataError
        If the server does not answer.
    """
    with connect(address) as connection, connection.transaction(), connection.cursor("tanlu_readings") as cursor:
        cursor.itersize = _CHUNK
        cursor.execute(query)
        while rows := cursor.fetchmany(_CHUNK):
            yield _table(cursor.description, rows)


def store_results(address: str, table: str, rows: pa.Table) -> int:
    """Put rows in the place of a table's content in one transaction, so that readers see the old or the new, and return their number.

    Raises
    ------
    DataError
        If the server does not answer.
    ValueError
        If the name of the table is not plain.
    """
    if not table.replace("_", "").isalnum() or not table.isascii():
        raise ValueError(f"not a plain table name: {table!r}")
    with connect(address) as connection, connection.transaction(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {table} ({_columns(rows.schema)})")
        cursor.execute(f"DELETE FROM {table}")
        _copy(cursor, table, rows)
    return int(rows.num_rows)


def _columns(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} {_TYPES[str(field.type)]}" for field in schema)


def _copy(cursor: Any, table: str, rows: pa.Table) -> None:
    names = ", ".join(rows.schema.names)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for batch in rows.to_batches(max_chunksize=_CHUNK):
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                copy.write_row(row)


def _table(description: Sequence[Any], rows: Sequence[Sequence[Any]]) -> pa.Table:
    import pyarrow as pa

    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [[] for _ in description]
    arrays = [
        pa.array(list(column), getattr(pa, _ARROW[about.type_code])())
        for column, about in zip(columns, description, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=[about.name for about in description])
