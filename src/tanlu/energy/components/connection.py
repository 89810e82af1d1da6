"""The connection of a site to the public grid under a tariff: buying, selling, and the charge for the highest power of each month."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.energy.components.base import Component
from tanlu.energy.model import KILO, Model, State
from tanlu.energy.parameters import Hourly, Value, quantity
from tanlu.energy.problem import Indices

_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, kw_only=True, eq=False)
class Connection(Component):
    r"""Purchase x and sale y of a site, with the highest purchase :math:`m_j` of every month j.

    .. math::
        0 \le x_t \le K, \quad 0 \le y_t \le K^-, \quad m_j \ge x_t \;(t \in j), \quad m_j \ge m^0_j, \qquad
        \text{cost} = \sum_t d_t (p_t x_t - q_t y_t) + \sum_j D\, m_j

    Sale is paid no more than purchase costs at any hour; a tariff that pays more would be bought and sold at once and is refused.

    Parameters
    ----------
    node, carrier : str
        Where it supplies what.
    capacity, sale_capacity : float
        Most purchase and sale, :math:`K, K^-` [MW].
    tariff : Hourly
        Price of purchase, :math:`p_t` [CNY/MWh].
    sale_price : Hourly
        Price of sale, :math:`q_t` [CNY/MWh].
    demand_charge : float
        Charge for the highest purchase of a month, D [CNY/MW/month].
    standing_peak : float
        Highest purchase that the month has seen already, or that is charged anyway, :math:`m^0` [MW].
    emission_factor : Value
        CO2 of what is bought [t/MWh].
    first_hour : int
        Hour of the year at which the profiles begin, by which months are told apart [h].
    """

    node: str
    carrier: str
    capacity: float = quantity("MW", default=math.inf)
    sale_capacity: float = quantity("MW", default=0.0)
    tariff: Hourly = quantity("CNY/MWh", default=0.0, low=-1e5, usual=(-500.0, 5e3), kind="hourly")
    sale_price: Hourly = quantity("CNY/MWh", default=0.0, low=-1e5, usual=(-500.0, 5e3), kind="hourly")
    demand_charge: float = quantity("CNY/MW/month", default=0.0, usual=(0.0, 2e5))
    standing_peak: float = quantity("MW", default=0.0)
    emission_factor: Value = quantity("t/MWh", default=0.0, high=2.0, kind="value")
    first_hour: int = quantity("h", default=0)

    def compile(self, model: Model) -> None:
        """Add purchase, sale and the highest purchase of every month."""
        price = model.best(self.tariff, high=False)[None, :]
        bought = model.flow(self.name, "purchase", cost=price, upper=self.capacity * KILO)
        model.supply(self.name, "purchase", bought, self.node, self.carrier)
        model.emit(self.name, bought, model.by_period(self.emission_factor)[:, None])
        if self.sale_capacity > 0:
            paid = -model.best(self.sale_price, high=True)[None, :]
            sold = model.flow(self.name, "sale", cost=paid, upper=self.sale_capacity * KILO)
            model.supply(self.name, "sale", sold, self.node, self.carrier, -1.0)
        if self.demand_charge > 0:
            self._charge(model, bought)

    def months(self, hours: int) -> NDArray[np.int64]:
        """Return the month, from 0, of each hour, (H,)."""
        ends = np.cumsum(_DAYS) * 24
        return np.searchsorted(ends, (self.first_hour + np.arange(hours)) % int(ends[-1]), side="right")

    def _charge(self, model: Model, bought: Indices) -> None:
        """Add the highest purchase of each month.

        The mean of a segment is no more than the highest of its hours; a segment that lies in two months tells nothing of either. Hours
        that stand for a year stand for its twelve months.
        """
        grid, month = model.grid, self.months(model.grid.hours)
        touched = np.unique(month)
        position = np.searchsorted(touched, month[grid.starts])
        seen = model.states.get(self.name, State()).peaks
        repeats = len(_DAYS) / len(touched) if grid.repetitions > 1 else 1.0
        peak = model.builder.columns(
            f"{self.name}.peak",
            (grid.periods, len(touched)),
            ("period", "month"),
            lower=np.array([max(self.standing_peak, seen.get(int(j), 0.0)) for j in touched]) * KILO,
            cost=self.demand_charge * KILO * repeats * grid.weights[:, None],
        )
        rows = model.builder.rows(f"{self.name}.peak.limit", grid.shape, lower=0.0, upper=np.inf)
        whole = month[grid.starts] == month[grid.ends]
        model.builder.add(rows[:, whole], peak[:, position[whole]], 1.0)
        model.builder.add(rows[:, whole], bought[:, whole], -1.0)
