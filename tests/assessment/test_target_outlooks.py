"""What a scenario says about targets: conditions by hand, one line for each target of the plan, both languages."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from tanlu.assessment import load_indicators
from tanlu.assessment.target_outlooks import chances_of, outlooks, required_values, target_records
from tanlu.assessment.target_words import reason_text, row_words
from tanlu.cli import app
from tanlu.core.messages import LANGUAGES
from tanlu.core.province import load_province, province_folder
from tanlu.pathways.peak import PeakChance
from tanlu.plan import load_plan

PEAK = PeakChance(0.75, 0.01, 0.02, 2024, 2028, 2035, 300.0, 340.0)
FOLDER = province_folder("hunan")
PLAN = load_plan(FOLDER)
INDICATORS = load_indicators(FOLDER, PLAN)


@dataclass
class Drawn:
    """Stands for a scenario: four draws of what targets ask for."""

    outcomes: dict[tuple[str, int], NDArray[np.float64]]
    chance: PeakChance = PEAK
    energy_chance: PeakChance = PEAK
    name: str = "x-mid"


@dataclass
class Base:
    """Stands for a baseline, of which the year is asked for."""

    base_year: int = 2024
    other: dict[str, float] = field(default_factory=dict)


def drawn() -> Drawn:
    values = {
        ("co2", 2024): [300.0] * 4, ("co2", 2030): [300.0, 270.0, 240.0, 330.0],
        ("gdp", 2024): [5000.0] * 4, ("gdp", 2030): [6000.0] * 4,
        ("primary_energy", 2024): [180.0] * 4, ("primary_energy", 2030): [180.0, 172.8, 187.2, 180.0],
        ("nonfossil_share", 2024): [0.2] * 4, ("nonfossil_share", 2030): [0.24, 0.25, 0.26, 0.27],
        ("sink", 2024): [40.0] * 4, ("sink", 2030): [40.0, 41.0, 42.0, 39.0],
        ("net", 2024): [260.0] * 4, ("net", 2030): [-1.0, 0.0, 1.0, 2.0],
    }  # fmt: skip
    return Drawn({key: np.array(v) for key, v in values.items()})


def test_conditions_are_judged_draw_by_draw() -> None:
    """By hand: 3 of 4 draws have a share of 25 % or more, 2 of 4 more uptake, 2 of 4 no net CO2; √(p(1 − p)/4)."""
    found = outlooks(drawn(), Base(), {"nonfossil_share_2030": 25.0})  # type: ignore[arg-type]
    share = found["nonfossil_share_2030"]
    assert (share.condition, share.required, share.probability) == ("least", 25.0, 0.75)
    assert share.stderr == pytest.approx(np.sqrt(0.75 * 0.25 / 4))
    assert share.middle == pytest.approx(25.5)
    assert found["sink_2030"].probability == 0.5 and found["sink_2030"].condition == "rises"
    assert found["net_co2_2030"].probability == 0.5
    # 1/1.2 − 1 = −16.7 % and 0.9/1.2 − 1 = −25 % are the middle ones
    assert found["carbon_intensity_2030"].middle == pytest.approx((-100 / 6 - 25) / 2)
    assert found["co2_peak_2030"].probability == 0.75 and found["co2_peak_2030"].middle == 2028


def test_a_number_that_is_not_public_gives_a_spread_and_no_chance() -> None:
    found = outlooks(drawn(), Base(), {})  # type: ignore[arg-type]
    for name in ("nonfossil_share_2030", "carbon_intensity_2030", "energy_intensity_change_2030", "co2_2030"):
        assert found[name].probability is None and found[name].condition == "none"
        assert found[name].low < found[name].middle < found[name].high


def test_net_co2_has_no_chance_in_the_scoreboard_since_the_plan_gives_no_number() -> None:
    chances = chances_of(outlooks(drawn(), Base(), {}), "x-mid", 2024)  # type: ignore[arg-type]
    assert chances["net_co2_2030"].probability is None and chances["net_co2_2030"].value == pytest.approx(0.5)
    assert chances["sink_2030"].probability == 0.5


def test_required_numbers_come_from_the_plan_or_its_companion() -> None:
    """The companion plan asks for a non-fossil share of about 25 % in 2030; the plan for −14 % by 2025."""
    found = required_values(PLAN, INDICATORS, load_province(FOLDER))
    assert found["nonfossil_share_2030"] == 25.0 and found["energy_intensity_2025"] == -14.0


def test_every_target_has_an_outlook_or_a_reason_in_both_languages() -> None:
    found = outlooks(drawn(), Base(), {"nonfossil_share_2030": 25.0})  # type: ignore[arg-type]
    records = target_records(PLAN, INDICATORS, found)
    assert [r["target"] for r in records] == [t.id for t in PLAN.targets()] and len(records) == 73
    for record in records:
        for language in LANGUAGES:
            if record["quantity"]:
                assert all(row_words(record, language))
            else:
                assert record["probability"] is None and len(reason_text(record, language)) > 8


def test_the_command_tells_what_the_scoreboard_of_a_run_says(run_folder: Path) -> None:
    """Same seed and draws: the chances of the reference are those of the main job."""
    args = ["pathway", "targets", "--draws", "512", "--seed", "7", "--json"]
    told = {r["target"]: r for r in json.loads(CliRunner().invoke(app, args).output)["targets"]}
    with (run_folder / "scoreboard.csv").open(encoding="utf-8", newline="") as file:
        scores = {r["target"]: r for r in csv.DictReader(file)}
    assert {t for t, r in scores.items() if r["probability"]} == {"TG02", "TG14", "TG18", "TG19", "TG26"}
    for name, row in scores.items():
        if row["probability"]:
            assert told[name]["probability"] == pytest.approx(float(row["probability"]), abs=2e-6), name
    assert told["TG15"]["probability"] is not None and told["TG15"]["condition"] == "most"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_lists_all_targets_in_words(language: str) -> None:
    said = CliRunner().invoke(
        app, ["pathway", "targets", "--draws", "16", "--scenario", "plan-mid", "--lang", language]
    )
    assert said.exit_code == 0
    assert all(t.id in said.output for t in PLAN.targets())
