"""Numbers: finite, within what they may be, and within what is usual for their unit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np

from tanlu.energy.checks.inspector import Inspector
from tanlu.energy.checks.wording import figure
from tanlu.energy.components import Asset, Carrier, Component, Contract, Converter, Demand, Expandable, Reservoir, Store
from tanlu.energy.parameters import Quantity, declared
from tanlu.energy.policies import Policy

_MAY_BE_INFINITE: Final = ("value_of_lost_load",)


def check_values(inspector: Inspector) -> None:
    """Check every number of carriers, components and policies, and those that must fit together."""
    system = inspector.system
    if not 0.0 <= system.discount_rate <= 0.5:
        details = {"low": "0", "high": "0.5", "unit": "1"}
        inspector.tell("energy_out_of_range", "system", "discount_rate", figure(system.discount_rate), **details)
    mass = {c.name for c in system.carriers if c.unit == "t"}
    things: list[Carrier | Component | Policy] = [*system.carriers, *system.components, *system.policies]
    for thing in things:
        for parameter, quantity in declared(type(thing)).items():
            _check_parameter(inspector, thing, parameter, quantity, mass)
    for carrier in system.carriers:
        if carrier.price != 0 and not carrier.market:
            inspector.tell("energy_price_without_market", carrier.name, "price", _text(carrier.price))
    for component in system.components:
        if isinstance(component, Expandable):
            _check_capacity(inspector, component)
        _check_together(inspector, component)
    for policy in system.policies:
        for technology, credit in getattr(policy, "credits", {}).items():
            _check_share(inspector, policy.name, f"credits.{technology}", credit, 1.0)


def _check_parameter(
    inspector: Inspector, thing: Carrier | Component | Policy, parameter: str, quantity: Quantity, mass: set[str]
) -> None:
    value = getattr(thing, parameter)
    for year, number in _numbers(value):
        at = {"unit": quantity.unit, "year": year}
        if math.isnan(number) or (math.isinf(number) and not _may_be_infinite(type(thing), parameter)):
            inspector.unusable = True
            inspector.tell("energy_not_finite", thing.name, parameter, figure(number), **at)
        elif not quantity.low <= number <= quantity.high:
            limits = {"low": figure(quantity.low), "high": figure(quantity.high)}
            inspector.tell("energy_out_of_range", thing.name, parameter, figure(number), **limits, **at)
        elif quantity.usual is not None and not _by_mass(thing, mass):
            _check_usual(inspector, thing, parameter, quantity, number)


def _numbers(value: Any) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a parameter with their year; profiles are looked at hour by hour elsewhere."""
    if isinstance(value, Mapping):
        for year, number in value.items():
            yield str(year), float(number)
    elif isinstance(value, int | float):
        yield "", float(value)
    elif isinstance(value, tuple):
        for asset in value:
            yield asset.name, float(asset.capacity)


def _may_be_infinite(cls: type, parameter: str) -> bool:
    """Tell whether a parameter may be without limit: where that is its default, and for load that must be met."""
    default = getattr(cls, parameter, None)
    return parameter in _MAY_BE_INFINITE or (isinstance(default, float) and math.isinf(default))


def _by_mass(thing: Carrier | Component | Policy, mass: set[str]) -> bool:
    """Tell whether the unit of a thing is a tonne, for which ranges are not known."""
    if isinstance(thing, Carrier):
        return thing.unit == "t"
    names: Iterable[str] = getattr(thing, "outputs", ()) or (getattr(thing, "carrier", ""),)
    return next(iter(names), "") in mass


def _check_usual(
    inspector: Inspector, thing: Carrier | Component | Policy, parameter: str, quantity: Quantity, number: float
) -> None:
    """A number far from what is usual is most often a slip of unit; nothing at all is meant as it is."""
    low, high = quantity.usual or (-math.inf, math.inf)
    kind = thing.kind if isinstance(thing, Component) else thing.name
    meant = {f"{thing.name}.{parameter}", f"{kind}.{parameter}"} & set(inspector.accepted)
    if number == 0 or math.isinf(number) or low <= number <= high or meant:
        return
    slip = next((f for f in (1e-3, 1e3, 1e-6, 1e6) if low <= number * f <= high), None)
    inspector.tell(
        "energy_unusual",
        thing.name,
        parameter,
        figure(number),
        low=figure(low),
        high=figure(high),
        unit=quantity.unit,
        guess=figure(number * slip) if slip else "–",
        name=f"{kind}.{parameter}",
    )


def _check_capacity(inspector: Inspector, component: Expandable) -> None:
    """What stands, what must stand and what may stand fit together, and plants run before they retire."""
    stands = component.standing(inspector.years)
    least, most = inspector.by_period(component.minimum), inspector.by_period(component.potential)
    for code, upper, lower in (
        ("energy_existing_above_potential", most, stands),
        ("energy_minimum_above_potential", most, least),
        ("energy_minimum_not_built", np.inf + stands if component.expandable else np.maximum(stands, 0.0), least),
    ):
        wrong = np.flatnonzero(lower > upper * (1 + 1e-9))
        if len(wrong):
            p = int(wrong[0])
            parameter = "existing" if code.startswith("energy_existing") else "minimum"
            values = {"limit": figure(upper[p]), "year": inspector.years[p]}
            inspector.tell(code, component.name, parameter, figure(lower[p]), **values)
    for asset in component.existing if isinstance(component.existing, tuple) else ():
        _check_asset(inspector, component, asset)


def _check_asset(inspector: Inspector, component: Expandable, asset: Asset) -> None:
    if not (asset.energy >= 0 and math.isfinite(asset.energy)):
        limits = {"low": "0", "high": "inf", "unit": "MWh"}
        inspector.tell("energy_out_of_range", component.name, "existing", figure(asset.energy), **limits)
    if asset.commissioned is not None and asset.retires is not None and asset.retires <= asset.commissioned:
        name = asset.name or component.name
        inspector.tell(
            "energy_retires_first", component.name, "existing", asset.retires, asset=name, start=asset.commissioned
        )


def _check_together(inspector: Inspector, component: Component) -> None:
    """Check what parameters of one component say together."""
    name = component.name
    if isinstance(component, Store):
        energy = component.hours if component.hours is not None else component.energy_standing(inspector.years).max()
        if energy == 0 and (component.hours is not None or not component.expandable):
            inspector.tell("energy_store_without_energy", name, "hours", "")
    if isinstance(component, Reservoir) and component.initial is not None and component.initial < component.dead_share:
        inspector.tell(
            "energy_initial_below_dead", name, "initial", figure(component.initial), dead=figure(component.dead_share)
        )
    if isinstance(component, Contract):
        least, most = inspector.by_period(component.minimum_take), inspector.by_period(component.maximum_take)
        if np.any(least > most):
            p = int(np.argmax(least - most))
            details = {"limit": figure(most[p]), "year": inspector.years[p]}
            inspector.tell("energy_take", name, "minimum_take", figure(least[p]), **details)
    if isinstance(component, Converter):
        if not component.outputs and not component.capture:
            inspector.tell("energy_no_output", name, "outputs", "")
        for parameter in ("inputs", "outputs"):
            for carrier, amount in getattr(component, parameter).items():
                _check_share(inspector, name, f"{parameter}.{carrier}", amount, math.inf)
    if isinstance(component, Demand):
        for step, (share, price) in enumerate(component.elasticity, 1):
            _check_share(inspector, name, f"elasticity.{step}", share, 1.0)
            _check_share(inspector, name, f"elasticity.{step}", price, math.inf)


def _check_share(inspector: Inspector, owner: str, parameter: str, value: object, high: float) -> None:
    """Check a number that stands in a list or mapping; profiles are looked at elsewhere."""
    if not isinstance(value, int | float):
        return
    if not math.isfinite(value):
        inspector.unusable = True
        inspector.tell("energy_not_finite", owner, parameter, figure(value), unit="1")
    elif not 0.0 <= value <= high:
        inspector.tell("energy_out_of_range", owner, parameter, figure(value), low="0", high=figure(high), unit="1")


def _text(value: Any) -> str:
    return ", ".join(figure(number) for _, number in _numbers(value))
