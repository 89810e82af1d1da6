"""Readings on their way from files to days: kept in memory up to a limit, then on disk, one file a day and column."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.durable import told
from tanlu.monitor.schema import day_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

IN_MEMORY: Final = 5_000_000
"""Rows that are kept in memory; 29 bytes each."""
_TYPES: Final = {"meter": "<i4", "ts": "<i8", "value": "<i8", "quality": "<i1", "known_at": "<i8"}


class Spill:
    """Readings by day, in the order in which they came.

    Parameters
    ----------
    folder : Path
        Folder for what does not fit into memory; made when needed, removed by `clear`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts: dict[int, list[tuple[NDArray[Any], ...]]] = {}
        self._waiting = 0
        self._on_disk: set[int] = set()

    def add(self, columns: tuple[NDArray[Any], ...]) -> None:
        """Add meter, ts, value, quality, known_at.

        Raises
        ------
        DataError
            If the disk is full or refuses.
        """
        days = np.asarray(day_of(columns[1]))
        if not len(days):
            return
        first = int(days.min())
        if first == int(days.max()):
            self._parts.setdefault(first, []).append(columns)
        else:
            # few days next to each other: small numbers are sorted by counting
            near = days - first
            order = np.argsort(near.astype(np.int16) if near.max() < 2**15 else near, kind="stable")
            cuts = np.flatnonzero(np.diff(near[order])) + 1
            for part in np.split(order, cuts):
                self._parts.setdefault(int(days[part[0]]), []).append(tuple(c[part] for c in columns))
        self._waiting += len(days)
        if self._waiting > IN_MEMORY:
            self._write()

    def _write(self) -> None:
        with told(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for day, parts in self._parts.items():
                for at, (name, kind) in enumerate(_TYPES.items()):
                    with (self.folder / f"{day}.{name}").open("ab") as file:
                        for part in parts:
                            file.write(part[at].astype(kind, copy=False).tobytes())
                self._on_disk.add(day)
        self._parts, self._waiting = {}, 0

    def days(self) -> list[int]:
        """Return the days, by number."""
        return sorted(self._on_disk | self._parts.keys())

    def take(self, day: int) -> Iterator[tuple[NDArray[Any], ...]]:
        """Yield the parts of a day in the order in which they came, and forget them."""
        if day in self._on_disk:
            with told(self.folder):
                yield tuple(np.fromfile(self.folder / f"{day}.{name}", kind) for name, kind in _TYPES.items())
                for name in _TYPES:
                    (self.folder / f"{day}.{name}").unlink()
            self._on_disk.discard(day)
        yield from self._parts.pop(day, [])

    def clear(self) -> None:
        """Remove what is on disk."""
        shutil.rmtree(self.folder, ignore_errors=True)
