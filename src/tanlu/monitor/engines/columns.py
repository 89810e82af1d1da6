"""Between Arrow and arrays: readings of a day as columns, facts as tables, and the groups in which meters count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tanlu.monitor.engines.base import DayReadings, Late, hours_of
from tanlu.monitor.readings_files import unreadable
from tanlu.monitor.schema import HOUR, day_of, meter_hours_schema, readings_schema, unit_hours_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable

COLUMNS = ("meter", "ts", "value", "quality")


def read_columns(readings: DayReadings) -> list[np.ndarray]:
    """Return meter, ts, value, quality of a day in order of meter and stamp.

    Raises
    ------
    DataError
        As `read_table`.
    """
    return table_columns(read_table(readings))


def read_table(readings: DayReadings) -> pa.Table:
    """Return the readings of a day as a table whose first columns are `COLUMNS`.

    Raises
    ------
    DataError
        If a file cannot be read, or a page of it is not what was written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if readings.table is not None:
        return readings.table
    parts = [readings_schema().empty_table().select(COLUMNS)]
    for path in readings.paths:
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                parts.append(file.read(columns=list(COLUMNS)))
        except (OSError, pa.ArrowException) as error:
            raise unreadable(path, error) from error
    return parts[-1] if len(parts) <= 2 else pa.concat_tables(parts[1:])


def table_columns(table: pa.Table) -> list[np.ndarray]:
    """Return meter, ts, value, quality of a table of readings; none can be written to, so that one compiled kernel serves all."""
    columns = [table.column(name).to_numpy().view() for name in COLUMNS]
    for column in columns:
        column.flags.writeable = False
    return columns


@dataclass(frozen=True)
class Groups:
    """Where meters count on a day: units × carriers × gases of stacks, in ascending order.

    ``of_meter`` (meters,) holds the group of each meter, −1 where it does not count.
    """

    unit: np.ndarray
    carrier: np.ndarray
    stack: np.ndarray
    of_meter: np.ndarray
    stacks: np.ndarray

    @cached_property
    def keys(self) -> list[pa.Array]:
        """Unit, carrier and gases of stacks of each group, 24 times one after the other."""
        import pyarrow as pa

        return [pa.array(np.repeat(column, 24)) for column in (self.unit, self.carrier, self.stack)]

    @classmethod
    def of(cls, meters: MeterTable, day: int, before: Groups | None = None) -> Groups:
        """Return the groups of a day; those of the day before serve where no stack came or went."""
        stacks = meters.stack(day)
        if before is not None and np.array_equal(before.stacks, stacks):
            return before
        key = (meters.unit.astype(np.int64) << 32) | (meters.carrier.astype(np.int64) << 8) | stacks
        used = meters.unit >= 0
        unique, inverse = np.unique(key[used], return_inverse=True)
        of_meter = np.full(len(meters), -1, np.int64)
        of_meter[used] = inverse
        unit, carrier, stack = unique >> 32, (unique >> 8) & 0xFFFF, unique & 0xFF
        return cls(unit.astype(np.int32), carrier.astype(np.int16), stack.astype(np.int8), of_meter, stacks)

    @classmethod
    def none(cls, meters: int) -> Groups:
        """Return groups in which nothing counts."""
        empty = np.empty(0, np.int32)
        return cls(empty, empty.astype(np.int16), empty.astype(np.int8), np.full(meters, -1, np.int64), empty)


def meter_hours_table(columns: Sequence[np.ndarray]) -> pa.Table:
    """Return facts of meters from meter, hour, quantity, known, estimated, n_good, n_estimated, n_missing."""
    import pyarrow as pa

    meter, hour, quantity, known, *rest = columns
    amounts = pa.array(quantity) if known.all() else pa.array(quantity, mask=~known)
    arrays = [pa.array(meter), pa.array(hour), amounts, *map(pa.array, rest)]
    return pa.Table.from_arrays(arrays, schema=meter_hours_schema())


def unit_hours_table(groups: Groups, day: int, sums: np.ndarray, slots: np.ndarray) -> pa.Table:
    """Return facts of units from sums (2, groups, 24) and slots (4, groups, 24); hours without any meter are left out."""
    import pyarrow as pa

    flat, counts = sums.reshape(2, -1), slots.reshape(4, -1)
    hours = np.tile(hours_of(day, day), len(groups.unit))
    nothing = counts[0] == 0
    quantity = pa.array(flat[0], mask=nothing) if nothing.any() else pa.array(flat[0])
    arrays = [*groups.keys, pa.array(hours), quantity, *map(pa.array, (flat[1], *counts[1:]))]
    table = pa.Table.from_arrays(arrays, schema=unit_hours_schema())
    valid = counts.any(axis=0) if nothing.any() else np.ones(0, bool)
    return table if valid.all() else table.filter(pa.array(valid))


def late_parts(meter: np.ndarray, hour: np.ndarray, sums: np.ndarray, slots: np.ndarray) -> Iterator[Late]:
    """Yield amounts lent to earlier days, summed by meter and hour, one piece a day."""
    import pyarrow as pa

    if len(meter) == 0:
        return
    key = (meter.astype(np.int64) << 36) | (hour // HOUR)
    unique, inverse = np.unique(key, return_inverse=True)
    totals: list[Any] = [np.bincount(inverse, column, len(unique)) for column in (*sums.T, *slots.T)]
    hours = (unique & ((1 << 36) - 1)) * HOUR
    days = day_of(hours + HOUR)
    names = ("quantity", "estimated", "n_good", "n_estimated")
    for day in np.unique(days):
        here = days == day
        columns = {"meter": (unique[here] >> 36).astype(np.int32), "hour": hours[here]}
        columns |= {name: t[here] for name, t in zip(names[:2], totals[:2], strict=True)}
        columns |= {name: t[here].astype(np.int16) for name, t in zip(names[2:], totals[2:], strict=True)}
        yield Late(int(day), pa.table(columns))
