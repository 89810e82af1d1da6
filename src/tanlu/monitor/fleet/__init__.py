"""A demonstration fleet: enterprises, meters and readings that never were, seeded, with faults and tampering of which the truth is known.

In: size, period, seed, and what a province folder says of regions, weather, calendar. Out: tables of units and meters, readings day by day,
late readings, and the truth. Everything is marked as demonstration. It must not know the ledger or how readings are judged.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.monitor.fleet.design import Fleet as Fleet
    from tanlu.monitor.fleet.design import design_fleet as design_fleet
    from tanlu.monitor.fleet.readings import DayReadings as DayReadings
    from tanlu.monitor.fleet.readings import FleetState as FleetState
    from tanlu.monitor.fleet.readings import simulate_days as simulate_days
    from tanlu.monitor.fleet.surroundings import Surroundings as Surroundings
    from tanlu.monitor.fleet.surroundings import read_surroundings as read_surroundings
    from tanlu.monitor.fleet.writing import write_fleet as write_fleet

_HOMES = {
    "design": ("Fleet", "design_fleet"),
    "readings": ("DayReadings", "FleetState", "simulate_days"),
    "surroundings": ("Surroundings", "read_surroundings"),
    "writing": ("write_fleet",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}
__all__ = [
    "DayReadings",
    "Fleet",
    "FleetState",
    "Surroundings",
    "design_fleet",
    "read_surroundings",
    "simulate_days",
    "write_fleet",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
