"""Stacks of a demonstration fleet: CO2, O2 and flow of the gas, and what tampering makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.fleet.design import CO2_DENSITY
from tanlu.monitor.fleet.incidents import STACK_TAMPERING, WEEK, Incident, IncidentKind

if TYPE_CHECKING:
    from tanlu.monitor.fleet.design import Fleet

AIR_O2: Final = 20.95
"""Oxygen in dry air [%]."""
_LEAST_LOAD: Final = 0.05
"""Load below which a furnace counts as standing."""
_BATCH_SPREAD: Final = 0.015
"""Standard deviation of the carbon of fuel between days; grade D."""
_BATCH_MEMORY: Final = 0.7
"""Correlation of the carbon of fuel from day to day; grade D."""
_KEPT: Final = ("fraction", "o2", "flow")


class Stacks:
    """Makes the readings of all stacks of a fleet, day after day.

    The CO2 fraction follows the oxygen: ``CO2 = CO2max · (1 − O2 / 20.95)``, the relation of dry flue gas; CO2max is a constant of the
    fuel (and of the raw meal of a kiln) with noise of 1 %. Oxygen rises as load falls. Flow is what carries the CO2 at that fraction.
    """

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        rng = np.random.default_rng([fleet.seed, 5])
        count = len(fleet.stacks)
        self.highest = 19.3 * (1 + 0.03 * rng.standard_normal(count))
        self.oxygen = 6.0 + 0.8 * rng.standard_normal(count)
        self.gain_fraction = 1 + np.clip(0.012 * rng.standard_normal(count), -0.025, 0.025)
        self.gain_flow = 1 + np.clip(0.02 * rng.standard_normal(count), -0.05, 0.05)
        self._carbon = rng.standard_normal(count)
        self.tampering = [i for i in fleet.incidents if i.kind in STACK_TAMPERING]
        self._copied = sorted({i.target for i in self.tampering if i.kind is IncidentKind.COPIED})
        self._past: list[dict[str, np.ndarray]] = []
        self._held: dict[int, dict[str, float]] = {}

    def day(self, number: int, activity: np.ndarray, rates: np.ndarray) -> None:
        """Fill the rows of stacks of a day in place: kg/h, %, %, Nm3/h.

        Parameters
        ----------
        number : int
        activity : array, shape (rows of activity, slots)
        rates : array of float32, shape (positions, slots)
            The rows of stacks hold deviations from 1.
        """
        fleet = self.fleet
        if not len(fleet.stacks):
            return
        mass, fraction, oxygen, flow, fuel, _ = fleet.stacks.T
        noise = {"mass": rates[mass], "fraction": rates[fraction], "o2": rates[oxygen], "flow": rates[flow]}
        # the carbon of the fuel that the meter of the fuel sees without its own error
        load = activity[fleet.activity[fuel]]
        burnt = fleet.stack_base[:, None] * load * (1 + 0.5 * (noise["mass"] - 1)) * self._batch(number)[:, None]
        o2 = np.clip(self.oxygen[:, None] + 4.0 * (1 - load) + 25.0 * (noise["o2"] - 1), 2.0, 18.0)
        co2 = self.highest[:, None] * (1 - o2 / AIR_O2) * (1 + 0.5 * (noise["fraction"] - 1))
        volume = burnt / (CO2_DENSITY * co2 / 100)
        standing = load < _LEAST_LOAD
        shown = {
            "fraction": np.where(standing, 0.05, co2 * self.gain_fraction[:, None]),
            "o2": np.where(standing, AIR_O2, o2),
            "flow": np.where(standing, 0.0, volume * self.gain_flow[:, None] * noise["flow"]),
        }
        self._tamper(number, shown)
        self._remember(shown)
        shown["fraction"], shown["o2"] = np.round(shown["fraction"], 2), np.round(shown["o2"], 2)
        shown["flow"] = np.round(shown["flow"])
        rates[mass] = CO2_DENSITY * shown["fraction"] / 100 * shown["flow"]
        rates[fraction], rates[oxygen], rates[flow] = shown["fraction"], shown["o2"], shown["flow"]

    def _batch(self, number: int) -> np.ndarray:
        """Return the carbon of the day's fuel relative to its mean: batches differ, and one lasts some days."""
        rng = np.random.default_rng([self.fleet.seed, 8, number])
        self._carbon = _BATCH_MEMORY * self._carbon + np.sqrt(1 - _BATCH_MEMORY**2) * rng.standard_normal(
            len(self._carbon)
        )
        return 1 + _BATCH_SPREAD * self._carbon

    def _remember(self, shown: dict[str, np.ndarray]) -> None:
        """Keep the last week of the stacks whose week will be copied."""
        if self._copied:
            self._past = [*self._past[-WEEK + 1 :], {k: shown[k][self._copied].copy() for k in _KEPT}]

    def _tamper(self, number: int, shown: dict[str, np.ndarray]) -> None:
        slots = self.fleet.slots
        for incident in self.tampering:
            first, last = max(incident.start - number * slots, 0), min(incident.end - number * slots, slots)
            if first < last:
                self._one(incident, shown, slice(first, last), begins=incident.start >= number * slots)

    def _one(self, incident: Incident, shown: dict[str, np.ndarray], when: slice, *, begins: bool) -> None:
        stack, kind = incident.target, incident.kind
        if kind is IncidentKind.COPIED:
            place = self._copied.index(stack)
            for key in _KEPT:
                shown[key][stack, when] = self._past[0][key][place, when]
        elif kind is IncidentKind.FROZEN:
            if begins:
                self._held[stack] = {k: float(shown[k][stack, when.start]) for k in _KEPT}
            for key in _KEPT:
                shown[key][stack, when] = self._held[stack][key]
        elif kind is IncidentKind.SCALED:
            shown["fraction"][stack, when] *= incident.value
        elif kind is IncidentKind.FLOW:
            shown["flow"][stack, when] *= incident.value
        elif kind is IncidentKind.CAPPED:
            limit = incident.value * self.highest[stack] * (1 - self.oxygen[stack] / AIR_O2)
            shown["fraction"][stack, when] = np.minimum(shown["fraction"][stack, when], limit)
        elif kind is IncidentKind.DILUTED:
            shown["fraction"][stack, when] /= 1 + incident.value
            o2 = shown["o2"][stack, when]
            shown["o2"][stack, when] = (o2 + incident.value * AIR_O2) / (1 + incident.value)
        elif kind is IncidentKind.TYPED:
            for key in ("fraction", "o2"):
                shown[key][stack, when] = np.round(shown[key][stack, when] / incident.value) * incident.value
