"""Canonical JSON: one byte string for one value, whoever writes it.

Source: RFC 8785 (JSON Canonicalization Scheme). Numbers are integers of at most 2^53 − 1; floats are refused, because two programs may
write the same amount in two ways. Amounts are integers of the smallest unit (fen, 分).
"""

from __future__ import annotations

import json
from typing import Final

LARGEST: Final = 2**53 - 1
_encode = json.encoder.encode_basestring


class NotCanonicalError(ValueError):
    """The value has no canonical form here; the message says where."""


def canonical(value: object) -> bytes:
    """Return a value of None, bool, int, str, lists, tuples and mappings with text keys as canonical JSON in UTF-8.

    Raises
    ------
    NotCanonicalError
        If it holds anything else: a float, an integer beyond 2^53 − 1, half a surrogate pair.
    """
    try:
        return _text(value, "$").encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError(f"text holds a lone surrogate: {error}") from None


def _text(value: object, where: str) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        # escapes only the quotation mark, the backslash and control characters, as RFC 8785 asks (3.2.2.2)
        return _encode(value)
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonicalError(f"{where}: {value} is beyond 2^53 - 1")
        return str(int(value))
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(item, where) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(_member(key, value[key], where) for key in _sorted_keys(value, where)) + "}"
    raise NotCanonicalError(f"{where}: {type(value).__name__} has no canonical form")


def _member(key: str, value: object, where: str) -> str:
    return f"{_encode(key)}:{_text(value, f'{where}.{key}')}"


def _sorted_keys(value: dict[object, object], where: str) -> list[str]:
    keys = [key for key in value if isinstance(key, str)]
    if len(keys) < len(value):
        raise NotCanonicalError(f"{where}: keys are text")
    if all(key.isascii() for key in keys):
        return sorted(keys)
    # RFC 8785, 3.2.3: keys are sorted by UTF-16 code units
    return sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
