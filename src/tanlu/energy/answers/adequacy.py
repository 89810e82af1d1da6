"""Whether there is enough: load that is not met, firm capacity over the peak, and the weeks of most stress."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tanlu.energy.answers.dispatch import dispatch_series
from tanlu.energy.answers.frame import Frame
from tanlu.energy.certificate import decided_capacities
from tanlu.energy.components import Demand, Fleet, Source
from tanlu.energy.model import KILO
from tanlu.energy.policies import ReserveMargin, peak_load
from tanlu.energy.problem import Floats
from tanlu.energy.solvers.answer import Solution
from tanlu.energy.system import Programme

_HOURS_PER_WEEK = 168
_NOT_MET = 1e-3
"""Load that counts as not met [MW]; below it is the tolerance of a solver."""


@dataclass(frozen=True, slots=True)
class Adequacy:
    """How well a system meets its load of one carrier in one period.

    Parameters
    ----------
    period : int
        Year.
    peak : float
        Highest load [MW].
    unserved : float
        Load of the year that is not met [MWh].
    unserved_share : float
        The same over the load of the year [1].
    unserved_hours : float
        Hours in which load is not met [h].
    firm : float
        Firm capacity by the credits of the reserve margin [MW]; nan where there is none.
    margin : float
        Firm capacity over the peak, less 1 [1].
    stress : Frame
        Weeks in the order of their highest residual load (load less what sun, wind and run of river could give): week, peak and mean of
        it [MW], load that is not met [MWh].
    """

    period: int
    peak: float
    unserved: float
    unserved_share: float
    unserved_hours: float
    firm: float
    margin: float
    stress: Frame


def adequacy(programme: Programme, solution: Solution, period: int = 0, carrier: str = "electricity") -> Adequacy:
    """Return how well a solved system meets its load.

    Parameters
    ----------
    programme, solution
        A solved system; over segments the peak is that of the hours, but hours of shortage between are not seen.
    period : int
        Position of the period.
    carrier : str
        What is asked for.
    """
    grid = programme.grid
    series = dispatch_series(programme, solution, carrier=carrier, period=period)
    by_name = dict(zip(series.names, series.values, strict=True))
    load = -by_name.get("load", np.zeros(grid.steps))
    missing = _missing(programme, solution, period, carrier)
    peak = float(peak_load(programme.model, programme.system.components, carrier)[period]) / KILO
    firm = _firm(programme, solution, period, carrier)
    unserved = float(missing @ grid.annual_hours)
    asked = float(load @ grid.annual_hours)
    return Adequacy(
        grid.years[period],
        peak,
        unserved,
        unserved / asked if asked > 0 else 0.0,
        float(grid.annual_hours[missing > _NOT_MET].sum()),
        firm,
        firm / peak - 1.0 if peak > 0 else float("nan"),
        _stress(programme, solution, period, carrier, load, missing),
    )


def _missing(programme: Programme, solution: Solution, period: int, carrier: str) -> Floats:
    """Return the load that is not met, (S,) [MW]."""
    total = np.zeros(programme.grid.steps)
    for flow in programme.model.flows:
        component = programme.system.component(flow.component)
        if flow.carrier == carrier and flow.quantity == "unserved" and isinstance(component, Demand | Fleet):
            total += solution.primal[flow.columns][period] / KILO
    return total


def _firm(programme: Programme, solution: Solution, period: int, carrier: str) -> float:
    """Return the firm capacity by the credits of the system's reserve margin [MW]."""
    sizes = decided_capacities(programme, solution)
    credits: Mapping[str, float] = {}
    for policy in programme.system.policies:
        if isinstance(policy, ReserveMargin) and policy.carrier == carrier:
            credits = policy.credits
    if not credits:
        return float("nan")
    return sum(
        credits[c.kind] * float(sizes[f"{c.name}.capacity"][period]) / KILO
        for c in programme.system.components
        if c.kind in credits and f"{c.name}.capacity" in sizes
    )


def _stress(
    programme: Programme, solution: Solution, period: int, carrier: str, load: Floats, missing: Floats
) -> Frame:
    """Return the weeks by the peak of their residual load."""
    grid, sizes = programme.grid, decided_capacities(programme, solution)
    free = np.zeros(grid.steps)
    for c in programme.system.components:
        if isinstance(c, Source) and c.carrier == carrier and not isinstance(c.availability, int | float):
            free += sizes[f"{c.name}.capacity"][period] * programme.model.steps(c.availability) / KILO
    residual = grid.to_hours(load - free)
    short = grid.to_hours(missing)
    weeks = max(grid.hours // _HOURS_PER_WEEK, 1)
    size = min(_HOURS_PER_WEEK, grid.hours)
    by_week, short = (a[: weeks * size].reshape(weeks, size) for a in (residual, short))
    order = np.argsort(-by_week.max(axis=1), kind="stable")
    return Frame(
        {
            "week": order + 1,
            "residual peak [MW]": by_week.max(axis=1)[order],
            "residual mean [MW]": by_week.mean(axis=1)[order],
            "unserved [MWh]": short.sum(axis=1)[order],
        }
    )
