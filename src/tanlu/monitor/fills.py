"""Hours of direct meters that were not measured: what they are filled with, kept beside the facts and added to sums.

Every such hour has a row, filled or not (then it adds nothing), so that the gaps of a meter are known without reading its facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from tanlu.monitor.engines.merging import days_in
from tanlu.monitor.fact_files import FILL, METER_HOUR, FactFiles, Kind, Stack, day_keys, month_of
from tanlu.monitor.fill import gaps_of
from tanlu.monitor.levels import COUNTS, Sums

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


def fills_schema() -> pa.Schema:
    """Return the columns of fills: what is added to the facts of a meter and hour; ``slots`` turn from missing to estimated."""
    import pyarrow as pa

    fields = {"meter": pa.int32(), "hour": pa.int64(), "quantity": pa.float64(), "slots": pa.int16()}
    return pa.schema([pa.field(name, kind, nullable=False) for name, kind in fields.items()])


def fills_of(facts: pa.Table, meters: MeterTable) -> pa.Table:
    """Return a row for each hour that was not measured, with what is added to its facts.

    Parameters
    ----------
    facts : Arrow table
        All hourly facts of some meters (`meter_hours_schema`), in order of meter and hour.
    meters : MeterTable
    """
    import pyarrow as pa

    meter = facts.column("meter").to_numpy()
    hour = facts.column("hour").to_numpy()
    quantity = facts.column("quantity").to_numpy()
    missing = facts.column("n_missing").to_numpy()
    estimated, good = facts.column("n_estimated").to_numpy(), facts.column("n_good").to_numpy()
    # an hour of a meter with a step above an hour may hold no slot at all: it is no gap
    slots = missing + estimated + good
    rows, levels = [], []
    starts = np.flatnonzero(np.concatenate(([True], np.diff(meter) != 0))) if len(meter) else np.empty(0, np.int64)
    for start, stop in zip(starts, [*starts[1:], len(meter)], strict=True):
        rule = int(meters.fill[meters.position[meter[start]]])
        here = slice(int(start), int(stop))
        held = slots[here] > 0
        valid = (missing[here] == 0) & ~np.isnan(quantity[here])
        if rule == 0 or valid[held].all():
            continue
        index = np.flatnonzero(held) + start
        level = np.full(len(index), np.nan)
        for gap in gaps_of(hour[index], quantity[index], valid[held], rule):
            level[gap.start : gap.stop] = gap.level
        open_hours = ~valid[held]
        rows.append(index[open_hours])
        levels.append(level[open_hours])
    taken = np.concatenate(rows) if rows else np.empty(0, np.int64)
    wanted = np.concatenate(levels) if levels else np.empty(0)
    filled = ~np.isnan(wanted)
    # what was measured in a part of the hour is kept; the hour is never lower than the rule
    more = np.where(filled, np.maximum(np.nan_to_num(wanted) - np.nan_to_num(quantity[taken]), 0.0), 0.0)
    columns = [meter[taken], hour[taken], more, np.where(filled, missing[taken], 0)]
    return pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, fills_schema(), strict=True)], schema=fills_schema()
    )


def fill_sums(fills: pa.Table, meters: MeterTable) -> Sums:
    """Return what fills add to the daily sums of units."""
    meter, amount, slots = (fills.column(name).to_numpy() for name in ("meter", "quantity", "slots"))
    row = meters.position[meter]
    days = days_in(fills)
    stack = np.zeros(len(row), np.int8)
    for day in np.unique(days).tolist():
        stack[days == day] = meters.stack(day)[row[days == day]]
    use = (meters.unit[row] >= 0) & ((slots > 0) | (amount > 0))
    keys = {"unit": meters.unit[row], "carrier": meters.carrier[row], "stack": stack, "day": days}
    counts = dict(zip(COUNTS, (np.zeros_like(slots), slots, -slots), strict=True))
    values = {"quantity": amount, "estimated": amount, "known": np.ones(len(row), np.int64), **counts}
    chosen = np.flatnonzero(use)
    return Sums.summed({k: v[chosen] for k, v in keys.items()}, {k: v[chosen] for k, v in values.items()})


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

    def see(self, facts: pa.Table) -> None:
        """Take note of facts that were made anew."""
        number = facts.column("meter").to_numpy()
        direct = self.meters.fill[self.meters.position[number]] > 0
        if direct.any():
            self._seen.update(np.unique(number[direct]).tolist())
            missing = direct & (facts.column("n_missing").to_numpy() > 0)
            self._open.update(np.unique(number[missing]).tolist())

    def rows(self, sink: Sink, month: int) -> pa.Table:
        """Return the fills of a month."""
        found = self.store.read(FILL, sink.stack(FILL, month))
        return fills_schema().empty_table() if found is None else found

    def update(self, sink: Sink) -> Mapping[int, set[int]]:
        """Make the fills of meters that were seen anew, write what changed, and return the units that it changes by day."""
        import pyarrow as pa

        if not self._seen:
            return {}
        days = sink.all_days()
        months = sorted({month_of(day) for day in days})
        old = pa.concat_tables([self.rows(sink, month) for month in months])
        known = np.array(sorted(self._seen), np.int64)
        old = old.filter(pa.array(np.isin(old.column("meter").to_numpy(), known)))
        chosen = np.array(sorted(self._open | set(np.unique(old.column("meter").to_numpy()).tolist())), np.int64)
        if len(chosen) == 0:
            return {}
        new = self._made(sink, days, chosen)
        return self._write(sink, old, new)

    def _made(self, sink: Sink, days: list[int], chosen: np.ndarray) -> pa.Table:
        """Return the fills of some meters from all their facts, some meters at a time."""
        import pyarrow as pa

        made = [fills_schema().empty_table()]
        room = max(1, _AT_ONCE // (len(days) * 24))
        for start in range(0, len(chosen), room):
            part = chosen[start : start + room]
            tables = []
            for day in days:
                table = self.store.read(METER_HOUR, sink.stack(METER_HOUR, day), part)
                if table is not None:
                    tables.append(table)
            if tables:
                facts = pa.concat_tables(tables).sort_by([("meter", "ascending"), ("hour", "ascending")])
                made.append(fills_of(facts, self.meters))
        return pa.concat_tables(made)

    def _write(self, sink: Sink, old: pa.Table, new: pa.Table) -> Mapping[int, set[int]]:
        """Write the meters and days whose fills changed; those that have none any more keep an empty row."""
        import pyarrow as pa

        was, now = _by_day(old), _by_day(new)
        changed = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
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


def _by_day(table: pa.Table) -> dict[int, list[tuple[int, float, int]]]:
    """Return hours with their fills by meter and day (`day_keys`), empty rows left out."""
    found: dict[int, list[tuple[int, float, int]]] = {}
    columns = (table.column(name).to_pylist() for name in ("hour", "quantity", "slots"))
    for key, *row in zip(day_keys(table, FILL).tolist(), *columns, strict=True):
        found.setdefault(key, []).append(tuple(row))
    return found
