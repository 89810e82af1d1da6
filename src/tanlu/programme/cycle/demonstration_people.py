"""Who plays in the demonstration year: two officers, the bureaus, applicants, experts and an auditor, all of them invented."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tanlu.programme.cycle import experts
from tanlu.programme.cycle.reviewing import tasks_of
from tanlu.programme.registry.places import prefectures_of
from tanlu.records import (
    Change,
    Principal,
    Records,
    affiliate,
    grant_role,
    load_principal,
    register_organisation,
    register_person,
    set_password,
)
from tanlu.records.passwords import random_password

SINCE: Final = date(2015, 1, 1)
LOGINS: Final = {
    "demo-officer": "officer",
    "demo-second": "second",
    "demo-bureau": "bureau",
    "demo-applicant": "unit0",
    "demo-auditor": "auditor",
}
"""Login name → who it is; the expert who gets one is chosen among those who have a review to write."""
UNITS: Final = 16
EXPERTS: Final = 40


@dataclass
class Cast:
    """Who plays: principals by name, units and experts by id, the region of each unit."""

    records: Records
    people: dict[str, Principal] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    regions: dict[str, str] = field(default_factory=dict)
    team: dict[str, list[str]] = field(default_factory=dict)
    owner: str = ""
    password: str = ""
    passwords: dict[str, str] = field(default_factory=dict)

    def of_unit(self, unit: str) -> Principal:
        """Return who acts for a unit."""
        return self.people[f"unit{self.units.index(unit)}"]

    def of_person(self, person_id: str) -> Principal:
        """Return an expert with the tasks of the moment."""
        with self.records.database.read() as session:
            day = self.records.database.clock().date()
            return load_principal(session, person_id, day, tasks=tasks_of(session, person_id))


def let_in(records: Records, chosen: random.Random, actions: list[str], password: str) -> Cast:
    """Register people and units, give roles and logins, and enrol the experts.

    Parameters
    ----------
    actions : list of str
        Actions of the plan that experts know.
    password : str
        Password of all logins; empty for a random one each.
    """
    cast = Cast(records, password=password)
    province, prefectures = records.settings.province, prefectures_of(records.settings.province)
    with records.database.change("system", "demonstration.people", "demonstration") as change:
        roles: dict[str, str] = {}
        for name, zh, en in (("officer", "演示经办", "officer"), ("second", "演示复核", "second officer")):
            roles[name] = _person(change, zh, en, "province_officer", region=province)
        roles["auditor"] = _person(change, "演示审计", "auditor", "auditor")
        for number, region in enumerate(prefectures):
            roles["bureau" if number == 0 else f"bureau_{region}"] = _person(
                change, f"演示市州{number + 1:02d}", f"bureau {number + 1:02d}", "prefecture_officer", region=region
            )
        for number in range(UNITS):
            # the first prefectures of the table have more than one
            region = prefectures[number % max(1, min(len(prefectures), UNITS - 4))]
            _unit(change, cast, roles, number, region)
        cast.owner = cast.units[-1]
        known = [_expert(change, roles, number, chosen, province, prefectures) for number in range(EXPERTS)]
        for login, name in LOGINS.items():
            _give_login(change, cast, login, roles[name])
    day = records.database.clock().date()
    with records.database.read() as session:
        cast.people = {name: load_principal(session, person, day) for name, person in roles.items()}
    cast.people[f"bureau_{prefectures[0]}"] = cast.people["bureau"]
    for person, region in known:
        experts.enrol(
            records,
            cast.people["officer"],
            person,
            region,
            chosen.sample(actions, min(3, len(actions))),
            most_reviews=10,
        )
    return cast


def give_login(records: Records, cast: Cast, login: str, person_id: str) -> None:
    """Give a person of the play a login."""
    with records.database.change("system", "demonstration.login", f"person:{person_id}") as change:
        _give_login(change, cast, login, person_id)


def _give_login(change: Change, cast: Cast, login: str, person_id: str) -> None:
    cast.passwords[login] = cast.password or random_password()
    set_password(change, person_id, login, cast.passwords[login])


def _person(change: Change, zh: str, en: str, role: str, region: str | None = None, unit: str | None = None) -> str:
    person = register_person(change, zh=zh, en=f"Demonstration {en}")
    grant_role(change, person.id, role, valid_from=SINCE, region=region, organisation_id=unit)
    if unit:
        affiliate(change, person.id, unit, valid_from=SINCE)
    return person.id


def _unit(change: Change, cast: Cast, roles: dict[str, str], number: int, region: str) -> None:
    kind, word, english = (
        ("enterprise", "科技有限公司", "Technology Co."),
        ("university", "大学", "University"),
        ("institute", "研究院", "Institute"),
    )[number % 3]
    unit = register_organisation(
        change, zh=f"演示{word}{number + 1:02d}", en=f"Demonstration {english} {number + 1:02d}", kind=kind, region=region,
        uscc=None, valid_from=SINCE,
    ).id  # fmt: skip
    cast.units.append(unit)
    cast.regions[unit] = region
    roles[f"unit{number}"] = _person(
        change, f"演示申报人{number + 1:02d}", f"applicant {number + 1:02d}", "unit", unit=unit
    )
    cast.team[unit] = []
    for member in range(6):
        person = register_person(
            change,
            zh=f"演示研究员{number + 1:02d}{member + 1}",
            en=f"Demonstration researcher {number + 1:02d}{member + 1}",
        )
        affiliate(change, person.id, unit, valid_from=SINCE)
        cast.team[unit].append(person.id)


def _expert(
    change: Change, roles: dict[str, str], number: int, chosen: random.Random, province: str, prefectures: list[str]
) -> tuple[str, str]:
    """Register an expert of a unit of its own; some work in a prefecture, which is a hint of a conflict and no more."""
    region = chosen.choice(prefectures) if number % 5 == 0 else province
    unit = register_organisation(
        change, zh=f"演示专家单位{number + 1:02d}", en=f"Demonstration expert unit {number + 1:02d}", kind="university",
        region=region, uscc=None, valid_from=SINCE,
    )  # fmt: skip
    person = _person(change, f"演示专家{number + 1:02d}", f"expert {number + 1:02d}", "expert")
    affiliate(change, person, unit.id, valid_from=SINCE)
    roles[f"expert{number}"] = person
    return person, region
