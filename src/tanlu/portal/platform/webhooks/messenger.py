"""Sending what waits: one pass, and the thread that makes a pass every few seconds while the portal runs."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Final

from tanlu.core.errors import DataError
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.platform.settings import WebhookSettings, read_webhook_settings
from tanlu.portal.platform.webhooks.events import collect
from tanlu.portal.platform.webhooks.outbox import Due, Outbox, stored_error
from tanlu.portal.platform.webhooks.receivers import Lookup, ReceiverError, look_up, post
from tanlu.portal.platform.webhooks.signature import signed_headers
from tanlu.portal.service import NotFoundError, Workspace

PAUSE: Final = 5.0
"""Seconds between passes."""
LOOK: Final = 6
"""Passes between looks for events."""
TIDY: Final = 17_280
"""Passes between tidying: a day."""
LOG: Final = logging.getLogger("tanlu.webhooks")


def send_due(
    outbox: Outbox, settings: WebhookSettings, clock: Callable[[], float] = time.time, lookup: Lookup = look_up
) -> dict[str, int]:
    """Send what is due, each message once; return how many deliveries are now sent, waiting, failed."""
    counted = {"sent": 0, "waiting": 0, "failed": 0}
    for due in outbox.take(clock()):
        counted[_send(outbox, due, settings, clock, lookup)] += 1
    return counted


def _send(outbox: Outbox, due: Due, settings: WebhookSettings, clock: Callable[[], float], lookup: Lookup) -> str:
    now, begun = clock(), time.monotonic()
    status, error, wait = None, "", None
    try:
        headers = signed_headers(due.secret, due.message, int(now), due.body)
        reply = post(due.hook.url, due.body, headers, settings, lookup)
        status, wait = reply.status, reply.retry_after
        error = "" if 200 <= status < 300 else f"HTTP {status}"
    except ReceiverError as reason:
        error = stored_error(reason.problem)
    ms = round(1000 * (time.monotonic() - begun), 1)
    return outbox.settle(due, clock(), status=status, ms=ms, error=error, wait=wait)


class Messenger:
    """Looks for events and sends messages beside the portal.

    Parameters
    ----------
    folder : Path
        Workspace.
    runs, monitoring
        What events are read from.
    """

    def __init__(self, folder: Path, runs: Workspace, monitoring: Monitoring) -> None:
        self.outbox, self.folder, self.runs, self.monitoring = Outbox(folder), folder, runs, monitoring
        self._stop = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the message that is being sent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2)

    def _run(self) -> None:
        passes = 0
        while not self._stop.wait(PAUSE):
            if not self.outbox.exists:
                continue
            try:
                self.make_pass(look=passes % LOOK == 0, tidy=passes % TIDY == TIDY - 1)
            except (DataError, NotFoundError, OSError, sqlite3.Error) as error:
                # a damaged run or a full disk is told by its own pages; messages wait
                LOG.warning("webhooks: %s", error)
            passes += 1

    def make_pass(self, *, look: bool, tidy: bool = False) -> dict[str, int]:
        """Look for events, send what is due."""
        settings, now = read_webhook_settings(self.folder), time.time()
        if look and self.outbox.hooks():
            collect(self.outbox, self.runs, self.monitoring, now)
        if tidy:
            self.outbox.tidy(now)
        return send_due(self.outbox, settings)
