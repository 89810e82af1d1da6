"""MQTT against a real broker (mosquitto): what was acknowledged is durable, and a restart of the broker or the listener loses nothing."""

from __future__ import annotations

import asyncio
import getpass
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import pytest
from tests.monitor.listening import T0, held, ledger_of

from tanlu.core.errors import DataError
from tanlu.monitor.batch import Batch, Receipt
from tanlu.monitor.intake import Intake
from tanlu.monitor.mqtt import Broker, MqttListener, kind_of, read_url
from tanlu.monitor.readings_document import CSV, JSON, LINES

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
pytestmark = pytest.mark.skipif(not Path(MOSQUITTO).exists(), reason="mosquitto is not installed")


class Mosquitto:
    """A broker on a free port that keeps its sessions on disk."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nuser {getpass.getuser()}\nmax_queued_messages 0\n",
            encoding="utf-8",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise AssertionError("the broker does not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    folder = tmp_path / "broker"
    folder.mkdir()
    made = Mosquitto(folder)
    made.start()
    yield made
    made.stop()


def document(number: int) -> str:
    return json.dumps({"batch": f"b{number}", "meter": ["m1"], "time": [T0 + 900 * number], "value": [number]})


async def publish(port: int, first: int, last: int) -> None:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        for number in range(first, last):
            await client.publish("tanlu/readings/plant", document(number), qos=1)


async def until(count: int, ledger_has: object) -> None:
    for _ in range(1000):
        if len(held(ledger_has)) >= count:  # type: ignore[arg-type]
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not {count} readings")


def listener_of(intake: Intake, port: int) -> MqttListener:
    return MqttListener(intake, Broker("127.0.0.1", port, "tanlu/readings/#", None, None, False))


def test_a_restart_of_the_broker_midway_loses_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    with ledger_of(tmp_path) as ledger:

        async def run() -> None:
            async with Intake(ledger) as intake:
                listener = listener_of(intake, broker.port)
                await listener.start()
                await asyncio.wait_for(listener.connected.wait(), 10)
                await publish(broker.port, 1, 21)
                await until(20, ledger)
                await asyncio.to_thread(broker.stop)
                await asyncio.to_thread(broker.start)
                # the session of the listener is on the broker's disk: what is published before it is back waits
                await publish(broker.port, 21, 41)
                await until(40, ledger)
                await listener.stop()

        asyncio.run(run())
        assert {ts: value for (_, ts), (value, _) in held(ledger).items()} == {
            T0 + 900 * i: 100 * i for i in range(1, 41)
        }


def test_what_was_not_durable_when_the_listener_stopped_comes_again(
    tmp_path: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk refuses while the listener runs, so nothing may be acknowledged; the next listener gets all of it."""
    with ledger_of(tmp_path) as ledger:
        whole = ledger.append_many

        def full(batches: list[Batch]) -> list[Receipt]:
            from tanlu.core.errors import Problem

            raise DataError([Problem("ledger_disk", "journal", value="No space left on device")])

        async def run() -> None:
            monkeypatch.setattr(ledger, "append_many", full)
            async with Intake(ledger) as intake:
                listener = listener_of(intake, broker.port)
                await listener.start()
                await asyncio.wait_for(listener.connected.wait(), 10)
                await publish(broker.port, 1, 6)
                while intake.waiting < 5:
                    await asyncio.sleep(0.01)
                stopping = asyncio.create_task(intake.stop())
                await asyncio.gather(stopping, listener.stop())
            monkeypatch.setattr(ledger, "append_many", whole)
            async with Intake(ledger) as intake:
                listener = listener_of(intake, broker.port)
                await listener.start()
                await until(5, ledger)
                await listener.stop()

        asyncio.run(run())
        assert len(held(ledger)) == 5


def test_a_message_that_is_no_document_is_kept_aside_and_the_stream_goes_on(tmp_path: Path, broker: Mosquitto) -> None:
    with ledger_of(tmp_path) as ledger:

        async def run() -> None:
            async with Intake(ledger) as intake:
                listener = listener_of(intake, broker.port)
                await listener.start()
                await asyncio.wait_for(listener.connected.wait(), 10)
                async with aiomqtt.Client("127.0.0.1", broker.port) as client:
                    await client.publish("tanlu/readings/x", b'{"meter": ["mx"]', qos=1)
                    await client.publish("tanlu/readings/x", f"meter,time,value\nm2,{T0 + 900},5\n", qos=1)
                    await client.publish("tanlu/readings/x", document(1), qos=0)
                await until(2, ledger)
                await listener.stop()

        asyncio.run(run())
        kept = [json.loads(line) for line in ledger.aside.path.read_text(encoding="utf-8").splitlines()]
        assert [(k["peer"], k["reason"], k["raw"]) for k in kept] == [
            ("tanlu/readings/x", "document", '{"meter": ["mx"]')
        ]


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("mqtt://broker", Broker("broker", 1883, "tanlu/readings/#", None, None, False)),
        ("mqtt://u:p%40@broker:99/a/+/b/#", Broker("broker", 99, "a/+/b/#", "u", "p@", False)),
        ("mqtts://10.0.0.1/x", Broker("10.0.0.1", 8883, "x", None, None, True)),
    ],
)
def test_addresses_of_brokers_are_read(url: str, broker: Broker) -> None:
    assert read_url(url) == broker


@pytest.mark.parametrize("url", ["broker:1883", "http://broker", "mqtt://", "mqtt://broker:x", "mqtt://u:secret@:1"])
def test_what_is_no_address_is_told_without_the_password(url: str) -> None:
    with pytest.raises(DataError) as error:
        read_url(url)
    assert "secret" not in str(error.value)


def test_the_kind_of_a_message_is_seen_from_its_beginning() -> None:
    row = '{"meter": "m1", "time": 1, "value": 1}'
    assert kind_of(f'{{"readings": [{row}]}}'.encode()) == JSON
    assert kind_of(f"[{row}]".encode()) == JSON
    assert kind_of(f"{row}\n{row}\n".encode()) == LINES
    assert kind_of(b"meter,time,value\nm1,1,1\n") == CSV
