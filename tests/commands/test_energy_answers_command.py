"""`tanlu energy` on what holds a plan back, other rules on the command line, running given capacities, and hosting."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tanlu.cli import app

VALLEY = Path(__file__).parents[1] / "energy" / "systems" / "valley"
HOURLY = ("--segments", 0, "--solver", "highs-simplex")


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["energy", *map(str, arguments)])


def answered(*arguments: object, code: int = 0) -> dict[str, Any]:
    result = invoke(*arguments, "--json")
    assert result.exit_code == code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study") / "plan"
    answered("solve", VALLEY, *HOURLY, "--out", folder)
    return folder


def test_a_rule_that_is_switched_off_no_longer_binds_and_its_value_was_what_it_cost() -> None:
    """The target of sun wants 20 MW; a kilowatt more costs what the shadow price says, for the programme is linear there."""
    bound = answered("explain", VALLEY, *HOURLY, "--periods", "2030")
    (rule,) = [r for r in bound["rules"] if r["rule"] == "sun.sum"]
    assert rule["period"] == 2030 and rule["limit"] == pytest.approx(0.02)
    more = answered("solve", VALLEY, *HOURLY, "--periods", "2030", "--set", "policy.sun.least=20.001")
    assert (more["objective"] - bound["objective"]) / 1e-6 == pytest.approx(rule["value"], rel=1e-3)
    free = answered("explain", VALLEY, *HOURLY, "--periods", "2030", "--set", "policy.sun.active=false")
    assert free["objective"] < bound["objective"] and not [r for r in free["rules"] if r["rule"] == "sun.sum"]
    assert free["changes"] == {"set": ["policy.sun.active=false"]}


def test_the_price_of_co2_is_the_one_that_is_set() -> None:
    answer = answered("explain", VALLEY, *HOURLY, "--co2-price", "2025=300", "--co2-price", "2030=40")
    assert answer["co2_price_CNY_t"] == {"2025": pytest.approx(300, abs=0.01), "2030": pytest.approx(40, abs=0.01)}


def test_a_cap_that_nothing_can_keep_is_explained_with_code_3() -> None:
    """A kiln emits 10,000 t, whatever is done, and the valley cannot take CO2 back."""
    answer = answered("explain", VALLEY, *HOURLY, "--co2-cap", "2030=-1", code=3)
    assert answer["status"] == "infeasible"
    gives = [s for s in answer["explanation"] if s["code"] == "rule_gives"]
    assert gives[0]["amount"] == "1,010 kt" and gives[0]["year"] == "2030"
    text = invoke("solve", VALLEY, *HOURLY, "--co2-cap", "2030=-1", "--lang", "en")
    assert text.exit_code == 3 and "1,010 kt" in text.stderr


def test_without_foresight_a_pathway_costs_no_less(study: Path) -> None:
    myopic = answered("solve", VALLEY, *HOURLY, "--myopic")
    best = json.loads((study / "summary.json").read_text(encoding="utf-8"))
    assert myopic["foresight"] == "myopic" and myopic["lower"] is None
    assert myopic["objective"] >= best["objective"] * (1 - 1e-9)


def test_all_wrong_options_are_told_at_once() -> None:
    result = invoke(
        "solve", VALLEY, "--set", "policy.sn.active=true", "--set", "policy.sun.active=maybe", "--set", "policy.reserve.margin=7",
        "--co2-cap", "30=x", "--lang", "en",
    )  # fmt: skip
    assert result.exit_code == 2
    for said in (
        "'sn'",
        "sun",
        "'maybe'",
        "true, false",
        "7 1 is not between 0.0 and 1.0",
        "30=x",
        "--co2-cap 2030=150",
    ):
        assert said in result.stderr, said


def test_capacities_of_a_study_run_at_what_the_study_says(study: Path, tmp_path: Path) -> None:
    """With all hours in one window the run is the hourly plan: the day is 1/365 of the balance of the year."""
    options = ("--year", 2030, "--from", 0, "--to", 23, "--capacities", study, "--horizon", 24, "--step", 24)
    answer = answered("dispatch", VALLEY, *options, "--out", tmp_path / "hours.csv")
    assert answer["hours"] == 24 and answer["residual"] < 1e-6 and answer["unserved_MWh"] == 0
    with (study / "balance.csv").open(encoding="utf-8", newline="") as file:
        load = sum(
            float(r["energy"]) for r in csv.DictReader(file) if r["quantity"] == "load" and r["period"] == "2030"
        )
    assert answer["electricity_MWh"]["load"] == pytest.approx(load / 365, rel=1e-4)
    with (tmp_path / "hours.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    assert all(sum(float(v) for k, v in row.items() if k != "hour") == pytest.approx(0, abs=1e-3) for row in rows)


def test_a_run_with_errors_of_forecasts_costs_no_less_and_repeats_with_its_seed(study: Path) -> None:
    options = (
        "dispatch",
        VALLEY,
        "--year",
        2030,
        "--capacities",
        study,
        "--from",
        0,
        "--to",
        23,
        "--horizon",
        12,
        "--step",
        6,
    )
    known = answered(*options)
    missed, again = (answered(*options, "--forecast-error", "pv=0.4,load=0.1", "--seed", 3) for _ in range(2))
    assert missed["cost_MCNY"] >= known["cost_MCNY"] - 1e-6
    assert missed["dispatch_MW"] == again["dispatch_MW"] and len(known["windows"]) == 4


def test_what_is_no_moment_forecast_or_study_is_told(tmp_path: Path) -> None:
    for option, value, said in (
        ("--from", "13-45", "no moment"),
        ("--forecast-error", "sea=0.1", "there are: hydro, load, pv"),
        ("--capacities", tmp_path, "no folder of results"),
    ):
        result = invoke("dispatch", VALLEY, option, value, "--lang", "en")
        assert result.exit_code == 2 and said in result.stderr, (option, result.output)


def test_alternatives_hold_the_cheapest_between_least_and_most() -> None:
    answer = answered("alternatives", VALLEY, *HOURLY, "--slack", 0.1, "--technology", "pv", "--technology", "battery")
    assert [row["technology"] for row in answer["alternatives"]] == ["pv", "battery"] and answer["period"] == 2030
    for row in answer["alternatives"]:
        assert row["least [MW]"] - 1e-6 <= row["cheapest [MW]"] <= row["most [MW]"] + 1e-6
    wrong = invoke("alternatives", VALLEY, *HOURLY, "--technology", "sun", "--lang", "en")
    assert wrong.exit_code == 2 and "pv" in wrong.stderr


def test_a_place_hosts_more_where_more_may_be_curtailed() -> None:
    some, more = (answered("hosting", VALLEY, *HOURLY, "--curtailment", share)["hosting"] for share in (0.02, 0.3))
    assert [row["node"] for row in some] == ["town", "mill", "dam"]
    assert all(b["hosting [MW]"] >= a["hosting [MW]"] > 0 for a, b in zip(some, more, strict=True))


def test_moments_of_a_year_are_days_hours_or_their_number() -> None:
    from tanlu.commands.energy_dispatch import span

    assert span("01-01", None, 8760) == (0, 168)
    assert span("02-01", "02-01", 8760) == (31 * 24, 24)
    assert span("07-15T18", "07-16T05", 8760) == (195 * 24 + 18, 12)
    assert span("12-31", "01-01", 8760) == (364 * 24, 48)
    assert span("5", "9", 8760) == (5, 5)
