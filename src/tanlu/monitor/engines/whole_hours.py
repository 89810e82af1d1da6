"""Hours that a register tells whole, straight from its two ends; only what is left of a day goes through the operators one by one.

Let a register be read at the begin and at the end of an hour, and let it rise at every reading between them by no more than the rating
allows, none of these readings being estimated. Then no span inside is doubtful, falls or leaves the hour, so that *difference* keeps each,
*spread* gives each to this hour, and the sums of *hourly* telescope: the amount is the rise from end to end, the slots are those between
the ends, and nothing is missing that *resample* could complete. No other span touches the hour, because the spans of a register follow
each other. So the hour is known, and its readings say nothing about any other hour, but for the one at its end.

What is not a register, is silent, falls or leaps takes the way of the operators. They see the end of each run of whole hours in place of
its readings: the span that seems to end there covers whole hours only and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.engines.base import start_of
from tanlu.monitor.engines.columns import COLUMNS, meter_hours_table
from tanlu.monitor.operators.templates import REGISTER
from tanlu.monitor.schema import DAY, HOUR, Quality

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable

HOURS: Final = DAY // HOUR
_SURELY_WITHIN: Final = 1 - 1e-9
"""Rates are told in floating point: what is this close to the limit is left to the operators, which compare whole numbers."""


def in_cells(readings: pa.Table, meters: MeterTable, day: int) -> pa.Table:
    """Return readings of known meters with ``cell`` (row of the meter × 24 + hour) and ``since``, the seconds since the hour began.

    Readings of other days lie in cell −1, after no second.
    """
    import pyarrow as pa

    meter, ts = (readings.column(name).to_numpy() for name in ("meter", "ts"))
    passed = ts - (start_of(day) + 1)
    inside = (passed >= 0) & (passed < DAY)
    seconds = np.where(inside, passed, 0).astype(np.int32)
    hour = seconds // HOUR
    cell = np.where(inside, meters.position[meter] * np.int32(HOURS) + hour, -1).astype(np.int32)
    since = np.where(inside, seconds - hour * np.int32(HOUR) + 1, 0).astype(np.int32)
    return readings.append_column("cell", pa.array(cell)).append_column("since", pa.array(since))


def whole_hours(day: int, readings: str = "given", meters: str = "meters") -> str:
    """Return the SQL of the whole hours of a civil day, ``cell, last, quantity, slots``, from readings in cells that stand in order.

    Readings that cannot belong to a whole hour are left out first; where one was left out, the seconds of the hour do not add up.
    """
    # a row before the first belongs to no meter
    before = ", ".join(
        f"LAG({c}, 1, {v}) OVER () AS {c}0" for c, v in (("meter", -1), ("ts", 0), ("value", 0), ("quality", 0))
    )
    sure = int(Quality.ESTIMATED)
    hour = f"({start_of(day)} + h.cell % {HOURS} * {HOUR})"
    return f"""
SELECT h.cell AS cell, h.last AS last, CAST(h.last - h.first AS DOUBLE) * m.scale AS quantity,
       ({hour} + {HOUR}) // m.step - {hour} // m.step AS slots
FROM (SELECT cell, ANY_VALUE(meter) AS meter, MIN(value0) AS first, MAX(value) AS last, SUM(CAST(ts - ts0 AS DOUBLE)) AS seconds,
             MAX((value - value0) / (ts - ts0)) AS fastest
      FROM (SELECT meter, ts, value, quality, cell, since, {before} FROM {readings}) s
      WHERE meter0 = meter AND ts - ts0 <= since AND quality < {sure} AND quality0 < {sure} AND value0 >= 0 AND value >= value0
      GROUP BY cell) h JOIN {meters} m ON m.meter = h.meter
WHERE h.seconds = {HOUR} AND m.kind = {REGISTER} AND (m.roll = 0 OR h.last < m.roll)
  AND (m.most = 0 OR h.fastest * {HOUR} <= m.most * {_SURELY_WITHIN})
  AND m.valid_from <= {hour} AND m.valid_to >= {hour} + {HOUR}"""


@dataclass(frozen=True)
class WholeHours:
    """The whole hours of a day, in cells: row of the meter × 24 + hour.

    Parameters
    ----------
    meters : MeterTable
    day : int
    cell : array of int64, shape (n,)
    quantity : array of float64, shape (n,)
        In the unit of the carrier.
    slots : array of int64, shape (n,)
    last : array of int64, shape (n,)
        What the register shows at the end.
    known : array of bool, shape (meters × 24,)
        Which cells are whole.
    """

    meters: MeterTable
    day: int
    cell: np.ndarray
    quantity: np.ndarray
    slots: np.ndarray
    last: np.ndarray
    known: np.ndarray

    @classmethod
    def none(cls, meters: MeterTable, day: int) -> WholeHours:
        """Return a day without whole hours."""
        nothing = np.empty(0, np.int64)
        return cls(meters, day, nothing, np.empty(0), nothing, nothing, np.zeros(len(meters) * HOURS, bool))

    @classmethod
    def of(cls, found: pa.Table, meters: MeterTable, day: int) -> WholeHours:
        """Take what `whole_hours` found."""
        cell, quantity, slots, last = (found.column(name).to_numpy() for name in ("cell", "quantity", "slots", "last"))
        known = np.zeros(len(meters) * HOURS, bool)
        known[cell] = True
        return cls(meters, day, cell, quantity, slots, last, known)

    def others(self, readings: pa.Table) -> pa.Table:
        """Return the readings (in cells) that lie in no whole hour, in their order."""
        import pyarrow as pa

        cell = readings.column("cell").to_numpy()
        return readings.filter(pa.array(~self.known[cell] | (cell < 0)))

    def ends(self) -> pa.Table:
        """Return the last reading of each run of whole hours: ``meter, ts, value, quality``, in order."""
        import pyarrow as pa

        grid = self.known.reshape(-1, HOURS)
        goes_on = np.zeros_like(grid)
        goes_on[:, :-1] = grid[:, 1:]
        shown = np.zeros(grid.size, np.int64)
        shown[self.cell] = self.last
        at = np.flatnonzero(self.known & ~goes_on.ravel())
        row, hour = np.divmod(at, HOURS)
        ts = start_of(self.day) + (hour + 1) * HOUR
        columns = (self.meters.meter[row], ts, shown[at], np.full(len(at), int(Quality.GOOD), np.int8))
        return pa.table(dict(zip(COLUMNS, columns, strict=True)))


def merged(readings: pa.Table, more: pa.Table) -> pa.Table:
    """Return two tables of readings, each in order of meter and stamp, as one in order."""
    import pyarrow as pa

    at = np.searchsorted(_place(readings), _place(more))
    return pa.table({n: np.insert(readings.column(n).to_numpy(), at, more.column(n).to_numpy()) for n in COLUMNS})


def _place(readings: pa.Table) -> np.ndarray:
    """Return meter and stamp as one number."""
    return np.asarray((readings.column("meter").to_numpy().astype(np.int64) << 40) | readings.column("ts").to_numpy())


@dataclass(frozen=True)
class HoursDue:
    """The hours of a day in which meters are valid, in order of meter and hour, as arrays of one length.

    Parameters
    ----------
    day : int
    meter : array of int32
    hour : array of int64
        First second.
    fill : array of int8
    expected : array of int64
        Slots that are due.
    cell : array of int64
    place : array of int64, shape (meters × 24,)
        Where each cell stands, −1 where it is not due.
    """

    day: int
    meter: np.ndarray
    hour: np.ndarray
    fill: np.ndarray
    expected: np.ndarray
    cell: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, found: pa.Table, meters: MeterTable, day: int) -> HoursDue:
        """Take ``meter, hour, fill, expected`` of a day."""
        meter, hour, fill, expected = (found.column(n).to_numpy() for n in ("meter", "hour", "fill", "expected"))
        cell = cells(meters, day, meter, hour)
        place = np.full(len(meters) * HOURS, -1, np.int64)
        place[cell] = np.arange(len(cell))
        return cls(day, meter, hour, fill, expected, cell, place)

    def on(self, day: int) -> HoursDue:
        """Return the same hours on another day."""
        return self if day == self.day else replace(self, day=day, hour=self.hour + (day - self.day) * DAY)

    def without(self, whole: WholeHours) -> pa.Table:
        """Return the hours that are not whole: ``meter, hour, fill, expected``."""
        import pyarrow as pa

        others = np.flatnonzero(~whole.known[self.cell])
        return pa.table({name: getattr(self, name)[others] for name in ("meter", "hour", "fill", "expected")})

    def facts(self, whole: WholeHours, others: pa.Table) -> pa.Table:
        """Return the facts of all hours from the whole ones and from those of the others, in any order."""
        n = len(self.cell)
        quantity, estimated = np.empty(n), np.zeros(n)
        good, guessed, missing = (np.zeros(n, np.int16) for _ in range(3))
        at = self.place[whole.cell]
        quantity[at], good[at] = whole.quantity, whole.slots
        found = {name: others.column(name).to_numpy() for name in others.column_names}
        at = self.place[cells(whole.meters, self.day, found["meter"], found["hour"])]
        quantity[at], estimated[at] = found["quantity"], found["estimated"]
        good[at], guessed[at], missing[at] = found["n_good"], found["n_estimated"], found["n_missing"]
        return meter_hours_table(
            [self.meter, self.hour, quantity, ~np.isnan(quantity), estimated, good, guessed, missing]
        )


def cells(meters: MeterTable, day: int, meter: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """Return the cells of meters that are in the table and of hours of the day."""
    return np.asarray(meters.position[meter].astype(np.int64) * HOURS + (hour - start_of(day)) // HOUR)
