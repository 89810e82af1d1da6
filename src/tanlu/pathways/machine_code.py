"""Machine code that is kept on disk, and when it is too old.

The cache of numba looks at the age of the file of one function. Constants and functions that the machine code took from other files may
have changed since: then all of it is thrown away and made anew. A fingerprint of these files and of the sets is part of the machine code.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])


def fingerprint(sources: Iterable[Path], sets: object) -> int:
    """Return one number for the text of source files, of this one, and for the sets of the model."""
    out = zlib.crc32(repr(sets).encode())
    for path in sorted([*sources, Path(__file__)]):
        out = zlib.crc32(path.read_bytes(), out)
    return out


def compiler(made: list[Any], **options: Any) -> Callable[[F], F]:
    """Return a decorator that compiles a function when it is first called, keeps the machine code on disk and notes it in ``made``."""
    from numba import njit

    def compiled(function: F) -> F:
        dispatcher = njit(cache=True, nogil=True, error_model="numpy", **options)(function)
        made.append(dispatcher)
        return cast(F, dispatcher)

    return compiled


def renew(made: Iterable[Any], found: int, wanted: int) -> None:
    """Throw away the machine code of functions if it was made from other sources."""
    if found != wanted:
        for dispatcher in made:
            dispatcher._cache.flush()
