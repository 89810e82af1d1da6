"""Wrong province folders: every fault of the contract is answered with file, row, field, value and mend, and nothing is written."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.province import province_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of a province folder that may be broken."""
    return Path(shutil.copytree(province_folder("hunan"), tmp_path / "province"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder, where a workspace would be made."""
    monkeypatch.chdir(tmp_path)


def tanlu(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def run(folder: Path, *arguments: str, language: str = "en") -> Result:
    return tanlu("run", "--province", str(folder), "--lang", language, *arguments)


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def break_everything(folder: Path) -> None:
    """Break five files in seven ways."""
    lines = (folder / "statistics.csv").read_text(encoding="utf-8").splitlines()
    cement = next(i for i, line in enumerate(lines) if line.startswith("Production|Cement,hunan,2010,"))
    parts = lines[cement].split(",")
    lines[cement] = ",".join([*parts[:3], "many", *parts[4:]])
    steel = next(i for i, line in enumerate(lines) if line.startswith("Production|Crude Steel,hunan,2010,"))
    parts = lines[steel].split(",")
    lines[steel] = ",".join([*parts[:4], "10^4 tonnes", *parts[5:]])
    rice = next(i for i, line in enumerate(lines) if line.startswith("Sown Area|Rice|Early,hunan,2019,"))
    parts = lines[rice].split(",")
    lines[rice] = ",".join([*parts[:3], "-1094.6", *parts[4:]])
    glass = next(i for i, line in enumerate(lines) if line.startswith("Production|Flat Glass,hunan,2011,"))
    lines.insert(glass + 1, lines[glass])
    iron = next(i for i, line in enumerate(lines) if line.startswith("Production|Pig Iron,hunan,2012,"))
    lines[iron] = lines[iron].replace(",hunan,", ",hubei,")
    (folder / "statistics.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    edit(folder / "factors.csv", lambda t: t.replace(",grade,note", ",note", 1))


def test_all_faults_of_all_files_are_told_together_and_nothing_is_written(folder: Path) -> None:
    break_everything(folder)
    done = run(folder, "--json")
    assert done.exit_code == 2
    found = json.loads(done.stdout)["problems"]
    told = {(p["file"], p["field"], p["value"]) for p in found}
    assert ("statistics.csv", "value", "many") in told
    assert ("statistics.csv", "unit", "10^4 tonnes") in told
    assert ("statistics.csv", "value", "-1094.6") in told
    assert ("statistics.csv", "region", "hubei") in told
    assert any(f == "statistics.csv" and "Flat Glass" in v for f, _, v in told)
    assert any(f == "factors.csv" and field == "grade" for f, field, _ in told)
    assert all(p["row"] for p in found) and all(p["mend"] for p in found)
    assert [p.name for p in folder.parent.iterdir()] == ["province"]


def test_faults_are_told_in_chinese_by_default(folder: Path) -> None:
    break_everything(folder)
    done = run(folder, language="zh")
    assert done.exit_code == 2
    assert "不是数字" in done.stderr and "只写数字" in done.stderr


def test_gbk_is_read_with_a_notice_and_other_bytes_are_refused(folder: Path) -> None:
    text = (folder / "regions.csv").read_text(encoding="utf-8")
    (folder / "regions.csv").write_bytes(text.encode("gbk"))
    check = ["data", "check", "--province", str(folder), "--lang", "en"]
    done = tanlu(*check)
    assert done.exit_code == 0 and "GB 18030" in done.stdout
    (folder / "regions.csv").write_bytes(text.encode("utf-16"))
    done = tanlu(*check)
    assert done.exit_code == 2 and "regions.csv" in done.stderr


def test_a_lever_outside_its_range_is_refused(folder: Path) -> None:
    import re

    lever = sorted((folder / "pathways" / "levers").glob("*.yaml"))[0]
    edit(lever, lambda t: re.sub(r"plan: *[-\d.]+", "plan: 987654.0", t, count=1))
    done = run(folder, "--json")
    assert done.exit_code == 2
    assert any("987654" in p["value"] and lever.name in p["file"] for p in json.loads(done.stdout)["problems"])


def test_a_folder_that_holds_other_files_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "thesis.docx").write_text("mine")
    done = tanlu("run", "--out", str(tmp_path / "w"), "--lang", "en")
    assert done.exit_code == 2 and "holds other files" in done.stderr
    assert [p.name for p in (tmp_path / "w").iterdir()] == ["thesis.docx"]


def test_an_unknown_province_names_the_known_ones(tmp_path: Path) -> None:
    """In a process of its own: the code with which it ends, and on which stream it speaks, are those that a script meets."""
    command = [sys.executable, "-m", "tanlu", "run", "--province", "atlantis", "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 2 and "atlantis" in done.stderr and "hunan" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_cannot_be_made_is_answered(invented_province: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = run(invented_province, "--out", str(tmp_path / "file" / "w"), "--draws", "64")
    assert done.exit_code == 2 and "cannot be read or written" in done.stderr and "Traceback" not in done.output
