"""Frames of DL/T 645: 68H, address, 68H, control, length, data + 33H, check sum, 16H.

Source: DL/T 645-2007, data link layer and application layer; DL/T 645-1997, whose frame is the same and whose control codes and data
identifiers (two bytes) differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tanlu.monitor.refusal import Refusal

START: Final = 0x68
STOP: Final = 0x16
LEAD: Final = 0xFE
OFFSET: Final = 0x33
LONGEST: Final = 200
"""Most bytes of data in a reading (DL/T 645-2007)."""

READ: Final = {2007: 0x11, 1997: 0x01}
"""Control code "read data" of the two editions."""
FROM_METER, REFUSED = 0x80, 0x40
_SHORTEST: Final = 12


@dataclass(frozen=True, slots=True)
class Frame:
    """What a frame says.

    Parameters
    ----------
    address : str
        Twelve decimal digits, the highest first; ``A`` stands for any digit, ``AAAAAAAAAAAA`` for a single meter on its line.
    control : int
        Control code, 0–255.
    data : bytes
        Data without the 33H that are added on the wire, lowest byte first as on the wire.
    """

    address: str
    control: int
    data: bytes = b""

    @property
    def from_meter(self) -> bool:
        """Whether a meter answers (bit D7)."""
        return bool(self.control & FROM_METER)

    @property
    def refused(self) -> bool:
        """Whether the meter could not do what was asked (bit D6)."""
        return bool(self.control & REFUSED)


def check_sum(frame: bytes) -> int:
    """Return the sum of all bytes from the first 68H to the data, modulo 256 (DL/T 645-2007, format of a frame)."""
    return sum(frame) & 0xFF


def parse(data: bytes) -> Frame:
    """Return what a frame says.

    Parameters
    ----------
    data : bytes
        One whole frame; FEH before it is left out of account, nothing may follow it.

    Raises
    ------
    Refusal
        With what is wrong: marks, length, check sum, address.

    Source: DL/T 645-2007, format of a frame.
    """
    raw = data.lstrip(bytes([LEAD]))
    if len(raw) < _SHORTEST or raw[0] != START or raw[7] != START:
        raise Refusal("dlt645_marks", value=raw[:8].hex(" "))
    length = raw[9]
    if len(raw) != _SHORTEST + length or length > LONGEST:
        raise Refusal("dlt645_length", told=length, found=len(raw) - _SHORTEST)
    if raw[-1] != STOP:
        raise Refusal("dlt645_marks", value=raw[-1:].hex())
    if raw[-2] != check_sum(raw[:-2]):
        raise Refusal("dlt645_sum", told=f"{raw[-2]:02X}", computed=f"{check_sum(raw[:-2]):02X}")
    address = raw[6:0:-1].hex().upper()
    if not address.replace("A", "0").isdecimal():
        raise Refusal("dlt645_address", value=address)
    return Frame(address, raw[8], bytes((byte - OFFSET) & 0xFF for byte in raw[10:-2]))


def encode(frame: Frame, *, lead: int = 4) -> bytes:
    """Return the bytes of a frame.

    Parameters
    ----------
    frame : Frame
    lead : int
        Number of FEH before it; they wake the line up (DL/T 645-2007: four).

    Raises
    ------
    ValueError
        If the address has not twelve digits, the control code is no byte, or the data are too long.
    """
    if not is_address(frame.address):
        raise ValueError(f"address {frame.address!r}")
    if not 0 <= frame.control <= 0xFF or len(frame.data) > LONGEST:
        raise ValueError(f"control {frame.control}, {len(frame.data)} bytes")
    body = bytes([START, *reversed(bytes.fromhex(frame.address)), START, frame.control, len(frame.data)])
    body += bytes((byte + OFFSET) & 0xFF for byte in frame.data)
    return bytes([LEAD]) * lead + body + bytes([check_sum(body), STOP])


def is_address(text: str) -> bool:
    """Return whether a text is an address: twelve digits, ``A`` for any."""
    return len(text) == 12 and text.isascii() and text.replace("A", "0").isdecimal()


class FrameReader:
    """Cuts what a line sends into frames; noise before a frame and damaged frames are left out."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame | Refusal]:
        """Take what was read; return the frames that are complete, and why others were refused."""
        self._buffer += data
        found: list[Frame | Refusal] = []
        while (start := self._buffer.find(START)) >= 0:
            del self._buffer[:start]
            if len(self._buffer) < _SHORTEST - 2:
                break
            end = _SHORTEST + self._buffer[9]
            if self._buffer[7] != START or self._buffer[9] > LONGEST:
                del self._buffer[:1]
                continue
            if len(self._buffer) < end:
                break
            try:
                found.append(parse(bytes(self._buffer[:end])))
                del self._buffer[:end]
            except Refusal as error:
                found.append(error)
                del self._buffer[:1]
        else:
            self._buffer.clear()
        return found
