"""Turns of the writers of a process: one after the other, in the order in which they came."""

from __future__ import annotations

from collections import deque
from threading import Lock


class Turns:
    """A lock that is given to who has waited longest.

    Who waits for the lock of SQLite looks again after ever longer pauses, many who wait for the row of the head in PostgreSQL slow each
    other down, and `threading.Lock` may be taken again by the thread that has just given it back: with each of them, some writers wait for
    seconds while others overtake.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()

    def take(self, seconds: float) -> bool:
        """Wait for the turn, and tell whether it came within some seconds."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        # it came in the moment in which the time was up
        return True

    def give(self) -> None:
        """Give the turn to the next; any thread may."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
