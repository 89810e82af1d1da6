"""What all tests share: one run of the main job, one browser a process, and no time limit for properties on a busy machine."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tanlu.job import run_main_job

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("tanlu", deadline=None)
settings.load_profile("tanlu")

SEED = 7
DRAWS = 512
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
    "--font-render-hinting=none", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]  # fmt: skip


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium that can reach nothing but this machine."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing; on Debian: apt-get install -y chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield launched
        launched.close()
