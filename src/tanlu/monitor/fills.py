"""Hours that meters did not measure: what they are filled with, kept beside the facts and added to sums.

Every hour that a direct meter did not measure has a row, filled or not (then it adds nothing), and so has every hour of a counter's
silence: the gaps of a meter are known without reading its facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from tanlu.monitor.engines.merging import days_in
from tanlu.monitor.fact_files import FILL, METER_HOUR, FactFiles, Kind, Stack, day_keys, month_of
from tanlu.monitor.fill_rows import fills_of, fills_schema, shapes_of
from tanlu.monitor.silence import BEFORE, LONGEST

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable


class Sink(Protocol):
    """Where files of facts are written."""

    def stack(self, kind: Kind, day: int) -> Stack:
        """Return what counts of a day or month."""
        ...

    def put(self, kind: Kind, day: int, table: pa.Table) -> None:
        """Write a whole file."""
        ...

    def patch(self, kind: Kind, day: int, table: pa.Table) -> None:
        """Lay rows over a file."""
        ...

    def all_days(self) -> list[int]:
        """Return the days that have facts."""
        ...


_AT_ONCE: Final = 4_000_000
"""Hourly facts that are held at once."""
_NEVER: Final = 2**40
"""Day of which nothing is known."""


REACH: Final = LONGEST // 24 + 1
"""Days of which a silence that has a shape may touch hours."""


class FillStore:
    """The fills of a ledger, kept in step with facts that are made anew.

    Parameters
    ----------
    store : FactFiles
    meters : MeterTable
    """

    def __init__(self, store: FactFiles, meters: MeterTable) -> None:
        self.store, self.meters = store, meters
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._silent: set[int] = set()
        self._first, self._last = np.full(len(meters), _NEVER), np.full(len(meters), -_NEVER)
        """First and last day of each meter of which facts were made anew."""

    def see(self, facts: pa.Table) -> None:
        """Take note of facts that were made anew: of all the meters in them on the same days."""
        number = facts.column("meter").to_numpy()
        if len(number) == 0:
            return
        direct = self.meters.fill[self.meters.position[number]] > 0
        if direct.any():
            self._seen.update(np.unique(number[direct]).tolist())
            missing = direct & (facts.column("n_missing").to_numpy() > 0)
            self._open.update(np.unique(number[missing]).tolist())
        guessed = ~direct & (facts.column("n_estimated").to_numpy() > 0) & (facts.column("n_good").to_numpy() == 0)
        self._silent.update(np.unique(number[guessed]).tolist())
        rows = self.meters.position[number[np.flatnonzero(np.diff(number, prepend=-1))]]
        days = days_in(facts.select(["hour"]))
        self._first[rows] = np.minimum(self._first[rows], days.min())
        self._last[rows] = np.maximum(self._last[rows], days.max())

    def rows(self, sink: Sink, month: int) -> pa.Table:
        """Return the fills of a month."""
        found = self.store.read(FILL, sink.stack(FILL, month))
        return fills_schema().empty_table() if found is None else found

    def update(self, sink: Sink) -> Mapping[int, set[int]]:
        """Make the fills of meters that were seen anew, write what changed, and return the units that it changes by day."""
        import pyarrow as pa

        old, new = zip(self._gaps(sink), self._silences(sink), strict=True)
        return self._write(sink, pa.concat_tables(old), pa.concat_tables(new))

    def _gaps(self, sink: Sink) -> tuple[pa.Table, pa.Table]:
        """Return the fills of direct meters as they were and as they are; the rules look back as far as there are facts."""
        if not self._seen:
            return fills_schema().empty_table(), fills_schema().empty_table()
        days = sink.all_days()
        old = self._kept(sink, days, np.array(sorted(self._seen), np.int64))
        chosen = self._open | set(old.column("meter").to_pylist())
        return old, self._made(sink, days, chosen, fills_of)

    def _silences(self, sink: Sink) -> tuple[pa.Table, pa.Table]:
        """Return the fills of counters as they were and as they are, of the days that the facts made anew may change."""
        import pyarrow as pa

        counters = np.flatnonzero((self.meters.kind == 0) & (self._first <= self._last))
        every = sink.all_days()
        old = fills_schema().empty_table()
        if len(counters):
            days = _between(every, *self._changed(counters))
            old = self._kept(sink, days, self.meters.meter[counters])
        chosen = self._silent | set(old.column("meter").to_pylist())
        if not chosen:
            return old, fills_schema().empty_table()
        first, last = self._changed(self.meters.position[np.array(sorted(chosen), np.int64)])
        # a silence that touches these days may begin or end a week outside them, and like days lie before it
        read = _between(every, first - REACH - BEFORE - 1, last + REACH + 1)
        new = self._made(sink, read, chosen, shapes_of)
        parts = (t.filter(pa.array((days_in(t) >= first) & (days_in(t) <= last))) for t in (old, new))
        return next(parts), next(parts)

    def _changed(self, rows: np.ndarray) -> tuple[int, int]:
        """Return the first and the last day whose fills facts of counters that were made anew may change."""
        return int(self._first[rows].min()) - REACH, int(self._last[rows].max()) + BEFORE + REACH

    def _kept(self, sink: Sink, days: Sequence[int], meters: np.ndarray) -> pa.Table:
        """Return the fills of some meters in the months of some days as they stand."""
        import pyarrow as pa

        tables = [self.rows(sink, month) for month in sorted({month_of(day) for day in days})]
        table = pa.concat_tables([fills_schema().empty_table(), *tables])
        return table.filter(pa.array(np.isin(table.column("meter").to_numpy(), meters)))

    def _made(
        self, sink: Sink, days: Sequence[int], meters: set[int], rule: Callable[[pa.Table, MeterTable], pa.Table]
    ) -> pa.Table:
        """Return the fills of some meters from their facts of some days, some meters at a time."""
        import pyarrow as pa

        made = [fills_schema().empty_table()]
        chosen = np.array(sorted(meters), np.int64)
        room = max(1, _AT_ONCE // (max(len(days), 1) * 24))
        for start in range(0, len(chosen), room):
            part = chosen[start : start + room]
            found = (self.store.read(METER_HOUR, sink.stack(METER_HOUR, day), part) for day in days)
            tables = [table for table in found if table is not None]
            if tables:
                facts = pa.concat_tables(tables).sort_by([("meter", "ascending"), ("hour", "ascending")])
                made.append(rule(facts, self.meters))
        return pa.concat_tables(made)

    def _write(self, sink: Sink, old: pa.Table, new: pa.Table) -> Mapping[int, set[int]]:
        """Write the meters and days whose fills changed; those that have none any more keep an empty row."""
        import pyarrow as pa

        was, now = _by_day(old), _by_day(new)
        # of what is gone an empty row stays; it says nothing and need not be written again
        changed = sorted(
            key for key in was.keys() | now.keys() if was.get(key) != now.get(key) and (key in now or _tells(was[key]))
        )
        if not changed:
            return {}
        units: dict[int, set[int]] = {}
        gone = []
        for key in changed:
            meter, day = key >> 32, key & 0xFFFFFFFF
            units.setdefault(day, set()).add(int(self.meters.unit[self.meters.position[meter]]))
            if key not in now:
                gone.append((meter, was[key][0][0], 0.0, 0))
        keep = np.isin(day_keys(new, FILL), np.array(changed, np.int64))
        columns = zip(*gone, strict=True) if gone else ([], [], [], [])
        empty = pa.Table.from_arrays(
            [pa.array(list(c), f.type) for c, f in zip(columns, fills_schema(), strict=True)], schema=fills_schema()
        )
        rows = pa.concat_tables([new.filter(pa.array(keep)), empty]).sort_by(
            [("meter", "ascending"), ("hour", "ascending")]
        )
        months = np.array([month_of(day) for day in days_in(rows).tolist()], np.int64)
        for month in np.unique(months).tolist():
            sink.patch(FILL, month, rows.filter(pa.array(months == month)))
        return {day: {u for u in found if u >= 0} for day, found in units.items()}


def _tells(rows: Sequence[tuple[int, float, int]]) -> bool:
    return any(quantity != 0 or slots != 0 for _, quantity, slots in rows)


def _between(days: Sequence[int], first: int, last: int) -> list[int]:
    return [day for day in days if first <= day <= last]


def _by_day(table: pa.Table) -> dict[int, list[tuple[int, float, int]]]:
    """Return hours with their fills by meter and day (`day_keys`)."""
    found: dict[int, list[tuple[int, float, int]]] = {}
    columns = (table.column(name).to_pylist() for name in ("hour", "quantity", "slots"))
    for key, *row in zip(day_keys(table, FILL).tolist(), *columns, strict=True):
        found.setdefault(key, []).append(tuple(row))
    return found
