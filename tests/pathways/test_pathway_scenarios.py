"""Calibration, scenarios, fans, IAMC rows and lineage."""

from __future__ import annotations

import csv
import logging
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tanlu.accounts import Inventory, build_inventory
from tanlu.core.errors import DataError
from tanlu.core.lineage import Lineage
from tanlu.core.province import Province
from tanlu.pathways import (
    Baseline,
    PathwayData,
    ScenarioSet,
    anchor_checks,
    baseline_from_inventory,
    engine_parameters,
    fan_id,
    iamc_rows,
    lineage_nodes,
    run,
    scenario_runs,
)  # fmt: skip
from tanlu.pathways.dimensions import BRANCHES, CARRIER_VARIABLE, DEMAND, EMITTERS, SCENARIOS
from tanlu.pathways.lineage import lever_node
from tanlu.pathways.scenarios import ENERGY, NET, PROCESS, SECTOR_FAN, TOTAL, WITH_IMPORTS, quantiles
from tanlu.pathways.uncertainty import sample, sobol_points

SMALL = 128
CARRIER_NAMES = {"Electricity", "Gases", "Liquids", "Heat", "Hydrogen", "Solids"}


@pytest.fixture(scope="module")
def scenarios(data: PathwayData, baseline: Baseline) -> ScenarioSet:
    return scenario_runs(data, baseline, seed=7, draws=SMALL)


def rows_by_variable(rows: list[list[str]], scenario: str) -> dict[str, list[str]]:
    return {r[3]: r for r in rows[1:] if r[1] == scenario}


def test_baseline_meets_every_inventory_year(baseline: Baseline, inventory: Inventory) -> None:
    for h, year in enumerate(baseline.years):
        wanted = sum(
            r.value for r in inventory.rows
            if r.year == year and r.value is not None and r.sector != "land" and r.status != "memo"
        )  # fmt: skip
        assert baseline.total[h] == pytest.approx(wanted / 1000, rel=1e-12)


def test_baseline_takes_energy_from_the_inventory(baseline: Baseline) -> None:
    """Synthetic inventory: minerals 220 PJ coal; coke and coke-oven gas of steel together 245 PJ; oil of transport 420 PJ."""
    final = baseline.final

    def used(inventory_sector: str, carrier: int) -> float:
        return float(sum(final[DEMAND.index(s), carrier] for s in BRANCHES[inventory_sector]))

    assert used("cement", 0) == pytest.approx(220.0)
    assert final[DEMAND.index("steel"), 1] == pytest.approx(245.0)
    assert used("transport", 3) == pytest.approx(420.0)


def test_every_estimate_of_the_calibration_is_listed(baseline: Baseline) -> None:
    codes = {c.code for c in baseline.checks}
    assert {"generation_estimated", "imports_co2_differs"} <= codes


def test_imports_close_the_power_balance_of_the_base_year(baseline: Baseline, province: Province) -> None:
    gross = province.series("Electricity Consumption|Total", "TWh")[baseline.base_year].value
    assert baseline.generation.sum() == pytest.approx(gross)


def test_a_sector_without_energy_use_is_named_not_silently_zero(
    inventory: Inventory, province: Province, data: PathwayData
) -> None:
    cut = replace(inventory, energy=tuple(u for u in inventory.energy if u.sector != "agriculture"))
    checks = baseline_from_inventory(cut, province, data.parameters).checks
    for sector in BRANCHES["agriculture"]:
        assert any(c.code == "no_energy_use" and c.subject == sector for c in checks)
    assert any(c.code == "energy_co2_unexplained" and c.subject == "agriculture" and c.value > 1 for c in checks)


def test_without_power_use_by_sector_the_split_is_listed(
    inventory: Inventory, province: Province, data: PathwayData
) -> None:
    cut = replace(inventory, energy=tuple(u for u in inventory.energy if u.fuel != "electricity"))
    base = baseline_from_inventory(cut, province, data.parameters)
    assert any(c.code == "electricity_split" for c in base.checks)
    assert base.losses == pytest.approx(data.parameters.scalar("electricity.losses"))


def test_an_inventory_without_the_base_year_is_refused(
    inventory: Inventory, province: Province, data: PathwayData
) -> None:
    empty = replace(inventory, energy=())
    with pytest.raises(DataError, match="2024"):
        baseline_from_inventory(empty, province, data.parameters)


def test_a_missing_series_of_the_province_is_named(inventory: Inventory, province: Province, data: PathwayData) -> None:
    facts = {k: f for k, f in province.facts.items() if k[0] != "Secondary Energy|Electricity|Hydro"}
    with pytest.raises(DataError, match="Hydro"):
        baseline_from_inventory(inventory, replace(province, facts=facts), data.parameters)


def test_nine_scenarios_in_order(scenarios: ScenarioSet) -> None:
    assert tuple(scenarios.scenarios) == SCENARIOS
    assert scenarios.reference.name == "current-mid"


def test_worlds_and_growth_are_ordered(scenarios: ScenarioSet) -> None:
    """More policy and less growth never mean more CO2 in 2060."""
    level = {s.name: s.central.total[0, -1] for s in scenarios}
    for growth in ("low", "mid", "high"):
        assert level[f"plan-{growth}"] < level[f"current-{growth}"] < level[f"frozen-{growth}"]
    for world in ("frozen", "current", "plan"):
        assert level[f"{world}-low"] < level[f"{world}-mid"] < level[f"{world}-high"]


def test_quantiles_rise_and_history_ends_in_the_base_year(scenarios: ScenarioSet, baseline: Baseline) -> None:
    for scenario in scenarios:
        for fan in scenario.fans.values():
            assert (np.diff(fan.values, axis=1) >= -1e-9).all()
        total = scenario.fans[TOTAL]
        assert total.years[0] == baseline.years[0] and total.years[-1] == 2060
        assert np.array_equal(np.diff(total.years), np.ones(len(total.years) - 1))


def test_fans_of_all_scenarios_share_their_history(scenarios: ScenarioSet) -> None:
    fans = [s.fans[TOTAL].values[:3] for s in scenarios]
    for fan in fans[1:]:
        np.testing.assert_allclose(fan, fans[0], rtol=1e-12)


def test_fan_variables(scenarios: ScenarioSet) -> None:
    expected = {TOTAL, ENERGY, PROCESS, NET, WITH_IMPORTS, *SECTOR_FAN.values()}
    assert set(scenarios.reference.fans) == expected


def test_median_of_energy_and_process_is_near_the_total(scenarios: ScenarioSet) -> None:
    fans = scenarios.reference.fans
    parts = fans[ENERGY].values[:, 2] + fans[PROCESS].values[:, 2]
    np.testing.assert_allclose(parts, fans[TOTAL].values[:, 2], rtol=0.03)


def test_same_seed_same_fans_other_seed_other_fans(
    data: PathwayData, baseline: Baseline, scenarios: ScenarioSet
) -> None:
    again, other = scenario_runs(data, baseline, 7, SMALL), scenario_runs(data, baseline, 8, SMALL)
    for name, scenario in scenarios.scenarios.items():
        assert again.scenarios[name].chance == scenario.chance
        for variable, fan in scenario.fans.items():
            assert np.array_equal(again.scenarios[name].fans[variable].values, fan.values)
    assert not np.array_equal(other.reference.fans[TOTAL].values, scenarios.reference.fans[TOTAL].values)


def test_sobol_points_are_uniform_and_need_a_power_of_two() -> None:
    points = sobol_points(1024, 5, 3)
    np.testing.assert_allclose(points.mean(axis=0), 0.5, atol=5e-3)
    with pytest.raises(ValueError, match="power of two"):
        sobol_points(1000, 5, 3)


def test_draws_respect_their_percentiles(data: PathwayData, baseline: Baseline) -> None:
    draws = sample(data, baseline, 4096, 1)
    from tanlu.pathways.parameters import DRAWS

    for i, p in enumerate(DRAWS):
        value = data.parameters.values[p.name, ""]
        if value.low is not None and value.high is not None:
            found = np.quantile(draws.quantities[:, i], [0.05, 0.5, 0.95])
            np.testing.assert_allclose(
                found, [value.low, value.value, value.high], atol=0.01 * (value.high - value.low) + 1e-9
            )


def test_delivery_moves_levers_between_frozen_and_beyond(data: PathwayData, baseline: Baseline) -> None:
    """A triangular delivery on (0.7, 1, 1.25) has the mean 0.983; a lever at its frozen value is certain."""
    draws, solar = sample(data, baseline, 4096, 1), data.lever_index["solar_capacity"]
    low, mode, high = data.levers[solar].delivery
    assert draws.delivery[:, solar].mean() == pytest.approx((low + mode + high) / 3, abs=1e-3)
    frozen = data.world("frozen")
    assert np.allclose(draws.levers(data.levers, frozen), frozen)


def test_central_run_without_draws_is_the_scenario(
    scenarios: ScenarioSet, data: PathwayData, baseline: Baseline
) -> None:
    direct = run(engine_parameters(data, baseline, "high"), data.world("plan"))
    assert np.array_equal(direct.total, scenarios.scenarios["plan-high"].central.total)


def test_a_carrier_that_nobody_uses_has_no_row(scenarios: ScenarioSet) -> None:
    """Not even where rounding leaves a dust of it: compiled code and numpy leave it in different places."""
    prefixes = ("Final Energy|", "Final Energy|Industry|")
    carriers = {f"{p}{name}" for p in prefixes for name in CARRIER_VARIABLE.values()}
    rows = [row for row in iamc_rows(scenarios, "China|Hunan", "Tanlu") if row[3] in carriers]
    assert rows
    assert [row[1:4] for row in rows if not any(float(cell or 0) for cell in row[5:])] == []


def test_pyam_reads_the_rows_without_a_warning(
    scenarios: ScenarioSet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Deprecation warnings inside pyam's own libraries do not count; anything said about the data does."""
    path = tmp_path / "pathways.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(iamc_rows(scenarios, "China|Hunan", "Tanlu"))
    with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.WARNING):
        warnings.simplefilter("always")
        import pyam

        frame = pyam.IamDataFrame(path)
    about_data = [
        w for w in caught if not issubclass(w.category, DeprecationWarning | PendingDeprecationWarning | FutureWarning)
    ]
    assert [str(w.message) for w in about_data] == []
    assert caplog.records == []
    assert frame.scenario == sorted(SCENARIOS)
    assert frame.region == ["China|Hunan"]


def test_pyam_reads_the_table_of_a_run_without_a_warning(run_folder: Path) -> None:
    """Here and not beside the job, since to load pyam takes seconds in each process. Its own deprecations do not count."""
    import pyam

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for own in (DeprecationWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", own)
        frame = pyam.IamDataFrame(str(run_folder / "pathways.csv"))
    assert len(frame.scenario) == 9
    assert "Emissions|CO2" in frame.variable


def test_rows_have_all_years_and_known_numbers(scenarios: ScenarioSet, baseline: Baseline) -> None:
    rows = iamc_rows(scenarios, "China|Hunan", "Tanlu")
    assert rows[0] == ["Model", "Scenario", "Region", "Variable", "Unit", *map(str, range(2005, 2061))]
    keys = [tuple(r[:4]) for r in rows[1:]]
    assert len(keys) == len(set(keys))
    first = rows[0].index(str(baseline.base_year))
    for row in rows[1:]:
        assert len(row) == len(rows[0])
        assert all(cell not in ("nan", "inf", "-0.0") for cell in row)
        assert all(row[first:]), row[3]


def test_history_of_the_rows_is_the_inventory(scenarios: ScenarioSet, baseline: Baseline) -> None:
    rows = iamc_rows(scenarios, "China|Hunan", "Tanlu")
    total = rows_by_variable(rows, "plan-low")[TOTAL]
    for h, year in enumerate(baseline.years):
        assert float(total[rows[0].index(str(year))]) == pytest.approx(baseline.total[h], abs=1e-6)


def test_rows_of_parts_add_up(scenarios: ScenarioSet) -> None:
    table = rows_by_variable(iamc_rows(scenarios, "China|Hunan", "Tanlu"), "current-mid")

    def value(name: str, year: int = 2040) -> float:
        return float(table[name][5 + year - 2005])

    assert value(TOTAL) == pytest.approx(value(ENERGY) + value(PROCESS), abs=1e-5)
    assert value(ENERGY) == pytest.approx(value(f"{ENERGY}|Supply") + value(f"{ENERGY}|Demand"), abs=1e-5)
    carriers = [v for v in table if v.startswith("Final Energy|Industry|") and v.split("|")[2] in CARRIER_NAMES]
    assert value("Final Energy|Industry") == pytest.approx(sum(value(v) for v in carriers), abs=1e-4)
    assert value(NET) == pytest.approx(value(TOTAL) - value("Carbon Sequestration|Land Use"), abs=1e-5)
    names = ("Coal", "Gas", "Hydro", "Wind", "Solar", "Biomass", "Nuclear")
    assert value("Secondary Energy|Electricity") == pytest.approx(
        sum(value(f"Secondary Energy|Electricity|{n}") for n in names), abs=1e-4
    )


def test_lineage_reaches_down_to_sources(
    scenarios: ScenarioSet, province: Province, data: PathwayData, baseline: Baseline
) -> None:
    """Every parent is a node of this room, a source, fact, plan record or total of the accounts; every fan row and peak has one."""
    lineage = Lineage(lineage_nodes(scenarios))
    for source in (*province.sources.values(), *data.sources):
        lineage.add_source(source)
    for fact in province.facts.values():
        lineage.add_fact(fact, province.fact_label)
    outside = {parent for _, parent in lineage.missing()}
    assert all(parent.startswith(("total:", "sector:", "plan:")) for parent in outside)
    assert f"total:{baseline.region}:{baseline.base_year}:co2" in outside
    for scenario in scenarios:
        assert f"peak:{scenario.name}" in lineage.nodes
        for fan in scenario.fans.values():
            assert all(fan_id(scenario.name, fan.variable, int(y)) in lineage.nodes for y in fan.years)
    path = (
        {node.id for _, node in lineage.walk("peak:plan-mid") if not node.id.startswith(("total:", "sector:"))}
        if not outside
        else set()
    )
    assert path == set()


def test_the_range_of_a_yearly_share_is_told_in_percent_a_year(data: PathwayData) -> None:
    node = lever_node(next(lever for lever in data.levers if lever.unit == "1/yr" and lever.id == "water_saving"))
    assert node.note_en.startswith("range 0%/yr to 0.2%/yr; frozen 0%/yr, current 0%/yr, plan 0.04%/yr")
    assert node.note_zh.startswith("范围 0%/年–0.2%/年；冻结 0%/年")


def test_anchor_checks_name_the_official_figures(scenarios: ScenarioSet, province: Province) -> None:
    checks = anchor_checks(scenarios.reference, province)
    assert {c.code for c in checks} >= {"nonfossil_share", "wind_and_solar", "electricity"}
    assert all(c.fact in {f.id for f in province.facts.values()} for c in checks)


def test_the_shipped_province_calibrates(province: Province, data: PathwayData) -> None:
    """The real inventory: base year met, and the reference neither absurdly high nor low beside the official anchors."""
    base = baseline_from_inventory(build_inventory(province), province, data.parameters)
    result = run(engine_parameters(data, base))
    np.testing.assert_allclose(result.total[0, 0], base.total[-1], rtol=1e-12)
    assert len(EMITTERS) == result.energy.shape[2]
    scenario = scenario_runs(data, base, 1, 16).reference
    for check in anchor_checks(scenario, province):
        if check.kind == "observed" and check.code in {"primary_energy", "electricity", "coal_capacity"}:
            assert check.model == pytest.approx(check.official, rel=0.1), check


def test_quantiles_are_those_of_numpy() -> None:
    paths = np.random.default_rng(3).normal(size=(1000, 7))
    assert np.allclose(
        quantiles(paths, (0.0, 0.05, 0.5, 0.95, 1.0)),
        np.quantile(paths, (0.0, 0.05, 0.5, 0.95, 1.0), axis=0).T,
        atol=1e-14,
    )
    assert np.array_equal(quantiles(paths[:1], (0.05, 0.5)), paths[:1].T.repeat(2, axis=1))
