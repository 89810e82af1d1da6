"""OPC UA: nodes of servers, read at the beats of their meters. Needs the extra ``opcua``."""

from __future__ import annotations

import asyncio
import importlib.util
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import Column
from tanlu.monitor.point_map import PointMap, scale_of
from tanlu.monitor.polling import Beat, Poller, Reading
from tanlu.monitor.refusal import Refusal
from tanlu.monitor.schema import Quality

if TYPE_CHECKING:
    from tanlu.monitor.intake import Intake
    from tanlu.monitor.registry import Registry

PROTOCOL: Final = "opcua"
AT_ONCE: Final = 200
"""Nodes of one question."""
TIMEOUT_SECONDS: Final = 5.0
COLUMNS: Final = (
    Column("url", note="opc.tcp://host:port/path"),
    Column("node", note="id of the node, for example ns=2;s=Boiler.Steam"),
)


@dataclass(frozen=True, slots=True)
class Node:
    """Where the number of a meter stands."""

    node: str
    meter: int
    scale: float
    step: int


def read_map(path: Path, registry: Registry) -> dict[str, list[Node]]:
    """Read the map of nodes.

    Returns
    -------
    dict
        Nodes by address of the server.

    Raises
    ------
    DataError
        If the extra is not installed; otherwise with everything that is wrong: unknown meters, addresses and ids that are none.
    """
    if importlib.util.find_spec("asyncua") is None:
        raise DataError([Problem("monitor_opcua_missing", path.name)])
    from asyncua import ua
    from asyncua.ua.uaerrors import UaError

    found = PointMap(path, COLUMNS, ("url", "node"), registry)
    servers: dict[str, list[Node]] = {}
    for line, row, meter in found.rows:
        url, node = str(row["url"]), str(row["node"])
        if not url.startswith("opc.tcp://"):
            found.problem("monitor_opcua_url", line, "url", url)
        try:
            ua.NodeId.from_string(node)
        except (UaError, ValueError):
            found.problem("monitor_opcua_node", line, "node", node)
        servers.setdefault(url, []).append(Node(node, meter.number, scale_of(row, meter), meter.step))
    found.raise_problems()
    return servers


class OpcUaServer:
    """The nodes of one server.

    Parameters
    ----------
    intake : Intake
    url : str
    nodes : sequence of Node
    """

    def __init__(self, intake: Intake, url: str, nodes: Sequence[Node]) -> None:
        self._intake = intake
        self._url = url
        self._nodes = nodes
        self._client: Any = None
        self.poller = Poller(intake, PROTOCOL, url, [node.step for node in nodes], self._ask)

    def start(self) -> None:
        """Begin to ask."""
        self.poller.start()

    async def stop(self) -> None:
        """End."""
        await self.poller.stop()
        await self._hang_up()

    async def _ask(self, beat: Beat) -> list[Reading]:
        from asyncua.ua.uaerrors import UaError

        nodes = [node for node in self._nodes if node.step == beat.step]
        readings: list[Reading] = []
        try:
            client = await self._connected()
            for start in range(0, len(nodes), AT_ONCE):
                part = nodes[start : start + AT_ONCE]
                ids = [client.get_node(node.node) for node in part]
                values = await asyncio.wait_for(client.read_attributes(ids), TIMEOUT_SECONDS)
                readings += [
                    r for node, value in zip(part, values, strict=True) if (r := self._reading(node, value, beat))
                ]
        except (UaError, OSError, TimeoutError) as error:
            await self._hang_up()
            why = str(error) or type(error).__name__
            self._intake.refuse(PROTOCOL, self._url, Refusal("no_connection", why=why))
        return readings

    def _reading(self, node: Node, value: Any, beat: Beat) -> Reading | None:
        """Return the reading of a node; "good" is measured, "uncertain" estimated, and "bad" none."""
        status, number = value.StatusCode, value.Value.Value if value.Value is not None else None
        plain = isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)
        if number is None or not plain or status.is_bad():
            refusal = Refusal("opcua_no_number", node=node.node, status=status.name, value=str(number)[:80])
            self._intake.refuse(PROTOCOL, self._url, refusal)
            return None
        quality = Quality.ESTIMATED if status.is_uncertain() else Quality.GOOD
        return node.meter, beat.stamp_now(), round(number * node.scale), int(quality)

    async def _connected(self) -> Any:
        from asyncua.client.client import Client

        if self._client is None:
            client = Client(self._url, timeout=TIMEOUT_SECONDS)
            await client.connect()
            self._client = client
        return self._client

    async def _hang_up(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            # the connection may be broken already, and is given up in any case
            with suppress(OSError, TimeoutError, asyncio.CancelledError):
                await client.disconnect()
