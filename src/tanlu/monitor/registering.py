"""Bringing units and meters into the catalogue of a ledger: what changed, and which facts that makes stale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from tanlu.monitor import catalog as listing
from tanlu.monitor.registry import Meter, Registry, Unit
from tanlu.monitor.schema import UnitKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tanlu.core.regions import Region
    from tanlu.monitor.catalog import Catalog

Record = TypeVar("Record", Unit, Meter)


def region_units(regions: Iterable[Region]) -> list[Unit]:
    """Return the regions of a province folder as units: the province and its prefectures."""
    return [
        Unit(r.id, 0, UnitKind.PREFECTURE if r.parent else UnitKind.PROVINCE, r.parent, r.zh, r.en, r.id)
        for r in regions
    ]


def changed(records: Sequence[Record], known: Mapping[str, Record]) -> list[Record]:
    """Return those units or meters that are new or differ from what is known, whatever numbers they carry."""
    return [r for r in records if r.id not in known or known[r.id] != replace(r, number=known[r.id].number)]


def write_registry(catalog: Catalog, known: Registry, units: Sequence[Unit], meters: Sequence[Meter], now: int) -> None:
    """Write units and meters that changed, and mark what they touch on all days as dirty, in one transaction.

    Parameters
    ----------
    catalog : Catalog
    known : Registry
        As it stood.
    units, meters : sequences
    now : int
        Moment at which they become known [µs since 1970 UTC].
    """
    touched = _touched(known, units, meters)
    with catalog.writing() as base:
        listing.write_registry(base, units, meters, now)
        listing.put(base, "last_known_at", now)
        for day in listing.days_of(base):
            listing.add_dirty(base, day, touched)


def _touched(known: Registry, units: Sequence[Unit], meters: Sequence[Meter]) -> NDArray[np.int32]:
    """Return the known meters (numbers, ascending) that read otherwise since, or whose units moved."""
    names = {m.id for m in meters} | {m.id for u in units if u.id in known.units for m in known.meters_of(u.id)}
    return np.array(sorted(known.meters[name].number for name in names & known.meters.keys()), np.int32)
