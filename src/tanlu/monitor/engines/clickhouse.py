"""ClickHouse as an engine: in this process by chdb, or a server by HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, unquote, urlencode, urlsplit

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.engines.cluster import Cluster
from tanlu.monitor.operators.dialects import DIALECTS

if TYPE_CHECKING:
    import pyarrow as pa

_TYPES: Final = {
    "int8": "Int8",
    "int16": "Int16",
    "int32": "Int32",
    "int64": "Int64",
    "double": "Float64",
    "float": "Float32",
    "string": "String",
}
SETTINGS: Final = {"join_use_nulls": "1", "aggregate_functions_null_for_empty": "1", "prefer_column_name_to_alias": "1"}
"""What the standard says and ClickHouse leaves off: rows without a partner and sums of nothing are NULL, a name means the column."""
_TIMEOUT_S: Final = 600


class Client(Protocol):
    """Something that runs statements."""

    def run(self, statement: str, body: bytes = b"") -> bytes:
        """Run a statement, with the rows that it inserts, and return its answer."""
        ...


class ClickHouse(Cluster):
    """ClickHouse in this process (no address), or at ``clickhouse://user:password@host:port/database``."""

    name = "clickhouse"
    dialect = DIALECTS["clickhouse"]

    def __init__(self, address: str = "") -> None:
        self._client: Client = _Server(address) if address else _Embedded()

    def load(self, table: str, parts: Sequence[pa.Table | Path], schema: pa.Schema) -> None:
        """Make a table in memory of Arrow tables and Parquet files."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns = ", ".join(f"{field.name} {_type(field)}" for field in schema)
        self._client.run(f"DROP TABLE IF EXISTS {table}")
        self._client.run(f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY tuple()")
        for part in parts:
            if isinstance(part, Path):
                body = part.read_bytes()
            else:
                sink = pa.BufferOutputStream()
                pq.write_table(part.select(schema.names), sink)
                body = sink.getvalue().to_pybytes()
            self._client.run(f"INSERT INTO {table} FORMAT Parquet", body)

    def keep(self, table: str, query: str) -> None:
        """Keep the answer to a query."""
        self._client.run(f"DROP TABLE IF EXISTS {table}")
        self._client.run(f"CREATE TABLE {table} ENGINE = MergeTree ORDER BY tuple() AS {query}")

    def fetch(self, query: str) -> pa.Table:
        """Return the answer to a query."""
        import pyarrow as pa

        answer = self._client.run(f"SELECT * FROM ({query}) FORMAT ArrowStream")
        return pa.ipc.open_stream(pa.py_buffer(answer)).read_all()


def _type(field: pa.Field) -> str:
    name = _TYPES[str(field.type)]
    return f"Nullable({name})" if field.nullable and name.startswith("Float") else name


class _Embedded:
    """ClickHouse of the package chdb."""

    def __init__(self) -> None:
        from chdb.session import Session

        session: Any = Session
        self._session = session()
        for name, value in SETTINGS.items():
            self._session.query(f"SET {name} = {value}")

    def run(self, statement: str, body: bytes = b"") -> bytes:
        """Run a statement."""
        import tempfile

        if not body:
            kind = "ArrowStream" if "FORMAT ArrowStream" in statement else "CSV"
            return bytes(self._session.query(statement.removesuffix(" FORMAT ArrowStream"), kind).bytes())
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            file.write(body)
            file.flush()
            source = statement.removesuffix("FORMAT Parquet")
            self._session.query(f"{source} SELECT * FROM file('{file.name}', Parquet)")
        return b""


class _Server:
    """A ClickHouse server by its HTTP interface."""

    def __init__(self, address: str) -> None:
        self.address = urlsplit(address)
        self.shown = f"clickhouse://{self.address.hostname}"

    def run(self, statement: str, body: bytes = b"") -> bytes:
        """Run a statement.

        Raises
        ------
        DataError
            If the server does not answer, or answers with an error.
        """
        where = self.address
        secure = where.port in (443, 8443)
        connection = (HTTPSConnection if secure else HTTPConnection)(
            where.hostname or "", where.port or 8123, timeout=_TIMEOUT_S
        )
        head = {
            "X-ClickHouse-User": unquote(where.username or "default"),
            "X-ClickHouse-Key": unquote(where.password or ""),
            "X-ClickHouse-Database": where.path.strip("/") or "default",
        }
        options = urlencode({**SETTINGS, **({"query": statement} if body else {})}, quote_via=quote)
        try:
            connection.request("POST", f"/?{options}", body or statement.encode(), head)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            raise self._silent(str(error)) from None
        finally:
            connection.close()
        if answer.status != 200:
            raise self._silent(content[:300].decode("utf-8", "replace"))
        return content

    def _silent(self, reason: str) -> DataError:
        return DataError([Problem("engine_silent", "--engine", value=self.shown, details={"reason": reason})])
