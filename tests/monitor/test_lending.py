"""A ledger that is lent by the process that receives readings: files come in beside it, nothing is lost, facts are kept up."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.monitor.listening import T0, held, ledger_of

from tanlu.core.errors import DataError
from tanlu.monitor.batch import Batch
from tanlu.monitor.intake import Intake
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.refreshing import keep_facts, refresh_once
from tanlu.monitor.schema import day_of

if TYPE_CHECKING:
    from tanlu.monitor.reading_tables import Block

BORROW = """
import os, sys
from pathlib import Path
import numpy as np
from tanlu.monitor.batch import Batch
from tanlu.monitor.ledger import Ledger
with Ledger.open(Path(sys.argv[1])) as ledger:
    ts = int(sys.argv[2])
    ledger.append(Batch("borrower", np.array(["m2"]), np.array([ts]), np.array([7])))
    if len(sys.argv) > 3:
        os.kill(os.getpid(), 9)
"""


def batch(number: int, meter: int = 1) -> Batch:
    """One reading of the first meter."""
    return Batch(
        "http:one", np.array([meter], np.int32), np.array([T0 + 900 * number]), np.array([number]), id=str(number)
    )


async def borrowed(folder: Path, stamp: int, *more: str) -> int:
    """Let another process append a reading of the second meter; return how it ended."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", BORROW, str(folder), str(stamp), *more)
    return await process.wait()


@pytest.mark.parametrize("killed", [False, True])
def test_another_process_writes_while_readings_come_in(tmp_path: Path, killed: bool) -> None:
    """Readings go on coming before, during and after; also where the other one is killed after its reading was acknowledged."""

    async def scene() -> int:
        with ledger_of(tmp_path) as ledger:
            async with Intake(ledger) as intake:
                asked = asyncio.create_task(borrowed(tmp_path / "ledger", T0 + 450, *(["killed"] if killed else [])))
                number = 0
                while not asked.done() or number < 3:
                    number += 1
                    assert (await intake.store(batch(number))).accepted == 1
                    await asyncio.sleep(0.02)
                assert (await asked) == (-signal.SIGKILL if killed else 0)
                number += 1
                assert (await intake.store(batch(number))).accepted == 1
                assert (await intake.store(batch(1))).duplicate
                assert intake.status()["lent"] == 1
            return number

    taken = asyncio.run(scene())
    with Ledger.open(tmp_path / "ledger") as ledger:
        expected = {("m1", T0 + 900 * n): (n, 0) for n in range(1, taken + 1)} | {("m2", T0 + 450): (7, 0)}
        assert held(ledger) == expected


def test_what_receives_sees_meters_that_were_registered_meanwhile(tmp_path: Path) -> None:
    from dataclasses import replace

    async def scene() -> None:
        with ledger_of(tmp_path) as ledger:
            async with Intake(ledger) as intake:

                def register() -> None:
                    with Ledger.open(tmp_path / "ledger") as other:
                        other.register([], [replace(other.registry.meters["m1"], id="m3")])

                await asyncio.to_thread(register)
                while "m3" not in intake.registry.meters:
                    await asyncio.sleep(0.02)
                number = intake.registry.meters["m3"].number
                assert (await intake.store(batch(1, number))).accepted == 1

    asyncio.run(scene())


def test_a_writer_that_lends_nothing_is_not_waited_for(tmp_path: Path) -> None:
    with ledger_of(tmp_path), pytest.raises(DataError, match="another process"):
        Ledger.open(tmp_path / "ledger")


def test_a_lender_that_does_not_answer_is_waited_for_only_so_long(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:
        ledger.offer()
        with pytest.raises(DataError, match="another process"):
            Ledger.open(tmp_path / "ledger", wait=0.05)


def test_facts_follow_what_comes_in(tmp_path: Path) -> None:
    """Two readings of a register, 900 apart by 2.00 kWh: the facts of the quarter tell 2 kWh without any command."""
    from tanlu.monitor.facts import Facts

    async def scene() -> None:
        with ledger_of(tmp_path) as ledger:
            async with Intake(ledger, flush_seconds=0.05) as intake:
                keeping = asyncio.create_task(keep_facts(intake, 0.05))
                for number in (1, 2):
                    reading = Batch(
                        "http:one", np.array([1], np.int32), np.array([T0 + 900 * number]), np.array([200 * number])
                    )
                    await intake.store(reading)
                end = time.monotonic() + 30
                while _quantity(tmp_path) != 2.0 and time.monotonic() < end:
                    await asyncio.sleep(0.05)
                assert not intake.counters.faults
                keeping.cancel()
                assert not await asyncio.to_thread(refresh_once, intake)

    def _quantity(folder: Path) -> float:
        with Ledger.open(folder / "ledger", read_only=True) as reader:
            table = Facts(reader).unit_days("plant", int(day_of(T0 + 900)), int(day_of(T0 + 900)))
        return float(np.nansum(table.column("quantity").to_numpy()))

    asyncio.run(scene())
    assert _quantity(tmp_path) == 2.0


def test_a_file_is_taken_while_the_command_listens(tmp_path: Path) -> None:
    """The command line as people use it: ``ingest`` beside ``listen``."""
    from tanlu.workspace import Workspace

    folder = tmp_path / "ws"
    Workspace.create(folder, "p")
    ledger_of(folder).close()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(T0 + 900))
    (tmp_path / "r.csv").write_text(f"meter,time,value\nm1,{stamp},1.00\n", encoding="utf-8")
    run = [sys.executable, "-m", "tanlu", "monitor"]
    listening = subprocess.Popen(
        [*run, "listen", "--workspace", str(folder), "--http", "0", "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert listening.stdout is not None
        assert "listening" in listening.stdout.readline()
        done = subprocess.run(
            [*run, "ingest", str(tmp_path / "r.csv"), "--workspace", str(folder), "--json"],
            capture_output=True, text=True, check=False, env=os.environ | {"TANLU_LANG": "en"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert '"accepted": 1' in done.stdout
        listening.send_signal(signal.SIGTERM)
        assert listening.wait(60) == 0
    finally:
        listening.kill()
        listening.wait(10)
    with Ledger.open(folder / "ledger", read_only=True) as ledger:
        assert held(ledger) == {("m1", T0 + 900): (100, 0)}


def test_readings_are_acknowledged_while_a_large_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the file is being read the one who receives has the ledger: what it takes is durable and stays, and so does the file.

    The reader of the file waits until a reading that came in meanwhile is acknowledged; it would wait in vain if the ledger were kept.
    """
    from tanlu.monitor import ingest
    from tanlu.monitor.reading_tables import ReadingsFile

    stamps = [T0 + 60 * n for n in range(1, 61)]
    lines = [f"m2,{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(ts))},{n}.00" for n, ts in enumerate(stamps)]
    (tmp_path / "r.csv").write_text("\n".join(["meter,time,value", *lines]) + "\n", encoding="utf-8")
    reading, acknowledged = threading.Event(), threading.Event()
    blocks = ReadingsFile.blocks

    def slow(self: ReadingsFile) -> Iterator[Block]:
        for block in blocks(self):
            yield block
            reading.set()
            assert acknowledged.wait(60)

    monkeypatch.setattr(ReadingsFile, "blocks", slow)
    # what is read goes to disk at once, and must outlive the other process taking up the ledger again
    monkeypatch.setattr("tanlu.monitor.spill.IN_MEMORY", 0)

    def take() -> ingest.IngestReport:
        with Ledger.open(tmp_path / "ledger") as other:
            return ingest.ingest_file(other, tmp_path / "r.csv")

    async def scene() -> ingest.IngestReport:
        with ledger_of(tmp_path) as ledger:
            async with Intake(ledger) as intake:
                asked = asyncio.create_task(asyncio.to_thread(take))
                await asyncio.to_thread(reading.wait, 60)
                receipts = [await asyncio.wait_for(intake.store(batch(n)), 60) for n in (1, 2)]
                acknowledged.set()
                report = await asked
                receipts.append(await intake.store(batch(3)))
                assert [r.accepted for r in receipts] == [1, 1, 1]
                assert intake.status()["lent"] == 2, "once to begin, once to take what was read"
                return report

    report = asyncio.run(scene())
    assert (report.rows, report.accepted) == (60, 60)
    with Ledger.open(tmp_path / "ledger") as ledger:
        expected = {("m1", T0 + 900 * n): (n, 0) for n in (1, 2, 3)}
        expected |= {("m2", ts): (100 * n, 0) for n, ts in enumerate(stamps)}
        assert held(ledger) == expected
        assert not list((tmp_path / "ledger" / "staging").iterdir())
