"""What all tests share: one run of the main job, one browser a process, and no time limit for properties on a busy machine."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.testing
from hypothesis import settings
from typer.testing import CliRunner

from tanlu.charts.results import Results
from tanlu.cli import app
from tanlu.job import run_main_job
from tests.provinces.invented import write_invented_province
from tests.results_fixture import write_results
from tests.sharing import made_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser

settings.register_profile("tanlu", deadline=None)
settings.load_profile("tanlu")
# a command is called hundreds of times in a process: the tree of all commands is put together once
typer.testing._get_command = cache(typer.testing._get_command)

SEED = 7
DRAWS = 512
INVENTED_DRAWS = 64
CHROMIUM = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
"""The browser without its windows does the same work in two thirds of the time, so it comes first where it is installed."""
ARGUMENTS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
    "--font-render-hinting=none", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collector of garbage from looking through thousands of tests, which stay, again and again.

    What tests load stays as well (models, libraries, provinces): a seventh of the time went into looking through it.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


def silent(step: str) -> None:
    """Stand for the progress bar."""


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with one run, made once for all test processes; do not write into it."""
    return made_once(tmp_path_factory, "workspace", lambda folder: run_main_job("hunan", folder, SEED, DRAWS, silent))


@pytest.fixture(scope="session")
def run_folder(workspace: Path) -> Path:
    """Return the folder of that run."""
    return workspace / "results" / "latest"


@pytest.fixture(scope="session")
def invented_province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an invented province; a test that changes files takes a copy."""
    return (
        made_once(tmp_path_factory, "invented", lambda folder: write_invented_province(folder / "testland"))
        / "testland"
    )


@pytest.fixture(scope="session")
def invented_workspace(tmp_path_factory: pytest.TempPathFactory, invented_province: Path) -> Path:
    """Return a workspace with one run of the invented province, made by the command; do not write into it."""

    def run(folder: Path) -> None:
        options = {"--province": invented_province, "--out": folder, "--seed": SEED, "--draws": INVENTED_DRAWS}
        done = CliRunner().invoke(app, ["run", *(str(part) for option in options.items() for part in option)])
        assert done.exit_code == 0, done.output

    return made_once(tmp_path_factory, "invented-workspace", run)


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace folder with one synthetic run; a test that changes files takes a copy."""
    folder = tmp_path_factory.mktemp("synthetic")
    write_results(folder)
    return folder


@pytest.fixture(scope="session")
def results(synthetic: Path) -> Results:
    """The synthetic run."""
    return Results.load(synthetic / "results" / "latest")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium that can reach nothing but this machine."""
    from playwright.sync_api import sync_playwright

    program = next((path for path in CHROMIUM if path.exists()), None)
    if program is None:
        pytest.fail(f"{CHROMIUM[-1]} is missing; on Debian: apt-get install -y chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(program), args=ARGUMENTS)
        yield launched
        launched.close()
