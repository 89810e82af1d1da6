"""What a crash leaves beside a ledger, and files that were replaced: when they are removed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tanlu.monitor.catalog import Catalog

STAGING: Final = "staging"
"""Folder in the ledger for large batches on their way; whatever is in it when the ledger is opened is debris."""
GRACE_S: Final = 60
"""How long replaced files stay on disk for those who are reading them [s]."""


def remove_debris(path: Path, catalog: Catalog) -> None:
    """Remove what the catalogue of a ledger does not list: its writer has ended before it could list them."""
    readings = path / "readings"
    remove_unlisted(path, catalog, [file.relative_to(readings).as_posix() for file in readings.glob("day=*/*.parquet")])
    shutil.rmtree(path / STAGING, ignore_errors=True)


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
