"""An energy system as a PyPSA network: what maps is exact, what does not is told.

Nodes and balanced carriers become buses, plants that buy from the market generators, other plants links, stores storage units. A
capacity that stands already becomes a component of its own beside what can be built; with several periods so does every vintage.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from tanlu.core.errors import Notice
from tanlu.energy.components import (
    Asset,
    Component,
    Contract,
    Converter,
    Demand,
    Emission,
    Expandable,
    Fleet,
    Line,
    Reservoir,
    Sequestration,
    Source,
    Store,
)
from tanlu.energy.interop.network import Cell, Network
from tanlu.energy.parameters import Hourly, Value, at_years
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.problem import Floats
from tanlu.energy.system import System
from tanlu.energy.timegrid import HOURS_PER_YEAR, annuity

PLENTY: Final = 1e6
"""Capacity of what nothing limits [MW]."""


@dataclass(frozen=True)
class Exported:
    """A network, and what of the system it does not say.

    Parameters
    ----------
    network : Network
        The tables.
    notices : tuple of Notice
        What was left out or changed.
    constant : float
        Cost that PyPSA does not count: fixed cost of what stands already, and the price of fixed emissions [CNY].
    """

    network: Network
    notices: tuple[Notice, ...]
    constant: float


def to_pypsa(system: System) -> Exported:
    """Return a system as a PyPSA network.

    Parameters
    ----------
    system : System
        Any system; costs stay in its currency, capacities in MW.
    """
    return _Exporter(system).run()


@dataclass
class _Exporter:
    """The network as it grows."""

    system: System
    notices: list[Notice] = field(default_factory=list)
    constant: float = 0.0

    def __post_init__(self) -> None:
        self.grid = self.system.grid()
        self.years = self.grid.years
        self.shape = self.grid.shape
        self.many = len(self.years) > 1
        self.carriers = {carrier.name: carrier for carrier in self.system.carriers}
        hours = self.grid.annual_hours
        self.network = Network(
            self.system.name,
            [str(h) for h in range(self.grid.hours)],
            {"objective": hours, "stores": self.grid.durations, "generators": hours},
        )
        if self.many:
            spans = np.append(np.diff(self.years), np.diff(self.years)[-1]).astype(float)
            self.network.periods = {
                year: {"objective": float(w), "years": float(span)}
                for year, w, span in zip(self.years, self.grid.weights, spans, strict=True)
            }
        limits = [p for p in self.system.policies if isinstance(p, EmissionLimit) and p.active]
        self.counts = bool(limits)
        self.imports_count = any(p.imports for p in limits)
        self.price = sum((at_years(p.price, self.years) for p in limits), np.zeros(len(self.years)))
        self.fixed = np.zeros(len(self.years))

    def run(self) -> Exported:
        """Return the whole network."""
        for component in self.system.components:
            write = getattr(self, f"_{type(component).__name__.lower()}", None)
            if write is None:
                self.tell("energy_export_part", component=component.name, kind=type(component).__name__)
            else:
                write(component)
        self._surplus()
        self._policies()
        return Exported(self.network, tuple(self.notices), self.constant)

    # what all parts need

    def tell(self, code: str, **details: object) -> None:
        """Note what was not carried over."""
        self.notices.append(Notice(code, self.system.name, details))

    def drop(self, component: Component, option: str) -> None:
        """Note an option that was not carried over."""
        self.tell("energy_export_option", component=component.name, option=option)

    def bus(self, node: str, carrier: str) -> str:
        """Return the bus of a carrier at a node."""
        name = f"{node}.{carrier}"
        if name not in self.network.static.get("buses", {}):
            self.carrier(carrier)
            places = {place.name: place for place in self.system.nodes}
            place = places.get(node)
            x, y = (place.longitude, place.latitude) if place is not None else (None, None)
            self.network.add("buses", name, carrier=carrier, x=x or 0.0, y=y or 0.0)
        return name

    def carrier(self, name: str, emission: float = 0.0) -> str:
        """Return a carrier with its CO2, made where it is not there."""
        self.network.static.setdefault("carriers", {}).setdefault(name, {})
        if emission:
            self.network.add("carriers", name, co2_emissions=emission)
        return name

    def flat(self, values: Any) -> Floats:
        """Return values at every period and hour, one after the other, (P·H,)."""
        return np.broadcast_to(np.asarray(values, float), self.shape).ravel().copy()

    def hourly(self, value: Hourly) -> Floats:
        """Return a value at every hour, (1, H)."""
        found = self.system.profiles[value] if isinstance(value, str) else value
        return np.broadcast_to(np.asarray(found, float), (1, self.grid.hours))

    def by_period(self, value: Value) -> Floats:
        """Return a value in every period, (P, 1)."""
        return at_years(value, self.years)[:, None]

    def sizes(self, component: Expandable, scale: float = 1.0) -> list[tuple[str, dict[str, Any]]]:
        """Return name and capacity attributes of the parts into which a component falls; `scale` is PyPSA's capacity for one of ours."""
        name, result = component.name, []
        upkeep = at_years(component.fixed_om, self.years)
        self.constant += float(self.grid.weights @ (upkeep * component.standing(self.years)))
        for at, asset in enumerate(self._assets(component)):
            if asset.capacity:
                label = name if not component.expandable and at == 0 else f"{name}.standing{at or ''}"
                born = asset.commissioned if asset.commissioned is not None else self.years[0] - 1
                life = asset.retires - born if asset.retires is not None else math.inf
                result.append(
                    (
                        label,
                        {
                            "p_nom": asset.capacity * scale,
                            **({"build_year": float(born), "lifetime": float(life)} if self.many else {}),
                        },
                    )
                )
        if component.expandable:
            result += self._vintages(component, scale)
        return result

    def _assets(self, component: Expandable) -> Sequence[Asset]:
        """Return what stands already; with one period as one plant."""
        if self.many and isinstance(component.existing, tuple):
            return component.existing
        return (Asset(float(component.standing(self.years)[0])),)

    def _vintages(self, component: Expandable, scale: float) -> list[tuple[str, dict[str, Any]]]:
        """Return what can be built, by year of building."""
        rate = annuity(self.system.discount_rate, component.lifetime)
        invest, upkeep = at_years(component.investment, self.years), at_years(component.fixed_om, self.years)
        standing = component.standing(self.years)
        least, most = (
            at_years(component.minimum, self.years) - standing,
            at_years(component.potential, self.years) - standing,
        )
        if not self.many:
            size = {
                "p_nom_extendable": True, "p_nom_min": max(float(least[0]), 0.0) * scale, "p_nom_max": max(float(most[0]), 0.0) * scale,
                "capital_cost": (rate * float(invest[0]) + float(upkeep[0])) / scale, "lifetime": component.lifetime,
            }  # fmt: skip
            return [(component.name, size)]
        if np.any(least > 0) or np.any(np.isfinite(most)):
            self.drop(component, "potential, minimum")
        if np.ptp(upkeep) > 0:
            self.drop(component, "fixed_om")
        rates = at_years(component.build_rate, self.years) * self.grid.spans
        return [
            (
                f"{component.name}-{year}",
                {
                    "p_nom_extendable": True, "p_nom_max": float(rates[v]) * scale, "build_year": float(year),
                    "capital_cost": (rate * float(invest[v]) + float(upkeep[v])) / scale, "lifetime": component.lifetime,
                },
            )
            for v, year in enumerate(self.years)
        ]  # fmt: skip

    def cyclic(self, attribute: str) -> dict[str, Any]:
        """Return that a content repeats, in every period by itself."""
        return {attribute: True, **({f"{attribute}_per_period": True} if self.many else {})}

    def sink(self, name: str, bus: str, carrier: str, cost: Any = 0.0, size: float = PLENTY) -> None:
        """Add what takes from a bus as much as it likes, at a cost of each MWh."""
        self.network.add(
            "generators",
            name,
            bus=bus,
            carrier=self.carrier(carrier),
            p_nom=size,
            p_min_pu=-1.0,
            p_max_pu=0.0,
            marginal_cost=-self.flat(cost),
        )

    # parts

    def _source(self, c: Source) -> None:
        emission = float(self.by_period(c.emission_factor)[0, 0])
        if np.ptp(self.by_period(c.emission_factor)) > 0:
            self.drop(c, "emission_factor")
        cost = (
            self.by_period(c.variable_om)
            + self.hourly(c.tariff)
            + self.price[:, None] * self.by_period(c.emission_factor)
        )
        carrier = self.carrier(f"{c.kind}" if not emission else f"{c.name}.source", emission)
        parts = self.sizes(c)
        for name, size in parts:
            more = self._annual(c, c.annual_limit, len(parts))
            self.network.add(
                "generators", name, bus=self.bus(c.node, c.carrier), carrier=carrier, p_max_pu=self.flat(self.hourly(c.availability)),
                p_min_pu=self.flat(self.hourly(c.must_run)), marginal_cost=self.flat(cost), **size, **more,
            )  # fmt: skip

    def _annual(self, c: Component, limit: Value, parts: int) -> dict[str, Cell]:
        """Return the limit over all snapshots, where there is one part to bear it."""
        most = self.by_period(limit)
        if not np.all(np.isfinite(most)):
            return {}
        if parts > 1 or self.many:
            self.drop(c, "annual_limit")
            return {}
        return {"e_sum_max": float(most[0, 0])}

    def _converter(self, c: Converter) -> None:
        taken = [name for name in c.inputs if not self.carriers[name].market]
        given = [name for name in c.outputs if not self.carriers[name].market]
        for option, is_set in (
            ("capture", c.capture > 0),
            ("extraction", bool(c.extraction)),
            ("unit_size", c.unit_size > 0),
        ):
            if is_set:
                self.drop(c, option)
        if not taken and len(given) == 1 and isinstance(c.outputs[given[0]], int | float):
            self._plant(c, given[0])
        else:
            self._link(c, taken, given)

    def _plant(self, c: Converter, output: str) -> None:
        """Write a plant that makes one carrier of what it buys."""
        scale = float(c.outputs[output])
        cost, carbon = self.by_period(c.variable_om), self.by_period(c.process_emission)
        for sign, amounts, divide in (
            (1.0, c.inputs, self.by_period(c.efficiency)),
            (-1.0, c.outputs, np.ones((1, 1))),
        ):
            for name, amount in amounts.items():
                bought = self.carriers[name]
                if bought.market:
                    used = sign * self.hourly(amount) / divide
                    cost = cost + used * self.by_period(bought.price)
                    if sign > 0 and not bought.biogenic:
                        carbon = carbon + used * self.by_period(bought.emission_factor)
        cost = cost + self.price[:, None] * carbon
        if self.counts and np.ptp(carbon) > 1e-12:
            self.drop(c, "emission_factor")
        fuel = next((name for name in c.inputs), "")
        factor, efficiency = float(np.mean(carbon)) / scale, 1.0
        own = (
            at_years(self.carriers[fuel].emission_factor, self.years)[0]
            if fuel and not self.carriers[fuel].biogenic
            else 0.0
        )
        if own and factor:
            carrier, efficiency = self.carrier(fuel, float(own)), float(own) / factor
        else:
            carrier = self.carrier(c.kind if not factor else f"{c.name}.plant", factor)
        parts = self.sizes(c, scale)
        for name, size in parts:
            self.network.add(
                "generators", name, bus=self.bus(c.places.get(output, c.node), output), carrier=carrier, efficiency=efficiency,
                marginal_cost=self.flat(cost / scale), p_max_pu=self.flat(self.hourly(c.availability)),
                p_min_pu=self.flat(self.hourly(c.must_run)), **size, **self._annual(c, self._scaled(c.annual_limit, scale), len(parts)),
                **self._ramps(c),
            )  # fmt: skip

    @staticmethod
    def _scaled(value: Value, scale: float) -> Value:
        """Return a value times a factor."""
        return {year: v * scale for year, v in value.items()} if isinstance(value, Mapping) else value * scale

    def _ramps(self, c: Converter) -> dict[str, Cell]:
        """Return ramps from one snapshot to the next."""
        if math.isinf(c.ramp_up) and math.isinf(c.ramp_down):
            return {}
        lengths = self.grid.durations
        if np.ptp(lengths) > 0:
            self.drop(c, "ramp_up, ramp_down")
            return {}
        ramps = {"ramp_limit_up": c.ramp_up * lengths[0], "ramp_limit_down": c.ramp_down * lengths[0]}
        return {name: min(float(ramp), 1.0) for name, ramp in ramps.items()}

    def _link(self, c: Converter, taken: list[str], given: list[str]) -> None:
        """Write a plant with an input or several outputs as a link whose capacity is that of its first input."""
        bought = [name for name in c.inputs if self.carriers[name].market]
        if any(self.carriers[name].market for name in c.outputs):
            self.drop(c, "outputs")
        if np.any(self.by_period(c.process_emission)):
            self.drop(c, "process_emission")
        if np.all(np.isfinite(self.by_period(c.annual_limit))):
            self.drop(c, "annual_limit")
        flows: list[tuple[str, Floats]] = []
        for name in [*taken, *bought]:
            amount = -self.hourly(c.inputs[name]) / self.by_period(c.efficiency)
            flows.append(
                (self._market(c, name) if name in bought else self.bus(c.places.get(name, c.node), name), amount)
            )
        flows += [
            (self.bus(c.places.get(name, c.node), name), self.hourly(c.outputs[name]) + 0.0 * self.by_period(1.0))
            for name in given
        ]
        flows.sort(key=lambda flow: (flow[1].flat[0] >= 0, np.ptp(flow[1]) > 0))
        if not flows or flows[0][1].flat[0] >= 0:
            flows.insert(0, (self._nothing(c), np.full((1, 1), -1.0)))
        first = flows[0][1]
        if np.ptp(first) > 1e-12:
            self.drop(c, "inputs")
        scale = -float(np.mean(first))
        buses: dict[str, Any] = {"bus0": flows[0][0]}
        for at, (bus, amount) in enumerate(flows[1:], 1):
            buses[f"bus{at}"] = bus
            buses["efficiency" if at == 1 else f"efficiency{at}"] = self.flat(amount / scale)
        if len(flows) == 1:
            buses |= {"bus1": self._nothing(c), "efficiency": 1.0}
        for name, size in self.sizes(c, scale):
            self.network.add(
                "links", name, carrier=self.carrier(c.kind), marginal_cost=self.flat(self.by_period(c.variable_om) / scale),
                p_max_pu=self.flat(self.hourly(c.availability)), p_min_pu=self.flat(self.hourly(c.must_run)), **buses, **size,
                **self._ramps(c),
            )  # fmt: skip

    def _market(self, c: Converter, carrier: str) -> str:
        """Return a bus at which a carrier of the market is bought."""
        bus, bought = self.bus(c.node, carrier), self.carriers[carrier]
        name = f"{bus}.market"
        if name not in self.network.static.get("generators", {}):
            emission = 0.0 if bought.biogenic else float(self.by_period(bought.emission_factor)[0, 0])
            cost = self.by_period(bought.price) + self.price[:, None] * emission
            self.network.add(
                "generators",
                name,
                bus=bus,
                carrier=self.carrier(carrier, emission),
                p_nom=PLENTY,
                marginal_cost=self.flat(cost),
            )
        return bus

    def _nothing(self, c: Component) -> str:
        """Return a bus that gives and takes whatever is asked for, for links that end nowhere."""
        bus = self.bus(c.name, "nothing")
        self.network.add("generators", f"{bus}.free", bus=bus, p_nom=PLENTY, p_min_pu=-1.0)
        return bus

    def _store(self, c: Store) -> None:
        if c.hours is None or c.initial is not None:
            self._tank(c)
            return
        for name, size in self.sizes(c):
            self.network.add(
                "storage_units", name, bus=self.bus(c.node, c.carrier), carrier=self.carrier(c.kind), max_hours=c.hours,
                p_min_pu=-c.charge_ratio, efficiency_store=c.charge_efficiency, efficiency_dispatch=c.discharge_efficiency,
                standing_loss=c.standing_loss, marginal_cost=self.flat(self.by_period(c.variable_om)),
                **self.cyclic("cyclic_state_of_charge"), **size,
            )  # fmt: skip

    def _tank(self, c: Store) -> None:
        """Write a store as a tank with a link in and a link out, whose capacities PyPSA does not tie to each other."""
        if c.expandable or self.many:
            self.drop(c, "charge_ratio, initial" if c.initial is not None else "charge_ratio")
        bus, inside = self.bus(c.node, c.carrier), self.bus(c.name, c.carrier)
        cost = self.flat(self.by_period(c.variable_om) * c.discharge_efficiency)
        for name, size in self.sizes(c, 1.0 / c.discharge_efficiency):
            self.network.add(
                "links",
                f"{name}.out",
                bus0=inside,
                bus1=bus,
                efficiency=c.discharge_efficiency,
                marginal_cost=cost,
                **size,
            )
            size = {
                **size,
                "p_nom": size.get("p_nom", 0.0) * c.discharge_efficiency * c.charge_ratio,
                "capital_cost": 0.0,
            }
            self.network.add("links", f"{name}.in", bus0=bus, bus1=inside, efficiency=c.charge_efficiency, **size)
        energy = (
            float(c.energy_standing(self.years)[0]) if c.hours is None else c.hours * float(c.standing(self.years)[0])
        )
        more: dict[str, Any] = self.cyclic("e_cyclic") if c.initial is None else {}
        if c.initial is not None:
            least = np.zeros(self.grid.hours)
            least[-1] = c.initial if c.returns else 0.0
            # PyPSA counts no standing loss in the first step
            kept = (1.0 - c.standing_loss) ** float(self.grid.durations[0])
            more |= {"e_initial": c.initial * energy * kept, "e_min_pu": self.flat(least)}
        if c.expandable:
            rate = annuity(self.system.discount_rate, c.lifetime)
            price = float(at_years(c.energy_investment, self.years)[0]) * rate + float(
                at_years(c.energy_fixed_om, self.years)[0]
            )
            most = float(at_years(c.energy_potential, self.years)[0]) - energy
            if c.hours is None:
                self.network.add(
                    "stores", f"{c.name}.energy", bus=inside, e_nom_extendable=True, e_nom_max=max(most, 0.0), capital_cost=price,
                    standing_loss=c.standing_loss, **self.cyclic("e_cyclic"),
                )  # fmt: skip
        self.constant += float(
            self.grid.weights @ (at_years(c.energy_fixed_om, self.years) * c.energy_standing(self.years))
        )
        self.network.add("stores", c.name, bus=inside, e_nom=energy, standing_loss=c.standing_loss, **more)

    def _reservoir(self, c: Reservoir) -> None:
        inflow = self.by_period(c.annual_inflow) / HOURS_PER_YEAR * self.hourly(c.inflow)
        if c.minimum_release > 0:
            self.drop(c, "minimum_release")
        if c.delay > 0:
            self.drop(c, "delay")
        inside = self.bus(c.name, "water")
        peak = float(inflow.max()) or 1.0
        shape = self.flat(inflow / peak)
        self.network.add(
            "generators",
            f"{c.name}.inflow",
            bus=inside,
            carrier=self.carrier("inflow"),
            p_nom=peak,
            p_max_pu=shape,
            p_min_pu=shape,
        )
        below: dict[str, Any] = (
            {"bus1": self.bus(c.downstream, "water"), "efficiency": c.downstream_ratio} if c.downstream else {}
        )
        if below:
            self.network.add(
                "links", f"{c.name}.spill", bus0=inside, carrier=self.carrier("spill"), p_nom=PLENTY, **below
            )
        else:
            self.sink(f"{c.name}.spill", inside, "spill")
        more: dict[str, Any] = {"bus2": below["bus1"], "efficiency2": below["efficiency"]} if below else {}
        for name, size in self.sizes(c):
            self.network.add(
                "links", name, bus0=inside, bus1=self.bus(c.node, c.carrier), carrier=self.carrier(c.kind),
                marginal_cost=self.flat(self.by_period(c.variable_om)), **more, **size,
            )  # fmt: skip
        least = np.full(self.grid.hours, c.dead_share)
        if c.initial is not None and c.returns:
            least[-1] = max(c.initial, c.dead_share)
        held: dict[str, Any] = self.cyclic("e_cyclic") if c.initial is None else {"e_initial": c.initial * c.volume}
        self.network.add("stores", f"{c.name}.lake", bus=inside, e_nom=c.volume, e_min_pu=self.flat(least), **held)

    def _line(self, c: Line) -> None:
        a, b = self.bus(c.from_node, c.carrier), self.bus(c.to_node, c.carrier)
        cost, share = self.flat(self.by_period(c.variable_om)), self.flat(self.hourly(c.availability))
        both = not c.one_way
        if both and c.loss == 0 and not np.any(cost):
            for name, size in self.sizes(c):
                self.network.add(
                    "links", name, bus0=a, bus1=b, carrier=self.carrier(c.kind), p_max_pu=share, p_min_pu=-share, **size
                )
            return
        if both and c.expandable:
            self.drop(c, "expandable")
        for name, size in self.sizes(c):
            self.network.add(
                "links",
                name,
                bus0=a,
                bus1=b,
                carrier=self.carrier(c.kind),
                efficiency=1 - c.loss,
                marginal_cost=cost,
                p_max_pu=share,
                **size,
            )
            if both:
                back = {**size, "capital_cost": 0.0}
                self.network.add(
                    "links", f"{name}.back", bus0=b, bus1=a, carrier=self.carrier(c.kind), efficiency=1 - c.loss, marginal_cost=cost,
                    p_max_pu=share, **back,
                )  # fmt: skip

    def _demand(self, c: Demand) -> None:
        load = self.by_period(c.annual) / HOURS_PER_YEAR * self.hourly(c.profile)
        bus = self.bus(c.node, c.carrier)
        self.network.add("loads", c.name, bus=bus, carrier=self.carrier(c.kind), p_set=self.flat(load))
        if c.shift_share > 0:
            self.drop(c, "shift_share")
        peak = float(load.max()) or 1.0
        steps = [
            (f"{c.name}.given_up_{n}", share, np.full((1, 1), price))
            for n, (share, price) in enumerate(c.elasticity, 1)
        ]
        value = self.by_period(c.value_of_lost_load)
        if np.all(np.isfinite(value)):
            steps.append((f"{c.name}.unserved", 1.0 - sum(share for share, _ in c.elasticity), value))
        for name, share, price in steps:
            self.network.add(
                "generators", name, bus=bus, carrier=self.carrier("load shedding"), p_nom=peak * share, p_max_pu=self.flat(load / peak),
                marginal_cost=self.flat(price),
            )  # fmt: skip

    def _fleet(self, c: Fleet) -> None:
        number = self.by_period(c.vehicles)
        need = number * self.by_period(c.annual_driving) / HOURS_PER_YEAR
        bus, inside = self.bus(c.node, c.carrier), self.bus(c.name, c.carrier)
        if c.managed < 1:
            load = (1 - c.managed) * need / c.efficiency * self.hourly(c.unmanaged_profile)
            self.network.add("loads", f"{c.name}.unmanaged", bus=bus, p_set=self.flat(load))
        if c.managed == 0:
            return
        if self.many and np.ptp(number) > 0:
            self.drop(c, "vehicles")
        power = float((number * self.by_period(c.charger))[0, 0]) * c.managed
        energy = float((number * self.by_period(c.battery))[0, 0]) * c.managed
        plugged, driven = self.flat(self.hourly(c.plugged)), c.managed * need * self.hourly(c.driving)
        self.network.add(
            "links", f"{c.name}.charge", bus0=bus, bus1=inside, efficiency=c.efficiency, p_nom=power, p_max_pu=plugged
        )
        if c.v2g > 0:
            back = power * min(1.0, c.v2g / c.managed) / c.efficiency
            self.network.add(
                "links", f"{c.name}.give_back", bus0=inside, bus1=bus, efficiency=c.efficiency, p_nom=back, p_max_pu=plugged,
                marginal_cost=c.v2g_cost * c.efficiency,
            )  # fmt: skip
        self.network.add("loads", f"{c.name}.driving", bus=inside, p_set=self.flat(driven))
        peak = float(driven.max()) or 1.0
        self.network.add(
            "generators",
            f"{c.name}.unserved",
            bus=inside,
            p_nom=peak,
            p_max_pu=self.flat(driven / peak),
            marginal_cost=c.value_of_driving,
        )
        least = self.flat(self.hourly(c.minimum_content))
        self.network.add(
            "stores", f"{c.name}.batteries", bus=inside, e_nom=energy, e_min_pu=least, **self.cyclic("e_cyclic")
        )

    def _contract(self, c: Contract) -> None:
        shape = self.hourly(c.shape)
        most, least = np.minimum(1.0, (1 + c.leeway) * shape), (1 - c.leeway) * shape
        factor = float(self.by_period(c.emission_factor)[0, 0]) * (c.counted or self.imports_count)
        cost = self.by_period(c.price) + self.price[:, None] * factor
        parts = self.sizes(c)
        take = float(self.by_period(c.minimum_take)[0, 0]), float(self.by_period(c.maximum_take)[0, 0])
        bound = take != (0.0, 1.0)
        if bound and (self.many or c.expandable):
            self.drop(c, "minimum_take, maximum_take")
        for name, size in parts:
            year = size.get("p_nom", 0.0) * float(self.grid.annual_hours.sum())
            limits = (
                {"e_sum_min": take[0] * year, "e_sum_max": take[1] * year}
                if bound and not (self.many or c.expandable)
                else {}
            )
            self.network.add(
                "generators", name, bus=self.bus(c.node, c.carrier),
                carrier=self.carrier(c.kind if not factor else f"{c.name}.source", factor),
                p_max_pu=self.flat(most), p_min_pu=self.flat(least), marginal_cost=self.flat(cost), **limits, **size,
            )  # fmt: skip

    def _sequestration(self, c: Sequestration) -> None:
        parts = self.sizes(c)
        limit: dict[str, Cell] = {}
        if math.isfinite(c.total):
            if self.many or len(parts) > 1:
                self.drop(c, "total")
            else:
                limit = {"e_sum_min": -c.total}
        for name, size in parts:
            self.network.add(
                "generators", name, bus=self.bus(c.node, c.carrier), carrier=self.carrier(c.kind), p_min_pu=-1.0, p_max_pu=0.0,
                marginal_cost=-self.flat(self.by_period(c.variable_om)), **limit, **size,
            )  # fmt: skip

    def _emission(self, c: Emission) -> None:
        amount = at_years(c.amount, self.years)
        self.fixed = self.fixed + amount
        self.constant += float(self.grid.weights @ (self.price * amount))

    def _surplus(self) -> None:
        """Let go what may be too much."""
        for name, row in list(self.network.static.get("buses", {}).items()):
            carrier = self.carriers.get(str(row.get("carrier", "")))
            if (
                carrier is not None
                and carrier.surplus
                and any(name == f"{node.name}.{carrier.name}" for node in self.system.nodes)
            ):
                self.sink(f"{name}.surplus", name, "surplus")

    def _policies(self) -> None:
        """Write caps and budgets of CO2; other policies are told."""
        for policy in self.system.policies:
            if not policy.active:
                continue
            if not isinstance(policy, EmissionLimit):
                self.tell("energy_export_part", component=policy.name, kind=type(policy).__name__)
                continue
            cap = at_years(policy.cap, self.years) - self.fixed
            for year, most in zip(self.years, cap, strict=True):
                if np.isfinite(most):
                    name = f"{policy.name}-{year}" if self.many else policy.name
                    when = {"investment_period": float(year)} if self.many else {}
                    # PyPSA weighs the emissions of a period with the years that it stands for
                    span = self.network.periods[year]["years"] if self.many else 1.0
                    self.network.add("global_constraints", name, sense="<=", constant=float(most) * span, **when)
            if math.isfinite(policy.budget):
                years = np.array([w["years"] for w in self.network.periods.values()]) if self.many else np.ones(1)
                self.network.add(
                    "global_constraints",
                    f"{policy.name}.budget",
                    sense="<=",
                    constant=float(policy.budget - years @ self.fixed),
                )
