"""Files of facts: whole days or months, and small patches over them; only what the catalogue lists counts.

A patch holds every row of the keys that it replaces (a meter or a unit on a day). It counts while it is younger than the whole file that it
lies over; when there are too many, they are written into a new whole file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.catalog import FactFile
from tanlu.monitor.durable import write_durably

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.ledger import Ledger

FOLDER: Final = "facts"
PATCHES: Final = 8
"""Patches over a whole file at which it is written anew."""
GRACE_S: Final = 60
"""How long files that count no more stay for those who are reading them [s]."""
_ROWS: Final = 1 << 17
_FEW_ROWS: Final = 1 << 13
_LEAST_ROWS: Final = 1 << 11
"""Rows that are read together: few where pages ask for few units, fewest where there are few units at all."""
_SOUGHT: Final = frozenset({"meter", "unit", "parent", "level"})
"""Columns by which rows are chosen."""
_CODES: Final = ["hour", "day", "level", "parent", "carrier", "stack", "n_good", "n_estimated", "n_missing"]


_FEW: Final = 1000
"""Keys up to which the file is asked for them instead of read whole."""
Filter = list[tuple[str, str, list[int]]]
"""Columns, ``in`` and values, as `pyarrow.parquet` takes them."""


@dataclass(frozen=True)
class Kind:
    """A kind of fact file: its name, the column that, with the time, is the key of a patch, and the column of time."""

    name: str
    key: str
    time: str


METER_HOUR: Final = Kind("meter_hour", "meter", "hour")
UNIT_HOUR: Final = Kind("unit_hour", "unit", "hour")
REGION_HOUR: Final = Kind("region_hour", "unit", "hour")
UNIT_DAY: Final = Kind("unit_day", "unit", "day")
FILL: Final = Kind("fill", "meter", "hour")


@dataclass(frozen=True)
class Stack:
    """The whole file of a day or month, if there is one, and the patches over it, oldest first."""

    day: int
    whole: FactFile | None
    patches: tuple[FactFile, ...]

    @property
    def files(self) -> tuple[FactFile, ...]:
        """All of them, oldest first."""
        return (*((self.whole,) if self.whole else ()), *self.patches)


class FactFiles:
    """The fact files of a ledger.

    Parameters
    ----------
    ledger : Ledger
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.folder = ledger.path / FOLDER
        self._count = 0

    def stacks(self, kind: Kind, first: int, last: int) -> dict[int, Stack]:
        """Return what counts, by day (of a month its first)."""
        query = (
            "SELECT kind, day, name, rows, sha256, generation FROM fact_files"
            " WHERE day BETWEEN ? AND ? AND (kind = ? OR kind LIKE ?) ORDER BY generation, kind"
        )
        with self.ledger.catalog.reading() as base:
            files = [FactFile(*row) for row in base.execute(query, (first, last, kind.name, f"{kind.name}+%"))]
        whole = {f.day: f for f in files if f.kind == kind.name}
        found: dict[int, list[FactFile]] = {day: [] for day in whole}
        for f in files:
            if f.kind != kind.name and (f.day not in whole or f.generation > whole[f.day].generation):
                found.setdefault(f.day, []).append(f)
        return {day: Stack(day, whole.get(day), tuple(p)) for day, p in sorted(found.items())}

    def path(self, file: FactFile) -> Path:
        """Return the path of a file."""
        return self.ledger.path / file.name

    def write(self, kind: Kind, day: int, table: pa.Table, patch: int = 0) -> FactFile:
        """Write a file durably, sorted as the table is; the catalogue does not list it yet.

        Raises
        ------
        DataError
            If the disk is full or refuses.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        rows = _LEAST_ROWS if kind is REGION_HOUR else _ROWS if kind in (METER_HOUR, FILL) else _FEW_ROWS
        pq.write_table(
            table, sink, compression="lz4", row_group_size=rows, write_page_index=False,
            use_dictionary=[name for name in (*_CODES, kind.key) if name in table.schema.names],
            write_statistics=[name for name in ("meter", "unit", "parent", "level", "hour", "day") if name in table.schema.names],
        )  # fmt: skip
        content = sink.getvalue()
        # the process and the moment make the name unique, whoever else writes
        self._count += 1
        stem = f"{time.time_ns():x}-{os.getpid():x}-{self._count}"
        name = f"{FOLDER}/{kind.name}/{np.datetime64(day, 'D')}/{stem}.parquet"
        path = self.ledger.path / name
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, memoryview(content))
        digest = hashlib.sha256(memoryview(content)).hexdigest()
        return FactFile(f"{kind.name}+{patch}" if patch else kind.name, day, name, table.num_rows, digest)

    def read(
        self, kind: Kind, stack: Stack, keys: Iterable[int] | None = None, where: Filter | None = None
    ) -> pa.Table | None:
        """Return the rows of a day or month, patches applied; only those of some keys, or where columns that go with the key have some
        values."""
        chosen = None if keys is None else np.unique(np.fromiter(keys, np.int64))
        tables: list[pa.Table] = []
        hidden: set[tuple[int, int]] = set()
        for file in reversed(stack.files):
            table = self.rows(file, kind, chosen, where)
            if hidden:
                table = _without(table, kind, hidden)
            tables.append(table)
            if file is not stack.files[0]:
                hidden |= keys_of(table, kind)
        if not tables:
            return None
        if len(tables) == 1:
            return tables[0]
        import pyarrow as pa

        merged = pa.concat_tables(tables[::-1])
        order = [
            name
            for name in ("level", "parent", "meter", "unit", "carrier", "stack", kind.time)
            if name in merged.schema.names
        ]
        return merged.sort_by([(name, "ascending") for name in order])

    def rows(self, file: FactFile, kind: Kind, keys: np.ndarray | None, where: Filter | None) -> pa.Table:
        """Return the rows of one file.

        Raises
        ------
        DataError
            If the file cannot be read.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path(file)
        try:
            few = keys is not None and len(keys) <= _FEW
            wanted = [*(where or ()), *([(kind.key, "in", keys.tolist())] if keys is not None and few else [])]
            table = _chosen(path, wanted) if wanted else pq.ParquetFile(path).read()
        except (OSError, pa.ArrowInvalid) as error:
            raise DataError(
                [Problem("facts_unreadable", str(path), value=path.name, details={"reason": str(error)})]
            ) from None
        return table if keys is None or few else only_keys(table, kind, keys)

    def listed(self) -> set[str]:
        """Return the names of the files that the catalogue lists."""
        with self.ledger.catalog.reading() as base:
            return {name for (name,) in base.execute("SELECT name FROM fact_files")}

    def sweep(self, before: set[str]) -> None:
        """Remove files that the catalogue does not list, of a crash or replaced a while ago.

        Parameters
        ----------
        before : set of str
            What was listed before this change; what it replaced is kept for those who are reading it.
        """
        listed = self.listed()
        for name in before - listed:
            with suppress(FileNotFoundError):
                os.utime(self.ledger.path / name)
        old = time.time() - GRACE_S
        for path in self.folder.glob("*/*/*.parquet"):
            name = path.relative_to(self.ledger.path).as_posix()
            if name not in listed and path.stat().st_mtime < old:
                path.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process make facts at a time: the later of two would list what it read before the other's readings came."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "making.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@lru_cache(maxsize=128)
def _footer(path: Path) -> tuple[Any, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Return the footer of a file, and the least and greatest key of each group of rows; files never change."""
    import pyarrow.parquet as pq

    footer = pq.read_metadata(path)
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    for at, name in enumerate(footer.schema.names):
        if name in _SOUGHT:
            told = [group.column(at).statistics for group in groups]
            if groups and all(s is not None and s.has_min_max for s in told):
                found[name] = np.array([s.min for s in told]), np.array([s.max for s in told])
    return footer, found


def _chosen(path: Path, wanted: Filter) -> pa.Table:
    """Return the rows of a file in which columns have one of some values; only groups of rows that may hold them are read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    footer, spans = _footer(path)
    maybe = np.ones(footer.num_row_groups, bool)
    for name, _, values in wanted:
        if name in spans:
            least, most = spans[name]
            sought = np.sort(np.array(values, np.int64))
            first = np.searchsorted(sought, least)
            maybe &= (first < len(sought)) & (np.append(sought, np.iinfo(np.int64).max)[first] <= most)
    with pa.OSFile(str(path)) as opened, pq.ParquetFile(opened, metadata=footer) as file:
        table = file.read_row_groups(np.flatnonzero(maybe).tolist(), use_threads=False)
    keep = np.ones(len(table), bool)
    for name, _, values in wanted:
        column = table.column(name).to_numpy()
        keep &= column == values[0] if len(values) == 1 else np.isin(column, values)
    rows = np.flatnonzero(keep)
    if len(rows) == 0 or len(rows) == rows[-1] - rows[0] + 1:
        # what belongs together stands together
        return table.slice(int(rows[0]) if len(rows) else 0, len(rows))
    return table.filter(pa.array(keep))


def only_keys(table: pa.Table, kind: Kind, keys: np.ndarray) -> pa.Table:
    """Return the rows of some keys."""
    import pyarrow as pa

    return table.filter(pa.array(np.isin(table.column(kind.key).to_numpy(), keys)))


def day_keys(table: pa.Table, kind: Kind) -> np.ndarray:
    """Return key and day of each row as one number: key × 2^32 + day."""
    from tanlu.monitor.schema import HOUR, day_of

    moments = table.column(kind.time).to_numpy()
    days: Any = moments if kind.time == "day" else day_of(moments + HOUR)
    keys: np.ndarray = table.column(kind.key).to_numpy().astype(np.int64) << 32
    return np.asarray(keys | days.astype(np.int64))


def keys_of(table: pa.Table, kind: Kind) -> set[tuple[int, int]]:
    """Return the keys and days of which a table holds rows."""
    return {(int(k) >> 32, int(k) & 0xFFFFFFFF) for k in np.unique(day_keys(table, kind))}


def _without(table: pa.Table, kind: Kind, hidden: set[tuple[int, int]]) -> pa.Table:
    import pyarrow as pa

    numbers = np.array([(key << 32) | day for key, day in hidden], np.int64)
    return table.filter(pa.array(~np.isin(day_keys(table, kind), numbers)))


def months_of(days: Sequence[int]) -> dict[int, list[int]]:
    """Return days by the first day of their month."""
    found: dict[int, list[int]] = {}
    for day in sorted(days):
        found.setdefault(month_of(day), []).append(day)
    return found


def month_of(day: int) -> int:
    """Return the number of the first day of the month of a day."""
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def next_month(first: int) -> int:
    """Return the number of the first day of the month after that which begins on a day."""
    return int((np.datetime64(first, "D").astype("datetime64[M]") + 1).astype("datetime64[D]").astype(np.int64))
