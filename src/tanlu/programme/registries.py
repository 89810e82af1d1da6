"""Counts of the registries that the plan's numeric targets look at: reported and verified side by side, flow and stock apart.

Entries are bitemporal: each row says when it holds (`valid_from`, `valid_to`) and when it was recorded; a count *as of* a moment sees only
what had been recorded by then and never changes afterwards. A **flow** (新增) counts a first recognition inside the window, once, in the
prefecture of that moment; renewals add nothing and lapses take nothing away. A **stock** (在册) counts what holds at a day and follows a
move.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What is registered."""

    KEY_LABORATORY = "key_laboratory"
    INNOVATION_CENTRE = "technology_innovation_centre"
    NEW_INSTITUTION = "new_research_institution"
    LEADING_TALENT = "leading_talent"
    TEAM = "innovation_team"
    YOUNG_TALENT = "young_talent"
    GREEN_FIRM = "green_high_tech_firm"
    INCUBATOR = "incubator"
    SCIENCE_BASE = "science_popularisation_base"


PEOPLE = frozenset({Kind.LEADING_TALENT, Kind.YOUNG_TALENT})
UNALLOCATED = ""
"""Prefecture of what belongs to none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a registry entry.

    Parameters
    ----------
    id : str
        The same for all versions of an entry.
    kind : Kind
    subject : str
        Unit or person that is registered.
    prefecture : str
        At the time of this version; empty when it belongs to none.
    valid_from : date
        First day of recognition, or of the change that this version records.
    valid_to : date or None
        Last day, where it lapsed.
    recorded_at : datetime
    reported_by : str
    verified_by : str
        Empty until a second person has checked the evidence.
    first : bool
        Whether this is the first recognition of the subject (no renewal).
    leader : str
        Leader of a team, who is not counted once more as a talent.
    """

    id: str
    kind: Kind
    subject: str
    prefecture: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    reported_by: str
    verified_by: str = ""
    first: bool = True
    leader: str = ""

    def __post_init__(self) -> None:
        """Refuse an entry that was checked by the one who reported it, or that ends before it begins."""
        if self.verified_by and self.verified_by == self.reported_by:
            raise ValueError(f"{self.id}: nobody verifies the own entry")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"{self.id}: ends before it begins")


@dataclass(frozen=True, slots=True)
class Count:
    """Reported and verified counts of a prefecture (or of the province, or of what belongs to none)."""

    prefecture: str
    reported: int
    verified: int


@dataclass(frozen=True, slots=True)
class RegistryCount:
    """The province and its parts; the parts always add up to the province."""

    province: Count
    parts: tuple[Count, ...]


def versions_known(entries: Iterable[Entry], as_of: datetime) -> dict[str, list[Entry]]:
    """Return the versions of each entry that had been recorded by a moment, in order of validity then of recording.

    Of two versions that begin on the same day the later recorded one corrects the earlier.
    """
    found: dict[str, dict[date, Entry]] = defaultdict(dict)
    for entry in sorted(entries, key=lambda e: e.recorded_at):
        if entry.recorded_at <= as_of:
            found[entry.id][entry.valid_from] = entry
    return {key: [versions[day] for day in sorted(versions)] for key, versions in sorted(found.items())}


def stock(entries: Iterable[Entry], kinds: Sequence[Kind], on: date, as_of: datetime) -> RegistryCount:
    """Count what is registered on a day, as known at a moment.

    A person is counted once for all kinds together, and the leader of a counted team is not counted as a talent again.
    """
    held: list[Entry] = []
    for versions in versions_known(entries, as_of).values():
        begun = [v for v in versions if v.valid_from <= on]
        if begun and begun[-1].kind in kinds and (begun[-1].valid_to is None or begun[-1].valid_to >= on):
            held.append(begun[-1])
    return _count(_once(held))


def flow(entries: Iterable[Entry], kinds: Sequence[Kind], start: date, end: date, as_of: datetime) -> RegistryCount:
    """Count first recognitions from `start` to `end`, both included, as known at a moment.

    Each subject counts once, where it stood when it was first recognised, whatever became of it.
    """
    first: dict[str, Entry] = {}
    for versions in versions_known(entries, as_of).values():
        entry = versions[0]
        if entry.kind in kinds and entry.first:
            known = first.get(entry.subject)
            if known is None or entry.valid_from < known.valid_from:
                first[entry.subject] = entry
    return _count(_once([e for e in first.values() if start <= e.valid_from <= end]))


def additions(
    entries: Iterable[Entry], kinds: Sequence[Kind], years: Sequence[int], as_of: datetime, *, flows: bool
) -> dict[int, tuple[int, int]]:
    """Return reported and verified net additions of each year: first recognitions, or the change of the stock at its end."""
    every = list(entries)
    found = {}
    for year in years:
        if flows:
            province = flow(every, kinds, date(year, 1, 1), date(year, 12, 31), as_of).province
            found[year] = (province.reported, province.verified)
        else:
            before = stock(every, kinds, date(year - 1, 12, 31), as_of).province
            after = stock(every, kinds, date(year, 12, 31), as_of).province
            found[year] = (after.reported - before.reported, after.verified - before.verified)
    return found


def _once(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out a person's second entry and leaders of teams that are counted themselves; verified entries go first."""
    leaders = {e.leader for e in entries if e.kind is Kind.TEAM and e.leader}
    seen: set[str] = set()
    kept = []
    for entry in sorted(entries, key=lambda e: (not e.verified_by, e.valid_from, e.id)):
        if entry.kind in PEOPLE:
            if entry.subject in seen or entry.subject in leaders:
                continue
            seen.add(entry.subject)
        kept.append(entry)
    return kept


def _count(entries: Sequence[Entry]) -> RegistryCount:
    parts: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        parts[entry.prefecture].append(entry)
    counts = tuple(
        Count(prefecture, len(group), sum(bool(e.verified_by) for e in group))
        for prefecture, group in sorted(parts.items())
    )
    total = Count("", sum(c.reported for c in counts), sum(c.verified for c in counts))
    return RegistryCount(total, counts)
