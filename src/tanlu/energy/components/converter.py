"""Conversion of carriers into carriers: power plants, heat pumps, boilers, electrolysers, capture of CO2 from the air."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tanlu.energy.components import commitment
from tanlu.energy.components.base import Expandable
from tanlu.energy.model import KILO, Capacity, Flow, Mode, Model
from tanlu.energy.parameters import Hourly, Value, quantity
from tanlu.energy.problem import Floats, Indices


@dataclass(frozen=True, kw_only=True, eq=False)
class Converter(Expandable):
    r"""A plant that takes inputs and gives outputs in fixed proportion to its activity x.

    With outputs :math:`o_j`, inputs :math:`i_j` and efficiency :math:`\eta_p`:

    .. math::
        \text{output}_{j,t} = o_{j,t}\, x_{p,t}, \qquad \text{input}_{j,t} = \frac{i_{j,t}}{\eta_p}\, x_{p,t}, \qquad
        \underline{a}_t k_p \le x_{p,t} \le a_t k_p, \qquad -\delta^- d_t k_p \le x_{p,t} - x_{p,t-1} \le \delta^+ d_t k_p

    An extraction turbine gives up :math:`\beta` of its first output for each unit of extracted heat h, at most r of what is left:
    :math:`\text{output}_1 = x - \beta h,\; h \le r (x - \beta h)`.

    CO2 of inputs of the market with carbon :math:`\epsilon` [t/MWh] and of the process, :math:`\pi`, is captured by the share
    :math:`\kappa`: :math:`(1-\kappa)\left(\sum_j \epsilon_j i_j/\eta + \pi\right) x` is emitted, and the rest flows into the carrier of
    captured CO2.
    Captured CO2 of biogenic carriers counts as removed.

    Parameters
    ----------
    node : str
        Where it stands.
    inputs, outputs : mapping of str to Hourly
        Amount of each carrier for a unit of activity [MWh/MWh or t/MWh]. Capacity and cost are those of activity; with a first
        output of 1 it is the output.
    places : mapping of str to str
        Nodes of carriers that flow elsewhere than at `node`.
    efficiency : Value
        What divides all inputs [1].
    availability, must_run : Hourly
        Most and least of the capacity that can run [1].
    variable_om : Value
        Cost of activity [CNY/MWh].
    process_emission : Value
        CO2 for a unit of activity that comes from no carrier of the market [t/MWh]; negative for what is taken from the air.
    capture : float
        Share of the CO2 that is captured, :math:`\kappa` [1].
    captured_carrier : str
        Carrier into which it flows.
    extraction : str
        Carrier that is extracted; empty where none.
    extraction_loss, extraction_ratio : float
        :math:`\beta` and r [1].
    ramp_up, ramp_down : float
        Most change of activity in an hour, as a share of capacity, :math:`\delta^+, \delta^-` [1/h].
    annual_limit : Value
        Most activity of a year [MWh/a].
    non_fossil : bool
        Whether its electricity counts as non-fossil.
    unit_size : float
        Capacity of one unit [MW], for commitment; 0 where it is not committed.
    minimum_load : float
        Least load of a unit that is on [1].
    start_cost : float
        Cost of a start [CNY/MW].
    minimum_up, minimum_down : int
        Hours that a unit stays on, and off [h].
    """

    node: str
    inputs: Mapping[str, Hourly]
    outputs: Mapping[str, Hourly]
    places: Mapping[str, str] = field(default_factory=dict)
    efficiency: Value = quantity("1", default=1.0, low=0.01, high=10.0, kind="value")
    availability: Hourly = quantity("1", default=1.0, high=1.0, kind="hourly")
    must_run: Hourly = quantity("1", default=0.0, high=1.0, kind="hourly")
    variable_om: Value = quantity("CNY/MWh", default=0.0, low=-1e4, usual=(-1e3, 5e3), kind="value")
    process_emission: Value = quantity("t/MWh", default=0.0, low=-10.0, high=10.0, kind="value")
    capture: float = quantity("1", default=0.0, high=1.0)
    captured_carrier: str = "co2"
    extraction: str = ""
    extraction_loss: float = quantity("1", default=0.15, high=1.0)
    extraction_ratio: float = quantity("1", default=1.0)
    ramp_up: float = quantity("1/h", default=math.inf)
    ramp_down: float = quantity("1/h", default=math.inf)
    annual_limit: Value = quantity("MWh/a", default=math.inf, kind="value")
    non_fossil: bool = False
    unit_size: float = quantity("MW", default=0.0)
    minimum_load: float = quantity("1", default=0.0, high=1.0)
    start_cost: float = quantity("CNY/MW", default=0.0, usual=(0.0, 5e3))
    minimum_up: int = quantity("h", default=0)
    minimum_down: int = quantity("h", default=0)

    def compile(self, model: Model) -> None:
        """Add activity, what it takes and gives, its CO2 and its limits."""
        size = self.capacity(model)
        activity = model.flow(self.name, "activity", size, model.steps(self.availability), cost=self._cost(model))
        if isinstance(self.must_run, str) or np.any(np.asarray(self.must_run)):
            model.at_most(f"{self.name}.must_run", activity, size, -model.steps(self.must_run), -1.0)
        for carrier, amount in self.outputs.items():
            self._flow(model, activity, carrier, amount, np.ones(model.grid.periods))
        taken = {
            carrier: self._flow(model, activity, carrier, amount, -1.0 / model.by_period(self.efficiency))
            for carrier, amount in self.inputs.items()
        }
        self._carbon(model, activity, taken)
        if self.extraction:
            self._extract(model, activity)
        limit = model.by_period(self.annual_limit) * 1e-3
        if np.all(np.isfinite(limit)):
            model.totals(f"{self.name}.annual", [(activity, 1.0)], unit="GWh", lower=-np.inf, upper=limit)
        if Mode.COMMITMENT in model.mode and self.unit_size > 0:
            commitment.commit(model, self, activity, size)
        elif not model.relaxed:
            self._ramps(model, activity, size)

    def _cost(self, model: Model) -> Floats:
        """Return the cost of activity, with what is bought from and sold to the market, (P, S) [CNY/MWh]."""
        cost = np.broadcast_to(model.by_period(self.variable_om)[:, None], model.grid.shape).copy()
        for amounts, factor in (
            (self.inputs, 1.0 / model.by_period(self.efficiency)),
            (self.outputs, -np.ones(model.grid.periods)),
        ):
            for carrier, amount in amounts.items():
                if carrier in model.market and not _loose(model, amount):
                    cost += (factor * model.price(carrier))[:, None] * model.steps(amount)[None, :]
        return cost

    def _flow(
        self, model: Model, activity: Indices, carrier: str, amount: Hourly, factor: Floats
    ) -> tuple[Indices, Floats]:
        """Let activity supply a carrier (or take it, with a negative factor); return the columns that flow and how much of each, (P, S)."""
        columns, quantity_, share = activity, "activity", factor[:, None] * model.steps(amount)[None, :]
        if _loose(model, amount):
            quantity_ = f"{'gives' if factor[0] > 0 else 'takes'}_{carrier}"
            columns, share = self._envelope(model, activity, carrier, quantity_, amount, factor)
        node = self.places.get(carrier, self.node)
        if carrier in model.market:
            sign = 1 if factor[0] > 0 else -1
            model.note_flow(Flow(self.name, quantity_, columns, node, carrier, sign, np.abs(share)))
        else:
            model.supply(self.name, quantity_, columns, node, carrier, share)
        return columns, np.abs(share)

    def _envelope(
        self, model: Model, activity: Indices, carrier: str, name: str, amount: Hourly, factor: Floats
    ) -> tuple[Indices, Floats]:
        """Let what flows lie anywhere between the lowest and the highest factor of the hours of each step.

        What is bought, burnt and captured follows this flow and not the activity: only so does every row and cost see the same amount.
        """
        price = -np.sign(factor) * model.price(carrier) if carrier in model.market else np.zeros(model.grid.periods)
        flow = model.flow(self.name, name, cost=price[:, None])
        hourly = model.hourly(amount)
        for side, bound, sign in (
            ("most", model.grid.highest(hourly), 1.0),
            ("least", model.grid.lowest(hourly), -1.0),
        ):
            rows = model.builder.rows(f"{self.name}.{name}.{side}", model.grid.shape, lower=-np.inf)
            model.builder.add(rows, flow, sign)
            model.builder.add(rows, activity, -sign * np.abs(factor)[:, None] * bound[None, :])
        return flow, np.broadcast_to(np.sign(factor)[:, None], model.grid.shape)

    def _carbon(self, model: Model, activity: Indices, taken: Mapping[str, tuple[Indices, Floats]]) -> None:
        """Count the CO2 that is set free, and hand over what is captured."""
        process = np.broadcast_to(model.by_period(self.process_emission)[:, None], model.grid.shape)
        sources = [(activity, process, 1.0)]
        for carrier, (columns, used) in taken.items():
            if carrier in model.market:
                counts = 0.0 if carrier in model.biogenic else 1.0
                sources.append((columns, model.carbon(carrier)[:, None] * used, counts))
        for columns, made, counts in sources:
            model.emit(self.name, columns, made * (counts - self.capture))
            if self.capture and np.any(made):
                node = self.places.get(self.captured_carrier, self.node)
                model.supply(self.name, "captured", columns, node, self.captured_carrier, self.capture * made)

    def _extract(self, model: Model, activity: Indices) -> None:
        """Add heat that is extracted at the cost of the first output."""
        heat = model.flow(self.name, "extraction")
        first = next(iter(self.outputs))
        model.supply(self.name, "extraction", heat, self.node, self.extraction)
        model.supply(self.name, "extraction", heat, self.places.get(first, self.node), first, -self.extraction_loss)
        rows = model.builder.rows(f"{self.name}.extraction.limit", model.grid.shape, lower=-np.inf)
        model.builder.add(rows, heat, 1.0 + self.extraction_ratio * self.extraction_loss)
        model.builder.add(rows, activity, -self.extraction_ratio)

    def _ramps(self, model: Model, activity: Indices, size: Capacity) -> None:
        """Limit the change from one step to the next, and from what was before the first where that is known."""
        state = model.states.get(self.name)
        before = None if state is None or state.activity is None else state.activity * KILO
        for name, ramp, sign in (("ramp_up", self.ramp_up, 1.0), ("ramp_down", self.ramp_down, -1.0)):
            if not math.isfinite(ramp):
                continue
            first = 1 if before is None else 0
            most = ramp * model.grid.durations[None, first:]
            rows = model.builder.rows(f"{self.name}.{name}", model.grid.shape, lower=-np.inf)
            model.builder.add(rows[:, first:], activity[:, first:], sign)
            model.builder.add(rows[:, 1:], activity[:, :-1], -sign)
            if before is not None:
                model.builder.raise_sides(rows[:, 0], sign * before)
            if size.columns is None:
                model.builder.raise_sides(rows[:, first:], size.fixed[:, None] * most)
            else:
                model.builder.add(rows[:, first:], size.columns[:, None], -most)


def _loose(model: Model, amount: Hourly) -> bool:
    """Tell whether an amount varies within steps of a programme that must be a lower bound."""
    return model.relaxed and not isinstance(amount, int | float)
