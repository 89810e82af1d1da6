"""What can stand at a site. Numbers that are not given are neutral; usual ones stand as data beside the tariffs of a province."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tanlu.energy.parameters import quantity


@dataclass(frozen=True, kw_only=True)
class Device:
    """What can be built.

    Parameters
    ----------
    largest : float
        Most that may stand where sizing decides [MW]; what is not above the capacity is not sized.
    investment : float
        Cost of what is built [CNY/MW].
    fixed_om : float
        Fixed operation and maintenance of what is built [CNY/MW/a].
    lifetime : float
        Years that it stands [a].
    """

    largest: float = quantity("MW", default=0.0)
    investment: float = quantity("CNY/MW", default=0.0, usual=(2e4, 2e8))
    fixed_om: float = quantity("CNY/MW/a", default=0.0, usual=(0.0, 5e6))
    lifetime: float = quantity("a", default=20.0, low=1.0, usual=(3.0, 100.0))


@dataclass(frozen=True, kw_only=True)
class Renewable(Device):
    """Sun or wind: capacity [MW], with the output over capacity in the site's profile of the same name."""

    capacity: float = quantity("MW")


@dataclass(frozen=True, kw_only=True)
class Hydro(Device):
    """A hydropower plant with a reservoir: capacity [MW], volume [MWh] and inflow of a year [MWh], in the site's profile ``inflow``."""

    capacity: float = quantity("MW")
    volume: float = quantity("MWh")
    annual_inflow: float = quantity("MWh/a")


@dataclass(frozen=True, kw_only=True)
class Thermal(Device):
    """A plant that burns a fuel and stays on: least load as a share of its capacity, change in an hour as a share of it."""

    capacity: float = quantity("MW")
    efficiency: float = quantity("1", default=1.0, low=0.1, high=1.0)
    minimum_load: float = quantity("1", default=0.0, high=1.0)
    ramp: float = quantity("1/h", default=math.inf, low=0.01)
    variable_om: float = quantity("CNY/MWh", default=0.0, usual=(0.0, 1e3))


@dataclass(frozen=True, kw_only=True)
class Battery(Device):
    """A battery: power [MW], energy [MWh], efficiency there and back, loss of an hour, and wear for what it discharges."""

    power: float = quantity("MW")
    energy: float = quantity("MWh")
    efficiency: float = quantity("1", default=1.0, low=0.1, high=1.0)
    standing_loss: float = quantity("1/h", default=0.0, high=0.5)
    wear: float = quantity("CNY/MWh", default=0.0, usual=(0.0, 2e3))
    energy_investment: float = quantity("CNY/MWh", default=0.0, usual=(1e2, 1e7))


@dataclass(frozen=True, kw_only=True)
class HeatPump(Device):
    """An air-source heat pump: heat [MW], and the temperature of its heat [°C], from which its COP follows at every hour."""

    capacity: float = quantity("MW")
    supply_temperature: float = quantity("degC", default=45.0, low=25.0, high=90.0)


@dataclass(frozen=True, kw_only=True)
class Chiller(Device):
    r"""A compression chiller: cold [MW], COP at 35 °C, and what it gains for each K below, :math:`\text{COP} + s \min(20, 35 - T)`."""

    capacity: float = quantity("MW")
    cop: float = quantity("1", default=4.0, low=1.0, high=12.0)
    cop_slope: float = quantity("1/degC", default=0.0, high=0.3)


@dataclass(frozen=True, kw_only=True)
class Chp(Device):
    """Combined heat and power from gas.

    Parameters
    ----------
    capacity : float
        Electric [MW].
    extraction : bool
        Whether heat is extracted at the cost of electricity; otherwise heat and power come in fixed proportion.
    electric_efficiency : float
        Without extraction of heat [1].
    heat_efficiency : float
        Heat for a unit of gas in fixed proportion [1].
    extraction_loss, extraction_ratio : float
        Electricity given up for a unit of heat, and most heat for a unit of electricity [1].
    variable_om : float
        For a unit of electricity [CNY/MWh].
    """

    capacity: float = quantity("MW")
    extraction: bool = False
    electric_efficiency: float = quantity("1", default=0.4, low=0.05, high=0.7)
    heat_efficiency: float = quantity("1", default=0.4, low=0.05, high=0.9)
    extraction_loss: float = quantity("1", default=0.15, high=1.0)
    extraction_ratio: float = quantity("1", default=1.0, high=20.0)
    variable_om: float = quantity("CNY/MWh", default=0.0, usual=(0.0, 1e3))


@dataclass(frozen=True, kw_only=True)
class Boiler(Device):
    """A gas boiler: heat [MW] and heat for a unit of gas."""

    capacity: float = quantity("MW")
    efficiency: float = quantity("1", default=1.0, low=0.1, high=1.1)


@dataclass(frozen=True, kw_only=True)
class Tank(Device):
    """A store of heat or cold: power [MW], energy [MWh] and loss of an hour."""

    power: float = quantity("MW")
    energy: float = quantity("MWh")
    standing_loss: float = quantity("1/h", default=0.0, high=0.5)


@dataclass(frozen=True, kw_only=True)
class Vehicles:
    """Vehicles alike that come and leave at the same hours.

    Parameters
    ----------
    number : float
        Vehicles that come on a day.
    energy_per_day : float
        Energy that each must have taken into its battery when it leaves [MWh].
    arrival, departure : int
        Hours of the day from which, and to which, they are plugged in; over midnight where arrival is the later [h].
    charger : float
        Power of each [MW].
    battery : float
        Usable battery of each [MWh].
    efficiency : float
        One way [1].
    give_back : float
        Share of the vehicles that may give back [1].
    wear : float
        For what is given back [CNY/MWh].
    every_day : bool
        Whether they come on days off too.
    """

    number: float = quantity("1")
    energy_per_day: float = quantity("MWh", usual=(0.001, 1.0))
    arrival: int = quantity("h", high=23)
    departure: int = quantity("h", high=24)
    charger: float = quantity("MW", default=0.007, usual=(0.001, 1.0))
    battery: float = quantity("MWh", default=0.06, usual=(0.005, 1.0))
    efficiency: float = quantity("1", default=1.0, low=0.1, high=1.0)
    give_back: float = quantity("1", default=0.0, high=1.0)
    wear: float = quantity("CNY/MWh", default=0.0, usual=(0.0, 2e3))
    every_day: bool = False

    @property
    def stay(self) -> int:
        """Hours that they are plugged in [h]."""
        return (self.departure - self.arrival - 1) % 24 + 1


@dataclass(frozen=True, kw_only=True)
class Flexible:
    r"""Electric load that can be moved, as a store that owes and lends.

    A share σ of the mean load :math:`\bar d` can be taken W/2 hours sooner or later: a virtual store of power :math:`\sigma \bar d` and
    energy :math:`\sigma \bar d\, W` that starts half full (after Hao, Sanandaji, Poolla, Vincent 2015, Aggregate flexibility of
    thermostatically controlled loads, IEEE Transactions on Power Systems 30, 189–198).

    Parameters
    ----------
    share : float
        σ [1].
    window : float
        W [h].
    cost : float
        Cost of moving [CNY/MWh].
    """

    share: float = quantity("1", high=0.5)
    window: float = quantity("h", low=1.0, high=24.0)
    cost: float = quantity("CNY/MWh", default=0.0, usual=(0.0, 2e3))
