"""A PyPSA network as an energy system: what maps is exact, what does not is told.

A bus becomes a node, its carrier a balanced carrier; generators become sources (plants where they ramp or are committed), links lines or
plants, storage units stores or reservoirs, lines transport. Annual capital cost becomes an investment over the lifetime at the rate of
interest of the system, which costs the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.energy.components import Asset, Carrier, Component, Converter, Demand, Line, Node, Reservoir, Source, Store
from tanlu.energy.interop.network import Network
from tanlu.energy.parameters import Hourly
from tanlu.energy.policies import EmissionLimit, EnergyLimit, Policy
from tanlu.energy.problem import Floats
from tanlu.energy.system import System
from tanlu.energy.timegrid import HOURS_PER_YEAR, annuity

LIFETIME: Final = 25.0
"""Years over which a capital cost is spread that has no lifetime [a]; the annual cost is the same whatever it is."""
_READ: Final[Mapping[str, frozenset[str]]] = {
    "generators": frozenset(
        ["bus", "carrier", "control", "p_nom", "p_nom_extendable", "p_nom_min", "p_nom_max", "p_min_pu", "p_max_pu",
        "marginal_cost", "capital_cost", "efficiency", "sign", "active", "lifetime", "build_year", "e_sum_min", "e_sum_max",
        "committable", "start_up_cost", "min_up_time", "min_down_time", "ramp_limit_up", "ramp_limit_down", "p_nom_opt", "weight"]
    ),
    "links": frozenset(
        ["carrier", "p_nom", "p_nom_extendable", "p_nom_min", "p_nom_max", "p_min_pu", "p_max_pu", "marginal_cost", "capital_cost",
        "active", "lifetime", "build_year", "length", "ramp_limit_up", "ramp_limit_down", "p_nom_opt"]
    ),
    "storage_units": frozenset(
        ["bus", "carrier", "control", "p_nom", "p_nom_extendable", "p_nom_min", "p_nom_max", "p_min_pu", "marginal_cost",
        "capital_cost", "active", "lifetime", "build_year", "max_hours", "efficiency_store", "efficiency_dispatch",
        "standing_loss", "state_of_charge_initial", "cyclic_state_of_charge", "cyclic_state_of_charge_per_period", "inflow", "p_nom_opt"]
    ),
    "stores": frozenset(
        ["bus", "carrier", "e_nom", "e_nom_extendable", "e_nom_min", "e_nom_max", "e_min_pu", "capital_cost", "active", "lifetime",
        "build_year", "e_initial", "e_cyclic", "e_cyclic_per_period", "standing_loss", "e_nom_opt"]
    ),
    "lines": frozenset(
        ["bus0", "bus1", "carrier", "s_nom", "s_nom_extendable", "s_nom_min", "s_nom_max", "s_max_pu", "capital_cost", "active",
        "lifetime", "build_year", "length", "s_nom_opt", "x", "r", "g", "b", "type", "num_parallel", "v_nom", "terrain_factor",
        "sub_network"]
    ),
    "loads": frozenset(["bus", "carrier", "p_set", "sign", "active"]),
    "global_constraints": frozenset(["type", "investment_period", "carrier_attribute", "sense", "constant"]),
}  # fmt: skip
_QUIET: Final = frozenset(
    ["name", "color", "nice_name", "unit", "location", "x", "y", "v_nom", "type", "control", "q_set", "p_set"]
)
_FRAME: Final = frozenset({"buses", "carriers", "sub_networks", "shapes", "line_types", "transformer_types"})


@dataclass(frozen=True)
class Imported:
    """A system, and what of the network it does not say.

    Parameters
    ----------
    system : System
        The system.
    notices : tuple of Notice
        What was left out, changed or assumed.
    """

    system: System
    notices: tuple[Notice, ...]


def from_pypsa(network: Network, *, discount_rate: float = 0.06, year: int = 2030, price_year: int = 2023) -> Imported:
    """Return a PyPSA network as a system.

    Parameters
    ----------
    network : Network
        The tables.
    discount_rate : float
        Real rate of interest, which a network does not have; it only turns annual costs into investments [1/a].
    year, price_year : int
        Period and price year, which a network without investment periods does not have.

    Raises
    ------
    DataError
        With every component at a bus that is not there.
    """
    return _Importer(network, discount_rate, year, price_year).run()


@dataclass
class _Importer:
    """The system as it grows."""

    network: Network
    rate: float
    year: int
    price_year: int
    notices: list[Notice] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    profiles: dict[str, Floats] = field(default_factory=dict)
    carriers: dict[str, Carrier] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.years = tuple(self.network.periods) or (self.year,)
        self.hours = len(self.network.snapshots)
        self.places: dict[str, str] = {}

    def run(self) -> Imported:
        """Return the whole system."""
        net = self.network
        for bus in net.names("buses"):
            name = net.text("buses", bus, "carrier") or "electricity"
            self.places[bus] = {"AC": "electricity", "DC": "electricity"}.get(name, name)
            self.balanced(self.places[bus])
        self._require_buses()
        self._attributes()
        for kind, read in (
            ("loads", self._load), ("generators", self._generator), ("links", self._link), ("lines", self._line),
            ("storage_units", self._storage_unit), ("stores", self._store), ("global_constraints", self._constraint),
        ):  # fmt: skip
            for name in net.names(kind):
                if net.flag(kind, name, "active"):
                    read(name)
        lengths, occurrences = self._time()
        nodes = [
            Node(name=bus, longitude=net.number("buses", bus, "x"), latitude=net.number("buses", bus, "y"))
            for bus in net.names("buses")
        ]
        system = System(
            name=net.name, carriers=list(self.carriers.values()), nodes=nodes, components=self.components, policies=self.policies,
            profiles=self.profiles, periods=self.years, discount_rate=self.rate, price_year=self.price_year, hours=self.hours, annual=False,
            lengths=lengths, occurrences=occurrences,
        )  # fmt: skip
        return Imported(system, tuple(self.notices))

    # what all parts need

    def tell(self, code: str, **details: object) -> None:
        """Note what was not carried over."""
        self.notices.append(Notice(code, self.network.name, details))

    def _require_buses(self) -> None:
        """Raise for components at buses that are not there."""
        problems = []
        for kind, parts in self.network.static.items():
            for row, (name, cells) in enumerate(parts.items(), 2):
                for key in [key for key in cells if key == "bus" or (key.startswith("bus") and key[3:].isdigit())]:
                    if str(cells[key]) not in self.places:
                        problems.append(
                            Problem(
                                "network_bus_unknown", f"{kind}.csv", row, key, str(cells[key]), {"component": name}
                            )
                        )
        if problems:
            raise DataError(problems)

    def _attributes(self) -> None:
        """Tell of lists and attributes that are not read."""
        for kind, parts in self.network.static.items():
            if kind in _FRAME or not parts:
                continue
            if kind not in _READ:
                self.tell("energy_import_list", list=kind, number=len(parts))
                continue
            given = {key for row in parts.values() for key in row} | set(self.network.series.get(kind, {}))
            ports = {key for key in given if kind == "links" and (key.rstrip("0123456789") in {"bus", "efficiency"})}
            for key in sorted(given - _READ[kind] - ports - _QUIET):
                self.tell("energy_import_attribute", list=kind, attribute=key)

    def _time(self) -> tuple[Floats | None, Floats | None]:
        """Return length and number of the snapshots, None where each is one hour."""
        weights = self.network.weightings
        if np.any(weights["generators"] != weights["objective"]):
            self.tell("energy_import_weightings")
        lengths, hours = weights["stores"], weights["objective"]
        if np.all(lengths == 1.0) and np.all(hours == 1.0):
            return None, None
        return lengths.copy(), np.divide(hours, lengths, out=np.zeros_like(hours), where=lengths > 0)

    def balanced(self, name: str) -> str:
        """Return a balanced carrier, made where it is not there."""
        self.carriers.setdefault(name, Carrier(name=name))
        return name

    def released(self) -> dict[str, float]:
        """Return the output of what only takes: a carrier that is let go."""
        self.carriers.setdefault("released", Carrier(name="released", surplus=True))
        return {"released": 1.0}

    def carrier(self, bus: str) -> str:
        """Return the carrier of a bus."""
        return self.places[bus]

    def varying(self, kind: str, name: str, attribute: str, default: float | None = None) -> Floats:
        """Return an attribute in every period and hour, (P, H)."""
        found = self.network.varying(kind, name, attribute, default)
        return np.broadcast_to(
            np.asarray(found, float).reshape(-1, self.hours if np.ndim(found) else 1), (len(self.years), self.hours)
        )

    def profile(self, kind: str, name: str, attribute: str, values: Floats) -> Hourly:
        """Return a number, or the name of a profile of the first period; tell where the periods differ."""
        if np.any(values != values[0]):
            self.tell("energy_import_periods", list=kind, attribute=attribute, component=name)
        if np.ptp(values[0]) == 0:
            return float(values[0, 0])
        label = f"{name}.{attribute}"
        self.profiles[label] = values[0].copy()
        return label

    def hourly(self, kind: str, name: str, attribute: str, default: float | None = None) -> Hourly:
        """Return an attribute that may vary by hour."""
        return self.profile(kind, name, attribute, self.varying(kind, name, attribute, default))

    def size(self, kind: str, name: str, *, letter: str = "p", scale: float = 1.0) -> dict[str, Any]:
        """Return capacity and its cost; `scale` is our capacity for one of PyPSA's."""
        net = self.network
        build, life = int(net.number(kind, name, "build_year")), net.number(kind, name, "lifetime")
        many = len(self.years) > 1
        if not net.flag(kind, name, f"{letter}_nom_extendable"):
            size = net.number(kind, name, f"{letter}_nom") * scale
            if not many:
                return {"existing": size}
            retires = int(build + life) if math.isfinite(life) else None
            return {"existing": (Asset(size, commissioned=build, retires=retires),)}
        years = life if math.isfinite(life) else LIFETIME if not many else 200.0
        cost = net.number(kind, name, "capital_cost") / scale / annuity(self.rate, years)
        result: dict[str, Any] = {
            "expandable": True, "investment": cost, "lifetime": years, "minimum": net.number(kind, name, f"{letter}_nom_min") * scale,
            "potential": net.number(kind, name, f"{letter}_nom_max") * scale,
        }  # fmt: skip
        if many:
            first = min((year for year in self.years if year >= build), default=None)
            most = 1e9 if math.isinf(result["potential"]) else result["potential"]
            result["build_rate"] = {year: most if year == first else 0.0 for year in self.years}
            if result["minimum"] > 0:
                result["minimum"] = {
                    year: result["minimum"] if first is not None and first <= year < build + years else 0.0
                    for year in self.years
                }
        return result

    # parts

    def _load(self, name: str) -> None:
        net = self.network
        bus = net.text("loads", name, "bus")
        load = self.varying("loads", name, "p_set") * -net.number("loads", name, "sign", -1.0)
        means = load.mean(axis=1)
        peak = int(np.argmax(np.abs(means)))
        if np.any(load):
            base = means[peak] if means[peak] else 1.0
            profile = load[peak] / base
            if np.any(np.abs(load - np.outer(means, profile)) > 1e-9 * np.abs(load).max()) and means[peak]:
                self.tell("energy_import_periods", list="loads", attribute="p_set", component=name)
            annual: Any = {
                year: float(m) * HOURS_PER_YEAR
                for year, m in zip(self.years, means if means[peak] else [1.0] * len(means), strict=True)
            }
            self.components.append(
                Demand(
                    name=name, technology=net.text("loads", name, "carrier"), node=bus, carrier=self.carrier(bus),
                    value_of_lost_load=math.inf,
                    annual=annual if len(self.years) > 1 else annual[self.years[0]], profile=self._shape(f"{name}.load", profile),
                )
            )  # fmt: skip

    def _shape(self, label: str, values: Floats) -> Hourly:
        """Return a number or the name of a profile."""
        if np.ptp(values) == 0:
            return float(values[0])
        self.profiles[label] = values
        return label

    def _emission(self, name: str) -> float:
        """Return the CO2 of what a generator gives [t/MWh]."""
        net, carrier = self.network, self.network.text("generators", name, "carrier")
        factor = net.number("carriers", carrier, "co2_emissions") if carrier in net.static.get("carriers", {}) else 0.0
        if not factor:
            return 0.0
        efficiency = self.varying("generators", name, "efficiency")
        if np.ptp(efficiency) > 0:
            self.tell("energy_import_periods", list="generators", attribute="efficiency", component=name)
        return float(factor / efficiency.mean())

    def _generator(self, name: str) -> None:
        net, kind = self.network, "generators"
        bus = net.text(kind, name, "bus")
        least, most = self.varying(kind, name, "p_min_pu"), self.varying(kind, name, "p_max_pu")
        if net.number(kind, name, "sign") != 1.0:
            self.tell("energy_import_attribute", list=kind, attribute="sign")
        size, committable = self.size(kind, name), net.flag(kind, name, "committable")
        ramps = self._ramps(kind, name)
        if np.any(least < 0):
            self._taking(name, bus, least, most, size)
            if not np.any(most > 0):
                return
            least = np.maximum(least, 0.0)
        common = {
            "name": name, "technology": net.text(kind, name, "carrier") or name, "node": bus,
            "availability": self.profile(kind, name, "p_max_pu", most), **size,
        }  # fmt: skip
        must = 0.0 if committable else self.profile(kind, name, "p_min_pu", least)
        cost = self.varying(kind, name, "marginal_cost")
        if committable:
            common |= self._units(name, least, size)
        self._sums(name)
        total = net.number(kind, name, "e_sum_max")
        if ramps or committable:
            if np.ptp(cost) > 0:
                # a plant has no tariff: what it costs by hour is bought from a market of its own
                self.tell("energy_import_mean_cost", component=name)
            self.components.append(
                Converter(
                    inputs={}, outputs={self.carrier(bus): 1.0}, must_run=must, variable_om=float(cost.mean()), annual_limit=total,
                    process_emission=self._emission(name), **ramps, **common,
                )
            )  # fmt: skip
            return
        fixed, hourly = self._prices(name, cost)
        self.components.append(
            Source(
                carrier=self.carrier(bus), must_run=must, variable_om=fixed, tariff=hourly, annual_limit=total,
                emission_factor=self._emission(name), **common,
            )
        )  # fmt: skip

    def _prices(self, name: str, cost: Floats) -> tuple[Any, Hourly]:
        """Return a price by period and what is added to it by hour; tell where that is not enough."""
        base = cost[:, 0]
        added = cost - base[:, None]
        fixed: Any = float(base[0]) if len(self.years) == 1 else dict(zip(self.years, map(float, base), strict=True))
        return fixed, self.profile("generators", name, "marginal_cost", added)

    def _taking(self, name: str, bus: str, least: Floats, most: Floats, size: dict[str, Any]) -> None:
        """Add what a generator takes from its bus."""
        if (
            np.any(least > 0)
            or (np.any(most < 0) and np.any(most != least))
            or (np.any(most > 0) and "expandable" in size)
        ):
            self.tell("energy_import_attribute", list="generators", attribute="p_min_pu")
        cost = self.varying("generators", name, "marginal_cost")
        if np.ptp(cost) > 0:
            self.tell("energy_import_mean_cost", component=name)
        self.components.append(
            Converter(
                name=f"{name}.taken", technology=self.network.text("generators", name, "carrier"), node=bus,
                inputs={self.carrier(bus): 1.0},
                outputs=self.released(), availability=self.profile("generators", name, "taken", np.maximum(-least, 0.0)),
                variable_om=-float(cost.mean()),
                process_emission=-self._emission(name), annual_limit=-self.network.number("generators", name, "e_sum_min"), **size,
            )
        )  # fmt: skip

    def _ramps(self, kind: str, name: str) -> dict[str, Any]:
        """Return ramps by the hour."""
        lengths, result = self.network.weightings["stores"], {}
        for attribute, ours in (("ramp_limit_up", "ramp_up"), ("ramp_limit_down", "ramp_down")):
            values = self.varying(kind, name, attribute)
            if np.all(np.isfinite(values)):
                if np.ptp(values) > 0 or np.ptp(lengths) > 0:
                    self.tell("energy_import_attribute", list=kind, attribute=attribute)
                else:
                    result[ours] = float(values[0, 0] / lengths[0])
        return result

    def _units(self, name: str, least: Floats, size: dict[str, Any]) -> dict[str, Any]:
        """Return the commitment of a generator, which is one unit."""
        net, kind = self.network, "generators"
        self.tell("energy_import_commitment", component=name)
        unit = float(net.number(kind, name, "p_nom"))
        if "expandable" in size or unit <= 0:
            return {}
        return {
            "unit_size": unit, "minimum_load": float(least.mean()), "start_cost": net.number(kind, name, "start_up_cost") / unit,
            "minimum_up": int(net.number(kind, name, "min_up_time")), "minimum_down": int(net.number(kind, name, "min_down_time")),
        }  # fmt: skip

    def _sums(self, name: str) -> None:
        """Add the least sum over all snapshots as a policy."""
        least = self.network.number("generators", name, "e_sum_min")
        if math.isfinite(least) and least > 0:
            bus, kind = (
                self.network.text("generators", name, "bus"),
                self.network.text("generators", name, "carrier") or name,
            )
            if (
                sum(
                    self.network.text("generators", other, "carrier") == kind
                    for other in self.network.names("generators")
                )
                > 1
            ):
                self.tell("energy_import_attribute", list="generators", attribute="e_sum_min")
            else:
                self.policies.append(
                    EnergyLimit(name=f"{name}.e_sum_min", technologies=(kind,), carrier=self.carrier(bus), least=least)
                )

    def _link(self, name: str) -> None:
        net, kind = self.network, "links"
        start = net.text(kind, name, "bus0")
        ports = [
            (key, f"efficiency{'' if key == 'bus1' else key[3:]}")
            for key in net.static[kind][name]
            if key[3:].isdigit() and key != "bus0"
        ]
        ends = [(net.text(kind, name, bus), self.varying(kind, name, eff, 1.0)) for bus, eff in ports]
        least = self.varying(kind, name, "p_min_pu")
        size, cost = self.size(kind, name), self.varying(kind, name, "marginal_cost")
        if np.ptp(cost) > 0:
            self.tell("energy_import_mean_cost", component=name)
        price = float(cost.mean())
        if len(ends) == 1 and self._is_line(name, start, ends[0], least, price):
            return
        share = self.hourly(kind, name, "p_max_pu")
        if np.any(least < 0):
            self._reversed(name, start, ends, least, size, price)
        self._plant(
            name, [(start, -np.ones_like(least)), *ends], availability=share, variable_om=price,
            must_run=self.profile(kind, name, "p_min_pu", np.maximum(least, 0.0)), **size, **self._ramps(kind, name),
        )  # fmt: skip

    def _is_line(self, name: str, start: str, end: tuple[str, Floats], least: Floats, price: float) -> bool:
        """Add a link that carries between buses of one carrier as a line, where it is one."""
        bus, efficiency = end
        same = self.carrier(start) == self.carrier(bus) and not self._ramps("links", name)
        both = bool(
            np.all(least == -self.varying("links", name, "p_max_pu")) and np.all(efficiency == 1.0) and price == 0.0
        )
        if not same or np.ptp(efficiency) > 0 or not 0 < efficiency[0, 0] <= 1 or not (both or np.all(least == 0)):
            return False
        self.components.append(
            Line(
                name=name, technology=self.network.text("links", name, "carrier"), from_node=start, to_node=bus,
                carrier=self.carrier(start),
                loss=1.0 - float(efficiency[0, 0]), availability=self.hourly("links", name, "p_max_pu"), variable_om=price,
                one_way=not both,
                **self.size("links", name),
            )
        )  # fmt: skip
        return True

    def _reversed(
        self, name: str, start: str, ends: list[tuple[str, Floats]], least: Floats, size: dict[str, Any], price: float
    ) -> None:
        """Add the other way of a link that runs both ways."""
        if "expandable" in size:
            self.tell("energy_import_attribute", list="links", attribute="p_min_pu")
        back = self.profile("links", name, "back", np.maximum(-least, 0.0))
        flows = [(start, np.ones_like(least)), *((bus, -efficiency) for bus, efficiency in ends)]
        self._plant(f"{name}.back", flows, kind=name, availability=back, variable_om=-price, **size)

    def _plant(self, name: str, flows: list[tuple[str, Floats]], kind: str = "", **more: Any) -> None:
        """Add a plant from flows of buses for a unit of activity; buses of one carrier are told apart by a carrier of their own."""
        inputs: dict[str, Hourly] = {}
        outputs: dict[str, Hourly] = {}
        places: dict[str, str] = {}
        for at, (bus, amount) in enumerate(flows):
            carrier, sign = self.carrier(bus), 1.0 if amount.sum() >= 0 else -1.0
            if carrier in places:
                carrier = self.balanced(f"{name}.{at}")
                ways = ({carrier: 1.0}, {self.carrier(bus): 1.0})
                self.components.append(
                    Converter(name=f"{name}.port{at}", node=bus, inputs=ways[sign < 0], outputs=ways[sign > 0], existing=1e6)
                )  # fmt: skip
            places[carrier] = bus
            (outputs if sign > 0 else inputs)[carrier] = self.profile("links", name, f"efficiency{at}", sign * amount)
        label = self.network.text("links", kind or name, "carrier")
        self.components.append(
            Converter(
                name=name, technology=label, node=flows[0][0], inputs=inputs, outputs=outputs, places=places, **more
            )
        )

    def _line(self, name: str) -> None:
        net, kind = self.network, "lines"
        a, b = net.text(kind, name, "bus0"), net.text(kind, name, "bus1")
        if self._meshed(a, b, name):
            self.tell("energy_import_voltages", component=name)
        self.components.append(
            Line(
                name=name, technology=net.text(kind, name, "carrier"), from_node=a, to_node=b, carrier=self.carrier(a), variable_om=0.0,
                availability=self.hourly(kind, name, "s_max_pu"), **self.size(kind, name, letter="s"),
            )
        )  # fmt: skip

    def _meshed(self, a: str, b: str, name: str) -> bool:
        """Tell whether the ends of a line are joined by other lines, so that Kirchhoff's voltage law would bind."""
        net, seen, front = self.network, {a}, [a]
        while front:
            at = front.pop()
            for other in net.names("lines"):
                ends = net.text("lines", other, "bus0"), net.text("lines", other, "bus1")
                if other != name and at in ends:
                    far = ends[1] if ends[0] == at else ends[0]
                    if far not in seen:
                        seen.add(far)
                        front.append(far)
        return b in seen

    def _storage_unit(self, name: str) -> None:
        net, kind = self.network, "storage_units"
        bus, size = net.text(kind, name, "bus"), self.size(kind, name)
        inflow, least = self.varying(kind, name, "inflow"), self.varying(kind, name, "p_min_pu", -1.0)
        hours, cyclic = net.number(kind, name, "max_hours"), net.flag(kind, name, "cyclic_state_of_charge")
        ways = {
            key: float(self.varying(kind, name, key).mean())
            for key in ("efficiency_store", "efficiency_dispatch", "standing_loss")
        }
        for key in ways:
            if np.ptp(self.varying(kind, name, key)) > 0:
                self.tell("energy_import_attribute", list=kind, attribute=key)
        self._cyclic(kind, name, "cyclic_state_of_charge_per_period")
        content = net.number(kind, name, "state_of_charge_initial")
        common = {
            "name": name, "technology": net.text(kind, name, "carrier") or name, "node": bus, "carrier": self.carrier(bus),
            "variable_om": float(self.varying(kind, name, "marginal_cost").mean()), **size,
        }  # fmt: skip
        volume = net.number(kind, name, "p_nom") * hours
        if "expandable" in size and content and not cyclic:
            self.tell("energy_import_attribute", list=kind, attribute="state_of_charge_initial")
        if not np.any(inflow):
            initial = None if cyclic else self._initial(content, volume, ways["standing_loss"])
            self.components.append(
                Store(
                    hours=hours, charge_ratio=float(-least.mean()), charge_efficiency=ways["efficiency_store"], initial=initial,
                    returns=False,
                    discharge_efficiency=ways["efficiency_dispatch"], standing_loss=ways["standing_loss"], **common,
                )
            )  # fmt: skip
            return
        if np.any(least) or ways["standing_loss"] or "expandable" in size:
            self._pumped(name, bus, ways, common, volume, None if cyclic else content, least, inflow)
            return
        eff = ways["efficiency_dispatch"]
        mean = float(inflow.mean())
        self.components.append(
            Reservoir(
                volume=volume * eff, annual_inflow=mean * eff * HOURS_PER_YEAR, inflow=self.profile(kind, name, "inflow", inflow / mean),
                initial=None if cyclic else (content / volume if volume else 0.0), returns=False, **common,
            )
        )  # fmt: skip

    def _initial(self, content: float, volume: float, loss: float) -> float:
        """Return the content before the first step as a share; PyPSA loses none of it in the first step."""
        kept = (1.0 - loss) ** float(self.network.weightings["stores"][0])
        return content / volume / kept if volume else 0.0

    def _cyclic(self, kind: str, name: str, attribute: str) -> None:
        """Tell of a content that is carried from one period into the next."""
        if len(self.years) > 1 and not self.network.flag(kind, name, attribute):
            self.tell("energy_import_attribute", list=kind, attribute=attribute)

    def _pumped(
        self,
        name: str,
        bus: str,
        ways: dict[str, float],
        common: dict[str, Any],
        volume: float,
        content: float | None,
        least: Floats,
        inflow: Floats,
    ) -> None:
        """Add a storage unit with inflow as a lake with what flows in, pumps, turbines and a spillway."""
        if "expandable" in common:
            self.tell("energy_import_attribute", list="storage_units", attribute="p_nom_extendable")
        water = self.balanced(f"{name}.water")
        power, peak = self.network.number("storage_units", name, "p_nom"), float(inflow.max())
        shape = self.profile("storage_units", name, "inflow", inflow / peak)
        plant = {key: common[key] for key in ("node", "technology")}
        eff, electricity = ways["efficiency_dispatch"], self.carrier(bus)
        initial = None if content is None else self._initial(content, volume, ways["standing_loss"])
        self.components += [
            Source(name=f"{name}.inflow", node=bus, carrier=water, existing=peak, availability=shape, must_run=shape),
            Converter(name=f"{name}.spill", node=bus, inputs={water: 1.0}, outputs=self.released(), existing=1e6),
            Converter(
                name=f"{name}.turbine", inputs={water: 1.0 / eff}, outputs={electricity: 1.0}, existing=power,
                variable_om=common["variable_om"],
                **plant,
            ),
            Converter(
                name=f"{name}.pump", inputs={electricity: 1.0}, outputs={water: ways["efficiency_store"]}, existing=power,
                availability=self.profile("storage_units", name, "pump", -least), **plant,
            ),
            Store(
                name=name, node=bus, carrier=water, hours=1.0, existing=volume, standing_loss=ways["standing_loss"], initial=initial,
                returns=False,
            ),
        ]  # fmt: skip

    def _store(self, name: str) -> None:
        net, kind = self.network, "stores"
        bus, step = net.text(kind, name, "bus"), float(self.network.weightings["stores"].min())
        cyclic, energy = net.flag(kind, name, "e_cyclic"), net.number(kind, name, "e_nom")
        loss, content = float(self.varying(kind, name, "standing_loss").mean()), net.number(kind, name, "e_initial")
        size = self.size(kind, name, letter="e", scale=1.0 / step)
        self._cyclic(kind, name, "e_cyclic_per_period")
        if "expandable" in size and content and not cyclic:
            self.tell("energy_import_attribute", list=kind, attribute="e_initial")
        self.components.append(
            Store(
                name=name, technology=net.text(kind, name, "carrier") or name, node=bus, carrier=self.carrier(bus), hours=step,
                initial=None if cyclic else self._initial(content, energy, loss), returns=False, standing_loss=loss,
                minimum_content=self.hourly(kind, name, "e_min_pu"), **size,
            )
        )  # fmt: skip

    def _constraint(self, name: str) -> None:
        net, kind = self.network, "global_constraints"
        period = net.number(kind, name, "investment_period")
        known = (
            net.text(kind, name, "type") in {"", "primary_energy"}
            and net.get(kind, name, "carrier_attribute") == "co2_emissions"
        )
        if not known or net.get(kind, name, "sense") != "<=":
            self.tell("energy_import_constraint", component=name)
            return
        most = net.number(kind, name, "constant")
        if len(self.years) == 1:
            self.policies.append(EmissionLimit(name=name, cap=most))
        elif math.isnan(period):
            self.policies.append(EmissionLimit(name=name, budget=most))
        else:
            cap = {year: most / net.periods[year]["years"] if year == int(period) else 1e12 for year in self.years}
            self.policies.append(EmissionLimit(name=name, cap=cap))
