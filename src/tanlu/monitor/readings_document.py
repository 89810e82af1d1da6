"""Readings as they come over HTTP and MQTT: JSON by row or by column, lines of JSON, or CSV.

By row: ``{"batch": "b1", "readings": [{"meter": "m1", "time": "2024-07-01T00:15:00+08:00", "value": 12.3, "quality": "N"}, …]}``; by
column: ``{"batch": "b1", "meter": […], "time": […], "value": […], "quality": […]}``. A time is the end of the interval: ISO 8601 with an
offset, or whole seconds since 1970 UTC. The quality may be left out (measured), and is a letter of HJ 212, a name of `Quality`, or its
number.

Reading is quick where everything is right, whole columns at once; where something is wrong the rows are gone through one by one, and every
fault is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tanlu.core.errors import DataError
from tanlu.monitor.document_faults import Rules, has_more_decimals, problems_of
from tanlu.monitor.document_lists import CSV, JSON, KINDS, LINES, QUALITIES, Lists, seconds, stamp_of, take_apart
from tanlu.monitor.quick_document import COLUMNS as COLUMNS_FORM
from tanlu.monitor.quick_document import CSV as CSV_FORM
from tanlu.monitor.quick_document import LINES as LINES_FORM
from tanlu.monitor.quick_document import ROWS, Codes, MeterIndex, QuickColumns, quick_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tanlu.monitor.batch import Batch
    from tanlu.monitor.registry import Registry

__all__ = ["CSV", "JSON", "KINDS", "LINES", "DocumentReader"]


class _OffPathError(Exception):
    """The columns are not all of the expected types: the rows have to be looked at one by one."""


class DocumentReader:
    """Reads documents for one registry.

    Parameters
    ----------
    registry : Registry
    """

    def __init__(self, registry: Registry) -> None:
        self._numbers = {name: meter.number for name, meter in registry.meters.items()}
        self._index = MeterIndex(self._numbers)
        columns = registry.columns()
        self._limits = {name: columns[name] for name in ("unit", "valid_from", "valid_to")}
        self._scales = 10.0 ** columns["decimals"].astype(np.float64)

    def read(
        self, body: bytes, kind: str, source: str, now: int, name: str = "", allowed: NDArray[np.bool_] | None = None
    ) -> Batch:
        """Return the batch of a document.

        Parameters
        ----------
        body : bytes
        kind : str
            `JSON`, `LINES` or `CSV`.
        source : str
            Source of the batch, and the name of the document in problems.
        now : int
            The clock [s since 1970 UTC]: stamps may not lie ahead of it.
        name : str
            Name of the batch where the document gives none.
        allowed : array of bool, optional
            By number of the meter: whether the sender may write it; all where nothing is said.

        Returns
        -------
        Batch
            Values as whole numbers.

        Raises
        ------
        DataError
            With all that is wrong, by row: then nothing of the document is to be taken.
        """
        from tanlu.monitor.batch import Batch

        quick = quick_columns(body, _form(body, kind))
        found = None if quick is None else self._quickly(quick, now)
        if quick is not None and found is not None and (allowed is None or allowed[found[0]].all()):
            meter, ts, value, quality = found
            return Batch(source, meter, ts, value, quality, quick.id or name)
        lists = take_apart(body, kind, source)
        try:
            if lists.broken:
                raise _OffPathError
            meter, ts, value, quality = self._columns(lists, now)
            if allowed is not None and not allowed[meter].all():
                raise _OffPathError
        except (_OffPathError, TypeError, ValueError, OverflowError, KeyError):
            problems = problems_of(lists, Rules(self._numbers, self._scales, self._limits, now, allowed), source)
            assert problems, "a document was refused without a reason"
            raise DataError(problems) from None
        return Batch(source, meter, ts, value, quality, lists.id or name)

    def _quickly(self, quick: QuickColumns, now: int) -> tuple[NDArray[Any], ...] | None:
        """Return the columns, None where any cell is not as it should be."""
        meter = self._index.numbers_of(quick.meter)
        ts: NDArray[Any] = quick.time if isinstance(quick.time, np.ndarray) else _coded_stamps(quick.time)
        quality = np.zeros(len(meter), np.int8)
        if quick.quality is not None:
            quality = np.array([QUALITIES.get(q, -1) for q in quick.quality.values], np.int8)[quick.quality.index]
        scaled = quick.value * self._scales[meter]
        return self._checked(meter, ts, scaled, quality, now)

    def _checked(
        self, meter: NDArray[Any], ts: NDArray[Any], scaled: NDArray[Any], quality: NDArray[Any], now: int
    ) -> tuple[NDArray[Any], ...] | None:
        """Return the columns as the ledger takes them, None if it would refuse any row."""
        from tanlu.monitor.checking import ACCEPTED, check

        if not np.isfinite(scaled).all() or (np.abs(scaled) > 2.0**53).any() or has_more_decimals(scaled).any():
            return None
        columns = (meter, ts, np.rint(scaled).astype(np.int64), quality)
        return columns if (check(columns, self._limits, now).verdict == ACCEPTED).all() else None

    def _columns(self, lists: Lists, now: int) -> tuple[NDArray[Any], ...]:
        """Return the columns, or raise something where any cell is not as it should be."""
        count = len(lists.meter)
        if not count or len(lists.time) != count or len(lists.value) != count:
            raise _OffPathError
        meter = np.fromiter(map(self._numbers.__getitem__, lists.meter), np.int32, count)
        if not set(map(type, lists.value)) <= {int, float}:
            raise _OffPathError
        scaled = np.array(lists.value, np.float64) * self._scales[meter]
        quality = np.zeros(count, np.int8)
        if lists.quality is not None:
            if len(lists.quality) != count or not set(map(type, lists.quality)) <= {int, str, type(None)}:
                raise _OffPathError
            quality = np.fromiter(map(QUALITIES.__getitem__, lists.quality), np.int8, count)
        columns = self._checked(meter, _stamps(lists.time), scaled, quality, now)
        if columns is None:
            raise _OffPathError
        return columns


def _form(body: bytes, kind: str) -> str:
    """Return the form of a document for the quick way; a list of records has none."""
    if kind != JSON:
        return CSV_FORM if kind == CSV else LINES_FORM
    return ROWS if b'"readings"' in body[:200] else COLUMNS_FORM


def _coded_stamps(times: Codes) -> NDArray[np.int64]:
    # before 1992: such a row is refused, and told by the slow way
    return np.array([stamp_of(seconds(time)) or 0 for time in times.values], np.int64)[times.index]


def _stamps(times: Sequence[Any]) -> NDArray[np.int64]:
    kinds = set(map(type, times))
    if kinds == {int}:
        return np.array(times, np.int64)
    if not kinds <= {int, str}:
        raise _OffPathError
    # a batch repeats few times
    known = {time: stamp_of(time) for time in set(times)}
    if None in known.values():
        raise _OffPathError
    return np.fromiter(map(known.__getitem__, times), np.int64, len(times))
