"""The contract of the main job: files, columns, ids, and the same bytes for the same seed."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tanlu.core.lineage import Lineage
from tanlu.job import run_main_job
from tanlu.workspace import Workspace

HEADERS = {
    "inventory.csv": "region,year,category,gas,value,unit,low,high,status,grade,method,id",
    "scoreboard.csv": "target,name_zh,name_en,deadline,required,value,unit,as_of,status,probability,stderr,reason,id",
    "pathways.csv": "Model,Scenario,Region,Variable,Unit," + ",".join(map(str, range(2005, 2061))),
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_tables_have_the_columns_of_the_contract(run_folder: Path) -> None:
    for name, header in HEADERS.items():
        assert (run_folder / name).read_text(encoding="utf-8").split("\n", 1)[0] == header


def test_every_category_gas_and_year_stands_once_and_ne_is_never_zero(run_folder: Path) -> None:
    found = rows(run_folder / "inventory.csv")
    keys = [(r["year"], r["category"], r["gas"]) for r in found]
    assert len(keys) == len(set(keys))
    assert {int(r["year"]) for r in found} == set(range(2005, 2025))
    for r in found:
        assert (r["value"] == "") == (r["status"] in ("NE", "IE", "NO"))
        if r["value"]:
            assert float(r["low"]) <= float(r["value"]) <= float(r["high"])


def test_all_targets_of_the_plan_are_scored_with_a_value_or_a_reason(run_folder: Path) -> None:
    found = rows(run_folder / "scoreboard.csv")
    assert len(found) == 73
    assert all(r["reason"] or r["value"] for r in found)


@pytest.fixture
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the report out of another run: its pictures take half of the time, and the runs that all tests share have it."""
    monkeypatch.setattr("tanlu.job.main._report", lambda folder: "")


def test_what_follows_from_a_scenario_stands_in_the_pathways_and_has_a_chain(run_folder: Path) -> None:
    """Jobs, pollutants, gases and costs: the same number in both tables, and assumptions behind it."""
    wide = {(r["Scenario"], r["Variable"]): r for r in rows(run_folder / "pathways.csv")}
    found = rows(run_folder / "effects.csv")
    for row in found:
        assert float(wide[row["scenario"], row["variable"]][row["year"]]) == float(row["value"]), row["id"]
    assert {r["variable"].split("|")[0] for r in found} == {
        "Emissions", "Employment", "Investment", "Total Energy System Cost"
    }  # fmt: skip
    lineage = Lineage.from_records(json.loads((run_folder / "lineage.json").read_text(encoding="utf-8"))["nodes"])
    for variable in ("Emissions|CH4", "Emissions|Sulfur|Energy", "Employment|Energy", "Investment|Energy"):
        direct = lineage.nodes[f"pathway:plan-mid:{variable}:2030"].parents
        behind = {p for parent in direct for p in lineage.nodes[parent].parents}
        assert any(p.startswith("effect:") for p in behind), variable


def test_every_id_of_every_table_leads_to_sources(run_folder: Path) -> None:
    lineage = Lineage.from_records(json.loads((run_folder / "lineage.json").read_text(encoding="utf-8"))["nodes"])
    assert lineage.missing() == []
    for table in run_folder.glob("*.csv"):
        if table.stem in ("sources", "levers", "pathways"):
            continue
        for row in rows(table):
            assert row["id"] in lineage.nodes, f"{table.name}: {row['id']}"
    number = "inventory:hunan:2024:2.A.1:CO2"
    assert {n.kind for _, n in lineage.walk(number)} >= {"result", "method", "factor", "fact", "source", "assumption"}


def test_history_of_the_pathways_is_the_inventory(run_folder: Path) -> None:
    totals = {int(r["year"]): float(r["value"]) / 1e3 for r in rows(run_folder / "totals.csv") if r["scope"] == "co2"}
    for row in rows(run_folder / "pathways.csv"):
        if row["Variable"] == "Emissions|CO2":
            for year, value in totals.items():
                assert float(row[str(year)]) == pytest.approx(value, abs=2e-6), (row["Scenario"], year)


@pytest.mark.usefixtures("without_report")
def test_the_same_seed_and_data_give_the_same_bytes_and_the_first_run_stays(
    workspace: Path, run_folder: Path, tmp_path: Path
) -> None:
    """A second run beside the one that all tests share, which another process may have made."""
    from tests.conftest import DRAWS, SEED

    shutil.copytree(workspace, tmp_path / "w", symlinks=True)
    run_main_job("hunan", tmp_path / "w", SEED, DRAWS, lambda step: None)
    first, second = (tmp_path / "w" / "results" / r for r in Workspace.open(tmp_path / "w").runs())
    tables = sorted(p.name for p in run_folder.glob("*.csv"))
    assert tables and first.name == run_folder.resolve().name
    for name in tables:
        assert (second / name).read_bytes() == (run_folder / name).read_bytes(), name
    for file in run_folder.iterdir():
        assert (first / file.name).read_bytes() == file.read_bytes(), file.name
    assert (tmp_path / "w" / "results" / "latest").resolve().name == second.name


@pytest.mark.usefixtures("without_report")
@pytest.mark.thorough
def test_another_seed_moves_the_draws_and_nothing_that_is_counted(
    invented_province: Path, invented_workspace: Path, tmp_path: Path
) -> None:
    from tests.conftest import INVENTED_DRAWS, SEED

    run_main_job(str(invented_province), tmp_path / "w", SEED + 1, INVENTED_DRAWS, lambda step: None)
    first, second = (folder / "results" / "latest" for folder in (invented_workspace, tmp_path / "w"))
    assert (second / "fan.csv").read_bytes() != (first / "fan.csv").read_bytes()
    assert (second / "inventory.csv").read_bytes() == (first / "inventory.csv").read_bytes()


def test_summary_has_twelve_lines_in_both_languages(run_folder: Path) -> None:
    lines = json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))["lines"]
    assert {k: len(v) for k, v in lines.items()} == {"zh": 12, "en": 12}
    assert not any("{" in line for text in lines.values() for line in text)


def test_manifest_names_versions_hash_seed_and_times(run_folder: Path) -> None:
    manifest = json.loads((run_folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["seed"] == 7 and len(manifest["data_hash"]) == 64 and manifest["code_version"]
    assert manifest["packages"]["numpy"]
    assert [s["name"] for s in manifest["steps"]] == [
        "data",
        "inventory",
        "pathways",
        "assessment",
        "results",
        "report",
    ]


def test_report_opens_without_a_server_and_asks_for_nothing(workspace: Path) -> None:
    text = (workspace / "report.html").read_text(encoding="utf-8")
    assert text.lstrip().lower().startswith("<!doctype html>") and "<svg" in text
    for marker in ('src="http', "src='http", "@import", "url(http", '<link rel="stylesheet" href="http'):
        assert marker not in text


def _interrupt(workspace: Path, province: str, signal_number: int) -> None:
    """Start a run in a process of its own and stop it while it writes."""
    command = [sys.executable, "-m", "tanlu", "run", "--province", province, "--out", str(workspace), "--draws", "64"]
    left = set(workspace.glob("results/.staging-*"))
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    deadline = time.monotonic() + 180
    while not set(workspace.glob("results/.staging-*")) - left and time.monotonic() < deadline:
        if process.poll() is not None:
            break
        time.sleep(0.01)
    process.send_signal(signal_number)
    process.wait(30)


@pytest.mark.usefixtures("without_report")
def test_an_interrupted_run_leaves_the_workspace_sound(invented_province: Path, tmp_path: Path) -> None:
    """Interrupted by hand, then killed, in the same workspace; the run after that is whole and clears away what was left."""
    workspace, province = tmp_path / "w", str(invented_province)
    for signal_number in (signal.SIGINT, signal.SIGKILL):
        _interrupt(workspace, province, signal_number)
        opened = Workspace.open(workspace)
        for run in opened.runs():
            assert (opened.results / run / "summary.json").is_file()
    run_main_job(province, workspace, 7, 64, lambda step: None)
    assert opened.stale_staging() == []
    assert len(opened.runs()) >= 1
