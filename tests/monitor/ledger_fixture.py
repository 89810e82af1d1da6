"""A small invented registry and ledger for the tests of monitoring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tanlu.core.regions import Region
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.registry import Meter, Unit
from tanlu.monitor.schema import MeterKind, UnitKind

REGIONS = (Region("land", "", "某省", "Land"), Region("land/town", "land", "某市", "Town"))
DAY_START = int(datetime(2024, 6, 30, 16, tzinfo=UTC).timestamp())
"""Begin of 2024-07-01 in civil time (UTC+8)."""
JULY_1 = 19_905
"""Number of that day."""
NOW = int(datetime(2024, 9, 1, tzinfo=UTC).timestamp()) * 1_000_000
"""Moment at which the clock of the tests begins [µs]."""


class Clock:
    """A clock that goes on by a second each time it is asked, and that can be put anywhere."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        self.now += 1_000_000
        return self.now


def plant(number: int = 1) -> Unit:
    return Unit(f"plant{number}", 0, UnitKind.ENTERPRISE, "land/town", f"厂{number}", f"Plant {number}", "land/town")


def register_of(number: int) -> Meter:
    return Meter(f"m{number}", 0, "plant1", "electricity", MeterKind.REGISTER, 900, roll=1_000_000.0, rating=5000.0)


def new_ledger(folder: Path, meters: int = 4, clock: Callable[[], int] | None = None) -> Ledger:
    """Return an open ledger with one plant and meters m1, m2, …, whose numbers are 1, 2, …"""
    ledger = Ledger.create(folder, "land", REGIONS, clock or Clock())
    ledger.register([plant()], [register_of(n) for n in range(1, meters + 1)])
    return ledger
