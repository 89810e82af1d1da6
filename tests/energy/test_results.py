"""The folder of a study: what stands in it agrees with itself, and it is there as a whole or not at all."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tanlu.core.errors import DataError
from tanlu.energy import results
from tanlu.energy.certificate import EnergyResult
from tanlu.energy.pathway import solve_myopic
from tanlu.energy.results import system_hash, write_results
from tanlu.energy.system import System

VALLEY = Path(__file__).parent / "systems" / "valley"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def plan() -> EnergyResult:
    return System.read(VALLEY).solve(segments=8, solver="highs-simplex")


@pytest.fixture(scope="module")
def study(plan: EnergyResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study") / "energy"
    write_results(plan, folder, about={"scenario": "mine"}, read_seconds=0.5)
    return folder


def test_hosting_capacity_stands_in_the_folder_where_it_is_asked_for(plan: EnergyResult, tmp_path: Path) -> None:
    write_results(plan, tmp_path / "energy", hosting=["pv"])
    found = rows(tmp_path / "energy" / "hosting.csv")
    built = {
        (row["period"], row["component"]): float(row["capacity"])
        for row in rows(tmp_path / "energy" / "capacities.csv")
        if row["technology"] == "pv"
    }
    assert {(row["period"], row["component"]) for row in found} == built.keys()
    for row in found:
        assert float(row["standing_MW"]) == pytest.approx(built[row["period"], row["component"]], abs=1e-4)


def test_every_node_and_carrier_is_balanced(study: Path) -> None:
    sums: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in rows(study / "balance.csv"):
        sums[row["node"], row["carrier"], row["period"]] += float(row["energy"])
    electric = {key: value for key, value in sums.items() if key[1] == "electricity"}
    assert len(electric) == 6
    assert all(value == pytest.approx(0.0, abs=0.1) for value in electric.values())


def test_costs_sum_to_the_objective_between_the_bounds(study: Path) -> None:
    summary = told(study)
    total = sum(float(row["cost_MCNY"]) for row in rows(study / "costs.csv"))
    assert total == pytest.approx(summary["objective"], abs=1e-4)
    assert summary["lower"] <= summary["upper"] and summary["uncertified"] == [] and summary["seconds"]["read"] == 0.5
    assert summary["scenario"] == "mine" and summary["grades"]["D"] == 9


@pytest.mark.parametrize("year", [2025, 2030])
def test_hours_sum_to_the_year(study: Path, year: int) -> None:
    """The day of the valley stands for a year: 365 of it are what the balance says."""
    hours = rows(study / "dispatch" / f"{year}.csv")
    assert [row["hour"] for row in hours] == [str(h) for h in range(24)]
    yearly: dict[str, float] = defaultdict(float)
    for row in rows(study / "balance.csv"):
        if row["carrier"] == "electricity" and row["period"] == str(year):
            yearly[row["technology"]] += float(row["energy"])
    for name in ("pv", "hydro", "coal_plant"):
        assert 365 * sum(float(row[name]) for row in hours) == pytest.approx(yearly[name], rel=1e-4, abs=1.0), name
    for row in hours:
        assert sum(float(v) for k, v in row.items() if k != "hour") == pytest.approx(0.0, abs=1e-3)


def test_prices_caps_and_names_stand_beside(study: Path) -> None:
    assert list(rows(study / "prices" / "2030.csv")[0]) == ["hour", "town", "mill", "dam"]
    assert [(r["price_CNY_t"], r["cap_t"]) for r in rows(study / "carbon_price.csv")] == [("100.0", "200000.0")] * 2
    assert {r["node"]: r["en"] for r in rows(study / "nodes.csv")} == {"town": "Town", "mill": "Mill", "dam": "Dam"}
    assert {r["grade"] for r in rows(study / "sources.csv")} == {"B", "D"}
    assert [r["line"] for r in rows(study / "lines.csv")] == ["town-mill", "town-dam"]


def test_without_hourly_runs_the_upper_bound_is_not_certified(plan: EnergyResult, tmp_path: Path) -> None:
    write_results(plan.system.solve(segments=6, solver="highs-simplex", certify=False), tmp_path / "energy")
    summary = told(tmp_path / "energy")
    assert (summary["upper"], summary["gap"], summary["uncertified"]) == (None, None, ["upper"])
    assert summary["hours_from"] == {"2025": "segments", "2030": "segments"}
    assert len(rows(tmp_path / "energy" / "dispatch" / "2025.csv")) == 24


def test_a_myopic_pathway_is_one_study_of_all_its_periods(plan: EnergyResult, tmp_path: Path) -> None:
    write_results(solve_myopic(plan.system, None, 8, solver="highs-simplex"), tmp_path / "energy")
    summary = told(tmp_path / "energy")
    assert summary["foresight"] == "myopic" and summary["periods"] == [2025, 2030] and summary["lower"] is None
    assert {r["period"] for r in rows(tmp_path / "energy" / "capacities.csv")} == {"2025", "2030"}


def test_a_study_takes_the_place_of_an_earlier_one_but_of_nothing_else(
    plan: EnergyResult, study: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        write_results(plan, tmp_path / "energy")
    assert (tmp_path / "energy" / "balance.csv").read_bytes() == (study / "balance.csv").read_bytes()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").touch()
    with pytest.raises(DataError):
        write_results(plan, tmp_path / "thesis")
    assert [p.name for p in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]


def test_what_breaks_off_leaves_the_earlier_study_and_nothing_else(
    plan: EnergyResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_results(plan, tmp_path / "energy", about={"scenario": "first"})

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "_sources", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_results(plan, tmp_path / "energy", about={"scenario": "second"})
    assert told(tmp_path / "energy")["scenario"] == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["energy"]


def test_the_hash_follows_numbers_and_profiles(plan: EnergyResult) -> None:
    system = plan.system
    assert system_hash(system) == system_hash(System.read(VALLEY))
    profiles = {**system.profiles, "load": system.profiles["load"] * 1.01}
    changed = (system.with_changes(discount_rate=0.071), system.with_changes(profiles=profiles))
    assert len({system_hash(s) for s in (system, *changed)}) == 3
