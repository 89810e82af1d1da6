"""Purchase under contract: a shape that is delivered, and a least amount that is taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tanlu.energy.components.base import Expandable
from tanlu.energy.model import Model
from tanlu.energy.parameters import Hourly, Value, quantity


@dataclass(frozen=True, kw_only=True, eq=False)
class Contract(Expandable):
    r"""Delivery over a long line, in an agreed shape :math:`h_t` with leeway :math:`\phi` and a least yearly use.

    .. math::
        (1-\phi)\, h_t k_p \le x_{p,t} \le \min(1, (1+\phi) h_t)\, k_p, \qquad
        \underline{u}\, \cdot 8760\, k_p \le \sum_t d_t x_{p,t} \le \overline{u} \cdot 8760\, k_p

    Parameters
    ----------
    node, carrier : str
        Where it delivers what.
    shape : Hourly
        Agreed share of the capacity, :math:`h_t` [1].
    leeway : float
        :math:`\phi` [1]; 1 where only capacity limits from below.
    minimum_take, maximum_take : Value
        Least and most use of a year as a share of capacity over all hours [1].
    price : Value
        Price at delivery [CNY/MWh].
    emission_factor : Value
        CO2 where it is made [t/MWh]; shown apart from that of the system where `counted` is false.
    counted : bool
        Whether that CO2 counts as made in the system. A cap can count it besides: `tanlu.energy.policies.EmissionLimit`.
    non_fossil_share : Value
        Share that counts as non-fossil [1].
    """

    node: str
    carrier: str
    shape: Hourly = quantity("1", default=1.0, high=1.0, kind="hourly")
    leeway: float = quantity("1", default=1.0, high=1.0)
    minimum_take: Value = quantity("1", default=0.0, high=1.0, kind="value")
    maximum_take: Value = quantity("1", default=1.0, high=1.0, kind="value")
    price: Value = quantity("CNY/MWh", default=0.0, usual=(50.0, 3e3), kind="value")
    emission_factor: Value = quantity("t/MWh", default=0.0, high=2.0, kind="value")
    counted: bool = False
    non_fossil_share: Value = quantity("1", default=0.0, high=1.0, kind="value")

    def compile(self, model: Model) -> None:
        """Add delivery, its shape and its least and most use."""
        size = self.capacity(model)
        shape = model.hourly(self.shape)
        most = model.steps(np.minimum(1.0, (1.0 + self.leeway) * shape))
        price = model.by_period(self.price)[:, None]
        taken = model.flow(self.name, "delivery", size, most, cost=price)
        model.supply(self.name, "delivery", taken, self.node, self.carrier)
        if self.leeway < 1:
            least = model.steps((1.0 - self.leeway) * shape)
            model.at_most(f"{self.name}.agreed", taken, size, -least, -1.0)
        for name, share, sign, open_ in (
            ("least", self.minimum_take, 1.0, 0.0),
            ("most", self.maximum_take, -1.0, 1.0),
        ):
            use = model.by_period(share)
            if np.all(use == open_):
                continue
            rows = model.totals(f"{self.name}.{name}", [(taken, sign)], unit="GWh", lower=0.0, upper=np.inf)
            year = sign * use * model.grid.annual_hours.sum()
            if size.columns is None:
                model.builder.raise_sides(rows, year * size.fixed)
            else:
                model.builder.add(rows, size.columns, -year)
        emit = model.emit if self.counted else model.emit_elsewhere
        emit(self.name, taken, model.by_period(self.emission_factor)[:, None])
