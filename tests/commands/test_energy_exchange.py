"""`tanlu energy import|export`: a campus goes out as a network and comes back with the same least cost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tanlu.cli import app

CAMPUS = str(Path(__file__).parents[1] / "energy" / "systems" / "campus")


def run(*arguments: str) -> tuple[int, str]:
    """Return exit code and output of a command."""
    found = CliRunner().invoke(app, ["energy", *arguments])
    return found.exit_code, found.output


def test_a_system_goes_out_and_comes_back(tmp_path: Path) -> None:
    network, system = str(tmp_path / "network"), str(tmp_path / "system")
    code, text = run("export", CAMPUS, "--out", network, "--json")
    assert code == 0
    constant = json.loads(text)["cost_not_counted"] / 1e6
    assert run("import", network, "--format", "pypsa", "--out", system, "--lang", "en")[0] == 0
    costs = [json.loads(run("solve", where, "--segments", "0", "--json")[1])["objective"] for where in (CAMPUS, system)]
    assert costs[1] + constant == pytest.approx(costs[0], rel=1e-6)


def test_a_format_that_there_is_not_is_named(tmp_path: Path) -> None:
    code, text = run("import", CAMPUS, "--format", "times", "--out", str(tmp_path / "x"), "--lang", "en")
    assert code != 0 and "times" in text and "osemosys" in text


def test_what_is_said_of_many_components_is_one_line_and_all_of_it_as_json(tmp_path: Path) -> None:
    """Hunan has a coal plant in each of its 14 prefectures, whose own factor PyPSA has no place for."""
    said = [
        line
        for line in run("export", "hunan", "--out", str(tmp_path / "a.nc"), "--lang", "en")[1].splitlines()
        if "emission_factor" in line
    ]
    assert len(said) == 1 and said[0].count(".coal") == 3 and "14 in all" in said[0]
    notices = json.loads(run("export", "hunan", "--out", str(tmp_path / "b.nc"), "--json", "--lang", "en")[1])[
        "notices"
    ]
    assert sum("emission_factor" in line for line in notices) == 14
