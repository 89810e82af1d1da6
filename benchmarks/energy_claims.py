"""What a province's own energy system takes, one measurement in a program of its own.

    python benchmarks/energy_claims.py slider [--province hunan]

Prints what it measured as JSON; `benchmarks/energy.py` runs the parts and sets the targets beside them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import Any

from sections import Time, peak_memory, timed
from tanlu.core.province import province_folder
from tanlu.energy.certificate import EnergyResult, capital_cost, dispatch, solve
from tanlu.energy.changes import with_carbon
from tanlu.energy.replanning import Replanner
from tanlu.energy.system import System

YEAR = 2030
PATHWAY = (2025, 2030, 2040, 2050, 2060)
THREADS = 2
Measured = dict[str, Any]


def read(province: str, *, one_node: bool) -> System:
    """Return the system of a province, its nodes joined where asked."""
    system = System.read(province_folder(province) / "energy")
    return system.aggregate() if one_node else system


def plan(system: System, periods: tuple[int, ...], segments: int) -> tuple[EnergyResult, Time]:
    """Return a plan and the time it took, segmentation and building included."""
    return timed(lambda: solve(system, system.grid(periods), segments, certify=False, threads=THREADS))


def said(result: EnergyResult, took: Time) -> Measured:
    """Return what every plan tells."""
    columns = len(result.programme.problem.cost)
    return {"took": took, "seconds": dict(result.seconds), "solver": result.solution.solver, "columns": columns,
            "replaced": result.solution.replaced}  # fmt: skip


def slider(province: str) -> Measured:
    """Plan one node and one period as sliders move: a price and a cap, each from the last answer."""
    system = read(province, one_node=True)
    study, gathering = timed(lambda: Replanner(system, YEAR, 400))
    first, beginning = timed(study.plan)
    emitted = float(first.programme.problem.values(first.solution.primal, "co2_cap.emissions")[0]) / 1e3
    priced, capped = [], []
    for step in range(1, 6):
        other = with_carbon(system, {}, {YEAR: 10.0 * step})
        priced.append(timed(lambda other=other: study.plan(other)))
    study.plan(system)
    for step in range(1, 6):
        other = with_carbon(system, {YEAR: emitted * (1 - 0.01 * step)}, {})
        capped.append(timed(lambda other=other: study.plan(other)))
    runs = {name: sorted(runs, key=lambda run: run[1].cpu)[2] for name, runs in (("price", priced), ("cap", capped))}
    return said(*runs["price"]) | {"cap": runs["cap"][1], "gathering": gathering, "first": beginning}


def pathway(nodes: int, segments: int) -> Callable[[str], Measured]:
    """Return the measurement of a pathway of five periods; one node is planned three times."""

    def measure(province: str) -> Measured:
        system = read(province, one_node=nodes == 1)
        runs = [plan(system, PATHWAY, segments) for _ in range(3 if nodes == 1 else 1)]
        return said(*min(runs, key=lambda run: run[1].wall))

    return measure


def certified(nodes: int, segments: int) -> Callable[[str], Measured]:
    """Return the measurement of a plan of one period with its capacities run over every hour."""

    def measure(province: str) -> Measured:
        result, took = plan(read(province, one_node=nodes == 1), (YEAR,), segments)
        run, running = timed(lambda: dispatch(result.programme, result.solution, 0, threads=THREADS))
        upper = capital_cost(result.programme, result.solution) + run.solution.objective
        bounds = {"lower": result.lower, "upper": upper, "gap": (upper - result.lower) / upper}
        by = {"hourly_solver": run.solution.solver, "hourly_status": run.solution.status}
        return said(result, took) | bounds | by | {"run": running, "hourly_columns": run.programme.problem.shape[1]}

    return measure


def build(province: str) -> Measured:
    """Build the hourly programme of all nodes and hand it to HiGHS; memory is read while both stand."""
    from tanlu.energy.solvers import highs

    system = read(province, one_node=False)
    before = peak_memory()
    programme, building = timed(lambda: system.compile(system.grid((YEAR,))))
    built = peak_memory()
    model, passing = timed(lambda: highs.load(programme.problem, {}))
    took = Time(building.wall + passing.wall, building.cpu + passing.cpu)
    rows, columns = programme.problem.shape
    assert model.getNumCol() == columns
    return {"took": took, "build": building, "pass": passing, "columns": columns, "rows": rows, "nonzeros": programme.problem.matrix.nnz,
            "before": before, "built": built}  # fmt: skip


PARTS: dict[str, Callable[[str], Measured]] = {
    "slider": slider,
    "pathway-1x400": pathway(1, 400),
    "pathway-14x288": pathway(14, 288),
    "certified-1x400": certified(1, 400),
    "certified-14x288": certified(14, 288),
    "certified-14x576": certified(14, 576),
    "build": build,
}
"""Measurements by name; 14 are all nodes of the province."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--province", default="hunan")
    arguments = parser.parse_args()
    measured = PARTS[arguments.part](arguments.province)
    print(json.dumps(measured | {"megabytes": peak_memory()}))


if __name__ == "__main__":
    main()
