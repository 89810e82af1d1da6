"""What a site pays: prices of electricity by month and hour, charges for power, fuels and CO2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tanlu.energy.parameters import quantity
from tanlu.energy.problem import Floats
from tanlu.energy.weather.noise import month_of_hour


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """Prices of a site.

    Parameters
    ----------
    name : str
        Its id.
    hours : sequence of sequence of str
        Name of the period of each hour of the day, by month, 12 × 24.
    prices : mapping of str to float
        Price of electricity in each period [CNY/MWh].
    demand_charge : float
        For the highest purchase of a month [CNY/MW/month].
    transformer_charge : float
        For the rated power of the transformer, where that is charged instead [CNY/MW/month].
    feed_in : float
        Price of what is sold [CNY/MWh].
    gas, fuel : float
        Prices of natural gas, and of the fuel of a thermal plant [CNY/MWh].
    carbon : float
        Price of CO2 [CNY/t], also of that of purchased electricity.
    """

    name: str
    hours: Sequence[Sequence[str]]
    prices: Mapping[str, float] = field(default_factory=dict)
    demand_charge: float = quantity("CNY/MW/month", default=0.0, usual=(0.0, 2e5))
    transformer_charge: float = quantity("CNY/MW/month", default=0.0, usual=(0.0, 2e5))
    feed_in: float = quantity("CNY/MWh", default=0.0, usual=(0.0, 2e3))
    gas: float = quantity("CNY/MWh", default=0.0, usual=(0.0, 2e3))
    fuel: float = quantity("CNY/MWh", default=0.0, usual=(0.0, 2e3))
    carbon: float = quantity("CNY/t", default=0.0, usual=(0.0, 3e3))

    @classmethod
    def flat(cls, price: float, **charges: float) -> Tariff:
        """Return a tariff with one price of electricity [CNY/MWh]."""
        return cls(name="flat", hours=(("flat",) * 24,) * 12, prices={"flat": price}, **charges)

    def purchase(self) -> Floats:
        """Return the price of electricity at every hour of a year, (8760,) [CNY/MWh]."""
        table = np.array([[self.prices[period] for period in day] for day in self.hours])
        return np.asarray(table[month_of_hour(), np.tile(np.arange(24), 365)], float)

    def periods(self) -> list[str]:
        """Return the name of the period of every hour of a year, (8760,)."""
        return [self.hours[month][hour % 24] for hour, month in enumerate(month_of_hour().tolist())]
