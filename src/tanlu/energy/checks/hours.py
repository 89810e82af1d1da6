"""Hours of profiles: as many as there must be, finite, and within what they may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tanlu.energy.checks.inspector import Inspector, place_of
from tanlu.energy.checks.wording import figure, moment
from tanlu.energy.components import Component, Connection, Converter
from tanlu.energy.parameters import Quantity, declared
from tanlu.energy.problem import Floats
from tanlu.energy.timegrid import HOURS_PER_YEAR

_OVER_MEAN: Final = ("profile", "inflow", "driving", "unmanaged_profile")
"""Profiles over their mean: their mean is 1, so that the amount of the year stays what it is said to be."""
_MEAN_TOLERANCE: Final = 0.01
_NEGATIVE: Final = {"inflow": "energy_negative_inflow", "profile": "energy_negative_load"}


def check_hours(inspector: Inspector) -> None:
    """Check every profile that a component uses, each once."""
    seen = set[tuple[object, str]]()
    for component in inspector.system.components:
        for parameter, quantity in declared(type(component)).items():
            value = getattr(component, parameter)
            if quantity.kind != "hourly" or isinstance(value, int | float):
                if parameter in _OVER_MEAN and isinstance(value, int | float):
                    _check_mean(inspector, component, parameter, np.full(1, float(value)))
                continue
            key = (value if isinstance(value, str) else id(value), parameter)
            if key not in seen:
                seen.add(key)
                _check_profile(inspector, component, parameter, quantity, value)
        if isinstance(component, Converter):
            for parameter, carrier, value in _amounts(component):
                key = (value if isinstance(value, str) else id(value), "amount")
                if key not in seen:
                    seen.add(key)
                    _check_profile(inspector, component, parameter, Quantity("1"), value, carrier)
        _check_pairs(inspector, component)


def _amounts(component: Converter) -> Iterator[tuple[str, str, object]]:
    """Yield the inputs and outputs that differ by hour."""
    for parameter in ("inputs", "outputs"):
        for carrier, value in getattr(component, parameter).items():
            if not isinstance(value, int | float):
                yield parameter, carrier, value


def _check_profile(
    inspector: Inspector, component: Component, parameter: str, quantity: Quantity, value: object, carrier: str = ""
) -> None:
    system = inspector.system
    if isinstance(value, str):
        if value not in system.profiles:
            inspector.unusable = True
            inspector.unknown("profile", component.name, parameter, value, system.profiles)
            return
        value = system.profiles[value]
    hours = np.asarray(value, float)
    if hours.shape != (system.hours,):
        inspector.unusable = True
        inspector.tell("energy_length", component.name, parameter, len(np.atleast_1d(hours)), wanted=system.hours)
        return
    where: dict[str, object] = {"place": place_of(component) or component.name, "component": component.name}
    finite = np.isfinite(hours)
    if not finite.all():
        inspector.unusable = True
        hour = int(np.argmin(finite))
        when = {"when": moment(hour, system.hours), "count": int((~finite).sum())}
        inspector.tell_profile("energy_hour_not_finite", component.name, parameter, hour, hours[hour], **when, **where)
        return
    for code, wrong, hour, limit in (
        (_NEGATIVE.get(parameter, "energy_hour_below"), hours < quantity.low, int(hours.argmin()), quantity.low),
        ("energy_hour_above", hours > quantity.high + 1e-9, int(hours.argmax()), quantity.high),
    ):
        if wrong.any():
            when = {"when": moment(hour, system.hours), "count": int(wrong.sum()), "limit": figure(limit)}
            inspector.tell_profile(code, component.name, parameter, hour, figure(hours[hour]), **when, **where)
    if parameter in _OVER_MEAN:
        _check_mean(inspector, component, parameter, hours)


def _check_mean(inspector: Inspector, component: Component, parameter: str, hours: Floats) -> None:
    """A profile over its mean has the mean 1 where the hours stand for a year."""
    mean = float(hours.mean())
    if inspector.system.annual and abs(mean - 1.0) > _MEAN_TOLERANCE:
        details = {"component": component.name, "sum": f"{mean * HOURS_PER_YEAR:.1f}"}
        inspector.tell_profile("energy_mean", component.name, parameter, -1, f"{mean:.4g}", **details)


def _check_pairs(inspector: Inspector, component: Component) -> None:
    """Check two profiles of which one may not be above the other at any hour."""
    pairs = [("must_run", "availability", "energy_must_run")]
    if isinstance(component, Connection) and component.sale_capacity > 0:
        pairs = [("sale_price", "tariff", "energy_sale_price")]
    for lower, upper, code in pairs:
        low, high = getattr(component, lower, 0.0), getattr(component, upper, 0.0)
        if isinstance(low, int | float) and low <= 0.0 and code == "energy_must_run":
            continue
        least, most = inspector.hourly(low), inspector.hourly(high)
        over = least - most
        hour = int(over.argmax())
        if over[hour] > 1e-9:
            details = {"limit": figure(most[hour]), "when": moment(hour, inspector.system.hours)}
            inspector.tell(code, component.name, lower, figure(least[hour]), **details)
