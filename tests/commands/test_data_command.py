"""`tanlu data check` tells what a folder lacks for readers of both languages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.province import province_folder

runner = CliRunner()


def test_parts_of_names_without_a_label_are_listed(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(province_folder("hunan"), tmp_path / "folder"))
    path = folder / "labels.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(("Cement,", "share,"))), encoding="utf-8")
    done = runner.invoke(app, ["data", "check", "--province", str(folder), "--json"])
    assert done.exit_code == 0 and json.loads(done.output)["unlabelled"] == ["Cement", "share"]
    done = runner.invoke(app, ["data", "check", "--province", str(folder), "--lang", "en"])
    assert "Cement | share" in done.output
