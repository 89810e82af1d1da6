"""Reading list pages of 10,000 projects: the query part, per page, on SQLite and on a PostgreSQL given by its address.

    python benchmarks/programme_lists.py [--projects 10000] [--postgresql URL] [--write]

Pages of several filters, by an officer of the province, a prefecture, a unit and the public. No peer: the bar is the page budget of the
portal (p95 of 150 ms with everything around the query). CPU time of this process; that of a PostgreSQL server is not in it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from sections import machine, versions, write
from tanlu.programme.cycle import PERMISSIONS, ROOM, Application, Call, Project
from tanlu.programme.cycle.lists import ProjectFilter, organisation_names, person_names, projects
from tanlu.records import (
    Database,
    Grant,
    Principal,
    load_rights,
    new_id,
    register_organisation,
    register_person,
)

HEADING = "## Programme: list pages"
STATES = ("contracting", "signed", "running", "running", "running", "closing", "accepted", "closed", "failed")
REPEATS = 60
SINCE = date(2020, 1, 1)


def fill(database: Database, count: int) -> list[str]:
    """Write projects with their applications through changes of the log, and return the ids of units."""
    chosen = random.Random(1)
    regions = [f"p/c{n:02d}" for n in range(14)]
    with database.change("system", "bench.people", "bench") as change:
        units = [
            register_organisation(
                change, zh=f"单位{n}", kind="enterprise", region=regions[n % 14], uscc=None, valid_from=SINCE
            ).id
            for n in range(400)
        ]
        people = [register_person(change, zh=f"人{n}").id for n in range(400)]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with database.change("system", "bench.call", "bench") as change:
        call = Call(
            id=new_id(), number="2026-001", year=2026, kind="guideline", state="done", region="p", zh="征集", en="call", text_zh="",
            text_en="", pot=Decimal(1), largest_grant=Decimal(1), deadline=now, line="strict", threshold=Decimal(60), panel_size=3,
            stages=1, first_stage_share=Decimal(1), rubric=[], gates=[], created_by="system", created_at=now,
        )  # fmt: skip
        change.session.add(call)
    for start in range(0, count, 1000):
        with database.change("system", "bench.projects", "bench") as change:
            for n in range(start, min(start + 1000, count)):
                who, at = chosen.randrange(400), new_id()
                change.session.add(
                    Application(
                        id=at, number=f"A{n:05d}", call_id=call.id, state="approved", lead_id=units[who], region=regions[who % 14],
                        pi_id=people[who], zh=f"项目{n}", en=f"project {n}", summary="", asked=Decimal(1), months=24, action="", facts={},
                        excluded=[], created_by="system", submitted_at=now,
                    )
                )  # fmt: skip
                change.session.add(
                    Project(
                        id=new_id(), number=f"P{n:05d}", call_id=call.id, application_id=at, state=chosen.choice(STATES), kind="guideline",
                        region=regions[who % 14], lead_id=units[who], chief_id=people[who], zh=f"低碳项目{n}", en=f"project {n}",
                        action=f"A{chosen.randrange(10):02d}", grant=Decimal(500_000), version=1, colour=chosen.randrange(3), stage=1,
                    )
                )  # fmt: skip
                if n % 200 == 0:
                    change.session.flush()
    return units


def pages(units: list[str]) -> list[tuple[str, Principal, ProjectFilter]]:
    """Return who asks for what."""
    officer = Principal("o", (Grant("public"), Grant("province_officer", "p")))
    bureau = Principal("b", (Grant("public"), Grant("prefecture_officer", "p/c03")))
    unit = Principal("u", (Grant("public"), Grant("unit", None, frozenset(units[:1]))))
    return [
        ("officer, all", officer, ProjectFilter()),
        ("officer, running and red", officer, ProjectFilter(state="running", colour=2)),
        ("officer, one action", officer, ProjectFilter(action="A03")),
        ("officer, one prefecture", officer, ProjectFilter(region="p/c05")),
        ("officer, words in the title", officer, ProjectFilter(words="项目99")),
        ("prefecture, contracts to be signed", bureau, ProjectFilter(state="contracting")),
        ("unit, its own", unit, ProjectFilter(lead_id=units[0])),
        ("public, all", Principal(), ProjectFilter()),
    ]


def measure(database: Database, units: list[str], step: Callable[[str], None]) -> list[tuple[str, int, float, float]]:
    """Return name, rows of the whole list, median and 95th percentile [ms of CPU time] of each page."""
    rights, chosen, found = load_rights([PERMISSIONS]), random.Random(2), []
    for name, who, wanted in pages(units):
        step(name)
        times, total = [], 0
        for _ in range(REPEATS):
            began = time.process_time()
            with database.read() as session:
                first = projects(session, rights, who, wanted, offset=50 * chosen.randrange(20))
                organisation_names(session, [p.lead_id for p in first.rows], "zh")
                person_names(session, [p.chief_id for p in first.rows], "zh")
            times.append((time.process_time() - began) * 1000)
            total = first.total
        times.sort()
        found.append((name, total, times[len(times) // 2], times[int(len(times) * 0.95)]))
    return found


def table(name: str, rows: list[tuple[str, int, float, float]]) -> str:
    """Return rows as a table."""
    lines = [f"\n{name}:\n", "| page | rows | median [ms] | p95 [ms] |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {page} | {total} | {middle:.1f} | {most:.1f} |" for page, total, middle, most in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure and print; with ``--write`` into RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=int, default=10_000)
    parser.add_argument("--postgresql", default="", help="address of an empty database")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    told = [
        f"{HEADING}\n\n{machine()}; {versions('sqlalchemy', 'psycopg')}. {given.projects} projects, 50 a page, {REPEATS} pages each.\n"
    ]
    with tempfile.TemporaryDirectory() as folder:
        addresses = {"SQLite": f"sqlite:///{Path(folder) / 'records.db'}"}
        if given.postgresql:
            addresses["PostgreSQL"] = given.postgresql
        for name, url in addresses.items():
            database = Database.open(url, rooms=("tanlu.records", ROOM), origin="bench.example/log")
            units = fill(database, given.projects)
            told.append(table(name, measure(database, units, lambda page, name=name: print(f"{name}: {page}"))))
            database.close()
    section = "\n".join(told)
    print(section)
    if given.write:
        write(HEADING, section)


if __name__ == "__main__":
    main()
