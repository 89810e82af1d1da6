"""What is asked for: fixed, elastic, or to be moved in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tanlu.energy.components.base import Component
from tanlu.energy.model import KILO, Model
from tanlu.energy.parameters import Hourly, Value, quantity
from tanlu.energy.problem import Floats, Indices
from tanlu.energy.timegrid import HOURS_PER_YEAR


@dataclass(frozen=True, kw_only=True, eq=False)
class Demand(Component):
    r"""A load that is met, or not met at its value.

    With the mean load :math:`\bar d_p` (annual amount over 8,760 h) and the profile :math:`f_t` of mean 1, load is
    :math:`d_{p,t} = \bar d_p f_t`. It is lowered by shedding :math:`u \le d` at the value of lost load, by steps j of elasticity
    :math:`e_j \le s_j d` at the willingness to pay :math:`w_j`, and moved by :math:`m^- \le \sigma d` (later or earlier) and
    :math:`m^+ \le \sigma d` (made up); no load is given up twice, :math:`u + \sum_j e_j + m^- \le d`:

    .. math::
        \text{supply}_{p,t} = d_{p,t} - u_{p,t} - \textstyle\sum_j e_{j,p,t} - m^-_{p,t} + m^+_{p,t}, \qquad
        B_{p,t} = B_{p,t-1} + m^-_{p,t} - m^+_{p,t}, \qquad B = 0 \text{ at the end of every window}

    Parameters
    ----------
    node, carrier : str
        Where it takes what.
    annual : Value
        Amount of a year [MWh/a].
    profile : Hourly
        Load over its mean, :math:`f_t` [1].
    value_of_lost_load : Value
        Cost of not meeting it [CNY/MWh]; infinite where it must be met.
    elasticity : tuple of (share, willingness to pay)
        Shares of the load [1] that are given up at a price [CNY/MWh].
    shift_share : float
        Share of the load that can be moved, :math:`\sigma` [1].
    shift_window : int
        Hours within which it is made up; windows follow each other from the first hour [h].
    shift_cost : float
        Cost of moving [CNY/MWh].
    """

    node: str
    carrier: str
    annual: Value = quantity("MWh/a", kind="value")
    profile: Hourly = quantity("1", default=1.0, kind="hourly")
    value_of_lost_load: Value = quantity("CNY/MWh", default=20_000.0, low=1.0, usual=(1_000.0, 1e6), kind="value")
    elasticity: tuple[tuple[float, float], ...] = ()
    shift_share: float = quantity("1", default=0.0, high=1.0)
    shift_window: int = quantity("h", default=24, low=1)
    shift_cost: float = quantity("CNY/MWh", default=10.0)

    def compile(self, model: Model) -> None:
        """Add the load, what of it is not met, and what of it is moved."""
        mean = model.by_period(self.annual) * KILO / HOURS_PER_YEAR
        load = mean[:, None] * model.steps(self.profile)[None, :]
        model.load(self.name, self.node, self.carrier, load)
        less = []
        value = model.by_period(self.value_of_lost_load)
        if np.all(np.isfinite(value)):
            shed = model.flow(self.name, "unserved", cost=value[:, None], upper=load)
            model.supply(self.name, "unserved", shed, self.node, self.carrier)
            less.append(shed)
        for step, (share, price) in enumerate(self.elasticity, 1):
            given_up = model.flow(self.name, f"given_up_{step}", cost=price, upper=share * load)
            model.supply(self.name, f"given_up_{step}", given_up, self.node, self.carrier)
            less.append(given_up)
        if self.shift_share > 0:
            less.append(self._shift(model, mean, load))
        if len(less) > 1:
            rows = model.builder.rows(f"{self.name}.less", model.grid.shape, lower=-np.inf, upper=load)
            for columns in less:
                model.builder.add(rows, columns, 1.0)

    def _shift(self, model: Model, mean: Floats, load: Floats) -> Indices:
        """Add what is moved in time and return what is moved away.

        The window binds at the ends of segments that end a window, which only relaxes it.
        """
        most = self.shift_share * load
        later = model.flow(self.name, "moved_away", cost=self.shift_cost, upper=most)
        sooner = model.flow(self.name, "made_up", upper=most)
        model.supply(self.name, "moved_away", later, self.node, self.carrier)
        model.supply(self.name, "made_up", sooner, self.node, self.carrier, -1.0)
        hours = np.arange(model.grid.hours)
        ends = (hours + 1) % self.shift_window == 0
        ends[-1] = True
        room = self.shift_share * mean[:, None] * self._still_to_come(model)[None, :]
        room = np.where(ends[None, :], 0.0, room)[:, model.grid.ends]
        owed = model.flow(self.name, "owed", lower=-room, upper=room, unit="GWh")
        rows = model.builder.rows(f"{self.name}.owed.balance", model.grid.shape, unit="GWh")
        model.builder.add(rows, owed, 1.0)
        model.builder.add(rows[:, 1:], owed[:, :-1], -1.0)
        model.builder.add(rows, later, -model.grid.durations[None, :])
        model.builder.add(rows, sooner, model.grid.durations[None, :])
        return later

    def _still_to_come(self, model: Model) -> Floats:
        """Return the load over a whole window at each hour, relative to the mean: no more can be owed than is asked in it, (H,) [h]."""
        profile = model.hourly(self.profile)
        window = np.arange(model.grid.hours) // self.shift_window
        total: Floats = np.bincount(window, weights=profile)[window].astype(float)
        return total
