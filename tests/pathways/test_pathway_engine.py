"""The engine: two implementations, balances, monotony, neutrality."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tanlu.pathways import Baseline, Parameters, PathwayData, Result, run
from tanlu.pathways.dimensions import CARRIERS, DEMAND, EMITTERS, FIRST, GENERATORS
from tanlu.pathways.engine import CAP
from tanlu.pathways.kernel import places
from tanlu.pathways.parameters import CONTROL_ROWS, DRAWS
from tanlu.pathways.tables import CAPACITIES

ARRAYS = ("energy", "process", "captured", "generation", "capacity", "indicators", "activity", "emitted", "final", "stock", "sales",
    "retired", "intensity", "autonomous",
)  # fmt: skip
NOT_MONOTONE = {
    "energy_storage": "loses power, and gains nothing where nothing is curtailed",
    "green_hydrogen": "electrolysis on coal power emits more than reforming of gas",
    "industry_hydrogen": "hydrogen from electrolysis on coal power",
    "freight_hydrogen": "hydrogen from electrolysis on coal power",
    "steel_hydrogen": "hydrogen from electrolysis on coal power",
    "industry_electrification": "further demand is met by coal power, whose fuel outweighs the fuel replaced",
    "freight_electric": "as above, nearly even",
    "steel_electric": "as above, nearly even",
    "rail_water_electric": "as above, nearly even",
}
"""Clean levers that may raise scope 1 emissions in the reference world: the list that the documentation repeats."""
RISING = {
    "coal_plant_rate",
    "grid_losses",
    "clinker_ratio",
    "material_efficiency",
    "metal_recycling",
    "modal_shift",
    "import_mix",
    "resource_recycling",
    "wall_materials",
}
"""Levers whose higher value is the dirtier one."""


def random_levers(data: PathwayData, count: int, seed: int) -> NDArray[np.float64]:
    low, high = (np.array([getattr(lever, k) for lever in data.levers]) for k in ("minimum", "maximum"))
    out: NDArray[np.float64] = low + (high - low) * np.random.default_rng(seed).random((count, len(low)))
    return out


def random_draws(parameters: Parameters, count: int, seed: int) -> NDArray[np.float64]:
    spread = np.array([0.004 if p.unit == "1/yr" else 0.15 for p in DRAWS])
    z = np.random.default_rng(seed).normal(size=(count, len(DRAWS)))
    return parameters.central + np.clip(z, -2.5, 2.5) * spread


def relative_difference(a: Result, b: Result, name: str) -> float:
    """Largest difference over the value; sales and early retirement are differences of stocks, and are seen beside them."""
    x, y = getattr(a, name), getattr(b, name)
    floor = 1e-6 * np.abs(y).max() + 1e-12
    scale = np.maximum(np.abs(y), np.maximum(floor, b.stock) if name in ("sales", "retired") else floor)
    return float((np.abs(x - y) / scale).max())


def stressed(parameters: Parameters) -> Parameters:
    """The province with tight limits, much gas, base-year hydrogen and every op, to reach branches that it does not reach itself."""
    q, program = parameters.tables, parameters.program
    generation, final = q.generation.copy(), q.final.copy()
    generation[1] = generation[0]
    final[:, CARRIERS.index("hydrogen")] = 3.0
    tables = q._replace(
        build=q.build / 10, decline=0.001, generation=generation, final=final, floor=np.full_like(q.floor, 0.9), power_process=2.0,
        residual=np.full_like(q.residual, 0.5), survival=q.survival**0.1, survival_base=q.survival_base**0.1,
        survival_power=q.survival_power**0.1, survival_power_base=q.survival_power_base**0.1,
    )  # fmt: skip
    op = program.op.copy()
    op[np.isin(program.row, [CONTROL_ROWS["activity.scale", s] for s in DEMAND])] = 1
    op[np.isin(program.row, [CONTROL_ROWS[name, ""] for name in ("coal.cofiring", "capacity.hydro")])] = CAP
    return replace(parameters, tables=tables, program=program._replace(op=op))


@pytest.mark.parametrize("stress", [False, True])
def test_kernel_equals_the_numpy_definition(parameters: Parameters, data: PathwayData, stress: bool) -> None:
    chosen = stressed(parameters) if stress else parameters
    levers, draws = random_levers(data, 256, 1), random_draws(parameters, 256, 2)
    weather = np.random.default_rng(3).uniform(0.6, 1.4, (256, len(parameters.years)))
    # whatever the cache holds: without machine code a run answers with the definition itself
    kernel = run(chosen, levers, draws, weather, implementation="kernel")
    reference = run(chosen, levers, draws, weather, implementation="reference")
    for name in ARRAYS:
        assert relative_difference(kernel, reference, name) < 1e-9, name


def test_the_settings_of_that_comparison_reach_every_branch(parameters: Parameters, data: PathwayData) -> None:
    levers, draws = random_levers(data, 256, 1), random_draws(parameters, 256, 2)
    found = set()
    for chosen in (parameters, stressed(parameters)):
        result, q = run(chosen, levers, draws), chosen.tables
        thermal = result.generation[:, :, 0] + result.generation[:, :, 1]
        curtailed, gross = result.indicator("curtailed"), result.indicator("electricity_demand")
        solar, coal = (result.capacity[:, :, CAPACITIES.index(k)] for k in ("solar", "coal"))
        reached = {
            "curtailment": curtailed > 1e-6,
            "no curtailment": curtailed == 0,
            "smallest thermal share": np.isclose(thermal, gross * q.thermal_minimum),
            "highest gas share": np.isclose(result.generation[:, :, 1], thermal * q.gas_share_maximum),
            "coal plant in service": coal == q.coal_capacity,
            "further coal plant": coal > q.coal_capacity,
            "fastest building": np.isclose(np.diff(solar, axis=1), q.build[1]),
            "early retirement": result.retired > 0,
            "no sales": result.sales[..., 0].min(axis=2) == 0,
        }
        found |= {name for name, where in reached.items() if where.any()}
    assert set(reached) - found == set()


def test_levers_at_default_are_the_reference_run_bit_for_bit(parameters: Parameters, data: PathwayData) -> None:
    without = run(parameters, implementation="kernel")
    for levers in (parameters.defaults, data.world("current")):
        with_levers = run(parameters, levers, implementation="kernel")
        for name in ARRAYS:
            assert np.array_equal(getattr(without, name), getattr(with_levers, name)), name


def test_threads_do_not_change_a_bit(parameters: Parameters, data: PathwayData) -> None:
    levers, draws = random_levers(data, 150, 3), random_draws(parameters, 150, 4)
    serial, threads = (run(parameters, levers, draws, implementation="kernel", threads=t) for t in (False, True))
    for name in ARRAYS:
        assert np.array_equal(getattr(serial, name), getattr(threads, name)), name


def test_a_draw_does_not_depend_on_its_neighbours(parameters: Parameters, data: PathwayData) -> None:
    levers, draws = random_levers(data, 130, 5), random_draws(parameters, 130, 6)
    together = run(parameters, levers, draws)
    alone = run(parameters, levers[97], draws[97])
    assert np.array_equal(together.energy[97], alone.energy[0])


def test_base_year_is_the_inventory(parameters: Parameters, baseline: Baseline) -> None:
    result = run(parameters, detail=True)
    np.testing.assert_allclose(result.energy[0, 0], baseline.energy[-1], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(result.process[0, 0], baseline.process[-1], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(result.final[0, 0], baseline.final, rtol=1e-12)
    np.testing.assert_allclose(result.generation[0, 0], baseline.generation, rtol=1e-10, atol=1e-9)
    assert not result.captured[0, 0].any()


def test_sectors_add_up_to_the_total(parameters: Parameters, data: PathwayData) -> None:
    result = run(parameters, random_levers(data, 20, 7), random_draws(parameters, 20, 8))
    parts = sum(result.by_sector(e) for e in EMITTERS)
    np.testing.assert_allclose(parts, result.total, rtol=1e-12)
    np.testing.assert_allclose(result.net + result.indicator("sink"), result.total, rtol=1e-12)


def test_generation_and_imports_cover_demand(parameters: Parameters, data: PathwayData) -> None:
    result = run(parameters, random_levers(data, 100, 9), random_draws(parameters, 100, 10))
    np.testing.assert_allclose(result.generation.sum(axis=2), result.indicator("electricity_demand"), rtol=1e-12)
    assert (result.generation >= 0).all()


def test_demand_is_final_use_hydrogen_capture_losses_and_storage(parameters: Parameters, data: PathwayData) -> None:
    levers = random_levers(data, 30, 11)
    result, q = run(parameters, levers), parameters.tables
    index = data.lever_index
    years = result.years.tolist()
    green = data.levers[index["green_hydrogen"]]
    grid = data.levers[index["grid_losses"]]
    start_green = q.controls[CONTROL_ROWS["hydrogen.green", ""], 0]
    share = start_green + (levers[:, [index[green.id]]] - start_green) * green.schedule.values(years)
    losses = q.losses + levers[:, [index[grid.id]]] * grid.schedule.values(years)
    final = result.final[..., CARRIERS.index("electricity")].sum(axis=2) / 3.6
    electrolysis = result.indicator("hydrogen") * share / q.electrolysis_efficiency / 3.6
    capture = result.captured[:, :, FIRST:-1].sum(axis=2) * q.capture_electricity
    storage = result.capacity[:, :, 5]
    stored = np.maximum(0, storage - storage[:, :1]) * q.storage_losses
    expected = (final + electrolysis + capture) / (1 - losses) + stored
    np.testing.assert_allclose(result.indicator("electricity_demand"), expected, rtol=1e-10)


def test_carbon_of_a_demand_sector_is_its_fuel_times_its_factor(parameters: Parameters, data: PathwayData) -> None:
    result, q = run(parameters, random_levers(data, 20, 12)), parameters.tables
    for s, sector in enumerate(DEMAND):
        if sector == "refining":  # with the reforming of gas
            continue
        expected = (result.final[:, :, s, :4] * q.factor[s]).sum(axis=2)
        assert q.residual[s] == pytest.approx(0, abs=1e-9)
        np.testing.assert_allclose(result.energy[:, :, FIRST + s], expected, rtol=1e-12, atol=1e-12)


def test_no_nan_at_the_corners_of_random_lever_cubes(parameters: Parameters, data: PathwayData) -> None:
    rng = np.random.default_rng(13)
    low, high = (np.array([getattr(lever, k) for lever in data.levers]) for k in ("minimum", "maximum"))
    chosen = rng.choice(len(low), 10, replace=False)
    levers = np.where(rng.random((1024, len(low))) < 0.5, low, high)
    levers[:, chosen] = np.where((np.arange(1024)[:, None] >> np.arange(10)) & 1, high[chosen], low[chosen])
    result = run(parameters, levers, random_draws(parameters, 1024, 14))
    for name in ARRAYS:
        assert np.isfinite(getattr(result, name)).all(), name
    assert (result.emissions > -1e-9).all()
    assert (result.final > -1e-9).all()


def test_more_of_a_clean_lever_never_raises_emissions(parameters: Parameters, data: PathwayData) -> None:
    for lever in data.levers:
        if lever.id in NOT_MONOTONE:
            continue
        values = np.linspace(lever.minimum, lever.maximum, 7)
        if lever.id in RISING:
            values = values[::-1]
        levers = np.tile(parameters.defaults, (7, 1))
        levers[:, data.lever_index[lever.id]] = values
        total = run(parameters, levers).total.sum(axis=1)
        assert (np.diff(total) <= 1e-9).all(), lever.id


def test_electrification_lowers_emissions_once_power_is_clean(parameters: Parameters, data: PathwayData) -> None:
    """In the plan world the listed electric levers save CO2 by 2060, so that the exceptions above are about coal power only."""
    plan = data.world("plan")
    for name in (
        "passenger_electric",
        "freight_electric",
        "building_electrification",
        "steel_electric",
        "industry_electrification",
    ):
        lever = data.levers[data.lever_index[name]]
        levers = np.tile(plan, (2, 1))
        levers[:, data.lever_index[name]] = lever.minimum, lever.maximum
        total = run(parameters, levers).total[:, -1]
        assert total[1] < total[0], name


def test_a_dry_year_is_made_good_by_coal_in_that_year_only(parameters: Parameters) -> None:
    """Hydro 20 % below its mean in one year: coal rises by what hydro lacks, and no other year changes."""
    weather = np.ones(len(parameters.years))
    weather[5] = 0.8
    normal, dry = run(parameters), run(parameters, weather=weather)
    hydro, coal = GENERATORS.index("hydro"), GENERATORS.index("coal")
    change = dry.generation[0] - normal.generation[0]
    assert change[5, hydro] == pytest.approx(-0.2 * normal.generation[0, 5, hydro])
    assert change[5, coal] == pytest.approx(-change[5, hydro])
    assert np.array_equal(np.delete(dry.energy[0], 5, axis=0), np.delete(normal.energy[0], 5, axis=0))


def test_imports_stay_within_the_lines(parameters: Parameters, data: PathwayData) -> None:
    result, q = run(parameters, random_levers(data, 200, 15), random_draws(parameters, 200, 16)), parameters.tables
    limit = result.capacity[:, 1:, 6] * q.hours_imports_maximum / 1000
    assert (result.generation[:, 1:, GENERATORS.index("imports")] <= limit + 1e-9).all()


def test_wrong_shapes_are_refused(parameters: Parameters) -> None:
    with pytest.raises(ValueError, match="levers"):
        run(parameters, np.zeros((2, 3)))
    with pytest.raises(ValueError, match="draws"):
        run(parameters, np.zeros((2, len(parameters.defaults))), np.zeros((3, len(DRAWS))))


def test_importing_the_room_does_not_import_numba_or_scipy() -> None:
    code = "import sys, tanlu.pathways; print('numba' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_machine_code_made_with_other_sets_is_thrown_away() -> None:
    """numba looks at the age of the file alone: code of a release with one more control must not run on the arrays of this one."""
    foreign = "import tanlu.pathways.parameters as p; p.CONTROL_ROWS['other', ''] = 999\n"
    look = "from tanlu.pathways.kernel import places; print(places.LAYOUT)\n"
    done = subprocess.run([sys.executable, "-c", foreign + look], capture_output=True, text=True, check=True)
    assert int(done.stdout) != places.LAYOUT
