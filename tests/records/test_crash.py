"""Killed at any moment: no acknowledged change is lost, and log, database and tiles agree."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.records.conftest import Server

from tanlu.records.entries import LogEntry
from tanlu.records.place import Records
from tanlu.records.verification import verify

WRITER = """
import sys
from pathlib import Path
from tanlu.records.people import register_person
from tanlu.records.place import Records
records = Records.open(Path(sys.argv[1]))
for i in range(100_000):
    with records.database.change("system", "person.register", f"{sys.argv[2]}:{i}") as change:
        person = register_person(change, zh=f"{sys.argv[2]}{i}")
    print(f"{sys.argv[2]}:{i}", flush=True)
    if i % 3 == 0:
        records.log.publish()
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_writer_loses_no_acknowledged_change(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path, kind: str
) -> None:
    lines = ['province = "testland"', "[records]"]
    if kind == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        lines.append(f'database = "{server.fresh()}"')
    else:
        shutil.copy(sqlite_template, tmp_path / "records.db")
    (tmp_path / "tanlu.toml").write_text("\n".join(lines), encoding="utf-8")
    Records.open(tmp_path).close()
    chance, acknowledged = random.Random(5), list[str]()
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path), "a"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as writer:
        assert writer.stdout is not None
        wanted = chance.randrange(8, 20)
        while len(acknowledged) < wanted:
            acknowledged.append(writer.stdout.readline().strip())
        time.sleep(chance.random() / 50)
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += [line for line in writer.stdout.read().split("\n")[:-1] if line]
    records = Records.open(tmp_path)
    report = verify(records.log.folder, records.log.key.verifier, records.database, records.evidence)
    assert report.sound, report.faults
    with records.database.read() as session:
        kept = set(session.execute(select(LogEntry.subject)).scalars())
    assert set(acknowledged) <= kept and len(kept) <= len(acknowledged) + 1
    assert report.rows == len(kept)
    with records.database.change("system", "a.b", "after"):
        pass
    assert records.log.publish().size == len(kept) + 1
    assert verify(records.log.folder, records.log.key.verifier, records.database, records.evidence).sound
    records.close()
