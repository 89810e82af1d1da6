"""Hydropower with a reservoir, alone or in a cascade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tanlu.energy.components.base import Expandable
from tanlu.energy.components.store import begin_and_end
from tanlu.energy.model import KILO, Model
from tanlu.energy.parameters import Hourly, Value, quantity
from tanlu.energy.problem import Floats, Indices
from tanlu.energy.timegrid import HOURS_PER_YEAR


@dataclass(frozen=True, kw_only=True, eq=False)
class Reservoir(Expandable):
    r"""Turbines r, spill q and content s of a reservoir, counted in the electricity that its water can make.

    With natural inflow :math:`i` and the water that plants u above let go, :math:`\phi_u` MWh here for a MWh there, after
    :math:`\tau_u` hours:

    .. math::
        s_{p,t} = s_{p,t-1} + d_t\Big(i_{p,t} + \sum_u \phi_u (r+q)_{u,p,t-\tau_u} - r_{p,t} - q_{p,t}\Big), \qquad
        r \le k_p,\quad \underline{s} \le s \le V, \quad r + q \ge \underline{r}

    cyclic over the covered hours, or from an initial content to no less. On steps longer than an hour water on the way is a store that
    may be held or let go at will, which cannot cost more than the delay.

    Parameters
    ----------
    node, carrier : str
        Where it supplies what.
    volume : float
        Most content, V [MWh].
    dead_share : float
        Share of the volume that stays, :math:`\underline{s}/V` [1].
    annual_inflow : Value
        Natural inflow of a year [MWh/a].
    inflow : Hourly
        Inflow over its mean [1].
    minimum_release : float
        Least water that is let go, as a share of the mean natural inflow [1].
    variable_om : Value
        Cost of generation [CNY/MWh].
    downstream : str
        Reservoir into which its water flows; empty where none.
    downstream_ratio : float
        :math:`\phi` [MWh/MWh].
    delay : int
        Hours that the water takes, :math:`\tau` [h].
    initial : float or None
        Content before the first hour as a share of the volume [1]; None where cyclic.
    returns : bool
        Whether it ends with no less than an initial content.
    """

    node: str
    carrier: str
    volume: float = quantity("MWh")
    dead_share: float = quantity("1", default=0.0, high=0.99)
    annual_inflow: Value = quantity("MWh/a", kind="value")
    inflow: Hourly = quantity("1", default=1.0, kind="hourly")
    minimum_release: float = quantity("1", default=0.0, high=1.0)
    variable_om: Value = quantity("CNY/MWh", default=0.0, usual=(0.0, 1e3), kind="value")
    downstream: str = ""
    downstream_ratio: float = quantity("MWh/MWh", default=1.0)
    delay: int = quantity("h", default=0, high=240)
    initial: float | None = quantity("1", default=None, high=1.0)
    returns: bool = True

    def compile(self, model: Model) -> None:
        """Add turbines, spill, content, and what flows on."""
        size = self.capacity(model)
        cost = model.by_period(self.variable_om)[:, None]
        release = model.flow(self.name, "release", size, cost=cost)
        spill = model.flow(self.name, "spill")
        model.supply(self.name, "release", release, self.node, self.carrier)
        top = self.volume * KILO
        content = model.flow(self.name, "content", lower=self.dead_share * top, upper=top, unit="GWh")
        self._balance(model, release, spill, content)
        if self.minimum_release > 0:
            least = self.minimum_release * self._mean(model)[:, None]
            rows = model.builder.rows(f"{self.name}.minimum_release", model.grid.shape, lower=least, upper=np.inf)
            model.builder.add(rows, release, 1.0)
            model.builder.add(rows, spill, 1.0)
        if self.downstream:
            self._flow_on(model, release, spill)

    def _mean(self, model: Model) -> Floats:
        """Return the mean natural inflow, (P,) [GW]."""
        return np.asarray(model.by_period(self.annual_inflow) * KILO / HOURS_PER_YEAR)

    def _balance(self, model: Model, release: Indices, spill: Indices, content: Indices) -> None:
        """Add the content from step to step."""
        hours = model.grid.durations[None, :]
        rows = model.shared_rows(f"{self.name}.water")
        natural = self._mean(model)[:, None] * model.steps(self.inflow)[None, :]
        model.builder.raise_sides(rows, natural * hours)
        model.builder.add(rows, content, 1.0)
        model.builder.add(rows[:, 1:], content[:, :-1], -1.0)
        model.builder.add(rows, release, hours)
        model.builder.add(rows, spill, hours)
        state = model.states.get(self.name)
        if state is not None and state.content is not None:
            begin_and_end(model, self.name, rows, content, state)
        elif self.initial is None:
            model.builder.add(rows[:, 0], content[:, -1], -1.0)
        else:
            start = self.initial * self.volume * KILO
            model.builder.raise_sides(rows[:, 0], start)
            if not self.returns:
                return
            shape = (model.grid.periods,)
            ends = model.builder.rows(f"{self.name}.end", shape, ("period",), unit="GWh", lower=start, upper=np.inf)
            model.builder.add(ends, content[:, -1], 1.0)

    def _flow_on(self, model: Model, release: Indices, spill: Indices) -> None:
        """Let the water reach the next reservoir."""
        hours = model.grid.durations[None, :]
        below = model.shared_rows(f"{self.downstream}.water")
        if self.delay == 0:
            for let_go in (release, spill):
                model.builder.add(below, let_go, -self.downstream_ratio * hours)
            return
        by_hour = model.grid.is_hourly and model.grid.lengths is None
        arriving = self._register(model, release, spill) if by_hour else self._reach(model, release, spill)
        model.builder.add(below, arriving, -self.downstream_ratio * hours)

    def _register(self, model: Model, release: Indices, spill: Indices) -> Indices:
        """Pass the water on hour by hour through as many places as the delay has hours, so that equations see one hour back only."""
        shape = (*model.grid.shape, self.delay)
        axes = ("period", "step", "hour on the way")
        way = model.builder.columns(f"{self.name}.on_the_way", shape, axes)
        rows = model.builder.rows(f"{self.name}.on_the_way.balance", shape, axes)
        model.builder.add(rows, way, 1.0)
        before = np.arange(model.grid.steps) - 1
        state = model.states.get(self.name)
        if state is not None and state.content is not None:
            rows_seen, seen = rows[:, 1:], before[1:]
            earlier = np.zeros(self.delay)
            known = min(self.delay, len(state.let_go))
            earlier[:known] = state.let_go[::-1][:known]
            model.builder.raise_sides(rows[:, 0], earlier * KILO)
        elif self.initial is None:
            rows_seen, seen = rows, before
        else:
            rows_seen, seen = rows[:, 1:], before[1:]
        model.builder.add(rows_seen[:, :, 1:], way[:, seen, :-1], -1.0)
        for let_go in (release, spill):
            model.builder.add(rows_seen[:, :, 0], let_go[:, seen], -1.0)
        return way[:, :, -1]

    def _reach(self, model: Model, release: Indices, spill: Indices) -> Indices:
        """Hold the water on the way as a store that costs nothing."""
        hours = model.grid.durations[None, :]
        arriving = model.flow(self.name, "arriving")
        held = model.flow(self.name, "on_the_way", unit="GWh")
        rows = model.builder.rows(f"{self.name}.on_the_way.balance", model.grid.shape, unit="GWh")
        model.builder.add(rows, held, 1.0)
        model.builder.add(rows[:, 1:], held[:, :-1], -1.0)
        model.builder.add(rows, arriving, hours)
        for let_go in (release, spill):
            model.builder.add(rows, let_go, -hours)
        if self.initial is None:
            model.builder.add(rows[:, 0], held[:, -1], -1.0)
        return arriving
