"""Systems small enough to see through, for tests of answers and certificates."""

from __future__ import annotations

import numpy as np

from tanlu.energy.components import (
    Carrier,
    Component,
    Contract,
    Converter,
    Demand,
    Line,
    Node,
    Reservoir,
    Sequestration,
    Source,
    Store,
)
from tanlu.energy.policies import EmissionLimit, ReserveMargin
from tanlu.energy.system import System

HOURS = 96


def two_nodes(**changes: object) -> System:
    """Return a system of two nodes over four days with sun, wind, coal, capture, a reservoir, storage, a contract and a line."""
    rng = np.random.default_rng(3)
    hour = np.arange(HOURS)
    day = np.clip(np.sin((hour % 24 - 6) / 12 * np.pi), 0, None)
    profiles = {
        "west.load": 1 + 0.3 * np.sin((hour % 24 - 8) / 24 * 2 * np.pi),
        "east.load": 1 + 0.2 * np.sin((hour % 24 - 10) / 24 * 2 * np.pi),
        "pv": day * np.repeat(rng.uniform(0.3, 0.9, HOURS // 24), 24),
        "wind": np.clip(0.3 + 0.2 * rng.normal(size=HOURS), 0, 1),
    }
    components: list[Component] = [
        Demand(
            name="west.load", technology="load", node="west", carrier="electricity", annual=8.76e6, profile="west.load"
        ),
        Demand(
            name="east.load", technology="load", node="east", carrier="electricity", annual=17.52e6, profile="east.load"
        ),
        Source(
            name="west.pv",
            technology="pv",
            node="west",
            carrier="electricity",
            availability="pv",
            expandable=True,
            investment=2.2e6,
            fixed_om=4e4,
            non_fossil=True,
        ),
        Source(
            name="east.wind",
            technology="wind",
            node="east",
            carrier="electricity",
            availability="wind",
            expandable=True,
            investment=5.6e6,
            potential=3000.0,
            non_fossil=True,
        ),
        Converter(
            name="east.coal",
            technology="coal",
            node="east",
            inputs={"coal": 1.0},
            outputs={"electricity": 1.0},
            efficiency=0.4,
            existing=3000.0,
            fixed_om=1.5e5,
            variable_om=20.0,
        ),
        Converter(
            name="east.ccs",
            technology="ccs",
            node="east",
            inputs={"coal": 1.0},
            outputs={"electricity": 1.0},
            efficiency=0.33,
            expandable=True,
            investment=9e6,
            capture=0.9,
        ),
        Sequestration(
            name="east.formation",
            technology="formation",
            node="east",
            expandable=True,
            investment=1e5,
            variable_om=60.0,
        ),
        Reservoir(
            name="west.hydro",
            technology="hydro",
            node="west",
            carrier="electricity",
            existing=600.0,
            volume=4e4,
            annual_inflow=2.4e6,
        ),
        Store(
            name="east.battery",
            technology="battery",
            node="east",
            carrier="electricity",
            hours=4.0,
            expandable=True,
            investment=3e6,
            charge_efficiency=0.95,
            discharge_efficiency=0.95,
            lifetime=15.0,
        ),
        Contract(
            name="west.uhv",
            technology="uhv",
            node="west",
            carrier="electricity",
            existing=500.0,
            price=350.0,
            minimum_take=0.3,
            non_fossil_share=0.5,
        ),
        Line(
            name="middle",
            technology="line",
            from_node="west",
            to_node="east",
            carrier="electricity",
            loss=0.03,
            existing=800.0,
            expandable=True,
            investment=1e6,
        ),
    ]
    system = System(
        name="two-nodes",
        carriers=(
            Carrier(name="electricity"),
            Carrier(name="co2", unit="t"),
            Carrier(name="coal", market=True, price=110.0, emission_factor=0.34),
        ),
        nodes=(Node(name="west"), Node(name="east")),
        components=components,
        policies=(
            EmissionLimit(name="carbon", cap=5e6),
            ReserveMargin(
                name="reserve",
                margin=0.05,
                credits={"coal": 0.95, "ccs": 0.95, "hydro": 0.6, "battery": 0.5, "uhv": 0.8},
            ),
        ),
        profiles=profiles,
        hours=HOURS,
    )
    return system.with_changes(**changes)
