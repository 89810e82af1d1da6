"""What came in, from whom, and when: counters of the intake, and the files that tell them."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.core.errors import DataError
from tanlu.monitor.durable import told

if TYPE_CHECKING:
    from tanlu.monitor.batch import Batch, Receipt

PEERS: Final = 2_000
"""Senders that are counted one by one; those that were heard longest ago are left out."""


@dataclass(slots=True)
class Count:
    """What one protocol or one sender sent: when something was first and last taken, and last refused."""

    batches: int = 0
    readings: int = 0
    duplicates: int = 0
    refused_readings: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    first_at: int = 0
    last_at: int = 0
    refused_at: int = 0

    def as_record(self) -> dict[str, object]:
        """Return the counts as plain data; moments in seconds since 1970 UTC."""
        return {
            "batches": self.batches,
            "readings": self.readings,
            "duplicates": self.duplicates,
            "refused_readings": self.refused_readings,
            "refused": dict(self.refused),
            "first_at": self.first_at,
            "last_at": self.last_at,
            "refused_at": self.refused_at,
        }


class Counters:
    """Counters by protocol and by sender, and the latest stamp of each meter.

    The source of a batch is ``protocol:sender``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.started_at = int(time.time())
        self.waits = 0
        """How often a listener had to wait because the queue was full."""
        self.lent = 0
        """How often the ledger was lent to another process."""
        self.refreshed = 0
        """How often facts were made anew from what came in."""
        self.aside_lost = 0
        """Refused pieces that were counted but not kept."""
        self.faults: dict[str, DataError] = {}
        """What the writer cannot do, and why; empty while all goes well."""
        self.protocols: dict[str, Count] = {}
        self.peers: OrderedDict[str, Count] = OrderedDict()
        self.latest = np.zeros(1, np.int64)
        self.unmapped: dict[str, int] = {}
        """Points that were sent and stand in no map, with how often."""

    def make_place(self, meters: int) -> None:
        """Make place for the latest stamps of so many meters."""
        with self._lock:
            if meters > len(self.latest):
                self.latest = np.concatenate((self.latest, np.zeros(meters - len(self.latest), np.int64)))

    def take(self, batches: Sequence[Batch], receipts: Sequence[Receipt]) -> None:
        """Count batches that are durable; their meters are numbers."""
        now = int(time.time())
        with self._lock:
            for batch, receipt in zip(batches, receipts, strict=True):
                accepted = 0 if receipt.duplicate else receipt.accepted
                refused = sum(receipt.refused.values()) if receipt.refused else 0
                for count in self._counts(batch.source):
                    count.batches += 1
                    count.readings += accepted
                    if receipt.duplicate:
                        count.duplicates += 1
                    if refused:
                        count.refused_readings += refused
                    if not count.first_at:
                        count.first_at = now
                    count.last_at = now
            # a batch of which something was refused may hold stamps of the future
            sound = [batch for batch, receipt in zip(batches, receipts, strict=True) if not receipt.refused]
            if sound:
                meters = np.concatenate([np.asarray(batch.meter) for batch in sound])
                np.maximum.at(self.latest, meters, np.concatenate([batch.ts for batch in sound]))

    def refuse(self, protocol: str, peer: str, reason: str) -> None:
        """Count something that was refused."""
        with self._lock:
            for count in self._counts(f"{protocol}:{peer}"):
                count.refused[reason] = count.refused.get(reason, 0) + 1
                count.refused_at = int(time.time())

    def not_mapped(self, point: str) -> None:
        """Count a point that stands in no map."""
        with self._lock:
            if point in self.unmapped or len(self.unmapped) < PEERS:
                self.unmapped[point] = self.unmapped.get(point, 0) + 1

    def _counts(self, source: str) -> tuple[Count, Count]:
        protocol = source.partition(":")[0]
        peer = self.peers.get(source)
        if peer is None:
            peer = self.peers[source] = Count()
            if len(self.peers) > PEERS:
                self.peers.popitem(last=False)
        else:
            self.peers.move_to_end(source)
        whole = self.protocols.get(protocol)
        if whole is None:
            whole = self.protocols[protocol] = Count()
        return whole, peer

    def as_record(self) -> dict[str, object]:
        """Return all counters as plain data."""
        with self._lock:
            return {
                "started_at": self.started_at,
                "at": int(time.time()),
                "pid": os.getpid(),
                "waits": self.waits,
                "lent": self.lent,
                "refreshed": self.refreshed,
                "aside_lost": self.aside_lost,
                "fault": [
                    {"work": work} | p.as_record("en") for work, e in list(self.faults.items()) for p in e.problems
                ],
                "protocols": {name: count.as_record() for name, count in self.protocols.items()},
                "senders": {name: count.as_record() for name, count in self.peers.items()},
                "unmapped": dict(self.unmapped),
            }


def write_atomically(path: Path, record: dict[str, Any]) -> None:
    """Write a record as JSON so that readers see the old file or the new one.

    Raises
    ------
    DataError
        If the disk is full or refuses.
    """
    fresh = path.with_name(path.name + ".new")
    with told(path):
        fresh.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)


def read_record(path: Path) -> dict[str, Any]:
    """Return a record that was written before; empty where there is none or it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
