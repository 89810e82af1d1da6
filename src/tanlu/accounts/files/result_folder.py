"""A folder of results that is there as a whole or not at all.

It is written beside its place and renamed when it is complete. An older result in that place steps aside first and comes back if the
program is killed between the two renamings.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Problem

MANIFEST: Final = "manifest.json"
KIND: Final = "tanlu-account"
"""What the manifest says of itself."""


def _beside(out: Path, role: str) -> Path:
    return out.with_name(f".{out.name}.{role}-{os.getpid()}")


def is_result(folder: Path) -> bool:
    """Return whether a folder holds results of an account."""
    try:
        return read_manifest(folder).get("kind") == KIND
    except DataError:
        return False


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a folder of results.

    Raises
    ------
    DataError
        If there is none, or it is not JSON.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise DataError([Problem("no_account", str(folder), value=str(folder))])
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError([Problem("damaged_account", str(path), details={"reason": str(error)})]) from None
    return found if isinstance(found, dict) else {}


def check_out(out: Path) -> None:
    """Tell whether results can be written to a folder, without writing anything.

    Raises
    ------
    DataError
        If something else is there.
    """
    if not out.name:
        raise DataError([Problem("folder_in_use", str(out), value=str(out))])
    if out.exists() and not is_result(out) and (not out.is_dir() or any(out.iterdir())):
        raise DataError([Problem("folder_in_use", str(out), value=str(out))])


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Give a folder to write into; it takes the place of ``out`` when the block ends without an error.

    Raises
    ------
    DataError
        If something else is there, or the disk refuses.
    """
    out = out.absolute()
    fresh, old = _beside(out, "staging"), _beside(out, "old")
    try:
        _recover(out)
        check_out(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir()
        try:
            yield fresh
            if out.exists():
                out.rename(old)
            fresh.rename(out)
        finally:
            # after the renaming there is nothing left to remove
            shutil.rmtree(fresh, ignore_errors=True)
            if old.exists() and not out.exists():
                old.rename(out)
            shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise DataError([Problem("cannot_write", str(out), value=str(error))]) from error


def _recover(out: Path) -> None:
    """Bring an older result back, and remove what a killed process left."""
    if not out.parent.is_dir():
        return
    for left in sorted(out.parent.glob(f".{out.name}.old-*")):
        if not _alive(left):
            if out.exists():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.rename(out)
    for left in out.parent.glob(f".{out.name}.staging-*"):
        if not _alive(left):
            shutil.rmtree(left, ignore_errors=True)


def _alive(folder: Path) -> bool:
    """Return whether the process that made a folder is running."""
    number = folder.name.rpartition("-")[2]
    if not number.isdecimal():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
