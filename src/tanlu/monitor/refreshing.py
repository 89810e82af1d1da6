"""Facts kept up beside a process that receives readings: every so many seconds, of what came in since."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tanlu.core.errors import DataError
from tanlu.monitor.ledger import Ledger

if TYPE_CHECKING:
    from tanlu.monitor.intake import Intake

REFRESH_SECONDS: Final = 60.0


async def keep_facts(intake: Intake, seconds: float) -> None:
    """Refresh the facts every so many seconds until this is cancelled; a fault is told in the status, and it is tried again.

    Parameters
    ----------
    intake : Intake
        Its ledger goes on taking readings meanwhile.
    seconds : float
    """
    while True:
        await asyncio.sleep(seconds)
        try:
            touched = await asyncio.to_thread(refresh_once, intake)
        except DataError as error:
            intake.counters.faults["refresh"] = error
        else:
            intake.counters.faults.pop("refresh", None)
            intake.counters.refreshed += touched


def refresh_once(intake: Intake) -> bool:
    """Make anew what readings in files have touched since the last time, and tell whether there was anything.

    Raises
    ------
    DataError
        If a file cannot be read or the disk is full; the facts stay as they were.
    """
    from tanlu.monitor.rollup import refresh

    # read through the catalogue: the writer thread alone writes to the ledger
    with Ledger.open(intake.ledger.path, read_only=True) as ledger:
        if not ledger.dirty_keys().marks:
            return False
        refresh(ledger)
    return True
