"""Devices of HJ 212 against the listener: acknowledgements, both forms, split messages, gaps, refusals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.monitor.listening import T0, held, ledger_of

from tanlu.core.errors import DataError
from tanlu.monitor import hj212
from tanlu.monitor.hj212.gaps import ANSWER_SECONDS, Gaps
from tanlu.monitor.hj212.mapping import civil_of, read_map, stamp_of
from tanlu.monitor.hj212.server import Listener, reply
from tanlu.monitor.intake import Intake
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.schema import Quality

HEAD = "mn,code,command,field,label,password,meter,factor\n"
MAP = HEAD + "DEV1,a05001,minute,Avg,,123456,m1,\nDEV1,a00000,minute,Cou,,123456,m2,0.001\nDEV2,011,rtd,Rtd,,,m3,\n"


def upload(mn: str, at: int, cn: str = "2051", flag: int | None = 5, **data: dict[str, str]) -> hj212.Frame:
    qn = f"{civil_of(at + 900)}001" if flag is not None else ""
    return hj212.Frame(cn, mn, qn, "31", "123456", flag, params=(("DataTime", civil_of(at)),), data=data)


class Device:
    """A device at the other end of a real socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._frames = hj212.FrameReader()
        self._read: list[hj212.Frame] = []

    async def send(self, *frames: hj212.Frame | bytes) -> None:
        self.writer.write(b"".join(f if isinstance(f, bytes) else hj212.encode(f) for f in frames))
        await self.writer.drain()

    async def hear(self) -> hj212.Frame:
        while not self._read:
            data = await asyncio.wait_for(self.reader.read(4096), 20)
            assert data, "the listener closed the connection"
            self._read += [f for _, f in self._frames.feed(data) if isinstance(f, hj212.Frame)]
        return self._read.pop(0)


def serving(
    ledger: Ledger, folder: Path, talk: Callable[[Device, Intake], Awaitable[None]], gaps: Gaps | None = None
) -> None:
    """Listen with the map, let a device talk, and stop."""
    (folder / "map.csv").write_text(MAP, encoding="utf-8")

    async def run() -> None:
        async with Intake(ledger) as intake:
            listener = Listener(intake, read_map(folder / "map.csv", ledger.registry), gaps)
            port = await listener.start("127.0.0.1", 0)
            device = Device(*await asyncio.open_connection("127.0.0.1", port))
            await talk(device, intake)
            device.writer.close()
            await listener.stop()

    asyncio.run(run())


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return ledger_of(tmp_path, ("m1", "m2", "m3"))


def test_uploads_are_stored_and_acknowledged(ledger: Ledger, tmp_path: Path) -> None:
    """12.34 with two decimals is 1234; 5000 at a factor of 0.001 is 5.00; the stamp is the end of the quarter of an hour."""

    async def talk(device: Device, intake: Intake) -> None:
        await device.send(upload("DEV1", T0, a05001={"Avg": "12.34", "Flag": "N"}, a00000={"Cou": "5000", "Flag": "M"}))
        answer = await device.hear()
        assert (answer.cn, answer.st, answer.flag, answer.params) == ("9014", "91", 4, ())
        assert answer.qn == f"{civil_of(T0 + 900)}001"
        assert held(ledger) == {("m1", T0 + 900): (1234, Quality.GOOD), ("m2", T0 + 900): (500, Quality.MAINTENANCE)}

    serving(ledger, tmp_path, talk)


def test_the_older_form_is_stored_and_answered_in_its_own_way(ledger: Ledger, tmp_path: Path) -> None:
    """HJ/T 212-2005: the answer names the packet in its parameters; real-time values keep their stamp; without bit A nothing is said."""

    async def talk(device: Device, intake: Intake) -> None:
        await device.send(upload("DEV2", T0, "2011", None, **{"011": {"Rtd": "18.0412", "Flag": "N"}}))
        later = hj212.Frame(
            "2011", "DEV2", "20240701001500001", "32", "123456", 1, params=(("DataTime", civil_of(T0 + 60)),),
            data={"011": {"Rtd": "19", "Flag": "T"}},
        )  # fmt: skip
        await device.send(later)
        answer = await device.hear()
        assert (answer.cn, answer.flag) == ("9014", 0)
        assert answer.params == (("QN", "20240701001500001"), ("CN", "2011"))
        assert held(ledger) == {("m3", T0): (1804, Quality.GOOD), ("m3", T0 + 60): (1900, Quality.OVER_RANGE)}

    serving(ledger, tmp_path, talk)


def test_parts_of_a_split_message_share_the_time_of_the_first(ledger: Ledger, tmp_path: Path) -> None:
    async def talk(device: Device, intake: Intake) -> None:
        first = upload("DEV1", T0, a05001={"Avg": "1", "Flag": "N"})
        parts = [
            hj212.Frame("2051", "DEV1", first.qn, "31", "123456", 7, 2, 1, first.params, first.data),
            hj212.Frame("2051", "DEV1", first.qn, "31", "123456", 7, 2, 2, (), {"a00000": {"Cou": "2000"}}),
        ]
        await device.send(*parts)
        assert [(await device.hear()).cn for _ in parts] == ["9014", "9014"]
        assert held(ledger) == {("m1", T0 + 900): (100, 0), ("m2", T0 + 900): (200, 0)}

    serving(ledger, tmp_path, talk)


def test_an_upload_sent_again_changes_nothing_and_is_acknowledged_again(ledger: Ledger, tmp_path: Path) -> None:
    async def talk(device: Device, intake: Intake) -> None:
        frame = upload("DEV1", T0, a05001={"Avg": "1", "Flag": "N"})
        await device.send(frame, frame)
        assert [(await device.hear()).cn, (await device.hear()).cn] == ["9014", "9014"]
        protocols = intake.status()["protocols"]
        assert isinstance(protocols, dict)
        assert (protocols["hj212"]["readings"], protocols["hj212"]["duplicates"]) == (1, 1)

    serving(ledger, tmp_path, talk)


def test_what_cannot_be_taken_is_put_aside_and_not_acknowledged(ledger: Ledger, tmp_path: Path) -> None:
    good = upload("DEV1", T0, a05001={"Avg": "1", "Flag": "N"})

    async def talk(device: Device, intake: Intake) -> None:
        wrong = hj212.Frame(good.cn, "DEV1", good.qn, "31", "654321", 5, params=good.params, data=good.data)
        timeless = hj212.Frame("2051", "DEV1", good.qn, "31", "123456", 5, data=good.data)
        await device.send(
            b"noise", upload("DEV9", T0, a05001={"Avg": "1"}), wrong, timeless, hj212.encode(good).replace(b"Avg=1", b"Avg=2"),
            upload("DEV1", T0 + 900, a05001={"Avg": "1", "Flag": "x"}, a00000={"Cou": "1000"}), good,
        )  # fmt: skip
        answers = {(await device.hear()).qn for _ in range(2)}
        assert answers == {f"{civil_of(T0 + 900)}001", f"{civil_of(T0 + 1800)}001"}
        assert held(ledger) == {("m1", T0 + 900): (100, 0), ("m2", T0 + 1800): (100, 0)}

    serving(ledger, tmp_path, talk)
    kept = [json.loads(line)["reason"] for line in ledger.aside.path.read_text(encoding="utf-8").splitlines()]
    assert kept == [f"hj212_{r}" for r in ("garbage", "device", "password", "no_time", "crc", "flag")]


def test_what_the_instrument_says_of_itself_is_kept(ledger: Ledger, tmp_path: Path) -> None:
    """A fault without a number is a reading of that quality; a code without the wanted field is told."""

    async def talk(device: Device, intake: Intake) -> None:
        await device.send(upload("DEV1", T0, a05001={"Avg": "-", "Flag": "D"}, a00000={"Avg": "3", "Flag": "N"}))
        assert (await device.hear()).cn == "9014"
        assert held(ledger) == {("m1", T0 + 900): (0, Quality.FAULT)}

    serving(ledger, tmp_path, talk)
    kept = [json.loads(line)["reason"] for line in ledger.aside.path.read_text(encoding="utf-8").splitlines()]
    assert kept == ["hj212_no_field"]


def test_what_is_sent_and_stands_in_no_map_is_told(ledger: Ledger, tmp_path: Path) -> None:
    async def talk(device: Device, intake: Intake) -> None:
        await device.send(upload("DEV1", T0, "2061", a05001={"Avg": "1"}), upload("DEV1", T0, w01018={"Avg": "1"}))
        assert (await device.hear()).cn == (await device.hear()).cn == "9014"
        assert intake.status()["unmapped"] == {"hj212:DEV1 2061 a05001": 1, "hj212:DEV1 2051 w01018": 1}

    serving(ledger, tmp_path, talk)


def test_a_gap_is_asked_for_and_filled(ledger: Ledger, tmp_path: Path) -> None:
    """Quarters 0 and 4 come: 1 to 3 are missing, from 00:15 to 00:45 of the label."""

    async def talk(device: Device, intake: Intake) -> None:
        await device.send(upload("DEV1", T0, a05001={"Avg": "0"}), upload("DEV1", T0 + 3600, a05001={"Avg": "4"}))
        heard = [await device.hear() for _ in range(3)]
        (request,) = [frame for frame in heard if frame.cn == "2051"]
        assert (request.st, request.mn, request.flag, len(request.qn)) == ("31", "DEV1", 5, 17)
        assert request.params == (("BeginTime", civil_of(T0 + 900)), ("EndTime", civil_of(T0 + 2700)))
        again = [upload("DEV1", T0 + 900 * i, a05001={"Avg": str(i)}) for i in (1, 2, 3)]
        done = hj212.Frame("9012", "DEV1", request.qn, "91", "123456", 4, params=(("ExeRtn", "1"),))
        await device.send(*again, done)
        for _ in again:
            assert (await device.hear()).cn == "9014"
        assert {ts: value for (_, ts), (value, _) in held(ledger).items()} == {
            T0 + 900 * (i + 1): 100 * i for i in range(5)
        }

    serving(ledger, tmp_path, talk, Gaps())


def test_a_request_is_sent_three_times_and_one_at_a_time() -> None:
    now = [0.0]
    gaps = Gaps(clock=lambda: 1.7e9, monotonic=lambda: now[0])
    frame = upload("DEV1", T0)
    gaps.came("DEV1", "2061", 0, 3600)
    gaps.came("DEV1", "2061", 3 * 3600, 3600)
    gaps.came("DEV1", "2061", 5 * 3600, 3600)
    spans = []
    for _ in range(8):
        request = gaps.next_request(frame)
        spans.append(request.param("BeginTime")[8:12] if request else "")
        assert gaps.next_request(frame) is None
        now[0] += ANSWER_SECONDS
    assert spans == ["0900", "0900", "0900", "1200", "1200", "1200", "", ""]


def test_a_device_that_refuses_is_not_asked_again() -> None:
    gaps = Gaps()
    gaps.came("DEV1", "2061", 0, 3600)
    gaps.came("DEV1", "2061", 7200, 3600)
    request = gaps.next_request(upload("DEV1", T0))
    assert request is not None
    gaps.answered(hj212.Frame("9011", "DEV1", request.qn, params=(("QnRtn", "2"),)))
    assert gaps.next_request(upload("DEV1", T0)) is None


def test_long_gaps_are_asked_for_in_parts() -> None:
    """Two days of minutes: no request spans more than a day, and together they leave nothing out."""
    gaps = Gaps(monotonic=iter(range(0, 10**6, 1000)).__next__)
    gaps.came("DEV1", "2051", 0, 600)
    gaps.came("DEV1", "2051", 2 * 86_400, 600)
    spans = []
    while (request := gaps.next_request(upload("DEV1", T0))) is not None:
        spans.append((stamp_of(request.param("BeginTime")), stamp_of(request.param("EndTime"))))
        gaps.answered(hj212.Frame("9012", "DEV1", request.qn, params=(("ExeRtn", "1"),)))
    assert spans == [(600, 86_400), (87_000, 172_200)]


def test_a_clock_that_is_years_ahead_opens_no_gap() -> None:
    gaps = Gaps(clock=lambda: float(T0))
    gaps.came("DEV1", "2061", T0 - 7200, 3600)
    gaps.came("DEV1", "2061", T0 + 10**8, 3600)
    assert gaps.next_request(upload("DEV1", T0)) is None
    gaps.came("DEV1", "2061", T0, 3600)
    request = gaps.next_request(upload("DEV1", T0))
    assert request is not None
    assert request.params == (("BeginTime", civil_of(T0 - 3600)), ("EndTime", civil_of(T0 - 3600)))


def test_a_gap_of_years_is_asked_for_ninety_days_back() -> None:
    gaps = Gaps()
    gaps.came("DEV1", "2061", 0, 3600)
    gaps.came("DEV1", "2061", T0, 3600)
    request = gaps.next_request(upload("DEV1", T0))
    assert request is not None
    assert request.param("BeginTime") == civil_of(T0 - 90 * 86_400)


def test_notices_are_answered_with_9013() -> None:
    """HJ 212-2017, annex C: a request to set the clock (1013) is a notice."""
    notice = hj212.Frame("1013", "DEV1", "20160801085857223", "32", "123456", 5)
    assert hj212.parse(reply(notice)).cn == "9013"
    old = hj212.Frame("2012", "DEV1", "20040516010101001", "32", "123456", 1)
    assert reply(old)[6:].startswith(b"ST=91;CN=9013;PW=123456;MN=DEV1;Flag=0;CP=&&QN=20040516010101001&&")


def test_all_faults_of_a_map_are_told_together(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text(
        HEAD
        + "DEV1,a05001,minute,Avg,,1,m1,\nDEV1,a05002,minute,Avg,,2,m2,\nDEV1,a05003,hour,Avg,,1,m3,0\n"
        + "DEV1,a05003,week,Avg,,1,m3,\nDEV1,a05001,rtd,Rtd,,1,mx,\nDEV2,a05001,rtd,Rtd,,,m1,\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as error:
        read_map(path, ledger.registry)
    found = {(p.row, p.code) for p in error.value.problems}
    assert found == {
        (3, "monitor_map_password"), (4, "monitor_map_factor"), (5, "unknown_choice"), (6, "monitor_map_meter"),
        (7, "monitor_map_twice"),
    }  # fmt: skip
    assert all(p.text(language) for p in error.value.problems for language in ("zh", "en"))


def test_a_map_without_rows_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text(HEAD, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_map(path, ledger.registry)
    assert [p.code for p in error.value.problems] == ["monitor_map_empty"]
