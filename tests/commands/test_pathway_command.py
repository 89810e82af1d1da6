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


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999"])
def test_settings_that_are_not_numbers_are_refused(value: str) -> None:
    result = invoke("run", *FAST, "--set", f"solar_capacity={value}")
    assert result.exit_code == 2
    assert "solar_capacity" in result.output


def test_the_ends_of_a_range_are_accepted_and_a_mistyped_lever_is_guessed() -> None:
    ends = ["--set", "solar_capacity=18.734", "--set", "grid_losses=-0.03", "--set", "wind_capacity=80"]
    assert invoke("run", *FAST, *ends).exit_code == 0
    guess = invoke("run", *FAST, "--set", "solar_capcity=100", "--lang", "en")
    assert guess.exit_code == 2
    assert "solar_capacity" in guess.output


def test_a_maximum_in_the_history_is_not_told_as_a_passed_test() -> None:
    """The reference stays below the inventory's maximum; frozen policy goes above it."""
    past, ahead = (invoke("run", *FAST, "--lang", "en", "--world", world).output for world in ("current", "frozen"))
    assert "is not exceeded later" in past
    assert "test passed" not in past
    assert "Peak: 20" in ahead
    for output in (past, ahead):
        assert "The inventory alone: maximum in" in output
        assert "median of draws" in output


def test_base_year_with_imports_is_that_of_the_results() -> None:
    """The inventory's own memo, as in pathways.csv, although the model has smaller imports."""
    output = invoke("run", *FAST, "--lang", "en").output
    found = json.loads(invoke("run", *FAST, "--json").output)["series"]
    imports = {year: found["with_imports"][year] - found["co2"][year] for year in ("2024", "2025")}
    assert imports["2024"] > imports["2025"] > 0
    assert "no reduction" in output


def test_anchors_are_printed_in_both_languages_and_as_json() -> None:
    chinese, english = invoke("anchors", "--lang", "zh"), invoke("anchors", "--lang", "en")
    assert "全社会用电量" in chinese.output and "公布" in chinese.output
    assert "electricity consumption" in english.output and "announced" in english.output
    found = json.loads(invoke("anchors", "--json", "--lang", "en").output)
    power = next(row for row in found["anchors"] if row["code"] == "electricity")
    assert power["difference"] == pytest.approx(power["model"] - power["official"], abs=1e-6)
    assert power["id"].startswith("fact:")
    assert {row["kind"] for row in found["anchors"]} == {"observed", "announced", "target"}
    assert any(row["code"] == "imports_co2_differs" for row in found["calibration"])
