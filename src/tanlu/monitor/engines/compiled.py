"""The compiled kernel as an engine: one pass, two days in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.engines.base import DayFacts, DayReadings, Edges, Late, Source, start_of
from tanlu.monitor.engines.columns import (
    Groups,
    late_parts,
    meter_hours_table,
    read_columns,
    table_columns,
    unit_hours_table,
)
from tanlu.monitor.engines.prefetch import ahead
from tanlu.monitor.meter_table import MeterTable

if TYPE_CHECKING:
    import pyarrow as pa

_SPILL: Final = 1 << 16
_HELD: Final = 2


class _State:
    """What the kernel carries from reading to reading, and the sums of the days that it holds."""

    def __init__(self, meters: MeterTable, first: int, days: int) -> None:
        n = len(meters)
        self.meters, self.first, self.days = meters, first, days
        self.last = (np.full(n, -1, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int8))
        self.sums = np.zeros((days, n, 24, 2))
        self.slots = np.zeros((days, n, 24, 3), np.int16)
        self.spill = (np.zeros((_SPILL, 5), np.int64), np.zeros((_SPILL, 2)))
        self.spilt = 0

    def take(self, columns: Sequence[np.ndarray]) -> None:
        """Take readings (meter, ts, value, quality) in order.

        Raises
        ------
        DataError
            If stamps of a meter do not ascend.
        """
        from tanlu.monitor.kernel import accumulate

        m, row, disorder = self.meters, 0, 0
        table: tuple[Any, ...] = (m.position, m.kind, m.scale, m.roll, m.most, m.step, m.valid_from, m.valid_to)
        while row < len(columns[0]):
            held = (start_of(self.first), self.first, self.days, self.sums, self.slots, *self.spill, self.spilt)
            given: tuple[Any, ...] = (row, *columns, *table, *self.last, *held)
            row, self.spilt, wrong = accumulate(*given)
            disorder += wrong
            if row < len(columns[0]):
                self._widen(columns, row)
        if disorder:
            raise DataError([Problem("readings_disorder", "readings", value=str(disorder))])

    def _widen(self, columns: Sequence[np.ndarray], row: int) -> None:
        """Make room for what the next reading spills."""
        place = self.meters.position[columns[0][row]]
        needed = (start_of(self.first) - int(self.last[0][place])) // 3600 + 2
        more = max(len(self.spill[0]), needed)
        self.spill = tuple(np.concatenate((s, np.zeros((more, s.shape[1]), s.dtype))) for s in self.spill)  # type: ignore[assignment]

    def next_day(self) -> None:
        """Forget the first day that is held."""
        self.sums[self.first % self.days] = 0
        self.slots[self.first % self.days] = 0
        self.first += 1

    def facts(self, day: int, groups: Groups) -> tuple[pa.Table, pa.Table]:
        """Return the facts of meters and units of a day that is held."""
        from tanlu.monitor.kernel import finish

        m, size = self.meters, len(self.meters) * 24
        out: tuple[np.ndarray, ...] = (
            np.empty(size, np.int32), np.empty(size, np.int64), np.empty(size), np.empty(size, np.bool_), np.empty(size),
            np.empty(size, np.int16), np.empty(size, np.int16), np.empty(size, np.int16),
        )  # fmt: skip
        sums, slots = np.zeros((2, len(groups.unit), 24)), np.zeros((4, len(groups.unit), 24), np.int32)
        at = day % self.days
        table = (m.meter, m.step, m.fill, m.valid_from, m.valid_to)
        given: tuple[Any, ...] = (
            self.sums[at],
            self.slots[at],
            start_of(day),
            *table,
            *out,
            groups.of_meter,
            sums,
            slots,
        )
        n = finish(*given)
        return meter_hours_table([column[:n] for column in out]), unit_hours_table(groups, day, sums, slots)

    def spills(self) -> Iterator[Late]:
        """Yield what was lent to days before those that are held, by day."""
        place, sums = self.spill[0][: self.spilt], self.spill[1][: self.spilt]
        yield from late_parts(self.meters.meter[place[:, 0]], place[:, 1], sums, place[:, 3:5])


class Kernel:
    """The compiled kernel."""

    name = "kernel"

    def days(
        self, source: Source, meters: MeterTable, days: Sequence[int], edges: Edges | None = None
    ) -> Iterator[DayFacts | Late]:
        """Yield the facts of consecutive days, each after the readings of the day after have been seen."""
        if not days:
            return
        state, groups, rows = _State(meters, days[0], _HELD), None, 0
        if edges is not None:
            state.take(table_columns(edges.before))
        for day, columns in ahead(_columns(source, day) for day in days):
            if day > days[0]:
                state.take(columns)
                groups = Groups.of(meters, day - 1, groups)
                yield DayFacts(day - 1, *state.facts(day - 1, groups), rows)
                state.next_day()
            else:
                state.take(columns)
            rows = len(columns[0])
        if edges is not None:
            state.take(table_columns(edges.after))
        groups = Groups.of(meters, days[-1], groups)
        yield DayFacts(days[-1], *state.facts(days[-1], groups), rows)
        yield from (late for late in state.spills() if late.day >= days[0])

    def window(self, readings: pa.Table, meters: MeterTable, first: int, last: int) -> pa.Table:
        """Return the facts of meters from first to last day."""
        import pyarrow as pa

        state = _State(meters, first, last - first + 1)
        state.take(table_columns(_counting(readings)))
        groups = Groups.none(len(meters))
        tables = [state.facts(day, groups)[0] for day in range(first, last + 1)]
        return pa.concat_tables(tables).sort_by([("meter", "ascending"), ("hour", "ascending")])


def _columns(source: Source, day: int) -> Any:
    readings: DayReadings = source.day(day)
    return day, read_columns(readings)


def available() -> bool:
    """Return whether numba can be imported."""
    from importlib.util import find_spec

    return find_spec("numba") is not None


def _counting(readings: pa.Table) -> pa.Table:
    """Return the reading of each meter and stamp that was known last, in order of meter and stamp."""
    import pyarrow as pa

    columns = [readings.column(name).to_numpy() for name in ("batch", "known_at", "ts", "meter")]
    order = np.lexsort(columns)
    ts, meter = columns[2][order], columns[3][order]
    last = np.ones(len(order), bool)
    last[:-1] = (np.diff(ts) != 0) | (np.diff(meter) != 0)
    return readings.take(pa.array(order[last]))
