"""``tanlu pathway decompose, wedges, sensitivity, hindcast``: both languages, JSON, and answers to bad input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tanlu.cli import app

SMALL = ["--size", "16", "--keep", "2"]
COMMANDS = {
    "decompose": ["--from", "2012", "--to", "2030"],
    "wedges": [],
    "sensitivity": SMALL,
    "hindcast": [],
}


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["pathway", *arguments])


def found(*arguments: str) -> dict[str, Any]:
    result = invoke(*arguments, "--json", "--lang", "en")
    assert result.exit_code == 0, result.output
    out: dict[str, Any] = json.loads(result.output)
    return out


@pytest.mark.parametrize(
    ("command", "language", "words"),
    [
        ("decompose", "zh", "脱钩"),
        ("decompose", "en", "Decoupling"),
        ("wedges", "zh", "行动"),
        ("sensitivity", "zh", "D 级假设"),
        ("sensitivity", "en", "assumptions of grade D"),
        ("hindcast", "zh", "回测"),
    ],
)
def test_output_in_both_languages(command: str, language: str, words: str) -> None:
    result = invoke(command, *COMMANDS[command], "--lang", language)
    assert result.exit_code == 0, result.output
    assert words in " ".join(result.output.split())


def test_decomposition_as_json_adds_up() -> None:
    direct = found("decompose", *COMMANDS["decompose"], "--method", "lmdi2")
    chained = found("decompose", *COMMANDS["decompose"], "--chained")
    for result in (direct, chained):
        assert sum(result["sectors"].values()) == pytest.approx(result["change"], abs=1e-4)
        assert sum(result["kaya"].values()) == pytest.approx(result["change"], abs=1e-4)
    assert direct["chained_at"] == [2012, 2024, 2030] and not direct["by_sector"]
    assert chained["chained_at"] == list(range(2012, 2031)) and chained["by_sector"]


def test_wedges_as_json_add_up_and_name_all_actions() -> None:
    result = found("wedges", "--to", "current")
    for part in ("scope1", "imports", "sink"):
        totals = result["totals"][part]
        last = sum(action[part][-1] for action in result["actions"])
        assert last == pytest.approx(totals["start"][-1] - totals["end"][-1], abs=1e-4)
    assert [action["id"] for action in result["actions"]] == [f"A{n:02d}" for n in range(1, 11)]


def test_sensitivity_as_json_is_the_same_for_the_same_seed() -> None:
    first, again = (found("sensitivity", *SMALL, "--seed", "5") for _ in range(2))
    for result in (first, again):
        assert result.pop("seconds") >= 0 and result.pop("cpu_seconds") > 0
    assert first == again
    assert set(first["outputs"]) == {"peak_level", "co2_deadline", "net_last", "peak_year"}
    for output in first["outputs"].values():
        assert {"grade_d", "inventory", "weather", "other_grades"} == set(output["shares"])


@pytest.mark.parametrize("arguments", [["run"], ["simulate", "--scenario", "plan-mid"]], ids=" ".join)
def test_each_result_says_how_much_rests_on_assumptions(arguments: list[str]) -> None:
    shares = found(*arguments, "--draws", "64")["variance_shares"]
    assert set(shares["net_last"]) == {"grade_d", "inventory", "weather", "other_grades"}
    assert shares["net_last"]["grade_d"] > shares["net_last"]["inventory"], "far ahead the assumptions carry the fan"


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["wedges"], "difference_net_last"),
        (["decompose", *COMMANDS["decompose"]], "change"),
        (["targets", "--draws", "64"], "net_last"),
        (["anchors"], "net_last"),
        (["effects"], "difference_net_last"),
        (["robust", "--draws", "0"], "difference_net_last"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_other_answers_say_it_too(arguments: list[str], output: str) -> None:
    shares = found(*arguments)["variance_shares"]
    assert set(shares[output]) == {"grade_d", "inventory", "weather", "other_grades"}
    assert "assumptions of grade D carry" in " ".join(invoke(*arguments, "--lang", "en").output.split())


def test_comparison_says_it_of_each_scenario_and_of_each_difference() -> None:
    result = found("compare", "current-mid", "plan-mid", "frozen-mid", "--draws", "64")
    assert all(scenario["variance_shares"]["net_last"]["grade_d"] > 0 for scenario in result["scenarios"])
    assert set(result["difference_variance_shares"]) == {"plan-mid", "frozen-mid"}


def test_hindcast_as_json_meets_its_base_year() -> None:
    result = found("hindcast")
    assert result["years"][0] == 2010 and result["last_year_with_balance"] < result["years"][-1]
    assert result["predicted"]["total"][0] == pytest.approx(result["observed"]["total"][0], abs=1e-5)


def test_all_settings_of_levers_are_told_at_once() -> None:
    result = invoke(
        "simulate", "--set", "a", "--set", "solar_capacity=9999", "--set", "foo=1", "--lang", "en", "--json"
    )
    assert result.exit_code == 2
    assert [p["value"] for p in json.loads(result.output)["problems"]] == ["a", "1", "9999"]


def test_simulation_says_what_the_peak_test_finds() -> None:
    peak = found("simulate", "--draws", "16", "--scenario", "frozen-high")["peak"]
    assert peak["test"] in {"confirmed", "plateau", "none"} and peak["plateau"][0] <= peak["central"]["year"]
    assert peak["plateau"][1] >= peak["central"]["year"]
    assert "Peak test:" in invoke("simulate", "--draws", "16", "--lang", "en").output


@pytest.mark.parametrize(
    "arguments",
    [
        ["levers", "--action", "A99"],
        ["decompose", "--from", "2004", "--to", "2030"],
        ["decompose", "--from", "2020", "--to", "2030", "--method", "lmdi3"],
        ["decompose", "--from", "2020", "--to", "2030", "--scenario", "nothing"],
        ["wedges", "--from", "nothing"],
        ["wedges", "--from", "frozen-high"],
        ["sensitivity", "--size", "100"],
        ["sensitivity", "--about", "x"],
        ["hindcast", "--from", "2019", "--to", "2010"],
        ["hindcast", "--variant", "x"],
    ],
    ids=" ".join,
)
def test_bad_input_ends_with_code_two(arguments: list[str]) -> None:
    result = invoke(*arguments, "--lang", "en")
    assert result.exit_code == 2, result.output
