"""Meters of DL/T 645 behind a TCP gateway: questions, silence, noise, and answers of others."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.monitor.listening import held, ledger_of

from tanlu.core.errors import DataError
from tanlu.monitor import dlt645
from tanlu.monitor.dlt645.poller import Gateway, read_map
from tanlu.monitor.intake import Intake
from tanlu.monitor.polling import Beat

HEAD = "host,port,address,edition,item,meter,factor\n"
M1, M2, M3 = "000000000001", "123456789012", "000000060507"
Answer = Callable[[dlt645.Frame], list[bytes]]


class Line:
    """A gateway whose meters answer as a function says; it keeps the questions."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = dlt645.FrameReader()
        while data := await reader.read(256):
            for frame in frames.feed(data):
                assert isinstance(frame, dlt645.Frame)
                self.asked.append(frame.address)
                for part in self._answer(frame):
                    writer.write(part)
                    await writer.drain()
        writer.close()


def answers(frame: dlt645.Frame, value: str) -> bytes:
    return dlt645.encode(dlt645.Frame(frame.address, frame.control | 0x80, frame.data + bytes.fromhex(value)[::-1]))


def polled(tmp_path: Path, answer: Answer, rows: str, beats: int = 1) -> tuple[dict[str, int], list[str], list[str]]:
    """Poll the rows of a map; return the values, the questions, and the reasons aside."""
    with ledger_of(tmp_path, ("m1", "m2", "m3"), step=900) as ledger:
        line = Line(answer)

        async def run() -> None:
            port = await line.start()
            path = tmp_path / "dlt645.csv"
            path.write_text(HEAD + rows.replace("PORT", str(port)), encoding="utf-8")
            ((host, port), points) = next(iter(read_map(path, ledger.registry).items()))
            async with Intake(ledger) as intake:
                gateway = Gateway(intake, host, port, points, timeout=0.6)
                for _ in range(beats):
                    await gateway.poller.poll(Beat(int(time.time()) // 900 * 900, 900))
                await gateway.stop()
            line.stop()

        asyncio.run(run())
        values = {meter: value for (meter, _), (value, _) in held(ledger).items()}
        aside = ledger.aside.path
        reasons = (
            [json.loads(x)["reason"] for x in aside.read_text(encoding="utf-8").splitlines()] if aside.exists() else []
        )
        return values, line.asked, reasons


def test_meters_of_both_editions_are_read_one_after_the_other(tmp_path: Path) -> None:
    """123456.78 kWh; 93.64 kWh at a transformer of 40; in pieces, with noise before."""

    def answer(frame: dlt645.Frame) -> list[bytes]:
        whole = answers(frame, "12345678" if frame.address == M1 else "00009364")
        return [b"\xfe\x00\x55", whole[:9], whole[9:]]

    rows = f"127.0.0.1,PORT,{M1},2007,00010000,m1,\n127.0.0.1,PORT,{M3},1997,9010,m2,40\n"
    values, asked, reasons = polled(tmp_path, answer, rows)
    assert values == {"m1": 12_345_678, "m2": 374_560}
    assert (asked, reasons) == ([M1, M3], [])


def test_a_meter_that_is_silent_is_asked_three_times_and_the_others_answer(tmp_path: Path) -> None:
    rows = f"127.0.0.1,PORT,{M2},2007,00010000,m1,\n127.0.0.1,PORT,{M1},2007,00010000,m2,\n"
    values, asked, reasons = polled(tmp_path, lambda f: [] if f.address == M2 else [answers(f, "00000100")], rows)
    assert values == {"m2": 100}
    assert asked == [M2, M2, M2, M1]
    assert reasons == ["dlt645_silent"]


def test_a_damaged_answer_is_asked_for_again_and_those_of_others_do_not_count(tmp_path: Path) -> None:
    turns = iter(range(9))

    def answer(frame: dlt645.Frame) -> list[bytes]:
        good = answers(frame, "00000100")
        other = answers(dlt645.Frame(M2, frame.control, frame.data), "00099999")
        damaged = good[:-2] + bytes([good[-2] ^ 1]) + good[-1:]
        return [damaged] if next(turns) == 0 else [other, good]

    values, asked, reasons = polled(tmp_path, answer, f"127.0.0.1,PORT,{M1},2007,00010000,m1,\n")
    assert (values, asked, reasons) == ({"m1": 100}, [M1, M1], [])


def test_a_meter_that_refuses_is_not_asked_again(tmp_path: Path) -> None:
    refuse = lambda f: [dlt645.encode(dlt645.Frame(f.address, 0xD1, b"\x02"))]  # noqa: E731
    values, asked, reasons = polled(tmp_path, refuse, f"127.0.0.1,PORT,{M1},2007,00010000,m1,\n")
    assert (values, asked, reasons) == ({}, [M1], ["dlt645_refused"])


def test_an_unreachable_gateway_is_told_and_tried_again(tmp_path: Path) -> None:
    rows = f"127.0.0.1,1,{M1},2007,00010000,m1,\n127.0.0.1,1,{M2},2007,00010000,m2,\n"
    values, asked, reasons = polled(tmp_path, lambda f: [], rows, beats=2)
    assert (values, asked, reasons) == ({}, [], ["no_connection"] * 2)


def test_all_faults_of_a_map_are_told_together(tmp_path: Path) -> None:
    """A spreadsheet has dropped the zeros of the first address."""
    with ledger_of(tmp_path) as ledger:
        path = tmp_path / "dlt645.csv"
        path.write_text(
            HEAD
            + f"h,1,60507,1997,9010,m1,\nh,1,{M1},2007,9010,m2,\nh,1,{M1},2013,00010000,m2,\nh,1,{M2},2007,00010000,mx,\n",
            encoding="utf-8",
        )
        with pytest.raises(DataError) as error:
            read_map(path, ledger.registry)
        assert sorted((p.row, p.code) for p in error.value.problems) == [
            (2, "monitor_dlt645_address"), (3, "monitor_dlt645_item"), (4, "unknown_choice"), (5, "monitor_map_meter"),
        ]  # fmt: skip
