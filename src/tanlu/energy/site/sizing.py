"""What is worth building at a site: capacities at least cost over a year, with payback and net present value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Final

import numpy as np

from tanlu.energy.components.base import Expandable
from tanlu.energy.model import KILO
from tanlu.energy.operation import OperationError, window_of
from tanlu.energy.problem import Floats
from tanlu.energy.site.accounting import Costs, Indicators, costs, indicators, yuan
from tanlu.energy.site.devices import Battery, Device, Tank
from tanlu.energy.site.dispatch import Dispatch, dispatch_of
from tanlu.energy.site.model import DEVICES, Site
from tanlu.energy.site.system import site_system
from tanlu.energy.solvers.contract import solve
from tanlu.energy.system import Programme
from tanlu.energy.timegrid import HOURS_PER_YEAR, TimeGrid, annuity
from tanlu.energy.weather.noise import month_of_hour

LEAST: Final = 1e-3
"""What is not told of as built [MW or MWh]."""
_MONTHS: Final = range(12)
_GIVEN: Final = ("hydro", "thermal")
"""What is never sized: a reservoir is given by its valley, and a thermal plant is decided elsewhere."""


@dataclass(frozen=True, slots=True)
class Built:
    """What is built of a device.

    Parameters
    ----------
    device : str
    power : float
        Capacity that is added [MW].
    energy : float
        Energy that is added [MWh]; of stores.
    investment : Decimal
        What it costs [CNY].
    annual_cost : Decimal
        Annuity and fixed operation and maintenance [CNY/a].
    """

    device: str
    power: float
    energy: float
    investment: Decimal
    annual_cost: Decimal


@dataclass(frozen=True, eq=False)
class Sizing:
    """What is worth building.

    Parameters
    ----------
    site : Site
    built : tuple of Built
    before, after : Costs
        Cost of a year of best operation without and with it [CNY/a].
    before_indicators, after_indicators : Indicators
    investment : Decimal
        Of all [CNY].
    saving : Decimal
        Less cost of operation in a year, after fixed operation and maintenance of what is built [CNY/a].
    payback : float or None
        Investment over saving [a]; None where nothing is built or saved.
    net_present_value : Decimal
        Of saving less annuities over `years` [CNY].
    years : int
        Years that count [a].
    """

    site: Site
    built: tuple[Built, ...]
    before: Costs
    after: Costs
    before_indicators: Indicators
    after_indicators: Indicators
    investment: Decimal
    saving: Decimal
    payback: float | None
    net_present_value: Decimal
    years: int


def sizable(site: Site) -> list[str]:
    """Return the devices of a site that sizing can enlarge."""
    return [name for name in DEVICES if isinstance(getattr(site, name), Device) and name not in _GIVEN]


def sized(site: Site) -> list[str]:
    """Return the devices of which a site says that more may stand than does."""

    def standing(name: str) -> float:
        device = getattr(site, name)
        return float(device.power if isinstance(device, Battery | Tank) else device.capacity)

    return [name for name in sizable(site) if getattr(site, name).largest > standing(name)]


def size(
    site: Site,
    largest: Mapping[str, float] | None = None,
    *,
    years: int = 20,
    first_hour: int = 0,
    hours: int = HOURS_PER_YEAR,
) -> Sizing:
    r"""Return what is worth building.

    Each device pays the annuity of its investment over its own life, so that it is replaced at the same cost; with r the rate of interest
    and N years the net present value is :math:`(\text{saving} - \text{annuities})\,(1 - (1+r)^{-N})/r`. Compared are the best operation
    with and without what is built; what a schedule alone saves is not counted.

    Parameters
    ----------
    site : Site
    largest : mapping of str to float, optional
        Most that may stand of each device [MW]; as the site says where not given.
    years : int
        Years that count [a].
    first_hour, hours : int
        Hours of the year that stand for all of it [h].

    Raises
    ------
    OperationError
        When there is no plan.
    """
    for name, most in (largest or {}).items():
        site = replace(site, **{name: replace(getattr(site, name), largest=most)})
    _, _, before = _year(site, first_hour, hours, sizing=False)
    programme, primal, after = _year(site, first_hour, hours, sizing=True)
    built = _built(site, programme, primal)
    grown = _grown(site, built)
    cost_before, cost_after = _of_year(site, before), _of_year(grown, after)
    investment = sum((one.investment for one in built), Decimal(0))
    upkeep = sum(one.power * getattr(site, one.device).fixed_om for one in built)
    saving = float(cost_before.total - cost_after.total) - upkeep
    capital = float(sum((one.annual_cost for one in built), Decimal(0))) - upkeep
    return Sizing(
        site=site,
        built=built,
        before=cost_before,
        after=cost_after,
        before_indicators=indicators(site, before),
        after_indicators=indicators(grown, after),
        investment=investment,
        saving=yuan(saving),
        payback=float(investment) / saving if investment and saving > 0 else None,
        net_present_value=yuan((saving - capital) / annuity(site.discount_rate, years)),
        years=years,
    )


def _year(site: Site, first: int, hours: int, *, sizing: bool) -> tuple[Programme, Floats, Dispatch]:
    """Return the best operation of the hours that stand for a year, with or without building."""
    system = site_system(site, sizing=sizing)
    if hours != system.hours:
        system = window_of(system, first, hours)
    programme = system.compile(TimeGrid.hourly((site.year,), hours, annual=True))
    answer = solve(programme.problem)
    if not answer.found:
        raise OperationError(0, programme, answer)
    return programme, answer.primal, dispatch_of(site, programme, answer.primal, first)


def _built(site: Site, programme: Programme, primal: Floats) -> tuple[Built, ...]:
    """Return what is built of every device that could grow."""
    result = []
    for component in programme.system.components:
        if not isinstance(component, Expandable) or not component.expandable:
            continue
        device, blocks = getattr(site, component.name), programme.problem.column_blocks
        added = {
            part: float(programme.problem.values(primal, f"{component.name}.{part}")[0]) / KILO
            for part in ("build", "energy.build")
            if f"{component.name}.{part}" in blocks
        }
        power, energy = added["build"], added.get("energy.build", 0.0)
        if power < LEAST and energy < LEAST:
            continue
        investment = power * device.investment + energy * getattr(device, "energy_investment", 0.0)
        yearly = investment * annuity(site.discount_rate, device.lifetime) + power * device.fixed_om
        result.append(Built(component.name, power, energy, yuan(investment), yuan(yearly)))
    return tuple(result)


def _grown(site: Site, built: tuple[Built, ...]) -> Site:
    """Return the site with what is built."""
    for one in built:
        device = getattr(site, one.device)
        if isinstance(device, Battery | Tank):
            device = replace(device, power=device.power + one.power, energy=device.energy + one.energy)
        else:
            device = replace(device, capacity=device.capacity + one.power)
        site = replace(site, **{one.device: device})
    return site


def _of_year(site: Site, dispatch: Dispatch) -> Costs:
    """Return the costs of a year for which the hours of a dispatch stand; months that they touch stand for twelve."""
    found, share = costs(site, dispatch), HOURS_PER_YEAR / dispatch.hours
    months = len(np.unique(month_of_hour()[dispatch.places]))
    by_month = share if site.grid.transformer else len(_MONTHS) / months
    return Costs(
        **{
            field.name: yuan(float(getattr(found, field.name)) * (by_month if field.name == "demand" else share))
            for field in fields(found)
        }
    )
