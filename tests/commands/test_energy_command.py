"""`tanlu energy` as a user runs it: a sound folder, every fault at once, a plan with its bounds, and why there is none."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tanlu.cli import app

SYSTEMS = Path(__file__).parents[1] / "energy" / "systems"
VALLEY = SYSTEMS / "valley"


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["energy", *map(str, arguments)])


def solved(*arguments: object) -> dict[str, Any]:
    result = invoke("solve", *arguments, "--solver", "highs-simplex", "--json")
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VALLEY, tmp_path / "valley"))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_folder_is_told_with_its_grades() -> None:
    result = invoke("check", VALLEY, "--json")
    summary = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (summary["nodes"], summary["profiles"], summary["grades"]["A"]) == (3, 4, 0)
    assert sum(summary["grades"].values()) == 41


def test_assumptions_are_listed_with_their_note() -> None:
    result = invoke("check", VALLEY, "--assumptions", "--lang", "en")
    assert "value_of_lost_load" in result.stdout and "usual in studies" in result.stdout


def test_all_faults_of_a_folder_are_told_at_once_and_end_with_code_2(valley: Path) -> None:
    change(valley / "system.yaml", "nodes: [town, mill]", "nodes: [town, mil]")
    change(valley / "parameters.csv", "pv,lifetime,,25,a", "pv,lifetime,,0,a")
    change(valley / "assets.csv", "town.coal_plant,一号机", "town.coal,一号机")
    result = invoke("check", valley, "--json", "--lang", "en")
    told = json.loads(result.stdout)["problems"]
    assert result.exit_code == 2
    places = {(p["file"], p["value"]) for p in told}
    assert {("system.yaml", "mil"), ("parameters.csv", "0"), ("assets.csv", "town.coal")} <= places
    assert all(p["mend"] for p in told)


def test_the_province_has_a_system_by_its_name() -> None:
    summary = json.loads(invoke("check", "hunan", "--json").stdout)
    assert summary["nodes"] >= 14 and summary["grades"]["D"] > 0


def test_what_is_no_system_is_told(tmp_path: Path) -> None:
    result = invoke("check", tmp_path / "nothing", "--lang", "en")
    assert result.exit_code == 2 and "is no energy system" in result.stderr and "hunan" in result.stderr


def test_a_plan_comes_with_bounds_effort_and_capacities(tmp_path: Path) -> None:
    answer = solved(VALLEY, "--segments", 8, "--out", tmp_path / "plan")
    assert answer["status"] == "optimal" and answer["segments"] == 8
    assert answer["lower"] <= answer["upper"] * (1 + 1e-9)
    assert answer["gap"] == pytest.approx((answer["upper"] - answer["lower"]) / answer["upper"], abs=1e-9)
    assert {"read", "build", "solve", "dispatch"} <= answer["seconds"].keys() and answer["peak_memory_mb"] > 0
    coal = {r["period"]: r["capacity"] for r in answer["capacities"] if r["component"] == "town.coal_plant"}
    assert coal == {2025: 25.0, 2030: 55.0}
    with (tmp_path / "plan" / "capacities.csv").open(encoding="utf-8", newline="") as text:
        assert len(list(csv.DictReader(text))) == len(answer["capacities"])
    assert json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))["lower"] == answer["lower"]


def test_segments_lie_below_and_hourly_runs_above_the_hourly_optimum() -> None:
    hourly = solved(VALLEY, "--segments", 0)
    some = solved(VALLEY, "--segments", 6)
    assert some["lower"] <= hourly["objective"] * (1 + 1e-9) and hourly["objective"] <= some["upper"] * (1 + 1e-9)


def test_one_node_and_some_periods_can_be_chosen() -> None:
    answer = solved(VALLEY, "--nodes", 1, "--periods", "2030", "--segments", 0)
    assert answer["nodes"] == 1 and answer["periods"] == [2030]
    assert {r["component"] for r in answer["capacities"]} >= {"pv", "coal_plant", "reservoirs"}
    assert solved(VALLEY, "--nodes", 3, "--segments", 4)["nodes"] == 3


@pytest.mark.parametrize(
    ("option", "value", "mend"),
    [("--nodes", "2", "--nodes 3"), ("--periods", "2040,2030", "--periods 2030,2040"), ("--solver", "gurobi", "clarabel")],
)  # fmt: skip
def test_wrong_options_are_told_with_what_would_be_right(option: str, value: str, mend: str) -> None:
    result = invoke("solve", VALLEY, option, value, "--segments", 4, "--lang", "en")
    assert result.exit_code == 2 and value in result.stderr and mend in result.stderr


def test_without_a_plan_what_contradicts_is_named_and_the_code_is_3(valley: Path) -> None:
    """One target wants 20 MW of sun in 2030, another allows 15."""
    change(
        valley / "system.yaml",
        "  - {type: reserve_margin",
        "  - {type: capacity_target, name: no_sun, technologies: [pv], most: 15 MW}\n  - {type: reserve_margin",
    )
    result = invoke("solve", valley, "--segments", 4, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 3 and answer["status"] == "infeasible" and answer["irreducible"]
    assert {(row["name"], row["year"]) for row in answer["conflict"]} >= {("no_sun.sum", 2030), ("sun.sum", 2030)}
    text = invoke("solve", valley, "--segments", 4, "--lang", "en")
    assert text.exit_code == 3 and "no_sun.sum" in text.stderr and "2030" in text.stderr
