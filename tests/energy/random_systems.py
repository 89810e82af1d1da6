"""Random energy systems for properties that hold for every system: features are switched on by name, numbers follow from a seed.

Every system has a plan: load can be left unserved, electricity that is too much can be let go, and coal power can be built without limit.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from tanlu.energy.components import (
    Asset,
    Carrier,
    Component,
    Contract,
    Converter,
    Demand,
    Emission,
    Fleet,
    Line,
    Node,
    Reservoir,
    Sequestration,
    Source,
    Store,
)
from tanlu.energy.policies import (
    CapacityTarget,
    EmissionLimit,
    EnergyLimit,
    NonFossilShare,
    Policy,
    ReserveMargin,
)
from tanlu.energy.problem import Floats
from tanlu.energy.system import System

FEATURES = (
    "battery", "standing_loss", "initial", "energy_capacity", "ramps", "varying_efficiency", "varying_fuel", "capture", "must_run",
    "tariff",
    "cascade", "delay", "shifting", "elastic", "fleet", "contract", "line", "heat", "synthesis", "cap", "budget", "share", "targets",
    "reserve", "fuel_limit", "pathway",
)  # fmt: skip


def random_system(seed: int, features: frozenset[str], hours: int = 24) -> System:
    """Return a system of one or two nodes with what `features` names."""
    rng = np.random.default_rng(seed)
    nodes = ["a", "b"] if "line" in features else ["a"]
    profiles: dict[str, Floats] = {}
    components: list[Component] = []
    for node in nodes:
        components += _basis(rng, node, hours, profiles)
        components += _storage(rng, node, features)
        components += _plants(rng, node, hours, features, profiles)
        components += _water(rng, node, hours, features, profiles)
        components += _users(rng, node, hours, features, profiles)
    if "line" in features:
        components.append(
            Line(
                name="line", from_node="a", to_node="b", carrier="electricity", existing=rng.uniform(0, 50),
                expandable=bool(rng.integers(2)), investment=rng.uniform(1e4, 1e6), loss=rng.uniform(0, 0.1),
            )
        )  # fmt: skip
    return System(
        name=f"random-{seed}",
        carriers=_carriers(rng),
        nodes=[Node(name=node) for node in nodes],
        components=components,
        policies=_policies(rng, features, nodes),
        profiles=profiles,
        periods=(2025, 2030, 2040) if "pathway" in features else (2030,),
        hours=hours,
    )


def profile(rng: Generator, hours: int, low: float = 0.0, high: float = 1.0) -> Floats:
    """Return a profile that rises and falls with the day and has noise."""
    day = 0.5 + 0.5 * np.sin(2 * np.pi * (np.arange(hours) / 24 + rng.uniform()))
    return np.asarray(low + (high - low) * np.clip(day * rng.uniform(0.5, 1.0) + rng.uniform(-0.3, 0.3, hours), 0, 1))


def _carriers(rng: Generator) -> list[Carrier]:
    return [
        Carrier(name="electricity", surplus=True),
        Carrier(name="heat", surplus=True),
        Carrier(name="co2", unit="t"),
        Carrier(name="methanol"),
        Carrier(name="coal", market=True, price=rng.uniform(50, 150), emission_factor=0.34),
        Carrier(name="biomass", market=True, price=rng.uniform(100, 250), emission_factor=0.36, biogenic=True, non_fossil=True),
    ]  # fmt: skip


def _basis(rng: Generator, node: str, hours: int, profiles: dict[str, Floats]) -> list[Component]:
    """Return load, sun and coal power."""
    shape = 0.2 + profile(rng, hours)
    profiles[f"{node}.load"] = shape / shape.mean()
    profiles[f"{node}.sun"] = profile(rng, hours)
    return [
        Demand(name=f"{node}.load", node=node, carrier="electricity", annual=8760 * 100.0, profile=f"{node}.load",
        value_of_lost_load=5000.0),
        Source(
            name=f"{node}.sun", technology="sun", node=node, carrier="electricity", availability=f"{node}.sun", expandable=True,
            investment={2025: 3.5e6, 2050: rng.uniform(1e6, 3e6)}, fixed_om=4e4, non_fossil=True, potential=rng.uniform(100, 1000),
        ),
        Converter(
            name=f"{node}.coal", technology="coal", node=node, inputs={"coal": 1.0}, outputs={"electricity": 1.0}, efficiency=0.42,
            expandable=True, existing=(Asset(rng.uniform(20, 60), retires=2035), Asset(20.0)), investment=3.5e6, fixed_om=1e5,
            variable_om=25.0, lifetime=30.0,
        ),
    ]  # fmt: skip


def _storage(rng: Generator, node: str, features: frozenset[str]) -> list[Component]:
    if "battery" not in features:
        return []
    own = "energy_capacity" in features
    return [
        Store(
            name=f"{node}.battery", technology="battery", node=node, carrier="electricity", expandable=True, existing=5.0,
            hours=None if own else rng.uniform(1, 8), energy_existing=10.0, energy_investment=rng.uniform(1e5, 8e5) if own else 0.0,
            investment=rng.uniform(2e5, 2e6), lifetime=15.0, charge_efficiency=0.95, discharge_efficiency=0.93, variable_om=5.0,
            charge_ratio=rng.uniform(0.5, 1.5), standing_loss=rng.uniform(0.001, 0.1) if "standing_loss" in features else 0.0,
            initial=rng.uniform(0, 1) if "initial" in features else None,
        )
    ]  # fmt: skip


def _plants(
    rng: Generator, node: str, hours: int, features: frozenset[str], profiles: dict[str, Floats]
) -> list[Component]:
    """Return plants that ramp, vary in efficiency, capture, must run, follow a tariff, make heat."""
    plants: list[Component] = []
    if "ramps" in features:
        plants.append(
            Converter(
                name=f"{node}.slow", node=node, inputs={"coal": 1 / 0.45}, outputs={"electricity": 1.0}, existing=rng.uniform(10, 80),
                ramp_up=rng.uniform(0.02, 0.3), ramp_down=rng.uniform(0.02, 0.3),
            )
        )  # fmt: skip
    if "varying_fuel" in features or "capture" in features:
        fuel = rng.choice(["coal", "biomass"])
        varying = "varying_fuel" in features
        profiles[f"{node}.use"] = profile(rng, hours, 2.0, 3.0)
        plants.append(
            Converter(
                name=f"{node}.fuel", technology="fuel", node=node, inputs={str(fuel): f"{node}.use" if varying else 2.5},
                outputs={"electricity": 1.0}, expandable=True, investment=rng.uniform(2e6, 5e6),
                capture=0.9 if "capture" in features else 0.0, process_emission=rng.uniform(0, 0.2),
            )
        )  # fmt: skip
    if "capture" in features:
        plants.append(
            Sequestration(
                name=f"{node}.well", node=node, existing=20.0, expandable=True, investment=1e5, variable_om=rng.uniform(20, 200),
                total=rng.uniform(1e6, 1e8) if rng.integers(2) else np.inf,
            )
        )  # fmt: skip
    if "synthesis" in features:
        plants.append(
            Converter(
                name=f"{node}.synthesis", node=node, inputs={"co2": 0.25, "electricity": 1.2}, outputs={"methanol": 1.0}, expandable=True,
                investment=1e6,
            )
        )  # fmt: skip
        plants.append(
            Demand(name=f"{node}.methanol", node=node, carrier="methanol", annual=8760 * 5.0, value_of_lost_load=3000.0)
        )
        if "capture" not in features:
            plants.append(Source(name=f"{node}.co2", node=node, carrier="co2", existing=3.0, variable_om=300.0))
    if "must_run" in features:
        profiles[f"{node}.must"] = profile(rng, hours, 0.0, 0.8)
        plants.append(
            Source(
                name=f"{node}.waste", technology="waste", node=node, carrier="electricity", availability=1.0, must_run=f"{node}.must",
                existing=rng.uniform(5, 40), variable_om=rng.uniform(0, 300), emission_factor=0.2,
            )
        )  # fmt: skip
    if "tariff" in features:
        profiles[f"{node}.tariff"] = profile(rng, hours, -50.0, 900.0)
        plants.append(
            Source(
                name=f"{node}.grid", technology="grid", node=node, carrier="electricity", existing=rng.uniform(10, 50),
                tariff=f"{node}.tariff", annual_limit=rng.uniform(1e4, 4e5),
            )
        )  # fmt: skip
    if "heat" in features:
        plants += _heat(rng, node, hours, features, profiles)
    if "contract" in features:
        profiles[f"{node}.shape"] = profile(rng, hours, 0.2, 1.0)
        plants.append(
            Contract(
                name=f"{node}.contract", technology="contract", node=node, carrier="electricity", shape=f"{node}.shape",
                leeway=rng.uniform(0.4, 1), minimum_take=rng.uniform(0, 0.1), maximum_take=rng.uniform(0.6, 1.0),
                price=rng.uniform(200, 500),
                existing=rng.uniform(5, 30), expandable=bool(rng.integers(2)), investment=1e6, emission_factor=0.3, counted=True,
                non_fossil_share=0.5,
            )
        )  # fmt: skip
    return plants


def _heat(
    rng: Generator, node: str, hours: int, features: frozenset[str], profiles: dict[str, Floats]
) -> list[Component]:
    """Return a heat pump, an extraction turbine and the heat that is asked for."""
    profiles[f"{node}.warmth"] = profile(rng, hours, 2.0, 4.5)
    need = 0.1 + profile(rng, hours)
    profiles[f"{node}.heat"] = need / need.mean()
    return [
        Converter(
            name=f"{node}.pump", node=node, inputs={"electricity": 1.0},
            outputs={"heat": f"{node}.warmth" if "varying_efficiency" in features else 3.0}, expandable=True, investment=2e6,
        ),
        Converter(
            name=f"{node}.turbine", technology="turbine", node=node, inputs={"biomass": 1 / 0.35}, outputs={"electricity": 1.0},
            extraction="heat", extraction_loss=0.2, extraction_ratio=1.5, existing=rng.uniform(5, 30), variable_om=10.0,
        ),
        Demand(name=f"{node}.heat", node=node, carrier="heat", annual=8760 * 40.0, profile=f"{node}.heat", value_of_lost_load=3000.0),
    ]  # fmt: skip


def _water(
    rng: Generator, node: str, hours: int, features: frozenset[str], profiles: dict[str, Floats]
) -> list[Component]:
    """Return two reservoirs, one above the other."""
    if "cascade" not in features:
        return []
    for place in ("upper", "lower"):
        inflow = 0.1 + profile(rng, hours)
        profiles[f"{node}.{place}"] = inflow / inflow.mean()
    first = rng.uniform(0, 1) if "initial" in features else None
    delay = int(rng.integers(1, 7)) if "delay" in features else 0
    upper = Reservoir(
        name=f"{node}.upper", technology="hydro", node=node, carrier="electricity", existing=rng.uniform(10, 60),
        volume=rng.uniform(20, 500),
        annual_inflow=rng.uniform(5, 25) * 8760, inflow=f"{node}.upper", downstream=f"{node}.lower", downstream_ratio=rng.uniform(0.3, 1.5),
        delay=delay, initial=first, dead_share=rng.uniform(0, 0.2) if first is None else 0.0,
    )  # fmt: skip
    lower = Reservoir(
        name=f"{node}.lower", technology="hydro", node=node, carrier="electricity", existing=rng.uniform(10, 60),
        volume=rng.uniform(20, 500),
        annual_inflow=rng.uniform(1, 10) * 8760, inflow=f"{node}.lower", minimum_release=rng.uniform(0, 0.1), initial=first,
    )  # fmt: skip
    return [upper, lower]


def _users(
    rng: Generator, node: str, hours: int, features: frozenset[str], profiles: dict[str, Floats]
) -> list[Component]:
    """Return loads that move or give up, and vehicles."""
    users: list[Component] = []
    if "shifting" in features or "elastic" in features:
        shape = 0.1 + profile(rng, hours)
        profiles[f"{node}.flexible"] = shape / shape.mean()
        users.append(
            Demand(
                name=f"{node}.flexible", node=node, carrier="electricity", annual=8760 * 30.0, profile=f"{node}.flexible",
                value_of_lost_load=4000.0, shift_share=rng.uniform(0.1, 1.0) if "shifting" in features else 0.0,
                shift_window=int(rng.integers(3, 13)), shift_cost=rng.uniform(0, 50),
                elasticity=((0.1, 300.0), (0.2, 800.0)) if "elastic" in features else (),
            )
        )  # fmt: skip
    if "fleet" in features:
        drive = 0.05 + profile(rng, hours)
        profiles[f"{node}.drive"] = drive / drive.mean()
        profiles[f"{node}.plugged"] = profile(rng, hours, 0.3, 0.95)
        profiles[f"{node}.least"] = np.where(np.arange(hours) % 24 == 7, 0.5, 0.1)
        users.append(
            Fleet(
                name=f"{node}.fleet", technology="fleet", node=node, carrier="electricity", vehicles=5000, battery=0.05,
                annual_driving=15.0,
                driving=f"{node}.drive", plugged=f"{node}.plugged", managed=rng.uniform(0.3, 1.0), v2g=rng.uniform(0, 1),
                minimum_content=f"{node}.least", unmanaged_profile=f"{node}.drive",
            )
        )  # fmt: skip
    return users


def _policies(rng: Generator, features: frozenset[str], nodes: list[str]) -> list[Policy]:
    policies: list[Policy] = []
    if features & {"cap", "budget"}:
        policies.append(
            EmissionLimit(
                name="carbon", price=rng.uniform(0, 300), cap=rng.uniform(2e5, 8e5) * len(nodes) if "cap" in features else np.inf,
                budget=rng.uniform(3e6, 2e7) * len(nodes) if "budget" in features else np.inf,
            )
        )  # fmt: skip
    if "share" in features:
        policies.append(NonFossilShare(name="share", least=rng.uniform(0.05, 0.3)))
    if "targets" in features:
        policies.append(CapacityTarget(name="sun", technologies=("sun",), least=rng.uniform(0, 80), most=400.0))
        policies.append(EnergyLimit(name="coal", technologies=("coal",), most=rng.uniform(4e5, 9e5)))
    if "reserve" in features:
        policies.append(ReserveMargin(name="firm", margin=0.15, credits={"coal": 1.0, "battery": 0.5, "sun": 0.1}))
    if "fuel_limit" in features:
        policies.append(EnergyLimit(name="fuel", carrier="coal", most=rng.uniform(5e5, 3e6)))
        policies.append(EnergyLimit(name="wood", carrier="biomass", most=rng.uniform(5e4, 5e5)))
    return policies


def emission(amount: float) -> Emission:
    """Return a fixed emission [t/a]."""
    return Emission(name="cement", amount=amount)
