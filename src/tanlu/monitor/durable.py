"""Writing to disk so that it is there after a crash, and telling what went wrong where it cannot be."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Problem

_TOGETHER: Final = 2**20
"""Bytes that are written at once."""
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def disk_problem(path: Path, error: OSError) -> DataError:
    """Return what to tell when a file of the ledger cannot be written or read."""
    code = "ledger_disk" if error.errno in _FULL else "ledger_io"
    return DataError([Problem(code, str(path), value=os.strerror(error.errno) if error.errno else str(error))])


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn failures of the operating system into a `DataError` that names the file."""
    try:
        yield
    except OSError as error:
        raise disk_problem(path, error) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class DurableFile(io.RawIOBase):
    """A new file that is written part by part, hashed on the way and made durable at the end; its folder is made where it is not there.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        If the disk is full or refuses; nothing stays behind.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        with told(path):
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
                sync_folder(path.parent.parent)
            self._handle: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True

    def tell(self) -> int:
        """Return how much was written."""
        return self.size

    def write(self, content: Any) -> int:
        """Write bytes, some of them later; after `remove` nothing."""
        length = len(memoryview(content).cast("B"))
        if self._handle is None:
            # what writes Parquet says good-bye to a file that was given up
            return length
        self._waiting += content
        self.size += length
        if len(self._waiting) > _TOGETHER:
            self._pass_on()
        return length

    def _pass_on(self) -> None:
        assert self._handle is not None
        content, self._waiting = bytes(self._waiting), bytearray()
        self._digest.update(content)
        write_all(self._handle, content)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn failures of the operating system into a `DataError` and remove the file."""
        try:
            yield
        except OSError as error:
            self.remove()
            raise disk_problem(self.path, error) from error

    def finish(self) -> None:
        """Make content and name durable."""
        self._pass_on()
        assert self._handle is not None
        os.fsync(self._handle)
        os.close(self._handle)
        self._handle = None
        sync_folder(self.path.parent)

    def sha256(self) -> str:
        """Return the hash of the content."""
        return self._digest.hexdigest()

    def remove(self) -> None:
        """Remove the file, whole or in part."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        self.path.unlink(missing_ok=True)


def write_durably(path: Path, content: memoryview | bytes) -> None:
    """Write a new file and its content durably; its folder is made where it is not there.

    Raises
    ------
    DataError
        If the disk is full or refuses; nothing stays behind.
    """
    file = DurableFile(path)
    with file.told():
        file.write(content)
        file.finish()


def write_all(handle: int, content: memoryview | bytes) -> None:
    """Write everything to an open file, however many calls it takes."""
    rest = memoryview(content)
    while len(rest):
        rest = rest[os.write(handle, rest) :]
