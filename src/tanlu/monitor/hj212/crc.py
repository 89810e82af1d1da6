"""The check sum of HJ 212: a CRC-16 whose step discards the low byte of its state.

Source: HJ 212-2017, annex A (normative); the same in HJ/T 212-2005, annex A.
"""

from __future__ import annotations

from typing import Final

POLYNOMIAL: Final = 0xA001
START: Final = 0xFFFF
_PERIOD: Final = 8


def _after(byte: int) -> int:
    """Return the register after the eight shifts of one step."""
    for _ in range(8):
        byte = (byte >> 1) ^ POLYNOMIAL if byte & 1 else byte >> 1
    return byte


_STEP: Final = tuple(_after(byte) for byte in range(256))


def _powers() -> tuple[bytes, ...]:
    """Return the table of one step of the high byte, of two, … of eight; eight steps leave every byte as it was."""
    once = bytes(word >> 8 for word in _STEP)
    tables = [once]
    for _ in range(_PERIOD - 1):
        tables.append(bytes(once[byte] for byte in tables[-1]))
    return tuple(tables)


_HIGH: Final = _powers()
_H0, _H1, _H2, _H3, _H4, _H5, _H6, _H7 = _HIGH


_HALVES: Final = tuple((64 * words, (1 << 64 * words) - 1) for words in range(160))
"""Bits of so many words of eight bytes, and the number in which all of them are set."""


def crc16(data: bytes) -> int:
    """Return the check sum of a data segment.

    For each byte the register becomes (register >> 8) XOR byte, and is then shifted right eight times, with XOR A001H after each
    one that falls out. Two weaknesses follow. What the register held in its low byte is lost at each step, so the sum takes 256
    values only, and a damaged segment passes about once in 256 times. And eight steps change nothing, so bytes that stand eight
    apart may change places unseen. Structure and ranges have to be checked as well.

    The second one makes it quick: a step is linear (XOR) and has the period eight, so the bytes are folded into eight first.

    Parameters
    ----------
    data : bytes
        Data segment, without header, length and check sum.

    Returns
    -------
    int
        0–65535; FFFFH of nothing.

    Source: HJ 212-2017, annex A.
    """
    if not data:
        return START
    size = len(data) - 1
    folded = int.from_bytes(data[:-1], "big")
    words = (size + _PERIOD - 1) // _PERIOD
    while words > 1:
        words = (words + 1) // 2
        bits, ones = _HALVES[words] if words < len(_HALVES) else (64 * words, (1 << 64 * words) - 1)
        folded = folded >> bits ^ folded & ones
    a, b, c, d, e, f, g, h = folded.to_bytes(_PERIOD, "little")
    state = (
        _HIGH[(size - 1) % _PERIOD][START >> 8] ^ _H0[a] ^ _H1[b] ^ _H2[c] ^ _H3[d] ^ _H4[e] ^ _H5[f] ^ _H6[g] ^ _H7[h]
    )
    return _STEP[state ^ data[-1]]
