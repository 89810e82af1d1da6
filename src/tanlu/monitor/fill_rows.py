"""Rows of fills: what is added to the hourly facts of a meter, and to the daily sums of its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tanlu.monitor.engines.merging import days_in
from tanlu.monitor.fill import gaps_of
from tanlu.monitor.levels import COUNTS, Sums
from tanlu.monitor.silence import EVEN, silences_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable


def fills_schema() -> pa.Schema:
    """Return the columns of fills: what is added to the facts of a meter and hour; ``slots`` turn from missing to estimated.

    Rows of a counter's silence have no slots: their amounts are moved between its hours and add up to zero.
    """
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
    meter = facts.column("meter").to_numpy()
    hour = facts.column("hour").to_numpy()
    quantity = facts.column("quantity").to_numpy()
    missing = facts.column("n_missing").to_numpy()
    estimated, good = facts.column("n_estimated").to_numpy(), facts.column("n_good").to_numpy()
    # an hour of a meter with a step above an hour may hold no slot at all: it is no gap
    slots = missing + estimated + good
    rows, levels = [], []
    for here in _each(meter):
        rule = int(meters.fill[meters.position[meter[here.start]]])
        held = slots[here] > 0
        valid = (missing[here] == 0) & ~np.isnan(quantity[here])
        if rule == 0 or valid[held].all():
            continue
        index = np.flatnonzero(held) + here.start
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
    return _table(meter[taken], hour[taken], more, np.where(filled, missing[taken], 0))


def shapes_of(facts: pa.Table, meters: MeterTable) -> pa.Table:
    """Return a row for each hour of a silence of a counter, with what is moved to it; zero where the even spread stays.

    Parameters
    ----------
    facts : Arrow table
        All hourly facts of some counters from so many days before their silences as `silence.BEFORE` says, in order of meter and hour.
    meters : MeterTable
    """
    meter, hour = facts.column("meter").to_numpy(), facts.column("hour").to_numpy()
    quantity = facts.column("quantity").to_numpy()
    guessed, good = facts.column("n_estimated").to_numpy(), facts.column("n_good").to_numpy()
    estimated = facts.column("estimated").to_numpy()
    known = ~np.isnan(quantity) & (facts.column("n_missing").to_numpy() == 0)
    measured = known & (estimated == 0) & (guessed == 0)
    even = known & (estimated != 0) & (np.abs(estimated - quantity) <= EVEN * np.abs(estimated)) & (good == 0)
    rows, moved = [np.empty(0, np.int64)], [np.empty(0)]
    for here in _each(meter):
        row = meters.position[meter[here.start]]
        limit = float(meters.most[row] * np.abs(meters.scale[row]))
        for silence in silences_of(hour[here], quantity[here], even[here], measured[here], limit):
            taken = np.arange(silence.start, silence.stop) + here.start
            rows.append(taken)
            moved.append(np.zeros(len(taken)) if silence.levels is None else silence.levels - quantity[taken])
    chosen = np.concatenate(rows)
    return _table(meter[chosen], hour[chosen], np.concatenate(moved), np.zeros(len(chosen), np.int16))


def _each(meter: np.ndarray) -> Iterator[slice]:
    """Yield the rows of each meter, which stand together."""
    starts = np.flatnonzero(np.diff(meter, prepend=-1)).tolist()
    yield from (slice(start, stop) for start, stop in zip(starts, [*starts[1:], len(meter)], strict=True))


def _table(*columns: np.ndarray) -> pa.Table:
    import pyarrow as pa

    schema = fills_schema()
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def fill_sums(fills: pa.Table, meters: MeterTable) -> Sums:
    """Return what fills add to the daily sums of units."""
    meter, amount, slots = (fills.column(name).to_numpy() for name in ("meter", "quantity", "slots"))
    row = meters.position[meter]
    days = days_in(fills)
    stack = np.zeros(len(row), np.int8)
    for day in np.unique(days).tolist():
        stack[days == day] = meters.stack(day)[row[days == day]]
    use = (meters.unit[row] >= 0) & ((slots > 0) | (amount != 0))
    keys = {"unit": meters.unit[row], "carrier": meters.carrier[row], "stack": stack, "day": days}
    counts = dict(zip(COUNTS, (np.zeros_like(slots), slots, -slots), strict=True))
    values = {"quantity": amount, "estimated": amount, "known": np.ones(len(row), np.int64), **counts}
    chosen = np.flatnonzero(use)
    return Sums.summed({k: v[chosen] for k, v in keys.items()}, {k: v[chosen] for k, v in values.items()})
