"""Running window by window: what is carried over, what foresight is worth, and that the run obeys every hour's equations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.energy.small_systems import HOURS, two_nodes

from tanlu.energy.certificate import EnergyResult
from tanlu.energy.components import Carrier, Component, Connection, Converter, Demand, Node, Reservoir, Store
from tanlu.energy.model import State
from tanlu.energy.operation import NoisyForecast, OperationError, PerfectForecast, Rules, guide, operate, window_of
from tanlu.energy.system import System


@pytest.fixture(scope="module")
def committed() -> System:
    """Return two nodes whose coal plant has five units that take their time."""
    system = two_nodes()
    coal = replace(
        system.component("east.coal"),
        unit_size=600.0,
        minimum_load=0.4,
        start_cost=100.0,
        minimum_up=6,
        minimum_down=4,
        ramp_up=0.5,
        ramp_down=0.5,
    )
    return system.with_changes(components=[coal if c.name == coal.name else c for c in system.components])


@pytest.fixture(scope="module")
def plan(committed: System) -> EnergyResult:
    return committed.solve(segments=None, solver="highs-simplex")


@pytest.mark.parametrize("forecast", [PerfectForecast(), NoisyForecast({"pv": 0.2, "wind": 0.3, "load": 0.03}, seed=4)])
def test_a_run_put_together_obeys_every_hour_with_units_and_minimum_times(
    committed: System, plan: EnergyResult, forecast: PerfectForecast | NoisyForecast
) -> None:
    run = operate(
        committed,
        2030,
        plan.capacities,
        rules=Rules(horizon=36, step=12, commitment=True, gap=0.01),
        forecast=forecast,
        plan=guide(plan.programme, plan.solution),
    )
    assert len(run.windows) == HOURS // 12
    assert run.residuals.row < 1e-6
    assert run.residuals.bound < 1e-6
    on = run.programme.problem.values(run.solution.primal, "east.coal.on")[0]
    assert np.allclose(on, np.round(on))
    started = run.programme.problem.values(run.solution.primal, "east.coal.started")[0]
    assert started.sum() >= 1
    # what was started in the last six hours is on: any of the other units may stop meanwhile
    recent = np.convolve(started, np.ones(6))[:HOURS]
    assert np.all(recent <= on + 1e-6)


def test_windows_with_all_foresight_cost_no_less_than_one_plan_of_all_hours(
    committed: System, plan: EnergyResult
) -> None:
    year = guide(plan.programme, plan.solution)
    begin = {"west.hydro": State(content=2e4), "east.battery": State(content=0.0)}
    whole = operate(committed, 2030, plan.capacities, rules=Rules(HOURS, HOURS), plan=year, states=begin)
    short = operate(committed, 2030, plan.capacities, rules=Rules(24, 12), plan=None, states=begin)
    longer = operate(committed, 2030, plan.capacities, rules=Rules(24, 12), plan=year, states=begin)
    assert whole.residuals.row < 1e-6
    # without the plan of the year the first days use up the water: the cost of fuel falls, what is left does not
    end = {
        run: float(run.programme.problem.values(run.solution.primal, "west.hydro.content")[0, -1])
        for run in (short, longer)
    }
    assert end[short] < end[longer]
    assert end[longer] == pytest.approx(year.content("west.hydro", HOURS - 1) * 1e-3, abs=0.5)


def test_forecast_is_known_at_hand_and_errors_have_the_size_that_is_given() -> None:
    profiles = {"a.pv": np.full(48, 0.5), "a.heat": np.full(48, 2.0)}
    forecast = NoisyForecast({"pv": 0.2}, correlation=0.8, seed=1)
    first = forecast.expect(profiles, 10)
    assert np.array_equal(first["a.pv"], forecast.expect(profiles, 10)["a.pv"])
    assert not np.array_equal(first["a.pv"], forecast.expect(profiles, 11)["a.pv"])
    assert np.array_equal(first["a.heat"], profiles["a.heat"])
    many = np.array([forecast.expect(profiles, now)["a.pv"] for now in range(600)]) / 0.5 - 1
    assert many[:, -1].std() == pytest.approx(0.2, rel=0.1)
    # an hour ahead the error is the root of 1/24 of that
    assert many[:, 0].std() == pytest.approx(0.2 / np.sqrt(24), rel=0.15)


def test_water_on_the_way_is_carried_into_the_next_window() -> None:
    # 100 MWh flow into the upper plant at every hour; five hours later they reach the lower one. In steady state both give 100 MW.
    components: list[Component] = [
        Demand(name="load", node="a", carrier="electricity", annual=8760 * 200.0, value_of_lost_load=1e4),
        Reservoir(
            name="upper",
            node="a",
            carrier="electricity",
            existing=100.0,
            volume=0.0,
            annual_inflow=876_000.0,
            downstream="lower",
            delay=5,
        ),
        Reservoir(name="lower", node="a", carrier="electricity", existing=100.0, volume=0.0, annual_inflow=0.0),
    ]
    system = System(
        name="river",
        carriers=(Carrier(name="electricity"),),
        nodes=(Node(name="a"),),
        components=components,
        hours=48,
        annual=False,
    )
    states = {"upper": State(content=0.0, let_go=(100.0,) * 5), "lower": State(content=0.0)}
    run = operate(system, 2030, {}, rules=Rules(horizon=8, step=4), states=states)
    problem = run.programme.problem
    assert run.residuals.row < 1e-9
    assert problem.values(run.solution.primal, "lower.release")[0] == pytest.approx(np.full(48, 0.1))
    dry = operate(system, 2030, {}, rules=Rules(horizon=8, step=4), states={k: State(content=0.0) for k in states})
    assert dry.programme.problem.values(dry.solution.primal, "lower.release")[0, :5] == pytest.approx(
        np.zeros(5), abs=1e-9
    )


def site(**changes: object) -> System:
    """Return a load that peaks for one hour of a day, with a battery, under a tariff of two prices and a charge for the peak."""
    hour = np.arange(48)
    profiles = {
        "load": np.where(hour % 24 == 18, 3.0, 1.0),
        "price": np.where(hour % 24 < 8, 300.0, 900.0),
    }
    system = System(
        name="site",
        carriers=(Carrier(name="electricity"),),
        nodes=(Node(name="a"),),
        components=(
            Demand(name="load", node="a", carrier="electricity", annual=8760.0, profile="load", value_of_lost_load=1e5),
            Connection(name="grid", node="a", carrier="electricity", tariff="price", demand_charge=40_000.0),
            Store(name="battery", node="a", carrier="electricity", existing=1.0, hours=2.0),
        ),
        profiles=profiles,
        hours=48,
        annual=False,
    )
    return system.with_changes(**changes)


def test_a_battery_shaves_the_peak_that_the_month_is_charged_for_by_hand() -> None:
    # Load 1 MW, 3 MW at 18 h. The battery of 1 MW and 2 MWh gives 1 MW at 18 h, so the peak is 2 MW: charging at night adds 1 MW at most.
    # It also carries its second MWh from the cheap hours to the dear ones: 2 MWh a day are moved.
    system = site()
    states = {"battery": State(content=0.0)}
    run = operate(system, 2030, {}, rules=Rules(horizon=48, step=48, solver="highs-simplex"), states=states)
    problem = run.programme.problem
    assert problem.values(run.solution.primal, "grid.peak")[0] == pytest.approx([0.002])
    dear = 2 * (16 + 2)
    cheap = 2 * 8
    moved = 2 * 2
    expected = 2 * 40_000 + cheap * 300 + dear * 900 - moved * 600
    assert run.cost * 1e6 == pytest.approx(expected, rel=1e-6)


def test_peaks_of_the_month_are_carried_so_that_later_windows_use_what_is_paid_for() -> None:
    run = operate(site(), 2030, {}, rules=Rules(horizon=24, step=6), states={"battery": State(content=0.0)})
    bought = run.programme.problem.values(run.solution.primal, "grid.purchase")[0]
    peak = run.programme.problem.values(run.solution.primal, "grid.peak")[0, 0]
    assert peak == pytest.approx(bought.max())
    assert peak == pytest.approx(0.002)


def test_a_window_goes_on_at_the_beginning_and_refuses_arrays_of_its_own() -> None:
    system = site()
    part = window_of(system, 40, 16)
    assert part.hours == 16
    assert np.array_equal(
        part.profiles["price"], np.concatenate([system.profiles["price"][40:], system.profiles["price"][:8]])
    )
    own = replace(system.component("load"), profile=np.ones(48))
    with pytest.raises(ValueError, match=r"load.profile"):
        window_of(system.with_changes(components=(own,)), 0, 4)


def test_a_window_without_a_plan_says_at_which_hour() -> None:
    must = replace(site().component("load"), value_of_lost_load=float("inf"))
    small = replace(site().component("grid"), capacity=1.5)
    system = site().with_changes(components=(must, small))
    with pytest.raises(OperationError) as caught:
        operate(system, 2030, {}, rules=Rules(horizon=12, step=12, solver="highs-simplex"))
    assert caught.value.start == 12


def test_ramps_bind_from_what_ran_before() -> None:
    plant = Converter(
        name="plant",
        node="a",
        inputs={},
        outputs={"electricity": 1.0},
        existing=10.0,
        variable_om=100.0,
        ramp_up=0.1,
        ramp_down=0.1,
    )
    load = Demand(name="load", node="a", carrier="electricity", annual=8760 * 8.0, value_of_lost_load=1e4)
    system = System(
        name="ramp",
        carriers=(Carrier(name="electricity", surplus=True),),
        nodes=(Node(name="a"),),
        components=(load, plant),
        hours=12,
        annual=False,
    )
    run = operate(system, 2030, {}, rules=Rules(horizon=4, step=2), states={"plant": State(activity=2.0)})
    ran = run.programme.problem.values(run.solution.primal, "plant.activity")[0] * 1e3
    assert ran == pytest.approx(np.minimum(8.0, 3.0 + np.arange(12)))
