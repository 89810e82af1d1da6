"""A system on one node: sums, weighted means, and the same optimum where nothing was hidden by the nodes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tanlu.energy.components import (
    Asset,
    Carrier,
    Component,
    Converter,
    Demand,
    Line,
    Node,
    Reservoir,
    Source,
    Store,
)
from tanlu.energy.policies import CapacityTarget
from tanlu.energy.system import System

HOURS = 48
ELECTRICITY, COAL = Carrier(name="electricity"), Carrier(name="coal", market=True, price=100.0, emission_factor=0.34)


def sites(**changes: object) -> System:
    """Return two nodes with sun, coal, load and storage, a cascade, and a line without limit or cost."""
    hour = np.arange(HOURS)
    sun = np.clip(np.sin((hour % 24 - 6) / 12 * np.pi), 0, None)
    profiles = {"a.pv": sun, "b.pv": 0.5 * sun, "a.load": np.ones(HOURS), "b.load": np.where(hour % 24 < 12, 0.5, 1.5)}
    common = {"carrier": "electricity"}
    components: list[Component] = [
        Line(name="tie", from_node="a", to_node="b", existing=1e5, variable_om=0.0, **common),
        Reservoir(name="upper", technology="hydro", node="a", existing=50.0, volume=2e3, annual_inflow=2e5, downstream="lower", **common),
        Reservoir(name="lower", technology="hydro", node="b", existing=50.0, volume=1e3, annual_inflow=1e5, **common),
    ]  # fmt: skip
    for node, size, potential in (("a", 100.0, 300.0), ("b", 200.0, 900.0)):
        components += [
            Source(name=f"{node}.pv", technology="pv", node=node, availability=f"{node}.pv", expandable=True, investment=3e6,
                   potential=potential, **common),
            Converter(name=f"{node}.coal", technology="coal", node=node, inputs={"coal": 1.0}, outputs={"electricity": 1.0},
                      efficiency=0.4, existing=(Asset(size, None, 2040), Asset(size, 2035))),
            Demand(name=f"{node}.load", technology="load", node=node, annual={2030: 8760.0 * size, 2040: 8760.0 * size * 2},
                   profile=f"{node}.load", **common),
            Store(name=f"{node}.battery", technology="battery", node=node, expandable=True, hours=4.0, investment=2e6, **common),
        ]  # fmt: skip
    system = System(
        name="sites",
        carriers=(ELECTRICITY, COAL),
        nodes=(Node(name="a"), Node(name="b")),
        components=tuple(components),
        profiles=profiles,
        periods=(2030,),
        hours=HOURS,
    )
    return replace(system, **changes)  # type: ignore[arg-type]


def test_what_stands_is_joined_and_what_may_stand_and_is_asked_is_summed() -> None:
    one = sites().aggregate()
    pv, coal, load = (one.component(name) for name in ("pv", "coal", "load"))
    assert isinstance(pv, Source) and pv.potential == 1200.0
    assert isinstance(coal, Converter) and coal.standing((2030, 2035, 2040)).tolist() == [300.0, 600.0, 300.0]
    assert isinstance(load, Demand) and load.annual == {2030: 8760.0 * 300, 2040: 8760.0 * 600}
    assert {c.node for c in one.components if hasattr(c, "node")} == {"sites"} == {n.name for n in one.nodes}


def test_profiles_are_weighted_by_capacity_and_by_load() -> None:
    """By hand: sun 300 of 1200 MW at a and 900 at half strength at b; load one third at a and two thirds at b."""
    system = sites()
    one = system.aggregate()
    sun = system.profiles["a.pv"]
    assert one.profiles["pv.availability"] == pytest.approx(sun * (0.25 + 0.75 * 0.5))
    assert one.profiles["load.profile"][[0, 12]] == pytest.approx([1 / 3 + 2 / 3 * 0.5, 1 / 3 + 2 / 3 * 1.5])


def test_lines_fall_away_and_cascades_stay() -> None:
    one = sites().aggregate()
    assert not [c for c in one.components if isinstance(c, Line)]
    upper = one.component("upper")
    assert isinstance(upper, Reservoir) and upper.downstream == "lower"


def test_nodes_that_are_alike_and_joined_without_limit_cost_the_same_on_one() -> None:
    """Nothing is hidden by the nodes then, so that both programmes have the same optimum."""
    system = sites()
    system = replace(system, profiles={**system.profiles, "b.pv": system.profiles["a.pv"]})
    whole, one = (s.solve(segments=None, solver="highs-simplex").objective for s in (system, system.aggregate()))
    assert one == pytest.approx(whole, rel=1e-9)


def test_the_one_node_is_sound_and_stays_as_it_is() -> None:
    """The aggregate is sound in itself: nothing is wrong with it and it is aggregated into itself."""
    one = sites().aggregate()
    assert one.check() == []
    again = one.aggregate()
    assert {c.name for c in again.components} == {c.name for c in one.components}


def test_a_target_for_some_nodes_keeps_its_least_only() -> None:
    target = CapacityTarget(name="plan", technologies=("pv",), nodes=("a",), least=10.0, most=20.0)
    policy = sites(policies=(target,)).aggregate().policies[0]
    assert isinstance(policy, CapacityTarget) and policy.nodes == () and policy.least == 10.0 and np.isinf(policy.most)  # type: ignore[arg-type]
