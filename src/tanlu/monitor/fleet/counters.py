"""From true rates of a demonstration fleet to what its meters show: counters with roll-over, reset, turning back and swap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tanlu.monitor.fleet.incidents import Incident, IncidentKind
from tanlu.monitor.schema import MeterKind

if TYPE_CHECKING:
    from tanlu.monitor.fleet.design import Fleet

_OF_METERS = frozenset({IncidentKind.STUCK, IncidentKind.RESET, IncidentKind.SWAP, IncidentKind.TURNED_BACK})


class Counters:
    """Keeps what every register stands at, and turns a day of rates into the whole numbers that the meters send."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        rng = np.random.default_rng([fleet.seed, 6])
        self.registers = np.flatnonzero(fleet.is_register)
        ratio = np.array([m["ratio"] for m in fleet.meters], dtype=float)
        decimals = np.array([m["decimals"] for m in fleet.meters])
        hours = fleet.step / 3600
        # whole numbers of the meter for a rate of 1: amounts are divided by the ratio, rates are shown as they are
        is_rate = np.array([m["kind"] == MeterKind.RATE for m in fleet.meters])
        self.scale = (1 + fleet.gain) * 10.0**decimals / ratio * np.where(is_rate, 1.0, hours)
        rolls = np.array([float(fleet.meters[m]["roll"]) for m in self.registers]) * 10.0 ** decimals[self.registers]
        self.rolls = rolls.astype(np.int64)
        self.standing = rng.random(len(self.registers)) * rolls
        self._row = {int(m): row for row, m in enumerate(self.registers)}
        self._incidents = [i for i in fleet.incidents if i.kind in _OF_METERS]
        self.swapped: dict[int, int] = {}
        """Number of the second meter by position, of all swaps of the fleet."""
        for number, incident in enumerate(i for i in fleet.incidents if i.kind is IncidentKind.SWAP):
            self.swapped[incident.target] = fleet.size + number

    def day(self, number: int, rates: np.ndarray) -> np.ndarray:
        """Return the whole numbers of a day, shape (positions, slots); the state moves on."""
        slots = self.fleet.slots
        shown = rates * self.scale[:, None]
        today = [
            (i, max(i.start - number * slots, 0), min(i.end - number * slots, slots))
            for i in self._incidents
            if i.start < (number + 1) * slots and i.end > number * slots
        ]
        for incident, first, last in today:
            if incident.kind is IncidentKind.STUCK:
                stands = incident.target in self._row
                shown[incident.target, first:last] = 0.0 if stands else shown[incident.target, first]
        counted = shown[self.registers]
        np.cumsum(counted, axis=1, out=counted)
        counted += self.standing[:, None]
        for incident, first, _ in today:
            self._move(counted, incident, first, begins=incident.start >= number * slots)
        self.standing = counted[:, -1] % self.rolls
        values = np.rint(shown).astype(np.int64)
        values[self.registers] = np.floor(counted).astype(np.int64) % self.rolls[:, None]
        return np.asarray(values)

    def _move(self, counted: np.ndarray, incident: Incident, first: int, *, begins: bool) -> None:
        """Let a register start again, or be turned back, from a slot on."""
        if not begins or incident.target not in self._row:
            return
        row = self._row[incident.target]
        if incident.kind in (IncidentKind.RESET, IncidentKind.SWAP):
            before = counted[row, first - 1] if first else self.standing[row]
            counted[row, first:] -= before
        elif incident.kind is IncidentKind.TURNED_BACK:
            counted[row, first:] -= incident.value * self.scale[incident.target] / (self.fleet.step / 3600)
            if counted[row, first] < 0:
                counted[row, first:] += self.rolls[row]
