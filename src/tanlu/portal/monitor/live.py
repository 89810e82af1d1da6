"""What the live strip shows: load of the last day hour by hour, emissions of the day so far, as the facts of the ledger say them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

import numpy as np
from starlette.concurrency import run_in_threadpool

from tanlu.monitor.carriers import carriers
from tanlu.monitor.emissions import DIRECT, PURCHASED
from tanlu.monitor.facts import Facts
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, day_name, day_of
from tanlu.portal.monitor.service import Monitoring, Span

HOURS: Final = 24
LEAST_SEEN: Final = 0.5
"""Share of the readings due from which on an hour counts as arrived; single stamps of clocks that run ahead do not make one."""
KINDS: Final = frozenset({"intake", "live"})
"""Events: counters of the listeners, and load and emissions so far."""
PULSE_S: Final = 1.0
LONGEST_STREAM_S: Final = 600.0
"""A stream ends by itself; the browser opens it again and goes on from the last event."""
_CARRIER: Final = "electricity"


def live_record(m: Monitoring) -> dict[str, Any]:
    """Return load and emissions of the province as far as they have arrived, made once for each generation of the facts.

    Returns
    -------
    dict
        ``hours``: the last 24 hours, each with its moment in civil time, amount (None: not known) and whether some of it is estimated;
        ``load``, ``at``: the last one; ``day``, ``direct_t``, ``purchased_t``, ``estimated``, ``missing``: emissions of its day so far
        [t CO2e] and shares. Empty where nothing has arrived.
    """
    return m.kept("live", lambda: m.read(newest_hours))


def newest_hours(m: Monitoring) -> dict[str, Any]:
    """Return the same, read from the files of facts."""
    ledger = m.ledger()
    days = ledger.days()
    if not days:
        return {}
    # clocks that run ahead put single stamps into the last day or two
    start, end = (days[-1] - 3) * DAY - CIVIL_OFFSET, (days[-1] + 1) * DAY - CIVIL_OFFSET
    table = Facts(ledger).unit_hours(ledger.province, start, end)
    at = (table.column("hour").to_numpy() - start) // HOUR
    size = (end - start) // HOUR
    names = ("n_good", "n_estimated", "n_missing")
    good, guessed, missing = (np.bincount(at, table.column(n).to_numpy().astype(float), minlength=size) for n in names)
    due = good + guessed + missing
    arrived = np.flatnonzero((due > 0) & (good + guessed >= LEAST_SEEN * due))
    if not len(arrived):
        return {}
    newest = int(arrived[-1])
    mine = table.column("carrier").to_numpy() == carriers()[_CARRIER].number
    amounts, unsure = (
        np.bincount(at[mine], np.nan_to_num(table.column(n).to_numpy(zero_copy_only=False)[mine].astype(float)), minlength=size)
        for n in ("quantity", "estimated")
    )  # fmt: skip
    known = set(arrived.tolist())
    hours = [
        {"at": _civil(start + h * HOUR), "value": float(amounts[h]) if h in known else None, "estimated": bool(unsure[h] > 0)}
        for h in range(max(newest - HOURS + 1, 0), newest + 1)
    ]  # fmt: skip
    day = int(day_of(start + (newest + 1) * HOUR))
    found = m.emissions(ledger.province, Span(day, day), ())
    return {
        "hours": hours, "load": hours[-1]["value"], "at": hours[-1]["at"], "unit": carriers()[_CARRIER].unit, "day": day_name(day),
        "direct_t": found.co2e(DIRECT) / 1000, "purchased_t": found.co2e(PURCHASED) / 1000,
        "estimated": found.shares["estimated"], "missing": found.shares["missing"],
    }  # fmt: skip


def _civil(stamp: int) -> str:
    return datetime.fromtimestamp(stamp + CIVIL_OFFSET, UTC).strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True, slots=True)
class Beat:
    """State of intake and facts at a moment, each with the event that tells it."""

    stamp: str
    generation: str
    intake: str
    live: str

    def after(self, seen: str, kinds: Collection[str] = KINDS) -> list[str]:
        """Return what a listener to some kinds of events is sent who has seen the state of an id."""
        heard, _, counted = seen.partition("-")
        told = []
        if self.stamp and self.stamp != heard:
            heard = self.stamp
            if "intake" in kinds:
                told.append(_event(f"{heard}-{counted}", "intake", self.intake))
        if self.generation != counted and "live" in kinds:
            told.append(_event(f"{heard}-{self.generation}", "live", self.live))
        return told

    def id_after(self, seen: str) -> str:
        """Return the id of what a listener has seen then."""
        return f"{self.stamp or seen.partition('-')[0]}-{self.generation}"


class Pulse:
    """Looks at the ledger once a second for all listeners together.

    Parameters
    ----------
    m : Monitoring
    clock : callable
        Seconds that never go back.
    """

    def __init__(self, m: Monitoring, clock: Callable[[], float] = monotonic) -> None:
        self._m, self._clock = m, clock
        self._last: Beat | None = None
        self._until = 0.0
        self._looking = asyncio.Lock()

    async def beat(self) -> Beat:
        """Return the present state, not older than a second."""
        async with self._looking:
            if self._last is None or self._clock() >= self._until:
                self._last = await run_in_threadpool(self._look)
                self._until = self._clock() + PULSE_S
            return self._last

    def _look(self) -> Beat:
        record = self._m.intake()
        generation, last = str(self._m.generation()), self._last
        if last is not None and last.generation == generation:
            live = last.live
        else:
            live = json.dumps(live_record(self._m), ensure_ascii=False)
        stamp = str(record.get("at", "")) if record else ""
        return Beat(stamp, generation, json.dumps(record, ensure_ascii=False), live)


async def events(
    pulse: Pulse, gone: Callable[[], Awaitable[bool]], seen: str, kinds: Collection[str] = KINDS
) -> AsyncIterator[str]:
    """Yield server-sent events: ``intake`` when its state changes, ``live`` when the facts do, at most once a second.

    The id of an event names the last state of both, so that who comes back with it is sent what changed in between and nothing else; a
    comment now and then keeps the line open.

    Parameters
    ----------
    pulse : Pulse
        Shared by all listeners.
    gone : callable
        Tells whether the listener has left.
    seen : str
        Id of the last event that the listener saw; empty at first.
    kinds : collection of str
        Events that the listener is sent.
    """
    yield "retry: 3000\n\n"
    waited = 0.0
    while waited < LONGEST_STREAM_S and not await gone():
        beat = await pulse.beat()
        told = beat.after(seen, kinds)
        seen = beat.id_after(seen)
        for text in told:
            yield text
        if not told and waited % 15 < PULSE_S:
            yield ": still here\n\n"
        await asyncio.sleep(PULSE_S)
        waited += PULSE_S


def _event(name: str, kind: str, record: str) -> str:
    return f"id: {name}\nevent: {kind}\ndata: {record}\n\n"
