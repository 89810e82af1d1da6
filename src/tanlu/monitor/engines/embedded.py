"""DuckDB as an engine: shares of the meters side by side, each day by day in the operators' SQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from tanlu.monitor.engines.base import DayFacts, Edges, Late, Source, hours_of
from tanlu.monitor.engines.columns import late_parts, read_table
from tanlu.monitor.engines.merging import by_unit
from tanlu.monitor.engines.prefetch import ahead
from tanlu.monitor.engines.shard import NUMBERS, Shard, connect, run, typed
from tanlu.monitor.operators.dialects import DIALECTS, Dialect
from tanlu.monitor.operators.templates import meter_hours
from tanlu.monitor.schema import meter_hours_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable

SHARE: Final = 1000
"""Meters of a share at least."""


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
        with _Shares(meters, self.dialect) as shares:
            if edges is not None:
                shares.begin(edges.before, days[0] - 1)
            waiting, rows = shares.step(read_table(source.day(days[0])), days[0], None), 0
            for day, readings in ahead((day, read_table(source.day(day))) for day in days[1:]):
                # the shares go on while what they gave is written
                going = shares.step(readings, day, day - 1)
                rows = waiting.rows
                waiting.tables()
                yield shares.facts(day - 1, going.tables(), rows)
                waiting = going
            rows = waiting.rows
            waiting.tables()
            after = None if edges is None else edges.after
            yield shares.facts(days[-1], shares.end(after, days[-1]).tables(), rows)
            yield from shares.lates(days[0])

    def window(self, readings: pa.Table, meters: MeterTable, first: int, last: int) -> pa.Table:
        """Return the facts of meters from first to last day."""
        import pyarrow as pa

        with connect() as con:
            con.register("given_meters", meters.arrow())
            run(con, "CREATE TEMP TABLE meters AS SELECT * FROM given_meters")
            run(con, f"CREATE TEMP TABLE numbers AS {NUMBERS}")
            con.register("readings", readings)
            con.register("hours", pa.table({"hour": hours_of(first, last)}))
            found = con.sql(meter_hours(self.dialect)).to_arrow_table()
        return typed(found, meter_hours_schema())

    def query(self, query: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Return the answer to a query over some tables."""
        with connect() as con:
            for name, table in tables.items():
                con.register(name, table)
            return con.sql(query).to_arrow_table()


class _Pending:
    """What the shares are computing of a day, and how many readings it has."""

    def __init__(self, futures: Sequence[Future[pa.Table | None]], rows: int) -> None:
        self._futures, self.rows = futures, rows

    def tables(self) -> list[pa.Table]:
        """Wait, and return the facts of each share."""
        found = [future.result() for future in self._futures]
        return [table for table in found if table is not None]


class _Shares:
    """The meters in as many shares as there are processors, each worked on by a thread of its own in the order of what is asked."""

    def __init__(self, meters: MeterTable, dialect: Dialect) -> None:
        self._meters = meters
        count = max(1, min(os.cpu_count() or 1, len(meters) // SHARE))
        parts = [part for part in np.array_split(meters.meter, count) if len(part)] or [meters.meter]
        self._shards = [Shard(meters.select(part), dialect) for part in parts]
        self._pools = [ThreadPoolExecutor(1, thread_name_prefix="duckdb") for _ in parts]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pool, shard in self._both():
            pool.shutdown(cancel_futures=True)
            shard.close()

    def _all(self, work: Callable[[Shard], pa.Table | None]) -> list[Future[pa.Table | None]]:
        return [pool.submit(work, shard) for pool, shard in self._both()]

    def begin(self, before: pa.Table, day: int) -> None:
        """Take the last readings of before the first day."""
        _Pending(self._all(lambda shard: shard.begin(before, day)), 0).tables()

    def step(self, readings: pa.Table, day: int, before: int | None) -> _Pending:
        """Let the shares take a day, and give the facts of the day before."""
        return _Pending(self._all(lambda shard: shard.step(readings, day, before)), readings.num_rows)

    def end(self, after: pa.Table | None, day: int) -> _Pending:
        """Let the shares take the first readings of after the last day, and give the facts of that day."""
        return _Pending(self._all(lambda shard: shard.end(after, day)), 0)

    def facts(self, day: int, tables: Sequence[pa.Table], rows: int) -> DayFacts:
        """Return the facts of a day from those of the shares, which stand in the order of their meters."""
        import pyarrow as pa

        facts = tables[0] if len(tables) == 1 else pa.concat_tables(tables)
        return DayFacts(day, facts, by_unit(facts, self._meters, day), rows)

    def lates(self, first: int) -> Iterator[Late]:
        """Yield what was lent to days already given."""
        columns: list[dict[str, Any]] = [pool.submit(shard.late, first).result() for pool, shard in self._both()]
        found = {name: np.concatenate([c[name] for c in columns]) for name in columns[0]}
        sums = np.column_stack((found["quantity"], found["estimated"]))
        slots = np.column_stack((found["n_good"], found["n_estimated"]))
        yield from late_parts(found["meter"], found["hour"], sums, slots)

    def _both(self) -> Iterator[tuple[ThreadPoolExecutor, Shard]]:
        return zip(self._pools, self._shards, strict=True)
