"""A site as an energy system: its devices as components of one node."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tanlu.energy.components import (
    Carrier,
    Component,
    Connection,
    Converter,
    Demand,
    Fleet,
    Node,
    Reservoir,
    Source,
    Store,
)
from tanlu.energy.problem import Floats
from tanlu.energy.site.devices import Battery, Device, Tank, Vehicles
from tanlu.energy.site.model import Site
from tanlu.energy.site.parking import leaving, plugged
from tanlu.energy.system import System
from tanlu.energy.timegrid import HOURS_PER_YEAR
from tanlu.energy.weather.air import heat_pump_cop

NODE: Final = "site"
ELECTRICITY, HEAT, COLD, GAS, FUEL = "electricity", "heat", "cold", "gas", "fuel"
CARRIERS: Final = {"electricity": ELECTRICITY, "heat": HEAT, "cooling": COLD}
"""Carrier of each use."""
SALE_MARGIN: Final = 1.0
"""What a sale pays less than purchase costs at the same hour at least [CNY/MWh], so that nobody buys to sell."""
MOST_COOLER: Final = 20.0
"""Degrees below 35 °C beyond which a chiller gains no more [K]."""


def site_system(site: Site, *, sizing: bool = False) -> System:
    """Return a site as an energy system of one node and 8,760 hours.

    Parameters
    ----------
    site : Site
    sizing : bool
        Whether devices grow to the largest that may stand, at their cost.
    """
    assembly = _Assembly(site, sizing)
    for add in _PARTS:
        add(assembly)
    tariff = site.tariff
    carriers = (
        Carrier(name=ELECTRICITY),
        Carrier(name=HEAT, surplus=True),
        Carrier(name=COLD, surplus=True),
        _fuel(GAS, tariff.gas, site.gas_emission_factor, tariff.carbon),
        _fuel(FUEL, tariff.fuel, site.fuel_emission_factor, tariff.carbon),
    )
    return System(
        name=site.name,
        carriers=carriers,
        nodes=(Node(name=NODE),),
        components=tuple(assembly.components),
        profiles=assembly.profiles,
        periods=(site.year,),
        discount_rate=site.discount_rate,
        labels=site.labels,
    )


def _fuel(name: str, price: float, emission_factor: float, carbon: float) -> Carrier:
    """Return a fuel whose price holds that of its CO2."""
    return Carrier(name=name, market=True, price=price + carbon * emission_factor, emission_factor=emission_factor)


def purchase_price(site: Site) -> Floats:
    """Return what a purchase costs at every hour, CO2 included, (8760,) [CNY/MWh]."""
    return site.tariff.purchase() + site.tariff.carbon * site.grid.emission_factor


def sale_price(site: Site) -> Floats:
    """Return what a sale pays at every hour, (8760,) [CNY/MWh]: the feed-in price, but less than a purchase costs."""
    return np.minimum(site.tariff.feed_in, purchase_price(site) - SALE_MARGIN)


def heat_pump_use(site: Site) -> Floats:
    """Return electricity for a unit of heat of the heat pump at every hour, (8760,) [1]."""
    assert site.heat_pump is not None
    return 1.0 / heat_pump_cop(site.profiles["temperature"], site.heat_pump.supply_temperature)


def chiller_use(site: Site) -> Floats:
    """Return electricity for a unit of cold of the chiller at every hour, (8760,) [1]."""
    assert site.chiller is not None
    cooler = np.minimum(35.0 - site.profiles["temperature"], MOST_COOLER)
    return np.asarray(1.0 / np.maximum(site.chiller.cop + site.chiller.cop_slope * cooler, 1.0), float)


def fleet_name(number: int) -> str:
    """Return the name of a group of vehicles."""
    return f"vehicles_{number + 1}"


@dataclass
class _Assembly:
    """Components and profiles while a site is put together."""

    site: Site
    sizing: bool

    def __post_init__(self) -> None:
        self.components: list[Component] = []
        self.profiles: dict[str, Floats] = {}

    def growth(self, device: Device, capacity: float) -> dict[str, Any]:
        """Return the parameters of what stands and can be built of a device."""
        if not self.sizing or device.largest <= capacity:
            return {"existing": capacity}
        return {
            "existing": capacity,
            "expandable": True,
            "potential": device.largest,
            "investment": device.investment,
            "fixed_om": device.fixed_om,
            "lifetime": device.lifetime,
        }


def _needs(assembly: _Assembly) -> None:
    """Add what is asked for."""
    site = assembly.site
    for use, carrier in CARRIERS.items():
        need = site.needs.get(use)
        if need is None or not need.any():
            continue
        assembly.profiles[use] = need / need.mean()
        assembly.components.append(
            Demand(
                name=f"{use}_need",
                node=NODE,
                carrier=carrier,
                annual=float(need.sum()),
                profile=use,
                value_of_lost_load=site.unserved,
            )
        )


def _grid(assembly: _Assembly) -> None:
    """Add the connection; under a transformer charge the highest purchase costs nothing."""
    site, grid = assembly.site, assembly.site.grid
    assembly.profiles["tariff"], assembly.profiles["sale_price"] = purchase_price(site), sale_price(site)
    assembly.components.append(
        Connection(
            name="grid",
            node=NODE,
            carrier=ELECTRICITY,
            capacity=grid.capacity,
            sale_capacity=grid.sale,
            tariff="tariff",
            sale_price="sale_price",
            demand_charge=0.0 if grid.transformer else site.tariff.demand_charge,
            emission_factor=grid.emission_factor,
        )
    )


def _renewables(assembly: _Assembly) -> None:
    for name in ("pv", "wind"):
        device = getattr(assembly.site, name)
        if device is not None:
            assembly.profiles[name] = assembly.site.profiles[name]
            growth = assembly.growth(device, device.capacity)
            assembly.components.append(
                Source(name=name, node=NODE, carrier=ELECTRICITY, availability=name, non_fossil=True, **growth)
            )


def _hydro(assembly: _Assembly) -> None:
    hydro = assembly.site.hydro
    if hydro is not None:
        assembly.profiles["inflow"] = assembly.site.profiles["inflow"]
        assembly.components.append(
            Reservoir(
                name="hydro",
                node=NODE,
                carrier=ELECTRICITY,
                volume=hydro.volume,
                annual_inflow=hydro.annual_inflow,
                inflow="inflow",
                existing=hydro.capacity,
            )
        )


def _thermal(assembly: _Assembly) -> None:
    thermal = assembly.site.thermal
    if thermal is not None:
        assembly.components.append(
            Converter(
                name="thermal",
                node=NODE,
                inputs={FUEL: 1.0},
                outputs={ELECTRICITY: 1.0},
                efficiency=thermal.efficiency,
                must_run=thermal.minimum_load,
                ramp_up=thermal.ramp if thermal.ramp < 1 else math.inf,
                ramp_down=thermal.ramp if thermal.ramp < 1 else math.inf,
                variable_om=thermal.variable_om,
                existing=thermal.capacity,
            )
        )


def _chp(assembly: _Assembly) -> None:
    chp = assembly.site.chp
    if chp is None:
        return
    outputs = {ELECTRICITY: 1.0}
    if not chp.extraction:
        outputs[HEAT] = chp.heat_efficiency / chp.electric_efficiency
    assembly.components.append(
        Converter(
            name="chp",
            node=NODE,
            inputs={GAS: 1.0},
            outputs=outputs,
            efficiency=chp.electric_efficiency,
            extraction=HEAT if chp.extraction else "",
            extraction_loss=chp.extraction_loss,
            extraction_ratio=chp.extraction_ratio,
            variable_om=chp.variable_om,
            **assembly.growth(chp, chp.capacity),
        )
    )


def _heating_and_cooling(assembly: _Assembly) -> None:
    site = assembly.site
    if site.gas_boiler is not None:
        boiler = site.gas_boiler
        growth = assembly.growth(boiler, boiler.capacity)
        assembly.components.append(
            Converter(
                name="gas_boiler",
                node=NODE,
                inputs={GAS: 1.0},
                outputs={HEAT: 1.0},
                efficiency=boiler.efficiency,
                **growth,
            )
        )
    for name, device, carrier, use in (
        ("heat_pump", site.heat_pump, HEAT, heat_pump_use),
        ("chiller", site.chiller, COLD, chiller_use),
    ):
        if device is not None:
            assembly.profiles[f"{name}_use"] = use(site)
            assembly.components.append(
                Converter(
                    name=name,
                    node=NODE,
                    inputs={ELECTRICITY: f"{name}_use"},
                    outputs={carrier: 1.0},
                    **assembly.growth(device, device.capacity),
                )
            )


def _stores(assembly: _Assembly) -> None:
    site = assembly.site
    battery = site.battery
    if battery is not None:
        one_way = math.sqrt(battery.efficiency)
        assembly.components.append(_store(assembly, "battery", battery, ELECTRICITY, one_way, battery.wear))
    for name, carrier in (("heat_store", HEAT), ("cold_store", COLD)):
        tank = getattr(site, name)
        if tank is not None:
            assembly.components.append(_store(assembly, name, tank, carrier))


def _store(
    assembly: _Assembly, name: str, device: Battery | Tank, carrier: str, one_way: float = 1.0, wear: float = 0.0
) -> Store:
    growth = assembly.growth(device, device.power)
    if growth.get("expandable") and isinstance(device, Battery):
        growth["energy_investment"] = device.energy_investment
    return Store(
        name=name,
        node=NODE,
        carrier=carrier,
        energy_existing=device.energy,
        charge_efficiency=one_way,
        discharge_efficiency=one_way,
        standing_loss=device.standing_loss,
        variable_om=wear,
        **growth,
    )


def _flexible(assembly: _Assembly) -> None:
    """Add the virtual store of load that can be moved."""
    flexible, need = assembly.site.flexible, assembly.site.needs.get("electricity")
    if flexible is not None and need is not None:
        power = flexible.share * float(need.mean())
        assembly.components.append(
            Store(
                name="flexible",
                node=NODE,
                carrier=ELECTRICITY,
                existing=power,
                energy_existing=power * flexible.window,
                variable_om=flexible.cost,
                initial=0.5,
            )
        )


def _vehicles(assembly: _Assembly) -> None:
    """Add each group as a fleet whose need of the day must be in it when it leaves."""
    site = assembly.site
    for number, group in enumerate(site.vehicles):
        name, gone = fleet_name(number), leaving(group, site.restday)
        assembly.profiles[f"{name}_plugged"] = plugged(group, site.restday)
        # a group that drives nothing has no shape
        assembly.profiles[f"{name}_leaving"] = gone / (gone.mean() or 1.0)
        assembly.components.append(_fleet(name, group, float(gone.sum()), site.unserved))


def _fleet(name: str, group: Vehicles, annual: float, worth: float) -> Fleet:
    """Return a group as a fleet; without giving back it holds no more than the need of the day."""
    room = group.battery if group.give_back else group.energy_per_day
    return Fleet(
        name=name,
        node=NODE,
        carrier=ELECTRICITY,
        vehicles=group.number,
        battery=room,
        charger=group.charger,
        annual_driving=annual / group.number,
        driving=f"{name}_leaving",
        plugged=f"{name}_plugged",
        efficiency=group.efficiency,
        v2g=group.give_back,
        v2g_cost=group.wear,
        value_of_driving=worth,
    )


_PARTS: Final[Sequence[Callable[[_Assembly], None]]] = (
    _needs,
    _grid,
    _renewables,
    _hydro,
    _thermal,
    _chp,
    _heating_and_cooling,
    _stores,
    _flexible,
    _vehicles,
)


def hours_of_day(day: int) -> range:
    """Return the hours of the year of a day of it, from 0."""
    return range(24 * day % HOURS_PER_YEAR, 24 * day % HOURS_PER_YEAR + 24)
