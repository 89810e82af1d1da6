"""Lists show exactly what a person may read, page by page; two officers who act at once do not both succeed."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.event import listen
from tests.programme.cycle.conftest import AWAY, DEADLINE, HOME, World, terms

from tanlu.programme.cycle import Application, Call, Project, calls, lists
from tanlu.programme.cycle.acting import project_target
from tanlu.programme.cycle.contracting import shares_of
from tanlu.programme.cycle.lists import ProjectFilter
from tanlu.records import ConflictError, Principal, Records, RefusedError, new_id

STATES = ("contracting", "running", "accepted")


def filled(world: World, count: int = 60) -> Call:
    """Write projects of the four units in turn, without the way that leads to them."""
    call = calls.draft_call(world.records, world.officer, terms())
    pi = world.person("pi", world.units[0])
    with world.records.database.change("system", "test.projects", "test") as change:
        for n in range(count):
            unit, region, at = n % 4, HOME if n % 4 < 2 else AWAY, new_id()
            change.session.add(
                Application(
                    id=at, number=f"A{n:03d}", call_id=call.id, state="approved", lead_id=world.units[unit], region=region, pi_id=pi,
                    zh="题", en="title", summary="", asked=Decimal(1), months=1, action="", facts={}, excluded=[], created_by="system",
                    submitted_at=change.at,
                )
            )  # fmt: skip
            change.session.flush()
            change.session.add(
                Project(
                    id=new_id(), number=f"P{n:03d}", call_id=call.id, application_id=at, state=STATES[n % 3], kind="guideline",
                    region=region, lead_id=world.units[unit], chief_id=pi, zh=f"题{n}", en=f"title {n}", action=f"A0{n % 2}",
                    grant=Decimal(10), version=0, colour=n % 3, stage=1,
                )
            )  # fmt: skip
    return call


def test_which_rows_a_list_has_is_remembered_until_the_log_grows_and_for_one_person(world: World) -> None:
    filled(world, 12)
    rights, database, asked = world.records.rights, world.records.database, list[str]()

    with database.read() as session:
        listen(session.connection().engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def total(who: Principal) -> int:
        with database.read() as session:
            return lists.projects(session, rights, who, limit=2).total

    assert [total(world.officer), total(Principal()), total(world.officer)] == [12, 8, 12]
    # the numbers of a list were read once for each person, the rows of the page each time
    assert sum(text.startswith("SELECT programme_project.number \n") for text in asked) == 2
    with database.change("system", "test.state", "test") as change:
        found = change.session.execute(select(Project).where(Project.state == "contracting").limit(1)).scalar_one()
        found.state = "running"
    assert [total(world.officer), total(Principal())] == [12, 9]


def test_a_list_is_what_the_right_allows_record_by_record(world: World) -> None:
    filled(world)
    people = [world.officer, world.unit0, world.people[f"bureau_{AWAY}"], world.auditor, Principal()]
    with world.records.database.read() as session:
        every = list(session.execute(select(Project).order_by(Project.number)).scalars())
        for who in people:
            wanted = [p.number for p in every if world.records.rights.allows(who, "project.read", project_target(p))]
            page = lists.projects(session, world.records.rights, who, limit=7)
            found = [
                p.number
                for n in range(0, max(page.total, 1), 7)
                for p in lists.projects(session, world.records.rights, who, offset=n, limit=7).rows
            ]
            assert (found, page.total) == (wanted, len(wanted))
        told = lists.projects(
            session, world.records.rights, world.officer, ProjectFilter(region=AWAY, colour=2, words="题1")
        )
        assert [p.number for p in told.rows] == ["P011", "P014"]
        assert lists.board(session, "hunan", world.now.date()).projects == dict.fromkeys(STATES, 20)


def test_the_filters_of_large_lists_are_served_by_indexes(desk: World) -> None:
    filled(desk, 1)
    with desk.records.database.read() as session:
        for wanted in (ProjectFilter(state="running"), ProjectFilter(action="A00"), ProjectFilter(colour=2)):
            statement = select(Project).where(*wanted.conditions()).order_by(Project.number).limit(50)
            compiled = statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            plan = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
            assert [row.detail.partition(" USING INDEX ")[0] for row in plan] == ["SEARCH programme_project"]


def test_of_two_officers_who_approve_at_once_one_succeeds(world: World) -> None:
    call = calls.draft_call(world.records, world.officer, terms())
    calls.move_call(world.records, world.officer, call.id, "submit")
    told: list[str] = []

    def approve(records: Records, who: Principal) -> None:
        try:
            told.append(calls.move_call(records, who, call.id, "approve").state)
        except ConflictError as error:
            told.append(error.problems[0].code)

    threads = [threading.Thread(target=approve, args=(world.records, w)) for w in (world.second, world.third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["approved", "state_moved"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fen=st.integers(1, 10**12), parts=st.lists(st.integers(1, 9999), min_size=1, max_size=3))
def test_the_shares_of_the_funders_add_up_to_the_grant(desk: World, fen: int, parts: list[int]) -> None:
    names = ("ministry", "province", "prefecture")
    whole = sum(parts)
    shares = {name: (Decimal(p) / whole).quantize(Decimal("0.0001")) for name, p in zip(names, parts, strict=False)}
    first = next(iter(shares))
    shares[first] += 1 - sum(shares.values())
    grant = Decimal(fen) / 100
    if any(not 0 < s <= 1 for s in shares.values()):
        with pytest.raises(RefusedError):
            calls.draft_call(desk.records, desk.officer, terms(funders=shares))
        return
    call = calls.draft_call(desk.records, desk.officer, terms(funders=shares))
    with desk.records.database.read() as session:
        found = shares_of(session, call, Project(region=HOME), grant)
    assert sum(map(Decimal, found.values())) == grant
    assert all(Decimal(amount) >= 0 for amount in found.values())
    assert (HOME in found) == ("prefecture" in shares)


def test_a_call_cannot_be_published_after_its_deadline(desk: World) -> None:
    call = calls.draft_call(desk.records, desk.officer, terms())
    calls.move_call(desk.records, desk.officer, call.id, "submit")
    calls.move_call(desk.records, desk.second, call.id, "approve")
    desk.now = DEADLINE + timedelta(seconds=1)
    with pytest.raises(RefusedError):
        calls.move_call(desk.records, desk.officer, call.id, "publish")
