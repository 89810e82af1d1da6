"""Storage: batteries, pumped water, heat in tanks, hydrogen in caverns."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tanlu.energy.components.base import Asset, Expandable, capacity
from tanlu.energy.model import KILO, Capacity, Model, State
from tanlu.energy.parameters import Hourly, Value, quantity
from tanlu.energy.problem import Floats, Indices


@dataclass(frozen=True, kw_only=True, eq=False)
class Store(Expandable):
    r"""A store with charging c, discharging g and content s, step length :math:`d_t` and standing loss :math:`\lambda`.

    .. math::
        s_{p,t} = (1-\lambda)^{d_t} s_{p,t-1} + d_t\,(\eta_c c_{p,t} - g_{p,t}/\eta_g), \qquad
        c \le \rho k_p,\quad g \le k_p,\quad s \le E_p

    with :math:`E_p = \text{hours} \cdot k_p`, or an energy capacity of its own. Over the covered hours the store is cyclic unless an
    initial content is given; then it must end with no less. In a relaxed programme the standing loss becomes content that may be let go
    freely, which cannot cost more.

    Parameters
    ----------
    node, carrier : str
        Where it stores what. Capacity is that of discharging [MW].
    hours : float or None
        Energy for each power [h]; None where the energy has its own capacity.
    energy_existing : float
        Energy that stands already [MWh], besides that of the assets.
    energy_investment : Value
        Cost of energy capacity [CNY/MWh].
    energy_fixed_om : Value
        Fixed cost of energy capacity [CNY/MWh/a].
    energy_potential : Value
        Most energy capacity [MWh].
    charge_ratio : float
        Charging power over discharging power, :math:`\rho` [1].
    charge_efficiency, discharge_efficiency : float
        :math:`\eta_c, \eta_g` [1].
    standing_loss : float
        Share of the content that is lost in an hour, :math:`\lambda` [1/h].
    variable_om : Value
        Cost of discharging [CNY/MWh].
    initial : float or None
        Content before the first hour as a share of the energy capacity [1]; None where it is cyclic.
    minimum_content : Hourly
        Least content at the end of each hour as a share of the energy capacity [1].
    returns : bool
        Whether it ends with no less than an initial content.
    """

    node: str
    carrier: str
    hours: float | None = quantity("h", default=None, usual=(0.1, 3000.0))
    energy_existing: float = quantity("MWh", default=0.0)
    energy_investment: Value = quantity("CNY/MWh", default=0.0, usual=(1e2, 1e7), kind="value")
    energy_fixed_om: Value = quantity("CNY/MWh/a", default=0.0, kind="value")
    energy_potential: Value = quantity("MWh", default=math.inf, kind="value")
    charge_ratio: float = quantity("1", default=1.0)
    charge_efficiency: float = quantity("1", default=1.0, low=0.01, high=1.0)
    discharge_efficiency: float = quantity("1", default=1.0, low=0.01, high=1.0)
    standing_loss: float = quantity("1/h", default=0.0, high=0.5)
    variable_om: Value = quantity("CNY/MWh", default=0.0, usual=(0.0, 1e3), kind="value")
    initial: float | None = quantity("1", default=None, high=1.0)
    minimum_content: Hourly = quantity("1", default=0.0, high=1.0, kind="hourly")
    returns: bool = True

    def compile(self, model: Model) -> None:
        """Add charging, discharging, content and their limits."""
        power = self.capacity(model)
        cost = model.by_period(self.variable_om)[:, None]
        charge = model.flow(self.name, "charge", power, self.charge_ratio)
        discharge = model.flow(self.name, "discharge", power, cost=cost)
        model.supply(self.name, "charge", charge, self.node, self.carrier, -1.0)
        model.supply(self.name, "discharge", discharge, self.node, self.carrier)
        energy, ratio = self._energy(model, power)
        content = model.flow(self.name, "content", energy, ratio, unit="GWh")
        least = model.hourly(self.minimum_content)[model.grid.ends]
        if np.any(least):
            model.at_most(f"{self.name}.content.minimum", content, energy, -least * ratio, -1.0)
        self._balance(model, charge, discharge, content, energy, ratio)

    def energy_standing(self, years: tuple[int, ...]) -> Floats:
        """Return the energy capacity that stands in each year without building [MWh], (P,)."""
        assets: tuple[Asset, ...] = self.existing if isinstance(self.existing, tuple) else ()
        return np.array([self.energy_existing + sum(a.energy for a in assets if a.runs(y)) for y in years], float)

    def _energy(self, model: Model, power: Capacity) -> tuple[Capacity, float]:
        """Return the capacity that limits the content, and the hours for each unit of it."""
        if self.hours is not None:
            return power, self.hours
        size = capacity(
            model,
            f"{self.name}.energy.capacity",
            self.energy_standing(model.grid.years),
            expandable=self.expandable,
            investment=self.energy_investment,
            fixed_om=self.energy_fixed_om,
            lifetime=self.lifetime,
            potential=self.energy_potential,
            unit="GWh",
        )
        return size, 1.0

    def _balance(
        self, model: Model, charge: Indices, discharge: Indices, content: Indices, energy: Capacity, ratio: float
    ) -> None:
        """Add the content from step to step."""
        hours = model.grid.durations[None, :]
        rows = model.builder.rows(f"{self.name}.content.balance", model.grid.shape, unit="GWh")
        kept = np.ones(model.grid.steps)
        if self.standing_loss and not model.relaxed:
            kept = (1.0 - self.standing_loss) ** model.grid.durations
        if self.standing_loss and model.relaxed:
            lost = model.flow(self.name, "let_go")
            model.builder.add(rows, lost, hours)
        model.builder.add(rows, content, 1.0)
        model.builder.add(rows[:, 1:], content[:, :-1], -kept[1:])
        model.builder.add(rows, charge, -self.charge_efficiency * hours)
        model.builder.add(rows, discharge, hours / self.discharge_efficiency)
        state = model.states.get(self.name)
        if state is not None and state.content is not None:
            begin_and_end(model, self.name, rows, content, state, float(kept[0]))
        elif self.initial is None:
            model.builder.add(rows[:, 0], content[:, -1], -kept[0])
        else:
            self._start(model, rows, content, energy, self.initial * ratio, float(kept[0]))

    def _start(
        self, model: Model, rows: Indices, content: Indices, energy: Capacity, share: float, kept: float
    ) -> None:
        """Begin with a given share of the energy capacity, and end with no less where it returns."""
        if energy.columns is None:
            model.builder.raise_sides(rows[:, 0], kept * share * energy.fixed)
        else:
            model.builder.add(rows[:, 0], energy.columns, -kept * share)
        if not self.returns:
            return
        ends = model.builder.rows(
            f"{self.name}.content.end", (model.grid.periods,), ("period",), unit="GWh", upper=np.inf
        )
        model.builder.add(ends, content[:, -1], 1.0)
        if energy.columns is None:
            model.builder.raise_sides(ends, share * energy.fixed)
        else:
            model.builder.add(ends, energy.columns, -share)


def begin_and_end(model: Model, name: str, rows: Indices, content: Indices, state: State, kept: float = 1.0) -> None:
    """Let a content begin where the state says, `kept` of which is left after the first step, and end with no less than its target."""
    model.builder.raise_sides(rows[:, 0], kept * (state.content or 0.0) * KILO)
    if state.target is not None:
        shape, least = (model.grid.periods,), state.target * KILO
        ends = model.builder.rows(f"{name}.target", shape, ("period",), unit="GWh", lower=least, upper=np.inf)
        model.builder.add(ends, content[:, -1], 1.0)
        if np.isfinite(state.shortfall_price):
            price = state.shortfall_price * model.grid.weights * KILO
            short = model.scalars(f"{name}.short_of_target", unit="GWh", cost=price)
            model.builder.add(ends, short, 1.0)
