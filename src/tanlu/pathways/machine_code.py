"""Machine code that is kept on disk, and when it is too old.

The cache of numba asks for the age of the file of a function alone, though constants and functions from other files are in its machine
code as well. Here a fingerprint of all these files and of the sets of the model stands in place of that age.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])
COMPILE: Final = ("-m", "tanlu", "pathway", "compile", "--json")
"""Arguments with which Python makes the machine code."""
COMPILING: Final = "TANLU_COMPILING"
"""Set in the environment of a process that makes it, so that it does not ask another one to."""


def fingerprint(sources: Iterable[Path], sets: object) -> int:
    """Return one number for the text of source files, of this one, and for the sets of the model."""
    out = zlib.crc32(repr(sets).encode())
    for path in sorted([*sources, Path(__file__)]):
        out = zlib.crc32(path.read_bytes(), out)
    return out


def compiler(made_from: int, **options: Any) -> Callable[[F], F]:
    """Return a decorator that compiles a function when it is first called and keeps the machine code on disk.

    Parameters
    ----------
    made_from : int
        Fingerprint of all that goes into the machine code; code on disk with another one is made anew.
    options
        Of `numba.njit`.
    """
    from numba import njit

    def compiled(function: F) -> F:
        dispatcher = njit(cache=True, nogil=True, error_model="numpy", **options)(function)
        dispatcher._cache._cache_file._source_stamp = made_from
        return cast(F, dispatcher)

    return compiled


def at_hand(function: Callable[..., object]) -> bool:
    """Return whether the machine code of a function of `compiler` is in memory or on disk, as far as its index tells."""
    dispatcher: Any = function
    return bool(dispatcher.overloads) or bool(dispatcher._cache._cache_file._load_index())


@cache
def compile_apart() -> None:
    """Let a process of its own make the machine code, once; the present one goes on with the plain definition meanwhile.

    The first use after an installation does not wait for the compiler that way. The process outlives the one that began it.
    """
    if COMPILING in os.environ:
        return
    subprocess.Popen(
        [sys.executable, *COMPILE], env={**os.environ, COMPILING: "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
