"""A clock that does not go back: what was over stays over when the clock of the machine is set back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Final

SPEED: Final = 0.5
"""How fast time passes while the clock of the machine is behind what was seen; below 1, so that it catches up."""
TOLD: Final = timedelta(minutes=1)
_LOGGER: Final = logging.getLogger("tanlu.records")


class SteadyClock:
    """Gives the time of another clock, never before the latest time that was seen.

    Parameters
    ----------
    clock : callable
        Source, in UTC.
    floor : datetime or None
        Latest time that is known from before, such as that of the last entry of a log.
    elapsed : callable
        Seconds that no one can set.

    Notes
    -----
    While the source is behind, time goes on from the latest one at half its speed: it neither stands still nor stays ahead for ever.
    """

    def __init__(
        self, clock: Callable[[], datetime], floor: datetime | None = None, elapsed: Callable[[], float] = monotonic
    ) -> None:
        self._clock, self._elapsed, self._lock = clock, elapsed, Lock()
        at = clock()
        if floor is not None and floor > at + TOLD:
            _LOGGER.warning("clock: %s is before the last entry of the log (%s)", at.isoformat(), floor.isoformat())
        self._latest, self._seen = max(at, floor or at), elapsed()

    def __call__(self) -> datetime:
        """Return the present moment."""
        with self._lock:
            at = self._elapsed()
            least = self._latest + timedelta(seconds=max(0.0, at - self._seen) * SPEED)
            self._latest, self._seen = max(self._clock(), least), at
            return self._latest
