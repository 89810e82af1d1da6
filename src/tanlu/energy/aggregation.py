"""A system of many nodes on one, as if nothing limited transport within it (a "copper plate").

Components of one technology become one: what stands and what may stand is summed, profiles and costs are means weighted by capacity,
loads by energy. Lines fall away; reservoirs become one, with the water of their cascades (`tanlu.energy.composite_reservoir`), unless
policies tell them apart. The answer is an approximation: without limits of the grid and with one reservoir it costs less than that of all
nodes, and where the means hide that sites differ (good sites are built first) more; it is no bound. It is for first looks and for numbers
that shall come at once.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.energy.components import (
    Asset,
    Component,
    Connection,
    Converter,
    Demand,
    Emission,
    Expandable,
    Fleet,
    Line,
    Node,
    Reservoir,
)
from tanlu.energy.composite_reservoir import KIND, composite
from tanlu.energy.parameters import Hourly, Value, at_years, declared
from tanlu.energy.policies import CapacityTarget, Policy, ReserveMargin
from tanlu.energy.problem import Floats
from tanlu.energy.provenance import Origin, Provenance

if TYPE_CHECKING:
    from tanlu.energy.system import System

_SUMMED: Final = {
    "existing", "potential", "minimum", "build_rate", "annual_limit", "energy_existing", "energy_potential", "annual", "vehicles",
    "total",
}  # fmt: skip
_TOGETHER: Final = ("composite", KIND)
"""Key of the group of reservoirs that become one."""
_KEPT: Final = (Reservoir, Connection, Emission)


def aggregate(system: System) -> System:
    """Return a system on one node.

    Parameters
    ----------
    system : System
        Any system whose names are sound.

    Returns
    -------
    System
        The node is called like the system, components like their technologies. A target for some nodes only keeps its least, as one
        for all; its most falls away.
    """
    node = Node(name=system.name, labels=system.labels)
    merger = _Merger(system, node.name)
    components = merger.components()
    origins = {key: found for key, found in system.provenance.origins.items() if key[0] in merger.kept_names}
    provenance = Provenance(
        {**origins, **merger.origins}, system.provenance.sources, system.provenance.profiles, system.provenance.notices
    )
    return replace(
        system,
        nodes=(node,),
        components=tuple(components),
        policies=tuple(merger.policy(policy) for policy in system.policies),
        profiles=merger.profiles,
        provenance=provenance,
    )


@dataclass
class _Merger:
    """Merges the components of a system by technology.

    Parameters
    ----------
    system : System
    node : str
        Name of the one node.
    """

    system: System
    node: str
    profiles: dict[str, Floats] = field(default_factory=dict)
    origins: dict[tuple[str, str], tuple[Origin, ...]] = field(default_factory=dict)
    kept_names: set[str] = field(default_factory=set)
    together: list[Reservoir] = field(default_factory=list)

    def components(self) -> list[Component]:
        """Return the merged components, in the order in which their technologies first stand."""
        self.together = _one_reservoir(self.system)
        groups = dict[tuple[object, ...], list[Component]]()
        for component in self.system.components:
            if isinstance(component, Line):
                continue
            groups.setdefault(self._key(component), []).append(component)
        self.kept_names = {c.name for c in self.system.carriers} | {p.name for p in self.system.policies} | {"system"}
        kept = {key for key, group in groups.items() if isinstance(group[0], _KEPT) and key != _TOGETHER}
        self.kept_names |= {groups[key][0].name for key in kept}
        taken = {p.name for p in self.system.policies} | {groups[key][0].name for key in kept}
        return [
            self._keep(group[0])
            if key in kept
            else self._composite(_free_name(KIND, taken))
            if key == _TOGETHER
            else self._merge(group, _free_name(group[0].kind, taken))
            for key, group in groups.items()
        ]

    def _key(self, component: Component) -> tuple[object, ...]:
        """Return what the components of a group share."""
        if component in self.together:
            return _TOGETHER
        return (component.name,) if isinstance(component, _KEPT) else _signature(component)

    def policy(self, policy: Policy) -> Policy:
        """Return a policy without names of nodes, and with the composite reservoir for its members."""
        if isinstance(policy, CapacityTarget) and policy.nodes:
            policy = replace(policy, nodes=(), most=math.inf)
        kinds = {reservoir.kind for reservoir in self.together}
        if isinstance(policy, ReserveMargin) and kinds and kinds <= policy.credits.keys():
            sizes = np.array([_standing(reservoir, self.system.periods) for reservoir in self.together])
            credit = np.array([policy.credits[reservoir.kind] for reservoir in self.together])
            mean = float(sizes @ credit / sizes.sum()) if sizes.sum() > 0 else float(credit.mean())
            return replace(policy, credits={**policy.credits, KIND: mean})
        technologies = getattr(policy, "technologies", ())
        if kinds and kinds <= set(technologies):
            return replace(policy, technologies=(*technologies, KIND))  # type: ignore[call-arg]
        return policy

    def _composite(self, name: str) -> Component:
        """Return the composite of the reservoirs."""
        group, years = self.together, self.system.periods
        merged = self._merge(group, name)
        natural = np.array([at_years(reservoir.annual_inflow, years).mean() for reservoir in group])
        found = composite(group, natural, self.system.profiles, self.system.hours)
        inflow = f"{name}.inflow"
        self.profiles[inflow] = found.inflow
        annual = _combined([reservoir.annual_inflow for reservoir in group], found.worth)
        kind = group[0].kind if len({reservoir.kind for reservoir in group}) == 1 else KIND
        return replace(merged, technology=kind, inflow=inflow, annual_inflow=annual, **found.parameters)  # type: ignore[call-arg]

    def _keep(self, component: Component) -> Component:
        """Return a component at the one node."""
        for parameter in declared(type(component)):
            value = getattr(component, parameter)
            if isinstance(value, str):
                self.profiles[value] = self.system.profiles[value]
        return replace(component, node=self.node) if hasattr(component, "node") else component  # type: ignore[call-arg]

    def _merge(self, group: Sequence[Component], name: str) -> Component:
        """Return one component for all of a group."""
        first, weights = group[0], _weights(group, self.system.periods)
        changes: dict[str, Any] = {"name": name, "node": self.node, "technology": first.kind}
        for parameter, quantity in declared(type(first)).items():
            values = [getattr(component, parameter) for component in group]
            if parameter == "existing":
                changes[parameter] = _assets(values)
            elif parameter in _SUMMED:
                changes[parameter] = _combined(values, np.ones(len(values)))
            elif quantity.kind == "hourly":
                changes[parameter] = self._hourly(f"{name}.{parameter}", values, weights)
            elif values[0] is not None and not isinstance(values[0], int):
                changes[parameter] = _combined(values, weights)
            self._remember(name, parameter, group)
        if isinstance(first, Converter):
            changes |= self._amounts(name, group, weights)
        return replace(first, **changes)

    def _amounts(self, name: str, group: Sequence[Component], weights: Floats) -> dict[str, Any]:
        """Return inputs and outputs of a group of converters."""
        changes: dict[str, Any] = {"places": {}}
        for side in ("inputs", "outputs"):
            amounts = [getattr(component, side) for component in group]
            changes[side] = {
                carrier: self._hourly(f"{name}.{carrier}", [a[carrier] for a in amounts], weights)
                for carrier in amounts[0]
            }
        return changes

    def _hourly(self, name: str, values: Sequence[Hourly], weights: Floats) -> Hourly:
        """Return the weighted mean of hourly values, as a profile unless all are one number or one profile."""
        first = values[0]
        if isinstance(first, int | float | str) and all(isinstance(v, type(first)) and v == first for v in values):
            if isinstance(first, str):
                self.profiles[first] = self.system.profiles[first]
            return first
        hourly = [self.system.profiles[v] if isinstance(v, str) else v for v in values]
        total = np.zeros(self.system.hours)
        for weight, value in zip(weights, hourly, strict=True):
            total += weight * np.asarray(value, float)
        self.profiles[name] = total
        return name

    def _remember(self, name: str, parameter: str, group: Sequence[Component]) -> None:
        """Remember the origins of the numbers of all members."""
        of = self.system.provenance.of
        found = dict.fromkeys(origin for component in group for origin in of(component.name, parameter))
        if found:
            self.origins[name, parameter] = tuple(found)


def _one_reservoir(system: System) -> list[Reservoir]:
    """Return the reservoirs that become one: all, if nothing but their water tells them apart."""
    found = [component for component in system.components if isinstance(component, Reservoir)]

    def ruled(kind: str) -> tuple[bool, ...]:
        listed = (getattr(policy, "technologies", getattr(policy, "credits", ())) for policy in system.policies)
        return tuple(kind in names for names in listed)

    alike = {(r.carrier, r.expandable, r.initial is None, r.returns, ruled(r.kind)) for r in found}
    return found if len(found) > 1 and len(alike) == 1 else []


def _signature(component: Component) -> tuple[object, ...]:
    """Return what components must share to become one: class, technology, carriers, switches and whole numbers."""
    parts: list[object] = [type(component), component.kind]
    numbers = declared(type(component))
    for f in dataclasses.fields(component):
        value = getattr(component, f.name)
        if f.name in ("name", "node", "technology", "places"):
            continue
        if isinstance(value, Mapping) and f.name not in numbers:
            parts.append(tuple(sorted(value)))
        elif f.name not in numbers:
            parts.append(value)
        elif value is None or (isinstance(value, int) and not isinstance(value, bool)):
            parts.append((f.name, value))
    return tuple(parts)


def _free_name(kind: str, taken: set[str]) -> str:
    """Return a name that is not taken, and take it."""
    name, number = kind, 2
    while name in taken:
        name, number = f"{kind}-{number}", number + 1
    taken.add(name)
    return name


def _weights(group: Sequence[Component], years: Sequence[int]) -> Floats:
    """Return the weights of the members of a group, which sum to 1: by what may stand, else what stands, else the same for all."""
    for measure in (_most, _standing):
        sizes = np.array([measure(component, years) for component in group])
        if np.isfinite(sizes).all() and sizes.sum() > 0:
            return np.asarray(sizes / sizes.sum())
    return np.full(len(group), 1.0 / len(group))


def _most(component: Component, years: Sequence[int]) -> float:
    """Return load, vehicles or the most capacity of a component, as a mean over the periods."""
    if isinstance(component, Demand):
        return float(at_years(component.annual, years).mean())
    if isinstance(component, Fleet):
        return float((at_years(component.vehicles, years) * at_years(component.annual_driving, years)).mean())
    if isinstance(component, Expandable) and component.expandable:
        return float(np.maximum(component.standing(years), at_years(component.potential, years)).mean())
    return _standing(component, years)


def _standing(component: Component, years: Sequence[int]) -> float:
    return float(component.standing(years).mean()) if isinstance(component, Expandable) else 0.0


def _assets(values: Sequence[float | tuple[Asset, ...]]) -> float | tuple[Asset, ...]:
    """Join what stands: a sum of numbers, or all plants."""
    if all(isinstance(value, int | float) for value in values):
        return float(sum(value for value in values if isinstance(value, int | float)))
    plants = [value if isinstance(value, tuple) else (Asset(float(value)),) for value in values]
    return tuple(plant for several in plants for plant in several if plant.capacity or plant.energy)


def _combined(values: Sequence[Value], weights: Floats) -> Value:
    """Return the weighted sum of values, by year where any is."""
    years = sorted({year for value in values if isinstance(value, Mapping) for year in value})
    if not years:
        return float(sum(w * float(v) for w, v in zip(weights, values, strict=True) if w > 0))  # type: ignore[arg-type]
    total = np.zeros(len(years))
    for weight, value in zip(weights, values, strict=True):
        total += weight * at_years(value, years) if weight > 0 else 0.0
    return dict(zip(years, total.tolist(), strict=True))
