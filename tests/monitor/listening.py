"""What tests of listeners share: a small ledger, and asking it what it holds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from tanlu.core.regions import Region
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.registry import Meter, Unit
from tanlu.monitor.schema import MeterKind, UnitKind, day_of

NOW = int(time.time())
T0 = NOW // 86_400 * 86_400 - 86_400
"""Midnight (UTC) of yesterday."""


def ledger_of(folder: Path, meters: Sequence[str] = ("m1", "m2"), *, step: int = 900, decimals: int = 2) -> Ledger:
    """A new ledger of one enterprise whose meters are registers of electricity."""
    regions = [Region("p", "", "省", "Province"), Region("p/c", "p", "市", "City")]
    ledger = Ledger.create(folder / "ledger", "p", regions)
    plant = Unit("plant", 0, UnitKind.ENTERPRISE, "p/c", "厂", "Plant", "p/c")
    rows = [Meter(name, 0, "plant", "electricity", MeterKind.REGISTER, step, decimals=decimals) for name in meters]
    ledger.register([plant], rows)
    return ledger


def held(ledger: Ledger, first: int = T0 - 10 * 86_400) -> dict[tuple[str, int], tuple[int, int]]:
    """What the ledger holds until now: by meter id and stamp, value and quality."""
    names = {number: meter.id for number, meter in ledger.registry.meters_by_number.items()}
    table = ledger.readings(int(day_of(first)), int(day_of(int(time.time()))))
    return {(names[row["meter"]], row["ts"]): (row["value"], row["quality"]) for row in table.to_pylist()}
