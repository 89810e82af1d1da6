"""Entries from many threads: each has its place, those that wait together are one transaction, and a fault is told to whom it concerns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tanlu.records.changes import Batch
from tanlu.records.database import Database
from tanlu.records.entries import LogEntry
from tanlu.records.log import commitment, leaf_hash, root_of
from tanlu.records.people import register_person
from tanlu.records.refusals import ConflictError, RefusedError, WriteOutsideChangeError
from tanlu.records.requests import Attendance, attended


def together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work(number) in threads that begin at once; return what each returned or raised, in their order."""
    found: list[Any] = [None] * count
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait(30)
        try:
            found[number] = work(number)
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            found[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def entries_of(database: Database) -> list[LogEntry]:
    with database.read() as session:
        return list(session.execute(select(LogEntry).order_by(LogEntry.sequence)).scalars())


def test_each_of_many_threads_gets_the_place_of_its_own_entry(database: Database) -> None:
    """200 entries of 8 threads beside 20 changes with rows: no place twice, no gap, and the tree is that of the leaves."""

    def work(number: int) -> list[tuple[int, str]]:
        if number == 8:
            for _ in range(20):
                with database.change("system", "person.register", "person") as change:
                    register_person(change, zh="甲")
            return []
        return [
            (database.append("system", "a.b", f"s:{number}.{i}", details={"n": i}), f"s:{number}.{i}")
            for i in range(25)
        ]

    places = dict(pair for found in together(9, work) for pair in found)
    entries = entries_of(database)
    assert [e.sequence for e in entries] == list(range(220))
    assert {e.sequence: e.subject for e in entries if e.action == "a.b"} == places and len(places) == 200
    for entry in entries:
        assert entry.event is not None and entry.salt is not None
        assert commitment(entry.salt, entry.event.encode()) == entry.commitment
    assert database.frontier().root() == root_of([leaf_hash(e.commitment) for e in entries])


def test_those_who_wait_together_are_one_transaction(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change is held open; one thread comes and writes next, eleven come meanwhile and are written together: three transactions."""
    finished: list[int] = []
    finish = Batch.finish

    def counted(batch: Batch) -> None:
        finished.append(batch._frontier.size)
        finish(batch)

    def start(number: int) -> threading.Thread:
        thread = threading.Thread(target=sqlite.append, args=("system", "a.b", f"s:{number}"))
        thread.start()
        return thread

    monkeypatch.setattr(Batch, "finish", counted)
    appender, pause = sqlite._appender, threading.Event()
    with sqlite.change("system", "a.b", "held"):
        threads = [start(0)]
        while appender._waiting or not appender._written_now:
            pause.wait(0.001)
        threads += [start(number) for number in range(1, 12)]
        while len(appender._waiting) < 11:
            pause.wait(0.001)
    for thread in threads:
        thread.join(60)
    assert finished == [1, 2, 13]


def test_a_transaction_that_cannot_be_committed_is_told_to_all_of_it_and_the_next_go_on(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(batch: Batch) -> None:
        raise ConflictError

    with monkeypatch.context() as broken:
        broken.setattr(Batch, "finish", fail)
        found = together(6, lambda n: sqlite.append("system", "a.b", f"s:{n}"))
    assert [type(f) for f in found] == [ConflictError] * 6
    assert sqlite.size() == 0
    assert sorted(together(6, lambda n: sqlite.append("system", "a.b", f"s:{n}"))) == list(range(6))


def test_a_faulty_entry_fails_nobody_else(sqlite: Database) -> None:
    def work(number: int) -> int:
        return sqlite.append("system", "a.b", f"s:{number}", details={"n": 0.5} if number == 3 else {})

    found = together(8, work)
    assert isinstance(found[3], ValueError | TypeError)
    assert sorted(f for f in found if isinstance(f, int)) == list(range(7))
    with pytest.raises(RefusedError):
        sqlite.append("system", "a.b", "x" * 1000)


def test_an_entry_about_a_fault_is_appended_while_the_fault_is_handled(sqlite: Database) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        assert sqlite.append("system", "a.fault", "c") == 0


def test_an_entry_is_not_appended_within_a_change(sqlite: Database) -> None:
    with pytest.raises(WriteOutsideChangeError), sqlite.change("system", "a.b", "c"):
        sqlite.append("system", "a.b", "d")
    assert sqlite.size() == 0


def test_what_a_request_asks_of_its_change_belongs_to_its_own_entry(sqlite: Database) -> None:
    asked = Attendance("person", key="k", digest="d")
    with attended(asked):
        assert sqlite.append("system", "a.b", "c") == 0
    assert asked.made
