"""Supply out of nothing: sun, wind, run of river, a purchase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tanlu.energy.components.base import Expandable
from tanlu.energy.model import Model
from tanlu.energy.parameters import Hourly, Value, quantity


@dataclass(frozen=True, kw_only=True, eq=False)
class Source(Expandable):
    r"""Supply whose most is a share of its capacity at every hour.

    .. math:: \underline{a}_t\, k_p \le x_{p,t} \le a_t\, k_p

    What is available and not taken is curtailment.

    Parameters
    ----------
    node, carrier : str
        Where it supplies what.
    availability : Hourly
        Share of the capacity that can be had, :math:`a_t` [1].
    must_run : Hourly
        Share of the capacity that has to be taken, :math:`\underline{a}_t` [1].
    variable_om : Value
        Cost of what is taken [CNY/MWh].
    tariff : Hourly
        Further cost by hour [CNY/MWh]; negative where selling pays.
    emission_factor : Value
        CO2 of what is taken [t/MWh].
    annual_limit : Value
        Most of a year [MWh/a].
    non_fossil : bool
        Whether it counts as non-fossil.
    """

    node: str
    carrier: str
    availability: Hourly = quantity("1", default=1.0, high=1.0, kind="hourly")
    must_run: Hourly = quantity("1", default=0.0, high=1.0, kind="hourly")
    variable_om: Value = quantity("CNY/MWh", default=0.0, low=-1e5, usual=(-1e4, 2e4), kind="value")
    tariff: Hourly = quantity("CNY/MWh", default=0.0, low=-1e5, usual=(-1e4, 2e4), kind="hourly")
    emission_factor: Value = quantity("t/MWh", default=0.0, low=-2.0, high=3.0, kind="value")
    annual_limit: Value = quantity("MWh/a", default=np.inf, kind="value")
    non_fossil: bool = False

    def compile(self, model: Model) -> None:
        """Add production, its limits, its cost and its CO2."""
        size = self.capacity(model)
        cost = model.by_period(self.variable_om)[:, None] + model.best(self.tariff, high=False)[None, :]
        taken = model.flow(self.name, "production", size, model.steps(self.availability), cost=cost)
        if isinstance(self.must_run, str) or np.any(np.asarray(self.must_run)):
            least = -model.steps(self.must_run)
            model.at_most(f"{self.name}.must_run", taken, size, least, -1.0)
        model.supply(self.name, "production", taken, self.node, self.carrier)
        model.emit(self.name, taken, model.by_period(self.emission_factor)[:, None])
        limit = model.by_period(self.annual_limit) * 1e-3
        if np.all(np.isfinite(limit)):
            model.totals(f"{self.name}.annual", [(taken, 1.0)], unit="GWh", lower=-np.inf, upper=limit)
