"""Reading facts: hours of meters, hours and days of units and regions, as they are known or as they were known at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.engines.merging import days_in
from tanlu.monitor.fact_files import (
    FILL,
    METER_HOUR,
    REGION_HOUR,
    UNIT_DAY,
    UNIT_HOUR,
    FactFiles,
    Filter,
    Kind,
    Stack,
    month_of,
)
from tanlu.monitor.fill_rows import fills_schema
from tanlu.monitor.levels import ACCOUNT, COUNTS, unit_days_schema
from tanlu.monitor.meter_table import MeterTable, meter_table
from tanlu.monitor.overlay import as_known
from tanlu.monitor.registry import LEVELS
from tanlu.monitor.schema import HOUR, UnitKind, day_number, day_of, unit_hours_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.registry import Registry
    from tanlu.monitor.work import Work

Day = int | str | date
"""A civil day: its number, YYYY-MM-DD, or a date."""
_VALUES: Final = ("quantity", "estimated", *COUNTS)


def day(value: Day) -> int:
    """Return the number of a civil day.

    Raises
    ------
    ValueError
        If the text is not a date.
    """
    if isinstance(value, int):
        return value
    return day_number(value.isoformat() if isinstance(value, date) else value)


class Facts:
    """The facts of a ledger.

    Parameters
    ----------
    ledger : Ledger
    known_at : int, optional
        Moment [µs since 1970 UTC] whose knowledge of readings is asked for; what is known now where nothing is said. The registry is
        that of today.
    """

    def __init__(self, ledger: Ledger, known_at: int | None = None) -> None:
        self.ledger = ledger
        self.known_at = known_at
        self.store = FactFiles(ledger)
        self._past: dict[tuple[int, int], View] = {}

    @cached_property
    def registry(self) -> Registry:
        """The registry that these facts are read with."""
        return self.ledger.registry

    @cached_property
    def meters(self) -> MeterTable:
        """The meters as engines see them."""
        return meter_table(self.registry)

    @property
    def generation(self) -> int:
        """Generation of the facts; it rises with every change."""
        return self.ledger.catalog.meta("generation")

    def meter_hours(self, meter: str | int, start: int, end: int) -> pa.Table:
        """Return the hourly facts of a meter, fills included, from the hour that begins at ``start`` to before ``end`` [s].

        Raises
        ------
        DataError
            If a file of facts cannot be read.
        KeyError
            If there is no such meter.
        """
        number = meter if isinstance(meter, int) else self.registry.meters[meter].number
        return self.hours_of_meters([number], start, end)

    def hours_of_meters(self, meters: Sequence[int], start: int, end: int) -> pa.Table:
        """Return the same of several meters, in order of meter and hour."""
        import pyarrow as pa

        from tanlu.monitor.schema import meter_hours_schema

        first, last = _days(start, end)
        tables = [meter_hours_schema().empty_table(), *self._view(first, last).tables(METER_HOUR, first, last, meters)]
        table = _between(pa.concat_tables(tables), start, end)
        table = table.sort_by([("meter", "ascending"), ("hour", "ascending")])
        return _filled(table, _between(self.fills(first, last, meters), start, end))

    def unit_hours(self, where: str, start: int, end: int) -> pa.Table:
        """Return the hourly amounts of a unit or region by carrier, fills included, from ``start`` to before ``end`` [s].

        Returns
        -------
        Arrow table
            ``carrier, stack, hour, quantity, estimated, n_good, n_estimated, n_missing``, in that order.

        Raises
        ------
        DataError
            If a file of facts cannot be read.
        KeyError
            If there is no such unit.
        """
        import pyarrow as pa

        first, last = _days(start, end)
        tables = self._hours_of_accounts(where, first, last)
        table = _between(pa.concat_tables([unit_hours_schema().empty_table(), *tables]), start, end)
        fills = self._unit_fills(where, first, last, start, end)
        return _grouped(table, fills, ("carrier", "stack", "hour"))

    def _hours_of_accounts(self, where: str, first: int, last: int) -> Iterator[pa.Table]:
        """Yield the hours of a region, and those of the units in which meters count for days that have no hours of regions."""
        import pyarrow as pa

        view = self._view(first, last)
        own = self.registry.units[where]
        summed: set[int] = set()
        if LEVELS.index(own.kind) > ACCOUNT:
            summed = view.days(REGION_HOUR, first, last)
            yield from view.tables(REGION_HOUR, first, last, [own.number])
        left = view.days(UNIT_HOUR, first, last) - summed
        if left:
            units = self.accounts(where)
            keys = None if len(units) > _MANY else units
            for table in view.tables(UNIT_HOUR, first, last, keys, only=left):
                few = keys is not None
                yield table if few else table.filter(pa.array(np.isin(table.column("unit").to_numpy(), units)))

    def unit_days(self, where: str, start: Day, end: Day, level: UnitKind | str | None = None) -> pa.Table:
        """Return the daily facts of a unit or region, or of all units of a level in it, from the first to the last day.

        Returns
        -------
        Arrow table
            As `tanlu.monitor.levels.unit_days_schema`.

        Raises
        ------
        DataError
            If a file of facts cannot be read.
        KeyError
            If there is no such unit.
        """
        import pyarrow as pa

        registry = self.registry
        if level is None:
            units = [registry.units[where]]
        else:
            kind = UnitKind(level)
            units = [u for u in registry.below(where) if u.kind is kind]
        first, last = day(start), day(end)
        parents = sorted({registry.units[u.parent].number if u.parent else 0 for u in units})
        levels = sorted({LEVELS.index(u.kind) for u in units})
        chosen = [("level", "in", levels), ("parent", "in", parents)]
        if len(units) <= _FEW:
            chosen.append(("unit", "in", [u.number for u in units]))
        tables = self._view(first, last).tables(UNIT_DAY, month_of(first), last, where=chosen)
        numbers = [u.number for u in units]
        # only the first and the last month hold days that were not asked for
        found = [_of_days(table, first, last, numbers) for table in tables]
        return pa.concat_tables([unit_days_schema().empty_table(), *found])

    def accounts(self, where: str) -> list[int]:
        """Return the numbers of the units in and below a unit or region in whose facts meters count."""
        registry = self.registry
        return sorted({u.number for u in registry.below(where)} & self.meters.units)

    def fills(self, first: int, last: int, meters: Iterable[int] | None = None) -> pa.Table:
        """Return the fills of days from first to last."""
        import pyarrow as pa

        tables = self._view(first, last).tables(FILL, month_of(first), last, meters)
        table = pa.concat_tables([fills_schema().empty_table(), *tables])
        days = days_in(table)
        return table.filter(pa.array((days >= first) & (days <= last)))

    def _unit_fills(self, where: str, first: int, last: int, start: int, end: int) -> pa.Table:
        """Return the fills of the units in and below a unit or region as hourly facts of units."""
        import pyarrow as pa

        m = self.meters
        few = self.registry.counts[where][1] <= _MANY
        units = self.accounts(where) if few else []
        meters = m.meter[np.isin(m.unit, units)].tolist() if few else None
        fills = _between(self.fills(first, last, meters), start, end)
        if len(fills) == 0:
            return unit_hours_schema().empty_table()
        units = units or self.accounts(where)
        row = m.position[fills.column("meter").to_numpy()]
        keep = np.isin(m.unit[row], units)
        fills, row = fills.filter(pa.array(keep)), row[keep]
        days, stack = days_in(fills), np.zeros(len(row), np.int8)
        for number in np.unique(days).tolist():
            stack[days == number] = m.stack(number)[row[days == number]]
        slots = fills.column("slots").to_numpy().astype(np.int32)
        moved = fills.column("quantity").to_numpy()
        amount = pa.array(moved, mask=(slots == 0) & (moved == 0))
        columns = [
            m.unit[row],
            m.carrier[row],
            stack,
            fills.column("hour"),
            amount,
            fills.column("quantity"),
            slots * 0,
            slots,
            -slots,
        ]
        return pa.table(dict(zip(unit_hours_schema().names, columns, strict=True))).cast(unit_hours_schema())

    def _view(self, first: int, last: int) -> View:
        """Return the files that answer for days from first to last: those of today, or what they were with the knowledge of a moment."""
        if self.known_at is None:
            return View(self.store, None)
        if (first, last) not in self._past:
            self._past[first, last] = View(*as_known(self.ledger, self.known_at, first, last))
        return self._past[first, last]


@dataclass(frozen=True)
class View:
    """Files of facts, and what lies over them."""

    store: FactFiles
    work: Work | None
    _stacks: dict[tuple[str, int, int], dict[int, Stack]] = field(default_factory=dict)

    def stacks(self, kind: Kind, first: int, last: int) -> dict[int, Stack]:
        """Return what counts, by day (of a month its first)."""
        asked = (kind.name, first, last)
        if asked not in self._stacks:
            self._stacks[asked] = self._listed(kind, first, last)
        return self._stacks[asked]

    def _listed(self, kind: Kind, first: int, last: int) -> dict[int, Stack]:
        stacks = self.store.stacks(kind, first, last)
        if self.work is not None:
            stacks |= {
                day: stack
                for (name, day), stack in self.work.fresh.items()
                if name == kind.name and first <= day <= last
            }
        return stacks

    def days(self, kind: Kind, first: int, last: int) -> set[int]:
        """Return the days of which there are rows."""
        return set(self.stacks(kind, first, last))

    def tables(
        self,
        kind: Kind,
        first: int,
        last: int,
        keys: Iterable[int] | None = None,
        where: Filter | None = None,
        only: set[int] | None = None,
    ) -> list[pa.Table]:
        """Return the rows of days or months from first to last, or of some of them."""
        stacks = self.stacks(kind, first, last)
        chosen = None if keys is None else list(keys)
        wanted = sorted(stacks if only is None else only & stacks.keys())

        def read(day: int) -> pa.Table | None:
            return self.store.read(kind, stacks[day], chosen, where)

        if len(wanted) < _SIDE_BY_SIDE:
            return [table for day in wanted if (table := read(day)) is not None]
        with ThreadPoolExecutor(_READERS, thread_name_prefix="facts") as pool:
            return [table for table in pool.map(read, wanted) if table is not None]


_FEW: Final = 16
"""Units up to which the groups of rows that may hold them are told one by one."""
_MANY: Final = 1000
_SIDE_BY_SIDE: Final = 6
"""Files from which on they are read side by side."""
_READERS: Final = 2


def _days(start: int, end: int) -> tuple[int, int]:
    return int(day_of(start + HOUR)), int(day_of(end))


def _of_days(table: pa.Table, first: int, last: int, units: Sequence[int]) -> pa.Table:
    import pyarrow as pa

    days, unit = table.column("day").to_numpy(), table.column("unit").to_numpy()
    keep = (days >= first) & (days <= last) & np.isin(unit, units)
    return table if keep.all() else table.filter(pa.array(keep))


def _between(table: pa.Table, start: int, end: int) -> pa.Table:
    import pyarrow as pa

    hours = table.column("hour").to_numpy()
    keep = (hours >= start) & (hours < end)
    return table if keep.all() else table.filter(pa.array(keep))


def _filled(facts: pa.Table, fills: pa.Table) -> pa.Table:
    """Return the facts of meters with fills added; both in order of meter and hour."""
    from tanlu.monitor.engines.columns import meter_hours_table

    if len(fills) == 0:
        return facts
    columns = {name: np.array(facts.column(name).to_numpy()) for name in facts.schema.names}
    known = ~np.isnan(columns["quantity"])
    columns["quantity"][~known] = 0.0
    key = (columns["meter"].astype(np.int64) << 36) | (columns["hour"] // HOUR)
    added = (fills.column("meter").to_numpy().astype(np.int64) << 36) | (fills.column("hour").to_numpy() // HOUR)
    at = np.searchsorted(key, added)
    amount, slots = fills.column("quantity").to_numpy(), fills.column("slots").to_numpy()
    columns["quantity"][at] += amount
    columns["estimated"][at] += amount
    columns["n_estimated"][at] += slots
    columns["n_missing"][at] -= slots
    known[at] |= slots > 0
    names = ("estimated", *COUNTS)
    return meter_hours_table(
        [columns["meter"], columns["hour"], columns["quantity"], known, *(columns[n] for n in names)]
    )


def _grouped(facts: pa.Table, fills: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Return sums of facts and fills by some columns; a sum of which no term is known is unknown."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.concat_tables([facts, fills])
    options = pc.ScalarAggregateOptions(min_count=1)
    sums = table.group_by(list(keys)).aggregate([(name, "sum", options) for name in _VALUES])
    columns = [*(sums.column(k) for k in keys), *(sums.column(f"{name}_sum") for name in _VALUES)]
    return pa.table(columns, names=[*keys, *_VALUES]).sort_by([(k, "ascending") for k in keys])
