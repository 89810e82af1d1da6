"""Balances and levers, recomputed from the outputs alone."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tanlu.core.errors import DataError
from tanlu.pathways import Baseline, Parameters, PathwayData, Result, ScenarioSet, iamc_rows, run, scenario_runs
from tanlu.pathways.dimensions import CARRIER_VARIABLE, CARRIERS, DEMAND, EMITTERS, FINAL_ENERGY_VARIABLE, GENERATORS
from tanlu.pathways.parameters import CONTROL_ROWS
from tanlu.pathways.reference import control_paths
from tanlu.pathways.tables import CAPACITIES
from tanlu.pathways.uncertainty import sample

PLANTS = ("Hydro", "Wind", "Solar", "Biomass", "Nuclear", "Coal")
Table = dict[str, NDArray[np.float64]]


def random_levers(data: PathwayData, count: int, seed: int) -> NDArray[np.float64]:
    """Lever values anywhere in their ranges."""
    low, high = (np.array([getattr(lever, end) for lever in data.levers]) for end in ("minimum", "maximum"))
    return np.random.default_rng(seed).uniform(low, high, (count, len(low)))


@pytest.fixture(scope="module")
def scenarios(data: PathwayData, baseline: Baseline) -> ScenarioSet:
    return scenario_runs(data, baseline, 7, 16)


@pytest.fixture(scope="module")
def tables(scenarios: ScenarioSet, baseline: Baseline) -> list[Table]:
    """Every scenario of the IAMC table as numbers, from the base year on."""
    rows = iamc_rows(scenarios, "China|Hunan", "Tanlu")
    first = rows[0].index(str(baseline.base_year))
    return [
        {row[3]: np.array([float(x) for x in row[first:]]) for row in rows[1:] if row[1] == scenario.name}
        for scenario in scenarios
    ]


def test_power_of_the_table_closes(tables: list[Table]) -> None:
    """Output less net exports is consumption; final use is not above it; no plant runs longer than a year has hours."""
    for t in tables:
        supply = t["Secondary Energy|Electricity"] - t["Trade|Secondary Energy|Electricity|Volume"]
        np.testing.assert_allclose(supply, t["Electricity Consumption"], atol=2e-6)
        assert (t["Final Energy|Electricity"] / 3.6 <= t["Electricity Consumption"] * 1.001).all()
        for plant in PLANTS:
            full = t[f"Capacity|Electricity|{plant}"] * 8.76
            assert (t[f"Secondary Energy|Electricity|{plant}"] <= full + 1e-6).all(), plant
        assert (-t["Trade|Secondary Energy|Electricity|Volume"] <= t["Capacity|Transmission Import"] * 8.76).all()


def test_carbon_of_the_table_closes(tables: list[Table]) -> None:
    """Energy, processes and waste make the total; what is captured was emitted; land makes the net figure."""
    for t in tables:
        total = t["Emissions|CO2"]
        np.testing.assert_allclose(
            t["Emissions|CO2|Energy"] + t["Emissions|CO2|Industrial Processes"], total, atol=2e-6
        )
        parts = t["Emissions|CO2|Energy|Supply"] + t["Emissions|CO2|Energy|Demand"]
        np.testing.assert_allclose(parts, t["Emissions|CO2|Energy"], atol=2e-6)
        captured = [v for k, v in t.items() if k.startswith("Carbon Sequestration|CCS|")]
        np.testing.assert_allclose(sum(captured), t["Carbon Sequestration|CCS"], atol=5e-6)
        assert (t["Carbon Sequestration|CCS"] >= 0).all() and (total > 0).all()
        np.testing.assert_allclose(total - t["Carbon Sequestration|Land Use"], t["Emissions|CO2|Net"], atol=2e-6)


def test_final_energy_of_the_table_closes_by_carrier_and_by_sector(tables: list[Table]) -> None:
    for t in tables:
        carriers = [t[k] for c in CARRIER_VARIABLE.values() if (k := f"Final Energy|{c}") in t]
        sectors = [t[f"Final Energy|{name}"] for name in FINAL_ENERGY_VARIABLE.values()]
        for parts in (carriers, sectors):
            np.testing.assert_allclose(sum(parts), t["Final Energy"], atol=2e-5)


def _control(parameters: Parameters, levers: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    paths = control_paths(parameters.tables, parameters.program, levers)
    out: NDArray[np.float64] = paths[:, CONTROL_ROWS[name, ""]]
    return out


def test_primary_energy_follows_from_carbon_and_generation(parameters: Parameters, data: PathwayData) -> None:
    """The fuel of power is read back from its CO2; with final fuels, hydrogen, co-firing, heat and clean power it makes primary energy."""
    levers = random_levers(data, 40, 21)
    result, q = run(parameters, levers), parameters.tables
    share = {
        k: _control(parameters, levers, k) for k in ("coal.cofiring", "heat.clean", "hydrogen.green", "imports.factor")
    }
    of = {g: result.generation[:, :, i] for i, g in enumerate(GENERATORS)}
    gas = of["gas"] * q.gas_rate
    other = q.power_other * of["coal"] / q.generation[0]
    coal = (result.energy[:, :, EMITTERS.index("power")] - gas * q.gas_factor - other) / q.power_coal_factor
    heat = result.final[..., CARRIERS.index("heat")].sum(axis=2)
    solid = coal + result.energy[:, :, EMITTERS.index("heat")] / q.power_coal_factor
    cofired = coal * share["coal.cofiring"] / (1 - share["coal.cofiring"])
    reformed = result.indicator("hydrogen") * (1 - share["hydrogen.green"]) / q.reforming_efficiency
    fossil = result.final[..., :4].sum(axis=(2, 3)) + reformed + solid + gas
    clean_power = sum(of[g] for g in ("hydro", "wind", "solar", "biomass", "nuclear"))
    # biomass that replaces coal and oil is primary energy, the "other energy" of the base mix is not
    grown = result.indicator("primary_energy") * 29.3076 - (
        fossil + cofired + heat * share["heat.clean"] + (clean_power + of["imports"]) * q.primary_equivalent * 29.3076
    )
    final_biomass = result.final[..., CARRIERS.index("biomass")].sum(axis=2)
    assert (grown >= -1e-6).all()
    assert (grown <= final_biomass + 1e-6).all()
    np.testing.assert_allclose(grown[:, 0], 0.0, atol=1e-6)


def test_plants_produce_with_the_mean_capacity_of_the_year(parameters: Parameters) -> None:
    result, q = run(parameters), parameters.tables
    for i, plant in enumerate(("wind", "solar", "hydro", "biomass", "nuclear")):
        capacity = result.capacity[0, :, CAPACITIES.index(plant)]
        expected = (capacity[:-1] + capacity[1:]) / 2 * q.hours[i] / 1000
        np.testing.assert_allclose(result.generation[0, 1:7, GENERATORS.index(plant)], expected[:6], rtol=1e-12)


def test_captured_carbon_is_less_than_what_arises(
    parameters: Parameters, data: PathwayData, baseline: Baseline
) -> None:
    numbers = sample(data, baseline, 64, 23)
    result = run(parameters, random_levers(data, 64, 22), numbers.quantities, numbers.weather)
    assert (result.captured <= 0.95 * (result.energy + result.process) + 1e-9).all()
    assert (result.captured >= 0).all()


@pytest.mark.parametrize("world", ["current", "plan"])
def test_every_lever_moves_something(parameters: Parameters, data: PathwayData, world: str) -> None:
    """From one end of its range to the other a lever changes net CO2 with imports by at least 0.5 Mt in some year.

    The saving of rail power, some 10 TWh in all, comes with new trains alone, which take decades to replace the others; the plan world has
    little coal power left by then. There 0.3 Mt are asked for.
    """
    start = data.world(world)
    least = {"rail_power_saving": 0.3} if world == "plan" else {}
    for lever in data.levers:
        levers = np.tile(start, (2, 1))
        levers[:, data.lever_index[lever.id]] = lever.minimum, lever.maximum
        result = run(parameters, levers)
        outcome = result.net + result.indicator("imports_co2")
        assert np.abs(np.diff(outcome, axis=0)).max() > least.get(lever.id, 0.5), lever.id
        assert np.array_equal(outcome[0, :1], outcome[1, :1]), f"{lever.id} moves the base year"


def test_caps_limit_the_reference_too(parameters: Parameters) -> None:
    """A program that caps wind at 12 GW does so with and without lever values."""
    row = CONTROL_ROWS["capacity.wind", ""]
    ones = np.ones((1, len(parameters.years)))
    cap = type(parameters.program)(*(np.array([x]) for x in (0, row, 2, 12.0)), ones)
    capped = replace(parameters, program=cap, defaults=np.array([12.0]))
    for result in (run(capped), run(capped, capped.defaults)):
        assert result.capacity[0, -1, CAPACITIES.index("wind")] == 12.0
    assert run(parameters).capacity[0, -1, CAPACITIES.index("wind")] > 12.0


def test_weather_of_another_length_is_refused(parameters: Parameters) -> None:
    with pytest.raises(ValueError, match="weather"):
        run(parameters, weather=np.ones(3))


def test_the_ends_of_every_range_are_accepted(data: PathwayData) -> None:
    for end in ("minimum", "maximum"):
        changes = {lever.id: getattr(lever, end) for lever in data.levers}
        np.testing.assert_array_equal(data.world("plan", changes), list(changes.values()))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_a_number_is_refused_for_every_lever(data: PathwayData, value: float) -> None:
    with pytest.raises(DataError) as caught:
        data.world("current", {lever.id: value for lever in data.levers})
    assert {p.code for p in caught.value.problems} == {"lever_range"}
    assert len(caught.value.problems) == len(data.levers)


def _digest(result: Result) -> str:
    arrays = (result.energy, result.process, result.captured, result.generation, result.indicators, result.final)
    return hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest()


@pytest.mark.thorough
def test_two_processes_with_one_and_two_threads_give_the_same_bytes() -> None:
    code = (
        "from conftest import synthetic_inventory; from test_pathway_balances import _digest, random_levers\n"
        "from tanlu.core.province import load_province, province_folder\n"
        "from tanlu.pathways import baseline_from_inventory, engine_parameters, load_pathways, run\n"
        "folder = province_folder('hunan'); data = load_pathways(folder)\n"
        "p = engine_parameters(data, baseline_from_inventory(synthetic_inventory(), load_province(folder), data.parameters))\n"
        "import os, sys; os.cpu_count = lambda: int(sys.argv[1])\n"
        "print(_digest(run(p, random_levers(data, 200, 1), implementation='kernel', threads=True)))\n"
    )
    here = str(Path(__file__).parent)
    found = []
    for threads in ("1", "2"):
        path = os.pathsep.join(x for x in (here, os.environ.get("PYTHONPATH", "")) if x)
        command = [sys.executable, "-c", code, threads]
        done = subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=True
        )
        found.append(done.stdout.strip())
    assert len(found[0]) == 64
    assert found[0] == found[1]


def test_heat_supply_burns_what_the_clean_share_leaves(parameters: Parameters, data: PathwayData) -> None:
    levers = random_levers(data, 20, 24)
    result, q = run(parameters, levers), parameters.tables
    heat = result.final[..., CARRIERS.index("heat")].sum(axis=2)
    expected = heat * (1 - _control(parameters, levers, "heat.clean")) * q.heat_fuel * q.power_coal_factor
    np.testing.assert_allclose(result.energy[:, :, EMITTERS.index("heat")], expected, rtol=1e-12)


def test_emitters_are_power_heat_the_demand_sectors_and_waste() -> None:
    assert ("power", "heat", *DEMAND, "waste") == EMITTERS
