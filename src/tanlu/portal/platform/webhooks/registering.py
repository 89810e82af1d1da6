"""Registering a receiver and trying it, the same for API and command."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tanlu.core.errors import DataError
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.platform.settings import read_webhook_settings
from tanlu.portal.platform.webhooks.events import collect, envelope
from tanlu.portal.platform.webhooks.outbox import Hook, Outbox
from tanlu.portal.platform.webhooks.receivers import url_problems
from tanlu.portal.service import Workspace


def register(
    outbox: Outbox, runs: Workspace, monitoring: Monitoring, url: str, kinds: Sequence[str], label: str, who: str
) -> tuple[Hook, str]:
    """Register a receiver; return it with its secret. It hears of what comes after this moment.

    Raises
    ------
    DataError
        If the address or a kind cannot be used.
    """
    problems = url_problems(url, read_webhook_settings(outbox.folder))
    if problems:
        raise DataError(problems)
    now = time.time()
    first = not outbox.hooks()
    hook, secret = outbox.register(url, kinds, label, who, now)
    if first:
        # nobody listened before: what has happened until now is old
        collect(outbox, runs, monitoring, now, tell=False)
    return hook, secret


def send_test(outbox: Outbox, hook_id: str) -> str:
    """Put a test message for one receiver into the outbox; return its id.

    Raises
    ------
    DataError
        If there is no such receiver.
    """
    hook, now = outbox.find(hook_id), time.time()
    content = envelope("test", now, {"webhook": hook.id, "label": hook.label})
    return outbox.tell("test", f"test:{hook.id}:{time.time_ns()}", content, now, only=hook.id)
