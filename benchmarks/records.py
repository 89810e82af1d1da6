"""Speed of the log: changes a second, and verification of 100,000 entries, against pymerkle on the same leaves in the same run.

    python benchmarks/records.py [--entries 100000] [--postgresql URL] [--write]

Roots must agree, or the program stops. pymerkle keeps a Merkle tree and nothing else: no actor, no salt, no rows, no signed checkpoint.
Beside changes that are acknowledged one by one stands what SQLite itself allows: the same columns by the same statements, without a log.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pymerkle
from sqlalchemy import select

from sections import Time, machine, timed, versions, write
from tanlu.records.database import Database
from tanlu.records.entries import LogEntry
from tanlu.records.log import root_of, verify_inclusion
from tanlu.records.log.receipts import Receipt
from tanlu.records.log.tree import leaf_hash
from tanlu.records.people import Person
from tanlu.records.place import Records
from tanlu.records.verification import verify

HEADING = "## Log of records"
BATCH = 500
SINGLE = 1_000
WRITERS = 16
APPENDED = 8_000
APPENDING = 32
ROWS = 2_000
Row = tuple[str, int, Time, str]


def append(database: Database, count: int, batch: int, rows: bool) -> None:
    """Make changes, each an entry of its own; every transaction is on the disk when it is acknowledged."""
    for _ in range(count // batch):
        with database.batch() as changes:
            for i in range(batch):
                with changes.change("system", "person.register", f"person:{i}") as change:
                    if rows:
                        change.session.add(Person(zh="某", en="", erased=False))


def many_writers(database: Database) -> None:
    """Let several threads make changes at once, each acknowledged one by one."""
    threads = [Thread(target=append, args=(database, SINGLE // WRITERS, 1, False)) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def many_appending(database: Database) -> None:
    """Let several threads append entries without rows at once, each acknowledged one by one."""

    def work() -> None:
        for i in range(APPENDED // APPENDING):
            database.append("system", "person.register", f"person:{i}")

    threads = [Thread(target=work) for _ in range(APPENDING)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def appends(database: Database, entries: int) -> list[Row]:
    """Time changes of several kinds."""

    def run(name: str, count: int, batch: int, rows: bool, remark: str) -> Row:
        return name, count, timed(lambda: append(database, count, batch, rows))[1], remark

    append(database, 50, 1, True)
    return [
        run(f"entry, {BATCH} a transaction", entries, BATCH, False, "acknowledged every 500"),
        run("entry, one a transaction", SINGLE, 1, False, "acknowledged one by one, on the disk"),
        (
            f"entry, one a transaction, {WRITERS} writers", SINGLE // WRITERS * WRITERS, timed(lambda: many_writers(database))[1],
            "one after the other in the order they came",
        ),
        (
            f"entry without rows, appended, {APPENDING} writers", APPENDED, timed(lambda: many_appending(database))[1],
            "acknowledged one by one, on the disk; those that wait together in one transaction",
        ),
        run(f"entry with a sealed row, {BATCH} a transaction", ROWS, BATCH, True, "the row is written, read back and sealed"),
        run("entry with a sealed row, one a transaction", SINGLE, 1, True, ""),
    ]  # fmt: skip


def floor(folder: Path) -> Row:
    """Time what SQLite itself allows: the columns of an entry and of the head, written and committed one by one, with no log at all."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE head (size INTEGER, frontier BLOB); INSERT INTO head VALUES (0, '');"
        "CREATE TABLE entry (sequence INTEGER PRIMARY KEY, at TEXT, actor TEXT, action TEXT, subject TEXT, event TEXT, salt BLOB,"
        "leaf BLOB);"
        "CREATE INDEX a ON entry (actor); CREATE INDEX b ON entry (action); CREATE INDEX c ON entry (subject);"
    )

    def write_all() -> None:
        for i in range(SINGLE):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("SELECT size, frontier FROM head").fetchone()
            row = (i, "2026", "system", "person.register", f"person:{i}", "x" * 200, os.urandom(16), os.urandom(32))
            connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            connection.execute("UPDATE head SET size = ?, frontier = ?", (i, os.urandom(320)))
            connection.execute("COMMIT")

    taken = timed(write_all)[1]
    connection.close()
    return "SQLite alone, the same columns, one a transaction", SINGLE, taken, "no actor checked, no leaf, no seal"


def peer_appends(folder: Path, leaves: list[bytes]) -> list[Row]:
    """Time the same leaves in the SQLite tree of pymerkle."""
    tree = pymerkle.SqliteTree(str(folder / "peer.db"), algorithm="sha256")
    whole = timed(lambda: tree.append_entries(leaves))[1]
    single = timed(lambda: [tree.append_entry(leaf) for leaf in leaves[:SINGLE]])[1]
    return [
        ("pymerkle SqliteTree, append_entries", len(leaves), whole, "leaves only, in its own chunks of 100,000"),
        ("pymerkle SqliteTree, append_entry", SINGLE, single, "leaves only"),
    ]


def check(root: bytes, other: bytes) -> None:
    """Stop if two roots differ."""
    if root != other:
        raise SystemExit("the roots differ")


def verification(records: Records, leaves: list[bytes]) -> list[Row]:
    """Time the verification of everything, and the root of the same leaves in pymerkle."""
    report, whole = timed(
        lambda: verify(records.log.folder, records.log.key.verifier, records.database, records.evidence)
    )
    if not report.sound:
        raise SystemExit(f"not sound: {report.faults[:3]}")
    ours, root = timed(lambda: root_of([leaf_hash(leaf) for leaf in leaves]))

    def theirs() -> bytes:
        return bytes(pymerkle.InmemoryTree.init_from_entries(leaves, algorithm="sha256").get_root())

    found, peer = timed(theirs)
    check(ours, found)
    check(ours, bytes.fromhex(report.root))
    what = f"leaves from events and salts, columns, root, tiles, checkpoint, {report.rows:,} rows"
    return [
        ("verification of everything", report.entries, whole, what),
        ("root of the leaves alone", len(leaves), root, ""),
        ("pymerkle InmemoryTree, root of the leaves alone", len(leaves), peer, "same root"),
    ]


def proofs(records: Records, leaves: list[bytes]) -> list[Row]:
    """Time receipts, made and checked, and the proofs of pymerkle."""
    places = list(range(0, len(leaves), max(len(leaves) // 200, 1)))[:200]
    receipts, made = timed(lambda: [records.log.receipt(i) for i in places])
    checkpoint = records.log.checkpoint()
    assert checkpoint is not None

    def verify_all() -> None:
        for text in receipts:
            found = Receipt.parse(text)
            verify_inclusion(found.index, checkpoint.size, leaf_hash(leaves[found.index]), found.path, checkpoint.root)

    tree = pymerkle.InmemoryTree.init_from_entries(leaves, algorithm="sha256")
    peer = timed(lambda: [tree.prove_inclusion(i + 1) for i in places])[1]
    return [
        ("receipt made", len(places), made, "from tiles and database, with event, salt and checkpoint"),
        ("receipt checked", len(places), timed(verify_all)[1], ""),
        ("pymerkle InmemoryTree, proof made", len(places), peer, "tree in memory"),
    ]


def table(rows: list[Row]) -> str:
    """Return rows as a table of Markdown."""
    head = "| what | count | elapsed | a second | CPU | a CPU second | remark |\n|---|---|---|---|---|---|---|\n"
    lines = [
        f"| {n} | {c:,} | {t.wall:.2f} s | {c / max(t.wall, 1e-9):,.0f} | {t.cpu:.2f} s | {c / max(t.cpu, 1e-9):,.0f} | {r} |"
        for n, c, t, r in rows
    ]
    return head + "\n".join(lines) + "\n"


def section(entries: int, postgresql: str, step: Callable[[str], None]) -> str:
    """Run everything and return the section."""
    load = (
        f"Load of the machine by other programs at the start {os.getloadavg()[0]:.1f}: elapsed times are longer by it."
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tanlu.toml").write_text('province = "benchmark"\n', encoding="utf-8")
        records = Records.open(folder)
        step("appending")
        rows = [*appends(records.database, entries), floor(folder)]
        rows.append(("publication: tiles and checkpoint", records.database.size(), timed(records.log.publish)[1], ""))
        with records.database.read() as session:
            leaves = list(session.execute(select(LogEntry.commitment).order_by(LogEntry.sequence)).scalars())
        step("peer")
        rows += peer_appends(folder, leaves)
        step("verifying")
        checked = verification(records, leaves)
        step("proving")
        checked += proofs(records, leaves)
        records.close()
    served = ""
    if postgresql:
        step("PostgreSQL")
        database = Database.open(postgresql, origin="benchmark")
        served = f"\n### Changes on PostgreSQL\n\n{table(appends(database, entries // 10))}"
        database.close()
    used = versions("sqlalchemy", "pymerkle", "cryptography")
    head = f"`python benchmarks/records.py`; {machine()}; {used}. SQLite (WAL), with fsync at each commit. {load}"
    head += (
        " What arrives together (imports, demonstrations, verification of several filings) is one transaction; a change of its own pays"
        " for a session, a transaction and a flush of the disk."
    )
    return f"{HEADING}\n\n{head}\n\n### Changes\n\n{table(rows)}{served}\n### Verification and receipts\n\n{table(checked)}"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="write the section into RESULTS.md")
    parser.add_argument("--postgresql", default="", help="address of an empty database")
    chosen = parser.parse_args()
    text = section(chosen.entries, chosen.postgresql, lambda step: print(step, flush=True))
    print(text)
    if chosen.write:
        write(HEADING, text)


if __name__ == "__main__":
    main()
