"""What holds of an entry: the versions that stand as known at a moment, as the entries that `tanlu.programme.registries` counts.

A version stands from its report until it is returned. A correction or a lapse replaces a version; a renewal or a move follows one. A
move or a lapse takes effect for both counts when it is reported and keeps the check of what it moves or ends; a renewal or a correction
needs a check of its own. An annulment that was verified takes away everything before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, Protocol, TypeVar

from tanlu.programme.registries import UNALLOCATED, Entry, Kind

RECOGNISED: Final = "recognised"
RENEWED: Final = "renewed"
MOVED: Final = "moved"
LAPSED: Final = "lapsed"
CORRECTED: Final = "corrected"
ANNULLED: Final = "annulled"
EVENTS: Final = (RECOGNISED, RENEWED, MOVED, LAPSED, CORRECTED, ANNULLED)
KEEPS_CHECK: Final = frozenset({MOVED, LAPSED})
REPORTED: Final = "reported"
VERIFIED: Final = "verified"
RETURNED: Final = "returned"


class Version(Protocol):
    """A version as it is kept; see `tanlu.programme.registry.tables.RegistryVersion`."""

    @property
    def number(self) -> int: ...
    @property
    def event(self) -> str: ...
    @property
    def replaces(self) -> int | None: ...
    @property
    def region(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...
    @property
    def first(self) -> bool: ...
    @property
    def leader_id(self) -> str | None: ...
    @property
    def state(self) -> str: ...
    @property
    def reported_by(self) -> str: ...
    @property
    def reported_at(self) -> datetime: ...
    @property
    def checked_by(self) -> str | None: ...
    @property
    def checked_at(self) -> datetime | None: ...


V = TypeVar("V", bound=Version)


def state_at(version: Version, as_of: datetime) -> str:
    """Return the state of a version that had been reported by a moment, as it was known then."""
    checked = version.checked_at is not None and version.checked_at <= as_of
    return version.state if checked else REPORTED


def standing(versions: Iterable[V], as_of: datetime) -> list[V]:
    """Return the versions that stand, in order of validity, as known at a moment; empty when the entry is annulled or all was returned."""
    known = [v for v in versions if v.reported_at <= as_of and state_at(v, as_of) != RETURNED]
    annulled = max((v.number for v in known if v.event == ANNULLED and state_at(v, as_of) == VERIFIED), default=0)
    left = [v for v in known if v.number > annulled and v.event != ANNULLED]
    replaced = {v.replaces for v in left}
    return sorted((v for v in left if v.number not in replaced), key=lambda v: (v.valid_from, v.number))


def checked_by(version: Version, versions: Sequence[Version], as_of: datetime) -> tuple[str, str]:
    """Return who reported what a version rests on, and who found it proved; the latter is empty while nobody did."""
    by_number = {v.number: v for v in versions}
    while state_at(version, as_of) != VERIFIED and version.event in KEEPS_CHECK:
        before = [
            v for v in standing(versions, as_of) if v.number < version.number and v.valid_from <= version.valid_from
        ]
        base = by_number.get(version.replaces or 0) or (before[-1] if before else None)
        if base is None:
            break
        version = base
    verified = state_at(version, as_of) == VERIFIED
    return version.reported_by, (version.checked_by or "") if verified else ""


def entries_of(entry_id: str, kind: Kind, subject: str, versions: Sequence[Version], as_of: datetime) -> list[Entry]:
    """Return the versions of an entry that stand, in the form in which they are counted."""
    found = []
    for version in standing(versions, as_of):
        reporter, checker = checked_by(version, versions, as_of)
        found.append(
            Entry(
                entry_id,
                kind,
                subject,
                prefecture_of(version.region),
                version.valid_from,
                version.valid_to,
                version.reported_at,
                reporter,
                checker,
                version.first,
                version.leader_id or "",
            )
        )
    return found


def prefecture_of(region: str) -> str:
    """Return the prefecture that a region lies in, `UNALLOCATED` for the province itself."""
    parts = region.split("/")
    return "/".join(parts[:2]) if len(parts) > 1 else UNALLOCATED
