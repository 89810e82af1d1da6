"""The schedule of a day: what every device does at every hour, in numbers and in words, and what it saves."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from tanlu.energy.model import State
from tanlu.energy.operation import Forecast, OperationError, PerfectForecast, window_of
from tanlu.energy.problem import Floats
from tanlu.energy.site.accounting import Costs, Indicators, costs, indicators
from tanlu.energy.site.dispatch import Dispatch, dispatch_of
from tanlu.energy.site.model import Site
from tanlu.energy.site.rule import unscheduled
from tanlu.energy.site.states import to_the_end
from tanlu.energy.site.system import site_system
from tanlu.energy.solvers.contract import solve
from tanlu.energy.timegrid import TimeGrid
from tanlu.energy.weather.noise import month_of_hour

SWITCHED: Final = (
    "battery_charge", "battery_discharge", "vehicles", "vehicles_back", "chp", "thermal", "hydro", "heat_pump", "gas_boiler",
    "heat_store_charge", "heat_store_discharge", "chiller", "cold_store_charge", "cold_store_discharge", "flexible_more",
    "flexible_less", "sale",
)  # fmt: skip
"""Series that somebody switches, in the order in which they are told."""
_NOTHING: Final = 1e-2
"""Share of its highest hour below which a device is not told of."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a device does without a break.

    Parameters
    ----------
    series : str
        Of `SWITCHED`.
    start, end : int
        From the beginning of one hour to that of another [h of the day].
    mean : float
        Mean power [MW].
    """

    series: str
    start: int
    end: int
    mean: float


@dataclass(frozen=True, eq=False)
class Schedule:
    """A day of a site, scheduled and by the rule.

    Parameters
    ----------
    site : Site
    day : datetime.date
        The day.
    scheduled, unscheduled : Dispatch
        What the devices do with and without the schedule.
    costs, costs_unscheduled : Costs
        What either costs [CNY].
    indicators, indicators_unscheduled : Indicators
        How the site fares.
    prices : (24,) array
        Price of a purchase, with CO2 [CNY/MWh].
    """

    site: Site
    day: datetime.date
    scheduled: Dispatch
    unscheduled: Dispatch
    costs: Costs
    costs_unscheduled: Costs
    indicators: Indicators
    indicators_unscheduled: Indicators
    prices: Floats

    @property
    def actions(self) -> tuple[Action, ...]:
        """What to switch on when."""
        return tuple(action for name in SWITCHED for action in actions_of(name, self.scheduled[name]))


def actions_of(name: str, series: Floats) -> list[Action]:
    """Return the spans of hours in which a series is not zero."""
    threshold = max(_NOTHING * float(series.max(initial=0.0)), 1e-6)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (series > threshold).astype(int), [0]])))
    return [
        Action(name, int(a), int(b), float(series[a:b].mean())) for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]


def day_of_year(day: datetime.date) -> int:
    """Return the day of a year of 365 days, from 0; 29 February is taken as the day before."""
    return datetime.date(2001, day.month, min(day.day, 28) if day.month == 2 else day.day).timetuple().tm_yday - 1


def plan(
    site: Site,
    first: int,
    hours: int,
    forecast: Forecast | None = None,
    states: Mapping[str, State] | None = None,
    peaks: Mapping[int, float] | None = None,
) -> Dispatch:
    """Return the least-cost dispatch of some hours that are known, or as they are expected.

    Parameters
    ----------
    site : Site
    first, hours : int
        First hour of the year and number of hours [h].
    forecast : Forecast, optional
        What is known of them; everything where not given.
    states : mapping, optional
        What is stored before and has to be there after, by component; as `tanlu.energy.site.states` says where not given.
    peaks : mapping of int to float, optional
        Highest purchase that months (from 0) have seen before [MW].

    Raises
    ------
    OperationError
        When there is no plan.
    """
    window = window_of(site_system(site), first, hours)
    if forecast is not None:
        window = replace(window, profiles=forecast.expect(window.profiles, 0))
    begin = {**(states or to_the_end(site, first, hours)), "grid": State(peaks=peaks or {})}
    programme = window.compile(TimeGrid.hourly((site.year,), hours, annual=False), states=begin)
    answer = solve(programme.problem)
    if not answer.found:
        raise OperationError(0, programme, answer)
    return dispatch_of(site, programme, answer.primal, first)


def schedule(
    site: Site,
    day: datetime.date,
    forecast: Forecast | None = None,
    *,
    peak_so_far: float | None = None,
    states: Mapping[str, State] | None = None,
) -> Schedule:
    """Return the schedule of a day.

    Parameters
    ----------
    site : Site
    day : datetime.date
    forecast : Forecast, optional
        What is known of the day; everything where not given.
    peak_so_far : float, optional
        Highest purchase that the month has seen [MW]; only what lies above it costs. Where not given the month begins with this day.
    states : mapping, optional
        What is stored at the start by component; stores are empty where not given.

    Raises
    ------
    OperationError
        When there is no plan.
    """
    first = 24 * day_of_year(day)
    month = int(month_of_hour()[first])
    peaks = {} if peak_so_far is None else {month: peak_so_far}
    best = plan(site, first, 24, forecast or PerfectForecast(), states, peaks)
    rule = unscheduled(site, first, 24)
    carbon = site.tariff.carbon * site.grid.emission_factor
    return Schedule(
        site=site,
        day=day,
        scheduled=best,
        unscheduled=rule,
        costs=costs(site, best, peaks),
        costs_unscheduled=costs(site, rule, peaks),
        indicators=indicators(site, best),
        indicators_unscheduled=indicators(site, rule),
        prices=site.tariff.purchase()[first : first + 24] + carbon,
    )
