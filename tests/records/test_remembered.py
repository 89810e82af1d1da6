"""What is remembered is what the log knew; an entry more, or another database, and it is read anew."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import func, select

from tanlu.records import Database, Person, Remembered, register_person


def people(database: Database, memory: Remembered[int], reads: list[str]) -> int:
    with database.read() as session:

        def count() -> int:
            reads.append("read")
            return session.execute(select(func.count()).select_from(Person)).scalar_one()

        return memory.get(session, "people", count)


def register(database: Database, name: str) -> None:
    with database.change("system", "person.register", "people") as change:
        register_person(change, zh=name)


def test_a_value_is_read_anew_when_the_log_has_grown(database: Database) -> None:
    memory, reads = Remembered[int](10), list[str]()
    assert [people(database, memory, reads) for _ in range(3)] == [0, 0, 0]
    register(database, "甲")
    assert [people(database, memory, reads) for _ in range(2)] == [1, 1]
    assert len(reads) == 2


def test_two_databases_with_logs_of_one_length_do_not_share_a_value(sqlite_template: Path, tmp_path: Path) -> None:
    memory, reads, found = Remembered[int](10), list[str](), []
    for name, count in (("one", 1), ("two", 2)):
        shutil.copy(sqlite_template, tmp_path / f"{name}.db")
        database = Database.open(f"sqlite:///{tmp_path / name}.db")
        with database.change("system", "person.register", "people") as change:
            for n in range(count):
                register_person(change, zh=f"人{n}")
        assert database.size() == 1
        found.append(people(database, memory, reads))
        database.close()
    assert found == [1, 2]


def test_values_that_were_not_asked_for_longest_go_first(sqlite: Database) -> None:
    memory, made = Remembered[str](10, len), list[str]()

    def get(name: str, length: int) -> str:
        def make() -> str:
            made.append(name)
            return name * length

        with sqlite.read() as session:
            return memory.get(session, name, make)

    for name in "aba":
        get(name, 4)
    # 4 of a, which was asked for last, and 6 of c are as much as is kept
    get("c", 6)
    for name in "acb":
        get(name, 4)
    assert made == ["a", "b", "c", "b"]
    # what is heavier than all that is kept is kept alone
    get("d", 40)
    assert get("d", 1) == "d" * 40
