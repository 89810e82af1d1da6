"""A share of the meters in a DuckDB of its own: the operators' SQL, day by day, with the last usable reading of each meter carried on.

Readings of a day come in order of meter and stamp. One thread keeps rows in the order in which they stand, so that the reading before is
the row before and nothing has to be sorted; whether it was so is counted, and what was not in order is sorted first. Of those in order only
the readings that matter are kept (`tanlu.monitor.engines.thinning`), and hours that are the same every day are made once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.engines.base import DayReadings, hours_of, start_of
from tanlu.monitor.engines.thinning import ALSO, thin
from tanlu.monitor.operators.dialects import Dialect
from tanlu.monitor.operators.templates import clean_plain, difference, grid, hourly, resample, spread
from tanlu.monitor.readings_files import unreadable
from tanlu.monitor.schema import DAY, meter_hours_schema

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable

NUMBERS: Final = "SELECT UNNEST(RANGE(20000)) AS n"
SUMS: Final = "meter, hour, quantity, estimated, n_good, n_estimated"
_TOTALS: Final = (
    "meter, hour, SUM(quantity) AS quantity, SUM(estimated) AS estimated,"
    " CAST(SUM(n_good) AS BIGINT) AS n_good, CAST(SUM(n_estimated) AS BIGINT) AS n_estimated"
)
_NO_READINGS: Final = (
    "(SELECT CAST(NULL AS INTEGER) AS meter, CAST(NULL AS BIGINT) AS ts, CAST(NULL AS BIGINT) AS value,"
    " CAST(NULL AS TINYINT) AS quality LIMIT 0)"
)
_DISORDER: Final = """
SELECT COUNT(*) FROM (SELECT meter, ts, LAG(meter) OVER () AS meter0, LAG(ts) OVER () AS ts0 FROM thinned)
WHERE meter0 > meter OR (meter0 = meter AND ts0 >= ts)"""
_FIRSTS: Final = """
CREATE OR REPLACE TEMP TABLE firsts AS SELECT meter, ts, value, doubt
FROM (SELECT *, LAG(meter) OVER () AS meter0 FROM thinned) WHERE meter0 IS DISTINCT FROM meter"""
_CARRIED: Final = """
CREATE OR REPLACE TEMP TABLE carried AS SELECT meter, ts, value, doubt
FROM (SELECT *, LEAD(meter) OVER () AS meter1 FROM thinned) WHERE meter1 IS DISTINCT FROM meter
UNION ALL SELECT meter, ts, value, doubt FROM carried WHERE meter NOT IN (SELECT meter FROM firsts)"""


def following(d: Dialect) -> Dialect:
    """Return a dialect in which rows stand in order: before the first row of a meter stands that row itself, so that its span is empty."""
    return replace(d, lag="CASE WHEN LAG(meter) OVER () = meter THEN LAG({a}) OVER () ELSE {a} END")


def connect(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection of its own; what does not fit into memory goes where the system keeps its temporary files."""
    import tempfile

    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": tempfile.gettempdir()}
    return duckdb.connect(":memory:", config=config | ({"threads": threads} if threads else {}))


def run(con: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Run a statement to its end: a connection with an unfinished answer refuses the next."""
    con.execute(statement).fetchall()


class Shard:
    """The meters of a share.

    Parameters
    ----------
    meters : MeterTable
        Meters of the share.
    low, high : int or None
        Numbers of meters from which and before which readings belong to the share; None where it has no end.
    dialect : Dialect
    """

    def __init__(self, meters: MeterTable, low: int | None, high: int | None, dialect: Dialect) -> None:
        ends = [f"meter >= {low}"] * (low is not None) + [f"meter < {high}"] * (high is not None)
        self._within = " AND ".join(ends) or "TRUE"
        self._plain = dialect
        self._ordered = following(self._plain)
        self._con = con = connect(threads=1)
        # the meters are the side of a join that is kept in memory, and the order of readings stays
        run(con, "SET disabled_optimizers = 'join_order,build_side_probe_side'")
        self._meters = meters
        self._due: tuple[np.ndarray, ...] = ()
        con.register("given_meters", meters.arrow())
        run(con, "CREATE TEMP TABLE meters AS SELECT * FROM given_meters")
        run(con, f"CREATE TEMP TABLE numbers AS {NUMBERS}")
        run(con, "CREATE TEMP TABLE carried (meter INTEGER, ts BIGINT, value BIGINT, doubt INTEGER)")
        sums = "(meter INTEGER, hour BIGINT, quantity DOUBLE, estimated DOUBLE, n_good BIGINT, n_estimated BIGINT)"
        run(con, f"CREATE TEMP TABLE held {sums}; CREATE TEMP TABLE lent {sums}; CREATE TEMP TABLE late {sums}")

    def close(self) -> None:
        """Let go of what it holds."""
        self._con.close()

    def begin(self, readings: DayReadings, day: int) -> None:
        """Take readings of before the first day: what they tell of hours is known already."""
        self._take(readings, day)
        run(self._con, "DROP TABLE today; DELETE FROM held; DELETE FROM late")

    def step(self, readings: DayReadings, day: int, before: int | None) -> pa.Table | None:
        """Take the readings of a day, and give the facts of the day before if its number is told."""
        self._take(readings, day)
        facts = None if before is None else self._facts(before)
        run(self._con, "DROP TABLE held; ALTER TABLE today RENAME TO held")
        return facts

    def end(self, readings: DayReadings | None, day: int) -> pa.Table:
        """Give the facts of the last day; ``readings`` are those of after it."""
        if readings is not None:
            self._take(readings, day + 1)
        return self._facts(day)

    def _take(self, readings: DayReadings, day: int) -> None:
        """Take the readings of a day: sums of its hours into ``today``, what falls into the day before into ``held``."""
        con, start = self._con, start_of(day)
        self._thin(readings)
        run(con, _FIRSTS)
        # the first reading of each meter counts from the one that was carried over, which counted on its own day already
        edge = "(SELECT * FROM carried UNION ALL SELECT * FROM firsts)"
        run(
            con,
            f"""
CREATE OR REPLACE TEMP TABLE spans AS
SELECT * FROM ({difference(self._ordered, "thinned")}) a WHERE start_ts < end_ts AND end_ts > {start}
UNION ALL SELECT * FROM ({difference(self._plain, edge)}) b WHERE end_ts > {start}""",
        )
        run(con, _CARRIED)
        parts = spread(self._plain)
        run(con, f"CREATE TEMP TABLE today AS WITH parts AS ({parts}) SELECT {SUMS} FROM ({hourly(self._plain)}) f")
        run(con, f"INSERT INTO lent SELECT {SUMS} FROM today WHERE hour < {start} AND hour >= {start - DAY}")
        run(con, f"INSERT INTO late SELECT {SUMS} FROM today WHERE hour < {start - DAY}")
        if con.execute("SELECT COUNT(*) FROM lent").fetchall()[0][0]:
            self._add_lent()

    def _thin(self, readings: DayReadings) -> None:
        """Take the readings that matter of a day into ``thinned``, in order."""
        con = self._con
        con.register("cleaned", self._cleaned(readings))
        run(con, f"CREATE OR REPLACE TEMP TABLE thinned AS {thin('cleaned')}")
        if con.execute(_DISORDER).fetchall()[0][0]:
            con.register("cleaned", con.sql("SELECT * FROM cleaned ORDER BY meter, ts").to_arrow_table())
            run(con, f"CREATE OR REPLACE TEMP TABLE thinned AS {thin('cleaned')}")
        con.unregister("cleaned")

    def _cleaned(self, readings: DayReadings) -> pa.Table:
        import duckdb

        con, relation = self._con, _NO_READINGS
        if readings.table is not None:
            con.register("given", readings.table)
            relation = "given"
        elif readings.paths:
            relation = f"read_parquet({[str(p) for p in readings.paths]})"
        mine = f"(SELECT meter, ts, value, quality FROM {relation} g WHERE {self._within})"
        try:
            return con.sql(clean_plain(self._plain, mine, also=ALSO)).to_arrow_table()
        except duckdb.IOException as error:
            if not readings.paths:
                raise
            raise unreadable(readings.paths[0], error) from error
        finally:
            if readings.table is not None:
                con.unregister("given")

    def _add_lent(self) -> None:
        """Add what readings of a day lend to hours of the day before."""
        run(
            self._con,
            f"""
CREATE OR REPLACE TEMP TABLE hit AS SELECT {_TOTALS} FROM (
SELECT h.* FROM held h SEMI JOIN lent l ON l.meter = h.meter AND l.hour = h.hour UNION ALL SELECT * FROM lent) GROUP BY meter, hour;
DELETE FROM held USING hit WHERE hit.meter = held.meter AND hit.hour = held.hour;
INSERT INTO held SELECT * FROM hit;
DELETE FROM lent""",
        )

    def _facts(self, day: int) -> pa.Table:
        """Return the hourly facts of the meters on the day that is held, in order of meter and hour."""
        begin = self._hours_due(day)
        due = f"(SELECT meter, begin + {begin} AS hour, fill, expected FROM due)"
        found = self._con.sql(resample(self._plain, "held", due)).to_arrow_table()
        facts = typed(found, meter_hours_schema())
        return facts if _in_order(facts) else facts.sort_by([("meter", "ascending"), ("hour", "ascending")])

    def _hours_due(self, day: int) -> int:
        """Make the hours in which the meters are valid, from the begin of the day on, unless they are those of before; return the begin."""
        import pyarrow as pa

        start, m = start_of(day), self._meters
        edges = [np.clip(valid - start, 0, DAY) for valid in (m.valid_from, m.valid_to)]
        # slots are whole multiples of the step since 1970: where a day is no multiple of it, no day is like another
        place = np.where(DAY % m.step == 0, 0, start % m.step)
        due = (*edges, place)
        if not self._due or not all(map(np.array_equal, due, self._due)):
            self._con.register("hours", pa.table({"hour": hours_of(day, day)}))
            query = f"SELECT meter, hour - {start} AS begin, fill, expected FROM ({grid(self._plain)}) g ORDER BY meter, hour"
            run(self._con, f"CREATE OR REPLACE TEMP TABLE due AS {query}")
            self._due = due
        return start

    def late(self, first: int) -> dict[str, Any]:
        """Return what later readings lent to hours of days that were given, from the first day on, as columns."""
        query = f"SELECT {SUMS} FROM late WHERE hour >= {start_of(first)} ORDER BY meter, hour"
        return dict(self._con.execute(query).fetchnumpy())


def _in_order(facts: pa.Table) -> bool:
    meter, hour = (facts.column(name).to_numpy() for name in ("meter", "hour"))
    return bool(((meter[1:] > meter[:-1]) | ((meter[1:] == meter[:-1]) & (hour[1:] > hour[:-1]))).all())


def typed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the types of a schema."""
    import pyarrow as pa

    columns = [table.column(name).cast(schema.field(name).type) for name in schema.names]
    return pa.Table.from_arrays(columns, schema=schema)
