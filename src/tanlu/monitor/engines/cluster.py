"""What engines with servers or workers of their own share: tables are loaded, the same SQL runs there, results come back as Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tanlu.monitor.engines.base import DayFacts, Edges, Late, Source, hours_of, start_of
from tanlu.monitor.operators.dialects import Dialect
from tanlu.monitor.operators.templates import meter_hours, roll_up
from tanlu.monitor.schema import DAY, meter_hours_schema, readings_schema, unit_hours_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable

LONGEST: Final = 20_000
"""Hours that a span may cover."""


class Cluster:
    """An engine that runs the operators' SQL elsewhere; subclasses load tables, keep results, and fetch."""

    name = "cluster"
    dialect: Dialect

    def load(self, table: str, parts: Sequence[pa.Table | Path], schema: pa.Schema) -> None:
        """Make a table of Arrow tables and Parquet files."""
        raise NotImplementedError

    def keep(self, table: str, query: str) -> None:
        """Make a table of the answer to a query."""
        raise NotImplementedError

    def fetch(self, query: str) -> pa.Table:
        """Return the answer to a query."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of what the engine holds."""

    def query(self, query: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """Return the answer to a query over some tables."""
        for name, table in tables.items():
            self.load(name, [table], table.schema)
        return self.fetch(query)

    def window(self, readings: pa.Table, meters: MeterTable, first: int, last: int) -> pa.Table:
        """Return the facts of meters from first to last day."""
        self._prepare(meters, first, last)
        self.load("readings", [readings], readings_schema())
        return conform(self.fetch(meter_hours(self.dialect)), meter_hours_schema())

    def days(
        self, source: Source, meters: MeterTable, days: Sequence[int], edges: Edges | None = None
    ) -> Iterator[DayFacts | Late]:
        """Yield the facts of consecutive days; all of them are computed before the first is given."""
        if not days:
            return
        parts: list[pa.Table | Path] = []
        for day in days:
            found = source.day(day)
            parts.extend([found.table] if found.table is not None else found.paths)
        if edges is not None:
            parts += [edges.before, edges.after]
        self._prepare(meters, days[0], days[-1])
        self.load("readings", parts, readings_schema())
        self.keep("all_facts", meter_hours(self.dialect))
        for day in days:
            yield self._facts(meters, day)

    def _facts(self, meters: MeterTable, day: int) -> DayFacts:
        start = start_of(day)
        here = f"SELECT * FROM all_facts WHERE hour >= {start} AND hour < {start + DAY}"
        by_meter = self.fetch(f"{here} ORDER BY meter, hour")
        places = meters.places(day)
        self.load("places", [places], places.schema)
        sums = roll_up(self.dialect, f"({here})")
        by_unit = self.fetch(f"SELECT * FROM ({sums}) u ORDER BY unit, carrier, stack, hour")
        counted = self.fetch(f"SELECT COUNT(*) AS n FROM readings WHERE ts > {start} AND ts <= {start + DAY}")
        rows = int(counted.column("n")[0].as_py())
        return DayFacts(day, conform(by_meter, meter_hours_schema()), conform(by_unit, unit_hours_schema()), rows)

    def _prepare(self, meters: MeterTable, first: int, last: int) -> None:
        import numpy as np
        import pyarrow as pa

        numbers = pa.table({"n": np.arange(LONGEST, dtype=np.int64)})
        hours = pa.table({"hour": hours_of(first, last)})
        for name, table in (("meters", meters.arrow()), ("hours", hours), ("numbers", numbers)):
            self.load(name, [table], table.schema)


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return a table with the names and types of a schema."""
    import pyarrow as pa

    columns = [table.column(name).cast(schema.field(name).type) for name in schema.names]
    return pa.Table.from_arrays(columns, schema=schema)
