"""Engines by name or address."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from tanlu.core.errors import DataError, Problem

if TYPE_CHECKING:
    from tanlu.monitor.engines.base import Engine

_IN_PROCESS: Final = ("kernel", "duckdb")
NAMES: Final = ("kernel", "duckdb", "spark", "clickhouse", "postgresql")


def engine_of(name: str = "kernel") -> Engine:
    """Return an engine that has answered the cases of conformance rightly.

    Parameters
    ----------
    name : str
        ``kernel``, ``duckdb``, ``spark`` (or ``spark://host:port``, ``local[n]``), ``clickhouse`` (in this process, or
        ``clickhouse://user:password@host:port/database``), ``postgresql://…``. Without numba the kernel is DuckDB.

    Raises
    ------
    DataError
        If there is no such engine, its package is not installed, it does not answer, or answers wrongly.
    """
    return _local(name) if name in _IN_PROCESS else _accepted(name)


def _accepted(name: str) -> Engine:
    from tanlu.monitor.conformance import accept

    return accept(open_engine(name))


# what runs in this very process is examined once in its life, what is connected to each time
_local = cache(_accepted)


def open_engine(name: str) -> Engine:
    """Return an engine that has not been examined yet.

    Raises
    ------
    DataError
        If there is no such engine, or its package is not installed.
    """
    scheme = name.partition(":")[0]
    if name.startswith("local") or scheme == "spark":
        _require("pyspark", "spark")
        from tanlu.monitor.engines.spark import Spark

        return Spark("local[2]" if name == "spark" else name)
    if scheme == "clickhouse":
        if name == "clickhouse":
            _require("chdb", "clickhouse")
        from tanlu.monitor.engines.clickhouse import ClickHouse

        return ClickHouse("" if name == "clickhouse" else name)
    if scheme == "postgresql":
        _require("psycopg", "postgresql")
        from tanlu.monitor.engines.postgresql import PostgreSQL

        return PostgreSQL(name)
    if name == "kernel" and find_spec("numba") is not None:
        from tanlu.monitor.engines.compiled import Kernel

        return Kernel()
    if name in ("duckdb", "kernel"):
        from tanlu.monitor.engines.embedded import DuckDB

        return DuckDB()
    raise DataError([Problem("engine_unknown", "--engine", value=name, details={"known": ", ".join(NAMES)})])


def _require(package: str, extra: str) -> None:
    if find_spec(package) is None:
        raise DataError([Problem("engine_missing", "--engine", value=package, details={"extra": extra})])
