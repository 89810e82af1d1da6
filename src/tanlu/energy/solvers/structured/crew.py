"""Compilation of kernels, and threads that run them on parts of arrays; parts and sums do not depend on the number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from queue import SimpleQueue
from threading import Thread
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


class _HandedOn:
    """Puts the error that ends a job, or None, where the thread that waits for its end takes it up."""

    def __init__(self, ended: SimpleQueue[BaseException | None]) -> None:
        self._ended = ended

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._ended.put(error)
        return True


class Crew:
    """Threads for kernels that hold no lock: the caller's and others.

    Work is handed over thousands of times in a solution, in portions of less than a millisecond: bare queues do that in a fraction of the
    time that futures take.

    Parameters
    ----------
    threads : int
    """

    def __init__(self, threads: int) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._ended: SimpleQueue[BaseException | None] = SimpleQueue()
        self._others = [Thread(target=self._work, daemon=True) for _ in range(threads - 1)]
        for thread in self._others:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in self._others:
            self._jobs.put(None)
        for thread in self._others:
            thread.join()

    def _work(self) -> None:
        """Do jobs until there are no more."""
        while (job := self._jobs.get()) is not None:
            with _HandedOn(self._ended):
                job()

    def spread(self, kernel: Callable[..., Any], size: int, *arguments: Any, work: int = 0) -> list[Any]:
        """Run ``kernel(first, last, *arguments)`` on parts of 0 ... size; return the results in the order of the parts.

        `work` is the number of entries that are worked on where it is not the size.
        """
        parts = max(1, min(8, (work or size) // PART, size))
        edges = [size * k // parts for k in range(parts + 1)]
        return self.each(lambda k: kernel(edges[k], edges[k + 1], *arguments), range(parts))

    def each(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Run a task on each item, every thread on the next one that none has taken; return the results in order."""
        known = list(items)
        others = min(len(self._others), len(known) - 1)
        if others < 1:
            return [task(item) for item in known]
        results: list[Result | None] = [None] * len(known)
        # the lock of the interpreter makes a step of an iterator one operation: no item is taken twice
        left = iter(range(len(known)))

        def share() -> None:
            for k in left:
                results[k] = task(known[k])

        for _ in range(others):
            self._jobs.put(share)
        try:
            share()
        finally:
            errors = [error for error in (self._ended.get() for _ in range(others)) if error is not None]
        if errors:
            raise errors[0]
        return cast("list[Result]", results)
