"""``tanlu pathway effects``: both languages, JSON, the file, and answers to bad input."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from tanlu.commands import pathway_effects

app = typer.Typer()
app.callback()(lambda: None)
pathway_effects.register(app)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["effects", *arguments])


def test_effects_as_json_and_as_a_file_say_the_same(tmp_path: Path) -> None:
    result = invoke("--scenario", "plan-mid", "--set", "rice_water=0.95", "--out", str(tmp_path), "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    with (tmp_path / "effects.csv").open(encoding="utf-8") as stream:
        rows = [
            r for r in csv.DictReader(stream) if r["year"] == "2060" and r["group"] == "co2e" and r["part"] == "CH4"
        ]
    assert abs(sum(float(r["value"]) for r in rows) - found["gases"]["CH4"]["2060"]) < 1e-3
    assert found["price_year"] == 2023 and set(found["grades"].values()) <= set("ABCD")
    assert [p.name for p in tmp_path.iterdir()] == ["effects.csv"]


def test_effects_are_told_in_english_and_against_themselves_cost_nothing() -> None:
    result = invoke("--scenario", "current-mid", "--lang", "en")
    assert result.exit_code == 0
    assert "transport users" in result.output and "Nothing is avoided" in result.output


def test_a_scenario_of_a_file_is_taken_with_its_levers_and_schedules(tmp_path: Path) -> None:
    """A file that says what the options say gives the same effects."""
    file = tmp_path / "mine.yaml"
    file.write_text("name: mine\nbase: plan\ngrowth: mid\nlevers: {rice_water: 0.95}\n", encoding="utf-8")
    of_file, of_words = (
        json.loads(invoke(*arguments, "--json").output)
        for arguments in (["--scenario", str(file)], ["--scenario", "plan-mid", "--set", "rice_water=0.95"])
    )
    assert of_file.pop("scenario") == str(file) and of_words.pop("scenario") == "plan-mid"
    assert of_file == of_words


def test_bad_words_are_told_together_and_nothing_is_written(tmp_path: Path) -> None:
    result = invoke(
        "--scenario", "best-mid", "--against", "plan", "--gwp", "AR9", "--out", str(tmp_path / "x"), "--json"
    )
    assert result.exit_code == 2
    assert len(json.loads(result.output)["problems"]) == 3
    assert not (tmp_path / "x").exists()


def test_a_lever_out_of_range_is_refused() -> None:
    result = invoke("--set", "rice_water=2", "--json")
    assert result.exit_code == 2
    assert json.loads(result.output)["problems"][0]["field"] == "rice_water"
