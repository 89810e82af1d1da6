"""One way to write, on SQLite and on PostgreSQL: rows, entry and leaf together, in order, without gaps."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, create_engine, delete, insert, select, text, update
from sqlalchemy.dialects import postgresql as postgresql_dialect
from sqlalchemy.dialects import sqlite as sqlite_dialect
from tests.records.conftest import Server

from tanlu.records.base import Fen, Root, Scaled, UtcDateTime
from tanlu.records.database import Database
from tanlu.records.entries import LogEntry, history
from tanlu.records.log import commitment, leaf_hash, root_of
from tanlu.records.login import LoginAttempts
from tanlu.records.people import Person, register_person
from tanlu.records.refusals import ConflictError, RefusedError, WriteOutsideChangeError
from tanlu.records.schema import NewerSchemaError


def entries_of(database: Database) -> list[LogEntry]:
    with database.read() as session:
        return list(session.execute(select(LogEntry).order_by(LogEntry.sequence)).scalars())


def add_person(database: Database, zh: str) -> str:
    with database.change("system", "person.register", "person", reason="测试") as change:
        return register_person(change, zh=zh).id


def test_a_change_writes_row_entry_and_leaf_together(database: Database) -> None:
    person = add_person(database, "甲")
    (entry,) = entries_of(database)
    content = entry.content()
    assert content is not None and entry.event is not None and entry.salt is not None
    assert (content["actor"], content["action"], content["reason"]) == ("system", "person.register", "测试")
    assert [row[:2] for row in content["rows"]] == [["person", person]]
    assert commitment(entry.salt, entry.event.encode()) == entry.commitment
    assert database.frontier().root() == root_of([leaf_hash(entry.commitment)])
    assert "甲" not in entry.event


def test_what_fails_leaves_nothing_behind(database: Database) -> None:
    add_person(database, "甲")
    before = database.frontier()
    with pytest.raises(ZeroDivisionError), database.change("system", "a.b", "c") as change:
        register_person(change, zh="乙")
        change.session.flush()
        raise ZeroDivisionError
    with pytest.raises(ValueError), database.change("system", "a.b", "c", details={"amount": 1.5}):
        pass
    with pytest.raises(RefusedError), database.change("system", "a.b", "c") as change:
        register_person(change, zh="字" * 401)
    assert database.frontier() == before
    with database.read() as session:
        assert session.execute(select(Person.zh)).scalars().all() == ["甲"]


def test_an_alteration_and_a_deletion_are_sealed_too(database: Database) -> None:
    person = add_person(database, "甲")
    with database.change("system", "person.change", f"person:{person}") as change:
        change.session.get_one(Person, person).en = "Jia"
    with database.change("system", "person.change", f"person:{person}") as change:
        change.session.get_one(Person, person).en = "Jia"
    with database.change("system", "person.remove", f"person:{person}") as change:
        change.session.delete(change.session.get_one(Person, person))
    contents = [e.content() or {} for e in entries_of(database)]
    digests = [[row[2] for row in c["rows"]] for c in contents]
    assert digests[0][0] != digests[1][0] and digests[2] == [] and digests[3] == [None]


def test_nothing_else_can_write(database: Database) -> None:
    person = add_person(database, "甲")
    with database.read() as session:
        session.get_one(Person, person).zh = "乙"
        with pytest.raises(WriteOutsideChangeError):
            session.flush()
    with pytest.raises(WriteOutsideChangeError), database.working() as session:
        session.add(Person(zh="乙", en=""))
    with pytest.raises(WriteOutsideChangeError), database.batch() as batch:
        batch.session.add(Person(zh="乙", en=""))
    for statement in (update(Person).values(zh="乙"), delete(Person), insert(Person).values(id="x", zh="", en="")):
        with pytest.raises(WriteOutsideChangeError), database.change("system", "a.b", "c") as change:
            change.session.execute(statement)
    with pytest.raises(WriteOutsideChangeError), database.change("system", "a.b", "c") as change:
        change.session.add(LogEntry(sequence=9, actor="", action="", subject="", commitment=bytes(32), at=change.at))
    with pytest.raises(WriteOutsideChangeError), database.read() as session:
        session.execute(delete(LoginAttempts))
    assert database.size() == 1


def test_the_database_itself_keeps_entries_against_slips(database: Database) -> None:
    add_person(database, "甲")
    engine = create_engine(database.url)
    for slip in ("DELETE FROM log_entry", "UPDATE log_entry SET actor = 'x'"):
        with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
            connection.execute(text(slip))
    engine.dispose()


def test_a_batch_is_committed_whole_or_not_at_all(database: Database) -> None:
    with database.batch() as batch:
        for name in "甲乙丙":
            with batch.change("system", "person.register", name) as change:
                register_person(change, zh=name)
    assert [e.subject for e in entries_of(database)] == ["甲", "乙", "丙"]
    with pytest.raises(RefusedError), database.batch() as batch:
        for name in ("丁", ""):
            with batch.change("system", "person.register", name) as change:
                register_person(change, zh=name)
    assert database.size() == 3
    with pytest.raises(WriteOutsideChangeError), database.change("system", "a", "b"), database.batch() as batch:
        pass


def test_a_change_that_failed_cannot_be_left_out_of_its_batch(database: Database) -> None:
    with pytest.raises(WriteOutsideChangeError), database.batch() as batch:
        try:
            with batch.change("system", "person.register", "甲") as change:
                register_person(change, zh="甲")
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        with pytest.raises(WriteOutsideChangeError), batch.change("system", "person.register", "乙"):
            pass
    assert database.size() == 0
    with database.read() as session:
        assert session.execute(select(Person)).first() is None


@pytest.mark.parametrize("text", ["甲\x00", "\ud800", "字" * 401])
def test_text_that_one_database_would_take_and_the_other_not_is_refused(database: Database, text: str) -> None:
    with pytest.raises(RefusedError), database.change("system", "person.register", "person") as change:
        register_person(change, zh=text)
    with pytest.raises(RefusedError), database.change("system", "person.register", f"person:{text}"):
        pass
    assert database.size() == 0


def test_writers_at_once_leave_a_sequence_without_gaps(database: Database) -> None:
    errors: list[Exception] = []

    def work(name: str) -> None:
        try:
            for i in range(12):
                add_person(database, f"{name}{i}")
        except Exception as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(name,)) for name in "甲乙丙丁"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    found = entries_of(database)
    assert [e.sequence for e in found] == list(range(48))
    assert database.frontier().root() == root_of([leaf_hash(e.commitment) for e in found])


def test_the_same_thing_twice_is_a_conflict(database: Database) -> None:
    person = add_person(database, "甲")
    with pytest.raises(ConflictError), database.change("system", "a.b", "c") as change:
        change.session.add(Person(id=person, zh="乙", en=""))
    assert database.size() == 1


def test_erased_content_is_gone_and_the_tree_stays(database: Database) -> None:
    add_person(database, "甲")
    add_person(database, "乙")
    root = root_of([leaf_hash(e.commitment) for e in entries_of(database)])
    with database.batch() as batch:
        assert batch.erase([0], "system", "按本人要求") == 2
    first, second, third = entries_of(database)
    assert (first.event, first.salt) == (None, None) and second.event is not None
    assert (third.content() or {})["details"] == {"entries": [0]}
    assert root_of([leaf_hash(e.commitment) for e in (first, second)]) == root
    for wrong in ([7], [2], [0, 2]):
        with pytest.raises(RefusedError), database.batch() as batch:
            batch.erase(wrong, "system", "")
    with database.read() as session:
        assert [e.sequence for e in history(session, "log")] == [2]


def test_a_block_may_end_in_another_thread_than_it_began_in(database: Database) -> None:
    """As the dependencies of web frameworks do; the first thread can write afterwards."""
    block = database.change("system", "a.b", "c")
    block.__enter__()
    thread = threading.Thread(target=block.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    add_person(database, "甲")
    assert database.size() == 2


def test_the_schema_is_that_of_the_mapped_classes(url: str) -> None:
    Database.open(url).close()
    engine = create_engine(url)

    def ours(thing: object, name: str | None, kind: str, *rest: object) -> bool:
        return not (kind == "table" and str(name).startswith("schema_"))

    with engine.connect() as connection:
        tables = {str(t) for t in Root.metadata.tables if t in RECORDS}
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": False, "include_object": lambda o, n, k, *r: ours(o, n, k) and _mine(o, tables)},
        )
        assert compare_metadata(context, Root.metadata) == []
    engine.dispose()


RECORDS = {
    "affiliation", "api_token", "contact", "credential", "evidence_file", "evidence_use", "log_entry", "log_head", "login_attempts",
    "login_session", "organisation", "organisation_name", "person", "role_assignment", "rule_pack_version", "workflow_step",
}  # fmt: skip


def _mine(thing: object, tables: set[str]) -> bool:
    table = thing if isinstance(thing, Table) else getattr(thing, "table", None)
    return table is None or str(table.name) in tables


def test_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    Database.open(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_records SET version_num = '9999'"))
    with pytest.raises(NewerSchemaError) as error:
        Database.open(url)
    assert error.value.problems[0].value == "9999"
    engine.dispose()


def open_one(address: str, opened: list[Database]) -> None:
    opened.append(Database.open(address, origin="o"))


def test_two_processes_that_open_an_empty_database_make_one_schema(tmp_path: Path, postgresql: Server) -> None:
    for address in (f"sqlite:///{tmp_path / 'empty.db'}", postgresql.fresh("template0")):
        opened: list[Database] = []
        threads = [threading.Thread(target=open_one, args=(address, opened)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [d.origin() for d in opened] == ["o"] * 3
        for database in opened:
            database.close()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("nonsense", "database_url"),
        ("mysql://u@h/d", "database_url"),
        ("sqlite:////no/such/folder/r.db", "no_database"),
        ("postgresql+psycopg://u@/d?host=/no/such/folder", "no_database"),
        ("postgresql+nodriver://u@h/d", "no_driver"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(address: str, code: str) -> None:
    with pytest.raises(RefusedError) as error:
        Database.open(address)
    assert error.value.problems[0].code == code


@given(st.decimals(-(10**12), 10**12, places=2))
def test_money_is_whole_fen(amount: Decimal) -> None:
    dialect = sqlite_dialect.dialect()
    stored = Fen().process_bind_param(amount, dialect)
    assert stored == int(amount * 100) and Fen().process_result_value(stored, dialect) == amount


def test_amounts_are_never_rounded_and_never_floats() -> None:
    dialect = sqlite_dialect.dialect()
    with pytest.raises(ValueError):
        Fen().process_bind_param(Decimal("0.005"), dialect)
    with pytest.raises(TypeError):
        Scaled(3).process_bind_param(1.5, dialect)  # type: ignore[arg-type]


@given(st.datetimes(timezones=st.sampled_from([UTC, datetime.now(UTC).astimezone().tzinfo])))
def test_moments_come_back_in_utc(moment: datetime) -> None:
    for dialect in (sqlite_dialect.dialect(), postgresql_dialect.dialect()):
        stored = UtcDateTime().process_bind_param(moment, dialect)
        back = UtcDateTime().process_result_value(stored, dialect)
        assert back == moment and back is not None and back.utcoffset() == timedelta(0)
    with pytest.raises(ValueError):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), dialect)
