"""What the benchmarks share: clocks, the machine, and the sections of RESULTS.md."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")
RESULTS = Path(__file__).parent / "RESULTS.md"


class Time(NamedTuple):
    """Elapsed time and CPU time of the process [s]."""

    wall: float
    cpu: float


def timed(call: Callable[[], T]) -> tuple[T, Time]:
    """Return what a call gives, and how long it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = call()
    return answer, Time(time.perf_counter() - wall, time.process_time() - cpu)


def below(process: int) -> list[int]:
    """Return the processes that a process has started."""
    threads = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process and those below it [s]."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(child) for child in below(process))


def settle(process: int) -> None:
    """Wait until a server has nothing to do: it loads a model when it has started."""
    time.sleep(5)
    for _ in range(90):
        before = cpu_seconds(process)
        time.sleep(2)
        if cpu_seconds(process) - before < 0.1:
            return


def best(call: Callable[[], object], repeats: int) -> float:
    """Return the smallest CPU time of a call [s]."""
    return min(timed(call)[1].cpu for _ in range(repeats))


def machine() -> str:
    """Return the processor, the number of cores and the system."""
    said = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    models = [line.split(":")[1].strip() for line in said if line.startswith("model name")]
    return f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores, {platform.system()}"


def peak_memory() -> float:
    """Return the largest memory of this program so far [MB]; the figure of `resource` would count the program that started it."""
    said = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in said if line.startswith("VmHWM")) / 1024


def versions(*packages: str) -> str:
    """Return the version of Python and of packages."""
    return f"Python {platform.python_version()}, " + ", ".join(f"{p} {version(p)}" for p in packages)


def write(heading: str, section: str) -> None:
    """Replace the section in RESULTS.md, or append it."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.is_file() else "# Measured results\n\n"
    if f"{heading}\n" in text:
        before, _, rest = text.partition(f"{heading}\n")
        after = rest.partition("\n## ")
        text = before + section + (f"\n## {after[2]}" if after[1] else "")
    else:
        text = text.rstrip("\n") + "\n\n" + section
    RESULTS.write_text(text, encoding="utf-8")
