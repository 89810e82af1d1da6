"""Uploads whose form is known: a device says the same minute after minute, only time and numbers change.

What a packet looked like that was read by the rules (`tanlu.monitor.hj212.frame`) becomes one regular expression, from ``##`` to CR LF. A
packet that fits it in whole, whose length and check sum are right and whose times exist says what the rules would find in it, and is read
at once. Whatever does not fit is left to the rules, which also say what is wrong with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from tanlu.monitor.hj212.crc import crc16
from tanlu.monitor.hj212.frame import ACKNOWLEDGE, DATA_COMMANDS, VERSION_BITS, Frame, check_time, parse_segment
from tanlu.monitor.refusal import Refusal

_HEAD: Final = 6
_TAIL: Final = 6
"""Bytes of the check sum and of CR LF."""
_NUMBER: Final = rb"(-?\d{1,14}(?:\.\d{0,8})?)"
_UPLOAD: Final = re.compile(
    rb"##\d{4}QN=\d{17};ST=\d{2};CN=(\d{4});PW=[A-Za-z0-9]{0,64};MN=[A-Za-z0-9_-]{1,27};Flag=\d{1,3};CP=&&DataTime=\d{14};"
    rb"((?:[A-Za-z0-9]{1,10}-(?:(?:Zs)?(?:Rtd|Avg|Cou|Max|Min)=-?\d{1,14}(?:\.\d{0,8})?|Flag=N)[;,])*"
    rb"[A-Za-z0-9]{1,10}-(?:(?:Zs)?(?:Rtd|Avg|Cou|Max|Min)=-?\d{1,14}(?:\.\d{0,8})?|Flag=N)[;,]?)&&[0-9A-Fa-f]{4}\r\n"
)
"""An upload of good values in the form of 2017, not split."""
_ITEM: Final = re.compile(rb"([A-Za-z0-9]+)-([A-Za-z]+)=([^;,]*)([;,]?)")
_COMMAND: Final = slice(36, 40)
"""Where the command stands in such an upload."""
KEPT: Final = 8
"""Forms of one connection and command that are remembered; what has others is read by the rules."""


@dataclass(frozen=True, eq=False, slots=True)
class Shape:
    """A form of uploads: its pattern, command, and the (code, field) of its numbers in their order."""

    pattern: re.Pattern[bytes]
    cn: str
    fields: tuple[tuple[str, str], ...]


class Upload(NamedTuple):
    """What a packet of a known form says; numbers are as they were sent."""

    shape: Shape
    segment: bytes
    qn: str
    st: str
    pw: str
    mn: str
    flag: int
    data_time: str
    values: tuple[bytes, ...]

    @property
    def cn(self) -> str:
        """Command."""
        return self.shape.cn

    @property
    def form(self) -> int:
        """As `Frame.form`."""
        return 2017 if self.flag & VERSION_BITS else 2005

    @property
    def wants_answer(self) -> bool:
        """As `Frame.wants_answer`."""
        return bool(self.flag & ACKNOWLEDGE)

    def frame(self) -> Frame:
        """Return the same as a frame."""
        return parse_segment(self.segment)


def shape_of(packet: bytes) -> Shape | None:
    """Return the form of a packet that was read by the rules; None if it is no usual upload."""
    found = _UPLOAD.fullmatch(packet)
    if found is None:
        return None
    command, items = found.groups()
    cn = command.decode()
    fields: list[tuple[str, str]] = []
    pieces: list[bytes] = []
    keys = set()
    for code, name, _, end in _ITEM.findall(items):
        key = code + b"-" + name
        if key in keys:
            return None
        keys.add(key)
        if name == b"Flag":
            pieces.append(key + b"=N" + end)
        else:
            fields.append((code.decode(), name.decode()))
            pieces.append(key + b"=" + _NUMBER + end)
    told = {code.encode() for code, _ in fields}
    if cn not in DATA_COMMANDS or not fields or any(key.partition(b"-")[0] not in told for key in keys):
        return None
    text = (
        rb"##(\d{4})QN=(\d{17});ST=(\d{2});CN="
        + command
        + rb";PW=([A-Za-z0-9]{0,64});MN=([A-Za-z0-9_-]{1,27});Flag=(\d{1,3});"
        rb"CP=&&DataTime=(\d{14});" + b"".join(pieces) + rb"&&([0-9A-Fa-f]{4})\r\n"
    )
    return Shape(re.compile(text), cn, tuple(fields))


class Shapes:
    """The forms that one connection has used."""

    def __init__(self) -> None:
        self._known: dict[bytes, list[Shape]] = {}

    def read(self, buffer: bytearray, start: int) -> tuple[int, bytes, Upload] | None:
        """Return (end, bytes, upload) of the packet at ``start`` if it is of a known form and sound in every way; else None."""
        for shape in self._known.get(bytes(buffer[start + _COMMAND.start : start + _COMMAND.stop]), ()):
            if (found := shape.pattern.match(buffer, start)) is not None:
                break
        else:
            return None
        length, qn, st, pw, mn, flag, data_time, *values, check = found.groups()
        end = found.end()
        packet = bytes(buffer[start:end])
        segment = packet[_HEAD:-_TAIL]
        if int(length) != len(segment) or check.upper() != b"%04X" % crc16(segment):
            return None
        told, when = qn.decode(), data_time.decode()
        try:
            check_time(told[:14], "QN")
            check_time(when, "DataTime")
        except Refusal:
            return None
        upload = Upload(shape, segment, told, st.decode(), pw.decode(), mn.decode(), int(flag), when, tuple(values))
        return end, packet, upload

    def learn(self, packet: bytes, frame: Frame) -> None:
        """Take note of the form of a packet that was read by the rules."""
        if frame.cn not in DATA_COMMANDS or frame.pnum:
            return
        known = self._known.setdefault(frame.cn.encode(), [])
        if len(known) < KEPT and (shape := shape_of(packet)) is not None:
            known.append(shape)
