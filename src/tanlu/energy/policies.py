"""What a government asks of an energy system: limits and prices of CO2, shares, planned capacities, adequacy."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.energy.components import Contract, Converter, Demand, Fleet, Reservoir, Source
from tanlu.energy.components.base import Component
from tanlu.energy.model import KILO, Flow, Model
from tanlu.energy.parameters import Value, quantity
from tanlu.energy.problem import Floats
from tanlu.energy.timegrid import HOURS_PER_YEAR

if TYPE_CHECKING:
    from tanlu.energy.system import System

_PRODUCERS: Final = (Source, Converter, Reservoir, Contract)
_ROUNDING: Final = 1e-9
"""What fixed capacities may miss a target by [GW]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Policy(ABC):
    """A rule over the whole system that can be switched off.

    Parameters
    ----------
    name : str
        Its name, unlike any other of the system.
    active : bool
        Whether it holds.
    """

    name: str
    active: bool = True

    @abstractmethod
    def compile(self, model: Model, system: System) -> None:
        """Add its rows to a programme whose components are all compiled."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EmissionLimit(Policy):
    r"""A cap, a price and a budget of CO2.

    .. math::
        e_p = \sum_t d_t \sum_i \epsilon_i x_{i,p,t} + \text{fixed}_p \le \text{cap}_p, \qquad \sum_p Y_p e_p \le \text{budget}

    with the years :math:`Y_p` that a period stands for. With `imports`, flows i are those of contracts too, at the emission factor
    of where they are made: else a cap is kept by buying from outside.

    Parameters
    ----------
    cap : Value
        Most CO2 of a year [t/a].
    price : Value
        Price of CO2 [CNY/t].
    budget : float
        Most CO2 of all years together [t].
    imports : bool
        Whether the CO2 of imported energy stands under cap, price and budget.
    """

    cap: Value = quantity("t/a", default=math.inf, low=-1e12, kind="value")
    price: Value = quantity("CNY/t", default=0.0, usual=(0.0, 1e4), kind="value")
    budget: float = quantity("t", default=math.inf, low=-1e12)
    imports: bool = False

    def compile(self, model: Model, system: System) -> None:
        """Add the emissions of every period as a column, its cap and its price, and the budget."""
        periods = (model.grid.periods,)
        emitted = model.scalars(
            f"{self.name}.emissions",
            unit="kt",
            lower=-np.inf,
            upper=model.by_period(self.cap) * KILO,
            cost=model.by_period(self.price) * model.grid.weights * KILO,
        )
        fixed = sum((amount for _, amount in model.fixed_emissions), np.zeros(periods))
        rows = model.builder.rows(f"{self.name}.account", periods, ("period",), unit="kt", lower=-fixed, upper=-fixed)
        model.yearly.add(f"{self.name}.account")
        model.builder.add(rows, emitted, -1.0)
        for _, columns, factor in [*model.emissions, *(model.imported if self.imports else ())]:
            model.builder.add(rows[:, None], columns, factor * model.grid.annual_hours[None, :])
        if math.isfinite(self.budget):
            most = self.budget * KILO
            row = model.builder.rows(f"{self.name}.budget", (1,), ("whole",), unit="kt", lower=-np.inf, upper=most)
            model.builder.add(row[0], emitted, model.grid.years_stood_for)


@dataclass(frozen=True, kw_only=True, eq=False)
class NonFossilShare(Policy):
    """Least share of what is produced of a carrier, imports included, that is non-fossil.

    Parameters
    ----------
    carrier : str
        Carrier whose production counts.
    least : Value
        Least share [1].
    """

    carrier: str = "electricity"
    least: Value = quantity("1", default=0.0, high=1.0, kind="value")

    def compile(self, model: Model, system: System) -> None:
        """Add one row a period: non-fossil production less the share of all production."""
        least = model.by_period(self.least)[:, None]
        terms = []
        for flow, sign in _production(model, system, self.carrier):
            share = non_fossil(system.component(flow.component), model, system)
            terms.append((flow.columns, sign * (share[:, None] - least) * flow.factor))
        model.totals(f"{self.name}.share", terms, unit="GWh", lower=0.0, upper=np.inf)


@dataclass(frozen=True, kw_only=True, eq=False)
class CapacityTarget(Policy):
    """Least and most capacity of some technologies together, as plans set it.

    Parameters
    ----------
    technologies : tuple of str
        Technologies whose capacities are summed.
    nodes : tuple of str
        Nodes that count; all where empty.
    least, most : Value
        Sum of the capacities [MW].
    """

    technologies: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    least: Value = quantity("MW", default=0.0, kind="value")
    most: Value = quantity("MW", default=math.inf, kind="value")

    def compile(self, model: Model, system: System) -> None:
        """Add one row a period over capacities; where all are fixed and keep it there is nothing to decide."""
        sizes = [
            model.decided[f"{c.name}.capacity"]
            for c in system.components
            if c.kind in self.technologies
            and f"{c.name}.capacity" in model.decided
            and (not self.nodes or getattr(c, "node", "") in self.nodes)
        ]
        decided = [size.columns for size in sizes if size.columns is not None]
        fixed = sum((size.fixed for size in sizes), np.zeros(model.grid.periods))
        lower = model.by_period(self.least) * KILO - fixed
        upper = model.by_period(self.most) * KILO - fixed
        if not decided and (
            model.capacities is not None or (np.all(lower <= _ROUNDING) and np.all(upper >= -_ROUNDING))
        ):
            return
        rows = model.builder.rows(f"{self.name}.sum", (model.grid.periods,), ("period",), lower=lower, upper=upper)
        for columns in decided:
            model.builder.add(rows, columns, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class EnergyLimit(Policy):
    """Least and most of a year that some technologies make, or that is used of a carrier of the market.

    Parameters
    ----------
    technologies : tuple of str
        Technologies whose supply is summed; where empty, all use of `carrier` is.
    carrier : str
        Carrier that counts.
    least, most : Value
        Sum of a year [MWh/a].
    """

    technologies: tuple[str, ...] = ()
    carrier: str = "electricity"
    least: Value = quantity("MWh/a", default=0.0, kind="value")
    most: Value = quantity("MWh/a", default=math.inf, kind="value")

    def compile(self, model: Model, system: System) -> None:
        """Add one row a period over the flows."""
        sign = 1 if self.technologies else -1
        terms = [
            (flow.columns, flow.factor)
            for flow in model.flows
            if flow.carrier == self.carrier
            and flow.sign == sign
            and (not self.technologies or system.component(flow.component).kind in self.technologies)
        ]
        least, most = model.by_period(self.least) * KILO, model.by_period(self.most) * KILO
        if terms or np.any(least > 0):
            model.totals(f"{self.name}.sum", terms, unit="GWh", lower=least, upper=most)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReserveMargin(Policy):
    r"""Firm capacity above the peak of the load.

    .. math:: \sum_i \gamma_i k_{i,p} \ge (1+m)\, \max_t d_{p,t}

    Where other plants use much of the carrier, what is produced of it at any step counts in the place of the load.

    Parameters
    ----------
    carrier : str
        Carrier whose load and capacities count.
    margin : Value
        Reserve over the peak, m [1].
    credits : mapping of str to float
        Share of the capacity of each technology that is firm, :math:`\gamma` [1]; none where not given.
    of_production : bool
        Whether production counts in the place of the load.
    """

    carrier: str = "electricity"
    margin: Value = quantity("1", default=0.1, high=1.0, kind="value")
    credits: Mapping[str, float] = field(default_factory=dict)
    of_production: bool = False

    def compile(self, model: Model, system: System) -> None:
        """Add one row a period over capacities, or one a step where production counts."""
        if self.of_production:
            self._over_production(model, system)
            return
        need = (1.0 + model.by_period(self.margin)) * peak_load(model, system.components, self.carrier)
        sizes = [
            (self.credits[c.kind], model.decided[f"{c.name}.capacity"])
            for c in system.components
            if c.kind in self.credits and f"{c.name}.capacity" in model.decided
        ]
        fixed = sum((credit * size.fixed for credit, size in sizes), np.zeros(model.grid.periods))
        if all(size.columns is None for _, size in sizes) and (
            model.capacities is not None or np.all(need - fixed <= _ROUNDING)
        ):
            return
        shape = (model.grid.periods,)
        rows = model.builder.rows(f"{self.name}.firm", shape, ("period",), lower=need - fixed, upper=np.inf)
        for credit, size in sizes:
            if size.columns is not None:
                model.builder.add(rows, size.columns, credit)

    def _over_production(self, model: Model, system: System) -> None:
        """Add one row a step: firm capacity less what is produced with its margin."""
        rows = model.builder.rows(f"{self.name}.firm", model.grid.shape, lower=0.0, upper=np.inf)
        for flow, sign in _production(model, system, self.carrier):
            over = np.broadcast_to(1.0 + model.by_period(self.margin)[:, None], model.grid.shape)
            model.builder.add(rows, flow.columns, -sign * over * flow.factor)
        for c in system.components:
            size = model.decided.get(f"{c.name}.capacity")
            if c.kind in self.credits and size is not None:
                credit = self.credits[c.kind]
                if size.columns is None:
                    model.builder.raise_sides(rows, -credit * size.fixed[:, None])
                else:
                    model.builder.add(rows, size.columns[:, None], credit)


@dataclass(frozen=True, kw_only=True, eq=False)
class OperatingReserve(Policy):
    r"""Room to give more at every hour, of plants that are on, water and stores.

    .. math:: \sum_i (K_{i,t} - x_{i,t}) \ge \rho\, d_t

    with what can be given :math:`K` (capacity, or the units that are on) of the technologies named.

    Parameters
    ----------
    carrier : str
        Carrier whose load counts.
    share : float
        Reserve over the load, :math:`\rho` [1].
    technologies : tuple of str
        Who gives it.
    """

    carrier: str = "electricity"
    share: float = quantity("1", default=0.05, high=1.0)
    technologies: tuple[str, ...] = ()

    def compile(self, model: Model, system: System) -> None:
        """Add one row a step over room above activity."""
        if model.relaxed:
            return
        load = sum(
            (a for (_, c), parts in model.loads.items() if c == self.carrier for _, a in parts),
            np.zeros(model.grid.shape),
        )
        rows = model.builder.rows(f"{self.name}.room", model.grid.shape, lower=self.share * load, upper=np.inf)
        for flow in model.flows:
            component = system.component(flow.component)
            name = f"{component.name}.capacity"
            if flow.carrier != self.carrier or flow.sign < 0 or component.kind not in self.technologies:
                continue
            model.builder.add(rows, flow.columns, -np.asarray(flow.factor))
            on = model.units.get(component.name)
            if on is not None:
                model.builder.add(rows, on[0], on[1][:, None])
            elif name in model.decided:
                size = model.decided[name]
                share = model.steps(getattr(component, "availability", 1.0))[None, :]
                if size.columns is None:
                    model.builder.raise_sides(rows, -size.fixed[:, None] * share)
                else:
                    model.builder.add(rows, size.columns[:, None], np.broadcast_to(share, model.grid.shape))


def peak_load(model: Model, components: Iterable[Component], carrier: str) -> Floats:
    """Return the highest hourly load of a carrier over all nodes together, (P,) [GW]."""
    total = np.zeros((model.grid.periods, model.grid.hours))
    for component in components:
        if isinstance(component, Demand) and component.carrier == carrier:
            mean = model.by_period(component.annual) * KILO / HOURS_PER_YEAR
            total += mean[:, None] * model.hourly(component.profile)[None, :]
        elif isinstance(component, Fleet) and component.carrier == carrier and component.managed < 1:
            need = model.by_period(component.vehicles) * model.by_period(component.annual_driving)
            mean = (1 - component.managed) * need / component.efficiency * KILO / HOURS_PER_YEAR
            total += mean[:, None] * model.hourly(component.unmanaged_profile)[None, :]
    return np.asarray(total.max(axis=1))


def non_fossil(component: Component, model: Model, system: System) -> Floats:
    """Return the share of what a component makes that counts as non-fossil, (P,) [1].

    A converter counts as it is declared, else by the share of non-fossil carriers in what it buys.
    """
    if isinstance(component, Contract):
        return model.by_period(component.non_fossil_share)
    if isinstance(component, Converter) and not component.non_fossil:
        bought = {c.name: c.non_fossil for c in system.carriers if c.market and c.name in component.inputs}
        amounts = {name: float(np.mean(model.hourly(component.inputs[name]))) for name in bought}
        total = sum(amounts.values())
        clean = sum(amounts[name] for name, counts in bought.items() if counts)
        return np.full(model.grid.periods, clean / total if total > 0 else 0.0)
    counts = isinstance(component, Reservoir) or bool(getattr(component, "non_fossil", False))
    return np.full(model.grid.periods, float(counts))


def _production(model: Model, system: System, carrier: str) -> list[tuple[Flow, int]]:
    """Return what producers supply of a carrier, and, with sign −1, what extraction takes off it; storage and lines make none."""
    return [
        (flow, flow.sign)
        for flow in model.flows
        if flow.carrier == carrier
        and (flow.sign > 0 or flow.quantity == "extraction")
        and isinstance(system.component(flow.component), _PRODUCERS)
    ]
