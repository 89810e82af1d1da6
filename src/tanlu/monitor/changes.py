"""What late data touch: from dirty keys to the meters and days whose facts must be computed again, and their facts.

A reading counts from the usable one before it to the usable one after it. So a change on a day reaches from the last usable reading before
that day to the first after it, however far away they are; nothing else can change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.engines.base import DayReadings
from tanlu.monitor.engines.merging import days_in
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, USABLE, Quality, day_of

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.engines.base import Engine
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.meter_table import MeterTable

_STRIDE: Final = 64
"""Days read at once when a neighbour is looked for far away."""


@dataclass(frozen=True)
class LedgerSource:
    """Readings of a ledger as they are known, or as they were known at a moment [µs]."""

    ledger: Ledger
    known_at: int | None = None

    def day(self, day: int) -> DayReadings:
        """Return the readings of a day."""
        files = self.ledger.day_files(day, self.known_at)
        if files.plain:
            return DayReadings(day, files.paths, True)
        return DayReadings(day, (), False, self.rows(day, day))

    def rows(self, first: int, last: int, meters: np.ndarray | None = None) -> pa.Table:
        """Return the readings that count of days from first to last."""
        chosen = None if meters is None else meters.tolist()
        return self.ledger.readings(first, last, chosen, self.known_at)


@dataclass(frozen=True)
class Window:
    """Meters (numbers) of which the facts of days from first to last are computed again."""

    first: int
    last: int
    meters: np.ndarray


class Reach:
    """Looks for the usable readings around days.

    Parameters
    ----------
    source : LedgerSource
    meters : MeterTable
    """

    def __init__(self, source: LedgerSource, meters: MeterTable) -> None:
        self.source, self.meters = source, meters
        days = source.ledger.days()
        self.first, self.last = (days[0], days[-1]) if days else (0, -1)

    def around(self, window: Window) -> tuple[pa.Table, pa.Table]:
        """Return the last usable reading of each meter before the first day, and the first after the last."""
        return self._nearest(window.meters, window.first - 1, -1), self._nearest(window.meters, window.last + 1, 1)

    def windows(self, dirty: Mapping[int, np.ndarray]) -> Iterator[Window]:
        """Yield what dirty keys (meters by day) reach, without overlap."""
        spans: dict[int, list[tuple[int, int]]] = {}
        for first, last, meters in _runs(dirty):
            known = np.intersect1d(meters, self.meters.meter)
            before, after = self.around(Window(first, last, known))
            row = self.meters.position[known]
            # an interval without a reading before it reaches back by its step
            back = np.where(self.meters.kind[row] == 1, -(-self.meters.step[row] // DAY), 0)
            start = dict(zip(known.tolist(), (first - back).tolist(), strict=True))
            stop = dict.fromkeys(known.tolist(), last)
            for meter, ts in zip(before.column("meter").to_pylist(), before.column("ts").to_pylist(), strict=True):
                # the span begins at the reading before: its first second lies in that day or the next
                start[meter] = (ts + CIVIL_OFFSET) // DAY
            for meter, ts in zip(after.column("meter").to_pylist(), after.column("ts").to_pylist(), strict=True):
                stop[meter] = int(day_of(ts))
            for meter in known.tolist():
                spans.setdefault(meter, []).append((max(start[meter], self.first), min(stop[meter], self.last)))
        yield from _disjoint(spans)

    def _nearest(self, meters: np.ndarray, day: int, way: int) -> pa.Table:
        """Return the usable reading of each meter that is nearest to a day, from that day on backwards (−1) or forwards (1)."""
        import pyarrow as pa

        from tanlu.monitor.schema import readings_schema

        found, wanted, stride = [readings_schema().empty_table()], meters, 1
        while len(wanted) and self.first <= day <= self.last:
            far = min(max(day + way * (stride - 1), self.first), self.last)
            table = self.usable(self.source.rows(min(day, far), max(day, far), wanted))
            number = table.column("meter").to_numpy()
            order = np.lexsort((table.column("ts").to_numpy() * way, number))
            first = order[np.flatnonzero(np.diff(number[order], prepend=-1) != 0)]
            found.append(table.take(pa.array(first)))
            wanted = np.setdiff1d(wanted, number)
            day, stride = far + way, min(stride * 4, _STRIDE)
        return pa.concat_tables(found).sort_by([("meter", "ascending")])

    def usable(self, table: pa.Table) -> pa.Table:
        """Return the readings that the operator *clean* lets through."""
        import pyarrow as pa

        m = self.meters
        number = table.column("meter").to_numpy()
        row = np.where(number < len(m.position), m.position[np.minimum(number, len(m.position) - 1)], -1)
        ts, value, quality = (table.column(name).to_numpy() for name in ("ts", "value", "quality"))
        direct, stopped = m.kind[row] == 1, quality == int(Quality.STOPPED)
        keep = (row >= 0) & ((quality <= USABLE) | (stopped & direct))
        keep &= (ts <= m.valid_to[row]) & ((ts > m.valid_from[row]) | ((ts == m.valid_from[row]) & ~direct))
        keep &= direct | ((value >= 0) & ((m.roll[row] == 0) | (value < m.roll[row])))
        keep &= ~direct | (m.most[row] == 0) | stopped | (np.abs(value) <= m.most[row])
        return table.filter(pa.array(keep))


def compute(engine: Engine, reach: Reach, window: Window) -> pa.Table:
    """Return the hourly facts of the meters and days of a window."""
    import pyarrow as pa

    before, after = reach.around(window)
    rows = reach.source.rows(window.first, window.last, window.meters)
    readings = pa.concat_tables([before, rows, after])
    readings = readings.sort_by([("meter", "ascending"), ("ts", "ascending")])
    facts = engine.window(readings, reach.meters.select(window.meters), window.first, window.last)
    days = days_in(facts)
    return facts.filter(pa.array((days >= window.first) & (days <= window.last)))


def _runs(dirty: Mapping[int, np.ndarray]) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield runs of consecutive dirty days with the meters of any of them: adjacent days are one change, not two."""
    days = sorted(dirty)
    start = 0
    for i in range(1, len(days) + 1):
        if i == len(days) or days[i] != days[i - 1] + 1:
            meters = np.unique(np.concatenate([dirty[day] for day in days[start:i]]))
            yield days[start], days[i - 1], meters.astype(np.int32)
            start = i


def _disjoint(spans: Mapping[int, list[tuple[int, int]]]) -> Iterator[Window]:
    """Yield windows in which each meter and day stands once, meters with the same days together."""
    together: dict[tuple[int, int], list[int]] = {}
    for meter, parts in spans.items():
        merged: list[tuple[int, int]] = []
        for first, last in sorted(parts):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        for part in merged:
            together.setdefault(part, []).append(meter)
    for (first, last), meters in sorted(together.items()):
        yield Window(first, last, np.array(sorted(meters), np.int32))
