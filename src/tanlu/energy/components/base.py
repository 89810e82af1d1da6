"""What components share: a name, and capacity that stands already or can be built."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tanlu.energy.model import KILO, Capacity, Model
from tanlu.energy.parameters import Value, at_years, quantity
from tanlu.energy.problem import Floats
from tanlu.energy.timegrid import annuity


@dataclass(frozen=True, slots=True)
class Asset:
    """A plant, or a group of plants, that stands at the start or is planned.

    Parameters
    ----------
    capacity : float
        Capacity [MW].
    commissioned : int or None
        First year in which it runs; None where it runs from the start.
    retires : int or None
        First year in which it no longer runs; None where it runs to the end.
    name : str
        What it is called.
    energy : float
        Energy that it stores [MWh], for stores whose energy is not tied to their power.
    """

    capacity: float
    commissioned: int | None = None
    retires: int | None = None
    name: str = ""
    energy: float = 0.0

    def runs(self, year: int) -> bool:
        """Tell whether it runs in a year."""
        return (self.commissioned is None or self.commissioned <= year) and (
            self.retires is None or year < self.retires
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Component(ABC):
    """A part of an energy system.

    Parameters
    ----------
    name : str
        Its name, unlike any other of the system.
    technology : str
        The kind of thing it is, by which policies and answers group; the name where empty.
    """

    name: str
    technology: str = ""

    @property
    def kind(self) -> str:
        """The technology, or the name where none is given."""
        return self.technology or self.name

    @abstractmethod
    def compile(self, model: Model) -> None:
        """Add its columns and rows to a programme."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Expandable(Component):
    r"""A component whose capacity stands already, and can grow where `expandable`.

    With :math:`b_v \ge 0` built in period v, lifetime n, and standing assets :math:`e_p`:

    .. math::
        k_p = e_p + \sum_{v \le p,\; y_p - y_v < n} b_v, \qquad \text{minimum}_p \le k_p \le \text{potential}_p, \qquad
        b_v \le \text{build rate} \cdot (y_v - y_{v-1})

    Each vintage pays the annuity of its investment in every period in which it stands, and the capacity its fixed cost; no value is left
    over after the last period.

    Parameters
    ----------
    existing : float or tuple of Asset
        Capacity that stands already [MW].
    expandable : bool
        Whether more can be built.
    investment : Value
        Cost of what is built [CNY/MW], by year of building.
    fixed_om : Value
        Fixed operation and maintenance [CNY/MW/a].
    lifetime : float
        Years that what is built stands [a].
    potential : Value
        Most that may stand [MW].
    minimum : Value
        Least that must stand [MW].
    build_rate : Value
        Most that can be built in a year [MW/a].
    """

    existing: float | tuple[Asset, ...] = quantity("MW", default=0.0)
    expandable: bool = False
    investment: Value = quantity("CNY/MW", default=0.0, usual=(2e4, 2e8), kind="value")
    fixed_om: Value = quantity("CNY/MW/a", default=0.0, usual=(0.0, 5e6), kind="value")
    lifetime: float = quantity("a", default=25.0, low=1.0, usual=(3.0, 100.0))
    potential: Value = quantity("MW", default=math.inf, kind="value")
    minimum: Value = quantity("MW", default=0.0, kind="value")
    build_rate: Value = quantity("MW/a", default=math.inf, kind="value")

    def standing(self, years: Sequence[int]) -> Floats:
        """Return what stands in each year without building [MW], (P,)."""
        if not isinstance(self.existing, tuple):
            return np.full(len(years), float(self.existing))
        return np.array([sum(a.capacity for a in self.existing if a.runs(year)) for year in years], float)

    def capacity(self, model: Model) -> Capacity:
        """Add its capacity to a programme and return it [GW]."""
        return capacity(
            model,
            f"{self.name}.capacity",
            self.standing(model.grid.years),
            expandable=self.expandable,
            investment=self.investment,
            fixed_om=self.fixed_om,
            lifetime=self.lifetime,
            potential=self.potential,
            minimum=self.minimum,
            build_rate=self.build_rate,
        )


def capacity(
    model: Model,
    name: str,
    standing: Floats,
    *,
    expandable: bool,
    investment: Value,
    fixed_om: Value = 0.0,
    lifetime: float = 25.0,
    potential: Value = math.inf,
    minimum: Value = 0.0,
    build_rate: Value = math.inf,
    unit: str = "GW",
) -> Capacity:
    """Add a capacity by period to a programme, as `Expandable` describes, and return it.

    Where the model is given capacities, they are taken and no cost of capital is counted: that belongs to who decided them.
    """
    years = model.grid.years
    upkeep = model.by_period(fixed_om) * model.grid.weights * KILO
    stands = standing * KILO
    if model.capacities is not None and name in model.capacities:
        given = np.asarray(model.capacities[name], float)
        result = Capacity(given, None, given)
    elif not expandable:
        if model.capacities is None:
            model.builder.offset += float(upkeep @ stands)
        result = Capacity(stands, None, stands)
    else:
        lower = np.asarray(model.by_period(minimum) * KILO)
        upper = np.maximum(model.by_period(potential) * KILO, stands)
        columns = model.scalars(name, unit=unit, lower=lower, upper=upper, cost=upkeep)
        alive = np.array(
            [[v <= p and years[p] - years[v] < lifetime for v in range(len(years))] for p in range(len(years))]
        )
        rate = annuity(model.discount_rate, lifetime)
        paid = rate * at_years(investment, years) * (alive * model.grid.weights[:, None]).sum(axis=0) * KILO
        rates = model.by_period(build_rate)
        most = np.full(len(years), np.inf)
        limited = np.isfinite(rates) & np.isfinite(model.grid.spans)
        most[limited] = rates[limited] * KILO * model.grid.spans[limited]
        built = model.scalars(name.removesuffix("capacity") + "build", unit=unit, upper=most, cost=paid)
        rows = model.builder.rows(f"{name}.stock", (len(years),), ("period",), unit=unit, lower=stands, upper=stands)
        model.builder.add(rows, columns, 1.0)
        p, v = np.nonzero(alive)
        model.builder.add(rows[p], built[v], -1.0)
        result = Capacity(np.zeros(len(years)), columns, upper)
    model.decided[name] = result
    return result
