"""Speed of the structured interior-point solver against the general solvers, on the same synthetic power systems, in one run.

    python benchmarks/energy_solver.py [--cases 1x400 14x288 ...] [--peers clarabel highs-simplex highs-ipm] [--limit 600] [--threads 2]

Every answer is checked independently of its solver (`tanlu.energy.solvers.check`); the relative gap and the memory of the program so far
stand beside the times. A problem that is solved before starts the clocks, so that compilation does not count.
"""

from __future__ import annotations

import argparse
from importlib import import_module

from energy_problems import power_system
from sections import machine, peak_memory, timed, versions
from tanlu.energy.problem import LinearProblem
from tanlu.energy.solvers import check
from tanlu.energy.solvers.contract import SOLVERS

YEARS = (2025, 2030, 2040, 2050, 2060)
CASES: dict[str, dict[str, object]] = {
    "1x400": {"nodes": 1, "steps": 400},
    "1x400x5": {"nodes": 1, "steps": 400, "years": YEARS},
    "1x8760": {"nodes": 1, "steps": 8760},
    "14x96": {"nodes": 14, "steps": 96},
    "14x288": {"nodes": 14, "steps": 288},
    "14x288x5": {"nodes": 14, "steps": 288, "years": YEARS},
    "14x8760 dispatch": {"nodes": 14, "steps": 8760, "fixed": True},
}
"""Nodes x steps x periods."""


def measure(name: str, problem: LinearProblem, solver: str, limit: float, threads: int) -> None:
    """Solve and print a line."""
    entry = SOLVERS[solver]
    if isinstance(entry, str):
        module, _, function = entry.partition(":")
        entry = getattr(import_module(module), function)
    answer, time = timed(lambda: entry(problem, 1e-6, gap=1e-4, time_limit=limit, threads=threads, warm=None))
    gap = check.residuals(problem, answer.primal, answer.dual).worst if answer.primal.size else float("inf")
    print(
        f"{name:18} {problem.shape[1]:>9,} columns  {solver:14} {answer.status:10} {answer.iterations:>6} iterations "
        f"{time.wall:8.2f} s {time.cpu:8.2f} cpu s  worst residual {gap:.0e}  {peak_memory():6.0f} MB",
        flush=True,
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", nargs="*", default=["1x400", "1x400x5", "14x96", "14x288"], choices=CASES)
    parser.add_argument("--peers", nargs="*", default=[], choices=SOLVERS)
    parser.add_argument("--limit", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    print(machine(), versions("numpy", "scipy", "numba", "highspy", "clarabel"), sep="\n")
    measure(
        "(first call)",
        power_system(nodes=2, steps=4, years=(2030, 2060)),
        "structured",
        arguments.limit,
        arguments.threads,
    )
    for name in arguments.cases:
        problem = power_system(**CASES[name])  # type: ignore[arg-type]
        for solver in ("structured", *arguments.peers):
            measure(name, problem, solver, arguments.limit, arguments.threads)


if __name__ == "__main__":
    main()
