"""What is stored at a site before its first hour, what has to be there after the last, and what content is worth in between."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tanlu.energy.model import State
from tanlu.energy.operation import Guide
from tanlu.energy.problem import Floats
from tanlu.energy.site.devices import Vehicles
from tanlu.energy.site.model import Site
from tanlu.energy.site.parking import leaving, on_arrival
from tanlu.energy.site.system import chiller_use, fleet_name, heat_pump_use
from tanlu.energy.timegrid import HOURS_PER_YEAR

SHORTFALL = 5_000.0
"""Cost of ending below what has to be there [CNY/MWh]: above any purchase, below what is not met."""


def contents(site: Site, hour: int) -> dict[str, float]:
    """Return what is stored before an hour of the year by component [MWh]: batteries and tanks empty, water and what load owes half way,
    vehicles as if they had charged on arrival."""
    result = {name: 0.0 for name in ("battery", "heat_store", "cold_store") if getattr(site, name) is not None}
    if site.hydro is not None:
        result["hydro"] = 0.5 * site.hydro.volume
    if site.flexible is not None and "electricity" in site.needs:
        result["flexible"] = 0.5 * site.flexible.share * float(site.needs["electricity"].mean()) * site.flexible.window
    for number, group in enumerate(site.vehicles):
        result[fleet_name(number)] = _charged(group, site.restday, hour)
    return result


def _charged(group: Vehicles, restday: tuple[bool, ...], hour: int) -> float:
    """Return what vehicles hold before an hour when they charge on arrival [MWh]."""
    before = (hour - 24 + np.arange(24)) % HOURS_PER_YEAR
    charged, gone = on_arrival(group, restday)[before] * group.efficiency, leaving(group, restday)[before]
    held = 0.0
    for taken, left in zip(charged.tolist(), gone.tolist(), strict=True):
        held = max(held + taken - left, 0.0)
    return min(held, group.number * group.energy_per_day)


def start(site: Site, first: int) -> dict[str, State]:
    """Return the states before an hour of the year."""
    return {name: State(content=content) for name, content in contents(site, first).items()}


def to_the_end(site: Site, first: int, hours: int) -> dict[str, State]:
    """Return the states before an hour with what has to be there so many hours later."""
    ends = contents(site, first + hours)
    return {
        name: State(content=state.content, target=ends[name], shortfall_price=SHORTFALL)
        for name, state in start(site, first).items()
    }


def guide_of(site: Site, first: int, hours: int) -> Guide:
    """Return what guides windows of a run: between its hours, a full store is worth what it saves later; at its end, what has to be there.

    A store of heat is worth what the heat pump, or else the boiler, would take for it at the mean price, one of cold likewise.
    """
    last = (first + hours - 1) % HOURS_PER_YEAR
    ends = contents(site, first + hours)
    full, worth = _full(site), _worth(site)
    goals, prices = dict[str, Floats](), dict[str, Floats]()
    for name, end in ends.items():
        goals[name] = np.full(HOURS_PER_YEAR, full.get(name, 0.0))
        prices[name] = np.full(HOURS_PER_YEAR, worth.get(name, 0.0))
        goals[name][last], prices[name][last] = end, SHORTFALL
    return Guide(site.year, goals, {}, prices)


def _full(site: Site) -> dict[str, float]:
    stores: Mapping[str, float] = {
        name: device.energy
        for name in ("battery", "heat_store", "cold_store")
        if (device := getattr(site, name)) is not None
    }
    half = contents(site, 0)
    return {**stores, **{name: 2.0 * half[name] for name in ("flexible", "hydro") if name in half}}


def _worth(site: Site) -> dict[str, float]:
    """Return what a unit of content is worth [CNY/MWh]."""
    tariff = site.tariff
    price = float(tariff.purchase().mean()) + tariff.carbon * site.grid.emission_factor
    gas = tariff.gas + tariff.carbon * site.gas_emission_factor
    result = {"flexible": price, "hydro": price}
    if site.battery is not None:
        result["battery"] = max(price - site.battery.wear, 0.0) * site.battery.efficiency**0.5
    if site.heat_pump is not None:
        result["heat_store"] = price * float(heat_pump_use(site).mean())
    elif site.gas_boiler is not None:
        result["heat_store"] = gas / site.gas_boiler.efficiency
    if site.chiller is not None:
        result["cold_store"] = price * float(chiller_use(site).mean())
    return result
