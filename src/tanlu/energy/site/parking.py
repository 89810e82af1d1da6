"""When vehicles are plugged in, when they leave, and how they would charge on arrival."""

from __future__ import annotations

import numpy as np

from tanlu.energy.problem import Floats
from tanlu.energy.site.devices import Vehicles
from tanlu.energy.timegrid import HOURS_PER_YEAR


def arrivals(group: Vehicles, restday: tuple[bool, ...]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the hours of the year at which a group arrives."""
    days = np.flatnonzero(~np.asarray(restday) | group.every_day)
    return days * 24 + group.arrival


def plugged(group: Vehicles, restday: tuple[bool, ...]) -> Floats:
    """Return the share of a group that is plugged in at every hour, (8760,) [1]."""
    result = np.zeros(HOURS_PER_YEAR)
    hours = arrivals(group, restday)[:, None] + np.arange(group.stay)
    result[hours % HOURS_PER_YEAR] = 1.0
    return result


def leaving(group: Vehicles, restday: tuple[bool, ...]) -> Floats:
    """Return the energy that leaves with a group at every hour, (8760,) [MWh].

    It is taken out in the last plugged hour, so that the battery must hold it when the vehicles leave.
    """
    result = np.zeros(HOURS_PER_YEAR)
    result[(arrivals(group, restday) + group.stay - 1) % HOURS_PER_YEAR] = group.number * group.energy_per_day
    return result


def on_arrival(group: Vehicles, restday: tuple[bool, ...]) -> Floats:
    """Return what a group takes from the grid when every vehicle charges at full power from its arrival, (8760,) [MW]."""
    result = np.zeros(HOURS_PER_YEAR)
    need = group.energy_per_day / group.efficiency
    start = arrivals(group, restday)
    for hour in range(group.stay):
        power = min(group.charger, max(need - hour * group.charger, 0.0))
        result[(start + hour) % HOURS_PER_YEAR] += group.number * power
    return result
