"""Work that goes on for ever, and goes on again after a fault of the program, which is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

from tanlu.monitor.refusal import Refusal

if TYPE_CHECKING:
    from tanlu.monitor.intake import Intake

AGAIN_SECONDS: Final = 1.0


async def tended(intake: Intake, protocol: str, peer: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do work until it ends or this is cancelled; after a fault do it again.

    Parameters
    ----------
    intake : Intake
        Where the fault is counted and kept aside; the log has the traceback.
    protocol, peer : str
    work : callable
        Returns the coroutine.
    """
    while True:
        task = asyncio.create_task(work())
        try:
            await asyncio.wait([task])
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        logging.getLogger("tanlu.monitor").error("%s %s", protocol, peer, exc_info=error)
        intake.refuse(protocol, peer, Refusal("fault", why=repr(error)))
        await asyncio.sleep(AGAIN_SECONDS)
