"""What is costly to make is made once for all test processes, by the first that asks for it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder of the session that ``make`` has filled; who asks meanwhile waits. Do not write into it.

    What ``make`` begins and does not finish is thrown away, so that the next process makes it again and tells the same fault.
    """
    base = factory.getbasetemp()
    # under xdist each process has a folder of its own below the one of the session
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder


def read_yaml(path: Path) -> Any:
    """Return what a file holds, with the compiled parser: the long files of cases are read while tests are collected."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
