"""Where captured CO2 stays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tanlu.energy.components.base import Expandable
from tanlu.energy.model import KILO, Model
from tanlu.energy.parameters import Value, quantity


@dataclass(frozen=True, kw_only=True, eq=False)
class Sequestration(Expandable):
    r"""Injection of CO2 at a rate, up to what the formation holds over all periods.

    .. math:: x_{p,t} \le k_p, \qquad \sum_p Y_p \sum_t d_t x_{p,t} \le C

    with the years :math:`Y_p` that a period stands for, not discounted. Capacities are in t/h and CNY/(t/h).

    Parameters
    ----------
    node, carrier : str
        Where it takes which carrier of captured CO2.
    variable_om : Value
        Cost of transport and injection [CNY/t].
    total : float
        What the formation holds, C [t].
    """

    node: str
    carrier: str = "co2"
    variable_om: Value = quantity("CNY/t", default=0.0, usual=(10.0, 2e3), kind="value")
    total: float = quantity("t", default=math.inf)

    def compile(self, model: Model) -> None:
        """Add injection and the limit over all periods."""
        size = self.capacity(model)
        cost = model.by_period(self.variable_om)[:, None]
        injected = model.flow(self.name, "injection", size, cost=cost, unit="kt/h")
        model.supply(self.name, "injection", injected, self.node, self.carrier, -1.0)
        if math.isfinite(self.total):
            row = model.builder.rows(
                f"{self.name}.total", (1,), ("whole",), unit="kt", lower=-np.inf, upper=self.total * KILO
            )
            model.yearly.add(f"{self.name}.total")
            hours = model.grid.years_stood_for[:, None] * model.grid.annual_hours[None, :]
            model.builder.add(row[0], injected, hours)
