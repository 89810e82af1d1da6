"""From enterprises to park, county, prefecture, province: hourly sums of every region by carrier, so that its hours are read, not added up.

Fills are not in them: they are kept beside the facts (`tanlu.monitor.fills`) and added when hours are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.engines.base import start_of
from tanlu.monitor.levels import ACCOUNT, COUNTS
from tanlu.monitor.meter_table import STACK_MASK
from tanlu.monitor.schema import HOUR, unit_hours_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.levels import Tree

_HOURS: Final = 24
_SUMS: Final = ("quantity", "estimated")


def region_hours(facts: pa.Table, tree: Tree, day: int) -> pa.Table:
    """Return the hourly facts of all units above enterprises on a day.

    Parameters
    ----------
    facts : Arrow table
        Hourly facts of that day of the units in which meters count (`unit_hours_schema`), in order of unit, carrier, stack and hour.
    tree : Tree
    day : int
        Number of the civil day.

    Returns
    -------
    Arrow table
        The same columns. Each region holds what its own meters count and everything below it; a sum of which no term is known is null.
    """
    names = ("unit", "carrier", "stack", "hour", *_SUMS, *COUNTS)
    columns = {name: facts.column(name).to_numpy() for name in names}
    keys, group = _series(columns, tree)
    if not len(keys):
        return unit_hours_schema().empty_table()
    cell = group * _HOURS + (columns["hour"] - start_of(day)) // HOUR
    known = ~np.isnan(columns["quantity"])
    terms = (np.where(known, columns["quantity"], 0.0), columns["estimated"], known, *(columns[n] for n in COUNTS))
    sums = np.stack([np.bincount(cell, term, len(keys) * _HOURS) for term in terms]).reshape(len(terms), -1, _HOURS)
    return _table(*_up(keys, sums, tree), day)


def _series(columns: dict[str, np.ndarray], tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest regions with carrier and stack, packed, and which of them each row belongs to."""
    unit = columns["unit"]
    home = np.arange(len(tree.level), dtype=np.int64)
    while (low := (home > 0) & (tree.level[home] <= ACCOUNT)).any():
        home[low] = tree.parent[home[low]]
    changes = [np.diff(columns[name]) != 0 for name in ("unit", "carrier", "stack")]
    begins = np.concatenate((np.ones(min(len(unit), 1), bool), np.logical_or.reduce(changes)))
    first = np.flatnonzero(begins)
    packed = _packed(home[unit[first]], columns["carrier"][first], columns["stack"][first])
    keys, place = np.unique(packed, return_inverse=True)
    return keys, place[np.cumsum(begins) - 1] if len(keys) else np.empty(0, np.int64)


def _packed(unit: np.ndarray, carrier: np.ndarray, stack: np.ndarray) -> np.ndarray:
    return np.asarray(
        (unit.astype(np.int64) << 32) | (carrier.astype(np.int64) << 8) | (stack.astype(np.int64) & STACK_MASK)
    )


def _up(keys: np.ndarray, sums: np.ndarray, tree: Tree) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of these regions and of all above them; ``sums`` has the shape (columns, regions, hours)."""
    chain = tree.chain(keys >> 32)
    rows = [np.flatnonzero(units > 0) for units in chain]
    above = zip(chain, rows, strict=True)
    own = np.concatenate([(units[here].astype(np.int64) << 32) | (keys[here] & 0xFFFFFFFF) for units, here in above])
    taken = np.concatenate(rows)
    order = np.argsort(own, kind="stable")
    found, starts = np.unique(own[order], return_index=True)
    return found, np.add.reduceat(sums[:, taken[order]], starts, axis=1)


def _table(keys: np.ndarray, sums: np.ndarray, day: int) -> pa.Table:
    import pyarrow as pa

    n = len(keys)
    hours = np.tile(start_of(day) + HOUR * np.arange(_HOURS), n)
    flat = sums.reshape(len(sums), -1)
    cells = [
        np.repeat(keys >> 32, _HOURS), np.repeat((keys >> 8) & 0xFFFFFF, _HOURS), np.repeat(keys & 0xFF, _HOURS), hours,
        flat[0], flat[1], *np.rint(flat[3:]).astype(np.int32),
    ]  # fmt: skip
    schema = unit_hours_schema()
    arrays = [
        pa.array(column, mask=flat[2] == 0 if field.name == "quantity" else None).cast(field.type)
        for column, field in zip(cells, schema, strict=True)
    ]
    there = flat[2:].any(axis=0)
    table = pa.Table.from_arrays(arrays, schema=schema)
    return table if there.all() else table.filter(pa.array(there))
