"""The manifest of a run: everything that is needed to make it again."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

PACKAGES: Final = (
    "numpy",
    "scipy",
    "numba",
    "pyyaml",
    "globalwarmingpotentials",
    "vl-convert-python",
    "fastapi",
    "jinja2",
)


@dataclass(frozen=True, slots=True)
class Step:
    """Time of one step of the job [s]."""

    name: str
    wall_seconds: float
    cpu_seconds: float


@dataclass(slots=True)
class Manifest:
    """What a run was made with."""

    run_id: str
    created: str
    province: str
    seed: int
    draws: int
    code_version: str
    data_hash: str
    factor_set: str
    gwp: str
    python: str = field(default_factory=platform.python_version)
    platform: str = field(default_factory=platform.platform)
    packages: dict[str, str] = field(default_factory=lambda: {p: v for p in PACKAGES if (v := package_version(p))})
    steps: list[Step] = field(default_factory=list)
    records: dict[str, Any] = field(default_factory=dict)
    """Entries and root of the log of the system of record, and the moment up to which its registries were counted; empty without."""

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Record wall and CPU time of a block as a step."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.steps.append(Step(name, round(time.perf_counter() - wall, 3), round(time.process_time() - cpu, 3)))

    def as_record(self) -> dict[str, Any]:
        """Return the manifest as plain data."""
        return asdict(self)


def package_version(package: str) -> str | None:
    """Return the version of an installed package; None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def new_run_id(data_hash: str, seed: int, taken: list[str]) -> str:
    """Return the id of a run: UTC time, start of the data hash, seed; a counter follows if the second is taken."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    base, counter = f"{stamp}-{data_hash[:8]}-s{seed}", 1
    name = base
    while name in taken:
        counter += 1
        name = f"{base}-{counter}"
    return name
