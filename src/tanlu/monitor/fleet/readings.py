"""Readings of a demonstration fleet, day by day: what arrives in time, what arrives late, what never does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.fleet.counters import Counters
from tanlu.monitor.fleet.incidents import IncidentKind
from tanlu.monitor.fleet.loads import Loads
from tanlu.monitor.fleet.stacks import Stacks
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tanlu.monitor.fleet.design import Fleet

_GAPS_A_DAY: Final = 0.01
"""Spells without readings per meter and day, two hours long in the mean; grade D."""
_LATE_A_DAY: Final = 0.005
"""Meters whose whole day arrives later, per day; grade D."""
_DOUBLE_A_DAY: Final = 0.0005
"""Readings that are sent twice; grade D."""
_CALIBRATION_SLOTS: Final = 900
"""Seconds a day in which the analyser of a stack is calibrated."""


@dataclass(frozen=True)
class Rows:
    """Readings in long form, in the order of meter and stamp; ``meter`` counts positions, then second meters of swaps."""

    meter: NDArray[np.int32]
    ts: NDArray[np.int64]
    value: NDArray[np.int64]
    quality: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.meter)


@dataclass(frozen=True)
class DayReadings:
    """One day of a fleet.

    Parameters
    ----------
    day : int
        Number of the civil day.
    rows : Rows
        What arrives on the day.
    late : dict of day to Rows
        What arrives on later days, by the day on which it does.
    rates : array of float32, shape (positions, slots)
        What the meters saw per hour before it was counted, with the tampering at stacks.
    temperature : float
        Mean outdoor temperature of the day [°C].
    """

    day: int
    rows: Rows
    late: dict[int, Rows]
    rates: NDArray[np.float32]
    temperature: float


class FleetState:
    """What a fleet remembers from day to day."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.loads, self.stacks, self.counters = Loads(fleet), Stacks(fleet), Counters(fleet)
        self.stops = [i for i in fleet.incidents if i.kind is IncidentKind.STOP]
        self.drifts = [i for i in fleet.incidents if i.kind is IncidentKind.DRIFT]
        self.swaps = [i for i in fleet.incidents if i.kind is IncidentKind.SWAP]
        self._by_load = np.argsort(fleet.activity, kind="stable")

    def advance(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the rates, the whole numbers and the stopped slots of the next day."""
        fleet = self.fleet
        stopped = np.zeros((len(fleet.activity_trade), fleet.slots), dtype=bool)
        for incident in self.stops:
            first, last = (
                max(incident.start - number * fleet.slots, 0),
                min(incident.end - number * fleet.slots, fleet.slots),
            )
            if first < last:
                stopped[incident.target, first:last] = True
        activity, rates = self.loads.day(number, stopped)
        self.stacks.day(number, activity, rates)
        return rates, self.counters.day(number, rates), stopped


def simulate_days(fleet: Fleet) -> Iterator[DayReadings]:
    """Yield the readings of a fleet day by day; memory holds one day.

    Equal fleets yield equal readings.
    """
    state = FleetState(fleet)
    faults = bool(fleet.incidents)
    for number in range(fleet.days):
        rates, values, stopped = state.advance(number)
        rows, late = _send(state, number, values, stopped, faults=faults)
        yield DayReadings(fleet.start + number, rows, late, rates, state.loads.temperature)


def _send(
    state: FleetState, number: int, values: np.ndarray, stopped: np.ndarray, *, faults: bool
) -> tuple[Rows, dict[int, Rows]]:
    """Turn the whole numbers of a day into rows: with gaps, doubles, late days, drift of clocks, marks of quality."""
    fleet = state.fleet
    rng = np.random.default_rng([fleet.seed, 7, number])
    begin = (fleet.start + number) * DAY - CIVIL_OFFSET
    ts = np.broadcast_to(begin + fleet.step * np.arange(1, fleet.slots + 1, dtype=np.int64), values.shape)
    quality = _qualities(state, stopped)
    if not faults:
        meters = np.repeat(np.arange(fleet.size, dtype=np.int32), fleet.slots)
        return Rows(meters, ts.ravel(), values.ravel(), quality.ravel()), {}
    ts = _drifting(state, number, ts)
    sent = _gaps(rng, fleet, values.shape)
    moved = [_after_swap(state, number, i.target, i.start, sent, ts, values, quality) for i in state.swaps]
    held = rng.choice(fleet.size, size=rng.binomial(fleet.size, _LATE_A_DAY), replace=False)
    arrives = fleet.start + number + rng.integers(1, 6, size=len(held))
    late: dict[int, Rows] = {}
    for day in np.unique(arrives):
        those = np.sort(held[arrives == day])
        mask = np.zeros_like(sent)
        mask[those] = sent[those]
        late[int(day)] = _rows(mask, ts, values, quality)
    sent[held] = False
    rows = _rows(sent, ts, values, quality, double=rng)
    return _append(rows, [m for m in moved if m is not None]), late


def _qualities(state: FleetState, stopped: np.ndarray) -> np.ndarray:
    """Return the mark of each reading: analysers are calibrated once a day, stopped furnaces say so."""
    fleet = state.fleet
    quality = np.zeros((fleet.size, fleet.slots), dtype=np.int8)
    if len(fleet.stacks):
        rows = fleet.stacks[:, :4]
        slots = max(1, _CALIBRATION_SLOTS // fleet.step) if fleet.step < 3600 else 0
        # each stack at a time of its own
        for row, stack in enumerate(rows):
            first = (row * 7) % max(1, fleet.slots - slots)
            quality[stack, first : first + slots] = Quality.CALIBRATION
            halted = stopped[fleet.activity[stack[0]]]
            if halted.any():
                quality[np.ix_(stack, np.flatnonzero(halted))] = Quality.STOPPED
    return quality


def _drifting(state: FleetState, number: int, ts: np.ndarray) -> np.ndarray:
    if not state.drifts:
        return ts
    moved = ts.copy()
    for incident in state.drifts:
        moved[incident.target] += int(np.clip(incident.value * number, -300, 300))
    return moved


def _gaps(rng: np.random.Generator, fleet: Fleet, shape: tuple[int, ...]) -> np.ndarray:
    """Return which readings are sent: spells of up to a day are missing."""
    sent = np.ones(shape, dtype=bool)
    count = rng.binomial(fleet.size, _GAPS_A_DAY)
    meters = rng.integers(fleet.size, size=count)
    starts = rng.integers(fleet.slots, size=count)
    lengths = 1 + rng.geometric(1 / max(fleet.slots / 12, 1), size=count)
    for meter, first, length in zip(meters, starts, lengths, strict=True):
        sent[meter, first : first + length] = False
    return sent


def _after_swap(
    state: FleetState, number: int, position: int, start: int, sent: np.ndarray, ts: np.ndarray, values: np.ndarray,
    quality: np.ndarray,
) -> Rows | None:  # fmt: skip
    """Return what the second meter of a position sends, and take it from the first."""
    first = max(start - number * state.fleet.slots, 0)
    if first >= state.fleet.slots:
        return None
    keep = np.flatnonzero(sent[position, first:]) + first
    sent[position, first:] = False
    meter = np.full(len(keep), state.counters.swapped[position], dtype=np.int32)
    return Rows(meter, ts[position, keep], values[position, keep], quality[position, keep])


def _rows(
    sent: np.ndarray,
    ts: np.ndarray,
    values: np.ndarray,
    quality: np.ndarray,
    *,
    double: np.random.Generator | None = None,
) -> Rows:
    where = np.flatnonzero(sent)
    if double is not None:
        again = (
            double.choice(where, size=double.binomial(len(where), _DOUBLE_A_DAY), replace=False)
            if len(where)
            else where
        )
        if len(again):
            where = np.sort(np.concatenate([where, again]), kind="stable")
    meters = (where // sent.shape[1]).astype(np.int32)
    stamps = ts.ravel() if ts.flags.c_contiguous else np.ascontiguousarray(ts).ravel()
    return Rows(meters, stamps[where], values.ravel()[where], quality.ravel()[where])


def _append(rows: Rows, more: list[Rows]) -> Rows:
    if not more:
        return rows
    parts = [rows, *sorted(more, key=lambda r: int(r.meter[0]) if len(r) else -1)]
    return Rows(*(np.concatenate([getattr(p, k) for p in parts]) for k in ("meter", "ts", "value", "quality")))
