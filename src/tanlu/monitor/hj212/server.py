"""The listener of HJ 212: takes uploads over TCP, acknowledges what is durable, and asks for what is missing."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tanlu.monitor.hj212.frame import (
    DATA_COMMANDS,
    DATA_NOTED,
    NOTED,
    RESPONSE,
    RESULT,
    SYSTEM,
    VERSION_BITS,
    Frame,
    encode,
    packet_of,
)
from tanlu.monitor.hj212.gaps import Gaps
from tanlu.monitor.hj212.mapping import DeviceMap, Route, readings_of, route_of, stamp_of
from tanlu.monitor.hj212.shapes import Shape, Upload
from tanlu.monitor.hj212.stream import FrameReader
from tanlu.monitor.intake import ClosedError
from tanlu.monitor.refusal import Refusal

if TYPE_CHECKING:
    from tanlu.monitor.batch import Batch, Receipt
    from tanlu.monitor.intake import Intake

PROTOCOL: Final = "hj212"
_READ: Final = 65_536
_SPLIT_MESSAGES: Final = 64
"""Split messages of one connection whose time is remembered."""
_ROUTES: Final = 10_000
"""Forms of devices of one connection whose points are remembered."""
_NOTICES: Final = frozenset({"1013", "2012", "2022"})
_ANSWERS: Final = frozenset({RESPONSE, RESULT, NOTED, DATA_NOTED})


def reply(frame: Frame | Upload) -> bytes:
    """Return the acknowledgement of a packet: 9013 of a notice, 9014 of data.

    Source: HJ 212-2017, annex C (the QN of the packet, empty parameters); HJ/T 212-2005 (the packet's QN and CN as parameters).
    """
    command = NOTED if frame.cn in _NOTICES else DATA_NOTED
    if frame.form == 2017:
        flag = (frame.flag or 0) & VERSION_BITS
        if frame.qn and frame.pw and frame.mn:
            # what `encode` gives of such a frame, said at once
            head = f"QN={frame.qn};ST={SYSTEM};CN={command};PW={frame.pw};MN={frame.mn};Flag={flag};"
            return packet_of(f"{head}CP=&&&&")
        return encode(Frame(command, frame.mn, frame.qn, SYSTEM, frame.pw, flag))
    named = (("QN", frame.qn),) if frame.qn else ()
    params = named if command == NOTED else (*named, ("CN", frame.cn))
    return encode(Frame(command, frame.mn, "", SYSTEM, frame.pw, 0, params=params))


class Listener:
    """Devices on one port.

    Parameters
    ----------
    intake : Intake
    devices : DeviceMap
    gaps : Gaps, optional
        None where nothing is to be asked for again.
    """

    def __init__(self, intake: Intake, devices: DeviceMap, gaps: Gaps | None = None) -> None:
        self._intake = intake
        self._devices = devices
        self._gaps = gaps
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port (the one that was found free if 0 was asked for)."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_READ)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no more, and end the connections once what they sent is answered."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        address = writer.get_extra_info("peername") or ("?",)
        # devices may be quiet for an hour: the system finds out whether they are still there
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection = _Connection(self._intake, self._devices, self._gaps, writer, str(address[0]))
        try:
            while data := await reader.read(_READ):
                await connection.take(data)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            with suppress(ConnectionError):
                await connection.finish()
            writer.close()
            self._connections.discard(task)


class _Connection:
    """One connection: its packets in, answers out."""

    def __init__(
        self, intake: Intake, devices: DeviceMap, gaps: Gaps | None, writer: asyncio.StreamWriter, peer: str
    ) -> None:
        self._intake = intake
        self._devices = devices
        self._gaps = gaps
        self._writer = writer
        self._peer = peer
        self._frames = FrameReader()
        self._routes: dict[tuple[str, Shape], Route | None] = {}
        self._times: OrderedDict[tuple[str, str, str], str] = OrderedDict()
        self._open: set[asyncio.Future[list[Receipt]]] = set()

    async def take(self, data: bytes) -> None:
        """Take what was read; waits while the queue of the intake is full, so that nothing more is read."""
        frames: list[Frame | Upload] = []
        batches: list[Batch] = []
        for raw, found in self._frames.uploads(data):
            if isinstance(found, Refusal):
                self._intake.refuse(PROTOCOL, self._peer, found, raw)
                continue
            try:
                if isinstance(found, Upload):
                    if (route := self._route(found)) is not None:
                        batches.append(self._routed(found, route))
                        frames.append(found)
                        continue
                    found = found.frame()
                if self._frame(found, raw, batches):
                    frames.append(found)
            except Refusal as refusal:
                self._intake.refuse(PROTOCOL, found.mn or self._peer, refusal, raw)
        if batches:
            future = await self._intake.hand_over(batches)
            self._open.add(future)
            future.add_done_callback(lambda done: self._durable(done, frames))
        else:
            self._answer(frames)
        await self._writer.drain()

    async def finish(self) -> None:
        """Wait until what was taken is answered."""
        if self._open:
            await asyncio.wait(self._open)
            # answers are written by callbacks of the same futures
            await asyncio.sleep(0)
            await self._writer.drain()

    def _route(self, upload: Upload) -> Route | None:
        """Return where the readings of an upload go; None if that has to be found out value by value, or it is to be refused."""
        key = (upload.mn, upload.shape)
        if key not in self._routes:
            channel = self._devices.channels.get((upload.mn, upload.cn))
            if len(self._routes) >= _ROUTES:
                self._routes.clear()
            self._routes[key] = None if channel is None else route_of(upload, channel)
        if self._devices.passwords.get(upload.mn, upload.pw) != upload.pw:
            return None
        return self._routes[key]

    def _routed(self, upload: Upload, route: Route) -> Batch:
        """Return the readings of an upload whose route is known."""
        if self._gaps is not None:
            self._gaps.came(upload.mn, upload.cn, stamp_of(upload.data_time), route.channel.step)
        return route.readings(upload)

    def _frame(self, frame: Frame, raw: bytes, batches: list[Batch]) -> bool:
        """Add the readings of a packet to the batches; return whether it is to be answered."""
        if frame.cn in _ANSWERS:
            if self._gaps is not None:
                self._gaps.answered(frame)
            return False
        if frame.mn not in self._devices.devices:
            raise Refusal("hj212_device", value=frame.mn)
        password = self._devices.passwords.get(frame.mn)
        if password is not None and password != frame.pw:
            raise Refusal("hj212_password", value=frame.mn)
        channel = self._devices.channels.get((frame.mn, frame.cn)) if frame.cn in DATA_COMMANDS else None
        if channel is None:
            self._note_unmapped(frame, set(frame.data))
            return True
        data_time = self._data_time(frame)
        batch, refused, unmapped = readings_of(frame, channel, data_time)
        for refusal in refused:
            self._intake.refuse(PROTOCOL, frame.mn, refusal, raw)
        self._note_unmapped(frame, unmapped)
        if self._gaps is not None:
            self._gaps.came(frame.mn, frame.cn, stamp_of(data_time), channel.step)
        if len(batch.ts):
            batches.append(batch)
        return True

    def _data_time(self, frame: Frame) -> str:
        """Return the time of the data; later packets of a split message may leave it out, and have that of the first."""
        own = frame.param("DataTime")[:14]
        if frame.pnum:
            key = (frame.mn, frame.cn, frame.qn)
            if own:
                self._times[key] = own
                if len(self._times) > _SPLIT_MESSAGES:
                    self._times.popitem(last=False)
            else:
                own = self._times.get(key, "")
        if not own:
            raise Refusal("hj212_no_time", command=frame.cn)
        return own

    def _note_unmapped(self, frame: Frame, codes: set[str]) -> None:
        for code in codes:
            self._intake.counters.not_mapped(f"{PROTOCOL}:{frame.mn} {frame.cn} {code}")

    def _durable(self, future: asyncio.Future[list[Receipt]], frames: list[Frame | Upload]) -> None:
        self._open.discard(future)
        if future.cancelled() or isinstance(future.exception(), ClosedError):
            return
        self._answer(frames)

    def _answer(self, frames: list[Frame | Upload]) -> None:
        if self._writer.is_closing():
            return
        answers = []
        for frame in frames:
            if frame.wants_answer:
                answers.append(reply(frame))
            if self._gaps is not None and (request := self._gaps.next_request(frame)) is not None:
                answers.append(encode(request))
        self._writer.write(b"".join(answers))
