"""All listeners of a ledger together: read the maps, listen, and stop without losing what was taken."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tanlu.core.errors import DataError, Problem
from tanlu.monitor import modbus, opcua
from tanlu.monitor.dlt645 import poller as dlt645
from tanlu.monitor.hj212 import mapping as hj212
from tanlu.monitor.hj212.gaps import Gaps
from tanlu.monitor.hj212.server import Listener
from tanlu.monitor.http_intake import HttpIntake, HttpListener, Sender, read_tokens
from tanlu.monitor.intake import FLUSH_SECONDS, Intake
from tanlu.monitor.mqtt import Broker, MqttListener, read_url
from tanlu.monitor.refreshing import REFRESH_SECONDS, keep_facts
from tanlu.monitor.tending import tended

if TYPE_CHECKING:
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.registry import Registry

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is listened to.

    Parameters
    ----------
    host : str
        Address on which HJ 212 and HTTP listen.
    hj212, http : int, optional
        Ports; 0 for any free one.
    hj212_map, tokens, modbus, dlt645, opcua : Path, optional
        Maps, and the table of tokens of HTTP.
    mqtt : sequence of str
        Addresses of brokers.
    requests : bool
        Whether devices of HJ 212 are asked for what is missing.
    refresh : float
        Seconds after which facts are made anew of what came in; 0 for never.
    """

    host: str = "127.0.0.1"
    hj212: int | None = None
    hj212_map: Path = Path("hj212.csv")
    http: int | None = None
    tokens: Path | None = None
    mqtt: Sequence[str] = ()
    modbus: Path | None = None
    dlt645: Path | None = None
    opcua: Path | None = None
    requests: bool = True
    refresh: float = REFRESH_SECONDS


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings with their files read."""

    settings: Settings
    devices: hj212.DeviceMap | None
    senders: Mapping[str, Sender] | None
    brokers: Sequence[Broker]
    modbus: Mapping[tuple[str, int], Sequence[modbus.Block]]
    gateways: Mapping[tuple[str, int], Sequence[dlt645.Point]]
    servers: Mapping[str, Sequence[opcua.Node]]


class _Stopping(Protocol):
    async def stop(self) -> None: ...


def is_local(host: str) -> bool:
    """Return whether an address is reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def plan(settings: Settings, registry: Registry) -> Plan:
    """Read all maps.

    Raises
    ------
    DataError
        With everything that is wrong in any of them; if nothing is to be listened to; or if HTTP would be open to others without tokens.
    """
    problems: list[Problem] = []

    def found(read: Callable[[], Found], empty: Found) -> Found:
        try:
            return read()
        except DataError as error:
            problems.extend(error.problems)
            return empty

    s = settings
    devices = None
    if s.hj212 is not None and not s.hj212_map.is_file():
        problems.append(Problem("monitor_hj212_no_map", s.hj212_map.name))
    elif s.hj212 is not None:
        devices = found(lambda: hj212.read_map(s.hj212_map, registry), None)
    senders = None if s.tokens is None else found(lambda: read_tokens(Path(str(s.tokens)), registry), None)
    if s.http is not None and s.tokens is None and not is_local(s.host):
        problems.append(Problem("monitor_http_open", "--http", value=s.host))
    made = Plan(
        settings,
        devices,
        senders,
        [broker for url in s.mqtt if (broker := found(lambda url=url: read_url(url), None)) is not None],  # type: ignore[misc]
        {} if s.modbus is None else found(lambda: modbus.read_map(Path(str(s.modbus)), registry), {}),
        {} if s.dlt645 is None else found(lambda: dlt645.read_map(Path(str(s.dlt645)), registry), {}),
        {} if s.opcua is None else found(lambda: opcua.read_map(Path(str(s.opcua)), registry), {}),
    )
    nothing = s.hj212 is None and s.http is None and not (s.mqtt or s.modbus or s.dlt645 or s.opcua)
    if nothing:
        problems.append(Problem("monitor_listen_nothing", "listen"))
    if problems:
        raise DataError(problems)
    return made


def gaps_of(intake: Intake, devices: hj212.DeviceMap) -> Gaps:
    """Return the gaps of devices, beginning with what each of them sent last before a restart."""
    gaps, latest = Gaps(), intake.counters.latest
    for (mn, command), channel in devices.channels.items():
        labels = [int(latest[p.meter]) - p.shift for p in channel.points if latest[p.meter]]
        if labels:
            gaps.begin(mn, command, max(labels))
    return gaps


@dataclass(slots=True)
class Listeners:
    """What listens.

    Parameters
    ----------
    intake : Intake
    """

    intake: Intake
    ports: dict[str, object] = field(default_factory=dict)
    _running: list[_Stopping] = field(default_factory=list)

    async def start(self, made: Plan) -> None:
        """Start everything that is planned.

        Raises
        ------
        DataError
            If a port cannot be had.
        """
        s, intake = made.settings, self.intake
        if s.hj212 is not None and made.devices is not None:
            listener = Listener(intake, made.devices, gaps_of(intake, made.devices) if s.requests else None)
            await self._listen("hj212", listener, s.host, s.hj212)
        if s.http is not None:
            await self._listen("http", HttpListener(HttpIntake(intake, made.senders)), s.host, s.http)
        for broker in made.brokers:
            messages = MqttListener(intake, broker)
            await messages.start()
            self._add("mqtt", broker.name, messages)
        asking: list[tuple[str, str, Any]] = []
        asking += [("modbus", f"{h}:{p}", modbus.ModbusDevice(intake, h, p, b)) for (h, p), b in made.modbus.items()]
        asking += [("dlt645", f"{h}:{p}", dlt645.Gateway(intake, h, p, w)) for (h, p), w in made.gateways.items()]
        asking += [("opcua", url, opcua.OpcUaServer(intake, url, nodes)) for url, nodes in made.servers.items()]
        for protocol, name, device in asking:
            device.start()
            self._add(protocol, name, device)

    async def _listen(self, protocol: str, listener: Any, host: str, port: int) -> None:
        try:
            self.ports[protocol] = await listener.start(host, port)
        except OSError as error:
            details = {"reason": error.strerror or str(error)}
            raise DataError(
                [Problem("monitor_port", f"--{protocol}", value=f"{host}:{port}", details=details)]
            ) from None
        self._running.append(listener)

    def _add(self, protocol: str, name: str, running: _Stopping) -> None:
        names = self.ports.setdefault(protocol, [])
        assert isinstance(names, list)
        names.append(name)
        self._running.append(running)

    async def stop(self) -> None:
        """Take no more, answer what is durable, and end."""
        await asyncio.gather(*(running.stop() for running in self._running))


async def _facts(intake: Intake, every: float) -> None:
    await tended(intake, "refresh", "facts", lambda: keep_facts(intake, every))


async def listen(
    ledger: Ledger,
    made: Plan,
    stopped: asyncio.Event,
    ready: Callable[[Intake, Mapping[str, object]], Awaitable[None]],
) -> dict[str, object]:
    """Listen until an event is set.

    Parameters
    ----------
    ledger : Ledger
    made : Plan
    stopped : asyncio.Event
    ready : callable
        Called once everything listens, with the intake and the ports or names by protocol.

    Returns
    -------
    dict
        The last status.

    Raises
    ------
    DataError
        If a port cannot be had, and then nothing listens; or if the writer ended by a fault of the program.
    """
    every = made.settings.refresh
    async with Intake(ledger, flush_seconds=min(every or FLUSH_SECONDS, FLUSH_SECONDS)) as intake:
        listeners = Listeners(intake)
        facts = asyncio.create_task(_facts(intake, every)) if every else None
        try:
            await listeners.start(made)
            await ready(intake, listeners.ports)
            waiting = [asyncio.create_task(event.wait()) for event in (stopped, intake.ended)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()
            broken = not stopped.is_set()
        finally:
            if facts is not None:
                facts.cancel()
            # together: what waits for a disk that refuses is given up by the intake, and the listeners wait for that
            await asyncio.gather(intake.stop(), listeners.stop())
    if broken:
        raise DataError([Problem("monitor_writer_ended", str(ledger.path))])
    return intake.status()
