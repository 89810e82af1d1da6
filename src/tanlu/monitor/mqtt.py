"""The listener of MQTT: a message is a document of readings, and is acknowledged to the broker when the readings are durable.

The client has a name and a session that lasts, so the broker keeps what it could not deliver; with QoS 1 every message comes at least
once, and what comes twice is known as such. The broker delivers only a few messages ahead of their acknowledgements (20 in mosquitto),
which is the back-pressure. A message that is no document is kept aside and acknowledged: it would not become better.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.readings_document import CSV, JSON, LINES, DocumentReader
from tanlu.monitor.refusal import Refusal
from tanlu.monitor.tending import tended

if TYPE_CHECKING:
    import aiomqtt

    from tanlu.monitor.batch import Receipt
    from tanlu.monitor.intake import Intake

PROTOCOL: Final = "mqtt"
TOPICS: Final = "tanlu/readings/#"
LARGEST: Final = 16 * 2**20
PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_RETRY_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Broker:
    """Where messages come from.

    Parameters
    ----------
    host : str
    port : int
    topics : str
        Filter of topics.
    user, password : str or None
    tls : bool
    """

    host: str
    port: int
    topics: str
    user: str | None
    password: str | None
    tls: bool

    @property
    def name(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


def read_url(url: str) -> Broker:
    """Return the broker of ``mqtt://user@host:port/topics`` or ``mqtts://…``; the topics are `TOPICS` if none are given.

    The password may stand in the environment variable ``TANLU_MQTT_PASSWORD`` instead.

    Raises
    ------
    DataError
        If it is no such address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in PORTS or not parts.hostname:
        raise DataError([Problem("monitor_mqtt_url", "--mqtt", value=url.rpartition("@")[2])])
    # "#" is a wildcard here and no fragment
    topics = unquote(url.partition("://")[2].partition("/")[2])
    user = None if parts.username is None else unquote(parts.username)
    password = os.environ.get("TANLU_MQTT_PASSWORD") if parts.password is None else unquote(parts.password)
    return Broker(
        parts.hostname, port or PORTS[parts.scheme], topics or TOPICS, user, password, parts.scheme == "mqtts"
    )


def kind_of(payload: bytes) -> str:
    """Return the kind of a document by how it begins."""
    start = payload[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not start.startswith((b"{", b"[")):
        return CSV
    line = start.partition(b"\n")[0].rstrip()
    return LINES if start.startswith(b"{") and line.endswith(b"}") and b'"value"' in line and b"[" not in line else JSON


class MqttListener:
    """One broker.

    Parameters
    ----------
    intake : Intake
    broker : Broker
    """

    def __init__(self, intake: Intake, broker: Broker) -> None:
        self._intake = intake
        self._broker = broker
        self._registry = intake.registry
        self._reader = DocumentReader(self._registry)
        self._task: asyncio.Task[None] | None = None
        self._open: set[asyncio.Future[list[Receipt]]] = set()
        self.connected = asyncio.Event()
        """Set while messages are subscribed to."""

    async def start(self) -> None:
        """Connect and take messages, again and again until `stop`."""
        self._task = asyncio.create_task(tended(self._intake, PROTOCOL, self._broker.name, self._run))

    async def stop(self) -> None:
        """Take no more; what was taken is acknowledged while the connection stands, or delivered again next time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        import aiomqtt

        attempt = 0
        while True:
            try:
                async with self._client() as client:
                    # the library answers the broker by itself otherwise, before anything is durable
                    client._client.manual_ack_set(True)
                    await client.subscribe(self._broker.topics, qos=1)
                    self.connected.set()
                    attempt = 0
                    try:
                        async for message in client.messages:
                            await self._take(client, message)
                    finally:
                        self.connected.clear()
                        await self._settle()
            except aiomqtt.MqttError as error:
                self._intake.refuse(PROTOCOL, self._broker.name, Refusal("no_connection", why=str(error)))
            await asyncio.sleep(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])
            attempt += 1

    def _client(self) -> aiomqtt.Client:
        import ssl

        import aiomqtt

        folder = str(self._intake.ledger.path.resolve())
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.user,
            password=self._broker.password,
            identifier="tanlu-" + hashlib.sha256(folder.encode()).hexdigest()[:16],
            clean_session=False,
            tls_context=ssl.create_default_context() if self._broker.tls else None,
        )

    async def _take(self, client: aiomqtt.Client, message: aiomqtt.Message) -> None:
        payload = message.payload
        body = payload if isinstance(payload, bytes) else str(payload).encode()
        topic = str(message.topic)
        if self._intake.registry is not self._registry:
            self._registry = self._intake.registry
            self._reader = DocumentReader(self._registry)
        try:
            if len(body) > LARGEST:
                raise DataError([Problem("monitor_too_large", topic, value=str(len(body)))])
            batch = self._reader.read(body, kind_of(body), f"{PROTOCOL}:{topic}", int(time.time()))
        except DataError as error:
            refusal = Refusal("document", count=len(error.problems), first=error.problems[0].text("en"))
            self._intake.refuse(PROTOCOL, topic, refusal, body)
            client._client.ack(message.mid, message.qos)
            return
        future = await self._intake.hand_over([batch])
        self._open.add(future)
        future.add_done_callback(lambda done: self._durable(done, client, message))

    def _durable(self, future: asyncio.Future[list[Receipt]], client: aiomqtt.Client, message: aiomqtt.Message) -> None:
        self._open.discard(future)
        if not future.cancelled() and future.exception() is None:
            # without a connection nothing is sent, and the broker delivers the message again
            client._client.ack(message.mid, message.qos)

    async def _settle(self) -> None:
        if self._open:
            await asyncio.wait(self._open)
            await asyncio.sleep(0)
