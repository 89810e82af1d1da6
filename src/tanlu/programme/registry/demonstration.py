"""A demonstration of the registries: several invented years of entries, every one marked as demonstration.

Names, counts and places come from a seeded generator; nothing of it is a fact about a real unit or person.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tanlu.programme.registries import PEOPLE, Kind
from tanlu.programme.registry.checking import check_version
from tanlu.programme.registry.importing import UNIT_KIND
from tanlu.programme.registry.places import prefectures_of
from tanlu.programme.registry.reporting import (
    Proof,
    Recognition,
    add_recognition,
    lapse,
    make_team,
    move,
    renew,
)
from tanlu.records import (
    Change,
    Principal,
    Records,
    affiliate,
    grant_role,
    load_principal,
    local_day,
    register_organisation,
    register_person,
)
from tanlu.records.changes import Batch

SINCE: Final = date(2020, 1, 1)
PROOF: Final = "项目,内容\r\n演示,本文件仅供演示 demonstration only\r\n".encode()
PER_YEAR: Final[Mapping[Kind, tuple[int, ...]]] = {
    Kind.KEY_LABORATORY: (1, 1, 1, 1),
    Kind.INNOVATION_CENTRE: (0, 1, 1, 1),
    Kind.NEW_INSTITUTION: (3, 6, 5, 7),
    Kind.LEADING_TALENT: (1, 2, 1, 2),
    Kind.TEAM: (1, 1, 2, 1),
    Kind.YOUNG_TALENT: (9, 14, 13, 16),
    Kind.GREEN_FIRM: (30, 60, 75, 70),
    Kind.INCUBATOR: (1, 2, 2, 1),
    Kind.SCIENCE_BASE: (2, 2, 3, 2),
}
"""Invented recognitions in each of the last four complete years."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Two officers of the province, who check each other's entries."""

    officer: Principal
    checker: Principal


@dataclass(frozen=True, slots=True)
class RegistryDemonstration:
    """How many entries the demonstration made, and how many of them it verified and returned."""

    entries: int
    verified: int
    returned: int


def demonstration_staff(records: Records) -> Staff:
    """Let two officers of a demonstration in, for a workspace that has no people of its own."""
    province = records.settings.province
    with records.database.change("system", "demonstration.people", "demonstration") as change:
        people = [register_person(change, zh=f"演示{n}", en=f"Demonstration {n}").id for n in ("甲", "乙")]
        for person in people:
            grant_role(change, person, "province_officer", valid_from=SINCE, region=province)
    today = local_day(records.database.clock())
    with records.database.read() as session:
        found = [load_principal(session, person, today) for person in people]
    return Staff(found[0], found[1])


def demonstrate(
    records: Records,
    seed: int,
    *,
    officer: Principal | None = None,
    checker: Principal | None = None,
    counts: Mapping[Kind, Sequence[int]] = PER_YEAR,
) -> RegistryDemonstration:
    """Fill the registries with invented entries of the last years.

    Parameters
    ----------
    seed : int
        The same seed gives the same entries.
    officer, checker : Principal, optional
        Two officers of the province: one reports, the other checks. Two are let in if they are not given.
    counts : mapping of Kind to sequence of int
        Recognitions of each year, the last one being the last complete year.
    """
    if officer is None or checker is None:
        staff = demonstration_staff(records)
        officer, checker = officer or staff.officer, checker or staff.checker
    chosen = random.Random(seed)
    proof = records.evidence.put([PROOF]), "demonstration.csv"
    rows = list(_recognitions(records, chosen, counts))
    lasting: list[str] = []
    states = {"verify": 0, "return": 0}
    with records.database.batch() as batch:
        hosts = _hosts(records, batch)
        for number, (kind, region, day) in enumerate(rows, 1):
            entry, version = _report(records, officer, batch, (kind, region, day), number, hosts[region], proof)
            # the last entries wait for their check
            if number > len(rows) * 0.95:
                continue
            transition = "return" if chosen.random() < 0.01 else "verify"
            reason = "演示：证明材料缺页" if transition == "return" else ""
            subject = f"registry_version:{version}"
            with batch.change(checker.person_id, f"registry.{transition}", subject, reason=reason) as change:
                check_version(records, checker, change, version, transition, reason=reason)
            states[transition] += 1
            if transition == "verify" and kind is not Kind.GREEN_FIRM:
                lasting.append(entry)
    _later_events(records, officer, chosen, lasting)
    return RegistryDemonstration(len(rows), states["verify"], states["return"])


def _recognitions(
    records: Records, chosen: random.Random, counts: Mapping[Kind, Sequence[int]]
) -> Iterator[tuple[Kind, str, date]]:
    """Yield kind, prefecture and day; earlier prefectures of the table get more, so that they differ."""
    prefectures = prefectures_of(records.settings.province)
    weights = [1 / (rank + 2) for rank in range(len(prefectures))]
    last = local_day(records.database.clock()).year - 1
    for kind, years in counts.items():
        for year, count in zip(range(last - len(years) + 1, last + 1), years, strict=True):
            for _ in range(count):
                day = date(year, 1, 1) + timedelta(days=chosen.randrange(365))
                yield kind, chosen.choices(prefectures, weights)[0], day


def _hosts(records: Records, batch: Batch) -> dict[str, str]:
    """Register a unit in each prefecture that hosts people, teams and laboratories."""
    hosts = {}
    with batch.change("system", "demonstration.units", "demonstration") as change:
        for number, region in enumerate(prefectures_of(records.settings.province), 1):
            unit = register_organisation(
                change, zh=f"演示大学{number:02d}", en=f"Demonstration University {number:02d}", kind="university",
                region=region, uscc=None, valid_from=SINCE,
            )  # fmt: skip
            hosts[region] = unit.id
    return hosts


def _report(
    records: Records,
    officer: Principal,
    batch: Batch,
    row: tuple[Kind, str, date],
    number: int,
    host: str,
    proof: Proof,
) -> tuple[str, str]:
    """Register a subject and report it; return the ids of entry and version."""
    kind, region, day = row
    with batch.change(officer.person_id, "registry.report", f"demonstration:{number}") as change:
        subject = _subject(records, officer, change, kind, region, number, host)
        ends = date(day.year + 3, day.month, min(day.day, 28)) if kind is Kind.GREEN_FIRM else None
        unit = host if kind in PEOPLE else None
        recognition = Recognition(kind, subject, region, day, ends, unit, demonstration=True)
        version = add_recognition(records, officer, change, recognition, [proof])
        return version.entry_id, version.id


def _subject(
    records: Records, officer: Principal, change: Change, kind: Kind, region: str, number: int, host: str
) -> str:
    zh, en = f"演示对象{number:04d}", f"Demonstration {number:04d}"
    if kind in PEOPLE:
        person = register_person(change, zh=zh, en=en)
        affiliate(change, person.id, host, valid_from=SINCE)
        return person.id
    if kind is Kind.TEAM:
        leader = register_person(change, zh=f"演示带头人{number:04d}", en=f"Demonstration leader {number:04d}")
        return make_team(records, officer, change, zh=zh, en=en, organisation_id=host, leader_id=leader.id).id
    parent = host if UNIT_KIND[kind] == "institute" else None
    unit = register_organisation(
        change, zh=zh, en=en, kind=UNIT_KIND[kind], region=region, uscc=None, valid_from=SINCE, parent_id=parent
    )
    return unit.id


def _later_events(records: Records, officer: Principal, chosen: random.Random, entries: Sequence[str]) -> None:
    """Report renewals, a move and a lapse of entries that hold without an end, so that flow and stock differ."""
    today = local_day(records.database.clock())
    prefectures = prefectures_of(records.settings.province)
    picked = chosen.sample(list(entries), min(4, len(entries)))
    days = [today - timedelta(days=30 * n) for n in range(1, len(picked) + 1)]
    for number, (entry, day) in enumerate(zip(picked, days, strict=True)):
        note = "演示"
        if number == 0:
            move(records, officer, entry, region=chosen.choice(prefectures), valid_from=day, note=note)
        elif number == 1:
            lapse(records, officer, entry, last_day=day, note=note)
        else:
            renew(records, officer, entry, valid_from=day, valid_to=None, note=note)
