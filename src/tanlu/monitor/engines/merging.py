"""Adding to facts that were made: parts lent by later readings, sums of meters by unit, fills."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tanlu.monitor.engines.base import start_of
from tanlu.monitor.engines.columns import Groups, meter_hours_table, unit_hours_table
from tanlu.monitor.schema import HOUR, day_of

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable

_NAMES = ("meter", "hour", "quantity", "estimated", "n_good", "n_estimated", "n_missing")


def lend(facts: pa.Table, parts: pa.Table) -> pa.Table:
    """Return the hourly facts of meters with the parts that later readings lend to them (`Late`)."""
    meter, hour, quantity, estimated, good, guessed, missing = (np.array(facts.column(n).to_numpy()) for n in _NAMES)
    at = np.searchsorted(_key(meter, hour), _key(parts.column("meter").to_numpy(), parts.column("hour").to_numpy()))
    known = ~np.isnan(quantity)
    quantity[~known] = 0.0
    quantity[at] += parts.column("quantity").to_numpy()
    estimated[at] += parts.column("estimated").to_numpy()
    known[at] = True
    more = parts.column("n_good").to_numpy() + parts.column("n_estimated").to_numpy()
    good[at] += parts.column("n_good").to_numpy()
    guessed[at] += parts.column("n_estimated").to_numpy()
    missing[at] = np.maximum(missing[at] - more, 0)
    return meter_hours_table([meter, hour, quantity, known, estimated, good, guessed, missing])


def by_unit(facts: pa.Table, meters: MeterTable, day: int) -> pa.Table:
    """Return the hourly facts of units from those of their meters on one day."""
    columns = {name: facts.column(name).to_numpy() for name in _NAMES}
    groups = Groups.of(meters, day)
    group = groups.of_meter[meters.position[columns["meter"]]]
    used = group >= 0
    n = len(groups.unit)
    hour = (columns["hour"] - start_of(day)) // HOUR
    cell = (group * 24 + hour)[used]
    known = ~np.isnan(columns["quantity"])
    terms = [np.nan_to_num(columns["quantity"]), columns["estimated"], known, *(columns[c] for c in _NAMES[4:])]
    totals = [np.bincount(cell, term[used], n * 24).reshape(n, 24) for term in terms]
    sums = np.stack(totals[:2])
    slots = np.stack([np.rint(t).astype(np.int32) for t in totals[2:]])
    return unit_hours_table(groups, day, sums, slots)


def _key(meter: np.ndarray, hour: np.ndarray) -> np.ndarray:
    return np.asarray((meter.astype(np.int64) << 36) | (hour // HOUR))


def days_in(facts: pa.Table) -> np.ndarray:
    """Return the civil day of each hourly fact."""
    return np.asarray(day_of(facts.column("hour").to_numpy() + HOUR))
