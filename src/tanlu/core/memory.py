"""How a program that runs for long holds memory."""

from __future__ import annotations

import os
import sys
from ctypes import CDLL
from importlib.abc import MetaPathFinder
from typing import Final

MMAP_THRESHOLD, TRIM_THRESHOLD, ARENA_MAX = -3, -1, -8
"""Names of settings of the allocator of glibc (malloc.h)."""
LARGE: Final = 1 << 20
"""Bytes from which memory is given back to the system at once."""
ARENAS: Final = 2
UNUSED: Final = frozenset(
    {"pandas", "pyarrow.dataset", "pyarrow._hdfs", *(f"pyarrow._{kind}fs" for kind in ("azure", "gc", "s3"))}
)
"""What PyArrow loads wherever it finds it, and nobody here needs who reads tables by it: pandas with 40 MB and half a second of somebody's
wait, folders of tables and file systems of clouds with 6 MB."""


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


class _Without(MetaPathFinder):
    """Says of some modules that they are not installed; who would like to have them does without."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse the modules that are not used; leave all else to the other finders."""
        if name in UNUSED:
            raise ModuleNotFoundError(f"this process does without {name}", name=name)


def spare_libraries() -> None:
    """Let PyArrow do without what it loads unasked, and give memory back; to be called before it is imported."""
    # the pool that it has by itself keeps what it was given; that of the system gives it back, see `spare_memory`
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    sys.meta_path.insert(0, _Without())
