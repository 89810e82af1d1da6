"""`tanlu explain`, `doctor`, `data`, `account` as a user types them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from tanlu.cli import app

runner = CliRunner()


def test_explain_walks_from_a_number_to_its_sources(workspace: Path) -> None:
    done = runner.invoke(app, ["explain", "inventory:hunan:2024:2.A.1:CO2", "--out", str(workspace), "--lang", "en"])
    assert done.exit_code == 0
    for part in ("cement", "Production | Cement", "7,252.66", "0.535", "[assumption]", "chinatracker", "data_hash="):
        assert part in done.output


def test_explain_json_holds_the_whole_chain(workspace: Path) -> None:
    done = runner.invoke(app, ["explain", "target:TG02", "--out", str(workspace), "--json"])
    record = json.loads(done.output)
    ids = {n["id"] for n in record["nodes"]}
    assert "target:TG02" in ids and any(i.startswith("source:") for i in ids)
    assert all(p in ids for n in record["nodes"] for p in n.get("parents", ()))


def test_an_unknown_id_is_answered_with_similar_ones(workspace: Path) -> None:
    done = runner.invoke(app, ["explain", "inventory:hunan:2024:2.A.1:CO3", "--out", str(workspace), "--json"])
    assert done.exit_code == 2
    assert "2.A.1" in json.loads(done.output)["problems"][0]["mend"]


def test_doctor_finds_a_sound_workspace_and_a_broken_one(workspace: Path, tmp_path: Path) -> None:
    import shutil

    assert runner.invoke(app, ["doctor", "--out", str(workspace)]).exit_code == 0
    copy = Path(shutil.copytree(workspace, tmp_path / "w", symlinks=True))
    table = copy / "results" / "latest" / "peaks.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("peak:plan-mid", "peak:nowhere"), encoding="utf-8")
    done = runner.invoke(app, ["doctor", "--out", str(copy), "--json"])
    assert done.exit_code == 1
    broken = [c for c in json.loads(done.output)["checks"] if not c["sound"] and not c["optional"]]
    assert [c["name"] for c in broken] == ["lineage"] and "peak:nowhere" in broken[0]["detail"]


def test_data_check_reports_coverage_and_gaps() -> None:
    done = runner.invoke(app, ["data", "check", "--json"])
    record = json.loads(done.output)
    coverage = {(c["category"], c["gas"]): c for c in record["coverage"]}
    assert list(coverage["2.A.1", "CO2"]["years"]) == list(range(2005, 2025))
    assert not coverage["4.A", "CH4"]["years"] and coverage["4.A", "CH4"]["reason_en"]


def test_account_show_views_masses_through_the_gwp_set_that_is_asked_for() -> None:
    ar5 = runner.invoke(app, ["account", "show", "--year", "2014", "--gwp", "AR5", "--lang", "en"])
    assert ar5.exit_code == 0 and "1.B.1.a" in ar5.output
    assert runner.invoke(app, ["account", "show", "--gwp", "AR9"]).exit_code == 2
    assert runner.invoke(app, ["account", "show", "--year", "1999"]).exit_code == 2


def test_help_does_not_import_the_rooms() -> None:
    code = (
        "import sys; sys.argv = ['tanlu', '--help']\n"
        "from tanlu.cli import app\n"
        "try:\n    app()\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'scipy', 'numba', 'vl_convert', 'fastapi', 'yaml', 'tanlu.core'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
