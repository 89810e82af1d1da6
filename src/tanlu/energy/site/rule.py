"""A site without a schedule: devices by a fixed order, whatever electricity costs.

Heat comes from combined heat and power first, then the heat pump, then the boiler; cold from the chiller when it is asked for. Wind and
solar power serve the site first, the battery takes what is too much and gives it back as soon as anything is missing (self-consumption),
vehicles charge as they arrive, no load is moved, water is used as it comes, and a thermal plant follows what is left.
"""

from __future__ import annotations

import math

import numpy as np

from tanlu.energy.problem import Floats
from tanlu.energy.site.dispatch import Dispatch, add_chp, needs, with_uses
from tanlu.energy.site.model import Site
from tanlu.energy.site.parking import on_arrival
from tanlu.energy.timegrid import HOURS_PER_YEAR


def unscheduled(site: Site, first: int, hours: int) -> Dispatch:
    """Return what a site does by the rule over some hours from an hour of its year; stores begin empty."""
    places = (first + np.arange(hours)) % HOURS_PER_YEAR
    series = needs(site, places)
    _heat(site, series)
    _cold(site, series)
    if site.vehicles:
        series["vehicles"] = np.sum([on_arrival(group, site.restday)[places] for group in site.vehicles], axis=0)
    result = with_uses(site, first, series)
    _power(site, result, series)
    return with_uses(site, first, series)


def _heat(site: Site, series: dict[str, Floats]) -> None:
    left = series["heat_need"].copy()
    if site.chp is not None:
        chp = site.chp
        room = series["electricity_need"] + site.grid.sale
        if chp.extraction:
            for_unit = 1.0 / chp.extraction_ratio + chp.extraction_loss
            heat = np.minimum.reduce([left, np.full(len(left), chp.capacity / for_unit), room * chp.extraction_ratio])
            series["chp_activity"], series["chp_extracted"] = heat * for_unit, heat
        else:
            ratio = chp.heat_efficiency / chp.electric_efficiency
            series["chp_activity"] = np.minimum.reduce([left / ratio, np.full(len(left), chp.capacity), room])
        add_chp(site, series)
        left = np.maximum(left - series["chp_heat"], 0.0)
    for name in ("heat_pump", "gas_boiler"):
        device = getattr(site, name)
        if device is not None:
            series[name] = np.minimum(left, device.capacity)
            left = left - series[name]
    series["heat_unserved"] = left


def _cold(site: Site, series: dict[str, Floats]) -> None:
    most = site.chiller.capacity if site.chiller is not None else 0.0
    cold = np.minimum(series["cooling_need"], most)
    if site.chiller is not None:
        series["chiller"] = cold
    series["cooling_unserved"] = series["cooling_need"] - cold


def _power(site: Site, known: Dispatch, series: dict[str, Floats]) -> None:
    """Balance electricity: own power, battery, grid."""
    places = known.places
    used = sum(known[name] for name in ("electricity_need", "heat_pump_use", "chiller_use", "vehicles"))
    left = used - known["chp"]
    if site.hydro is not None:
        inflow = site.hydro.annual_inflow / HOURS_PER_YEAR * site.profiles["inflow"][places]
        series["hydro"] = np.minimum(inflow, np.minimum(site.hydro.capacity, np.maximum(left + site.grid.sale, 0.0)))
        left = left - series["hydro"]
    free = {
        name: getattr(site, name).capacity * site.profiles[name][places]
        for name in ("pv", "wind")
        if getattr(site, name) is not None
    }
    left = left - sum(free.values())
    if site.thermal is not None:
        least = site.thermal.minimum_load * site.thermal.capacity
        series["thermal"] = np.clip(left, least, site.thermal.capacity)
        left = left - series["thermal"]
    if site.battery is not None:
        left = _battery(site, left, series)
    series["sale"] = np.minimum(np.maximum(-left, 0.0), site.grid.sale)
    series["purchase"] = np.minimum(np.maximum(left, 0.0), site.grid.capacity)
    series["electricity_unserved"] = np.maximum(left, 0.0) - series["purchase"]
    _curtail(np.maximum(-left, 0.0) - series["sale"], free, series)


def _battery(site: Site, left: Floats, series: dict[str, Floats]) -> Floats:
    """Charge what is too much, give what is missing, and return what is left to the grid."""
    battery = site.battery
    assert battery is not None
    one_way, kept = math.sqrt(battery.efficiency), 1.0 - battery.standing_loss
    charge, discharge, content = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left))
    held = 0.0
    for hour, missing in enumerate(left.tolist()):
        held *= kept
        if missing < 0:
            charge[hour] = min(-missing, battery.power, (battery.energy - held) / one_way)
        else:
            discharge[hour] = min(missing, battery.power, held * one_way)
        held += charge[hour] * one_way - discharge[hour] / one_way
        content[hour] = held
    series |= {"battery_charge": charge, "battery_discharge": discharge, "battery_content": content}
    return left + charge - discharge


def _curtail(surplus: Floats, free: dict[str, Floats], series: dict[str, Floats]) -> None:
    """Take what nobody can use off wind and sun in proportion, and then off the thermal plant, below its least load."""
    total = sum(free.values(), np.zeros(len(surplus)))
    share = np.divide(np.minimum(surplus, total), total, out=np.zeros(len(surplus)), where=total > 0)
    for name, power in free.items():
        series[name] = power * (1.0 - share)
    if "thermal" in series:
        series["thermal"] = series["thermal"] - np.maximum(surplus - total, 0.0)
