"""From enterprises to park, county, prefecture, province: daily sums of every unit by carrier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.meter_table import STACK_MASK
from tanlu.monitor.registry import LEVELS
from tanlu.monitor.schema import HOUR, UnitKind, day_of

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.registry import Registry

COUNTS: Final = ("n_good", "n_estimated", "n_missing")
KEYS: Final = ("unit", "carrier", "stack")
ACCOUNT: Final = LEVELS.index(UnitKind.ENTERPRISE)
"""Level up to which a unit has nothing below it that counts apart."""


def unit_days_schema() -> pa.Schema:
    """Return the columns of daily facts: of every unit from enterprise to province, sorted by level, parent, unit, carrier, stack, day.

    ``level`` is the position of the kind in `tanlu.monitor.registry.LEVELS`; −1 marks what meters of a region itself count, without what
    lies below it. ``parent`` the number of the unit above (0 without), ``day``
    the number of the civil day; the others as in `tanlu.monitor.schema.unit_hours_schema`.
    """
    import pyarrow as pa

    fields = {
        "level": pa.int8(), "parent": pa.int32(), "unit": pa.int32(), "carrier": pa.int16(), "stack": pa.int8(), "day": pa.int32(),
        "quantity": pa.float64(), "estimated": pa.float64(), "n_good": pa.int64(), "n_estimated": pa.int64(), "n_missing": pa.int64(),
    }  # fmt: skip
    return pa.schema([pa.field(name, kind, nullable=name == "quantity") for name, kind in fields.items()])


@dataclass(frozen=True)
class Tree:
    """Which units lie above which, by number: ``level`` and ``parent`` of each (−1 and 0 where there is no such unit)."""

    level: np.ndarray
    parent: np.ndarray

    def chain(self, units: np.ndarray) -> list[np.ndarray]:
        """Return the units, then those above them, and so on to the top; 0 where there is none."""
        found = [units]
        while (above := self.parent[found[-1]]).any():
            found.append(above)
        return found


def tree_of(registry: Registry) -> Tree:
    """Return the tree of a registry."""
    size = max(registry.units_by_number, default=0) + 1
    level, parent = np.full(size, -1, np.int8), np.zeros(size, np.int32)
    for number, unit in registry.units_by_number.items():
        level[number] = LEVELS.index(unit.kind)
        parent[number] = registry.units[unit.parent].number if unit.parent else 0
    return Tree(level, parent)


@dataclass(frozen=True)
class Sums:
    """Sums by key: columns ``unit, carrier, stack, day`` and ``quantity, estimated`` and the counts, each of shape (n,).

    ``known`` counts the terms of which the quantity is known; without any the sum is unknown, not zero.
    """

    keys: dict[str, np.ndarray]
    values: dict[str, np.ndarray]

    @classmethod
    def of(cls, table: pa.Table) -> Sums:
        """Return the daily sums of hourly facts of units."""
        columns = {name: table.column(name).to_numpy() for name in (*KEYS, *COUNTS, "estimated", "quantity")}
        columns["day"] = np.asarray(day_of(table.column("hour").to_numpy() + HOUR))
        known = ~np.isnan(columns["quantity"])
        columns["quantity"] = np.where(known, columns["quantity"], 0.0)
        columns["known"] = known
        return cls.summed({name: columns[name] for name in (*KEYS, "day")}, columns)

    @classmethod
    def summed(cls, keys: dict[str, np.ndarray], columns: dict[str, Any]) -> Sums:
        """Return the sums of columns over equal keys, in ascending order of unit, carrier, stack, day."""
        names = ("quantity", "estimated", *COUNTS, "known")
        n = len(keys["unit"])
        if n == 0:
            return cls(keys, {name: np.zeros(0, float if name in names[:2] else np.int64) for name in names})
        packed = _packed(keys)
        order = None if (np.diff(packed) >= 0).all() else np.argsort(packed, kind="stable")
        packed = packed if order is None else packed[order]
        starts = np.flatnonzero(np.concatenate(([True], np.diff(packed) != 0)))
        values = {}
        for name in names:
            column = columns[name] if order is None else columns[name][order]
            column = column.astype(np.float64 if name in names[:2] else np.int64, copy=False)
            values[name] = np.add.reduceat(column, starts)
        first = starts if order is None else order[starts]
        return cls({name: column[first] for name, column in keys.items()}, values)

    def plus(self, *others: Sums) -> Sums:
        """Return the sums of these and others."""
        parts = (self, *others)
        keys = {name: np.concatenate([p.keys[name] for p in parts]) for name in self.keys}
        values = {name: np.concatenate([p.values[name] for p in parts]) for name in self.values}
        return Sums.summed(keys, values)

    def only(self, chosen: np.ndarray) -> Sums:
        """Return the sums of some rows."""
        return Sums({k: v[chosen] for k, v in self.keys.items()}, {k: v[chosen] for k, v in self.values.items()})

    def day_units(self) -> np.ndarray:
        """Return unit and day of each row as one number."""
        return (self.keys["unit"].astype(np.int64) << 32) | self.keys["day"].astype(np.int64)

    def up(self, tree: Tree) -> Sums:
        """Return the sums of these units and of every unit above them."""
        chain = tree.chain(self.keys["unit"])
        keys: dict[str, list[np.ndarray]] = {name: [] for name in self.keys}
        rows = []
        for units in chain:
            here = np.flatnonzero(units > 0)
            rows.append(here)
            for name, column in self.keys.items():
                keys[name].append(units[here] if name == "unit" else column[here])
        taken = np.concatenate(rows)
        columns = {name: column[taken] for name, column in self.values.items()}
        return Sums.summed({name: np.concatenate(parts) for name, parts in keys.items()}, columns)

    def table(self, tree: Tree, own: Sums | None = None) -> pa.Table:
        """Return the sums as daily facts, sorted as `unit_days_schema` says; ``own`` are those of accounts before they are summed up."""
        import pyarrow as pa

        unit = self.keys["unit"]
        columns: dict[str, Any] = {"level": tree.level[unit], "parent": tree.parent[unit], **self.keys, **self.values}
        if own is not None:
            regional = own.only(tree.level[own.keys["unit"]] > ACCOUNT)
            alone: dict[str, Any] = {**regional.keys, **regional.values}
            alone |= {
                "level": np.full(len(alone["unit"]), -1, np.int8),
                "parent": np.zeros(len(alone["unit"]), np.int32),
            }
            columns = {name: np.concatenate((columns[name], alone[name])) for name in columns}
            unit = columns["unit"]
        order = np.lexsort(
            (columns["day"], columns["stack"], columns["carrier"], unit, columns["parent"], columns["level"])
        )
        mask = (columns["known"] == 0)[order]
        schema = unit_days_schema()
        arrays = [
            pa.array(columns[field.name][order], field.type, mask=mask if field.name == "quantity" else None)
            for field in schema
        ]
        return pa.Table.from_arrays(arrays, schema=schema)

    @classmethod
    def read(cls, table: pa.Table) -> Sums:
        """Return daily facts as sums."""
        keys = {name: table.column(name).to_numpy() for name in (*KEYS, "day")}
        quantity = table.column("quantity").to_numpy()
        known = ~np.isnan(quantity)
        values = {name: table.column(name).to_numpy() for name in ("estimated", *COUNTS)}
        return cls(keys, {"quantity": np.where(known, quantity, 0.0), **values, "known": known.astype(np.int64)})


def _packed(keys: dict[str, np.ndarray]) -> np.ndarray:
    """Return the keys as one number each, in their order: unit, carrier, stack, day."""
    packed: np.ndarray = keys["unit"].astype(np.int64) << 37
    packed |= keys["carrier"].astype(np.int64) << 23
    packed |= (keys["stack"].astype(np.int64) & STACK_MASK) << 17
    packed |= keys["day"].astype(np.int64) & 0x1FFFF
    return packed
