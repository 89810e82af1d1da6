"""``tanlu pathway``: output in both languages, JSON, and answers to bad input."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from tanlu.commands.pathway import app

FAST = ["--draws", "64"]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_run_prints_peak_and_indicators_in_both_languages() -> None:
    chinese, english = invoke("run", *FAST, "--lang", "zh"), invoke("run", *FAST, "--lang", "en")
    assert chinese.exit_code == english.exit_code == 0
    assert "达峰概率" in chinese.output and "用电量" in chinese.output
    assert "Chance of a peak" in english.output and "Electricity" in english.output


def test_run_as_json_is_the_same_for_the_same_seed() -> None:
    first, again = (invoke("run", *FAST, "--world", "plan", "--seed", "3", "--json") for _ in range(2))
    assert first.output == again.output
    found = json.loads(first.output)
    assert found["scenario"] == "plan-mid"
    assert 0 <= found["peak"]["probability_by_2030"] <= 1


def test_a_lever_changes_the_run() -> None:
    without, with_lever = (
        json.loads(invoke("run", *FAST, "--json", *more).output) for more in ([], ["--set", "solar_capacity=150"])
    )
    assert with_lever["series"]["co2"]["2050"] < without["series"]["co2"]["2050"]
    assert with_lever["series"]["co2"]["2024"] == without["series"]["co2"]["2024"]


def test_lever_out_of_range_ends_with_code_two_and_names_all_faults() -> None:
    result = invoke("run", *FAST, "--set", "solar_capacity=999", "--set", "wind_capacity=-1", "--lang", "en")
    assert result.exit_code == 2
    for text in ("solar_capacity.yaml", "999", "18.734", "240", "wind_capacity.yaml"):
        assert text in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "solar"],
        ["--set", "=3"],
        ["--set", "nothing=3"],
        ["--world", "x"],
        ["--growth", "x"],
        ["--province", "x"],
    ],
)
def test_other_bad_input_ends_with_code_two(arguments: list[str]) -> None:
    result = invoke("run", *FAST, *arguments)
    assert result.exit_code == 2
    assert arguments[1].split("=")[0] in result.output


def test_draws_must_be_eight_times_a_power_of_two() -> None:
    assert invoke("run", "--draws", "100").exit_code == 2


def test_levers_are_listed_by_action() -> None:
    table = invoke("levers", "--action", "A04", "--lang", "en").output
    assert "modal_shift" in table and "solar_capacity" not in table
    records = json.loads(invoke("levers", "--json").output)
    assert len(records) >= 20
    assert all(r["minimum"] <= r["default"] <= r["maximum"] for r in records)
