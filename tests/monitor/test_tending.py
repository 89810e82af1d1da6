"""Work that goes on after a fault of the program."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from tests.monitor.listening import ledger_of

from tanlu.monitor import tending
from tanlu.monitor.intake import Intake


def test_after_a_fault_the_work_goes_on_and_the_fault_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tending, "AGAIN_SECONDS", 0.0)
    turns: list[int] = []

    async def work() -> None:
        turns.append(1)
        if len(turns) < 3:
            raise KeyError("fault")

    with ledger_of(tmp_path) as ledger:

        async def run() -> None:
            async with Intake(ledger) as intake:
                with caplog.at_level(logging.ERROR):
                    await tending.tended(intake, "modbus", "h:502", work)
                protocols = intake.status()["protocols"]
                assert isinstance(protocols, dict)
                assert protocols["modbus"]["refused"] == {"fault": 2}

        asyncio.run(run())
    assert len(turns) == 3
    assert "KeyError" in caplog.text


def test_work_that_is_stopped_is_cancelled_and_not_begun_again(tmp_path: Path) -> None:
    turns: list[str] = []

    async def work() -> None:
        turns.append("begun")
        try:
            await asyncio.sleep(60)
        finally:
            turns.append("ended")

    with ledger_of(tmp_path) as ledger:

        async def run() -> None:
            async with Intake(ledger) as intake:
                task = asyncio.create_task(tending.tended(intake, "modbus", "h:502", work))
                while not turns:
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

        asyncio.run(run())
    assert turns == ["begun", "ended"]
