"""The registry: which meter measures what, for whom, since when – and who lies in which park, county, prefecture.

Pure records and look-ups; where they come from is told by `tanlu.monitor.registry_tables` (files) and `tanlu.monitor.ledger` (catalogue).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.carriers import Carrier, carriers
from tanlu.monitor.schema import FIRST_STAMP, MeterKind, UnitKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOREVER: Final = 253_402_300_799
"""End of validity of what has no end: the last second of the year 9999 (UTC)."""
LEVELS: Final = tuple(UnitKind)
"""Kinds of units, lowest first."""
KIND_CODES: Final = {kind: code for code, kind in enumerate(MeterKind)}
"""Numbers of the kinds of meters in the columns: register 0, interval 1, rate 2."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A device, enterprise, park, county, prefecture or province.

    Parameters
    ----------
    id : str
    number : int
        Given by the ledger and never changed; 0 before that.
    kind : UnitKind
    parent : str
        Id of the unit above; empty for the province.
    zh, en : str
        Names.
    region : str
        Id of the region of the province folder in which it lies.
    sector : str
        Sector of an enterprise; may be empty.
    valid_from, valid_to : int
        Stamps (UTC seconds) between which it exists.
    uscc : str
        Unified social credit code of the organisation that it belongs to, so that its people see it; empty where it is as for the unit
        above.
    """

    id: str
    number: int
    kind: UnitKind
    parent: str
    zh: str
    en: str
    region: str
    sector: str = ""
    valid_from: int = FIRST_STAMP
    valid_to: int = FOREVER
    uscc: str = ""

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter as it stands at a position, with everything that is needed to read its values.

    An amount in the unit of the carrier is ``value · ratio · 10^−decimals · sign``, where ``value`` is the whole number in the ledger.

    Parameters
    ----------
    id : str
    number : int
        Given by the ledger and never changed; 0 before that.
    unit : str
        Id of the unit that it belongs to.
    carrier : str
        Id of what it measures (`tanlu.monitor.carriers`).
    kind : MeterKind
    step : int
        Seconds between readings.
    ratio : float
        Transformer ratio times the conversion into the carrier's unit; above 0.
    decimals : int
        Digits after the point that are kept of the value shown.
    roll : float or None
        Value shown at which a register starts again at 0, for example 1,000,000 for six digits.
    parent : str
        Id of the meter of whose amount this one measures a part; for balances. Empty where there is none.
    sign : int
        1, or −1 for what is delivered to others.
    counted : bool
        False for a meter that is used for balances only.
    accuracy : float or None
        Accuracy class [%].
    rating : float or None
        Largest amount an hour, in the unit of the carrier.
    calibrated_on : date or None
    calibration_months : int or None
        Months after which it must be calibrated again.
    position : str
        Where it stands; two meters of one position followed each other. The meter's own id where nothing is said.
    valid_from, valid_to : int
        Stamps (UTC seconds) of its first and last possible reading.
    """

    id: str
    number: int
    unit: str
    carrier: str
    kind: MeterKind
    step: int
    ratio: float = 1.0
    decimals: int = 2
    roll: float | None = None
    parent: str = ""
    sign: int = 1
    counted: bool = True
    accuracy: float | None = None
    rating: float | None = None
    calibrated_on: date | None = None
    calibration_months: int | None = None
    position: str = ""
    valid_from: int = FIRST_STAMP
    valid_to: int = FOREVER

    @property
    def place(self) -> str:
        """Position, or the meter's own id where it has none."""
        return self.position or self.id

    @property
    def factor(self) -> float:
        """Amount in the unit of the carrier of one unit of the whole numbers in the ledger."""
        return float(self.ratio * self.sign / 10**self.decimals)


class Registry:
    """Units and meters as they were known at a moment.

    Parameters
    ----------
    units : iterable of Unit
        Including the regions of the province.
    meters : iterable of Meter
    """

    def __init__(self, units: Iterable[Unit], meters: Iterable[Meter]) -> None:
        self.units: Mapping[str, Unit] = {u.id: u for u in units}
        """Units by id."""
        self.meters: Mapping[str, Meter] = {m.id: m for m in meters}
        """Meters by id."""

    @cached_property
    def carriers(self) -> Mapping[str, Carrier]:
        """Carriers that some meter measures, by id, in the order of the library."""
        used = {m.carrier for m in self.meters.values()}
        return {name: carrier for name, carrier in carriers().items() if name in used}

    @cached_property
    def units_by_number(self) -> Mapping[int, Unit]:
        """Units by number."""
        return {u.number: u for u in self.units.values()}

    @cached_property
    def meters_by_number(self) -> Mapping[int, Meter]:
        """Meters by number."""
        return {m.number: m for m in self.meters.values()}

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for unit in self.units.values():
            found.setdefault(unit.parent, []).append(unit.id)
        return found

    @cached_property
    def _known_below(self) -> dict[str, list[Unit]]:
        """What lies below units that were asked about: each unit stands in as many lists as there are levels at most."""
        return {}

    @cached_property
    def _by_code(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for unit in self.units.values():
            if unit.uscc:
                found.setdefault(unit.uscc, []).append(unit.id)
        return found

    def units_of_code(self, uscc: str) -> list[Unit]:
        """Return the units that an organisation has, by its unified social credit code."""
        return [self.units[name] for name in self._by_code.get(uscc, ())]

    def code_of(self, unit: str) -> str:
        """Return the unified social credit code of the organisation that a unit belongs to: its own or the nearest above; may be empty.

        Raises
        ------
        KeyError
            If there is no such unit.
        """
        chain = (self.units[unit], *self.ancestors(unit))
        return next((u.uscc for u in chain if u.uscc), "")

    @cached_property
    def counts(self) -> Mapping[str, tuple[int, int]]:
        """Numbers of enterprises and of meters in each unit and everything below it, by id."""
        found = {name: [unit.kind is UnitKind.ENTERPRISE, 0] for name, unit in self.units.items()}
        for meter in self.meters.values():
            found[meter.unit][1] += 1
        # a unit lies below one of a higher level
        for unit in sorted(self.units.values(), key=lambda u: LEVELS.index(u.kind)):
            if unit.parent:
                above, own = found[unit.parent], found[unit.id]
                above[0], above[1] = above[0] + own[0], above[1] + own[1]
        return {name: (int(firms), meters) for name, (firms, meters) in found.items()}

    @cached_property
    def _own_meters(self) -> Mapping[str, list[Meter]]:
        found: dict[str, list[Meter]] = {}
        for meter in self.meters.values():
            found.setdefault(meter.unit, []).append(meter)
        return found

    def ancestors(self, unit: str) -> list[Unit]:
        """Return the units above a unit, nearest first.

        Raises
        ------
        KeyError
            If there is no such unit.
        """
        found, above = [], self.units[unit].parent
        while above:
            found.append(self.units[above])
            above = found[-1].parent
        return found

    def children(self, unit: str) -> list[Unit]:
        """Return the units right below a unit."""
        return [self.units[name] for name in self._children.get(unit, ())]

    def below(self, unit: str) -> list[Unit]:
        """Return a unit and everything below it, the unit first.

        Raises
        ------
        KeyError
            If there is no such unit.
        """
        own = self.units[unit]
        if unit not in self._known_below:
            found, waiting = [], [own.id]
            while waiting:
                name = waiting.pop()
                found.append(self.units[name])
                waiting.extend(self._children.get(name, ()))
            self._known_below[unit] = found
        return [*self._known_below[unit]]

    def enterprises(self, where: str) -> list[Unit]:
        """Return the enterprises in a region or below a unit (an enterprise lies in itself), by number.

        Raises
        ------
        KeyError
            If there is no such unit.
        """
        found = (u for u in self.below(where) if u.kind is UnitKind.ENTERPRISE)
        return sorted(found, key=lambda u: u.number)

    def account_of(self, unit: str) -> Unit:
        """Return the unit in whose hourly facts a unit's meters count: its enterprise, or itself above that level."""
        own = self.units[unit]
        chain = [own, *self.ancestors(unit)]
        return next((u for u in chain if u.kind is UnitKind.ENTERPRISE), own)

    def meters_of(self, where: str) -> list[Meter]:
        """Return the meters of a unit and of everything below it, by number."""
        found = (m for unit in self.below(where) for m in self._own_meters.get(unit.id, ()))
        return sorted(found, key=lambda m: m.number)

    def counted(self, where: str) -> Mapping[str, int]:
        """Return how many meters of a unit and of everything below it count, by carrier.

        Raises
        ------
        KeyError
            If there is no such unit.
        """
        if where not in self._known_counted:
            found: dict[str, int] = {}
            for unit in self.below(where):
                for meter in self._own_meters.get(unit.id, ()):
                    if meter.counted:
                        found[meter.carrier] = found.get(meter.carrier, 0) + 1
            self._known_counted[where] = found
        return self._known_counted[where]

    @cached_property
    def _known_counted(self) -> dict[str, Mapping[str, int]]:
        return {}

    def index(self) -> None:
        """Make the look-ups that questions about units and meters need, which are made at the first question otherwise."""
        self.columns()
        for name in ("counts", "_own_meters", "_children"):
            getattr(self, name)

    @cached_property
    def positions(self) -> Mapping[str, list[Meter]]:
        """Meters by position, each list in the order of time."""
        found: dict[str, list[Meter]] = {}
        for meter in sorted(self.meters.values(), key=lambda m: (m.valid_from, m.number)):
            found.setdefault(meter.place, []).append(meter)
        return found

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        nan = float("nan")
        known = carriers()
        accounts = {name: self.account_of(name).number for name in {m.unit for m in self.meters.values()}}
        places = {name: number for number, name in enumerate(self.positions)}
        meters = list(self.meters.values())
        cells: dict[str, list[Any]] = {
            "unit": [accounts[m.unit] for m in meters],
            "owner": [self.units[m.unit].number for m in meters],
            "carrier": [known[m.carrier].number for m in meters],
            "kind": [KIND_CODES[m.kind] for m in meters],
            "factor": [m.factor for m in meters],
            "decimals": [m.decimals for m in meters],
            "roll": [-1 if m.roll is None else round(m.roll * 10**m.decimals) for m in meters],
            "step": [m.step for m in meters],
            "counted": [m.counted for m in meters],
            "parent": [self.meters[m.parent].number if m.parent else -1 for m in meters],
            "position": [places[m.place] for m in meters],
            "accuracy": [nan if m.accuracy is None else m.accuracy for m in meters],
            "rating": [nan if m.rating is None else m.rating for m in meters],
            "valid_from": [m.valid_from for m in meters],
            "valid_to": [m.valid_to for m in meters],
        }
        numbers = [m.number for m in meters]
        columns: dict[str, NDArray[Any]] = {}
        for name, kind, empty in COLUMNS:
            columns[name] = np.full(max(numbers, default=0) + 1, empty, kind)
            columns[name][numbers] = cells[name]
            columns[name].flags.writeable = False
        return columns

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return what engines need of the meters as arrays, indexed by the number of the meter.

        Returns
        -------
        dict of arrays
            ``unit`` (number of the unit in whose facts it counts), ``owner`` (number of its own unit), ``carrier`` (number), ``kind``
            (`KIND_CODES`), ``factor`` (carrier's unit for one unit of the ledger's whole numbers, with sign), ``decimals``, ``roll``
            (whole numbers; −1 without), ``step`` [s], ``counted``, ``parent`` (number; −1 without), ``position`` (meters of one position
            share a number), ``accuracy`` [%], ``rating`` (carrier's unit an hour; nan without), ``valid_from``, ``valid_to`` [s].
            Numbers without a meter have unit −1. The arrays cannot be written to.
        """
        return dict(self._columns)


COLUMNS: Final[tuple[tuple[str, type[Any], Any], ...]] = (
    ("unit", np.int32, -1),
    ("owner", np.int32, -1),
    ("carrier", np.int16, -1),
    ("kind", np.int8, -1),
    ("factor", np.float64, 0.0),
    ("decimals", np.int8, 0),
    ("roll", np.int64, -1),
    ("step", np.int32, 0),
    ("counted", np.bool_, False),
    ("parent", np.int32, -1),
    ("position", np.int32, -1),
    ("accuracy", np.float64, float("nan")),
    ("rating", np.float64, float("nan")),
    ("valid_from", np.int64, FOREVER),
    ("valid_to", np.int64, 0),
)
"""Columns of the meters: name, type, and what stands at a number without a meter."""
