"""Cutting a stream of bytes into packets of HJ 212: fragments, several packets in one read, garbage between, damage inside."""

from __future__ import annotations

from collections.abc import Iterator

from tanlu.monitor.hj212.frame import END, MARK, Frame, parse
from tanlu.monitor.hj212.shapes import Shapes, Upload
from tanlu.monitor.refusal import Refusal

_HEAD = 6
_CHECK = 4
_BLANK = Refusal("hj212_garbage", count=0)
"""Line ends and blanks between packets: not worth keeping."""


class FrameReader:
    """Cuts what one connection sends into packets.

    A damaged packet costs that packet only: the next ``##`` is looked for inside it as well. The buffer never holds more than one packet
    of the greatest length and what one read brought.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._shapes = Shapes()

    @property
    def waiting(self) -> int:
        """Number of bytes that belong to no packet yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[tuple[bytes, Frame | Refusal]]:
        """Take what was read, and give the packets that are complete.

        Parameters
        ----------
        data : bytes

        Yields
        ------
        (bytes, Frame or Refusal)
            The bytes and what they say; or garbage and damaged packets, with the reason.
        """
        for piece, found in self._read(data, None):
            assert not isinstance(found, Upload)
            yield piece, found

    def uploads(self, data: bytes) -> Iterator[tuple[bytes, Upload | Frame | Refusal]]:
        """Take what was read, and give the packets that are complete; uploads of a form that came before as `Upload`.

        Parameters
        ----------
        data : bytes

        Returns
        -------
        iterator of (bytes, Upload, Frame or Refusal)
            As `feed`.
        """
        return self._read(data, self._shapes)

    def _read(self, data: bytes, shapes: Shapes | None) -> Iterator[tuple[bytes, Upload | Frame | Refusal]]:
        buffer = self._buffer
        buffer += data
        position = 0
        try:
            while True:
                if shapes is not None and (quick := shapes.read(buffer, position)) is not None:
                    position, piece, upload = quick
                    yield piece, upload
                    continue
                if (found := self._next(position)) is None:
                    break
                position, piece, refusal = found
                if refusal is not None:
                    if refusal is not _BLANK:
                        yield piece, refusal
                    continue
                try:
                    frame = parse(piece)
                except Refusal as error:
                    yield piece, error
                else:
                    if shapes is not None:
                        shapes.learn(piece, frame)
                    yield piece, frame
        finally:
            del buffer[:position]

    def _next(self, start: int) -> tuple[int, bytes, Refusal | None] | None:
        """Return (end, bytes, refusal) of the next packet or piece of garbage from ``start``, None where more has to be read."""
        buffer = self._buffer
        mark = buffer.find(MARK, start)
        if mark < 0:
            keep = 1 if buffer.endswith(b"#") else 0
            mark = len(buffer) - keep
        if mark > start:
            garbage = bytes(buffer[start:mark])
            return mark, garbage, Refusal("hj212_garbage", count=len(garbage)) if garbage.strip(b"\r\n\0 ") else _BLANK
        if len(buffer) < start + _HEAD:
            return None
        digits = buffer[start + 2 : start + _HEAD]
        if not digits.isdigit():
            return self._broken(start, start + 2)
        end = start + _HEAD + int(digits) + _CHECK
        inside = self._ends_before(start + _HEAD, end)
        if inside:
            return self._broken(start, inside)
        if len(buffer) < end + 1:
            return None
        if buffer[end : end + 2] == END:
            return end + 2, bytes(buffer[start : end + 2]), None
        if len(buffer) < end + 2:
            return None
        if buffer[end : end + 2] == MARK:
            # senders that leave out the CR LF are met; the next header says that the packet is over
            return end, bytes(buffer[start:end]), None
        return self._broken(start, start + _HEAD)

    def _ends_before(self, start: int, end: int) -> int:
        """Return where something that cannot stand in a data segment stands before its end, 0 if nowhere."""
        ends = [found for sign in (END, MARK) if (found := self._buffer.find(sign, start, end)) >= 0]
        return min(ends, default=0)

    def _broken(self, start: int, searched: int) -> tuple[int, bytes, Refusal]:
        """Return the broken packet: up to the next CR LF or header, or all that there is."""
        buffer = self._buffer
        line, mark = buffer.find(END, searched), buffer.find(MARK, searched)
        ends = [end for end in (line + 2 if line >= 0 else -1, mark) if end >= 0]
        end = min(ends, default=len(buffer) - (1 if buffer.endswith(b"#") else 0))
        piece = bytes(buffer[start:end])
        told = bytes(piece[2:_HEAD]).decode("latin-1")
        if told.isdigit():
            return (
                end,
                piece,
                Refusal("hj212_length", told=int(told), found=max(len(piece) - _HEAD - _CHECK - len(END), 0)),
            )
        return end, piece, Refusal("hj212_header", value=piece[:_HEAD].decode("latin-1"))
