"""Electric vehicles: charging where and when they are plugged in, driving when they must, and giving back where they may."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tanlu.energy.components.base import Component
from tanlu.energy.components.store import begin_and_end
from tanlu.energy.model import KILO, Model
from tanlu.energy.parameters import Hourly, Value, quantity
from tanlu.energy.problem import Floats, Indices
from tanlu.energy.timegrid import HOURS_PER_YEAR


@dataclass(frozen=True, kw_only=True, eq=False)
class Fleet(Component):
    r"""N vehicles with batteries E, chargers P, share plugged in :math:`\pi_t` and driving need :math:`w_t`.

    .. math::
        s_t = s_{t-1} + d_t (\eta c_t - g_t/\eta - w_t + z_t), \qquad c_t \le \pi_t \sigma N P,\quad g_t \le \nu \pi_t N P, \quad
        \underline{e}_t N E \le s_t \le N E

    where z is driving that is not served, at its value. Vehicles outside the managed share :math:`\sigma` charge as they are plugged in:
    they are a fixed load and not part of the store.

    Parameters
    ----------
    node, carrier : str
        Where it charges what.
    vehicles : Value
        Number of vehicles, N.
    battery : Value
        Usable battery of a vehicle, E [MWh].
    charger : Value
        Charging power of a vehicle, P [MW].
    annual_driving : Value
        Energy at the wheels of a vehicle in a year, before charging losses [MWh/a].
    driving : Hourly
        Driving need over its mean [1].
    plugged : Hourly
        Share of the vehicles that is plugged in, :math:`\pi_t` [1].
    managed : float
        Share of the vehicles whose charging is managed, :math:`\sigma` [1].
    unmanaged_profile : Hourly
        Load of the others over its mean [1].
    v2g : float
        Share of the vehicles that may give back, :math:`\nu` [1].
    efficiency : float
        One way, :math:`\eta` [1].
    minimum_content : Hourly
        Least content, :math:`\underline{e}_t` [1], for example 0.7 at the hour of departure.
    v2g_cost : float
        Wear for what is given back [CNY/MWh].
    value_of_driving : float
        Cost of driving that is not served [CNY/MWh].
    """

    node: str
    carrier: str
    vehicles: Value = quantity("1", kind="value")
    battery: Value = quantity("MWh", default=0.05, usual=(0.005, 0.6), kind="value")
    charger: Value = quantity("MW", default=0.007, usual=(0.001, 0.5), kind="value")
    annual_driving: Value = quantity("MWh/a", default=2.0, usual=(0.2, 200.0), kind="value")
    driving: Hourly = quantity("1", default=1.0, kind="hourly")
    plugged: Hourly = quantity("1", default=1.0, high=1.0, kind="hourly")
    managed: float = quantity("1", default=1.0, high=1.0)
    unmanaged_profile: Hourly = quantity("1", default=1.0, kind="hourly")
    v2g: float = quantity("1", default=0.0, high=1.0)
    efficiency: float = quantity("1", default=0.93, low=0.1, high=1.0)
    minimum_content: Hourly = quantity("1", default=0.0, high=1.0, kind="hourly")
    v2g_cost: float = quantity("CNY/MWh", default=200.0, usual=(0.0, 5e3))
    value_of_driving: float = quantity("CNY/MWh", default=20_000.0, usual=(100.0, 1e6))

    def compile(self, model: Model) -> None:
        """Add charging, giving back, content and driving."""
        number = model.by_period(self.vehicles)
        need = number * model.by_period(self.annual_driving) * KILO / HOURS_PER_YEAR
        if self.managed < 1:
            load = (1 - self.managed) * need / self.efficiency
            profile = model.steps(self.unmanaged_profile)
            model.load(self.name, self.node, self.carrier, load[:, None] * profile[None, :])
        if self.managed > 0:
            self._store(model, self.managed * number, self.managed * need)

    def _store(self, model: Model, number: Floats, need: Floats) -> None:
        """Add the managed vehicles as one store."""
        plugged = model.steps(self.plugged)[None, :]
        power = (number * model.by_period(self.charger) * KILO)[:, None] * plugged
        energy = (number * model.by_period(self.battery) * KILO)[:, None]
        driven = need[:, None] * model.steps(self.driving)[None, :]
        least = model.hourly(self.minimum_content)[model.grid.ends][None, :]
        charge = model.flow(self.name, "charge", upper=power)
        content = model.flow(self.name, "content", lower=least * energy, upper=energy, unit="GWh")
        unserved = model.flow(self.name, "unserved_driving", cost=self.value_of_driving, upper=driven)
        model.supply(self.name, "charge", charge, self.node, self.carrier, -1.0)
        rows = model.builder.rows(f"{self.name}.content.balance", model.grid.shape, unit="GWh")
        hours = model.grid.durations[None, :]
        model.builder.raise_sides(rows, -driven * hours)
        model.builder.add(rows, content, 1.0)
        model.builder.add(rows[:, 1:], content[:, :-1], -1.0)
        state = model.states.get(self.name)
        if state is not None and state.content is not None:
            begin_and_end(model, self.name, rows, content, state)
        else:
            model.builder.add(rows[:, 0], content[:, -1], -1.0)
        model.builder.add(rows, charge, -self.efficiency * hours)
        model.builder.add(rows, unserved, -hours)
        if self.v2g > 0:
            self._give_back(model, rows, power)

    def _give_back(self, model: Model, rows: Indices, power: Floats) -> None:
        """Add what flows back from the vehicles."""
        given = model.flow(self.name, "give_back", cost=self.v2g_cost, upper=min(1.0, self.v2g / self.managed) * power)
        model.supply(self.name, "give_back", given, self.node, self.carrier)
        model.builder.add(rows, given, np.broadcast_to(model.grid.durations / self.efficiency, model.grid.shape))
