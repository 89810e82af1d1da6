"""Things that take long to read and seldom change, kept on disk between two commands.

A kept thing is named by a hash of all that it was made from, so one that is out of date is never found. Python reads it as code would
be, so it is read and written only in a folder that belongs to the user and that nobody else may write to; anywhere else, and wherever the
disk refuses, the thing is just made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import platform
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, TypeVar, cast

from tanlu import __version__

T = TypeVar("T")
FOLDER: Final = "TANLU_CACHE"
"""Environment variable with the folder; empty keeps nothing."""
COUNT: Final = 6
"""Things of one name that are kept: a province in several states, several provinces."""


def kept(name: str, made_from: Iterable[str], make: Callable[[], T]) -> T:
    """Return a thing that is on disk, or make it and keep it.

    Parameters
    ----------
    name : str
        Of the kind of thing, part of a file name.
    made_from : iterable of str
        Hashes of data and code that decide what is made; the versions of this program and of Python are added.
    make : callable
        What it raises is not kept.
    """
    folder = cache_folder()
    if folder is None:
        return make()
    text = "\n".join((__version__, platform.python_version(), *made_from))
    path = folder / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:24]}.pickle"
    # what is cut short, or of a class that has changed, is made anew
    with contextlib.suppress(
        OSError, EOFError, ValueError, LookupError, AttributeError, ImportError, TypeError, pickle.PickleError
    ):
        if _own(path.stat(follow_symlinks=False)):
            return cast(T, pickle.loads(path.read_bytes()))
    made = make()
    with contextlib.suppress(OSError, TypeError, AttributeError, pickle.PickleError):
        _write(path, pickle.dumps(made, protocol=5))
        _forget(folder, name)
    return made


@contextlib.contextmanager
def alone(name: str, *, wait: bool) -> Iterator[bool]:
    """Keep other processes of the user from the same work.

    Parameters
    ----------
    name : str
        Of the work, part of a file name.
    wait : bool
        Whether to wait for a process that is at it.

    Yields
    ------
    bool
        Whether the work is to be done: not if another process is at it and this one does not wait.
    """
    folder = cache_folder()
    if folder is None:
        yield True
        return
    import fcntl

    with (folder / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        # the end of the process frees it, whatever happens to it
        yield True


def hash_code(folders: Iterable[Path]) -> str:
    """Return the SHA-256 over the names and contents of the Python files below folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def cache_folder() -> Path | None:
    """Return the folder of the user for kept things, made if need be; None where there is none that is safe."""
    chosen = os.environ.get(FOLDER)
    if chosen == "" or not hasattr(os, "geteuid"):
        return None
    try:
        caches = os.environ.get("XDG_CACHE_HOME")
        folder = Path(chosen) if chosen else (Path(caches) if caches else Path.home() / ".cache") / "tanlu"
        if not folder.is_absolute():
            return None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _own(folder.stat()) else None
    except (OSError, RuntimeError):
        return None


def _own(found: os.stat_result) -> bool:
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(path: Path, content: bytes) -> None:
    """Write a file in one step: another process sees all of it or nothing."""
    number, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _forget(folder: Path, name: str) -> None:
    """Delete the oldest things of a name beyond those that are kept."""
    found = sorted(folder.glob(f"{name}-*.pickle"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in found[COUNT:]:
        path.unlink(missing_ok=True)
