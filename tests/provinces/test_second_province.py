"""A province is a folder of data: an invented one is checked, computed and explained without a line of code of its own."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.provinces.invented import OTHER, SOURCE
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.lineage import Lineage
from tanlu.core.province import load_province, province_folder


def command(*arguments: str) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def inventory(workspace: Path) -> dict[tuple[str, str, int], dict[str, str]]:
    with (workspace / "results" / "latest" / "inventory.csv").open(encoding="utf-8", newline="") as file:
        return {(r["category"], r["gas"], int(r["year"])): r for r in csv.DictReader(file)}


def test_the_folder_is_sound_and_its_gaps_are_told(invented_province: Path) -> None:
    report = json.loads(command("data", "check", "--province", str(invented_province), "--json"))
    assert report["province"] == "testland" and report["unlabelled"] == [] and report["unused_sources"] == []
    gaps = {(c["category"], c["gas"]): c for c in report["coverage"] if not c["years"]}
    for key in (("3.B.1.a", "CO2"), ("memo.imports", "CO2"), ("2.C.1", "CO2"), ("1.A.1.a", "CH4"), ("1.B.1.a", "CH4")):
        assert gaps[key]["reason_zh"] and gaps[key]["reason_en"], key


def test_cement_and_lime_by_hand(invented_workspace: Path) -> None:
    """2024: 34,000 kt × 0.6 × 0.5 = 10,200 kt. Lime of 2015 and 2020: 1,000 and 2,000 kt × 0.8 = 800 and 1,600 kt."""
    rows = inventory(invented_workspace)
    assert float(rows["2.A.1", "CO2", 2024]["value"]) == pytest.approx(10_200)
    assert float(rows["2.A.1", "CO2", 2010]["value"]) == pytest.approx(6_000)
    assert float(rows["2.A.2", "CO2", 2015]["value"]) == pytest.approx(800)
    assert float(rows["2.A.2", "CO2", 2020]["value"]) == pytest.approx(1_600)
    assert rows["2.A.2", "CO2", 2020]["method"] == "lime-production" and rows["2.A.2", "CO2", 2019]["status"] == "NE"


def test_the_interval_of_lime_by_hand(invented_workspace: Path) -> None:
    """Factor 0.8 (0.7–0.9): ±12.5 %; activity ±1.96 · 5 % = 9.8 %; together ±15.88 %."""
    row = inventory(invented_workspace)["2.A.2", "CO2", 2020]
    assert float(row["high"]) / 1600 - 1 == pytest.approx(0.15884, abs=1e-4)
    assert 1 - float(row["low"]) / 1600 == pytest.approx(0.15884, abs=1e-4)


def test_combustion_of_a_balance_year_by_hand(invented_workspace: Path) -> None:
    """2014: 600 PJ of coal × 0.027 t C/GJ × 44/12 = 59,400 kt and 20 PJ of gas × 0.015 × 44/12 = 1,100 kt."""
    rows = inventory(invented_workspace)
    assert float(rows["1.A.1.a", "CO2", 2014]["value"]) == pytest.approx(60_500)
    # 700 PJ of coal: 69,300 kt; 40 PJ of oil at 0.020: 2,933.3 kt
    assert float(rows["1.A.2", "CO2", 2014]["value"]) == pytest.approx(69_300 + 40e6 * 0.02 * 44 / 12 / 1e3)
    # thermal generation of 2024 over that of 2014 is 88/68, elasticity 1
    assert float(rows["1.A.1.a", "CO2", 2024]["value"]) == pytest.approx(60_500 * 88 / 68)


def test_what_the_folder_leaves_out_says_ne_in_every_year(invented_workspace: Path) -> None:
    rows = inventory(invented_workspace)
    for key in (("3.B.1.a", "CO2"), ("memo.imports", "CO2"), ("2.C.5", "CO2"), ("3.C.7", "CH4"), ("1.A.1.a", "N2O")):
        assert {rows[*key, y]["status"] for y in range(2010, 2025)} == {"NE"}, key
    assert (invented_workspace / "results" / "latest" / "reconciliation.csv").read_text(encoding="utf-8").count(
        "\n"
    ) == 1


def test_every_target_is_scored_and_every_scenario_computed(invented_workspace: Path) -> None:
    run = invented_workspace / "results" / "latest"
    with (run / "scoreboard.csv").open(encoding="utf-8", newline="") as file:
        scores = {r["target"]: r for r in csv.DictReader(file)}
    assert set(scores) == {"TG01", "TG02", "TG03"} and scores["TG03"]["probability"]
    with (run / "peaks.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 9
    with (run / "prefectures.csv").open(encoding="utf-8", newline="") as file:
        people = {r["region"]: float(r["value"]) for r in csv.DictReader(file)}
    assert people == {"testland/upper": 500, "testland/middle": 1000, "testland/lower": 1500}


def test_a_number_is_explained_to_its_source(invented_workspace: Path) -> None:
    number = "inventory:testland:2020:2.A.2:CO2"
    text = command("explain", number, "--out", str(invented_workspace), "--lang", "en")
    for word in ("lime", "0.8", "invented figures of Testland"):
        assert word in text, word
    nodes = json.loads((invented_workspace / "results" / "latest" / "lineage.json").read_text(encoding="utf-8"))[
        "nodes"
    ]
    lineage = Lineage.from_records(nodes)
    assert {n.id for _, n in lineage.walk(number) if n.kind == "source"} == {f"source:{SOURCE}"}


def test_every_arrow_of_the_lineage_leads_somewhere(invented_workspace: Path) -> None:
    nodes = json.loads((invented_workspace / "results" / "latest" / "lineage.json").read_text(encoding="utf-8"))[
        "nodes"
    ]
    assert Lineage.from_records(nodes).missing() == []


def test_nothing_in_the_results_names_the_shipped_province(invented_workspace: Path) -> None:
    shipped = load_province(province_folder(OTHER))
    words = {OTHER, *(str(shipped.settings["zh"]).rstrip("省"),)}
    words |= {r.zh for r in shipped.regions.values()} | {r.en.lower() for r in shipped.regions.values()}
    files = [p for p in invented_workspace.rglob("*") if p.is_file()]
    assert len(files) > 10
    for path in files:
        text = path.read_text(encoding="utf-8").lower()
        assert not [w for w in words if w in text], path.name
