"""The meters as engines need them: one row a meter, whole numbers wherever a rule compares, and the place where its amounts count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from tanlu.monitor.carriers import carriers_by_number
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, UnitKind

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.registry import Registry

MARGIN: Final = 1.3
"""Largest plausible amount over what the rating allows (assumption, as in the rule of range)."""
MOST: Final = 10**11
"""Largest limit of whole numbers an hour; keeps products of limit and seconds inside 64 bits for a whole year."""
NO_FILL, MAXIMUM, NEIGHBOURS = 0, 1, 2
"""How gaps of a meter are filled: not at all, by the tiers of HJ 75, by hours around the gap."""
STACK_BITS: Final = {"CO2": 1, "CH4": 2, "N2O": 4}
"""Bit of a gas in the column ``stack``: the stack measures it, so that it is not computed from the fuel again."""
STACK_SHIFT: Final = 3
"""Bits of ``stack`` below the one that tells where a fuel is burnt."""
STACK_MASK: Final = (1 << 6) - 1
BURNT_IN: Final = ("industry_other", "energy_industries", "commercial", "residential", "agriculture_forestry_fishing")
"""Where fuels are burnt, as the factors of CH4 and N2O tell them apart (2006 IPCC Guidelines, vol. 2, ch. 2, tables 2.2 to 2.5)."""
_BURNT_BY: Final = {"power": 1, "energy_industry": 1, "services": 2, "residential": 3, "agriculture": 4}
"""Sectors of enterprises that burn elsewhere than in industry."""


@dataclass(frozen=True)
class MeterTable:
    """Columns of the meters in ascending order of their numbers, each of shape (n,).

    Parameters
    ----------
    meter : array of int32
        Numbers.
    kind : array of int8
        0 register, 1 direct (interval or rate).
    scale : array of float64
        Amount in the carrier's unit of one whole number; of a rate it includes the hours of its step.
    roll : array of int64
        Whole number at which a register starts again at zero; 0 without.
    most : array of int64
        Of a register the largest plausible whole number an hour, of a direct meter the largest plausible value; 0 where unknown.
    step : array of int64
        [s].
    fill : array of int8
        `NO_FILL`, `MAXIMUM` or `NEIGHBOURS`.
    valid_from, valid_to : array of int64
        Stamps [s].
    unit, carrier : array of int32, int16
        Where its amounts count; unit −1 where they do not.
    burnt_in : array of int8
        Of a fuel the place in `BURNT_IN`, by the sector of its enterprise.
    """

    meter: np.ndarray
    kind: np.ndarray
    scale: np.ndarray
    roll: np.ndarray
    most: np.ndarray
    step: np.ndarray
    fill: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray
    unit: np.ndarray
    carrier: np.ndarray
    burnt_in: np.ndarray
    _stacks: tuple[tuple[int, int, int, np.ndarray], ...] = ()
    """(from, to, bit, positions of the fuel meters below the stack)."""

    def __len__(self) -> int:
        return len(self.meter)

    @cached_property
    def position(self) -> np.ndarray:
        """Row of each meter number, −1 where there is none."""
        rows = np.full(int(self.meter[-1]) + 2 if len(self) else 1, -1, np.int32)
        rows[self.meter] = np.arange(len(self), dtype=np.int32)
        return rows

    @cached_property
    def units(self) -> frozenset[int]:
        """Numbers of the units in whose facts meters count."""
        return frozenset(np.unique(self.unit[self.unit >= 0]).tolist())

    def stack(self, day: int) -> np.ndarray:
        """Return for each meter the gases that a stack measured on a day (`STACK_BITS`) and where its fuel is burnt, as int8."""
        start = day * DAY - CIVIL_OFFSET
        bits = self.burnt_in << np.int8(STACK_SHIFT)
        for first, last, bit, below in self._stacks:
            if first < start + DAY and last > start:
                bits[below] |= bit
        return bits

    def select(self, meters: np.ndarray) -> MeterTable:
        """Return the table of some meters only."""
        rows = self.position[np.unique(meters)]
        rows = rows[rows >= 0]
        place = np.full(len(self), -1, np.int64)
        place[rows] = np.arange(len(rows))
        stacks = tuple((a, b, bit, place[below][place[below] >= 0]) for a, b, bit, below in self._stacks)
        names = (
            "meter",
            "kind",
            "scale",
            "roll",
            "most",
            "step",
            "fill",
            "valid_from",
            "valid_to",
            "unit",
            "carrier",
            "burnt_in",
        )
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in names}
        return MeterTable(**columns, _stacks=stacks)

    def arrow(self) -> pa.Table:
        """Return the columns that operators join as an Arrow table."""
        import pyarrow as pa

        names = ("meter", "kind", "scale", "roll", "most", "step", "fill", "valid_from", "valid_to")
        return pa.table({name: getattr(self, name) for name in names})

    def places(self, day: int) -> pa.Table:
        """Return where the meters count on a day: ``meter, unit, carrier, stack``."""
        import pyarrow as pa

        used = self.unit >= 0
        columns = {"meter": self.meter, "unit": self.unit, "carrier": self.carrier, "stack": self.stack(day)}
        return pa.table({name: column[used] for name, column in columns.items()})


_TABLES: Final[WeakKeyDictionary[Registry, MeterTable]] = WeakKeyDictionary()


def meter_table(registry: Registry) -> MeterTable:
    """Return the table of all meters of a registry, made once: a registry never changes."""
    found = _TABLES.get(registry)
    if found is None:
        found = _TABLES[registry] = _made(registry)
    return found


def _made(registry: Registry) -> MeterTable:
    columns = registry.columns()
    numbers = np.flatnonzero(columns["unit"] >= 0).astype(np.int32)
    c: dict[str, Any] = {name: column[numbers] for name, column in columns.items()}
    direct = c["kind"] > 0
    hours = np.where(c["kind"] == 2, c["step"] / HOUR, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        an_hour = MARGIN * c["rating"] / np.abs(c["factor"])
    # of an interval the limit is that of its step, of a rate and a register that of an hour
    limit = np.where(c["kind"] == 1, an_hour * c["step"] / HOUR, an_hour)
    most = np.minimum(np.floor(np.nan_to_num(limit, nan=0.0, posinf=0.0)), MOST).astype(np.int64)
    fuel = np.array([n.kind == "fuel" for n in map(_carrier, c["carrier"])], bool)
    emission = np.array([n.kind == "emission" for n in map(_carrier, c["carrier"])], bool)
    fill = np.where(direct, np.where(emission, MAXIMUM, NEIGHBOURS), NO_FILL).astype(np.int8)
    return MeterTable(
        numbers,
        direct.astype(np.int8),
        c["factor"] * hours,
        np.maximum(c["roll"], 0).astype(np.int64),
        most,
        c["step"].astype(np.int64),
        fill,
        c["valid_from"].astype(np.int64),
        c["valid_to"].astype(np.int64),
        np.where(c["counted"], c["unit"], -1).astype(np.int32),
        c["carrier"].astype(np.int16),
        np.where(fuel, _burnt_in(registry, c["unit"]), 0).astype(np.int8),
        tuple(_stacks(registry, c, fuel, emission)),
    )


def _burnt_in(registry: Registry, units: np.ndarray) -> np.ndarray:
    """Return where the units of meters burn."""
    found, inverse = np.unique(units, return_inverse=True)
    known = registry.units_by_number
    codes = [_BURNT_BY.get(known[n].sector, 0) if n in known else 0 for n in found.tolist()]
    return np.array(codes, np.int8)[inverse]


def _carrier(number: int) -> Any:
    return carriers_by_number()[int(number)]


def _stacks(
    registry: Registry, c: dict[str, Any], fuel: np.ndarray, emission: np.ndarray
) -> list[tuple[int, int, int, np.ndarray]]:
    """Return the fuel meters at or below the unit of each stack meter that counts."""
    by_owner: dict[int, list[int]] = {}
    for row in np.flatnonzero(fuel):
        by_owner.setdefault(int(c["owner"][row]), []).append(int(row))
    found = []
    for row in np.flatnonzero(emission & c["counted"]):
        bit = STACK_BITS.get(_carrier(c["carrier"][row]).subject, 0)
        owner = registry.units_by_number[int(c["owner"][row])]
        if bit == 0 or owner.kind not in {UnitKind.DEVICE, UnitKind.ENTERPRISE}:
            continue
        below = [r for unit in registry.below(owner.id) for r in by_owner.get(unit.number, ())]
        if below:
            found.append((int(c["valid_from"][row]), int(c["valid_to"][row]), bit, np.array(sorted(below), np.int64)))
    return found
