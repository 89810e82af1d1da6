"""What the commands of the pathways take: computing as they tell it themselves, and the whole command with start and reading.

    python benchmarks/pathway_answers.py [--province hunan] [--write]

No peer does this work; the bars are those of the project. Each command runs once, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from typing import Final

from sections import machine, versions, write

HEADING: Final = "## Pathway answers"
COMMANDS: Final = (
    ("wedges of ten actions", ("wedges",), 0.5),
    (
        "Sobol indices of all levers",
        ("sensitivity", "--scenario", "plan-mid", "--about", "levers", "--keep", "200"),
        5.0,
    ),
    ("portfolio of all technologies, 512 scenarios", ("portfolio", "--scenarios", "512"), 20.0),
    ("abatement curve, 6 points", ("macc", "--points", "6"), None),
)


def measure(province: str, words: tuple[str, ...]) -> tuple[float, float, float, float]:
    """Return elapsed and CPU seconds of computing, then of the whole command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, "-m", "tanlu", "pathway", *words, "--province", province, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    elapsed, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = json.loads(done.stdout)
    return found["seconds"], found["cpu_seconds"], elapsed, cpu


def main() -> None:
    """Measure, print and, when asked, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--province", default="hunan")
    parser.add_argument("--write", action="store_true", help="write the section of benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    lines = [
        HEADING, "", f"`python benchmarks/pathway_answers.py`; {machine()}; {versions('numpy', 'numba', 'highspy')}. Load of the machine "
        f"by other programs at the start {load:.1f}: elapsed times are longer by it.", "",
        "| what | bar | computing | of it CPU | whole command | of it CPU |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, words, bar in COMMANDS:
        took = " | ".join(f"{seconds:.2f} s" for seconds in measure(arguments.province, words))
        lines.append(f"| {name}: `{' '.join(words)}` | {f'≤ {bar:g} s' if bar else '–'} | {took} |")
    section = "\n".join([*lines, ""])
    print(section)
    if arguments.write:
        write(HEADING, section)


if __name__ == "__main__":
    main()
