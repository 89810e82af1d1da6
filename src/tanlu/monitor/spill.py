"""Readings on their way from files to days: kept in memory up to a limit, then on disk by day and group of meters.

Groups of meters let a day that does not fit into memory be worked on in parts that do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.durable import told
from tanlu.monitor.recovery import Staging
from tanlu.monitor.schema import day_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

IN_MEMORY: Final = 4_000_000
"""Rows that are kept in memory; 29 bytes each."""
GROUP_BITS: Final = 14
"""Meters of a group are numbers that differ in the last bits only: 16,384 meters, 1.6 million quarter-hours of a day."""
_ROW: Final = np.dtype([("meter", "<i4"), ("ts", "<i8"), ("value", "<i8"), ("quality", "<i1"), ("known_at", "<i8")])
Columns = tuple["NDArray[Any]", ...]


class Spill:
    """Readings by day, in the order in which they came.

    Parameters
    ----------
    staging : Staging
        Folder for what does not fit into memory; made when needed, removed by `clear`.
    """

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self.folder = staging.folder
        self._parts: dict[int, list[Columns]] = {}
        self._waiting = 0
        self._counts: dict[int, int] = {}
        self._on_disk: dict[int, set[int]] = {}

    def add(self, columns: Columns) -> None:
        """Add meter, ts, value, quality, known_at.

        Raises
        ------
        DataError
            If the disk is full or refuses.
        """
        days = np.asarray(day_of(columns[1]))
        if not len(days):
            return
        for at in _runs(days):
            day = int(days[at[0]] if isinstance(at, np.ndarray) else days[0])
            part = columns if isinstance(at, slice) else tuple(c[at] for c in columns)
            self._parts.setdefault(day, []).append(part)
            self._counts[day] = self._counts.get(day, 0) + len(part[0])
        self._waiting += len(days)
        if self._waiting > IN_MEMORY:
            self._write()

    def _write(self) -> None:
        self._staging.make()
        with told(self.folder):
            for day, parts in self._parts.items():
                for part in parts:
                    groups = part[0] >> GROUP_BITS
                    for at in _runs(groups):
                        group = int(groups[at][0])
                        rows = np.empty(len(groups[at]), _ROW)
                        for name, column in zip(_ROW.names or (), part, strict=True):
                            rows[name] = column[at]
                        with (self.folder / f"{day}.{group}").open("ab") as file:
                            file.write(rows.data)
                        self._on_disk.setdefault(day, set()).add(group)
        self._parts, self._waiting = {}, 0

    def finish(self) -> None:
        """Say that nothing more is added: what is on disk in part goes there as a whole."""
        if self._on_disk:
            self._write()

    def days(self) -> list[int]:
        """Return the days, by number."""
        return sorted(self._counts)

    def count(self, day: int) -> int:
        """Return how many rows of a day were added."""
        return self._counts[day]

    def groups(self, day: int) -> set[int] | None:
        """Return the groups of meters of a day on disk; None if it is in memory."""
        return self._on_disk.get(day)

    def take(self, day: int, group: int | None) -> list[Columns]:
        """Return the parts of a day, or of a group of meters of it, in the order in which they came, and forget them."""
        if group is None:
            return self._parts.pop(day, [])
        path = self.folder / f"{day}.{group}"
        if not path.exists():
            return []
        with told(path):
            rows = np.fromfile(path, _ROW)
            path.unlink()
        return [tuple(np.ascontiguousarray(rows[name]) for name in _ROW.names or ())]

    def clear(self) -> None:
        """Remove what is on disk."""
        self._staging.remove()


def _runs(labels: NDArray[np.int64]) -> list[Any]:
    """Return for each distinct label where it stands: places in their order, or a slice of everything if there is one label."""
    first = labels.min()
    near = labels - first
    if not near.any():
        return [slice(None)]
    # few labels next to each other: small numbers are sorted by counting
    order = np.argsort(near.astype(np.int16) if near.max() < 2**15 else near, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(near[order])) + 1)
