"""Rights: default deny, the same answer for one record and for a query, and no role for oneself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Boolean, Column, MetaData, String, Table, create_engine, insert, select

from tanlu.core.errors import DataError
from tanlu.records.database import Database
from tanlu.records.organisations import register_organisation
from tanlu.records.people import register_person
from tanlu.records.refusals import NotPermittedError, RefusedError
from tanlu.records.roles import (
    REACHES,
    SCOPE_OF_ROLE,
    Columns,
    Grant,
    Principal,
    Rights,
    Target,
    grant_role,
    load_principal,
    load_rights,
)

START = date(2026, 1, 1)
RIGHTS = load_rights()
OFFICER = Principal("p", (Grant("public"), Grant("prefecture_officer", region="a/b")))
UNIT = Principal("p", (Grant("public"), Grant("unit", units=frozenset({"u1", "u2"}))))
EXPERT = Principal("p", (Grant("public"), Grant("expert")), tasks=frozenset({"t1"}))
AUDITOR = Principal("p", (Grant("public"), Grant("auditor")))
ADMIN = Principal("p", (Grant("public"), Grant("admin")))


@pytest.mark.parametrize(
    ("who", "action", "target", "allowed"),
    [
        (OFFICER, "organisation.change", Target(region="a/b"), True),
        (OFFICER, "organisation.change", Target(region="a/b/c"), True),
        (OFFICER, "organisation.change", Target(region="a/bc"), False),
        (OFFICER, "organisation.change", Target(region="a"), False),
        (OFFICER, "organisation.change", Target(), False),
        (OFFICER, "rules.approve", Target(), False),
        (UNIT, "evidence.read", Target(organisation_id="u2"), True),
        (UNIT, "evidence.read", Target(organisation_id="u3"), False),
        (EXPERT, "evidence.read", Target(task_id="t1"), True),
        (EXPERT, "evidence.read", Target(task_id="t2"), False),
        (EXPERT, "person.change", Target(person_id="p"), True),
        (EXPERT, "person.change", Target(person_id="q"), False),
        (AUDITOR, "evidence.read", Target(), True),
        (AUDITOR, "evidence.add", Target(region="a/b"), False),
        (ADMIN, "role.grant", Target(), True),
        (ADMIN, "evidence.read", Target(region="a/b"), False),
        (Principal(), "rules.read", Target(published=True), True),
        (Principal(), "rules.read", Target(), False),
        (Principal(), "person.change", Target(person_id=""), False),
        (ADMIN, "no.such.action", Target(published=True), False),
    ],
)
def test_who_may_do_what(who: Principal, action: str, target: Target, allowed: bool) -> None:
    assert RIGHTS.allows(who, action, target) is allowed
    if not allowed:
        with pytest.raises(NotPermittedError):
            RIGHTS.require(who, action, target)


def test_a_token_can_only_narrow_rights() -> None:
    narrow = Principal("p", ADMIN.grants, actions=frozenset({"log.checkpoint", "evidence.read"}))
    assert RIGHTS.allows(narrow, "log.checkpoint") and not RIGHTS.allows(narrow, "role.grant")
    assert not RIGHTS.allows(narrow, "evidence.read")


@pytest.mark.parametrize(("action", "told"), [("role.grant", "token_lacks"), ("evidence.read", "not_permitted")])
def test_who_is_refused_learns_whether_the_token_or_the_role_is_missing(action: str, told: str) -> None:
    narrow = Principal("p", ADMIN.grants, actions=frozenset({"log.checkpoint"}))
    with pytest.raises(NotPermittedError) as refused:
        RIGHTS.require(narrow, action)
    assert [p.code for p in refused.value.problems] == [told]


ROWS = Table(
    "rows",
    MetaData(),
    *(Column(n, String) for n in ("region", "organisation_id", "task_id", "person_id")),
    Column("published", Boolean),
)
ENGINE = create_engine("sqlite://")
REGIONS = ("a", "a/b", "a/bc", "a/b/c", "b", "a_b", None)
ALL = [
    Target(region, unit, task, person, published)
    for region in REGIONS
    for unit in ("u1", "u3", None)
    for task in ("t1", None)
    for person in ("p", "q", None)
    for published in (True, False)
]


@pytest.fixture(scope="module")
def rows() -> list[Target]:
    """A table with one row of every kind."""
    ROWS.metadata.create_all(ENGINE)
    names = [c.name for c in ROWS.columns]
    with ENGINE.begin() as connection:
        connection.execute(insert(ROWS), [{n: getattr(t, n) for n in names} for t in ALL])
    return ALL


grants = st.builds(
    Grant,
    st.sampled_from(sorted(SCOPE_OF_ROLE)),
    st.sampled_from(REGIONS),
    st.frozensets(st.sampled_from(["u1", "u2", "u3"])),
)
tables = st.dictionaries(
    st.sampled_from(sorted(SCOPE_OF_ROLE)), st.lists(st.sampled_from(REACHES), max_size=3).map(tuple)
)


@settings(max_examples=60)
@given(tables, st.lists(grants, max_size=3), st.sampled_from(["p", ""]), st.frozensets(st.sampled_from(["t1", "t2"])))
def test_a_query_and_a_record_have_the_same_answer(
    rows: list[Target], table: dict[str, tuple[str, ...]], held: list[Grant], person: str, tasks: frozenset[str]
) -> None:
    rights, who = Rights({"x.y": table}), Principal(person, tuple(held), tasks)
    columns = Columns(*(ROWS.c[n] for n in ("region", "organisation_id", "task_id", "person_id", "published")))
    with ENGINE.connect() as connection:
        found = connection.execute(select(ROWS).where(rights.condition(who, "x.y", columns))).all()
    wanted = [t for t in rows if rights.allows(who, "x.y", t)]
    assert sorted(map(str, (tuple(r) for r in found))) == sorted(
        str((t.region, t.organisation_id, t.task_id, t.person_id, t.published)) for t in wanted
    )


def test_a_query_without_the_column_shows_nothing() -> None:
    assert str(RIGHTS.condition(OFFICER, "organisation.read", Columns())) == "false"


def test_roles_have_their_time_and_reach_down_the_tree(database: Database) -> None:
    with database.change("system", "x.y", "z") as change:
        fields = {"kind": "other", "region": "a/b", "uscc": None, "valid_from": START}
        top = register_organisation(change, zh="上", **fields)  # type: ignore[arg-type]
        part = register_organisation(change, zh="下", parent_id=top.id, **fields)  # type: ignore[arg-type]
        person = register_person(change, zh="张三").id
        grant_role(change, person, "unit", organisation_id=top.id, valid_from=START, valid_to=date(2026, 6, 30))
        grant_role(change, person, "prefecture_officer", region="a/b", valid_from=date(2026, 7, 1))
    with database.read() as session:
        early = load_principal(session, person, date(2026, 6, 30), tasks=["t"], actions=["log.read"])
        late = load_principal(session, person, date(2026, 7, 1))
    assert {g.role for g in early.grants} == {"public", "unit"} and early.tasks == {"t"}
    assert early.grants[1].units == {top.id, part.id} and early.actions == {"log.read"}
    assert [(g.role, g.region) for g in late.grants[1:]] == [("prefecture_officer", "a/b")]


@pytest.mark.parametrize(
    ("role", "code"),
    [("province_officer", "empty"), ("unit", "empty"), ("public", "unknown_choice"), ("king", "unknown_choice")],
)
def test_a_role_that_cannot_be_given_says_why(sqlite: Database, role: str, code: str) -> None:
    with sqlite.change("system", "x.y", "z") as change:
        person = register_person(change, zh="张三").id
    with pytest.raises(RefusedError) as error, sqlite.change("system", "x.y", "z") as change:
        grant_role(change, person, role, valid_from=START)
    assert [p.code for p in error.value.problems] == [code]


def test_nobody_gives_a_role_to_themselves(sqlite: Database) -> None:
    with sqlite.change("system", "x.y", "z") as change:
        person = register_person(change, zh="张三").id
    with pytest.raises(RefusedError) as error, sqlite.change(person, "role.grant", "z") as change:
        grant_role(change, person, "admin", valid_from=START)
    assert [p.code for p in error.value.problems] == ["own_change"]


def test_all_faults_of_a_table_of_rights_are_told(tmp_path: Path) -> None:
    file = tmp_path / "permissions.yaml"
    file.write_text("a.b: {king: all, admin: everything}\nlog.read: {admin: all}\nc.d: all\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        load_rights([file])
    codes = [p.code for p in error.value.problems]
    assert codes == ["unknown_choice", "unknown_choice", "double_key", "not_key_values"]
