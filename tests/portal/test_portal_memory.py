"""The portal does not hold every run that was ever asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tanlu.portal.service import runs as held


def test_only_the_runs_asked_for_last_are_held(
    synthetic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("a", "b")
    for name in names:
        shutil.copytree(synthetic / "results" / "latest", tmp_path / "results" / name)
    monkeypatch.setattr(held, "RUNS_KEPT", 1)
    runs = held.Workspace(tmp_path)
    first = runs.results("a")
    assert runs.results("a") is first
    runs.results("b")
    assert runs.results("a") is not first
