r"""Demand that nothing can meet, seen from bounds that need no solver.

The most that can be supplied of a carrier in a group of nodes that lines join is, at hour t of period p, no more than

.. math:: \sum_i a_{i,t}\, o_i\, K_{i,p}

over all components i that make the carrier there, with availability a, output o for a unit of capacity and the most capacity K that can
ever stand; stores add their discharge, lines into a single node what they carry. Over a year stores add nothing, and limits of a year and
inflow count. Load that may not be shed above these bounds cannot be met, whatever is built.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tanlu.energy.checks.inspector import BOUNDLESS, Inspector
from tanlu.energy.checks.wording import figure, moment
from tanlu.energy.components import (
    Component,
    Connection,
    Contract,
    Converter,
    Demand,
    Fleet,
    Line,
    Reservoir,
    Source,
    Store,
)
from tanlu.energy.parameters import Hourly
from tanlu.energy.problem import Floats
from tanlu.energy.timegrid import HOURS_PER_YEAR

_SLIP: Final = 100.0
"""A plant, or a load, so many times the other is a slip of unit."""
_MARGIN: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Supplier:
    """The most that a component can supply.

    Parameters
    ----------
    name, node : str
    capacity : (P,) array
        Most capacity [MW].
    share : Hourly
        Share of it that can be had at every hour [1].
    annual : (P,) array
        Most of a year [MWh/a].
    """

    name: str
    node: str
    capacity: Floats
    share: Hourly
    annual: Floats


@dataclass
class Place:
    """Loads and suppliers of a carrier at one node."""

    suppliers: list[Supplier] = field(default_factory=list)
    loads: list[tuple[Demand | Fleet, Floats, Hourly]] = field(default_factory=list)
    """Component, mean load (P,) [MW] and profile."""
    firm: Floats | None = None
    """Load that may not be shed, (P, H) [MW]."""


def check_supply(inspector: Inspector) -> None:
    """Check every carrier that flows between components."""
    for carrier in inspector.system.carriers:
        if carrier.market:
            continue
        places = _places(inspector, carrier.name)
        lines = [c for c in inspector.system.components if isinstance(c, Line) and c.carrier == carrier.name]
        for group in _groups(inspector, lines):
            here = {node: places[node] for node in group if node in places}
            if not any(place.loads for place in here.values()):
                continue
            if not any(place.suppliers for place in here.values()):
                _tell_disconnected(inspector, here, carrier.name)
                continue
            if not _check_scale(inspector, here):
                _check_group(inspector, group, here, lines)


def _places(inspector: Inspector, carrier: str) -> dict[str, Place]:
    """Return loads and suppliers of a carrier by node."""
    places = dict[str, Place]()
    for component in inspector.system.components:
        for supplier in _suppliers(inspector, component, carrier):
            places.setdefault(supplier.node, Place()).suppliers.append(supplier)
        if isinstance(component, Demand | Fleet) and component.carrier == carrier:
            place = places.setdefault(component.node, Place())
            mean, profile, firm = _load(inspector, component)
            place.loads.append((component, mean, profile))
            if np.any(firm):
                load = firm[:, None] * inspector.hourly(profile)
                place.firm = load if place.firm is None else place.firm + load
    return places


def _load(inspector: Inspector, component: Demand | Fleet) -> tuple[Floats, Hourly, Floats]:
    """Return the mean load of each period, its profile, and the mean of what may not be shed, (P,) [MW]."""
    if isinstance(component, Demand):
        mean = inspector.by_period(component.annual) / HOURS_PER_YEAR
        must = np.isinf(inspector.by_period(component.value_of_lost_load))
        share = max(0.0, 1.0 - component.shift_share - sum(s for s, _ in component.elasticity))
        return mean, component.profile, np.where(must, share * mean, 0.0)
    need = inspector.by_period(component.vehicles) * inspector.by_period(component.annual_driving)
    mean = need / component.efficiency / HOURS_PER_YEAR
    return mean, component.unmanaged_profile, (1.0 - component.managed) * mean


def _suppliers(inspector: Inspector, component: Component, carrier: str) -> Iterator[Supplier]:
    """Yield the most that a component supplies of a carrier."""
    if isinstance(component, Converter):
        if carrier in component.outputs or carrier in (component.extraction, component.captured_carrier):
            yield from _of_converter(inspector, component, carrier, inspector.most(component))
        return
    if getattr(component, "carrier", "") != carrier:
        return
    free = np.full(len(inspector.years), math.inf)
    most = inspector.most(component)
    if isinstance(component, Source):
        limit = inspector.by_period(component.annual_limit)
        yield Supplier(component.name, component.node, most, component.availability, limit)
    elif isinstance(component, Store):
        yield Supplier(component.name, component.node, most, 1.0, np.zeros(len(free)))
    elif isinstance(component, Contract):
        shape = np.minimum(1.0, (1.0 + component.leeway) * inspector.hourly(component.shape))
        limit = inspector.by_period(component.maximum_take) * HOURS_PER_YEAR * most
        yield Supplier(component.name, component.node, most, shape, limit)
    elif isinstance(component, Reservoir):
        fed = {c.downstream for c in inspector.system.components if isinstance(c, Reservoir)}
        limit = free if component.name in fed else inspector.by_period(component.annual_inflow)
        if component.initial is not None:
            limit = limit + component.volume
        yield Supplier(component.name, component.node, most, 1.0, limit)
    elif isinstance(component, Connection):
        capacity = np.full(len(free), min(component.capacity, BOUNDLESS))
        yield Supplier(component.name, component.node, capacity, 1.0, free)
    elif isinstance(component, Fleet) and component.v2g > 0:
        power = inspector.by_period(component.vehicles) * inspector.by_period(component.charger) * component.managed
        yield Supplier(component.name, component.node, power, component.plugged, np.zeros(len(free)))


def _of_converter(inspector: Inspector, plant: Converter, carrier: str, most: Floats) -> Iterator[Supplier]:
    """Yield what a plant makes of a carrier, by output, extraction and capture."""
    node = plant.places.get(carrier, plant.node)
    limit = inspector.by_period(plant.annual_limit)
    if carrier in plant.outputs:
        amount = plant.outputs[carrier]
        highest = float(np.max(inspector.hourly(amount)))
        share = inspector.hourly(plant.availability) * inspector.hourly(amount)
        yield Supplier(plant.name, node, most, share, limit * highest if highest > 0 else 0.0 * most)
    if carrier == plant.extraction and plant.extraction:
        heat = plant.extraction_ratio / (1.0 + plant.extraction_ratio * plant.extraction_loss)
        yield Supplier(plant.name, plant.node, most * heat, plant.availability, limit * heat)
    if plant.capture > 0 and carrier == plant.captured_carrier:
        yield Supplier(plant.name, node, np.full(len(most), BOUNDLESS), 1.0, np.full(len(most), math.inf))


def _groups(inspector: Inspector, lines: list[Line]) -> list[list[str]]:
    """Return the nodes in groups that lines with any capacity join."""
    leader = {node.name: node.name for node in inspector.system.nodes}

    def find(node: str) -> str:
        while leader[node] != node:
            node = leader[node]
        return node

    for line in lines:
        if np.any(inspector.most(line) > 0):
            leader[find(line.from_node)] = find(line.to_node)
    groups = dict[str, list[str]]()
    for node in leader:
        groups.setdefault(find(node), []).append(node)
    return list(groups.values())


def _tell_disconnected(inspector: Inspector, here: dict[str, Place], carrier: str) -> None:
    """Tell that there is demand where nothing makes the carrier and no line arrives."""
    for node, place in here.items():
        for component, mean, _ in place.loads:
            if np.any(mean > 0):
                others = ", ".join(n for n in here if n != node) or "–"
                inspector.tell("energy_disconnected", component.name, "node", node, carrier=carrier, others=others)


def _check_scale(inspector: Inspector, here: dict[str, Place]) -> bool:
    """Tell of a plant, or of a load, that is so much larger than the other that its unit must be wrong; return whether there is one."""
    peaks = [
        mean * float(np.max(inspector.hourly(profile))) for place in here.values() for _, mean, profile in place.loads
    ]
    load = float(np.sum(peaks, axis=0).max())
    suppliers = [supplier for place in here.values() for supplier in place.suppliers]
    most = float(np.sum([s.capacity for s in suppliers], axis=0).max())
    found = False
    if load > _SLIP * most > 0:
        component = max((entry for place in here.values() for entry in place.loads), key=lambda e: float(e[1].max()))[0]
        amount = {"most": figure(most), "ratio": f"{load / most:.0f}"}
        inspector.tell("energy_load_scale", component.name, _amount_of(component), figure(load), **amount)
        found = True
    for supplier in suppliers:
        component_ = inspector.system.component(supplier.name)
        standing = getattr(component_, "standing", None)
        size = float(standing(inspector.years).max()) if standing is not None else 0.0
        if 0 < load < size / _SLIP:
            ratio = {"peak": figure(load), "ratio": f"{size / load:.0f}"}
            inspector.tell("energy_capacity_scale", supplier.name, "existing", figure(size), **ratio)
            found = True
    return found


def _amount_of(component: Demand | Fleet) -> str:
    return "annual" if isinstance(component, Demand) else "vehicles"


def _check_group(inspector: Inspector, group: list[str], here: dict[str, Place], lines: list[Line]) -> None:
    """Check peak and year of the nodes of a group together, and the peak of each alone with its lines."""
    firm = [place.firm for place in here.values() if place.firm is not None]
    if not firm:
        return
    suppliers = [s for place in here.values() for s in place.suppliers]
    name = ", ".join(group[:5]) + (" …" if len(group) > 5 else "")
    owners = [c for place in here.values() if place.firm is not None for c, _, _ in place.loads]
    total = np.sum(firm, axis=0)
    if _tell_peak(inspector, owners[0], name, total, _most_hourly(inspector, suppliers)):
        return
    if _tell_year(inspector, owners[0], name, total, suppliers):
        return
    for node, place in here.items():
        if place.firm is None or len(group) == 1:
            continue
        most = _most_hourly(inspector, place.suppliers)
        for line in lines:
            if line.to_node == node or (line.from_node == node and not line.one_way):
                most = most + (1.0 - line.loss) * inspector.most(line)[:, None] * inspector.hourly(line.availability)
        _tell_peak(inspector, place.loads[0][0], node, place.firm, most)


def _most_hourly(inspector: Inspector, suppliers: list[Supplier]) -> Floats:
    """Return the most that suppliers give together, (P, H) [MW]."""
    total = np.zeros((len(inspector.years), inspector.system.hours))
    for supplier in suppliers:
        total += supplier.capacity[:, None] * inspector.hourly(supplier.share)
    return total


def _tell_peak(inspector: Inspector, owner: Demand | Fleet, place: str, load: Floats, most: Floats) -> bool:
    """Tell the hour at which most is missing; return whether there is one."""
    short = load - most
    p, hour = (int(i) for i in np.unravel_index(int(short.argmax()), short.shape))
    if short[p, hour] <= _MARGIN * load[p, hour]:
        return False
    inspector.tell(
        "energy_peak_short",
        owner.name,
        _amount_of(owner),
        figure(load[p, hour]),
        place=place,
        year=inspector.years[p],
        when=moment(hour, inspector.system.hours),
        most=figure(most[p, hour]),
        short=figure(short[p, hour]),
    )
    return True


def _tell_year(
    inspector: Inspector, owner: Demand | Fleet, place: str, load: Floats, suppliers: list[Supplier]
) -> bool:
    """Tell the first period whose energy is missing; return whether there is one."""
    hours = HOURS_PER_YEAR / inspector.system.hours if inspector.system.annual else 1.0
    need = load.sum(axis=1) * hours
    most = np.zeros(len(need))
    for supplier in suppliers:
        available = supplier.capacity * float(inspector.hourly(supplier.share).sum()) * hours
        most += np.minimum(available, supplier.annual)
    short = np.flatnonzero(need > most * (1 + _MARGIN))
    if not len(short):
        return False
    p = int(short[0])
    amounts = {"most": figure(most[p] / 1e3), "short": figure((need[p] - most[p]) / 1e3)}
    inspector.tell(
        "energy_year_short",
        owner.name,
        _amount_of(owner),
        figure(need[p] / 1e3),
        place=place,
        year=inspector.years[p],
        **amounts,
    )
    return True
