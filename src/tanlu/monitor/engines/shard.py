"""A share of the meters in a DuckDB of its own: the operators' SQL, day by day, with the last usable reading of each meter carried on.

Readings of a day come in order of meter and stamp. One thread keeps rows in the order in which they stand, so that the reading before is
the row before and nothing has to be sorted; whether it was so is looked at, and what was not in order is sorted first. Hours that a
register tells whole are taken from its two ends (`whole_hours`); the operators see what is left. Hours that are due every day are made
once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.engines.base import hours_of, start_of
from tanlu.monitor.engines.columns import COLUMNS
from tanlu.monitor.engines.whole_hours import HoursDue, WholeHours, in_cells, merged, whole_hours
from tanlu.monitor.operators.dialects import Dialect
from tanlu.monitor.operators.templates import clean_plain, difference, grid, hourly, resample, spread
from tanlu.monitor.schema import DAY, Quality, readings_schema

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
_CARRIED: Final = f"""
SELECT meter, MAX(ts) AS ts, ARG_MAX(value, ts) AS value,
       CAST(CASE WHEN ARG_MAX(doubt, ts) = 1 THEN {int(Quality.ESTIMATED)} ELSE {int(Quality.GOOD)} END AS TINYINT) AS quality
FROM usable GROUP BY meter ORDER BY meter"""


def following(d: Dialect) -> Dialect:
    """Return a dialect in which rows stand in order of meter and stamp, so that the row before is that of the window."""
    return replace(d, lag="CASE WHEN LAG(meter) OVER () = meter THEN LAG({a}) OVER () END")


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
    dialect : Dialect
    """

    def __init__(self, meters: MeterTable, dialect: Dialect) -> None:
        self._dialect = dialect
        self._con = con = connect(threads=1)
        # the meters are the side of a join that is kept in memory, and the order of readings stays
        run(con, "SET disabled_optimizers = 'join_order,build_side_probe_side'")
        self._meters = meters
        self._due: HoursDue | None = None
        self._due_key: tuple[np.ndarray, ...] = ()
        self._whole: WholeHours | None = None
        self._carried = readings_schema().empty_table().select(COLUMNS)
        con.register("given_meters", meters.arrow())
        run(con, "CREATE TEMP TABLE meters AS SELECT * FROM given_meters")
        run(con, f"CREATE TEMP TABLE numbers AS {NUMBERS}")
        sums = "(meter INTEGER, hour BIGINT, quantity DOUBLE, estimated DOUBLE, n_good BIGINT, n_estimated BIGINT)"
        run(con, f"CREATE TEMP TABLE held {sums}; CREATE TEMP TABLE lent {sums}; CREATE TEMP TABLE late {sums}")

    def close(self) -> None:
        """Let go of what it holds."""
        self._con.close()

    def begin(self, readings: pa.Table, day: int) -> None:
        """Take readings of before the first day: what they tell of hours is known already."""
        self._take(readings, day)
        run(self._con, "DROP TABLE today; DELETE FROM held; DELETE FROM late")

    def step(self, readings: pa.Table, day: int, before: int | None) -> pa.Table | None:
        """Take the readings of a day, and give the facts of the day before if its number is told."""
        whole = self._take(readings, day)
        facts = None if before is None else self._facts(before)
        run(self._con, "DROP TABLE held; ALTER TABLE today RENAME TO held")
        self._whole = whole
        return facts

    def end(self, readings: pa.Table | None, day: int) -> pa.Table:
        """Give the facts of the last day; ``readings`` are those of after it."""
        if readings is not None:
            self._take(readings, day + 1)
        return self._facts(day)

    def _take(self, readings: pa.Table, day: int) -> WholeHours:
        """Take the readings of a day: whole hours, sums of its other hours into ``today``, what falls into the day before into ``held``."""
        con, start, d = self._con, start_of(day), self._dialect
        whole = self._tell_whole(in_cells(self._mine(readings), self._meters, day), day)
        run(con, f"CREATE OR REPLACE TEMP TABLE usable AS {clean_plain(d, 'others')}")
        # a reading that was carried over counted on its own day already
        run(
            con,
            f"""
CREATE OR REPLACE TEMP TABLE spans AS SELECT * FROM ({difference(following(d), "usable")}) s
WHERE end_ts > {start} AND NOT EXISTS (SELECT 1 FROM ends e WHERE e.meter = s.meter AND e.ts = s.end_ts)""",
        )
        self._carried = con.sql(_CARRIED).to_arrow_table()
        run(con, f"CREATE TEMP TABLE today AS WITH parts AS ({spread(d)}) SELECT {SUMS} FROM ({hourly(d)}) f")
        run(con, f"INSERT INTO lent SELECT {SUMS} FROM today WHERE hour < {start} AND hour >= {start - DAY}")
        run(con, f"INSERT INTO late SELECT {SUMS} FROM today WHERE hour < {start - DAY}")
        if con.execute("SELECT COUNT(*) FROM lent").fetchall()[0][0]:
            self._add_lent()
        return whole

    def _tell_whole(self, readings: pa.Table, day: int) -> WholeHours:
        """Return the whole hours of a day; what the operators need beside them is registered as ``others`` and ``ends``."""
        con = self._con
        con.register("given", readings)
        whole = WholeHours.of(con.sql(whole_hours(day)).to_arrow_table(), self._meters, day)
        con.unregister("given")
        ends = whole.ends()
        con.register("others", merged(whole.others(readings), ends))
        con.register("ends", ends)
        return whole

    def _mine(self, readings: pa.Table) -> pa.Table:
        """Return the readings of the share in order of meter and stamp, each meter's after the one that was carried over."""
        import pyarrow as pa

        meter, ts = (readings.column(name).to_numpy() for name in ("meter", "ts"))
        if not bool(((meter[1:] > meter[:-1]) | ((meter[1:] == meter[:-1]) & (ts[1:] > ts[:-1]))).all()):
            readings = readings.take(pa.array(np.lexsort((ts, meter))))
            meter = readings.column("meter").to_numpy()
        own = self._meters.meter
        first, last = np.searchsorted(meter, (own[0], own[-1] + 1)).tolist() if len(own) else (0, 0)
        mine = readings.slice(first, last - first)
        known = self._meters.position[meter[first:last]] >= 0
        if not known.all():
            mine = mine.filter(pa.array(known))
        return merged(mine, self._carried)

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
        due, con = self._hours_due(day), self._con
        whole = self._whole or WholeHours.none(self._meters, day)
        con.register("open_hours", due.without(whole))
        found = con.sql(resample(self._dialect, "held", "open_hours")).to_arrow_table()
        con.unregister("open_hours")
        return due.facts(whole, found)

    def _hours_due(self, day: int) -> HoursDue:
        """Return the hours of a day in which the meters are valid; those of before serve where no day is like another."""
        import pyarrow as pa

        start, m = start_of(day), self._meters
        edges = [np.clip(valid - start, 0, DAY) for valid in (m.valid_from, m.valid_to)]
        # slots are whole multiples of the step since 1970: where a day is no multiple of it, no day is like another
        key = (*edges, np.where(DAY % m.step == 0, 0, start % m.step))
        if self._due is None or not all(map(np.array_equal, key, self._due_key)):
            self._con.register("hours", pa.table({"hour": hours_of(day, day)}))
            query = f"SELECT meter, hour, fill, expected FROM ({grid(self._dialect)}) g ORDER BY meter, hour"
            self._due, self._due_key = HoursDue.of(self._con.sql(query).to_arrow_table(), m, day), key
        self._due = self._due.on(day)
        return self._due

    def late(self, first: int) -> dict[str, Any]:
        """Return what later readings lent to hours of days that were given, from the first day on, as columns."""
        query = f"SELECT {SUMS} FROM late WHERE hour >= {start_of(first)} ORDER BY meter, hour"
        return dict(self._con.execute(query).fetchnumpy())


def typed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the types of a schema."""
    import pyarrow as pa

    columns = [table.column(name).cast(schema.field(name).type) for name in schema.names]
    return pa.Table.from_arrays(columns, schema=schema)
