"""The province of a workspace and its prefectures, read from the table of regions alone."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tanlu.core.errors import DataError
from tanlu.core.province import province_folder
from tanlu.core.regions import Region
from tanlu.core.schema import REGIONS
from tanlu.core.tables import read_table


def regions_of(province: str) -> dict[str, Region]:
    """Return the regions of a province by id, the province first.

    Parameters
    ----------
    province : str
        Name of a province that ships with the program, or a folder.

    Raises
    ------
    DataError
        If there is no such province, or with every problem of its table of regions.
    """
    folder = province_folder(province)
    return dict(_read(folder, (folder / REGIONS.file).stat().st_mtime_ns))


def prefectures_of(province: str) -> list[str]:
    """Return the ids of the prefectures of a province, in the order of its table."""
    return [region.id for region in regions_of(province).values() if region.parent]


def province_of(province: str) -> str:
    """Return the id of the province itself."""
    return next(region.id for region in regions_of(province).values() if not region.parent)


@lru_cache(maxsize=4)
def _read(folder: Path, changed: int) -> tuple[tuple[str, Region], ...]:
    table = read_table(folder / REGIONS.file, REGIONS.columns, key=REGIONS.key, root=folder)
    if table.problems:
        raise DataError(table.problems)
    found = [Region(str(r["id"]), str(r["parent"] or ""), str(r["zh"]), str(r["en"])) for r in table.rows]
    return tuple((region.id, region) for region in sorted(found, key=lambda region: bool(region.parent)))
