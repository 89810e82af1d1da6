"""From the demonstration fleet through ledger and facts to findings, cases, account and alerts: by the commands, as a user runs them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.sharing import made_once
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.monitor.last_day import days_of_month, last_read_day
from tanlu.monitor.ledger import FOLDER, Ledger
from tanlu.monitor.quality import assessment
from tanlu.monitor.schema import day_number

RUN = CliRunner()
MONTH = ["--month", "2024-07"]


def run(*words: object, code: int = 0) -> Any:
    result = RUN.invoke(app, ["monitor", *(str(w) for w in words), "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def make(folder: Path) -> None:
    """A fleet in which an enterprise turns back its register, stacks of others are tampered with, and meters fail."""
    run(
        "simulate",
        "--meters",
        300,
        "--days",
        31,
        "--step",
        "60min",
        "--seed",
        2,
        "--tampering",
        0.2,
        "--out",
        folder / "fleet",
    )
    tables = [folder / "fleet" / f"{name}.csv" for name in ("units", "meters")]
    run("register", *tables, "--workspace", folder / "workspace")
    files = sorted((folder / "fleet").glob("*/*.parquet"))
    run("ingest", *files, "--workspace", folder / "workspace")
    run("rollup", "--workspace", folder / "workspace")


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(tmp_path_factory, "monitor-demonstration", make)


@pytest.fixture
def workspace(demonstration: Path) -> Path:
    return demonstration / "workspace"


def truth(folder: Path) -> list[dict[str, str]]:
    with (folder / "fleet" / "truth.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_what_is_planted_is_found_by_the_rules(demonstration: Path, workspace: Path) -> None:
    told = run("quality", "--workspace", workspace, *MONTH)
    found = {(f["rule"], f["meter"]) for f in told["findings"]}
    planted = {"register_reset": "reset", "clock": "clock_drift", "register_fell": "turned_back"}
    for rule, kind in planted.items():
        for row in truth(demonstration):
            # a drift of some seconds a day may stay within the minute that is allowed
            if row["kind"] == kind and (kind != "clock_drift" or abs(float(row["value"])) > 3):
                assert (rule, row["meter"]) in found, (rule, row)
    assert told["meters"] >= 300 and all(0 <= s <= 100 for s in told["scores"].values())


def test_forms_of_the_month_agree_with_the_days_but_for_those_that_were_lowered(
    demonstration: Path, workspace: Path
) -> None:
    """What meters counted too little of themselves, by faults or tampering, differs from the form too."""
    told = run("quality", "--workspace", workspace, *MONTH)
    found = {f["meter"]: f for f in told["findings"] if f["rule"] == "day_against_month"}
    rows = truth(demonstration)
    lowered = {r["unit"] for r in rows if r["kind"] == "form_low"}
    faulty = {r["unit"] for r in rows if r["kind"] in {"stuck", "reset", "turned_back", "swap", "stop"}}
    units = {name.rpartition("-form-")[0] for name in found}
    assert lowered and lowered <= units <= lowered | faulty
    assert all(
        f["seen"] == pytest.approx(100 / 0.88 - 100, abs=4)
        for n, f in found.items()
        if n.rpartition("-form-")[0] in lowered
    )


def test_a_province_judged_by_groups_of_prefectures_is_judged_the_same(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(workspace / FOLDER, read_only=True) as ledger:
        days = (day_number("2024-07-01"), day_number("2024-07-31"))
        whole = assessment.assess(ledger, "hunan", *days)
        monkeypatch.setattr(assessment, "MOST_CELLS", 60 * 31 * 24)
        groups = assessment.meter_groups(ledger.registry, "hunan", 31 * 24)
        assert len(groups) > 3
        assert sorted(n for g in groups for n in g.tolist()) == sorted(
            m.number for m in ledger.registry.meters_of("hunan")
        )
        assert assessment.assess(ledger, "hunan", *days) == whole


def test_single_stamps_of_clocks_that_run_ahead_do_not_make_a_day(workspace: Path) -> None:
    with Ledger.open(workspace / FOLDER, read_only=True) as ledger:
        july = (day_number("2024-07-01"), day_number("2024-07-31"))
        assert last_read_day(ledger) == july[1] < ledger.days()[-1]
        assert days_of_month(ledger, "") == days_of_month(ledger, "2024-07") == july
        assert days_of_month(ledger, "2024-06") == (july[0] - 30, july[0] - 1)


def test_tampering_becomes_cases_and_most_honest_enterprises_do_not(demonstration: Path, workspace: Path) -> None:
    told = run("cases", "--search", "--workspace", workspace, *MONTH)
    rows = truth(demonstration)
    # forms are held against meters by a rule of quality
    marked = [r["unit"] for r in rows if r["is_tampering"] == "1" and r["kind"] != "form_low"]
    tampered = {unit.rpartition("-f")[0] or unit for unit in marked}
    faulty = {r["meter"].rpartition("-")[0] for r in rows if r["kind"] in {"stuck", "reset"}}
    cases = {c["enterprise"] for c in told["cases"]}
    assert tampered and len(cases & tampered) >= len(tampered) / 2
    assert len(cases - tampered - faulty) <= 1
    assert all(c["evidence"] and c["state"] == "open" for c in told["cases"])
    again = run("cases", "--search", "--workspace", workspace, *MONTH)
    assert again["opened"] == [] and len(again["cases"]) == len(told["cases"])


def test_the_account_of_the_month_is_the_sum_of_its_sectors(workspace: Path) -> None:
    told = run(
        "nowcast",
        "--workspace",
        workspace,
        "--date",
        "2024-07-31",
        "--known-on",
        "2024-08-01",
        "--publish",
        "--revisions",
    )
    month = told["month"]
    assert month["total"]["value"] == pytest.approx(sum(s["value"] for s in month["sectors"].values()))
    assert month["total"]["low"] < month["total"]["value"] < month["total"]["high"]
    assert 0 < month["sectors"]["power"]["metered"] < month["sectors"]["power"]["value"]
    assert told["revisions"]["periods"] == ["2024-07"]


def test_thresholds_are_watched(workspace: Path, tmp_path: Path) -> None:
    """The metered CO2 of every day is above 1 t; one spell of 31 days is one alert."""
    rules = tmp_path / "alerts.yaml"
    rules.write_text(
        "thresholds:\n  - {id: low, zh: 甲, en: A, where: hunan, quantity: co2, period: day, above: 1, severity: low}\n"
        "  - {id: none, zh: 乙, en: B, where: hunan, quantity: electricity, period: hour, above: 1.0e+12, severity: high}\n"
    )
    told = run("alerts", "--rules", rules, "--workspace", workspace, *MONTH)
    (alert,) = [a for a in told["alerts"] if a["rule"] in {"low", "none"}]
    assert alert["count"] == 31 and alert["period"] == "2024-07-01"


def test_a_month_that_is_not_over_ends_with_its_last_read_day(workspace: Path) -> None:
    """July is whole; clocks that run ahead have put single stamps into August, whose first day then is all there is."""
    assert run("quality", "--workspace", workspace, *MONTH)["last"] == "2024-07-31"
    assert run("quality", "--workspace", workspace, "--month", "2024-08")["last"] in {"2024-08-01", "2024-08-31"}


@pytest.mark.parametrize(
    "words",
    [
        ["quality", "--region", "nowhere"],
        ["quality", "--month", "2024-13"],
        ["quality", "--rule", "none"],
        ["cases", "--case", "none"],
        ["nowcast", "--date", "yesterday"],
        ["nowcast", "--region", "hunan/changsha"],
        ["alerts", "--rules", "nowhere.yaml"],
    ],
)
def test_what_is_not_there_is_refused_with_a_mend(workspace: Path, words: list[str]) -> None:
    told = run(*words, "--workspace", workspace, code=2)
    assert told["problems"][0]["problem"] and told["problems"][0]["mend"]


def test_past_publications_of_a_demonstration_make_a_triangle(workspace: Path, tmp_path: Path) -> None:
    """Thermal power of July 2024 was published on 2024-08-18: it moves the account more than readings that came late before."""
    folder = shutil.copytree(workspace, tmp_path / "workspace")
    days = ["2024-08-01", "2024-08-10", "2024-08-20"]
    told = run("nowcast", "--date", "2024-07-31", "--replay", ",".join(days), "--revisions", "--workspace", folder)
    found = told["revisions"]
    assert (found["periods"], found["vintages"][:3]) == (["2024-07"], days)
    first, second, third = found["values"][0][:3]
    assert abs(third - first) > 2 * abs(second - first)
    run("nowcast", "--replay", "soon", "--workspace", folder, code=2)


def test_nothing_is_published_as_of_the_past_in_a_ledger_of_real_firms(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tanlu.monitor.fleet.design.MARK", "other")
    told = run("nowcast", "--replay", "2024-08-01", "--workspace", workspace, code=2)
    assert [p["value"] for p in told["problems"]] == ["2024-08-01"]
