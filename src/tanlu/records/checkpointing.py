"""Checkpoints that are signed again and again while the portal runs: what they cover can no longer be rewritten unseen.

What is not covered could still be rewritten by whoever holds the database, so the time between two checkpoints is the time in which a
tampered entry would leave no trace outside.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from tanlu.records.log.notes import Checkpoint
from tanlu.records.publication import LogFolder
from tanlu.records.refusals import RefusedError

EVERY: Final = 600
"""Seconds between two checkpoints (assumption); ``checkpoint_seconds`` in the configuration, 0 for none."""
_LOGGER: Final = logging.getLogger("tanlu.records")


def publish_grown(log: LogFolder) -> Checkpoint | None:
    """Sign a checkpoint if the log has grown since the last one, and return it.

    Raises
    ------
    RefusedError
        If the database does not continue what was published: it was changed by hand.
    """
    size, last = log.database.size(), log.checkpoint()
    if size == 0 or (last is not None and last.size == size):
        return None
    return log.publish()


class CheckpointTimer:
    """Signs checkpoints in a thread of its own until it is stopped; a last one at the end.

    Parameters
    ----------
    log : LogFolder
    seconds : float
        Time between two looks; 0: never.
    wait : callable, optional
        Waits some seconds and tells whether it was woken to stop.
    """

    def __init__(self, log: LogFolder, seconds: float, wait: Callable[[float], bool] | None = None) -> None:
        self.log, self.seconds = log, seconds
        self._stopped = Event()
        self._wait = wait or self._stopped.wait
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin."""
        if self.seconds > 0:
            self._thread = Thread(target=self.run, name="checkpoints", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Sign a last checkpoint and end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(10)

    def run(self) -> None:
        """Look again and again; a refusal is told in the log of the program and does not end the timer."""
        ended = False
        while not ended:
            ended = self._wait(self.seconds)
            try:
                publish_grown(self.log)
            except (RefusedError, OSError) as error:
                _LOGGER.error("checkpoint: %s", error)
