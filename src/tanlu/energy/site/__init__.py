"""What a park, a campus, a works or a building should do tomorrow, and what it gains by it.

In comes a `Site`: what it needs, what stands there, and its tariff; out come the schedule of a day, a replay of some days with forecasts
as they would have been, and what is worth building. The site is an energy system like any other (`site_system`), so that components,
solvers and operation are those of `tanlu.energy`. It knows nothing of commands and pages.
"""

from tanlu.energy.site.accounting import Costs, Indicators, costs, indicators
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
from tanlu.energy.site.dispatch import Dispatch
from tanlu.energy.site.model import Grid, Site
from tanlu.energy.site.reading import read_site, shipped_sites
from tanlu.energy.site.replay import Case, Replay, replay
from tanlu.energy.site.schedule import Schedule, schedule
from tanlu.energy.site.sizing import Sizing, size
from tanlu.energy.site.system import site_system
from tanlu.energy.site.tariff import Tariff

__all__ = [
    "Battery",
    "Boiler",
    "Case",
    "Chiller",
    "Chp",
    "Costs",
    "Dispatch",
    "Flexible",
    "Grid",
    "HeatPump",
    "Hydro",
    "Indicators",
    "Renewable",
    "Replay",
    "Schedule",
    "Site",
    "Sizing",
    "Tank",
    "Tariff",
    "Thermal",
    "Vehicles",
    "costs",
    "indicators",
    "read_site",
    "replay",
    "schedule",
    "shipped_sites",
    "site_system",
    "size",
]
