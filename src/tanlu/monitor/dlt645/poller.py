"""Asking meters of DL/T 645 through a transparent TCP gateway (a serial server): one line, one question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tanlu.core.tables import Column
from tanlu.monitor.dlt645.frame import Frame, FrameReader, encode, is_address
from tanlu.monitor.dlt645.items import Item, answer, decimal_value, item_of, request
from tanlu.monitor.point_map import PointMap, scale_of
from tanlu.monitor.polling import Beat, Poller, Reading
from tanlu.monitor.refusal import Refusal
from tanlu.monitor.schema import Quality

if TYPE_CHECKING:
    from tanlu.monitor.intake import Intake
    from tanlu.monitor.registry import Registry

PROTOCOL: Final = "dlt645"
TIMEOUT_SECONDS: Final = 2.0
TRIES: Final = 3
COLUMNS: Final = (
    Column("host", note="name or address of the gateway"),
    Column("port", kind="integer", minimum=1, maximum=65_535, note="port of its serial line"),
    Column("address", note="address of the meter, twelve digits"),
    Column("edition", kind="choice", choices=("2007", "1997"), note="which DL/T 645 the meter speaks"),
    Column("item", note="data identifier in hexadecimal, for example 00010000 or 9010"),
)


@dataclass(frozen=True, slots=True)
class Point:
    """What a meter is asked."""

    address: str
    edition: int
    identifier: str
    item: Item
    meter: int
    scale: float
    step: int


def read_map(path: Path, registry: Registry) -> dict[tuple[str, int], list[Point]]:
    """Read the map of meters.

    Returns
    -------
    dict
        By host and port of the gateway, the points in the order of the file.

    Raises
    ------
    DataError
        With everything that is wrong: unknown meters, addresses that are none, identifiers that no table explains.
    """
    found = PointMap(path, COLUMNS, ("host", "port", "address", "item"), registry)
    gateways: dict[tuple[str, int], list[Point]] = {}
    for line, row, meter in found.rows:
        address, edition, identifier = str(row["address"]), int(str(row["edition"])), str(row["item"]).lower()
        if not is_address(address.upper()):
            found.problem("monitor_dlt645_address", line, "address", address)
        item = item_of(identifier, edition)
        if item is None:
            found.problem("monitor_dlt645_item", line, "item", identifier, edition=edition)
            continue
        point = Point(address.upper(), edition, identifier, item, meter.number, scale_of(row, meter), meter.step)
        gateways.setdefault((str(row["host"]), int(str(row["port"]))), []).append(point)
    found.raise_problems()
    return gateways


class Gateway:
    """The meters behind one gateway.

    Parameters
    ----------
    intake : Intake
    host, port
    points : sequence of Point
    timeout : float
        Seconds to wait for an answer.
    """

    def __init__(
        self, intake: Intake, host: str, port: int, points: Sequence[Point], timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self._intake = intake
        self._host = host
        self._port = port
        self._points = points
        self._timeout = timeout
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self.poller = Poller(intake, PROTOCOL, f"{host}:{port}", [point.step for point in points], self._ask)

    def start(self) -> None:
        """Begin to ask."""
        self.poller.start()

    async def stop(self) -> None:
        """End."""
        await self.poller.stop()
        self._hang_up()

    async def _ask(self, beat: Beat) -> list[Reading]:
        readings = []
        for point in self._points:
            if point.step != beat.step:
                continue
            try:
                value = await self._value(point)
            except Refusal as refusal:
                self._intake.refuse(PROTOCOL, f"{self._host}:{self._port}/{point.address}", refusal)
                continue
            except OSError as error:
                # without the gateway no meter answers; what came before counts
                self._intake.refuse(PROTOCOL, f"{self._host}:{self._port}", Refusal("no_connection", why=str(error)))
                break
            readings.append((point.meter, beat.stamp_now(), round(value * point.scale), int(Quality.GOOD)))
        return readings

    async def _value(self, point: Point) -> float:
        """Return the value of a point; a question without a good answer is asked again, three times in all.

        Raises
        ------
        Refusal
            With the last reason.
        OSError
            If the gateway cannot be reached.
        """
        last = Refusal("dlt645_silent", value=point.address)
        for _ in range(TRIES):
            try:
                frame = await asyncio.wait_for(self._exchange(point), self._timeout)
                return float(decimal_value(answer(frame, point.identifier, point.edition), point.item))
            except TimeoutError:
                # what still comes would be taken for the answer to the next question
                self._hang_up()
            except Refusal as refusal:
                last = refusal
                if refusal.reason == "dlt645_refused":
                    break
            except ConnectionResetError:
                self._hang_up()
        raise last

    async def _exchange(self, point: Point) -> Frame:
        """Send a question, and wait for the frame of this meter; frames of others and noise are left out."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        self._writer.write(encode(request(point.address, point.identifier, point.edition)))
        await self._writer.drain()
        line = FrameReader()
        while data := await self._reader.read(512):
            for found in line.feed(data):
                if isinstance(found, Refusal):
                    raise found
                if found.from_meter and _answers(found.address, point.address):
                    return found
        raise ConnectionResetError(f"{self._host}:{self._port}")

    def _hang_up(self) -> None:
        if self._writer is not None:
            with suppress(OSError):
                self._writer.close()
        self._reader = self._writer = None


def _answers(address: str, asked: str) -> bool:
    """Return whether an address is that which was asked; ``A`` stands for any digit."""
    return all(b in ("A", a) for a, b in zip(address, asked, strict=True))
