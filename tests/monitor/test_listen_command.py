"""``tanlu monitor listen`` as a process of its own: stopped, killed while senders send, started again; bad settings."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.monitor.crashing import MANY_ROUNDS
from tests.monitor.listening import T0, held, ledger_of
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.monitor import hj212
from tanlu.monitor.hj212.mapping import civil_of
from tanlu.monitor.ledger import Ledger
from tanlu.workspace import Workspace

MAP = "mn,code,command,field,label,password,meter,factor\nDEV1,a05001,minute,Avg,,,m1,\n"
FOREVER = 10**9


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace whose ledger has four meters."""
    folder = tmp_path / "ws"
    Workspace.create(folder, "p")
    ledger_of(folder, ("m1", "m2", "m3", "m4")).close()
    (folder / "hj212.csv").write_text(MAP, encoding="utf-8")
    return folder


@contextmanager
def listening(workspace: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command as a process, and its ports."""
    arguments = ["--hj212", "0", "--http", "0", "--json", "--no-requests"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tanlu", "monitor", "listen", "--workspace", str(workspace), *arguments],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"TANLU_LANG": "en"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert first["event"] == "listening"
        yield process, first["ports"]
    finally:
        process.kill()
        process.wait(10)


def upload(number: int) -> bytes:
    time_of = (("DataTime", civil_of(T0 + 900 * number)),)
    frame = hj212.Frame(
        "2051", "DEV1", f"{civil_of(T0 + 900 * number)}{number % 1000:03d}", "31", "123456", 5,
        params=time_of, data={"a05001": {"Avg": str(number), "Flag": "N"}},
    )  # fmt: skip
    return hj212.encode(frame)


async def send_frames(port: int, first: int, acknowledged: list[int]) -> int:
    """Send uploads as fast as they are acknowledged, ten at a time, until the connection breaks."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    frames, number = hj212.FrameReader(), first
    try:
        while number < first + FOREVER:
            writer.write(b"".join(upload(number + i) for i in range(10)))
            await writer.drain()
            answers: set[str] = set()
            while len(answers) < 10:
                data = await reader.read(4096)
                if not data:
                    return number + 10
                answers |= {f.qn for _, f in frames.feed(data) if isinstance(f, hj212.Frame)}
                acknowledged += [n for n in range(number, number + 10) if upload(n)[9:26].decode() in answers]
            number += 10
    except ConnectionError:
        pass
    finally:
        writer.close()
    return number + 10


async def post_batches(port: int, first: int, acknowledged: list[int]) -> int:
    """Post batches, each when the one before it is acknowledged, until the connection breaks."""
    import httpx

    number = first
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client:
        while number < first + FOREVER:
            body = {
                "batch": str(number),
                "meter": ["m2", "m3"],
                "time": [T0 - 60 * number] * 2,
                "value": [number, number],
            }
            try:
                answer = await client.post("/readings", json=body)
            except httpx.HTTPError:
                return number + 1
            assert answer.status_code == 200, answer.text
            acknowledged.append(number)
            number += 1
    return number


async def send_until_killed(
    process: subprocess.Popen[str], ports: dict[str, Any], firsts: tuple[int, int], told: tuple[list[int], list[int]]
) -> tuple[int, int]:
    """Send over both ways; kill the listener at some moment after both have been acknowledged something."""
    goals = [len(numbers) + 1 for numbers in told]
    sending = asyncio.gather(
        send_frames(ports["hj212"], firsts[0], told[0]), post_batches(ports["http"], firsts[1], told[1])
    )
    while any(len(numbers) < goal for numbers, goal in zip(told, goals, strict=True)):
        await asyncio.sleep(0.002)
    await asyncio.sleep(random.uniform(0, 0.1))
    process.send_signal(signal.SIGKILL)
    return await sending


def test_killed_while_senders_send_no_acknowledged_reading_is_lost(workspace: Path) -> None:
    """Twice, or as often as is asked for: send over HJ 212 and HTTP, kill the listener: all that was acknowledged is in the ledger."""
    told: tuple[list[int], list[int]] = ([], [])
    firsts = (-5000, 1)
    for _ in range(int(os.environ.get(MANY_ROUNDS, 2))):
        with listening(workspace) as (process, ports):
            firsts = asyncio.run(send_until_killed(process, ports, firsts, told))
        with Ledger.open(workspace / "ledger") as ledger:
            found = held(ledger, T0 - 60 * 86_400)
        for number in told[0]:
            assert found["m1", T0 + 900 * (number + 1)] == (100 * number, 0)
        for number in told[1]:
            assert found["m2", T0 - 60 * number] == found["m3", T0 - 60 * number] == (100 * number, 0)


def test_stopped_by_a_signal_it_ends_with_everything_in_files(workspace: Path) -> None:
    """One packet in a hundred is damaged on the way; SIGTERM ends the command with exit code 0 and a status on disk."""
    stream = b"".join(
        upload(n).replace(b"Avg=", b"Avg;") if n % 100 == 50 else upload(n) for n in range(-600, 0)
    )  # fmt: skip

    async def run(port: int) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(stream)
        frames, answers = hj212.FrameReader(), 0
        while answers < 594:
            answers += sum(isinstance(f, hj212.Frame) for _, f in frames.feed(await reader.read(65_536)))
        writer.close()
        return answers

    with listening(workspace) as (process, ports):
        assert asyncio.run(run(ports["hj212"])) == 594
        status = json.loads(urllib.request.urlopen(f"http://127.0.0.1:{ports['http']}/status", timeout=5).read())
        assert status["protocols"]["hj212"]["readings"] == 594
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stdout is not None
        last = json.loads(process.stdout.read().splitlines()[-1])
    assert (last["event"], last["readings"], last["refused"], last["waiting"]) == ("stopped", 594, 6, 0)
    assert not list((workspace / "ledger" / "journal").glob("*.jnl"))
    on_disk = json.loads((workspace / "ledger" / "status.json").read_text(encoding="utf-8"))
    assert on_disk["protocols"]["hj212"]["refused"] == {"hj212_crc": 6}
    with Ledger.open(workspace / "ledger", read_only=True) as ledger:
        assert len(held(ledger)) == 594


def fails(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["monitor", "listen", *arguments, "--json", "--lang", "en"])
    assert result.exit_code == 2, result.output
    problems: list[dict[str, Any]] = json.loads(result.stdout)["problems"]
    return problems


def test_the_faults_of_all_maps_are_told_before_anything_listens(workspace: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(MAP.replace("m1", "mx"), encoding="utf-8")
    problems = fails(
        "--workspace", str(workspace), "--hj212", "0", "--hj212-map", str(bad), "--mqtt", "nowhere", "--modbus",
        str(tmp_path / "none.csv"), "--http", "0", "--host", "0.0.0.0",
    )  # fmt: skip
    assert [p["file"] for p in problems] == ["bad.csv", "--http", "--mqtt", "none.csv"]
    assert all(p["mend"] for p in problems)


def test_nothing_to_listen_to_and_a_missing_map_are_told(workspace: Path) -> None:
    assert [p["file"] for p in fails("--workspace", str(workspace))] == ["listen"]
    (workspace / "hj212.csv").unlink()
    assert [p["file"] for p in fails("--workspace", str(workspace), "--hj212", "0")] == ["hj212.csv"]


def test_a_port_that_is_taken_and_a_ledger_that_is_written_are_told(workspace: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        (problem,) = fails("--workspace", str(workspace), "--http", port)
        assert port in problem["problem"]
    with Ledger.open(workspace / "ledger"):
        (problem,) = fails("--workspace", str(workspace), "--http", "0")
        assert "another process" in problem["problem"]


def test_after_a_restart_a_gap_is_still_known(workspace: Path) -> None:
    """The last upload before the restart was of quarter −10; the first after it is of quarter −5: four are missing."""
    from tanlu.monitor.hj212.mapping import read_map
    from tanlu.monitor.intake import Intake
    from tanlu.monitor.listen import gaps_of

    record = {"m1": T0 - 900 * 10 + 900, "gone": 5}
    (workspace / "ledger" / "last_seen.json").write_text(json.dumps(record), encoding="utf-8")
    with Ledger.open(workspace / "ledger") as ledger:
        gaps = gaps_of(Intake(ledger), read_map(workspace / "hj212.csv", ledger.registry))
    gaps.came("DEV1", "2051", T0 - 900 * 5, 900)
    request = gaps.next_request(hj212.Frame("2051", "DEV1", flag=5))
    assert request is not None
    assert request.params == (("BeginTime", civil_of(T0 - 900 * 9)), ("EndTime", civil_of(T0 - 900 * 6)))
