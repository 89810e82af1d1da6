"""Reading ahead: while one day is computed, the next is decoded in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items of an iterator whose next item is being made meanwhile."""
    nothing = object()
    with ThreadPoolExecutor(1, thread_name_prefix="readings") as pool:
        waiting = pool.submit(next, items, nothing)
        while (item := waiting.result()) is not nothing:
            waiting = pool.submit(next, items, nothing)
            yield item  # type: ignore[misc]
