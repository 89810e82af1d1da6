"""Writing to disk so that it is there after a crash, and telling what went wrong where it cannot be."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tanlu.core.errors import DataError, Problem

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


def write_durably(path: Path, content: memoryview | bytes) -> None:
    """Write a new file and its content durably; its folder is made and made durable where it is not there.

    Raises
    ------
    DataError
        If the disk is full or refuses; nothing stays behind.
    """
    with told(path):
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent.parent)
        try:
            with path.open("wb", buffering=0) as file:
                write_all(file.fileno(), content)
                os.fsync(file.fileno())
        except OSError:
            path.unlink(missing_ok=True)
            raise


def write_all(handle: int, content: memoryview | bytes) -> None:
    """Write everything to an open file, however many calls it takes."""
    rest = memoryview(content)
    while len(rest):
        rest = rest[os.write(handle, rest) :]
