"""The journal: batches that were acknowledged and are not yet in files of readings.

A segment is a file of records, each ``magic, length, CRC-32`` (little-endian, 4 bytes each) and a payload of that length: a head in JSON
and the four columns of the batch as they are in memory. A record counts when it is whole. What stands after the last whole record was
never acknowledged: the write had not come back when the machine stopped.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.batch import COLUMN_TYPES
from tanlu.monitor.durable import disk_problem, sync_folder, told, write_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC: Final = b"\x93JL1"
_FRAME: Final = struct.Struct("<4sII")
_HEAD: Final = struct.Struct("<I")
ROW_BYTES: Final = sum(kind.itemsize for kind in COLUMN_TYPES.values())
SUFFIX: Final = ".jnl"
_KINDS: Final = tuple(COLUMN_TYPES.values())
_quoted: Final = json.encoder.encode_basestring_ascii


@dataclass(slots=True)
class Entry:
    """A batch in the journal: what the catalogue will say of it, and its columns meter, ts, value, quality.

    ``refused`` holds (reason, rows); moments are µs since 1970 UTC.
    """

    number: int
    hash: bytes
    source: str
    id: str
    recorded_at: int
    known_at: int
    rows: int
    refused: tuple[tuple[str, int], ...]
    repeated: int
    columns: tuple[NDArray[Any], ...]

    def __len__(self) -> int:
        return len(self.columns[0])


def encode(entry: Entry) -> list[bytes]:
    """Return the parts of a record, to be written one after the other."""
    refused = json.dumps(entry.refused) if entry.refused else "[]"
    # what `json.dumps` gives of the list, many times as fast
    head = (
        f'[{entry.number}, "{entry.hash.hex()}", {_quoted(entry.source)}, {_quoted(entry.id)}, {entry.recorded_at},'
        f" {entry.known_at}, {entry.rows}, {refused}, {entry.repeated}, {len(entry)}]"
    ).encode()
    columns: list[Any] = [
        c if c.dtype is kind or c.dtype == kind else c.astype(kind)
        for c, kind in zip(entry.columns, _KINDS, strict=True)
    ]
    payload = b"".join((_HEAD.pack(len(head)), head, *columns))
    return [_FRAME.pack(MAGIC, len(payload), zlib.crc32(payload)), payload]


def decode(payload: memoryview) -> Entry:
    """Return the batch of a payload whose CRC was right."""
    (size,) = _HEAD.unpack_from(payload)
    head = json.loads(bytes(payload[_HEAD.size : _HEAD.size + size]))
    *fields, refused, repeated, count = head
    number, digest, source, name, recorded_at, known_at, rows = fields
    columns, offset = [], _HEAD.size + size
    for kind in COLUMN_TYPES.values():
        columns.append(np.frombuffer(payload, kind, count, offset))
        offset += count * kind.itemsize
    told_refused = tuple((str(reason), int(n)) for reason, n in refused)
    return Entry(
        number, bytes.fromhex(digest), source, name, recorded_at, known_at, rows, told_refused, repeated, tuple(columns)
    )


@dataclass(frozen=True, slots=True)
class Segment:
    """What a segment holds: its entries, how many bytes of it are sound, and (offset, bytes) of what is damaged between sound records."""

    path: Path
    entries: tuple[Entry, ...]
    sound: int
    damaged: tuple[tuple[int, int], ...]


def read_segment(path: Path) -> Segment:
    """Read a segment as far as it goes; a torn end is left out, damage before a sound record is stepped over and told."""
    try:
        content = memoryview(path.read_bytes())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise disk_problem(path, error) from error
    entries: list[Entry] = []
    damaged: list[tuple[int, int]] = []
    sound = offset = 0
    while offset < len(content):
        end = _end_of(content, offset)
        if end is None:
            # what follows is either the torn end or damage with sound records behind it
            offset = _next(content, offset + 1)
            continue
        if offset > sound:
            damaged.append((sound, offset - sound))
        entries.append(decode(content[offset + _FRAME.size : end]))
        sound = offset = end
    return Segment(path, tuple(entries), sound, tuple(damaged))


def _end_of(content: memoryview, offset: int) -> int | None:
    """Return where the record that begins at an offset ends; None if there is no whole record."""
    if offset + _FRAME.size > len(content):
        return None
    magic, length, crc = _FRAME.unpack_from(content, offset)
    end = offset + _FRAME.size + length
    if magic != MAGIC or end > len(content) or zlib.crc32(content[offset + _FRAME.size : end]) != crc:
        return None
    return int(end)


def _next(content: memoryview, offset: int) -> int:
    found = bytes(content[offset:]).find(MAGIC)
    return len(content) if found < 0 else offset + found


class Journal:
    """The segments in a folder; one process writes.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._handle: int | None = None
        self._path = folder
        self.size = 0
        """Bytes of the open segment that are durable."""

    def segments(self) -> list[Path]:
        """Return the segments, oldest first."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def read(self) -> Iterator[Segment]:
        """Yield what the segments hold, oldest first; one that another process has just removed is left out."""
        for path in self.segments():
            try:
                yield read_segment(path)
            except FileNotFoundError:
                continue

    def append(self, entries: Sequence[Entry]) -> None:
        """Write batches with one ``fsync``; they are durable when this returns.

        Raises
        ------
        DataError
            If the disk is full or refuses; then none of them is in the journal.
        """
        with told(self._path):
            if self._handle is None:
                self._begin(entries[0].number)
            assert self._handle is not None
            content = b"".join(part for entry in entries for part in encode(entry))
            try:
                write_all(self._handle, content)
                os.fdatasync(self._handle)
            except OSError:
                self._undo()
                raise
            self.size += len(content)

    def _begin(self, number: int) -> None:
        self._path = self.folder / f"{number:012d}{SUFFIX}"
        self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        self.size = 0
        sync_folder(self.folder)

    def _undo(self) -> None:
        """Take back a write that failed, and begin another segment next time: after a failed sync this one cannot be trusted."""
        assert self._handle is not None
        os.ftruncate(self._handle, self.size)
        os.close(self._handle)
        self._handle = None

    def close(self) -> None:
        """Close the open segment; the next batch begins another."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle, self.size = None, 0

    def drop(self, paths: Sequence[Path]) -> None:
        """Remove segments whose batches are in files of readings."""
        for path in paths:
            path.unlink(missing_ok=True)
        sync_folder(self.folder)
