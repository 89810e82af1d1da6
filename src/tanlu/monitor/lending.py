"""Who may write to a ledger: one process at a time; one that receives readings all day lends the ledger to others on request.

Three locks of the system, which go when their process goes: ``writer.lock`` is held by the one who writes, ``lender.lock`` by one who
lends as long as it runs, ``asking.lock`` by one who asks for the ledger or has it.
"""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import TextIO

WAIT_S: Final = 60.0
"""How long one who asks waits for a lender that is at work [s]."""
_TAKE_S: Final = 5.0
"""How long a lender waits for the one who asked to take the ledger [s]."""
_POLL_S: Final = 0.01


def held(path: Path) -> TextIO | None:
    """Return a file whose lock is held, None if another process holds it."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


class WriterLock:
    """The right to write to a ledger; use `take`.

    Parameters
    ----------
    folder : Path
        Folder of the ledger.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: TextIO | None = None
        self._asking: TextIO | None = None
        self._lender: TextIO | None = None

    @property
    def borrowed(self) -> bool:
        """Whether another process lends the ledger."""
        return self._asking is not None

    @classmethod
    def take(cls, folder: Path, wait: float = WAIT_S, *, lent: bool = True) -> WriterLock | None:
        """Return the right to write; None if another process has it too long, or, if it is to be ``lent``, does not lend it."""
        lock = cls(folder)
        end = time.monotonic() + wait
        while (writer := held(folder / "writer.lock")) is None:
            if time.monotonic() > end or (lent and not _taken(folder / "lender.lock")):
                lock.release()
                return None
            if lock._asking is None:
                lock._asking = held(folder / "asking.lock")
            time.sleep(_POLL_S)
        lock._writer = writer
        return lock

    def release(self) -> None:
        """Let others write."""
        for file in (self._writer, self._asking, self._lender):
            if file is not None:
                file.close()
        self._writer = self._asking = self._lender = None

    def offer(self) -> None:
        """Say that this process lends when it is asked."""
        if self._lender is None:
            self._lender = held(self._folder / "lender.lock")

    def asked(self) -> bool:
        """Tell whether another process asks for the ledger."""
        return self._lender is not None and _taken(self._folder / "asking.lock")

    def lend(self) -> None:
        """Let the one who asks write, and come back when it has ended."""
        assert self._writer is not None
        fcntl.flock(self._writer, fcntl.LOCK_UN)
        end = time.monotonic() + _TAKE_S
        while self.asked() and time.monotonic() < end:
            time.sleep(_POLL_S)
            try:
                fcntl.flock(self._writer, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                break
            fcntl.flock(self._writer, fcntl.LOCK_UN)
        fcntl.flock(self._writer, fcntl.LOCK_EX)


def _taken(path: Path) -> bool:
    file = held(path)
    if file is not None:
        file.close()
    return file is None
