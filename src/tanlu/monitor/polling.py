"""Asking devices at the beats of their meters: what the pollers of Modbus, DL/T 645 and OPC UA share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.tending import tended

if TYPE_CHECKING:
    from tanlu.monitor.batch import Batch
    from tanlu.monitor.intake import Intake

TOLERANCE: Final = 20
"""An answer counts for the beat if it comes within a twentieth of the step (45 s of a quarter of an hour); later ones keep their time."""

Reading = tuple[int, int, int, int]
"""Number of the meter, stamp, whole number, quality."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A moment at which a device is asked: the stamp, and the seconds between two."""

    stamp: int
    step: int

    def stamp_now(self) -> int:
        """Return the stamp of an answer that comes at this moment."""
        now = int(time.time())
        return self.stamp if abs(now - self.stamp) * TOLERANCE <= max(self.step, TOLERANCE) else now


def batch_of(source: str, readings: Sequence[Reading]) -> Batch:
    """Return readings as a batch."""
    from tanlu.monitor.batch import Batch

    columns = np.array(readings, np.int64).reshape(-1, 4)
    return Batch(source, columns[:, 0].astype(np.int32), columns[:, 1], columns[:, 2], columns[:, 3].astype(np.int8))


class Poller:
    """Asks one device, or all devices of one line, again and again.

    Parameters
    ----------
    intake : Intake
    protocol, peer : str
        For the source of the batches and for what is refused.
    steps : sequence of int
        Steps of its meters [s]; each has beats of its own, at multiples of the step since 1970 UTC.
    ask : callable
        Takes a beat, and returns the readings that came; what did not come is refused by it.
    """

    def __init__(
        self,
        intake: Intake,
        protocol: str,
        peer: str,
        steps: Sequence[int],
        ask: Callable[[Beat], Awaitable[Sequence[Reading]]],
    ) -> None:
        self._intake = intake
        self._protocol = protocol
        self._peer = peer
        self._steps = sorted(set(steps))
        self._ask = ask
        self._line = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [
            asyncio.create_task(tended(self._intake, self._protocol, self._peer, partial(self._run, step)))
            for step in self._steps
        ]

    async def stop(self) -> None:
        """End; readings that were taken are stored."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def poll(self, beat: Beat) -> int:
        """Ask once and store what came; return the number of readings. One question at a time goes over the line."""
        async with self._line:
            readings = await self._ask(beat)
        if readings:
            await asyncio.shield(self._intake.store(batch_of(f"{self._protocol}:{self._peer}", readings)))
        return len(readings)

    async def _run(self, step: int) -> None:
        while True:
            now = time.time()
            stamp = (int(now) // step + 1) * step
            await asyncio.sleep(stamp - now)
            await self.poll(Beat(stamp, step))
