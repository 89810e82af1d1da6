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
from tanlu.energy.composite_reservoir import composite
from tanlu.energy.policies import CapacityTarget, ReserveMargin
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


def test_lines_fall_away_and_a_cascade_is_one_reservoir() -> None:
    """By hand: a MWh of water at the top makes one there and one below, so that its contents and inflows count twice."""
    one = sites().aggregate()
    assert not [c for c in one.components if isinstance(c, Line)]
    (hydro,) = (c for c in one.components if isinstance(c, Reservoir))
    assert (hydro.kind, hydro.downstream, hydro.standing((2030,)).tolist()) == ("hydro", "", [100.0])
    assert (hydro.volume, hydro.annual_inflow) == (2 * 2e3 + 1e3, 2 * 2e5 + 1e5)


def test_water_on_its_way_down_counts_at_every_plant() -> None:
    """By hand: at the lowest 1, above it 1 + 0.5, above that 1 + 2 * 1.5; inflow and what stays and is let go in that measure."""
    common = {"node": "a", "carrier": "electricity", "annual_inflow": 0.0}
    hours = np.array([0.5, 1.5])
    reservoirs = (
        Reservoir(name="low", volume=10.0, minimum_release=0.5, dead_share=0.1, **common),
        Reservoir(name="middle", volume=10.0, downstream="low", downstream_ratio=0.5, inflow=hours, **common),
        Reservoir(
            name="high", volume=10.0, downstream="middle", downstream_ratio=2.0, inflow="rain", initial=None, **common
        ),
    )
    found = composite(reservoirs, np.array([10.0, 20.0, 5.0]), {"rain": np.array([2.0, 0.0])}, 2)
    assert found.worth.tolist() == [1.0, 1.5, 4.0]
    assert found.parameters["volume"] == 10 + 15 + 40
    assert found.parameters["dead_share"] == pytest.approx(0.1 * 10 / 65)
    assert found.parameters["minimum_release"] == pytest.approx(0.5 * 10 / (10 + 30 + 20))
    assert found.inflow * 60 == pytest.approx([10 + 30 * 0.5 + 20 * 2, 10 + 30 * 1.5])


def test_a_composite_reservoir_costs_no_more_than_its_members() -> None:
    """Every schedule of the members is one of the composite; at one node without lines nothing else differs."""
    system = sites()
    one = system.aggregate()
    members = tuple(replace(c, node=one.name) for c in system.components if isinstance(c, Reservoir))
    apart = replace(one, components=(*(c for c in one.components if not isinstance(c, Reservoir)), *members))
    apart = replace(apart, profiles={**one.profiles, **system.profiles})
    least, most = (s.solve(segments=None, solver="highs-simplex").objective for s in (one, apart))
    assert 0 < least <= most * (1 + 1e-9)


def test_reservoirs_that_a_policy_tells_apart_stay_apart() -> None:
    system = sites()
    named = [replace(c, technology=c.name) if isinstance(c, Reservoir) else c for c in system.components]
    target = CapacityTarget(name="plan", technologies=("upper",), least=10.0)
    one = replace(system, components=tuple(named), policies=(target,)).aggregate()
    assert [c.name for c in one.components if isinstance(c, Reservoir)] == ["upper", "lower"]
    margin = ReserveMargin(name="reserve", margin=0.1, credits={"upper": 0.5, "lower": 1.0})
    one = replace(system, components=tuple(named), policies=(margin,)).aggregate()
    (hydro,) = (c for c in one.components if isinstance(c, Reservoir))
    assert isinstance(one.policies[0], ReserveMargin) and one.policies[0].credits[hydro.kind] == pytest.approx(0.75)


def test_nodes_that_are_alike_and_joined_without_limit_cost_the_same_on_one() -> None:
    """Nothing is hidden by the nodes then, so that both programmes have the same optimum."""
    system = sites()
    dry = tuple(c for c in system.components if not isinstance(c, Reservoir))
    system = replace(system, components=dry, profiles={**system.profiles, "b.pv": system.profiles["a.pv"]})
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
