"""Plans by way of plans over fewer segments: the segments are nested, and the start changes the way to the optimum, not the optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.energy.small_systems import two_nodes

from tanlu.energy import refinement
from tanlu.energy.certificate import NoPlanError, solve
from tanlu.energy.changes import with_carbon, with_settings
from tanlu.energy.components import Demand
from tanlu.energy.model import Mode
from tanlu.energy.problem import Floats
from tanlu.energy.refinement import levels, start_for
from tanlu.energy.replanning import Replanner
from tanlu.energy.segments import merge_order, of_order, segment
from tanlu.energy.solvers.contract import solve as solve_problem


def by_definition(profiles: Floats, number: int) -> list[int]:
    """Return first hours of segments: of all neighbours, those two are merged whose merge adds least to the sum of squares."""
    starts = list(range(profiles.shape[1]))

    def squares(first: int, last: int) -> float:
        part = profiles[:, first:last]
        return float(((part - part.mean(axis=1, keepdims=True)) ** 2).sum())

    while len(starts) > number:
        edges = [*starts, profiles.shape[1]]
        added = [
            squares(a, c) - squares(a, b) - squares(b, c) for a, b, c in zip(edges, edges[1:], edges[2:], strict=False)
        ]
        del starts[int(np.argmin(added)) + 1]
    return starts


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), hours=st.integers(2, 20), profiles=st.integers(1, 3), data=st.data())
def test_segments_are_those_of_wards_criterion_and_nested(
    seed: int, hours: int, profiles: int, data: st.DataObject
) -> None:
    values = np.random.default_rng(seed).normal(size=(profiles, hours))
    order = merge_order(values)
    number = data.draw(st.integers(1, hours))
    assert segment(values, number).tolist() == by_definition(values, number)
    assert set(of_order(order, max(1, number - 1)).tolist()) <= set(of_order(order, number).tolist())


@pytest.mark.parametrize("number", [0, 5])
def test_no_segments_and_more_than_hours_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"{number} segments of 4 hours"):
        segment(np.ones((1, 4)), number)


def test_levels_end_with_what_is_wanted_and_about_double() -> None:
    assert levels(400) == [50, 100, 200, 400]
    assert levels(71) == [71]


def test_levels_may_leap_but_not_below_the_fewest() -> None:
    assert levels(400, 16) == [36, 400]
    assert levels(2000, 16) == [36, 125, 2000]
    assert levels(71, 16) == [71]


@pytest.mark.parametrize("periods", [(2030,), (2030, 2040)])
def test_a_start_from_fewer_segments_leaves_the_optimum_and_saves_steps(periods: tuple[int, ...]) -> None:
    system = two_nodes(periods=periods)
    grid = system.grid().with_steps(system.segments(80))
    problem = system.compile(grid, Mode.RELAXED).problem
    start = start_for(system, grid, system.merge_order, problem, 1e-6)
    cold, warm = solve_problem(problem, "highs-simplex"), solve_problem(problem, "highs-simplex", warm=start)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-9)
    assert warm.iterations < cold.iterations / 2
    assert solve(system, system.grid(), 80, certify=False).objective == pytest.approx(cold.objective, rel=1e-9)


@pytest.mark.parametrize(("periods", "number"), [((2030,), 40), ((2030, 2040), 80)])
def test_few_segments_and_long_pathways_start_cold(
    periods: tuple[int, ...], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refinement, "PATHWAY", 1_000)
    system = two_nodes(periods=periods)
    grid = system.grid().with_steps(system.segments(number))
    problem = system.compile(grid, Mode.RELAXED).problem
    assert start_for(system, grid, system.merge_order, problem, 1e-6) is None


def test_a_plan_that_follows_changes_is_that_of_a_new_start() -> None:
    """Cap, load and price are followed from the last answer, apart and together; a rule that falls away asks for a new start."""
    system = two_nodes()
    study = Replanner(system, 2030, 80)
    changed = {
        "first": system,
        "cap": with_carbon(system, {2030: 4.0}, {}),
        "load": system.with_changes(
            components=tuple(replace(c, annual=9e6) if isinstance(c, Demand) else c for c in system.components)
        ),
        "price": with_carbon(system, {}, {2030: 50.0}),
        "far price": with_carbon(system, {}, {2030: 5000.0}),
        "price and cap": with_carbon(system, {2030: 4.5}, {2030: 20.0}),
        "rule": with_settings(system, ["policy.reserve.active=false"]),
    }
    for name, other in changed.items():
        problem = other.compile(study.grid, Mode.RELAXED).problem
        cold = solve_problem(problem, "highs-simplex")
        found = study.plan(other)
        assert found.objective == pytest.approx(cold.objective, rel=1e-8), name
        assert found.lower <= cold.objective * (1 + 1e-9) and found.solution.replaced == ()


def test_a_change_without_a_plan_does_not_spoil_the_next() -> None:
    system = two_nodes()
    study = Replanner(system, 2030, 80)
    first = study.plan()
    firm = [replace(c, value_of_lost_load=np.inf) if isinstance(c, Demand) else c for c in system.components]
    strict = with_carbon(system.with_changes(components=tuple(firm)), {2030: -99.0}, {})
    with pytest.raises(NoPlanError):
        study.plan(strict)
    assert study.plan().objective == pytest.approx(first.objective, rel=1e-8)
