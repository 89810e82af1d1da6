"""How a program that runs for long holds memory."""

from __future__ import annotations

from ctypes import CDLL
from typing import Final

MMAP_THRESHOLD, TRIM_THRESHOLD, ARENA_MAX = -3, -1, -8
"""Names of settings of the allocator of glibc (malloc.h)."""
LARGE: Final = 1 << 20
"""Bytes from which memory is given back to the system at once."""
ARENAS: Final = 2


def spare_memory() -> None:
    """Let the allocator give large arrays back to the system, instead of keeping room for them in the heap of each thread.

    By itself glibc raises the size from which memory is given back to that of the largest array so far, up to 32 MB (mallopt(3)). Other
    systems have no such setting.
    """
    library = CDLL(None)
    if hasattr(library, "mallopt"):
        for name, value in ((MMAP_THRESHOLD, LARGE), (TRIM_THRESHOLD, LARGE), (ARENA_MAX, ARENAS)):
            library.mallopt(name, value)


def give_back() -> None:
    """Give the free pages in the heap back to the system: after much was read, and most of what it took to read it is free again."""
    library = CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
