"""The programme while it is being compiled: what components ask for when they add their columns and rows."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from tanlu.energy.builder import ProblemBuilder
from tanlu.energy.parameters import Hourly, Value, at_years
from tanlu.energy.problem import Floats, Indices
from tanlu.energy.timegrid import TimeGrid

KILO: Final = 1e-3
"""From MW, MWh, t and CNY a unit to GW, GWh, kt and million CNY: 1 CNY/MWh · 1 GWh = 10⁻³ million CNY."""


class Mode(enum.Flag):
    """How a system is compiled.

    Attributes
    ----------
    EXACT
        The equations of the components as they are documented.
    RELAXED
        A programme whose optimum cannot lie above that of the hourly one, for steps longer than an hour: see `tanlu.energy.certificate`.
    COMMITMENT
        Units are on or off in whole numbers, with minimum load, start cost and minimum times.
    """

    EXACT = 0
    RELAXED = enum.auto()
    COMMITMENT = enum.auto()


@dataclass(frozen=True, slots=True)
class Capacity:
    """A capacity by period: fixed numbers, or columns of the programme.

    Parameters
    ----------
    fixed : (P,) array
        Capacity where it is not decided [GW]; zero where it is.
    columns : (P,) int array or None
        Columns of the capacity where it is decided.
    limit : (P,) array
        The most that it can be [GW].
    """

    fixed: Floats
    columns: Indices | None
    limit: Floats


@dataclass(frozen=True, slots=True)
class Flow:
    """Columns over periods and steps that a component calls by a name, for policies and answers.

    Parameters
    ----------
    component, quantity : str
        Whose flow and which.
    columns : (P, S) int array
        Columns [GW or kt/h].
    node, carrier : str
        Where it flows; empty where it has no place.
    sign : int
        1 where it supplies the node, −1 where it takes.
    factor : float or array
        Supply to the node for one unit of the column.
    """

    component: str
    quantity: str
    columns: Indices
    node: str
    carrier: str
    sign: int
    factor: float | Floats = 1.0


@dataclass(frozen=True, slots=True)
class State:
    """What a component was doing before the first step, and where it should be after the last.

    Parameters
    ----------
    content : float or None
        Content of a store, reservoir or fleet before the first step [MWh].
    target : float or None
        Least content after the last step [MWh].
    shortfall_price : float
        Cost of ending below the target [CNY/MWh]; infinite where it must be kept.
    let_go : tuple of float
        Water that a reservoir let go in each of the hours before, the last hour last [MW].
    peaks : mapping of int to float
        Highest purchase that a connection has seen already, by month from 0 [MW].
    activity : float or None
        Activity before the first step [MW], from which ramps count.
    on : float or None
        Units that were on.
    started, stopped : tuple of float
        Units that were started and stopped in each of the hours before, the last hour last.
    """

    content: float | None = None
    target: float | None = None
    shortfall_price: float = float("inf")
    let_go: tuple[float, ...] = ()
    peaks: Mapping[int, float] = field(default_factory=dict)
    activity: float | None = None
    on: float | None = None
    started: tuple[float, ...] = ()
    stopped: tuple[float, ...] = ()


@dataclass
class Model:
    """What a component sees when it is compiled.

    Parameters
    ----------
    grid : TimeGrid
        Periods and steps.
    profiles : mapping
        Hourly profiles by name.
    discount_rate : float
        Real rate of interest of investments [1/a].
    mode : Mode
        How the equations are taken.
    capacities : mapping, optional
        Capacities by name of their block [GW], (P,), where they are given instead of decided.
    states : mapping
        State before the first step, by component, of those that do not repeat what they did at the end.
    """

    grid: TimeGrid
    profiles: Mapping[str, Floats]
    discount_rate: float
    mode: Mode = Mode.EXACT
    capacities: Mapping[str, Floats] | None = None
    states: Mapping[str, State] = field(default_factory=dict)
    builder: ProblemBuilder = field(default_factory=ProblemBuilder)
    balances: dict[tuple[str, str], Indices] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    emissions: list[tuple[str, Indices, Floats]] = field(default_factory=list)
    imported: list[tuple[str, Indices, Floats]] = field(default_factory=list)
    fixed_emissions: list[tuple[str, Floats]] = field(default_factory=list)
    decided: dict[str, Capacity] = field(default_factory=dict)
    loads: dict[tuple[str, str], list[tuple[str, Floats]]] = field(default_factory=dict)
    market: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)
    biogenic: frozenset[str] = frozenset()
    units: dict[str, tuple[Indices, Floats]] = field(default_factory=dict)
    yearly: set[str] = field(default_factory=set)
    shared: dict[str, Indices] = field(default_factory=dict)

    @property
    def relaxed(self) -> bool:
        """Whether the programme has to be a lower bound for steps longer than an hour."""
        return Mode.RELAXED in self.mode

    @cached_property
    def weighted_hours(self) -> Floats:
        """Discounted hours that one step of each period stands for, (P, S) [h]."""
        return self.grid.weights[:, None] * self.grid.annual_hours[None, :]

    def by_period(self, value: Value) -> Floats:
        """Return a value in each period, (P,)."""
        return at_years(value, self.grid.years)

    def hourly(self, value: Hourly) -> Floats:
        """Return a value at every hour, (H,)."""
        if isinstance(value, str):
            return self.profiles[value]
        return np.broadcast_to(np.asarray(value, float), (self.grid.hours,))

    def steps(self, value: Hourly) -> Floats:
        """Return the mean of a value over every step, (S,)."""
        if isinstance(value, int | float):
            return np.full(self.grid.steps, float(value))
        return self.grid.mean(self.hourly(value))

    def best(self, value: Hourly, *, high: bool) -> Floats:
        """Return the mean over every step, in relaxed mode the highest (or lowest) hour of it instead, (S,)."""
        if not self.relaxed or isinstance(value, int | float):
            return self.steps(value)
        return self.grid.highest(self.hourly(value)) if high else self.grid.lowest(self.hourly(value))

    def balance(self, node: str, carrier: str) -> Indices:
        """Return the rows in which supply of a carrier at a node equals what is taken from it, (P, S)."""
        key = (node, carrier)
        if key not in self.balances:
            self.balances[key] = self.builder.rows(f"{node}.{carrier}.balance", self.grid.shape)
        return self.balances[key]

    def shared_rows(self, name: str, unit: str = "GWh") -> Indices:
        """Return equations over periods and steps to which several components add, made when first asked for, (P, S)."""
        if name not in self.shared:
            self.shared[name] = self.builder.rows(name, self.grid.shape, unit=unit)
        return self.shared[name]

    def flow(
        self,
        component: str,
        quantity: str,
        capacity: Capacity | None = None,
        share: ArrayLike = 1.0,
        *,
        cost: ArrayLike = 0.0,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        unit: str = "GW",
    ) -> Indices:
        """Add columns over periods and steps, at most `share` of a capacity.

        Parameters
        ----------
        component, quantity : str
            The block is called ``component.quantity``.
        capacity : Capacity, optional
            What limits them: as bounds where it is fixed, as rows where it is decided.
        share : array_like
            Share of the capacity that is available, broadcast to (P, S).
        cost : array_like
            Cost of a unit [CNY/MWh or CNY/t], broadcast to (P, S).
        lower, upper : array_like
            Further bounds [GW].
        unit : str
            Unit of a column.
        """
        shape = self.grid.shape
        name = f"{component}.{quantity}"
        if capacity is not None and capacity.columns is None:
            upper = np.minimum(upper, capacity.fixed[:, None] * np.asarray(share, float))
        price = np.broadcast_to(np.asarray(cost, float), shape) * self.weighted_hours * KILO
        columns = self.builder.columns(name, shape, unit=unit, lower=lower, upper=upper, cost=price)
        if capacity is not None and capacity.columns is not None:
            self.at_most(name, columns, capacity, share)
        return columns

    def at_most(
        self, name: str, columns: Indices, capacity: Capacity, share: ArrayLike, factor: ArrayLike = 1.0
    ) -> None:
        """Add rows ``factor · column ≤ share · capacity`` for a capacity that is fixed or decided."""
        share = np.asarray(share, float)
        if capacity.columns is None:
            limit = np.broadcast_to(capacity.fixed[:, None] * share, self.grid.shape)
            rows = self.builder.rows(f"{name}.limit", self.grid.shape, lower=-np.inf, upper=limit)
        else:
            rows = self.builder.rows(f"{name}.limit", self.grid.shape, lower=-np.inf, upper=0.0)
            self.builder.add(rows, capacity.columns[:, None], -np.broadcast_to(share, self.grid.shape))
        self.builder.add(rows, columns, factor)

    def supply(
        self, component: str, quantity: str, columns: Indices, node: str, carrier: str, factor: ArrayLike = 1.0
    ) -> None:
        """Let columns supply a node; a negative factor takes from it."""
        self.builder.add(self.balance(node, carrier), columns, factor)
        highest = np.max(factor)
        sign = 1 if highest > 0 else -1
        self.flows.append(Flow(component, quantity, columns, node, carrier, sign, np.abs(np.asarray(factor, float))))

    def load(self, component: str, node: str, carrier: str, amount: Floats) -> None:
        """Take a fixed amount from a node, (P, S) [GW]."""
        self.builder.raise_sides(self.balance(node, carrier), amount)
        self.loads.setdefault((node, carrier), []).append((component, amount))

    def emit(self, component: str, columns: Indices, factor: ArrayLike) -> None:
        """Count CO2 of columns, `factor` in t for each MWh (or t) of the column, broadcast to (P, S)."""
        share = np.broadcast_to(np.asarray(factor, float), self.grid.shape)
        if np.any(share):
            self.emissions.append((component, columns, share))

    def emit_elsewhere(self, component: str, columns: Indices, factor: ArrayLike) -> None:
        """Note CO2 that is made outside the system for what columns deliver, as in `emit`; policies say whether it counts."""
        share = np.broadcast_to(np.asarray(factor, float), self.grid.shape)
        if np.any(share):
            self.imported.append((component, columns, share))

    def price(self, carrier: str) -> Floats:
        """Return the price of a carrier of the market, (P,) [CNY/MWh]."""
        return self.by_period(self.market[carrier][0])

    def carbon(self, carrier: str) -> Floats:
        """Return the CO2 that the use of a carrier of the market makes, biogenic or not, (P,) [t/MWh]."""
        return self.by_period(self.market[carrier][1])

    def note_flow(self, flow: Flow) -> None:
        """Remember a flow that has no balance, for policies and answers."""
        self.flows.append(flow)

    def scalars(
        self, name: str, *, unit: str, lower: ArrayLike = 0.0, upper: ArrayLike = np.inf, cost: ArrayLike = 0.0
    ) -> Indices:
        """Add one column a period and return them, (P,)."""
        return self.builder.columns(
            name, (self.grid.periods,), ("period",), unit=unit, lower=lower, upper=upper, cost=cost
        )

    def totals(
        self, name: str, terms: Sequence[tuple[Indices, ArrayLike]], *, unit: str, lower: ArrayLike, upper: ArrayLike
    ) -> Indices:
        """Add one row a period over sums of flows of the whole year [GWh or kt] and return the rows, (P,)."""
        rows = self.builder.rows(name, (self.grid.periods,), ("period",), unit=unit, lower=lower, upper=upper)
        self.yearly.add(name)
        hours = self.grid.annual_hours[None, :]
        for columns, factor in terms:
            self.builder.add(
                rows[:, None], columns, np.broadcast_to(np.asarray(factor, float), self.grid.shape) * hours
            )
        return rows
