"""The trades of a demonstration fleet, read from ``sectors.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

SHAPE_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class Trade:
    """One trade; fields as explained in the file."""

    id: str
    zh: str
    en: str
    share: float
    coverage: float
    spread: float
    devices: int
    fuel: tuple[str, str, float]
    product: tuple[str, str, float] | None
    electricity: float
    subs: int
    shape: tuple[float, ...]
    weekend: float
    weather: float
    noise: float
    scale: float

    @property
    def meters(self) -> int:
        """Meters of one enterprise: the main meter with its sub-meters, and of each furnace fuel, product and four of the stack."""
        furnace = self.devices * (5 + (self.product is not None))
        return 1 + self.subs + (furnace if self.devices else 1)


@dataclass(frozen=True, slots=True)
class Trades:
    """All trades, the size of the fleet at which their coverage holds, and names of sub-meters."""

    full_size: int
    trades: tuple[Trade, ...]
    sub_names: tuple[tuple[str, str], ...]


@cache
def load_trades() -> Trades:
    """Return the trades of the package."""
    raw: dict[str, Any] = yaml.safe_load((files("tanlu.monitor.fleet") / "sectors.yaml").read_text(encoding="utf-8"))
    return Trades(
        raw["full_size"],
        tuple(_trade(name, row, raw) for name, row in raw["sectors"].items()),
        tuple((zh, en) for zh, en in raw["labels"]["sub"]),
    )


def _trade(name: str, row: dict[str, Any], raw: dict[str, Any]) -> Trade:
    shape = raw["shapes"][row["shape"]]
    mean = sum(shape) / SHAPE_HOURS
    product = row.get("product")
    return Trade(
        name,
        row["zh"],
        row["en"],
        row["share"],
        row["coverage"],
        row["spread"],
        row["devices"],
        tuple(row["fuel"]),
        tuple(product) if product else None,
        row["electricity"],
        row["subs"],
        tuple(value / mean for value in shape),
        row["weekend"],
        row["weather"],
        row["noise"],
        raw["scale"][name],
    )
