"""Intake: what listeners take goes through one bounded queue to the ledger, many batches with one ``fsync``.

A listener hands over a batch and answers its sender only when the receipt is there. A second thread turns the journal into files of
readings, so that nobody waits for that. When the queue is full the listener waits (and so reads no more from its socket) or tells the
sender to come again; nothing that was acknowledged is lost and nothing is dropped. A full disk is waited for in the same way.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Final

from tanlu.core.errors import DataError
from tanlu.monitor.intake_status import Counters, read_record, write_atomically
from tanlu.monitor.refusal import Refusal

if TYPE_CHECKING:
    from tanlu.monitor.batch import Batch, Receipt
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.registry import Registry

CAPACITY: Final = 2_000_000
"""Readings that may wait: about 40 MB."""
BATCHES: Final = 50_000
"""Batches that may wait; small ones weigh more than their readings."""
GROUP: Final = 500_000
"""Readings that are written with one ``fsync`` at most."""
FLUSH_SECONDS: Final = 60.0
"""How long readings stay in the journal before they become Parquet; less where the journal is large."""
UNFLUSHED: Final = 16_000_000
"""Readings in the journal with which the writer waits for the files: about 350 MB."""
STATUS_SECONDS: Final = 5.0
IDLE_SECONDS: Final = 0.2
"""How long the writer waits for batches before it looks whether another process asks for the ledger."""
SEEN_SECONDS: Final = 30.0
ASIDE_WAITING: Final = 10_000
"""Refused pieces that may wait to be written aside; more are counted only."""
_RETRY_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_RAW_KEPT: Final = 2_000


class ClosedError(Exception):
    """The intake was stopped before a batch was durable."""


@dataclass(slots=True)
class _Job:
    batches: Sequence[Batch]
    size: int
    future: asyncio.Future[list[Receipt]]


class Intake:
    """The queue and the writer thread; use as ``async with Intake(ledger) as intake``.

    Parameters
    ----------
    ledger : Ledger
        Only the writer thread writes to it.
    capacity : int
        Readings that may wait.
    flush_seconds : float
        How long readings stay in the journal at most.

    Attributes
    ----------
    counters : Counters
    ended : asyncio.Event
        Set when the writer thread has ended, by `stop` or by a fault.
    """

    def __init__(self, ledger: Ledger, *, capacity: int = CAPACITY, flush_seconds: float = FLUSH_SECONDS) -> None:
        self.ledger = ledger
        ledger.flushed_beside = True
        self.capacity = capacity
        self.counters = Counters()
        self._flush_seconds = flush_seconds
        self._jobs: deque[_Job] = deque()
        self._aside: deque[dict[str, object]] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._queued = 0
        self._waiting_batches = 0
        self._room: deque[asyncio.Future[None]] = deque()
        self._unflushed = 0
        self._files = ThreadPoolExecutor(1, thread_name_prefix="ledger files")
        self._flushing: Future[None] | None = None
        self._flushed_at = time.monotonic()
        self._in_work: list[_Job] = []
        self._thread = threading.Thread(target=self._write, name="ledger writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._read_registry()
        # what the first batch and the first flush would have to wait for
        self._registry.columns()
        import_module("pyarrow.parquet")
        self._remember()

    async def __aenter__(self) -> Intake:
        self._loop = asyncio.get_running_loop()
        self.ledger.offer()
        self.ended = asyncio.Event()
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Write what waits, turn the journal into Parquet, write the status, and end the thread."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        await asyncio.to_thread(self._thread.join)
        # receipts of the last group come through the loop
        await asyncio.sleep(0)

    @property
    def waiting(self) -> int:
        """Number of readings that are not durable yet."""
        return self._queued

    def has_room(self, size: int) -> bool:
        """Return whether so many readings may be handed over at once; a batch larger than the capacity needs an empty queue."""
        return not self._queued or (self._queued + size <= self.capacity and self._waiting_batches < BATCHES)

    def offer(self, batches: Sequence[Batch]) -> asyncio.Future[list[Receipt]] | None:
        """Hand over batches if there is room; the future gives their receipts when they are durable.

        Returns
        -------
        Future or None
            None when the queue is full; the future raises `ClosedError` if the intake stops before they could be written.
        """
        size = sum(len(batch.ts) for batch in batches)
        if not self.has_room(size):
            return None
        assert self._loop is not None
        job = _Job(batches, size, self._loop.create_future())
        self._queued += size
        self._waiting_batches += len(batches)
        with self._wake:
            if self._stopping:
                self._release(job)
                job.future.set_exception(ClosedError())
                return job.future
            self._jobs.append(job)
            self._wake.notify()
        return job.future

    async def hand_over(self, batches: Sequence[Batch]) -> asyncio.Future[list[Receipt]]:
        """Hand over batches, waiting while the queue is full."""
        while (future := self.offer(batches)) is None:
            room = asyncio.get_running_loop().create_future()
            self._room.append(room)
            self.counters.waits += 1
            await room
        return future

    async def store(self, batch: Batch) -> Receipt:
        """Hand over a batch and wait until it is durable.

        Raises
        ------
        ClosedError
            If the intake stops before.
        """
        return (await (await self.hand_over([batch])))[0]

    def refuse(self, protocol: str, peer: str, refusal: Refusal, raw: bytes | str = b"") -> None:
        """Keep something aside that was not taken, with reason, moment and sender; the stream goes on."""
        self.counters.refuse(protocol, peer, refusal.reason)
        if len(self._aside) >= ASIDE_WAITING:
            self.counters.aside_lost += 1
            return
        text = raw if isinstance(raw, str) else _text_of(raw[:_RAW_KEPT])
        self._aside.append(
            {
                "at": int(time.time()),
                "source": protocol,
                "peer": peer,
                "reason": refusal.reason,
                "text_zh": refusal.text("zh"),
                "text_en": refusal.text("en"),
                "raw": text[:_RAW_KEPT],
            }
        )

    @property
    def registry(self) -> Registry:
        """The registry as it stands."""
        if self.ledger.registry is not self._registry:
            self._read_registry()
        return self._registry

    def _read_registry(self) -> None:
        self._registry = self.ledger.registry
        self.counters.make_place(max(self._registry.meters_by_number, default=0) + 1)

    def _remember(self) -> None:
        """Take over the latest stamps of the runs before."""
        meters = self._registry.meters
        for name, stamp in read_record(self.ledger.path / "last_seen.json").items():
            if name in meters and isinstance(stamp, int):
                self.counters.latest[meters[name].number] = stamp

    def status(self) -> dict[str, object]:
        """Return counters by protocol and sender, the queue, and how the writer is."""
        return self.counters.as_record() | {
            "waiting": self._queued,
            "capacity": self.capacity,
            "since_flush": self._unflushed,
            "meters": len(self.registry.meters),
        }

    def last_seen(self) -> dict[str, int]:
        """Return the latest stamp [s since 1970 UTC] that came in for each meter; those of the runs before are kept."""
        latest = self.counters.latest
        numbers = {name: meter.number for name, meter in self.registry.meters.items()}
        return {name: int(latest[n]) for name, n in numbers.items() if n < len(latest) and latest[n]}

    # from here on: the writer thread

    def _write(self) -> None:
        """Write until the intake is stopped; whatever ends the thread, nobody is left waiting."""
        try:
            self._write_groups()
        finally:
            self._files.shutdown()
            self.ledger.flushed_beside = False
            with self._wake:
                self._stopping = True
                left = [*self._in_work, *self._jobs]
                self._jobs.clear()
            self._answer(left, None)
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self.ended.set)

    def _write_groups(self) -> None:
        told = seen = time.monotonic()
        folder = self.ledger.path
        while True:
            self._in_work, stopping = self._next_group()
            if self._in_work:
                self._append(self._in_work)
                self._in_work = []
            if self.ledger.lend_if_asked():
                self.counters.lent += 1
                # the one who had it has turned the journal into files; what still stands there is flushed in its time
                self._unflushed = self.ledger.pending
            now = time.monotonic()
            done = stopping and not self._jobs
            self._flush(now, at_once=done)
            if done or now > told + STATUS_SECONDS:
                self._put_aside()
                self._try("status", lambda: write_atomically(folder / "status.json", self.status()))
                told = now
            if done or now > seen + SEEN_SECONDS:
                self._try("last_seen", lambda: write_atomically(folder / "last_seen.json", self.last_seen()))
                seen = now
            if done:
                return

    def _next_group(self) -> tuple[list[_Job], bool]:
        with self._wake:
            if not self._jobs and not self._stopping:
                self._wake.wait(IDLE_SECONDS)
            jobs: list[_Job] = []
            size = 0
            while self._jobs and (not jobs or size + self._jobs[0].size <= GROUP):
                jobs.append(self._jobs.popleft())
                size += jobs[-1].size
            return jobs, self._stopping

    def _append(self, jobs: list[_Job]) -> None:
        """Write a group; a disk that refuses is tried again until it takes it or the intake stops."""
        batches = [batch for job in jobs for batch in job.batches]
        for attempt in range(1_000_000):
            try:
                receipts = self.ledger.append_many(batches)
            except DataError as error:
                self.counters.faults["append"] = error
                with self._wake:
                    if not self._stopping:
                        self._wake.wait(_RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)])
                    if self._stopping and attempt:
                        break
            else:
                self.counters.faults.pop("append", None)
                self._unflushed += sum(receipt.accepted for receipt in receipts if not receipt.duplicate)
                self.counters.take(batches, receipts)
                self._answer(jobs, receipts)
                return
        self._answer(jobs, None)

    def _answer(self, jobs: list[_Job], receipts: list[Receipt] | None) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._resolve, jobs, receipts)

    def _resolve(self, jobs: list[_Job], receipts: list[Receipt] | None) -> None:
        """In the loop: give the receipts and make room."""
        place = 0
        for job in jobs:
            self._release(job)
            own = None if receipts is None else receipts[place : place + len(job.batches)]
            place += len(job.batches)
            if job.future.done():
                continue
            if own is None:
                job.future.set_exception(ClosedError())
            else:
                job.future.set_result(own)
        while self._room:
            room = self._room.popleft()
            if not room.done():
                room.set_result(None)

    def _release(self, job: _Job) -> None:
        self._queued -= job.size
        self._waiting_batches -= len(job.batches)

    def _flush(self, now: float, *, at_once: bool) -> None:
        """Let the journal become files beside when it is time, and wait for it where too much stands there or all is to end."""
        flushing = self._flushing
        if flushing is not None:
            if at_once or self._unflushed > UNFLUSHED:
                wait([flushing])
            if not flushing.done():
                return
            self._flushing, self._unflushed = None, self.ledger.pending
        if self._unflushed and (at_once or self.ledger.full or now > self._flushed_at + self._flush_seconds):
            self._flushed_at = now
            self._flushing = self._files.submit(self._try, "flush", self.ledger.flush)
            if at_once:
                wait([self._flushing])
                self._unflushed = self.ledger.pending

    def _try(self, name: str, work: Callable[[], object]) -> None:
        """Do what may fail without harm: the journal stays, and it is tried again next time."""
        try:
            work()
        except DataError as error:
            self.counters.faults[name] = error
        else:
            self.counters.faults.pop(name, None)

    def _put_aside(self) -> None:
        records = [self._aside.popleft() for _ in range(len(self._aside))]
        if records:
            self._try("aside", lambda: self.ledger.aside.put(records))


def _text_of(raw: bytes) -> str:
    """Return bytes as text that can be read by people: UTF-8, and otherwise a character a byte."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
