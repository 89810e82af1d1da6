"""``tanlu account uncertainty``, ``key-categories`` and ``measure-next`` on folders of results."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest
from tests.commands.test_account_totals import COAL, coal, computed, invoke, write


@pytest.fixture
def years(tmp_path: Path) -> Path:
    computed(tmp_path, "a", coal(2021, 100))
    computed(tmp_path, "b", coal(2022, 300), coal(2022, 10, "stove"))
    computed(tmp_path, "both", coal(2021, 100), coal(2022, 300))
    return tmp_path


def test_approach_1_has_the_columns_of_table_3_2_and_the_trend(years: Path) -> None:
    """310 t of coal after 100 t: a trend of +210 %; G is the root of E² + F²."""
    asked = ("uncertainty", years / "b", "--base", years / "a")
    found = json.loads(invoke(*asked, "--json", "--out", years / "u.csv").stdout)
    [row] = found["rows"]
    assert (row["base"], row["current"]) == (pytest.approx(100 * COAL), pytest.approx(310 * COAL))
    assert row["combined"] == pytest.approx(math.hypot(row["activity"], row["factor"]))
    assert found["total"]["trend"] == pytest.approx(210)
    with (years / "u.csv").open(encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    assert [r["category"] for r in table] == [row["category"], "total"]
    assert float(table[1]["current"]) == pytest.approx(310 * COAL)
    lines = [line.split() for line in invoke(*asked, "--lang", "en").stdout.splitlines()]
    assert list("ABCDEFGHIJKLM") in lines
    assert "不确定性" in invoke("uncertainty", years / "b", "--lang", "zh").stdout


def test_draws_stand_beside_and_a_seed_repeats_them(years: Path) -> None:
    asked = ("uncertainty", years / "b", "--base", years / "a", "--draws", "400", "--seed", "3", "--json")
    found = json.loads(invoke(*asked).stdout)
    [row] = found["rows"]
    assert row["low"] < row["mean"] < row["high"]
    # one category: its distribution is that of the total, and the trend is that of 3.1 within its bounds
    second = found["total"]["approach_2"]
    assert (second["low"], second["high"]) == (pytest.approx(row["low"]), pytest.approx(row["high"]))
    assert second["trend_low"] < 210 < second["trend_high"] and second["draws"] == 400
    assert json.loads(invoke(*asked).stdout) == found
    text = invoke(*asked[:-1], "--lang", "en").stdout
    assert "97.5%" in text and "400 draws" in text


def test_two_years_of_one_folder(years: Path) -> None:
    found = json.loads(invoke("uncertainty", years / "both", "--base-year", "2021", "--json").stdout)
    assert (found["year"], found["base_year"], found["total"]["trend"]) == (2022, 2021, pytest.approx(200))
    alone = json.loads(invoke("uncertainty", years / "both", "--year", "2021", "--json").stdout)
    assert (alone["total"]["current"], alone["total"]["base"]) == (pytest.approx(100 * COAL), None)


def test_what_the_rule_counts_is_in_the_table(tmp_path: Path) -> None:
    """78,000 MWh of bought power are in the total of an enterprise."""
    path = Path(__file__).parents[2] / "docs" / "examples" / "cement-works.csv"
    done = json.loads(invoke("compute", path, "--set", "cn-enterprise", "--out", tmp_path / "w", "--json").stdout)
    found = json.loads(invoke("uncertainty", tmp_path / "w", "--json").stdout)
    assert found["total"]["current"] == pytest.approx(done["totals"]["CO2e"])


def test_key_categories_and_their_lists(years: Path) -> None:
    found = json.loads(
        invoke("key-categories", years / "b", "--base", years / "a", "--json", "--out", years / "k.csv").stdout
    )
    [key] = found["key"]
    assert {"L1", "L2", "L1+", "L2+"} <= set(key["lists"])
    with (years / "k.csv").open(encoding="utf-8-sig") as file:
        assert {r["list"] for r in csv.DictReader(file)} == {"L1", "L2", "T1", "T2"}
    assert "100.0%" in invoke("key-categories", years / "b", "--lang", "en").stdout


def test_proposals_narrow_the_interval(years: Path) -> None:
    found = json.loads(invoke("measure-next", years / "b", "--json", "--top", "1").stdout)["proposals"]
    assert found and all(0 < p["reduction"] < 100 and p["reaches"] < p["half_width"] for p in found)
    assert len({p["effort"] for p in found}) == len(found)
    assert "boiler" in invoke("measure-next", years / "b", "--lang", "en").stdout


@pytest.mark.parametrize("command", ["uncertainty", "key-categories", "measure-next"])
def test_bad_input_is_answered(years: Path, command: str) -> None:
    done = invoke(command, years / "none", "--year", "2022", "--lang", "en")
    assert done.exit_code == 2 and "no manifest.json" in done.stderr
    done = invoke(command, years / "b", "--year", "1990", "--lang", "en")
    assert done.exit_code == 2 and "they have: 2022" in done.stderr
    assert invoke(command, years / "b", "--gwp", "AR9").exit_code == 2
    (years / "b" / "results.csv").write_text("record\n", encoding="utf-8")
    done = invoke(command, years / "b", "--json")
    assert done.exit_code == 2 and json.loads(done.stdout)["problems"]


def test_both_folders_are_checked_before_the_answer(years: Path) -> None:
    done = invoke("uncertainty", years / "none", "--base", years / "b", "--base-year", "1990", "--json", "--lang", "en")
    assert done.exit_code == 2 and len(json.loads(done.stdout)["problems"]) == 2


def test_too_few_draws_are_answered(years: Path) -> None:
    done = invoke("uncertainty", years / "b", "--draws", "5", "--lang", "en")
    assert done.exit_code == 2 and "between 100 and" in done.stderr


@pytest.mark.parametrize(
    "command", ["uncertainty", "key-categories", "measure-next", "allocate", "compliance", "plans"]
)
def test_help_is_bilingual_with_an_example(command: str) -> None:
    text = invoke(command, "--help").stdout
    assert f"tanlu account {command}" in text and "Example" in text and any("\u4e00" <= c <= "\u9fff" for c in text)


def test_an_empty_folder_name_is_no_result(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", coal(2022, 1))
    assert invoke("uncertainty", tmp_path).exit_code == 2


def test_activity_files_are_analysed_without_a_folder(years: Path) -> None:
    """The analysis of files is that of the folder that is computed from them."""
    for command, key in (("uncertainty", "rows"), ("key-categories", "rows"), ("measure-next", "proposals")):
        of_folder = json.loads(invoke(command, years / "b", "--json").stdout)
        of_files = json.loads(invoke(command, years / "b.csv", "--set", "ipcc-2006", "--json").stdout)
        assert of_files[key] == of_folder[key] != [] and of_files["set"] == "ipcc-2006"
    asked = ("uncertainty", years / "b.csv", "--base", years / "a.csv", "--set", "ipcc-2006", "--json")
    assert json.loads(invoke(*asked).stdout)["total"]["trend"] == pytest.approx(210)


def test_what_cannot_be_analysed_is_told_with_the_way_out(years: Path) -> None:
    def told(*arguments: object) -> str:
        done = invoke("measure-next", *arguments, "--lang", "en")
        assert done.exit_code == 2
        return done.stderr

    assert "--set" in told(years / "b.csv")
    assert "compute --out" in told(years) and "compute --out" in told(years / "nowhere")
    assert "one folder" in told(years / "a", years / "b") and "one folder" in told(
        years / "a", years / "b.csv", "--set", "ipcc-2006"
    )
    assert "computed with the set ipcc-2006" in told(years / "b", "--set", "cn-enterprise")
    assert "x.csv:3" in told(write(years / "x.csv", coal(2022, 1, unit="parsec")), "--set", "ipcc-2006")
