"""What a crash leaves beside a ledger, and files that were replaced: when they are removed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tanlu.monitor.catalog import Catalog
from tanlu.monitor.durable import told
from tanlu.monitor.lending import held

if TYPE_CHECKING:
    from typing import TextIO

STAGING: Final = "staging"
"""Folder in the ledger for large batches on their way; what is in it when the ledger is opened is debris, unless its process lives."""
_ALIVE: Final = "alive.lock"
GRACE_S: Final = 60
"""How long replaced files stay on disk for those who are reading them [s]."""


def remove_debris(path: Path, catalog: Catalog) -> None:
    """Remove what the catalogue of a ledger does not list: its writer has ended before it could list them."""
    readings = path / "readings"
    remove_unlisted(path, catalog, [file.relative_to(readings).as_posix() for file in readings.glob("day=*/*.parquet")])
    for folder in (path / STAGING).glob("*"):
        if folder.is_dir() and (lock := held(folder / _ALIVE)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            lock.close()


class Staging:
    """A folder for a large batch on its way, which others leave alone as long as this process lives.

    Parameters
    ----------
    ledger : Path
        Folder of the ledger.
    """

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._lock: TextIO | None = None
        self.folder = ledger / STAGING / f"{os.getpid()}-{time.monotonic_ns()}"

    def make(self) -> None:
        """Make the folder, if it is not there yet; another process may take it for debris before its lock is held.

        Raises
        ------
        DataError
            If the disk is full or refuses.
        """
        with told(self.folder):
            while self._lock is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                with suppress(FileNotFoundError):
                    self._lock = held(self.folder / _ALIVE)
                if self._lock is not None and not (self.folder / _ALIVE).exists():
                    self._lock.close()
                    self._lock = None

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def remove_unlisted(path: Path, catalog: Catalog, names: Iterable[str]) -> None:
    """Remove those files of readings that the catalogue does not list."""
    with catalog.reading() as base:
        known = {name for (name,) in base.execute("SELECT name FROM files UNION SELECT name FROM gone")}
    for name in names:
        if name not in known:
            (path / "readings" / name).unlink(missing_ok=True)


def sweep(path: Path, catalog: Catalog) -> None:
    """Remove files that were replaced a while ago."""
    with catalog.reading() as base:
        query = "SELECT name FROM gone WHERE since < ?"
        names = [name for (name,) in base.execute(query, (int(time.time()) - GRACE_S,))]
    if not names:
        return
    for name in names:
        (path / "readings" / name).unlink(missing_ok=True)
    with catalog.writing() as base:
        base.executemany("DELETE FROM gone WHERE name = ?", [(name,) for name in names])
