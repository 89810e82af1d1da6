"""From the columns of a file to whole numbers of the ledger: meters, stamps, values, qualities – and why a row cannot be taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.checking import ACCEPTED, REASONS, check
from tanlu.monitor.meter_finder import NOT_FOUND, MeterFinder
from tanlu.monitor.reading_tables import Block
from tanlu.monitor.reading_words import QUALITY_WORDS
from tanlu.monitor.registry import Registry
from tanlu.monitor.schema import CIVIL_OFFSET, USABLE
from tanlu.monitor.stamps import NO_STAMP, stamp_of, stamps_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CODE: Final = {reason: np.int8(code) for code, reason in enumerate(REASONS)}
_EPS: Final = 4 * np.finfo(np.float64).eps
_SHOWN: Final = 1e-6
"""How far a value may be from a whole number of its last decimal: spreadsheets keep fifteen digits."""
_UNKNOWN: Final = np.int8(-128)
BLANK: Final = np.int8(-2)
"""Verdict of a row in which nothing stands: neither taken nor refused."""


@dataclass(slots=True)
class Numbers:
    """A block as whole numbers: meter, ts, value, quality, known_at (µs; −1 where the file says nothing), and the verdict of each row."""

    columns: tuple[NDArray[Any], ...]
    known_at: NDArray[np.int64] | None
    verdict: NDArray[np.int8]


@dataclass(slots=True)
class Reader:
    """Turns blocks into whole numbers; remembers words that it has met.

    Parameters
    ----------
    registry : Registry
    now : int
        The clock [s since 1970 UTC].
    """

    registry: Registry
    now: int
    _limits: Mapping[str, NDArray[Any]] = field(init=False)
    _finder: MeterFinder = field(init=False)

    def __post_init__(self) -> None:
        self._limits = self.registry.columns()
        self._finder = MeterFinder({name: meter.number for name, meter in self.registry.meters.items()})

    def numbers(self, block: Block) -> Numbers:
        """Return a block as whole numbers with the verdict of each row."""
        meter = self._meter_numbers(block.columns["meter"])
        ts = self._stamps(block.columns["time"])
        quality = self._qualities(block)
        value, fault = self._values(block, meter, quality)
        known = block.columns.get("known_at")
        known_at = None if known is None else self._moments(known)
        verdict = check((meter, ts, value, quality), self._limits, self.now).verdict
        # a text that is no time, number or word is told as that, whatever the number in its place would be
        verdict[ts == NO_STAMP] = _CODE["no_moment"]
        if known_at is not None:
            verdict[known_at > self.now * 1_000_000] = _CODE["known_later"]
        faulty = (fault != ACCEPTED) & (meter >= 0)
        verdict[faulty] = fault[faulty]
        verdict[_blank(block, np.flatnonzero((meter < 0) & (ts == NO_STAMP)))] = BLANK
        return Numbers((meter, ts, value, quality), known_at, verdict)

    def _meter_numbers(self, column: Any) -> NDArray[np.int32]:
        """Return the numbers of a column of ids; a dictionary is looked up once a word."""
        import pyarrow as pa

        if pa.types.is_dictionary(column.type):
            numbers = np.append(self._finder.find(column.dictionary.cast(pa.string())), NOT_FOUND)
            indices = column.indices.fill_null(len(numbers) - 1) if column.null_count else column.indices
            return np.asarray(numbers[indices.to_numpy(zero_copy_only=False)], np.int32)
        return self._finder.find(column.cast(pa.string())).astype(np.int32)

    def _mapped(self, column: Any, number: Callable[[str | None], int]) -> NDArray[np.int64]:
        """Return the numbers of a column of words; each distinct word is looked up once."""
        import pyarrow as pa

        if pa.types.is_integer(column.type):
            column = column.cast(pa.string())
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        names = column.dictionary.cast(pa.string()).to_pylist()
        numbers = np.array([*(number(name) for name in names), number("")], np.int64)
        indices = column.indices.fill_null(len(names)) if column.null_count else column.indices
        return np.asarray(numbers[indices.to_numpy(zero_copy_only=False)])

    def _qualities(self, block: Block) -> NDArray[np.int8]:
        column = block.columns.get("quality")
        if column is None:
            return np.zeros(block.rows, np.int8)
        return self._mapped(column, _quality).astype(np.int8)

    def _stamps(self, column: Any) -> NDArray[np.int64]:
        """Return stamps of texts, moments (without an offset: civil time) or seconds."""
        import pyarrow as pa

        kind = column.type
        if pa.types.is_integer(kind):
            return _filled(column.cast(pa.int64()), NO_STAMP)
        if pa.types.is_timestamp(kind):
            seconds = _filled(column.cast(pa.timestamp("s", kind.tz), safe=False).cast(pa.int64()), NO_STAMP)
            return seconds if kind.tz else np.where(seconds == NO_STAMP, NO_STAMP, seconds - CIVIL_OFFSET)
        if not pa.types.is_dictionary(kind):
            column = column.cast(pa.string()).dictionary_encode()
        return stamps_of(column)

    def _moments(self, column: Any) -> NDArray[np.int64]:
        """Return moments of knowledge [µs]; −1 where nothing is said."""
        import pyarrow as pa

        if pa.types.is_integer(column.type):
            return _filled(column.cast(pa.int64()), -1)
        if pa.types.is_timestamp(column.type):
            seconds = self._stamps(column)
            return np.where(seconds == NO_STAMP, -1, seconds * 1_000_000)
        return self._mapped(column, _moment)

    def _values(
        self, block: Block, meter: NDArray[np.int32], quality: NDArray[np.int8]
    ) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
        """Return whole numbers and, for each row, the code of what is wrong with its value."""
        import pyarrow as pa

        column = block.columns["value"]
        fault = np.full(block.rows, ACCEPTED)
        if block.whole:
            empty = column.is_null().to_numpy(zero_copy_only=False)
            value = _filled(column.cast(pa.int64()), 0)
        else:
            column, wrong = _as_floats(column)
            empty = column.is_null().to_numpy(zero_copy_only=False) & ~wrong
            shown = column.fill_null(0.0).to_numpy(zero_copy_only=False)
            scaled = shown * _POWERS[self._limits["decimals"][np.where(meter < 0, 0, meter)]]
            # what is too large for a whole number is refused by the check of size
            near = np.clip(np.nan_to_num(np.rint(scaled), nan=0.0), -(2.0**62), 2.0**62)
            fault[np.abs(scaled - near) > np.maximum(_SHOWN, _EPS * np.abs(scaled))] = _CODE["more_decimals"]
            fault[np.abs(scaled) > 2.0**53] = _CODE["value_too_large"]
            fault[wrong | ~np.isfinite(scaled)] = _CODE["not_a_number"]
            value = near.astype(np.int64)
        # an instrument that says that it has no value has said something
        fault[empty & (quality <= USABLE)] = _CODE["no_value"]
        return value, fault


def _blank(block: Block, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those of some rows in which all cells are empty."""
    import pyarrow as pa
    from pyarrow import compute as pc

    blank = np.ones(len(places), np.bool_)
    if len(places):
        for column in block.columns.values():
            cells = column.take(pa.array(places)).cast(pa.string())
            blank &= pc.equal(cells, "").fill_null(True).to_numpy(zero_copy_only=False)
    return places[blank]


_POWERS: Final = 10.0 ** np.arange(10)


def _as_floats(column: Any) -> tuple[Any, NDArray[np.bool_]]:
    """Return a column as floats, and where a text is no number."""
    import pyarrow as pa
    from pyarrow import compute as pc

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column.cast(pa.float64()), np.zeros(len(column), np.bool_)
    text = pc.utf8_trim_whitespace(column)
    text = pc.if_else(pc.equal(text, ""), None, text)
    number = pc.match_substring_regex(text, r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")
    wrong = pc.invert(number).fill_null(False).to_numpy(zero_copy_only=False)
    plain = pc.replace_substring_regex(text, r"^\+", "")
    return pc.if_else(number, plain, None).cast(pa.float64()), wrong


def _filled(column: Any, empty: int) -> NDArray[np.int64]:
    filled = column.fill_null(empty) if column.null_count else column
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def _quality(word: str | None) -> int:
    found = QUALITY_WORDS.get((word or "").strip().lower())
    return int(_UNKNOWN) if found is None else int(found)


def _moment(word: str | None) -> int:
    stamp = stamp_of(word) if word else None
    return -1 if stamp is None else stamp * 1_000_000
