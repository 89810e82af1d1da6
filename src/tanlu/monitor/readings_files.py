"""Files of readings: one civil day each, Parquet, sorted, whole numbers in delta encoding; reading and merging them.

A file holds the columns of `tanlu.monitor.schema.readings_schema`. Deltas of sorted whole numbers compress to about 3 bytes a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.catalog import DataFile
from tanlu.monitor.durable import DurableFile
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, day_name, readings_schema

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

NAMES: Final = ("meter", "ts", "value", "quality", "known_at", "batch")
TYPES: Final = (np.int32, np.int64, np.int64, np.int8, np.int64, np.int32)
ROW_GROUP: Final = 131_072
"""Rows of a group: small, so that one meter of a day of many is read without the others."""
_STAMP_BITS: Final = 17
"""Enough for the seconds of a day, so that meter and stamp make one whole number."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings of one day as arrays of one length; the fields are the columns of a file."""

    meter: NDArray[np.int32]
    ts: NDArray[np.int64]
    value: NDArray[np.int64]
    quality: NDArray[np.int8]
    known_at: NDArray[np.int64]
    batch: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.meter)

    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return the arrays in the order of the file."""
        return tuple(getattr(self, name) for name in NAMES)

    def take(self, which: NDArray[Any]) -> Rows:
        """Return some of the rows, by index or mask."""
        return Rows(*(column[which] for column in self.columns()))

    @classmethod
    def join(cls, parts: Sequence[Rows]) -> Rows:
        """Return the rows of several parts one after the other."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            columns: list[NDArray[Any]] = [np.empty(0, kind) for kind in TYPES]
            return cls(*columns)
        return cls(*(np.concatenate(columns) for columns in zip(*(p.columns() for p in parts), strict=True)))

    @classmethod
    def of_table(cls, table: pa.Table) -> Rows:
        """Return the columns of an Arrow table."""
        columns: list[NDArray[Any]] = [table.column(name).to_numpy() for name in NAMES]
        return cls(*columns)

    def table(self) -> pa.Table:
        """Return the rows as an Arrow table; nothing is copied."""
        import pyarrow as pa

        return pa.Table.from_arrays([pa.array(c) for c in self.columns()], schema=readings_schema())

    def keys(self, day: int) -> NDArray[np.int64]:
        """Return meter and stamp as one whole number that sorts like them; all rows are of the day."""
        start = day * DAY - CIVIL_OFFSET
        return (self.meter.astype(np.int64) << _STAMP_BITS) | (self.ts - start)


def ordered(rows: Rows, day: int) -> tuple[Rows, NDArray[np.bool_]]:
    """Sort rows of a day by meter, stamp, known_at, batch.

    Returns
    -------
    rows : Rows
    last : array of bool
        True for the last row of each key: the one that counts when all is known.
    """
    keys = rows.keys(day)
    step = np.diff(keys)
    if (step < 0).any():
        # parts are sorted already: the stable sort merges their runs
        order = np.argsort(keys, kind="stable")
        rows, keys = rows.take(order), keys[order]
        step = np.diff(keys)
    twice = step == 0
    if twice.any():
        inside = np.concatenate(([False], twice)) | np.concatenate((twice, [False]))
        places = np.flatnonzero(inside)
        among = np.lexsort((rows.batch[places], rows.known_at[places], keys[places]))
        order = np.arange(len(rows))
        order[places] = places[among]
        rows = rows.take(order)
    return rows, np.concatenate((~twice, np.ones(min(len(rows), 1), bool)))


class RowsWriter:
    """Writes a file of readings of one day, part by part.

    Parameters
    ----------
    folder : Path
        Folder of the readings of the ledger.
    name : str
        Name of the file without folder and ending; never used before.
    day : int
    role : str
        ``current``, ``history`` or ``arrival``.
    """

    def __init__(self, folder: Path, name: str, day: int, role: str) -> None:
        self.name = f"day={day_name(day)}/{name}.parquet"
        self.day, self.role = day, role
        self._path = folder / self.name
        self._file: DurableFile | None = None
        self._writer: Any = None
        self._rows, self._last_key, self._plain = 0, -1, True
        self._known: list[tuple[int, int]] = []
        self._batches: list[tuple[int, int]] = []
        self._meters: list[tuple[int, int]] = []
        self._last_ts = 0

    def add(self, rows: Rows) -> None:
        """Write sorted rows; they come after those before.

        Raises
        ------
        DataError
            If the disk is full or refuses; nothing of the file stays behind.
        """
        if not len(rows):
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._file is None:
            self._file = DurableFile(self._path)
            self._writer = pq.ParquetWriter(
                pa.PythonFile(self._file, mode="w"),
                readings_schema(),
                compression="zstd",
                use_dictionary=False,
                column_encoding=dict.fromkeys(NAMES, "DELTA_BINARY_PACKED"),
                write_statistics=["meter", "ts", "known_at"],
                write_page_checksum=True,
            )
        with self._file.told():
            self._writer.write_table(rows.table(), row_group_size=ROW_GROUP)
        keys = rows.keys(self.day)
        self._plain &= bool(keys[0] > self._last_key and (np.diff(keys) > 0).all())
        self._last_key = int(keys[-1])
        self._rows += len(rows)
        self._known.append((int(rows.known_at.min()), int(rows.known_at.max())))
        self._batches.append((int(rows.batch.min()), int(rows.batch.max())))
        self._meters.append((int(rows.meter[0]), int(rows.meter[-1])))
        self._last_ts = max(self._last_ts, int(rows.ts.max()))

    def close(self) -> DataFile | None:
        """Make the file durable and return what the catalogue lists; None if no rows were added.

        Raises
        ------
        DataError
            If the disk is full or refuses; nothing of the file stays behind.
        """
        if self._file is None:
            return None
        with self._file.told():
            self._writer.close()
            self._file.finish()
        return DataFile(
            self.name, self.day, self.role, self._rows, self._file.size, self._file.sha256(),
            *_span(self._known), self._last_ts, *_span(self._meters), *_span(self._batches), self._plain,
        )  # fmt: skip

    def abandon(self) -> None:
        """Remove what was written."""
        if self._file is not None:
            self._file.remove()


def _span(ranges: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def read_rows(
    folder: Path, file: DataFile, meters: NDArray[np.int32] | None = None, group: tuple[int, int] | None = None
) -> Rows:
    """Read a file, or the rows of some meters of it, or of the meters from one number up to before another.

    Raises
    ------
    FileNotFoundError
        If the file is gone: it may have been replaced since the catalogue was read.
    DataError
        If it cannot be read or does not hold what the catalogue says.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / file.name
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as parquet:
            groups = _groups(parquet, meters, group)
            # one thread: readers of many days run side by side
            table = parquet.read_row_groups(groups, columns=list(NAMES), use_threads=False)
            complete = parquet.metadata.num_rows == file.rows
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException, KeyError) as error:
        raise unreadable(path, error) from error
    if not complete or table.schema.names != list(NAMES):
        raise unreadable(path, None)
    rows = Rows.of_table(table.combine_chunks())
    if group is not None:
        rows = rows.take((rows.meter >= group[0]) & (rows.meter < group[1]))
    return rows if meters is None else rows.take(np.isin(rows.meter, meters))


def _groups(parquet: Any, meters: NDArray[np.int32] | None, group: tuple[int, int] | None) -> list[int]:
    """Return the row groups in which rows of the meters can stand."""
    every = range(parquet.metadata.num_row_groups)
    if meters is None and group is None:
        return list(every)
    wanted = None if meters is None else np.sort(meters)
    column = parquet.schema_arrow.get_field_index("meter")

    def holds(number: int) -> bool:
        statistics = parquet.metadata.row_group(number).column(column).statistics
        if statistics is None or not statistics.has_min_max:
            return True
        if group is not None and (statistics.max < group[0] or statistics.min >= group[1]):
            return False
        if wanted is None:
            return True
        first = np.searchsorted(wanted, statistics.min)
        return bool(first < len(wanted) and wanted[first] <= statistics.max)

    return [number for number in every if holds(number)]


def unreadable(path: Path, error: Exception | None) -> DataError:
    """Return what to tell of a file of readings that cannot be read."""
    reason = "" if error is None else str(error).splitlines()[0]
    return DataError([Problem("ledger_file_unreadable", str(path), value=path.name, details={"reason": reason})])
