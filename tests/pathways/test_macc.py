"""Abatement curve: optima against full enumeration, the parts of a lever against the whole, and the invariants of a curve."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass

import numpy as np
import pytest
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.pathways import Parameters, PathwayData, run
from tanlu.pathways.macc import (
    Curve,
    Evaluate,
    LeverGrid,
    abatement_curve,
    engine_evaluation,
    interactions,
    least_cost,
    lever_grid,
    lever_steps,
    stepped,
)  # fmt: skip
from tanlu.pathways.macc.grid import remembered
from tanlu.pathways.macc.step import picture
from tanlu.pathways.measures import measure
from tanlu.pathways.parameters import Floats
from tanlu.pathways.switches import Switch, can_be_switched, with_switches
from tanlu.pathways.tables import Ints, Result

PENALTY = 1e3


def overlapping(seed: int, levels: int = 3) -> tuple[LeverGrid, Evaluate]:
    """Return three levers at two knots that take a share of what the others leave, and cost more the more they are used."""
    random = np.random.default_rng(seed)
    envelope, speed = np.sort(random.uniform(0.3, 1, (3, 2)), axis=1), random.uniform(0.3, 1, (3, 2))
    exclusions = ((0, 1),) if seed % 3 == 0 else ()
    grid = LeverGrid(("a", "b", "c"), np.array([2030, 2060]), np.full(3, levels), envelope, speed, exclusions)
    power, price, rising = (random.uniform(*span, (3, 2)) for span in ((1, 10), (-1, 10), (0, 8)))
    synergy = np.triu(random.uniform(-0.1, 0.6, (3, 3)), 1)

    def evaluate(choices: Ints) -> tuple[Floats, Floats]:
        z = grid.shares(choices)
        pairs = np.einsum("nib,ij,njb->n", z, synergy, z)
        emissions = 100 * np.prod(1 - 0.08 * power * z, axis=1).sum(axis=1) + pairs
        return emissions[:, None], (price * z + rising * z * z).sum(axis=(1, 2)) + 2 * pairs

    return grid, evaluate


def every_choice(grid: LeverGrid) -> Ints:
    """Return all allowed choices."""
    rows = [range(top + 1) for top in grid.levels for _ in grid.years]
    every = np.array(list(itertools.product(*rows)), np.int64).reshape(-1, *grid.shape)
    return every[grid.allowed(every)]


def test_the_optimum_is_that_of_full_enumeration() -> None:
    """Local search may end at a local optimum: in 15 cases at most one may, and none may break a limit or beat the enumeration."""
    missed = 0
    for seed in range(5):
        grid, evaluate = overlapping(seed)
        every = every_choice(grid)
        emissions, costs = evaluate(every)
        base, least = emissions[0, 0], emissions.min()
        for share in (0.3, 0.6, 0.9):
            limit = np.array([base - share * (base - least)])
            best = costs[emissions[:, 0] <= limit[0] + 1e-9].min()
            found = least_cost(grid, evaluate, limit, np.zeros(grid.shape, np.int64), PENALTY)
            assert grid.allowed(found.choice[None]).all()
            assert found.reached and found.emissions[0] <= limit[0] * (1 + 1e-6)
            assert found.cost >= best - 1e-9
            missed += bool(found.cost > best + 1e-6)
    assert missed <= 1


def test_slow_and_costly_starts_first_when_pace_binds() -> None:
    """Vogt-Schilb & Hallegatte 2014: cheap and fast (1 a tonne), costly and slow (5 a tonne, a third of the step each knot).

    To abate 15 of 20 at the last knot, 5 must come from the slow lever, whose first half of the step must start before the last knot:
    at one third a knot, 5 of 10 needs two knots. The cheap lever can wait.
    """
    envelope, speed = np.ones((2, 3)), np.array([[1.0, 1.0, 1.0], [0.25, 0.25, 0.25]])
    grid = LeverGrid(("fast", "slow"), np.array([2030, 2040, 2050]), np.array([4, 4]), envelope, speed)
    price = np.array([[10.0, 10.0, 10.0], [50.0, 50.0, 50.0]])

    def evaluate(choices: Ints) -> tuple[Floats, Floats]:
        z = grid.shares(choices)
        return 20.0 - 10.0 * z[:, :, 2].sum(axis=1, keepdims=True), (z * price).sum(axis=(1, 2))

    found = least_cost(grid, evaluate, np.array([5.0]), np.zeros((2, 3), np.int64), PENALTY)
    assert found.choice.tolist() == [[0, 0, 4], [0, 1, 2]]
    assert found.cost == pytest.approx(10.0 + 50.0 * 0.25 + 50.0 * 0.5)


def test_a_picture_of_a_linear_model_is_the_model() -> None:
    grid = LeverGrid(("a", "b"), np.array([2030]), np.array([2, 2]), np.ones((2, 1)), np.ones((2, 1)))

    def evaluate(choices: Ints) -> tuple[Floats, Floats]:
        return 9.0 - choices[:, :, 0] @ np.array([[1.0], [2.0]]), choices[:, :, 0] @ np.array([3.0, 4.0])

    seen = picture(grid, evaluate, np.array([[1], [2]]))
    for choice in every_choice(grid):
        emissions, cost = evaluate(choice[None])
        assert seen.emissions_at(choice) == pytest.approx(emissions[0])
        assert seen.cost_at(choice) == pytest.approx(cost[0])


def test_the_price_of_separate_levers_is_that_of_the_one_at_the_margin() -> None:
    """Ten tonnes each at 1, 3 and 9: with 15 tonnes the second lever is at the margin, with 20 it is the last and the third the next."""
    grid = LeverGrid(("a", "b", "c"), np.array([2030]), np.array([10, 10, 10]), np.ones((3, 1)), np.ones((3, 1)))

    def evaluate(choices: Ints) -> tuple[Floats, Floats]:
        return 30.0 - choices.sum(axis=(1, 2))[:, None].astype(float), choices[:, :, 0] @ np.array([1.0, 3.0, 9.0])

    for limit, levels, last, after in ((15.0, [10, 5, 0], 3.0, 3.0), (10.0, [10, 10, 0], 3.0, 9.0)):
        found = least_cost(grid, evaluate, np.array([limit]), np.zeros((3, 1), np.int64), PENALTY)
        assert found.choice[:, 0].tolist() == levels
        assert (found.last_price, found.next_price) == pytest.approx((last, after))
        assert found.residual == pytest.approx([0.0])


@dataclass
class Case:
    """A few levers of the shipped folder with the engine behind them."""

    grid: LeverGrid
    evaluate: Evaluate
    curve: Curve


@pytest.fixture(scope="module")
def case(data: PathwayData, parameters: Parameters) -> Case:
    base, top = data.world("frozen"), data.world("plan")
    steps = [s for s in lever_steps(data.levers, base, top) if s.lever.overlap_group in {"buildings", "ccs"}][:3]
    grid = lever_grid(steps, 2025, (2040, 2060), levels=2, exclusions=[[s.lever.id for s in steps[1:]]])
    price = np.arange(1.0, len(steps) + 1)

    def cost(result: Result, values: Floats) -> Floats:
        shares = grid.shares(values[:, len(base) :].reshape(-1, *grid.shape).astype(np.int64))
        out: Floats = (shares**2 * price[:, None]).sum(axis=(1, 2))
        return out + 0.01 * result.indicator("electricity_demand").sum(axis=1)

    measures = [measure("net_with_imports:sum", (int(parameters.years[0]), 2060))]
    evaluate = engine_evaluation(stepped(parameters, steps, grid, 2025), base, grid, measures, cost)
    return Case(grid, evaluate, abatement_curve(grid, evaluate, (0.0, 0.4, 0.8, 1.0)))


def test_with_the_engine_the_curve_is_that_of_full_enumeration(case: Case) -> None:
    every = every_choice(case.grid)
    emissions, costs = case.evaluate(every)
    assert case.curve.most[0] == pytest.approx(emissions[0, 0] - emissions.min())
    for point in case.curve.points:
        keeps = emissions[:, 0] <= point.optimum.limits[0] * (1 + 1e-9)
        assert point.optimum.reached
        assert point.optimum.cost == pytest.approx(costs[keeps].min(), rel=1e-9)


def test_cost_and_abatement_rise_along_the_curve(case: Case) -> None:
    costs = [p.optimum.cost for p in case.curve.points]
    assert costs == sorted(costs)
    for point in case.curve.points:
        wanted = case.curve.least + point.share * (case.curve.most - case.curve.least)
        assert (point.abatement >= wanted * (1 - 1e-6) - 1e-6).all()
        used = (point.optimum.choice > 0).any(axis=1)
        assert used[1:].sum() <= 1, "levers that exclude each other"


def test_interactions_of_pairs_are_the_differences_of_runs(case: Case) -> None:
    found, fastest = interactions(case.grid, case.evaluate), case.grid.fastest()
    masks = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [1, 1, 1]])
    base, first, second, both, everything = case.evaluate(fastest * masks[:, :, None])[0][:, 0]
    assert found.alone[:2, 0] == pytest.approx([base - first, base - second], abs=1e-9)
    assert found.pairs[0, 1, 0] == pytest.approx(first + second - base - both, abs=1e-9)
    assert found.together[0] == pytest.approx(base - everything)


def test_the_parts_of_a_step_are_the_step(data: PathwayData, parameters: Parameters) -> None:
    """Half of every step and the other half, each behind the lever's own schedule, give the run with the levers moved."""
    base, top = data.world("frozen"), data.world("plan")
    top = np.where([can_be_switched(lever) for lever in data.levers], top, base)
    steps = lever_steps(data.levers, base, top)
    halves = [
        Switch(s.lever, 0.5 * (s.top - s.base) * s.lever.schedule.values(parameters.years.tolist()))
        for s in steps
        for _ in range(2)
    ]
    wider = with_switches(parameters, halves)
    parts = run(wider, np.concatenate([base, np.ones(len(halves))]))
    assert parts.total == pytest.approx(run(parameters, top).total, rel=1e-12)
    assert (run(wider, np.concatenate([base, np.zeros(len(halves))])).total == run(parameters, base).total).all()


def test_pace_and_schedule_bound_what_is_in_force(data: PathwayData) -> None:
    steps = lever_steps(data.levers, data.world("frozen"), data.world("plan"))
    grid = lever_grid(steps, 2025, range(2030, 2061, 5))
    fastest = grid.shares(grid.fastest()[None])[0]
    assert (fastest <= grid.envelope + 1e-9).all()
    assert (np.diff(fastest, axis=1, prepend=0.0) <= grid.speed + 1e-9).all()
    assert grid.allowed(grid.fastest()[None]).all()
    assert (fastest[:, -1] > 0.5).all()


def test_the_command_refuses_what_it_does_not_know() -> None:
    done = CliRunner().invoke(app, ["pathway", "macc", "--json", "--exclude", "wind,wind_capacity", "--exclude", "x"])
    assert done.exit_code == 2
    assert [p["value"] for p in json.loads(done.output)["problems"]] == ["wind", "x"]


def test_no_choice_is_computed_twice_and_all_are_answered_in_order() -> None:
    seen: list[int] = []

    def evaluate(choices: Ints) -> tuple[Floats, Floats]:
        seen.append(len(choices))
        total = choices.reshape(len(choices), -1).sum(axis=1).astype(float)
        return total[:, None], 2.0 * total

    recall = remembered(evaluate)
    first, second, third = np.zeros((2, 3), np.int64), np.ones((2, 3), np.int64), np.full((2, 3), 2)
    recall(np.stack([first, second, first]))
    emissions, costs = recall(np.stack([third, second, third, first]))
    assert seen == [2, 1]
    assert emissions[:, 0].tolist() == [12.0, 6.0, 12.0, 0.0] and costs.tolist() == [24.0, 12.0, 24.0, 0.0]
