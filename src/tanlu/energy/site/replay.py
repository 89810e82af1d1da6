"""Some days replayed: what a site would have paid with a schedule renewed every hour, without one, and with perfect foresight."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np

from tanlu.energy.operation import Forecast, NoisyForecast, Rules, operate
from tanlu.energy.site.accounting import Costs, Indicators, costs, indicators
from tanlu.energy.site.dispatch import Dispatch, dispatch_of
from tanlu.energy.site.model import Site
from tanlu.energy.site.rule import unscheduled
from tanlu.energy.site.schedule import day_of_year, plan
from tanlu.energy.site.states import guide_of, start
from tanlu.energy.site.system import site_system

HORIZON: Final = 24
"""Hours that each plan sees [h]."""
ERRORS: Final = {"pv": 0.15, "wind": 0.20, "electricity": 0.04, "heat": 0.06, "cooling": 0.08}
"""Standard deviation of forecasts a day ahead, relative [1]; assumed (grade D)."""


@dataclass(frozen=True, eq=False)
class Case:
    """One way to run the days.

    Parameters
    ----------
    name : str
        ``scheduled``, ``unscheduled`` or ``foresight``.
    dispatch : Dispatch
    costs : Costs
    indicators : Indicators
    """

    name: str
    dispatch: Dispatch
    costs: Costs
    indicators: Indicators


@dataclass(frozen=True, eq=False)
class Replay:
    """Days run in three ways.

    Parameters
    ----------
    site : Site
    first_day : datetime.date
    days : int
    scheduled, unscheduled, foresight : Case
        Planned anew every hour on forecasts; by the rule; planned once knowing everything.
    residual : float
        Largest relative violation of the equations of all hours by the scheduled run.
    seconds : float
        Time of all three [s].
    """

    site: Site
    first_day: datetime.date
    days: int
    scheduled: Case
    unscheduled: Case
    foresight: Case
    residual: float
    seconds: float

    @property
    def cases(self) -> tuple[Case, Case, Case]:
        """All three."""
        return self.unscheduled, self.scheduled, self.foresight


def replay(
    site: Site,
    first_day: datetime.date,
    days: int,
    forecast: Forecast | None = None,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Replay:
    """Replay some days.

    Parameters
    ----------
    site : Site
    first_day : datetime.date
    days : int
        At most 365.
    forecast : Forecast, optional
        Of each plan; with errors as `ERRORS` where not given.
    seed : int
        Of those errors.
    progress : callable, optional
        Called with hours done and hours in all.

    Raises
    ------
    OperationError
        When an hour has no plan.
    """
    began = perf_counter()
    first, hours = 24 * day_of_year(first_day), 24 * days
    run = operate(
        site_system(site),
        site.year,
        {},
        first=first,
        hours=hours,
        rules=Rules(horizon=HORIZON, step=1),
        forecast=forecast or NoisyForecast(ERRORS, seed=seed),
        plan=guide_of(site, first, hours),
        states=start(site, first),
        progress=progress,
    )
    dispatches = {
        "scheduled": dispatch_of(site, run.programme, run.solution.primal, first),
        "unscheduled": unscheduled(site, first, hours),
        "foresight": plan(site, first, hours),
    }
    cases = {name: _case(site, name, dispatch) for name, dispatch in dispatches.items()}
    return Replay(
        site,
        first_day,
        days,
        **cases,
        residual=float(np.max([run.residuals.relative_row, run.residuals.relative_bound])),
        seconds=perf_counter() - began,
    )


def _case(site: Site, name: str, dispatch: Dispatch) -> Case:
    return Case(name, dispatch, costs(site, dispatch), indicators(site, dispatch))
