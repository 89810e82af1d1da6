"""Names: each once, and none of something that does not exist."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator

from tanlu.energy.checks.inspector import Inspector
from tanlu.energy.components import Component, Converter, Line, Reservoir


def check_names(inspector: Inspector, whole: bool = True) -> None:
    """Check periods, names, and what they refer to; nodes without anything are told only of a whole system."""
    system = inspector.system
    _check_periods(inspector)
    _check_twice(inspector, "carrier", (c.name for c in system.carriers))
    _check_twice(inspector, "node", (n.name for n in system.nodes))
    _check_twice(inspector, "component", [*(c.name for c in system.components), *(p.name for p in system.policies)])
    nodes, carriers = {n.name for n in system.nodes}, {c.name for c in system.carriers}
    market = {c.name for c in system.carriers if c.market}
    used = set[str]()
    for component in system.components:
        for parameter, node in _nodes(component):
            used.add(node)
            if node not in nodes:
                inspector.unknown("node", component.name, parameter, node, nodes)
        for parameter, carrier in _carriers(component):
            if carrier not in carriers:
                inspector.unknown("carrier", component.name, parameter, carrier, carriers)
            elif carrier in market and parameter in ("carrier", "extraction", "captured_carrier"):
                inspector.tell("energy_market_carrier", component.name, parameter, carrier)
        if isinstance(component, Line) and component.from_node == component.to_node:
            inspector.tell("energy_line_to_itself", component.name, "to_node", component.to_node)
    if whole:
        for node in sorted(nodes - used):
            inspector.tell("energy_empty_node", node, "", node)
    _check_cascades(inspector)


def _check_periods(inspector: Inspector) -> None:
    years = inspector.years
    if not years or any(b <= a for a, b in itertools.pairwise(years)):
        inspector.unusable = True
        inspector.tell("energy_periods", inspector.system.name, "periods", ", ".join(map(str, years)))


def _check_twice(inspector: Inspector, kind: str, names: Iterable[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            inspector.tell("energy_name_twice", name, "", name, times=times)


def _nodes(component: Component) -> Iterator[tuple[str, str]]:
    """Yield the nodes that a component names, each with its parameter."""
    for parameter in ("node", "from_node", "to_node"):
        if hasattr(component, parameter):
            yield parameter, getattr(component, parameter)
    if isinstance(component, Converter):
        for node in component.places.values():
            yield "places", node


def _carriers(component: Component) -> Iterator[tuple[str, str]]:
    """Yield the carriers that a component names, each with its parameter."""
    if hasattr(component, "carrier"):
        yield "carrier", component.carrier
    if not isinstance(component, Converter):
        return
    for parameter in ("inputs", "outputs", "places"):
        for carrier in getattr(component, parameter):
            yield parameter, carrier
    if component.extraction:
        yield "extraction", component.extraction
    if component.capture > 0:
        yield "captured_carrier", component.captured_carrier


def _check_cascades(inspector: Inspector) -> None:
    """Water flows from reservoir to reservoir and never back."""
    plants = {c.name: c for c in inspector.system.components if isinstance(c, Reservoir)}
    for plant in plants.values():
        if plant.downstream and plant.downstream not in plants:
            inspector.unknown("reservoir", plant.name, "downstream", plant.downstream, plants)
    done = set[str]()
    for start in plants:
        way, name = list[str](), start
        while name in plants and name not in way and name not in done:
            way.append(name)
            name = plants[name].downstream
        if name in way:
            circle = " → ".join([*way[way.index(name) :], name])
            inspector.tell("energy_cascade_circle", name, "downstream", circle)
        done.update(way)
