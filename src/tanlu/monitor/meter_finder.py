"""Finding the numbers of meters by their ids for millions of rows: a hash table over whole arrays.

An id of up to 32 bytes is taken as one to four 8-byte words. Open addressing with linear probing; all rows are probed together, so that the
work is a few passes over arrays instead of one look-up a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

WORDS: Final = 4
"""Words that an id may have; longer ids are found one by one."""
_FACTORS: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)
"""Odd numbers with well mixed bits."""
_MASKS: Final = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
NOT_FOUND: Final = -1


class MeterFinder:
    """The numbers of meters by id.

    Parameters
    ----------
    numbers : mapping
        Number of each id.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        import pyarrow as pa

        self._slow = {name: number for name, number in numbers.items() if len(name.encode()) > 8 * WORDS or not name}
        quick = {name: number for name, number in numbers.items() if name not in self._slow}
        self._numbers = np.array([*quick.values(), NOT_FOUND], np.int64)
        column = pa.array(list(quick), pa.string())
        self._words = max((len(name.encode()) + 7) // 8 for name in quick) if quick else 1
        self._keys, self._lengths = self._cut(column)
        self._bits = max(int(4 * len(quick)).bit_length(), 4)
        self._table = np.full(1 << self._bits, NOT_FOUND, np.int32)
        self._fill()

    def _fill(self) -> None:
        """Put each id into the first free place from its hash on."""
        place = self._hash(self._keys)
        waiting = np.arange(len(place))
        while len(waiting):
            free = self._table[place[waiting]] == NOT_FOUND
            # of several ids at one place the last written stays; the others go on
            self._table[place[waiting[free]]] = waiting[free]
            waiting = waiting[self._table[place[waiting]] != waiting]
            place[waiting] = (place[waiting] + 1) & (len(self._table) - 1)

    def _cut(self, column: pa.StringArray) -> tuple[list[NDArray[np.uint64]], NDArray[np.int32]]:
        """Return the words and the lengths in bytes of texts."""
        _, offsets, data = column.buffers()
        count = len(column)
        if not count:
            return [np.empty(0, np.uint64)] * self._words, np.empty(0, np.int32)
        ends = np.frombuffer(offsets, np.int32)[column.offset : column.offset + count + 1]
        start, length = ends[:-1], np.diff(ends)
        text = np.zeros(int(ends[-1]) + 8 * (WORDS + 1), np.uint8)
        if data is not None:
            text[: ends[-1]] = np.frombuffer(data, np.uint8)[: ends[-1]]
        # every place of the text as the beginning of a word
        words: NDArray[np.uint64] = np.ndarray((len(text) - 7,), "<u8", text, strides=(1,))
        return [words[start + 8 * i] & _MASKS[np.clip(length - 8 * i, 0, 8)] for i in range(self._words)], length

    def _hash(self, keys: list[NDArray[np.uint64]]) -> NDArray[np.int64]:
        mixed = keys[0] * _FACTORS[0]
        for i in range(1, self._words):
            mixed ^= (keys[i] * _FACTORS[i]) >> np.uint64(7 * i)
        mixed ^= mixed >> np.uint64(29)
        mixed *= _FACTORS[1]
        return np.asarray((mixed >> np.uint64(64 - self._bits)).astype(np.int64))

    def find(self, column: pa.StringArray) -> NDArray[np.int64]:
        """Return the number of each text, `NOT_FOUND` where it is no id; spaces around it do not count."""
        keys, length = self._cut(column)
        place = self._hash(keys)
        found = np.full(len(place), NOT_FOUND, np.int64)
        waiting: Any = slice(None)
        while True:
            candidate = self._table[place[waiting]]
            same = (
                (candidate != NOT_FOUND) & (self._lengths[candidate] == length[waiting]) if len(self._lengths) else None
            )
            if same is None:
                break
            for own, key in zip(self._keys, keys, strict=True):
                same &= own[candidate] == key[waiting]
            if isinstance(waiting, slice):
                found = np.where(same, self._numbers[candidate], NOT_FOUND)
                waiting = np.flatnonzero(~same & (candidate != NOT_FOUND))
            else:
                found[waiting[same]] = self._numbers[candidate[same]]
                waiting = waiting[~same & (candidate != NOT_FOUND)]
            if not len(waiting):
                break
            place[waiting] = (place[waiting] + 1) & (len(self._table) - 1)
        self._find_others(column, found)
        return found

    def _find_others(self, column: pa.StringArray, found: NDArray[np.int64]) -> None:
        """Look up what was not found once more, without spaces around it and among the long ids; each distinct text once."""
        import pyarrow as pa

        places = np.flatnonzero(found == NOT_FOUND)
        if not len(places):
            return
        others = column.take(pa.array(places)).dictionary_encode()
        names = [(name or "").strip() for name in others.dictionary.to_pylist()]
        plain = pa.array(names, pa.string())
        numbers = [self._slow.get(name, NOT_FOUND) for name in names]
        if names != others.dictionary.to_pylist():
            again = self.find(plain)
            numbers = [max(a, b) for a, b in zip(numbers, again.tolist(), strict=True)]
        chosen = np.array([*numbers, NOT_FOUND], np.int64)
        found[places] = chosen[others.indices.fill_null(len(numbers)).to_numpy(zero_copy_only=False)]
