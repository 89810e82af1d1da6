"""Facts being made: days computed whole, single meters and days, what both change above them, and the files of all of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.changes import LedgerSource, Reach, Window, compute
from tanlu.monitor.engines.base import DayFacts, Edges, Engine, Late
from tanlu.monitor.engines.merging import by_unit, days_in, lend
from tanlu.monitor.fact_files import (
    METER_HOUR,
    PATCHES,
    REGION_HOUR,
    UNIT_DAY,
    UNIT_HOUR,
    FactFiles,
    Kind,
    Stack,
    month_of,
)
from tanlu.monitor.fill_rows import fill_sums
from tanlu.monitor.fills import FillStore
from tanlu.monitor.levels import ACCOUNT, Sums, Tree, tree_of
from tanlu.monitor.meter_table import MeterTable, meter_table
from tanlu.monitor.region_hours import region_hours

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.catalog import FactFile
    from tanlu.monitor.ledger import Ledger

BULK: Final = 0.2
"""Share of the meters above which a day is computed whole."""
Progress = Callable[[int, int], None]
"""Called with the days done and the days there are."""


def silent(done: int, total: int) -> None:
    """Stand for progress that nobody watches."""


@dataclass
class Work:
    """Facts being made: files written so far, and what they change in days and months.

    Parameters
    ----------
    ledger : Ledger
    engine : Engine
    store : FactFiles
        Where files are read and written.
    progress : callable
    known_at : int or None
        Moment [µs] whose knowledge of readings is used.
    """

    ledger: Ledger
    engine: Engine
    store: FactFiles
    progress: Progress = silent
    known_at: int | None = None
    files: list[FactFile] = field(default_factory=list)
    rows: int = 0
    done: int = 0
    touched: int = 0

    def __post_init__(self) -> None:
        self.began = time.perf_counter()
        registry = self.ledger.registry
        self.meters: MeterTable = meter_table(registry)
        self.tree: Tree = tree_of(registry)
        self.source = LedgerSource(self.ledger, self.known_at)
        self.reach = Reach(self.source, self.meters)
        self.fills = FillStore(self.store, self.meters)
        self._whole_days: dict[int, dict[int, Sums]] = {}
        self._keys: dict[int, set[int]] = {}
        """Units by day whose daily facts change."""
        self.fresh: dict[tuple[str, int], Stack] = {}
        """What was written and is not listed yet, by kind and day."""

    def all_days(self) -> list[int]:
        """Return the days from the first to the last of the ledger, those without readings included."""
        return list(range(self.reach.first, self.reach.last + 1))

    def lacking(self) -> list[int]:
        """Return the days that have no facts yet."""
        have = self.store.stacks(METER_HOUR, self.reach.first, self.reach.last)
        return [day for day in self.all_days() if day not in have or have[day].whole is None]

    def bulk(self, windows: Iterable[Window]) -> list[int]:
        """Return the days that are computed whole: new ones, and those of which many meters are touched."""
        counts: dict[int, int] = {}
        for w in windows:
            for day in range(w.first, w.last + 1):
                counts[day] = counts.get(day, 0) + len(w.meters)
        many = {day for day, count in counts.items() if count > BULK * max(len(self.meters), 50)}
        return sorted(many | set(self.lacking()))

    def stack(self, kind: Kind, day: int) -> Stack:
        """Return what counts of a day once this work is listed."""
        known = self.fresh.get((kind.name, day))
        return known or self.store.stacks(kind, day, day).get(day) or Stack(day, None, ())

    def put(self, kind: Kind, day: int, table: pa.Table) -> None:
        """Write the whole file of a day or month."""
        self._written(kind, day, self.store.write(kind, day, table))

    def _written(self, kind: Kind, day: int, file: FactFile) -> None:
        """Take note of a whole file."""
        self.files = [f for f in self.files if (f.day, f.kind.partition("+")[0]) != (day, kind.name)]
        self.files.append(file)
        self.fresh[kind.name, day] = Stack(day, file, ())

    def patch(self, kind: Kind, day: int, table: pa.Table) -> None:
        """Lay rows over a file, or write it anew when there is none or too many patches lie on it."""
        stack = self.stack(kind, day)
        place = len(stack.patches) + 1
        file = self.store.write(kind, day, table, place)
        laid = Stack(day, stack.whole, (*stack.patches, file))
        # a patch counts by being younger than the file below it: not over a file of this very work
        if stack.whole is None or stack.whole in self.files or place > PATCHES:
            merged = self.store.read(kind, laid)
            assert merged is not None
            self.put(kind, day, merged)
        else:
            self.files.append(file)
            self.fresh[kind.name, day] = laid

    def whole(self, days: Sequence[int]) -> None:
        """Compute days whole, run by run."""
        for run in _consecutive(days):
            edges = None
            if run[0] > self.reach.first or run[-1] < self.reach.last:
                edges = Edges(*self.reach.around(Window(run[0], run[-1], self.meters.meter)))
            self._run(run, edges, len(days))

    def _run(self, run: Sequence[int], edges: Edges | None, total: int) -> None:
        with (
            ThreadPoolExecutor(1, thread_name_prefix="facts") as pool,
            ThreadPoolExecutor(1, thread_name_prefix="meters") as beside,
        ):
            waiting: Future[Sums] | None = None
            last = -1
            for piece in self.engine.days(self.source, self.meters, run, edges):
                if waiting is not None:
                    self._keep(last, waiting.result())
                    waiting = None
                if isinstance(piece, Late):
                    self._lent(piece)
                    continue
                self.rows += piece.readings
                self.done += 1
                self.fills.see(piece.meters)
                waiting, last = pool.submit(self._write_day, piece, beside), piece.day
                self.progress(self.done, total)
            if waiting is not None:
                self._keep(last, waiting.result())

    def _write_day(self, facts: DayFacts, beside: Executor | None = None) -> Sums:
        """Write the hours of a day, those of meters beside the others where there is somebody to do it, and sum them up."""
        if beside is None:
            self.put(METER_HOUR, facts.day, facts.meters)
        else:
            meters = beside.submit(self.store.write, METER_HOUR, facts.day, facts.meters)
        self.put(UNIT_HOUR, facts.day, facts.units)
        self.put(REGION_HOUR, facts.day, region_hours(facts.units, self.tree, facts.day))
        sums = Sums.of(facts.units)
        if beside is not None:
            self._written(METER_HOUR, facts.day, meters.result())
        return sums

    def _keep(self, day: int, sums: Sums) -> None:
        self._whole_days.setdefault(month_of(day), {})[day] = sums

    def _lent(self, late: Late) -> None:
        """Add what a later reading lends to a day that was written."""
        facts = self.store.read(METER_HOUR, self.stack(METER_HOUR, late.day))
        assert facts is not None
        merged = lend(facts, late.parts)
        lent = np.isin(merged.column("meter").to_numpy(), late.parts.column("meter").to_numpy())
        self.fills.see(_where(merged, lent))
        self._keep(late.day, self._write_day(DayFacts(late.day, merged, by_unit(merged, self.meters, late.day), 0)))

    def some(self, windows: Iterable[Window]) -> None:
        """Compute some meters and days."""
        fresh: dict[int, list[pa.Table]] = {}
        for window in windows:
            facts = compute(self.engine, self.reach, window)
            self.fills.see(facts)
            days = days_in(facts)
            for day in np.unique(days).tolist():
                fresh.setdefault(day, []).append(_where(facts, days == day))
                self.touched += len(window.meters)
        for day, tables in sorted(fresh.items()):
            self._patch_day(day, tables)

    def _patch_day(self, day: int, tables: Sequence[pa.Table]) -> None:
        import pyarrow as pa

        facts = pa.concat_tables(tables).sort_by([("meter", "ascending"), ("hour", "ascending")])
        self.patch(METER_HOUR, day, facts)
        rows = self.meters.position[np.unique(facts.column("meter").to_numpy())]
        units = np.unique(self.meters.unit[rows])
        units = units[units >= 0]
        if len(units) == 0:
            return
        mates = self.meters.meter[np.isin(self.meters.unit, units)]
        all_facts = self.store.read(METER_HOUR, self.stack(METER_HOUR, day), mates)
        assert all_facts is not None
        hours = by_unit(all_facts, self.meters, day)
        self.patch(UNIT_HOUR, day, _where(hours, np.isin(hours.column("unit").to_numpy(), units)))
        self._patch_regions(day, units)
        self._keys.setdefault(day, set()).update(units.tolist())

    def _patch_regions(self, day: int, units: np.ndarray) -> None:
        """Lay the hours of the regions above units that changed over the day; all regions of a day that has none yet."""
        hours = self.store.read(UNIT_HOUR, self.stack(UNIT_HOUR, day))
        assert hours is not None
        table = region_hours(hours, self.tree, day)
        if self.stack(REGION_HOUR, day).whole is None:
            self.put(REGION_HOUR, day, table)
            return
        above = np.concatenate(self.tree.chain(units))
        self.patch(REGION_HOUR, day, _where(table, np.isin(table.column("unit").to_numpy(), above)))

    def change(self, keys: Mapping[int, np.ndarray], within: tuple[int, int] | None = None) -> None:
        """Compute what dirty keys (meters by day) touch, and the days that have no facts yet; only days inside some limits."""
        first, last = within or (self.reach.first, self.reach.last)
        reached = self.reach.windows(keys)
        windows = [
            Window(max(w.first, first), min(w.last, last), w.meters)
            for w in reached
            if w.first <= last and w.last >= first
        ]
        bulk = [day for day in self.bulk(windows) if first <= day <= last]
        self.whole(bulk)
        self.some(_outside(windows, set(bulk)))

    def finish(self) -> None:
        """Fill gaps and sum up days."""
        for day, units in self.fills.update(self).items():
            self._keys.setdefault(day, set()).update(units)
        self._sum_days()

    def _sum_days(self) -> None:
        months = {month_of(day) for day in self._keys} | set(self._whole_days)
        for month in sorted(months):
            whole = self._whole_days.get(month, {})
            some = {day: units for day, units in self._keys.items() if month_of(day) == month and day not in whole}
            self._sum_month(month, whole, some)

    def _sum_month(self, month: int, whole: Mapping[int, Sums], some: Mapping[int, set[int]]) -> None:
        """Write daily facts: whole days with all units, of others only the units that changed and those above them."""
        parts = [*whole.values()]
        kept = self._accounts(month, set(whole))
        for day, units in sorted(some.items()):
            hours = self.store.read(UNIT_HOUR, self.stack(UNIT_HOUR, day), units)
            assert hours is not None
            parts.append(Sums.of(hours))
        fills = self.fills.rows(self, month)
        if not parts:
            return
        changed = parts[0].plus(*parts[1:])
        keys = changed.day_units()
        filled = fill_sums(fills, self.meters)
        changed = changed.plus(filled.only(np.isin(filled.day_units(), keys)))
        others = kept.only(~np.isin(kept.day_units(), keys)) if kept is not None else None
        everything = changed if others is None else others.plus(changed)
        if kept is None or len(whole) > 2 or self.stack(UNIT_DAY, month).whole is None:
            self.put(UNIT_DAY, month, everything.up(self.tree).table(self.tree, everything))
            return
        days = np.unique(changed.keys["day"])
        upper = everything.only(np.isin(everything.keys["day"], days)).up(self.tree)
        above = _above(self.tree, keys)
        own = everything.only(np.isin(everything.day_units(), above))
        self.patch(UNIT_DAY, month, upper.only(np.isin(upper.day_units(), above)).table(self.tree, own))

    def _accounts(self, month: int, without: set[int]) -> Sums | None:
        """Return the daily facts of a month, of accounts only, that stand already, but for some days."""
        table = self.store.read(UNIT_DAY, self.stack(UNIT_DAY, month))
        if table is None:
            return None
        keep = (table.column("level").to_numpy() <= ACCOUNT) & ~np.isin(table.column("day").to_numpy(), list(without))
        return Sums.read(_where(table, keep))


def _outside(windows: Iterable[Window], bulk: set[int]) -> Iterator[Window]:
    """Yield the parts of windows that lie outside days that are computed whole."""
    for w in windows:
        start: int | None = None
        for day in range(w.first, w.last + 2):
            inside = day <= w.last and day not in bulk
            if inside and start is None:
                start = day
            elif not inside and start is not None:
                yield Window(start, day - 1, w.meters)
                start = None


def _above(tree: Tree, keys: np.ndarray) -> np.ndarray:
    """Return units and days with all units above them, packed as `Sums.day_units`."""
    days = keys & 0xFFFFFFFF
    chains = (np.where(up > 0, (up.astype(np.int64) << 32) | days, -1) for up in tree.chain(keys >> 32))
    return np.unique(np.concatenate(list(chains)))


def _where(table: pa.Table, keep: np.ndarray) -> pa.Table:
    import pyarrow as pa

    return table.filter(pa.array(keep))


def _consecutive(days: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for day in sorted(days):
        if run and day != run[-1] + 1:
            yield run
            run = []
        run.append(day)
    if run:
        yield run
