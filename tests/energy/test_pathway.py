"""Pathways: vintages live and die, budgets are shared between periods, and foresight is never dearer than its absence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.energy.small_systems import two_nodes

from tanlu.energy.components import Carrier, Converter, Demand, Node, Source
from tanlu.energy.pathway import solve_myopic
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.system import System
from tanlu.energy.timegrid import annuity, period_weights

YEARS = (2030, 2040, 2050)


def one_load(**changes: object) -> System:
    """Return a constant load of 1 GW that only a plant of 15 years' life can meet."""
    system = System(
        name="one",
        carriers=(Carrier(name="electricity"), Carrier(name="gas", market=True, price=100.0, emission_factor=0.2)),
        nodes=(Node(name="a"),),
        components=(
            Demand(name="load", node="a", carrier="electricity", annual=8.76e6),
            Converter(
                name="plant",
                node="a",
                inputs={"gas": 1.0},
                outputs={"electricity": 1.0},
                expandable=True,
                investment={2030: 3e6, 2050: 1e6},
                lifetime=15.0,
                efficiency=0.5,
            ),
            Source(name="sun", node="a", carrier="electricity", expandable=True, investment=4e7, lifetime=15.0),
        ),
        periods=YEARS,
        discount_rate=0.05,
        hours=24,
    )
    return system.with_changes(**changes)


def test_cost_of_a_pathway_is_the_sum_of_annuities_and_running_cost_by_hand() -> None:
    # 15 years: what is built in 2030 stands in 2030 and 2040, so a second GW is built in 2050 and none in 2040
    result = one_load().solve(segments=None, solver="highs-simplex")
    rate = 0.05 / (1 - 1.05**-15)
    weights = [sum(1.05**-t for t in range(10 * p, 10 * p + 10)) for p in range(3)]
    capital = rate * (3e6 * (weights[0] + weights[1]) + 1e6 * weights[2]) * 1000
    running = 8.76e6 * 100 / 0.5 * sum(weights)
    assert result.objective == pytest.approx((capital + running) / 1e6, rel=1e-9)
    assert result.programme.problem.values(result.solution.primal, "plant.build") == pytest.approx([1.0, 0.0, 1.0])
    assert period_weights(YEARS, 0.05) == pytest.approx(weights)
    assert annuity(0.05, 15) == pytest.approx(rate)


def test_a_pathway_without_foresight_costs_the_same_where_there_is_nothing_to_foresee() -> None:
    foresight = one_load().solve(segments=None, solver="highs-simplex")
    myopic = solve_myopic(one_load(), segments=None, solver="highs-simplex")
    assert myopic.years == YEARS
    assert myopic.cost == pytest.approx(foresight.objective, rel=1e-9)


def test_foresight_is_never_dearer() -> None:
    cap = {2030: 8e6, 2040: 4e6, 2050: 1e6}
    base = two_nodes(periods=YEARS)
    system = base.with_changes(policies=(EmissionLimit(name="carbon", cap=cap), base.policies[1]))
    foresight = system.solve(segments=24, solver="highs-simplex", certify=False)
    myopic = solve_myopic(system, segments=24, solver="highs-simplex")
    assert myopic.cost >= foresight.objective * (1 - 1e-7)
    for step, year in zip(myopic.steps, YEARS, strict=True):
        emitted = step.programme.problem.values(step.solution.primal, "carbon.emissions")[0]
        assert emitted <= cap[year] * 1e-3 * (1 + 1e-6)


def test_a_budget_is_used_over_all_periods_and_its_price_rises_with_the_rate_of_interest() -> None:
    # one tonne less anywhere is worth the same undiscounted dual, so the price in money of the year grows at the rate of interest
    free = one_load()
    unbound = 8.76e6 / 0.5 * 0.2 * 30
    system = free.with_changes(policies=(EmissionLimit(name="carbon", budget=0.5 * unbound),))
    result = system.solve(segments=None, solver="highs-simplex")
    emitted = result.programme.problem.values(result.solution.primal, "carbon.emissions")
    assert 10 * float(emitted.sum()) == pytest.approx(0.5 * unbound * 1e-3, rel=1e-9)
    myopic = solve_myopic(system, segments=None, solver="highs-simplex")
    used = sum(10 * float(s.programme.problem.values(s.solution.primal, "carbon.emissions")[0]) for s in myopic.steps)
    assert used <= 0.5 * unbound * 1e-3 * (1 + 1e-9)
    assert myopic.cost >= result.objective * (1 - 1e-9)


def test_a_build_rate_holds_for_the_years_since_the_period_before() -> None:
    system = one_load()
    slow = replace(system.component("plant"), build_rate=40.0)
    system = system.with_changes(components=(system.components[0], slow))
    result = system.solve(segments=None, solver="highs-simplex")
    built = result.programme.problem.values(result.solution.primal, "plant.build")
    # 40 MW a year over 10 years; the first period is given the years to the second
    assert np.all(built <= 0.4 + 1e-9)
    assert built[0] == pytest.approx(0.4)
    myopic = solve_myopic(system, segments=None, solver="highs-simplex")
    assert [float(s.capacities["plant.capacity"][0]) for s in myopic.steps] == pytest.approx([0.4, 0.8, 0.8], abs=1e-6)
