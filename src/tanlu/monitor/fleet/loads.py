"""True amounts of a demonstration fleet: load by trade, hour, kind of day and weather, with noise that remembers."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.fleet.surroundings import COMFORT
from tanlu.monitor.fleet.trades import load_trades

if TYPE_CHECKING:
    from tanlu.monitor.fleet.design import Fleet

_LOAD_MEMORY: Final = 6 * 3600
"""Seconds after which a deviation of load has fallen to 1/e."""
_METER_MEMORY: Final = 2 * 3600
"""The same for what a single meter sees besides the load of its plant."""
_SWING: Final = 3.4
"""Half the daily range of temperature [K]."""
_HOTTEST: Final = 15
"""Hour of the highest temperature."""


class Loads:
    """Gives the true amounts per hour of every position, day after day.

    Deviations are first-order autoregressive; days must be asked for in order.
    """

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.trades = load_trades().trades
        rng = np.random.default_rng([fleet.seed, 3])
        self.noise_of_load = np.array([self.trades[t].noise for t in fleet.activity_trade])
        self._load_state = rng.standard_normal(len(fleet.activity_trade))
        self._meter_state = rng.standard_normal(fleet.size, dtype=np.float32)
        self._warmth = float(rng.standard_normal())
        self.temperature = float("nan")
        """Mean temperature of the last day asked for [°C]."""
        self._has_subs = fleet.sub_counts > 0
        self._subs = np.concatenate(
            [np.arange(s, s + c) for s, c in zip(fleet.sub_starts, fleet.sub_counts, strict=True)] or [np.empty(0, int)]
        ).astype(np.int64)
        self._sub_edges = np.concatenate([[0], np.cumsum(fleet.sub_counts[self._has_subs])[:-1]]).astype(np.int64)

    def day(self, number: int, stopped: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return a day of true amounts.

        Parameters
        ----------
        number : int
            Day from the start of the fleet.
        stopped : array of bool, shape (rows of activity, slots)
            Where a furnace stands.

        Returns
        -------
        activity : array, shape (rows of activity, slots)
            Load, 1 at full load.
        rates : array of float32, shape (positions, slots)
            Amount per hour in the unit of the carrier; rows of stacks hold noise only: their deviation from 1.
        """
        fleet = self.fleet
        rng = np.random.default_rng([fleet.seed, 4, number])
        date = datetime.date.fromisoformat(str(np.datetime64(fleet.start + number, "D")))
        activity = self._activity(rng, date)
        activity[stopped] = 0.0
        rates = self._meter_noise(rng)
        # exp of a small deviation, without the cost of exp over the whole fleet
        rates *= fleet.noise.astype(np.float32)[:, None]
        rates += np.float32(1.0)
        np.maximum(rates, np.float32(0.05), out=rates)
        stacks = fleet.stacks[:, :4].ravel()
        kept = rates[stacks]
        rates *= fleet.base.astype(np.float32)[:, None]
        rates *= activity.astype(np.float32)[fleet.activity]
        sensitive = np.flatnonzero(fleet.weather > 0)
        degrees = self._degrees(rng, date)
        share = fleet.weather[sensitive].astype(np.float32)[:, None]
        rates[sensitive] *= 1 - share + share * degrees.astype(np.float32)[None, :]
        rates[stacks] = kept
        self._add_up(rates)
        return activity, rates

    def _activity(self, rng: np.random.Generator, date: datetime.date) -> np.ndarray:
        """Return shape of the day × deviation; furnaces follow their enterprise with a deviation of their own."""
        fleet, rest = self.fleet, self.fleet.surroundings.is_rest_day(date)
        hours = (np.arange(fleet.slots) + 0.5) * 24 / fleet.slots
        shapes = np.empty((len(self.trades), fleet.slots))
        for number, trade in enumerate(self.trades):
            shape = np.asarray(trade.shape)
            shapes[number] = np.interp(hours, np.arange(26) - 0.5, np.concatenate([shape[-1:], shape, shape[:1]]))
            shapes[number] *= trade.weekend if rest else 1.0
        deviation = self._remember(rng, self._load_state, _LOAD_MEMORY, np.float64)
        self._load_state = deviation[:, -1].copy()
        activity: np.ndarray = shapes[fleet.activity_trade] * np.exp(self.noise_of_load[:, None] * deviation)
        return activity

    def _meter_noise(self, rng: np.random.Generator) -> np.ndarray:
        noise = self._remember(rng, self._meter_state, _METER_MEMORY, np.float32)
        self._meter_state = noise[:, -1].copy()
        return noise

    def _remember(self, rng: np.random.Generator, state: np.ndarray, memory: int, kind: type) -> np.ndarray:
        """Return a stationary first-order process of unit variance that goes on from a state; shape (rows, slots)."""
        rho = kind(np.exp(-self.fleet.step / memory))
        found = rng.standard_normal((self.fleet.slots, len(state)), dtype=kind)
        found *= kind(np.sqrt(1 - rho * rho))
        before: np.ndarray = state.astype(kind)
        # slots are rows here, so that each step runs along the memory
        for now in found:
            now += rho * before
            before = now
        return np.ascontiguousarray(found.T)

    def _degrees(self, rng: np.random.Generator, date: datetime.date) -> np.ndarray:
        """Return what follows the weather, 1 on an ordinary hot or cold day, by slot."""
        around = self.fleet.surroundings
        self._warmth = 0.7 * self._warmth + np.sqrt(1 - 0.7**2) * float(rng.standard_normal())
        mean = around.month_temperature(date) + around.deviation * self._warmth
        self.temperature = mean
        hours = (np.arange(self.fleet.slots) + 0.5) * 24 / self.fleet.slots
        temperature = mean + _SWING * np.cos((hours - _HOTTEST) * 2 * np.pi / 24)
        low, high = COMFORT
        degrees = np.maximum(temperature - high, 0) / 5.0 + np.maximum(low - temperature, 0) / 10.0
        return np.asarray(0.35 + degrees)

    def _add_up(self, rates: np.ndarray) -> None:
        """Let each main meter see its sub-meters besides what only it sees."""
        if len(self._subs):
            sums = np.add.reduceat(rates[self._subs], self._sub_edges, axis=0)
            rates[self.fleet.mains[self._has_subs]] += sums
