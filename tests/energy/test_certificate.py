"""The interval of the certificate holds the least cost: segments bound it from below, hourly runs of the plan from above."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.energy.random_systems import FEATURES, random_system

from tanlu.energy.certificate import NoPlanError, solve
from tanlu.energy.components import Carrier, Connection, Converter, Demand, Node, Source
from tanlu.energy.model import Mode
from tanlu.energy.policies import CapacityTarget, EnergyLimit, ReserveMargin
from tanlu.energy.solvers.answer import Status
from tanlu.energy.solvers.contract import solve as solve_problem
from tanlu.energy.system import System

FUEL_UNDER_A_CAP = frozenset({"varying_fuel", "fuel_limit", "cap", "capture"})


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**32 - 1),
    features=st.frozensets(st.sampled_from(FEATURES), min_size=1, max_size=7),
    hours=st.sampled_from((12, 24, 36)),
    segments=st.integers(1, 11),
)
@example(seed=8, features=FUEL_UNDER_A_CAP, hours=36, segments=27)
@example(seed=25, features=FUEL_UNDER_A_CAP, hours=24, segments=19)
def test_the_hourly_optimum_lies_between_segments_and_their_redispatch(
    seed: int, features: frozenset[str], hours: int, segments: int
) -> None:
    """The two given examples have fuel use that differs by hour under a limit on fuel and on CO2."""
    system = random_system(seed, features, hours)
    hourly = solve(system, system.grid(), None, solver="highs-simplex", tolerance=1e-9)
    bounded = solve(system, system.grid(), segments, solver="highs-simplex", tolerance=1e-9)
    slack = 1e-6 * max(1.0, abs(hourly.objective))
    assert bounded.lower <= hourly.objective + slack
    assert bounded.upper >= hourly.objective - slack


def test_more_segments_leave_less_to_doubt() -> None:
    system = random_system(3, frozenset({"battery", "line", "cap"}), 48)
    gaps = [solve(system, system.grid(), n, solver="highs-simplex").gap for n in (2, 8, 24, 48)]
    assert gaps[0] >= gaps[-1] and gaps[-1] == pytest.approx(0.0, abs=1e-6)


def test_months_that_no_segment_begins_in_are_charged_no_more_than_by_the_hour() -> None:
    """10 MW in the last 6 h of January, 1 MW in the first 6 of February; hours that stand for a year are 6 of each month, so the charge is
    6 · (10 + 1) MW · 1,000 CNY; over one segment it must not be more."""
    load = np.repeat([10.0, 1.0], 6)
    system = System(
        name="site",
        carriers=[Carrier(name="electricity")],
        nodes=[Node(name="site")],
        components=[
            Connection(name="grid", node="site", carrier="electricity", demand_charge=1_000.0, first_hour=744 - 6),
            Demand(name="load", node="site", carrier="electricity", annual=8760.0, profile="load"),
        ],
        profiles={"load": load},
        hours=12,
    )
    hourly = solve(system, system.grid(), None, solver="highs-simplex")
    assert hourly.objective == pytest.approx(6 * 11 * 1_000 / 1e6)
    grid = system.grid()
    for starts in ([0], [0, 3], [0, 5], [0, 8]):
        relaxed = system.compile(grid.with_steps(np.array(starts)), Mode.RELAXED)
        assert solve_problem(relaxed.problem, "highs-simplex").objective <= hourly.objective + 1e-9


def fixed_plant(*policies: object) -> System:
    """Return 10 MW of load on 20 MW of gas that cannot grow."""
    return System(
        name="fixed",
        carriers=[Carrier(name="electricity"), Carrier(name="gas", market=True, price=200.0)],
        nodes=[Node(name="a")],
        components=[
            Converter(name="gas", node="a", inputs={"gas": 2.0}, outputs={"electricity": 1.0}, existing=20.0),
            Source(name="sun", node="a", carrier="electricity", existing=1.0, availability=0.0),
            Demand(name="load", node="a", carrier="electricity", annual=87_600.0),
        ],
        policies=policies,  # type: ignore[arg-type]
        hours=4,
    )


@pytest.mark.parametrize(
    "policy",
    [
        CapacityTarget(name="sun", technologies=("sun",), least=5.0),
        CapacityTarget(name="most", technologies=("gas",), most=10.0),
        ReserveMargin(name="firm", margin=1.0, credits={"gas": 0.9}),
        EnergyLimit(name="wind", technologies=("wind",), least=1.0),
    ],
)
def test_a_target_that_fixed_capacities_miss_is_not_passed_over(policy: object) -> None:
    with pytest.raises(NoPlanError) as caught:
        fixed_plant(policy).solve(segments=None)
    assert caught.value.solution.status is Status.INFEASIBLE


@pytest.mark.parametrize(
    "policy",
    [
        CapacityTarget(name="gas", technologies=("gas",), least=20.0, most=20.0),
        ReserveMargin(name="firm", margin=1.0, credits={"gas": 1.0}),
    ],
)
def test_a_target_that_fixed_capacities_keep_changes_nothing(policy: object) -> None:
    assert fixed_plant(policy).solve(segments=None).objective == pytest.approx(10.0 * 8760 * 400 / 1e6)


def test_a_notebook_shows_a_system_and_its_plan_in_a_line() -> None:
    system = random_system(3, frozenset({"battery", "line", "cap"}), 24)
    plan = solve(system, system.grid(), 8, solver="highs-simplex")
    assert repr(system).startswith("<System ") and "24 hours" in repr(system)
    assert f"{plan.lower:,.1f} to {plan.upper:,.1f} million CNY" in repr(plan)
    assert all(len(repr(shown)) < 200 for shown in (system, plan, plan.programme))
    without = system.solve(segments=8, solver="highs-simplex", certify=False)
    assert f"from {without.lower:,.1f} million CNY upwards, no upper bound" in repr(without)
