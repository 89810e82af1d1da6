"""Running capacities window by window: every equation of every hour is kept, and the cost lies above the optimum of all hours together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.energy.random_systems import FEATURES, random_system
from tests.energy.small_systems import HOURS, two_nodes

from tanlu.energy import certificate
from tanlu.energy.certificate import dispatch, solve
from tanlu.energy.components import Carrier, Connection, Demand, Node, Source
from tanlu.energy.hourly import guess, over_segments, run_hours
from tanlu.energy.hourly.chain import Chain, chain_of
from tanlu.energy.hourly.guess import spread
from tanlu.energy.hourly.windows import Run, run_windows
from tanlu.energy.model import Mode
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.problem import Floats
from tanlu.energy.solvers.answer import Status
from tanlu.energy.solvers.check import residuals
from tanlu.energy.system import Programme, System

CUT = tuple(feature for feature in FEATURES if feature != "tariff")
NOTHING = np.empty(0)


class Case(NamedTuple):
    """Capacities of a plan over segments, run over segments and over hours; and the least cost of all hours together."""

    coarse: Programme
    point: Floats
    hourly: Programme
    least: float

    def chained(self) -> tuple[Chain, Floats]:
        """Return the hours as a chain, and the guess that the segments give."""
        chain = chain_of(self.hourly.problem)
        assert chain is not None
        return chain, spread(self.coarse, self.point, chain)


def case(system: System, segments: int) -> Case:
    plan = solve(system, system.grid(), segments, solver="highs-simplex", certify=False)
    run = dispatch(plan.programme, plan.solution, 0, solver="highs-simplex")
    assert run.solution.status is Status.OPTIMAL
    steps = run.programme.grid.with_steps(plan.programme.grid.starts)
    capacities = {name: size[:1] for name, size in plan.capacities.items()}
    coarse = run.programme.system.compile(steps, Mode.RELAXED, capacities)
    point = over_segments(coarse, plan.programme, plan.solution, 0)
    return Case(coarse, point, run.programme, run.solution.objective)


def cost(hourly: Programme, run: Run | None) -> float:
    """Return the cost of a run after a check of all hours together."""
    assert run is not None
    assert residuals(hourly.problem, run.primal, NOTHING).primal <= 1e-6
    return hourly.problem.objective(run.primal)


@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**32 - 1),
    features=st.frozensets(st.sampled_from(CUT), min_size=1, max_size=7),
    segments=st.integers(3, 12),
)
def test_every_pass_keeps_all_equations_and_none_costs_more(seed: int, features: frozenset[str], segments: int) -> None:
    system = random_system(seed, features, 24)
    _, _, hourly, least = found = case(system, segments)
    chain, guess = found.chained()
    costs = [cost(hourly, run_windows(chain, guess, [0, 7, 12, 18], passes=n)) for n in (3, 2, 1)]
    slack = 1e-6 * max(1.0, abs(least))
    assert costs[2] >= costs[1] - slack and costs[1] >= costs[0] - slack and costs[0] >= least - slack


def test_one_window_is_the_year(two: Case) -> None:
    _, _, hourly, least = two
    chain, guess = two.chained()
    assert cost(hourly, run_windows(chain, guess, [0])) == pytest.approx(least, rel=1e-7)


@pytest.fixture(scope="module")
def two() -> Case:
    """Two nodes over 16 segments with a cap of CO2 that binds."""
    return case(two_nodes(), 16)


def test_the_sums_of_the_year_are_kept_where_they_bind(two: Case) -> None:
    _, _, hourly, least = two
    chain, guess = two.chained()
    run = run_windows(chain, guess, [0, 30, 60])
    total = cost(hourly, run)
    emitted = float(hourly.problem.values(run.primal, "carbon.emissions")[0]) if run else 0.0
    assert 0.98 * 5e3 <= emitted <= 5e3 * (1 + 1e-6), "the cap of 5 Mt, in kt"
    assert least <= total <= 1.05 * least


def test_the_number_of_threads_changes_no_digit(two: Case) -> None:
    runs = [run_hours(two.coarse, two.point, two.hourly, threads=n) for n in (1, 2)]
    assert runs[0] is not None and runs[1] is not None
    assert np.array_equal(runs[0].primal, runs[1].primal) and np.array_equal(runs[0].dual, runs[1].dual)


def test_the_plans_own_run_does_as_a_guess(two: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for systems with many columns a step."""
    system = two_nodes()
    plan = solve(system, system.grid(), 16, solver="highs-simplex", certify=False)
    monkeypatch.setattr(guess, "BROAD", 0)
    point = over_segments(two.coarse, plan.programme, plan.solution, 0)
    run = run_hours(two.coarse, point, two.hourly)
    assert run is not None and two.least * (1 - 1e-6) <= run.objective <= 1.05 * two.least


def test_windows_without_an_answer_are_joined(two: Case) -> None:
    """Contents at the borders that no window can reach: full and empty by turns, so that windows of an hour have no answer."""
    _, _, hourly, least = two
    chain, guess = two.chained()
    wrong = guess.copy()
    hour = np.searchsorted(chain.column_start, np.arange(len(guess)), side="right") - 1
    top = np.where(np.isfinite(chain.upper), chain.upper, 0.0)
    wrong[chain.joints] = np.where(hour % 2 == 0, top, chain.lower)[chain.joints]
    run = run_windows(chain, wrong, list(range(0, HOURS, 1)))
    assert cost(hourly, run) >= least - 1e-6 * least
    assert run is not None and run.windows < HOURS


def test_without_time_there_is_no_run(two: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    chain, start = two.chained()
    assert run_windows(chain, start, [0, 48], time_limit=-1.0) is None
    monkeypatch.setattr(certificate, "LARGE", 100)
    plan = solve(two_nodes(), two_nodes().grid(), 16, certify=False)
    run = dispatch(plan.programme, plan.solution, 0, time_limit=-1.0).solution
    assert run.status is Status.LIMIT and not run.found


def test_what_asks_for_the_highest_hour_of_a_month_is_not_cut() -> None:
    """The charge for the highest purchase joins all hours of the month."""
    base = two_nodes()
    grid = Connection(name="grid", node="east", carrier="electricity", tariff=900.0, demand_charge=1_000.0)
    system = base.with_changes(components=(*base.components, grid))
    assert chain_of(system.compile(system.grid()).problem) is None


def test_a_price_of_co2_is_in_the_duals_as_if_all_hours_were_one_problem() -> None:
    """Without a cap the dual of the account of CO2 is minus its price: one more kt at 200 CNY/t costs 0.2 million CNY."""
    system = two_nodes(policies=(EmissionLimit(name="carbon", price=200.0),))
    _, _, hourly, least = found = case(system, 16)
    chain, guess = found.chained()
    run = run_windows(chain, guess, [0, 48])
    assert cost(hourly, run) == pytest.approx(least, rel=0.05)
    assert run is not None
    assert hourly.problem.row_values(run.dual, "carbon.account") == pytest.approx(-0.2)


def test_a_large_dispatch_runs_by_windows_and_bounds_the_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "LARGE", 100)
    system = two_nodes()
    exact = solve(system, system.grid(), 16, solver="highs-simplex")
    bounded = solve(system, system.grid(), 16)
    assert [run.solution.solver for run in bounded.dispatches] == ["windows"]
    assert bounded.dispatches[0].solution.status is Status.FEASIBLE
    assert exact.upper * (1 - 1e-6) <= bounded.upper <= 1.05 * exact.upper


def test_a_plan_whose_hours_cannot_be_run_has_no_upper_bound() -> None:
    """1 MW of sun in the second of two hours meets a load of 0.5 MW on the mean, but not in the first hour."""
    system = System(
        name="night",
        carriers=[Carrier(name="electricity")],
        nodes=[Node(name="a")],
        components=[
            Source(name="sun", node="a", carrier="electricity", existing=1.0, availability="sun"),
            Demand(name="load", node="a", carrier="electricity", annual=4380.0, value_of_lost_load=np.inf),
        ],
        profiles={"sun": np.array([0.0, 1.0])},
        hours=2,
    )
    result = solve(system, system.grid(), 1, solver="highs-simplex")
    assert result.dispatches[0].solution.status is Status.INFEASIBLE
    assert result.upper == np.inf and result.gap == np.inf
