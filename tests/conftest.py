"""One run of the main job for all tests that read results."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from tanlu.job import run_main_job

SEED = 7
DRAWS = 512


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with one run, made once for all test processes; do not write into it."""
    base = tmp_path_factory.getbasetemp()
    # under xdist each process has a folder of its own below the one of the session
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / "workspace", shared / "workspace.done"
    with (shared / "workspace.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            run_main_job("hunan", folder, SEED, DRAWS, lambda step: None)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def run_folder(workspace: Path) -> Path:
    """Return the folder of that run."""
    return workspace / "results" / "latest"
