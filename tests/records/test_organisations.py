"""Organisations and people: names over time, the tree, affiliations."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.core.uscc import check_character
from tanlu.records.database import Database
from tanlu.records.organisations import (
    Organisation,
    ancestors,
    find_organisation,
    give_code,
    move_organisation,
    register_organisation,
    related,
    rename_organisation,
    search_organisations,
    units_of,
)
from tanlu.records.people import (
    add_contact,
    affiliate,
    contacts_of,
    find_person,
    forget_person,
    organisations_of,
    register_person,
)
from tanlu.records.refusals import RefusedError

CODE = "91350100M000100Y43"
START = date(2020, 1, 1)


def add(database: Database, zh: str, parent: str | None = None, uscc: str | None = None, en: str = "") -> str:
    with database.change("system", "organisation.register", f"organisation:{zh}") as change:
        found = register_organisation(
            change, zh=zh, en=en, kind="university", region="a/b", uscc=uscc, valid_from=START, parent_id=parent
        )
    return found.id


def test_an_organisation_gets_its_code_once(database: Database) -> None:
    name, other = add(database, "某公司"), add(database, "另一公司", uscc=CODE)
    for uscc, code in ((CODE, "uscc_known"), ("91350100M000100Y44", "uscc_check"), ("9135", "uscc_length")):
        with pytest.raises(RefusedError) as refused, database.change("system", "organisation.code", "x") as change:
            give_code(change, name, uscc)
        assert code in {p.code for p in refused.value.problems}
    fresh = "91430100MA4TANLU0" + check_character("91430100MA4TANLU0")
    with database.change("system", "organisation.code", "x") as change:
        give_code(change, name, fresh)
    with database.read() as session:
        assert find_organisation(session, name).uscc == fresh
    with pytest.raises(RefusedError) as refused, database.change("system", "organisation.code", "x") as change:
        give_code(change, other, fresh)
    assert [p.code for p in refused.value.problems] == ["uscc_given"]


def test_names_have_their_time(database: Database) -> None:
    name = add(database, "旧名大学", uscc=CODE, en="Old University")
    with database.change("system", "organisation.rename", f"organisation:{name}") as change:
        rename_organisation(change, name, zh="新名大学", valid_from=date(2024, 7, 1))
    with database.read() as session:
        found = find_organisation(session, name)
        assert found.name("zh", date(2024, 6, 30)) == "旧名大学" and found.name("zh", date(2024, 7, 1)) == "新名大学"
        assert found.name("en", date(2024, 6, 30)) == "Old University"
        assert found.name("en") == "新名大学" and found.name("zh", date(2019, 1, 1)) == ""
        for words in ("旧名", "新名", "old univ", CODE):
            assert [o.id for o in search_organisations(session, words)] == [name]
        assert search_organisations(session, "%") == []
    with pytest.raises(RefusedError), database.change("system", "organisation.rename", "x") as change:
        rename_organisation(change, name, zh="又名", valid_from=date(2024, 7, 1))


def test_everything_wrong_with_an_organisation_is_told(database: Database) -> None:
    add(database, "大学", uscc=CODE)
    with pytest.raises(RefusedError) as error, database.change("system", "organisation.register", "x") as change:
        register_organisation(
            change, zh=" ", kind="x", region="A B", uscc="1", valid_from=START, parent_id="none", regions=["a"]
        )
    codes = [p.code for p in error.value.problems]
    assert codes == ["uscc_length", "empty", "unknown_choice", "unknown_choice", "no_record"]
    with pytest.raises(RefusedError) as error, database.change("system", "organisation.register", "x") as change:
        register_organisation(change, zh="又一", kind="other", region="a", uscc=CODE, valid_from=START)
    assert [p.code for p in error.value.problems] == ["uscc_known"]


def test_the_tree_of_organisations(database: Database) -> None:
    university = add(database, "大学")
    faculty, hospital = add(database, "学院", university), add(database, "医院", university)
    laboratory, other = add(database, "实验室", faculty), add(database, "公司")
    with database.read() as session:
        assert units_of(session, university) == {university, faculty, hospital, laboratory}
        assert units_of(session, faculty, other) == {faculty, laboratory, other}
        assert ancestors(session, laboratory) == [laboratory, faculty, university]
        assert related(session, laboratory, hospital) == university
        assert related(session, laboratory, faculty) == faculty
        assert related(session, laboratory, other) is None
    for place in (laboratory, university):
        with pytest.raises(RefusedError), database.change("system", "organisation.move", "x") as change:
            move_organisation(change, university, place)
    with database.change("system", "organisation.move", "x") as change:
        move_organisation(change, faculty, other)
    with database.read() as session:
        assert related(session, laboratory, other) == other and related(session, laboratory, hospital) is None


@settings(max_examples=4)
@given(st.data())
def test_relation_is_symmetric_and_follows_the_parents(sqlite_session_database: Database, data: st.DataObject) -> None:
    """Against a second implementation that walks a list of parents."""
    size = data.draw(st.integers(2, 6))
    parents = [None if i == 0 else data.draw(st.none() | st.integers(0, i - 1)) for i in range(size)]
    ids: list[str] = []
    with sqlite_session_database.batch() as batch:
        for i, parent in enumerate(parents):
            with batch.change("system", "organisation.register", str(i)) as change:
                fields = {"kind": "other", "region": "a", "uscc": None, "valid_from": START}
                found = register_organisation(
                    change,
                    zh=f"单位{i}",
                    parent_id=None if parent is None else ids[parent],
                    **fields,  # type: ignore[arg-type]
                )
                ids.append(found.id)

    def up(i: int) -> list[int]:
        parent = parents[i]
        return [i] if parent is None else [i, *up(parent)]

    with sqlite_session_database.read() as session:
        for a in range(size):
            assert ancestors(session, ids[a]) == [ids[i] for i in up(a)]
            assert units_of(session, ids[a]) == {ids[i] for i in range(size) if a in up(i)}
            for b in range(size):
                shared = next((i for i in up(b) if i in up(a)), None)
                assert related(session, ids[a], ids[b]) == (None if shared is None else ids[shared])


def test_a_tree_that_runs_in_a_circle_by_hand_still_ends(sqlite: Database) -> None:
    a = add(sqlite, "甲")
    b = add(sqlite, "乙", a)
    with sqlite.change("system", "x.y", "z") as change:
        change.session.get_one(Organisation, a).parent_id = b
    with sqlite.read() as session:
        assert set(ancestors(session, a)) == {a, b} == units_of(session, a)


def test_people_belong_somewhere_for_a_time_and_can_be_forgotten(database: Database) -> None:
    first, second = add(database, "甲大学"), add(database, "乙公司")
    with database.change("system", "person.register", "person") as change:
        person = register_person(change, zh="张三", en="Zhang San").id
        affiliate(change, person, first, valid_from=START, valid_to=date(2023, 12, 31), position="教授")
        affiliate(change, person, second, valid_from=date(2024, 1, 1))
        add_contact(change, person, "email", " z@example.org ")
    with database.read() as session:
        assert organisations_of(session, person, date(2023, 12, 31)) == {first}
        assert organisations_of(session, person, date(2024, 1, 1)) == {second}
        assert organisations_of(session, person, date(2022, 1, 1), date(2024, 6, 1)) == {first, second}
        assert contacts_of(session, person, "email") == ["z@example.org"]
        assert find_person(session, person).name("en") == "Zhang San"
    with database.change("system", "person.erase", "person") as change:
        forget_person(change, person)
    with database.read() as session:
        found = find_person(session, person)
        assert (found.zh, found.en, found.erased) == ("", "", True)
        assert contacts_of(session, person, "email") == []
        assert organisations_of(session, person, date(2024, 1, 1)) == {second}


def test_what_is_wrong_with_a_person_is_told(sqlite: Database) -> None:
    organisation = add(sqlite, "大学")
    with sqlite.change("system", "x.y", "z") as change:
        person = register_person(change, zh="张三").id
    wrong = [
        lambda c: register_person(c, zh=" "),
        lambda c: find_person(c.session, "none"),
        lambda c: add_contact(c, person, "fax", "1"),
        lambda c: add_contact(c, person, "email", " "),
        lambda c: affiliate(c, person, organisation, valid_from=START, valid_to=date(2019, 1, 1)),
        lambda c: affiliate(c, person, "none", valid_from=START),
    ]
    for attempt in wrong:
        with pytest.raises(RefusedError), sqlite.change("system", "x.y", "z") as change:
            attempt(change)
    assert sqlite.size() == 2
