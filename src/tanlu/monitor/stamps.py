"""Reading moments as files write them: ISO 8601, Chinese dates, the digits of HJ 212, seconds since 1970.

A moment without an offset is civil time. Rules of the edges: ``24:00`` is midnight at the end of the day; second 60 is taken only where a
leap second can be (23:59:60 UTC), as the second after it, which is what Unix time does; parts of a second are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.schema import CIVIL_OFFSET, DAY

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_MOMENT: Final = re.compile(
    r"(?P<y>\d{4})(?P<sep>[-/.年])(?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
    r"(?:(?:T|\s+|(?<=日))(?P<H>\d{1,2})(?::|时|点)(?:(?P<M>\d{1,2})(?::|分)?(?:(?P<S>\d{1,2})(?:[.,]\d+)?秒?)?)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)
_DIGITS: Final = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2}))?", re.ASCII)
_EPOCH: Final = re.compile(r"\d{9,10}", re.ASCII)
_EPOCH_MS: Final = re.compile(r"\d{12,13}", re.ASCII)
_MANY: Final = 2000
"""Distinct texts above which whole columns are tried first in the form that most files have."""
NO_STAMP: Final = np.iinfo(np.int64).min
"""Stands where a text is no moment."""


def stamp_of(text: str, offset: int = CIVIL_OFFSET) -> int | None:
    """Return the moment of a text [s since 1970 UTC], or None if it is none.

    Parameters
    ----------
    text : str
    offset : int
        Seconds that the clock of a text without an offset is ahead of UTC.
    """
    text = text.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if _EPOCH.fullmatch(text):
        return int(text)
    if _EPOCH_MS.fullmatch(text):
        return int(text) // 1000
    found = _MOMENT.fullmatch(text) or _DIGITS.fullmatch(text)
    if found is None:
        return None
    part = found.groupdict()
    zone = part.get("zone")
    ahead = offset if zone is None else _ahead(zone)
    hour, minute, second = (int(part[name] or 0) for name in "HMS")
    try:
        day = date(int(part["y"]), int(part["m"]), int(part["d"])).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    if ahead is None or minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    stamp = day * DAY + hour * 3600 + minute * 60 + second - ahead
    return None if second == 60 and stamp % DAY != 0 else stamp


_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def _ahead(zone: str) -> int | None:
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        return None
    return (hours * 3600 + minutes * 60) * (-1 if zone[0] == "-" else 1)


def stamps_of(texts: pa.DictionaryArray) -> NDArray[np.int64]:
    """Return the moments of a column of texts [s since 1970 UTC], `NO_STAMP` where a text is none; each distinct text is read once."""
    values = texts.dictionary
    stamps = _all_at_once(values) if len(values) > _MANY else None
    if stamps is None:
        read = [stamp_of(text) for text in values.to_pylist()]
        stamps = np.array([NO_STAMP if stamp is None else stamp for stamp in read], np.int64)
    indices = texts.indices
    if not indices.null_count:
        return np.asarray(stamps[indices.to_numpy(zero_copy_only=False)])
    chosen = indices.fill_null(0).to_numpy(zero_copy_only=False)
    empty = indices.is_null().to_numpy(zero_copy_only=False)
    return np.where(empty, NO_STAMP, stamps[chosen] if len(stamps) else NO_STAMP)


def _all_at_once(values: Any) -> NDArray[np.int64] | None:
    """Return the moments of texts that are all ISO 8601 without an offset; None if they are not."""
    import pyarrow as pa

    try:
        moments = values.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return None
    return np.asarray(moments.cast(pa.int64()).to_numpy(zero_copy_only=False)) - CIVIL_OFFSET
