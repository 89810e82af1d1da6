"""What a portal does beside answering, and what only one of several processes may do: checkpoints, letters, messages.

The process that holds the lock of a file in the workspace does it. When that process ends, however it ends, the system gives the lock back,
and another takes over.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Final

PAUSE: Final = 5.0
"""Seconds between two attempts to take over."""
Step = Callable[[], None]


class Duties:
    """Begins duties when this process is the one that has them.

    Parameters
    ----------
    path : Path
        File whose lock says who has them; where it cannot be written, nobody else can be asked.
    begin, end : sequence of callable
        What is called when they begin, and at the end if they had begun.
    """

    def __init__(self, path: Path, begin: Sequence[Step], end: Sequence[Step]) -> None:
        self._path, self._begin, self._end = path, begin, end
        self._stopped, self._file = Event(), -1
        self._waiting: Thread | None = None
        self.held = False

    def start(self) -> None:
        """Take the duties, or wait for them beside the portal."""
        if not self._take():
            self._waiting = Thread(target=self._wait, name="duties", daemon=True)
            self._waiting.start()

    def stop(self) -> None:
        """End the duties, so that another process can take them."""
        self._stopped.set()
        if self._waiting is not None:
            self._waiting.join(PAUSE)
        if self.held:
            for step in self._end:
                step()
        if self._file >= 0:
            os.close(self._file)

    def _wait(self) -> None:
        while not self._stopped.wait(PAUSE):
            if self._take():
                return

    def _take(self) -> bool:
        from fcntl import LOCK_EX, LOCK_NB, flock

        if self._file < 0:
            with suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if self._file >= 0:
            try:
                flock(self._file, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                return False
        self.held = True
        for step in self._begin:
            step()
        return True
