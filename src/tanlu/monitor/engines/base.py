"""What every engine takes and gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.meter_table import MeterTable


@dataclass(frozen=True)
class DayReadings:
    """The readings of one civil day.

    Parameters
    ----------
    day : int
    paths : tuple of Path
        Parquet files.
    plain : bool
        Whether the rows of the files, one after the other, are in order of meter and stamp, no two with the same, all of them known.
    table : Arrow table or None
        The readings that count, in order of meter and stamp; used instead of the files where they are not plain.
    """

    day: int
    paths: tuple[Path, ...]
    plain: bool
    table: pa.Table | None = None


class Source(Protocol):
    """Where readings come from."""

    def day(self, day: int) -> DayReadings:
        """Return the readings of a day."""
        ...


@dataclass(frozen=True)
class DayFacts:
    """The hourly facts of one day: ``meters`` as `meter_hours_schema`, ``units`` as `unit_hours_schema`; ``readings`` read for it."""

    day: int
    meters: pa.Table
    units: pa.Table
    readings: int


@dataclass(frozen=True)
class Late:
    """Amounts that a later reading lends to hours of a day already given: ``meter, hour, quantity, estimated, n_good, n_estimated``."""

    day: int
    parts: pa.Table


@dataclass(frozen=True)
class Edges:
    """The last usable reading of each meter before the first day, and the first after the last (`readings_schema`)."""

    before: pa.Table
    after: pa.Table


class Engine(Protocol):
    """An engine."""

    name: str

    def days(
        self, source: Source, meters: MeterTable, days: Sequence[int], edges: Edges | None = None
    ) -> Iterator[DayFacts | Late]:
        """Yield the facts of consecutive days in order; what is lent to days already given comes last."""
        ...

    def window(self, readings: pa.Table, meters: MeterTable, first: int, last: int) -> pa.Table:
        """Return the facts of meters from first to last day, from readings that count and reach beyond both ends where they must."""
        ...


def hours_of(first: int, last: int) -> np.ndarray:
    """Return the first seconds of the hours of civil days from first to last."""
    return np.arange(start_of(first), start_of(last + 1), HOUR, dtype=np.int64)


def start_of(day: int) -> int:
    """Return the first second (UTC) of a civil day."""
    return day * DAY - CIVIL_OFFSET
