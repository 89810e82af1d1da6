"""Every part of an energy system, with a case that can be computed by hand: the calculation stands in the docstring.

Loads are given in MW; the systems cover a few hours that are meant as they are, so that costs are of these hours only. Cost is in CNY.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tanlu.energy.answers import emissions, imported_emissions
from tanlu.energy.certificate import EnergyResult, NoPlanError, solve
from tanlu.energy.changes import with_settings
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
from tanlu.energy.model import Mode
from tanlu.energy.policies import (
    CapacityTarget,
    EmissionLimit,
    EnergyLimit,
    NonFossilShare,
    Policy,
    ReserveMargin,
)
from tanlu.energy.solvers.contract import solve as solve_problem
from tanlu.energy.system import System
from tanlu.energy.timegrid import annuity, period_weights

CARRIERS = [
    Carrier(name="electricity"),
    Carrier(name="heat"),
    Carrier(name="co2", unit="t"),
    Carrier(name="coal", market=True, price=80.0, emission_factor=0.34),
    Carrier(name="biomass", market=True, price=100.0, emission_factor=0.4, biogenic=True, non_fossil=True),
]


def load(mean: float, profile: list[float] | float = 1.0, carrier: str = "electricity", **more: object) -> Demand:
    """Return a load with a mean of so many MW."""
    shape = profile if isinstance(profile, float) else np.asarray(profile, float)
    more = {"name": f"{carrier}.load", "node": "a", "value_of_lost_load": 10_000.0, **more}
    return Demand(carrier=carrier, annual=mean * 8760, profile=shape, **more)  # type: ignore[arg-type]


def source(name: str, price: float, capacity: float = 1e3, **more: object) -> Source:
    """Return a supply of electricity at a price."""
    more = {"node": "a", "carrier": "electricity", **more}
    return Source(name=name, existing=capacity, variable_om=price, **more)  # type: ignore[arg-type]


def system_of(
    *parts: Component,
    hours: int,
    policies: Sequence[Policy] = (),
    carriers: Sequence[Carrier] = CARRIERS,
    **more: object,
) -> System:
    """Return a system of two nodes over so many hours."""
    settings = {"discount_rate": 0.05, "annual": False, **more}
    return System(
        name="case",
        carriers=carriers,
        nodes=[Node(name="a"), Node(name="b")],
        components=parts,
        policies=policies,
        hours=hours,
        **settings,  # type: ignore[arg-type]
    )


def plan(*parts: Component, hours: int, policies: Sequence[Policy] = (), **more: object) -> EnergyResult:
    """Return the least-cost plan of a system over so many hours."""
    system = system_of(*parts, hours=hours, policies=policies, **more)
    return solve(system, system.grid(), None, solver="highs-simplex", tolerance=1e-9)


def cost(result: EnergyResult) -> float:
    """Return the cost of a plan [CNY]."""
    return result.objective * 1e6


def flow(result: EnergyResult, name: str) -> list[float]:
    """Return a flow [MW] in the first period."""
    problem = result.programme.problem
    return [round(float(x) * 1e3, 6) for x in problem.values(result.solution.primal, name)[0]]


def test_sources_are_used_by_price_up_to_what_is_available() -> None:
    """Load 10, 10; sun 100 MW · (0, .08) at 0: then coal 10 and 2 at 300: 3,600 CNY."""
    found = plan(
        source("sun", 0.0, 100.0, availability=np.array([0.0, 0.08])), source("oil", 300.0), load(10.0), hours=2
    )
    assert flow(found, "sun.production") == [0.0, 8.0]
    assert cost(found) == pytest.approx(3_600)


def test_what_must_run_runs_at_its_price() -> None:
    """5 MW must run of 10 at 500 beside oil at 100; load 8: 5 · 500 + 3 · 100 = 2,800 CNY an hour."""
    found = plan(source("waste", 500.0, 10.0, must_run=0.5), source("oil", 100.0), load(8.0), hours=2)
    assert cost(found) == pytest.approx(2 * 2_800)


def test_a_tariff_by_hour_adds_to_the_price() -> None:
    """Load 1 MW; 50 + (100, −20, 30): 150 + 30 + 80 = 260 CNY."""
    found = plan(source("grid", 50.0, tariff=np.array([100.0, -20.0, 30.0])), load(1.0), hours=3)
    assert cost(found) == pytest.approx(260)


def test_a_yearly_limit_of_a_source_is_spent_where_it_saves_most() -> None:
    """Oil at 300 in hour 1 and at 100 in hour 2 (tariff −200); 6 MWh at 0 go to hour 1: 4 · 300 + 10 · 100 = 2,200 CNY."""
    parts = source("well", 0.0, annual_limit=6.0), source("oil", 300.0, tariff=np.array([0.0, -200.0])), load(10.0)
    assert cost(plan(*parts, hours=2)) == pytest.approx(2_200)


def test_a_plant_pays_fuel_by_its_efficiency_and_co2_by_its_fuel() -> None:
    """10 MW of 0.4 take 25 MWh of coal: 25 · (80 + 0.34 · 100) + 10 · 20 = 3,050 CNY an hour."""
    coal = Converter(
        name="coal",
        node="a",
        inputs={"coal": 1.0},
        outputs={"electricity": 1.0},
        efficiency=0.4,
        variable_om=20.0,
        existing=50.0,
    )
    found = plan(coal, load(10.0), hours=3, policies=[EmissionLimit(name="carbon", price=100.0)])
    assert cost(found) == pytest.approx(3 * 3_050)


def test_efficiency_that_differs_by_hour_and_outputs_elsewhere() -> None:
    """A heat pump in a with COP (2, 4) warms b by 12: 6 and 3 MW of electricity at 100: 900 CNY."""
    pump = Converter(
        name="pump", node="a", inputs={"electricity": 1.0}, outputs={"heat": np.array([2.0, 4.0])}, places={"heat": "b"}, existing=50.0
    )  # fmt: skip
    found = plan(pump, source("oil", 100.0), load(12.0, carrier="heat", node="b"), hours=2)
    assert flow(found, "pump.activity") == [6.0, 3.0]
    assert cost(found) == pytest.approx(900)


def test_what_is_sold_to_the_market_pays() -> None:
    """3 MWh of biomass made with each MWh of heat at 100: 10 · (50 − 3 · 100) an hour, 50 of its own cost."""
    plant = Converter(
        name="mill", node="a", inputs={}, outputs={"heat": 1.0, "biomass": 3.0}, existing=10.0, variable_om=50.0
    )
    assert cost(plan(plant, load(10.0, carrier="heat"), hours=1)) == pytest.approx(10 * (50 - 300))


def test_captured_co2_goes_into_the_ground_and_the_rest_is_emitted() -> None:
    """10 MW take 25 MWh of coal and make 8.5 t; with 0.5 t of the process 13.5 t: 90 % = 12.15 t at 50 into the ground, 1.35 t at 100."""
    plant = Converter(
        name="coal", node="a", inputs={"coal": 2.5}, outputs={"electricity": 1.0}, process_emission=0.5, capture=0.9, existing=10.0
    )  # fmt: skip
    well = Sequestration(name="well", node="a", existing=20.0, variable_om=50.0)
    found = plan(plant, well, load(10.0), hours=1, policies=[EmissionLimit(name="carbon", price=100.0)])
    assert flow(found, "well.injection") == [pytest.approx(12.15)]
    assert cost(found) == pytest.approx(25 * 80 + 12.15 * 50 + 1.35 * 100)


def test_captured_biogenic_co2_counts_as_removed() -> None:
    """25 MWh of biomass carry 10 t: 9 t captured and removed: 25 · 100 + 9 · 50 − 9 · 200 CNY; not captured it would count as none."""
    parts = {"node": "a", "inputs": {"biomass": 2.5}, "outputs": {"electricity": 1.0}, "existing": 10.0}
    well = Sequestration(name="well", node="a", existing=20.0, variable_om=50.0)
    price = [EmissionLimit(name="carbon", price=200.0)]
    found = plan(Converter(name="bio", capture=0.9, **parts), well, load(10.0), hours=1, policies=price)  # type: ignore[arg-type]
    assert cost(found) == pytest.approx(2_500 + 450 - 1_800)
    assert cost(plan(Converter(name="bio", **parts), load(10.0), hours=1, policies=price)) == pytest.approx(2_500)  # type: ignore[arg-type]


def test_what_a_formation_holds_binds_over_all_years_of_the_periods() -> None:
    """Periods 2030 and 2040 of 10 years, 1 t/h over 2 hours: 20 t each; the formation holds 30 t; without it coal emits at 1,000 CNY/t.

    The later period counts less, so it keeps the dearer way: 20 t are injected in 2030 and 10 t in 2040.
    """
    plant = Converter(
        name="kiln", node="a", inputs={}, outputs={"heat": 1.0}, process_emission=1.0, capture=1.0, existing=1.0
    )
    vent = Converter(name="vent", node="a", inputs={"co2": 1.0}, outputs={}, process_emission=1.0, existing=5.0)
    well = Sequestration(name="well", node="a", existing=5.0, total=30.0)
    found = plan(
        plant, vent, well, load(1.0, carrier="heat"), hours=2, periods=(2030, 2040), policies=[EmissionLimit(name="carbon", price=1_000.0)]
    )  # fmt: skip
    injected = found.programme.problem.values(found.solution.primal, "well.injection").sum(axis=1) * 1e3
    assert injected == pytest.approx([2.0, 1.0])
    assert cost(found) == pytest.approx(1_000 * period_weights((2030, 2040), 0.05)[1])


def test_extraction_takes_power_for_heat() -> None:
    """x − 0.2 h = 10 and h ≤ 1.5 · 10: 12 of heat need x = 12.4 at 100: 1,240 CNY; 16 of heat need x − 0.2 h = 32/3, 2/3 MW too much."""
    turbine = Converter(
        name="chp", node="a", inputs={}, outputs={"electricity": 1.0}, extraction="heat", extraction_loss=0.2, extraction_ratio=1.5,
        existing=50.0, variable_om=100.0,
    )  # fmt: skip
    found = plan(turbine, load(10.0), load(12.0, carrier="heat"), hours=1)
    assert flow(found, "chp.activity") == [12.4]
    carriers = [Carrier(name="electricity", surplus=True), *CARRIERS[1:]]
    more = plan(turbine, load(10.0), load(16.0, carrier="heat"), hours=1, carriers=carriers)
    assert flow(more, "chp.activity") == [pytest.approx(16 / 1.5 + 0.2 * 16, abs=1e-5)]
    assert flow(more, "a.electricity.surplus") == [pytest.approx(2 / 3, abs=1e-5)]


def test_ramps_bound_the_change_of_an_hour() -> None:
    """Load 2, 10, 10; 10 MW at 10 that climb 3 an hour and oil at 100: runs 2, 5, 8: oil 5 + 2: 700 + 150 CNY."""
    slow = Converter(
        name="slow", node="a", inputs={}, outputs={"electricity": 1.0}, existing=10.0, variable_om=10.0, ramp_up=0.3
    )
    found = plan(slow, source("oil", 100.0), load(1.0, [2.0, 10.0, 10.0]), hours=3)
    assert flow(found, "slow.activity") == [2.0, 5.0, 8.0]
    assert cost(found) == pytest.approx(850)


def test_ramps_down_bind_too_and_grow_with_capacity_that_is_built() -> None:
    """Load 10 then 2: the plant falls by at most a quarter of its capacity k, so it runs no more than 2 + k/4 before; oil at 100 fills 10.

    A MW costs 10 and saves 25 of oil: it is built until 2 + k/4 = 10, which is 32 MW.
    """
    slow = Converter(
        name="slow", node="a", inputs={}, outputs={"electricity": 1.0}, expandable=True, fixed_om=10.0, ramp_down=0.25
    )  # fmt: skip
    found = plan(slow, source("oil", 100.0), load(1.0, [10.0, 2.0]), hours=2)
    assert found.capacities["slow.capacity"][0] * 1e3 == pytest.approx(32.0)
    assert cost(found) == pytest.approx(320)


def test_a_yearly_limit_of_a_plant_and_what_must_run_of_it() -> None:
    """4 MWh at 10 in two hours of 10 MW, at least 1 each: 4 · 10 + 16 · 100 CNY."""
    plant = Converter(
        name="plant", node="a", inputs={}, outputs={"electricity": 1.0}, existing=10.0, variable_om=10.0, annual_limit=4.0, must_run=0.1
    )  # fmt: skip
    found = plan(plant, source("oil", 100.0), load(10.0), hours=2)
    assert min(flow(found, "plant.activity")) >= 1.0
    assert cost(found) == pytest.approx(40 + 1_600)


def committed(plant: Converter, *parts: Component, hours: int) -> tuple[float, list[float]]:
    """Return the cost with commitment [CNY], and the units that are on."""
    programme = system_of(plant, *parts, hours=hours).compile(
        system_of(plant, *parts, hours=hours).grid(), Mode.COMMITMENT
    )
    answer = solve_problem(programme.problem, gap=1e-9)
    return answer.objective * 1e6, [
        round(float(u), 6) for u in programme.problem.values(answer.primal, f"{plant.name}.on")[0]
    ]


def test_units_have_a_least_load_and_pay_for_starts() -> None:
    """Two units of 10 MW at 10, least load 6, 20 CNY/MW a start; load 8, 14, 8; oil at 20 (or 80).

    One unit throughout and oil for 4: 8·10 + (10·10 + 4·20) + 8·10 = 340: a second unit in hour 2 saves 40 and costs 200. With oil at 80 it
    saves 280 and runs: 80 + 140 + 80 + 200.
    """
    plant = Converter(
        name="plant", node="a", inputs={}, outputs={"electricity": 1.0}, existing=20.0, variable_om=10.0, unit_size=10.0, minimum_load=0.6,
        start_cost=20.0,
    )  # fmt: skip
    spent, on = committed(plant, source("oil", 20.0), load(1.0, [8.0, 14.0, 8.0]), hours=3)
    assert on == [1.0, 1.0, 1.0] and spent == pytest.approx(340)
    spent, on = committed(plant, source("oil", 80.0), load(1.0, [8.0, 14.0, 8.0]), hours=3)
    assert on == [1.0, 2.0, 1.0] and spent == pytest.approx(500)


def test_units_stay_on_and_off_as_long_as_they_must() -> None:
    """Load 0, 10, 0, 0, 10; one unit of 10 MW at 10, oil at 100.

    With a least load of 5 it has to be off without load, and off for 3 h it cannot be between hours 2 and 5: oil meets one of the loads.
    Without a least load it stays on for its 3 h at no load.
    """
    plant = Converter(
        name="plant", node="a", inputs={}, outputs={"electricity": 1.0}, existing=10.0, variable_om=10.0, unit_size=10.0, minimum_load=0.5,
        minimum_down=3,
    )  # fmt: skip
    spent, on = committed(plant, source("oil", 100.0), load(1.0, [0.0, 10.0, 0.0, 0.0, 10.0]), hours=5)
    assert spent == pytest.approx(1_100) and sum(on) == 1.0
    free = Converter(
        name="plant", node="a", inputs={}, outputs={"electricity": 1.0}, existing=10.0, variable_om=10.0, unit_size=10.0, minimum_up=3
    )  # fmt: skip
    spent, _ = committed(free, source("oil", 100.0), load(1.0, [0.0, 10.0, 0.0, 0.0, 10.0]), hours=5)
    assert spent == pytest.approx(200)


def test_a_unit_starts_at_its_least_load_and_climbs_from_there() -> None:
    """One unit of 10 MW at 10, least load 6, 2 MW an hour; load 0, 10, 10, 10; oil at 100: the unit runs 0, 6, 8, 10: oil 4 + 2.

    It stops from any load that it can come down to: with load 0 again it has to be at 6 the hour before, and runs 0, 6, 8, 6, 0 at most.
    """
    plant = Converter(
        name="plant", node="a", inputs={}, outputs={"electricity": 1.0}, existing=10.0, variable_om=10.0, unit_size=10.0, minimum_load=0.6,
        ramp_up=0.2, ramp_down=0.2,
    )  # fmt: skip
    spent, on = committed(plant, source("oil", 100.0), load(1.0, [0.0, 10.0, 10.0, 10.0]), hours=4)
    assert on == [0.0, 1.0, 1.0, 1.0] and spent == pytest.approx(24 * 10 + 6 * 100)
    spent, on = committed(plant, source("oil", 100.0), load(1.0, [0.0, 10.0, 10.0, 10.0, 0.0]), hours=5)
    assert on == [0.0, 1.0, 1.0, 1.0, 0.0] and spent == pytest.approx(20 * 10 + 10 * 100)


def test_a_store_moves_energy_at_the_loss_of_both_ways() -> None:
    """Price 10 then 100; load 0 then 8.1; 0.9 each way: 10 charged, 9 held, 8.1 given: 100 CNY and 2 CNY/MWh of wear."""
    store = Store(
        name="battery", node="a", carrier="electricity", existing=20.0, hours=4.0, charge_efficiency=0.9,
        discharge_efficiency=0.9, variable_om=2.0
    )  # fmt: skip
    found = plan(store, source("oil", 0.0, tariff=np.array([10.0, 100.0])), load(1.0, [0.0, 8.1]), hours=2)
    assert flow(found, "battery.charge") == [10.0, 0.0] and flow(found, "battery.content") == [9.0, 0.0]
    assert cost(found) == pytest.approx(100 + 2 * 8.1)


def test_what_is_held_is_lost_by_the_hour() -> None:
    """10 % an hour: 1 MWh after two more hours is 0.81: load of 8.1 in hour 3 needs 10 in hour 1 (hour 2 is dear)."""
    store = Store(name="tank", node="a", carrier="electricity", existing=20.0, hours=1.0, standing_loss=0.1)
    found = plan(store, source("oil", 0.0, tariff=np.array([10.0, 100.0, 100.0])), load(1.0, [0.0, 0.0, 8.1]), hours=3)
    assert flow(found, "tank.charge") == [10.0, 0.0, 0.0]
    assert cost(found) == pytest.approx(100)


def test_a_store_that_is_not_cyclic_ends_with_no_less_than_it_began() -> None:
    """20 MWh, half full, loses 10 % in hour 1; load 9 in hour 1 at 100, then 10 MWh have to be filled at 10."""
    store = Store(
        name="tank", node="a", carrier="electricity", existing=20.0, hours=1.0, standing_loss=0.1, initial=0.5
    )
    found = plan(store, source("oil", 0.0, tariff=np.array([100.0, 10.0])), load(1.0, [9.0, 0.0]), hours=2)
    assert flow(found, "tank.content") == [0.0, 10.0]
    assert cost(found) == pytest.approx(100)


def test_a_store_that_need_not_return_gives_all_it_has() -> None:
    """20 MWh, half full, no loss: 9 of load in hour 1 and 1 in hour 2 are free."""
    store = Store(name="tank", node="a", carrier="electricity", existing=20.0, hours=1.0, initial=0.5, returns=False)
    lake = reservoir("lake", existing=20.0, initial=0.5, returns=False)
    for part in (store, lake):
        assert cost(plan(part, source("oil", 100.0), load(1.0, [9.0, 1.0]), hours=2)) == pytest.approx(0.0, abs=1e-9)


def test_a_store_keeps_its_least_content() -> None:
    """20 MWh full, 5 of them kept in hour 1 and 12 in hour 2: load 15 then 0: 15 are given free, then 7 are bought at 10.

    Where the store can be built, 3 CNY a MW (of 1 h, one year, no interest), keeping half, and load 8 is free in hour 1: 16 MW.
    """
    least = np.array([0.25, 0.6])
    tank = {"name": "tank", "node": "a", "carrier": "electricity", "hours": 1.0, "returns": False}
    oil = source("oil", 0.0, tariff=np.array([100.0, 10.0]))
    found = plan(Store(existing=20.0, initial=1.0, minimum_content=least, **tank), oil, load(1.0, [15.0, 0.0]), hours=2)  # type: ignore[arg-type]
    assert cost(found) == pytest.approx(70)
    free = source("free", 0.0, 100.0, availability=np.array([1.0, 0.0]))
    grown = Store(expandable=True, investment=3.0, lifetime=1.0, minimum_content=0.5, **tank)  # type: ignore[arg-type]
    found = plan(grown, free, load(1.0, [0.0, 8.0]), hours=2, discount_rate=0.0)
    assert cost(found) == pytest.approx(16 * 3)


def test_power_and_energy_of_a_store_are_built_apart() -> None:
    """Load 0, 0, 6, 6 on 6 MW free in the first two hours: 6 MW of power and 12 MWh; the charge ratio of 0.5 asks for 12 MW of power.

    With no interest over one year: 12 · 7 + 12 · 3 CNY.
    """
    store = Store(
        name="store", node="a", carrier="electricity", expandable=True, investment=7.0, energy_investment=3.0, lifetime=1.0,
        charge_ratio=0.5
    )  # fmt: skip
    free = source("free", 0.0, 50.0, availability=np.array([1.0, 1.0, 0.0, 0.0]))
    found = plan(store, free, load(1.0, [0.0, 0.0, 6.0, 6.0]), hours=4, discount_rate=0.0)
    assert found.capacities["store.energy.capacity"][0] * 1e3 == pytest.approx(12.0)
    assert cost(found) == pytest.approx(12 * 7 + 12 * 3)


def reservoir(name: str, **more: object) -> Reservoir:
    """Return a reservoir with 10 MW of turbines that is half full of 20 MWh."""
    settings = {"node": "a", "carrier": "electricity", "existing": 10.0, "volume": 20.0, "annual_inflow": 0.0, **more}
    return Reservoir(name=name, **settings)  # type: ignore[arg-type]


def test_water_is_kept_for_the_dear_hour_and_what_does_not_fit_is_spilt() -> None:
    """Inflow 12, 12, 0; volume 20, dead 2; oil at 10, 10, 100 for load 10: hour 3 runs 10; 14 of 24 MWh are left for hours 1 and
    2: 6 at 10.
    """
    lake = reservoir("lake", annual_inflow=8.0 * 8760, inflow=np.array([1.5, 1.5, 0.0]), dead_share=0.1)
    found = plan(lake, source("oil", 0.0, tariff=np.array([10.0, 10.0, 100.0])), load(10.0), hours=3)
    assert flow(found, "lake.release")[2] == 10.0 and cost(found) == pytest.approx(60)
    small = reservoir("lake", annual_inflow=8.0 * 8760, inflow=np.array([3.0, 0.0, 0.0]), volume=9.0)
    found = plan(small, source("oil", 10.0), load(10.0), hours=3)
    assert sum(flow(found, "lake.spill")) == 5.0 and cost(found) == pytest.approx(110)


def test_the_least_release_flows_whatever_the_price() -> None:
    """Inflow 4 an hour of which 2 must flow; the rest waits for hour 2 at 100: release 2, 6: 8 · 10 + 4 · 100."""
    lake = reservoir("lake", annual_inflow=4.0 * 8760, minimum_release=0.5)
    found = plan(lake, source("oil", 0.0, tariff=np.array([10.0, 100.0])), load(10.0), hours=2)
    assert flow(found, "lake.release") == [2.0, 6.0] and cost(found) == pytest.approx(480)


@pytest.mark.parametrize("delay", [0, 1, 2])
def test_water_reaches_the_reservoir_below_after_its_delay(delay: int) -> None:
    """10 MWh flow into the upper lake in hour 1; a MWh above makes 1.5 below, where nothing can be kept. Oil costs 1, 1, 100, 1.

    Without delay all runs in hour 3: 10 · 100 + 15 · 100 are saved. With a delay of one or two hours, water that is let go above in hour 2
    or 1 (saving 10 · 1) runs below in hour 3 (15 · 100), which is more than running above in hour 3 (10 · 100, and 15 · 1 below).
    """
    upper = reservoir(
        "upper", annual_inflow=2.5 * 8760, inflow=np.array([4.0, 0, 0, 0]), downstream="lower", downstream_ratio=1.5,
        delay=delay, initial=0.0
    )  # fmt: skip
    lower = reservoir("lower", volume=1e-6, existing=50.0, initial=0.0)
    price = np.array([1.0, 1.0, 100.0, 1.0])
    found = plan(upper, lower, source("oil", 0.0, tariff=price), load(30.0), hours=4)
    saved = 10 * (1 if delay else 100) + 15 * 100
    assert cost(found) == pytest.approx(30 * 103 - saved, rel=1e-6)


def test_a_line_loses_on_the_way_and_may_go_one_way_only() -> None:
    """b needs 9 from a at 10 over 10 % loss: 10 sent: 100 CNY and 1 CNY/MWh of the line; the other way b sells at 5 to a."""
    line = Line(
        name="line", from_node="a", to_node="b", carrier="electricity", existing=20.0, loss=0.1, variable_om=1.0
    )
    found = plan(line, source("oil", 10.0), load(9.0, node="b"), hours=1)
    assert flow(found, "line.forward") == [10.0] and cost(found) == pytest.approx(110)
    back = source("cheap", 5.0, node="b"), source("oil", 10.0), load(9.0)
    assert cost(plan(line, *back, hours=1)) == pytest.approx(60)
    one_way = Line(name="line", from_node="a", to_node="b", carrier="electricity", existing=20.0, one_way=True)
    assert cost(plan(one_way, *back, hours=1)) == pytest.approx(90)
    narrow = Line(
        name="line", from_node="a", to_node="b", carrier="electricity", existing=20.0, availability=0.2, variable_om=0.0
    )
    assert cost(plan(narrow, *back, hours=1)) == pytest.approx(4 * 5 + 5 * 10)


def test_load_is_shed_at_its_value_after_what_gives_up_for_less() -> None:
    """Load 10 on 4 MW at 10: 2 give up at 200 and 1 at 500, the other 3 are shed at 10,000."""
    elastic = load(10.0, elasticity=((0.2, 200.0), (0.1, 500.0)))
    assert cost(plan(source("oil", 10.0, 4.0), elastic, hours=1)) == pytest.approx(40 + 400 + 500 + 30_000)


def test_no_load_is_given_up_twice() -> None:
    """Nothing but 10 MW of elastic load at 10,000 beside 5 MW that must be met: giving up 50 % at 1 cannot feed the other load."""
    elastic = load(10.0, name="elastic", elasticity=((0.5, 1.0),), shift_share=0.5, shift_window=2)
    must = load(5.0, name="must", value_of_lost_load=np.inf)
    with pytest.raises(NoPlanError):
        plan(elastic, must, hours=2)


def test_load_moves_within_its_window_and_not_beyond() -> None:
    """Price 100, 10, 10, 100; half of 4 MW moves within windows of 2 h: 2, 6, 6, 2 are taken: 520 CNY, and 4 MWh moved at 1.

    In windows of 1 h nothing moves: 8 · 100 + 8 · 10 = 880.
    """
    parts = [source("oil", 0.0, tariff=np.array([100.0, 10.0, 10.0, 100.0]))]
    moved = plan(*parts, load(4.0, shift_share=0.5, shift_window=2, shift_cost=1.0), hours=4)
    assert flow(moved, "electricity.load.owed") == [2.0, 0.0, -2.0, 0.0]
    assert cost(moved) == pytest.approx(520 + 4)
    assert cost(plan(*parts, load(4.0, shift_share=0.5, shift_window=1), hours=4)) == pytest.approx(880)


def fleet(**more: object) -> Fleet:
    """Return 1,000 vehicles of 50 kWh and 7 kW that drive 1 MW on average."""
    settings = {
        "node": "a",
        "carrier": "electricity",
        "vehicles": 1_000,
        "annual_driving": 8.76,
        "efficiency": 0.9,
        **more,
    }
    return Fleet(name="fleet", **settings)  # type: ignore[arg-type]


def test_vehicles_charge_when_it_is_cheap_and_plugged_in() -> None:
    """Driving 0, 3, 0 (mean 1); price 10, 1, 5; plugged 0.1, 0, 1: 3/0.9 MWh are charged, all in hour 3 at 5: 16.67 CNY."""
    cars = fleet(driving=np.array([0.0, 3.0, 0.0]), plugged=np.array([0.1, 0.0, 1.0]))
    found = plan(cars, source("oil", 0.0, tariff=np.array([10.0, 1.0, 5.0])), hours=3)
    assert flow(found, "fleet.charge") == [0.0, 0.0, pytest.approx(3 / 0.9, abs=1e-5)]
    assert cost(found) == pytest.approx(3 / 0.9 * 5)


def test_vehicles_that_nobody_manages_are_a_load() -> None:
    """40 % managed: 0.6/0.9 MW follow the profile (0, 2): 1.333 MWh at 100; the managed 0.8 MWh are charged at 10."""
    cars = fleet(managed=0.4, unmanaged_profile=np.array([0.0, 2.0]))
    found = plan(cars, source("oil", 0.0, tariff=np.array([10.0, 100.0])), hours=2)
    assert cost(found) == pytest.approx(0.6 / 0.9 * 2 * 100 + 0.4 / 0.9 * 2 * 10)


def test_vehicles_give_back_for_their_wear_and_keep_their_least_content() -> None:
    """No driving; 30 % of 7 MW give back; price 10, 500; load 0, 5: 2.1 MWh of hour 2 are charged as 2.1/0.81 in hour 1, with 50
    of wear each.

    Where the vehicles have to be full at every hour they give nothing.
    """
    parts = [source("oil", 0.0, tariff=np.array([10.0, 500.0])), load(1.0, [0.0, 5.0])]
    cars = {"annual_driving": 0.0, "v2g": 0.3, "v2g_cost": 50.0}
    found = plan(*parts, fleet(**cars), hours=2)
    assert cost(found) == pytest.approx(2.1 / 0.81 * 10 + 2.1 * 50 + 2.9 * 500)
    full = plan(*parts, fleet(**cars, minimum_content=1.0), hours=2)
    assert cost(full) == pytest.approx(5 * 500)


def test_driving_that_cannot_be_served_is_paid_for() -> None:
    """Never plugged in: 1 MWh an hour at 20,000."""
    assert cost(plan(fleet(plugged=0.0), source("oil", 1.0), hours=2)) == pytest.approx(40_000)


def test_a_contract_delivers_its_shape_within_the_leeway() -> None:
    """10 MW with shape (1, 0.5), leeway 20 %: at least 8 and 4, at most 10 and 6, at 300 beside oil at 100; then at 50."""
    shape = {
        "name": "uhv",
        "node": "a",
        "carrier": "electricity",
        "existing": 10.0,
        "shape": np.array([1.0, 0.5]),
        "leeway": 0.2,
    }
    dear = plan(Contract(price=300.0, **shape), source("oil", 100.0), load(12.0), hours=2)  # type: ignore[arg-type]
    assert flow(dear, "uhv.delivery") == [8.0, 4.0] and cost(dear) == pytest.approx(12 * 300 + 12 * 100)
    cheap = plan(Contract(price=50.0, **shape), source("oil", 100.0), load(12.0), hours=2)  # type: ignore[arg-type]
    assert flow(cheap, "uhv.delivery") == [10.0, 6.0]


def test_a_contract_is_used_as_much_as_agreed_over_the_hours() -> None:
    """10 MW over 2 h, at least 60 % and at most 70 %: 12 MWh at 300, in the hour where oil is dearest; cheap at 1: 14 MWh."""
    terms = {
        "name": "uhv",
        "node": "a",
        "carrier": "electricity",
        "existing": 10.0,
        "minimum_take": 0.6,
        "maximum_take": 0.7,
    }
    oil = source("oil", 0.0, tariff=np.array([100.0, 200.0]))
    found = plan(Contract(price=300.0, **terms), oil, load(10.0), hours=2)  # type: ignore[arg-type]
    assert flow(found, "uhv.delivery") == [2.0, 10.0]
    found = plan(Contract(price=1.0, **terms), oil, load(10.0), hours=2)  # type: ignore[arg-type]
    assert flow(found, "uhv.delivery") == [4.0, 10.0]


def test_a_contract_that_grows_takes_its_obligation_along() -> None:
    """A MW costs 10 (one year, no interest) and saves 100 − 20 in the hour of load; half of its two hours must be taken: load 6, 0
    → 6 MW.
    """
    deal = Contract(
        name="uhv", node="a", carrier="electricity", expandable=True, investment=10.0, lifetime=1.0, minimum_take=0.5, price=20.0
    )  # fmt: skip
    found = plan(deal, source("oil", 100.0), load(1.0, [6.0, 0.0]), hours=2, discount_rate=0.0)
    assert cost(found) == pytest.approx(6 * 10 + 6 * 20)


@pytest.mark.parametrize(("imports", "bought"), [(False, 10.0), (True, 4.0)])
def test_a_cap_counts_imported_power_where_it_says_so(imports: bool, bought: float) -> None:
    """Imports at 100 and 0.5 t/MWh beside a clean source at 500, cap 2 t: 10 MWh of imports where they do not count, else 4 MWh."""
    deal = Contract(name="uhv", node="a", carrier="electricity", existing=20.0, price=100.0, emission_factor=0.5)
    cap = with_settings(
        system_of(deal, source("clean", 500.0), load(10.0), hours=1, policies=[EmissionLimit(name="carbon", cap=2.0)]),
        [f"policy.carbon.imports={imports}"],
    )
    found = solve(cap, cap.grid(), None, solver="highs-simplex", tolerance=1e-9)
    assert cost(found) == pytest.approx(100 * bought + 500 * (10 - bought))
    made = imported_emissions(found.programme, found.solution)
    assert made["emission [t]"].tolist() == [pytest.approx(0.5 * bought)]
    assert len(emissions(found.programme, found.solution)) == 0


def test_fixed_emissions_stand_under_the_same_cap() -> None:
    """Cap 10 t, cement 8 t: 2 t are left for oil at 0.5 t/MWh: 4 MWh; the other 6 from a clean source at 500."""
    parts = (
        source("oil", 100.0, emission_factor=0.5),
        source("clean", 500.0),
        load(10.0),
        Emission(name="cement", amount=8.0),
    )
    found = plan(*parts, hours=1, policies=[EmissionLimit(name="carbon", cap=10.0)])
    assert cost(found) == pytest.approx(400 + 3_000)
    with pytest.raises(NoPlanError):
        plan(*parts, hours=1, policies=[EmissionLimit(name="carbon", cap=7.0)])


def test_a_budget_is_spent_where_a_year_counts_most() -> None:
    """10 years each; 2 MWh a year of oil emit 1 t; a budget of 15 t leaves 5 t: clean costs 100 more, cheapest to pay late: in
    2040 1 MWh.
    """
    parts = source("oil", 100.0, emission_factor=0.5), source("clean", 200.0), load(1.0)
    found = plan(*parts, hours=2, periods=(2030, 2040), policies=[EmissionLimit(name="carbon", budget=15.0)])
    weights = period_weights((2030, 2040), 0.05)
    assert cost(found) == pytest.approx(200 * weights[0] + 300 * weights[1])


def test_the_non_fossil_share_counts_what_plants_give_after_extraction_and_buy() -> None:
    """10 MW of net power, of which 40 % from sun at 300 beside a turbine at 100 that gives 5 of heat for 1 of power: x = 7, sun 4.

    Production is 10, not 11: a share of 40 % asks for 4 of sun.
    """
    turbine = Converter(
        name="chp", node="a", inputs={"coal": 1.0}, outputs={"electricity": 1.0}, extraction="heat", extraction_loss=0.2, existing=50.0
    )  # fmt: skip
    parts = turbine, source("sun", 300.0, non_fossil=True), load(10.0), load(5.0, carrier="heat")
    found = plan(*parts, hours=1, policies=[NonFossilShare(name="share", least=0.4)])
    assert flow(found, "sun.production") == [4.0] and flow(found, "chp.activity") == [7.0]


def test_power_of_non_fossil_fuel_counts_by_the_fuel_that_is_bought() -> None:
    """A plant burns coal and biomass 3 : 1: a quarter counts; 50 % of 12 MW: sun s and plant 12 − s: s + (12 − s)/4 ≥ 6, s = 4."""
    plant = Converter(
        name="mixed", node="a", inputs={"coal": 1.5, "biomass": 0.5}, outputs={"electricity": 1.0}, existing=50.0
    )
    parts = plant, source("sun", 900.0, non_fossil=True), load(12.0)
    found = plan(*parts, hours=1, policies=[NonFossilShare(name="share", least=0.5)])
    assert flow(found, "sun.production") == [4.0]


def test_half_of_a_contract_counts_as_non_fossil() -> None:
    """Share 30 % of 10 MW; a contract that counts half at 100, oil at 50: 6 MW of the contract."""
    deal = Contract(name="uhv", node="a", carrier="electricity", existing=10.0, price=100.0, non_fossil_share=0.5)
    found = plan(deal, source("oil", 50.0), load(10.0), hours=1, policies=[NonFossilShare(name="share", least=0.3)])
    assert flow(found, "uhv.delivery") == [6.0]


def built(name: str, investment: object, **more: object) -> Source:
    """Return a source that can be built, for one year without interest."""
    settings = {"node": "a", "carrier": "electricity", "lifetime": 1.0, **more}
    return Source(name=name, expandable=True, investment=investment, **settings)  # type: ignore[arg-type]


def test_targets_of_capacity_and_energy_bind() -> None:
    """At least 6 MW of wind at 50 a MW; no more than 3 MWh of it: the other 7 from oil at 10."""
    policies = [
        CapacityTarget(name="wind", technologies=("wind",), least=6.0),
        EnergyLimit(name="most", technologies=("wind",), most=3.0),
    ]
    found = plan(built("wind", 50.0), source("oil", 10.0), load(10.0), hours=1, policies=policies, discount_rate=0.0)
    assert cost(found) == pytest.approx(6 * 50 + 7 * 10)


def test_targets_count_the_nodes_that_they_name() -> None:
    wind = built("wind.a", 50.0, technology="wind"), built("wind.b", 20.0, technology="wind", node="b")
    target = CapacityTarget(name="wind", technologies=("wind",), nodes=("a",), least=2.0)
    assert cost(plan(*wind, hours=1, policies=[target], discount_rate=0.0)) == pytest.approx(100)


def test_the_use_of_a_fuel_can_be_limited() -> None:
    """20 MWh of coal at 80 give 8 MW of 0.4; 2 MW are shed."""
    coal = Converter(
        name="coal", node="a", inputs={"coal": 1.0}, outputs={"electricity": 1.0}, efficiency=0.4, existing=50.0
    )
    found = plan(coal, load(10.0), hours=1, policies=[EnergyLimit(name="fuel", carrier="coal", most=20.0)])
    assert cost(found) == pytest.approx(1_600 + 20_000)


def test_firm_capacity_covers_the_peak_and_its_margin() -> None:
    """Peak 10 and 20 %: 12 firm: oil 8 stands, the rest by a battery of credit 0.5 at 30 a MW or turbines at 100: 8 MW of battery."""
    battery = Store(
        name="battery", node="a", carrier="electricity", expandable=True, investment=30.0, lifetime=1.0, hours=1.0
    )
    margin = ReserveMargin(name="firm", margin=0.2, credits={"oil": 1.0, "battery": 0.5, "turbine": 1.0})
    parts = source("oil", 0.0, 8.0), battery, built("turbine", 100.0), load(6.0, [10 / 6, 2 / 6])
    found = plan(*parts, hours=2, policies=[margin], discount_rate=0.0)
    assert cost(found) == pytest.approx(8 * 30)


def test_inactive_policies_ask_for_nothing() -> None:
    target = CapacityTarget(name="wind", technologies=("wind",), least=6.0, active=False)
    assert cost(plan(built("wind", 50.0), source("oil", 10.0), load(1.0), hours=1, policies=[target])) == pytest.approx(
        10
    )


def test_vintages_pay_while_they_stand_and_retire() -> None:
    """Load 1 MW from wind alone in 2030, 2035, 2040; it lives 10 years: built in 2030 it stands in 2030 and 2035, another in 2040.

    Weights: years of 5 each at 5 %. Investment falls 1,000, 800, 600; a MW built in 2030 pays 1,000 a, twice; in 2040 600 a.
    """
    years = (2030, 2035, 2040)
    wind = Source(
        name="wind", node="a", carrier="electricity", expandable=True, investment={2030: 1_000.0, 2040: 600.0}, fixed_om=7.0, lifetime=10.0
    )  # fmt: skip
    found = plan(wind, load(1.0), hours=1, periods=years)
    w, a = period_weights(years, 0.05), annuity(0.05, 10.0)
    invested = 1_000 * (w[0] + w[1]) + 600 * w[2]
    assert cost(found) == pytest.approx(a * invested + 7 * w.sum())
    assert found.capacities["wind.capacity"] * 1e3 == pytest.approx([1.0, 1.0, 1.0])


def test_the_annuity_and_the_weight_of_a_period_are_those_of_the_textbook() -> None:
    """5 % over 20 years: 0.0802426; five years from now on at 5 %: 1 + 1/1.05 + … + 1/1.05⁴ = 4.5459505."""
    assert annuity(0.05, 20) == pytest.approx(0.0802425872, abs=1e-9)
    assert annuity(0.0, 20) == pytest.approx(0.05)
    assert period_weights((2030, 2035), 0.05) == pytest.approx([4.5459505, 4.5459505 / 1.05**5], abs=1e-6)
    assert period_weights((2030,), 0.05) == pytest.approx([1.0])


def test_standing_plants_come_and_go_by_year() -> None:
    """10 MW to 2034, 4 MW from 2035: oil at 100 fills the rest of 10."""
    old = Source(
        name="old", node="a", carrier="electricity", existing=(Asset(10.0, retires=2035), Asset(4.0, commissioned=2035)), fixed_om=3.0
    )  # fmt: skip
    found = plan(old, source("oil", 100.0), load(10.0), hours=1, periods=(2030, 2035))
    w = period_weights((2030, 2035), 0.05)
    assert cost(found) == pytest.approx(w[0] * 30 + w[1] * (12 + 600))


def test_potential_least_and_rate_of_building_bind() -> None:
    """Wind at 10 a MW-year serves 10; potential 6 and 8, built at most 1 a year: 5 in 2030 (5 years before it), 8 in 2035."""
    wind = Source(
        name="wind", node="a", carrier="electricity", expandable=True, fixed_om=10.0, potential={2030: 6.0, 2035: 8.0}, build_rate=1.0
    )  # fmt: skip
    found = plan(wind, source("oil", 100.0), load(10.0), hours=1, periods=(2030, 2035))
    assert found.capacities["wind.capacity"] * 1e3 == pytest.approx([5.0, 8.0])
    least = Source(name="wind", node="a", carrier="electricity", expandable=True, fixed_om=10.0, minimum=3.0)
    assert cost(plan(least, source("oil", 1.0), load(1.0), hours=1)) == pytest.approx(30)


def test_time_slices_have_their_own_length_and_number() -> None:
    """Slices of 6 and 18 h, 365 and 182.5 times a year; 1 MW at 100 and 10: 2,190 h · 100 + 3,285 h · 10.

    A store of 6 MWh fills at 10 in a slice of 18 h with a third of a MW and gives 1 MW for the 6 h, each as often as its slice occurs.
    """
    slices = {"lengths": np.array([6.0, 18.0]), "occurrences": np.array([365.0, 182.5])}
    oil = source("oil", 0.0, tariff=np.array([100.0, 10.0]))
    assert cost(plan(oil, load(1.0), hours=2, **slices)) == pytest.approx(2_190 * 100 + 3_285 * 10)
    store = Store(name="tank", node="a", carrier="electricity", existing=1.0, hours=6.0)
    found = plan(oil, store, load(1.0), hours=2, **slices)
    assert flow(found, "tank.charge") == [0.0, pytest.approx(1 / 3, abs=1e-5)]
    assert cost(found) == pytest.approx(3_285 * 10 * 4 / 3)


def test_a_day_that_stands_for_a_year_counts_365_times() -> None:
    """1 MW at 100 over 24 hours that stand for 8,760."""
    assert cost(plan(source("oil", 100.0), load(1.0), hours=24, annual=True)) == pytest.approx(876_000)
