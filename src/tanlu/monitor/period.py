"""What meters did in some days, as arrays that checks can use: hourly amounts from the facts, and a pass over the single readings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.registry import KIND_CODES, Registry
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, USABLE, MeterKind, Quality

if TYPE_CHECKING:
    from collections.abc import Callable

    from tanlu.monitor.ledger import Ledger

Array = NDArray[np.float64]
HOURS_A_DAY: Final = DAY // HOUR
_CHUNK: Final = 1 << 19
"""Readings looked at at once; they bound the memory of a pass."""
DROP_FIELDS: Final = ("meter", "ts", "before", "after")


@dataclass(frozen=True)
class Period:
    """Meters over some days.

    Parameters
    ----------
    registry : Registry
    first, last : int
        Days, by number, both included.
    meters : array of int32, shape (m,)
        Numbers of the meters, ascending; rows of the arrays.
    quantity : array of float32, shape (m, hours)
        Amount of the hour in the unit of the carrier; nan where nothing is known.
    good, estimated, missing : arrays of uint16, shape (m, hours)
        Slots of the hour by how they are known.
    """

    registry: Registry
    first: int
    last: int
    meters: NDArray[np.int32]
    quantity: NDArray[np.float32]
    good: NDArray[np.uint16]
    estimated: NDArray[np.uint16]
    missing: NDArray[np.uint16]

    @property
    def begin(self) -> int:
        """First second of the period (UTC)."""
        return self.first * DAY - CIVIL_OFFSET

    @property
    def end(self) -> int:
        """Last stamp of the period (UTC)."""
        return (self.last + 1) * DAY - CIVIL_OFFSET

    @property
    def days(self) -> int:
        """Number of days."""
        return self.last - self.first + 1

    @cached_property
    def row(self) -> dict[int, int]:
        """Row of a meter by its number."""
        return {int(number): row for row, number in enumerate(self.meters)}

    @cached_property
    def columns(self) -> dict[str, NDArray[Any]]:
        """Columns of the registry for the rows of the period."""
        return {name: column[self.meters] for name, column in self.registry.columns().items()}

    @cached_property
    def expected(self) -> Array:
        """Slots that each meter should have filled, shape (m,), within its validity."""
        c = self.columns
        inside = np.minimum(c["valid_to"], self.end) - np.maximum(c["valid_from"], self.begin)
        return np.asarray(np.maximum(inside, 0) / np.maximum(c["step"], 1))


def read_period(ledger: Ledger, first: int, last: int, meters: NDArray[np.int32] | None = None) -> Period:
    """Read the hourly facts of meters.

    Parameters
    ----------
    ledger : Ledger
    first, last : int
        Days, by number.
    meters : array of int32, optional
        Numbers; all where nothing is said.

    Raises
    ------
    DataError
        If a file of facts cannot be read.
    """
    from tanlu.monitor.fact_files import METER_HOUR, FactFiles

    registry = ledger.registry
    every = np.array(sorted(registry.meters_by_number), dtype=np.int32)
    chosen = every if meters is None else np.unique(np.asarray(meters, dtype=np.int32))
    hours = (last - first + 1) * HOURS_A_DAY
    quantity = np.full((len(chosen), hours), np.nan, dtype=np.float32)
    counts = {name: np.zeros((len(chosen), hours), dtype=np.uint16) for name in ("n_good", "n_estimated", "n_missing")}
    begin = first * DAY - CIVIL_OFFSET
    place = np.full(int(max(every, default=0)) + 1, -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    facts = FactFiles(ledger)
    for stack in facts.stacks(METER_HOUR, first, last).values():
        table = facts.read(METER_HOUR, stack, None if meters is None else chosen)
        if table is None:
            continue
        rows = place[table.column("meter").to_numpy()]
        hour = (table.column("hour").to_numpy() - begin) // HOUR
        kept = (rows >= 0) & (hour >= 0) & (hour < hours)
        where = (rows[kept], hour[kept])
        quantity[where] = table.column("quantity").to_numpy(zero_copy_only=False)[kept]
        for name, array in counts.items():
            array[where] = table.column(name).to_numpy()[kept]
    return Period(registry, first, last, chosen, quantity, counts["n_good"], counts["n_estimated"], counts["n_missing"])


@dataclass(frozen=True)
class Scan:
    """What a pass over the single readings of a period found, by row of the period.

    Parameters
    ----------
    readings, off_grid, repeated : arrays of int64, shape (m,)
        Readings, those whose stamp is not on the grid of the step, and those that a second one of the same stamp contradicts or repeats.
    offset : array of int64, shape (m,)
        Largest distance of a stamp from the grid [s].
    run : array of int64, shape (m,)
        Longest stretch of equal values, in readings.
    run_end : array of int64, shape (m,)
        Stamp of its end.
    stopped : array of bool, shape (m, hours)
        Hours in which a reading says that the source stands.
    drops : dict of arrays
        ``meter`` (row), ``ts``, ``before``, ``after`` (whole numbers) of every fall of a register.
    """

    readings: NDArray[np.int64]
    off_grid: NDArray[np.int64]
    repeated: NDArray[np.int64]
    offset: NDArray[np.int64]
    run: NDArray[np.int64]
    run_end: NDArray[np.int64]
    stopped: NDArray[np.bool_]
    drops: dict[str, NDArray[np.int64]]


class Scanner:
    """Takes the readings of a period day by day, in order, and remembers the last one of each meter."""

    def __init__(self, period: Period) -> None:
        m = len(period.meters)
        self.period = period
        self._place = np.full(int(max(period.meters, default=0)) + 2, -1, dtype=np.int64)
        self._place[period.meters] = np.arange(m)
        self._step = period.columns["step"].astype(np.int64)
        self._register = period.columns["kind"] == KIND_CODES[MeterKind.REGISTER]
        self._last = np.full(m, -1, dtype=np.int64)
        self._running = np.zeros(m, dtype=np.int64)
        zeros = [np.zeros(m, dtype=np.int64) for _ in range(6)]
        self.readings, self.off_grid, self.repeated, self.offset, self.run, self.run_end = zeros
        self.stopped = np.zeros((m, period.days * HOURS_A_DAY), dtype=bool)
        self._drops: list[tuple[NDArray[np.int64], ...]] = []

    def take(self, meter: NDArray[Any], ts: NDArray[Any], value: NDArray[Any], quality: NDArray[Any]) -> None:
        """Take readings of a day, sorted by meter and stamp; a day may come in parts, cut anywhere."""
        known = meter < len(self._place)
        row = np.where(known, self._place[np.where(known, meter, 0)], -1)
        inside = row >= 0
        if not inside.all():
            row, ts, value, quality = row[inside], ts[inside], value[inside], quality[inside]
        m = len(self._last)
        self.readings += np.bincount(row, minlength=m)
        step = self._step[row]
        offset = ts % step
        offset = np.minimum(offset, step - offset)
        away = offset > 0
        if away.any():
            self.off_grid += np.bincount(row[away], minlength=m)
            np.maximum.at(self.offset, row[away], offset[away])
        halted = quality == Quality.STOPPED
        hour = (ts[halted] - 1 - self.period.begin) // HOUR
        within = (hour >= 0) & (hour < self.stopped.shape[1])
        self.stopped[row[halted][within], hour[within]] = True
        usable = quality <= USABLE
        self._follow(row[usable], ts[usable], value[usable])

    def _follow(self, row: NDArray[Any], ts: NDArray[Any], value: NDArray[Any]) -> None:
        """Compare each usable reading with the one before it of the same meter."""
        if not len(row):
            return
        begins = np.concatenate(([True], row[1:] != row[:-1]))
        before = np.concatenate(([0], value[:-1]))
        before[begins] = self._last[row[begins]]
        # a register that has not been read yet is −1, below every value
        fell = (value < before) & self._register[row]
        if fell.any():
            self._drops.append((row[fell], ts[fell], before[fell], value[fell]))
        self._runs(row, ts, value == before, begins)
        ends = np.concatenate((begins[1:], [True]))
        self._last[row[ends]] = value[ends]

    def _runs(self, row: NDArray[Any], ts: NDArray[Any], same: NDArray[np.bool_], begins: NDArray[np.bool_]) -> None:
        place = np.arange(1, len(row) + 1)
        broken = np.maximum.accumulate(np.where(same, 0, place))
        first = np.flatnonzero(begins)
        # a stretch that reaches back to the first reading of the day goes on from the day before
        start = np.repeat(first, np.diff(np.append(first, len(row)))) + 1
        length = np.where(broken >= start, place - broken + 1, place - start + 1 + self._running[row])
        ends = np.concatenate((begins[1:], [True]))
        longest = np.maximum.reduceat(length, first)
        rows = row[first]
        better = longest > self.run[rows]
        if better.any():
            at = np.array(
                [
                    f + int(np.argmax(length[f:e]))
                    for f, e in zip(first[better], np.append(first[1:], len(row))[better], strict=True)
                ]
            )
            self.run[rows[better]], self.run_end[rows[better]] = longest[better], ts[at]
        self._running[row[ends]] = length[ends]

    def repeat(self, meter: NDArray[Any]) -> None:
        """Count readings of which there is another one of the same stamp."""
        row = self._place[np.minimum(meter, len(self._place) - 1)]
        self.repeated += np.bincount(row[row >= 0], minlength=len(self._last))

    def result(self) -> Scan:
        """Return what was found."""
        parts = list(zip(*self._drops, strict=True)) or [(np.empty(0, np.int64),)] * len(DROP_FIELDS)
        drops = {name: np.concatenate(p).astype(np.int64) for name, p in zip(DROP_FIELDS, parts, strict=True)}
        return Scan(
            self.readings, self.off_grid, self.repeated, self.offset, self.run, self.run_end, self.stopped, drops
        )  # fmt: skip


def scan_readings(ledger: Ledger, period: Period, progress: Callable[[int, int], None] | None = None) -> Scan:
    """Pass over the readings of a period once, day by day; memory holds one day.

    Raises
    ------
    DataError
        If a file of readings cannot be read.
    """
    from tanlu.monitor.readings_files import read_rows

    scanner = Scanner(period)
    some = None if len(period.meters) > 1000 else period.meters
    for number, day in enumerate(range(period.first, period.last + 1)):
        table = ledger.readings(day, day, some)
        for begin in range(0, len(table), _CHUNK):
            part = table.slice(begin, _CHUNK)
            scanner.take(*(part.column(name).to_numpy() for name in ("meter", "ts", "value", "quality")))
        files = ledger.catalog.files(day, day)
        if not (len(files) == 1 and files[0].plain):
            rows = [read_rows(ledger.path / "readings", f, some) for f in files]
            keys = np.concatenate([r.keys(day) for r in rows]) if rows else np.empty(0, np.int64)
            meters = np.concatenate([r.meter for r in rows]) if rows else np.empty(0, np.int32)
            order = np.argsort(keys, kind="stable")
            again = np.flatnonzero(np.diff(keys[order]) == 0)
            scanner.repeat(meters[order][again])
        if progress:
            progress(number + 1, period.days)
    return scanner.result()
