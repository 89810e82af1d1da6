"""DuckDB as an engine: the operators' SQL, day by day, with the last usable reading of each meter carried on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tanlu.monitor.engines.base import DayFacts, DayReadings, Edges, Late, Source, hours_of, start_of
from tanlu.monitor.operators.dialects import DIALECTS
from tanlu.monitor.operators.templates import (
    clean_plain,
    difference,
    hourly,
    meter_hours,
    resample,
    roll_up,
    spread,
)
from tanlu.monitor.schema import DAY, meter_hours_schema, unit_hours_schema

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable

NUMBERS: Final = "SELECT UNNEST(RANGE(20000)) AS n"
_SUMS: Final = "meter, hour, quantity, estimated, n_good, n_estimated"
_NO_READINGS: Final = (
    "SELECT CAST(NULL AS INTEGER) AS meter, CAST(NULL AS BIGINT) AS ts, CAST(NULL AS BIGINT) AS value,"
    " CAST(NULL AS TINYINT) AS quality LIMIT 0"
)


def connect() -> duckdb.DuckDBPyConnection:
    """Return a connection of its own; what does not fit into memory goes where the system keeps its temporary files."""
    import tempfile

    import duckdb

    return duckdb.connect(":memory:", config={"temp_directory": tempfile.gettempdir()})


def run(con: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Run a statement to its end: a connection with an unfinished answer refuses the next."""
    con.execute(statement).fetchall()


class DuckDB:
    """Embedded DuckDB."""

    name = "duckdb"
    dialect = DIALECTS["duckdb"]

    def days(
        self, source: Source, meters: MeterTable, days: Sequence[int], edges: Edges | None = None
    ) -> Iterator[DayFacts | Late]:
        """Yield the facts of consecutive days, each after the readings of the day after have been seen."""
        if not days:
            return
        with connect() as con:
            _prepare(con, meters)
            rows = 0
            if edges is not None:
                self._take(con, DayReadings(days[0] - 1, (), False, edges.before), days[0] - 1)
                run(con, "DROP TABLE today")
            for day in days:
                seen = self._take(con, source.day(day), day)
                if day > days[0]:
                    yield self._facts(con, meters, day - 1, rows)
                rows = seen
                run(con, "DROP TABLE held; ALTER TABLE today RENAME TO held")
            if edges is not None:
                self._take(con, DayReadings(days[-1] + 1, (), False, edges.after), days[-1] + 1)
            yield self._facts(con, meters, days[-1], rows)
            yield from _lates(con, days[0])

    def _take(self, con: duckdb.DuckDBPyConnection, readings: DayReadings, day: int) -> int:
        """Take the readings of a day: sums of its hours into ``today``, what falls into the day before into ``held``."""
        d, start = self.dialect, start_of(day)
        if readings.table is not None:
            con.register("given", readings.table)
            relation = "given"
        elif readings.paths:
            relation = f"read_parquet({[str(p) for p in readings.paths]})"
        else:
            relation = f"({_NO_READINGS})"
        run(
            con,
            f"""
CREATE OR REPLACE TEMP TABLE cleaned AS {clean_plain(d, relation)} UNION ALL SELECT meter, ts, value, doubt FROM carried""",
        )
        # what was carried over counted on its own day already
        run(
            con,
            f"""
CREATE OR REPLACE TEMP TABLE fresh AS
WITH spans AS (SELECT * FROM ({difference(d)}) s WHERE end_ts > {start}), parts AS ({spread(d)}) SELECT {_SUMS} FROM ({hourly(d)}) f""",
        )
        run(
            con,
            """
CREATE OR REPLACE TABLE carried AS
SELECT meter, MAX(ts) AS ts, ARG_MAX(value, ts) AS value, ARG_MAX(doubt, ts) AS doubt FROM cleaned GROUP BY meter""",
        )
        run(con, f"CREATE TABLE today AS SELECT {_SUMS} FROM fresh WHERE hour >= {start}")
        run(con, f"INSERT INTO held SELECT {_SUMS} FROM fresh WHERE hour < {start} AND hour >= {start - DAY}")
        run(con, f"INSERT INTO late SELECT {_SUMS} FROM fresh WHERE hour < {start - DAY}")
        seen = con.execute(f"SELECT COUNT(*) FROM {relation}").fetchall()[0][0]
        if readings.table is not None:
            con.unregister("given")
        return int(seen)

    def _facts(self, con: duckdb.DuckDBPyConnection, meters: MeterTable, day: int, rows: int) -> DayFacts:
        d = self.dialect
        con.register("hours", _hours(day, day))
        con.register("places", meters.places(day))
        merged = f"SELECT {_TOTALS} FROM held GROUP BY meter, hour"
        run(con, f"CREATE OR REPLACE TEMP TABLE facts AS {resample(d, f'({merged})')}")
        by_meter = con.sql("SELECT * FROM facts ORDER BY meter, hour").to_arrow_table()
        by_unit = con.sql(f"SELECT * FROM ({roll_up(d)}) u ORDER BY unit, carrier, stack, hour").to_arrow_table()
        return DayFacts(day, _as(by_meter, meter_hours_schema()), _as(by_unit, unit_hours_schema()), rows)

    def window(self, readings: pa.Table, meters: MeterTable, first: int, last: int) -> pa.Table:
        """Return the facts of meters from first to last day."""
        with connect() as con:
            _prepare(con, meters)
            con.register("readings", readings)
            con.register("hours", _hours(first, last))
            found = con.sql(meter_hours(self.dialect)).to_arrow_table()
        return _as(found, meter_hours_schema())

    def query(self, query: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Return the answer to a query over some tables."""
        with connect() as con:
            for name, table in tables.items():
                con.register(name, table)
            return con.sql(query).to_arrow_table()


_TOTALS: Final = (
    "meter, hour, SUM(quantity) AS quantity, SUM(estimated) AS estimated,"
    " CAST(SUM(n_good) AS BIGINT) AS n_good, CAST(SUM(n_estimated) AS BIGINT) AS n_estimated"
)


def _prepare(con: duckdb.DuckDBPyConnection, meters: MeterTable) -> None:
    con.register("given_meters", meters.arrow())
    run(con, "CREATE TEMP TABLE meters AS SELECT * FROM given_meters")
    run(con, f"CREATE TEMP TABLE numbers AS {NUMBERS}")
    run(con, "CREATE TABLE carried (meter INTEGER, ts BIGINT, value BIGINT, doubt INTEGER)")
    sums = "(meter INTEGER, hour BIGINT, quantity DOUBLE, estimated DOUBLE, n_good BIGINT, n_estimated BIGINT)"
    run(con, f"CREATE TABLE held {sums}; CREATE TABLE late {sums}")


def _hours(first: int, last: int) -> pa.Table:
    import pyarrow as pa

    return pa.table({"hour": hours_of(first, last)})


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    columns = [table.column(name).cast(schema.field(name).type) for name in schema.names]
    return pa.Table.from_arrays(columns, schema=schema)


def _lates(con: duckdb.DuckDBPyConnection, first: int) -> Iterator[Late]:
    import numpy as np

    from tanlu.monitor.engines.columns import late_parts

    found = con.execute(f"SELECT {_SUMS} FROM late WHERE hour >= {start_of(first)} ORDER BY meter, hour").fetchnumpy()
    sums = np.column_stack((found["quantity"], found["estimated"]))
    slots = np.column_stack((found["n_good"], found["n_estimated"]))
    yield from late_parts(found["meter"], found["hour"], sums, slots)
