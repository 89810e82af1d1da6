"""Seals: the salted digest of a row that the log keeps, and that the row must give again.

``digest = SHA-256(salt ‖ canonical JSON of [table, key, {column: value}])``, salt of 16 bytes in the row itself, fresh at every change: the
digests of earlier states can no longer be tested against guesses, so that erased personal data are gone from the log too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Connection, Row, RowMapping, Select, Table, bindparam, select, tuple_

from tanlu.records.base import ROW_SALT, Base, Root
from tanlu.records.log.canonical import canonical

Key = tuple[Any, ...]
CHUNK = 400


def plain(value: object) -> object:
    """Return the value of a column as data with a canonical form.

    Raises
    ------
    TypeError
        If it has none, for example a float.
    """
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no canonical form; use text, integers, Decimal columns, dates")


def key_text(key: Iterable[object]) -> str:
    """Return a primary key as text: itself, or a canonical list if it has several columns."""
    parts = [plain(part) for part in key]
    return str(parts[0]) if len(parts) == 1 else canonical(parts).decode()


def row_digest(table: Table, row: RowMapping) -> str:
    """Return the digest of a row in hexadecimal."""
    values = {str(name): plain(value) for name, value in row.items() if name != ROW_SALT}
    key = key_text(row[column.name] for column in table.primary_key)
    return sha256(cast(bytes, row[ROW_SALT]) + canonical([table.name, key, values])).hexdigest()


def sealed_tables() -> list[Table]:
    """Return the tables of the mapped classes that are imported and derive from `Base`, by name."""
    tables = {cast(Table, m.local_table) for m in Root.registry.mappers if issubclass(m.class_, Base)}
    return sorted(tables, key=lambda table: table.name)


@cache
def _by_keys(table: Table) -> Select[Any]:
    """Return the statement that reads rows of a table by key; made once, because sealing is on the way of every change."""
    columns = list(table.primary_key)
    wanted = columns[0] if len(columns) == 1 else tuple_(*columns)
    return select(table).where(wanted.in_(bindparam("keys", expanding=True)))


def read_rows(connection: Connection, table: Table, keys: Iterable[Key]) -> list[Row[Any]]:
    """Return the rows of a table with the given primary keys, as they stand in the database."""
    single = len(table.primary_key) == 1
    left, found = sorted(keys, key=str), list[Row[Any]]()
    while left:
        part, left = left[:CHUNK], left[CHUNK:]
        found += connection.execute(_by_keys(table), {"keys": [key[0] if single else key for key in part]}).all()
    return found


def seal(connection: Connection, touched: Mapping[Table, set[Key]]) -> list[list[str | None]]:
    """Return ``[table, key, digest]`` of every touched row, sorted; the digest is None for a row that was deleted."""
    seals: list[list[str | None]] = []
    for table in sorted(touched, key=lambda t: t.name):
        digests = {key_text(key): None for key in touched[table]} | {
            key_text(row._mapping[c.name] for c in table.primary_key): row_digest(table, row._mapping)
            for row in read_rows(connection, table, touched[table])
        }
        seals += [[table.name, key, digests[key]] for key in sorted(digests)]
    return seals
