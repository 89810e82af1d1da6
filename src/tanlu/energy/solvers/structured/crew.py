"""Compilation of kernels, and threads that run them on parts of arrays; parts and sums do not depend on the number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
Item = TypeVar("Item")
Result = TypeVar("Result")

PART: Final = 25_000
"""Entries of an array under which a second thread costs more than it gives."""


def compiled(kernel: Kernel) -> Kernel:
    """Compile a kernel so that it holds no lock of the interpreter."""
    return cast(Kernel, njit(cache=True, nogil=True, error_model="numpy")(kernel))


def compiled_sums(kernel: Kernel) -> Kernel:
    """Compile a kernel of sums whose order the compiler may choose, once for all calls."""
    relaxed = {"contract", "reassoc", "nsz", "arcp"}
    return cast(Kernel, njit(cache=True, nogil=True, error_model="numpy", fastmath=relaxed)(kernel))


class Crew:
    """Threads for kernels that hold no lock: the caller's and others.

    Parameters
    ----------
    threads : int
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads - 1) if threads > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def spread(self, kernel: Callable[..., Any], size: int, *arguments: Any) -> list[Any]:
        """Run ``kernel(first, last, *arguments)`` on parts of 0 ... size; return the results in the order of the parts."""
        parts = max(1, min(8, size // PART))
        edges = [size * k // parts for k in range(parts + 1)]
        return self.each(lambda k: kernel(edges[k], edges[k + 1], *arguments), range(parts))

    def each(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Run a task on each item, every thread on the next one that none has taken; return the results in order."""
        known = list(items)
        if self._pool is None or len(known) < 2:
            return [task(item) for item in known]
        results: list[Result | None] = [None] * len(known)
        # the lock of the interpreter makes a step of an iterator one operation: no item is taken twice
        left = iter(range(len(known)))

        def share() -> None:
            for k in left:
                results[k] = task(known[k])

        others = [self._pool.submit(share) for _ in range(min(self._threads, len(known)) - 1)]
        share()
        for other in others:
            other.result()
        return cast("list[Result]", results)
