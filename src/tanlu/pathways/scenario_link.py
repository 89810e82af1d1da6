"""A setting as a short text for an address: by lever, not by position, so that a link outlives new levers and wider ranges.

Format 1: ``1.<world>.<growth>.<payload>``. The payload is base64url (without padding) of

- 3 bytes of the hash of the data with which the link was made;
- for each lever that differs from the world, by id: 3 bytes of the SHA-256 of its id; one byte with the number of decimals (0–15),
  bit 6 if a value follows, bit 7 if a schedule follows; the value without its point as zigzag varint; start and full year less 2000;
- 2 bytes of the CRC-32 of everything before, so that a link that was cut or mistyped is told and not half read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tanlu.core.errors import DataError, Problem
from tanlu.pathways.data import PathwayData
from tanlu.pathways.scenario_files import DIGITS, Setting

FORMAT: Final = "1"
MOST: Final = 4_000
"""Longest link that is read."""
_CODE: Final = 3
_CHECK: Final = 2
_FIRST_YEAR: Final = 2000
_VALUE, _SPAN = 0x40, 0x80
_PLACE: Final = "link"


@dataclass(frozen=True)
class Link:
    """What a link says: the setting, whether it was made with the present data, and what of it cannot be had here."""

    setting: Setting
    same_data: bool
    problems: tuple[Problem, ...]


def lever_code(lever: str) -> bytes:
    """Return the three bytes that stand for a lever."""
    return hashlib.sha256(lever.encode()).digest()[:_CODE]


def encode(setting: Setting, data: PathwayData, data_hash: str) -> str:
    """Return the link of a setting.

    Raises
    ------
    DataError
        If the setting is not sound, see `Setting.problems`.
    """
    problems = setting.problems(data, _PLACE)
    if problems:
        raise DataError(problems)
    chosen = setting.changed(data)
    payload = bytearray(lever_code(data_hash))
    for lever in sorted({*chosen.levers, *chosen.schedules}):
        payload += lever_code(lever) + _entry(chosen.levers.get(lever), chosen.schedules.get(lever))
    head = f"{FORMAT}.{setting.base}.{setting.growth}."
    payload += _checksum(head, bytes(payload))
    return head + base64.urlsafe_b64encode(payload).decode().rstrip("=")


def _entry(value: float | None, span: tuple[int, int] | None) -> bytes:
    flags, content = 0, b""
    if value is not None:
        number = Decimal(repr(round(value, DIGITS))).normalize()
        places = max(0, -int(number.as_tuple().exponent))
        flags, content = _VALUE | places, _varint(int(number.scaleb(places)))
    if span is not None:
        flags, content = flags | _SPAN, content + bytes(year - _FIRST_YEAR for year in span)
    return bytes([flags]) + content


def _varint(number: int) -> bytes:
    rest, out = number << 1 if number >= 0 else (-number << 1) - 1, bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*out, rest])


def _checksum(head: str, payload: bytes) -> bytes:
    return (zlib.crc32(head.encode() + payload) & 0xFFFF).to_bytes(_CHECK, "big")


def decode(link: str, data: PathwayData, data_hash: str) -> Link:
    """Return what a link says.

    Levers that are not known here and values outside the present ranges are left out and told in ``problems``.

    Raises
    ------
    DataError
        If it is no link, of a format of the future, damaged, or of an unknown world or growth case.
    """
    world, growth, payload = _parts(link)
    known = {lever_code(lever.id): lever for lever in data.every}
    levers, spans, problems = dict[str, float](), dict[str, tuple[int, int]](), list[Problem]()
    reader = _Reader(payload[_CODE:-_CHECK], link)
    while reader.more:
        code = reader.take(_CODE)
        value, span = reader.entry()
        lever = known.get(code)
        if lever is None:
            problems.append(Problem("link_lever", _PLACE, None, "", code.hex()))
            continue
        if value is not None and (wrong := lever.check(value)):
            problems += wrong
        elif value is not None:
            levers[lever.id] = value
        if span is not None:
            spans[lever.id] = span
    setting = Setting(world, growth, levers, spans)
    wrong = setting.problems(data, _PLACE)
    if wrong:
        raise DataError(wrong)
    return Link(setting.changed(data), payload[:_CODE] == lever_code(data_hash), tuple(problems))


def _parts(link: str) -> tuple[str, str, bytes]:
    parts = link.strip().split(".")
    if len(parts) != 4 or len(link) > MOST:
        raise _damaged(link)
    if parts[0] != FORMAT:
        raise DataError([Problem("link_format", _PLACE, None, "", parts[0][:20], {"known": FORMAT})])
    head = ".".join(parts[:3]) + "."
    try:
        payload = base64.b64decode(parts[3] + "=" * (-len(parts[3]) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _damaged(link) from None
    if len(payload) < _CODE + _CHECK or payload[-_CHECK:] != _checksum(head, payload[:-_CHECK]):
        raise _damaged(link)
    return parts[1], parts[2], payload


def _damaged(link: str) -> DataError:
    return DataError([Problem("link_damaged", _PLACE, None, "", link[:60])])


class _Reader:
    """Takes a payload apart from its start."""

    def __init__(self, payload: bytes, link: str) -> None:
        self.payload, self.link, self.at = payload, link, 0

    @property
    def more(self) -> bool:
        return self.at < len(self.payload)

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.payload):
            raise _damaged(self.link)
        self.at += count
        return self.payload[self.at - count : self.at]

    def entry(self) -> tuple[float | None, tuple[int, int] | None]:
        flags = self.take(1)[0]
        value = float(Decimal(self._number()).scaleb(-(flags & 0x0F))) if flags & _VALUE else None
        span = self.take(2) if flags & _SPAN else b""
        return value, (span[0] + _FIRST_YEAR, span[1] + _FIRST_YEAR) if span else None

    def _number(self) -> int:
        rest = shift = 0
        while True:
            byte = self.take(1)[0]
            rest |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return rest >> 1 if not rest & 1 else -((rest + 1) >> 1)
            if shift > 70:
                raise _damaged(self.link)
