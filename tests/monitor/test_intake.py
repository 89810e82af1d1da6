"""The queue before the ledger: groups, back-pressure, a disk that refuses, stopping."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.monitor.listening import T0, held, ledger_of

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.batch import Batch, Receipt
from tanlu.monitor.intake import ClosedError, Intake
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.refusal import Refusal


def batch_of(ledger: Ledger, start: int, size: int = 10, name: str = "") -> Batch:
    number = ledger.registry.meters["m1"].number
    stamps = T0 + 900 * np.arange(start, start + size)
    return Batch("test:here", np.full(size, number, np.int32), stamps, np.arange(size), None, name)


def test_a_receipt_comes_when_the_batch_is_durable(tmp_path: Path) -> None:
    """The journal on disk, read by somebody else, has the batch as soon as there is a receipt."""
    with ledger_of(tmp_path) as ledger:

        async def run() -> None:
            async with Intake(ledger) as intake:
                receipt = await intake.store(batch_of(ledger, 1))
                assert (receipt.accepted, receipt.duplicate) == (10, False)
                assert sum(path.stat().st_size for path in (ledger.path / "journal").iterdir()) > 0
                again = await intake.store(batch_of(ledger, 1))
                assert again.duplicate
                assert intake.waiting == 0

        asyncio.run(run())
        assert len(held(ledger)) == 10


def test_many_batches_are_written_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the writer is busy the others gather, and then share one call: 200 batches need far fewer than 200."""
    with ledger_of(tmp_path) as ledger:
        calls: list[int] = []
        whole = ledger.append_many

        def counted(batches: list[Batch]) -> list[Receipt]:
            calls.append(len(batches))
            return whole(batches)

        monkeypatch.setattr(ledger, "append_many", counted)

        async def run() -> None:
            async with Intake(ledger) as intake:
                receipts = await asyncio.gather(*(intake.store(batch_of(ledger, 1, 5, str(i))) for i in range(200)))
                assert all(receipt.accepted == 5 for receipt in receipts)

        asyncio.run(run())
        assert sum(calls) == 200
        assert len(calls) < 20


def test_a_full_queue_makes_listeners_wait_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger_of(tmp_path) as ledger:
        gate = threading.Event()
        whole = ledger.append_many

        def slow(batches: list[Batch]) -> list[Receipt]:
            gate.wait(10)
            return whole(batches)

        monkeypatch.setattr(ledger, "append_many", slow)

        async def run() -> None:
            async with Intake(ledger, capacity=30) as intake:
                taken = [intake.offer([batch_of(ledger, 10 * i)]) for i in range(3)]
                assert all(taken)
                assert intake.offer([batch_of(ledger, 30)]) is None
                waiting = asyncio.create_task(intake.store(batch_of(ledger, 30)))
                await asyncio.sleep(0.01)
                assert not waiting.done()
                assert intake.status()["waits"] == 1
                gate.set()
                assert (await waiting).accepted == 10

        asyncio.run(run())
        assert len(held(ledger)) == 40


def test_batches_are_acknowledged_while_files_of_readings_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first batch is on its way into a file that takes as long as it likes; the second one and its copy are answered meanwhile."""
    with ledger_of(tmp_path) as ledger:
        begun, goes_on = threading.Event(), threading.Event()
        whole = ledger.reader.write

        def slow(*given: Any) -> Any:
            begun.set()
            assert goes_on.wait(10)
            return whole(*given)

        monkeypatch.setattr(ledger.reader, "write", slow)

        async def run() -> None:
            async with Intake(ledger, flush_seconds=0) as intake:
                await intake.store(batch_of(ledger, 1))
                assert await asyncio.to_thread(begun.wait, 10)
                assert (await intake.store(batch_of(ledger, 11))).accepted == 10
                assert (await intake.store(batch_of(ledger, 1))).duplicate
                assert ledger.days() == [], "the first batch is in no file yet"
                goes_on.set()

        asyncio.run(run())
        assert ledger.pending == 0
        assert len(held(ledger)) == 20


def test_a_disk_that_refuses_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger_of(tmp_path) as ledger:
        whole = ledger.append_many
        refusals = iter([True, True])

        def full_at_first(batches: list[Batch]) -> list[Receipt]:
            if next(refusals, False):
                raise DataError([Problem("ledger_disk", "journal", value="No space left on device")])
            return whole(batches)

        monkeypatch.setattr(ledger, "append_many", full_at_first)

        async def run() -> None:
            async with Intake(ledger) as intake:
                future = intake.offer([batch_of(ledger, 1)])
                assert future is not None
                while not intake.status()["fault"]:
                    await asyncio.sleep(0.005)
                assert not future.done()
                assert (await future)[0].accepted == 10
                assert intake.status()["fault"] == []

        asyncio.run(run())


def test_what_could_not_be_written_at_the_end_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ledger_of(tmp_path) as ledger:

        def full(batches: list[Batch]) -> list[Receipt]:
            raise DataError([Problem("ledger_disk", "journal", value="No space left on device")])

        monkeypatch.setattr(ledger, "append_many", full)

        async def run() -> None:
            async with Intake(ledger) as intake:
                future = intake.offer([batch_of(ledger, 1)])
                assert future is not None
                await intake.stop()
                with pytest.raises(ClosedError):
                    await future
                late = intake.offer([batch_of(ledger, 1)])
                assert late is not None
                with pytest.raises(ClosedError):
                    await late

        asyncio.run(run())


def test_a_fault_of_the_writer_leaves_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the program is not a full disk: nothing is tried again, and who waits is told."""
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with ledger_of(tmp_path) as ledger:

        def broken(batches: list[Batch]) -> list[Receipt]:
            raise KeyError("fault")

        monkeypatch.setattr(ledger, "append_many", broken)

        async def run() -> None:
            async with Intake(ledger) as intake:
                future = intake.offer([batch_of(ledger, 1)])
                assert future is not None
                with pytest.raises(ClosedError):
                    await future
                await asyncio.wait_for(intake.ended.wait(), 5)

        asyncio.run(run())


def test_what_is_refused_is_kept_aside_and_counted(tmp_path: Path) -> None:
    with ledger_of(tmp_path) as ledger:

        async def run() -> None:
            async with Intake(ledger) as intake:
                intake.refuse("hj212", "10.0.0.7", Refusal("hj212_garbage", count=3), b"\x00\xffx")
                await intake.store(batch_of(ledger, 1))

        asyncio.run(run())
        kept = [json.loads(line) for line in ledger.aside.path.read_text(encoding="utf-8").splitlines()]
        assert [(k["source"], k["peer"], k["reason"], k["raw"]) for k in kept] == [
            ("hj212", "10.0.0.7", "hj212_garbage", "\x00\xffx")
        ]
        status = json.loads((ledger.path / "status.json").read_text(encoding="utf-8"))
        assert status["protocols"]["hj212"]["refused"] == {"hj212_garbage": 1}
        assert status["protocols"]["test"]["readings"] == 10
        assert status["senders"]["test:here"]["last_at"] > 0
        seen = json.loads((ledger.path / "last_seen.json").read_text(encoding="utf-8"))
        assert seen == {"m1": T0 + 10 * 900}
