"""Making a ledger: its folders and its catalogue with the regions of a province, durable and whole or not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.catalog import UNFINISHED, Catalog
from tanlu.monitor.durable import sync_folder, told
from tanlu.monitor.registering import region_units

if TYPE_CHECKING:
    from tanlu.core.regions import Region

_FOLDERS: Final = ("readings", "journal", "aside", "facts")


def clock_us() -> int:
    """Return the time of the machine [µs since 1970 UTC]."""
    return time.time_ns() // 1000


def found_ledger(path: Path, province: str, regions: Iterable[Region] | None, clock: Callable[[], int]) -> None:
    """Make a ledger in a folder; parameters and errors as `tanlu.monitor.ledger.Ledger.create`."""
    if path.exists() and not _unused(path):
        raise DataError([Problem("ledger_exists", str(path), value=str(path))])
    if regions is None:
        from tanlu.core.province import load_province, province_folder

        loaded = load_province(province_folder(province))
        province, regions = loaded.id, loaded.regions.values()
    with told(path):
        for name in _FOLDERS:
            (path / name).mkdir(parents=True, exist_ok=True)
        Catalog.create(path / "catalog.db", province, region_units(regions), clock())
        sync_folder(path)
        sync_folder(path.parent)


def _unused(path: Path) -> bool:
    """Tell whether a ledger can be made in a folder: it is empty, or holds what a creation that was cut off has left."""
    return path.is_dir() and all(p.name in _FOLDERS or p.name.startswith(UNFINISHED) for p in path.iterdir())
