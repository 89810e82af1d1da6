"""A site: what it needs, what stands there, its connection and its tariff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tanlu.energy.parameters import quantity
from tanlu.energy.problem import Floats
from tanlu.energy.site.devices import (
    Battery,
    Boiler,
    Chiller,
    Chp,
    Flexible,
    HeatPump,
    Hydro,
    Renewable,
    Tank,
    Thermal,
    Vehicles,
)
from tanlu.energy.site.tariff import Tariff

USES: Final = ("electricity", "heat", "cooling")
DEVICES: Final[Mapping[str, type]] = {
    "pv": Renewable,
    "wind": Renewable,
    "hydro": Hydro,
    "thermal": Thermal,
    "battery": Battery,
    "heat_pump": HeatPump,
    "chiller": Chiller,
    "chp": Chp,
    "gas_boiler": Boiler,
    "heat_store": Tank,
    "cold_store": Tank,
    "flexible": Flexible,
}
"""What can stand at a site once, by its name there."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The connection to the public grid.

    Parameters
    ----------
    capacity : float
        Most purchase [MW].
    sale : float
        Most sale [MW].
    transformer : float
        Rated power of the transformer, where that is charged instead of the highest purchase [MW at a power factor of 1]; 0 where not.
    emission_factor : float
        CO2 of what is bought [t/MWh].
    """

    capacity: float = quantity("MW", default=1e4)
    sale: float = quantity("MW", default=0.0)
    transformer: float = quantity("MW", default=0.0)
    emission_factor: float = quantity("t/MWh", default=0.0, high=2.0)


@dataclass(frozen=True)
class Number:
    """A number that a site rests on, and where it comes from; for the list of what is assumed."""

    owner: str
    parameter: str
    value: str
    source: str
    grade: str
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Site:
    """A park, a campus, a works, a building or a base.

    Parameters
    ----------
    name : str
        Its id.
    tariff : Tariff
        What it pays.
    needs : mapping of str to (8760,) array
        Electricity, heat and cooling at every hour, without what its own devices use [MW].
    profiles : mapping of str to (8760,) array
        ``pv`` and ``wind`` over capacity, ``inflow`` over its mean, ``temperature`` outside [°C], as far as they are needed.
    restday : (365,) tuple of bool
        Which days are off.
    year : int
        Calendar year.
    grid : Grid
        Its connection.
    pv, wind, hydro, thermal, battery, heat_pump, chiller, chp, gas_boiler, heat_store, cold_store, flexible
        What stands there; None where it does not.
    vehicles : tuple of Vehicles
        Groups of vehicles.
    gas_emission_factor, fuel_emission_factor : float
        CO2 of what is burnt [t/MWh].
    unserved : float
        Penalty for what is not met [CNY/MWh]; above the charge for demand, so that nothing is shed to save it.
    discount_rate : float
        For sizing [1/a].
    labels : tuple of str
        Names in Chinese and English.
    numbers : tuple of Number
        Numbers from data with their sources and grades.
    """

    name: str
    tariff: Tariff
    needs: Mapping[str, Floats]
    profiles: Mapping[str, Floats] = field(default_factory=dict)
    restday: tuple[bool, ...] = (False,) * 365
    year: int = 2025
    grid: Grid = field(default_factory=Grid)
    pv: Renewable | None = None
    wind: Renewable | None = None
    hydro: Hydro | None = None
    thermal: Thermal | None = None
    battery: Battery | None = None
    heat_pump: HeatPump | None = None
    chiller: Chiller | None = None
    chp: Chp | None = None
    gas_boiler: Boiler | None = None
    heat_store: Tank | None = None
    cold_store: Tank | None = None
    flexible: Flexible | None = None
    vehicles: tuple[Vehicles, ...] = ()
    gas_emission_factor: float = 0.0
    fuel_emission_factor: float = 0.0
    unserved: float = 100_000.0
    discount_rate: float = 0.06
    labels: tuple[str, str] = ("", "")
    numbers: tuple[Number, ...] = ()
